"""The list of what needs doing, and the figures of reports."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from khcn.core.indicators import Period, indicators
from khcn.programmes.areas import Todo
from khcn.programmes.enums import (
    Audience,
    EntryState,
    ProgrammeState,
    RegistrationState,
    SessionState,
    TeamState,
)
from khcn.programmes.models.contests import Award, ContestResult
from khcn.programmes.selectors import today
from khcn.programmes.services.attendance import group_mark, headcount_enter
from khcn.programmes.simulation.books import direct_counts
from tests.orgs.factories import make_unit
from tests.programmes.factories import (
    NOW,
    People,
    make_contest,
    make_entry,
    make_group,
    make_programme,
    make_registration,
    make_session,
    make_team,
)

pytestmark = pytest.mark.django_db
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


def _ask(monkeypatch: pytest.MonkeyPatch, *rows: Todo) -> HttpRequest:
    from khcn.core.registry import Registry

    lists: Registry[object] = Registry("lists of the story")
    lists.register("one", lambda request, now: rows)
    monkeypatch.setattr(today, "todo_lists", lists)
    return RequestFactory().get("/")


def test_what_is_late_stands_first(monkeypatch: pytest.MonkeyPatch) -> None:
    hour = timedelta(hours=1)
    request = _ask(
        monkeypatch,
        Todo("khi nào tiện", "/a/"),
        Todo("tuần này", "/b/", due=NOW + timedelta(days=3)),
        Todo("muộn", "/c/", due=NOW - hour),
        Todo("hôm nay", "/d/", due=NOW + hour),
        Todo("sau", "/e/", due=NOW + timedelta(days=30)),
    )
    groups = today.todo_groups(request, NOW)
    assert [[one.text for one in group.rows] for group in groups] == [
        ["muộn"], ["hôm nay"], ["tuần này"], ["sau"], ["khi nào tiện"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("reporter", 200), ("head", 200), ("clerk", 200), ("auditor", 200), ("leader", 200)],
)
def test_the_page_opens_for_the_desk(client: Client, who: str, status: int) -> None:
    client.force_login(getattr(People(), who))
    answer = client.get(reverse("programmes-desk:today"))
    assert answer.status_code == status
    assert "Việc hôm nay" in answer.content.decode()


def _value(key: str, *unit_ids: int) -> Decimal | None:
    indicator = indicators.get(f"programmes.{key}")
    one = indicator.figure(period=MAY, unit_ids=list(unit_ids), reader=None)
    many = indicator.figures(period=MAY, groups={1: list(unit_ids)}, reader=None)[1]  # type: ignore[attr-defined]
    assert one == many
    return one.value


def test_sessions_count_once_they_are_over() -> None:
    mine, other = make_unit(), make_unit()
    programme = make_programme(mine)
    make_session(programme, starts_at=NOW)
    make_session(programme, starts_at=NOW, state=SessionState.CANCELLED)
    make_session(programme, starts_at=NOW + timedelta(days=40))
    make_session(make_programme(mine, state=ProgrammeState.CANCELLED), starts_at=NOW)
    make_session(make_programme(other), starts_at=NOW)
    assert (_value("sessions", mine.pk), _value("sessions", mine.pk, other.pk)) == (1, 2)


def test_a_period_ends_at_midnight_in_viet_nam() -> None:
    unit = make_unit()
    last = NOW.replace(day=31, hour=16, minute=59)  # 23:59 on 31 May
    make_registration(make_programme(unit), created_at=last)
    make_registration(make_programme(unit), created_at=last + timedelta(minutes=1))
    assert _value("registered", unit.pk) == 1


def test_people_by_audience_and_sex() -> None:
    unit = make_unit()
    programme = make_programme(unit)
    make_registration(programme, audience=Audience.PUPILS, sex="female")
    make_registration(programme, audience=Audience.PUPILS, state=RegistrationState.WAITING)
    make_registration(programme, audience=Audience.TEACHERS, state=RegistrationState.CANCELLED)
    found = [
        _value(key, unit.pk)
        for key in ("registered", "registered.pupils", "registered.female", "registered.male")
    ]
    assert found == [2, 2, 1, 0]


def test_who_came_is_counted_as_on_the_page_of_attendance() -> None:
    unit = make_unit()
    programme = make_programme(unit)
    session = make_session(programme, starts_at=NOW)
    group = make_group(programme)
    for _ in range(2):
        make_registration(programme, group=group)
    group_mark(actor=None, session=session, group=group, now=NOW)
    group_mark(actor=None, session=session, group=group, count=5, now=NOW)
    assert (_value("attended", unit.pk), direct_counts(MAY)["attended"]) == (5, 5)
    headcount_enter(actor=None, session=session, headcount=30, now=NOW)
    assert (_value("attended", unit.pk), direct_counts(MAY)["attended"]) == (30, 30)
    assert _value("attended.teachers", unit.pk) == direct_counts(MAY)["attended.teachers"] == 2


def test_contests_count_teams_entries_and_awards() -> None:
    unit = make_unit()
    contest = make_contest(unit)
    team = make_team(contest)
    make_team(contest, state=TeamState.WITHDRAWN)
    entry = make_entry(team)
    make_entry(team, state=EntryState.DRAFT, submitted_at=None)
    rules = contest.rules.get()
    result = ContestResult.objects.create(
        programme=contest, rules=rules, frozen={}, sha256="0", frozen_at=NOW, published_at=NOW
    )
    Award.objects.create(programme=contest, result=result, entry=entry, title="Giải Nhất")
    assert [_value(key, unit.pk) for key in ("teams", "entries", "awards")] == [1, 1, 1]


def test_a_reader_of_one_unit_gets_that_unit() -> None:
    people = People()
    make_session(make_programme(people.unit), starts_at=NOW)
    make_session(make_programme(make_unit()), starts_at=NOW)
    indicator = indicators.get("programmes.sessions")
    assert indicator.figure(period=MAY, unit_ids=None, reader=people.head).value == 1
    assert indicator.figure(period=MAY, unit_ids=None, reader=people.leader).value == 2


def test_the_menu_of_the_desk_marks_one_place(client: Client) -> None:
    people = People()
    client.force_login(people.officer)
    for name in ("today", "programmes", "certificate-batches"):
        page = client.get(reverse(f"programmes-desk:{name}")).content.decode()
        wide = page.split("desk__nav--wide", 1)[1].split("</nav>", 1)[0]
        assert wide.count('aria-current="') == 1, name
