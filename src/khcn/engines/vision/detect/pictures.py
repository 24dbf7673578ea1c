"""Pictures resized with numpy alone; the decoder usually delivers the right size and nothing here runs."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.types import Image, Size

Weights = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]


@lru_cache(maxsize=256)
def _weights(source: int, target: int) -> Weights:
    """Return for each target pixel its two source pixels and the weight of the second, in 1/128."""
    at = np.clip((np.arange(target) + 0.5) * (source / target) - 0.5, 0, source - 1)
    first = np.floor(at).astype(np.intp)
    return first, np.minimum(first + 1, source - 1), np.rint((at - first) * 128).astype(np.uint16)


def resize(image: Image, size: Size) -> Image:
    """Return ``image`` (height, width, 3) in another size: bilinear, after averaging when it shrinks by 2 or more."""
    for axis, wanted in ((0, size.height), (1, size.width)):
        factor = image.shape[axis] // wanted
        if factor >= 2:
            image = _averaged(image, axis, factor)
    height, width = image.shape[:2]
    if (width, height) == (size.width, size.height):
        return image
    top, below, down = _weights(height, size.height)
    left, right, along = _weights(width, size.width)
    wide = image.astype(np.uint16)
    down, along = down[:, None, None], along[None, :, None]
    rows = (wide[top] * (128 - down) + wide[below] * down + 64) >> 7
    found: Image = ((rows[:, left] * (128 - along) + rows[:, right] * along + 64) >> 7).astype(np.uint8)
    return found


def _averaged(image: Image, axis: int, factor: int) -> Image:
    """Return means over ``factor`` pixels along an axis (what is left over at the end is dropped)."""
    count = image.shape[axis] // factor
    shape = (*image.shape[:axis], count, factor, *image.shape[axis + 1 :])
    kept = image[: count * factor] if axis == 0 else image[:, : count * factor]
    found: Image = kept.reshape(shape).mean(axis=axis + 1).astype(np.uint8)
    return found


def letterboxed(image: Image, size: Size, grey: int = 114) -> Image:
    """Return ``image`` at the top left of a grey canvas of ``size`` (it must fit)."""
    if image.shape[:2] == (size.height, size.width):
        return image
    canvas = np.full((size.height, size.width, 3), grey, np.uint8)
    canvas[: image.shape[0], : image.shape[1]] = image
    return canvas


def inside(source: Size, box: Size) -> Size:
    """Return the largest size of the shape of ``source`` that fits in ``box``."""
    ratio = min(box.width / source.width, box.height / source.height)
    width, height = round(source.width * ratio), round(source.height * ratio)
    return Size(max(1, min(width, box.width)), max(1, min(height, box.height)))
