"""The kinds of deeds between legal documents, and the records that the engine takes and gives."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Link(StrEnum):
    """What one document does to another, read from the first to the second."""

    BASED_ON = "based_on"
    AMENDS = "amends"
    REPLACES = "replaces"
    REPEALS = "repeals"
    CORRECTS = "corrects"
    CONSOLIDATES = "consolidates"
    SUSPENDS = "suspends"
    GUIDES = "guides"
    RELATED = "related"


ENDING: Final = frozenset(
    {Link.REPLACES, Link.REPEALS}
)  # a whole document ends by these, or the named part of it
CHANGING: Final = frozenset({Link.AMENDS, Link.CORRECTS})


class Standing(StrEnum):
    """How a document stands on one day."""

    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    PARTLY = "partly"  # in force but for the parts that ended or are suspended
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OwnDates:
    """The dates of a document: issued, in force from, no longer in force from (the first day without force)."""

    issued: date | None = None
    effective: date | None = None
    expired: date | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What another document (``by``) does to the one asked about.

    ``on``: the day from which it holds, as recorded. Where it is not recorded the day on which ``by`` itself comes into
    force stands for it (``by_effective``). ``by_issued`` bounds an unknown day from below. ``part``: what of the document
    it concerns ("khoản 2 Điều 5"), "" for the whole. ``until``: the first day after a suspension. ``sure``: recorded or
    checked by a person; what a machine only read is named but decides nothing.
    """

    kind: Link
    by: Hashable
    on: date | None = None
    part: str = ""
    until: date | None = None
    by_issued: date | None = None
    by_effective: date | None = None
    by_expired: date | None = None
    sure: bool = True

    @property
    def day(self) -> date | None:
        """The day from which the deed holds, None when nobody knows."""
        return self.on or self.by_effective

    @property
    def not_before(self) -> date | None:
        """A day before which the deed cannot have held."""
        return self.day or self.by_issued


class Why(StrEnum):
    """Reasons of an answer; each is phrased for people by whoever shows it."""

    NOT_ISSUED = "not_issued"
    NOT_EFFECTIVE = "not_effective"
    EFFECTIVE = "effective"
    NO_EFFECTIVE_DATE = "no_effective_date"
    OWN_EXPIRY = "own_expiry"
    ENDED_BY = "ended_by"
    ENDED_SOME_DAY = "ended_some_day"
    NOTHING_ENDED = "nothing_ended"
    PART_ENDED_BY = "part_ended_by"
    PART_ENDED_SOME_DAY = "part_ended_some_day"
    SUSPENDED_BY = "suspended_by"
    PART_SUSPENDED_BY = "part_suspended_by"
    SUSPENDED_SOME_DAY = "suspended_some_day"
    AMENDED_BY = "amended_by"
    AMENDED_SOME_DAY = "amended_some_day"
    DATES_DISAGREE = "dates_disagree"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what, since which day, and by which deed."""

    why: Why
    day: date | None = None
    deed: Deed | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How a document stood on a day, why, and by which deeds its words were changed by then (in order)."""

    day: date
    standing: Standing
    reasons: tuple[Reason, ...]
    amended_by: tuple[Deed, ...] = ()


class Problem(StrEnum):
    """Dates that cannot all be right."""

    EFFECTIVE_BEFORE_ISSUE = "effective_before_issue"
    EXPIRED_BEFORE_EFFECTIVE = "expired_before_effective"
    ENDED_BEFORE_EFFECTIVE = "ended_before_effective"
    EXPIRY_AFTER_END = "expiry_after_end"
    ENDED_TWICE = "ended_twice"
    DEED_BEFORE_ITS_ISSUE = "deed_before_its_issue"
    CHANGED_AFTER_END = "changed_after_end"
    DEED_NEVER_HELD = "deed_never_held"
    UNTIL_BEFORE_DAY = "until_before_day"
    EACH_OTHER = "each_other"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two dates that disagree: which problem, the days in question, and the deeds concerned."""

    problem: Problem
    days: tuple[date, ...] = ()
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` (None: from the beginning) to the day before ``end`` (None: open) with one standing."""

    start: date | None
    end: date | None
    standing: Standing
