"""What is new in a saved search, for somebody, since a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from khcn.library.models import SavedSearch, Work
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.search.facade import matching_ids
from khcn.library.selectors.asked import asked_of
from khcn.library.selectors.records import absolute, work_path
from khcn.orgs.selectors import access_tokens

# A result of more works than this has news beyond it only in theory: hits come in the order asked for.
CAP: Final = 50_000
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class NewWork:
    """A work as it is told of: no text of it, only what its list entry says. ``url`` is absolute."""

    title: str
    number: str
    body: str
    issued: str
    url: str


def fresh_keys(params: str, *, user: Any, after: Key, until: datetime, now: datetime) -> list[Key]:
    """Return ``(since when it could be read, id)`` of the works that match and are newer than ``after``, newest first.

    Only works that ``user`` (``None``: a visitor) may open at ``now``. A work that was kept back counts from the day on
    which it was opened. Raises ``IndexUnavailableError``.
    """
    since = Q(published_at__gte=after[0]) | Q(embargo_until__gte=timezone.localdate(after[0]))
    rows = (
        Work.objects.published_to(user)
        .filter(since, published_at__lte=until)
        .order_by()
        .values_list("pk", "published_at", "embargo_until")
    )
    keys = {pk: (_readable_since(at, embargo), pk) for pk, at, embargo in rows if at is not None}
    keys = {pk: key for pk, key in keys.items() if after < key and key[0] <= until}
    if not keys:
        return []
    asked = asked_of(params, now=now, access=access_tokens(user))
    matching = keys.keys() & set(matching_ids(asked.query, cap=CAP))
    return sorted((keys[pk] for pk in matching), reverse=True)


def _readable_since(published: datetime, embargo: Any) -> datetime:
    if embargo is None:
        return published
    opened = timezone.make_aware(datetime.combine(embargo, time()), timezone.get_default_timezone())
    return max(published, opened)


def new_works(ids: Sequence[int], *, user: Any) -> list[NewWork]:
    """Return those of these works that ``user`` may open now, in the given order."""
    found = Work.objects.published_to(user).filter(pk__in=list(ids)).select_related("legal").in_bulk()
    return [_new_work(found[pk]) for pk in ids if pk in found]


def _new_work(work: Work) -> NewWork:
    legal = getattr(work, "legal", None)
    return NewWork(
        title=" ".join(work.title.split()),
        number=legal.number if legal else "",
        body=legal.organ_name if legal else work.publisher,
        issued=f"{work.issued_date:%d/%m/%Y}" if work.issued_date else str(work.issued_year or ""),
        url=absolute(work_path(work.pk, work.slug)),
    )


def reader_of(search: SavedSearch) -> Any:
    """Return with whose rights a search is answered: its owner's, a visitor's for an address."""
    return search.owner


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A saved search in its owner's list. ``fresh``: new works since the last look; ``None``: not known just now."""

    search: SavedSearch
    fresh: int | None


def saved_lines(user: Any, *, now: datetime) -> list[SavedLine]:
    """Return a person's searches with the number of works that are new to them."""
    return [
        SavedLine(search, _fresh_count(search, user, now)) for search in SavedSearch.objects.visible_to(user)
    ]


def _fresh_count(search: SavedSearch, user: Any, now: datetime) -> int | None:
    try:
        return len(unseen_keys(search, user=user, now=now))
    except IndexUnavailableError:
        return None


def unseen_keys(search: SavedSearch, *, user: Any, now: datetime) -> list[Key]:
    """Return the keys of works that came since the owner's last look, newest first."""
    return fresh_keys(search.params, user=user, after=(search.seen_at, search.seen_id), until=now, now=now)


def site_address() -> str:
    """Return the address of this installation, as mails name it."""
    return settings.KHCN.base_url.rstrip("/")
