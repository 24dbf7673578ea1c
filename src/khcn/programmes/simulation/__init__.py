"""A made-up year of a district's programmes, for measuring and practising. Everything passes through the services."""

from dataclasses import dataclass
from typing import Final

MARK: Final = "mo-phong"  # begins the key of every unit and programme that was simulated
PERSON_MARK: Final = "mo-phong-ct-"  # begins every user name


@dataclass(frozen=True, slots=True)
class Year:
    """What is simulated. The same values give the same year."""

    seed: int = 7
    year: int = 2025
    sessions: int = 600
    registrations: int = 20_000
    contests: int = 6
