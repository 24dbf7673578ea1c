"""Support of equipment in the simulated year, with a purse in the place of the plan's money."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from khcn.core.models import Message
from khcn.core.money_port import Booking, Funds, money_booker
from khcn.orgs.enums import PartyKind, Role
from khcn.programmes.enums import Audience, ProgrammeKind, RegistrationWay
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.support import Grant, Line
from khcn.programmes.services.calendar_programmes import (
    ProgrammeText,
    programme_approve,
    programme_create,
    programme_submit,
)
from khcn.programmes.services.codes import code_send
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.services.support_decisions import (
    funds_confirm,
    request_approve,
    request_check,
    request_refuse,
)
from khcn.programmes.services.support_handover import Deed, handover_enter
from khcn.programmes.services.support_requests import (
    Asker,
    code_purpose,
    request_save,
    request_start,
    request_submit,
)
from khcn.programmes.simulation import MARK
from khcn.programmes.simulation.stage import Stage

REQUESTS: Final = 16
TASK: Final = "MP.1"
PURSE: Final = Decimal(400_000_000)


class Purse:
    """Money in memory: one line that may not be overdrawn. Follows :class:`khcn.core.money_port.MoneyBooker`."""

    def __init__(self, allocated: Decimal = PURSE) -> None:
        self.allocated = allocated
        self.held: dict[str, Booking] = {}
        self.payments: set[str] = set()

    @property
    def committed(self) -> Decimal:
        """What is reserved or paid."""
        return sum((one.amount - one.released for one in self.held.values()), Decimal(0))

    @property
    def paid(self) -> Decimal:
        """What was paid."""
        return sum((one.paid for one in self.held.values()), Decimal(0))

    def funds(self, *, task_code: str, year: int, unit_id: int | None = None) -> Sequence[Funds]:
        """Return the one line."""
        free = self.allocated - self.committed
        return [Funds(1, f"{task_code} {year}", unit_id or 0, self.allocated, free)]

    def commit(self, *, amount: Decimal, reference: str, text: str, **_rest: Any) -> Booking:
        """Reserve money; twice is once."""
        if reference not in self.held and self.committed + amount > self.allocated:
            raise ProgrammeError("Hết tiền mô phỏng.")
        nothing = Decimal(0)
        return self.held.setdefault(reference, Booking(reference, 1, text, amount, nothing, nothing, True))

    def pay(self, *, reference: str, amount: Decimal, payment_reference: str = "", **_rest: Any) -> Booking:
        """Book a payment; twice is once."""
        old = self.held[reference]
        if payment_reference in self.payments:
            return old
        if amount > old.left:
            raise ProgrammeError("Chi quá cam kết mô phỏng.")
        self.payments.add(payment_reference)
        self.held[reference] = replace(old, paid=old.paid + amount)
        return self.held[reference]

    def release(self, *, reference: str, **_rest: Any) -> Booking:
        """Give back what will not be paid."""
        old = self.held[reference]
        self.held[reference] = replace(old, released=old.released + old.left)
        return self.held[reference]

    def booked(self, reference: str) -> Booking | None:
        """Return a commitment."""
        return self.held.get(reference)


@transaction.atomic
def support_play(stage: Stage) -> Programme:
    """Play the support call of the year."""
    unit, year = stage.units[0], stage.size.year
    opened = stage.moment(date(year, 3, 2))
    officer, second = stage.staff[Role.FOCAL_OFFICER], stage.staff["second officer"]
    text = ProgrammeText(
        title="Hỗ trợ thiết bị mô phỏng", kind=ProgrammeKind.SUPPORT, year=year, summary="Mô phỏng", venue="Kho thiết bị",
        description="Đợt hỗ trợ mô phỏng.", audiences=[Audience.PUPILS], registration=RegistrationWay.NONE,
        contact="Phòng chuyên môn", starts_on=opened.date(), ends_on=date(year, 12, 15),
    )  # fmt: skip
    programme = programme_create(actor=officer, unit=unit, values=text, now=opened, key=f"{MARK}-ho-tro")
    programme_submit(actor=officer, programme_id=programme.pk, now=opened)
    programme = programme_approve(actor=second, programme_id=programme.pk, now=opened + timedelta(hours=1))
    rules = CallRules(task_code=TASK, budget_year=year, limit_vnd=Decimal(30_000_000))
    call = call_save(actor=officer, programme=programme, rules=rules, now=opened)
    with money_booker.using(Purse()):
        for number in range(REQUESTS):
            _request(stage, call, number, opened + timedelta(days=2 + 3 * number))
    return programme


def _request(stage: Stage, call: Any, number: int, now: datetime) -> None:
    stage.people += 1
    address = code_send(
        address=stage.address(),
        purpose=code_purpose(call),
        visitor=f"mo-phong-{number}",
        now=now,
        about="Hỗ trợ",
    )
    asker = Asker(
        f"Trường mô phỏng {number}",
        PartyKind.SCHOOL,
        "Người liên hệ",
        unit=stage.units[number % len(stage.units)],
    )
    row = request_start(
        call=call,
        address=address,
        digits=_digits(),
        asker=asker,
        client_key=f"mo-phong-ho-tro-{number:04}",
        now=now,
    )
    lines = [
        Line(
            f"Bộ thí nghiệm {one}",
            "bộ",
            stage.dice.randrange(1, 6),
            Decimal(stage.dice.randrange(8, 60) * 100_000),
        )
        for one in range(stage.dice.randrange(1, 5))
    ]
    row = request_save(
        token=row.token,
        purpose="Dạy thực hành môn khoa học cho học sinh lớp 6 đến lớp 9.",
        audience=Audience.PUPILS,
        lines=lines,
        revision=row.revision,
        now=now,
    )
    request_submit(token=row.token, now=now + timedelta(hours=1))
    officer, head, leader = (stage.staff[role] for role in (Role.FOCAL_OFFICER, Role.FOCAL_HEAD, Role.LEADER))
    grants = {place: Grant(line.quantity, line.price) for place, line in enumerate(lines, 1)}
    row = request_check(actor=officer, request_id=row.pk, grants=grants, note="", now=now + timedelta(days=1))
    if stage.dice.random() < 0.15:
        request_refuse(
            actor=leader, request_id=row.pk, reason="Ngoài phạm vi đợt này", now=now + timedelta(days=2)
        )
        return
    funds_confirm(actor=stage.staff[Role.FINANCE], request_id=row.pk, note="", now=now + timedelta(days=2))
    if stage.dice.random() < 0.4:  # a part only
        grants = {place: Grant(max(1, one.quantity - 1), one.price) for place, one in grants.items()}
    total = sum((one.quantity * one.price for one in grants.values()), Decimal(0))
    approver = head if total <= call.limit_vnd else leader
    decided = now + timedelta(days=3)
    request_approve(actor=approver, request_id=row.pk, grants=grants, note="", now=decided)
    if stage.dice.random() < 0.8:
        deed = Deed(
            handed_on=(decided + timedelta(days=7)).date(), place="Trường", giver="Bên giao", receiver="Bên nhận",
            quantities={place: one.quantity for place, one in grants.items()},
        )  # fmt: skip
        handover_enter(
            actor=officer,
            request_id=row.pk,
            deed=deed,
            client_key=f"mo-phong-giao-{number}",
            now=decided + timedelta(days=8),
        )


def _digits() -> str:
    """Return the code of the last message: the simulation reads its own post."""
    body = Message.objects.filter(dedupe_key__startswith="programmes.code:").latest("pk").body
    found = re.search(r"\b\d{6}\b", body)
    assert found is not None  # noqa: S101  # code_send has just written it
    return found[0]
