"""A work of three pages from a PDF with text, as the pipeline leaves it, in the index."""

import hashlib
from pathlib import Path
from typing import Any

from django.utils import timezone

from khcn.engines.documents.sandbox import extract_file
from khcn.engines.documents.types import OcrOptions
from khcn.library.enums import WorkState
from khcn.library.models import Work, WorkFile
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.store import stored_path
from tests.engines.documents import builders
from tests.library.makers import make_page, make_work

PAGES = [
    ["Kế hoạch số 82/KH-UBND về khoa học và công nghệ", "Mục đích: đưa khoa học đến với học sinh."],
    ["Trang này nói về nước giếng và độ mặn.", "Không có gì khác."],
    ["Phụ lục: khoa học, khoa học và khoa học."],
]


def pdf_work(folder: Path, title: str = "Kế hoạch ba trang", **fields: Any) -> Work:
    """Return the work, published unless told otherwise; its file is a new one in every test."""
    path = builders.text_pdf(folder / "ke-hoach.pdf", [[*lines, f"Dấu: {folder.name}."] for lines in PAGES])
    work = make_work(title, **{"state": WorkState.PUBLISHED, **fields})
    file = store_pdf(work, path)
    for page in extract_file(path, ocr=OcrOptions(enabled=False)).pages:
        make_page(work, page.number, page.text, file=file, file_page=page.number)
    index_enqueue([work.pk])
    index_drain()
    return work


def store_pdf(work: Work, path: Path) -> WorkFile:
    """Keep a PDF as the file of a work."""
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    stored_path(sha256).parent.mkdir(parents=True, exist_ok=True)
    stored_path(sha256).write_bytes(data)
    return WorkFile.objects.create(
        work=work,
        sha256=sha256,
        original_name=path.name,
        kind="pdf",
        mime="application/pdf",
        size_bytes=len(data),
        has_thumbnail=True,
        added_at=timezone.now(),
    )
