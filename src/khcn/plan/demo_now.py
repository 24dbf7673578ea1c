"""The demo's plan of this year: the tasks of 2021 with days of today, marked as an illustration; work in the middle."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from khcn.engines.plans.types import PeriodSpec, PlanFile, SignerSpec, TaskSpec
from khcn.plan.demo_cast import FOCAL, OWN, WARDS, Stage, luck, working
from khcn.plan.enums import EvidenceKind, ItemState
from khcn.plan.models import Plan, WorkItem
from khcn.plan.services.batches import ItemDeed, SessionDeed, items_enter, sessions_enter
from khcn.plan.services.progress import Entry
from khcn.plan.services.progress_evidence import Proof, evidence_add
from khcn.plan.services.progress_steps import step_add, step_tick

THIS_YEAR: Final = "kh-minh-hoa-"
NUMBER: Final = "Minh họa 00/KH-UBND"  # what follows the last hyphen names the agency in symbols
_OLD: Final = "2021"
_NOTED: Final = 150  # days ago at most that progress was entered

# task -> its last day, in days from today; the others end with the year
_DUE: Final[Mapping[str, int]] = {
    "IV.2": -95, "II.1.1-a": -60, "II.4.2.2-a": -48, "II.1.1-b": -40, "II.4.1": -30, "II.2-c": -24, "II.1.2": -12,
    "IV.3": -8, "IV.7": -6, "II.4.2.1-a": -4, "II.5-b": 3, "II.4.2.3-b": 5, "IV.5-a": 7, "II.4.2.1-b": 12,
    "II.4.2.2-c2": 18, "IV.5-c": 20, "II.5-c": 25,
}  # fmt: skip
# task -> state, text, difficulty, days ago that it was entered
_STATE: Final[Mapping[str, tuple[ItemState, str, str, int]]] = {
    "IV.2": (ItemState.DONE, "Đã bố trí dự toán cho hoạt động khoa học và công nghệ trong năm.", "", 99),
    "II.1.1-a": (ItemState.DONE, "Đã cử 12 cán bộ dự hai lớp bồi dưỡng do cấp trên tổ chức.", "", 66),
    "II.4.2.2-a": (ItemState.DONE, "Hoàn thành bộ tài liệu thực nghiệm gồm 6 bài.", "", 41),
    "II.1.1-b": (ItemState.DONE, "Đã tham gia hai hội thảo, một chuyến tham quan.", "", 44),
    "II.4.1": (ItemState.DONE, "Thư viện trực tuyến đã mở cho người dân.", "", 35),
    "II.1.1-c": (ItemState.DONE, "Đã tổ chức ba lớp cho giáo viên.", "", 20),
    "II.4.2.1-c": (ItemState.DONE, "Đã đào tạo xong ba đợt cho giáo viên và học sinh.", "", 16),
    "IV.1-b": (ItemState.DONE, "Đã có quy chế vận hành và người phụ trách thư viện.", "", 52),
    "IV.6-b1": (ItemState.DONE, "Đã giới thiệu 6 hội thảo đến doanh nghiệp, thanh niên.", "", 14),
    "IV.5-b": (ItemState.DONE, "Đã gửi thư mời đến 22 trường.", "", 25),
    "II.2-c": (
        ItemState.DOING, "Đã chọn địa điểm, mời 18 đơn vị trưng bày.", "Nhà cung cấp gian trưng bày xin lùi ngày.", 21,
    ),
    "II.1.2": (ItemState.DOING, "Đã kiểm tra 9 trên 14 nơi theo kế hoạch.", "Trùng lịch với đoàn liên ngành.", 13),
    "II.4.2.1-a": (ItemState.DOING, "Đã chọn 5 dự án của học sinh, đang mua vật tư.", "Hồ sơ mua sắm phải bổ sung.", 7),
    "II.2-a": (ItemState.DOING, "Các phường duy trì tuyên truyền hằng tuần.", "", 9),
    "II.2-b": (ItemState.DOING, "Đã tổ chức 4 buổi, phát 1.200 tờ gấp.", "", 11),
    "II.3": (ItemState.DOING, "Đã tiếp nhận và tư vấn 17 trường hợp về nhãn hiệu.", "", 6),
    "II.4.2.1-b": (ItemState.DOING, "Đã đưa 2 đoàn học sinh đi tham quan vườn ươm.", "", 18),
    "II.4.2.2-b": (ItemState.DOING, "Đang tổ chức lớp thứ hai.", "", 10),
    "II.4.2.2-c2": (ItemState.DOING, "Đã phát động, nhận 23 bài dự thi.", "", 12),
    "II.4.2.3-a": (ItemState.DOING, "Đã hỗ trợ 8 doanh nghiệp lập kế hoạch chuyển đổi.", "Doanh nghiệp ít thời gian.", 15),
    "II.4.2.3-b": (ItemState.DOING, "Còn một lớp cho tiểu thương.", "", 4),
    "II.5-a": (ItemState.DOING, "Đã khảo sát 6 trụ sở, trường học.", "", 22),
    "II.5-b": (ItemState.DOING, "Đã lắp thiết bị đo ở 5 trong 6 nơi.", "", 3),
    "II.5-c": (ItemState.DOING, "Đã có kết quả đếm thử ở một chợ.", "Ánh sáng ban đêm yếu, sai số còn cao.", 8),
    "IV.1-a": (ItemState.DOING, "Theo dõi tiến độ hằng tháng.", "", 5),
    "IV.5-a": (ItemState.DOING, "15 trên 22 trường đã lồng ghép.", "", 6),
    "IV.4": (ItemState.DOING, "Đã phát 26 tin, bài.", "", 9),
    "IV.6": (ItemState.DOING, "Đã mở 2 lớp.", "", 19),
}  # fmt: skip
_STEPS: Final[Mapping[str, tuple[tuple[str, bool], ...]]] = {
    "II.2-c": (("Lập phương án", True), ("Mời đơn vị trưng bày", True), ("Ký hợp đồng gian trưng bày", False), ("Khai mạc", False)),
    "II.5-b": (("Khảo sát hiện trạng", True), ("Mua thiết bị", True), ("Lắp đặt", False), ("Nghiệm thu", False)),
    "II.4.2.2-c2": (("Ban hành thể lệ", True), ("Nhận bài dự thi", True), ("Chấm vòng một", False), ("Trao giải", False)),
}  # fmt: skip
# task, title, days ago, people
_SESSIONS: Final = (
    ("II.1.1-c", "Lớp đổi mới sáng tạo cho giáo viên, đợt 1", 88, 46), ("II.1.1-c", "Lớp đổi mới sáng tạo cho giáo viên, đợt 2", 54, 39),
    ("II.2-b", "Phổ biến quy định về nhãn hiệu cho tiểu thương", 70, 73), ("II.2-b", "Phổ biến Luật Sở hữu trí tuệ", 26, 61),
    ("II.4.2.2-b", "Thực nghiệm ứng dụng cho thanh niên khởi nghiệp", 47, 28), ("II.4.2.3-b", "Dùng phần mềm bán hàng cho tiểu thương", 33, 52),
    ("II.4.2.1-b", "Học sinh tham quan vườn ươm sáng tạo", 18, 85), ("IV.6", "Kỹ năng số cho người lao động", 40, 34),
)  # fmt: skip
_WARD_LATE: Final = ("ubnd-p04", "ubnd-p06", "ubnd-p10", "ubnd-p13")


@dataclass(frozen=True, slots=True)
class Days:
    """The days of this year's plan: signed some months ago (fewer early in the year), everything else from today."""

    today: date
    signed: date
    year: int

    def ago(self, days: int) -> date:
        """Return the working day that begins or follows so many days ago, after the plan was signed, not ahead of today."""
        day = max(self.today - timedelta(days=days), self.signed + timedelta(days=1))
        return min(working(day - timedelta(days=1), 1), self.today)

    def working(self, days: int) -> date:
        """Return the day so many working days from today."""
        return working(self.today, days)


def frame(today: date) -> Days:
    """Return the days of the plan of the year of ``today``."""
    start = date(today.year, 1, 8)
    signed = max(start, today - timedelta(days=180))
    return Days(today, min(signed, today - timedelta(days=45)), today.year)


def plan_found(stage: Stage, given: PlanFile, days: Days) -> Plan:
    """Import and publish the plan of this year."""
    from khcn.plan.demo_past import published  # noqa: PLC0415  # it reads reports, which read the days here

    return published(stage, _shaped(given, days), days.signed)


def _shaped(given: PlanFile, days: Days) -> PlanFile:
    """Return the plan of 2021 as one of this year: other days, no names, no legal basis, said to be an illustration."""
    year = str(days.year)
    head, dues = given.header, _dues(days)
    header = replace(
        head, full_number=NUMBER, number=None, date=days.signed, year=days.year, basis=(),
        title=head.title.replace(_OLD, year) + " (kế hoạch minh họa)", title_en=head.title_en.replace(_OLD, year) + " (illustration)",
        signer=SignerSpec("Mẫu Văn Duyệt", "Phó Chủ tịch", "KT.", "Chủ tịch"),
    )  # fmt: skip
    periods = tuple(
        PeriodSpec(
            one.code.replace(_OLD, year),
            one.title.replace(_OLD, year) + " (minh họa)",
            dues[one.task],
            None,
            one.task,
        )
        for one in given.reporting.periods
    )
    return replace(
        given, key=f"{THIS_YEAR}{year}", header=header, units=(), anomalies=(), tasks=tuple(_task(one, dues, year) for one in given.tasks),
        reporting=replace(given.reporting, periods=periods, to_confirm=()),
    )  # fmt: skip


def _dues(days: Days) -> dict[str, date]:
    """Return last days by task: what lies behind us never before the plan was two weeks old."""
    end = date(days.year, 12, 31)
    first = days.signed + timedelta(days=15)
    found = {code: min(max(days.today + timedelta(days=shift), first), end) for code, shift in _DUE.items()}
    middle = days.signed + (days.today - days.signed) / 2
    return {
        **found,
        "IV.8-H1": working(middle - timedelta(days=1), 1),
        "IV.8-H2": days.working(4),
        "": end,
    }


def _task(task: TaskSpec, dues: Mapping[str, date], year: str) -> TaskSpec:
    due = dues.get(task.code, dues[""]) if task.deadline is not None else None
    return replace(
        task, title=task.title.replace(_OLD, year), text=task.text.replace(_OLD, year),
        title_en=task.title_en.replace(_OLD, year), deadline=due,
    )  # fmt: skip


def work_fill(stage: Stage, plan: Plan, days: Days, *, since: date, until: date) -> None:
    """Enter how far the work is, as it was said on the days after ``since`` up to ``until``: done, under way, late."""
    items = WorkItem.objects.filter(plan=plan).select_related("task", "plan", "unit")
    deeds = [deed for item in items if (deed := _deed(stage, item, days)) is not None]
    moves = [deed for deed in deeds if since < timezone.localdate(deed.at) <= until]
    if since == days.signed:
        moves += [_begun(stage, deed, days, until) for deed in deeds if timezone.localdate(deed.at) > until]
    moves.sort(key=lambda deed: deed.at)
    if moves:
        items_enter(actor=None, deeds=moves, now=stage.at(until, 18))


def proofs_fill(stage: Stage, plan: Plan, days: Days) -> None:
    """Add what was held, the steps of some tasks, links as evidence."""
    items = WorkItem.objects.filter(plan=plan).select_related("task", "plan", "unit")
    leads = {item.code: item for item in items if item.unit_id == item.task.lead_id}
    sessions_enter(
        actor=None,
        deeds=[
            SessionDeed(
                leads[code], f"{title} (minh họa)", days.ago(ago), people, stage.at(days.ago(ago), 17)
            )
            for code, title, ago, people in _SESSIONS
        ],
        now=stage.now,
    )
    for code, steps in _STEPS.items():
        for title, done in steps:
            step = step_add(actor=None, item_id=leads[code].pk, title=title, now=stage.at(days.ago(30)))
            if done:
                step_tick(
                    actor=None, item_id=leads[code].pk, step_id=step.pk, done=True, now=stage.at(days.ago(10))
                )
    for code, title in (
        ("II.4.1", "Trang thư viện trực tuyến (minh họa)"),
        ("II.2-c", "Phương án trưng bày (minh họa)"),
    ):
        proof = Proof(EvidenceKind.LINK, title, link="https://example.vn/minh-hoa")
        evidence_add(actor=stage.people["daumoi"], item_id=leads[code].pk, proof=proof, now=stage.now)


def _deed(stage: Stage, item: WorkItem, days: Days) -> ItemDeed | None:
    if item.code == "IV.7" and item.unit.key in WARDS:
        return _ward(stage, item, days)
    told = _STATE.get(item.code)
    if told is None:
        return None
    state, text, hurdle, ago = told
    day = days.ago(min(ago, _NOTED))
    done = day if state == ItemState.DONE else None
    by = stage.people["daumoi"].pk if item.unit.key == FOCAL else None
    entry = Entry(state, text=f"{text} (minh họa)", difficulties=hurdle, done_on=done)
    return ItemDeed(item, entry, stage.at(day, 15), by)


def _begun(stage: Stage, deed: ItemDeed, days: Days, until: date) -> ItemDeed:
    """Return the first word on an item that moved on later: it had begun before ``until``."""
    shift = luck("begun", deed.item.code, deed.item.unit.key).randrange(1, max(2, (until - days.signed).days))
    day = min(working(days.signed + timedelta(days=shift), 1), until)
    entry = Entry(ItemState.DOING, text="Đã phân công người và bắt đầu thực hiện. (minh họa)")
    return ItemDeed(deed.item, entry, stage.at(day, 10), deed.by)


def _ward(stage: Stage, item: WorkItem, days: Days) -> ItemDeed | None:
    """The wards: most are done, some late, and two have said nothing yet."""
    key = item.unit.key
    day = days.ago(luck("ward", key).randrange(6, 40))
    if key in _WARD_LATE[1:3]:
        return None
    by = stage.people["baocao"].pk if key == OWN else None
    if key in _WARD_LATE:
        text = "Đã phát thanh 4 buổi, còn một buổi nói chuyện ở khu phố. (minh họa)"
        return ItemDeed(item, Entry(ItemState.DOING, text=text), stage.at(day, 15), by)
    entry = Entry(
        ItemState.DONE, text="Đã tuyên truyền đủ các hình thức theo kế hoạch. (minh họa)", done_on=day
    )
    return ItemDeed(item, entry, stage.at(day, 15), by)
