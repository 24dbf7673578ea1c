"""What was found in a document: the parts, each as the pieces of text of which it is made."""

from dataclasses import dataclass, field

from khcn.core.papers.check.closing_parts import Receivers, Signing
from khcn.core.papers.check.model import Para, Piece
from khcn.core.papers.doctypes import DocumentType


@dataclass
class Annex:
    """An annex: its label, the lines under it, and the paragraphs up to the next one."""

    label: Piece
    head: list[Piece] = field(default_factory=list)
    paras: list[Para] = field(default_factory=list)


@dataclass
class Parts:
    """What was found; an empty list or ``None`` means that it is not there."""

    kind: DocumentType | None = None
    national: list[Piece] = field(default_factory=list)
    motto: list[Piece] = field(default_factory=list)
    parents: list[Piece] = field(default_factory=list)
    agency: list[Piece] = field(default_factory=list)
    number: Piece | None = None
    place: Piece | None = None
    title: Piece | None = None
    title_rest: str = ""
    abstract: list[Piece] = field(default_factory=list)
    subject: list[Piece] = field(default_factory=list)
    stamps: list[Piece] = field(default_factory=list)
    addressed: Piece | None = None
    addressees: list[Piece] = field(default_factory=list)
    bases: list[Para] = field(default_factory=list)
    body: list[Para] = field(default_factory=list)
    in_tables: list[Para] = field(default_factory=list)
    signings: list[Signing] = field(default_factory=list)
    receivers: Receivers | None = None
    annexes: list[Annex] = field(default_factory=list)
    main: list[Para] = field(default_factory=list)
