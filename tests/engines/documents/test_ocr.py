"""Recognition of scanned pages."""

from pathlib import Path

import pytest
from PIL import Image

from khcn.engines.documents.ocr import prepare, read_tsv, skew
from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import extract_file
from khcn.engines.documents.types import OcrOptions
from tests.engines.documents import builders
from tests.engines.documents.builders import LAW


@pytest.mark.parametrize("angle", [-4.0, -0.6, 0.0, 0.6, 3.0])
def test_skew_is_measured(angle: float) -> None:
    page = builders.drawn_page(list(LAW) * 4)
    turned = page.rotate(-angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    assert skew(turned) == pytest.approx(angle, abs=0.2)


def test_skew_of_nothing_is_none() -> None:
    assert skew(Image.new("L", (800, 1000), 255)) == 0.0


def test_negative_is_turned_black_on_white() -> None:
    page = builders.drawn_page(list(LAW)).point(lambda value: 255 - value)
    assert prepare(page).getpixel((5, 5)) == 255


def test_word_table_becomes_text_and_confidence() -> None:
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"

    def word(block: int, line: int, number: int, conf: float, text: str) -> str:
        return f"5\t1\t{block}\t1\t{line}\t{number}\t0\t0\t1\t1\t{conf}\t{text}\n"

    table = (
        head
        + word(1, 1, 1, 90, "Số")
        + word(1, 1, 2, 60, '"82"')
        + word(1, 2, 1, 90, "x")
        + word(2, 1, 1, 90, "y")
    )
    result = read_tsv(table)
    assert result.text == 'Số "82"\nx\n\ny'
    assert result.confidence == pytest.approx((90 * 4 + 60 * 4) / 8 / 100)
    assert read_tsv(head).confidence == 0.0


@pytest.mark.ocr
def test_scanned_pdf_is_read_with_confidence(tmp_path: Path, pool: WorkerPool) -> None:
    progress: list[tuple[int, int | None]] = []
    path = builders.scan_pdf(tmp_path / "s.pdf", [list(LAW), list(LAW[::-1])], dpi=200)
    extraction = extract_file(path, pool=pool, progress=lambda done, total: progress.append((done, total)))
    assert [page.source for page in extraction.pages] == ["ocr", "ocr"]
    assert [line for line in extraction.pages[0].text.splitlines() if line] == list(LAW)
    assert all(page.confidence is not None and page.confidence > 0.85 for page in extraction.pages)
    assert progress[-2:] == [(1, 2), (2, 2)]
    assert extraction.warnings == ()


@pytest.mark.ocr
def test_page_lying_on_its_side_is_turned(tmp_path: Path, pool: WorkerPool) -> None:
    page = builders.drawn_page(list(LAW) * 2, 200).rotate(90, expand=True)
    page.save(tmp_path / "side.png")
    extraction = extract_file(tmp_path / "side.png", pool=pool)
    assert "Hỗ trợ doanh nghiệp nhỏ và vừa" in extraction.text


@pytest.mark.ocr
def test_blank_page_and_page_limit_are_said(tmp_path: Path, pool: WorkerPool) -> None:
    Image.new("L", (1000, 1400), 255).save(tmp_path / "blank.png")
    blank = extract_file(tmp_path / "blank.png", pool=pool)
    assert [notice.code for notice in blank.warnings] == ["no_text"]
    path = builders.scan_pdf(tmp_path / "s.pdf", [list(LAW), list(LAW)])
    limited = extract_file(path, pool=pool, ocr=OcrOptions(max_pages=1))
    assert [(notice.code, notice.pages) for notice in limited.warnings] == [("ocr_limit", (2,))]


@pytest.mark.ocr
def test_page_that_takes_too_long_is_one_failed_page(tmp_path: Path, pool: WorkerPool) -> None:
    path = builders.scan_pdf(tmp_path / "s.pdf", [list(LAW)])
    extraction = extract_file(path, pool=pool, ocr=OcrOptions(max_seconds_per_page=0.01))
    assert [(notice.code, notice.pages) for notice in extraction.warnings] == [("ocr_failed", (1,))]
    assert extraction.pages[0].source == "text"
