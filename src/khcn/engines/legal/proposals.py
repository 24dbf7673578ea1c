"""What a document's own words say it does to others: proposals for an editor, each with its sentence and page.

Only three ways of speaking count: a clause that begins with the deed ("Điều 2. Bãi bỏ ..."), the document naming itself
("Quyết định này ... thay thế ..."), and documents said to end ("... hết hiệu lực kể từ ngày Luật này có hiệu lực").
Citations inside the title of a cited document, plans ("đề nghị bãi bỏ"), denials, conditions, third parties and quoted
new wording yield nothing. Rules change the proposals that exist: raise ``RULES`` with them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from khcn.engines.legal.effect import Effect, find_effects, first_effective
from khcn.engines.legal.model import ENDING, Link
from khcn.engines.legal.parts import UNIT, exception_in, part_in, speaks_of_words
from khcn.engines.legal.reading import SELF, Sentence, evidence, sentences
from khcn.engines.text.fold import fold
from khcn.engines.text.legal.citations import direct_numbers
from khcn.engines.text.legal.dates import DATE, date_of
from khcn.engines.text.legal.types import TYPE_PATTERN
from khcn.engines.text.numbers import NumberMatch, find_document_numbers, number_key

RULES: Final = 1
_PREAMBLE: Final = 120  # paragraphs
_DATED: Final = frozenset(
    {Link.AMENDS, Link.REPLACES, Link.REPEALS, Link.CORRECTS, Link.SUSPENDS}
)  # deeds that hold from a day

_TYPE: Final = rf"(?:{TYPE_PATTERN}|bo luat|cong van|van ban)"
_VERBS: Final = (
    (Link.SUSPENDS, r"(?:tam )?ngung hieu luc(?: thi hanh)?|dinh chi(?: viec)? thi hanh"),
    (Link.CORRECTS, r"dinh chinh"),
    (
        Link.AMENDS,
        r"sua doi(?:\s*,\s*bo sung|\s+va\s+bo sung|\s+bo sung)?|bo sung(?:\s+va\s+sua doi)?"
        rf"(?=\s+(?:mot so|cac|khoan|diem|dieu|muc|chuong|phu luc|quy dinh|noi dung|{_TYPE}))"
        rf"|dieu chinh(?:\s*,\s*bo sung)?(?=\s+(?:mot so|khoan|diem|dieu \d|{_TYPE} so))",
    ),
    (Link.REPLACES, r"thay the(?:\s+cho)?"),
    (Link.REPEALS, r"bai bo|huy bo"),
    (
        Link.GUIDES,
        r"huong dan(?!\s+nay\b)(?:\s+(?:thi hanh|thuc hien|chi tiet))*|quy dinh chi tiet(?:\s+(?:va|huong dan|thi hanh))*",
    ),
)
_VERB = re.compile(r"\b(?:" + "|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _VERBS) + r")\b")
_SELF = re.compile(SELF)
_CLAUSE = re.compile(
    r"^\W*(?:dieu\s+\d+[a-z]?\s*[.:]\s*|\d{1,3}\s*[.)]\s*|[a-z]\)\s*|nay\s+)*(?=\w)(?P<rest>.)", re.DOTALL
)
_JOINED = re.compile(r"(?:,|;|\bva|\bdong thoi)\s*$")
_UNDONE = re.compile(
    r"\b(?:khong|chua|se|can|de nghi|kien nghi|de xuat|du kien|du thao|nghien cuu|tham muu|xem xet|ra soat|trinh|chuan bi|"
    r"neu|khi|truong hop|truoc khi|cho den khi|theo quy dinh|noi dung)\b"
)
_PASSIVE = re.compile(r"\b(?:duoc|bi)\s*$")
_AGENT = re.compile(r"\b(?:boi|bang|theo|tai)\b")
_GONE = re.compile(r"\b(?:het hieu luc|khong con hieu luc|het gia tri|bi bai bo|duoc bai bo|bi huy bo)\b")
_ALREADY = re.compile(r"\b(?:da|nhung|cac van ban da|con lai|tiep tuc)\s*$")
_BY_SELF = re.compile(rf"\b(?:duoc|bi)\s+(?P<verb>thay the|bai bo)\s+(?:boi|bang)\s+{SELF}")
_FROM_DAY = re.compile(rf"\b(?:ke\s+)?tu\s+{DATE}")
_DAY_AFTER = re.compile(rf"\s*(?:\([^)]*\)\s*)?,?\s*(?=ngay){DATE}")
_BASE = re.compile(r"^\W*(?:\d+\s*[.)]\s*)?(?:can cu|thuc hien|thi hanh|tiep theo|tren co so|trien khai)\b")
_BASE_INSIDE = re.compile(r"(?:,|\bva)\s+can cu\b")
_ENACTS = re.compile(
    r"^\W*(?:dieu\s*1\b|(?:quyet dinh|quyet nghi|nghi dinh|ban hanh)\W*$|chuong\s+i\b|phan\s+(?:i|thu nhat)\b|"
    r"i\s*[./]|1\s*[./])"
)
_CHUNK = re.compile(rf";\s*|\s+va\s+(?=can cu\b)|,\s+(?=(?:bo luat|luat|phap lenh|{TYPE_PATTERN})\s)")
_LAW = re.compile(
    r"\b(?:bo luat|luat|phap lenh|hien phap)\b.{0,200}?(?=\s+(?:ngay|so(?=\s*[:.]?\s*\d)|duoc|da duoc|nam \d|cua quoc hoi)\b|[;.(:]|,(?! bo sung)|$)"
)
_LAW_HEAD = re.compile(r"\b(?:bo luat|luat|phap lenh)\s[^;:.\d]{2,140}?(?=\s+so\s*[:.]?\s*$)")
_TYPE_HEAD = re.compile(rf"\b(?:{TYPE_PATTERN}|cong van)(?=\s*(?:so\s*[:.]?\s*)?$)")
_ABOUT = re.compile(
    r"\b(?:ve|v/v|ban hanh|quy dinh|phe duyet|sua doi|huong dan|cong bo)\b.{3,220}?"
    rf"(?=\s*[;.:\n]|$|\s+(?:va|,)?\s*(?:thay the|bai bo|het hieu luc|duoc|nhu sau)|,\s+{TYPE_PATTERN}\s)"
)
_OF_PART = re.compile(rf"\btai\s+(?:{UNIT}|[\s,\d]|\bva\b)+\s*(?:cua\s+)?{_TYPE}[^;.:\d]{{0,80}}$")
_LAW_OF_YEAR = re.compile(r"\b(?:bo luat|luat|phap lenh)\s[^;.:\d]{3,120}?\bnam \d{4}\b(?!\s*/)")
_CONSOLIDATION: Final = "van ban hop nhat"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One deed read from a text: this document does ``kind`` to the one cited; the other way round when ``passive``.

    ``number`` is "" for a law cited by ``title`` only. ``issued_on``: of the cited one. ``part`` of the document acted
    upon, "" for the whole. ``on``: from when it holds (as told in the sentence, else this document's own first day in
    force), None when not told.
    """

    kind: Link
    number: str
    title: str
    sentence: str
    page: int
    part: str = ""
    on: date | None = None
    issued_on: date | None = None
    passive: bool = False

    @property
    def key(self) -> str:
        """What the cited document is recognised by: the key of its number, or its folded title."""
        return number_key(self.number) if self.number else " ".join(fold(self.title).split())[:200]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a document's text says about itself and others."""

    proposals: tuple[Proposal, ...]
    effects: tuple[Effect, ...]


def read_document(
    pages: Sequence[str],
    *,
    own_number: str = "",
    own_type: str = "",
    subject: str = "",
    issued_on: date | None = None,
    effective_on: date | None = None,
) -> Reading:
    """Read a document's pages for what it does to others and from when it is in force.

    :param own_number: its number, which is no other document's. :param own_type: "Quyết định", ...
    :param subject: what it is about (trích yếu). :param effective_on: its first day in force, when known.
    """
    found = sentences(pages)
    effects = tuple(find_effects(found, issued_on))
    start = effective_on or first_effective(effects)
    read = [*_from_subject(own_type, subject), *_from_preamble(found)]
    consolidates = fold(own_type) == _CONSOLIDATION
    read += (
        list(_consolidated(found))
        if consolidates
        else [one for each in found for one in _from_sentence(each)]
    )
    own = number_key(own_number) if own_number else ""
    kept = [one for one in read if one.key and one.key != own]
    return Reading(tuple(_merged(_dated(one, start) for one in kept)), effects)


def _dated(one: Proposal, start: date | None) -> Proposal:
    if one.kind not in _DATED or one.passive or one.on is not None:
        return one
    return replace(one, on=start)


def _merged(read: Iterable[Proposal]) -> list[Proposal]:
    """Say each deed once: parts of the same document joined; the whole swallows its parts when it ends."""
    kept: dict[tuple[Link, bool, str], Proposal] = {}
    for one in read:
        held = kept.setdefault((one.kind, one.passive, one.key), one)
        if held is not one:
            better = replace(
                held,
                part=_both_parts(held, one),
                on=held.on or one.on,
                issued_on=held.issued_on or one.issued_on,
                title=max(held.title, one.title, key=len),
            )
            kept[one.kind, one.passive, one.key] = better
    return list(kept.values())


def _both_parts(first: Proposal, second: Proposal) -> str:
    if first.kind in ENDING and not (first.part and second.part):
        return ""
    parts = [part for part in (*first.part.split("; "), second.part) if part]
    exact = [part for part in parts if not fold(part).startswith("mot ")]
    return "; ".join(dict.fromkeys(exact or parts))[:500]


# --- one sentence ---


def _from_sentence(one: Sentence) -> Iterator[Proposal]:
    clear = one.clear
    verb = _VERB.search(clear)
    gone = _GONE.search(clear)
    if verb is None and gone is None:
        return
    by_self = _BY_SELF.search(clear)
    clause = _CLAUSE.match(clear)
    if by_self:
        kind = Link.REPLACES if by_self["verb"] == "thay the" else Link.REPEALS
        yield from _objects(one, kind, 0, by_self.start(), list_too=False)
    elif verb and clause and clause.start("rest") == verb.start():
        yield from _clauses(one, verb.start())
    elif verb and (named := _named_self(clear, verb)):
        yield from _of_self(one, named)
    elif gone and not _UNDONE.search(clear[: gone.start()]) and not _ALREADY.search(clear[: gone.start()]):
        yield from _ended(one, gone)


def _named_self(clear: str, verb: re.Match[str]) -> re.Match[str] | None:
    """Return the document's mention of itself as the one that speaks, before the first deed."""
    for named in _SELF.finditer(clear):
        if named.end() <= verb.start() and not re.search(
            r"\b(?:voi|cua|tai|theo|ngay)\s+$", clear[: named.start()]
        ):
            return named
        if named.end() <= verb.start() and clear[named.end() :].lstrip().startswith("co hieu luc"):
            return None
    return None


def _of_self(one: Sentence, named: re.Match[str]) -> Iterator[Proposal]:
    """Yield the deeds of "Quyết định này ... thay thế ..." and of "Quyết định này được sửa đổi bởi ..."."""
    for verb in _VERB.finditer(one.clear, named.end()):
        between = one.clear[named.end() : verb.start()]
        if _UNDONE.search(between):
            return
        if _PASSIVE.search(between):
            kind = Link[verb.lastgroup or "AMENDS"]
            agent = _AGENT.match(one.clear[verb.end() :].lstrip())
            if agent:
                yield from (replace(each, passive=True) for each in _objects(one, kind, verb.end(), None))
            return
        yield from _clauses(one, verb.start())
        return


def _clauses(one: Sentence, start: int) -> Iterator[Proposal]:
    """Yield the objects of the deeds from ``start`` on; a deed inside an object's title is not this document's."""
    own: list[re.Match[str]] = []
    for verb in _VERB.finditer(one.clear, start):
        if not own or _JOINED.search(one.clear[own[-1].end() : verb.start()]):
            own.append(verb)
    for index, verb in enumerate(own):
        end = own[index + 1].start() if index + 1 < len(own) else None
        kind = Link[verb.lastgroup or "AMENDS"]
        if kind in ENDING and speaks_of_words(one.clear, verb.end()):
            kind = Link.AMENDS
        yield from _objects(one, kind, verb.end(), end)


def _ended(one: Sentence, gone: re.Match[str]) -> Iterator[Proposal]:
    """Yield the documents said to end, before the words or in the list after them."""
    listed = one.text.find(":\n", gone.end())
    if listed >= 0:
        yield from _objects(one, Link.REPEALS, listed, None)
    else:
        but = exception_in(one.text, one.clear, gone.end())
        ended = list(_objects(one, Link.REPEALS, 0, gone.start(), list_too=False)) or _law_of_year(one, gone)
        yield from (replace(each, part=but or each.part) for each in ended)


def _law_of_year(one: Sentence, gone: re.Match[str]) -> list[Proposal]:
    """Return the law that is said to end and named by its year only: "Bộ luật hàng hải Việt Nam năm 2005"."""
    law = _LAW_OF_YEAR.search(one.clear, 0, gone.start())
    if law is None:
        return []
    title = " ".join(one.text[law.start() : law.end()].split())
    return [Proposal(Link.REPEALS, "", title, evidence(one.text, law.start()), one.page)]


def _objects(
    one: Sentence, kind: Link, start: int, end: int | None, *, list_too: bool = True
) -> Iterator[Proposal]:
    """Yield a proposal for each document that is the object of a deed in ``text[start:end]``."""
    text = _blanked(one)
    at = start
    for match in list(direct_numbers(text, start, end=end)) or _by_its_part(one, text, start, end):
        since = _FROM_DAY.search(one.clear)
        yield Proposal(
            kind=kind,
            number=match.number.full,
            title=_title(one, at, match, end),
            sentence=evidence(one.text, match.start),
            page=one.page,
            part=""
            if kind in {Link.GUIDES, Link.CONSOLIDATES}
            else part_in(one.text, one.clear, at, match.start),
            on=date_of(since) if since and kind in _DATED else None,
            issued_on=_issued(one, match),
        )
        at = match.end if list_too else at


def _by_its_part(one: Sentence, text: str, start: int, end: int | None) -> list[NumberMatch]:
    """Return the first number when its document stands right behind the part of it that the deed names.

    "Bãi bỏ quy định về việc ... tại khoản 3 Điều 27 của Luật Luật sư số ..."
    """
    first = next((match for match in find_document_numbers(text[:end]) if match.start >= start), None)
    return [first] if first and _OF_PART.search(one.clear, start, first.start) else []


def _blanked(one: Sentence) -> str:
    """Return the text without what stands in quotation marks; offsets stay."""
    return "".join(char if seen != " " else " " for char, seen in zip(one.text, one.clear, strict=True))


def _issued(one: Sentence, match: NumberMatch) -> date | None:
    after = _DAY_AFTER.match(one.folded, match.end)
    return date_of(after) if after else None


def _title(one: Sentence, start: int, match: NumberMatch, end: int | None) -> str:
    """Return what the cited document is called: "Luật Thư viện", "Quyết định về quản lý đề tài"."""
    lead = one.folded[start : match.start]
    laws = list(_LAW_HEAD.finditer(lead))
    if laws:
        at = start + laws[-1].start()
        return " ".join(one.text[at : start + laws[-1].end()].split())[:500]
    types = list(_TYPE_HEAD.finditer(lead))
    name = one.text[start + types[-1].start() : start + types[-1].end()] if types else ""
    limit = match.end + 320 if end is None else min(end, match.end + 320)
    about = _ABOUT.search(one.folded, match.end, limit)
    stop = _CHUNK.search(one.folded, match.end, limit)
    if about and about.start() - match.end < 110 and not (stop and stop.start() < about.start()):
        return " ".join(f"{name} {one.text[about.start() : about.end()]}".split())[:500]
    return " ".join(name.split())


# --- the preamble, the subject, a consolidated text ---


def _from_preamble(found: Sequence[Sentence]) -> Iterator[Proposal]:
    """Yield what the document is based on: numbers, and laws by their titles, until the enacting words."""
    begun = False
    for one in found:
        if one.paragraph > _PREAMBLE or (begun and _ENACTS.match(one.folded)):
            return
        base = _BASE.match(one.clear)
        inside = None if base and "can cu" in base.group() else _BASE_INSIDE.search(one.clear)
        if base or inside:
            begun = True
            yield from _bases(one)


def _bases(one: Sentence) -> Iterator[Proposal]:
    strictly = "can cu" in one.clear
    at = 0
    for stop in [*(match.start() for match in _CHUNK.finditer(one.clear)), len(one.text)]:
        numbers = list(direct_numbers(_blanked(one), at, end=stop))
        for match in numbers:
            if fold(match.number.type_code) == "ttr" and not one.clear.lstrip(" -+").startswith(
                "can cu to trinh"
            ):
                continue
            yield Proposal(
                Link.BASED_ON,
                match.number.full,
                _title(one, at, match, stop),
                evidence(one.text, match.start),
                one.page,
                issued_on=_issued(one, match),
            )
        law = None if numbers or not strictly else _LAW.search(one.clear, at, stop)
        if law and law.end() - law.start() > len("luat ") + 3:
            day = re.compile(rf"\s*(?=ngay){DATE}").match(one.folded, law.end())
            title = " ".join(one.text[law.start() : law.end()].split())
            yield Proposal(
                Link.BASED_ON,
                "",
                title,
                evidence(one.text, at),
                one.page,
                issued_on=date_of(day) if day else None,
            )
        at = stop


def _from_subject(own_type: str, subject: str) -> Iterator[Proposal]:
    """Yield the deeds in the document's title: "sửa đổi, bổ sung một số điều của Quyết định số ..."."""
    for one in sentences([subject]) if subject else ():
        verb = _VERB.search(one.clear)
        if (
            verb
            and verb.start() <= len(f"{own_type} ve viec ") + 20
            and not _UNDONE.search(one.clear[: verb.start()])
        ):
            yield from _clauses(one, verb.start())


def _consolidated(found: Sequence[Sentence]) -> Iterator[Proposal]:
    """Yield what a consolidated text puts together: the first document, and those that amended it."""
    for one in found[:40]:
        told = re.search(r"\bduoc sua doi(?:\s*,?\s*bo sung)?\s+(?:boi|theo)", one.clear)
        if told:
            yield from _objects(one, Link.CONSOLIDATES, 0, told.start())
            yield from _objects(one, Link.CONSOLIDATES, told.end(), None)
            return
