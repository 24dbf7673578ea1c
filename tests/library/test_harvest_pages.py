"""Harvesting on the desk: who comes in, adding a source without JavaScript, looking before taking, deciding."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from khcn.engines.oai.errors import HarvestError
from khcn.library.errors import LibraryPermissionError
from khcn.library.harvest_enums import ItemProblem, SourceState
from khcn.library.models import HarvestRun, HarvestSource, Work
from khcn.library.selectors.harvest import offered_works, sources_for
from khcn.library.selectors.records import records_of
from khcn.library.services.harvest_net import address_guard
from khcn.library.services.harvest_runs import harvest_start
from khcn.library.services.harvest_sources import (
    item_decide,
    source_add,
    source_decide_deletions,
    source_pause,
    source_preview,
    source_probe,
    source_resume,
    source_update,
)
from khcn.library.services.works import work_update
from khcn.library.tables.results import work_url
from khcn.orgs.enums import Role
from tests.library.harvest_stage import Stage, stage_of
from tests.library.makers import make_work
from tests.oai_fake import FakeRecord
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
NEW = "/ban-lam-viec/thu-vien/thu-thap/them/"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage_of(monkeypatch) as made:
        for number in range(12):
            made.fake.add(number)
        yield made


def addresses(source: HarvestSource) -> list[str]:
    names = ("harvest-source", "harvest-edit", "harvest-questions")
    return [
        reverse("library-desk:harvest"), NEW, *(reverse(f"library-desk:{name}", args=[source.pk]) for name in names)
    ]  # fmt: skip


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 302), (Role.CONTRIBUTOR, 403), (Role.EDITOR, 403), (Role.AUDITOR, 403), (Role.LIBRARIAN, 200)],
)
def test_only_librarians_come_in(client: Client, stage: Stage, role: Role | None, status: int) -> None:
    source = stage.add()
    if role is not None:
        client.force_login(make_member(role))
    for address in addresses(source):
        assert client.get(address).status_code == status, address
        if status != 200 and address != reverse("library-desk:harvest"):  # the list takes no POST at all
            assert client.post(address, {"viec": "chay"}).status_code == status, address
    assert HarvestRun.objects.count() == 0
    assert client.get(reverse("library-desk:harvest-source", args=[source.pk + 1])).status_code == (
        404 if status == 200 else status
    )


def test_services_check_by_themselves(stage: Stage) -> None:
    source = stage.add()
    probe = source_probe(actor=stage.librarian, base_url=stage.fake.url)
    stranger, now = make_member(Role.CONTRIBUTOR), stage.now
    calls: list[Any] = [
        lambda: source_probe(actor=stranger, base_url=stage.fake.url),
        lambda: source_preview(actor=stranger, base_url=stage.fake.url, prefix="oai_dc"),
        lambda: source_add(actor=stranger, base_url=stage.fake.url, probe=probe, values={}, now=now),
        lambda: source_update(actor=stranger, source=source, values={"name": "x"}, now=now),
        lambda: source_pause(actor=stranger, source=source, now=now),
        lambda: source_resume(actor=stranger, source=source, now=now),
        lambda: source_decide_deletions(actor=stranger, source=source, withdraw=True, now=now),
        lambda: harvest_start(actor=stranger, source=source, now=now),
    ]
    for call in calls:
        with pytest.raises(LibraryPermissionError):
            call()
    assert not sources_for(stranger).exists()


def test_get_never_goes_out(client: Client, stage: Stage) -> None:
    source = stage.add()
    stage.fake.asked.clear()
    client.force_login(stage.librarian)
    for address in addresses(source):
        client.get(address, {"viec": "xem", "base_url": stage.fake.url})
    assert stage.fake.asked == []


# --- adding ---------------------------------------------------------------------------------------------------------


def test_a_source_is_added_in_two_steps_with_a_look_between(client: Client, stage: Stage) -> None:
    stage.fake.records[1].dc["title"] = []
    stage.fake.records[2].dc["description"] = ["<b>Đậm</b> <script>x</script>"]
    make_work("Tài liệu số 3", state="published", creators=[{"name": "Tác giả 3"}], issued_year=2021)
    client.force_login(stage.librarian)
    offered = client.post(NEW, {"base_url": stage.fake.url}).content.decode()
    for piece in ("Thư viện thử", "Sách", "oai_dc", "Xem trước mười biểu ghi"):
        assert piece in offered, piece
    chosen = {
        "base_url": stage.fake.url, "name": "Thư viện bạn", "metadata": "oai_dc", "set_spec": "", "every_hours": "24",
        "rights": "cc-by-4.0", "publish": "1", "delete_percent": "10", "answer_mb": "32",
    }  # fmt: skip
    looked = client.post(NEW, {**chosen, "viec": "xem"}).content.decode()
    for piece in ("Tài liệu số 0", "không có nhan đề", "Trùng tài liệu đã có", "Đậm", "Tác giả 4 · 2021"):
        assert piece in looked, piece
    assert "<script>x" not in looked
    assert "Tài liệu số 11" not in looked  # ten records
    assert HarvestSource.objects.count() == Work.objects.exclude(external_source="").count() == 0
    answer = client.post(NEW, {**chosen, "viec": "luu"})
    source = HarvestSource.objects.get()
    assert answer.headers["Location"] == reverse("library-desk:harvest-source", args=[source.pk])
    assert (source.name, source.key, source.publish, source.every_hours, source.granularity) == (
        "Thư viện bạn", "thu-vien-ban", True, 24, "second",
    )  # fmt: skip
    again = client.post(NEW, {**chosen, "viec": "luu"}).content.decode()
    assert "đã được thu thập rồi" in again


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("khong-phai-dia-chi", "không dùng được"),
        ("http://khong-co.invalid/oai", "Không tìm thấy máy chủ"),
        ("http://user:pass@example.vn/oai", "không dùng được"),
    ],
)
def test_bad_addresses_are_told_at_the_field(
    client: Client, stage: Stage, address: str, sentence: str
) -> None:
    client.force_login(stage.librarian)
    assert sentence in client.post(NEW, {"base_url": address}).content.decode()


def test_a_page_that_is_no_repository(client: Client, stage: Stage) -> None:
    stage.fake.trick = lambda *_: (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>")
    client.force_login(stage.librarian)
    assert "không phải XML đọc được" in client.post(NEW, {"base_url": stage.fake.url}).content.decode()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "2130706433", "0x7f.1", "metadata"]
)
def test_this_machine_and_the_cloud_are_no_sources(
    client: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(settings, "KHCN", settings.KHCN.model_copy(update={"local_sources": False}))
    port = stage.fake.url.rsplit(":", 1)[1].split("/")[0]
    client.force_login(stage.librarian)
    page = client.post(NEW, {"base_url": f"http://{host}:{port}/oai"}).content.decode()
    assert "nội bộ" in page or "Không tìm thấy máy chủ" in page
    assert stage.fake.asked == []


def test_a_public_source_may_not_lead_into_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"ngoai.vn": {"8.8.8.8"}, "trong.vn": {"10.0.0.5"}, "hai.vn": {"8.8.8.8", "127.0.0.1"}}
    monkeypatch.setattr("khcn.library.services.harvest_net.addresses_behind", lambda host: found[host])
    outside, inside = address_guard(private_network=False), address_guard(private_network=True)
    assert list(outside("ngoai.vn", 80)) == ["8.8.8.8"]
    assert list(inside("trong.vn", 80)) == ["10.0.0.5"]
    for guard, host in ((outside, "trong.vn"), (outside, "hai.vn"), (inside, "hai.vn")):
        with pytest.raises(HarvestError):
            guard(host, 80)


# --- the page of a source -------------------------------------------------------------------------------------------


def test_buttons_run_pause_and_go_on(client: Client, stage: Stage) -> None:
    source = stage.add()
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-source", args=[source.pk])
    client.post(address, {"viec": "chay"})
    page = client.get(address).content.decode()
    assert "Đang thu thập" in page and "Chạy ngay" not in page
    assert "đang được thu thập rồi" in client.post(address, {"viec": "chay"}, follow=True).content.decode()
    client.post(address, {"viec": "tam-ngung"})
    source.refresh_from_db()
    assert source.state == SourceState.PAUSED
    client.post(address, {"viec": "tiep-tuc"})
    source.refresh_from_db()
    assert source.state == SourceState.ACTIVE
    assert client.post(address, {"viec": "gi-do"}).status_code == 404
    assert "Tài liệu số 3" in client.post(address, {"viec": "xem"}).content.decode()


def test_settings_change_and_another_set_is_read_anew(client: Client, stage: Stage) -> None:
    source = stage.add()
    stage.run()
    assert HarvestSource.objects.get().since
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-edit", args=[source.pk])
    values = {
        "name": "Tên mới", "metadata": "oai_dc", "set_spec": "", "every_hours": "168", "rights": "unknown",
        "delete_percent": "25", "offer_again": "on", "answer_mb": "32",
    }  # fmt: skip
    assert client.post(address, values).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.every_hours, source.publish, source.offer_again, bool(source.since)) == (
        "Tên mới", 168, False, True, True,
    )  # fmt: skip
    source_update(actor=stage.librarian, source=source, values={"set_spec": "sach"}, now=stage.now)
    assert HarvestSource.objects.get().since == ""
    assert (
        client.post(address, {**values, "delete_percent": "0"}).status_code == 200
    )  # the form says what is wrong
    assert HarvestSource.objects.get().delete_percent == 25


def test_many_deletions_are_asked_on_the_page(client: Client, stage: Stage) -> None:
    stage.fake.records += [FakeRecord(f"oai:m:{n}", dc={"title": [f"M {n}"]}) for n in range(20)]
    source = stage.add()
    stage.run()
    stage.fake.records.clear()
    stage.run(full=True)
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-source", args=[source.pk])
    page = client.get(address).content.decode()
    assert "Cần bạn quyết định" in page and "32 trên 32" in page and "Chạy ngay" not in page
    client.post(address, {"viec": "giu"})
    source.refresh_from_db()
    assert source.state == SourceState.ACTIVE
    assert len(stage.works(state="published")) == 32


def test_questions_are_settled_one_by_one_and_once(client: Client, stage: Stage) -> None:
    source = stage.add()
    stage.run()
    work_update(actor=stage.librarian, work=stage.work(1), now=stage.now, values={"title": "Sửa ở đây"})
    stage.fake.records[1].dc["title"] = ["Sửa ở nguồn"]
    stage.fake.records[2].raw = "<dc><title>x</dc>"
    stage.run(full=True)
    client.force_login(stage.librarian)
    address = reverse("library-desk:harvest-questions", args=[source.pk])
    page = client.get(address).content.decode()
    for piece in ("Sửa ở đây", "Sửa ở nguồn", "Dùng bản của nguồn", "Giữ bản ở đây", "XML bị hỏng"):
        assert piece in page, piece
    front = client.get(reverse("library-desk:harvest-source", args=[source.pk])).content.decode()
    assert "2 biểu ghi cần bạn xem" in front
    item = stage.item(1)
    client.post(address, {"muc": item.pk, "theo": "nguon"})
    assert stage.work(1).title == "Sửa ở nguồn"
    late = client.post(address, {"muc": item.pk, "theo": "day"}, follow=True).content.decode()
    assert "người khác quyết định" in late
    assert stage.work(1).title == "Sửa ở nguồn"
    assert client.post(address, {"muc": "٣"}).status_code == 404
    with pytest.raises(LibraryPermissionError):
        item_decide(actor=make_member(Role.EDITOR), item=stage.item(2), follow=True, now=stage.now)


# --- what readers see -------------------------------------------------------------------------------------------------


def test_readers_see_where_a_work_comes_from(client: Client, stage: Stage) -> None:
    stage.add(name="Thư viện <bạn>")
    stage.run()
    page = client.get(work_url(stage.work(4))).content.decode()
    assert "Tài liệu này đến từ Thư viện &lt;bạn&gt;." in page
    assert 'href="https://nguon.example.vn/4"' in page
    ours = make_work("Của ta", state="published")
    assert "Tài liệu này đến từ" not in client.get(work_url(ours)).content.decode()
    assert [one.harvested_from for one in records_of([stage.work(4), ours])] == ["Thư viện <bạn>", ""]


def test_harvested_works_are_not_offered_as_ours_unless_allowed(stage: Stage) -> None:
    source = stage.add()
    stage.run()
    ours = make_work("Của ta", state="published")
    assert list(offered_works(Work.objects.all())) == [ours]
    source_update(actor=stage.librarian, source=source, values={"offer_again": True}, now=stage.now)
    assert offered_works(Work.objects.all()).count() == 13


def test_what_waits_or_is_sensitive_does_not_leak(client: Client, stage: Stage) -> None:
    stage.fake.records[0].dc["title"] = ["Bimatkhongai"]
    stage.fake.records[1].dc |= {"title": ["Bimathainguoi"], "description": ["TUYỆT MẬT"]}
    stage.add(publish=True)
    source_update(actor=stage.librarian, source=stage.source, values={"publish": False}, now=stage.now)
    stage.source.refresh_from_db()
    stage.run()
    assert stage.item(1).problem == ItemProblem.SENSITIVE
    for number in (0, 1):
        assert client.get(work_url(stage.work(number))).status_code == 404
    for address in ("/thu-vien/", "/thu-vien/moi/"):
        assert "Bimat" not in client.get(address).content.decode()
