"""Who acts in the simulated city, and when: people by their part, moments in the time of the place."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from khcn.orgs.models import Unit, User
from khcn.plan.simulation import PERSON_MARK, City
from khcn.plan.simulation.specs import ward_key


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of a day in the time of the place."""
    return datetime.combine(day, time(hour, minute), timezone.get_default_timezone())


@dataclass(slots=True)
class Cast:
    """Units and people of a city by their part, and how far time has come."""

    city: City
    units: dict[str, Unit]
    people: dict[str, User]
    now: datetime
    wards: list[Unit] = field(init=False)

    def __post_init__(self) -> None:
        self.wards = [self.units[ward_key(n)] for n in range(1, self.city.units + 1)]

    def person(self, login: str) -> User:
        """Return somebody of the city's offices."""
        return self.people[f"{PERSON_MARK}{login}"]

    def reporter(self, place: int) -> User:
        """Return the reporter of the unit at ``place`` (from 0)."""
        return self.people[f"{PERSON_MARK}bao-cao-{place + 1:03d}"]

    def head(self, place: int) -> User:
        """Return the head of the unit at ``place`` (from 0)."""
        return self.people[f"{PERSON_MARK}thu-truong-{place + 1:03d}"]

    def reached(self, day: date) -> bool:
        """Whether a day is over."""
        return moment(day, 23) <= self.now

    def at(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """Return a moment, never ahead of now."""
        return min(moment(day, hour, minute), self.now)

    def day(self, day: date) -> date:
        """Return a day, never ahead of today."""
        return min(day, timezone.localdate(self.now))


def spread(first: date, last: date, share: float) -> date:
    """Return the day at a share (0 to 1) of the way from one day to another."""
    return first + timedelta(days=int((last - first).days * min(max(share, 0.0), 1.0)))
