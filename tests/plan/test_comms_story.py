"""Communication work and others' events as stories: entered once, counted once, put right, taken back; figures with sources."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from khcn.core.audit import verify_chain
from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import Period, indicators
from khcn.core.models.audit import AuditEvent
from khcn.core.models.outbox import Message
from khcn.core.private_files import FileRefusedError
from khcn.core.references import resolve_many
from khcn.orgs.enums import Role
from khcn.plan.enums import EventKind, PartState
from khcn.plan.errors import StaleError
from khcn.plan.models import EventPart, Outreach
from khcn.plan.rules.comms import CommsError, Part
from khcn.plan.selectors.comms import campaign_sums, channel_sums, last_channel, open_campaigns
from khcn.plan.services.comms_campaigns import CampaignText, campaign_save, kit_add, kit_remove
from khcn.plan.services.comms_events import Invitation, event_pass, event_save, events_remind, part_update
from khcn.plan.services.comms_outreach import PHOTOS, Deed, outreach_correct, outreach_enter, outreach_remove
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import NOW, TODAY, People, make_campaign, make_event, make_group

pytestmark = pytest.mark.django_db
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


@pytest.fixture
def people() -> People:
    return People()


def deed(**values: Any) -> Deed:
    return replace(Deed(channel="zalo", happened_on=TODAY, people=100), **values)


def photo_with_place() -> SimpleUploadedFile:
    """Return a photo that says where and with what it was taken."""
    picture = Image.new("RGB", (40, 30), "teal")
    exif = picture.getexif()
    exif[0x010F], exif[0x0110] = "MAKER OF PHONES", "SECRET MODEL"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("anh.jpg", out.getvalue())


# The entry of a minute


def test_sending_twice_is_once(people: People) -> None:
    key = "a" * 32
    first, new = outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(client_key=key), now=NOW)
    again, second = outreach_enter(
        actor=people.reporter, unit=people.unit, deed=deed(client_key=key, people=999), now=NOW
    )
    assert (first.pk, new, second) == (again.pk, True, False)
    assert Outreach.objects.get().people == 100
    outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(), now=NOW)
    outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(), now=NOW)
    assert Outreach.objects.count() == 3  # without a key every entry is its own


def test_a_photo_keeps_nothing_of_where_it_was_taken(people: People) -> None:
    row, _new = outreach_enter(
        actor=people.reporter, unit=people.unit, deed=deed(), photo=photo_with_place(), now=NOW
    )
    kept = PHOTOS.path(row.photo).read_bytes()
    assert b"SECRET" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()
    other = outreach_correct(
        actor=people.reporter, outreach_id=row.pk, deed=deed(), photo=photo_with_place(), now=NOW
    )
    assert other.photo != row.photo
    assert not PHOTOS.path(row.photo).exists()
    with pytest.raises(FileRefusedError):
        outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(), photo=SimpleUploadedFile("x.jpg", b"MZ..."), now=NOW)  # fmt: skip
    assert Outreach.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"channel": "radio"}, "channel"), ({"count": 0}, "count"), ({"count": 2_000_000}, "count"),
        ({"people": -1}, "people"), ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"happened_on": TODAY - timedelta(days=500)}, "happened_on"), ({"link": "javascript:alert(1)"}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(people: People, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Exception, match=r"\w") as caught:
        outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(**values), now=NOW)
    assert getattr(caught.value, "field", "") == field
    assert not Outreach.objects.exists()


def test_a_campaign_takes_what_belongs_to_it(people: People) -> None:
    other = make_unit()
    campaign = make_campaign(people.unit, task_code="IV.7")
    row, _new = outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(campaign=campaign), now=NOW)
    assert row.task_code == "IV.7"
    for change, message in (
        ({"happened_on": date(2026, 4, 30)}, "Đợt này từ 01/05/2026"),
        ({"campaign": make_campaign(other)}, "không có trong đợt này"),
        ({"campaign": make_campaign(people.unit, is_open=False)}, "ngừng nhận"),
    ):
        with pytest.raises(CommsError, match=message):
            outreach_enter(
                actor=people.reporter,
                unit=people.unit,
                deed=deed(**({"campaign": campaign} | change)),
                now=NOW,
            )


def test_who_writes_for_whom(people: People) -> None:
    other, ended = make_unit(), make_unit(valid_to=date(2026, 5, 1))
    outreach_enter(actor=people.officer, unit=other, deed=deed(), now=NOW)
    for actor, unit in ((people.reporter, other), (people.leader, people.unit), (people.officer, ended)):
        with pytest.raises(PermissionDeniedError):
            outreach_enter(actor=actor, unit=unit, deed=deed(), now=NOW)
    assert list(Outreach.objects.visible_to(people.reporter, TODAY)) == []
    assert Outreach.objects.visible_to(people.leader, TODAY).count() == 1


def test_put_right_and_taken_back_with_the_trail(people: People) -> None:
    row, _new = outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(people=3000), now=NOW)
    outreach_correct(actor=people.head, outreach_id=row.pk, deed=deed(people=300), now=NOW)
    correction = AuditEvent.objects.get(action="plan.outreach.correct")
    assert (correction.before["people"], correction.after["people"]) == (3000, 300)  # type: ignore[index]
    with pytest.raises(CommsError, match="lý do"):
        outreach_remove(actor=people.reporter, outreach_id=row.pk, reason=" ", now=NOW)
    outreach_remove(actor=people.reporter, outreach_id=row.pk, reason="ghi hai lần", now=NOW)
    assert list(Outreach.objects.standing()) == []
    with pytest.raises(StaleError):
        outreach_correct(actor=people.reporter, outreach_id=row.pk, deed=deed(), now=NOW)
    assert verify_chain().ok


def test_defaults_come_from_what_the_unit_did_last(people: People) -> None:
    assert last_channel(people.unit.pk) == ""
    for channel in ("loudspeaker", "facebook"):
        outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(channel=channel), now=NOW)
    assert last_channel(people.unit.pk) == "facebook"
    mine, everyones = make_campaign(people.unit), make_campaign()
    make_campaign(make_unit())
    make_campaign(people.unit, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
    assert set(open_campaigns(people.unit, TODAY)) == {mine, everyones}


# Campaigns


def test_who_has_and_who_has_not(people: People) -> None:
    lazy, busy, outside = make_unit("Phường lười"), make_unit("Phường chăm"), make_unit("Ngoài đợt")
    group = make_group("Các phường", [lazy, busy])
    reporter = make_member(Role.UNIT_REPORTER, lazy)
    text = CampaignText("Tuần lễ khoa học", date(2026, 5, 1), date(2026, 5, 31), units=[group])
    with pytest.raises(PermissionDeniedError):
        campaign_save(actor=people.reporter, values=text, now=NOW)
    campaign = campaign_save(actor=people.officer, values=text, now=NOW, tell=True)
    assert set(campaign.units.all()) == {lazy, busy}
    assert [m.user for m in Message.objects.all()] == [reporter]
    campaign_save(actor=people.officer, values=text, now=NOW, campaign=campaign, tell=True)
    assert Message.objects.count() == 1

    for values in ({"count": 2}, {"channel": "leaflet", "count": 5000, "people": None}):
        outreach_enter(actor=people.officer, unit=busy, deed=deed(campaign=campaign, **values), now=NOW)
    Outreach.objects.create(
        campaign=campaign, unit=outside, channel="zalo", happened_on=TODAY, entered_at=NOW
    )
    sums = campaign_sums(campaign, TODAY)
    assert [(one.unit.name, one.entries, one.items, one.people) for one in sums] == [
        ("Phường lười", 0, 0, None), ("Ngoài đợt", 1, 1, None), ("Phường chăm", 2, 3, 100),
    ]  # fmt: skip
    channels = [
        (one.channel, one.items, one.count, one.people)
        for one in channel_sums(Outreach.objects.filter(unit=busy))
    ]
    assert channels == [("zalo", 2, 2, 100), ("leaflet", 1, 5000, None)]


def test_a_kit_takes_files_and_refuses_what_is_none(people: People) -> None:
    campaign = make_campaign()
    text = SimpleUploadedFile("bai-phat-thanh.txt", "Kính thưa bà con".encode())
    kit = kit_add(actor=people.officer, campaign_id=campaign.pk, file=text, now=NOW)
    assert (kit.title, kit.size) == ("bai-phat-thanh.txt", 19)
    for wrong in ({}, {"record": "library.work:999"}, {"record": "nonsense"}):
        with pytest.raises(CommsError):
            kit_add(actor=people.officer, campaign_id=campaign.pk, now=NOW, **wrong)
    with pytest.raises(PermissionDeniedError):
        kit_remove(actor=people.reporter, kit_id=kit.pk, now=NOW)
    kit_remove(actor=people.officer, kit_id=kit.pk, now=NOW)
    assert not campaign.kit.exists()


# Others' events


def invitation(**values: Any) -> Invitation:
    return replace(
        Invitation("Hội thảo chuyển đổi số", "workshop", "Sở KH&CN", date(2026, 6, 10), date(2026, 6, 10), TODAY, reply_by=date(2026, 5, 29), seats=5),
        **values,
    )  # fmt: skip


def test_an_invitation_from_the_post_to_the_award(people: People) -> None:
    other = make_unit()
    event = event_save(actor=people.officer, values=invitation(), now=NOW)
    assert event_pass(actor=people.officer, event_id=event.pk, units=[people.unit, other], now=NOW) == 2
    assert event_pass(actor=people.officer, event_id=event.pk, units=[people.unit, other], now=NOW) == 0
    told = Message.objects.filter(channel="desk")
    assert [m.user for m in told] == [people.reporter]
    assert "Đề nghị cử người trước hết ngày 29/05/2026" in told.get().body

    mine, theirs = event.parts.get(unit=people.unit), event.parts.get(unit=other)
    part_update(
        actor=people.officer, part_id=theirs.pk, revision=0, part=Part("nominated", nominated=3), now=NOW
    )
    with pytest.raises(CommsError, match="còn 2 chỗ"):
        part_update(
            actor=people.reporter, part_id=mine.pk, revision=0, part=Part("nominated", nominated=3), now=NOW
        )
    part_update(
        actor=people.reporter, part_id=mine.pk, revision=0, part=Part("nominated", nominated=2), now=NOW
    )
    with pytest.raises(StaleError):
        part_update(
            actor=people.head, part_id=mine.pk, revision=0, part=Part("declined", note="bận"), now=NOW
        )
    with pytest.raises(PermissionDeniedError):
        part_update(
            actor=people.reporter, part_id=theirs.pk, revision=1, part=Part("declined", note="x"), now=NOW
        )

    after = NOW + timedelta(days=30)
    came = Part("attended", nominated=2, attended=2, audience="officials", awards=1, award_text="Giải Nhì")
    part_update(actor=people.reporter, part_id=mine.pk, revision=1, part=came, now=after)
    mine.refresh_from_db()
    assert (mine.state, mine.attended, mine.awards, mine.revision) == (PartState.ATTENDED, 2, 1, 2)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (Part("nominated"), "nominated"), (Part("nominated", nominated=9), "nominated"), (Part("declined"), "note"),
        (Part("attended", attended=2, audience="officials"), "state"), (Part("absent"), "state"),
        (Part("nominated", nominated=1, awards=1), "state"), (Part("invited"), "state"), (Part("handed"), "state"),
        (Part("nominated", nominated=1, audience="robots"), "audience"),
    ],
)  # fmt: skip
def test_numbers_of_a_part_fit_together(people: People, part: Part, field: str) -> None:
    event = make_event(seats=5)
    row = EventPart.objects.create(event=event, unit=people.unit, passed_on=TODAY, updated_at=NOW)
    with pytest.raises(CommsError) as caught:
        part_update(actor=people.reporter, part_id=row.pk, revision=0, part=part, now=NOW)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (Part("attended", audience="officials"), "attended"), (Part("attended", attended=3), "audience"),
        (Part("attended", nominated=2, attended=3, audience="officials"), "note"),
        (Part("attended", attended=3, audience="officials", award_text="Giải Nhất"), "awards"),
    ],
)  # fmt: skip
def test_numbers_of_what_is_over_fit_together(people: People, part: Part, field: str) -> None:
    event = make_event(starts_on=TODAY, ends_on=TODAY)
    row = EventPart.objects.create(event=event, unit=people.unit, passed_on=TODAY, updated_at=NOW)
    with pytest.raises(CommsError) as caught:
        part_update(actor=people.reporter, part_id=row.pk, revision=0, part=part, now=NOW)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "values",
    [
        {"title": " "}, {"organiser": ""}, {"kind": "party"}, {"ends_on": date(2026, 6, 9)},
        {"reply_by": date(2026, 6, 11)}, {"seats": 0},
    ],
)  # fmt: skip
def test_an_invitation_that_cannot_be(people: People, values: dict[str, Any]) -> None:
    with pytest.raises(CommsError):
        event_save(actor=people.officer, values=invitation(**values), now=NOW)


def test_reminders_before_the_last_day_when_offices_work(people: People) -> None:
    """Passed on on Wednesday 20 May, to be answered by Friday 29 May: reminded on Wednesday 27 and on Friday 29."""
    event = event_save(actor=people.officer, values=invitation(), now=NOW)
    answered = make_unit()
    quick = make_member(Role.UNIT_REPORTER, answered)
    event_pass(actor=people.officer, event_id=event.pk, units=[people.unit, answered], now=NOW)
    part_update(
        actor=quick,
        part_id=event.parts.get(unit=answered).pk,
        revision=0,
        part=Part("nominated", nominated=1),
        now=NOW,
    )
    Message.objects.all().delete()
    sent = {}
    for day in range(21, 32):
        for hour in (1, 3, 15):  # 08:00, 10:00, 22:00 in Viet Nam
            moment = datetime(2026, 5, day, hour, tzinfo=UTC)
            if count := events_remind(moment):
                sent[day, hour] = count
    assert sent == {(27, 1): 1, (29, 1): 1}
    desk = Message.objects.filter(channel="desk")
    assert {m.user for m in desk} == {people.reporter}
    assert AuditEvent.objects.filter(action="plan.event.remind").count() == 2


# Figures


def figure(code: str, units: list[int] | None = None) -> tuple[Decimal | None, str, int]:
    found = indicators.get(f"plan.{code}").figure(period=MAY, unit_ids=units, reader=None)
    return found.value, found.note, len(found.sources)


def test_communication_in_figures_with_sources(people: People) -> None:
    for values in (
        {"count": 3}, {"channel": "leaflet", "count": 4000, "people": None}, {"people": 50, "people_counted": True},
        {"happened_on": date(2026, 4, 30)},
    ):  # fmt: skip
        outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(**values), now=NOW)
    gone, _new = outreach_enter(actor=people.reporter, unit=people.unit, deed=deed(people=9999), now=NOW)
    outreach_remove(actor=people.reporter, outreach_id=gone.pk, reason="nhầm", now=NOW)
    assert figure("communication_items") == (
        5,
        "Tờ rơi, áp phích: mỗi lần phát tính một lượt (4.000 bản).",
        3,
    )
    assert figure("people_reached") == (150, "100 lượt người là ước tính. 1 việc không ghi số người.", 2)
    assert figure("people_reached", [make_unit().pk]) == (0, "", 0)
    answer = indicators.get("plan.people_reached").figure(period=MAY, unit_ids=None, reader=people.reporter)
    named = resolve_many(answer.sources, people.reporter)
    assert [one.title for one in named.values()] == [
        f"Zalo, 20/05/2026, {people.unit.label}: 3 lượt, 100 người", f"Zalo, 20/05/2026, {people.unit.label}: 1 lượt, 50 người",
    ]  # fmt: skip
    stranger = make_member(Role.UNIT_REPORTER)
    assert resolve_many(answer.sources, stranger) == {}
    assert indicators.get("plan.people_reached").figure(period=MAY, unit_ids=None, reader=stranger).value == 0


def test_others_events_in_figures(people: People) -> None:
    other = make_unit()
    kinds = [
        (EventKind.COURSE, "officials", 4, 0), (EventKind.WORKSHOP, "officials", 3, 0), (EventKind.WORKSHOP, "enterprises", 7, 0),
        (EventKind.CONTEST, "sme-workers", 2, 1), (EventKind.EXHIBITION, "young-entrepreneurs", 5, 0), (EventKind.CONTEST, "pupils", 6, 2),
    ]  # fmt: skip
    for kind, audience, attended, awards in kinds:
        event = make_event(kind=kind, starts_on=date(2026, 5, 10), ends_on=date(2026, 5, 10))
        EventPart.objects.create(
            event=event, unit=people.unit, state=PartState.ATTENDED, nominated=attended + 1, attended=attended,
            audience=audience, awards=awards, passed_on=date(2026, 5, 2), updated_at=NOW,
        )  # fmt: skip
    EventPart.objects.create(
        event=event, unit=other, state=PartState.DECLINED, passed_on=date(2026, 5, 2), updated_at=NOW
    )
    EventPart.objects.create(
        event=make_event(starts_on=date(2026, 5, 30), ends_on=date(2026, 5, 30)), unit=other, state=PartState.HANDED,
        nominated=50, passed_on=date(2026, 5, 2), updated_at=NOW,
    )  # fmt: skip
    expected = {
        "invitations_sent": 8, "events_publicised": 6, "registrations": 33, "people_sent": 10, "people_attending": 23,
        "officials_attending": 3, "officials_trained": 4, "teachers_trained": 0, "pupils_attending": 6, "courses_attended": 1,
        "events_attended": 2, "exhibitions_joined": 1, "contests": 2, "awards": 3,
    }  # fmt: skip
    assert {code: figure(code)[0] for code in expected} == expected
    # Asked for many units at once, the same comes out, and every count of people is the sum of its units.
    for code, total in expected.items():
        indicator: Any = indicators.get(f"plan.{code}")
        both = indicator.figures(period=MAY, groups={1: [people.unit.pk], 2: [other.pk]}, reader=None)
        alone = [figure(code, [unit.pk])[0] for unit in (people.unit, other)]
        assert [both[1].value, both[2].value] == alone
        if code != "events_publicised":  # one event counts once however many were told of it
            assert sum(alone) == total  # type: ignore[arg-type]
