"""The search documents of works, read a batch at a time with a fixed number of queries."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from khcn.library.enums import Visibility, WorkState
from khcn.library.models import LegalRecord, Page, Work, WorkRelation
from khcn.library.search.types import PUBLIC_ACCESS, STAFF_ACCESS, IndexDocument
from khcn.library.selectors.force import enders_of, validity_on


def index_documents(work_ids: Sequence[int]) -> Iterator[IndexDocument]:
    """Yield the document of each of these works that is published; the others belong out of the index."""
    today = timezone.localdate()
    works = list(Work.objects.filter(pk__in=work_ids, state=WorkState.PUBLISHED).order_by("pk"))
    ids = [work.pk for work in works]
    legal = LegalRecord.objects.in_bulk(ids)
    ended = enders_of(legal) if legal else {}
    pages = _pages(ids)
    terms = {name: _terms(name, ids) for name in ("collections", "subjects", "audiences")}
    units = _units([work.pk for work in works if work.visibility == Visibility.UNITS])
    for work in works:
        yield _document(
            work,
            legal.get(work.pk),
            tuple(pages.get(work.pk, ())),
            {name: found.get(work.pk, []) for name, found in terms.items()},
            units.get(work.pk, []),
            today=today,
            ended_by=ended.get(work.pk, []),
        )


def index_work_ids() -> Iterable[int]:
    """Return the ids of all works that belong in the index."""
    return (
        Work.objects.filter(state=WorkState.PUBLISHED).order_by("pk").values_list("pk", flat=True).iterator()
    )


def access_of(work: Work, unit_ids: Iterable[int]) -> tuple[str, ...]:
    """Return the tokens that open a published work; the same predicate as ``WorkQuerySet.readable_by``."""
    tokens = {STAFF_ACCESS}
    if work.owner_unit_id is not None:
        tokens.add(f"unit:{work.owner_unit_id}")
    if not work.embargoed:
        if work.visibility == Visibility.PUBLIC:
            tokens.add(PUBLIC_ACCESS)
        elif work.visibility == Visibility.SIGNED_IN:
            tokens.add("signed-in")
        else:
            tokens |= {f"unit:{unit_id}" for unit_id in unit_ids}
    return tuple(sorted(tokens))


def _document(
    work: Work,
    legal: LegalRecord | None,
    pages: tuple[tuple[int, str], ...],
    terms: dict[str, list[tuple[str, str]]],
    unit_ids: list[int],
    *,
    today: date,
    ended_by: Sequence[WorkRelation],
) -> IndexDocument:
    facets: dict[str, tuple[str, ...]] = {"kind": (work.kind,), "language": (work.language,)}
    for facet, name in (("collection", "collections"), ("subject", "subjects"), ("audience", "audiences")):
        if terms[name]:
            facets[facet] = tuple(key for key, _name in terms[name])
    if work.issued_year:
        facets["year"] = (str(work.issued_year),)
    if legal and legal.organ_name:
        facets["issuing_body"] = (legal.organ_name,)
    if legal and (legal.effective_date or legal.expired_date or ended_by):
        validity = validity_on(legal, today, issued=work.issued_date, ended_by=ended_by)
        facets["validity"] = (str(validity.value),)
    return IndexDocument(
        work_id=work.pk,
        external_id=work.external_id,
        title=work.title,
        pages=pages,
        title_key=work.sort_key,
        signature=_signature(pages),
        kind=work.kind,
        abstract=work.abstract,
        creators=tuple(str(person.get("name", "")) for person in work.creators),
        number=legal.number if legal else "",
        issuing_body=legal.organ_name if legal else "",
        subjects=tuple(name for _key, name in terms["subjects"]),
        facets=facets,
        access=access_of(work, unit_ids),
        date=_date(work),
    )


def _date(work: Work) -> date | None:
    if work.issued_date:
        return work.issued_date
    if work.issued_year:
        return date(work.issued_year, 1, 1)
    return timezone.localdate(work.published_at) if work.published_at else None


def _signature(pages: tuple[tuple[int, str], ...]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for number, text in pages:
        digest.update(f"{number}\x00{text}\x00".encode())
    return digest.hexdigest()


def _pages(ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Page.objects.filter(work_id__in=ids).order_by("work_id", "number")
    for work_id, number, text in rows.values_list("work_id", "number", "text").iterator():
        found[work_id].append((number, text))
    return found


def _terms(name: str, ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Return (key, name) of the terms of each work."""
    through: Any = getattr(Work, name).through
    term = str(Work._meta.get_field(name).related_model._meta.model_name)  # type: ignore[union-attr]  # a many-to-many
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = through.objects.filter(work_id__in=ids).order_by("id")
    for work_id, key, said in rows.values_list("work_id", f"{term}__key", f"{term}__name"):
        found[work_id].append((key, said))
    return found


def _units(ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    if ids:
        rows = Work.units.through.objects.filter(work_id__in=ids).values_list("work_id", "unit_id")
        for work_id, unit_id in rows:
            found[work_id].append(unit_id)
    return found
