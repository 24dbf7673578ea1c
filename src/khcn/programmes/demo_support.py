"""Demo content of support: requests in several states of one call, things in the inventory. Made-up names."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.core.errors import KhcnError
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import User
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.rules.support import Grant, Line
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.services.support_decisions import (
    funds_confirm,
    request_approve,
    request_check,
    request_return,
)
from khcn.programmes.services.support_handover import Deed, handover_enter
from khcn.programmes.services.support_loans import asset_add, asset_lend
from khcn.programmes.services.support_requests import request_save, request_submit
from khcn.programmes.tokens import link_token

# name, steps taken: 0 draft, 1 sent, 2 returned, 3 checked, 4 money confirmed, 5 approved, 6 handed over
ROWS: Final = (
    ("Trường Tiểu học Mẫu Một", 1), ("Trường THCS Mẫu Hai", 2), ("Trường THCS Mẫu Ba", 3), ("Trường THPT Mẫu Bốn", 5),
    ("Trường Tiểu học Mẫu Năm", 6), ("Công ty TNHH Mẫu Xanh", 4), ("Trường Mầm non Mẫu Sáu", 0),
)  # fmt: skip
LINES: Final = (
    Line("Bộ thực hành mạch điện tử", "bộ", 5, Decimal(1_200_000), "Kèm sách hướng dẫn", "Báo giá mẫu"),
    Line("Kính hiển vi học sinh", "cái", 2, Decimal(2_500_000), "Độ phóng đại 640 lần", "Báo giá mẫu"),
)


def load(progress: Progress, now: datetime) -> None:
    """Make the requests once; where the plan has no money for the task, the later steps are left out."""
    programme = Programme.objects.filter(key="mau-ho-tro-thiet-bi-stem").first()
    if programme is None or SupportCall.objects.filter(programme=programme).exists():
        return
    rules = CallRules(task_code=programme.task_code or "II.4.2.1-a", budget_year=local_date(now).year, most_vnd=Decimal(60_000_000),
                      party_kinds=("school", "enterprise"))  # fmt: skip
    call = call_save(actor=None, programme=programme, rules=rules, now=now)
    for number, (name, steps) in enumerate(ROWS):
        _request(call, number, name, steps, now)
    officer = User.objects.filter(username="daumoi").first()
    for number in range(1, 4):
        thing = asset_add(
            actor=officer,
            unit=programme.unit,
            serial=f"MAU-{number:03d}",
            name="Máy in 3D cỡ nhỏ (mẫu)",
            condition="Tốt",
            now=now,
        )
        if number < 3:
            asset_lend(
                actor=officer,
                asset_id=thing.pk,
                borrower=ROWS[number][0],
                contact="",
                due_on=local_date(now) + timedelta(days=5 * number),
                now=now,
            )
    progress(f"support: {len(ROWS)} requests")


def _request(call: SupportCall, number: int, name: str, steps: int, now: datetime) -> None:
    people = {
        one.username: one
        for one in User.objects.filter(username__in=("daumoi", "truongdaumoi", "taichinh", "lanhdao"))
    }
    row = SupportRequest.objects.create(
        call=call, organisation=name, folded_organisation=fold(name), sort_key=sort_key(name), unit=call.programme.unit if call.programme else None,
        organisation_kind=PartyKind.ENTERPRISE if name.startswith("Công ty") else PartyKind.SCHOOL, contact_name="Người liên hệ mẫu",
        contact_address=f"mau{number}@example.vn", token=link_token(), created_at=now,
    )  # fmt: skip
    request_save(
        token=row.token,
        purpose="Trang bị phòng thực hành STEM cho học sinh của trường.",
        audience="pupils",
        lines=LINES,
        revision=0,
        now=now,
    )
    grants = {1: Grant(4, LINES[0].price), 2: Grant(2, LINES[1].price)}
    deed = Deed(local_date(now), name, "Chuyên viên mẫu", "Đại diện mẫu", {1: 2, 2: 1})
    officer = people.get("daumoi")
    if steps > 0:
        request_submit(token=row.token, now=now)
    if steps == 2:
        request_return(
            actor=officer, request_id=row.pk, reason="Hãy gửi thêm báo giá của nhà cung cấp.", now=now
        )
    try:
        if steps > 2:
            request_check(
                actor=officer, request_id=row.pk, grants=grants, note="Đúng đối tượng, giá hợp lý.", now=now
            )
        if steps > 3:
            funds_confirm(actor=people.get("taichinh"), request_id=row.pk, note="", now=now)
        if steps > 4:
            request_approve(
                actor=people.get("truongdaumoi"), request_id=row.pk, grants=grants, note="", now=now
            )
        if steps > 5:
            handover_enter(actor=officer, request_id=row.pk, deed=deed, client_key="demo-handover", now=now)
    except KhcnError:
        return  # no budget line for the task: the request waits where it is
