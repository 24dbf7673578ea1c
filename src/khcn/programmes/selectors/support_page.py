"""What the desk page of one request says in words: what to do next by role, what happened."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.document_port import document_desk
from khcn.core.numbers import money_vi
from khcn.programmes.enums import SupportState
from khcn.programmes.models.support import Handover, SupportRequest
from khcn.programmes.permissions import Reach
from khcn.ui.parts import Event


def next_words(row: SupportRequest, reach: Reach) -> str:
    """Return what is to be done now, said to this person: "you" where it is their turn."""
    words = {
        SupportState.SUBMITTED: (
            reach.officer,
            _("Bạn kiểm tra điều kiện, sửa số lượng và giá rồi bấm “Kiến nghị hỗ trợ”, hoặc trả lại để bổ sung."),
            _("Chờ chuyên viên đầu mối kiểm tra."),
        ),
        SupportState.CHECKED: (
            reach.finance,
            _("Bạn xem kinh phí của nhiệm vụ rồi bấm “Xác nhận đủ kinh phí”."),
            _("Chờ bộ phận tài chính xác nhận kinh phí."),
        ),
        SupportState.FUNDED: _approval(row, reach),
        SupportState.APPROVED: (
            reach.officer,
            _("Bạn bàn giao và ghi biên bản: số tiền ghi ở biên bản được thanh toán ngay vào nhiệm vụ."),
            _("Đã duyệt, chờ chuyên viên đầu mối bàn giao."),
        ),
        SupportState.DELIVERING: (
            reach.officer,
            _("Bạn bàn giao phần còn lại, hoặc kết thúc để trả phần kinh phí chưa dùng."),
            _("Còn một phần chưa bàn giao."),
        ),
        SupportState.DELIVERED: (
            reach.officer,
            _("Đã giao đủ. Bạn kết thúc để trả lại phần kinh phí chưa dùng, nếu có; bên nhận gửi kết quả sau."),
            _("Đã giao đủ, chờ kết thúc."),
        ),
    }  # fmt: skip
    if row.state in words:
        mine, own, other = words[SupportState(row.state)]
        return own if mine else other
    if row.state == SupportState.RETURNED:
        return _("Chờ bên đề nghị bổ sung: %(reason)s") % {"reason": row.return_reason}
    note = row.decision_note if row.state == SupportState.REFUSED else row.end_note
    return _("Không còn việc phải làm. %(note)s") % {"note": note}


def _approval(row: SupportRequest, reach: Reach) -> tuple[bool, str, str]:
    limit = money_vi(row.call.limit_vnd)
    if row.recommended <= row.call.limit_vnd:
        mine = reach.focal_head or reach.leader
        return (
            mine,
            _("Bạn duyệt hết hoặc một phần, hoặc trả lời không hỗ trợ."),
            _("Chờ trưởng đơn vị đầu mối duyệt."),
        )
    return (
        reach.leader,
        _("Trên %(limit)s: bạn duyệt hết hoặc một phần, hoặc trả lời không hỗ trợ.") % {"limit": limit},
        _("Trên %(limit)s: chờ lãnh đạo duyệt.") % {"limit": limit},
    )


def events_of(row: SupportRequest, handovers: Sequence[Handover]) -> list[Event]:
    """Return what happened to a request, with who did it, oldest first."""

    def name(person: Any) -> str:
        return person.get_full_name() if person else ""

    decided = _("Không hỗ trợ") if row.state == SupportState.REFUSED else _("Duyệt")
    steps = [
        (row.submitted_at, _("Bên đề nghị gửi"), "", ""),
        (row.checked_at, _("Kiểm tra, kiến nghị"), row.check_note, name(row.checked_by)),
        (row.funded_at, _("Xác nhận kinh phí"), row.funds_note, name(row.funded_by)),
        (row.decided_at, decided, row.decision_note, name(row.decided_by)),
        (row.ended_at, _("Kết thúc"), row.end_note, ""),
    ]
    events = [
        Event(when=when, what=what, detail=detail, who=who) for when, what, detail, who in steps if when
    ]
    events += [
        Event(
            when=one.entered_at, what=_("Bàn giao lần %(number)s") % {"number": one.number}, who=name(one.entered_by),
            detail=money_vi(one.amount), tone="good",
        )
        for one in handovers
    ]  # fmt: skip
    return sorted(events, key=lambda one: str(one.when))


def with_documents(handovers: Iterable[Any]) -> list[Any]:
    """Return hand-overs, each with its document of the register as ``document``."""
    rows = list(handovers)
    for one in rows:
        one.document = (
            document_desk.get().get(one.document_id) if one.document_id and document_desk.available else None
        )
    return rows


def own_events(row: SupportRequest, handovers: Sequence[Handover]) -> list[Event]:
    """Return what happened to a request for its contact: plain words, no names of officials."""
    refused = row.state == SupportState.REFUSED
    steps = [
        (row.created_at, _("Mở đề nghị"), ""),
        (row.submitted_at, _("Gửi đề nghị"), ""),
        (row.checked_at, _("Đã kiểm tra danh sách"), ""),
        (row.funded_at, _("Đã xác nhận có kinh phí"), ""),
        (row.decided_at, _("Trả lời: không hỗ trợ") if refused else _("Đã duyệt"), row.decision_note),
        (row.confirmed_at, _("Bạn xác nhận đã nhận"), ""),
        (row.ended_at, _("Kết thúc"), row.end_note),
    ]
    events = [Event(when=when, what=what, detail=detail) for when, what, detail in steps if when]
    events += [
        Event(when=one.entered_at, what=_("Bàn giao lần %(number)s") % {"number": one.number}, tone="good")
        for one in handovers
    ]
    return sorted(events, key=lambda one: str(one.when))
