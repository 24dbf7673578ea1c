"""Type, number, date, issuing body and subject, from the pieces of the first page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from khcn.engines.text.fold import fold
from khcn.engines.text.legal.dates import find_date
from khcn.engines.text.legal.layout import Part, Piece
from khcn.engines.text.legal.organs import (
    is_organ_line,
    is_plain_case,
    join_organ_lines,
    organ_name,
    sentence_case,
)
from khcn.engines.text.legal.types import LETTER, TYPE_PATTERN, match_type_line, name_of_code
from khcn.engines.text.numbers import DocumentNumber, find_document_numbers

MAX_SUBJECT: Final = 600
_MAX_SUBJECT_LINES: Final = 14

# Words with which the text after the subject begins.
_BODY = re.compile(
    r"^\W*(?:can cu|thuc hien|thi hanh|theo (?:de|tinh|chi|tinh than|chuong)|de (?:trien|tiep|"
    r"thuc|dam|kip|tang)|xet\b|"
    r"tiep theo|trien khai|tren co so|nham\b|kinh gui|dieu \d|chuong [\divx]+\b|phan (?:thu|"
    r"[ivx]+)\b|muc luc|"
    r"[ivx]{1,4}\s*[./)-]|\d{1,2}\s*[./)-]\s*\w|a\s*[./)-]|quyet dinh\W*$|quyet nghi\W*$|nghi dinh\W*$|"
    r"trong (?:thoi|nhung)|nam \d{4},|hom nay|vua qua|qua \w+ \w+|hien nay|duoc su|"
    r"(?:uy ban|hoi dong|so|bo|phong|ubnd)\b.{3,80}(?:bao cao|thong bao|ban hanh|xay dung|"
    r"huong dan|de nghi|nhan duoc)\b)"
)
_AUTHORITY = re.compile(
    r"^\W*(?:bo truong|chu tich|pho chu tich|thu tuong|thong doc|tong giam doc|giam doc|"
    r"truong (?:phong|ban)|hieu truong|"
    r"chanh an|vien truong|cuc truong|tong cuc truong|chinh phu|quoc hoi|uy ban|hoi dong|"
    r"chu nhiem|tong thanh tra)\b"
)
_NOISE = re.compile(
    r"^\W*(?:cong van den|den so|den\W*$|so den|ngay\s*:|chuyen\s*:|luu ho so|page\s*\d|trang \d|\d+\W*$)"
)
# "V/v", and what OCR makes of it ("V/", "W⁄%").
_ABOUT_LETTER = re.compile(r"^\W*(?:v\s*[/⁄]\s*v?(?!\w)|w\s*[/⁄%]+|ve viec\b)[^\w(]*")
_ATTACHED = re.compile(rf"\(?\s*(?:ban hanh\s*)?kem theo\s+(?:{TYPE_PATTERN}|cong van)\s*(?:so)?\W*")
_TITLE = re.compile(rf"^\W*{TYPE_PATTERN}\s+(?:cua\s+(?P<organ>[^\d]{{3,80}}?)\s+)?so\s*[:.]?\s*(?=\d)")
_OF_ORGAN = re.compile(
    r"^\s*[,;]?\s*cua\s+(?P<organ>[^\d,;]{3,90}?)\s+(?=ve\b|v/v|huong dan|quy dinh|ban hanh|sua doi|bo sung)"
)
# A line of a subject that cannot end there.
_OPEN_SUBJECT = re.compile(
    r"(?:[,-]|\b(?:va|cua|ve|tren|tai|doi voi|cho|cac|so|ngay|nam|thang|bo truong|chu tich|"
    r"thong doc|giam doc so))\s*$"
)
_KEM_THEO = re.compile(r"^\W*(?:ban hanh )?kem theo\b")
_TITLE_END = re.compile(r"^\W*(?:can cu|theo de nghi|dieu \d|chuong i\b|kinh gui|xet\b)")
_SPACES = re.compile(r"\s+")


@dataclass(slots=True)
class Heading:
    """What the first page says. ``evidence`` names what was seen, for the decision and the confidence."""

    type_name: str = ""
    subject: str = ""
    number: DocumentNumber | None = None
    notation: str = ""
    issued_on: date | None = None
    place: str = ""
    parent_body: str = ""
    issuing_body: str = ""
    addressees: list[str] = field(default_factory=list)
    evidence: set[str] = field(default_factory=set)


def flat(text: str) -> str:
    """Return ``text`` with runs of white space as one space, trimmed."""
    return _SPACES.sub(" ", text).strip()


def _type_at(pieces: Sequence[Piece]) -> int | None:
    """Return the index of the piece that names the type as a title."""
    for index, piece in enumerate(pieces):
        if piece.part is Part.TEXT:
            found = match_type_line(piece.text)
            if found:
                return index
            folded = fold(piece.text)
            if folded.startswith(("can cu", "kinh gui", "dieu 1")):
                return None
    return None


def _ends_subject(piece: Piece, collected: list[str], after_gap: bool) -> bool:
    folded = fold(piece.text)
    if not collected:
        return bool(re.match(r"^\W*(?:can cu\b|kinh gui|dieu 1\b|chuong i\b)", folded))
    if _OPEN_SUBJECT.search(fold(collected[-1])) and not folded.startswith(("can cu", "kinh gui", "dieu ")):
        return False
    if _BODY.match(folded) or _KEM_THEO.match(folded) or re.match(r"Ngày \d", piece.text):
        return True
    if _AUTHORITY.match(folded) and (piece.text.isupper() or (after_gap and is_plain_case(piece.text))):
        return True
    if after_gap:
        goes_on = piece.text[:1].islower() and not is_plain_case(collected[-1])
        return not (goes_on or folded.startswith("("))
    return False


def _is_own(piece: Piece, heading: Heading) -> bool:
    """Tell the document's own number and date from those of a document that its subject cites."""
    own_date = piece.issued_on == heading.issued_on and piece.place == heading.place
    return piece.number == heading.number if piece.part is Part.NUMBER else own_date


def _subject_after(pieces: Sequence[Piece], first: str, heading: Heading) -> str:
    """Return the subject: ``first`` (what followed the type on its line) and the lines after it."""
    collected = [first] if _has_words(first) else []
    after_gap = False
    for piece in pieces:
        if piece.part is Part.GAP:
            after_gap = True
            continue
        if piece.part in (Part.NUMBER, Part.DATE) and _is_own(piece, heading):
            continue
        if piece.part is Part.HEADING or len(collected) >= _MAX_SUBJECT_LINES:
            break
        if _NOISE.match(fold(piece.text)):
            continue
        if _ends_subject(piece, collected, after_gap):
            break
        collected.append(piece.text)
        after_gap = False
        if len(" ".join(collected)) > MAX_SUBJECT:
            break
    return _clean_subject(" ".join(collected))


def _has_words(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]{2,}", text)) >= 1


def _clean_subject(text: str) -> str:
    subject = flat(text)
    attached = re.search(r"\(\s*(?:ban hanh\s*)?kem theo", fold(subject))
    if attached:
        subject = subject[: attached.start()]
    about = _ABOUT_LETTER.match(fold(subject))
    if about:
        subject = f"Về việc {subject[about.end() :]}"
    subject = subject.strip(" .:;*_-|/")
    if is_plain_case(subject):
        subject = sentence_case(subject, body=False)
    return subject[:1].upper() + subject[1:]


def _read_letter(pieces: Sequence[Piece], heading: Heading) -> None:
    """Read an official letter ("công văn"): "V/v ..." under the number, then "Kính gửi"."""
    numbered = next((index + 1 for index, piece in enumerate(pieces) if piece.part is Part.NUMBER), 0)
    about = [i for i, piece in enumerate(pieces) if _ABOUT_LETTER.match(fold(piece.text))]
    # Where OCR lost the "V/v", the lines between the number and "Kính gửi" are the subject all the same.
    start = about[0] if about else numbered
    if not about and not any(fold(piece.text).startswith("kinh gui") for piece in pieces[start:]):
        return
    collected: list[str] = []
    for piece in pieces[start:]:
        folded = fold(piece.text)
        if folded.startswith("kinh gui") or (collected and _BODY.match(folded)):
            break
        if piece.part is Part.TEXT and not (is_organ_line(piece.text) and piece.text.isupper()):
            collected.append(piece.text)
        elif piece.part is Part.GAP and collected:
            break
    if collected:
        heading.subject = _clean_subject(" ".join(collected))
        heading.type_name = LETTER
        heading.evidence.add("about")


def _read_addressees(pieces: Sequence[Piece], heading: Heading) -> None:
    """Read "Kính gửi: ..." up to the first sentence of the text."""
    started = False
    for piece in pieces:
        text = piece.text.strip()
        match = re.match(r"^\W*kinh gui\s*[:.]?\s*", fold(text))
        if match:
            started = True
            heading.evidence.add("addressed")
            text = text[match.end() :]
        elif not started:
            continue
        elif piece.part is Part.GAP:
            if heading.addressees:
                break
            continue
        elif (
            piece.part is not Part.TEXT
            or _BODY.match(fold(text))
            or len(heading.addressees) >= 30
            or (heading.addressees and not text.startswith(("-", "+", "•")) and not text[:1].islower())
        ):
            break
        if not text:
            continue
        if heading.addressees and text[:1].islower():
            heading.addressees[-1] = f"{heading.addressees[-1]} {text}".strip(" ;.,")
        else:
            heading.addressees.append(text.strip(" -+•;.,"))
    heading.addressees = [name for name in heading.addressees if _has_words(name)]


def _read_running_title(text: str, heading: Heading) -> bool:
    """Read "Nghị định của Chính phủ số 117/2003/NĐ-CP ngày 10/10/2003 về việc ...", as law collections print
    it."""
    line = flat(text)
    folded = fold(line)
    match = _TITLE.match(folded)
    found = match_type_line(line)
    numbers = find_document_numbers(line)
    if not match or not found or not numbers or numbers[0].start > match.end() + 1:
        return False
    own = numbers[0]
    heading.type_name, heading.number, heading.notation = found.name, own.number, own.number.code_notation
    if match["organ"]:
        heading.issuing_body = organ_name(line[match.start("organ") : match.end("organ")])
    rest, rest_folded = line[own.end :], folded[own.end :]
    dated = re.match(r"^\W*ngay\s*\d{1,2}\s*(?:thang|[/.-])\s*\d{1,2}\s*(?:nam|[/.-])\s*\d{4}", rest_folded)
    if dated:
        heading.issued_on = find_date(dated.group())
        rest, rest_folded = rest[dated.end() :], rest_folded[dated.end() :]
    organ = _OF_ORGAN.match(rest_folded)
    if organ:
        heading.issuing_body = organ_name(rest[organ.start("organ") : organ.end("organ")])
        rest = rest[organ.end() :]
    heading.subject = _clean_subject(rest)
    heading.evidence.update(("running title", "number", "type"))
    return True


def _read_attachment(lines: Sequence[str], heading: Heading) -> None:
    """Take number and date from "(Ban hành kèm theo Quyết định số ... ngày ... của ...)" of an attached
    text."""
    text = flat(" ".join(lines[:60]))
    match = _ATTACHED.search(fold(text))
    if match is None:
        return
    clause = text[match.end() : match.end() + 250]
    found = find_document_numbers(f"số {clause}")
    if not found or found[0].start > 8:
        return
    heading.number = heading.number or found[0].number
    heading.notation = heading.notation or found[0].number.code_notation
    heading.issued_on = heading.issued_on or find_date(fold(clause)[:120])
    organ = re.search(r"\bcua\s+((?:ubnd|uy ban|hdnd|hoi dong|bo|so|chu tich)[^)\d]{3,80})\)", fold(clause))
    if organ and not heading.issuing_body:
        heading.issuing_body = organ_name(clause[organ.start(1) : organ.end(1)])
    heading.evidence.add("attached")


def _collect_markers(pieces: Sequence[Piece], heading: Heading) -> None:
    for piece in pieces:
        if piece.part is Part.HEADING:
            heading.evidence.add("national heading")
        elif piece.part is Part.NUMBER and not heading.notation:
            heading.number, heading.notation = piece.number, piece.notation
            heading.evidence.add("number" if piece.number else "blank number")
        elif piece.part is Part.DATE and not heading.place:
            heading.issued_on, heading.place = piece.issued_on, piece.place
            heading.evidence.add("place and date")


def _read_bodies(pieces: Sequence[Piece], heading: Heading) -> None:
    """Read the bodies at the top left: the organ lines before the number, or anywhere in the head."""
    at = next((index for index, piece in enumerate(pieces) if piece.part is Part.NUMBER), len(pieces))
    texts = [piece.text for piece in pieces[:at] if piece.part is Part.TEXT]
    if not any(is_organ_line(text) for text in texts):
        texts = [piece.text for piece in pieces if piece.part is Part.TEXT and is_organ_line(piece.text)]
    names = join_organ_lines(text for text in texts if not _ABOUT_LETTER.match(fold(text)))
    if not names:
        return
    heading.evidence.add("body")
    if fold(heading.notation).startswith(("ttlt", "nqlt")) and len(names) > 1:
        heading.issuing_body = " - ".join(names)
    else:
        heading.issuing_body = names[-1]
        heading.parent_body = names[-2] if len(names) > 1 else ""


def read_heading(pieces: Sequence[Piece], lines: Sequence[str]) -> Heading:
    """Return what the first page says, from its pieces and its cleaned lines."""
    heading = Heading()
    type_at = _type_at(pieces)
    title_lines = [line for line in lines[:30] if line.strip()]
    for start in range(min(3, len(title_lines))):
        block = _title_block(lines, title_lines[start])
        if _read_running_title(block, heading):
            return heading
    top = pieces if type_at is None else pieces[:type_at]
    # In some text layers the number and date come after the title: look a little further for them.
    _collect_markers(top, heading)
    if type_at is not None and not heading.notation:
        _collect_markers(pieces[type_at : type_at + 6], heading)
    if type_at is None and heading.notation and heading.number:
        heading.type_name = name_of_code(heading.number.type_code)
    _read_bodies(_before_text(top), heading)
    if type_at is not None:
        found = match_type_line(pieces[type_at].text)
        if found:
            heading.type_name = found.name
            heading.evidence.add("type")
            rest = "" if re.match(r"cua\b|so\b", fold(found.rest)) else found.rest
            heading.subject = _subject_after(pieces[type_at + 1 :], rest, heading)
    elif not heading.type_name:
        _read_letter(pieces, heading)
    _read_addressees(pieces, heading)
    if heading.number is None:
        _read_attachment(lines, heading)
    return heading


def _before_text(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return the pieces before the running text begins."""
    for index, piece in enumerate(pieces):
        if piece.part is Part.TEXT and re.match(r"^\W*(?:can cu|kinh gui|v\s*/\s*v\b)", fold(piece.text)):
            return pieces[:index]
    return pieces


def _title_block(lines: Sequence[str], first: str) -> str:
    """Return the lines from ``first`` to the next blank line, as one text."""
    at = list(lines).index(first)
    block: list[str] = []
    for line in lines[at : at + 10]:
        if not line.strip() or (block and _TITLE_END.match(fold(line))):
            break
        block.append(line)
    return " ".join(block)
