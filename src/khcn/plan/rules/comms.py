"""Pure rules of communication work and of taking part in others' events. No database, no clock."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.plan.enums import Channel, EventKind, PartState
from khcn.plan.errors import PlanError

MOST_COUNT: Final = 1_000_000
MOST_PEOPLE: Final = 10_000_000
OLDEST_DAYS: Final = 400  # further back a day is a slip of the finger
# What is counted in copies: handing them out once is one deed, however many there were.
IN_COPIES: Final = frozenset({Channel.LEAFLET, Channel.POSTER})
AUDIENCES: Final[dict[str, str | Promise]] = {
    "officials": gettext_lazy("Cán bộ, công chức, viên chức"),
    "teachers": gettext_lazy("Giáo viên"),
    "pupils": gettext_lazy("Học sinh"),
    "enterprises": gettext_lazy("Doanh nghiệp"),
    "sme-workers": gettext_lazy("Người lao động"),
    "young-entrepreneurs": gettext_lazy("Thanh niên khởi nghiệp"),
    "traders": gettext_lazy("Tiểu thương"),
    "public": gettext_lazy("Người dân"),
}


class CommsError(PlanError):
    """An entry that cannot be right; ``field`` names where."""

    code = "comms"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def items_of(channel: str, count: int) -> int:
    """Return how many communication items one entry is: copies handed out together are one."""
    return 1 if channel in IN_COPIES else count


def check_numbers(count: int, people: int | None) -> None:
    """Raise :class:`CommsError` for numbers that nobody can have meant."""
    if not 1 <= count <= MOST_COUNT:
        raise CommsError(_("Số lượt phải từ 1 đến 1.000.000. Hãy xem lại số."), field="count")
    if people is not None and not 0 <= people <= MOST_PEOPLE:
        raise CommsError(_("Số người phải từ 0 đến 10.000.000. Hãy xem lại số."), field="people")


def check_day(day: date, today: date) -> None:
    """Raise :class:`CommsError` for a day to come, or one too far back to be meant."""
    if day > today:
        raise CommsError(_("Ngày này chưa đến. Chỉ ghi việc đã làm."), field="happened_on")
    if (today - day).days > OLDEST_DAYS:
        raise CommsError(_("Ngày này đã quá một năm. Hãy xem lại năm."), field="happened_on")


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit says about its part in an event."""

    state: str
    nominated: int | None = None
    attended: int | None = None
    audience: str = ""
    awards: int = 0
    award_text: str = ""
    note: str = ""


def check_part(part: Part, *, starts_on: date, today: date, free_seats: int | None) -> None:
    """Raise :class:`CommsError` unless the numbers fit together. ``free_seats``: left for this unit, ``None``: any."""
    if part.audience and part.audience not in AUDIENCES:
        raise CommsError(_("Không rõ đối tượng. Hãy chọn trong danh sách."), field="audience")
    numbers = (("nominated", part.nominated), ("attended", part.attended), ("awards", part.awards))
    for name, number in numbers:
        if number is not None and not 0 <= number <= MOST_COUNT:
            raise CommsError(_("Số này không hợp lệ. Hãy xem lại."), field=name)
    if part.state == PartState.NOMINATED and not part.nominated:
        raise CommsError(_("Hãy ghi số người cử đi."), field="nominated")
    if part.state == PartState.NOMINATED and free_seats is not None and (part.nominated or 0) > free_seats:
        text = _("Lời mời còn %(free)s chỗ. Hãy giảm số người, hoặc xin thêm chỗ rồi sửa số người được mời.")
        raise CommsError(text % {"free": max(free_seats, 0)}, field="nominated")
    if part.state == PartState.DECLINED and not part.note.strip():
        raise CommsError(_("Hãy ghi ngắn gọn lý do không tham gia."), field="note")
    if part.state in {PartState.ATTENDED, PartState.ABSENT} and starts_on > today:
        raise CommsError(_("Hoạt động chưa diễn ra nên chưa ghi kết quả được."), field="state")
    if part.state == PartState.ATTENDED:
        _check_attended(part)
    elif part.attended or part.awards:
        raise CommsError(_("Số người dự và giải thưởng chỉ ghi khi đơn vị đã tham gia."), field="state")


def _check_attended(part: Part) -> None:
    if not part.attended:
        raise CommsError(_("Hãy ghi số người đã dự."), field="attended")
    if not part.audience:
        raise CommsError(_("Hãy chọn đối tượng đã dự: số này vào báo cáo theo đối tượng."), field="audience")
    if part.nominated is not None and part.attended > part.nominated and not part.note.strip():
        text = _("Dự %(attended)s người mà chỉ cử %(nominated)s. Hãy sửa số, hoặc ghi chú vì sao.")
        raise CommsError(text % {"attended": part.attended, "nominated": part.nominated}, field="note")
    if part.award_text.strip() and not part.awards:
        raise CommsError(_("Đã ghi tên giải thì hãy ghi cả số giải."), field="awards")


KINDS_OF_TRAINING: Final = frozenset({EventKind.COURSE})
KINDS_OF_EXCHANGE: Final = frozenset({EventKind.WORKSHOP, EventKind.VISIT})
