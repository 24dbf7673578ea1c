"""The header parser for official documents in the layouts of Decree 30/2020 and before it.

>>> header = parse_legal_header([page_text])  # doctest: +SKIP
>>> header.full_number, header.issuing_body  # doctest: +SKIP
('82/KH-UBND', 'Ủy ban nhân dân Quận 5')
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from khcn.engines.text.fold import fold
from khcn.engines.text.legal.citations import find_basis, find_relations
from khcn.engines.text.legal.dates import find_date
from khcn.engines.text.legal.heading import Heading, read_heading
from khcn.engines.text.legal.layout import clean_lines, read_head
from khcn.engines.text.legal.model import Citation, LegalHeader, RelationKind
from khcn.engines.text.legal.organs import body_of_notation
from khcn.engines.text.legal.signature import Signature, read_signature
from khcn.engines.text.legal.types import DOCUMENT_TYPES, LETTER, name_of_code
from khcn.engines.text.legal.validity import find_validity

__all__ = ["DOCUMENT_TYPES", "Citation", "LegalHeader", "RelationKind", "parse_legal_header"]

# A cover or an incoming stamp may stand before the first page of the document itself.
_FIRST_PAGES: Final = 3
_MAX_PAGES: Final = 400
_FIRST_CHARS: Final = 20_000
_ENOUGH: Final = 4
_WEIGHTS: Final = {
    "national heading": 2,
    "number": 3,
    "blank number": 1,
    "running title": 2,
    "place and date": 2,
    "type": 1,
    "body": 1,
    "about": 1,
    "addressed": 1,
    "attached": 1,
    "signed": 1,
    "recipients": 1,
    "based": 1,
    "articles": 1,
}
_ARTICLE = re.compile(r"^\W*dieu\s+1\s*[.:]", re.MULTILINE)
_ENACTED = re.compile(r"(?:luat|phap lenh|nghi quyet|bo luat) nay (?:da )?duoc .{0,160}?thong qua\s+(?=ngay)")


def parse_legal_header(pages: Sequence[str]) -> LegalHeader | None:
    """Return the header of the official document whose page texts are given, or None when they are not one.

    Reads text layers, DOCX, OCR and decoded old files: columns side by side, in sequence or run together, old
    notations, small letters of old capital fonts, eth for Đ. What is not found stays empty.
    """
    for first, page in enumerate(pages[:_FIRST_PAGES]):
        lines = clean_lines(page[:_FIRST_CHARS])
        if not any(line.strip() for line in lines):
            continue
        heading = read_heading(read_head(lines), lines)
        if not _may_be(heading):
            continue
        whole = [line for text in pages[first:_MAX_PAGES] for line in (*clean_lines(text), "")]
        header = _build(heading, lines, whole)
        if header is not None:
            return header
    return None


def _may_be(heading: Heading) -> bool:
    evidence = heading.evidence
    named = bool(heading.notation) or "attached" in evidence
    formal = "national heading" in evidence and bool(heading.type_name) and "type" in evidence
    return named or formal


def _build(heading: Heading, first_page: Sequence[str], lines: Sequence[str]) -> LegalHeader | None:
    signature = read_signature(lines)
    basis = find_basis(lines)
    _complete(heading, first_page, lines)
    evidence = heading.evidence
    evidence |= {
        name
        for name, seen in (
            ("signed", bool(signature.mode or signature.name)),
            ("recipients", signature.has_recipient_list),
            (
                "based",
                any(citation.evidence.lstrip(" -+*").startswith(("Căn cứ", "căn cứ")) for citation in basis),
            ),
            ("articles", _ARTICLE.search(fold("\n".join(lines[:400]))) is not None),
        )
        if seen
    }
    if not _is_official(heading):
        return None
    number = heading.number
    full = number.full if number else ""
    effective, expires = find_validity(lines, heading.issued_on)
    return LegalHeader(
        issuing_body=heading.issuing_body,
        parent_body=heading.parent_body,
        code_number=number.code_number if number else "",
        code_notation=number.code_notation if number else heading.notation,
        full_number=full,
        place=heading.place,
        issued_on=heading.issued_on,
        type_name=heading.type_name,
        type_code=DOCUMENT_TYPES.get(heading.type_name, ""),
        subject=heading.subject,
        signer_name=signature.name,
        signer_position=signature.position,
        signing_mode=signature.mode,
        recipients=_recipients(heading, signature),
        legal_basis=tuple(basis),
        relations=tuple(find_relations(heading.type_name, heading.subject, lines, full)),
        effective_on=effective,
        expires_on=expires,
        confidence=_confidence(heading, signature),
    )


def _complete(heading: Heading, first_page: Sequence[str], lines: Sequence[str]) -> None:
    """Fill from the notation and the text what the head did not say."""
    code = heading.number.type_code if heading.number else ""
    if not heading.type_name:
        heading.type_name = name_of_code(code) or (LETTER if "addressed" in heading.evidence else "")
    text = "\n".join(lines)
    if not heading.issuing_body:
        heading.issuing_body = body_of_notation(heading.notation, heading.place, text[:20_000])
        if heading.issuing_body:
            heading.evidence.add("inferred body")
    if heading.issued_on is None:
        folded = " ".join(fold(text).split())
        enacted = _ENACTED.search(folded)
        if enacted:
            heading.issued_on = find_date(folded[enacted.end() : enacted.end() + 60])


def _is_official(heading: Heading) -> bool:
    """Tell an official document from a form, an article about one, or a text that only cites one."""
    evidence = heading.evidence
    score = sum(_WEIGHTS.get(name, 0) for name in evidence)
    if "running title" in evidence:
        return bool(evidence & {"based", "articles", "signed", "recipients"})
    if heading.number is None and "blank number" not in evidence:
        return score > _ENOUGH and bool(evidence & {"place and date", "signed", "recipients"})
    if "attached" in evidence:
        return "national heading" in evidence and "type" in evidence
    return score > _ENOUGH


def _recipients(heading: Heading, signature: Signature) -> tuple[str, ...]:
    """Join "Kính gửi" and "Nơi nhận"; "Như trên" stands for the former."""
    listed = [name for name in signature.recipients if not fold(name).startswith("nhu tren")]
    return tuple(dict.fromkeys([*heading.addressees, *listed]))


def _confidence(heading: Heading, signature: Signature) -> Mapping[str, float]:
    evidence = heading.evidence
    code_type = name_of_code(heading.number.type_code) if heading.number else ""
    agrees = bool(code_type) and code_type == heading.type_name
    fields: dict[str, float] = {}
    if heading.number:
        fields["full_number"] = (
            0.6 if "attached" in evidence else 0.95 if agrees or "type" not in evidence else 0.8
        )
    if heading.type_name:
        fields["type_name"] = 0.98 if agrees else 0.9 if "type" in evidence else 0.7
    if heading.issuing_body:
        fields["issuing_body"] = 0.5 if "inferred body" in evidence else 0.9
    if heading.issued_on:
        fields["issued_on"] = 0.95 if evidence & {"place and date", "running title"} else 0.7
    if heading.place:
        fields["place"] = 0.9
    if heading.subject:
        fields["subject"] = 0.85 if "type" in evidence or "about" in evidence else 0.6
    if signature.name:
        fields["signer_name"] = 0.9 if signature.mode or signature.position else 0.6
    if signature.position:
        fields["signer_position"] = 0.85
    main = ("full_number", "type_name", "issuing_body", "issued_on", "subject")
    fields["overall"] = round(sum(fields.get(name, 0.0) for name in main) / len(main), 2)
    return MappingProxyType(fields)
