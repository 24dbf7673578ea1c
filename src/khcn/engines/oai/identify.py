"""Which identifiers stand in a field, in their normal forms, and which address leads home."""

import re
from collections.abc import Iterable
from typing import Final

from khcn.engines.oai.clean import web_address
from khcn.engines.records.types import Identifier

_DOI: Final = re.compile(r"^(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S{1,200})$", re.I)
_ISBN: Final = re.compile(
    r"^(?:urn:)?(?:isbn)?(?:-1[03])?[:\s]*((?:97[89][- ]?)?[\d][\d -]{7,14}[\dXx])$", re.I
)
_ISSN: Final = re.compile(r"^(?:urn:)?issn[:\s]*(\d{4}-?\d{3}[\dXx])$", re.I)
_ARK: Final = re.compile(r"^(?:https?://[^\s/]{1,200}/)?(ark:/?[0-9a-z]{5,9}/\S{1,150})$", re.I)
_TRIAL: Final = re.compile(r"ark:/?99999/", re.I)
_HANDLE: Final = re.compile(r"^(?:hdl:|https?://hdl\.handle\.net/)(\d[\d.]{0,40}/\S{1,150})$", re.I)


def isbn13(said: str) -> str:
    """Return the 13 digits of an ISBN whose check digit is right, or ""."""
    digits = re.sub(r"[\s-]", "", said).upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        total = sum((10 - place) * (10 if char == "X" else int(char)) for place, char in enumerate(digits))
        if total % 11:
            return ""
        digits = "978" + digits[:9]
        return digits + _check13(digits)
    if re.fullmatch(r"97[89]\d{10}", digits) and _check13(digits[:12]) == digits[12]:
        return digits
    return ""


def _check13(digits: str) -> str:
    return str(-sum(int(char) * (3 if place % 2 else 1) for place, char in enumerate(digits)) % 10)


def identifier_of(said: str, scheme: str = "") -> Identifier | None:
    """Return one identifier, recognised by its form (or the ``scheme`` that the source gives), or ``None``."""
    said = said.strip()[:1000]
    if not said:
        return None
    for name, pattern in (("doi", _DOI), ("ark", _ARK), ("handle", _HANDLE), ("issn", _ISSN)):
        if match := pattern.match(said):
            return Identifier(name, match[1].lower() if name in {"doi", "ark"} else match[1])
    if (match := _ISBN.match(said)) and (found := isbn13(match[1])):
        return Identifier("isbn", found)
    if web_address(said):
        return Identifier("url", said)
    return Identifier((scheme or "other").lower()[:40], said[:300])


def identifiers_of(found: Iterable[Identifier | None]) -> tuple[Identifier, ...]:
    """Return the different ones, without addresses (those lead home, see :func:`home_of`)."""
    return tuple(dict.fromkeys(one for one in found if one is not None and one.scheme != "url"))


def home_of(found: Iterable[Identifier | None]) -> str:
    """Return the address at which a reader finds the work at its source, or ""."""
    known = [one for one in found if one is not None]
    pages = [one.value for one in known if one.scheme == "url"]
    pages.sort(
        key=lambda address: address.lower().rsplit("?", 1)[0].endswith((".pdf", ".docx", ".jpg", ".xml"))
    )
    if pages:
        return pages[0]
    for scheme, base in (("doi", "https://doi.org/"), ("handle", "https://hdl.handle.net/")):
        for one in known:
            if one.scheme == scheme and web_address(base + one.value):
                return base + one.value
    return ""


def match_keys(found: Iterable[Identifier]) -> tuple[str, ...]:
    """Return the keys by which two records of the same thing know each other.

    An ISSN names a series, so not it; an ARK of the number for trials (99999) names different things everywhere.
    """
    return tuple(
        f"{one.scheme}:{one.value.lower()}"
        for one in found
        if one.scheme in {"doi", "isbn", "ark", "handle"} and not _TRIAL.match(one.value)
    )
