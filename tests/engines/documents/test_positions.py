"""Words on the picture of a page: PDFs, old fonts, turned and cropped pages, scans, and what is broken."""

import io
import shutil
import zlib
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.positions import SCALE, Box, PageWords, Token, Word, align, pack, unpack
from khcn.engines.documents.render import render
from khcn.engines.documents.sandbox import extract_file, file_sheets, page_words
from khcn.engines.documents.sizes import picture_height
from khcn.engines.documents.types import ExtractionError, OcrOptions
from tests.engines.documents import builders
from tests.engines.documents.builders import LAW

needs_tesseract = pytest.mark.skipif(
    not shutil.which("tesseract"), reason="no tesseract on this machine: apt install tesseract-ocr-vie"
)


def read(path: Path, pool: WorkerPool, page: int = 1) -> tuple[str, PageWords]:
    """Return the text of a page as the library keeps it, and where its words stand."""
    kept = extract_file(path, pool=pool, ocr=OcrOptions(enabled=False)).pages[page - 1]
    return kept.text, page_words(path, page, text=kept.text, encoding=kept.encoding, pool=pool)


def ink(path: Path, box: Box, page: int = 1) -> float:
    """The share of dark pixels of a page's picture inside a box."""
    picture = Image.open(io.BytesIO(render(path, page, width=1200, image_format="PNG"))).convert("L")
    scaled = [
        box.left * picture.width // SCALE, box.top * picture.height // SCALE,
        -(-box.right * picture.width // SCALE), -(-box.bottom * picture.height // SCALE),
    ]  # fmt: skip
    part = picture.crop((scaled[0], scaled[1], max(scaled[2], scaled[0] + 1), max(scaled[3], scaled[1] + 1)))
    dark = part.histogram()
    return sum(dark[:140]) / max(1, sum(dark))


def box_of(text: str, words: PageWords, piece: str) -> Box:
    start = text.index(piece)
    boxes = words.boxes(start, start + len(piece))
    assert len(boxes) == 1, boxes
    return boxes[0]


def test_every_word_of_a_text_page_has_its_place(tmp_path: Path, pool: WorkerPool) -> None:
    path = builders.text_pdf(tmp_path / "a.pdf", [list(LAW)])
    text, words = read(path, pool)
    for token in text.split():
        start = text.index(token)
        assert words.boxes(start, start + len(token)), token
    tops = [words.boxes(text.index(line), text.index(line) + len(line))[0].top for line in LAW]
    assert tops == sorted(tops)
    assert len(set(tops)) == len(LAW)
    first = box_of(text, words, LAW[0].split()[0])
    assert ink(path, first) > 0.05
    assert ink(path, Box(first.left, max(0, first.top - 300), first.right, first.top - 100)) == 0


def test_part_of_a_number_is_marked_and_not_all_of_it(tmp_path: Path, pool: WorkerPool) -> None:
    path = builders.text_pdf(tmp_path / "a.pdf", [["Kế hoạch số 82/KH-UBND ngày 12", *LAW]])
    text, words = read(path, pool)
    number, part = box_of(text, words, "82/KH-UBND"), box_of(text, words, "KH")
    assert number.left < part.left < part.right < number.right
    assert (part.top, part.bottom) == (number.top, number.bottom)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_and_cropped_pages(tmp_path: Path, pool: WorkerPool, rotation: int) -> None:
    source = builders.text_pdf(tmp_path / "a.pdf", [list(LAW)])
    writer = pypdf.PdfWriter(clone_from=source)
    sheet = writer.pages[0]
    sheet.cropbox = pypdf.generic.RectangleObject(
        (30, 60, float(sheet.mediabox.right), float(sheet.mediabox.top))
    )
    sheet.rotate(rotation)
    writer.write(str(tmp_path / "turned.pdf"))
    text, words = read(tmp_path / "turned.pdf", pool)
    box = box_of(text, words, LAW[0].split()[0])
    assert ink(tmp_path / "turned.pdf", box) > 0.05
    if rotation != 180:
        long = words.boxes(text.index(LAW[0]), text.index(LAW[0]) + len(LAW[0]))
        assert (
            max(one.bottom for one in long) - min(one.top for one in long) > 1000
        )  # the line runs down the page
        assert words.width > words.height - 100


def test_old_fonts_keep_their_places(tmp_path: Path, pool: WorkerPool) -> None:
    line = "§éc lËp - Tù do - H¹nh phóc, bé tr\xadëng".encode("latin-1")
    pdf = builders.plain_pdf(1).replace(
        b"/BaseFont /Helvetica", b"/BaseFont /Helvetica /Encoding /WinAnsiEncoding"
    )
    marker = b"(Page 1 of the long report about the work plan) Tj"
    path = tmp_path / "old.pdf"
    path.write_bytes(pdf.replace(marker, b"(" + line + b") Tj"))
    text, words = read(path, pool)
    assert "Độc lập - Tự do - Hạnh phúc" in text
    boxes = [box_of(text, words, piece) for piece in ("Độc", "lập", "Tự", "Hạnh", "phúc", "bộ")]
    assert [box.left for box in boxes] == sorted(box.left for box in boxes)
    assert all(ink(path, box) > 0.02 for box in boxes)


def test_sizes_and_outline_of_a_file(tmp_path: Path, pool: WorkerPool) -> None:
    writer = pypdf.PdfWriter(clone_from=builders.text_pdf(tmp_path / "a.pdf", [list(LAW)] * 3))
    chapter = writer.add_outline_item("Chương I", 0)
    writer.add_outline_item("Điều 1", 2, parent=chapter)
    writer.write(str(tmp_path / "b.pdf"))
    found = file_sheets(tmp_path / "b.pdf", pool=pool)
    assert len(found.sizes) == 3
    assert found.outline == ((0, "Chương I", 1), (1, "Điều 1", 3))
    width, height = found.sizes[0]
    for wanted in (240, 900, 1800):
        picture = Image.open(io.BytesIO(render(tmp_path / "b.pdf", 1, width=wanted)))
        assert picture.size == (wanted, picture_height(width, height, wanted, pdf=True))


def test_size_of_a_picture_that_lies_on_its_side(tmp_path: Path, pool: WorkerPool) -> None:
    image = Image.new("RGB", (300, 200), "white")
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert file_sheets(tmp_path / "a.jpg", pool=pool).sizes == ((200.0, 300.0),)
    picture = Image.open(io.BytesIO(render(tmp_path / "a.jpg", 1, width=240)))
    assert picture.size == (240, picture_height(200, 300, 240, pdf=False))


@needs_tesseract
@pytest.mark.parametrize(("angle", "quarter"), [(0.0, 0), (2.0, 0), (-1.5, 0), (0.0, 90)])
def test_words_of_a_scan_lie_where_the_scan_shows_them(
    tmp_path: Path, pool: WorkerPool, angle: float, quarter: int
) -> None:
    straight = builders.drawn_page(list(LAW), dpi=200).convert("L")
    path, upright = tmp_path / "scan.png", tmp_path / "upright.png"
    straight.save(upright)
    turned = straight.rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC)
    turned.rotate(quarter, expand=True, fillcolor=255).save(path)
    kept: dict[int, PageWords] = {}
    page = extract_file(
        path, pool=pool, on_words=lambda page, words: kept.update({page.number: words})
    ).pages[0]
    words = kept[1]
    again = page_words(path, 1, text=page.text, ocr=OcrOptions(), pool=pool)
    assert again == words
    tokens = [word for word in words.words if page.text[word.start : word.end].isalpha()]
    assert len(tokens) > 20
    inked = [ink(path, word.box) > 0.04 for word in tokens]
    assert sum(inked) >= 0.98 * len(inked)


@pytest.mark.parametrize(
    ("text", "tokens", "missing"),
    [
        ("một hai ba", ["một", "hai", "ba"], ""),
        ("một hai ba bốn", ["một", "ba", "bốn"], "hai"),
        ("một hai ba", ["chân", "trang", "một", "hai", "ba"], ""),
        ("nghiên cứu khoa học", ["nghiêncứu", "khoa", "học"], ""),
        ("nghiên cứu khoa học", ["ngh", "iên", "cứu", "khoa", "học"], ""),
        ("", ["một"], ""),
        ("một", [], "một"),
    ],
)
def test_tokens_and_text_meet_again(text: str, tokens: list[str], missing: str) -> None:
    boxes = [Box(100 * at, 0, 100 * at + 90, 50) for at in range(len(tokens))]
    read = [Token(token, ((len(token), box),)) for token, box in zip(tokens, boxes, strict=True)]
    words = PageWords(1, 1, align(text, "unicode", read))
    without = [
        word for word in text.split() if not words.boxes(text.index(word), text.index(word) + len(word))
    ]
    assert without == ([missing] if missing else [])
    for word in set(text.split()) & set(tokens):
        assert words.boxes(text.index(word), text.index(word) + len(word)) == [boxes[tokens.index(word)]]


def test_aligning_what_has_nothing_in_common_ends_soon() -> None:
    text = " ".join(f"a{number}" for number in range(20_000))
    tokens = [Token(f"b{number}", ((6, Box(0, 0, 1, 1)),)) for number in range(20_000)]
    assert len(align(text, "unicode", tokens)) < 20_000


def test_words_broken_by_a_line_end_have_a_box_in_each_line() -> None:
    pieces = ((3, Box(900, 0, 990, 50)), (4, Box(10, 60, 90, 110)))
    words = PageWords(
        1, 1, align("nghiên cứu", "unicode", [Token("nghiên", ((3, pieces[0][1]), (3, pieces[1][1])))])
    )
    assert words.boxes(0, 6) == [pieces[0][1], pieces[1][1]]


@pytest.mark.parametrize("damage", ["cut", "garbage", "other text", "other version", "bomb"])
def test_kept_words_that_are_damaged_or_stale_do_not_count(damage: str) -> None:
    page = PageWords(595.0, 842.0, (Word(0, 3, Box(1, 2, 3, 4)),))
    data = pack(page, "một")
    assert unpack(data, "một") == page
    broken = {
        "cut": data[:-9],
        "garbage": b"\x00\x01",
        "other text": data,
        "other version": zlib.compress(b'{"v":0}'),
        "bomb": zlib.compress(b"[" * 60_000_000),
    }[damage]
    assert unpack(broken, "mốt" if damage == "other text" else "một") is None


def test_pages_that_do_not_exist_and_kinds_without_pictures(tmp_path: Path, pool: WorkerPool) -> None:
    path = builders.text_pdf(tmp_path / "a.pdf", [list(LAW)])
    with pytest.raises(ExtractionError) as caught:
        page_words(path, 9, text="x", pool=pool)
    assert caught.value.code == "no_page"
    note = tmp_path / "a.txt"
    note.write_text("chỉ có chữ", encoding="utf-8")
    with pytest.raises(ExtractionError) as caught:
        file_sheets(note, pool=pool)
    assert caught.value.code == "no_preview"
    (tmp_path / "bad.pdf").write_bytes(path.read_bytes()[:300])
    with pytest.raises(ExtractionError):
        page_words(tmp_path / "bad.pdf", 1, text="x", pool=pool)


def test_two_boxes_joined_are_the_smallest_box_around_both() -> None:
    first, second = Box(10, 40, 30, 60), Box(25, 10, 90, 50)
    assert first.joined(second) == second.joined(first) == Box(10, 10, 90, 60)
    assert first.joined(Box(12, 45, 20, 50)) == first
