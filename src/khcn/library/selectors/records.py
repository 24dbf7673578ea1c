"""Public works as records for other libraries and tools, read many at a time with a fixed number of queries.

Long harvests and exports are bound by this module: it reads plain values instead of model instances, resolves an address
and a label once a batch, and asks what belongs to the works (``record_rows``) once for all of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from khcn.engines.records.ark import ark_of
from khcn.engines.records.name_keys import looks_like_body, name_key
from khcn.engines.records.types import Agent, FileFact, Identifier, Record, RelationFact
from khcn.library.enums import Rights, WorkKind
from khcn.library.models import Work
from khcn.library.selectors.among import Among
from khcn.library.selectors.harvest import names_of_sources
from khcn.library.selectors.record_rows import (
    FileRow,
    Held,
    RelationRow,
    authority_orcids,
    held_by,
    legal_of,
)

__all__ = [
    "RIGHTS_URLS", "absolute", "agents", "ark", "authority_orcids", "identifiers", "record_brief", "records_among",
    "records_by_ids", "records_of", "work_path",
]  # fmt: skip
RIGHTS_URLS: Final = {
    Rights.PUBLIC_DOMAIN: "https://creativecommons.org/publicdomain/mark/1.0/",
    Rights.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Rights.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Rights.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
}
_PLAIN_SLUG: Final = re.compile("[a-z0-9-]+", re.A)
_NO_SLUG: Final = "tai-lieu"


class _Row(NamedTuple):
    """The columns of a work that a record tells, named as in the model."""

    pk: int
    slug: str
    kind: str
    title: str
    title_en: str
    abstract: str
    creators: list[dict[str, Any]]
    contributors: list[dict[str, Any]]
    publisher: str
    issued_year: int | None
    issued_date: Any
    language: str
    identifiers: list[dict[str, Any]]
    rights: str
    rights_note: str
    source: str
    coverage: str
    resource_type: str
    url: str
    ddc: str
    page_count: int
    version: int
    published_at: Any
    updated_at: Any
    external_source: str
    visibility: str


_VALUES: Final = attrgetter(*_Row._fields)


def absolute(path: str) -> str:
    """Return the absolute address of a path of this site."""
    return settings.KHCN.base_url.rstrip("/") + path


def work_path(pk: int, slug: str) -> str:
    """Return the path of a work's page."""
    return reverse("library:work", args=[slug or _NO_SLUG, pk])


def ark(pk: int) -> str:
    """Return the persistent identifier of a work."""
    return ark_of(pk, settings.KHCN.ark_naan)


def records_of(works: Iterable[Work], *, user: Any = None) -> list[Record]:
    """Return these works as records, in the given order.

    The caller gives works that the reader may open (``Work.objects.published_to(user)``); of their relations only
    those targets are linked that the reader may open too.
    """
    return _records([_Row._make(_VALUES(work)) for work in works], user)


def record_brief(work: Work) -> Record:
    """Return a work as a record without its terms, files and relations: what a citation needs, in two queries.

    The work comes with ``select_related("legal")`` and is one that the reader may open.
    """
    legal = getattr(work, "legal", None)
    held = Held(legal={work.pk: legal_of(legal)} if legal else {}, orcids=authority_orcids([work.pk]))
    homes = names_of_sources([work.external_source])
    return _Batch(held, homes).record(_Row._make(_VALUES(work)))


def records_by_ids(ids: Sequence[int], *, user: Any = None) -> list[Record]:
    """Return those of these works that ``user`` may open, in the order of ``ids``."""
    return records_among(Work.objects.published_to(user), ids, user=user)


def records_among(works: QuerySet[Work], ids: Sequence[int], *, user: Any = None) -> list[Record]:
    """Return those of these works that stand in ``works``, which holds only what ``user`` may open, in the order of ``ids``."""
    if not ids:
        return []
    rows = works.filter(Among("pk", ids)).order_by().select_related(None).values_list(*_Row._fields)
    found = {row[0]: row for row in rows}
    return _records([_Row._make(found[pk]) for pk in ids if pk in found], user)


def _records(rows: Sequence[_Row], user: Any) -> list[Record]:
    if not rows:
        return []
    batch = _Batch(
        held_by([row.pk for row in rows], user), names_of_sources({row.external_source for row in rows})
    )
    return [batch.record(row) for row in rows]


class _Batch:
    """What all records of one batch share: what belongs to them, addresses as patterns, labels in the present language."""

    def __init__(self, held: Held, homes: Mapping[str, str]) -> None:
        self._held, self._homes = held, homes
        self._naan = settings.KHCN.ark_naan
        self._work = _pattern("library:work", _NO_SLUG, 0)
        self._file = _pattern("library:file", 0, 0)
        self._thumbnail = _pattern("library:thumbnail", 0)
        self._kinds: dict[str, str] = {value: str(label) for value, label in WorkKind.choices}
        self._rights = {one.value: (str(one.label), RIGHTS_URLS.get(one, "")) for one in Rights}

    def record(self, row: _Row) -> Record:
        """Return one record."""
        pk, held = row.pk, self._held
        files, orcids = held.files.get(pk, ()), held.orcids.get(pk)
        rights_label, rights_url = self._rights[row.rights]
        return Record(
            id=pk,
            url=self._address(pk, row.slug),
            ark=ark_of(pk, self._naan),
            kind=row.kind,
            kind_label=self._kinds.get(row.kind, row.kind),
            title=row.title,
            title_en=row.title_en,
            abstract=row.abstract,
            creators=agents(row.creators, orcids),
            contributors=agents(row.contributors, orcids),
            publisher=row.publisher,
            year=row.issued_year,
            issued=row.issued_date,
            language=row.language,
            identifiers=identifiers(row.identifiers),
            rights=row.rights,
            rights_label=rights_label,
            rights_url=rights_url,
            rights_note=row.rights_note,
            source=row.source,
            coverage=row.coverage,
            resource_type=row.resource_type,
            address=row.url,
            ddc=row.ddc,
            subjects=held.subjects.get(pk, ()),
            collections=held.collections.get(pk, ()),
            audiences=held.audiences.get(pk, ()),
            page_count=row.page_count,
            files=tuple([self._file_fact(pk, file) for file in files]),
            thumbnail=self._thumbnail(pk) if any(file.has_thumbnail for file in files) else "",
            legal=held.legal.get(pk),
            relations=tuple([self._relation(one) for one in held.relations.get(pk, ())]),
            version=row.version,
            published_at=row.published_at or row.updated_at,
            updated_at=row.updated_at,
            harvested_from=self._homes.get(row.external_source, ""),
            access=row.visibility,
        )

    def _address(self, pk: int, slug: str) -> str:
        if _PLAIN_SLUG.fullmatch(slug):
            return self._work(slug, pk)
        return absolute(work_path(pk, slug))  # empty, or with signs that an address must quote

    def _file_fact(self, pk: int, file: FileRow) -> FileFact:
        address = self._file(pk, file.id)
        return FileFact(file.original_name, address, file.mime, file.size_bytes, file.sha256)

    def _relation(self, row: RelationRow) -> RelationFact:
        target = self._held.opened.get(row.target_id) if row.target_id else None
        if target is None:  # what the work itself says of the other one, and no more
            return RelationFact(row.kind, row.cited_number, row.cited_title)
        return RelationFact(
            row.kind,
            row.cited_number if target.number is None else target.number,
            target.title,
            self._address(target.id, target.slug),
            ark_of(target.id, self._naan),
        )


def _pattern(name: str, *args: str | int) -> Callable[..., str]:
    """Return what writes the absolute address of this name for other values in the place of ``args``, in their order.

    The values are numbers or plain slugs, so there is nothing to quote.
    """
    marks = [f"mau-{place}" if isinstance(one, str) else 90_000_001 + place for place, one in enumerate(args)]
    address = absolute(reverse(name, args=marks)).replace("{", "{{").replace("}", "}}")
    for place, mark in enumerate(marks):
        address = address.replace(str(mark), f"{{{place}}}")
    return address.format


def agents(people: Iterable[dict[str, Any]], orcids: Mapping[str, str] | None = None) -> tuple[Agent, ...]:
    """Return the people and bodies as kept in ``Work.creators`` and ``Work.contributors``.

    ``orcids``: by key of the name, what the authorities know beyond the work itself.
    """
    return tuple([_agent(one, orcids) for one in people if str(one.get("name") or "").strip()])


def _agent(one: Mapping[str, Any], orcids: Mapping[str, str] | None) -> Agent:
    name = str(one["name"])
    orcid = str(one.get("orcid") or "")
    if orcids and not orcid:
        orcid = orcids.get(name_key(name), "")
    return Agent(name=name, kind=_agent_kind(one, name), role=str(one.get("role") or ""), orcid=orcid)


def _agent_kind(one: Mapping[str, Any], name: str) -> str:
    said = str(one.get("kind") or one.get("nameType") or "").lower()
    body = said.startswith("org") if said else _seems_body(name)
    return "organisation" if body else "person"


# The same names come again and again in one harvest.
_seems_body: Final = lru_cache(maxsize=8_192)(looks_like_body)


def identifiers(kept: Iterable[dict[str, Any]]) -> tuple[Identifier, ...]:
    """Return the identifiers as kept in ``Work.identifiers``."""
    return tuple(
        [
            Identifier(str(one.get("type") or "other").lower(), str(one["value"]))
            for one in kept
            if one.get("value")
        ]
    )
