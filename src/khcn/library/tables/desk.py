"""What the desk shows of works: states with their tone, tabs with counts, steps that a person may take."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.engines.text.sensitive import SensitiveKind
from khcn.library import permissions
from khcn.library.desk_menu import box_url
from khcn.library.enums import (
    OPEN_STATES,
    PUBLISHABLE_STATES,
    RESTORABLE_STATES,
    REVIEWABLE_STATES,
    WITHDRAWABLE_STATES,
    ItemState,
    WorkState,
)
from khcn.library.models import ImportItem, Work
from khcn.library.selectors.desk import desk_counts
from khcn.ui.formats import format_datetime
from khcn.ui.parts import Hit, State, Tab, Tone

STATE_TONES: dict[str, Tone] = {
    WorkState.DRAFT: "neutral",
    WorkState.SUBMITTED: "info",
    WorkState.RETURNED: "watch",
    WorkState.APPROVED: "info",
    WorkState.PUBLISHED: "good",
    WorkState.FROZEN: "watch",
    WorkState.WITHDRAWN: "bad",
}
ITEM_TONES: dict[str, Tone] = {
    ItemState.PENDING: "neutral",
    ItemState.PROCESSING: "info",
    ItemState.READY: "good",
    ItemState.WARNINGS: "watch",
    ItemState.FAILED: "bad",
}


@dataclass(frozen=True)
class Step:
    """One thing that may be done with a work now."""

    key: str
    label: str
    variant: str = "secondary"
    needs: str = ""  # "", "reason" or "time"
    hint: str = ""


def state_of(work: Work) -> State:
    """Return the state in words and tone."""
    return State(label=str(work.get_state_display()), tone=STATE_TONES[work.state])


def item_state(item: ImportItem) -> State:
    """Return the state of an imported file in words and tone."""
    return State(label=str(item.get_state_display()), tone=ITEM_TONES[item.state])


FINDING_LABELS: dict[str, Any] = {
    SensitiveKind.STAMP: gettext_lazy("dấu độ mật"),
    SensitiveKind.INTERNAL: gettext_lazy("ghi “lưu hành nội bộ”"),
    SensitiveKind.IDENTITY: gettext_lazy("số giấy tờ tùy thân"),
    SensitiveKind.MOBILE: gettext_lazy("số điện thoại di động"),
    SensitiveKind.LANDLINE: gettext_lazy("số điện thoại bàn"),
    SensitiveKind.EMAIL: gettext_lazy("thư điện tử cá nhân"),
    SensitiveKind.OFFICE_EMAIL: gettext_lazy("thư điện tử cơ quan"),
    SensitiveKind.BANK: gettext_lazy("số tài khoản ngân hàng"),
    SensitiveKind.BIRTH: gettext_lazy("ngày sinh"),
}


@dataclass(frozen=True)
class FindingLine:
    """Something on a page that a person must look at before it is published."""

    page: int | None
    label: str
    excerpt: str
    count: int


def finding_lines(work: Work) -> list[FindingLine]:
    """Return what the sensitive check noted about a work, in words."""
    return [
        FindingLine(
            page=noted.get("page"),
            label=str(FINDING_LABELS.get(noted.get("kind", ""), _("nội dung cần xem"))),
            excerpt=noted.get("excerpt", ""),
            count=noted.get("count") or 1,
        )
        for noted in work.sensitive_findings
    ]


def desk_entry(work: Work) -> Hit:
    """Return a work as an entry of a desk list."""
    legal = getattr(work, "legal", None)
    meta = [work.owner_unit.label] if work.owner_unit else []
    if work.submitted_by:
        meta.append(work.submitted_by.get_full_name() or work.submitted_by.get_username())
    meta.append(format_datetime(timezone.localtime(work.updated_at)))
    if work.sensitive and work.sensitive_cleared_at is None:
        meta.append(_("có dấu hiệu nhạy cảm"))
    return Hit(
        title=work.title,
        url=reverse("library-desk:work", args=[work.pk]),
        symbol=legal.number if legal else "",
        kind=str(work.get_kind_display()),
        year=str(work.issued_year or ""),
        state=state_of(work),
        meta=meta,
    )


_LABELS = {
    "cho-duyet": gettext_lazy("Chờ duyệt"),
    "cho-dang": gettext_lazy("Chờ đăng"),
    "tra-lai": gettext_lazy("Trả lại"),
    "cua-toi": gettext_lazy("Của tôi"),
    "da-dang": gettext_lazy("Đã đăng"),
    "da-rut": gettext_lazy("Đã rút, tạm dừng"),
    "tat-ca": gettext_lazy("Tất cả"),
}


def box_tabs(user: Any, current: str) -> list[Tab]:
    """Return the boxes that a person has, with what waits in them."""
    counts = desk_counts(user)
    shown = {"cho-duyet": counts.review, "tra-lai": counts.returned}
    boxes = list(_LABELS)
    if not (permissions.reach_of(user).everything or permissions.reach_of(user).approver):
        boxes = ["cua-toi", "tra-lai", "cho-duyet", "da-dang"]
    return [
        Tab(label=str(_LABELS[box]), url=box_url(box), current=box == current, count=shown.get(box) or None)
        for box in boxes
    ]


def allowed_steps(user: Any, work: Work) -> list[Step]:
    """Return what this person may do with the work in its present state, the likeliest first."""
    state = work.state
    held_back = work.sensitive and work.sensitive_cleared_at is None
    steps = []
    if state in OPEN_STATES and permissions.can_submit(user, work):
        steps.append(Step("gui-duyet", _("Gửi duyệt"), "primary"))
    if held_back and permissions.can_keep(user):
        hint = _("Đọc các trang được đánh dấu rồi ghi vì sao được phép đăng. Tên bạn được lưu lại.")
        steps.append(Step("cho-phep", _("Cho phép đăng nội dung nhạy cảm"), needs="reason", hint=hint))
    if state in PUBLISHABLE_STATES and not held_back and _may_publish(user, work):
        steps.append(Step("dang", _("Đăng ngay"), "primary"))
    if state in REVIEWABLE_STATES and permissions.can_review(user, work):
        if not held_back:
            steps.append(Step("hen-gio", _("Duyệt và hẹn giờ đăng"), needs="time"))
            steps.append(Step("duyet", _("Duyệt, đăng sau")))
        hint = _("Nói rõ cần sửa gì; người gửi đọc được.")
        steps.append(Step("tra-lai", _("Trả lại để sửa"), needs="reason", hint=hint))
    if permissions.can_keep(user):
        steps += _keeping_steps(state)
    return steps


def _may_publish(user: Any, work: Work) -> bool:
    if work.state in REVIEWABLE_STATES:
        return permissions.can_review(user, work) and permissions.can_publish(user, work)
    return permissions.can_publish(user, work)


def _keeping_steps(state: str) -> list[Step]:
    hint = _("Người đọc thấy lý do này tại địa chỉ của tài liệu.")
    steps = []
    if state == WorkState.PUBLISHED:
        steps.append(Step("tam-dung", _("Tạm dừng"), needs="reason", hint=hint))
    if state in WITHDRAWABLE_STATES:
        steps.append(Step("rut", _("Rút tài liệu"), "danger", needs="reason", hint=hint))
    if state in RESTORABLE_STATES:
        steps.append(Step("dang-lai", _("Đăng lại"), "primary"))
    return steps
