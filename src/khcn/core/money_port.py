"""Booking money on a task of the plan: what other apps (equipment support, services) call, whoever owns the money.

One *reference* (``"support.request:17"``) holds at most one commitment that stands. ``commit`` reserves money of a
budget line of the task, ``pay`` books what was delivered and paid of it, ``release`` gives back what will never be
paid. Everything runs in the caller's transaction, so the deed and its money stay or go together; what does not fit into
the allocation is refused with a sentence that says how much is left::

    booking = money_booker.get().commit(
        actor=request.user, task_code="II.4.2.1-a", year=2026, amount=Decimal(45_000_000),
        reference=str(reference_to(support)), text=_("Hỗ trợ thiết bị ..."), now=now,
    )
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor
from khcn.core.ports import Port, declare_port


@dataclass(frozen=True, slots=True)
class Booking:
    """The commitment of one reference, in dong. ``left`` = amount - paid - released; ``confirmed``: by finance."""

    reference: str
    line_id: int
    line_title: str
    amount: Decimal
    paid: Decimal
    released: Decimal
    confirmed: bool

    @property
    def left(self) -> Decimal:
        """What may still be paid."""
        return self.amount - self.paid - self.released


@dataclass(frozen=True, slots=True)
class Funds:
    """A budget line of a task: what was allocated and what is not committed yet, in dong."""

    line_id: int
    title: str
    unit_id: int
    allocated: Decimal
    free: Decimal


class MoneyBooker(Protocol):
    """What the owner of the money provides. Every deed raises a ``KhcnError`` with a sentence when it is refused."""

    def funds(self, *, task_code: str, year: int, unit_id: int | None = None) -> Sequence[Funds]:
        """Return the lines of a task in approved estimates of a year, the one with most money first."""
        ...

    def commit(
        self,
        *,
        actor: Actor,
        task_code: str,
        year: int,
        amount: Decimal,
        reference: str,
        text: str,
        now: datetime,
        unit_id: int | None = None,
    ) -> Booking:
        """Reserve ``amount``; the same reference with the same amount again changes nothing."""
        ...

    def pay(
        self,
        *,
        actor: Actor,
        reference: str,
        amount: Decimal,
        text: str,
        now: datetime,
        document: str = "",
        happened_on: date | None = None,
        payment_reference: str = "",
    ) -> Booking:
        """Book a payment of the commitment; the same ``payment_reference`` again changes nothing."""
        ...

    def release(self, *, actor: Actor, reference: str, reason: str, now: datetime) -> Booking:
        """Give back everything of the commitment that is not paid; again changes nothing."""
        ...

    def booked(self, reference: str) -> Booking | None:
        """Return the commitment of a reference; ``None`` when there is none that stands."""
        ...


money_booker: Port[MoneyBooker] = declare_port("plan.money", _("ghi cam kết và giải ngân kinh phí"))
