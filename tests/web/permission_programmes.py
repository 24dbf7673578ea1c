"""What the permission table asks about of programmes: one of everything that has an address, for each of two units."""

from typing import Any

from khcn.programmes.enums import PhaseKind, ProgrammeKind, ProgrammeState
from tests.programmes import factories as made


class Fair:
    """The programmes of one unit: a draft and public ones of each sort, with one of everything that has an address."""

    def __init__(self, unit: Any) -> None:
        self.unit = unit
        self.draft = made.make_programme(unit, state=ProgrammeState.DRAFT, published_at=None)
        self.programme = made.make_programme(unit)
        self.session = made.make_session(self.programme)
        self.group = made.make_group(self.programme)
        self.person = made.make_registration(self.programme)
        self.contest = made.make_contest(unit, phase=PhaseKind.JUDGING)
        self.team = made.make_team(self.contest)
        self.entry = made.make_entry(self.team)
        self.juror = made.make_juror(self.contest)
        self.support = made.make_programme(unit, kind=ProgrammeKind.SUPPORT)
        self.exhibition = made.make_programme(unit, kind=ProgrammeKind.EXHIBITION)
        self.things: dict[str, Any] = {}
        self.codes: dict[str, str] = {}

    def values(self, pattern: str) -> dict[str, str]:
        """Return what stands in the place of the parameters: the longest part of an address that is known decides."""
        about = self._about(pattern)
        known = [part for part in self.things if part in pattern]
        thing = self.things[max(known, key=len)] if known else about
        return {
            "<slug:key>": about.key,
            "<int:pk>": str(thing.pk),
            "<str:token>": self._code(pattern),
            "<slug:token>": self._code(pattern),
            "<str:code>": self._code(pattern),
            "<str:ticket>": self.person.ticket,
        }

    def _about(self, pattern: str) -> Any:
        words = {
            "/cuoc-thi/": self.contest, "/bai-du-thi/": self.contest, "/the-le/": self.contest, "/doi/": self.contest,
            "/ket-qua/": self.contest, "/ho-tro/": self.support, "/trung-bay/": self.exhibition,
        }  # fmt: skip
        return next((one for part, one in words.items() if part in pattern), self.programme)

    def _code(self, pattern: str) -> str:
        known = [part for part in self.codes if part in pattern]
        return self.codes[max(known, key=len)] if known else "khong-co"
