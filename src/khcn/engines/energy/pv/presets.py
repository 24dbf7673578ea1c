"""Usual values that spare people a question: area, prices, shapes of use by kind of building, directions."""

from dataclasses import dataclass
from typing import Final

M2_PER_KWP: Final = 5.0  # module area of today's 21 % modules with gaps, on a pitched roof
M2_PER_KWP_OPEN: Final = 8.0  # rows of an open rack on a flat roof, so that they do not shade each other


@dataclass(frozen=True)
class PriceRange:
    """VND per kWp, from low to high, and where the numbers come from (a code of this module's table of sources)."""

    low: int
    high: int
    usual: int
    source: str


# 11-15.5 million in sellers' lists (two sources); 20.0 million: 188 billion VND for 9,400 kWp on 157 public offices.
PRICE: Final = PriceRange(11_000_000, 20_000_000, 15_000_000, "price-range")

PRICE_GROUP: Final[dict[str, str]] = {
    "kindergarten": "public_school", "school": "public_school", "clinic": "public_school", "college": "public_admin",
    "office": "public_admin", "culture": "public_admin", "market": "business", "other": "public_admin",
}  # fmt: skip


def kwp_of_area(area_m2: float, usable_percent: float, mounting: str) -> float:
    """Return how many kWp fit on a roof, rounded down to a tenth."""
    per_kwp = M2_PER_KWP_OPEN if mounting == "open" else M2_PER_KWP
    return int(area_m2 * usable_percent / 100.0 / per_kwp * 10) / 10
