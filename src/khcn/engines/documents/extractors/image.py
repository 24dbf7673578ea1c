"""Images: every frame is a page to be recognised."""

from collections.abc import Iterator
from pathlib import Path

from khcn.engines.documents.extractors.base import Context, RawPage
from khcn.engines.documents.render import open_picture


class ImageExtractor:
    """Reads PNG, JPEG, TIFF (several pages) and WebP."""

    kinds = frozenset({"png", "jpeg", "tiff", "webp"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        image = open_picture(path)
        context.metadata.update(width=image.width, height=image.height)
        frames = getattr(image, "n_frames", 1)
        limit = context.limits.max_pages
        if frames > limit:
            context.warn("pages_truncated", total=frames, limit=limit)
        context.total_pages = min(frames, limit)
        for number in range(1, context.total_pages + 1):
            yield RawPage(number, (), needs_ocr=True)
