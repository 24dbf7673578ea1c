"""Public works as records for other libraries and tools, read many at a time with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from khcn.engines.records.ark import ark_of
from khcn.engines.records.name_keys import looks_like_body, name_key
from khcn.engines.records.types import (
    Agent,
    FileFact,
    Heading,
    Identifier,
    LegalFacts,
    Record,
    RelationFact,
)
from khcn.library.enums import Rights
from khcn.library.models import AuthorityTie, LegalRecord, Work, WorkFile, WorkRelation
from khcn.library.selectors.harvest import names_of_sources

RIGHTS_URLS: Final = {
    Rights.PUBLIC_DOMAIN: "https://creativecommons.org/publicdomain/mark/1.0/",
    Rights.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Rights.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Rights.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
}
_LEGAL: Final = (
    "number", "code_number", "code_notation", "type_name", "organ_name", "organ_id", "place", "signer_name",
    "signer_position", "priority", "issued_amount", "effective_date", "expired_date",
)  # fmt: skip


def absolute(path: str) -> str:
    """Return the absolute address of a path of this site."""
    return settings.KHCN.base_url.rstrip("/") + path


def work_path(pk: int, slug: str) -> str:
    """Return the path of a work's page."""
    return reverse("library:work", args=[slug or "tai-lieu", pk])


def ark(pk: int) -> str:
    """Return the persistent identifier of a work."""
    return ark_of(pk, settings.KHCN.ark_naan)


def records_of(works: Iterable[Work], *, user: Any = None) -> list[Record]:
    """Return these works as records, in the given order.

    The caller gives works that the reader may open (``Work.objects.published_to(user)``); of their relations only
    those targets are linked that the reader may open too.
    """
    found = list(works)
    ids = [work.pk for work in found]
    legal = LegalRecord.objects.in_bulk(ids)
    terms = {name: _terms(name, ids) for name in ("collections", "subjects", "audiences")}
    files, relations, orcids = _files(ids), _relations(ids, user), authority_orcids(ids)
    homes = names_of_sources(work.external_source for work in found)
    return [
        _record(
            work,
            legal=legal.get(work.pk),
            terms=terms,
            files=files[work.pk],
            relations=relations[work.pk],
            orcids=orcids[work.pk],
            harvested_from=homes.get(work.external_source, ""),
        )
        for work in found
    ]


def record_brief(work: Work) -> Record:
    """Return a work as a record without its terms, files and relations: what a citation needs, in two queries.

    The work comes with ``select_related("legal")`` and is one that the reader may open.
    """
    return _record(
        work,
        legal=getattr(work, "legal", None),
        terms={"collections": {}, "subjects": {}, "audiences": {}},
        files=[],
        relations=[],
        orcids=authority_orcids([work.pk])[work.pk],
        harvested_from=names_of_sources([work.external_source]).get(work.external_source, ""),
    )


def records_by_ids(ids: Sequence[int], *, user: Any = None) -> list[Record]:
    """Return those of these works that ``user`` may open, in the order of ``ids``."""
    works = Work.objects.published_to(user).filter(pk__in=list(ids)).order_by().in_bulk()
    return records_of((works[pk] for pk in ids if pk in works), user=user)


def _record(
    work: Work,
    *,
    legal: LegalRecord | None,
    terms: dict[str, dict[int, tuple[Heading, ...]]],
    files: list[WorkFile],
    relations: list[RelationFact],
    orcids: dict[str, str],
    harvested_from: str = "",
) -> Record:
    rights = Rights(work.rights)
    return Record(
        id=work.pk,
        url=absolute(work_path(work.pk, work.slug)),
        ark=ark(work.pk),
        kind=work.kind,
        kind_label=str(work.get_kind_display()),
        title=work.title,
        title_en=work.title_en,
        abstract=work.abstract,
        creators=agents(work.creators, orcids),
        contributors=agents(work.contributors, orcids),
        publisher=work.publisher,
        year=work.issued_year,
        issued=work.issued_date,
        language=work.language,
        identifiers=identifiers(work.identifiers),
        rights=work.rights,
        rights_label=str(rights.label),
        rights_url=RIGHTS_URLS.get(rights, ""),
        rights_note=work.rights_note,
        source=work.source,
        coverage=work.coverage,
        resource_type=work.resource_type,
        address=work.url,
        ddc=work.ddc,
        subjects=terms["subjects"].get(work.pk, ()),
        collections=terms["collections"].get(work.pk, ()),
        audiences=terms["audiences"].get(work.pk, ()),
        page_count=work.page_count,
        files=tuple(_file(work, file) for file in files),
        thumbnail=absolute(reverse("library:thumbnail", args=[work.pk]))
        if any(file.has_thumbnail for file in files)
        else "",
        legal=_legal(legal) if legal else None,
        relations=tuple(relations),
        version=work.version,
        published_at=work.published_at or work.updated_at,
        updated_at=work.updated_at,
        harvested_from=harvested_from,
    )


def agents(people: Iterable[dict[str, Any]], orcids: Mapping[str, str] | None = None) -> tuple[Agent, ...]:
    """Return the people and bodies as kept in ``Work.creators`` and ``Work.contributors``.

    ``orcids``: by key of the name, what the authorities know beyond the work itself.
    """
    return tuple(
        Agent(
            name=str(one["name"]),
            kind=_agent_kind(one),
            role=str(one.get("role") or ""),
            orcid=str(one.get("orcid") or "") or (orcids or {}).get(name_key(str(one["name"])), ""),
        )
        for one in people
        if str(one.get("name") or "").strip()
    )


def _agent_kind(one: dict[str, Any]) -> str:
    said = str(one.get("kind") or one.get("nameType") or "").lower()
    body = said.startswith("org") if said else looks_like_body(str(one["name"]))
    return "organisation" if body else "person"


def authority_orcids(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return, by work and key of the name, the ORCID of the authority to which the name is surely tied."""
    rows = AuthorityTie.objects.filter(work_id__in=ids, certain=True).exclude(authority__orcid="")
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for work_id, name, orcid in rows.order_by().values_list("work_id", "name", "authority__orcid"):
        found[work_id][name_key(name)] = orcid
    return found


def identifiers(kept: Iterable[dict[str, Any]]) -> tuple[Identifier, ...]:
    """Return the identifiers as kept in ``Work.identifiers``."""
    return tuple(
        Identifier(str(one.get("type") or "other").lower(), str(one["value"]))
        for one in kept
        if one.get("value")
    )


def _legal(row: LegalRecord) -> LegalFacts:
    values = {name: getattr(row, name) for name in _LEGAL}
    return LegalFacts(recipients=tuple(row.recipients), **values)


def _file(work: Work, file: WorkFile) -> FileFact:
    path = reverse("library:file", args=[work.pk, file.pk])
    return FileFact(file.original_name, absolute(path), file.mime, file.size_bytes, file.sha256)


def _files(ids: list[int]) -> dict[int, list[WorkFile]]:
    found: dict[int, list[WorkFile]] = defaultdict(list)
    for file in WorkFile.objects.filter(work_id__in=ids).order_by("work_id", "position", "id"):
        found[file.work_id].append(file)
    return found


def _terms(name: str, ids: list[int]) -> dict[int, tuple[Heading, ...]]:
    """Return the terms of each work in the order of the shelf, in one query and without making records of them."""
    through: Any = getattr(Work, name).through
    term = str(Work._meta.get_field(name).related_model._meta.model_name)  # type: ignore[union-attr]  # a many-to-many
    columns = [f"{term}__key", f"{term}__name", *([f"{term}__ddc"] if name == "subjects" else [])]
    rows = through.objects.filter(work_id__in=ids).order_by(f"{term}__position", f"{term}__sort_key")
    found: dict[int, list[Heading]] = defaultdict(list)
    for work_id, *values in rows.values_list("work_id", *columns):
        found[work_id].append(Heading(*values))
    return {work_id: tuple(headings) for work_id, headings in found.items()}


def _relations(ids: list[int], user: Any) -> dict[int, list[RelationFact]]:
    rows = list(WorkRelation.objects.filter(work_id__in=ids).order_by("work_id", "kind", "id"))
    wanted = {row.target_id for row in rows if row.target_id}
    opened = (
        Work.objects.published_to(user).filter(pk__in=wanted).select_related("legal").order_by().in_bulk()
        if wanted
        else {}
    )
    found: dict[int, list[RelationFact]] = defaultdict(list)
    for row in rows:
        found[row.work_id].append(_relation(row, opened.get(row.target_id or 0)))
    return found


def _relation(row: WorkRelation, target: Work | None) -> RelationFact:
    if target is None:  # what the work itself says of the other one, and no more
        return RelationFact(row.kind, row.cited_number, row.cited_title)
    legal = getattr(target, "legal", None)
    return RelationFact(
        row.kind,
        legal.number if legal else row.cited_number,
        target.title,
        absolute(work_path(target.pk, target.slug)),
        ark(target.pk),
    )
