"""Work of a simulated half-year: progress of the items, sessions held, communication entered by the units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from khcn.plan.enums import Channel, ItemState
from khcn.plan.models import Campaign, Plan, WorkItem
from khcn.plan.services.batches import ItemDeed, SessionDeed, items_enter, outreach_enter_many, sessions_enter
from khcn.plan.services.comms_campaigns import CampaignText, campaign_save
from khcn.plan.services.comms_outreach import Deed
from khcn.plan.services.progress import Entry
from khcn.plan.simulation.cast import Cast, spread
from khcn.plan.simulation.specs import GROUP

SESSION_KINDS = frozenset({"training", "legal", "visit", "contest", "exhibition"})
HURDLES = ("Thiếu báo cáo viên.", "Kinh phí về chậm.", "Trùng lịch với hoạt động khác.", "Ít người đăng ký.")
RESULTS = (
    "Đã tổ chức đúng kế hoạch.",
    "Đã hoàn thành, có biên bản kèm theo.",
    "Đã gửi tài liệu đến từng tổ dân phố.",
)


@dataclass(frozen=True, slots=True)
class Half:
    """One half-year of work: its days, and how much of the work gets done in it (0 to 1)."""

    code: str
    first: date
    last: date
    done: float


def halves(year: int) -> tuple[Half, Half, Half]:
    """Return the two reported halves and the rest of the year."""
    return (
        Half("H1", date(year, 1, 15), date(year, 5, 22), 0.35),
        Half("H2", date(year, 5, 23), date(year, 10, 23), 0.75),
        Half("", date(year, 10, 24), date(year, 12, 20), 0.8),
    )


def work_fill(cast: Cast, plan: Plan, half: Half) -> tuple[int, int]:
    """Enter progress and sessions of a half-year; return how many items moved and how many sessions were held."""
    if not cast.reached(half.first):
        return 0, 0
    chance = cast.city.random("work", plan.key, half.code)
    owners = {unit.pk: place for place, unit in enumerate(cast.wards)}
    items = WorkItem.objects.filter(plan=plan).exclude(state=ItemState.DONE)
    rows = list(items.select_related("task", "plan", "unit").order_by("task__order", "unit__key"))
    last, officer = cast.day(half.last), cast.person("chuyen-vien")
    moves, sessions = [], []
    for item in rows:
        place = owners.get(item.unit_id)
        by = officer.pk if place is None else cast.reporter(place).pk
        day = spread(half.first, last, chance.random())
        entry = _entry(item, half, day, chance)
        if entry is not None:
            moves.append(ItemDeed(item, entry, cast.at(day, 15), by))
            sessions += _sessions(item, cast, day, by, chance)
    now = cast.at(half.last, 18)
    moved = items_enter(actor=officer, deeds=moves, now=now) if moves else 0
    held = sessions_enter(actor=officer, deeds=sessions, now=now) if sessions else 0
    return moved, held


def _entry(item: WorkItem, half: Half, day: date, chance: Random) -> Entry | None:
    luck = chance.random()
    if luck < half.done:
        return Entry(ItemState.DONE, text=chance.choice(RESULTS), done_on=day)
    if luck < half.done + 0.2:
        hurdle = chance.choice(HURDLES) if chance.random() < 0.3 else ""
        return Entry(ItemState.DOING, text="Đang thực hiện.", difficulties=hurdle)
    return None


def _sessions(item: WorkItem, cast: Cast, day: date, by: int, chance: Random) -> list[SessionDeed]:
    if item.task.kind not in SESSION_KINDS or chance.random() < 0.35:
        return []
    return [
        SessionDeed(item, f"Buổi {number + 1}", day - timedelta(days=number), chance.randrange(15, 120), cast.at(day, 16), by)
        for number in range(chance.choice((1, 1, 2)))
    ]  # fmt: skip


def outreach_fill(cast: Cast, plan: Plan, half: Half) -> int:
    """Run one campaign of a half-year over all units; return how many entries they made."""
    last = min(half.first + timedelta(days=60), half.last)
    if not cast.reached(last):
        return 0
    chance = cast.city.random("outreach", plan.key, half.code)
    officer, now = cast.person("chuyen-vien"), cast.at(last, 17)
    said = CampaignText(
        title=f"Đợt tuyên truyền {half.code} năm {plan.year}",
        starts_on=half.first,
        ends_on=last,
        message="Thông tin khoa học và công nghệ cho người dân.",
        plan=plan,
        units=[cast.units[GROUP]],
    )
    campaign = campaign_save(actor=officer, values=said, now=cast.at(half.first))
    deeds = [
        (unit, _deed(campaign, number, cast, place, chance), cast.reporter(place).pk)
        for place, unit in enumerate(cast.wards)
        for number in range(chance.choice((1, 2, 3)))
    ]
    return outreach_enter_many(actor=officer, deeds=deeds, now=now)


def _deed(campaign: Campaign, number: int, cast: Cast, place: int, chance: Random) -> Deed:
    channels: Sequence[Channel] = (
        Channel.LOUDSPEAKER,
        Channel.LEAFLET,
        Channel.ZALO,
        Channel.FACEBOOK,
        Channel.MEETING,
    )
    return Deed(
        channel=chance.choice(channels),
        happened_on=spread(campaign.starts_on, campaign.ends_on, chance.random()),
        count=chance.randrange(1, 30),
        people=chance.randrange(50, 3000),
        campaign=campaign,
        client_key=f"{campaign.plan_id}-{campaign.starts_on:%m%d}-{place}-{number}",
    )
