"""Programmes and sessions: from draft to public, series and holidays, who may, what the public sees."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from khcn.core.errors import PermissionDeniedError
from khcn.programmes.calendar_demo import ROWS, load
from khcn.programmes.enums import ProgrammeKind, ProgrammeState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.calendar import Every, planned_days, same_weekday
from khcn.programmes.selectors.calendar import free_seats, resolve_programmes
from khcn.programmes.services import calendar_programmes as deeds
from khcn.programmes.services import calendar_sessions as sessions
from khcn.programmes.services.calendar_clones import programme_clone
from tests.programmes.factories import NOW, People, make_programme, make_registration, make_session

pytestmark = pytest.mark.django_db


def _text(**more: Any) -> deeds.ProgrammeText:
    return deeds.ProgrammeText(**({"title": "Lớp thử", "audiences": ("teachers",)} | more))


def _session(days: int = 7, **more: Any) -> sessions.SessionText:
    at = NOW + timedelta(days=days)
    return sessions.SessionText(at, at + timedelta(hours=2), **more)


def _submitted(people: People) -> Programme:
    row = deeds.programme_create(actor=people.reporter, unit=people.unit, values=_text(), now=NOW)
    sessions.session_add(actor=people.reporter, programme_id=row.pk, values=_session(), now=NOW)
    return deeds.programme_submit(actor=people.reporter, programme_id=row.pk, now=NOW)


def test_a_programme_is_published_by_another_than_who_drafted_it() -> None:
    people = People()
    row = _submitted(people)
    assert row.starts_on == row.ends_on == date(2026, 5, 27)
    with pytest.raises(PermissionDeniedError):
        deeds.programme_approve(actor=people.reporter, programme_id=row.pk, now=NOW)
    row = deeds.programme_approve(actor=people.head, programme_id=row.pk, now=NOW)
    assert (row.state, row.approved_by, row.published_at) == (ProgrammeState.PUBLISHED, people.head, NOW)
    with pytest.raises(ProgrammeError):
        deeds.programme_approve(actor=people.head, programme_id=row.pk, now=NOW)


def test_an_officer_approves_others_but_never_own() -> None:
    people = People()
    row = deeds.programme_create(actor=people.officer, unit=people.unit, values=_text(), now=NOW)
    sessions.session_add(actor=people.officer, programme_id=row.pk, values=_session(), now=NOW)
    deeds.programme_submit(actor=people.reporter, programme_id=row.pk, now=NOW)
    with pytest.raises(PermissionDeniedError):
        deeds.programme_approve(actor=people.officer, programme_id=row.pk, now=NOW)


def test_returned_with_a_reason_and_incomplete_is_not_taken() -> None:
    people = People()
    row = _submitted(people)
    with pytest.raises(ProgrammeError):
        deeds.programme_return(actor=people.head, programme_id=row.pk, reason="  ", now=NOW)
    row = deeds.programme_return(actor=people.head, programme_id=row.pk, reason="Thiếu nơi", now=NOW)
    assert (row.state, row.return_reason) == (ProgrammeState.DRAFT, "Thiếu nơi")
    bare = deeds.programme_create(actor=people.reporter, unit=people.unit, values=_text(), now=NOW)
    with pytest.raises(ProgrammeError, match="buổi"):
        deeds.programme_submit(actor=people.reporter, programme_id=bare.pk, now=NOW)


@pytest.mark.parametrize("who", ["leader", "finance", "clerk", "auditor", "focal_head", "head", "editor"])
def test_these_roles_make_nothing(who: str) -> None:
    people = People()
    with pytest.raises(PermissionDeniedError):
        deeds.programme_create(actor=getattr(people, who), unit=people.unit, values=_text(), now=NOW)


def test_reporter_of_another_unit_is_refused_everywhere() -> None:
    ours, theirs = People(), People()
    row = _submitted(ours)
    deed: dict[str, Any] = {"actor": theirs.reporter, "programme_id": row.pk, "now": NOW}
    for call in (
        lambda: deeds.programme_update(**deed, values=_text(), revision=row.revision),
        lambda: sessions.session_add(**deed, values=_session()),
        lambda: deeds.programme_cancel(**deed, reason="x"),
        lambda: programme_clone(**deed, year=2027),
        lambda: deeds.programme_approve(actor=theirs.head, programme_id=row.pk, now=NOW),
    ):
        with pytest.raises(PermissionDeniedError):
            call()


def test_an_editor_changes_only_what_the_public_reads_and_stale_is_said() -> None:
    people = People()
    row = make_programme(people.unit, capacity=10)
    values = _text(title="Tên mới", capacity=99, kind=ProgrammeKind.VISIT)
    deeds.programme_update(actor=people.editor, programme_id=row.pk, values=values, revision=0, now=NOW)
    row.refresh_from_db()
    assert (row.title, row.folded_title, row.capacity, row.kind) == ("Tên mới", "ten moi", 10, "course")
    with pytest.raises(StaleError):
        deeds.programme_update(actor=people.editor, programme_id=row.pk, values=values, revision=0, now=NOW)


def test_cancelling_tells_calendars_and_drafts_never_become_public_by_it() -> None:
    people = People()
    row = _submitted(people)
    with pytest.raises(ProgrammeError):
        deeds.programme_cancel(actor=people.reporter, programme_id=row.pk, reason="Mưa", now=NOW)
    deeds.programme_approve(actor=people.head, programme_id=row.pk, now=NOW)
    deeds.programme_cancel(actor=people.reporter, programme_id=row.pk, reason="Mưa", now=NOW)
    one = row.sessions.get()
    assert (one.state, one.sequence, one.cancel_reason) == ("cancelled", 1, "Mưa")


def test_clone_keeps_weekdays_and_takes_no_people() -> None:
    people = People()
    old = make_programme(people.unit)
    one = make_session(old)
    make_registration(old)
    new = programme_clone(actor=people.reporter, programme_id=old.pk, year=2027, now=NOW)
    copy = new.sessions.get()
    assert (new.state, new.year, new.cloned_from, new.registrations.count()) == ("draft", 2027, old, 0)
    assert timezone.localtime(copy.starts_at).weekday() == timezone.localtime(one.starts_at).weekday()
    assert timezone.localtime(copy.starts_at).time() == timezone.localtime(one.starts_at).time()
    assert new.starts_on == timezone.localtime(copy.starts_at).date()


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31), date(2026, 5, 27)])
def test_same_weekday_is_near(day: date) -> None:
    there = same_weekday(day, 1)
    assert there.weekday() == day.weekday()
    assert abs((there - day).days - 365) <= 4


def test_recurrence_leaves_holidays_out_and_a_month_keeps_its_place() -> None:
    holiday = date(2026, 9, 2)
    found = planned_days(
        date(2026, 8, 26), Every.WEEK, until=None, count=3, is_off=lambda day: day == holiday
    )
    assert [(one.day.day, one.holiday) for one in found] == [(26, False), (2, True), (9, False), (16, False)]
    months = planned_days(date(2026, 1, 30), Every.MONTH, until=None, count=3, is_off=lambda _day: False)
    assert [one.day for one in months] == [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 27)]


def test_a_series_is_moved_and_cancelled_from_one_on() -> None:
    people = People()
    row = make_programme(people.unit)
    base: dict[str, Any] = {"actor": people.reporter, "now": NOW}
    made = sessions.sessions_repeat(
        **base, programme_id=row.pk, values=_session(), recurrence=sessions.Recurrence(Every.WEEK, count=3)
    )
    later = sessions.SessionText(made[1].starts_at + timedelta(hours=1), made[1].ends_at + timedelta(hours=1))
    changed = sessions.session_update(**base, session_id=made[1].pk, values=later, following=True)
    assert [one.sequence for one in changed] == [1, 1]
    assert changed[1].starts_at == made[2].starts_at + timedelta(hours=1)
    sessions.session_cancel(**base, session_id=made[1].pk, reason="Bận", following=True)
    row.refresh_from_db()
    assert [one.state for one in row.sessions.all()] == ["planned", "cancelled", "cancelled"]
    assert row.ends_on == row.starts_on == date(2026, 5, 27)


def test_free_seats_count_confirmed_only() -> None:
    row = make_programme(capacity=3)
    make_registration(row)
    make_registration(row, state="waiting")
    assert free_seats(row) == 2


def test_the_public_sees_no_drafts_anywhere(client: Client) -> None:
    draft, shown = make_programme(state="draft", title="Bí mật"), make_programme(title="Công khai")
    make_session(draft)
    make_session(shown, starts_at=timezone.now() + timedelta(days=3), link="https://hop.example.vn/x")
    assert client.get(reverse("programmes:programme", args=[draft.key])).status_code == 404
    assert client.get(reverse("programmes:programme-file", args=[draft.key])).status_code == 404
    page = client.get(reverse("programmes:programme", args=[shown.key]))
    assert page.status_code == 200
    assert "hop.example.vn" not in page.content.decode()
    book = client.get(reverse("programmes:calendar-file"))
    assert "Bí mật" not in book.content.decode()
    events = Calendar.from_ical(book.content).walk("VEVENT")
    assert [str(one["summary"]) for one in events] == ["Công khai"]
    assert events[0]["dtstart"].params["TZID"] == "Asia/Ho_Chi_Minh"
    again = client.get(reverse("programmes:calendar-file"), headers={"if-none-match": book["ETag"]})
    assert again.status_code == 304
    assert not resolve_programmes([str(draft.pk)], None)


def test_the_public_calendar_asks_the_same_few_questions_for_any_number(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    day = timezone.localdate() + timedelta(days=5)
    for _n in range(3):
        make_programme(starts_on=day, ends_on=day)
    client.get(reverse("programmes:calendar"))
    for _n in range(20):
        make_programme(starts_on=day, ends_on=day)
    with django_assert_max_num_queries(4):
        page = client.get(reverse("programmes:calendar"), {"tim": "lop thu", "danh-cho": "teachers"})
    assert len(page.context["page"].object_list) == 23


def test_the_desk_pages_open_and_the_form_makes_a_draft(client: Client) -> None:
    people = People()
    client.force_login(people.reporter)
    sent = {
        "title": "Lớp mới",
        "kind": "course",
        "year": "2026",
        "registration": "person",
        "threshold_percent": "80",
    }
    assert client.post(reverse("programmes-desk:programme-new"), {}).status_code == 422
    answer = client.post(reverse("programmes-desk:programme-new"), sent | {"unit": people.unit.pk})
    row = Programme.objects.get()
    assert answer.url == reverse("programmes-desk:programme", args=[row.pk])  # type: ignore[attr-defined]
    for name in ("programme", "programme-edit", "session-new"):
        assert client.get(reverse(f"programmes-desk:{name}", args=[row.pk])).status_code == 200
    assert "Lớp mới" in client.get(reverse("programmes-desk:programmes"), {"tim": "lop moi"}).content.decode()
    assert client.get(reverse("programmes-desk:programmes"), {"tep": "xlsx"}).status_code == 200
    repeat = {"starts_at": "2026-06-01T08:00", "ends_at": "2026-06-01T10:00", "every": "week", "count": "3"}
    seen = client.post(reverse("programmes-desk:session-new", args=[row.pk]), repeat | {"xem": "1"})
    assert len(seen.context["preview"]) == 3
    assert not row.sessions.exists()
    client.post(reverse("programmes-desk:session-new", args=[row.pk]), repeat)
    one = row.sessions.first()
    assert one is not None
    assert client.get(reverse("programmes-desk:session-edit", args=[row.pk, one.pk])).status_code == 200
    client.force_login(People().reporter)
    assert client.get(reverse("programmes-desk:programme-edit", args=[row.pk])).status_code == 403


def test_the_demo_has_the_promised_keys() -> None:
    assert {row[0] for row in ROWS} >= {
        "mau-lop-ai-giao-vien",
        "mau-tham-quan-vuon-uom",
        "mau-ho-tro-thiet-bi-stem",
    }


def test_the_demo_makes_every_programme_once() -> None:
    people = People()
    people.officer.username = "daumoi"
    people.officer.save()
    told: list[str] = []
    now = timezone.now()
    load(told.append, now)
    load(told.append, now)
    assert len(told) == Programme.objects.count() == len(ROWS)
    assert set(Programme.objects.values_list("key", "state")) == {(row[0], "published") for row in ROWS}


def test_search_engines_learn_public_programmes_only(client: Client) -> None:
    draft, shown = make_programme(state="draft"), make_programme()
    text = client.get(reverse("web:sitemap", args=["programmes"])).content.decode()
    assert f"/{shown.key}/" in text
    assert f"/{draft.key}/" not in text
