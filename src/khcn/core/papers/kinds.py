"""Builders of the common kinds of documents: data in, a :class:`Paper` with its parts in the decree's order out.

The texts that the decree fixes ("KẾ HOẠCH", "QUYẾT ĐỊNH:") are Vietnamese whatever language the reader's pages have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypedDict, Unpack

from khcn.core.papers.blocks import PlainBlock
from khcn.core.papers.doctypes import LETTER, TYPES, symbol_of
from khcn.core.papers.parts import (
    Addressees,
    Annex,
    Bases,
    Block,
    Metadata,
    NationalHeader,
    Paper,
    Ruling,
    Signatory,
    Signature,
    TwoSignatures,
    Urgency,
)


@dataclass(frozen=True)
class Issuer:
    """Who issues documents: names as in a sentence, the abbreviation as in symbols, the place of the date line."""

    name: str
    abbreviation: str
    place: str
    parent: str = ""


@dataclass(frozen=True)
class Extras:
    """What any kind of document may carry beside its text."""

    number: int | None = None
    urgency: Urgency | None = None
    circulation: str = ""
    annexes: Sequence[Annex] = ()
    drafter: str = ""
    contact: str = ""
    metadata: Metadata = field(default_factory=Metadata)


class Core(TypedDict):
    """What every builder needs: who, when (``None``: left for the clerk), about what, the text."""

    issuer: Issuer
    day: date | None
    about: str
    blocks: Sequence[PlainBlock]


def _paper(
    code: str, *, core: Core, before: Sequence[Block], after: Sequence[Block], extras: Extras, unit: str = ""
) -> Paper:
    issuer, letter = core["issuer"], code == LETTER.code
    return Paper(
        title="" if letter else TYPES[code].title,
        subtitle="" if letter else core["about"],
        blocks=[*before, *core["blocks"], *after],
        header=NationalHeader(
            agency=issuer.name,
            parent_agency=issuer.parent,
            place=issuer.place,
            day=core["day"],
            number=extras.number,
            symbol=symbol_of(code, issuer.abbreviation, unit),
            about=core["about"] if letter else "",
            urgency=extras.urgency,
            circulation=extras.circulation,
        ),
        metadata=replace(extras.metadata, author=extras.metadata.author or issuer.name),
        annexes=extras.annexes,
        drafter=extras.drafter,
        contact=extras.contact,
    )


def _addressed(names: Sequence[str]) -> list[Block]:
    return [Addressees(names)] if names else []


def _based(lines: Sequence[str]) -> list[Block]:
    return [Bases(lines)] if lines else []


def plan(
    *, signature: Signature, bases: Sequence[str] = (), extras: Extras | None = None, **core: Unpack[Core]
) -> Paper:
    """Return a plan (kế hoạch)."""
    return _paper("KH", core=core, before=_based(bases), after=[signature], extras=extras or Extras())


def report(
    *, signature: Signature, to: Sequence[str] = (), extras: Extras | None = None, **core: Unpack[Core]
) -> Paper:
    """Return a report (báo cáo); ``to``: the agencies above to which it goes."""
    return _paper("BC", core=core, before=_addressed(to), after=[signature], extras=extras or Extras())


def submission(
    *,
    signature: Signature,
    to: Sequence[str],
    bases: Sequence[str] = (),
    extras: Extras | None = None,
    **core: Unpack[Core],
) -> Paper:
    """Return a submission (tờ trình)."""
    before: list[Block] = [*_addressed(to), *_based(bases)]
    return _paper("TTr", core=core, before=before, after=[signature], extras=extras or Extras())


def invitation(*, signature: Signature, extras: Extras | None = None, **core: Unpack[Core]) -> Paper:
    """Return an invitation (giấy mời); its text names the guests, the matter, time and place."""
    return _paper("GM", core=core, before=[], after=[signature], extras=extras or Extras())


def notice(
    *, signature: Signature, bases: Sequence[str] = (), extras: Extras | None = None, **core: Unpack[Core]
) -> Paper:
    """Return a notice (thông báo)."""
    return _paper("TB", core=core, before=_based(bases), after=[signature], extras=extras or Extras())


def decision(
    *,
    signature: Signature,
    authority: str,
    bases: Sequence[str],
    extras: Extras | None = None,
    **core: Unpack[Core],
) -> Paper:
    """Return a decision (quyết định); ``authority``: who decides, "Chủ tịch Ủy ban nhân dân ..."; the blocks are its
    articles.
    """
    before: list[Block] = [Ruling(authority.upper()), Bases(bases), Ruling("QUYẾT ĐỊNH:")]
    return _paper("QĐ", core=core, before=before, after=[signature], extras=extras or Extras())


def minutes(
    *,
    secretary: Signatory,
    chair: Signatory,
    recipients: Sequence[str] = (),
    extras: Extras | None = None,
    **core: Unpack[Core],
) -> Paper:
    """Return minutes (biên bản), signed by two."""
    after = [TwoSignatures(secretary, chair, recipients)]
    return _paper("BB", core=core, before=[], after=after, extras=extras or Extras())


def letter(
    *,
    signature: Signature,
    to: Sequence[str],
    unit: str = "",
    extras: Extras | None = None,
    **core: Unpack[Core],
) -> Paper:
    """Return an official letter (công văn); ``unit``: the abbreviation of the unit that drafted it."""
    return _paper(
        LETTER.code, core=core, before=_addressed(to), after=[signature], extras=extras or Extras(), unit=unit
    )
