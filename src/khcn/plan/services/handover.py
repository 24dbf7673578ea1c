"""What the plan hands over when one unit follows another; registered with ``orgs`` (journey 13)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.audit import audit_batch
from khcn.orgs.handover import HandOver, OpenThing
from khcn.orgs.models import Unit
from khcn.plan.services import handover_comms, handover_items, handover_money, handover_reports

WORDS: Final[Mapping[str, str | Promise]] = {
    "plan.items": _("Việc của kế hoạch bàn giao"),
    "plan.items_merged": _("Trong đó gộp vào việc đã có"),
    "plan.lines": _("Dòng kinh phí chuyển phần chưa chi"),
    "plan.drafts": _("Dòng dự toán chưa duyệt chuyển đơn vị"),
    "plan.commitments": _("Cam kết chi chuyển theo"),
    "plan.reports_excused": _("Báo cáo của đơn vị cũ không phải nộp nữa"),
    "plan.reports_owed": _("Báo cáo đơn vị kế thừa phải nộp"),
    "plan.campaigns": _("Đợt tuyên truyền nhận thêm đơn vị"),
    "plan.parts": _("Lời mời tham gia chuyển theo"),
}
_PARTS: Final = (handover_items, handover_money, handover_reports, handover_comms)


class PlanFollower:
    """Work items, money, reports and communication work follow their unit."""

    words: Mapping[str, str | Promise] = WORDS

    def open_things(self, units: Sequence[Unit], on: date) -> Sequence[OpenThing]:
        """Return what ``units`` would hand over on the day ``on``."""
        return [thing for part in _PARTS for thing in part.open_things(units, on)]

    @transaction.atomic
    def hand_over(self, hand: HandOver) -> Mapping[str, int]:
        """Hand over what is open; what was handed over is not open any more, so twice is once."""
        counts: dict[str, int] = {}
        for part in _PARTS:
            counts |= part.hand_over(hand)
        counts = {name: count for name, count in counts.items() if count}
        if counts:
            audit_batch(
                actor=hand.actor,
                action="plan.handover",
                count=sum(counts.values()),
                summary={"decision": hand.decision.number, "effective": hand.on, **counts},
                at=hand.now,
            )
        return counts
