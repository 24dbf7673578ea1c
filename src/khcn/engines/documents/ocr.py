"""Recognise one page with tesseract; runs inside the worker.

The page is rendered in grey, turned upright when it lies on its side, straightened when it is skewed, and read
with the program's own layout analysis. Confidence is the mean of the word confidences, weighted by length.
"""

import csv
import io
import itertools
import math
import os
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageOps, ImageStat

from khcn.engines.documents.positions import MAX_TOKENS, SCALE, Box, Token
from khcn.engines.documents.render import page_image
from khcn.engines.documents.types import ExtractionError

# tesseract maps its model and works on bitmaps; a worker's own limit may be tighter than that needs.
_ADDRESS_SPACE: Final = 4 * 1024**3
_MAX_PIXELS: Final = 40_000_000
_WORD: Final = "5"


# A word of tesseract: text, left, top, width and height in pixels of the image it was given.
_Spot = tuple[str, int, int, int, int]


class Recognised(NamedTuple):
    """Text in reading order; ``confidence`` 0..1; ``rotation`` degrees the page was turned (clockwise).

    ``tokens``: the words with their boxes on the page's picture, which is neither turned nor straightened; ``size``:
    its width and height in pixels.
    """

    text: str
    confidence: float
    rotation: int
    tokens: tuple[Token, ...] = ()
    size: tuple[int, int] = (0, 0)


def recognise_page(
    path: Path, page: int, *, scratch: Path, languages: str = "vie", dpi: int = 200
) -> Recognised:
    """Recognise page ``page`` (from 1) of a PDF or image. Raises ``ExtractionError``."""
    program = shutil.which("tesseract")
    if program is None:
        raise ExtractionError("missing_tool", tool="tesseract", package="tesseract-ocr tesseract-ocr-vie")
    image, angle = straighten(page_image(path, page, dpi=dpi, grey=True, max_pixels=_MAX_PIXELS))
    result, spots = _recognise(program, image, scratch, languages, dpi)
    if _looks_turned(result):
        for rotation in (90, 270, 180):
            other = image.rotate(-rotation, expand=True, fillcolor=255)
            turned, places = _recognise(program, other, scratch, languages, dpi)
            if turned.confidence > result.confidence + 0.15 and len(turned.text) > 0.5 * len(result.text):
                tokens = _tokens(places, image.size, other.size, (-rotation, angle))
                return turned._replace(rotation=rotation, tokens=tokens, size=image.size)
    return result._replace(tokens=_tokens(spots, image.size, image.size, (0, angle)), size=image.size)


def _tokens(
    spots: list[_Spot], page: tuple[int, int], image: tuple[int, int], turns: tuple[float, float]
) -> tuple[Token, ...]:
    """Return the words with their boxes brought back to the page as it lies.

    ``image``: size of what was recognised; ``turns``: degrees counter-clockwise by which the straightened page was
    turned, and by which the page was straightened before.
    """
    quarter = math.radians(turns[0])
    skewed = math.radians(turns[1])
    lying = round(turns[0]) % 180 != 0
    found = []
    for text, left, top, width, height in spots[:MAX_TOKENS]:
        # The middle is turned back; a skew of a few degrees would only bloat the box, so its sides stay.
        x, y = _turned_back(left + width / 2 - image[0] / 2, top + height / 2 - image[1] / 2, quarter)
        x, y = _turned_back(x, y, skewed)
        wide, high = (height, width) if lying else (width, height)
        sides = (
            (x + page[0] / 2 - wide / 2) / page[0], (y + page[1] / 2 - high / 2) / page[1],
            (x + page[0] / 2 + wide / 2) / page[0], (y + page[1] / 2 + high / 2) / page[1],
        )  # fmt: skip
        box = Box(*(min(SCALE, max(0, round(side * SCALE))) for side in sides))
        found.append(Token(text, ((len(text), box),)))
    return tuple(found)


def _turned_back(x: float, y: float, angle: float) -> tuple[float, float]:
    """Undo a turn by ``angle`` counter-clockwise about the middle; y grows downwards."""
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _looks_turned(result: Recognised) -> bool:
    letters = [char for char in result.text if char.isalpha()]
    return len(letters) > 40 and result.confidence < 0.45


def prepare(image: Image.Image) -> Image.Image:
    """Return a grey image with stretched contrast, straightened when its lines are skewed by 0.3 to 8 degrees."""
    return straighten(image)[0]


def straighten(image: Image.Image) -> tuple[Image.Image, float]:
    """Return the prepared image and by how many degrees (counter-clockwise) it was turned to be straight."""
    grey = image.convert("L")
    if ImageStat.Stat(grey).mean[0] < 90:  # white letters on black, or a negative
        grey = ImageOps.invert(grey)
    grey = ImageOps.autocontrast(grey, cutoff=(0.5, 0.5))
    angle = skew(grey)
    if abs(angle) < 0.3:
        return grey, 0.0
    return grey.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255), angle


def skew(image: Image.Image, limit: float = 8.0) -> float:
    """Return the angle in degrees (counter-clockwise) that makes the lines of text level.

    The sum of dark pixels per row varies most when rows of letters lie level (projection profile); searched
    coarsely, then finely, on a copy about 700 pixels wide.
    """
    width = 700
    small = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.BOX)
    dark = small.point(lambda value: 255 if value < 140 else 0)
    if ImageStat.Stat(dark).mean[0] < 1.0:
        return 0.0
    best = max(_steps(0.0, limit, 1.0), key=lambda angle: _profile(dark, angle))
    best = max(_steps(best, 0.8, 0.2), key=lambda angle: _profile(dark, angle))
    best = max(_steps(best, 0.15, 0.05), key=lambda angle: _profile(dark, angle))
    return best if _profile(dark, best) > 1.03 * _profile(dark, 0.0) else 0.0


def _steps(middle: float, reach: float, step: float) -> list[float]:
    count = round(reach / step)
    return [middle + step * index for index in range(-count, count + 1)]


def _profile(dark: Image.Image, angle: float) -> float:
    """Sum of squared differences between neighbouring rows' darkness after turning by ``angle``."""
    shift = math.tan(math.radians(angle))
    # A shear moves columns up and down: for small angles the same profile as a rotation, and cheaper.
    sheared = dark.transform(dark.size, Image.Transform.AFFINE, (1, 0, 0, shift, 1, -shift * dark.width / 2))
    rows = sheared.resize((1, sheared.height), Image.Resampling.BOX).tobytes()
    return float(sum((first - second) ** 2 for first, second in itertools.pairwise(rows)))


def _recognise(
    program: str, image: Image.Image, scratch: Path, languages: str, dpi: int
) -> tuple[Recognised, list[_Spot]]:
    source = scratch / "page.pgm"
    image.save(source)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE if hard < 0 else min(hard, _ADDRESS_SPACE), hard))
    try:
        done = subprocess.run(
            [program, str(source), "stdout", "-l", languages, "--dpi", str(dpi), "--psm", "3", "tsv"],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        source.unlink(missing_ok=True)
    if done.returncode != 0:
        raise ExtractionError("crashed", detail=done.stderr.decode("utf-8", "replace")[-500:])
    table = done.stdout.decode("utf-8", "replace")
    return read_tsv(table), read_spots(table)


def read_spots(table: str) -> list[_Spot]:
    """Return the words of tesseract's table with their boxes in pixels, in the order of :func:`read_tsv`."""
    return [
        (text, int(row["left"]), int(row["top"]), int(row["width"]), int(row["height"]))
        for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
        if row.get("level") == _WORD and (text := (row.get("text") or "").strip())
    ]


def read_tsv(table: str) -> Recognised:
    """Return text and confidence from tesseract's word table; an empty line between paragraphs."""
    lines: list[str] = []
    words: list[str] = []
    place: tuple[str, ...] = ()
    weight = total = 0.0
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        if row.get("level") != _WORD or not text:
            continue
        here = (row["page_num"], row["block_num"], row["par_num"], row["line_num"])
        if here != place and words:
            lines.append(" ".join(words))
            words = []
            if here[:3] != place[:3]:
                lines.append("")
        place = here
        words.append(text)
        weight += len(text)
        total += len(text) * max(0.0, float(row["conf"]))
    if words:
        lines.append(" ".join(words))
    return Recognised("\n".join(lines), round(total / weight / 100, 4) if weight else 0.0, 0)
