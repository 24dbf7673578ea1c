"""The demo's communication work: one campaign, what wards did for it, and an invitation to somebody else's event."""

from datetime import timedelta
from typing import Final

from khcn.plan.demo_cast import OWN, WARDS, Stage, luck
from khcn.plan.demo_now import Days
from khcn.plan.enums import Channel, EventKind, PartState
from khcn.plan.models import EventPart, Plan
from khcn.plan.rules.comms import Part
from khcn.plan.services.batches import outreach_enter_many
from khcn.plan.services.comms_campaigns import CampaignText, campaign_save
from khcn.plan.services.comms_events import Invitation, event_pass, event_save, part_update
from khcn.plan.services.comms_outreach import Deed

# way -> how often (from, up to), people (from, up to)
_WAYS: Final = {
    Channel.LOUDSPEAKER: ((2, 8), (400, 1800)),
    Channel.LEAFLET: ((80, 300), (80, 300)),
    Channel.ZALO: ((1, 5), (150, 900)),
    Channel.FACEBOOK: ((1, 4), (120, 1500)),
    Channel.MEETING: ((1, 2), (30, 90)),
}
_PLACES: Final = ("Khu phố 1", "Khu phố 2", "Hội trường phường", "")
_QUIET: Final = ("ubnd-p06", "ubnd-p10")
_KIT: Final = (
    "Mời bà con, cô bác vào thư viện khoa học và công nghệ trực tuyến: tài liệu miễn phí về tiết kiệm điện, an toàn thực phẩm, "
    "đăng ký nhãn hiệu. Cần người chỉ cách, xin hỏi cán bộ phường."
)  # fmt: skip


def comms_fill(stage: Stage, plan: Plan, days: Days) -> None:
    """Run a campaign that is still open, with entries of most wards; pass an invitation on to some units."""
    first = days.ago(35)
    wards = [stage.units[key] for key in WARDS]
    campaign = campaign_save(
        actor=None, now=stage.at(first, 8),
        values=CampaignText(
            title="Đợt tuyên truyền “Thư viện khoa học đến mọi nhà” (minh họa)", starts_on=first,
            ends_on=days.today + timedelta(days=25), plan=plan, task_code="IV.7", units=wards, kit_text=_KIT,
            message="Giới thiệu thư viện khoa học và công nghệ trực tuyến; cách đăng ký nhãn hiệu; tiết kiệm điện tại nhà.",
        ),
    )  # fmt: skip
    deeds = []
    for unit in wards:
        chance = luck("comms", unit.key)
        for number in range(0 if unit.key in _QUIET else chance.randrange(2, 5)):
            way = chance.choice(list(_WAYS))
            counts, people = _WAYS[way]
            deed = Deed(
                way, first + timedelta(days=chance.randrange(0, max(1, (days.today - first).days))), chance.randrange(*counts),
                chance.randrange(*people), people_counted=way == Channel.MEETING, campaign=campaign,
                place=chance.choice(_PLACES), note="Số liệu minh họa", client_key=f"demo-{unit.key}-{number}",
            )  # fmt: skip
            by = stage.people["baocao"].pk if unit.key == OWN else None
            deeds.append((unit, deed, by))
    outreach_enter_many(actor=None, deeds=deeds, now=stage.now)
    _events(stage, plan, days)


def _events(stage: Stage, plan: Plan, days: Days) -> None:
    coming = event_save(
        actor=None, now=stage.at(days.working(-4)),
        values=Invitation(
            title="Hội thảo ứng dụng trí tuệ nhân tạo trong phục vụ người dân (minh họa)", kind=EventKind.WORKSHOP,
            organiser="Sở Khoa học và Công nghệ (minh họa)", starts_on=days.working(8), ends_on=days.working(8),
            received_on=days.working(-5), reply_by=days.working(4), place="Hội trường Mẫu, số 00 đường Ví Dụ", seats=20,
            document="00/GM-SKHCN (minh họa)", plan=plan, task_code="II.1.1-b",
            note="Mỗi đơn vị cử 1 đến 3 người phụ trách công nghệ thông tin.",
        ),
    )  # fmt: skip
    keys = (OWN, "ubnd-p01", "ubnd-p05", "ubnd-p09", "phong-gddt", "quan-doan-5")
    event_pass(
        actor=None,
        event_id=coming.pk,
        units=[stage.units[key] for key in keys],
        now=stage.at(days.working(-4), 10),
    )
    for key, part in (
        ("ubnd-p01", Part(PartState.NOMINATED, nominated=2, audience="officials")),
        ("phong-gddt", Part(PartState.NOMINATED, nominated=3, audience="teachers")),
        ("ubnd-p09", Part(PartState.DECLINED, note="Trùng ngày tiếp đoàn kiểm tra (minh họa).")),
    ):
        _answer(stage, coming.pk, key, part)
    past = event_save(
        actor=None, now=stage.at(days.ago(34)),
        values=Invitation(
            title="Hội thi tin học trẻ (minh họa)", kind=EventKind.CONTEST, organiser="Thành Đoàn (minh họa)",
            starts_on=days.ago(20), ends_on=days.ago(19), received_on=days.ago(36), reply_by=days.ago(26),
            place="Nhà văn hóa Mẫu", seats=30, plan=plan, task_code="IV.6-b2",
        ),
    )  # fmt: skip
    contestants = ("quan-doan-5", "phong-gddt")
    event_pass(
        actor=None,
        event_id=past.pk,
        units=[stage.units[key] for key in contestants],
        now=stage.at(days.ago(33)),
    )
    won = Part(
        PartState.ATTENDED,
        nominated=12,
        attended=11,
        audience="pupils",
        awards=2,
        award_text="Một giải nhì, một giải ba (minh họa)",
    )
    _answer(stage, past.pk, "phong-gddt", won)
    _answer(
        stage,
        past.pk,
        "quan-doan-5",
        Part(PartState.ATTENDED, nominated=8, attended=8, audience="young-entrepreneurs"),
    )


def _answer(stage: Stage, event_id: int, key: str, part: Part) -> None:
    row = EventPart.objects.get(event=event_id, unit=stage.units[key])
    part_update(actor=None, part_id=row.pk, revision=row.revision, part=part, now=stage.now)
