"""Identifiers given by others: DOI, ISBN, ISSN, Handle for works, ORCID for people. Checked and brought to one form.

The rules are those of ``idutils`` (check digits of ISBN, ISSN and ORCID included); a DOI or Handle may in addition hold
no blank and no control character, because it becomes an address. Numbers are never looked up on the network.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from khcn.engines.records.types import Identifier

MAX_LENGTH: Final = 300
_UNFIT: Final = re.compile(r"[\s\x00-\x1f\x7f<>\"`{}|\\^]")
_PREFIX: Final = re.compile(r"\s*(doi|isbn|issn|handle|hdl)\s*[:：]\s*(.*)", re.I | re.S)
_RESOLVER: Final = re.compile(
    r"https?://(?:(?:dx\.)?(doi)\.org|hdl\.(handle)\.net|portal\.(issn)\.org/resource/ISSN)/(.*)", re.I
)


class BadIdentifierError(ValueError):
    """``value`` is no identifier of this ``scheme``."""

    def __init__(self, scheme: str, value: str) -> None:
        super().__init__(f"{value!r} is no {scheme}")
        self.scheme, self.value = scheme, value


def _rule(name: str) -> Callable[[str], Any]:
    """Return a rule of ``idutils`` that loads it when first asked: it costs half a second of every start otherwise."""

    def ask(text: str) -> Any:
        import idutils  # noqa: PLC0415

        return getattr(idutils, name)(text)

    return ask


@dataclass(frozen=True, slots=True)
class Scheme:
    """How identifiers of one kind are checked, brought to one form and looked up ("" where nobody resolves them)."""

    key: str
    label: str
    example: str
    check: Callable[[str], object]
    normal: Callable[[str], str]
    resolver: str


SCHEMES: Final = {
    scheme.key: scheme
    for scheme in (
        Scheme("doi", "DOI", "10.1000/182", _rule("is_doi"), _rule("normalize_doi"), "https://doi.org/"),
        Scheme("isbn", "ISBN", "978-0-306-40615-7", _rule("is_isbn"), _rule("normalize_isbn"), ""),
        Scheme(
            "issn",
            "ISSN",
            "0378-5955",
            _rule("is_issn"),
            _rule("normalize_issn"),
            "https://portal.issn.org/resource/ISSN/",
        ),
        Scheme(
            "handle",
            "Handle",
            "2027/mdp.123",
            _rule("is_handle"),
            _rule("normalize_handle"),
            "https://hdl.handle.net/",
        ),
        Scheme(
            "orcid",
            "ORCID",
            "0000-0002-1825-0097",
            _rule("is_orcid"),
            _rule("normalize_orcid"),
            "https://orcid.org/",
        ),
    )
}
WORK_SCHEMES: Final = ("doi", "isbn", "issn", "handle")


def normal_identifier(scheme: str, value: str) -> str:
    """Return an identifier of one of ``SCHEMES`` in its one form (bare, without resolver or "doi:").

    :raises BadIdentifierError: when it is none, e.g. a wrong check digit.
    """
    known = SCHEMES[scheme]
    text = value.strip()
    match = _RESOLVER.fullmatch(text) or _PREFIX.fullmatch(text)
    if match is not None and scheme != "orcid":
        text = str(match[match.lastindex or 0]).strip()
    if not text or len(text) > MAX_LENGTH or (scheme in {"doi", "handle"} and _UNFIT.search(text)):
        raise BadIdentifierError(scheme, value)
    try:
        fits = bool(known.check(text))
        normal = str(known.normal(text) or "") if fits else ""
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
    ):  # the checkers expect friendlier texts
        normal = ""
    if not normal:
        raise BadIdentifierError(scheme, value)
    return normal.lower() if scheme == "doi" else normal


def detect_identifier(value: str) -> Identifier | None:
    """Return what a bare text says it is ("doi:10...", "ISBN 978...", a resolver's address, a DOI), or ``None``.

    A Handle is never guessed: nearly every number with a slash (82/KH-UBND) looks like one.
    """
    text = value.strip()
    match = _RESOLVER.fullmatch(text) or _PREFIX.fullmatch(text)
    if match is not None:
        said = next(part for part in match.groups() if part).lower()
        candidates: tuple[str, ...] = ("handle" if said == "hdl" else said,)
    elif text.startswith("10."):
        candidates = ("doi",)
    else:
        candidates = ("isbn", "issn") if re.fullmatch(r"[\dxX\s-]{8,20}", text) else ()
    for scheme in candidates:
        try:
            return Identifier(scheme, normal_identifier(scheme, text))
        except BadIdentifierError:
            continue
    return None


def resolver_url(scheme: str, value: str) -> str:
    """Return the address at which an identifier (in its one form) is looked up, "" when there is none."""
    known = SCHEMES.get(scheme)
    if known is None or not known.resolver:
        return ""
    return known.resolver + "".join(
        letter if letter not in "#?%" else f"%{ord(letter):02X}" for letter in value
    )
