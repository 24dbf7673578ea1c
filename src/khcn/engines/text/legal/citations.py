"""Documents that a document cites with a role: what it is based on, amends, replaces, repeals or guides."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from khcn.engines.text.fold import fold
from khcn.engines.text.legal.layout import fold_lines
from khcn.engines.text.legal.model import Citation, RelationKind
from khcn.engines.text.legal.types import TYPE_PATTERN
from khcn.engines.text.numbers import NumberMatch, find_document_numbers, number_key

_MAX_EVIDENCE: Final = 400
_MAX_TEXT: Final = 400_000

_BASIS_START = re.compile(
    r"^\W*(?:can cu|thuc hien|thi hanh|theo|xet|tren co so|tiep theo|de trien khai|de thuc hien)\b"
)
_PREAMBLE_END = re.compile(
    r"^\W*(?:dieu\s*1\b|quyet dinh\W*$|quyet nghi\W*$|nghi dinh\W*$|chuong\s+i\b|phan\s+(?:i|"
    r"thu nhat)\b|i\s*[./]|1\s*[./])"
)
_LAW_TITLE = re.compile(
    r"\b((?:bo luat|luat|phap lenh|hien phap)\b.{0,140}?)(?=\s+(?:ngay|so|duoc|da duoc|"
    r"nam \d)|[;.(]|, (?:luat|bo luat|phap lenh|nghi)|$)"
)

_VERBS: Final = (
    (
        RelationKind.AMENDS,
        r"sua doi(?:\s*,|\s+va)?(?:\s+bo sung)?|bo sung va sua doi|bo sung(?=\s+(?:mot so|cac|"
        r"khoan|diem|dieu|quy dinh))|dinh chinh",
    ),
    (RelationKind.REPLACES, r"thay the(?:\s+cho)?"),
    (RelationKind.REPEALS, r"bai bo|huy bo"),
    (
        RelationKind.GUIDES,
        r"huong dan(?:\s+(?:thi hanh|thuc hien|chi tiet|bo sung))?|quy dinh chi tiet(?:\s+(?:va|thi hanh))*",
    ),
)
_VERB = re.compile("|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _VERBS))
_TYPE = rf"(?:cac |nhung )?(?:{TYPE_PATTERN}|cong van|van ban)"
_COORDINATED = re.compile(
    rf"(?:[,;+]|\bva|\bhoac)\s*(?:-\s*)?(?:{_TYPE}\s*(?:cua [^,;]{{1,50}} )?)?(?:so\s*[:.]?\s*)?$"
)
_STRONGLY = re.compile(
    rf"(?:;|\n\s*[-+•*]?|, (?={_TYPE}))\s*(?:va )?(?:{_TYPE}\s*)?(?:so\s*[:.]?\s*)?$|"
    rf",\s*{_TYPE}\s*(?:so\s*[:.]?\s*)?$"
)
_NESTING = re.compile(
    r"\b(?:huong dan|quy dinh chi tiet|ve viec|sua doi|bo sung|thay the|bai bo|ban hanh|theo|"
    r"tai|can cu|thi hanh)\b"
)
_HARD_NESTING = re.compile(
    r"\b(?:huong dan|quy dinh chi tiet|quy dinh ve|ve viec|bai bo|thay the|sua doi|theo)\b"
)
_GONE = re.compile(
    r"(?:deu\s+)?(?:het hieu luc|khong con hieu luc|het gia tri|bi bai bo|duoc bai bo|duoc thay the)"
)
_SELF = re.compile(rf"\b(?:{TYPE_PATTERN}|van ban|quy che|quy dinh) nay\b")
_SELF_EFFECT = re.compile(
    r"\bnay\s+(?:co hieu luc|thay the|bai bo|sua doi|huong dan|quy dinh chi tiet)|\bva (?:thay the|bai bo)\b"
)
_CLAUSE_START = re.compile(
    r"^\W*(?:dieu\s+\d+\s*[.:]?\s*|\d+\s*[.)]\s*|[a-z]\)\s*)*(?P<verb>sua doi|bo sung|bai bo|"
    r"huy bo|thay the)\b"
)
_SPEAKS = re.compile(f"{_GONE.pattern}|{_SELF_EFFECT.pattern}|{_CLAUSE_START.pattern}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])|\n+")
_LIST_ITEM = re.compile(r"^\s*(?:[-+•*]|[a-zđ]\)|\d+[.)])\s*")


def paragraphs(lines: Iterable[str]) -> list[str]:
    """Join the lines broken by the page's width; a new paragraph begins after a full stop, a blank or a
    mark."""
    result: list[str] = []
    joinable = False
    for line in lines:
        text = " ".join(line.split())
        if not text:
            joinable = False
            continue
        starts = _LIST_ITEM.match(text) or re.match(r"^(?:Điều|Chương|Căn cứ|Nơi nhận)\b", text)
        if joinable and result and not starts:
            result[-1] += f" {text}"
        else:
            result.append(text)
        joinable = not text.endswith((".", ":", ";", "./."))
    return result


def direct_numbers(text: str, start: int = 0, *, end: int | None = None) -> Iterator[NumberMatch]:
    """Yield the numbers that are objects of what stands before ``start``, not those cited inside their
    titles.

    In "thay thế Quyết định số A về việc sửa đổi Quyết định số B; Quyết định số C": A and C.
    """
    folded = fold(text)
    at = start
    nested = False
    for match in find_document_numbers(text[:end]):
        if match.start < start:
            continue
        first = at == start
        lead = folded[at : match.start]
        at = match.end
        if lead.rstrip().endswith(("(", "(so", "(so:")):  # "Luật sửa đổi ... (số ...)": of the head noun
            nested = False
        elif first:
            nested = _HARD_NESTING.search(re.sub(r"ban hanh kem theo", "", lead)) is not None
        elif nested:
            nested = _STRONGLY.search(lead) is None
        elif _NESTING.search(lead):
            nested = _COORDINATED.search(lead) is None or bool(
                _HARD_NESTING.search(lead) and not _STRONGLY.search(lead)
            )
        if not nested:
            yield match


def _evidence(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_EVIDENCE else f"{text[: _MAX_EVIDENCE - 1]}…"


def find_basis(lines: Sequence[str]) -> list[Citation]:
    """Return what the preamble cites after "Căn cứ", "Thực hiện", "Theo": numbers, and laws by title."""
    found: list[Citation] = []
    seen: set[str] = set()
    for paragraph in _preamble(lines):
        folded = fold(paragraph)
        if not _BASIS_START.match(folded):
            continue
        numbers = list(direct_numbers(paragraph))
        for match in numbers:
            if match.number.key not in seen:
                seen.add(match.number.key)
                found.append(Citation(RelationKind.BASED_ON, match.number.full, _evidence(paragraph)))
        if not numbers and folded.lstrip("-+* ").startswith("can cu"):
            law = _LAW_TITLE.search(folded)
            title = " ".join(paragraph[law.start(1) : law.end(1)].split()) if law else ""
            if title and fold(title) not in seen and len(title) > 5:
                seen.add(fold(title))
                found.append(Citation(RelationKind.BASED_ON, "", _evidence(paragraph), title))
    return found


def _preamble(lines: Sequence[str]) -> list[str]:
    """Return the paragraphs from the first "Căn cứ" (or the like) to the enacting words."""
    kept: list[str] = []
    for line in lines[:200]:
        folded = fold(line)
        if kept and _PREAMBLE_END.match(folded):
            break
        if (
            kept
            or (_BASIS_START.match(folded) and find_document_numbers(line))
            or folded.lstrip(" -+*").startswith("can cu")
        ):
            if _BASIS_START.match(folded):
                kept.append("")  # a base always begins a paragraph
            kept.append(line)
    return paragraphs(kept)


def _from_clause(text: str, verb_at: int) -> Iterator[tuple[RelationKind, NumberMatch]]:
    """Yield the objects of the verbs from ``verb_at`` on; a verb inside an object's title is not ours."""
    folded = fold(text)
    own: list[re.Match[str]] = []
    for verb in _VERB.finditer(folded, verb_at):
        before = folded[verb_at : verb.start()]
        if not own or (
            re.search(r"(?:,|;|\bva|\bdong thoi)\s*$", before)
            and not find_document_numbers(text[own[-1].end() : verb.start()])
        ):
            own.append(verb)
    for index, verb in enumerate(own):
        end = own[index + 1].start() if index + 1 < len(own) else None
        kind = RelationKind[verb.lastgroup or "AMENDS"]
        for match in direct_numbers(text, verb.end(), end=end):
            yield kind, match


def _from_subject(type_name: str, subject: str) -> Iterator[tuple[RelationKind, NumberMatch, str]]:
    folded = fold(subject)
    verb = _VERB.search(folded)
    if verb and verb.start() <= 40:
        for kind, match in _from_clause(subject, verb.start()):
            yield kind, match, f"{type_name} {subject}"
    elif fold(type_name) == "huong dan":
        for match in direct_numbers(subject):
            yield RelationKind.GUIDES, match, f"{type_name} {subject}"


def _from_sentence(sentence: str) -> Iterator[tuple[RelationKind, NumberMatch, str]]:
    folded = fold(sentence)
    gone = _GONE.search(folded)
    clause = _CLAUSE_START.match(folded)
    effect = _SELF_EFFECT.search(folded) if _SELF.search(folded) else None
    if clause:
        for kind, match in _from_clause(sentence, clause.start("verb")):
            yield kind, match, sentence
    elif effect and (verb := _VERB.search(folded, effect.start())):
        for kind, match in _from_clause(sentence, verb.start()):
            yield kind, match, sentence
    elif gone:
        listed = folded.find(":", gone.end())
        for match in direct_numbers(
            sentence, 0 if listed < 0 else listed, end=None if listed >= 0 else gone.start()
        ):
            yield RelationKind.REPEALS, match, sentence


def _sentences(parts: Sequence[str]) -> Iterator[str]:
    """Yield the sentences that may speak of other documents; one that ends with ":" takes its list along."""
    folded = fold_lines(parts)
    for index, text in enumerate(parts):
        if not _SPEAKS.search(folded[index]):
            continue
        listed: list[str] = []
        if text.endswith(":"):
            for following in parts[index + 1 : index + 40]:
                if listed and not _LIST_ITEM.match(following):
                    break
                listed.append(following)
        if listed:
            yield "\n".join([text, *listed])
        else:
            yield from _SENTENCE.split(text)


def find_relations(type_name: str, subject: str, lines: Sequence[str], own_number: str) -> list[Citation]:
    """Return what the document does to others, from its subject and from sentences about itself."""
    found: list[Citation] = []
    seen = {number_key(own_number)}
    candidates = list(_from_subject(type_name, subject))
    for sentence in _sentences(paragraphs(_within(lines))):
        candidates.extend(_from_sentence(sentence))
    for kind, match, evidence in candidates:
        if match.number.key not in seen:
            seen.add(match.number.key)
            found.append(Citation(kind, match.number.full, _evidence(evidence)))
    return found


def _within(lines: Sequence[str]) -> Iterator[str]:
    room = _MAX_TEXT
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return
        yield line
