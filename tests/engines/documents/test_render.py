"""Pictures of pages."""

import io
from pathlib import Path

import pytest
from PIL import Image

from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import thumbnail_file
from khcn.engines.documents.types import ExtractionError
from tests.engines.documents import builders
from tests.engines.documents.builders import LAW


@pytest.mark.parametrize("image_format", ["WEBP", "JPEG", "PNG"])
def test_pdf_page(tmp_path: Path, pool: WorkerPool, image_format: str) -> None:
    path = builders.text_pdf(tmp_path / "a.pdf", [list(LAW), []])
    data = thumbnail_file(path, width=300, image_format=image_format, pool=pool)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.width) == (image_format, 300)
    assert image.height == pytest.approx(300 * 842 / 595, abs=1)
    assert image.convert("L").getextrema()[0] < 128  # there are letters
    blank = Image.open(io.BytesIO(thumbnail_file(path, page=2, width=300, pool=pool)))
    assert blank.convert("L").getextrema()[0] > 240


def test_images_are_turned_upright_and_lose_their_metadata(tmp_path: Path, pool: WorkerPool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    exif[0x010E] = "secret place"
    Image.new("RGB", (400, 200), "red").save(tmp_path / "a.jpg", exif=exif)
    data = thumbnail_file(tmp_path / "a.jpg", width=100, pool=pool)
    assert Image.open(io.BytesIO(data)).size == (100, 200)
    assert b"secret place" not in data


def test_transparent_becomes_white(tmp_path: Path, pool: WorkerPool) -> None:
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "a.png")
    data = thumbnail_file(tmp_path / "a.png", width=50, image_format="PNG", pool=pool)
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "content", "page", "code"),
    [
        ("a.txt", b"text", 1, "no_preview"),
        ("a.pdf", builders.plain_pdf(2), 3, "no_page"),
        ("a.pdf", b"%PDF-1.4 broken", 1, "corrupt"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, 1, "corrupt"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', 1, "no_preview"),
    ],
)
def test_refusals(tmp_path: Path, pool: WorkerPool, name: str, content: bytes, page: int, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        thumbnail_file(tmp_path / name, page=page, pool=pool)
    assert caught.value.code == code
