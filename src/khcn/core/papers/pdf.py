"""DOCX to PDF through LibreOffice without a window: an own profile for each run, a time limit, no leftovers."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.papers.parts import Paper
from khcn.core.papers.writer import paper_docx

TIMEOUT_S = 90.0


class OfficeMissingError(KhcnError):
    """LibreOffice is not installed."""

    code = "office-missing"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _(
                "Máy chủ chưa có LibreOffice nên chưa tạo được PDF. Hãy tải bản Word, hoặc báo quản trị cài thêm."
            )
        )


class OfficeFailedError(KhcnError):
    """LibreOffice did not deliver a PDF."""

    code = "office-failed"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _(
                "LibreOffice không tạo được bản PDF trong thời gian cho phép. Hãy thử lại sau, hoặc tải bản Word."
            )
        )


def office_program() -> str | None:
    """Return the path of LibreOffice, ``None`` when it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def paper_pdf(paper: Paper, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return ``paper`` as PDF (2-4 s: call it from a task, or accept the wait).

    :raises OfficeMissingError: without LibreOffice.
    :raises OfficeFailedError: when it fails or takes longer than ``timeout_s``.
    """
    return docx_pdf(paper_docx(paper), timeout_s=timeout_s)


def docx_pdf(docx: bytes, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return DOCX bytes as PDF; errors as for :func:`paper_pdf`."""
    program = office_program()
    if program is None:
        raise OfficeMissingError
    with tempfile.TemporaryDirectory(prefix="khcn-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "paper.docx").write_bytes(docx)
        arguments = [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(folder),
            str(folder / "paper.docx"),
        ]
        _run(arguments, folder, timeout_s)
        pdf = folder / "paper.pdf"
        if not pdf.is_file():
            raise OfficeFailedError
        return pdf.read_bytes()


def _run(arguments: list[str], folder: Path, timeout_s: float) -> None:
    """Run one conversion in a process group of its own, and end all of it when the time is up."""
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        raise OfficeFailedError from None
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
