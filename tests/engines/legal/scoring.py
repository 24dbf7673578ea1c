"""How many labelled deeds are found, and how many found ones are labelled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from khcn.engines.legal.effect import first_effective
from khcn.engines.legal.model import Link
from khcn.engines.legal.proposals import Proposal, read_document
from khcn.engines.text.fold import fold
from khcn.engines.text.numbers import number_key
from tests.engines.legal.sentences import Case

OWN, START = "12/2021/QĐ-UBND", date(2021, 7, 1)
Deed = tuple[str, bool, str]


@dataclass
class Score:
    """Counts of a run; ``parts`` and ``days`` are (right, labelled) among the deeds rightly found."""

    found: int = 0
    labelled: int = 0
    right: int = 0
    parts: list[int] = field(default_factory=lambda: [0, 0])
    days: list[int] = field(default_factory=lambda: [0, 0])
    faults: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the found deeds that are labelled."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the labelled deeds that are found."""
        return self.right / self.labelled if self.labelled else 1.0


def expected_of(case: Case) -> dict[Deed, tuple[str, str]]:
    """Return the labelled deeds with part and day."""
    deeds = {}
    for line in case.expected:
        deed, part, day = ([*(cell.strip() for cell in line.split("|")), "", ""])[:3]
        kind, _sep, what = deed.removeprefix("<").partition(" ")
        key = " ".join(fold(what[1:]).split()) if what.startswith("=") else number_key(what)
        deeds[kind, deed.startswith("<"), key] = (part, day)
    return deeds


def proposals_of(case: Case) -> dict[Deed, Proposal]:
    """Return what the engine reads from a case."""
    read = read_document([case.text], own_number=OWN, own_type=case.own_type)
    if first_effective(read.effects) is None:
        read = read_document([case.text], own_number=OWN, own_type=case.own_type, effective_on=START)
    return {(str(one.kind), one.passive, one.key): one for one in read.proposals}


def score(cases: Sequence[Case]) -> Score:
    """Run the engine over the cases and count."""
    total = Score()
    for case in cases:
        wanted, got = expected_of(case), proposals_of(case)
        total.labelled += len(wanted)
        total.found += len(got)
        for deed in wanted.keys() & got.keys():
            total.right += 1
            part, day = wanted[deed]
            total.parts[1] += 1
            total.parts[0] += fold(got[deed].part) == fold(part)
            dated = Link(deed[0]) not in {Link.BASED_ON, Link.GUIDES, Link.CONSOLIDATES} and not deed[1]
            if dated:
                total.days[1] += 1
                total.days[0] += got[deed].on == (date.fromisoformat(day) if day else START)
            if fold(got[deed].part) != fold(part):
                total.faults.append(f"part {got[deed].part!r}, wanted {part!r}: {case.text[:80]}")
        total.faults += [f"missed {deed}: {case.text[:90]}" for deed in wanted.keys() - got.keys()]
        total.faults += [f"wrongly {deed}: {case.text[:90]}" for deed in got.keys() - wanted.keys()]
    return total
