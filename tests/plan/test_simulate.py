"""The simulated city: the same from the same seed, by the rules, once; never on top of real data."""

import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F, Sum

from khcn.core.audit import AuditEvent
from khcn.orgs.enums import Role
from khcn.plan.enums import EntryKind, EstimateState, ItemState, ReportState, RollState
from khcn.plan.models import (
    BudgetLine,
    Consolidation,
    Estimate,
    MoneyEntry,
    ReportFigure,
    ReportStep,
    UnitReport,
    WorkItem,
)
from khcn.plan.services.report_moves import content_digest, report_content
from khcn.plan.simulation import City
from khcn.plan.simulation.cast import moment
from khcn.plan.simulation.run import SimulationRefusedError, counts, simulate
from tests.orgs.factories import make_member
from tests.plan.factories import make_plan

pytestmark = pytest.mark.django_db
NOW = moment(date(2026, 11, 20))
CITY = City(units=6, years=2, seed=7, last_year=2026)


def picture() -> list[Any]:
    """What the city says, without row numbers and hashes."""
    return [
        list(ReportFigure.objects.order_by("report__period__code", "report__unit__key", "indicator__code").values_list("value", "reason")),
        list(MoneyEntry.objects.order_by("line__estimate__year", "line__order", "kind", "happened_on", "amount").values_list("amount", "happened_on")),
        list(WorkItem.objects.order_by("plan__year", "code", "unit__key").values_list("state", "done_on", "percent")),
        list(UnitReport.objects.order_by("period__code", "unit__key").values_list("state", "submitted_at")),
    ]  # fmt: skip


def test_two_years_of_a_small_city() -> None:
    done = simulate(city=CITY, now=NOW)
    assert {name: done[name] for name in ("plans", "tasks", "periods", "reports", "changed", "consolidations")} == {
        "plans": 2, "tasks": 80, "periods": 4, "reports": 24, "changed": 2, "consolidations": 4,
    }  # fmt: skip
    assert done["work_items"] == 2 * (24 * 6 + 16)
    assert done["figures"] == 24 * 30
    _money_holds()
    _reports_hold()
    first = picture()
    again = simulate(city=CITY, now=NOW)
    assert (again["changed"], again["work_items"]) == (0, done["work_items"])
    assert picture() == first


def _money_holds() -> None:
    for line in BudgetLine.objects.all():
        entries = line.entries.all()
        paid = entries.filter(kind=EntryKind.DISBURSEMENT).aggregate(sum=Sum("amount"))["sum"] or 0
        open_ones = (
            entries.filter(kind=EntryKind.COMMITMENT).aggregate(sum=Sum(F("amount") - F("released")))["sum"]
            or 0
        )
        assert (line.paid, line.committed) == (paid, open_ones)
        assert line.allocated == line.estimated >= line.committed >= line.paid >= line.settled
    assert dict(Estimate.objects.values_list("year", "state")) == {
        2025: EstimateState.SETTLED,
        2026: EstimateState.APPROVED,
    }


def _reports_hold() -> None:
    sent = UnitReport.objects.filter(state__in=[ReportState.APPROVED, ReportState.ACCEPTED])
    for report in sent.select_related("period__regime", "unit"):
        assert report.content_hash == content_digest(report_content(report))
        assert report.written_by_id != report.approved_by_id
        assert ReportStep.objects.filter(report=report, content_hash=report.content_hash).count() == 1
    corrected = ReportFigure.objects.filter(computed__isnull=False).exclude(value=F("computed"))
    assert all(row.reason for row in corrected)
    assert sorted(Consolidation.objects.values_list("period__code", "state")) == [
        ("2025-H1", RollState.ISSUED), ("2025-H2", RollState.ISSUED), ("2026-H1", RollState.ISSUED), ("2026-H2", RollState.DRAFT),
    ]  # fmt: skip
    assert WorkItem.objects.filter(state=ItemState.DONE, plan__year=2025).count() > 100
    actions = set(AuditEvent.objects.exclude(count=1).values_list("action", flat=True))
    assert {
        "plan.progress.batch",
        "plan.report.batch",
        "plan.money.batch",
        "plan.outreach.batch",
        "orgs.user.import",
    } <= actions


def _made(city: City) -> list[Any]:
    """Return what a city says, and leave the database as it was."""
    with transaction.atomic():
        simulate(city=city, now=NOW)
        found = picture()
        transaction.set_rollback(True)
    return found


def test_the_same_seed_is_the_same_city_and_another_is_another() -> None:
    first, again, other = (_made(City(units=3, years=1, seed=seed, last_year=2025)) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert counts()["plans"] == 0


def test_in_the_middle_of_the_year_only_what_is_past_is_there() -> None:
    done = simulate(city=City(units=3, years=1, seed=7, last_year=2026), now=moment(date(2026, 4, 10)))
    assert (done["plans"], done["periods"], done["reports"]) == (1, 0, 0)
    assert not MoneyEntry.objects.filter(happened_on__gt=date(2026, 4, 10)).exists()
    assert not WorkItem.objects.filter(done_on__gt=date(2026, 4, 10)).exists()


def test_real_data_is_left_alone_unless_somebody_insists() -> None:
    small = City(units=2, years=1, seed=7, last_year=2025)
    make_member(Role.SYSADMIN)
    plan = make_plan()
    with pytest.raises(SimulationRefusedError, match="dữ liệu thật"):
        simulate(city=small, now=NOW)
    plan.versions.all().delete()
    plan.delete()
    make_member(Role.UNIT_HEAD)
    with pytest.raises(SimulationRefusedError, match="dữ liệu thật"):
        simulate(city=small, now=NOW)
    assert counts()["plans"] == 0
    simulate(city=small, now=NOW, force=True)
    assert counts()["plans"] == 1
    with pytest.raises(SimulationRefusedError, match="mô phỏng khác"):
        simulate(city=City(units=2, years=1, seed=8, last_year=2025), now=NOW, force=True)


@pytest.mark.parametrize("wrong", [{"units": 0}, {"units": 2001}, {"years": 0}, {"years": 21}])
def test_sizes_have_bounds(wrong: dict[str, int]) -> None:
    with pytest.raises(SimulationRefusedError):
        simulate(city=City(**{"units": 2, "years": 1, "seed": 7, "last_year": 2025, **wrong}), now=NOW)


def test_the_command_prints_one_document() -> None:
    out, err = io.StringIO(), io.StringIO()
    options = ["--units", "2", "--years", "1", "--last-year", "2024", "--json"]
    call_command("plan", "simulate", *options, stdout=out, stderr=err)
    done = json.loads(out.getvalue())
    assert (done["plans"], done["changed"], done["years_made"]) == (1, 1, [2024])
    assert "Năm 2024" in err.getvalue()
    assert Decimal(str(done["seconds"])) > 0
