"""Identifiers as works keep them (``{"type", "value"}``), checked; ORCIDs of people; and the sentences for bad ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.engines.records.pids import (
    SCHEMES,
    WORK_SCHEMES,
    BadIdentifierError,
    detect_identifier,
    normal_identifier,
)
from khcn.library.errors import InvalidFieldError

Kept = dict[str, str]
MAX_IDENTIFIERS: Final = 50


def bad_identifier_text(error: BadIdentifierError) -> str:
    """Return the sentence for an identifier that is none."""
    scheme = SCHEMES[error.scheme]
    return _(
        "“%(value)s” chưa phải %(scheme)s đúng (sai dạng hoặc sai số kiểm tra). "
        "Hãy đối chiếu với bản gốc; ví dụ đúng: %(example)s."
    ) % {"value": error.value[:80], "scheme": scheme.label, "example": scheme.example}


def normal_pair(kind: str, value: str) -> Kept:
    """Return an identifier as works keep it. Kinds that nobody checks stay as written.

    :raises BadIdentifierError: for a DOI, ISBN, ISSN or Handle that is none.
    """
    kind, value = kind.strip().lower() or "other", value.strip()
    if kind in WORK_SCHEMES:
        return {"type": kind, "value": normal_identifier(kind, value)}
    if kind in {"other", "url", "uri"} and (found := detect_identifier(value)) is not None:
        return {"type": found.scheme, "value": found.value}
    return {"type": kind[:40], "value": value[:300]}


def normal_identifiers(kept: Iterable[Mapping[str, Any]]) -> list[Kept]:
    """Return the identifiers of a work in their one form, each once.

    :raises InvalidFieldError: naming the first that is none.
    """
    found: list[Kept] = []
    for one in list(kept)[:MAX_IDENTIFIERS]:
        if not str(one.get("value") or "").strip():
            continue
        try:
            pair = normal_pair(str(one.get("type") or ""), str(one["value"]))
        except BadIdentifierError as error:
            raise InvalidFieldError("identifiers", bad_identifier_text(error)) from error
        if pair not in found:
            found.append(pair)
    return found


def normal_people(people: Iterable[Mapping[str, Any]], field: str) -> list[dict[str, Any]]:
    """Return people with their ORCIDs in the one form.

    :raises InvalidFieldError: naming ``field`` and the ORCID that is none.
    """
    found = []
    for person in people:
        one = dict(person)
        if str(one.get("orcid") or "").strip():
            try:
                one["orcid"] = normal_identifier("orcid", str(one["orcid"]))
            except BadIdentifierError as error:
                raise InvalidFieldError(field, bad_identifier_text(error)) from error
        else:
            one.pop("orcid", None)
        found.append(one)
    return found


def identifiers_with(kept: Sequence[Mapping[str, Any]], values: Mapping[str, Sequence[str]]) -> list[Kept]:
    """Return the identifiers of a work with those of the kinds in ``values`` replaced; others stay."""
    others = [
        {"type": str(one.get("type", "other")), "value": str(one.get("value", ""))}
        for one in kept
        if str(one.get("type", "")).lower() not in values
    ]
    new = [{"type": kind, "value": value} for kind, many in values.items() for value in many]
    return [*new, *others]
