"""Pages of communication work: who gets in, the entry of a minute without JavaScript, campaigns, invitations, Excel."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from khcn.orgs.enums import Role
from khcn.plan.models import Campaign, EventPart, Outreach, OutsideEvent
from tests.orgs.factories import make_member, make_unit, make_user
from tests.plan.factories import NOW, People, make_campaign, make_event

pytestmark = pytest.mark.django_db


def at(name: str, *args: object) -> str:
    return reverse(f"plan-desk:{name}", args=args)


def text(response) -> str:  # type: ignore[no-untyped-def]
    return response.content.decode()


def value(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]


@pytest.fixture
def people() -> People:
    return People()


def today() -> date:
    return timezone.localdate()


LISTS = ("comms", "campaigns", "events")
OFFICERS = ("campaign-new", "event-new")
ENTRIES = ("outreach-new", "comms-sheet")


@pytest.mark.parametrize(
    ("who", "opens"),
    [
        ("officer", {*LISTS, *OFFICERS, *ENTRIES}), ("reporter", {*LISTS, *ENTRIES}), ("head", {*LISTS, *ENTRIES}),
        ("leader", set(LISTS)), ("clerk", set(LISTS)), ("nobody", set()),
    ],
)  # fmt: skip
def test_who_opens_what(client: Client, people: People, who: str, opens: set[str]) -> None:
    names = {*LISTS, *OFFICERS, *ENTRIES}
    assert {client.get(at(name)).status_code for name in names} == {302}
    client.force_login(getattr(people, who) if hasattr(people, who) else make_user())
    codes = {name: client.get(at(name)).status_code for name in names}
    assert codes == {name: 200 if name in opens else 403 for name in names}


def test_two_taps_and_a_number(client: Client, people: People) -> None:
    campaign = make_campaign(people.unit, starts_on=today(), ends_on=today())
    client.force_login(people.reporter)
    page = text(client.get(at("outreach-new")))
    for word in ("Không cần thấy mặt ai", "Không chụp học sinh", campaign.title):
        assert word in page
    key = value(page, "client_key")
    assert len(key) == 32
    sent = {
        "channel": "loudspeaker", "people": "1.200", "count": "2", "unit": people.unit.pk,
        "happened_on": today().isoformat(), "campaign": campaign.pk, "client_key": key,
    }  # fmt: skip
    for _tap in range(2):
        done = client.post(at("outreach-new"), sent)
        assert done.headers["Location"] == at("outreach-new")
    row = Outreach.objects.get()
    assert (row.people, row.count, row.campaign, row.people_counted) == (1200, 2, campaign, False)
    again = text(client.get(at("outreach-new")))
    assert 'value="loudspeaker" required' in again or 'value="loudspeaker"' in again
    assert "checked" in again.split('value="loudspeaker"')[1][:120]  # the last channel is chosen already
    queued = client.post(at("outreach-new"), sent, headers={"X-Requested-With": "queue"})
    assert queued.status_code == 204
    refused = client.post(at("outreach-new"), sent | {"people": "-3", "client_key": "b" * 32})
    assert refused.status_code == 422
    assert Outreach.objects.count() == 1


def test_one_entry_is_seen_put_right_and_taken_back(client: Client, people: People) -> None:
    row = Outreach.objects.create(
        unit=people.unit, channel="zalo", happened_on=today(), people=10, entered_at=NOW
    )
    for person, seen in (
        (people.leader, 200),
        (make_member(Role.UNIT_REPORTER), 404),
        (people.reporter, 200),
    ):
        client.force_login(person)
        assert client.get(at("outreach", row.pk)).status_code == seen
    assert client.get(at("outreach-photo", row.pk)).status_code == 404
    change = {
        "channel": "zalo",
        "count": 1,
        "people": 12,
        "unit": people.unit.pk,
        "happened_on": today().isoformat(),
    }
    assert client.post(at("outreach", row.pk), change | {"viec": "sua"}).status_code == 302
    assert client.post(at("outreach", row.pk), {"viec": "rut", "reason": ""}).status_code == 422
    assert client.post(at("outreach", row.pk), {"viec": "rut", "reason": "ghi nhầm"}).status_code == 302
    row.refresh_from_db()
    assert (row.people, bool(row.removed_at)) == (12, True)
    assert "Việc này đã được rút" in text(client.get(at("outreach", row.pk)))
    client.force_login(people.leader)
    assert client.post(at("outreach", row.pk), change).status_code == 403


def test_the_list_filters_counts_and_goes_out_as_a_file(client: Client, people: People) -> None:
    other = make_unit()
    for unit, channel, count in ((people.unit, "zalo", 10), (other, "leaflet", 20)):
        Outreach.objects.create(
            unit=unit, channel=channel, happened_on=today(), people=count, note="=1+1", entered_at=NOW
        )
    client.force_login(people.leader)
    page = text(client.get(at("comms")))
    assert "30 lượt người" in page
    assert "30 lượt người" not in text(client.get(at("comms"), {"don-vi": other.pk}))
    for nonsense in ({"don-vi": "x"}, {"tu": "2026-99-99"}, {"hinh-thuc": "<"}, {"trang": "999"}):
        assert client.get(at("comms"), nonsense).status_code == 200
    file = client.get(at("comms"), {"tep": "xlsx"})
    rows = list(load_workbook(io.BytesIO(b"".join(file))).worksheets[0].iter_rows(values_only=True))  # type: ignore[arg-type]
    assert len(rows) == 3
    client.force_login(people.reporter)
    mine = b"".join(client.get(at("comms"), {"tep": "csv"})).decode()  # type: ignore[arg-type]
    assert mine.count("\n") == 2
    assert "'=1+1" in mine


def test_a_campaign_with_its_kit(client: Client, people: People) -> None:
    client.force_login(people.officer)
    data = {
        "title": "Tuần lễ khoa học", "starts_on": today().isoformat(), "ends_on": today().isoformat(),
        "kit_text": "Kính thưa bà con <b>", "units": [people.unit.pk],
    }  # fmt: skip
    made = client.post(at("campaign-new"), data)
    campaign = Campaign.objects.get()
    assert made.headers["Location"] == at("campaign", campaign.pk)
    assert client.post(at("campaign-new"), data | {"ends_on": "2020-01-01"}).status_code == 422
    kit = {"title": "Tờ rơi", "file": SimpleUploadedFile("to-roi.txt", b"noi dung")}
    client.post(at("campaign-kit", campaign.pk), kit)
    page = text(client.get(at("campaign", campaign.pk), {"tim": "khong co gi"}))
    for word in (
        "Kính thưa bà con &lt;b&gt;",
        "Tờ rơi",
        "Chưa ghi gì: 1/1 đơn vị",
        "Không thấy tài liệu nào",
    ):
        assert word in page, word

    client.force_login(people.reporter)
    seen = text(client.get(at("campaign", campaign.pk)))
    assert "Thêm vào bộ tuyên truyền" not in seen
    file = client.get(at("kit-file", campaign.kit.get().pk))
    assert b"".join(file) == b"noi dung"  # type: ignore[arg-type]
    assert file.headers["Content-Disposition"].startswith("attachment")
    for name in ("campaign-edit", "campaign-state", "campaign-kit"):
        assert client.post(at(name, campaign.pk)).status_code == 403
    client.force_login(people.officer)
    client.post(at("campaign-kit", campaign.pk), {"bo": campaign.kit.get().pk})
    client.post(at("campaign-state", campaign.pk), {"mo": "0"})
    campaign.refresh_from_db()
    assert (campaign.kit.count(), campaign.is_open) == (0, False)
    assert client.get(at("campaign", 999)).status_code == 404


def test_an_invitation_on_pages(client: Client, people: People) -> None:
    client.force_login(people.officer)
    day = today().isoformat()
    data = {
        "title": "Hội thảo AI", "kind": "workshop", "organiser": "Sở", "starts_on": day, "received_on": day,
        "scan": SimpleUploadedFile("moi.png", _png()),
    }  # fmt: skip
    client.post(at("event-new"), data)
    event = OutsideEvent.objects.get()
    assert event.ends_on == event.starts_on
    client.post(at("event-pass", event.pk), {"units": [people.unit.pk]})
    part = EventPart.objects.get()
    assert client.post(at("event-pass", event.pk), {"units": []}).status_code == 422
    page = text(client.get(at("event", event.pk), {"don-vi": part.pk}))
    assert "Chép lời mời" in page
    assert f"phan-{part.pk}-state" in page

    client.force_login(people.reporter)
    assert "1" in text(client.get(at("events"), {"tinh-trang": "cho"}))
    assert client.get(at("event-scan", event.pk)).status_code == 200
    prefix = f"phan-{part.pk}-"
    wrong = {f"{prefix}state": "attended", f"{prefix}revision": "0", f"{prefix}attended": "3"}
    refused = client.post(at("event-part", part.pk), wrong)
    assert refused.status_code == 422
    assert "chọn đối tượng" in text(refused)
    right = wrong | {f"{prefix}audience": "officials"}
    assert client.post(at("event-part", part.pk), right).status_code == 302
    stale = client.post(at("event-part", part.pk), right)
    assert (stale.status_code, "vừa được người khác ghi" in text(stale)) == (422, True)
    file = b"".join(client.get(at("events"), {"tep": "csv"})).decode()  # type: ignore[arg-type]
    assert "Hội thảo AI" in file

    client.force_login(make_member(Role.UNIT_REPORTER))  # of a unit that nobody invited
    codes = {name: client.get(at(name, event.pk)).status_code for name in ("event", "event-scan")}
    assert codes == {"event": 404, "event-scan": 404}
    assert client.post(at("event-part", part.pk), right).status_code == 404
    assert client.post(at("event-pass", event.pk)).status_code == 403


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def test_excel_down_filled_and_up(client: Client, people: People) -> None:
    there = Outreach.objects.create(
        unit=people.unit, channel="zalo", happened_on=today(), people=10, entered_at=NOW
    )
    client.force_login(people.reporter)
    content = client.get(at("comms-sheet"), {"tep": "co"}).content
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    heads = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[1]}

    def up(**more: object) -> object:
        out = io.BytesIO()
        book.save(out)
        return client.post(at("comms-sheet"), {"file": SimpleUploadedFile("x.xlsx", out.getvalue())} | more)

    sheet.cell(2, heads["Số người tiếp cận"], 15)
    for name, cell in {
        "Đơn vị": people.unit.name, "Ngày": today(), "Hình thức": "Facebook", "Số lượt, số bản": 1,
        "Số người tiếp cận": "1.500",
    }.items():  # fmt: skip
        sheet.cell(3, heads[name], cell)
    assert up().status_code == 302  # type: ignore[attr-defined]
    assert up().status_code == 302  # type: ignore[attr-defined]  # the same file again
    there.refresh_from_db()
    assert there.people == 15
    assert sorted(Outreach.objects.values_list("channel", "people")) == [("facebook", 1500), ("zalo", 15)]

    sheet.cell(2, heads["Hình thức"], "Điện báo")
    sheet.cell(3, heads["Số lượt, số bản"], 0)
    sheet.cell(4, heads["Đơn vị"], people.unit.name)
    wrong = up()
    page = text(wrong)
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    for place in ("dòng 2, cột “Hình thức”", "dòng 3, cột “Số lượt, số bản”", "dòng 4, cột “Ngày”"):
        assert place in page, place
    assert Outreach.objects.count() == 2


def test_a_strangers_event_is_not_known(client: Client, people: People) -> None:
    event = make_event()
    client.force_login(people.leader)
    assert client.get(at("event", event.pk)).status_code == 200
    client.force_login(people.head)
    assert client.get(at("event", event.pk)).status_code == 404
