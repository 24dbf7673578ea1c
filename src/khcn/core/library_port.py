"""Works for the library: what other apps call to hand something in, whoever owns the library.

What is handed in waits for a librarian, who reviews it like any deposit. ``withdraw`` takes it away again, whatever
became of it: readers find it no more, an unpublished one goes back out of review::

    reference = work_maker.get().deposit(actor=request.user, wanted=WorkWanted(title=..., ...), now=now)
    work_maker.get().withdraw(reference=reference, reason=_("..."), now=now)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor
from khcn.core.ports import Port, declare_port
from khcn.core.references import Reference


@dataclass(frozen=True, slots=True)
class WorkFile:
    """A file of a work: where it lies now (it is copied), and what people call it."""

    path: Path
    title: str


@dataclass(frozen=True, slots=True)
class WorkWanted:
    """What is handed in. ``source``: reference of what it was made from; ``subjects``: words, not headings."""

    title: str
    summary: str
    unit_id: int | None
    year: int | None = None
    creators: tuple[str, ...] = ()
    publisher: str = ""
    files: tuple[WorkFile, ...] = ()
    url: str = ""
    subjects: tuple[str, ...] = ()
    source: str = ""
    source_title: str = ""


class WorkMaker(Protocol):
    """What the owner of the library provides. Who may is asked by the caller; the trail names the actor."""

    def deposit(self, *, actor: Actor, wanted: WorkWanted, now: datetime) -> Reference:
        """Hand a work in for review; the same ``source`` again gives the same work while it stands."""
        ...

    def withdraw(self, *, reference: Reference, reason: str, now: datetime) -> bool:
        """Take a work away; return whether anything changed."""
        ...


work_maker: Port[WorkMaker] = declare_port("library.works", _("đưa bài vào thư viện"))


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An original of the library that a reader may take away: where it lies (never changed), its name and hash."""

    path: Path
    name: str
    sha256: str
    size: int


class WorkReader(Protocol):
    """What the owner of the library gives to packages that people take to another system."""

    def open_files(
        self, *, references: Iterable[Reference], reader: Actor
    ) -> Mapping[Reference, Sequence[OpenFile]]:
        """Return the files of works that ``reader`` may read and whose terms allow passing them on; others are left out."""
        ...


work_reader: Port[WorkReader] = declare_port("library.files", _("lấy tệp của tài liệu thư viện"))
