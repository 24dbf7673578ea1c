"""Works for a list in a file: a whole search result or a box of the desk, read in pieces."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.library.list_columns import Line
from khcn.library.models import LegalRecord, Work
from khcn.library.search.facade import matching_ids
from khcn.library.selectors.among import Among
from khcn.library.selectors.asked import asked_of, search_words
from khcn.library.selectors.desk import BOXES, desk_works
from khcn.library.selectors.force import enders_of
from khcn.library.selectors.records import records_among
from khcn.orgs.selectors import access_tokens

PIECE: Final = 250
# What columns tell of a work beyond its record.
_OF_THE_WORK: Final = (
    "state", "visibility", "published_at", "view_count", "download_count", "owner_unit", "submitted_by",
)  # fmt: skip
Source = Literal["search", "desk"]


@dataclass(frozen=True, slots=True)
class WantedList:
    """Which works: a search (``params`` as ``selectors.asked.canonical`` writes it) or a box of the desk and a filter."""

    source: Source
    params: str = ""
    box: str = ""
    query: str = ""


def list_ids(wanted: WantedList, *, user: Any, cap: int, now: datetime) -> list[int]:
    """Return at most ``cap`` ids in the order shown. Raises ``IndexUnavailableError``."""
    if wanted.source == "desk":
        works = desk_works(user, wanted.box if wanted.box in BOXES else "cua-toi", wanted.query)
        return list(works.values_list("pk", flat=True)[:cap])
    asked = asked_of(wanted.params, now=now, access=access_tokens(user))
    return matching_ids(asked.query, cap=cap)


def list_words(wanted: WantedList, *, now: datetime) -> list[tuple[str, str]]:
    """Return in words which works they are."""
    if wanted.source == "search":
        return search_words(wanted.params, now=now)
    boxes = {
        "cua-toi": _("Của tôi"), "cho-duyet": _("Chờ duyệt"), "tra-lai": _("Bị trả lại"),
        "cho-dang": _("Chờ đăng"), "da-dang": _("Đã đăng"), "da-rut": _("Đã rút, tạm dừng"),
        "tat-ca": _("Tất cả"),
    }  # fmt: skip
    rows = [(_("Hộp tài liệu"), boxes.get(wanted.box, boxes["cua-toi"]))]
    return [*rows, (_("Lọc"), wanted.query)] if wanted.query else rows


def list_lines(
    wanted: WantedList,
    ids: Sequence[int],
    *,
    user: Any,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Line]:
    """Yield the works of these ids that ``user`` may see, in order, a piece at a time; memory does not grow with them.

    ``progress(done)`` is called after each piece with the number of ids read.
    """
    today, place = timezone.localdate(now), 0
    for start in range(0, len(ids), PIECE):
        piece = ids[start : start + PIECE]
        readable = _readable(wanted, user)
        works = {work.pk: work for work in readable.filter(Among("pk", piece)).order_by().only(*_OF_THE_WORK)}
        legal = {row.pk: row for row in LegalRecord.objects.filter(Among("pk", piece))}
        ended = enders_of(legal) if legal else {}
        for record in records_among(readable, [pk for pk in piece if pk in works], user=user):
            place += 1
            ended_by = ended.get(record.id, ())
            yield Line(place, record, works[record.id], legal.get(record.id), today, ended_by)
        if progress is not None:
            progress(start + len(piece))


def _readable(wanted: WantedList, user: Any) -> QuerySet[Work]:
    if wanted.source == "desk":
        works: QuerySet[Work] = desk_works(
            user, wanted.box if wanted.box in BOXES else "cua-toi", wanted.query
        )
    else:
        works = Work.objects.published_to(user)
    return works.select_related(None).select_related("owner_unit", "submitted_by")
