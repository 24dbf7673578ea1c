"""How long a topic is held, leap days, who stands where; what an own programme gives."""

from datetime import date

import pytest

from khcn.programmes.enums_training import Level, NeedState, RecordBasis
from khcn.programmes.rules.training import (
    FOREVER,
    Holding,
    add_months,
    best_until,
    meets,
    need_on,
    own_basis,
    valid_until,
)

DAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("held", "months", "until"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),  # no such day a year later: the last one of the month
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2026, 1, 15), 24, date(2028, 1, 15)),
        (date(2026, 1, 15), None, None),
    ],
)
def test_validity_ends_on_the_same_day_or_the_last_of_the_month(
    held: date, months: int | None, until: date | None
) -> None:
    assert valid_until(held, months) == until


def test_the_best_record_counts_and_one_of_tomorrow_does_not() -> None:
    first, better = Holding(date(2024, 5, 1), date(2026, 5, 1)), Holding(date(2025, 5, 1), date(2027, 5, 1))
    assert best_until([better, first], DAY) == date(2027, 5, 1)
    assert best_until([first, Holding(date(2020, 1, 1), None)], DAY) == FOREVER
    assert best_until([Holding(date(2026, 5, 21), None)], DAY) is None


@pytest.mark.parametrize(
    ("until", "state", "days"),
    [
        (None, NeedState.MISSING, -139),  # took office on 01/01: at once
        (FOREVER, NeedState.HELD, None),
        (date(2026, 5, 19), NeedState.EXPIRED, -1),
        (date(2026, 5, 20), NeedState.EXPIRING, 0),  # the last day still counts
        (date(2026, 8, 18), NeedState.EXPIRING, 90),
        (date(2026, 8, 19), NeedState.HELD, 91),
    ],
)
def test_the_window_before_the_end(until: date | None, state: NeedState, days: int | None) -> None:
    need = need_on(DAY, until=until, warn_days=90, office_on=date(2026, 1, 1), within_months=None)
    assert (need.state, need.days) == (state, days)


def test_who_took_office_lately_still_has_time() -> None:
    need = need_on(DAY, until=None, warn_days=90, office_on=date(2026, 3, 31), within_months=6)
    assert (need.state, need.due_on, need.days, need.overdue) == (
        NeedState.MISSING,
        date(2026, 9, 30),
        133,
        False,
    )
    late = need_on(date(2026, 10, 1), until=None, warn_days=90, office_on=date(2026, 3, 31), within_months=6)
    assert late.overdue
    assert add_months(date(2026, 3, 31), 6) == date(2026, 9, 30)


def test_only_mandatory_topics_decide_whether_somebody_meets_what_is_required() -> None:
    held = need_on(DAY, until=FOREVER, warn_days=90, office_on=DAY, within_months=None)
    missing = need_on(DAY, until=None, warn_days=90, office_on=DAY, within_months=12)
    assert meets([(Level.MANDATORY, held), (Level.RECOMMENDED, missing)]) is True
    assert meets([(Level.MANDATORY, missing)]) is False
    assert meets([(Level.RECOMMENDED, missing)]) is None


@pytest.mark.parametrize(
    ("reached", "standing", "revoked", "basis"),
    [
        (True, False, False, RecordBasis.ATTENDANCE),
        (True, True, False, RecordBasis.CERTIFICATE),
        (False, True, False, RecordBasis.CERTIFICATE),
        (True, False, True, None),
        (True, True, True, RecordBasis.CERTIFICATE),  # a second certificate replaces the revoked one
        (False, False, False, None),
    ],
)
def test_what_an_own_programme_gives(
    reached: bool, standing: bool, revoked: bool, basis: RecordBasis | None
) -> None:
    assert own_basis(reached=reached, standing=standing, revoked=revoked) == basis
