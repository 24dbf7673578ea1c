"""A made-up city for measuring and practising: units, people and five years of plans, filled in through the services.

Everything is made up and follows from the seed; keys of units and plans begin with :data:`MARK`, user names too.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

MARK: Final = "mo-phong-"
PERSON_MARK: Final = "mp-"


@dataclass(frozen=True, slots=True)
class City:
    """What to make: how many reporting units, how many years up to ``last_year``, from which seed."""

    units: int
    years: int
    seed: int
    last_year: int

    @property
    def span(self) -> range:
        """The years, the earliest first."""
        return range(self.last_year - self.years + 1, self.last_year + 1)

    def plan_key(self, year: int) -> str:
        """The key of one year's plan: another city has other keys."""
        return f"{MARK}{self.seed}-{self.units}-{year}"

    def random(self, *about: object) -> Random:
        """Return numbers that depend on the seed and on what they are about, on nothing else."""
        return Random(":".join(str(part) for part in (self.seed, self.units, *about)))  # noqa: S311  # no secret
