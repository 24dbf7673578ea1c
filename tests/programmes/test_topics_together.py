"""Two at once on topics: one payment, one signature, one approval, whoever is quicker. Real threads on a real database."""

from collections.abc import Callable
from typing import Any

import pytest

from khcn.core.errors import KhcnError
from khcn.programmes.enums_topics import TopicState
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicCommitment, TopicPayment
from khcn.programmes.services.topics_contracts import contract_save, contract_sign
from khcn.programmes.services.topics_proposals import proposal_submit
from tests.plan.factories import make_estimate, make_line
from tests.programmes.factories import NOW, People
from tests.programmes.test_support_together import at_once
from tests.programmes.topics_factories import (
    PLAN,
    TASK,
    D,
    M,
    accept,
    approved,
    door_of,
    drafted,
    make_topic_call,
    pay,
    running,
    terms,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_milestone_paid_by_two_at_once_is_paid_once() -> None:
    people = People()
    line = make_line(
        make_estimate(), people.focal, task_code=TASK, estimated=D(100 * M), allocated=D(100 * M)
    )
    topic = running(people, make_topic_call(people))
    accept(people, topic, 1)

    def paying(key: str) -> Callable[[], Any]:
        return lambda: pay(people, topic, 1, key=key)

    results = at_once(paying("first-key"), paying("other-key"), paying("third-key"))
    assert sum(isinstance(one, TopicPayment) for one in results) == 1
    assert sum(isinstance(one, KhcnError) for one in results) == 2
    line.refresh_from_db()
    assert (line.paid, TopicPayment.objects.count()) == (20 * M, 1)
    assert TopicCommitment.objects.get().paid == 20 * M


def test_a_double_click_pays_signs_and_submits_once() -> None:
    people = People()
    line = make_line(
        make_estimate(), people.focal, task_code=TASK, estimated=D(100 * M), allocated=D(100 * M)
    )
    call = make_topic_call(people)
    draft = drafted(people, call)
    submit = lambda: proposal_submit(door=door_of(people, draft), now=NOW)  # noqa: E731  # the same press twice
    assert not any(isinstance(one, KhcnError) for one in at_once(submit, submit))
    topic = approved(people, call)
    contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(), milestones=PLAN, now=NOW)
    sign = lambda: contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)  # noqa: E731
    assert not any(isinstance(one, KhcnError) for one in at_once(sign, sign, sign))
    line.refresh_from_db()
    assert (line.committed, TopicCommitment.objects.count()) == (60 * M, 1)
    accept(people, topic, 2)
    click = lambda: pay(people, topic, 2, key="the-same-key")  # noqa: E731
    results = at_once(click, click)
    assert not any(isinstance(one, KhcnError) for one in results)
    assert len({one.pk for one in results}) == 1
    line.refresh_from_db()
    assert line.paid == 30 * M
    assert Topic.objects.get(pk=topic.pk).state == TopicState.RUNNING
