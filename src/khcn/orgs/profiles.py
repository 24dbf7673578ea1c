"""Read data profiles: TOML files in, validated dataclasses out. Knows no database."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from khcn.core.errors import KhcnError

PROFILES_DIR = Path(__file__).resolve().parent / "data" / "profiles"


class ProfileError(KhcnError):
    """A profile is missing or its files contradict each other."""

    code = "profile"


@dataclass(frozen=True)
class KindData:
    """One kind of unit."""

    code: str
    label: str
    label_en: str = ""
    order: int = 100
    is_group: bool = False


@dataclass(frozen=True)
class CodeData:
    """One dated code of a unit."""

    scheme: str
    code: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class UnitData:
    """One unit. ``parent`` and ``members`` are keys."""

    key: str
    name: str
    kind: str
    name_en: str = ""
    short_name: str = ""
    parent: str = ""
    electronic_id: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    members: tuple[str, ...] = ()
    members_complete: bool = True
    codes: tuple[CodeData, ...] = ()


@dataclass(frozen=True)
class MoveData:
    """One unit's work passing to another, by keys; ``default``: the successor that takes what is open."""

    kind: str
    predecessor: str
    successor: str
    number: str
    effective: date
    decided: date | None = None
    note: str = ""
    default: bool | None = None


@dataclass(frozen=True)
class SiteData:
    """The facts for header and footer. ``operator`` is a unit's key."""

    site_name: str
    owner: str
    responsible_title: str
    address: str
    email: str
    phone: str
    operator: str
    logo_text: str = ""
    tagline: str = ""
    responsible_name: str = ""
    contact_is_demo: bool = False
    terms: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A whole profile; every key that is named exists."""

    name: str
    site: SiteData
    kinds: tuple[KindData, ...]
    units: tuple[UnitData, ...]
    moves: tuple[MoveData, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        kinds = {kind.code for kind in self.kinds}
        for unit in self.units:
            if unit.key in seen:
                raise ProfileError(f"{self.name}: đơn vị {unit.key} có hai lần")
            if unit.kind not in kinds:
                raise ProfileError(f"{self.name}: đơn vị {unit.key} có loại {unit.kind} chưa khai báo")
            if unit.parent and unit.parent not in seen:
                raise ProfileError(f"{self.name}: {unit.key} phải đứng sau đơn vị cấp trên {unit.parent}")
            seen.add(unit.key)
        named = {key for unit in self.units for key in unit.members} | {self.site.operator}
        named |= {key for move in self.moves for key in (move.predecessor, move.successor)}
        if missing := named - seen:
            raise ProfileError(f"{self.name}: không có đơn vị {', '.join(sorted(missing))}")


def profile_names() -> list[str]:
    """Return the names of the profiles that ship with the product."""
    return sorted(path.parent.name for path in PROFILES_DIR.glob("*/site.toml"))


def _unit(data: dict[str, Any]) -> UnitData:
    codes = tuple(CodeData(**code) for code in data.get("codes", ()))
    return UnitData(**{**data, "codes": codes, "members": tuple(data.get("members", ()))})


def _moves(decision: dict[str, Any]) -> list[MoveData]:
    return [
        MoveData(
            kind=decision["kind"],
            predecessor=predecessor,
            successor=move["to"],
            number=decision["number"],
            effective=decision["effective"],
            decided=decision.get("date"),
            note=decision.get("note", ""),
            default=move.get("default"),
        )
        for move in decision["moves"]
        for predecessor in move["from"]
    ]


def profile_read(name: str, *, folder: Path = PROFILES_DIR) -> Profile:
    """Read one profile; as long as its files stay as they are, they are parsed once a process.

    :raises ProfileError: unknown name, or files that contradict each other.
    """
    home = folder / name
    if not (home / "site.toml").is_file():
        raise ProfileError(f"Không có bộ dữ liệu {name}. Các bộ có sẵn: {', '.join(profile_names())}.")
    files = (home / part for part in ("site.toml", "units.toml", "succession.toml"))
    return _parsed(
        home, tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.is_file())
    )


@lru_cache(maxsize=8)
def _parsed(home: Path, stamps: tuple[tuple[int, int], ...]) -> Profile:
    """Parse the files of a profile; ``stamps`` (time and size of each) make a changed one be read anew."""
    name = home.name
    site = tomllib.loads((home / "site.toml").read_text(encoding="utf-8"))
    units = tomllib.loads((home / "units.toml").read_text(encoding="utf-8"))
    path = home / "succession.toml"
    decisions = tomllib.loads(path.read_text(encoding="utf-8"))["decision"] if path.is_file() else []
    try:
        return Profile(
            name=name,
            site=SiteData(**site["site"], terms=site.get("terms", {})),
            kinds=tuple(KindData(**kind) for kind in units.get("kind", ())),
            units=tuple(_unit(unit) for unit in units.get("unit", ())),
            moves=tuple(move for decision in decisions for move in _moves(decision)),
        )
    except (TypeError, KeyError) as error:
        raise ProfileError(f"{name}: dữ liệu thiếu hoặc thừa mục: {error}") from error
