"""Reviews: a person's count beside the system's own, hours proposed for review, and who may look at a slit-scan."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.engines.flow.accuracy import AccuracyState
from khcn.markets import store
from khcn.markets.enums import ReviewSource
from khcn.markets.models import Gate, GateReview, SlitScan
from khcn.markets.selectors.accuracy import accuracy_words, gate_accuracies
from khcn.markets.selectors.reviews import gate_page
from khcn.markets.services.reviews import (
    NotMeasuredError,
    ReviewCountError,
    ReviewSpanError,
    review_record,
)
from khcn.markets.services.setup_guard import SetupPermissionError
from khcn.orgs.enums import Role
from tests.markets.factories import HOUR, NOW, gate_hour, make_camera, make_gate, make_layout, make_market
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
ROOT = "/ban-lam-viec/cho/thiet-lap/"
START = NOW - 24 * HOUR
MINUTE = timedelta(minutes=1)


@pytest.fixture
def gate() -> Gate:
    gate = make_gate(make_camera(make_market(unit=make_unit())))
    make_layout(gate.camera)
    return gate


def manager(gate: Gate) -> Any:
    return make_member(Role.MARKET_MANAGER, gate.market.unit)


def scan(gate: Gate, hour: Any, *, data: bytes = b"\x89PNG slit") -> SlitScan:
    """Return a slit-scan with its file."""
    name = store.fresh_name(f"gate-{gate.pk}", "png")
    store.write_private(store.SLIT_SCANS, name, [data])
    return SlitScan.objects.create(
        gate=gate, hour=hour, name=name, columns_per_s=4, expires_at=timezone.now() + timedelta(days=30)
    )


def record(gate: Gate, **options: Any) -> GateReview:
    whole: dict[str, Any] = {
        "actor": None, "gate": gate, "source": ReviewSource.SLIT_SCAN, "started_at": START, "ended_at": START + HOUR, "true_in": 62,
        "true_out": 50, "now": NOW, **options,
    }  # fmt: skip
    return review_record(**whole)


def test_the_systems_count_is_read_here_and_never_sent_in(gate: Gate) -> None:
    gate_hour(gate, START, 60, 50).save()
    review = record(gate, actor=manager(gate))
    assert (review.system_in, review.system_out, review.layout) == (60, 50, 1)
    part = record(
        gate, source=ReviewSource.CLICKER, started_at=START + 10 * MINUTE, ended_at=START + 25 * MINUTE
    )
    assert (part.system_in, part.system_out) == (15, 12)
    over_two = gate_hour(gate, START + HOUR, 120, 0)
    over_two.save()
    both = record(
        gate, source=ReviewSource.MANUAL, started_at=START + 50 * MINUTE, ended_at=START + 70 * MINUTE
    )
    assert both.system_in == 10 + 20


def test_counting_again_replaces_and_the_trail_keeps_both(gate: Gate) -> None:
    gate_hour(gate, START, 60, 50).save()
    record(gate)
    record(gate, true_in=61)
    assert GateReview.objects.get().true_in == 61
    before, after = (
        AuditEvent.objects.filter(action="markets.review.record")
        .order_by("-pk")
        .values_list("before", "after")[0]
    )
    assert (before["true_in"], after["true_in"]) == (62, 61)


def test_nothing_is_compared_with_what_was_not_measured(gate: Gate) -> None:
    with pytest.raises(NotMeasuredError) as refused:
        record(gate)
    assert refused.value.missing == 60
    gate_hour(gate, START, 30, 30, minutes=30).save()
    with pytest.raises(NotMeasuredError):
        record(
            gate, source=ReviewSource.CLICKER, started_at=START + 20 * MINUTE, ended_at=START + 40 * MINUTE
        )
    assert record(gate).system_in == 30  # a slit-scan shows the same half hour


@pytest.mark.parametrize(
    "options",
    [
        {"ended_at": START}, {"ended_at": START + 5 * HOUR}, {"started_at": START + timedelta(seconds=7)},
        {"started_at": NOW, "ended_at": NOW + HOUR},
    ],
)  # fmt: skip
def test_spans_that_cannot_be(gate: Gate, options: dict[str, Any]) -> None:
    with pytest.raises(ReviewSpanError):
        record(gate, **options)


def test_counts_and_people_that_cannot_be(gate: Gate) -> None:
    gate_hour(gate, START, 60, 50).save()
    for wrong in (-1, 100_001):
        with pytest.raises(ReviewCountError):
            record(gate, true_in=wrong)
    for person in (make_member(Role.MARKET_MANAGER), make_member(Role.UNIT_HEAD, gate.market.unit)):
        with pytest.raises(SetupPermissionError):
            record(gate, actor=person)


def test_the_error_of_a_gate_in_words(gate: Gate) -> None:
    assert accuracy_words(gate_accuracies([gate.pk])[gate.pk]) == "Chưa đo sai số."
    for number in range(3):
        gate_hour(gate, START + number * HOUR, 57, 60).save()
        record(
            gate,
            started_at=START + number * HOUR,
            ended_at=START + (number + 1) * HOUR,
            true_in=60,
            true_out=60,
        )
    accuracy = gate_accuracies([gate.pk])[gate.pk]
    assert accuracy.state == AccuracyState.MEASURED and accuracy.net is not None
    assert accuracy.net.value == pytest.approx(-9 / 360)
    assert accuracy_words(accuracy).startswith("Sai số −2,5\u00a0% (từ ")


def test_the_hours_that_are_proposed(gate: Gate) -> None:
    now = timezone.now()
    top = now.replace(minute=0, second=0, microsecond=0)
    counts = [5, 90, 40, 0, 30]
    for number, count in enumerate(counts):
        hour = top - (number + 2) * HOUR
        gate_hour(gate, hour, count, count).save()
        scan(gate, hour)
    page = gate_page(gate, now)
    why = {one.why: one.count_in for one in page.suggested}
    assert (why["giờ đông nhất"], why["giờ vắng nhất"]) == (90, 5)  # an hour without anybody teaches nothing
    assert why["giờ ngẫu nhiên"] in {40, 0, 30} and len(page.waiting) == 5
    record(gate, started_at=top - 3 * HOUR, ended_at=top - 2 * HOUR, now=now)
    assert 90 not in {one.count_in for one in gate_page(gate, now).waiting}
    assert [one.hour for one in gate_page(gate, now).suggested] == [
        one.hour for one in gate_page(gate, now).suggested
    ]


def test_a_look_at_a_slit_scan_is_noted(client: Client, gate: Gate) -> None:
    row = scan(gate, START)
    path = f"{ROOT}anh-vet/{row.pk}/"
    client.force_login(make_member(Role.UNIT_HEAD, gate.market.unit))
    assert client.get(path).status_code == 403
    client.force_login(make_member(Role.MARKET_MANAGER))
    assert client.get(path).status_code == 404
    assert not AuditEvent.objects.filter(action="markets.slitscan.look").exists()
    person = manager(gate)
    client.force_login(person)
    answer = client.get(path)
    assert b"".join(answer.streaming_content) == b"\x89PNG slit"  # type: ignore[attr-defined]
    assert "no-store" in answer["Cache-Control"]
    noted = AuditEvent.objects.get(action="markets.slitscan.look")
    assert (noted.actor_id, noted.target_id) == (
        str(person.pk) if isinstance(noted.actor_id, str) else person.pk,
        str(gate.pk),
    )
    SlitScan.objects.filter(pk=row.pk).update(expires_at=timezone.now() - HOUR)
    assert client.get(path).status_code == 404  # over, even before the duty has deleted it


def test_the_page_of_an_hour(client: Client, gate: Gate) -> None:
    gate_hour(gate, START, 60, 50).save()
    scan(gate, START)
    client.force_login(manager(gate))
    path = f"{ROOT}cua/{gate.pk}/gio/{START:%Y%m%d%H}/"
    html = client.get(path).content.decode()
    assert "Hệ thống: 60 lượt vào, 50 lượt ra." in html and "10:00" in html
    assert client.post(path, {"true_in": "-4", "true_out": ""}).status_code == 200
    assert client.post(path, {"true_in": "61", "true_out": "50"}).status_code == 302
    assert "Sai số" in client.get(f"{ROOT}cua/{gate.pk}/").content.decode()
    for wrong in ("2026", "abc", "2026039999"):
        assert client.get(f"{ROOT}cua/{gate.pk}/gio/{wrong}/").status_code == 404


def test_counting_by_hand(client: Client, gate: Gate) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - 2 * HOUR
    gate_hour(gate, hour, 60, 60).save()
    client.force_login(manager(gate))
    path = f"{ROOT}camera/{gate.camera_id}/dem/"
    query = {"cua": gate.pk, "tu": hour.isoformat(), "den": (hour + 10 * MINUTE).isoformat()}
    assert client.get(f"{path}so-lieu/", query).json() | {"minutes": None} == {
        "in": 10,
        "out": 10,
        "missing": 0,
        "minutes": None,
    }
    for bad in ({"tu": "x"}, {"den": hour.isoformat()}, {"den": (hour + 9 * HOUR).isoformat()}):
        assert client.get(f"{path}so-lieu/", {**query, **bad}).status_code == 400
    local = timezone.localtime(hour)
    sent = {
        "gate": gate.pk,
        "start": f"{local:%Y-%m-%dT%H:%M}",
        "end": f"{local + 10 * MINUTE:%Y-%m-%dT%H:%M}",
        "true_in": "11",
        "true_out": "10",
    }
    assert client.post(path, {**sent, "clicked": "1"}).status_code == 302
    review = GateReview.objects.get()
    assert (review.source, review.system_in, review.true_in, review.started_at) == ("clicker", 10, 11, hour)
    other = make_gate(make_camera())
    assert client.post(path, {**sent, "gate": other.pk}).status_code == 200
    assert GateReview.objects.count() == 1
