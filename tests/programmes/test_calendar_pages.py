"""Pages of the calendar: who opens what, how many questions they ask, feeds, pictures, double clicks and races."""

import threading
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.references import Reference, Resolved, resolvers, searchers
from khcn.programmes.enums import ProgrammeKind, ProgrammeState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.exports.calendar_feed import zalo_text
from khcn.programmes.models.programmes import Material, Programme, Trainer
from khcn.programmes.services import calendar_programmes as deeds
from khcn.programmes.services import calendar_sessions as sessions
from khcn.programmes.services.calendar_clones import programme_clone
from tests.programmes.factories import NOW, People, make_programme, make_registration, make_session

pytestmark = pytest.mark.django_db
ROLES = ("officer", "reporter", "head", "focal_head", "leader", "finance", "auditor", "editor", "clerk")


def _new(**more: Any) -> dict[str, str]:
    base = {
        "title": "Lớp mới",
        "kind": "course",
        "year": "2026",
        "registration": "person",
        "threshold_percent": "80",
    }
    return base | more


def _text(**more: Any) -> deeds.ProgrammeText:
    return deeds.ProgrammeText(**({"title": "Lớp thử", "audiences": ("teachers",)} | more))


def _questions(client: Client, address: str) -> int:
    client.get(address)  # what is remembered for a minute is remembered
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def _fill(programme: Programme, number: int) -> None:
    for one in range(number):
        make_session(programme, starts_at=timezone.now() + timedelta(days=one + 1), capacity=5)
        Trainer.objects.create(programme=programme, name=f"Giảng viên {one}")
        make_registration(programme)


def test_every_page_asks_the_same_few_questions_for_any_number(client: Client) -> None:
    people = People()
    row = make_programme(people.unit, capacity=40, ends_on=timezone.localdate() + timedelta(days=9))
    _fill(row, 1)
    visitor = Client()
    public = [
        reverse("programmes:calendar"), reverse("programmes:programme", args=[row.key]), reverse("programmes:feed"),
        reverse("programmes:calendar-file"),
    ]  # fmt: skip
    desk = [
        reverse("programmes-desk:programmes"), reverse("programmes-desk:programme", args=[row.pk]),
        reverse("programmes-desk:programme-parts", args=[row.pk]),
    ]  # fmt: skip
    client.force_login(people.reporter)
    before = [_questions(visitor, one) for one in public] + [_questions(client, one) for one in desk]
    _fill(row, 8)
    for _n in range(8):
        other = make_programme(people.unit, capacity=9, ends_on=timezone.localdate() + timedelta(days=9))
        _fill(other, 2)
    after = [_questions(visitor, one) for one in public] + [_questions(client, one) for one in desk]
    assert after == before
    assert after[0] <= 8  # list: count, rows, sessions, seats, units and the frame of the page
    assert after[2] <= 2
    assert after[3] <= 2


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("place", ["own", "other"])
def test_who_opens_and_does_what(client: Client, who: str, place: str) -> None:
    people = People()
    row = make_programme(people.unit if place == "own" else None, state=ProgrammeState.SUBMITTED)
    one = make_session(row)
    client.force_login(getattr(people, who))
    runs = who == "officer" or (who == "reporter" and place == "own")
    approves = who == "officer" or (who == "head" and place == "own")
    reads = who not in {"clerk", "head"} or (who == "head" and place == "own")

    def status(name: str, *args: int) -> int:
        return client.get(reverse(f"programmes-desk:{name}", args=args)).status_code

    no = 403 if reads or who == "clerk" else 404
    assert status("programmes") == (403 if who == "clerk" else 200)
    assert status("programme", row.pk) == (200 if reads else no)
    assert status("programme-parts", row.pk) == (200 if reads else no)
    assert status("programme-edit", row.pk) == (200 if runs or who == "editor" else no)
    assert status("session-new", row.pk) == (200 if runs else no)
    assert status("session-edit", row.pk, one.pk) == (200 if runs else no)
    assert status("programme-new") == (200 if who in {"officer", "reporter"} else 403)

    actor, pk = getattr(people, who), row.pk
    base: dict[str, Any] = {"actor": actor, "programme_id": pk, "now": NOW}
    text = sessions.SessionText(NOW + timedelta(days=9), NOW + timedelta(days=9, hours=1))
    table: list[tuple[bool, Callable[[], object]]] = [
        (runs, lambda: sessions.session_add(**base, values=text)),
        (runs, lambda: sessions.session_update(actor=actor, session_id=one.pk, values=text, now=NOW)),
        (runs, lambda: sessions.session_cancel(actor=actor, session_id=one.pk, reason="Mưa", now=NOW)),
        (runs, lambda: sessions.trainer_add(**base, name="Lê Văn Mẫu")),
        (runs, lambda: deeds.programme_task_set(**base, task="")),
        (runs, lambda: programme_clone(**base, year=2027)),
        (approves, lambda: deeds.programme_return(**base, reason="Thiếu")),
        (runs, lambda: deeds.programme_submit(**base)),
    ]
    for allowed, call in table:
        Programme.objects.filter(pk=pk).update(state=ProgrammeState.SUBMITTED)
        if call is table[-1][1]:
            Programme.objects.filter(pk=pk).update(state=ProgrammeState.DRAFT)
        if allowed:
            call()
        else:
            with pytest.raises(PermissionDeniedError):
                call()


def test_nobody_of_another_unit_takes_off_trainers_or_works(client: Client) -> None:
    ours, theirs = People(), People()
    row = make_programme(ours.unit)
    trainer = Trainer.objects.create(programme=row, name="Lê Văn Mẫu")
    work = Material.objects.create(programme=row, record="library.work:1", title="Sách")
    with pytest.raises(PermissionDeniedError):
        sessions.trainer_remove(actor=theirs.reporter, trainer_id=trainer.pk, now=NOW)
    with pytest.raises(PermissionDeniedError):
        sessions.material_remove(actor=theirs.reporter, material_id=work.pk, now=NOW)
    own = make_programme(theirs.unit)
    client.force_login(theirs.reporter)
    page = reverse("programmes-desk:programme-parts", args=[own.pk])
    assert client.post(page, {"trainer_gone": trainer.pk}).status_code == 404
    assert client.post(page, {"material_gone": "9" * 40}).status_code == 404
    assert client.post(page, {}).status_code == 404
    assert Trainer.objects.exists()
    assert Material.objects.exists()


@pytest.fixture
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library with one work and a plan with one task."""
    work = Resolved(Reference("library.work", "7"), "Cẩm nang AI", "/thu-vien/7/")
    task = Resolved(Reference("plan.task", "3"), "II.1 Tập huấn giáo viên", "")
    real_find, real_get = searchers.get, resolvers.get
    made = {"library.work": work, "plan.task": task}
    monkeypatch.setattr(
        searchers,
        "get",
        lambda kind: (lambda _q, _u, *, limit: [made[kind]]) if kind in made else real_find(kind),
    )
    monkeypatch.setattr(
        resolvers, "get",
        lambda kind: (lambda ids, _u: {one: made[kind] for one in ids if one == made[kind].reference.id})
        if kind in made
        else real_get(kind),
    )  # fmt: skip


@pytest.mark.usefixtures("_library")
def test_trainers_works_and_the_task_are_chosen_by_searching(client: Client) -> None:
    people = People()
    row = make_programme(people.unit)
    page = reverse("programmes-desk:programme-parts", args=[row.pk])
    client.force_login(people.reporter)
    assert client.post(page, {"viec": "trainer", "name": " "}).status_code == 422
    client.post(page, {"viec": "trainer", "name": "Lê Văn Mẫu", "title": "Tiến sĩ"})
    assert "Cẩm nang AI" in client.get(page, {"tim": "ai"}).content.decode()
    assert "Tập huấn giáo viên" in client.get(page, {"nhiem-vu": "ii.1"}).content.decode()
    for _twice in range(2):
        client.post(page, {"record": "library.work:7"})
    client.post(page, {"record": "library.work:999"})  # nothing there: said on the next page
    client.post(page, {"task": "plan.task:3"})
    row.refresh_from_db()
    assert (row.task, row.task_code) == ("plan.task:3", "II.1")
    assert [one.title for one in row.materials.all()] == ["Cẩm nang AI"]
    shown = client.get(reverse("programmes:programme", args=[row.key])).content.decode()
    assert "Lê Văn Mẫu" in shown
    assert "/thu-vien/7/" in shown
    client.post(page, {"task": ""})
    client.post(page, {"trainer_gone": row.trainers.get().pk})
    client.post(page, {"material_gone": row.materials.get().pk})
    row.refresh_from_db()
    assert (row.task, row.trainers.count(), row.materials.count()) == ("", 0, 0)


def test_a_double_click_makes_one_draft_and_two_forms_make_two(client: Client) -> None:
    people = People()
    client.force_login(people.reporter)
    address = reverse("programmes-desk:programme-new")
    key = client.get(address, {"loai": "course"}).context["form"].initial["client_key"]
    for sent in (key, key, "other"):
        client.post(address, _new(unit=people.unit.pk, client_key=sent))
    assert Programme.objects.count() == 2


def test_a_contest_has_neither_seats_nor_sessions(client: Client) -> None:
    people = People()
    client.force_login(people.reporter)
    address = reverse("programmes-desk:programme-new")
    fields = client.get(address, {"loai": "contest"}).context["form"].fields
    assert not {"capacity", "by_session", "needs_approval"} & set(fields)
    assert "starts_on" in fields
    assert "starts_on" not in client.get(address, {"loai": "course"}).context["form"].fields
    client.post(address, _new(unit=people.unit.pk, kind="contest", capacity="30", by_session="on"))
    row = Programme.objects.get()
    assert (row.kind, row.capacity, row.by_session) == ("contest", None, False)
    at = NOW + timedelta(days=3)
    with pytest.raises(ProgrammeError, match="không có buổi"):
        sessions.session_add(
            actor=people.reporter,
            programme_id=row.pk,
            values=sessions.SessionText(at, at + timedelta(hours=1)),
            now=NOW,
        )


def test_a_series_leaves_held_sessions_and_own_titles_alone() -> None:
    people = People()
    row = make_programme(people.unit)
    held, second, third = (
        make_session(row, series="s", title=f"Buổi {n}", starts_at=NOW + timedelta(days=7 * n - 10))
        for n in (1, 2, 3)
    )
    base: dict[str, Any] = {"actor": people.reporter, "now": NOW, "following": True}
    later = sessions.SessionText(held.starts_at + timedelta(hours=1), held.ends_at + timedelta(hours=1))
    with pytest.raises(ProgrammeError, match="đã diễn ra"):
        sessions.session_update(**base, session_id=held.pk, values=later)
    moved = sessions.SessionText(
        second.starts_at + timedelta(hours=1),
        second.ends_at + timedelta(hours=1),
        title="Buổi 2",
        venue="Phòng B",
    )
    sessions.session_update(**base, session_id=second.pk, values=moved)
    was = held.starts_at
    held.refresh_from_db()
    assert held.starts_at == was
    before = third.starts_at
    third.refresh_from_db()
    assert (third.starts_at, third.title, third.venue) == (before + timedelta(hours=1), "Buổi 3", "Phòng B")


def test_the_feed_is_atom_without_drafts_and_answers_304(client: Client) -> None:
    make_programme(state="draft", title="Bí mật")
    shown = make_programme(title="Lớp <AI> & bạn", summary="Học & làm")
    answer = client.get(reverse("programmes:feed"))
    assert answer["Content-Type"].startswith("application/atom+xml")
    space = {"a": "http://www.w3.org/2005/Atom"}
    entries = ET.fromstring(answer.content).findall("a:entry", space)  # our own
    assert [one.findtext("a:title", "", space) for one in entries] == ["Lớp <AI> & bạn"]
    assert entries[0].findtext("a:id", "", space).endswith(f"/{shown.key}/")
    again = client.get(reverse("programmes:feed"), headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_picture_is_drawn_once_for_each_content(client: Client) -> None:
    row = make_programme(title="Lớp ứng dụng trí tuệ nhân tạo trong dạy học ở mọi trường " * 4)
    folder = Path(settings.KHCN.data_dir) / "programme-images"
    address = reverse("programmes:programme-image", args=[row.key])
    first = client.get(address)
    assert Image.open(BytesIO(first.content)).size == (1200, 630)
    kept = list(folder.glob(f"{row.pk}-*.png"))
    assert len(kept) == 1
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    Programme.objects.filter(pk=row.pk).update(title="Tên khác")
    assert client.get(address)["ETag"] != first["ETag"]
    assert len(list(folder.glob(f"{row.pk}-*.png"))) == 1
    page = client.get(reverse("programmes:programme", args=[row.key])).content.decode()
    assert f'property="og:image" content="{settings.KHCN.base_url.rstrip("/")}{address}"' in page
    draft = make_programme(state="draft")
    assert client.get(reverse("programmes:programme-image", args=[draft.key])).status_code == 404


def test_the_public_narrows_by_month_unit_and_year_and_sees_what_has_no_days(client: Client) -> None:
    day = timezone.localdate() + timedelta(days=45)
    ahead = make_programme(starts_on=day, ends_on=day, title="Sắp tới")
    none = make_programme(starts_on=None, ends_on=None, title="Chưa có ngày nào")
    old = make_programme(
        starts_on=day.replace(year=2024, day=1), ends_on=day.replace(year=2024, day=1), year=2024
    )

    def found(**query: str) -> set[int]:
        return {
            one.pk for one in client.get(reverse("programmes:calendar"), query).context["page"].object_list
        }

    assert found() == {ahead.pk, none.pk}
    assert found(thang=f"{day:%Y-%m}") == {ahead.pk}
    assert found(thang="2026-99", **{"don-vi": "x"}) == {ahead.pk, none.pk}
    assert found(**{"don-vi": str(ahead.unit_id)}) == {ahead.pk}
    assert found(xem="da-qua", nam="2024") == found(nam="2024") == {old.pk}
    assert found(xem="da-qua", nam="2023") == set()
    text = client.get(reverse("programmes:calendar")).content.decode()
    assert "Chưa có ngày" in text
    assert reverse("programmes:feed") in text


def test_the_text_for_zalo_names_what_is_ahead_and_no_people() -> None:
    row = make_programme(title="Lớp AI", capacity=5)
    make_session(row, title="Buổi đã qua", starts_at=NOW - timedelta(days=3))
    make_session(row, title="Buổi tới")
    make_registration(row, name="Nguyễn Thị Kín")
    text = zalo_text(row, list(row.sessions.all()), NOW)
    assert text.splitlines()[0] == "Lớp AI"
    assert "09:00–11:00, 27/05/2026 · Buổi tới" in text
    assert "đã qua" not in text
    assert "Kín" not in text
    assert f"/{row.key}/" in text


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_publish_once() -> None:
    people = People()
    row = deeds.programme_create(actor=people.reporter, unit=people.unit, values=_text(), now=NOW)
    at = NOW + timedelta(days=7)
    sessions.session_add(
        actor=people.reporter,
        programme_id=row.pk,
        values=sessions.SessionText(at, at + timedelta(hours=2)),
        now=NOW,
    )
    deeds.programme_submit(actor=people.reporter, programme_id=row.pk, now=NOW)
    start, said = threading.Barrier(2), []

    def approve(actor: Any) -> None:
        start.wait()
        try:
            deeds.programme_approve(actor=actor, programme_id=row.pk, now=NOW)
            said.append("published")
        except KhcnError as error:
            said.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[one]) for one in (people.head, people.officer)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == ["Chương trình này không chờ duyệt.", "published"]
    row.refresh_from_db()
    assert row.state == ProgrammeState.PUBLISHED
    assert row.kind == ProgrammeKind.COURSE
