"""Names of issuing bodies: which lines are one, how lines join, how capitals become a name."""

import re
from collections.abc import Iterable
from typing import Final

from khcn.engines.text.fold import fold

_ADMIN: Final = r"(?:tinh|thanh pho|tp\.?|quan|huyen|thi xa|thi tran|phuong|xa|dac khu)"
_HEAD = re.compile(
    r"^\W*(?:uy ban|ubnd|ubmttq|hoi dong|hdnd|hdbt|bo\b(?!\s*(?:luat|phan|sung))|"
    r"so\b(?!\s*[:\d])|phong|chi cuc|cuc|"
    r"tong cuc|van phong|chinh phu|thu tuong|quoc hoi|chu tich|toa an|vien|ngan hang|dang|"
    r"thanh uy|quan uy|huyen uy|"
    r"tinh uy|thanh doan|quan doan|doan|hoi\b|lien doan|lien hiep|mat tran|ban\b(?!\s*(?:quy|"
    r"ghi|thoa|do|sao|an))|"
    r"trung tam|truong|hoc vien|cong ty|tong cong ty|kho bac|dai hoc|cong an|benh vien|"
    r"thanh tra|kiem toan|vu\b|"
    r"cong doan|bao hiem|tap doan|to chuc|hiep hoi|quy\b(?! (?:dinh|che))|"
    rf"{_ADMIN}\s)"
)
_PLACE_HEAD = re.compile(rf"^\W*(?:{_ADMIN}\s(?!uy\b|doan\b)|viet nam\b|trung uong\b)")
_OPEN_END = re.compile(
    r"(?:uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd|uy ban|mat tran to quoc|ban chap hanh|"
    r"thuong truc|va|cua|"
    rf"viet nam|-|,|ngan hang nha nuoc|chinh phu|{_ADMIN})$"
)
_HAS_PLACE = re.compile(rf"\b(?:{_ADMIN}\s+\w|viet nam$)")
_EXPANSIONS: Final = (
    (re.compile(r"\bUBND\b", re.IGNORECASE), "ủy ban nhân dân"),
    (re.compile(r"\bHĐND\b", re.IGNORECASE), "hội đồng nhân dân"),
    (re.compile(r"\bUBMTTQ\b", re.IGNORECASE), "ủy ban Mặt trận Tổ quốc"),
    (re.compile(r"\bTP\.?\s*(?=\w)", re.IGNORECASE), "thành phố "),
)
# After these a name begins, whose words all take capitals.
_NAME_AFTER: Final = frozenset(("tỉnh", "phố", "quận", "huyện", "xã", "phường", "trấn", "khu"))
_NAME_ENDS: Final = frozenset(
    ("và", "về", "tại", "của", "trên", "theo", "năm", "giai", "trực", "các", "cho", "đến")
)
# Heads after which the next word takes a capital: "Sở Khoa học", "Bộ Tài chính", "Phòng Kinh tế".
_CAPITAL_AFTER: Final = frozenset(
    ("bộ", "sở", "phòng", "cục", "vụ", "viện", "ban", "trường", "tâm", "ty", "đoàn", "hội")
)
# Names with one right spelling, whatever OCR or the rules above made of them; longest first.
_SPELLED: Final = tuple(
    (fold(name), name)
    for name in (
        "Thành phố Hồ Chí Minh",
        "ngân hàng Nhà nước",
        "ủy ban Mặt trận Tổ quốc",
        "ủy ban Thường vụ Quốc hội",
        "ủy ban nhân dân",
        "hội đồng nhân dân",
        "Thủ tướng Chính phủ",
        "Chính phủ",
        "Quốc hội",
        "Luật số",
        "Nghị định số",
        "Nghị quyết số",
        "Quyết định số",
        "Thông tư số",
        "Chỉ thị số",
        "Kế hoạch số",
        "Hồ Chí Minh",
        "Việt Nam",
        "Tổ quốc",
    )
)
# "ỦY BAN NHÂN DÂN" before "Tỉnh An Giang": a run of words in capitals inside a name.
_CAPITAL_RUN = re.compile(r"((?<!\w)[^\W\d_a-z]{2,}(?: [^\W\d_a-z]{2,})+(?!\w))")
_LEVEL_INSIDE = re.compile(r"(?<=\w )(?:Tỉnh|Huyện|Thị xã|Thị trấn|Xã|Đặc khu)(?= [^\W\d_])")
# The body stands for its leader: "Bộ trưởng Bộ Tài chính" signs for "Bộ Tài chính".
_LEADER_OF = re.compile(r"^(?:Bộ trưởng (?=Bộ )|Chủ tịch (?=[Ủủ]y ban|[Hh]ội đồng)|Thống đốc (?=Ngân hàng))")
_LEVEL_NUMBER = re.compile(r"\b(quận|phường)\s+(?=\d)")
# Words in capitals that stay so: numbers of documents, Roman numerals, words without a vowel (folded).
_KEPT = re.compile(r"\d.*[a-z]|[a-z].*\d|.*/|[ivx]{2,}\W?$|[bcdfghjklmnpqrstvwxz]{2,}$")
_ABBREVIATIONS: Final = frozenset(
    (
        "UBND",
        "HĐND",
        "THCS",
        "THPT",
        "STEM",
        "OCOP",
        "ASEAN",
        "UNESCO",
        "AI",
        "IT",
        "ICT",
        "IOT",
        "KH&CN",
        "GD&ĐT",
    )
)
_SPACES = re.compile(r"\s+")


def is_organ_line(text: str) -> bool:
    """Tell whether a line may begin the name of a body."""
    return len(text) <= 120 and _HEAD.match(fold(text)) is not None


def is_plain_case(text: str) -> bool:
    """Tell whether all letters are capitals, or all small (old capital-only fonts decode to small
    letters)."""
    return text == text.upper() or text == text.lower()


def sentence_case(text: str, *, body: bool = True) -> str:
    """Return a line in one case as a name or title: "BỘ TÀI CHÍNH" -> "Bộ Tài chính". Mixed case is kept.

    ``body``: the line names a body, so the word after "Sở", "Phòng" ... takes a capital. Otherwise it is a
    subject, in which only names of places do.

    Abbreviations UBND, HĐND and TP. are written out in names that were all in one case.
    """
    text = _SPACES.sub(" ", text).strip(" .,:;-–_*|")
    if not text or not is_plain_case(text):
        return text
    originals = text.split(" ")
    words = text.lower().split(" ")
    shown: list[str] = []
    in_name = False
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        if word in _NAME_ENDS or not word[0].isalpha():
            in_name = False
        elif before in _NAME_AFTER and word not in ("hội", "ủy", "đoàn", "đội"):
            in_name = True
        follows = before in _CAPITAL_AFTER or (_joins(before) and _capital_before(shown, index))
        leads = word in ("bộ", "sở") and before in ("trưởng", "đốc")
        capital = in_name or (body and (leads or (follows and word != "trưởng")))
        kept = originals[index]
        if _KEPT.match(fold(kept)) or kept in _ABBREVIATIONS:
            shown.append(kept)
        else:
            shown.append(word[:1].upper() + word[1:] if capital else word)
    joined = " ".join(shown)
    joined = _respell(joined)
    joined = _LEVEL_NUMBER.sub(lambda match: f"{match[1].capitalize()} ", joined)
    return joined[:1].upper() + joined[1:]


def _respell(text: str) -> str:
    """Put the names of ``_SPELLED`` into their right spelling; folding keeps the offsets."""
    folded = fold(text)
    for key, name in _SPELLED:
        at = folded.find(key)
        while at != -1:
            text = f"{text[:at]}{name}{text[at + len(key) :]}"
            at = folded.find(key, at + len(key))
    return text


def _joins(word: str) -> bool:
    return word in ("và", "-", "–") or word.endswith(",")


def _capital_before(shown: list[str], index: int) -> bool:
    """Tell whether a joined name goes on in capitals: "Khoa học và Công nghệ" after "Sở"."""
    return index > 2 and shown[0] in ("bộ", "sở", "phòng") and any(word[:1].isupper() for word in shown)


def organ_name(text: str) -> str:
    """Return a body's name for display and facets: abbreviations written out, capitals as in a sentence."""
    text = _SPACES.sub(" ", text).strip(" .,:;-–_*|")
    one_case = is_plain_case(text)
    for pattern, full in _EXPANSIONS:
        text = pattern.sub(full.upper() if one_case and text.isupper() else full, text)
    shown = sentence_case(text)
    if not one_case:
        shown = " ".join(
            sentence_case(part) if part.isupper() else part for part in _CAPITAL_RUN.split(shown) if part
        )
        shown = _LEVEL_INSIDE.sub(lambda match: match.group().lower(), shown)
    shown = _LEADER_OF.sub("", shown)
    return shown[:1].upper() + shown[1:]


def join_organ_lines(lines: Iterable[str]) -> list[str]:
    """Join the lines at the top left of a first page into names of bodies, highest first.

    "ỦY BAN NHÂN DÂN" + "QUẬN 5" + "PHÒNG KINH TẾ" gives two names.
    """
    groups: list[str] = []
    for line in lines:
        text = _SPACES.sub(" ", line).strip(" .,:;-–_*|")
        if text[1:] == text[1:].lower():  # the small letters of an old capital font
            text = text.upper()
        if not text:
            continue
        folded = fold(text)
        last = fold(groups[-1]) if groups else ""
        place = _PLACE_HEAD.match(folded) is not None
        if groups and (_OPEN_END.search(last) or (place and not _HAS_PLACE.search(last))):
            groups[-1] += f" {text}"
        elif _HEAD.match(folded):
            groups.append(text)
        elif groups and is_plain_case(text) and len(text) <= 60:
            groups[-1] += f" {text}"
    return [organ_name(group) for group in groups]


_BODY_OF: Final[dict[str, str]] = {
    "cp": "Chính phủ",
    "ttg": "Thủ tướng Chính phủ",
    "ctn": "Chủ tịch nước",
    "hdbt": "Hội đồng Bộ trưởng",
    "vpcp": "Văn phòng Chính phủ",
    "bkhcn": "Bộ Khoa học và Công nghệ",
    "btc": "Bộ Tài chính",
    "bnv": "Bộ Nội vụ",
    "btp": "Bộ Tư pháp",
    "byt": "Bộ Y tế",
    "bct": "Bộ Công Thương",
    "bxd": "Bộ Xây dựng",
    "bca": "Bộ Công an",
    "bqp": "Bộ Quốc phòng",
    "bng": "Bộ Ngoại giao",
    "bgddt": "Bộ Giáo dục và Đào tạo",
    "bgtvt": "Bộ Giao thông vận tải",
    "bkhdt": "Bộ Kế hoạch và Đầu tư",
    "btnmt": "Bộ Tài nguyên và Môi trường",
    "btttt": "Bộ Thông tin và Truyền thông",
    "bvhttdl": "Bộ Văn hóa, Thể thao và Du lịch",
    "bldtbxh": "Bộ Lao động - Thương binh và Xã hội",
    "bnnptnt": "Bộ Nông nghiệp và Phát triển nông thôn",
    "nhnn": "Ngân hàng Nhà nước Việt Nam",
}
_NATIONAL_ASSEMBLY = re.compile(r"^(ubtv)?qh\d*$")
_LOCAL: Final = {"ubnd": "Ủy ban nhân dân", "hdnd": "Hội đồng nhân dân", "ub": "Ủy ban nhân dân"}
_LOCAL_IN_TEXT = re.compile(
    r"(?:Ủy ban nhân dân|Hội đồng nhân dân|UBND|HĐND)\s+((?i:tỉnh|thành phố|quận|huyện|thị xã|"
    r"phường|xã|thị trấn|đặc khu)"
    r"\s+(?:\d{1,2}\b|[A-ZĐÀ-Ỹ][\w']*(?:[ -][A-ZĐÀ-Ỹ][\w']*){0,3}))"
)


def body_of_notation(notation: str, place: str, text: str) -> str:
    """Return the body that a notation stands for ("NĐ-CP" -> "Chính phủ"), or "".

    A people's committee or council gets its name from the place of issue ("Quận 5"), else from the first full
    name in ``text`` (normalized).
    """
    parts = [fold(part) for part in re.split(r"[-/.]", notation)]
    for part in reversed(parts):
        if part in _BODY_OF:
            return _BODY_OF[part]
        assembly = _NATIONAL_ASSEMBLY.match(part)
        if assembly:
            return "Ủy ban Thường vụ Quốc hội" if assembly[1] else "Quốc hội"
        if part in _LOCAL:
            if re.match(rf"{_ADMIN}\s", fold(place)):
                return f"{_LOCAL[part]} {place}"
            named = _LOCAL_IN_TEXT.search(text)
            return f"{_LOCAL[part]} {named[1]}" if named else _LOCAL[part]
    return ""
