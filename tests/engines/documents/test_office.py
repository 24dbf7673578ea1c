"""Old binary Office files through LibreOffice."""

import io
import subprocess
from pathlib import Path

import docx as python_docx
import openpyxl
import psutil
import pytest
from openpyxl.styles import Font

from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.sandbox import extract_file
from khcn.engines.documents.types import ExtractionError, Limits
from tests.engines.documents import builders
from tests.engines.documents.test_formats import HELLO, TCVN3

pytestmark = pytest.mark.office


def _converted(tmp_path: Path, source: bytes, suffix: str, target: str) -> Path:
    (tmp_path / f"source.{suffix}").write_bytes(source)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", target, "--outdir",
         str(tmp_path), str(tmp_path / f"source.{suffix}")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return tmp_path / f"source.{target.split(':', maxsplit=1)[0]}"


@pytest.fixture(scope="module")
def doc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Word 97 file in an old font."""
    document = python_docx.Document()
    for text, font in ((TCVN3, ".VnTime"), (HELLO, "Arial")):
        document.add_paragraph().add_run(text).font.name = font
    buffer = io.BytesIO()
    document.save(buffer)
    return _converted(tmp_path_factory.mktemp("doc"), buffer.getvalue(), "docx", "doc")


def test_doc_keeps_fonts_so_the_encoding_is_known(doc: Path, pool: WorkerPool) -> None:
    extraction = extract_file(doc, pool=pool)
    assert extraction.kind == "doc"
    assert [line for line in extraction.text.splitlines() if line] == [HELLO, HELLO]
    assert extraction.pages[0].encoding == "tcvn3"


def test_xls_sheets_are_pages(tmp_path: Path, pool: WorkerPool) -> None:
    book = openpyxl.Workbook()
    book.active.title = "T1"
    for sheet in (book.active, book.create_sheet("T2")):
        sheet["B2"] = TCVN3
        sheet["B2"].font = Font(name=".VnArial")
    buffer = io.BytesIO()
    book.save(buffer)
    extraction = extract_file(_converted(tmp_path, buffer.getvalue(), "xlsx", "xls"), pool=pool)
    assert [page.text.splitlines() for page in extraction.pages] == [["T1", HELLO], ["T2", HELLO]]


def test_names_no_shell_or_program_would_like(doc: Path, tmp_path: Path, pool: WorkerPool) -> None:
    path = tmp_path / "-rf \"Quyết định\" $(x) 'số 5'.doc"
    path.write_bytes(doc.read_bytes())
    assert HELLO in extract_file(path, pool=pool).text


def test_broken_doc_is_refused(tmp_path: Path, pool: WorkerPool) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(builders.compound({"WordDocument": b"\0" * 5000}))
    try:
        extraction = extract_file(path, pool=pool)
    except ExtractionError as error:
        assert error.code == "corrupt"
    else:
        assert HELLO not in extraction.text


def test_timeout_leaves_no_office_process(doc: Path) -> None:
    with WorkerPool(size=1) as pool:
        with pytest.raises(ExtractionError) as caught:
            extract_file(doc, pool=pool, limits=Limits(max_seconds=0.6))
        assert caught.value.code == "timeout"
        home = pool._home
    left = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(home) in part for part in process.info["cmdline"] or ())
        and process.status() != psutil.STATUS_ZOMBIE
    ]
    assert left == []
    assert not home.exists()


def test_missing_program_is_said(doc: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with WorkerPool(size=1) as pool, pytest.raises(ExtractionError) as caught:
        extract_file(doc, pool=pool)
    assert caught.value.code == "missing_tool"
    assert "libreoffice-writer-nogui" in caught.value.message
