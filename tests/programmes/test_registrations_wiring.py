"""What others see of registrations: the public part, tabs, what needs doing, demo people, periodic duties."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from khcn.core.tasks import periodic_duties
from khcn.programmes import registrations_demo as demo
from khcn.programmes import registrations_wiring as wiring
from khcn.programmes.enums import RegistrationState, RegistrationWay
from khcn.programmes.models.registrations import Registration
from tests.programmes.factories import People, make_programme, make_registration

pytestmark = pytest.mark.django_db


def asked_by(user: Any) -> Any:
    request = RequestFactory().get("/ban-lam-viec/")
    request.user = user
    return request


def test_the_public_part_says_what_one_can_do() -> None:
    visitor, now = asked_by(AnonymousUser()), timezone.now()
    days = {"starts_on": timezone.localdate(), "ends_on": timezone.localdate()}
    open_one = str(wiring._public(visitor, make_programme(capacity=3, **days)))
    assert "Còn 3 chỗ" in open_one
    assert "/dang-ky/" in open_one
    full = make_programme(capacity=1, **days)
    make_registration(full, name="Người Giấu Tên")
    said = str(wiring._public(visitor, full))
    assert "danh sách chờ" in said
    assert "Giấu Tên" not in said
    early = str(wiring._public(visitor, make_programme(opens_at=now + timedelta(hours=1), **days)))
    assert "Chưa đến giờ" in early
    assert "<a " not in early
    both = str(wiring._public(visitor, make_programme(registration=RegistrationWay.BOTH, **days)))
    assert "/dang-ky/doan/" in both
    assert wiring._public(visitor, make_programme(kind="support")) == ""


def test_who_runs_it_is_told_what_waits() -> None:
    people = People()
    programme = make_programme(people.unit)
    make_registration(programme, state=RegistrationState.REQUESTED)
    now = timezone.now()
    assert [one.text for one in wiring._todos(asked_by(people.reporter), now)] == ["1 đăng ký chờ duyệt"]
    for who in ("head", "auditor", "focal_head", "leader", "clerk"):
        assert list(wiring._todos(asked_by(getattr(people, who)), now)) == []


def test_tabs_are_for_readers_of_people() -> None:
    people = People()
    programme = make_programme(people.unit)
    for who, both in (
        ("reporter", True),
        ("officer", True),
        ("auditor", True),
        ("head", None),
        ("leader", False),
    ):
        request = asked_by(getattr(people, who))
        assert (wiring.TAB.tab(request, programme) is not None) == (both is not False)
        assert (wiring.CONSENTS_TAB.tab(request, programme) is not None) == (both is True)


def test_demo_people_come_once() -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    for key, days, extra in (
        ("mau-lop-ai-giao-vien", -14, {"capacity": 40, "audiences": "|teachers|"}),
        ("mau-tham-quan-vuon-uom", -20, {"capacity": 25, "registration": RegistrationWay.GROUP}),
        ("mau-ket-noi-khoi-nghiep", 20, {"capacity": 80}),
    ):
        day = today + timedelta(days=days)
        make_programme(key=key, starts_on=day, ends_on=max(day, day), **extra)
    for _again in range(2):
        demo.load(lambda _text: None, now)
    counts = {row["programme__key"]: row for row in Registration.objects.values("programme__key")}
    assert set(counts) == {"mau-lop-ai-giao-vien", "mau-tham-quan-vuon-uom", "mau-ket-noi-khoi-nghiep"}
    assert Registration.objects.count() == 24 + 30 + 9
    visit = Registration.objects.filter(programme__key="mau-tham-quan-vuon-uom")
    assert visit.filter(state=RegistrationState.CONFIRMED).count() == 25


def test_forgetting_returns_by_itself() -> None:
    names = {one.name for one in periodic_duties.all()}
    assert {"programmes.codes_forget", "programmes.people_forget", "programmes.seats_follow"} <= names
