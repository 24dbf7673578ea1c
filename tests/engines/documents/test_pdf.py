"""PDF: text per page, pages that need OCR, old fonts, and the ways a PDF can be bad."""

import io
from pathlib import Path

import pypdf
import pytest

from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import extract_bytes, extract_file
from khcn.engines.documents.types import ExtractionError, Limits, OcrOptions, PageText
from tests.engines.documents import builders
from tests.engines.documents.builders import LAW


def test_text_page_by_page(tmp_path: Path, pool: WorkerPool) -> None:
    path = builders.text_pdf(tmp_path / "a.pdf", [list(LAW), ["Trang hai " * 4]])
    extraction = extract_file(path, pool=pool)
    assert (extraction.kind, extraction.mime) == ("pdf", "application/pdf")
    assert [page.number for page in extraction.pages] == [1, 2]
    assert extraction.pages[0].text.splitlines() == list(LAW)
    assert extraction.pages[0] == PageText(1, extraction.pages[0].text, "text", "unicode", None)
    assert extraction.warnings == ()


def test_scanned_page_among_text_pages_is_flagged_when_ocr_is_off(tmp_path: Path, pool: WorkerPool) -> None:
    writer = pypdf.PdfWriter()
    for part in (
        builders.text_pdf(tmp_path / "t.pdf", [list(LAW)]),
        builders.scan_pdf(tmp_path / "s.pdf", [list(LAW)]),
        builders.text_pdf(tmp_path / "e.pdf", [[]]),
    ):
        writer.append(str(part))
    writer.write(str(tmp_path / "all.pdf"))
    extraction = extract_file(tmp_path / "all.pdf", pool=pool, ocr=OcrOptions(enabled=False))
    assert [(notice.code, notice.pages) for notice in extraction.warnings] == [
        ("ocr_off", (2,)),
        ("page_empty", (3,)),
    ]
    assert "Trang 2" in extraction.warnings[0].message
    assert LAW[0] in extraction.pages[0].text


def test_missing_tesseract_is_a_warning_and_not_a_crash(
    tmp_path: Path, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khcn.engines.documents.sandbox.ocr_ready", lambda languages: False)
    extraction = extract_file(builders.scan_pdf(tmp_path / "s.pdf", [list(LAW)] * 2), pool=pool)
    assert [(notice.code, notice.pages) for notice in extraction.warnings] == [("ocr_unavailable", (1, 2))]
    assert "tesseract-ocr-vie" in extraction.warnings[0].message


def test_old_font_bytes_become_unicode(pool: WorkerPool) -> None:
    # WinAnsi bytes as the old fonts wrote them: 'Độc lập - Tự do' in TCVN3, with the soft hyphen as ư.
    line = "§éc lËp - Tù do - H¹nh phóc, bé tr\xadëng".encode("latin-1")
    pdf = builders.plain_pdf(1).replace(
        b"/BaseFont /Helvetica", b"/BaseFont /Helvetica /Encoding /WinAnsiEncoding"
    )
    marker = b"(Page 1 of the long report about the work plan) Tj"
    pdf = pdf.replace(marker, b"(" + line + b") Tj")
    extraction = extract_bytes(pdf, "a.pdf", pool=pool, ocr=OcrOptions(enabled=False))
    assert "Độc lập - Tự do - Hạnh phúc" in extraction.text
    assert extraction.pages[0].encoding == "tcvn3"


def test_encrypted(tmp_path: Path, pool: WorkerPool) -> None:
    writer = pypdf.PdfWriter(clone_from=builders.text_pdf(tmp_path / "a.pdf", [list(LAW)]))
    writer.encrypt("mật khẩu", algorithm="RC4-128")
    writer.write(str(tmp_path / "locked.pdf"))
    with pytest.raises(ExtractionError) as caught:
        extract_file(tmp_path / "locked.pdf", pool=pool)
    assert caught.value.code == "encrypted"


def test_owner_password_alone_does_not_hinder_reading(tmp_path: Path, pool: WorkerPool) -> None:
    writer = pypdf.PdfWriter(clone_from=builders.text_pdf(tmp_path / "a.pdf", [list(LAW)]))
    writer.encrypt("", owner_password="chủ", algorithm="RC4-128")
    writer.write(str(tmp_path / "open.pdf"))
    assert LAW[0] in extract_file(tmp_path / "open.pdf", pool=pool).text


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_truncated_is_an_answer_and_never_a_crash(tmp_path: Path, pool: WorkerPool, share: float) -> None:
    data = builders.text_pdf(tmp_path / "a.pdf", [list(LAW)] * 3).read_bytes()
    try:
        extraction = extract_bytes(
            data[: int(len(data) * share)], "a.pdf", pool=pool, ocr=OcrOptions(enabled=False)
        )
    except ExtractionError as error:
        assert error.code == "corrupt"
    else:
        assert extraction.pages


def test_two_thousand_pages_with_progress(pool: WorkerPool) -> None:
    seen: list[int] = []
    totals: list[tuple[int, int | None]] = []
    extraction = extract_bytes(
        builders.plain_pdf(2000),
        "long.pdf",
        pool=pool,
        on_page=lambda page: seen.append(page.number),
        progress=lambda done, total: totals.append((done, total)),
    )
    assert len(extraction.pages) == 2000
    assert seen == list(range(1, 2001))
    assert extraction.pages[1999].text.startswith("Page 2000 of")
    assert all(total == 2000 for _, total in totals)


def test_pages_beyond_the_limit_are_left_out_with_a_warning(pool: WorkerPool) -> None:
    extraction = extract_bytes(builders.plain_pdf(20), "a.pdf", pool=pool, limits=Limits(max_pages=5))
    assert len(extraction.pages) == 5
    assert [(notice.code, dict(notice.params)) for notice in extraction.warnings] == [
        ("pages_truncated", {"total": 20, "limit": 5})
    ]
    short = extract_bytes(builders.plain_pdf(2), "a.pdf", pool=pool, limits=Limits(max_page_chars=10))
    assert short.pages[0].text == "Page 1 of "
    assert [(notice.code, notice.pages) for notice in short.warnings] == [("page_truncated", (1, 2))]


def test_attachments_and_appended_archives_are_said(tmp_path: Path, pool: WorkerPool) -> None:
    writer = pypdf.PdfWriter(clone_from=builders.text_pdf(tmp_path / "a.pdf", [list(LAW)]))
    writer.add_attachment("x.exe", b"MZ")
    buffer = io.BytesIO()
    writer.write(buffer)
    extraction = extract_bytes(buffer.getvalue() + builders.zipped({"y": "z"}), "a.pdf", pool=pool)
    assert {notice.code for notice in extraction.warnings} == {"attachments", "polyglot"}
    assert LAW[0] in extraction.text
