"""What belongs to works, for many of them at once: each kind in one query, as plain values by the number of the work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, NamedTuple

from khcn.engines.records.name_keys import name_key
from khcn.engines.records.types import Heading, LegalFacts
from khcn.library.models import AuthorityTie, LegalRecord, Work, WorkFile, WorkRelation
from khcn.library.selectors.among import Among

_LEGAL: Final = (
    "number", "code_number", "code_notation", "type_name", "organ_name", "organ_id", "place", "signer_name",
    "signer_position", "recipients", "priority", "issued_amount", "effective_date", "expired_date",
)  # fmt: skip
_RECIPIENTS: Final = _LEGAL.index("recipients")
_LEGAL_VALUES: Final = attrgetter(*_LEGAL)


class FileRow(NamedTuple):
    """One original file."""

    id: int
    original_name: str
    mime: str
    size_bytes: int
    sha256: str
    has_thumbnail: bool


class RelationRow(NamedTuple):
    """How a work says that it stands to another."""

    kind: str
    target_id: int | None
    cited_number: str
    cited_title: str


class TargetRow(NamedTuple):
    """A work that another one points at and that the reader may open. ``number`` is ``None`` without legal fields."""

    id: int
    slug: str
    title: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """What belongs to the works of one batch, by the number of the work; ``opened`` by the number of the target."""

    legal: Mapping[int, LegalFacts] = field(default_factory=dict)
    collections: Mapping[int, tuple[Heading, ...]] = field(default_factory=dict)
    subjects: Mapping[int, tuple[Heading, ...]] = field(default_factory=dict)
    audiences: Mapping[int, tuple[Heading, ...]] = field(default_factory=dict)
    files: Mapping[int, Sequence[FileRow]] = field(default_factory=dict)
    relations: Mapping[int, Sequence[RelationRow]] = field(default_factory=dict)
    opened: Mapping[int, TargetRow] = field(default_factory=dict)
    orcids: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def held_by(ids: Sequence[int], user: Any) -> Held:
    """Return what belongs to these works; of the targets of their relations only those that ``user`` may open."""
    relations = _relations(ids)
    return Held(
        legal=_legal(ids),
        collections=_terms("collections", ids),
        subjects=_terms("subjects", ids),
        audiences=_terms("audiences", ids),
        files=_files(ids),
        relations=relations,
        opened=_opened({one.target_id for rows in relations.values() for one in rows if one.target_id}, user),
        orcids=authority_orcids(ids),
    )


def legal_of(row: LegalRecord) -> LegalFacts:
    """Return the legal fields of a work at hand."""
    return _facts(_LEGAL_VALUES(row))


def _facts(values: tuple[Any, ...]) -> LegalFacts:
    named = dict(zip(_LEGAL, values, strict=True))
    named["recipients"] = tuple(values[_RECIPIENTS])
    return LegalFacts(**named)


def _legal(ids: Sequence[int]) -> dict[int, LegalFacts]:
    rows = LegalRecord.objects.filter(Among("pk", ids)).order_by().values_list("pk", *_LEGAL)
    return {pk: _facts(values) for pk, *values in rows}


def authority_orcids(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return, by work and key of the name, the ORCID of the authority to which the name is surely tied."""
    if not ids:
        return defaultdict(dict)
    rows = AuthorityTie.objects.filter(Among("work_id", ids), certain=True).exclude(authority__orcid="")
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for work_id, name, orcid in rows.order_by().values_list("work_id", "name", "authority__orcid"):
        found[work_id][name_key(name)] = orcid
    return found


def _files(ids: Sequence[int]) -> dict[int, list[FileRow]]:
    rows = WorkFile.objects.filter(Among("work_id", ids)).order_by("work_id", "position", "id")
    found: dict[int, list[FileRow]] = defaultdict(list)
    for work_id, *values in rows.values_list("work_id", *FileRow._fields):
        found[work_id].append(FileRow._make(values))
    return found


def _terms(name: str, ids: Sequence[int]) -> dict[int, tuple[Heading, ...]]:
    """Return the terms of each work in the order of the shelf."""
    through: Any = getattr(Work, name).through
    term = str(Work._meta.get_field(name).related_model._meta.model_name)  # type: ignore[union-attr]  # a many-to-many
    columns = [f"{term}__key", f"{term}__name", *([f"{term}__ddc"] if name == "subjects" else [])]
    rows = through.objects.filter(Among("work_id", ids)).order_by(f"{term}__position", f"{term}__sort_key")
    headings: dict[tuple[str, ...], Heading] = {}  # works of one batch share their shelves
    found: dict[int, list[Heading]] = defaultdict(list)
    for work_id, *values in rows.values_list("work_id", *columns):
        key = tuple(values)
        if key not in headings:
            headings[key] = Heading(*values)
        found[work_id].append(headings[key])
    return {work_id: tuple(held) for work_id, held in found.items()}


def _relations(ids: Sequence[int]) -> dict[int, list[RelationRow]]:
    rows = WorkRelation.objects.filter(Among("work_id", ids)).order_by("work_id", "kind", "id")
    found: dict[int, list[RelationRow]] = defaultdict(list)
    for work_id, *values in rows.values_list("work_id", *RelationRow._fields):
        found[work_id].append(RelationRow._make(values))
    return found


def _opened(wanted: set[int], user: Any) -> dict[int, TargetRow]:
    if not wanted:
        return {}
    works = Work.objects.published_to(user).filter(Among("pk", wanted)).order_by()
    rows = works.values_list("pk", "slug", "title", "legal__number")
    return {row[0]: TargetRow._make(row) for row in rows}
