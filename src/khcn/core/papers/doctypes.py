"""The types of administrative documents and their abbreviations (Decree 30/2020/NĐ-CP, annex III, part I)."""

import unicodedata
from dataclasses import dataclass
from typing import Final

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")


@dataclass(frozen=True)
class DocumentType:
    """A type: its code in the symbol and its name. An official letter has no code, a letter of courtesy neither."""

    code: str
    name: str

    @property
    def title(self) -> str:
        """The name as it stands at the head of the document."""
        return self.name.upper()


LETTER: Final = DocumentType("CV", "Công văn")  # the code is ours: a letter carries none in its symbol
COURTESY: Final = DocumentType("TC.", "Thư công")

TYPES: Final = {
    kind.code: kind
    for kind in (
        DocumentType("NQ", "Nghị quyết"),
        DocumentType("QĐ", "Quyết định"),
        DocumentType("CT", "Chỉ thị"),
        DocumentType("QC", "Quy chế"),
        DocumentType("QyĐ", "Quy định"),
        DocumentType("TC", "Thông cáo"),
        DocumentType("TB", "Thông báo"),
        DocumentType("HD", "Hướng dẫn"),
        DocumentType("CTr", "Chương trình"),
        DocumentType("KH", "Kế hoạch"),
        DocumentType("PA", "Phương án"),
        DocumentType("ĐA", "Đề án"),
        DocumentType("DA", "Dự án"),
        DocumentType("BC", "Báo cáo"),
        DocumentType("BB", "Biên bản"),
        DocumentType("TTr", "Tờ trình"),
        DocumentType("HĐ", "Hợp đồng"),
        DocumentType("CĐ", "Công điện"),
        DocumentType("BGN", "Bản ghi nhớ"),
        DocumentType("BTT", "Bản thỏa thuận"),
        DocumentType("GUQ", "Giấy ủy quyền"),
        DocumentType("GM", "Giấy mời"),
        DocumentType("GGT", "Giấy giới thiệu"),
        DocumentType("GNP", "Giấy nghỉ phép"),
        DocumentType("PG", "Phiếu gửi"),
        DocumentType("PC", "Phiếu chuyển"),
        DocumentType("PB", "Phiếu báo"),
        LETTER,
        COURTESY,
    )
}


def symbol_of(code: str, abbreviation: str, unit: str = "") -> str:
    """Return the symbol: ``KH-UBND``; of an official letter agency and drafting unit, ``UBND-VHXH``."""
    parts = [abbreviation, unit] if code == LETTER.code else [code, abbreviation]
    return "-".join(part for part in parts if part)


def abbreviation_of(agency: str) -> str:
    """Return an agency's name as symbols abbreviate it, for want of a better one: ``UBND``, else its first letters."""
    words = [word for word in agency.split() if word[0].isalpha()]
    if " ".join(words[:4]).casefold() in {"ủy ban nhân dân", "uỷ ban nhân dân"}:
        words = words[:4]
    letters = unicodedata.normalize("NFD", "".join(word[0] for word in words).upper())
    return unicodedata.normalize("NFC", "".join(sign for sign in letters if sign not in _TONES))
