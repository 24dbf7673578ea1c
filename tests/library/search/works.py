"""Generated works. Needs no application: the processes beside the tests start in a third of a second."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from khcn.engines.text.collate import sort_key
from khcn.library.search.types import IndexDocument

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def work(work_id: int, title: str, text: str | Sequence[str] = "", **fields: Any) -> IndexDocument:
    """Return a public work; ``text`` is one page or several."""
    pages = [text] if isinstance(text, str) else list(text)
    return IndexDocument(
        work_id=work_id,
        external_id=f"ext-{work_id}",
        title=title,
        pages=tuple((number, page) for number, page in enumerate(pages, start=1) if page),
        title_key=sort_key(title),
        signature=str(hash(tuple(pages))),
        **fields,
    )
