"""What bringing in a catalogue file would do, record by record, before anything is written.

A record is new, changes a work, says the same, may double a work, or is faulty. Works are recognised by our own number,
by the number that another library gave its record, and else by ISBN, DOI, number and issuing body, or title with creator
and year; the last four only warn, because two editions may share them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.core.exports.forms import CellError
from khcn.engines.records.name_keys import name_key
from khcn.engines.records.pids import BadIdentifierError, normal_identifier
from khcn.engines.text.fold import fold, normalize
from khcn.library import rules
from khcn.library.imports.catalogue_columns import TITLES, checked_identifier
from khcn.library.imports.catalogue_rows import SOURCE, CatalogueRow
from khcn.library.imports.drafts import RecordDraft
from khcn.library.models import LegalRecord, Work
from khcn.library.selectors.records import authority_orcids
from khcn.library.services.works import LEGAL_FIELDS, WORK_FIELDS

CHUNK: Final = 200
TERMS: Final = ("collections", "subjects", "audiences")
OUTCOMES: Final = ("new", "changed", "same", "double", "faulty")
_LISTS: Final = ("creators", "contributors", "identifiers", "recipients")


@dataclass(slots=True)
class Changes:
    """What a record changes of a work, as ``work_update`` takes it; terms by their names."""

    values: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, list[str]] = field(default_factory=dict)
    legal: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values or self.terms or self.legal)

    def names(self) -> list[str]:
        """Return the names of the fields that change, as the columns call them."""
        keys = [*self.values, *self.terms, *self.legal]
        return list(dict.fromkeys(TITLES.get(_COLUMN_OF.get(key, key), key) for key in keys))


_COLUMN_OF: Final = {
    "issued_year": "year",
    "issued_date": "date",
    "resource_type": "type",
    "identifiers": "isbn",
}


@dataclass(slots=True)
class Planned:
    """One record and what becomes of it. ``work``: the work that it is; ``doubles``: (number, title, why) of others."""

    row: CatalogueRow
    outcome: str
    work: Work | None = None
    changes: Changes = field(default_factory=Changes)
    doubles: list[tuple[int, str, str]] = field(default_factory=list)


class Planner:
    """Plans the rows of one file. Holds the identifiers of all works, and what the file itself has brought so far."""

    def __init__(self) -> None:
        self._by_identifier: dict[tuple[str, str], tuple[int, str]] | None = None
        self._seen: dict[tuple[str, ...], int] = {}
        self._seen_ids: dict[str, int] = {}

    def plan(self, rows: Iterable[CatalogueRow]) -> Iterator[list[Planned]]:
        """Yield the rows planned, a chunk at a time (so that a chunk can be written before the next is looked at)."""
        stream = iter(rows)
        while chunk := list(islice(stream, CHUNK)):
            yield self._chunk(chunk)

    def _chunk(self, rows: list[CatalogueRow]) -> list[Planned]:
        drafts = [row.draft for row in rows if row.draft is not None]
        own = _works(Q(pk__in=[row.work_id for row in rows if row.work_id]))
        known = _works(Q(external_source=SOURCE, external_id__in=[draft.external_id for draft in drafts]))
        by_external = {work.external_id: work for work in known.values()}
        legal = LegalRecord.objects.in_bulk([*own, *known])
        likely = _likely(drafts)
        held = _Held(own, by_external, legal, authority_orcids([*own, *known]))
        return [self._one(row, held, likely) for row in rows]

    def _one(self, row: CatalogueRow, held: "_Held", likely: "Likely") -> Planned:
        if row.faults or row.draft is None:
            return Planned(row, "faulty")
        if row.work_id is not None and row.work_id not in held.own:
            text = _("Không có tài liệu mã %(id)s. Hãy để trống cột Mã nếu đây là tài liệu mới.") % {
                "id": row.work_id
            }
            row.faults.append(CellError(row.number, TITLES["id"], text))
            return Planned(row, "faulty")
        mark = f"id:{row.work_id}" if row.work_id else row.draft.external_id
        if (first := self._seen_ids.setdefault(mark, row.number)) != row.number:
            text = _("Trùng với bản ghi %(number)s trong cùng tệp. Hãy xóa bớt một bản.") % {"number": first}
            row.faults.append(CellError(row.number, "", text))
            return Planned(row, "faulty")
        work = held.own.get(row.work_id or 0) or held.by_external.get(row.draft.external_id)
        if work is None:
            found = self._doubles(row, likely)
            return Planned(row, "double" if found else "new", doubles=found)
        if row.work_id is None and work.content_hash == row.draft.content_hash:
            return Planned(row, "same", work)  # also when people have mended the work since
        changes = differences(
            work, held.legal.get(work.pk), row.draft, row.given, held.orcids.get(work.pk, {})
        )
        return Planned(row, "changed" if changes else "same", work, changes)

    def _doubles(self, row: CatalogueRow, likely: "Likely") -> list[tuple[int, str, str]]:
        draft = row.draft
        if draft is None:
            return []
        found: dict[int, tuple[int, str, str]] = {}
        for mark in identifier_marks(draft.fields.get("identifiers", [])):
            if held := self._identifiers().get(mark):
                found.setdefault(held[0], (*held, mark[0].upper()))
        for ident, title, why in likely.of(draft):
            found.setdefault(ident, (ident, title, why))
        for one in [*identifier_marks(draft.fields.get("identifiers", [])), _title_mark(draft)]:
            first = self._seen.setdefault(one, row.number)
            if first != row.number:
                text = _("bản ghi %(number)s trong cùng tệp") % {"number": first}
                found.setdefault(-first, (0, draft.title, text))
        return list(found.values())

    def _identifiers(self) -> dict[tuple[str, str], tuple[int, str]]:
        """ISBN and DOI of all works; read once a file, because JSON is not searched alike by the two databases."""
        if self._by_identifier is None:
            self._by_identifier = {}
            rows = (
                Work.objects.exclude(identifiers=[]).order_by("-pk").values_list("pk", "title", "identifiers")
            )
            for ident, title, kept in rows.iterator(chunk_size=2000):
                for mark in identifier_marks(kept):
                    self._by_identifier[mark] = (ident, title)
        return self._by_identifier


def identifier_marks(kept: Any) -> list[tuple[str, str]]:
    """Return the identifiers that belong to one work only (ISBN, DOI), in one form."""
    marks = []
    for one in kept if isinstance(kept, list) else []:
        scheme = str(one.get("type") or "").lower() if isinstance(one, dict) else ""
        if scheme in {"isbn", "doi"}:
            value = str(one.get("value") or "")
            try:
                value = normal_identifier(scheme, value)
            except BadIdentifierError:
                value = " ".join(value.lower().split())
            if value:
                marks.append((scheme, value.replace("-", "") if scheme == "isbn" else value))
    return marks


def _title_mark(draft: RecordDraft) -> tuple[str, ...]:
    people = draft.fields.get("creators") or [{}]
    year = str(draft.fields.get("issued_year") or "")
    number = str(draft.legal.get("number") or "")
    return (
        "title",
        " ".join(fold(normalize(draft.title)).split()),
        name_key(str(people[0].get("name") or "")),
        year,
        number,
    )


@dataclass(slots=True)
class _Held:
    """The works that the records of one chunk say they are, and what goes with them."""

    own: Mapping[int, Work]
    by_external: Mapping[str, Work]
    legal: Mapping[int, LegalRecord]
    orcids: Mapping[int, Mapping[str, str]]


@dataclass(slots=True)
class Likely:
    """Works with the title or the number of some records, by what they are recognised by."""

    titles: dict[str, list[tuple[int, str, str, int | None]]]
    numbers: dict[tuple[str, str], tuple[int, str]]

    def of(self, draft: RecordDraft) -> Iterator[tuple[int, str, str]]:
        """Yield (number, title, why) of the works that this record may be."""
        keys = rules.legal_keys(draft.legal) if draft.legal.get("number") else {}
        held = self.numbers.get((keys.get("number_key", ""), keys.get("organ_key", "")))
        if keys and held:
            yield *held, _("cùng số, ký hiệu và cơ quan ban hành")
        elif keys and (unsure := self._without_organ(keys["number_key"], keys["organ_key"], draft.sort_key)):
            yield *unsure, _("cùng số, ký hiệu; một bên chưa ghi cơ quan ban hành")
        people = draft.fields.get("creators") or [{}]
        first = name_key(str(people[0].get("name") or ""))
        for ident, title, person, year in self.titles.get(draft.sort_key, []):
            same_year = not year or not draft.fields.get("issued_year") or year == draft.fields["issued_year"]
            if person == first and same_year and not keys:
                yield ident, title, _("cùng nhan đề, tác giả và năm")

    def _without_organ(self, number: str, organ: str, title: str) -> tuple[int, str] | None:
        """Return the work of the same number when one of the two does not say who issued it.

        Bodies number alike ("82/KH-UBND"), so a record that names none is taken for another's only by its title too.
        """
        if organ:
            return self.numbers.get((number, ""))
        titled = {row[0] for row in self.titles.get(title, [])}
        return next(
            (held for (known, _organ), held in self.numbers.items() if known == number and held[0] in titled),
            None,
        )


def _likely(drafts: list[RecordDraft]) -> Likely:
    titles: dict[str, list[tuple[int, str, str, int | None]]] = {}
    rows = Work.objects.filter(sort_key__in={draft.sort_key for draft in drafts} - {""}).order_by("pk")
    for ident, key, title, people, year in rows.values_list(
        "pk", "sort_key", "title", "creators", "issued_year"
    ):
        first = people[0].get("name", "") if people and isinstance(people[0], dict) else ""
        titles.setdefault(key, []).append((ident, title, name_key(str(first)), year))
    keys = [rules.legal_keys(draft.legal)["number_key"] for draft in drafts if draft.legal.get("number")]
    held = LegalRecord.objects.filter(number_key__in=[key for key in keys if key]).order_by("-pk")
    found = held.values_list("number_key", "organ_key", "work_id", "work__title")
    return Likely(titles, {(number, organ): (ident, title) for number, organ, ident, title in found})


def _works(wanted: Q) -> dict[int, Work]:
    works = Work.objects.filter(wanted).prefetch_related(*TERMS).defer("body", "extra").order_by()
    return {work.pk: work for work in works}


def differences(
    work: Work,
    legal: LegalRecord | None,
    draft: RecordDraft,
    given: frozenset[str],
    orcids: Mapping[str, str],
) -> Changes:
    """Return what the record would change of the work, only of the fields that it speaks of.

    ``orcids``: by key of the name, what the authorities already say, which is no change of the work.
    """
    found = Changes()
    if draft.title != work.title:
        found.values["title"] = draft.title
    for name in set(WORK_FIELDS) & given - {"title"}:
        column = Work._meta.get_field(name)
        old, new = getattr(work, name), draft.fields.get(name)
        if name in ("creators", "contributors"):
            new = _people(old, new or [], orcids)
        elif not new:
            new = column.get_default()  # type: ignore[union-attr]  # a column, not a relation
        if not _equal(name, old, new):
            found.values[name] = new
    if found.values.get("issued_date") and "issued_year" in found.values:
        found.values.pop("issued_year")
    for name in set(TERMS) & given:
        wanted = getattr(draft, name)
        if {_known(one) for one in wanted} != {_known(term.name) for term in getattr(work, name).all()}:
            found.terms[name] = wanted
    for name in set(LEGAL_FIELDS) & given:
        column = LegalRecord._meta.get_field(name)
        empty = column.get_default()  # type: ignore[union-attr]  # a column, not a relation
        old = getattr(legal, name) if legal else empty
        new = draft.legal.get(name) or empty
        if not _equal(name, old, new):
            found.legal[name] = new
    return found


def _people(
    old: list[dict[str, Any]], new: list[dict[str, Any]], orcids: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the people of the record with what the work knows of them besides (kind, ORCID ...)."""
    known = {name_key(str(one.get("name"))): one for one in old if isinstance(one, dict)}
    merged = []
    for one in new:
        key = name_key(str(one.get("name")))
        before = known.get(key, {})
        said = {name: value for name, value in one.items() if name != "orcid" or value != orcids.get(key)}
        merged.append({**before, **said})
    return merged


def _known(name: str) -> str:
    return " ".join(fold(normalize(name)).replace("-", " ").replace("_", " ").split())


def _equal(name: str, old: Any, new: Any) -> bool:
    if name == "identifiers":
        return {_pair(one) for one in old or []} == {_pair(one) for one in new or []}
    if name in ("creators", "contributors"):
        return [_person(one) for one in old or []] == [_person(one) for one in new or []]
    if isinstance(old, str) and isinstance(new, str):
        return (
            " ".join(old.split()) == " ".join(new.split())
            if name != "abstract"
            else old.strip() == new.strip()
        )
    return bool(old == new or (not old and not new))


def _pair(one: dict[str, Any]) -> tuple[str, str]:
    found = checked_identifier(str(one.get("type") or "other").lower(), str(one.get("value") or ""))
    return found["type"], found["value"]


def _person(one: dict[str, Any]) -> tuple[str, str, str]:
    return str(one.get("name") or ""), str(one.get("role") or ""), str(one.get("orcid") or "")
