"""Computed facts of a work that need no database: keys, slugs, dates."""

from datetime import date
from typing import Any

from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold, normalize
from khcn.engines.text.numbers import number_key, parse_document_number
from khcn.engines.text.slug import slugify_vi

MAX_SLUG = 100


def organ_key(name: str) -> str:
    """Return the form by which issuing bodies are compared: folded, single spaces."""
    return " ".join(fold(normalize(name)).split())[:200]


def work_keys(title: str) -> dict[str, str]:
    """Return the slug and the sort key of a title. The slug of a published work is never made anew."""
    return {"slug": slugify_vi(title, MAX_SLUG), "sort_key": sort_key(title)}


def legal_keys(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an official document completed with its number's parts and comparison keys."""
    number = str(values.get("number") or "")
    parsed = parse_document_number(number) if number else None
    parts = {}
    if parsed and len(parsed.code_number) <= 11 and len(parsed.code_notation) <= 30:
        parts = {"code_number": parsed.code_number, "code_notation": parsed.code_notation}
    return {
        **parts,
        **values,
        "number_key": number_key(parsed.full if parsed else number)[:60] if number else "",
        "organ_key": organ_key(str(values.get("organ_name") or "")),
    }


def people_names(people: list[dict[str, Any]]) -> list[str]:
    """Return the names of creators or contributors, which are kept as DataCite records (``{"name": ...}``)."""
    return [str(person.get("name", "")) for person in people if person.get("name")]


def embargoed(embargo_until: date | None, today: date) -> bool:
    """Whether a work must not be read yet."""
    return embargo_until is not None and embargo_until > today
