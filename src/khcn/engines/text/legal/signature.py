"""The end of a document: who signed, in what office and for whom, and who receives it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from khcn.engines.text.fold import fold
from khcn.engines.text.legal.layout import cells_of, fold_lines
from khcn.engines.text.legal.organs import is_organ_line

_REACH: Final = 30
_LONGEST: Final = 300  # characters in a line that may hold a signing mode

# Offices that sign, longest first; the shown form follows from the folded one.
_OFFICES: Final = (
    "Phó Chủ tịch nước",
    "Chủ tịch nước",
    "Phó Chủ tịch Quốc hội",
    "Chủ tịch Quốc hội",
    "Phó Chủ tịch Thường trực",
    "Phó Chủ tịch",
    "Chủ tịch",
    "Phó Chủ nhiệm",
    "Chủ nhiệm",
    "Bộ trưởng",
    "Thứ trưởng Thường trực",
    "Thứ trưởng",
    "Phó Thủ tướng",
    "Thủ tướng",
    "Phó Thống đốc",
    "Thống đốc",
    "Phó Tổng Giám đốc",
    "Tổng Giám đốc",
    "Phó Giám đốc",
    "Giám đốc",
    "Phó Trưởng phòng",
    "Trưởng phòng",
    "Phó Trưởng ban",
    "Trưởng ban",
    "Phó Chánh Văn phòng",
    "Chánh Văn phòng",
    "Phó Chánh Thanh tra",
    "Chánh Thanh tra",
    "Phó Hiệu trưởng",
    "Hiệu trưởng",
    "Phó Chi cục trưởng",
    "Chi cục trưởng",
    "Phó Tổng cục trưởng",
    "Tổng cục trưởng",
    "Phó Cục trưởng",
    "Cục trưởng",
    "Phó Vụ trưởng",
    "Vụ trưởng",
    "Phó Viện trưởng",
    "Viện trưởng",
    "Phó Bí thư Thường trực",
    "Phó Bí thư",
    "Tổng Bí thư",
    "Bí thư",
    "Chánh án",
    "Phó Chánh án",
    "Tổng Thanh tra",
    "Tổng Kiểm toán nhà nước",
    "Phó Trưởng đoàn",
    "Trưởng đoàn",
    "Trưởng Công an",
    "Phó Tổng Thư ký",
    "Tổng Thư ký",
    "Thủ trưởng",
    "Kế toán trưởng",
)
# "Thứ trưởng" and "Thủ trưởng" fold alike: the first listed is meant unless the text spells the other.
_OFFICE_BY_FOLDED: Final = {fold(name): name for name in reversed(_OFFICES)}
_OFFICE_BY_LOWER: Final = {name.lower(): name for name in _OFFICES}
_OFFICE = "(?:" + "|".join(sorted(_OFFICE_BY_FOLDED, key=len, reverse=True)) + ")"
_OFFICE_LINE = re.compile(rf"^\W*(?P<office>{_OFFICE})(?!\w)(?P<rest>.{{0,60}})$")
_OFFICE_AT_END = re.compile(rf"\s(?P<office>{_OFFICE})$")
_MODES: Final = {"tm": "TM.", "kt": "KT.", "tl": "TL.", "tuq": "TUQ.", "q": "Q."}
_MODE = re.compile(
    rf"(?<!\w)(?P<mode>tm|kt|tl|tuq|q|t[./]m|k[./]t|t[./]l)(?:\s*[./,:]\s*|\s+)"
    rf"(?P<whom>(?:{_OFFICE}|uy ban|ubnd|hdnd|hoi dong|chinh phu|quoc hoi|ban |thuong truc|bo |"
    rf"so |phong )[^\n]{{0,60}})"
)
_SIGNED = re.compile(r"\(?\s*(?:da ky|ky ten|ky,|ky ghi|ky va)[^)]*\)?|\(ky\)")
_SKIP = re.compile(
    r"^\W*(?:(?:ky boi|nguoi ky|ngay ky|thoi gian ky|co quan|email|mail|chung thu|signature|so)\s*:|\d)"
)
_E_SIGNER = re.compile(r"(?:ky boi|nguoi ky|signed by)\s*:?\s*(?P<name>[^\n,;|]{5,40})")
_ACADEMIC = re.compile(
    r"^(?:(?:PGS|GS|TSKH|TS|ThS|BS|KS|CN|CKI+|LS|DS|NGND|NGƯT|Ths|Ông|Bà)\.?\s*[.,]?\s*)+(?=[A-ZĐÀ-Ỹ])"
)
_FAMILIES: Final = (
    "Nguyễn|Trần|Lê|Phạm|Huỳnh|Hoàng|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Trương|Đinh|Đoàn|"
    "Lâm|Mai|Trịnh|Đào|Cao|"
    "Hà|Tô|Tạ|Lương|Thái|Châu|Phùng|Vương|Quách|Tăng|Triệu|Lưu|Thân|Kiều|Chu|Văn|Tôn|Đàm|"
    "Nghiêm|Khổng|Lục|Mạc|Mã|"
    "Thạch|Kim|Sơn|Danh|Từ|Vi|La|Giang|Hứa|Âu|Ninh|Viên|Bạch|Cù|Doãn|Đồng|Phó|Tống|Uông|"
    "Trang|Ung|Thiều|Nông|Hầu|"
    "Giàng|Vàng|Sùng|Lò|Quàng|Cầm|Hạ|Phương|Tiêu|Diệp|Ông|Lại|Khuất|Bế|Hoàn|Nhâm|Thi|Quan|"
    "Trà|Đậu|Phí|Kha|Khúc|Lã"
)
_SYLLABLE = r"[A-ZĐÀÁẢÃẠĂÂÈÉẺẼẸÊÌÍỈĨỊÒÓỎÕỌÔƠÙÚỦŨỤƯỲÝỶỸỴẰẮẲẴẶẦẤẨẪẬỀẾỂỄỆỒỐỔỖỘỜỚỞỠỢỪỨỬỮỰ][^\W\d_A-Z]{0,6}"
_NAME = re.compile(rf"(?<!\w)(?:{_FAMILIES})(?: {_SYLLABLE}){{1,4}}(?!\w)")
_WHOLE_NAME = re.compile(rf"^(?:{_SYLLABLE})(?: {_SYLLABLE}){{1,4}}$")
_CAPITAL_NAME = re.compile(rf"^(?:{_FAMILIES})(?: [^\W\d_]{{1,7}}){{1,4}}$", re.IGNORECASE)
_TO = re.compile(r"^\W*noi\s*nhan\s*[:.;]?\s*")
_ITEM = re.compile(r"^\s*(?:[-+•*·]|\.\s)\s*")
_ARCHIVE = re.compile(r"^\W*luu\b")


@dataclass(slots=True)
class Signature:
    """The signature block and the list of recipients."""

    name: str = ""
    position: str = ""
    mode: str = ""
    recipients: list[str] = field(default_factory=list)
    has_recipient_list: bool = False


def _office_of(text: str) -> str:
    match = _OFFICE_LINE.match(fold(text))
    if match is None or _looks_like_sentence(text):
        return ""
    rest = match["rest"].strip(" .,:;*_-")
    if rest and not (text.isupper() or text.islower() or is_organ_line(text[match.start("rest") :].strip())):
        return ""
    spelled = text[match.start("office") : match.end("office")].lower()
    return _OFFICE_BY_LOWER.get(spelled) or _OFFICE_BY_FOLDED[match["office"]]


def _looks_like_sentence(text: str) -> bool:
    return len(text) > 70 or text.rstrip().endswith((";", ","))


def _name_of(cell: str) -> str:
    """Return the person's name that a cell is, or ends with, or ""."""
    text = _ACADEMIC.sub("", re.sub(r"\s+", " ", cell).strip(" .,:*_|()-"))
    signed = _SIGNED.search(fold(text))
    if signed:
        text = (text[: signed.start()] or text[signed.end() :]).strip(" .,:-")
    if not text or _office_of(text) or (_MODE.match(fold(text)) and not _NAME.fullmatch(text)):
        return ""
    if _CAPITAL_NAME.match(text) and text.isupper():
        return " ".join(word.capitalize() for word in text.split())
    names = list(_NAME.finditer(text))
    match = names[-1] if names else None
    if (
        match
        and match.end() == len(text)
        and (match.start() == 0 or cell.lstrip().startswith(("-", "+")) or ";" in text)
    ):
        return match.group()
    if _WHOLE_NAME.match(text) and not is_organ_line(text) and len(text.split()) >= 2:
        return text
    return ""


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield ``(line, cell)`` for the cells of all lines."""
    for number, line in enumerate(lines):
        for cell in cells_of(line):
            yield number, cell


def _anchor(lines: Sequence[str]) -> int | None:
    """Return the line where the signature block begins: the first "TM.", "KT." ... or a lone office near "Nơi
    nhận"."""
    folded = fold_lines(lines)
    to_line = next((number for number, line in enumerate(folded) if _TO.match(line)), None)
    low = 0 if to_line is None else max(0, to_line - _REACH)
    for number, line in enumerate(folded[low:], start=low):
        match = _MODE.search(line) if len(line) < _LONGEST else None
        if match and _is_mode(lines[number], match):
            return number
    if to_line is not None:
        for number in range(low, min(len(lines), to_line + _REACH)):
            if any(_is_office_title(cell) for cell in cells_of(_without_to(lines[number]))):
                return number
        return None
    for number in range(len(lines) - 1, max(-1, len(lines) - _REACH), -1):
        if any(_is_office_title(cell) for cell in cells_of(lines[number])):
            return number
    return None


def _is_office_title(cell: str) -> bool:
    return bool(_office_of(cell)) and (cell.isupper() or len(cell) <= 30)


def _is_mode(line: str, match: re.Match[str]) -> bool:
    """Tell a signing mode from words that only look like one ("Q. 5", "kt ")."""
    mode = line[match.start("mode") : match.end("mode")]
    dotted = line[match.end("mode") : match.start("whom")].strip() != ""
    starts_cell = match.start() == 0 or not line[match.start() - 1].isalnum()
    return starts_cell and (dotted or mode.isupper()) and (match["mode"] != "q" or dotted)


def _without_to(line: str) -> str:
    match = _TO.match(fold(line))
    return line[match.end() :] if match else line


def _read_signer(lines: Sequence[str], start: int, signature: Signature) -> None:
    """Read modes, office and name from the anchor on; a name ends it."""
    for number, cell in _blocks(lines[start : start + _REACH]):
        text = _right_tail(_without_to(cell).strip())
        folded = fold(text)
        match = _MODE.search(folded)
        if match and _is_mode(text, match) and not signature.name:
            signature.mode = _MODES[re.sub(r"[./]", "", match["mode"])]
            office = _office_of(text[match.start("whom") : match.end("whom")])
            # "KT. CHỦ TỊCH" names the one signed for; "Q. CHỦ TỊCH" and "TL." without more name the signer.
            signature.position = office if signature.mode == "Q." else ""
            continue
        if _SKIP.match(folded) or (number > 0 and _TO.match(folded)):
            continue
        office = _office_of(text)
        if office and not signature.name:
            signature.position = office
            continue
        if (signature.position or signature.mode) and not signature.name:
            signature.name = _name_of(text)
            if signature.name:
                return


def _right_tail(text: str) -> str:
    """Return what the right column adds to a recipient's line: "- Công báo; THỨ TRƯỞNG" gives the office."""
    if not _ITEM.match(text):
        return text
    tail = text.rpartition(";")[2].strip()
    if ";" in text and (tail.isupper() or _NAME.fullmatch(tail)):
        return tail
    office = _OFFICE_AT_END.search(fold(text))
    if office and text[office.start("office") :].isupper() and not text[: office.start("office")].isupper():
        return text[office.start("office") :]
    return text


def _trim_item(text: str, signature: Signature) -> str:
    """Cut the right column's words off the end of a recipient."""
    mode = _MODE.search(fold(text))
    if mode and mode.start() > 0 and _is_mode(text, mode):
        text = text[: mode.start()]
    tail = _right_tail(f"- {text}")
    if not tail.startswith("-"):
        text = text.rstrip()[: -len(tail)]
    if signature.name and text.rstrip(" .").endswith(signature.name):
        text = text.rstrip(" .")[: -len(signature.name)]
    return text.strip()


def _read_recipients(lines: Sequence[str], signature: Signature) -> None:
    folded = fold_lines(lines)
    start = next(
        (
            number
            for number, line in enumerate(folded)
            if "nhan" in line and any(_TO.match(fold(cell)) for cell in cells_of(lines[number]))
        ),
        None,
    )
    if start is None:
        return
    signature.has_recipient_list = True
    items: list[str] = []
    for number, line in enumerate(lines[start : start + 60]):
        cells = cells_of(line)
        cell = (
            next((c for c in cells if _TO.match(fold(c))), "") if number == 0 else cells[0] if cells else ""
        )
        text = _without_to(cell) if number == 0 else cell
        is_item = _ITEM.match(text) is not None
        if not text or _is_right_column(text, signature):
            continue
        body = _ITEM.sub("", text)
        if _ARCHIVE.match(fold(body)):
            break
        if is_item or (not items and number == 0):
            items.append(_trim_item(body, signature))
        elif items and (body[:1].islower() or line[:1] == " " or _more_items(lines[start + number + 1 :])):
            items[-1] = _trim_item(f"{items[-1]} {body}", signature)
        elif items and number > 1:
            break
    stripped = (item.strip(" ;.,-+•*·") for item in items)
    signature.recipients = [item for item in stripped if len(item) > 1]


def _more_items(lines: Sequence[str]) -> bool:
    """Tell whether another recipient follows soon, so that a line without a dash goes on with the last
    one."""
    return any(_ITEM.match(line) for line in lines[:4])


def _is_right_column(text: str, signature: Signature) -> bool:
    if _ITEM.match(text):
        return False
    folded = fold(text)
    mode = _MODE.match(folded)
    return bool(
        (mode and _is_mode(text, mode))
        or _office_of(text)
        or _SIGNED.match(folded)
        or _SKIP.match(folded)
        or (signature.name and text.strip() == signature.name)
        or re.fullmatch(r"[\W\d]+", text)
    )


def read_signature(lines: Sequence[str]) -> Signature:
    """Return the signature and the recipients found in the cleaned lines of the whole document."""
    signature = Signature()
    start = _anchor(lines)
    if start is not None:
        _read_signer(lines, start, signature)
        if not signature.name:
            near = "\n".join(lines[start : start + _REACH])
            signed = _E_SIGNER.search(fold(near))
            signature.name = _name_of(near[signed.start("name") : signed.end("name")]) if signed else ""
        if not signature.mode and not signature.name:
            signature.position = ""
    _read_recipients(lines, signature)
    return signature
