"""The demo's topics: made once, with the plan's money where it has some, quietly without elsewhere."""

from datetime import timedelta

import pytest

from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.programmes.demo_topics import load
from khcn.programmes.enums_topics import TopicState
from khcn.programmes.models.topics import Topic, TopicCall
from khcn.programmes.models.topics_contract import TopicDeposit
from khcn.programmes.selectors.topics import public_topic
from khcn.programmes.selectors.topics_due import due_of
from khcn.programmes.selectors.topics_status import status_document
from tests.orgs.factories import give_role, make_unit, make_user
from tests.plan.factories import make_estimate, make_line
from tests.programmes import factories
from tests.programmes.topics_factories import TASK, D, M

pytestmark = pytest.mark.django_db
NOW, TODAY = (
    factories.NOW + timedelta(days=180),
    factories.TODAY + timedelta(days=180),
)  # everything lies in one year of money


@pytest.mark.parametrize("money", [True, False])
def test_the_demo_loads_once_with_and_without_money(money: bool) -> None:
    committee = make_unit("Ủy ban thử")
    focal, ward = make_unit("Phòng thử", parent=committee), make_unit("Phường thử", parent=committee)
    for username, role, unit in (
        ("daumoi", Role.FOCAL_OFFICER, focal), ("baocao", Role.UNIT_REPORTER, ward), ("giamkhao", Role.JUROR, focal),
        ("taichinh", Role.FINANCE, committee),
    ):  # fmt: skip
        give_role(make_user(username=username), role, unit)
    if money:
        line = make_line(make_estimate(), focal, task_code=TASK, estimated=D(250 * M), allocated=D(250 * M))
    load(lambda _text: None, NOW)
    load(lambda _text: None, NOW)
    assert TopicCall.objects.count() == 3
    states = sorted(Topic.objects.values_list("state", flat=True))
    assert states == sorted(
        [TopicState.RUNNING, TopicState.LIQUIDATED, TopicState.SUBMITTED, TopicState.SUBMITTED]
    )
    document = status_document(today=TODAY, reader=None)
    assert document is not None
    study = next(row for row in document["topics"] if row["state"] == "running")
    assert (study["contract_vnd"], study["paid_vnd"], study["left_vnd"]) == (180 * M, 54 * M, 126 * M)
    assert study["booked_in_plan"] is money
    assert [one["state"] for one in study["milestones"]] == ["paid", "accepted", "waiting", "waiting"]
    assert {one["indicator"] for one in study["measures"]} >= {"markets.visitors", "markets.days_measured"}
    if money:
        line.refresh_from_db()
        assert (line.committed, line.paid) == (180 * M, 54 * M)
    done = Topic.objects.get(state=TopicState.LIQUIDATED)
    side = public_topic(done.key)
    assert side is not None
    assert (side.accepted_class, len(side.products), len(side.library)) == ("Xuất sắc", 2, 1)
    assert TopicDeposit.objects.get().reference
    due = [one.text for one in due_of(User.objects.get(username="baocao"), NOW + timedelta(days=1))]
    assert due == ["Báo cáo mốc 3: Đo dài ngày"]
