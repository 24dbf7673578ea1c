"""The pages of support: a school asks without an account, officials see what is theirs, strangers nothing."""

import io
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from PIL import Image

from khcn.core.models import Message
from khcn.core.money_port import money_booker
from khcn.orgs.enums import PartyKind, Role
from khcn.programmes.areas import todo_lists
from khcn.programmes.enums import ProgrammeKind, SupportState
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.support import Handover, ProjectResult, SupportRequest
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.services.support_decisions import request_place
from khcn.programmes.simulation.granting import Purse
from tests.orgs.factories import make_member
from tests.programmes.factories import NOW, People, human, make_programme
from tests.programmes.support_factories import (
    TASK,
    M,
    approved,
    funded,
    hand,
    make_call,
    make_request,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def money() -> Iterator[Purse]:
    with money_booker.using(Purse()) as fake:
        yield fake


def _desk(row: SupportRequest) -> str:
    return reverse("programmes-desk:support-request", args=[row.pk])


def _mine(row: SupportRequest) -> str:
    return reverse("programmes:support-mine", args=[row.token])


def _digits() -> str:
    body = Message.objects.latest("pk").body
    return "".join(char for char in body.split(":")[1] if char.isdigit())[:6]


def _asker(address: str, **more: str) -> dict[str, str]:
    return {
        "buoc": "2", "address": address, "client_key": "k" * 24, "code": _digits(), "organisation": "Trường Tiểu học Đốm Lửa",
        "kind": "school", "contact_name": "Nguyễn Thị Ỷ", "agree": "on",
    } | more  # fmt: skip


def _rows(**more: str) -> dict[str, str]:
    return {
        "name-1": "Kính hiển vi", "unit-1": "cái", "quantity-1": "2", "price-1": "2.000.000", "name-3": "Bộ mạch",
        "unit-3": "bộ", "quantity-3": "4", "price-3": "1 triệu", "purpose": "Cho phòng thực hành của học sinh khối 8",
        "audience": "pupils",
    } | more  # fmt: skip


def test_a_school_asks_in_two_steps_and_sends(client: Client) -> None:
    call = make_call(People())
    url = reverse("programmes:support-ask", args=[call.programme.key if call.programme else ""])
    assert "Gửi đề nghị" in client.get(reverse("programmes:support")).content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url, {"address": "không phải"} | human()).status_code == 422
    second = client.post(url, {"address": "co@truong.vn"} | human())
    assert second.status_code == 200
    assert "Mã xác nhận 6 số" in second.content.decode()
    data = _asker("co@truong.vn")
    wrong = client.post(url, data | {"code": f"{(int(data['code']) + 1) % 10**6:06d}"})
    assert wrong.status_code == 422
    assert "chưa đúng" in wrong.content.decode()
    assert client.post(url, data | {"kind": "market_stall"}).status_code == 302  # this call takes everybody
    assert (
        client.post(url, data | {"kind": "market_stall"}).status_code == 302
    )  # a second press is the same request
    row = SupportRequest.objects.get()
    assert (row.state, row.contact_address) == (SupportState.DRAFT, "co@truong.vn")
    assert Consent.objects.get().subject == f"programmes.supportrequest:{row.pk}"
    page = client.get(_mine(row))
    assert page["Cache-Control"] == "no-store, private"
    assert client.post(_mine(row), _rows(viec="gui", revision="0", audience="")).status_code == 422
    row.refresh_from_db()
    assert row.asked == 8 * M  # what was typed is kept although it was not sent
    assert client.post(_mine(row), _rows(viec="gui", revision="0")).status_code == 422  # a page from before
    assert client.post(_mine(row), _rows(viec="gui", revision=str(row.revision))).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.items.count()) == (SupportState.SUBMITTED, 2)
    assert client.post(_mine(row), _rows(viec="luu", revision=str(row.revision))).status_code == 422
    assert client.get(reverse("programmes:support-mine", args=["doan-mo"])).status_code == 404


def test_more_rows_without_javascript(client: Client) -> None:
    row = make_request(make_call(People()), submitted=False)
    page = client.post(_mine(row), _rows(viec="them", revision="1", purpose="Vừa gõ dở")).content.decode()
    assert "Vừa gõ dở" in page
    assert 'name="name-5"' in page  # two that were typed and three blank ones


def test_a_closed_call_takes_nothing(client: Client) -> None:
    people = People()
    call = make_call(people, is_open=False)
    assert call.programme is not None
    url = reverse("programmes:support-ask", args=[call.programme.key])
    assert "không nhận đề nghị" in client.get(url).content.decode()
    assert client.post(url, {"address": "co@truong.vn"} | human()).status_code == 200
    assert not Message.objects.exists()
    assert client.get(reverse("programmes:support-ask-open")).status_code == 404
    call_save(actor=people.officer, programme=None, rules=CallRules(task_code=TASK), now=NOW)
    assert client.get(reverse("programmes:support-ask-open")).status_code == 200


def _xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for one in [["Tên thiết bị, vật tư *", "Đơn vị tính", "Số lượng", "Đơn giá"], *rows]:
        book.worksheets[0].append(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


CSV = "Tên thiết bị, vật tư;Đơn vị tính;Số lượng;Đơn giá\nKính hiển vi;cái;2;2.000.000\n"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def _windows_1258(text: str) -> bytes:
    """Return text as old Excel writes it: the tone is a sign of its own."""
    signs = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tone = "".join(part for part in parts if part in TONES)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        signs.append(base + tone)
    return "".join(signs).encode("cp1258")


GOOD = {
    "a.xlsx": _xlsx([["Kính hiển vi", "cái", 2, 2_000_000]]),
    "b.csv": CSV.encode("utf-8-sig"),
    "c.csv": _windows_1258(CSV),
    "d.csv": CSV.encode("utf-16"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_sheet_fills_the_rows(client: Client, name: str) -> None:
    row = make_request(make_call(People()), submitted=False)
    answer = client.post(_mine(row), {"viec": "bang", "sheet": SimpleUploadedFile(name, GOOD[name])})
    assert answer.status_code == 302, answer.content.decode()
    row.refresh_from_db()
    assert (row.asked, row.items.get().name) == (4 * M, "Kính hiển vi")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"PK not a workbook", "Excel"),
        ("a.xlsx", _xlsx([["Kính", "cái", "hai", 5]]), "dòng 2"),
        ("a.csv", b"\x00\x01\x02", "Thiếu cột"),
        ("a.csv", "Tên;Giá\n=1+1;2".encode(), "Thiếu cột"),
    ],
)
def test_a_bad_sheet_changes_nothing(client: Client, name: str, data: bytes, words: str) -> None:
    row = make_request(make_call(People()), submitted=False)
    answer = client.post(_mine(row), {"viec": "bang", "sheet": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert row.items.count() == 2


def test_files_are_private_and_by_content(client: Client) -> None:
    row = make_request(make_call(People()), submitted=False)
    other = make_request(make_call(People()), submitted=False)
    bad = SimpleUploadedFile("bao-gia.pdf", b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 8)
    assert client.post(_mine(row), {"viec": "tep", "uploads": [bad]}).status_code == 422
    good = SimpleUploadedFile("bao-gia.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")
    assert client.post(_mine(row), {"viec": "tep", "uploads": [good]}).status_code == 302
    kept = row.files.get()
    assert client.get(reverse("programmes:support-mine-file", args=[row.token, kept.pk])).status_code == 200
    assert client.get(reverse("programmes:support-mine-file", args=[other.token, kept.pk])).status_code == 404
    assert client.post(_mine(row), {"viec": "bo-tep", "tep": str(kept.pk)}).status_code == 302
    assert not row.files.exists()


# Who sees and does what: the matrix

ROLES = {
    "officer": 200, "focal_head": 200, "leader": 200, "finance": 200, "auditor": 200, "reporter": 404, "head": 404,
    "clerk": 403, "editor": 403,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), ROLES.items())
def test_who_reads_a_request(client: Client, who: str, status: int) -> None:
    people = People()
    row = make_request(make_call(people))
    client.force_login(getattr(people, who))
    assert client.get(_desk(row)).status_code == status
    assert client.get(reverse("programmes-desk:support")).status_code == (403 if status == 403 else 200)
    request_place(actor=people.officer, request_id=row.pk, unit=people.unit, party=None, now=NOW)
    assert client.get(_desk(row)).status_code == (200 if status == 404 else status)


@pytest.mark.parametrize("role", [Role.JUROR, Role.ADVISER, Role.SYSADMIN, Role.DOST_READER])
def test_others_are_refused(client: Client, role: Role) -> None:
    row = make_request(make_call(People()))
    client.force_login(make_member(role))
    for url in (_desk(row), reverse("programmes-desk:support"), reverse("programmes-desk:support-assets")):
        assert client.get(url).status_code == 403
    client.logout()
    assert client.get(_desk(row)).status_code == 302


DEEDS = {
    "kiem-tra": {"officer"}, "tra-lai": {"officer", "focal_head"}, "tu-choi": {"focal_head", "leader"},
    "kinh-phi": {"finance"}, "duyet": {"focal_head", "leader"}, "ket-thuc": {"officer"},
}  # fmt: skip
STATE_FOR = {"kinh-phi": "checked", "duyet": "funded"}


@pytest.mark.parametrize("who", ["officer", "focal_head", "leader", "finance", "auditor", "reporter", "head"])
@pytest.mark.parametrize("deed", DEEDS)
def test_who_does_what(client: Client, deed: str, who: str) -> None:
    people = People()
    call = make_call(people)
    row = funded(people, call) if deed in {"kinh-phi", "duyet"} else make_request(call)
    SupportRequest.objects.filter(pk=row.pk).update(unit=people.unit, state=STATE_FOR.get(deed, "submitted"))
    row.refresh_from_db()
    client.force_login(getattr(people, who))
    typed = {
        "quantity-1": "1",
        "price-1": "2.000.000",
        "quantity-2": "0",
        "price-2": "",
        "revision": str(row.revision),
    }
    answer = client.post(_desk(row), {"viec": deed, "reason": "Vì lý do thử nghiệm", "note": ""} | typed)
    assert answer.status_code == (302 if who in DEEDS[deed] else 403)
    before = row.state
    row.refresh_from_db()
    assert (row.state != before) == (who in DEEDS[deed])


def test_journey_of_an_official_desk(client: Client, money: Purse) -> None:
    people = People()
    row = make_request(make_call(people, limit_vnd=Decimal(5 * M)))
    client.force_login(people.officer)
    page = client.get(_desk(row)).content.decode()
    assert "Bạn kiểm tra điều kiện" in page
    assert "còn 400.000.000" in page
    quantities = {"quantity-1": "2", "price-1": "1.900.000", "quantity-2": "1", "price-2": "1.000.000"}
    over = client.post(_desk(row), {"viec": "kiem-tra"} | quantities | {"quantity-1": "9"})
    assert over.status_code == 422
    assert 'value="9"' in over.content.decode()
    assert client.post(_desk(row), {"viec": "kiem-tra", "note": "Giá hợp lý"} | quantities).status_code == 302
    client.force_login(people.finance)
    assert client.post(_desk(row), {"viec": "kinh-phi"}).status_code == 302
    client.force_login(people.focal_head)
    row.refresh_from_db()
    assert (
        client.post(_desk(row), {"viec": "duyet", "revision": "0"} | quantities).status_code == 422
    )  # an old page
    assert (
        client.post(_desk(row), {"viec": "duyet", "revision": str(row.revision)} | quantities).status_code
        == 302
    )
    assert money.committed == 4_800_000
    client.force_login(people.officer)
    photo = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(photo, "JPEG")
    minutes = {
        "viec": "ban-giao", "handed_on": f"{timezone.localdate():%Y-%m-%d}", "place": "Trường", "giver": "Anh A", "receiver": "Cô B",
        "client_key": "k" * 20, "quantity-1": "2", "quantity-2": "0", "amount": "",
        "photo": SimpleUploadedFile("anh.jpg", photo.getvalue()),
    }  # fmt: skip
    assert client.post(_desk(row), minutes).status_code == 302
    minutes["photo"] = SimpleUploadedFile("anh.jpg", photo.getvalue())
    assert client.post(_desk(row), minutes).status_code == 302
    assert (money.paid, Handover.objects.count()) == (3_800_000, 1)
    assert client.get(reverse("programmes-desk:support-photo", args=[row.pk, 1])).status_code == 200
    assert (
        client.post(_desk(row), {"viec": "ket-thuc", "reason": "Hết hàng ở nhà cung cấp"}).status_code == 302
    )
    assert money.committed == money.paid == 3_800_000
    told = set(Message.objects.filter(recipient="truong@example.vn").values_list("subject", flat=True))
    assert {
        "Đề nghị hỗ trợ đã được duyệt",
        "Đã bàn giao thiết bị, vật tư",
        "Đề nghị hỗ trợ đã kết thúc",
    } <= told


def test_the_contact_confirms_and_tells_what_came_of_it(client: Client) -> None:
    people = People()
    row = approved(people, make_call(people))
    assert client.post(_mine(row), {"viec": "da-nhan"}).status_code == 302
    row.refresh_from_db()
    assert row.confirmed_at is None
    hand(people, row, 2, 4, key="all-of-it")
    assert "8.000.000" in client.get(_mine(row)).content.decode()
    client.post(_mine(row), {"viec": "da-nhan"})
    assert client.post(_mine(row), {"viec": "ket-qua", "text": "ngắn"}).status_code == 422
    words = "Học sinh khối 8 đã làm được ba dự án nhỏ."
    assert client.post(_mine(row), {"viec": "ket-qua", "text": words, "people": "1.200"}).status_code == 302
    client.force_login(people.officer)
    assert words in client.get(_desk(row)).content.decode()
    client.post(_desk(row), {"viec": "ghi-nhan"})
    result = ProjectResult.objects.get()
    assert (result.people, result.reviewed_by) == (1200, people.officer)
    assert client.post(_mine(row), {"viec": "ket-qua", "text": words + " Sửa."}).status_code == 422
    client.post(_mine(row), {"viec": "quen"})
    row.refresh_from_db()
    assert row.contact_name  # not while it is open
    client.post(_desk(row), {"viec": "ket-thuc"})
    client.post(_mine(row), {"viec": "quen"})
    row.refresh_from_db()
    assert (row.contact_name, row.contact_address, row.organisation) == ("", "", "Trường Thử")
    assert client.get(_mine(row)).status_code == 404


def test_the_public_list_shows_organisations_that_got_everything_and_no_person(client: Client) -> None:
    people = People()
    call = make_call(people)
    done, open_ = approved(people, call), approved(people, call)
    SupportRequest.objects.filter(pk=open_.pk).update(organisation="Trường Chưa Xong")
    hand(people, done, 2, 4, key="all-of-it")
    household = approved(people, call)
    SupportRequest.objects.filter(pk=household.pk).update(
        organisation="Hộ bà Thử", organisation_kind=PartyKind.BUSINESS_HOUSEHOLD
    )
    hand(people, household, 2, 4, key="household")
    page = client.get(reverse("programmes:support-granted")).content.decode()
    assert "Trường Thử" in page
    assert "Kính hiển vi (2 cái)" in page
    for hidden in ("Trường Chưa Xong", "Hộ bà Thử", "Cô Thử", "truong@example.vn", "Cô Nhận"):
        assert hidden not in page


def test_lists_and_files_show_the_same_rows_in_few_queries(client: Client) -> None:
    people = People()
    call = make_call(people)
    for number in range(3):
        row = make_request(call, organisation=f"Trường {number}")
        SupportRequest.objects.filter(pk=row.pk).update(unit=people.unit if number else None)
    client.force_login(people.reporter)
    url = reverse("programmes-desk:support")
    first = client.get(url)
    assert first.context["sums"]["count"] == 2
    assert first.context["sums"]["asked"] == 16 * M
    with_three = _queries(client, url)
    for _more in range(10):
        row = make_request(call)
        SupportRequest.objects.filter(pk=row.pk).update(unit=people.unit)
    assert _queries(client, url) == with_three
    text = b"".join(client.get(url, {"tep": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert "Trường 1" in text
    assert "Trường 0" not in text
    assert client.get(url, {"tep": "xlsx"}).status_code == 200
    assert (
        client.get(url, {"trang-thai": "x", "don-vi": "9" * 40, "nam": "abc", "tim": "\x00"}).status_code
        == 200
    )


def _queries(client: Client, url: str) -> int:

    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_each_role_is_told_its_own_turn(rf: Any) -> None:
    people = People()
    call = make_call(people, limit_vnd=Decimal(5 * M))
    make_request(call)
    funded(people, call, organisation="Trường Lớn")
    listed = todo_lists.get("support")

    def told(user: Any) -> list[str]:
        request = rf.get("/")
        request.user = user
        return [one.text for one in listed(request, NOW)]

    assert told(people.officer) == ["Kiểm tra đề nghị hỗ trợ: Trường Thử"]
    assert told(people.leader) == ["Duyệt hỗ trợ: Trường Lớn"]
    assert told(people.focal_head) == []
    assert told(people.finance) == told(people.clerk) == told(people.reporter) == []


def test_rules_of_a_call_on_the_programme(client: Client) -> None:
    people = People()
    programme = make_programme(people.focal, kind=ProgrammeKind.SUPPORT)
    url = reverse("programmes-desk:support-programme", args=[programme.pk])
    rules = {
        "is_open": "on",
        "limit_vnd": "30 triệu",
        "apart_months": "6",
        "party_kinds": ["school"],
        "task_code": TASK,
    }
    client.force_login(people.reporter)
    assert client.get(url).status_code == 200
    assert client.post(url, rules).status_code == 403
    client.force_login(people.officer)
    assert client.post(url, rules | {"limit_vnd": "nhiều"}).status_code == 422
    assert client.post(url, rules).status_code == 302
    assert programme.support.limit_vnd == 30 * M
    assert (
        client.get(reverse("programmes-desk:support-programme", args=[make_programme().pk])).status_code
        == 404
    )
    assert client.get(reverse("programmes-desk:support-standing")).status_code == 200


def test_conditions_name_an_earlier_grant(client: Client) -> None:
    people = People()
    call = make_call(people)
    approved(people, call)
    again = make_request(call, now=NOW + timedelta(days=1))
    client.force_login(people.officer)
    page = client.get(_desk(again)).content.decode()
    assert "Cần xem" in page
    assert "Đã được hỗ trợ trước đây" in page
