"""How a legal document stood on a given day, from its own dates and from what others did to it.

Three-valued: a day is in force, not in force, or nobody knows from what is recorded; the last is said, never guessed.
Dates that contradict each other are reported, and between two days that disagree the answer is "unknown".
Rules: a document ends with the first day named; a replacement holds from the day recorded, or else from the day on which
the replacing document comes into force (Law 80/2015/QH13, articles 151-154; Law 64/2025/QH15).
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from khcn.engines.legal.model import (
    CHANGING,
    ENDING,
    Answer,
    Contradiction,
    Deed,
    Link,
    OwnDates,
    Period,
    Problem,
    Reason,
    Standing,
    Why,
)

_FIRST = date.min


@dataclass(frozen=True)
class Timeline:
    """One document in time. ``ends``: the documents that this one itself replaces or repeals as a whole."""

    own: OwnDates
    deeds: Sequence[Deed] = ()
    ends: frozenset[Hashable] = frozenset()

    def on(self, day: date) -> Answer:
        """Return how the document stood on ``day``."""
        standing, reasons = self._standing(day)
        changes = self._changes(day)
        reasons = [*reasons, *changes, *self._unchecked(day)]
        done = tuple(reason.deed for reason in changes if reason.why == Why.AMENDED_BY and reason.deed)
        return Answer(day, standing, tuple(reasons), done)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The document's life in stretches of one standing, without a gap, first to last."""
        marks = sorted(self._marks())
        found: list[Period] = []
        for index, start in enumerate([_FIRST, *marks]):
            end = marks[index] if index < len(marks) else None
            standing = self.on(start).standing
            if found and found[-1].standing == standing:
                found[-1] = Period(found[-1].start, end, standing)
            else:
                found.append(Period(None if start == _FIRST else start, end, standing))
        return tuple(found)

    @cached_property
    def problems(self) -> tuple[Contradiction, ...]:
        """Dates that cannot all be right."""
        return (*self._own_problems(), *self._deed_problems())

    # --- the standing ---

    def _standing(self, day: date) -> tuple[Standing, list[Reason]]:
        ended = self._ended(day)
        if ended is not None:
            return ended
        begun = self._begun(day)
        if begun is not None:
            return begun
        reasons = [Reason(Why.EFFECTIVE, self.own.effective)]
        paused = self._paused(day)
        if paused is not None:
            return paused[0], [*reasons, *paused[1]]
        parts = self._parts(day)
        if parts:
            lost = any(reason.why in {Why.PART_ENDED_BY, Why.PART_SUSPENDED_BY} for reason in parts)
            return (Standing.PARTLY if lost else Standing.IN_FORCE), [*reasons, *parts]
        return Standing.IN_FORCE, [*reasons, Reason(Why.NOTHING_ENDED, day)]

    def _begun(self, day: date) -> tuple[Standing, list[Reason]] | None:
        """Return the answer of a day on which the document is not surely in force yet; None when it is."""
        start = self.own.effective
        if start is not None:
            return (Standing.NOT_YET, [Reason(Why.NOT_EFFECTIVE, start)]) if day < start else None
        if self.own.issued is not None and day < self.own.issued:
            return Standing.NOT_YET, [Reason(Why.NOT_ISSUED, self.own.issued)]
        return Standing.UNKNOWN, [Reason(Why.NO_EFFECTIVE_DATE, self.own.issued)]

    def _ended(self, day: date) -> tuple[Standing, list[Reason]] | None:
        """Return the answer of a day on which the document has ended or may have; None when it surely has not."""
        expired = self.own.expired
        dated = [deed for deed in self._enders if deed.day is not None and deed.day <= day]
        reasons = [Reason(Why.ENDED_BY, deed.day, deed) for deed in dated]
        if expired is not None and expired <= day:
            return Standing.EXPIRED, [Reason(Why.OWN_EXPIRY, expired), *reasons]
        if dated and expired is not None:  # replaced, yet a later last day stands on record
            return Standing.UNKNOWN, [Reason(Why.DATES_DISAGREE, expired), *reasons]
        if dated:
            return Standing.EXPIRED, reasons
        open_ones = [
            deed
            for deed in self._enders
            if deed.day is None and (deed.by_issued or _FIRST) <= day and not self._early(day)
        ]
        if open_ones:
            return Standing.UNKNOWN, [Reason(Why.ENDED_SOME_DAY, deed.by_issued, deed) for deed in open_ones]
        return None

    def _early(self, day: date) -> bool:
        """Whether the document was surely not in force yet on ``day``, whatever ended it later."""
        start = self.own.effective or self.own.issued
        return start is not None and day < start

    def _paused(self, day: date) -> tuple[Standing, list[Reason]] | None:
        whole = [deed for deed in self._of(Link.SUSPENDS) if not deed.part]
        held = [
            deed for deed in whole if deed.day and deed.day <= day and not (deed.until and deed.until <= day)
        ]
        if held:
            return Standing.SUSPENDED, [Reason(Why.SUSPENDED_BY, deed.day, deed) for deed in held]
        may = [
            deed
            for deed in whole
            if deed.day is None
            and (deed.by_issued or _FIRST) <= day
            and not (deed.until and deed.until <= day)
        ]
        if may:
            return Standing.UNKNOWN, [Reason(Why.SUSPENDED_SOME_DAY, deed.by_issued, deed) for deed in may]
        return None

    def _parts(self, day: date) -> list[Reason]:
        """Return what of the document ended or pauses by ``day``, and what may have."""
        found = []
        for deed in self._partial:
            if deed.until is not None and deed.until <= day:
                continue
            pauses = deed.kind == Link.SUSPENDS
            if deed.day is not None and deed.day <= day:
                found.append(Reason(Why.PART_SUSPENDED_BY if pauses else Why.PART_ENDED_BY, deed.day, deed))
            elif deed.day is None and (deed.by_issued or _FIRST) <= day:
                found.append(
                    Reason(
                        Why.SUSPENDED_SOME_DAY if pauses else Why.PART_ENDED_SOME_DAY, deed.by_issued, deed
                    )
                )
        return found

    def _changes(self, day: date) -> list[Reason]:
        """Return the amendments and corrections by ``day``, in order, then those of which the day is unknown."""
        known = [deed for deed in self._changers if deed.day is not None and deed.day <= day]
        open_ones = [
            deed for deed in self._changers if deed.day is None and (deed.by_issued or _FIRST) <= day
        ]
        return [Reason(Why.AMENDED_BY, deed.day, deed) for deed in sorted(known, key=_day)] + [
            Reason(Why.AMENDED_SOME_DAY, deed.by_issued, deed) for deed in open_ones
        ]

    def _unchecked(self, day: date) -> list[Reason]:
        """Return what a machine read and nobody has looked at, if it could matter by ``day``."""
        kinds = ENDING | CHANGING | {Link.SUSPENDS}
        return [
            Reason(Why.UNCHECKED, deed.day, deed)
            for deed in self.deeds
            if not deed.sure and deed.kind in kinds and (deed.not_before or _FIRST) <= day
        ]

    # --- the deeds by kind ---

    def _of(self, *kinds: Link) -> list[Deed]:
        return [deed for deed in self.deeds if deed.sure and deed.kind in kinds and not _never_held(deed)]

    @cached_property
    def _enders(self) -> list[Deed]:
        return sorted((deed for deed in self._of(*ENDING) if not deed.part), key=_day)

    @cached_property
    def _partial(self) -> list[Deed]:
        return sorted((deed for deed in self._of(*ENDING, Link.SUSPENDS) if deed.part), key=_day)

    @cached_property
    def _changers(self) -> list[Deed]:
        return self._of(*CHANGING)

    def _marks(self) -> set[date]:
        """Return every day on which the answer may change."""
        days: set[date | None] = {self.own.issued, self.own.effective, self.own.expired}
        for deed in self._of(*ENDING, Link.SUSPENDS):
            days |= {deed.day, deed.until, None if deed.day else deed.by_issued}
        return {day for day in days if day is not None}

    # --- contradictions ---

    def _own_problems(self) -> Iterable[Contradiction]:
        issued, effective, expired = self.own.issued, self.own.effective, self.own.expired
        if issued and effective and effective < issued:
            yield Contradiction(Problem.EFFECTIVE_BEFORE_ISSUE, (effective, issued))
        if effective and expired and expired < effective:
            yield Contradiction(Problem.EXPIRED_BEFORE_EFFECTIVE, (expired, effective))
        dated = [deed for deed in self._enders if deed.day]
        if len({deed.day for deed in dated}) > 1:
            yield Contradiction(Problem.ENDED_TWICE, tuple(_day(deed) for deed in dated), tuple(dated))
        for deed in dated:
            if effective and deed.day and deed.day < effective:
                yield Contradiction(Problem.ENDED_BEFORE_EFFECTIVE, (deed.day, effective), (deed,))
            if expired and deed.day and deed.day < expired:
                yield Contradiction(Problem.EXPIRY_AFTER_END, (expired, deed.day), (deed,))

    def _deed_problems(self) -> Iterable[Contradiction]:
        ends = [day for day in (self.own.expired, *(deed.day for deed in self._enders)) if day]
        last = min(ends, default=None)
        for deed in self.deeds:
            day = deed.day
            if not deed.sure:
                continue
            if deed.on and deed.by_issued and deed.on < deed.by_issued:
                yield Contradiction(Problem.DEED_BEFORE_ITS_ISSUE, (deed.on, deed.by_issued), (deed,))
            if deed.until and day and deed.until <= day:
                yield Contradiction(Problem.UNTIL_BEFORE_DAY, (deed.until, day), (deed,))
            if _never_held(deed) and day and deed.by_expired:
                yield Contradiction(Problem.DEED_NEVER_HELD, (day, deed.by_expired), (deed,))
            if deed.kind in CHANGING and day and last and day > last:
                yield Contradiction(Problem.CHANGED_AFTER_END, (day, last), (deed,))
            if deed.kind in ENDING and not deed.part and deed.by in self.ends:
                yield Contradiction(Problem.EACH_OTHER, (), (deed,))


def _day(deed: Deed) -> date:
    return deed.day or date.max


def _never_held(deed: Deed) -> bool:
    """Whether the other document had lost its own force before the day on which it would have done this."""
    return deed.day is not None and deed.by_expired is not None and deed.by_expired <= deed.day


def days_after(day: date, days: int) -> date | None:
    """Return the day so many days after another, None beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
