"""The factories make what the models allow."""

import pytest

from khcn.plan.models import WorkItem
from tests.plan.factories import (
    NOW,
    People,
    make_document,
    make_estimate,
    make_indicator,
    make_item,
    make_line,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_roll,
    make_task,
)

pytestmark = pytest.mark.django_db


def test_one_of_everything() -> None:
    people = People()
    plan = make_plan()
    item = make_item(make_task(plan, lead=people.unit))
    period = make_period(make_regime([people.unit], indicators=(make_indicator(),)))
    make_report(period, people.unit)
    make_roll(period)
    make_line(make_estimate(plan), people.unit)
    make_document(people.committee)
    assert list(WorkItem.objects.visible_to(people.reporter, NOW.date())) == [item]
