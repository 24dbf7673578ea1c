"""What an operator sets for a source: how much a run takes, how large an answer may be, at what hour; and stopping a run."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from khcn.core.models.audit import AuditEvent
from khcn.library.errors import LibraryPermissionError
from khcn.library.harvest_enums import RunState, SourceState
from khcn.library.harvest_errors import NotRunningError, SourceFieldError
from khcn.library.models import HarvestRun, HarvestSource
from khcn.library.rules_harvest import next_run
from khcn.library.services.harvest_clock import harvest_due
from khcn.library.services.harvest_net import source_client
from khcn.library.services.harvest_runs import harvest_start
from khcn.library.services.harvest_sources import source_update
from khcn.library.services.harvest_stop import harvest_stop
from khcn.library.tables.harvest import run_state, schedule_text
from khcn.orgs.enums import Role
from tests.library.harvest_stage import QUICK, Stage, stage_of
from tests.orgs.factories import make_member

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage_of(monkeypatch) as made:
        for number in range(25):
            made.fake.add(number)
        yield made


# --- how much -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_run_rests_when_it_took_enough_and_the_next_goes_on(stage: Stage) -> None:
    source = stage.add(most_works=12)
    run = stage.run()
    assert (run.state, run.new, len(stage.works())) == (
        RunState.STOPPED,
        20,
        20,
    )  # the page is read to its end
    assert "20" in run.error and run_state(run).label == "Còn tiếp lần sau"
    stage.source.refresh_from_db()
    assert (stage.source.state, stage.source.last_error, stage.source.failures) == (SourceState.ACTIVE, "", 0)
    assert stage.source.next_run_at is not None and stage.source.next_run_at > stage.now
    again = stage.run()
    assert (again.pk, again.state, again.new) == (run.pk, RunState.DONE, 25)
    asked = [one.get("resumptionToken") for one in stage.fake.asked if one["verb"] == "ListRecords"]
    assert [bool(token) for token in asked] == [False, True, True]  # nothing is read twice
    stage.run(full=True)
    assert HarvestSource.objects.get(pk=source.pk).since


@pytest.mark.django_db
def test_what_is_there_already_does_not_count_so_a_forgotten_place_is_no_standstill(stage: Stage) -> None:
    stage.add(most_works=15)
    assert stage.run().new == 20
    forgets = iter([True])

    def trick(fake: Any, asked: dict[str, str], handler: Any) -> Any:
        gone = "resumptionToken" in asked and next(forgets, False)
        return fake.envelope(fake.error("badResumptionToken")) if gone else None

    stage.fake.trick = trick
    run = stage.run()
    begun = [one for one in stage.fake.asked if one["verb"] == "ListRecords" and "resumptionToken" not in one]
    assert (run.state, run.new, len(begun)) == (RunState.DONE, 25, 2)


@pytest.mark.django_db
def test_an_answer_larger_than_allowed_is_refused_until_the_operator_allows_it(stage: Stage) -> None:
    stage.fake.records[0].dc["description"] = ["chữ " * 300_000]  # more than a megabyte

    def client_of(base_url: str, **options: Any) -> Any:
        limits = replace(QUICK, max_bytes=options.pop("limits").max_bytes)
        return source_client(base_url, limits=limits, **options)

    source = stage.add(answer_mb=1)
    run = stage.run(client_of=client_of)
    assert (run.state, run.new) == (RunState.FAILED, 0) and run.error
    source_update(actor=stage.librarian, source=source, values={"answer_mb": 4}, now=stage.now)
    assert stage.run(client_of=client_of).state == RunState.DONE


# --- when -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "hour", "now", "then"),
    [
        (0, 2, "2026-06-01 10:00", None),
        (24, None, "2026-06-01 10:30", "2026-06-02 10:30"),
        (24, 2, "2026-06-01 10:30", "2026-06-02 02:00"),
        (24, 2, "2026-06-01 02:05", "2026-06-02 02:00"),
        (24, 23, "2026-06-01 01:00", "2026-06-02 23:00"),
        (168, 0, "2026-06-01 12:00", "2026-06-08 00:00"),
        (6, 2, "2026-06-01 10:30", "2026-06-01 16:30"),  # several times a day: the hour says nothing
    ],
)
def test_the_next_run(every: int, hour: int | None, now: str, then: str | None) -> None:
    found = next_run(every, hour, datetime.fromisoformat(now).replace(tzinfo=SAIGON))
    assert (found and found.astimezone(SAIGON).strftime("%Y-%m-%d %H:%M")) == then


@pytest.mark.django_db
def test_another_hour_moves_the_next_run(stage: Stage) -> None:
    source = source_update(actor=stage.librarian, source=stage.add(), values={"at_hour": 2}, now=stage.now)
    assert source.next_run_at is not None and source.next_run_at.astimezone(SAIGON).hour == 2
    assert "lần tới 02:00" in schedule_text(source)  # in local time, as people read it


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"), [("most_works", 0), ("most_works", 10**7), ("answer_mb", 0), ("answer_mb", 257), ("at_hour", 24)]
)  # fmt: skip
def test_limits_without_sense_are_refused(stage: Stage, field: str, value: int) -> None:
    source = stage.add()
    with pytest.raises(SourceFieldError) as refused:
        source_update(actor=stage.librarian, source=source, values={field: value}, now=stage.now)
    assert refused.value.field == field


# --- stopping -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_run_is_stopped_from_the_page_and_not_begun_again_at_once(client: Client, stage: Stage) -> None:
    source = stage.add()
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-source", args=[source.pk])
    run, token = harvest_start(actor=stage.librarian, source=source, now=stage.now, enqueue=False)
    assert "Dừng lần này" in client.get(address).content.decode()
    assert "Đã dừng" in client.post(address, {"viec": "dung"}, follow=True).content.decode()
    assert stage.go_on(run, token).state == RunState.STOPPED
    assert AuditEvent.objects.filter(action="library.harvest.stop").count() == 1
    stage.source.refresh_from_db()
    assert stage.source.next_run_at is not None and harvest_due(stage.now) == 0
    page = client.post(address, {"viec": "dung"}, follow=True).content.decode()
    assert "Không có lần thu thập nào đang chạy" in page and "Dừng lần này" not in page
    assert stage.run().state == RunState.DONE


@pytest.mark.django_db
def test_only_librarians_stop_a_run(stage: Stage) -> None:
    source = stage.add()
    with pytest.raises(NotRunningError):
        harvest_stop(actor=stage.librarian, source=source, now=stage.now)
    run, _token = harvest_start(actor=stage.librarian, source=source, now=stage.now, enqueue=False)
    with pytest.raises(LibraryPermissionError):
        harvest_stop(actor=make_member(Role.EDITOR), source=source, now=stage.now)
    assert HarvestRun.objects.get(pk=run.pk).state == RunState.QUEUED


# --- the page of settings -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_settings_ask_the_source_what_it_has_and_look_before_saving(client: Client, stage: Stage) -> None:
    source = stage.add()
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-edit", args=[source.pk])
    chosen = {
        "name": "Thư viện bạn", "metadata": "oai_dc", "set_spec": "", "every_hours": "24", "rights": "unknown",
        "delete_percent": "10", "most_works": "500", "answer_mb": "8", "at_hour": "2",
    }  # fmt: skip
    assert "Sách" not in client.get(address).content.decode()
    assert "Sách" in client.post(address, {**chosen, "viec": "hoi"}).content.decode()
    looked = client.post(address, {**chosen, "set_spec": "sach", "viec": "xem"}).content.decode()
    assert "Xem trước: người đọc sẽ thấy như sau" in looked
    source.refresh_from_db()
    assert (source.name, source.most_works, source.set_spec) == (
        "Thư viện thử",
        None,
        "",
    )  # nothing is saved yet
    wrong = client.post(address, {**chosen, "set_spec": "khong-co", "most_works": "0", "viec": "luu"})
    assert set(wrong.context["form"].errors) == {"set_spec", "most_works"}
    assert client.post(address, {**chosen, "set_spec": "sach", "viec": "luu"}).status_code == 302
    source.refresh_from_db()
    assert (source.set_spec, source.set_name, source.most_works, source.answer_mb, source.at_hour) == (
        "sach", "Sách", 500, 8, 2,
    )  # fmt: skip
    page = client.get(reverse("library-desk:harvest-source", args=[source.pk])).content.decode()
    for piece in ("500 tài liệu", "8 MB", "từ 2 giờ", "Sách"):
        assert piece in page, piece


@pytest.mark.django_db
def test_a_silent_source_is_told_and_the_settings_stay_on_the_page(client: Client, stage: Stage) -> None:
    source = stage.add()
    stage.fake.trick = lambda *_: (500, {}, b"")
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-edit", args=[source.pk])
    page = client.post(address, {"name": "Tên đang gõ", "viec": "hoi"})
    assert page.status_code == 200 and page.context["form"].non_field_errors()
    assert "Tên đang gõ" in page.content.decode()
