"""How the parts of a document are told by their words. Patterns that end in F are for text without tones."""

import re
from difflib import SequenceMatcher
from typing import Final

from khcn.core.papers.check.model import Piece, is_upper, plain
from khcn.core.papers.decree30 import MOTTO, NATIONAL_NAME
from khcn.core.papers.doctypes import COURTESY, LETTER, TYPES, DocumentType

_SIGNS: Final = re.compile(r"[^a-z0-9]")
BLANK: Final = r"[.…_\s\u2024\u2025]*"
NUMBER: Final = re.compile(
    rf"^s[ốôo]\s*[:.]?\s*(?P<digits>\d+|{BLANK})\s*(?P<tail>[/\-–].*)?$", re.IGNORECASE
)
# the same without its word: "05/BC-UBND"
BARE_NUMBER: Final = re.compile(
    r"^(?P<digits>\d{1,5}|[.…_]{2,})\s*(?P<tail>/\s*[A-ZĐƯƠ]\S*(?:\s*-\s*[A-ZĐƯƠ]\S*)*)$"
)
PLACE: Final = re.compile(
    rf"^(?P<place>.*?)\s*(?P<comma>,?)\s*(?P<word>ngày)\s*(?P<day>\d+|{BLANK})\s*tháng\s*(?P<month>\d+|{BLANK})\s*"
    rf"năm\s*(?P<year>\d+|{BLANK})\.?$",
    re.IGNORECASE,
)
PLACE_SHORT: Final = re.compile(
    r"^(?P<place>[^\d,]{2,60}),\s*(?:ngày\s*)?(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})$", re.IGNORECASE
)
SUBJECT: Final = re.compile(r"^(v\s*/\s*v|về việc|v\.v)\b[:.]?\s*", re.IGNORECASE)
ADDRESSED_F: Final = re.compile(r"^kinh gui\b")
RECEIVERS_F: Final = re.compile(r"^noi nhan\b")
STAMPS: Final = frozenset({"hoa toc", "thuong khan", "khan", "hoa toc hen gio"})
CIRCULATION: Final = frozenset({"xem xong tra lai", "luu hanh noi bo"})
MARKS: Final = frozenset({"mat", "toi mat", "tuyet mat", "du thao", "ban thao"})
ANNEX_F: Final = re.compile(r"^phu luc(?: so)?(?: (?P<number>[ivxlc]+|\d+|[a-h]))?\s*(?P<rest>[:.\-–].*)?$")
BASIS: Final = re.compile(
    r"^(căn cứ|theo đề nghị|theo |xét đề nghị|xét |thực hiện|trên cơ sở)", re.IGNORECASE
)
BASIS_FIRST: Final = re.compile(r"^căn cứ\b", re.IGNORECASE)
# a sentence that begins with "Căn cứ" but goes on to say what the document does is text, not a line of the legal basis
PROSE: Final = re.compile(
    r"(như sau|sau đây)\s*[:.]?$|:$|,[^,;]*\b(ban hành|xây dựng|báo cáo|đề nghị|thông báo|trân trọng|kính trình|kính mời|"
    r"tổ chức|triển khai|trình)\b[^;]*[.:]$",
    re.IGNORECASE,
)
MODE: Final = re.compile(
    r"^(?P<mode>TUQ|T\.U\.Q|TU\.Q|TM|T\s*/\s*M|T\.M|KT|K\s*/\s*T|K\.T|TL|T\s*/\s*L|T\.L|Q(?!UY)|QUYỀN|THAY MẶT|KÝ THAY|"
    r"THỪA LỆNH|THỪA [UỦ][YỶ] QUYỀN)(?P<dot>\s*[./:]?)(?P<rest>\s*\S.*)$",
    re.IGNORECASE,
)
POSITION_F: Final = re.compile(
    r"^(quyen |pho |q\. ?)?(tong )?(chu tich|pho chu tich|giam doc|pho giam doc|truong phong|pho truong phong|chanh van phong|"
    r"pho chanh van phong|hieu truong|pho hieu truong|truong ban|pho truong ban|bo truong|thu truong|cuc truong|"
    r"chi cuc truong|vu truong|vien truong|bi thu|pho bi thu|thu ky|chu tri|chu toa|chu toa|truong doan|to truong|"
    r"dai dien|thu truong don vi|thu truong co quan|ke toan truong|nguoi lap|nguoi bao cao|chanh thanh tra|"
    r"tong giam doc|pho tong giam doc|uy vien|truong tram|doi truong|chu nhiem|pho chu nhiem|chanh an|truong ban quan ly|"
    r"thanh vien|ghi bien ban|nguoi ghi|uy ban|hoi dong|ban quan ly|ban chi dao|truong|pho)\b"
)
NAME_TITLE: Final = re.compile(
    r"^((?:GS|PGS|TS|ThS|TSKH|BS|CN|KS|DS|NGƯT|NGND|NSƯT|NSND|TTƯT|BSCK\s?[I1-2]*|Ths|Tiến sĩ|Thạc sĩ|Kỹ sư|Cử nhân|Bác sĩ|"
    r"Giáo sư|Phó Giáo sư)\b\.?\s*)+",
)
SCHOLARLY_F: Final = re.compile(
    r"^(truong|vien|hoc vien|dai hoc|benh vien|trung tam y te|tram y te|phong kham)\b"
)
# words that begin the name of an agency: a line that starts with one starts a new name
AGENCY_F: Final = re.compile(
    r"^(uy ban|hoi dong|so|phong|ban|bo|cuc|chi cuc|tong cuc|vu|truong|trung tam|cong ty|tong cong ty|tap doan|van phong|"
    r"dang uy|vien|hoc vien|dai hoc|benh vien|hoi|doan|kho bac|chi nhanh|toa an|cong an|mat tran|lien|to|doi|tram|"
    r"bao tang|thu vien|nha|quy|khoa|ubnd|hdnd|ubmttq|to chuc|thanh tra|dai|bao hiem|buu dien|ngan hang|hat|to cong tac)\b"
)
DIVISION_F: Final = re.compile(
    r"^(phan|chuong) (?:thu )?(?P<number>[ivxlc]+|\d+|nhat|hai|ba|tu|nam|sau|bay|tam)\b"
)
SECTION_F: Final = re.compile(r"^(muc|tieu muc) (?P<number>\d+|[ivxlc]+)\b")
ARTICLE: Final = re.compile(r"^(điều)\s+(\d+)\s*([.:)\-–]?)\s*(.*)$", re.IGNORECASE)
POINT: Final = re.compile(r"^([a-zđăâêôơư])\s?\)\s*")
CLAUSE_WRONG: Final = re.compile(r"^(\d{1,2})\s?([/)])\s*\S")
TYPE_LETTERS: Final = "abcdđeghiklmnopqrstuvxy"
TYPE_BY_FOLDED: Final[dict[str, DocumentType]] = {
    plain(kind.name): kind for kind in TYPES.values() if kind not in (LETTER, COURTESY)
}
_LIKE: Final = 0.86


def compact(text: str) -> str:
    """Return only the letters and digits, without tones."""
    return _SIGNS.sub("", plain(text))


_NATIONAL: Final = compact(NATIONAL_NAME)
_MOTTO: Final = compact(MOTTO)
PHRASES: Final = {"national": _NATIONAL, "motto": _MOTTO}


def says(text: str, phrase: str) -> bool:
    """Return whether a text is a fixed phrase, also one with a letter wrong."""
    found = compact(text)
    if phrase in found:
        return True
    if abs(len(found) - len(phrase)) > 6:
        return False
    return SequenceMatcher(None, found, phrase, autojunk=False).ratio() >= _LIKE


def type_of(piece: Piece) -> tuple[DocumentType, str] | None:
    """Return the type that a line names, and what else stands on the line."""
    folded = piece.folded.strip(" :.")
    kind = TYPE_BY_FOLDED.get(folded)
    if kind is not None:
        if piece.text.rstrip().endswith(":") and kind.code in {"QĐ", "NQ", "CT"}:
            return None  # the word of the deed, not the name of the type
        marked = is_upper(piece.text) or piece.every("bold") or piece.centred
        return (kind, "") if marked else None
    if is_upper(piece.text) and piece.centred is not False and piece.para.cell is None:
        for name in sorted(TYPE_BY_FOLDED, key=len, reverse=True):
            if folded.startswith(name + " "):
                return TYPE_BY_FOLDED[name], piece.text[len(name) :].strip()
    return None


def number_in(text: str) -> re.Match[str] | None:
    """Return number and symbol of a line that holds them, written well or not: groups ``digits`` and ``tail``."""
    return NUMBER.match(text) or BARE_NUMBER.match(text)


def is_name(text: str) -> bool:
    """Return whether a text looks like the name of a person: two to seven words, each begun with a capital."""
    bare = NAME_TITLE.sub("", text.strip())
    words = bare.split()
    return 2 <= len(words) <= 7 and all(word[0].isalpha() and word[0] == word[0].upper() for word in words)
