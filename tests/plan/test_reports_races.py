"""Two people at the same moment: exactly one wins, nothing is written twice, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from khcn.plan.enums import ReportMove, ReportState
from khcn.plan.errors import StaleError
from khcn.plan.models import UnitReport, WorkItem
from khcn.plan.services.ad_hoc import ad_hoc_request
from khcn.plan.services.periods import period_open
from khcn.plan.services.report_moves import report_accept, report_approve, report_return
from khcn.plan.services.reports import Content, FigureInput, report_save
from tests.orgs.factories import make_unit
from tests.plan.factories import NOW, TODAY, People, make_indicator, make_period, make_regime

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run deeds in threads that start together; return results, or the exception of each."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return deed()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def report(people: People) -> UnitReport:
    period = make_period(make_regime([people.unit], indicators=(make_indicator("trained"),)))
    period_open(actor=None, period=period, now=NOW)
    return UnitReport.objects.get(period=period)


def test_submitted_from_several_phones_at_once(people: People, report: UnitReport) -> None:
    def submit(value: int) -> Callable[[], Any]:
        content = Content({"trained": FigureInput(Decimal(value))})
        return lambda: report_save(
            actor=people.reporter, report_id=report.pk, revision=0, content=content, now=NOW, submit=True
        )

    results = at_once(*(submit(value) for value in range(1, AT_ONCE + 1)))
    winners = [(place, one) for place, one in enumerate(results, start=1) if not isinstance(one, Exception)]
    assert len(winners) == 1
    assert all(isinstance(one, StaleError) for one in results if isinstance(one, Exception)), results
    report.refresh_from_db()
    assert (report.state, report.revision) == (ReportState.SUBMITTED, 2)
    assert report.figures.get().value == winners[0][0]
    assert report.moves.filter(move=ReportMove.SUBMITTED).count() == 1


def test_approved_and_returned_at_once(people: People, report: UnitReport) -> None:
    report_save(
        actor=people.reporter, report_id=report.pk, revision=0, content=Content(), now=NOW, submit=True
    )
    revision = UnitReport.objects.get(pk=report.pk).revision
    results = at_once(
        lambda: report_approve(actor=people.head, report_id=report.pk, revision=revision, now=NOW),
        lambda: report_return(actor=people.head, report_id=report.pk, comment="Sửa", now=NOW),
    )
    assert sum(isinstance(one, StaleError) for one in results) == 1, results
    report.refresh_from_db()
    assert report.moves.exclude(move=ReportMove.SUBMITTED).count() == 1


def test_accepted_twice_at_once(people: People, report: UnitReport) -> None:
    report_save(
        actor=people.reporter, report_id=report.pk, revision=0, content=Content(), now=NOW, submit=True
    )
    report_approve(
        actor=people.head, report_id=report.pk, revision=UnitReport.objects.get().revision, now=NOW
    )
    results = at_once(
        *(
            [
                lambda actor=actor: report_accept(actor=actor, report_id=report.pk, now=NOW)
                for actor in (people.officer, people.focal_head)
            ]
        )
    )
    assert sum(isinstance(one, StaleError) for one in results) == 1, results
    assert report.moves.filter(move=ReportMove.ACCEPTED).count() == 1
    assert not WorkItem.objects.exists()


def test_a_period_opened_by_several_at_once(people: People) -> None:
    units = [people.unit, *(make_unit() for _number in range(5))]
    period = make_period(make_regime(units, indicators=(make_indicator("trained"),)))
    results = at_once(*([lambda: period_open(actor=None, period=period, now=NOW)] * AT_ONCE))
    assert not [one for one in results if isinstance(one, Exception)], results
    assert sum(results) == len(units)
    assert UnitReport.objects.filter(period=period).count() == len(units)


def test_two_requests_at_once_have_their_own_codes(people: People) -> None:
    template = make_regime([people.unit], receiver=people.focal)

    def ask(title: str) -> Callable[[], Any]:
        return lambda: ad_hoc_request(
            actor=people.officer, template=template, title=title, request="Báo số lớp.", units=[people.unit],
            starts_on=TODAY.replace(month=1), cutoff=TODAY, due=TODAY.replace(day=22), now=NOW,
        )  # fmt: skip

    results = at_once(ask("Một"), ask("Hai"))
    assert not [one for one in results if isinstance(one, Exception)], results
    assert {one.period.code for one in results} == {"2026-DX1", "2026-DX2"}
