"""A topic from the call to the library, once with money in memory and once with the plan's own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from khcn.core.document_port import document_desk
from khcn.core.indicators import Period
from khcn.core.library_port import WorkWanted, work_maker
from khcn.core.models import AuditEvent
from khcn.core.money_port import money_booker
from khcn.core.references import Reference
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, TopicFileKind, TopicState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicCommitment, TopicDeposit, TopicPayment
from khcn.programmes.selectors.topics import money_of, public_topic
from khcn.programmes.services.topics_end import Settlement, topic_liquidate
from khcn.programmes.services.topics_files import file_add
from khcn.programmes.services.topics_results import (
    Delivered,
    Wanted,
    deposit_make,
    deposit_withdraw,
    deposits_release,
    product_deliver,
    product_verify,
    results_save,
)
from khcn.programmes.services.topics_reviews import council_close, council_freeze, minutes_draft
from khcn.programmes.simulation.granting import Purse
from khcn.programmes.topics_indicators import INDICATORS
from tests.plan.factories import make_estimate, make_line
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.topics_factories import (
    TASK,
    D,
    M,
    accept,
    checked,
    door_of,
    final_report,
    judged,
    make_council,
    make_topic_call,
    pay,
    running,
    score_all,
    upload,
)

pytestmark = pytest.mark.django_db


class FakeLibrary:
    """A library in memory."""

    def __init__(self) -> None:
        self.works: list[WorkWanted] = []
        self.gone: list[str] = []

    def deposit(self, *, wanted: WorkWanted, **_more: Any) -> Reference:
        self.works.append(wanted)
        assert all(one.path.exists() for one in wanted.files)
        return Reference("library.work", str(len(self.works)))

    def withdraw(self, *, reference: Reference, **_more: Any) -> bool:
        self.gone.append(str(reference))
        return True


def to_the_end(people: People) -> Topic:
    """Take a topic from the call to liquidation, all three milestones paid."""
    topic = running(people, make_topic_call(people))
    for number in (1, 2):
        accept(people, topic, number)
        pay(people, topic, number)
    final_report(people, topic)
    judged(people, [topic], kind=CouncilKind.ACCEPTANCE, points=46)
    accept(people, topic, 3)
    with pytest.raises(ProgrammeError, match="chưa thanh toán: 3"):
        topic_liquidate(
            actor=people.officer, topic_id=topic.pk, settlement=Settlement("1/TL", TODAY), now=NOW
        )
    pay(people, topic, 3)
    topic_liquidate(actor=people.officer, topic_id=topic.pk, settlement=Settlement("1/TL", TODAY), now=NOW)
    return Topic.objects.get(pk=topic.pk)


def test_the_whole_story_with_money_in_memory() -> None:
    people, money, library = People(), Purse(100 * M), FakeLibrary()
    with money_booker.using(money), work_maker.using(library):
        topic = to_the_end(people)
        assert (money.committed, money.paid) == (60 * M, 60 * M)
        assert topic.state == TopicState.LIQUIDATED
        assert (topic.accepted_class, topic.accepted_result) == ("excellent", D("92.000"))
        door = door_of(people, topic)
        with pytest.raises(ProgrammeError, match="văn bằng"):
            product_deliver(door=door, number=3, delivered=Delivered(), now=NOW)
        product_deliver(door=door, number=3, delivered=Delivered("123/QTG", TODAY), now=NOW)
        product_verify(actor=people.officer, topic_id=topic.pk, number=3, now=NOW)
        results_save(actor=people.officer, topic_id=topic.pk, results="Sai số dưới 5%.", summary="", now=NOW)
        final = topic.files.get(kind=TopicFileKind.FINAL)
        wanted = Wanted("Báo cáo kết quả", "Tóm tắt", "CC BY 4.0", [final.pk])
        row = deposit_make(actor=people.officer, topic_id=topic.pk, kind="report", wanted=wanted, now=NOW)
        assert (row.state, row.reference) == ("handed", "library.work:1")
        assert "CC BY 4.0" in library.works[0].summary
        assert library.works[0].creators == ("Lê Thị Chủ Nhiệm",)
        again = deposit_make(actor=people.officer, topic_id=topic.pk, kind="report", wanted=wanted, now=NOW)
        row.refresh_from_db()
        assert (row.state, row.replaced_by, library.gone) == ("replaced", again, ["library.work:1"])
        deposit_withdraw(actor=people.officer, deposit_id=again.pk, reason="Có sai sót trong bảng 2", now=NOW)
        assert library.gone == ["library.work:1", "library.work:2"]
        assert TopicDeposit.objects.filter(topic=topic, state__in=["handed", "embargoed"]).count() == 0
    side = public_topic(topic.key)
    assert side is not None
    assert (side.leader_name, side.budget, side.accepted_class, side.results) == (
        "Lê Thị Chủ Nhiệm", 60 * M, "Xuất sắc", "Sai số dưới 5%.",
    )  # fmt: skip
    assert [one.registered_number for one in side.products] == ["123/QTG"]
    states = set(
        AuditEvent.objects.filter(action__startswith="programmes.topic").values_list("action", flat=True)
    )
    assert {
        "programmes.topic.submit", "programmes.topic.check", "programmes.topic.approve", "programmes.topic.sign",
        "programmes.topicresult.freeze", "programmes.topicmilestone.pay", "programmes.topic.liquidate",
        "programmes.topicdeposit.make",
    } <= states  # fmt: skip


def test_the_whole_story_with_the_money_of_the_plan() -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK, estimated=D(80 * M), allocated=D(80 * M))
    topic = to_the_end(people)
    line.refresh_from_db()
    assert (line.committed, line.paid) == (60 * M, 60 * M)
    money = money_of([topic])[topic.pk]
    assert (money.value, money.paid, money.left, money.held, money.owed) == (
        60 * M,
        60 * M,
        0 * M,
        0 * M,
        0 * M,
    )
    assert TopicCommitment.objects.get(topic=topic).reference == f"programmes.topic:{topic.pk}"
    assert TopicPayment.objects.filter(topic=topic).count() == 3
    period = Period(TODAY, TODAY)
    units = [people.unit.pk]

    def value(key: str) -> Decimal | None:
        return INDICATORS[f"programmes.{key}"].figure(period=period, unit_ids=units, reader=None).value

    assert (value("topics.accepted"), value("topics.running")) == (D(1), D(0))
    assert (value("topics.contract_vnd"), value("topics.paid_vnd")) == (60 * M, 60 * M)
    long = INDICATORS["programmes.topics.on_time"].figure(
        period=Period(TODAY, TODAY + timedelta(days=365)), unit_ids=units, reader=None
    )
    assert long.value == 100
    assert [str(one) for one in long.sources] == [f"programmes.topic:{topic.pk}"]


def test_an_embargo_holds_the_data_back_until_its_day_is_over() -> None:
    people, library = People(), FakeLibrary()
    with money_booker.using(Purse(100 * M)), work_maker.using(library):
        topic = to_the_end(people)
        Topic.objects.filter(pk=topic.pk).update(state=TopicState.ACCEPTED)  # files may still come in
        file_add(
            door=door_of(people, topic), kind=TopicFileKind.DATA, file=upload(name="so-lieu.txt"), now=NOW
        )
        data = topic.files.get(kind=TopicFileKind.DATA)
        wanted = Wanted("Số liệu", "", "CC BY-NC 4.0", [data.pk], TODAY + timedelta(days=5))
        row = deposit_make(actor=people.officer, topic_id=topic.pk, kind="data", wanted=wanted, now=NOW)
        assert (row.state, library.works) == ("embargoed", [])
        side = public_topic(topic.key)
        assert side is not None
        assert (side.library[0].reference, side.library[0].from_day) == ("", TODAY + timedelta(days=5))
        assert deposits_release(NOW + timedelta(days=5)) == 0  # the last day of it
        assert deposits_release(NOW + timedelta(days=6)) == 1
        assert deposits_release(NOW + timedelta(days=7)) == 0
        row.refresh_from_db()
        assert (row.state, row.reference) == ("handed", "library.work:1")
        report = Wanted("Sai loại", "", "CC BY 4.0", [data.pk])
        with pytest.raises(ProgrammeError, match="chọn ít nhất một tệp"):
            deposit_make(actor=people.officer, topic_id=topic.pk, kind="report", wanted=report, now=NOW)


def test_a_failed_topic_gives_money_back_and_may_try_again() -> None:
    people, money = People(), Purse(100 * M)
    with money_booker.using(money), work_maker.using(FakeLibrary()):
        topic = running(people, make_topic_call(people))
        accept(people, topic, 1)
        pay(people, topic, 1)
        accept(people, topic, 2)
        final_report(people, topic)
        judged(people, [topic], kind=CouncilKind.ACCEPTANCE, points=20)
        topic.refresh_from_db()
        assert (topic.state, topic.accepted_class, topic.accepted_at) == (TopicState.FAILED, "fail", None)
        council = make_council(people, [topic], kind=CouncilKind.ACCEPTANCE)  # a second time
        score_all(council, 10)
        council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
        council_close(actor=people.officer, council_id=council.pk, now=NOW)
        topic.refresh_from_db()
        final = topic.files.get(kind=TopicFileKind.FINAL)
        with pytest.raises(StaleError):
            deposit_make(
                actor=people.officer, topic_id=topic.pk, kind="report",
                wanted=Wanted("Báo cáo", "", "CC BY", [final.pk]), now=NOW,
            )  # fmt: skip
        bad = Settlement("2/TL", TODAY, D(21 * M), "Hoàn trả toàn bộ")
        with pytest.raises(ProgrammeError, match="không quá"):
            topic_liquidate(actor=people.officer, topic_id=topic.pk, settlement=bad, now=NOW)
        good = Settlement("2/TL", TODAY, D(15 * M), "Hoàn trả một phần đã nhận")
        row = topic_liquidate(actor=people.officer, topic_id=topic.pk, settlement=good, now=NOW)
    assert (row.paid, row.released, row.owed) == (20 * M, 40 * M, 15 * M)
    assert money.committed == money.paid == 20 * M
    topic.refresh_from_db()
    assert set(topic.milestones.values_list("state", flat=True)) == {"paid", "dropped"}


def test_minutes_are_drafted_in_the_register() -> None:
    people = People()
    topic = checked(people, make_topic_call(people))
    council = make_council(people, [topic])
    score_all(council)
    with pytest.raises(ProgrammeError, match="chưa được chốt"):
        minutes_draft(actor=people.officer, council_id=council.pk, now=NOW)
    council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    result = minutes_draft(actor=people.officer, council_id=council.pk, now=NOW)
    document = document_desk.get().get(result.minutes or 0)
    assert document is not None
    again = minutes_draft(actor=people.officer, council_id=council.pk, now=NOW)
    assert again.minutes == result.minutes
    council.refresh_from_db()
    assert council.phase == PhaseKind.COUNCIL
