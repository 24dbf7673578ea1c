"""Who may do and read what with topics, as a table; what the public sees; what is due for whom; the command."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.indicators import Figure, indicators
from khcn.core.money_port import money_booker
from khcn.orgs.enums import Role
from khcn.programmes.enums import PhaseKind
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.topics import Topic, TopicCall
from khcn.programmes.models.topics_parts import TopicMember
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_topics import can_list
from khcn.programmes.rules.topics import MilestonePlan
from khcn.programmes.selectors.topics import (
    TopicsAsked,
    file_of,
    products_list,
    products_public,
    public_topic,
    public_topics,
    topic_of,
    topics_list,
    topics_sums,
)
from khcn.programmes.selectors.topics_due import due_of
from khcn.programmes.selectors.topics_page import deeds_of
from khcn.programmes.selectors.topics_status import status_document
from khcn.programmes.services.topics_amendments import Change, amendment_enter, amendment_refuse
from khcn.programmes.services.topics_base import Door
from khcn.programmes.services.topics_calls import call_end, call_publish
from khcn.programmes.services.topics_contracts import contract_save, contract_sign
from khcn.programmes.services.topics_councils import CouncilTerms, council_create, juror_add
from khcn.programmes.services.topics_decisions import (
    decision_number,
    topic_approve,
    topic_check,
    topic_reject,
    topic_return,
)
from khcn.programmes.services.topics_end import Settlement, topic_liquidate, topic_stop
from khcn.programmes.services.topics_milestones import Voucher, milestone_accept, milestone_pay
from khcn.programmes.services.topics_proposals import proposal_submit
from khcn.programmes.services.topics_results import Measure, measures_save, product_verify, results_save
from khcn.programmes.services.topics_reviews import council_freeze
from khcn.programmes.simulation.granting import Purse
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.topics_factories import (
    D,
    M,
    accept,
    approved,
    checked,
    door_of,
    drafted,
    judged,
    make_council,
    make_juror_user,
    make_topic_call,
    report,
    running,
    submitted,
    terms,
)

pytestmark = pytest.mark.django_db
PLAN_ONE = (MilestonePlan("Khảo sát", "Báo cáo", TODAY + timedelta(days=30), D(60 * M)),)
ROLES = ("officer", "focal_head", "leader", "finance", "clerk", "editor", "auditor", "reporter", "head", "other", "other_head",
         "juror", "superior", "nobody")  # fmt: skip


def cast(people: People) -> dict[str, Any]:
    """Return a person for every role; ``other``: the reporter of another unit."""
    other, superior = make_unit(), make_user()
    found = {name: getattr(people, name) for name in ROLES if hasattr(people, name)}
    found["other"], found["other_head"] = make_user(), make_user()
    give_role(found["other"], Role.UNIT_REPORTER, other)
    give_role(found["other_head"], Role.UNIT_HEAD, other)
    give_role(superior, Role.DOST_READER, people.committee)
    return found | {"juror": make_juror_user(), "superior": superior, "nobody": AnonymousUser()}


def deeds(topic: Topic, call: TopicCall) -> dict[str, tuple[set[str], Callable[[Any], Any]]]:
    """Return each deed with who may do it; deeds that are refused for the state are allowed by role all the same."""
    pk = topic.pk
    args: dict[str, Any] = {"topic_id": pk, "now": NOW}
    return {
        "submit": ({"reporter"}, lambda who: proposal_submit(door=door_of_person(who, topic), now=NOW)),
        "return": ({"officer"}, lambda who: topic_return(actor=who, reason="Bổ sung hồ sơ", until=NOW + timedelta(days=1), **args)),
        "check": ({"officer"}, lambda who: topic_check(actor=who, note="", **args)),
        "council": (
            {"officer"},
            lambda who: council_create(actor=who, kind="appraisal", rubric_id=0, topic_ids=[pk], terms=CouncilTerms("H"), client_key="", now=NOW),
        ),
        "decide": ({"focal_head", "leader"}, lambda who: topic_reject(actor=who, reason="Không phù hợp", **args)),
        "contract": ({"officer"}, lambda who: contract_save(actor=who, terms=terms(), milestones=(), **args)),
        "verify": ({"officer"}, lambda who: product_verify(actor=who, number=1, **args)),
        "results": ({"officer"}, lambda who: results_save(actor=who, results="x", summary="", **args)),
        "liquidate": ({"officer"}, lambda who: topic_liquidate(actor=who, settlement=Settlement("1", TODAY), **args)),
        "number": ({"clerk"}, lambda who: decision_number(actor=who, number="1", day=TODAY, **args)),
        "stop": ({"focal_head", "leader"}, lambda who: topic_stop(actor=who, reason="Không cần nữa", **args)),
        "sign": ({"focal_head", "leader"}, lambda who: contract_sign(actor=who, **args)),
        "pay": ({"finance"}, lambda who: milestone_pay(actor=who, number=1, voucher=Voucher(TODAY, "1"), client_key="12345678", **args)),
        "accept": ({"officer"}, lambda who: milestone_accept(actor=who, number=1, note="", **args)),
        "amendment": ({"focal_head", "leader"}, lambda who: amendment_refuse(actor=who, number=1, reason="Lý do khác", **args)),
        "amend": ({"officer"}, lambda who: amendment_enter(actor=who, kind="leader", change=Change(name="X"), reason="Lý do", **args)),
        "publish": ({"focal_head"}, lambda who: call_publish(actor=who, call_id=call.pk, now=NOW)),
        "end call": ({"focal_head"}, lambda who: call_end(actor=who, call_id=call.pk, reason="", now=NOW)),
        "freeze": ({"officer", "focal_head"}, lambda who: council_freeze(actor=who, council_id=0, now=NOW)),
    }  # fmt: skip


def door_of_person(who: Any, topic: Topic) -> Any:
    return Door(actor=who, topic_id=topic.pk)


def test_every_deed_is_refused_to_everybody_else() -> None:
    people = People()
    call = make_topic_call(people)
    topic = submitted(people, call)
    # by an unknown hand, so that no rule of four eyes stands before the rule of roles
    Topic.objects.filter(pk=topic.pk).update(submitted_by=None, created_by=None, checked_by=None)
    found: dict[str, set[str]] = {}
    actors = cast(people)
    for name, (_may, deed) in deeds(topic, call).items():
        for role in ROLES:
            try:
                with transaction.atomic():
                    deed(actors[role])
                    found.setdefault(name, set()).add(role)
                    raise RuntimeError  # nothing stays
            except PermissionDeniedError:
                continue
            except KhcnError:
                found.setdefault(name, set()).add(role)
            except RuntimeError:
                continue
    assert found == {name: may for name, (may, _deed) in deeds(topic, call).items()}


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        ("draft", {"reporter", "head"}),
        ("submitted", {"reporter", "head", "officer", "focal_head", "leader", "finance", "clerk", "auditor"}),
        ("running", {"reporter", "head", "officer", "focal_head", "leader", "finance", "clerk", "auditor"}),
    ],
)
def test_who_reads_the_file_of_a_topic(state: str, readers: set[str]) -> None:
    people = People()
    make = {"draft": drafted, "submitted": submitted, "running": running}[state]
    with money_booker.using(Purse(100 * M)):
        topic = make(people, make_topic_call(people))
    row, actors = topic.files.first(), cast(people)
    assert row is not None
    assert {role for role in ROLES if topic_of(actors[role], topic.pk) is not None} == readers
    assert {role for role in ROLES if file_of(actors[role], row.pk) is not None} == readers
    assert {role for role in ROLES if topics_list(actors[role], TopicsAsked()).exists()} == readers
    assert {role for role in ROLES if can_list(reach_of(actors[role]))} >= readers
    assert (public_topic(topic.key) is not None) == (state == "running")


def test_the_public_sees_nothing_of_team_asked_money_scores_or_refused_proposals() -> None:
    people = People()
    with money_booker.using(Purse(200 * M)):
        call = make_topic_call(people)
        topic = running(people, call)
        hidden = submitted(people, call, title="Đề tài chưa quyết định")
        lost = checked(people, call, title="Đề tài bị từ chối")
        topic_reject(actor=people.leader, topic_id=lost.pk, reason="Trùng nội dung", now=NOW)
    assert [one.pk for one in public_topics(TopicsAsked())] == [topic.pk]
    assert [one.pk for one in public_topics(TopicsAsked(words="dem khach"))] == [topic.pk]
    assert not public_topics(TopicsAsked(state="submitted")).exists()
    assert public_topic(hidden.key) is None
    assert public_topic(lost.key) is None
    side = public_topic(topic.key)
    text = repr(side)
    assert side is not None
    assert side.leader_name in text
    for name in TopicMember.objects.values_list("name", flat=True):
        assert name not in text
    assert "Người Thử" not in text
    assert (side.results, side.products, side.library, side.accepted_class) == ("", (), (), "")
    assert not products_public().exists()
    assert products_list(people.officer).count() == 3
    assert products_list(make_user()).count() == 0


def test_what_is_due_for_whom_along_the_way() -> None:
    people = People()

    def due(who: Any) -> list[str]:
        return [one.text for one in due_of(who, NOW)]

    with money_booker.using(Purse(500 * M)):
        call = make_topic_call(people)
        draft = drafted(people, call)
        assert due(people.reporter) == ["Nộp thuyết minh đề tài"]
        proposal_submit(door=door_of(people, draft), now=NOW)
        assert (due(people.officer), due(people.reporter)) == (["Kiểm tra hồ sơ đề tài"], [])
        topic_check(actor=people.officer, topic_id=draft.pk, note="", now=NOW)
        assert due(people.officer) == ["Đưa đề tài ra hội đồng xét duyệt"]
        council = make_council(people, [draft], phase=PhaseKind.DECLARING)
        juror = council.jurors.order_by("pk")[0].user
        assert (due(people.officer), due(juror)) == (
            ["Theo dõi khai xung đột lợi ích"],
            ["Khai xung đột lợi ích"],
        )
        other = approved(people, call)
        assert "Soạn hợp đồng đề tài" in due(people.officer)
        contract_save(actor=people.officer, topic_id=other.pk, terms=terms(), milestones=PLAN_ONE, now=NOW)
        assert due(people.leader) == ["Ký hợp đồng đề tài"]
        contract_sign(actor=people.leader, topic_id=other.pk, now=NOW)
        late = [one for one in due_of(people.reporter, NOW + timedelta(days=40)) if one.late]
        assert [one.text for one in late] == ["Báo cáo mốc 1: Khảo sát"]
        assert next(one.late for one in due_of(people.officer, NOW + timedelta(days=40)))
        report(people, other, 1)
        assert "Xem báo cáo mốc 1" in due(people.officer)
        milestone_accept(actor=people.officer, topic_id=other.pk, number=1, note="", now=NOW)
        assert due(people.finance) == ["Thanh toán mốc 1"]
        assert "Lập hội đồng nghiệm thu" in due(people.officer)
    assert due(make_user()) == []
    assert due_of(AnonymousUser(), NOW) == []


def test_what_a_person_may_do_now_is_what_the_services_allow() -> None:
    people = People()
    with money_booker.using(Purse(200 * M)):
        call = make_topic_call(people)
        draft, topic = drafted(people, call), running(people, call)
        assert deeds_of(draft, people.reporter) == {"proposal_save", "proposal_submit", "proposal_withdraw"}
        assert deeds_of(draft, people.officer) == frozenset()
        topic = Topic.objects.get(pk=topic.pk)
        assert deeds_of(topic, people.reporter) == {
            "milestone_report",
            "product_deliver",
            "amendment_propose",
            "product_add",
        }
        assert deeds_of(topic, people.leader) == {"topic_stop"}
        assert deeds_of(topic, people.finance) == frozenset()
        accept(people, topic, 1)
        assert deeds_of(Topic.objects.get(pk=topic.pk), people.finance) == {"milestone_pay"}
        Topic.objects.filter(pk=topic.pk).update(leader_user=people.finance)
        assert deeds_of(Topic.objects.get(pk=topic.pk), people.finance) == frozenset()
        assert deeds_of(topic, people.auditor) == frozenset()
        assert deeds_of(topic, AnonymousUser()) == frozenset()


class FakeIndicator:
    """Counts visitors."""

    title, unit = "Lượt khách vào chợ", "lượt"

    def figure(self, **_more: Any) -> Figure:
        return Figure(Decimal("1250.50"), note="Đo ở hai chợ")


def test_status_document_and_command(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People()
    monkeypatch.setitem(indicators._items, "thu.khach", FakeIndicator())
    out = StringIO()
    call_command("topics", "status", "--json", stdout=out)
    empty = json.loads(out.getvalue())
    assert (empty["topics"], empty["sums"]["topics"], empty["sums"]["paid_vnd"]) == ([], 0, 0)
    with money_booker.using(Purse(200 * M)):
        call = make_topic_call(people)
        topic = running(people, call)
        rows = [Measure("thu.khach", TODAY - timedelta(days=30), D(1000), D(2000))]
        measures_save(actor=people.officer, topic_id=topic.pk, rows=rows, now=NOW)
        with pytest.raises(ProgrammeError, match="có sẵn"):
            measures_save(actor=people.officer, topic_id=topic.pk, rows=[Measure("khong.co", TODAY)], now=NOW)
        accept(people, topic, 1)
    drafted(people, call)
    submitted(people, call, title="An toàn thực phẩm")
    document = status_document(today=TODAY + timedelta(days=100), reader=None)
    assert document is not None
    assert [row["title"] for row in document["topics"]] == [
        "An toàn thực phẩm",
        "Đếm khách ở chợ bằng camera",
    ]
    row = document["topics"][1]
    assert (row["contract_vnd"], row["paid_vnd"], row["left_vnd"], row["held_vnd"]) == (
        60 * M,
        0,
        60 * M,
        60 * M,
    )
    assert [one["overdue_days"] for one in row["milestones"]] == [0, 10, 0]
    assert row["next"] == {
        "step": "pay",
        "text": "Thanh toán mốc 1",
        "who": "finance",
        "who_text": "cán bộ tài chính",
    }
    assert row["measures"][0]["value"] == "1250.5"
    assert row["measures"][0]["reached_percent"] == 25
    assert (document["sums"]["late"], document["sums"]["contract_vnd"]) == (1, 60 * M)
    out = StringIO()
    call_command("topics", "status", "--json", "--topic", topic.key, "--on", "2026-05-20", stdout=out)
    one = json.loads(out.getvalue())
    assert ([row["key"] for row in one["topics"]], one["on"]) == ([topic.key], "2026-05-20")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("topics", "status", "--topic", "khong-co", stdout=out, stderr=err)
    assert end.value.code == 2
    assert "khong-co" in err.getvalue()
    with pytest.raises(SystemExit):
        call_command("topics", "status", "--on", "hôm qua", stdout=out, stderr=err)
    out = StringIO()
    call_command("topics", "status", "--year", "2020", stdout=out)
    assert out.getvalue().startswith("0 đề tài")


def test_reading_takes_the_same_queries_however_many_topics_there_are() -> None:
    people = People()

    def queries() -> list[int]:
        found = []
        for read in (
            lambda: list(topics_list(people.officer, TopicsAsked())),
            lambda: topics_sums(topics_list(people.officer, TopicsAsked())),
            lambda: status_document(today=TODAY, reader=None),
            lambda: list(public_topics(TopicsAsked())),
        ):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                read()
            found.append(len(seen))
        return found

    with money_booker.using(Purse(10_000 * M)):
        call = make_topic_call(people)
        running(people, call)
        reach_of(people.officer)
        first = queries()
        for _number in range(3):
            running(people, call)
        submitted(people, call)
    assert queries() == first
    assert max(first) <= 14


def test_a_council_of_officials_is_possible_but_never_of_who_handed_it_in() -> None:
    people = People()
    topic = checked(people, make_topic_call(people))
    council = make_council(people, [topic], phase=PhaseKind.PREPARING)
    juror_add(actor=people.officer, council_id=council.pk, user=people.leader, now=NOW)
    with pytest.raises(ProgrammeError, match="không ngồi"):
        juror_add(actor=people.officer, council_id=council.pk, user=people.reporter, now=NOW)
    second = checked(people, topic.call)
    judged(people, [second])
    topic_approve(actor=people.focal_head, topic_id=second.pk, amount=D(M), note="", now=NOW)
