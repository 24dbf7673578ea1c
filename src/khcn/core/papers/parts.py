"""The parts (thể thức) of Decree 30/2020/NĐ-CP, annex I, as data: head, legal basis, addressees, signature, recipients,
annexes; and the paper they make up. Nothing here stands for a signature or a seal: only the room for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias

from khcn.core.papers.blocks import Landscape, PlainBlock


class Urgency(Enum):
    """The marks of urgency, as they stand in their frame."""

    EXPRESS = "HỎA TỐC"
    VERY_URGENT = "THƯỢNG KHẨN"
    URGENT = "KHẨN"


class Authority(Enum):
    """In whose place one signs: the abbreviation before the authority."""

    FOR_COLLECTIVE = "TM."  # on behalf of a collective leadership or an agency
    ACTING = "Q."  # the acting head
    FOR_HEAD = "KT."  # a deputy signs for the head
    BY_ORDER = "TL."  # the head of an office or department under the head
    BY_PROXY = "TUQ."  # by written authorisation


@dataclass(frozen=True)
class NationalHeader:
    """The head of an official document: who issues it, number and symbol, place and day.

    Names of agencies are written as in a sentence; the paper shows them in capitals. ``number`` below 10 gets its
    leading zero here; ``None`` leaves room for the clerk to write it, as does ``day``. ``about`` is the subject of an
    official letter (công văn), without "V/v". ``circulation`` is a mark such as "LƯU HÀNH NỘI BỘ".
    """

    agency: str
    place: str
    day: date | None
    parent_agency: str = ""
    number: int | None = None
    symbol: str = ""
    about: str = ""
    urgency: Urgency | None = None
    circulation: str = ""

    def __post_init__(self) -> None:
        if self.number is not None and self.number < 1:
            raise ValueError(f"documents are numbered from 1, got {self.number}")
        if " " in self.symbol:
            raise ValueError(f"a symbol has no blanks, got {self.symbol!r}")


@dataclass(frozen=True)
class Addressees:
    """``Kính gửi:`` and to whom: on the same line when there is one, each on its own line when there are more."""

    names: Sequence[str]

    def __post_init__(self) -> None:
        if not self.names:
            raise ValueError("addressees need at least one name")


@dataclass(frozen=True)
class Bases:
    """The legal basis, one document a line; "Căn cứ" before and ``;`` or ``.`` behind are set where they miss."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Ruling:
    """A centred bold line in capitals: who decides ("CHỦ TỊCH ...") or the deed itself ("QUYẾT ĐỊNH:")."""

    text: str


@dataclass(frozen=True)
class Signature:
    """The end of an official document: who receives it on the left, who signs on the right, room between the lines.

    ``position``: as it stands above the signature, e.g. "HIỆU TRƯỞNG". ``chain``: in whose place, outermost first, e.g.
    ``[(FOR_COLLECTIVE, "Ủy ban nhân dân"), (FOR_HEAD, "Chủ tịch")]`` with the position "Phó Chủ tịch"; an
    :attr:`Authority.ACTING` stands before the position itself. ``name`` empty: left for the one who signs.
    ``recipients`` without dashes and last signs; the file copy is added as ``Lưu: VT.`` where none is given.
    """

    position: str
    recipients: Sequence[str] = ()
    name: str = ""
    chain: Sequence[tuple[Authority, str]] = ()

    def __post_init__(self) -> None:
        if not self.position.strip():
            raise ValueError("a signature needs the position of who signs")
        for mode, principal in self.chain:
            if mode is not Authority.ACTING and not principal.strip():
                raise ValueError(f"{mode.value} needs the one in whose place it is signed")

    def authority_lines(self) -> list[str]:
        """Return the lines above the room for the signature, in capitals: ``KT. CHỦ TỊCH``, ``PHÓ CHỦ TỊCH``."""
        lines = []
        position = self.position
        for mode, principal in self.chain:
            if mode is Authority.ACTING:
                position = f"{mode.value} {position}"
            else:
                lines.append(f"{mode.value} {principal.strip()}")
        return [line.upper() for line in [*lines, position]]

    def recipient_lines(self) -> list[str]:
        """Return ``- ...;`` lines, the last one the file copy with a full stop."""
        names = [name.strip().removeprefix("-").strip().rstrip(";.") for name in self.recipients]
        names = [name for name in names if name]
        if not names or not names[-1].startswith("Lưu"):
            names.append("Lưu: VT")
        return [f"- {name}{'.' if name is names[-1] else ';'}" for name in names]


@dataclass(frozen=True)
class Signatory:
    """One of those who sign minutes: what they are there ("THƯ KÝ") and their name (empty: left for them)."""

    position: str
    name: str = ""


@dataclass(frozen=True)
class TwoSignatures:
    """The end of minutes: who wrote them on the left, who presided on the right, recipients below."""

    left: Signatory
    right: Signatory
    recipients: Sequence[str] = ()


Block: TypeAlias = PlainBlock | Landscape | Addressees | Bases | Ruling | Signature | TwoSignatures


@dataclass(frozen=True)
class Annex:
    """An annex on pages of its own, numbered from 1; ``landscape`` for wide tables.

    With more than one annex each gets a Roman number; ``reference`` is the line under the title, made from the head
    of the paper when left out.
    """

    title: str
    blocks: Sequence[PlainBlock]
    landscape: bool = False
    reference: str = ""


@dataclass(frozen=True)
class Metadata:
    """What the file says about itself."""

    author: str = ""
    subject: str = ""
    keywords: Sequence[str] = ()
    created: datetime | None = None
    language: str = "vi-VN"


@dataclass(frozen=True)
class Paper:
    """A whole document. ``title`` is the type name in capitals (empty for an official letter), ``subtitle`` the
    abstract under it (trích yếu), ``drafter`` the mark of who drafted it and the copies ("PL.(30)"), ``contact`` the
    address line at the foot of the first page.
    """

    title: str
    blocks: Sequence[Block]
    subtitle: str = ""
    header: NationalHeader | None = None
    metadata: Metadata = field(default_factory=Metadata)
    annexes: Sequence[Annex] = ()
    drafter: str = ""
    contact: str = ""
