"""What bills say of the months: a bill's kWh are spread evenly over its days, then summed by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from khcn.energy.models import Bill, Site

COVERED: Final = 20  # days of a month that bills must cover
FEWEST: Final = 6  # months


@dataclass(frozen=True, slots=True)
class Span:
    """kWh and VND of some days, both included."""

    starts_on: date
    ends_on: date
    kwh: float
    vnd: float = 0.0

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(slots=True)
class Month:
    """What bills say of one month: ``days`` that are covered; kWh and VND of these days."""

    first: date
    days: int = 0
    kwh: float = 0.0
    vnd: float = 0.0

    @property
    def length(self) -> int:
        """Days of the month."""
        return (next_month(self.first) - self.first).days

    @property
    def known(self) -> bool:
        """Whether enough days are covered to speak of the month."""
        return self.days >= COVERED

    @property
    def whole_kwh(self) -> float | None:
        """kWh of the whole month by the mean of its covered days."""
        return self.kwh / self.days * self.length if self.known else None


@dataclass(frozen=True, slots=True)
class Use:
    """A year's use: ``months`` (January first) where all twelve are known; ``count`` months behind it."""

    annual_kwh: float
    months: list[float] | None
    count: int


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def spans_of(bills: Iterable[Bill]) -> list[Span]:
    """Return bills as spans."""
    return [
        Span(
            bill.starts_on,
            bill.ends_on,
            float(bill.kwh_normal + bill.kwh_peak + bill.kwh_off),
            float(bill.total),
        )
        for bill in bills
    ]


def months_of(spans: Iterable[Span]) -> dict[date, Month]:
    """Return the months that the spans touch, in order. Several contracts add their kWh; days count once.

    A month with two contracts counts its days by the best covered one.
    """
    months: dict[date, Month] = {}
    covered: dict[date, set[date]] = {}
    for span in spans:
        first = span.starts_on.replace(day=1)
        while first <= span.ends_on:
            month = months.setdefault(first, Month(first))
            begin, end = max(first, span.starts_on), min(next_month(first) - timedelta(days=1), span.ends_on)
            days = (end - begin).days + 1
            month.kwh += span.kwh * days / span.days
            month.vnd += span.vnd * days / span.days
            covered.setdefault(first, set()).update(begin + timedelta(days=n) for n in range(days))
            first = next_month(first)
    for first, known in covered.items():
        months[first].days = len(known)
    return dict(sorted(months.items()))


def use_by_month(site: Site, on: date) -> Use | None:
    """Return what the site used in the last twelve known months before ``on``; ``None`` for fewer than six."""
    since = date(on.year - 2, on.month, 1)
    bills = Bill.objects.filter(contract__site=site, ends_on__gte=since, starts_on__lte=on)
    known = [month for month in months_of(spans_of(bills)).values() if month.known][-12:]
    if len(known) < FEWEST:
        return None
    by_number = {month.first.month: month.whole_kwh or 0.0 for month in known}
    daily = sum(month.kwh for month in known) / sum(month.days for month in known)
    months = [round(by_number[number], 1) for number in range(1, 13)] if len(by_number) == 12 else None
    return Use(sum(months) if months else daily * 365, months, len(known))
