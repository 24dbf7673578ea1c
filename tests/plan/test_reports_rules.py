"""Rules of reports as tables: deadlines of Decree 09, typed numbers, relations between figures, text pasted from Word."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.core.calendar.proposal import propose
from khcn.core.calendar.rules import LOCAL_ZONE, WorkingCalendar
from khcn.core.numbers import NumberFormatError, number_vi
from khcn.plan.rules.checking import Row, Rule, TextRow, report_problems
from khcn.plan.rules.deadlines import (
    PeriodDays,
    check_days,
    earliest_due,
    proposed_cutoff,
    proposed_opening,
)
from khcn.plan.rules.numbers import read_figure
from khcn.plan.rules.pasted import clean_pasted
from khcn.plan.rules.regime_forms import meant_code, usual_headings, usual_rules
from khcn.plan.rules.standing import Window, window


def calendar_of(*years: int) -> WorkingCalendar:
    days = [day for year in years for day in propose(year)]
    return WorkingCalendar(
        frozenset(day.date for day in days if not day.working),
        frozenset(day.date for day in days if day.working),
    )


CALENDAR = calendar_of(2020, 2021, 2022, 2025, 2026, 2027)


def days(
    cutoff: date,
    due: date,
    *,
    start: date | None = None,
    opens: date | None = None,
    above: date | None = None,
) -> PeriodDays:
    return PeriodDays(start or cutoff - timedelta(days=30), cutoff, opens or due, due, above)


# Deadlines (Decree 09/2019, article 8.5)


@pytest.mark.parametrize(
    ("cutoff", "due", "wrong"),
    [
        (date(2026, 6, 14), date(2026, 6, 15), []),  # half-year of the decree: Sunday, due on Monday
        (date(2026, 5, 29), date(2026, 5, 31), ["due"]),  # Friday to Sunday: no working day between
        (date(2026, 5, 29), date(2026, 6, 1), []),  # Friday to Monday
        (date(2026, 4, 29), date(2026, 5, 1), ["due"]),  # 30 April and 1 May are holidays
        (date(2026, 4, 29), date(2026, 5, 4), []),
        (date(2021, 5, 25), date(2021, 6, 1), []),  # plan 82
        (date(2021, 6, 1), date(2021, 6, 1), ["due"]),
        (date(2021, 6, 2), date(2021, 6, 1), ["due"]),
        (date(2026, 2, 13), date(2026, 2, 20), ["due"]),  # all of Tết lies between
    ],
)
def test_a_deadline_is_a_working_day_after_the_cutoff(cutoff: date, due: date, wrong: list[str]) -> None:
    faults = check_days(CALENDAR, days(cutoff, due, opens=min(cutoff, due)))
    assert [fault.item for fault in faults] == wrong
    if wrong:
        assert "09/2019/NĐ-CP" in faults[0].message


@pytest.mark.parametrize(
    ("given_days", "wrong"),
    [
        (days(date(2026, 6, 14), date(2026, 6, 16), start=date(2026, 6, 15)), ["cutoff"]),
        (days(date(2026, 6, 14), date(2026, 6, 16), start=date(2021, 6, 15)), ["starts_on"]),
        (days(date(2026, 6, 14), date(2026, 6, 16), opens=date(2026, 6, 17)), ["opens_on"]),
        (days(date(2026, 6, 14), date(2026, 6, 19), above=date(2026, 6, 19)), ["superior_due"]),
        (days(date(2026, 6, 14), date(2026, 6, 19), above=date(2026, 6, 20)), ["superior_due"]),  # a Saturday
        (days(date(2026, 6, 14), date(2026, 6, 19), above=date(2026, 6, 22)), []),
        (days(date(2026, 1, 27), date(2026, 1, 29), start=date(2025, 12, 28)), []),  # 28th to 27th
        (days(date(2026, 6, 14), date(2026, 6, 16), start=date(2025, 12, 15)), []),  # 15 December to 14 June
    ],
)
def test_each_level_has_its_day(given_days: PeriodDays, wrong: list[str]) -> None:
    assert [fault.item for fault in check_days(CALENDAR, given_days)] == wrong


DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))


@given(st.frozensets(DAYS, max_size=40), st.frozensets(DAYS, max_size=10), DAYS, st.integers(-10, 40))
def test_any_calendar(off: frozenset[date], made_up: frozenset[date], cutoff: date, shift: int) -> None:
    """Whatever the holidays: a deadline stands exactly when a working day lies after the cut-off up to it."""
    calendar = WorkingCalendar(off, made_up)
    due = cutoff + timedelta(days=shift)
    accepted = not check_days(calendar, days(cutoff, due, opens=min(cutoff, due)))
    assert accepted == (due > cutoff and calendar.working_days_between(cutoff, due) >= 1)
    assert accepted == (due >= earliest_due(calendar, cutoff))


@given(st.frozensets(DAYS, max_size=40), DAYS)
def test_what_is_proposed_keeps_the_rule(off: frozenset[date], due: date) -> None:
    calendar = WorkingCalendar(off)
    cutoff, opens = proposed_cutoff(calendar, due), proposed_opening(calendar, due)
    # the last day itself may be a day off: the proposal counts back from it and still leaves working days between
    assert not check_days(calendar, days(cutoff, due, opens=opens))


# Until when


def at(day: date, hour: int, minute: int, second: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LOCAL_ZONE)


DUE = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("closed", "exceptions", "returned", "wanted"),
    [
        (None, [], None, Window(DUE)),
        (None, [date(2026, 6, 3)], None, Window(date(2026, 6, 3), by_exception=True)),
        (None, [date(2026, 6, 3), date(2026, 6, 5)], None, Window(date(2026, 6, 5), by_exception=True)),
        (
            None,
            [],
            date(2026, 6, 4),
            Window(date(2026, 6, 9), correcting=True),
        ),  # Thursday, three working days
        (None, [], date(2026, 5, 20), Window(DUE)),  # returned early: the deadline is later anyway
        (at(date(2026, 5, 25), 9, 0, 0), [], None, Window(DUE, closed=True)),
        (at(date(2026, 5, 25), 9, 0, 0), [DUE], None, Window(DUE, by_exception=True)),
    ],
)
def test_until_when(
    closed: datetime | None, exceptions: list[date], returned: date | None, wanted: Window
) -> None:
    found = window(due=DUE, closed_at=closed, exceptions=exceptions, returned_on=returned, calendar=CALENDAR)
    assert found == wanted


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(DUE, 23, 59, 59), True),
        (at(date(2026, 6, 2), 0, 0, 0), False),
        (datetime(2026, 6, 1, 16, 59, 59, tzinfo=UTC), True),  # the same last second, told in UTC
        (datetime(2026, 6, 1, 17, 0, 0, tzinfo=UTC), False),
    ],
)
def test_the_last_day_ends_at_midnight_in_viet_nam(moment: datetime, is_open: bool) -> None:
    assert Window(DUE).is_open(moment) is is_open


# Numbers of either convention


@pytest.mark.parametrize(
    ("text", "decimals", "wanted"),
    [
        ("", 0, None), ("  ", 0, None), ("12", 0, "12"), ("1.234", 0, "1234"), ("1,234", 0, "1234"),
        ("1 234 567", 0, "1234567"), ("1.234.567", 0, "1234567"), ("1,234,567", 0, "1234567"),
        ("1.234,5", 1, "1234.5"), ("1,234.5", 1, "1234.5"), ("0,5", 1, "0.5"), ("0.5", 1, "0.5"), ("12,50", 2, "12.5"),
        ("1,234", 2, "1234"), ("1.234,50", 2, "1234.5"), ("１２３", 0, "123"), ("-3", 0, "-3"), ("12,0", 0, "12"),
        ("1\u00a0234", 0, "1234"),
    ],
)  # fmt: skip
def test_numbers_of_either_convention(text: str, decimals: int, wanted: str | None) -> None:
    assert read_figure(text, decimals=decimals) == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize(
    ("text", "decimals"),
    [("mười", 0), ("12,5", 0), ("1.23.4", 0), ("1.234.56", 0), ("12kg", 0), ("=1+1", 0), ("1e5", 0), ("9" * 30, 0),
     ("1,234", 3), ("nan", 0), ("--1", 0), ("1,2,3", 1), ("0,125", 2)],
)  # fmt: skip
def test_what_is_no_number_says_what_to_write(text: str, decimals: int) -> None:
    with pytest.raises(NumberFormatError) as caught:
        read_figure(text, decimals=decimals)
    assert len(caught.value.message) > 20


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_what_the_form_shows_reads_back(value: Decimal) -> None:
    assert read_figure(number_vi(value), decimals=2) == value


# Relations


def row(code: str, value: int | None, **fields: object) -> Row:
    return Row(code, f"Số {code}", None if value is None else Decimal(value), **fields)  # type: ignore[arg-type]


TRAINED = Rule("trained", "le", "registered")


@pytest.mark.parametrize(
    ("rows", "rules", "wanted"),
    [
        ([row("trained", 12), row("registered", 10)], [TRAINED], [("trained", False)]),
        ([row("trained", 10), row("registered", 10)], [TRAINED], []),
        ([row("trained", 12), row("registered", None)], [TRAINED], []),  # nothing to compare with
        ([row("trained", 12)], [Rule("trained", "le", "10", warning=True)], [("trained", True)]),
        ([row("trained", 12)], [Rule("trained", "eq", "12")], []),
        ([row("trained", 12)], [Rule("trained", "ge", "13")], [("trained", False)]),
        ([row("trained", -1)], [], [("trained", False)]),
        ([row("trained", None, required=True)], [], [("trained", False)]),
        (
            [row("trained", 12, computed=Decimal(10))],
            [],
            [("trained", False)],
        ),  # a correction without its reason
        ([row("trained", 12, computed=Decimal(10), reason="Thêm lớp tối")], [], []),
        ([row("trained", None, computed=Decimal(10))], [], [("trained", False)]),
    ],
)
def test_relations_between_figures(
    rows: list[Row], rules: list[Rule], wanted: list[tuple[str, bool]]
) -> None:
    assert [(one.where, one.warning) for one in report_problems(rows, [], rules)] == wanted


def test_the_sentence_names_both_numbers() -> None:
    found = report_problems([row("trained", 12), row("registered", 10)], [], [TRAINED])
    assert found[0].message == "“Số trained” là 12, không được lớn hơn “Số registered” là 10."


def test_required_texts() -> None:
    texts = [TextRow(1, "Kết quả", "  ", required=True), TextRow(2, "Kiến nghị", "")]
    assert [one.where for one in report_problems([], texts, [])] == ["text-1"]


# Text pasted from Word

WORD = (
    "<html xmlns:o='urn:x'><head><style>p.MsoNormal {margin:0}</style><meta charset=utf-8></head><body>"
    "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->"
    "<p class=MsoNormal><b><span style='font-size:14pt'>Đã tổ chức</span></b> 3 lớp,<o:p></o:p>\n87 người &amp; 2 đợt</p>"
    "<ul><li>Lớp 1</li><li>Lớp 2</li></ul><table><tr><td>A</td><td>5</td></tr></table>"
    "<p>Xem <a href='https://example.vn/x'>đây</a></p><img src='file:///c:/a.png'></body></html>"
)


def test_word_html_keeps_every_word() -> None:
    found = clean_pasted(WORD)
    assert found.text.split("\n") == [
        "Đã tổ chức 3 lớp, 87 người & 2 đợt", "", "- Lớp 1", "- Lớp 2", "", "A 5", "", "Xem https://example.vn/x đây",
    ]  # fmt: skip
    assert (found.pictures, found.formatted) == (1, True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Số học sinh < 30 và > 10", "Số học sinh < 30 và > 10"),
        ("a<b và c>d", "a<b và c>d"),
        ("dòng 1\r\ndòng 2\n\n\n\ndòng 3", "dòng 1\ndòng 2\n\ndòng 3"),
        ("e\u0323\u0302 \u200bxong\x00", "ệ xong"),
        ("<script>alert(1)</script><p>chữ</p>", "chữ"),
        ("<p>chưa đóng <style> p {", "chưa đóng p {"),
        ("<p>a</p><p>&lt;b&gt; là chữ</p>", "a\n\n<b> là chữ"),
    ],
)
def test_plain_text_stays(text: str, wanted: str) -> None:
    assert clean_pasted(text).text == wanted


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200))
def test_cleaning_never_fails_and_settles(text: str) -> None:
    assert isinstance(clean_pasted(text).text, str)


# The register


def test_the_register_holds_together() -> None:
    assert meant_code("visits", "library") == "library_visits"
    assert meant_code("visits", "visit") == "visits"
    rules = usual_rules({"people_trained", "registrations", "awards"})
    assert [(one.left, one.compare, one.right) for one in rules] == [
        ("people_trained", "le", "registrations")
    ]
    assert usual_headings()[0].required
