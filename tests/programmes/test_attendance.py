"""Attendance: marks, clocks of phones, groups, guests, thresholds, and who may."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.errors import PermissionDeniedError
from khcn.programmes.attendance_wiring import todos
from khcn.programmes.enums import RegistrationState, SessionState
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.exports.attendance import read_list
from khcn.programmes.models.attendance import Attendance, WalkIn
from khcn.programmes.rules.attendance import RowsError, has_reached, needed_sessions, session_total, ticket_in
from khcn.programmes.selectors.attendance import reached, session_totals
from khcn.programmes.services.attendance import attendance_mark, group_mark, headcount_enter
from khcn.programmes.services.attendance_sheet import attendance_sheet_take_in
from khcn.programmes.services.attendance_sync import (
    attendance_forget,
    attendance_sync,
    link_make,
    link_of,
    link_revoke,
)
from tests.programmes.factories import (
    NOW,
    TODAY,
    People,
    make_group,
    make_programme,
    make_registration,
    make_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Any:
    class Story:
        people = People()
        programme = make_programme(people.unit)
        session = make_session(programme, starts_at=NOW - timedelta(hours=1))
        someone = make_registration(programme, name="Nguyễn Thị Ánh")

    return Story()


def item(key: str, **values: Any) -> dict[str, Any]:
    return {"key": f"khoa-may-{key}", "deed": "present", "at_phone": ms(NOW)} | values


def ms(moment: Any) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("sessions", "percent", "needed"), [(5, 80, 4), (3, 80, 3), (1, 80, 1), (5, 0, 0), (0, 80, 0)]
)
def test_what_the_threshold_needs(sessions: int, percent: int, needed: int) -> None:
    assert needed_sessions(sessions, percent) == needed
    assert not has_reached(0, 0, percent)


def test_nobody_is_counted_twice_and_codes_are_found_in_addresses() -> None:
    assert session_total(alone=3, groups=[(10, 12), (5, 0)], walk_ins=2, headcount=None) == 22
    assert session_total(alone=3, groups=[], walk_ins=0, headcount=40) == 40
    assert ticket_in("https://x.vn/chuong-trinh/ve/abcd-efgh/?a=1") == "ABCDEFGH"


@pytest.mark.parametrize("role", ["officer", "reporter"])
def test_who_runs_it_marks_once(story: Any, role: str) -> None:
    values = {
        "actor": getattr(story.people, role),
        "session": story.session,
        "registration": story.someone,
        "now": NOW,
    }
    attendance_mark(**values, present=True)
    row = attendance_mark(**values, present=True)
    assert (Attendance.objects.count(), row.revision, row.state) == (1, 0, "present")


@pytest.mark.parametrize("role", ["head", "leader", "finance", "clerk", "editor", "auditor", "focal_head"])
def test_others_do_not_mark(story: Any, role: str) -> None:
    with pytest.raises(PermissionDeniedError):
        attendance_mark(
            actor=getattr(story.people, role),
            session=story.session,
            registration=story.someone,
            present=True,
            now=NOW,
        )
    assert not Attendance.objects.exists()


def test_only_seats_of_a_session_that_takes_place(story: Any) -> None:
    values = {"actor": None, "present": True, "now": NOW}
    waiting = make_registration(story.programme, state=RegistrationState.WAITING)
    for who in (waiting, make_registration(make_programme())):
        with pytest.raises(ProgrammeError):
            attendance_mark(**values, session=story.session, registration=who)
    gone = make_session(story.programme, state=SessionState.CANCELLED)
    with pytest.raises(ProgrammeError):
        attendance_mark(**values, session=gone, registration=story.someone)


@pytest.mark.parametrize("hours", [-9, 0, 7, 24 * 365])
def test_a_phone_whose_clock_is_wrong(story: Any, hours: int) -> None:
    wrong = timedelta(hours=hours)
    link = link_make(actor=story.people.officer, session=story.session, now=NOW - timedelta(hours=1))
    happened = NOW - timedelta(minutes=30)
    items = [item("1", ticket=story.someone.ticket, at_phone=ms(happened + wrong))]
    batch = {"sent_at": ms(NOW + wrong), "items": items}
    assert [one.outcome for one in attendance_sync(link=link, batch=batch, now=NOW)] == ["done"]
    assert Attendance.objects.get().at == happened


def test_order_is_kept_and_nothing_lies_in_the_future(story: Any) -> None:
    link = link_make(actor=None, session=story.session, now=NOW)
    later = NOW + timedelta(hours=1)
    items = [
        item("1", ticket=story.someone.ticket, at_phone=ms(later + timedelta(hours=5))),
        item("2", ticket=story.someone.ticket, deed="undo", at_phone=ms(later - timedelta(hours=9))),
    ]
    attendance_sync(link=link, batch={"sent_at": ms(later), "items": items}, now=later)
    row = Attendance.objects.get()
    assert (row.state, row.at) == ("absent", later)


def test_sent_again_from_two_phones_there_are_no_doubles(story: Any) -> None:
    one, two = (link_make(actor=None, session=story.session, now=NOW) for _ in range(2))
    items = [item("1", ticket=story.someone.ticket), item("2", deed="walkin", count=3, name="Khách")]
    batch = {"sent_at": ms(NOW), "items": items}
    first = attendance_sync(link=one, batch=batch, now=NOW)
    again = attendance_sync(link=one, batch=batch, now=NOW)
    other = attendance_sync(link=two, batch={"items": [item("9", ticket=story.someone.ticket)]}, now=NOW)
    assert [row.outcome for row in (*first, *again, *other)] == [
        "done",
        "done",
        "already",
        "already",
        "already",
    ]
    assert (Attendance.objects.count(), WalkIn.objects.get().count) == (1, 3)
    assert session_totals([story.session]) == {story.session.pk: 4}


def test_a_resent_mark_does_not_undo_what_was_put_right_later(story: Any) -> None:
    link = link_make(actor=None, session=story.session, now=NOW)
    attendance_mark(
        actor=None,
        session=story.session,
        registration=story.someone,
        present=False,
        now=NOW + timedelta(minutes=5),
    )
    batch = {"sent_at": ms(NOW + timedelta(minutes=9)), "items": [item("1", ticket=story.someone.ticket)]}
    attendance_sync(link=link, batch=batch, now=NOW + timedelta(minutes=9))
    assert Attendance.objects.get().state == "absent"


@pytest.mark.parametrize("wrong", [timedelta(), timedelta(hours=-7), timedelta(hours=3)])
def test_an_undo_sent_late_does_not_win_over_a_later_tap(story: Any, wrong: timedelta) -> None:
    away, near = (link_make(actor=None, session=story.session, now=NOW) for _ in range(2))
    ticket = story.someone.ticket

    def at(minutes: int) -> Any:
        return NOW + timedelta(minutes=minutes)

    def sent(link: Any, key: str, minutes: int, *, by: int, deed: str, clock: timedelta) -> str:
        one = item(key, ticket=ticket, deed=deed, at_phone=ms(at(minutes) + clock))
        return attendance_sync(link=link, batch={"sent_at": ms(at(by) + clock), "items": [one]}, now=at(by))[
            0
        ].outcome

    assert sent(away, "1", 1, by=1, deed="present", clock=wrong) == "done"
    # the other phone taps again, at ten past; only then the first one's undo of five past comes through
    assert sent(near, "2", 10, by=10, deed="present", clock=timedelta()) == "already"
    assert sent(away, "3", 5, by=20, deed="undo", clock=wrong) == "already"
    assert Attendance.objects.get().state == "present"
    # an undo that was made after that tap still counts
    assert sent(away, "4", 15, by=25, deed="undo", clock=wrong) == "done"
    assert Attendance.objects.get().state == "absent"


def test_saving_the_list_again_leaves_the_time_of_arrival(story: Any) -> None:
    mark = {"actor": story.people.reporter, "session": story.session, "registration": story.someone}
    attendance_mark(**mark, present=True, now=NOW)
    attendance_mark(**mark, present=True, now=NOW + timedelta(hours=2))
    assert Attendance.objects.get().at == NOW


def test_an_old_count_of_a_group_sent_late_does_not_win(story: Any) -> None:
    link = link_make(actor=None, session=story.session, now=NOW)
    group = make_group(story.programme)
    for key, count, minutes, by in (("1", 20, 1, 1), ("2", 20, 10, 10), ("3", 18, 5, 12)):
        moment = NOW + timedelta(minutes=by)
        one = item(key, ticket=group.ticket, count=count, at_phone=ms(NOW + timedelta(minutes=minutes)))
        attendance_sync(link=link, batch={"sent_at": ms(moment), "items": [one]}, now=moment)
    assert WalkIn.objects.get().count == 20


@pytest.mark.parametrize("bad", [{}, {"items": "x"}, {"items": [1]}, {"items": [{}] * 201}])
def test_a_batch_that_is_none(story: Any, bad: dict[str, Any]) -> None:
    with pytest.raises(ProgrammeError):
        attendance_sync(link=link_make(actor=None, session=story.session, now=NOW), batch=bad, now=NOW)


def test_one_bad_item_does_not_hold_the_others_up(story: Any) -> None:
    link = link_make(actor=None, session=story.session, now=NOW)
    items = [
        item("1", ticket="KHONGCO"),
        {"key": "x"},
        item("3", deed="walkin", count=10**9),
        item("4", ticket=story.someone.ticket, at_phone=1e300),
    ]
    results = attendance_sync(link=link, batch={"sent_at": True, "items": items}, now=NOW)
    assert [row.outcome for row in results] == ["unknown", "refused", "refused", "done"]


def test_links_end_and_are_cut(story: Any) -> None:
    link = link_make(actor=None, session=story.session, now=NOW)
    after = link.expires_at + timedelta(hours=1)
    with pytest.raises(GoneError):
        link_of(link.token, after)
    assert link_of(link.token, after, late=True) == link
    link_revoke(actor=None, session=story.session, link_id=link.pk, now=NOW)
    with pytest.raises(GoneError):
        link_of(link.token, NOW, late=True)
    assert Client().get(reverse("programmes:check-in", args=["sai"])).status_code == 404


def test_a_group_by_name_or_by_number_counts_once(story: Any) -> None:
    group = make_group(story.programme)
    for _ in range(2):
        make_registration(story.programme, group=group)
    values = {"actor": None, "session": story.session, "group": group, "now": NOW}
    assert (group_mark(**values), group_mark(**values, count=5), group_mark(**values, count=6)) == (2, 5, 6)
    assert session_totals([story.session]) == {story.session.pk: 6}
    headcount_enter(actor=None, session=story.session, headcount=30, now=NOW)
    story.session.refresh_from_db()
    assert session_totals([story.session]) == {story.session.pk: 30}


def test_four_of_five_reach_and_cancelled_sessions_do_not_count(
    story: Any, django_assert_num_queries: Any
) -> None:
    sessions = [story.session, *(make_session(story.programme) for _ in range(4))]
    make_session(story.programme, state=SessionState.CANCELLED)
    for one in sessions[:3]:
        attendance_mark(actor=None, session=one, registration=story.someone, present=True, now=NOW)
    assert not any(one.reached for one in reached(story.programme))
    attendance_mark(actor=None, session=sessions[3], registration=story.someone, present=True, now=NOW)
    share = next(one for one in reached(story.programme) if one.registration == story.someone)
    assert (share.present, share.sessions, share.needed, share.reached) == (4, 5, 4, True)
    for _ in range(5):
        make_registration(story.programme)
    with django_assert_num_queries(3):
        assert [one.reached for one in reached(story.programme)].count(True) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
def test_a_paper_list_comes_back_once(story: Any, encoding: str) -> None:
    text = f"Mã vé;Họ và tên;Điểm danh\n{story.someone.ticket};Nguyen Anh;Có mặt\n;Tran Khach;Có mặt\n"
    filled = read_list(io.BytesIO(vn_bytes(text, encoding)))
    values = {"actor": story.people.reporter, "session": story.session, "filled": filled, "now": NOW}
    assert attendance_sheet_take_in(**values) == (1, 1)
    assert attendance_sheet_take_in(**values) == (0, 0)
    assert Attendance.objects.get().source == "paper"


def vn_bytes(text: str, encoding: str) -> bytes:
    """Windows-1258 writes some letters with a separate tone mark."""
    if encoding != "cp1258":
        return text.encode(encoding)
    import unicodedata

    out = b""
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            full = unicodedata.normalize("NFD", letter)
            tone = next(sign for sign in full if sign in "\u0300\u0301\u0303\u0309\u0323")
            out += unicodedata.normalize("NFC", full.replace(tone, "")).encode("cp1258") + tone.encode(
                "cp1258"
            )
    return out


def test_a_wrong_row_takes_nothing_in(story: Any) -> None:
    text = f"Mã vé,Họ và tên,Điểm danh\n{story.someone.ticket},A,Có mặt\nSAI234,B,Có mặt\n"
    with pytest.raises(RowsError) as refused:
        attendance_sheet_take_in(
            actor=None, session=story.session, filled=read_list(io.BytesIO(text.encode())), now=NOW
        )
    assert len(refused.value.faults) == 1
    assert not Attendance.objects.exists()


def test_pages(story: Any, client: Client) -> None:
    now = timezone.now()
    session = make_session(story.programme, starts_at=now)
    link = link_make(actor=None, session=session, now=now)
    address = reverse("programmes:check-in", args=[link.token])
    page = client.get(address)
    assert page.status_code == 200
    assert "camera=(self)" in page["Permissions-Policy"]
    assert "Nguyễn Thị Ánh" in page.content.decode()
    assert "không chụp ảnh" in page.content.decode()
    worker = client.get(f"{address}may.js")
    assert worker["Service-Worker-Allowed"] == address
    assert client.post(address, {"key": "khoa-plain", "ticket": story.someone.ticket}).status_code == 302
    body = json.dumps({"items": [item("1", ticket=story.someone.ticket)]})
    answer = Client(enforce_csrf_checks=True).post(f"{address}gui/", body, content_type="application/json")
    assert answer.json()["results"][0]["outcome"] == "already"
    assert client.post(f"{address}gui/", "{", content_type="application/json").status_code == 400
    client.force_login(story.people.reporter)
    for name, args in (("attendance", []), ("attendance-threshold", []), ("attendance-qr", []),
                       ("attendance-session", [session.number]), ("attendance-paper", [session.number]), ("attendance-sheet", [session.number])):  # fmt: skip
        assert (
            client.get(reverse(f"programmes-desk:{name}", args=[story.programme.pk, *args])).status_code
            == 200
        ), name
    desk = reverse("programmes-desk:attendance-session", args=[story.programme.pk, session.number])
    client.post(desk, {"viec": "ghi", f"p-{story.someone.pk}": "excused"})
    assert Attendance.objects.get().state == "excused"
    client.force_login(story.people.finance)
    assert client.get(desk).status_code == 403


def test_the_rest_is_present_at_once_and_a_group_by_number(story: Any, client: Client) -> None:
    late, group = make_registration(story.programme), make_group(story.programme)
    attendance_mark(actor=None, session=story.session, registration=late, present=False, now=NOW)
    client.force_login(story.people.officer)
    desk = reverse("programmes-desk:attendance-session", args=[story.programme.pk, story.session.number])
    client.post(desk, {"viec": "moi"})
    states = dict(Attendance.objects.values_list("registration_id", "state"))
    assert states == {late.pk: "absent", story.someone.pk: "present"}
    client.post(desk, {"viec": "doan", "so": group.pk, "count": "12"})
    assert client.get(desk).status_code == 200
    assert session_totals([story.session]) == {story.session.pk: 13}
    assert client.post(desk, {"viec": "walkin", "count": "0", "key": "k" * 12}).status_code == 422
    for _ in range(2):  # a double click
        client.post(desk, {"viec": "walkin", "count": "2", "key": "k" * 12})
    client.post(desk, {"viec": "headcount", "headcount": "1.000"})
    story.session.refresh_from_db()
    assert session_totals([story.session]) == {story.session.pk: 1000}


ADDRESSES = ("attendance", "attendance-threshold", "attendance-qr")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("officer", 200), ("focal_head", 200), ("auditor", 200), ("reporter", 200), ("head", 200),
        ("leader", 403), ("finance", 403), ("clerk", 403), ("editor", 403), ("stranger", 403),
    ],
)  # fmt: skip
def test_who_reads_the_lists(story: Any, client: Client, role: str, status: int) -> None:
    client.force_login(People().reporter if role == "stranger" else getattr(story.people, role))
    for name in ADDRESSES:
        address = reverse(f"programmes-desk:{name}", args=[story.programme.pk])
        assert client.get(address).status_code == status, name
    desk = reverse("programmes-desk:attendance-session", args=[story.programme.pk, story.session.number])
    writes = role in {"officer", "reporter"}
    assert client.post(desk, {"viec": "moi"}).status_code == (302 if writes else 403)
    assert Attendance.objects.exists() is writes


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04hong", b"\x00\x01\x02", b"a,b\n1,2\n", b"x" * (6 * 2**20)]
)
def test_hostile_files_get_a_sentence(story: Any, client: Client, content: bytes) -> None:
    client.force_login(story.people.reporter)
    address = reverse("programmes-desk:attendance-sheet", args=[story.programme.pk, story.session.number])
    answer = client.post(address, {"file": SimpleUploadedFile("ds.csv", content)})
    assert answer.status_code == 422
    assert not Attendance.objects.exists()


def test_the_list_goes_down_and_comes_back(story: Any, client: Client) -> None:
    attendance_mark(actor=None, session=story.session, registration=story.someone, present=True, now=NOW)
    client.force_login(story.people.reporter)
    address = reverse("programmes-desk:attendance-sheet", args=[story.programme.pk, story.session.number])
    book = client.get(address, {"tep": "xlsx"}).content
    assert client.post(address, {"file": SimpleUploadedFile("ds.xlsx", book)}).status_code == 302
    assert Attendance.objects.get().revision == 0


def test_names_of_any_letters(story: Any, client: Client) -> None:
    name = "</script><b>Ông Ñandú 𝕏 \u202egnud"
    make_registration(story.programme, name=name)
    now = timezone.now()
    link = link_make(actor=None, session=make_session(story.programme, starts_at=now), now=now)
    page = client.get(reverse("programmes:check-in", args=[link.token])).content.decode()
    assert "<b>Ông" not in page
    items = [item("1", deed="walkin", name=name + "\x00")]
    assert attendance_sync(link=link, batch={"items": items}, now=now)[0].outcome == "done"


def test_queries_do_not_grow_with_people(
    story: Any, client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        make_session(story.programme)
        make_registration(story.programme)
    client.force_login(story.people.officer)
    for name, args in (("attendance", []), ("attendance-session", [1])):
        with django_assert_max_num_queries(30):
            client.get(reverse(f"programmes-desk:{name}", args=[story.programme.pk, *args]))


def test_sessions_without_attendance_wait_on_the_list_of_today(story: Any, rf: Any) -> None:
    request = rf.get("/")
    request.user = story.people.reporter
    late = NOW + timedelta(hours=5)
    assert [one.where for one in todos(request, late)] == [story.programme.title]
    headcount_enter(actor=None, session=story.session, headcount=3, now=late)
    assert todos(request, late) == []
    request.user = story.people.head
    assert todos(request, late) == []


def test_names_of_guests_go_when_their_time_is_over(story: Any) -> None:
    link = link_make(actor=None, session=story.session, now=NOW)
    attendance_sync(
        link=link, batch={"items": [item("1", deed="walkin", name="Ông Khách", count=2)]}, now=NOW
    )
    attendance_forget(NOW)
    assert WalkIn.objects.get().name == "Ông Khách"
    story.programme.keep_until = TODAY
    story.programme.save()
    attendance_forget(NOW + timedelta(days=9))
    assert (WalkIn.objects.get().name, WalkIn.objects.get().count, link.receipts.count()) == ("", 2, 0)
