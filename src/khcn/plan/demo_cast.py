"""Who plays in the demo of the plan, when, and the plan file that it is made from."""

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from typing import Final

from django.utils import timezone

from khcn.core.calendar.selectors import working_calendar_around
from khcn.engines.plans.types import PlanFile
from khcn.orgs.models import Unit, User
from khcn.plan.services.plans_import import plan_read

SEED: Final = 82
FILE: Final = Path(__file__).resolve().parent / "data" / "plans" / "82-kh-ubnd-2021.yaml"
CAST: Final = (
    "daumoi", "truongdaumoi", "lanhdao", "taichinh", "vanthu", "baocao", "truongdonvi",
)  # fmt: skip
FOCAL: Final = "phong-kinh-te"
OWN: Final = "ubnd-p04"  # the unit of "baocao": left for the visitor to fill in
COMMITTEE: Final = "ubnd-q5"
WARDS: Final = tuple(f"ubnd-p{number:02d}" for number in range(1, 15))


@dataclass(frozen=True, slots=True)
class Stage:
    """Units by key, demo people by their login, and the moment of loading."""

    now: datetime
    units: dict[str, Unit]
    people: dict[str, User]

    @property
    def today(self) -> date:
        """The day of loading."""
        return timezone.localdate(self.now)

    def at(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """Return a moment of a day in the time of the place, never ahead of now."""
        moment = datetime.combine(day, time(hour, minute), timezone.get_default_timezone())
        return min(moment, self.now)


def source(today: date) -> PlanFile:
    """Return plan 82/KH-UBND of 2021 as its data file says it."""
    return plan_read(name=FILE.name, data=FILE.read_bytes(), today=today)


def working(day: date, days: int) -> date:
    """Return the day so many working days after a day (before it: negative)."""
    return working_calendar_around(day).add_working_days(day, days) if days else day


def luck(*what: object) -> Random:
    """Return random numbers of their own for each thing, the same at every loading."""
    return Random("/".join(str(one) for one in (SEED, *what)))  # noqa: S311  # illustration, not secrets
