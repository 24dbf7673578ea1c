"""The pages of the self-check: a whole way by hand without a script, secrets, refusals, the desk."""

import io
import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from khcn.orgs.models import User
from khcn.programmes.areas import todo_lists
from khcn.programmes.models.readiness import Check, Questionnaire, ReadinessCall
from khcn.programmes.rules.readiness import SKIPPED
from tests.programmes.factories import NOW, People, human
from tests.programmes.readiness_factories import loaded, make_call, make_check, make_ward

pytestmark = pytest.mark.django_db
START = "/muc-do-so/"
PAGES = ("home", "questions", "calls")


def _as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _step(number: int, value: int | None, deed: str = "tiep") -> dict[str, Any]:
    dimension = loaded().sheet.dimensions[number - 1]
    given = {} if value is None else {f"cau-{one.key}": str(value) for one in dimension.questions}
    return {"viec": deed, **given}


def test_a_stall_trader_goes_the_whole_way() -> None:
    client, ward = Client(), make_ward("Phường Một Thử")
    page = client.get(START)
    assert page.status_code == 200
    assert ward.name in page.content.decode()
    begun = client.post(
        START, {"client_key": "k" * 32, "kind": "sap-cho", "ward": ward.pk, "size": "", "sector": ""}
    )
    check = Check.objects.get()
    assert begun.status_code == 302
    assert begun["Location"] == f"/muc-do-so/lam/{check.token}/1/"
    for number in range(1, 6):
        url = f"/muc-do-so/lam/{check.token}/{number}/"
        assert f"Phần {number} trên 5" in client.get(url).content.decode()
        answer = client.post(url, _step(number, 2))
        assert answer.status_code == 302
    assert answer["Location"] == f"/muc-do-so/ket-qua/{check.token}/"
    client.post(url, _step(5, 0))  # the last step sent twice
    check.refresh_from_db()
    assert (check.overall, check.kind, check.ward) == (67, "sap-cho", ward)

    page = client.get(answer["Location"])
    text = page.content.decode()
    assert "Mức của bạn: Khá" in text
    assert "/thu-vien/tim/?q=" in text
    assert "Mời bạn thử: http://testserver/muc-do-so/" in text
    assert page["X-Robots-Tag"].startswith("noindex")
    assert "no-store" in page["Cache-Control"]
    assert "<script" not in text.split("<main", 1)[1]


def test_going_back_keeps_answers_and_an_open_question_is_named() -> None:
    client, check = Client(), make_check(None)
    one, two = (f"/muc-do-so/lam/{check.token}/{number}/" for number in (1, 2))
    half = _step(1, 1)
    half.pop("cau-gop-y")
    wrong = client.post(one, half)
    assert wrong.status_code == 422
    assert "Hãy chọn một câu trả lời" in wrong.content.decode()
    assert client.post(one, _step(1, 1))["Location"] == two
    assert client.post(two, _step(2, None, "lui"))["Location"] == one
    assert client.get(one).content.decode().count("checked") == 4
    assert client.get(f"/muc-do-so/ket-qua/{check.token}/")["Location"] == two
    skipped = client.post(f"/muc-do-so/lam/{check.token}/5/", _step(5, 3))
    assert skipped["Location"] == two  # the last step was answered, the second not
    assert "Thanh toán và sổ sách" in client.get(two).content.decode()
    assert client.post(one, {"viec": "tiep", "cau-tim-thay": "9"}).status_code == 422
    assert client.post(f"/muc-do-so/lam/{check.token}/4/", _step(4, SKIPPED)).status_code == 422


@pytest.mark.parametrize(
    "path",
    ["lam/sai/1/", "lam/%00%00/1/", "ket-qua/sai/", "ket-qua/{t}x/", "lam/{t}/0/", "lam/{t}/6/", "goi-lai/sai/", "ket-qua/sai/goi-lai/", "ket-qua/{t}/goi-lai/"],
)  # fmt: skip
def test_a_wrong_link_is_explained(path: str) -> None:
    check = make_check(None)
    page = Client().get("/muc-do-so/" + path.format(t=check.token))

    assert page.status_code == 404
    assert "Làm lại từ đầu" in page.content.decode()


def test_two_checks_are_compared_by_link() -> None:
    now, before = make_check(2), make_check(1)
    url, client = f"/muc-do-so/ket-qua/{now.token}/", Client()
    page = client.post(url, {"link": f"http://testserver/muc-do-so/ket-qua/{before.token}/"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "bạn được 33 điểm, lần này 67 điểm" in text
    assert "+34" in text
    assert client.post(url, {"link": "sai"}).status_code == 422
    assert client.post(url, {"link": ""}).status_code == 422


def test_a_trader_asks_to_be_called_and_takes_it_back() -> None:
    client, check = Client(), make_check(1)
    url = f"/muc-do-so/ket-qua/{check.token}/goi-lai/"
    assert client.get(url).status_code == 200
    data = {
        "name": "Bà Sáu",
        "address": "0901234567",
        "wish": "",
        "agreed": "on",
        "client_key": "g" * 32,
        **human(),
    }
    refused = client.post(url, {key: value for key, value in data.items() if key != "agreed"})
    assert refused.status_code == 422
    assert "đánh dấu ô đồng ý" in refused.content.decode()
    assert client.post(url, data | {"human": "3"}).status_code == 422
    client.post(url, data | {"website": "http://bot"})
    assert not ReadinessCall.objects.exists()
    done = client.post(url, data)
    client.post(url, data)
    call = ReadinessCall.objects.get()
    assert done["Location"] == f"/muc-do-so/goi-lai/{call.token}/"
    assert "Đã nhận" in client.get(done["Location"]).content.decode()
    client.post(done["Location"], {"viec": "rut"})
    call.refresh_from_db()
    assert call.name == ""
    assert "đã được xóa" in client.get(done["Location"]).content.decode()


MAY = {
    "officer": {"home", "questions", "calls"}, "focal_head": {"home"}, "leader": {"home"}, "auditor": {"home"},
    "finance": set(), "clerk": set(), "editor": set(), "reporter": set(), "head": set(),
}  # fmt: skip


@pytest.mark.parametrize("role", sorted(MAY))
def test_who_opens_what(role: str) -> None:
    people, call = People(), make_call()
    client, officer = _as(getattr(people, role)), role == "officer"
    for name in PAGES:
        wanted = 200 if name in MAY[role] else 403
        assert client.get(reverse(f"readiness-desk:{name}")).status_code == wanted, name
    for name, pk in (("version", loaded().pk), ("call", call.pk)):
        url = reverse(f"readiness-desk:{name}", args=[pk])
        assert client.get(url).status_code == (200 if officer else 403)
        assert client.post(url, {}).status_code in ({302, 422} if officer else {403})
    menu = "Mức độ số của hộ kinh doanh" in client.get("/ban-lam-viec/").content.decode()
    assert menu == bool(MAY[role])


def test_a_visitor_signs_in_first() -> None:
    for name in PAGES:
        assert Client().get(reverse(f"readiness-desk:{name}")).status_code == 302


def test_figures_on_the_page_and_as_a_file_are_the_same() -> None:
    people, url = People(), reverse("readiness-desk:home")
    for value, kind, times in ((1, "ho-kinh-doanh", 11), (2, "doanh-nghiep", 7), (3, "sap-cho", 2)):
        for _each in range(times):
            make_check(value, kind=kind)
    client = _as(people.leader)
    assert "Bao nhiêu lượt ở mức nào" in client.get(url).content.decode()
    page = client.get(url, {"theo": "loai-hinh", "nam": "2026"}).content.decode()
    assert page.count("ẩn</span>") == 2
    answer = client.get(url, {"theo": "loai-hinh", "nam": "2026", "tep": "xlsx"})
    rows = list(load_workbook(io.BytesIO(answer.getvalue())).active.iter_rows(values_only=True))
    told = {row[0]: row[1] for row in rows}
    assert told["Hộ kinh doanh, cửa hàng"] == 10
    assert told["Doanh nghiệp nhỏ, hợp tác xã"] == 5
    assert told["Sạp chợ, bán hàng rong"] == told["Không ghi"] == "Ít lượt, không hiện"
    for query in ({"theo": "x\x00"}, {"nam": "abc"}, {"nam": "1900"}, {"theo": "nam", "tep": "csv"}, {"theo": "dia-ban"}, {"theo": "nganh"}, {"theo": "quy-mo"}):  # fmt: skip
        assert client.get(url, query).status_code == 200


def test_a_version_goes_down_is_changed_comes_up_and_is_used() -> None:
    people = People()
    client, first = _as(people.officer), loaded()
    down = client.get(reverse("readiness-desk:version", args=[first.pk]), {"tep": "json"})
    content = json.loads(down.content)
    assert content == first.content
    url = reverse("readiness-desk:questions")
    content["dimensions"][0]["questions"][0]["options"].pop()
    wrong = client.post(url, {"file": _upload(content), "note": "thử"})
    assert wrong.status_code == 422
    assert "nhóm 1, câu 1" in wrong.content.decode()
    content["dimensions"][0]["questions"][0]["options"].append("Mới")
    right = client.post(url, {"file": _upload(content), "note": "Đổi phương án"})
    row = Questionnaire.objects.get(version=2)
    assert right["Location"] == reverse("readiness-desk:version", args=[row.pk])
    assert "Dùng bản này" in client.get(right["Location"]).content.decode()
    client.post(right["Location"])
    row.refresh_from_db()
    assert row.is_current


def _upload(content: Any) -> io.BytesIO:
    file = io.BytesIO(json.dumps(content).encode())
    file.name = "moi.json"
    return file


def test_calls_wait_on_the_desk_and_are_closed() -> None:
    people, call = People(), make_call()
    client = _as(people.officer)
    request = HttpRequest()
    request.user = people.officer
    assert [one.text for one in todo_lists.get("readiness")(request, timezone.now())] == [
        "1 người chờ gọi lại"
    ]
    url = reverse("readiness-desk:call", args=[call.pk])
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "Đã gọi, hẹn thứ hai"}).status_code == 302
    assert client.post(url, {"note": "lần nữa"}).status_code == 422
    assert todo_lists.get("readiness")(request, timezone.now()) == []
    assert "hẹn thứ hai" in client.get(reverse("readiness-desk:calls"), {"xem": "da-goi"}).content.decode()


def test_lists_take_the_same_queries_for_any_number_of_rows() -> None:
    people = People()
    client = _as(people.officer)

    def queries() -> list[int]:
        found = []
        for name, query in (("calls", {}), ("home", {"theo": "dia-ban", "nam": str(NOW.year)}), ("home", {})):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse(f"readiness-desk:{name}"), query).status_code == 200
            found.append(len(seen))
        return found

    make_call()
    for _each in range(5):
        make_check(1, ward=make_ward(f"Phường {_each} Thử"))
    queries()
    before = queries()
    for _each in range(10):
        make_call()
        make_check(2, ward=make_ward(f"Phường {_each + 10} Thử"))

    assert queries() == before
