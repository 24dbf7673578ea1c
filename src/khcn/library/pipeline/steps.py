"""The steps that a file goes through before it becomes a work, each a small function over frozen values.

identify -> (duplicate check by the caller) -> extract, decode, OCR (a child process with limits) -> official
header -> sensitive check -> language and description -> thumbnail. No step touches the database, so files are
read side by side and outside of any transaction.
"""

import contextlib
import errno
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from khcn.engines.documents.identify import IMAGE_KINDS, identify
from khcn.engines.documents.messages import page_list, size_text
from khcn.engines.documents.positions import PageWords
from khcn.engines.documents.sandbox import Progress, extract_file
from khcn.engines.documents.types import Extraction, ExtractionError, Limits, Notice, OcrOptions, PageText
from khcn.engines.text.legal import LegalHeader, parse_legal_header
from khcn.engines.text.sensitive import Finding, SensitiveKind, looks_sensitive
from khcn.library.errors import DiskFullError
from khcn.library.pipeline.checks import check_sensitive
from khcn.library.pipeline.describe import describe
from khcn.library.pipeline.types import Caution, Failure, Fingerprint, Reading, Source
from khcn.library.sheets import words_keep
from khcn.library.store import page_picture, store_file

_CHUNK = 1 << 20
PICTURE_KINDS = frozenset({"pdf", *IMAGE_KINDS})
THUMBNAIL_WIDTH = 240
# Warnings that a later try may do away with (a tool was missing, a page failed once).
RETRYABLE_CODES = frozenset({"ocr_unavailable", "ocr_off", "ocr_failed", "page_failed"})
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Limits and recognition for every file of an import."""

    limits: Limits = field(default_factory=Limits)
    ocr: OcrOptions = field(default_factory=OcrOptions)


def read_options(*, ocr: bool = True, jobs: int = 0) -> ReadOptions:
    """Return the options of this installation. ``jobs``: pages recognised at once for one file."""
    env = settings.KHCN
    return ReadOptions(
        limits=Limits(
            max_bytes=max(env.upload_max_mb, 512) * 2**20,
            max_seconds=float(env.extract_seconds),
            max_memory=env.extract_memory_mb * 2**20,
        ),
        ocr=OcrOptions(enabled=env.ocr and ocr, jobs=jobs),
    )


def fingerprint(source: Source, limits: Limits) -> Fingerprint:
    """Return hash and kind of a file. :raises ExtractionError: for what is not even looked into."""
    identity = identify(source.path, source.file_name)
    if identity.size > limits.max_bytes:
        raise ExtractionError("too_large", size=size_text(identity.size), limit=size_text(limits.max_bytes))
    digest = hashlib.sha256()
    with source.path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return Fingerprint(digest.hexdigest(), identity.size, identity.kind, identity.mime)


def read_source(
    source: Source, mark: Fingerprint, options: ReadOptions, progress: Progress | None = None
) -> Reading | Failure:
    """Take a file through all steps. Never raises for what a file can hold; the answer says what happened."""
    try:
        extraction = extract_file(
            source.path,
            name=source.file_name,
            limits=options.limits,
            ocr=options.ocr,
            progress=progress,
            on_words=lambda page, words: _keep_words(mark, page, words),
        )
        return _finish(source, mark, extraction)
    except ExtractionError as error:
        return Failure(error.code, error.message, mark)
    except OSError as error:
        return os_failure(error, mark)


def _keep_words(mark: Fingerprint, page: PageText, words: PageWords) -> None:
    """Keep where the words of a recognised page stand; without them the page is recognised again when asked."""
    with contextlib.suppress(OSError):
        words_keep(mark.sha256, page, words)


def os_failure(error: OSError, mark: Fingerprint | None = None) -> Failure:
    """Return the sentence for what the machine refused."""
    if error.errno in DISK_FULL:
        return Failure(DiskFullError.code, DiskFullError().message, mark)
    text = _("Máy chủ không đọc hoặc không ghi được tệp (%(why)s). Hãy kiểm tra quyền truy cập rồi thử lại.")
    return Failure("unreadable", text % {"why": error.strerror or type(error).__name__}, mark)


def _finish(source: Source, mark: Fingerprint, extraction: Extraction) -> Reading:
    texts = [page.text for page in extraction.pages]
    header = _header(texts)
    findings = check_sensitive(texts)
    cautions = [_caution(notice) for notice in extraction.warnings]
    if looks_sensitive(findings):
        cautions.append(sensitive_caution(findings))
    return Reading(
        fingerprint=mark,
        pages=extraction.pages,
        description=describe(extraction, header, source.file_name),
        header=header,
        findings=tuple(findings),
        cautions=tuple(cautions),
        has_thumbnail=_picture(source.path, mark),
    )


def _header(texts: list[str]) -> LegalHeader | None:
    return parse_legal_header(texts) if any(text.strip() for text in texts) else None


def _caution(notice: Notice) -> Caution:
    return Caution(notice.code, notice.message, notice.pages)


def sensitive_caution(findings: list[Finding]) -> Caution:
    """Return the caution that holds a work back until a named person has looked at these pages."""
    stamped = sorted({item.page for item in findings if item.kind is SensitiveKind.STAMP})
    pages = stamped or sorted({item.page for item in findings})
    what = _("có dấu mật") if stamped else _("có nhiều dữ liệu cá nhân")
    text = _("Trang %(pages)s %(what)s nên tài liệu chưa được đăng. Thủ thư cần xem rồi cho phép đăng.")
    return Caution("sensitive", text % {"pages": page_list(pages), "what": what}, tuple(pages))


def _picture(path: Path, mark: Fingerprint) -> bool:
    """Keep the original and a small picture of its first page; a file without pictures goes on without."""
    store_file(path, mark.sha256)
    if mark.kind not in PICTURE_KINDS:
        return False
    try:
        page_picture(mark.sha256, 1, THUMBNAIL_WIDTH)
    except ExtractionError:
        return False
    return True
