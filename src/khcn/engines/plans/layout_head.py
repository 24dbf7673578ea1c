"""Head and foot of a plan in running text: number, date, title, basis, signer, recipients, and what is odd about them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from khcn.engines.plans.types import Anomaly, BasisSpec, HeaderSpec, RecipientSpec, SignerSpec
from khcn.engines.plans.unit_names import UnitNames
from khcn.engines.text.fold import fold
from khcn.engines.text.legal import Citation, LegalHeader, RelationKind, parse_legal_header
from khcn.engines.text.legal.dates import find_date

_YEAR: Final = re.compile(r"\bnam\s+((?:19|20)\d\d)\b")
_ABOUT: Final = re.compile(r"\s(?:về|Về)\s+(.+)$", re.S)
_ISSUER: Final = re.compile(r"\s(?:của)\s+(.+?)\s+(?:về|Về)\s", re.S)
_MODE: Final = re.compile(r"^(?:\W*)(KT|TM|TL|TUQ|Q)(\.?)\s+[A-ZĐÀ-Ỹ]")
_STAMP: Final = re.compile(r"\bden\b.{0,20}\bso\s*:|\bchuyen\s*:|cong van den|van ban den")
_ARCHIVE: Final = re.compile(r"^\W*luu\s*:")
_NOTE: Final = re.compile(r"^(.*?)\s*\((.+?)\)\s*$")
_ON_BEHALF: Final = re.compile(r"^(?:\W*)(?:KT|TM|TL|TUQ|Q)\.?\s+(.+?)\s*$")
_DOCUMENT_KINDS: Final = (("cong van", "cong-van"), ("ke hoach", "ke-hoach"), ("quyet dinh", "quyet-dinh"), ("nghi quyet", "nghi-quyet"),
                          ("chi thi", "chi-thi"), ("nghi dinh", "nghi-dinh"), ("thong tu", "thong-tu"), ("luat", "luat"),
                          ("chuong trinh", "chuong-trinh"), ("huong dan", "huong-dan"))  # fmt: skip


def read_head(
    lines: Sequence[str], names: UnitNames, year: int | None
) -> tuple[HeaderSpec, LegalHeader | None, list[Anomaly]]:
    """Return the header, what the reader of official documents found, and what a person should look at.

    ``year``: taken when neither the title nor the date names one.
    """
    head = parse_legal_header(["\n".join(lines)])
    if head is None:
        title = _bare_title(lines)
        found = HeaderSpec(full_number="", title=title, year=_year_of(title) or year)
        return found, None, list(_oddities(lines, None))
    date = head.issued_on
    # The running number alone: "91/2015" keeps its year in the full number.
    number = head.code_number.partition("/")[0]
    spec = HeaderSpec(
        full_number=head.full_number[:60], title=(head.subject or _bare_title(lines))[:500], number=int(number) if number.isdigit() else None,
        symbol=head.code_notation, type_code=head.type_code or "KH", issuer=names.one(head.issuing_body) if head.issuing_body else "",
        place=head.place[:120], date=date, year=_year_of(head.subject) or (date.year if date else year),
        signer=SignerSpec(head.signer_name, head.signer_position, head.signing_mode, _on_behalf(lines)),
        basis=tuple(_basis(one) for one in head.legal_basis if one.kind == RelationKind.BASED_ON),
        recipients=tuple(_recipient(one, names) for one in head.recipients), archive_line=_archive(lines),
    )  # fmt: skip
    return spec, head, list(_oddities(lines, head))


def _year_of(title: str) -> int | None:
    years = _YEAR.findall(fold(title))
    return int(years[-1]) if years else None


def _bare_title(lines: Sequence[str]) -> str:
    """The line after "KẾ HOẠCH", or the first line with some words."""
    for at, line in enumerate(lines[:60]):
        if fold(line).strip(" *:") == "ke hoach":
            following = [one for one in lines[at + 1 : at + 5] if one.strip()]
            return following[0][:500] if following else ""
    return next((line[:500] for line in lines if len(line.split()) > 3), "")


def _basis(citation: Citation) -> BasisSpec:
    text = citation.evidence.strip(" -+.;")
    about, issuer, folded = _ABOUT.search(text), _ISSUER.search(text), fold(text)
    kind = next((code for words, code in _DOCUMENT_KINDS if words in folded[:80]), "")
    return BasisSpec(
        number=citation.number or citation.title[:80], subject=f"về {about[1]}"[:1000] if about else "", kind=kind,
        issuer=issuer[1][:200] if issuer else "", date=find_date(folded),
    )  # fmt: skip


def _recipient(text: str, names: UnitNames) -> RecipientSpec:
    match = _NOTE.match(text)
    shown, note = (match[1], match[2]) if match else (text, "")
    return RecipientSpec(shown[:300], names.one(shown), note[:200])


def _archive(lines: Sequence[str]) -> str:
    for line in reversed(lines):
        if _ARCHIVE.match(fold(line)):
            shown = line.strip(" -–")
            end = shown.rfind(")")
            return f"{shown[: end + 1]}." if end > 0 else shown
    return ""


def _on_behalf(lines: Sequence[str]) -> str:
    for line in reversed(lines):
        match = _ON_BEHALF.match(line.strip())
        if match and len(line) < 80:
            # "KT CHỦ TỊCH PHÓ CHỦ TỊCH" on one line: the office acted for comes first.
            words = match[1].split(" PHÓ ")[0].split("          ")[0]
            return words.capitalize()
    return ""


def _oddities(lines: Sequence[str], head: LegalHeader | None) -> Iterator[Anomaly]:
    text = " ".join(fold(" ".join(lines[:80])).split())
    if "doc lap" not in text and "xa hoi chu nghia" not in text:
        yield Anomaly("no-national-title", "phần đầu văn bản", "", found=True)
    if head is not None and head.issuing_body and head.confidence.get("issuing_body", 1.0) < 0.7:
        yield Anomaly("no-issuer", "phần đầu văn bản", head.issuing_body, found=True)
    for line in lines[-40:]:
        match = _MODE.match(line.strip())
        if match and not match[2]:
            yield Anomaly("signing-mode-dot", "chữ ký", line.strip()[:60], found=True)
            break
    for line in lines[:60]:
        if _STAMP.search(fold(line)):
            yield Anomaly("incoming-stamp", "dấu đến", line.strip()[:120], found=True)
            break
