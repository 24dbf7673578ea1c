"""Was it in force on that day? Told as a table: dates, what others did, the day, the answer and its reasons."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.legal.model import Deed, Link, OwnDates, Problem, Standing, Why
from khcn.engines.legal.timeline import Timeline, days_after

ISSUED, START, END = date(2013, 11, 29), date(2014, 7, 1), date(2024, 8, 1)
OWN = OwnDates(ISSUED, START)


def d(text: str) -> date:
    return date.fromisoformat(text)


def deed(kind: Link, by: str = "B", **values: Any) -> Deed:
    return Deed(kind, by, **values)


REPLACED = deed(Link.REPLACES, on=END)
PART = deed(Link.REPLACES, on=d("2020-01-01"), part="khoản 2 Điều 5")
AMENDED = deed(Link.AMENDS, "C", on=d("2018-12-05"))
PAUSED = deed(Link.SUSPENDS, "D", on=d("2021-06-01"), until=d("2021-12-01"))

TABLE = [
    # own dates, deeds, day, standing, one of the reasons
    (OWN, [], "2013-01-01", Standing.NOT_YET, Why.NOT_EFFECTIVE),
    (OWN, [], "2014-06-30", Standing.NOT_YET, Why.NOT_EFFECTIVE),
    (OWN, [], "2014-07-01", Standing.IN_FORCE, Why.NOTHING_ENDED),
    (OWN, [REPLACED], "2024-07-31", Standing.IN_FORCE, Why.EFFECTIVE),
    (OWN, [REPLACED], "2024-08-01", Standing.EXPIRED, Why.ENDED_BY),
    (OwnDates(ISSUED, START, END), [], "2024-08-01", Standing.EXPIRED, Why.OWN_EXPIRY),
    (OwnDates(ISSUED, START, END), [], "2024-07-31", Standing.IN_FORCE, Why.EFFECTIVE),
    # the day of a replacement is not recorded: the day of the other document stands for it
    (OWN, [deed(Link.REPLACES, by_effective=END)], "2024-08-01", Standing.EXPIRED, Why.ENDED_BY),
    (OWN, [deed(Link.REPLACES, by_effective=END)], "2024-07-31", Standing.IN_FORCE, Why.EFFECTIVE),
    # nobody knows from when
    (OWN, [deed(Link.REPEALS)], "2020-01-01", Standing.UNKNOWN, Why.ENDED_SOME_DAY),
    (OWN, [deed(Link.REPEALS)], "2014-01-01", Standing.NOT_YET, Why.NOT_EFFECTIVE),
    (OWN, [deed(Link.REPEALS, by_issued=d("2023-01-01"))], "2022-12-31", Standing.IN_FORCE, Why.EFFECTIVE),
    (OWN, [deed(Link.REPEALS, by_issued=d("2023-01-01"))], "2023-01-01", Standing.UNKNOWN, Why.ENDED_SOME_DAY),
    (OwnDates(), [], "2020-01-01", Standing.UNKNOWN, Why.NO_EFFECTIVE_DATE),
    (OwnDates(ISSUED), [], "2020-01-01", Standing.UNKNOWN, Why.NO_EFFECTIVE_DATE),
    (OwnDates(ISSUED), [], "2013-11-28", Standing.NOT_YET, Why.NOT_ISSUED),
    (OwnDates(expired=END), [], "2025-01-01", Standing.EXPIRED, Why.OWN_EXPIRY),
    (OwnDates(expired=END), [], "2020-01-01", Standing.UNKNOWN, Why.NO_EFFECTIVE_DATE),
    (OwnDates(), [REPLACED], "2025-01-01", Standing.EXPIRED, Why.ENDED_BY),
    # parts
    (OWN, [PART], "2019-12-31", Standing.IN_FORCE, Why.EFFECTIVE),
    (OWN, [PART], "2020-01-01", Standing.PARTLY, Why.PART_ENDED_BY),
    (OWN, [PART, REPLACED], "2024-08-01", Standing.EXPIRED, Why.ENDED_BY),
    (OWN, [deed(Link.REPEALS, part="Điều 9")], "2020-01-01", Standing.IN_FORCE, Why.PART_ENDED_SOME_DAY),
    # pauses
    (OWN, [PAUSED], "2021-05-31", Standing.IN_FORCE, Why.EFFECTIVE),
    (OWN, [PAUSED], "2021-06-01", Standing.SUSPENDED, Why.SUSPENDED_BY),
    (OWN, [PAUSED], "2021-12-01", Standing.IN_FORCE, Why.EFFECTIVE),
    (OWN, [deed(Link.SUSPENDS, on=d("2021-06-01"))], "2030-01-01", Standing.SUSPENDED, Why.SUSPENDED_BY),
    (OWN, [deed(Link.SUSPENDS)], "2020-01-01", Standing.UNKNOWN, Why.SUSPENDED_SOME_DAY),
    (OWN, [deed(Link.SUSPENDS, on=d("2021-06-01"), part="Điều 3")], "2021-07-01", Standing.PARTLY, Why.PART_SUSPENDED_BY),
    # what changes the words does not end the document
    (OWN, [AMENDED], "2018-12-04", Standing.IN_FORCE, Why.EFFECTIVE),
    (OWN, [AMENDED], "2018-12-05", Standing.IN_FORCE, Why.AMENDED_BY),
    (OWN, [deed(Link.AMENDS)], "2018-12-05", Standing.IN_FORCE, Why.AMENDED_SOME_DAY),
    (OWN, [deed(Link.CONSOLIDATES, on=START)], "2018-12-05", Standing.IN_FORCE, Why.NOTHING_ENDED),
    (OWN, [deed(Link.BASED_ON, on=START), deed(Link.GUIDES, on=START)], "2018-12-05", Standing.IN_FORCE, Why.EFFECTIVE),
    # a machine's reading decides nothing, but is said
    (OWN, [deed(Link.REPLACES, on=END, sure=False)], "2025-01-01", Standing.IN_FORCE, Why.UNCHECKED),
    # dates that disagree: unknown in between
    (OwnDates(ISSUED, START, d("2026-01-01")), [REPLACED], "2025-01-01", Standing.UNKNOWN, Why.DATES_DISAGREE),
    (OwnDates(ISSUED, START, d("2026-01-01")), [REPLACED], "2026-01-01", Standing.EXPIRED, Why.OWN_EXPIRY),
    (OwnDates(ISSUED, START, d("2020-01-01")), [REPLACED], "2021-01-01", Standing.EXPIRED, Why.OWN_EXPIRY),
    # what replaced it had itself been repealed before it began
    (OWN, [deed(Link.REPLACES, on=END, by_expired=d("2024-07-01"))], "2025-01-01", Standing.IN_FORCE, Why.EFFECTIVE),
]  # fmt: skip


@pytest.mark.parametrize(("own", "deeds", "day", "standing", "why"), TABLE)
def test_on_that_day(own: OwnDates, deeds: list[Deed], day: str, standing: Standing, why: Why) -> None:
    answer = Timeline(own, deeds).on(d(day))
    assert answer.standing == standing
    assert why in {reason.why for reason in answer.reasons}


def test_amendments_come_in_order_and_only_those_by_that_day() -> None:
    late, early = deed(Link.AMENDS, "E", on=d("2022-01-01")), deed(Link.CORRECTS, "F", on=d("2015-01-01"))
    timeline = Timeline(OWN, [late, AMENDED, early])
    assert [one.by for one in timeline.on(d("2023-01-01")).amended_by] == ["F", "C", "E"]
    assert [one.by for one in timeline.on(d("2019-01-01")).amended_by] == ["F", "C"]


@pytest.mark.parametrize(
    ("own", "deeds", "ends", "problems"),
    [
        (OWN, [REPLACED, PART, AMENDED, PAUSED], set(), set()),
        (OwnDates(START, ISSUED), [], set(), {Problem.EFFECTIVE_BEFORE_ISSUE}),
        (OwnDates(None, START, ISSUED), [], set(), {Problem.EXPIRED_BEFORE_EFFECTIVE}),
        (OWN, [deed(Link.REPLACES, on=d("2014-01-01"))], set(), {Problem.ENDED_BEFORE_EFFECTIVE}),
        (OwnDates(ISSUED, START, d("2026-01-01")), [REPLACED], set(), {Problem.EXPIRY_AFTER_END}),
        (OWN, [REPLACED, deed(Link.REPEALS, "E", on=d("2023-01-01"))], set(), {Problem.ENDED_TWICE}),
        (OWN, [deed(Link.AMENDS, on=d("2020-01-01"), by_issued=d("2021-01-01"))], set(), {Problem.DEED_BEFORE_ITS_ISSUE}),
        (OWN, [REPLACED, deed(Link.AMENDS, "E", on=d("2025-01-01"))], set(), {Problem.CHANGED_AFTER_END}),
        (OWN, [deed(Link.SUSPENDS, on=d("2021-01-01"), until=d("2020-01-01"))], set(), {Problem.UNTIL_BEFORE_DAY}),
        (OWN, [deed(Link.REPLACES, on=END, by_expired=d("2024-07-01"))], set(), {Problem.DEED_NEVER_HELD}),
        (OWN, [REPLACED], {"B"}, {Problem.EACH_OTHER}),
        (OWN, [deed(Link.AMENDS, on=d("2020-01-01"), by_issued=d("2021-01-01"), sure=False)], set(), set()),
    ],
)  # fmt: skip
def test_contradictions_are_reported(
    own: OwnDates, deeds: list[Deed], ends: set[str], problems: set[Problem]
) -> None:
    assert {one.problem for one in Timeline(own, deeds, frozenset(ends)).problems} == problems


def test_a_life_in_stretches() -> None:
    timeline = Timeline(OWN, [AMENDED, PART, PAUSED, REPLACED])
    assert [(one.start, one.standing) for one in timeline.periods] == [
        (None, Standing.NOT_YET),
        (START, Standing.IN_FORCE),
        (d("2020-01-01"), Standing.PARTLY),
        (d("2021-06-01"), Standing.SUSPENDED),
        (d("2021-12-01"), Standing.PARTLY),
        (END, Standing.EXPIRED),
    ]
    assert Timeline(OwnDates()).periods[0].standing == Standing.UNKNOWN


def test_days_beyond_the_calendar_are_unknown() -> None:
    assert days_after(d("2021-01-01"), 45) == d("2021-02-15")
    assert days_after(date.max, 1) is None


days = st.one_of(st.none(), st.integers(0, 40).map(lambda n: d("2020-01-01") + timedelta(days=n)))
deeds_of = st.lists(
    st.builds(
        Deed,
        kind=st.sampled_from(list(Link)),
        by=st.sampled_from("BCD"),
        on=days,
        part=st.sampled_from(["", "Điều 1"]),
        until=days,
        by_issued=days,
        by_effective=days,
        by_expired=days,
        sure=st.booleans(),
    ),
    max_size=5,
)


@given(own=st.builds(OwnDates, days, days, days), deeds=deeds_of, offset=st.integers(-3, 45))
def test_stretches_and_single_days_agree(own: OwnDates, deeds: list[Deed], offset: int) -> None:
    timeline, day = Timeline(own, deeds), d("2020-01-01") + timedelta(days=offset)
    answer = timeline.on(day)
    assert answer.reasons
    holding = [
        one
        for one in timeline.periods
        if (one.start or date.min) <= day and (one.end is None or day < one.end)
    ]
    assert [one.standing for one in holding] == [answer.standing]


@given(own=st.builds(OwnDates, days, days, days), deeds=deeds_of, offset=st.integers(-3, 45))
def test_never_more_sure_than_the_dates(own: OwnDates, deeds: list[Deed], offset: int) -> None:
    answer = Timeline(own, deeds).on(d("2020-01-01") + timedelta(days=offset))
    if answer.standing in {Standing.IN_FORCE, Standing.PARTLY, Standing.SUSPENDED}:
        assert own.effective is not None and own.effective <= answer.day
        assert own.expired is None or own.expired > answer.day
