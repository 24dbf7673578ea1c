"""Pages that a person must look at before they are published: secrecy stamps and personal data.

A finding is a hint for a reviewer, not a verdict on the document; excerpts are masked so that the finding
itself gives nothing away. Secrecy stamps: Circular 24/2020/TT-BCA (MẬT, TỐI MẬT, TUYỆT MẬT, TÀI LIỆU THU HỒI,
CHỈ NGƯỜI CÓ TÊN MỚI ĐƯỢC BÓC BÌ). Citizen identity numbers: 12 digits, province, century and sex, year of
birth, six random ones (Circular 59/2021/TT-BCA).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from khcn.engines.text.fold import fold, normalize


class SensitiveKind(StrEnum):
    """What was found on a page."""

    STAMP = "stamp"
    INTERNAL = "internal"
    IDENTITY = "identity"
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    OFFICE_EMAIL = "office_email"
    BANK = "bank"
    BIRTH = "birth"


# How much one find of a kind weighs, against LIMIT: five people's mobile numbers, private addresses, bank
# accounts or birth dates are "full of personal data"; an identity number counts twice, a fixed telephone
# half. Mail of an office and the words "internal use" alone never hold a document back.
WEIGHTS: Final[dict[SensitiveKind, int]] = {
    SensitiveKind.STAMP: 0,
    SensitiveKind.INTERNAL: 0,
    SensitiveKind.IDENTITY: 4,
    SensitiveKind.MOBILE: 2,
    SensitiveKind.LANDLINE: 1,
    SensitiveKind.EMAIL: 2,
    SensitiveKind.OFFICE_EMAIL: 0,
    SensitiveKind.BANK: 2,
    SensitiveKind.BIRTH: 2,
}
LIMIT: Final = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What one page holds of one kind. ``page`` counts from 1; ``count``: new values not seen on earlier
    pages."""

    page: int
    kind: SensitiveKind
    excerpt_masked: str
    count: int


# --- secrecy stamps ---

_STAMPS: Final = ("mat", "toimat", "tuyetmat")
_LEVEL = r"(?:tuyet\s*mat|toi\s*mat|mat)"
_DEGREE = re.compile(rf"\b(?:muc )?do mat\s*[:.]\s*[\W_]*({_LEVEL})\b(?! ?khau)")
_SECRET_PAPER = re.compile(rf"tai lieu {_LEVEL}|tai lieu thu hoi|chi nguoi co ten moi duoc boc bi")
_BRACKETED = re.compile(r"[(\[]\s*((?:TUYỆT\s+|TỐI\s+)?MẬT)\s*[)\]]")
_AFTER_NUMBER = re.compile(r"^\W*(?:Số|SỐ)\s*:.*\s((?:TUYỆT |TỐI )?MẬT)\W*$")
_BEFORE_DATE = re.compile(r"^\W*((?:TUYỆT |TỐI )?MẬT)\s+\S.*\bngày\b.*\btháng\b")
_COLUMNS = re.compile(r"\t+|\s{3,}|\|")
_NOISE = re.compile(r"[\W_]+")
_HEADER_LINES: Final = 25
_LETTERHEAD = re.compile(r"cong hoa xa hoi|doc lap\W+tu do|dang cong san|^\W*so\s*:", re.MULTILINE)
_INTERNAL = re.compile(r"^\W*(?:tai lieu )?luu hanh noi bo\W*$|^\W*khong pho bien\W*$", re.MULTILINE)


def _is_stamp_cell(cell: str, in_letterhead: bool) -> bool:
    """Tell whether a line, or one column of it, is nothing but a secrecy stamp.

    A stamp is set in capitals. Full words with their marks count anywhere; the short word without marks or
    with marks misread ("MAT", "MÂT") only in the letterhead, because "MẮT" and "MẶT" are words too.
    """
    letters = _NOISE.sub("", cell)
    if not letters or len(letters) > 8 or fold(letters) not in _STAMPS:
        return False
    if len(letters) > 3:  # "Tối mật" alone on a line is a stamp in any case
        return True
    if letters == "MẬT":
        return True
    return in_letterhead and (letters.isupper() or letters == "Mật")


def _stamps(page: str) -> Iterator[str]:
    lines = [line for line in page.splitlines() if line.strip()]
    has_letterhead = _LETTERHEAD.search(fold("\n".join(lines[:_HEADER_LINES]))) is not None
    for number, line in enumerate(lines):
        if "m" not in line.lower() and "THU H" not in line:  # spares most lines the patterns below
            continue
        in_letterhead = has_letterhead and number < _HEADER_LINES
        folded = fold(line)
        cells = (line, *_COLUMNS.split(line))
        stamp = next((cell for cell in cells if _is_stamp_cell(cell, in_letterhead)), None)
        match = _DEGREE.search(folded)
        if stamp:
            yield stamp.strip(" \t*|#_-")
        elif match:
            yield line[match.start() : match.end()]
        elif _SECRET_PAPER.fullmatch(folded.strip(" \t*|#_-.[]()")) and line.upper() == line:
            yield line.strip()
        elif found := (_BRACKETED.search(line) or _AFTER_NUMBER.match(line) or _BEFORE_DATE.match(line)):
            yield found[1]


# --- personal data ---

_PROVINCES: Final = frozenset(
    f"{code:03d}"
    for code in (
        *(
            1,
            2,
            4,
            6,
            8,
            10,
            11,
            12,
            14,
            15,
            17,
            19,
            20,
            22,
            24,
            25,
            26,
            27,
            30,
            31,
            33,
            34,
            35,
            36,
            37,
            38,
            40,
        ),
        *(
            42,
            44,
            45,
            46,
            48,
            49,
            51,
            52,
            54,
            56,
            58,
            60,
            62,
            64,
            66,
            67,
            68,
            70,
            72,
            74,
            75,
            77,
            79,
            80,
            82,
            83,
        ),
        *(84, 86, 87, 89, 91, 92, 93, 94, 95, 96),
    )
)
_OLDEST_BIRTH_YEAR: Final = 1910
_NEWEST_BIRTH_YEAR: Final = 2040

_CITIZEN = re.compile(
    r"(?<![\d.,/-])(0\d{2})[ .]?([0-3])(\d{2})[ .]?(?:\d{6}|\d{3}[ .]\d{3})(?![\d/-]|[.,]\d)"
)
_OLD_WORDS = re.compile(
    r"\bcmt?nd\b|\bcmt\b|\bcccd\b|chung minh nhan dan|chung minh thu|giay chung minh|can cuoc|ho chieu"
)
_OLD_CARD = re.compile(
    r"(?<![\d.,/-])(?:[0-3]\d{8}|[0-3]\d{2}[ .]\d{3}[ .]\d{3}|[A-Z]\d{7,8})(?![\d/-]|[.,]\d)"
)
# Prefixes in use since 2018, and the eleven-digit ones before (012, 016, 018, 019).
_MOBILE_PREFIX = r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d|1[2689]\d)"
_MOBILE = re.compile(
    r"(?<![\d.,/-])(?:(?:\+|\(\+?)?84\)?[ .-]?(?:\(0\))?|0)"
    rf"{_MOBILE_PREFIX}(?:[ .()-]{{0,2}}\d){{7}}(?![\d/-]|[.,]\d)"
)
_TAX_WORDS = re.compile(r"(?:\bmst|ma so|ma dn|ma hang|dang ky kinh doanh)\b[^\n\d]{0,30}$")
_LANDLINE = re.compile(
    r"(?<![\d.,/-])(?:\(?(?:\+?84[ .-]?2|02)\d{1,2}\)?[ .-]{0,3}(?:\d[ .-]?){6,7}\d)"
    r"(?![\d/-]|[.,]\d)"
)
_OLD_LANDLINE = re.compile(
    r"(?:dien thoai|\bdt|\btel|\bphone|\bfax)\b[^\n\d(+]{0,20}"
    r"(\(?0\d{1,3}\)?[ .-]{0,3}\d(?:[ .-]?\d){5,7})(?!\d)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PRIVATE_MAIL = re.compile(
    r"@(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|icloud|me|proton|protonmail|zoho|aol|mail)\."
)
_BANK = re.compile(
    r"(?:so tai khoan|tai khoan(?: ngan hang)?(?: so)?|\bstk|\btk|so tk|account(?: no| number)?)\b"
    r"[^\n\d]{0,25}(\d(?:[ .-]?\d){7,18})(?!\d)"
)
_BIRTH_WORDS = re.compile(r"ngay,? ?(?:thang,? ?nam )?sinh|sinh ngay|nam sinh|date of birth")
_BIRTH_LINE = re.compile(
    r"[^\W\d_]+ [^\W\d_]+.*?(?<!\d)(?:[0-3]?\d[/.-][01]?\d[/.-])(?:19[3-9]\d|20[0-3]\d)(?!\d)"
)
_DIGITS = re.compile(r"\D+")


def _is_birth_year(century: str, year: str) -> bool:
    full = (1900 if century in "01" else 2000) + int(year)
    return _OLDEST_BIRTH_YEAR <= full <= _NEWEST_BIRTH_YEAR


def _identities(page: str, folded: str) -> Iterator[str]:
    for match in _CITIZEN.finditer(page):
        if match[1] in _PROVINCES and _is_birth_year(match[2], match[3]):
            yield match.group()
    if _OLD_WORDS.search(folded):
        # The word stands beside the number or heads its column, so anywhere on the page counts.
        yield from _OLD_CARD.findall(page)


def _mobiles(page: str, folded: str) -> Iterator[str]:
    """Yield mobile numbers; a tax code has ten digits too and often the same first ones."""
    for match in _MOBILE.finditer(page):
        if not _TAX_WORDS.search(folded[max(0, match.start() - 50) : match.start()]):
            yield match.group()


def _banks(page: str, folded: str) -> Iterator[str]:
    for match in _BANK.finditer(folded):
        yield match[1]


def _landlines(page: str, folded: str) -> Iterator[str]:
    yield from _LANDLINE.findall(page)
    for match in _OLD_LANDLINE.finditer(folded):
        if not _MOBILE.fullmatch(match[1]):
            yield match[1]


def _emails(private: bool) -> Callable[[str, str], Iterator[str]]:
    def find(page: str, folded: str) -> Iterator[str]:
        for match in _EMAIL.finditer(page):
            if bool(_PRIVATE_MAIL.search(match.group().lower())) is private:
                yield match.group()

    return find


def _births(page: str, folded: str) -> Iterator[str]:
    """Yield the lines of a list of people with their dates of birth."""
    if _BIRTH_WORDS.search(folded):
        for line in page.splitlines():
            match = _BIRTH_LINE.search(line)
            if match and not re.search(r"\b(?:số|căn cứ|nghị định|quyết định|ngày \d)", line.lower()):
                yield match.group()


_FINDERS: Final[dict[SensitiveKind, Callable[[str, str], Iterator[str]]]] = {
    SensitiveKind.IDENTITY: _identities,
    SensitiveKind.MOBILE: _mobiles,
    SensitiveKind.BANK: _banks,
    SensitiveKind.LANDLINE: _landlines,
    SensitiveKind.EMAIL: _emails(private=True),
    SensitiveKind.OFFICE_EMAIL: _emails(private=False),
    SensitiveKind.BIRTH: _births,
}


def _value_key(kind: SensitiveKind, value: str) -> str:
    """Return what makes two finds the same: digits for numbers, with 84 read as 0, letters otherwise."""
    if kind in (SensitiveKind.EMAIL, SensitiveKind.OFFICE_EMAIL, SensitiveKind.BIRTH):
        return f"{kind}:{fold(value)}"
    digits = _DIGITS.sub("", value)
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) > 10 else digits


def mask(value: str) -> str:
    """Return ``value`` with all but its first two and last two letters or digits as "*"."""
    name, at, host = value.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    places = [index for index, char in enumerate(value) if char.isalnum()]
    hidden = set(places[2:-2]) if len(places) > 6 else set(places[1:])
    return "".join("*" if index in hidden else char for index, char in enumerate(value))


def _page_findings(number: int, page: str, seen: set[str]) -> Iterator[Finding]:
    stamps = list(_stamps(page))
    if stamps:
        yield Finding(number, SensitiveKind.STAMP, stamps[0], len(stamps))
    folded = fold(page)
    if _INTERNAL.search(folded):
        yield Finding(number, SensitiveKind.INTERNAL, "Lưu hành nội bộ", 1)
    for kind, find in _FINDERS.items():
        new: list[str] = []
        for value in find(page, folded):
            key = _value_key(kind, value)
            if key not in seen:
                seen.add(key)
                new.append(value)
        if new:
            yield Finding(number, kind, mask(" ".join(new[0].split())), len(new))


def find_sensitive(pages: Sequence[str]) -> list[Finding]:
    """Return what the pages hold of secrecy stamps and personal data, page by page.

    A value repeated in the document (the letterhead's telephone on each page) counts once, where it first
    stands.
    """
    seen: set[str] = set()
    return [
        finding
        for number, page in enumerate(pages, start=1)
        for finding in _page_findings(number, normalize(page), seen)
    ]


def looks_sensitive(findings: Iterable[Finding]) -> bool:
    """Tell whether a named person must clear the document before it is published.

    Yes with any secrecy stamp, or when the finds weigh ``LIMIT`` or more by ``WEIGHTS`` in the whole
    document: five people's mobile numbers, say, or three identity numbers.
    """
    items = list(findings)
    if any(item.kind is SensitiveKind.STAMP for item in items):
        return True
    return sum(WEIGHTS[item.kind] * item.count for item in items) >= LIMIT
