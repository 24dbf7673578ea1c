"""Whether a harvested work was changed here: a digest of what it says, compared with that of what we last wrote."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from khcn.library.models import LegalRecord, Work, WorkFile, WorkRelation

_WORK: Final = (
    "kind", "title", "title_en", "abstract", "body", "creators", "contributors", "publisher", "issued_year",
    "issued_date", "language", "identifiers", "rights", "rights_note", "source", "coverage", "resource_type", "url",
    "visibility", "embargo_until",
)  # fmt: skip
_LEGAL: Final = (
    "type_name", "number", "organ_name", "organ_id", "place", "signer_name", "signer_position", "recipients",
    "priority", "issued_amount", "due_date", "effective_date", "expired_date",
)  # fmt: skip


def description_digests(ids: Sequence[int]) -> dict[int, str]:
    """Return, by work, the digest of all that an update from a source would write over. A fixed number of queries."""
    said: dict[int, list[Any]] = {
        row[0]: list(row[1:]) for row in Work.objects.filter(pk__in=ids).order_by().values_list("pk", *_WORK)
    }
    parts: dict[int, list[Any]] = defaultdict(list)
    for pk, ddc in Work.objects.filter(pk__in=ids).exclude(ddc="").order_by().values_list("pk", "ddc"):
        parts[pk].append(["ddc", ddc])
    for row in LegalRecord.objects.filter(pk__in=ids).values_list("pk", *_LEGAL):
        parts[row[0]].append(["legal", *row[1:]])
    for name in ("collections", "subjects", "audiences", "units"):
        through: Any = getattr(Work, name).through
        column = f"{Work._meta.get_field(name).related_model._meta.model_name}_id"  # type: ignore[union-attr]  # many-to-many
        for pk, term in (
            through.objects.filter(work_id__in=ids).order_by("work_id", column).values_list("work_id", column)
        ):
            parts[pk].append([name, term])
    relations = WorkRelation.objects.filter(work_id__in=ids).order_by(
        "work_id", "kind", "cited_key", "cited_title", "id"
    )
    for pk, *facts in relations.values_list("work_id", "kind", "cited_number", "cited_title"):
        parts[pk].append(["relation", *facts])
    files = WorkFile.objects.filter(work_id__in=ids).order_by("work_id", "position", "id")
    for pk, sha256 in files.values_list("work_id", "sha256"):
        parts[pk].append(["file", sha256])
    return {pk: _digest([*row, *parts[pk]]) for pk, row in said.items()}


def _digest(facts: list[Any]) -> str:
    spelled = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(spelled.encode("utf-8", "replace")).hexdigest()
