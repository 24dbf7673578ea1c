"""Names and codes of document types (Decree 30/2020 annex III, normative documents, a few older ones)."""

import re
from typing import Final, NamedTuple

from khcn.engines.text.fold import fold

# Name -> code used in notations; types without a code have "".
DOCUMENT_TYPES: Final[dict[str, str]] = {
    "Hiến pháp": "",
    "Bộ luật": "",
    "Luật": "",
    "Pháp lệnh": "PL",
    "Lệnh": "L",
    "Sắc lệnh": "SL",
    "Nghị quyết liên tịch": "NQLT",
    "Nghị quyết": "NQ",
    "Nghị định": "NĐ",
    "Thông tư liên tịch": "TTLT",
    "Thông tư": "TT",
    "Quyết định": "QĐ",
    "Chỉ thị": "CT",
    "Quy chế": "QC",
    "Quy định": "QyĐ",
    "Thông cáo": "TC",
    "Thông báo": "TB",
    "Hướng dẫn": "HD",
    "Chương trình hành động": "CTr",
    "Chương trình": "CTr",
    "Kế hoạch": "KH",
    "Phương án": "PA",
    "Đề án": "ĐA",
    "Dự án": "DA",
    "Báo cáo": "BC",
    "Biên bản": "BB",
    "Tờ trình": "TTr",
    "Hợp đồng": "HĐ",
    "Công điện": "CĐ",
    "Bản ghi nhớ": "BGN",
    "Bản thỏa thuận": "BTT",
    "Giấy ủy quyền": "GUQ",
    "Giấy mời": "GM",
    "Giấy giới thiệu": "GGT",
    "Giấy nghỉ phép": "GNP",
    "Phiếu gửi": "PG",
    "Phiếu chuyển": "PC",
    "Phiếu báo": "PB",
    "Văn bản hợp nhất": "VBHN",
    "Kết luận": "KL",
    "Công văn": "",
}
LETTER: Final = "Công văn"

_BY_FOLDED: Final = {fold(name): name for name in DOCUMENT_TYPES}
_BY_CODE: Final = {fold(code): name for name, code in DOCUMENT_TYPES.items() if code}
TYPE_PATTERN: Final = "(?:" + "|".join(sorted(_BY_FOLDED, key=len, reverse=True)) + ")"
_LINE = re.compile(rf"^\W*(?:ban\s+)?(?P<type>{TYPE_PATTERN})(?!\w)\s*(?P<rest>.*)$", re.DOTALL)
_REST = re.compile(r"^[\W\d]*$|^(?:cua|so|ve|v/v)\b|^\(")
_SPACES = re.compile(r"\s+")


class TypeLine(NamedTuple):
    """A line that names the document's type: "QUYẾT ĐỊNH", with what follows on the line."""

    name: str
    rest: str


def name_of_code(code: str) -> str:
    """Return the type named by a code of a notation ("KH" -> "Kế hoạch"), or ""."""
    return _BY_CODE.get(fold(code), "")


def _unspaced(line: str) -> str:
    """Return a line set with spaced letters ("Q U Y Ế T  Đ Ị N H") as words."""
    tokens = line.split()
    if len(tokens) < 5 or any(len(token) > 1 for token in tokens):
        return line
    return " ".join(word.replace(" ", "") for word in re.split(r"\s{2,}", line.strip()))


def match_type_line(line: str) -> TypeLine | None:
    """Return the type that a line of NFC text names as a title, or None.

    The name stands alone, or before "của ...", "số ...", "về ...", or in capitals before small letters.
    """
    text = _unspaced(line)
    spaced = fold(text).strip()
    match = _LINE.match(_SPACES.sub(" ", spaced))
    if match is None:
        compact = spaced.replace(" ", "")
        name = next((name for key, name in _BY_FOLDED.items() if key.replace(" ", "") == compact), None)
        return TypeLine(name, "") if name and len(compact) > 6 else None
    flat = _SPACES.sub(" ", text.strip())
    rest = flat[match.start("rest") :].strip()
    named = flat[match.start("type") : match.end("type")]
    if _REST.match(match["rest"]) or (named.isupper() and not rest[:12].isupper()):
        return TypeLine(_BY_FOLDED[match["type"]], rest.lstrip(" :.-"))
    if (
        named.isupper() and rest.isupper() and not re.match(r"den\b|di\b", match["rest"])
    ):  # "BÁO CÁO TỔNG KẾT NĂM HỌC": type and subject in one line
        return TypeLine(_BY_FOLDED[match["type"]], rest)
    return None
