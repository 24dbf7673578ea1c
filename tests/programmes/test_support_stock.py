"""Things that are lent: once at a time, back by a day, and borrowers are reminded in office hours."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.document_port import document_desk
from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import Period
from khcn.core.models import Message
from khcn.core.money_port import money_booker
from khcn.programmes.enums import AssetState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.selectors.figures import FIGURES
from khcn.programmes.services.support_handover import handover_document
from khcn.programmes.services.support_loans import (
    asset_add,
    asset_lend,
    loan_extend,
    loan_return,
    loans_remind,
)
from khcn.programmes.simulation.granting import Purse
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.support_factories import M, approved, hand, make_call

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_a_thing_is_lent_once_at_a_time_prolonged_and_returned() -> None:
    people = People()
    thing = asset_add(
        actor=people.reporter, unit=people.unit, serial="A-1", name="Máy in 3D", condition="", now=NOW
    )
    with pytest.raises(ProgrammeError, match="đã có"):
        asset_add(
            actor=people.officer, unit=people.unit, serial="A-1", name="Máy khác", condition="", now=NOW
        )
    lend = {
        "actor": people.officer,
        "asset_id": thing.pk,
        "borrower": "Trường Thử",
        "contact": "co@truong.vn",
        "now": NOW,
    }
    loan = asset_lend(**lend, due_on=TODAY + WEEK)
    with pytest.raises(StaleError):
        asset_lend(**lend, due_on=TODAY + WEEK)
    with pytest.raises(ProgrammeError):
        loan_extend(actor=people.officer, loan_id=loan.pk, due_on=TODAY, note="", now=NOW)
    loan_extend(
        actor=people.officer, loan_id=loan.pk, due_on=TODAY + 2 * WEEK, note="Thi xong mới trả", now=NOW
    )
    loan_return(actor=people.officer, loan_id=loan.pk, condition="Nứt vỏ", state="broken", now=NOW)
    thing.refresh_from_db()
    assert (thing.state, thing.condition) == (AssetState.BROKEN, "Nứt vỏ")
    with pytest.raises(StaleError):
        loan_return(actor=people.officer, loan_id=loan.pk, condition="", state="stock", now=NOW)


@pytest.mark.parametrize("who", ["head", "finance", "leader", "auditor", "clerk", "editor", "focal_head"])
def test_others_keep_no_stock(who: str) -> None:
    people = People()
    with pytest.raises(PermissionDeniedError):
        asset_add(actor=getattr(people, who), unit=people.unit, serial="A", name="B", condition="", now=NOW)
    with pytest.raises(PermissionDeniedError):
        asset_add(actor=people.reporter, unit=people.focal, serial="A", name="B", condition="", now=NOW)


def test_borrowers_are_reminded_once_before_and_once_after() -> None:
    people = People()
    thing = asset_add(actor=None, unit=people.unit, serial="A-1", name="Máy in 3D", condition="", now=NOW)
    asset_lend(
        actor=None,
        asset_id=thing.pk,
        borrower="Trường",
        contact="0901234567",
        due_on=TODAY + timedelta(days=10),
        now=NOW,
    )
    assert loans_remind(NOW) == 0
    for days in (4, 5, 11, 12):
        loans_remind(NOW + timedelta(days=days))
    rows = Message.objects.filter(recipient="+84901234567").order_by("pk")
    assert ["quá hẹn" in row.body for row in rows] == [False, True]
    assert all(row.office_hours for row in rows)


def test_the_pages_of_the_stock(client: Client) -> None:
    people = People()
    client.force_login(people.reporter)
    url = reverse("programmes-desk:support-assets")
    assert client.post(url, {"name": "Kính", "serial": "K-1", "unit": people.focal.pk}).status_code == 422
    assert client.post(url, {"name": "Kính", "serial": "K-1", "unit": people.unit.pk}).status_code == 302
    assert client.post(url, {"name": "Kính", "serial": "K-1", "unit": people.unit.pk}).status_code == 422
    page = client.get(url)
    thing = page.context["lines"][0][0]
    one = reverse("programmes-desk:support-asset", args=[thing.pk])

    due = timezone.localdate() + WEEK
    assert client.post(one, {"borrower": "Trường Thử", "due_on": f"{due:%Y-%m-%d}"}).status_code == 302
    assert "Trường Thử" in client.get(url).content.decode()
    assert client.post(one, {"viec": "gia-han", "due_on": ""}).status_code == 422
    assert client.post(one, {"viec": "gia-han", "due_on": f"{due + WEEK:%Y-%m-%d}"}).status_code == 302
    assert client.post(one, {"viec": "tra", "state": "stock"}).status_code == 302
    assert client.get(url, {"tep": "xlsx"}).status_code == 200
    client.force_login(People().reporter)
    assert client.get(one).status_code == 404


def test_minutes_of_a_hand_over_are_drafted_once_in_the_register() -> None:
    people = People()
    with money_booker.using(Purse()):
        row = approved(people, make_call(people))
        hand(people, row, 1, 1, key="hand-over-1")
    make = {"actor": people.officer, "request_id": row.pk, "number": 1, "now": NOW}
    held = handover_document(**make)
    assert handover_document(**make).document_id == held.document_id
    found = document_desk.get().of_source(f"programmes.handover:{held.pk}")
    assert [one.id for one in found] == [held.document_id]
    with pytest.raises(ProgrammeError):
        handover_document(**(make | {"number": 9}))


def test_figures_count_grants_by_decision_and_deliveries_by_hand_over() -> None:
    people = People()
    with money_booker.using(Purse()):
        call = make_call(people)
        row = approved(people, call)
        approved(people, call, 1, 0)
        hand(people, row, 1, 0, key="hand-over-1")
        hand(people, row, 0, 2, key="hand-over-2")

    def summed(day: date) -> list[Decimal]:
        keys = ("granted", "granted_vnd", "delivered", "delivered_vnd")
        period = Period(day, day)
        return [
            sum((row.amount for row in FIGURES[f"support.{key}"].read(period)), Decimal(0)) for key in keys
        ]

    assert summed(TODAY) == [2, 10 * M, 1, 4 * M]
    assert summed(TODAY + WEEK) == [0, 0, 0, 0]
