"""The pages of a work, numbered through all its files; called inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from html.parser import HTMLParser

from khcn.engines.documents.types import PageText
from khcn.engines.text.fold import nfc
from khcn.engines.text.sensitive import looks_sensitive
from khcn.library.enums import TextSource, WorkState
from khcn.library.imports.drafts import text_hash
from khcn.library.models import Page, Work, WorkFile
from khcn.library.pipeline.checks import check_sensitive, findings_json
from khcn.library.services.bulk import bulk_insert_rows

_COLUMNS = ("work_id", "file_id", "number", "file_page", "text", "source", "encoding", "confidence")
_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "tr", "br", "blockquote", "pre", "figcaption", "hr"})
_Row = tuple[int | None, int, str, str, str, float | None]


def pages_write(work: Work, *, file: WorkFile | None, pages: Sequence[PageText], now: datetime) -> None:
    """Replace the pages that come from ``file`` and number all pages of the work anew."""
    _rebuild(work, {file.pk if file else None: [_row(file, page) for page in pages]}, now)


def pages_renumber(work: Work, now: datetime) -> None:
    """Number the pages anew after a file has gone or moved."""
    _rebuild(work, {}, now)


def article_pages_write(work: Work, now: datetime) -> None:
    """Make the text of an article findable: one page without a file."""
    text = html_text(work.body)
    rows: list[_Row] = [(None, 1, text, TextSource.TEXT.value, "unicode", None)] if text else []
    _rebuild(work, {None: rows}, now)


def _row(file: WorkFile | None, page: PageText) -> _Row:
    return (file.pk if file else None, page.number, page.text, page.source, page.encoding, page.confidence)


def _rebuild(work: Work, fresh: dict[int | None, list[_Row]], now: datetime) -> None:
    rows: dict[int | None, list[_Row]] = {None: []}
    rows |= {pk: [] for pk in work.files.order_by("position", "id").values_list("pk", flat=True)}
    kept = work.pages.order_by("number").values_list(
        "file_id", "file_page", "text", "source", "encoding", "confidence"
    )
    for row in kept:
        if row[0] not in fresh:
            rows.setdefault(row[0], []).append(row)
    rows |= fresh
    work.pages.all().delete()
    ordered = [row for group in rows.values() for row in group]
    bulk_insert_rows(
        Page,
        _COLUMNS,
        [(work.pk, row[0], number, *row[1:]) for number, row in enumerate(ordered, start=1)],
    )
    _note_content(work, [row[2] for row in ordered], now)


def _note_content(work: Work, texts: list[str], now: datetime) -> None:
    """Write down what follows from the text: its length, hash and what is sensitive in it.

    What was public and has become sensitive goes back to review; a clearance holds while the findings stay.
    """
    findings = check_sensitive(texts)
    noted = findings_json(findings)
    if noted != work.sensitive_findings:
        work.sensitive_cleared_at, work.sensitive_cleared_by = None, None
    work.sensitive_findings, work.sensitive = noted, looks_sensitive(findings)
    if work.state == WorkState.PUBLISHED and work.sensitive and work.sensitive_cleared_at is None:
        work.state = WorkState.SUBMITTED
    work.page_count, work.text_hash, work.updated_at = len(texts), text_hash(texts), now
    work.save(
        update_fields=[
            "state", "sensitive", "sensitive_findings", "sensitive_cleared_at", "sensitive_cleared_by",
            "page_count", "text_hash", "updated_at",
        ]
    )  # fmt: skip


class _TextOf(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def html_text(html: str) -> str:
    """Return the words of cleaned HTML, one line a block."""
    parser = _TextOf()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in nfc("".join(parser.parts)).splitlines())
    return "\n".join(line for line in lines if line)
