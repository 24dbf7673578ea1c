"""Names of people and bodies as an authority file compares, orders and files them.

``Nguyễn Thị Hoà``, ``NGUYỄN THỊ HÒA`` (also decomposed) and ``TS. Nguyễn Thị Hòa`` have one key; ``Hoa`` and ``Hòa`` have
two. Whether two people bear one name is for a librarian to say, never for a key.
"""

import re
import unicodedata
from typing import Final

from khcn.engines.records.names import is_vietnamese, split_name, without_titles
from khcn.engines.text.collate import person_key, sort_key
from khcn.engines.text.fold import normalize

MAX_KEY: Final = 200
# Letters under which names are filed, in the order of the Vietnamese alphabet (with f j w z in their Latin places).
LETTERS: Final = tuple("AĂÂBCDĐEÊFGHIJKLMNOÔƠPQRSTUƯVWXYZ")
OTHER: Final = "#"
_TONES: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_SIGNS: Final = re.compile(r"[^\w\s'’&]+|_")
_BODIES: Final = re.compile(
    r"^(?:ủy ban|uỷ ban|ubnd|hđnd|hội đồng|sở|bộ|cục|tổng cục|vụ|viện|trường|đại học|học viện|trung tâm|phòng|ban|công ty|"
    r"tập đoàn|tổng công ty|hợp tác xã|doanh nghiệp|hội|liên hiệp|liên đoàn|hiệp hội|câu lạc bộ|nhà xuất bản|nxb|thư viện|"
    r"bảo tàng|bệnh viện|quốc hội|chính phủ|tòa án|chi cục|kho bạc|ngân hàng|đoàn thanh niên|mặt trận|đảng ủy|thành ủy|"
    r"văn phòng|khoa|nhóm|đài|tạp chí|báo|chi nhánh|tổ chức|quỹ|university|institute|ministry|department|center|centre|company|association|"
    r"organi[sz]ation)(?:\s|$)"
)
_BODY_ENDS: Final = re.compile(
    r"\b(?:university|institute|co|ltd|inc|jsc|corp|gmbh|organi[sz]ation|agency|bank)\.?$"
)


def direct_form(name: str) -> str:
    """Return a name in the order in which it is spoken: "Smith, John" -> "John Smith", "Nguyễn, Văn A" -> "Nguyễn Văn A"."""
    plain = without_titles(name)
    if plain.count(",") != 1:
        return plain
    family, given = split_name(plain)
    both = f"{family} {given}".strip()
    return both if is_vietnamese(both) else f"{given} {family}".strip()


def name_key(name: str) -> str:
    """Return the form by which equal names are recognised: one Unicode form, one tone placement, lower case."""
    spoken = direct_form(name) if not looks_like_body(name) else name
    return " ".join(_SIGNS.sub(" ", normalize(spoken).lower()).split())[:MAX_KEY]


def looks_like_body(name: str) -> bool:
    """Whether a name is that of an office, a company or a society and not of a person."""
    plain = " ".join(normalize(name).lower().split())
    return bool(_BODIES.match(plain) or _BODY_ENDS.search(plain))


def filing_key(name: str, *, person: bool) -> str:
    """Return the key that sorts names: people by their given name (the last word), bodies by their whole name."""
    return person_key(direct_form(name)) if person else sort_key(name)


def filing_letter(name: str, *, person: bool) -> str:
    """Return the letter under which a name stands (``LETTERS``), "#" for digits and other scripts."""
    spoken = _SIGNS.sub(" ", normalize(direct_form(name) if person else name)).split()
    if not spoken:
        return OTHER
    word = spoken[-1] if person else spoken[0]
    first = unicodedata.normalize("NFC", _TONES.sub("", unicodedata.normalize("NFD", word[:1]))).upper()
    if first in LETTERS:
        return first
    base = unicodedata.normalize("NFD", first)[:1]
    return base if base in LETTERS else OTHER
