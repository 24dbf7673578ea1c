"""Names of units in running text: full names, short names, abbreviations, names without their place."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from khcn.engines.plans.types import UnitSpec
from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.slug import slugify_vi

_ABBREVIATIONS: Final = tuple(
    (re.compile(pattern), full)
    for pattern, full in (
        (r"\bubnd\b", "uy ban nhan dan"), (r"\bhdnd\b", "hoi dong nhan dan"), (r"\bkh\s?[&-]?\s?cn\b", "khoa hoc va cong nghe"),
        (r"\bgd\s?[&-]?\s?dt\b", "giao duc va dao tao"), (r"\btc\s?-?\s?kh\b", "tai chinh ke hoach"),
        (r"\bvh\s?[&-]?\s?tt\b", "van hoa va thong tin"), (r"\bvh\s?-?\s?xh\b", "van hoa xa hoi"), (r"\blhpn\b", "lien hiep phu nu"),
        (r"\bldld\b", "lien doan lao dong"), (r"\btncs\b", "thanh nien cong san"), (r"\bubmttq\b", "uy ban mat tran to quoc"),
        (r"\btp\.?\s?hcm\b|\btp\.?\s?ho chi minh\b", "thanh pho ho chi minh"), (r"\btp\.?\s(?=[a-z])", "thanh pho "),
        (r"\bql\b", "quan ly"), (r"\bkhcncs\b", "khoa hoc va cong nghe co so"), (r"^tt (?=uy ban)", "thuong truc "),
        (r"\bq\.?\s?(?=\d)", "quan "), (r"\bp\.?\s?(?=\d)", "phuong "), (r"&", " va "),
    )
)  # fmt: skip
_LEVEL: Final = r"(?:quan|huyen|thanh pho|tinh|thi xa|phuong|xa|thi tran|dac khu)"
_PLACE_END: Final = re.compile(rf"^(?P<stem>.+?) (?P<level>{_LEVEL})(?: (?P<name>[\w ]{{1,40}}))?$")
_NUMBER_END: Final = re.compile(r"^(.{6,}) \d{1,3}$")
_GENERIC: Final = frozenset({"uy ban nhan dan", "hoi dong nhan dan", "uy ban", "hoi dong", "ban", "phong", "van phong", "so", "truong",
                             "thuong truc uy ban nhan dan", "cong an", "doan thanh nien"})  # fmt: skip
_ASKED: Final = re.compile(r"^(?:de nghi|giao|yeu cau|kinh de nghi|phan cong)\s*(?:cho\s+)?:?\s*")
_UNIT_HEAD: Final = re.compile(
    r"^(?:cac |phong\b|so\b|ban\b|hoi\b|lien doan\b|doan\b|quan doan\b|thanh doan\b|tinh doan\b|huyen doan\b|uy ban\b|ubnd\b|"
    r"mat tran\b|truong\b|trung tam\b|cong an\b|van phong\b|thanh tra\b|chi cuc\b|don vi\b|hoi dong\b|cong ty\b|vien\b|kho bac\b|chi nhanh\b)"
)
_GROUP: Final = re.compile(
    r"^(?:cac\b|nhung\b)|^(?:uy ban nhan dan|ubnd)\s+\d{1,3}\s+(?:phuong|xa|thi tran)|\b(?:cac|\d{1,3}) (?:phuong|xa|truong)\b"
)
_KINDS: Final = (("department", r"^so\b"), ("division", r"^(?:phong|van phong|thanh tra)\b"), ("people-committee", r"^(?:uy ban nhan dan|ubnd)\b"),
                 ("association", r"^hoi doanh nghiep"), ("mass-organisation", r"^(?:hoi|lien doan|doan|quan doan|thanh doan|tinh doan|huyen doan|mat tran|uy ban mat tran)\b"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A unit named in a text; places are those of the normal form of the text (see :func:`normal`)."""

    key: str
    start: int
    end: int


def normal(text: str) -> str:
    """Return text as names are compared: folded, abbreviations written out, no hyphens or quotes."""
    folded = " ".join(fold(nfc(text)).split())
    for pattern, full in _ABBREVIATIONS:
        folded = pattern.sub(full, folded)
    return " ".join(re.sub(r"[^a-z0-9,;:.()]+", " ", folded).split())


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[,;:.()]+", " ", normal(text)).split())


def _aliases(unit: UnitSpec) -> Iterator[str]:
    """The forms of a unit's name that are not the whole name."""
    if unit.short_name:
        yield _bare(unit.short_name)
    name = _bare(unit.name)
    match = _PLACE_END.match(name)
    if match:
        stem = match["stem"]
        yield f"{stem} {match['level']}"
        if stem not in _GENERIC and " " in stem:
            yield stem
    if number := _NUMBER_END.match(name):
        yield number[1]


class UnitNames:
    """The names of known units, ready to be looked for."""

    def __init__(self, units: Iterable[UnitSpec]) -> None:
        self.units = {unit.key: unit for unit in units}
        whole: dict[str, str] = {}
        owners: dict[str, set[str]] = defaultdict(set)
        for unit in self.units.values():
            whole.setdefault(_bare(unit.name), unit.key)
            for alias in _aliases(unit):
                owners[alias].add(unit.key)
        self._keys = {
            alias: next(iter(keys)) for alias, keys in owners.items() if len(keys) == 1 and len(alias) > 4
        } | whole
        self._keys.pop("", None)
        names = sorted(self._keys, key=len, reverse=True)
        # Between the words of a name a text may have a comma or a full stop of an abbreviation.
        patterns = [r"[ ,.]{1,2}".join(map(re.escape, name.split())) for name in names]
        self._find = re.compile(rf"\b(?:{'|'.join(patterns)})\b") if patterns else None

    def find(self, text: str) -> list[Named]:
        """Return the units named in ``text`` in order; of two that overlap the longer."""
        shown = normal(text)
        if self._find is None:
            return []
        return [Named(self._keys[_bare(match[0])], *match.span()) for match in self._find.finditer(shown)]

    def without(self, text: str) -> str:
        """Return the normal form of ``text`` without the units it names ("Phòng Giáo dục và Đào tạo" is no training)."""
        shown = normal(text)
        return " ".join(self._find.sub(" ", shown).split()) if self._find is not None else shown

    def one(self, text: str) -> str:
        """Return the unit that the whole of ``text`` names, "" when it is none or more than a name."""
        shown = re.sub(r"\(.*?\)", "", text)
        forms = (
            shown,
            shown.replace("/", " "),
            shown.partition("/")[0],
            re.split(r"\s+(?:thuộc|trực thuộc)\s+", shown)[0],
        )
        return next((key for form in forms if (key := self._keys.get(_bare(form)))), "")


def names_in_heading(heading: str) -> list[str]:
    """Return the names of units that a heading of the assignment part lists, as printed: one, several or none."""
    shown = heading.strip(" .:;")
    folded = fold(nfc(shown))
    asked = _ASKED.match(folded)
    shown = shown[asked.end() :] if asked else shown
    names: list[str] = []
    for piece in re.split(r"\s*[,;]\s*|\s+và\s+", shown):
        kinds_only = bool(names) and re.fullmatch(r"cac [a-z]+", fold(names[-1])) is not None
        if not names or (_UNIT_HEAD.match(fold(piece)) and not kinds_only):
            names.append(piece)
        else:  # "Phòng Văn hóa và Thông tin", "Các phòng, ban chuyên môn": the rest of the name before
            joint = re.search(re.escape(names[-1]) + r"(\s*[,;]\s*|\s+và\s+)" + re.escape(piece), shown)
            names[-1] = joint[0] if joint else f"{names[-1]} {piece}"
    return names if names and _UNIT_HEAD.match(fold(names[0])) else []


def proposed_unit(name: str) -> UnitSpec:
    """Return a unit for a name that nobody knows yet; its kind is guessed from its first words."""
    folded = fold(nfc(name))
    kind = (
        "group"
        if _GROUP.search(folded)
        else next((kind for kind, pattern in _KINDS if re.match(pattern, folded)), "")
    )
    return UnitSpec(
        key=slugify_vi(name, 60) or "don-vi",
        name=name.strip()[:200],
        kind=kind,
        members_complete=kind != "group",
    )
