"""Reads of the OAI-PMH provider: records in the order of their datestamps, sets, the state of the follower."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.engines.oai.answers import SetInfo
from khcn.library.enums import WorkKind
from khcn.library.models import Collection, IndexChange, OaiFollower, OaiRecord, OaiSet
from khcn.library.selectors.among import Among

# What the schema of oai-identifier calls a domain name.
_DOMAIN: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]+)+", re.I)


@dataclass(frozen=True, slots=True)
class OaiRow:
    """What the provider has told of a work."""

    work_id: int
    datestamp: datetime
    deleted: bool
    specs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OaiLag:
    """How far the provider is behind the library: changes not followed, since when; whether it ever began."""

    begun: bool
    waiting: int
    since: datetime | None


def site_host() -> str:
    """Return the host of the site's public address."""
    return urlsplit(settings.KHCN.base_url).hostname or "localhost"


def is_domain(host: str) -> bool:
    """Whether a host is a domain name as identifiers want it, not an address or a machine's own name."""
    return bool(_DOMAIN.fullmatch(host))


def oai_state() -> OaiFollower | None:
    """Return how far the follower has come, or ``None`` before it began."""
    return OaiFollower.objects.filter(pk=1).first()


def oai_namespace() -> str:
    """Return the domain in our identifiers: the first one that the site had, even after it moved."""
    state = oai_state()
    return state.namespace if state and is_domain(state.namespace) else site_host()


def _matching(spec: str, after: datetime | None, before: datetime | None) -> Any:
    rows: Any = OaiSet.objects.filter(spec=spec) if spec else OaiRecord.objects.all()
    if after:
        rows = rows.filter(datestamp__gte=after)
    return rows.filter(datestamp__lte=before) if before else rows


def oai_count(*, spec: str = "", after: datetime | None = None, before: datetime | None = None) -> int:
    """Count the records with a datestamp from ``after`` to ``before``, both inclusive."""
    found: int = _matching(spec, after, before).count()
    return found


def oai_rows(
    *,
    spec: str = "",
    after: datetime | None = None,
    before: datetime | None = None,
    behind: tuple[datetime, int] | None = None,
    limit: int,
) -> list[OaiRow]:
    """Return records in the order (datestamp, number), only those behind the place ``behind``."""
    key = "record_id" if spec else "work_id"
    rows = _matching(spec, after, before)
    if behind:
        stamp, number = behind
        later = Q(datestamp__gt=stamp) | Q(**{"datestamp": stamp, f"{key}__gt": number})
        rows = rows.filter(later, datestamp__gte=stamp)  # the second lets the index find the place
    ids = list(rows.order_by("datestamp", key).values_list(key, flat=True)[:limit])
    return oai_rows_by_ids(ids)


def oai_rows_by_ids(ids: list[int]) -> list[OaiRow]:
    """Return the records of these works that exist, in the given order."""
    if not ids:
        return []
    rows = OaiRecord.objects.filter(Among("pk", ids)).values_list("pk", "datestamp", "deleted")
    held, specs = {row[0]: row for row in rows}, specs_of(ids)
    return [OaiRow(*held[pk], tuple(sorted(specs.get(pk, ())))) for pk in ids if pk in held]


def specs_of(ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the sets of each of these records."""
    found: dict[int, list[str]] = defaultdict(list)
    wanted = list(ids)
    rows = OaiSet.objects.filter(Among("record_id", wanted)).order_by() if wanted else OaiSet.objects.none()
    for work_id, spec in rows.values_list("record_id", "spec"):
        found[work_id].append(spec)
    return found


def oai_sets() -> list[SetInfo]:
    """Return all sets: kinds and collections, each under its parent."""
    shelves = [
        SetInfo(f"collection:{one.key}", one.name, one.description)
        for one in Collection.objects.order_by("position", "sort_key", "pk")
    ]
    return [
        SetInfo("kind", _("Theo loại tài liệu")),
        *(SetInfo(f"kind:{value}", str(label)) for value, label in WorkKind.choices),
        SetInfo("collection", _("Theo bộ sưu tập")),
        *shelves,
    ]


def oai_lag() -> OaiLag:
    """Return what the follower has still to look at."""
    state = oai_state()
    if state is None or state.swept_at is None:
        return OaiLag(False, 0, None)
    waiting = IndexChange.objects.filter(Q(seq__isnull=True) | Q(seq__gt=state.seq))
    first = waiting.order_by("at").values_list("at", flat=True).first()
    return OaiLag(True, waiting.count(), first)
