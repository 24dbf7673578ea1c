"""The way of a plan and its work items: nobody approves an own draft, of two people one moves it, progress is never lost."""

from datetime import date
from typing import Any

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.engines.plans.types import TaskSpec
from khcn.orgs.enums import Role, SuccessionKind
from khcn.orgs.models import Unit
from khcn.orgs.services.units import succession_record
from khcn.plan.enums import Basis, ItemState, VersionState
from khcn.plan.errors import PlanError, RowsError, StaleError
from khcn.plan.models import PlanVersion, Regime, ReportPeriod, Task, WorkItem
from khcn.plan.selectors.plans import TaskFilter, current_version, tasks_filtered, version_difference
from khcn.plan.selectors.plans_page import tasks_to_look_at, version_rights
from khcn.plan.selectors.plans_status import plan_status
from khcn.plan.services.plans_flow import (
    OwnPlanError,
    plan_amend,
    plan_approve,
    plan_discard,
    plan_head_approve,
    plan_return,
    plan_submit,
    plan_withdraw,
    published_hooks,
)
from khcn.plan.services.plans_import import plan_import, plan_read
from khcn.plan.services.plans_sheet import SheetRow, tasks_from_rows
from khcn.plan.services.plans_tasks import (
    TaskError,
    header_update,
    task_add,
    task_remove,
    task_update,
    tasks_confirm,
)
from tests.engines.plans.samples import MARKDOWN, YAML
from tests.plan.factories import NOW, TODAY, People

pytestmark = pytest.mark.django_db


class Story:
    """A plan drafted by the officer, with the people who pass and approve it."""

    def __init__(self, text: str = YAML, name: str = "a.yaml") -> None:
        self.people = People()
        plan = plan_read(name=name, data=text.encode(), today=TODAY)
        self.version = plan_import(actor=self.people.officer, plan_file=plan, now=NOW).version

    def publish(self, version: PlanVersion | None = None) -> PlanVersion:
        """Walk the whole way."""
        found = version or self.version
        plan_submit(actor=self.people.officer, version=found, now=NOW)
        plan_head_approve(actor=self.people.focal_head, version=found, now=NOW)
        plan_approve(actor=self.people.leader, version=found, now=NOW)
        return found

    def amend(self, **options: Any) -> PlanVersion:
        """Open an amendment."""
        return plan_amend(
            actor=self.people.officer, version=self.version, note="Điều chỉnh", now=NOW, **options
        )


def states() -> dict[tuple[str, str], str]:
    return {(row.code, row.unit.key): row.state for row in WorkItem.objects.select_related("unit")}


def test_a_plan_goes_from_the_officer_over_the_head_to_the_leader() -> None:
    story = Story()
    version = story.publish()
    assert version.state == VersionState.PUBLISHED
    assert (version.submitted_by, version.passed_by, version.approved_by) == (
        story.people.officer, story.people.focal_head, story.people.leader
    )  # fmt: skip
    assert set(states()) == {
        ("I.1-a", "phong-a"), ("II-a", "to-1"), ("II-a", "to-2"), ("II-b", "to-1"), ("II-b", "to-2"), ("II-b", "phong-b"),
    }  # fmt: skip
    assert WorkItem.objects.get(code="I.1-a").due == date(2024, 11, 30)
    actions = (
        AuditEvent.objects.filter(action__startswith="plan.version")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert list(actions) == ["plan.version.submit", "plan.version.pass", "plan.version.publish"]


def test_each_step_belongs_to_one_role() -> None:
    story, people = Story(), None
    people = story.people
    for actor in (people.reporter, people.head, people.clerk, people.finance, people.leader):
        with pytest.raises(PermissionDeniedError):
            plan_submit(actor=actor, version=story.version, now=NOW)
    plan_submit(actor=people.officer, version=story.version, now=NOW)
    for actor in (people.officer, people.leader, people.head):
        with pytest.raises(PermissionDeniedError):
            plan_head_approve(actor=actor, version=story.version, now=NOW)
    plan_head_approve(actor=people.focal_head, version=story.version, now=NOW)
    for actor in (people.officer, people.focal_head, people.head):
        with pytest.raises(PermissionDeniedError):
            plan_approve(actor=actor, version=story.version, now=NOW)


def test_nobody_approves_an_own_draft() -> None:
    story = Story()
    people = story.people
    from tests.orgs.factories import give_role

    give_role(people.officer, Role.FOCAL_HEAD, people.focal)
    give_role(people.officer, Role.LEADER, people.committee)
    plan_submit(actor=people.officer, version=story.version, now=NOW)
    assert story.version.state == VersionState.SUBMITTED
    with pytest.raises(OwnPlanError):
        plan_head_approve(actor=people.officer, version=story.version, now=NOW)
    plan_head_approve(actor=people.focal_head, version=story.version, now=NOW)
    with pytest.raises(OwnPlanError):
        plan_approve(actor=people.officer, version=story.version, now=NOW)
    assert not version_rights(people.officer, story.version, TODAY).approve


def test_a_head_who_did_not_draft_it_submits_straight_to_the_leader() -> None:
    story = Story()
    plan_submit(actor=story.people.focal_head, version=story.version, now=NOW)
    assert (story.version.state, story.version.passed_by) == (
        VersionState.HEAD_APPROVED,
        story.people.focal_head,
    )


def test_of_two_people_at_once_one_moves_it() -> None:
    story = Story()
    seen = PlanVersion.objects.select_related("plan").get(pk=story.version.pk)
    plan_submit(actor=story.people.officer, version=story.version, now=NOW)
    with pytest.raises(StaleError):
        plan_submit(actor=story.people.officer, version=seen, now=NOW)
    plan_head_approve(actor=story.people.focal_head, version=story.version, now=NOW)
    late = PlanVersion.objects.select_related("plan").get(pk=story.version.pk)
    plan_approve(actor=story.people.leader, version=story.version, now=NOW)
    with pytest.raises(StaleError):
        plan_approve(actor=story.people.leader, version=late, now=NOW)
    assert WorkItem.objects.count() == 6


def test_a_return_needs_a_comment_and_a_withdrawal_takes_it_back() -> None:
    story = Story()
    plan_submit(actor=story.people.officer, version=story.version, now=NOW)
    with pytest.raises(PlanError):
        plan_return(actor=story.people.focal_head, version=story.version, comment="  ", now=NOW)
    plan_return(actor=story.people.focal_head, version=story.version, comment="Thiếu hạn", now=NOW)
    assert (story.version.state, story.version.comment) == (VersionState.DRAFT, "Thiếu hạn")
    plan_submit(actor=story.people.officer, version=story.version, now=NOW)
    plan_withdraw(actor=story.people.officer, version=story.version, now=NOW)
    assert story.version.state == VersionState.DRAFT


def test_a_plan_without_leads_is_not_submitted() -> None:
    story = Story(YAML.replace("    lead_unit: phong-a\n    lead_basis: explicit\n", ""))
    with pytest.raises(PlanError) as caught:
        plan_submit(actor=story.people.officer, version=story.version, now=NOW)
    assert caught.value.code == "plan-no-lead" and "I.1-a" in caught.value.message


def test_followers_are_told_of_a_publication() -> None:
    told: list[PlanVersion] = []
    story = Story()
    published_hooks.register("test-follower", lambda *, version, actor, now: told.append(version))
    try:
        story.publish()
    finally:
        published_hooks._items.pop("test-follower")
    assert told == [story.version]


# --- amendments ---


def test_an_amendment_keeps_progress_and_closes_what_is_gone() -> None:
    story = Story()
    story.publish()
    doing = WorkItem.objects.get(code="II-a", unit__key="to-1")
    WorkItem.objects.filter(pk=doing.pk).update(state=ItemState.DOING, percent=60, result="Đã phát 200 tờ")
    WorkItem.objects.filter(code="II-b", unit__key="to-2").update(state=ItemState.DONE, percent=100)
    new = story.amend()
    actor = story.people.officer
    task_update(
        actor=actor,
        version=new,
        code="II-a",
        changes={"title": "Tuyên truyền rộng", "deadline": date(2024, 10, 31)},
        now=NOW,
    )
    task_remove(actor=actor, version=new, code="II-b", reason="không còn", now=NOW)
    task_add(
        actor=actor,
        version=new,
        spec=TaskSpec("", "I.1", "Việc mới", lead="phong-b", deadline=date(2024, 12, 1)),
        now=NOW,
    )
    assert version_difference(story.version, new).count == 3
    story.publish(new)
    doing.refresh_from_db()
    assert (doing.state, doing.percent, doing.result, doing.due) == (
        ItemState.DOING,
        60,
        "Đã phát 200 tờ",
        date(2024, 10, 31),
    )
    assert doing.task.version == new
    found = states()
    assert found["II-b", "to-1"] == ItemState.DROPPED and found["II-b", "to-2"] == ItemState.DONE
    assert found["I.1-b", "phong-b"] == ItemState.TODO
    story.version.refresh_from_db()
    assert story.version.state == VersionState.SUPERSEDED


def test_what_comes_back_is_opened_again_where_it_stood() -> None:
    story = Story()
    story.publish()
    WorkItem.objects.filter(code="II-a", unit__key="to-1").update(
        state=ItemState.DOING, percent=30, started_on=TODAY
    )
    second = story.amend()
    task_remove(actor=story.people.officer, version=second, code="II-a", reason="", now=NOW)
    story.publish(second)
    third = plan_amend(actor=story.people.officer, version=second, note="Lại có", now=NOW)
    spec = TaskSpec(
        "II-a",
        "II",
        "Tuyên truyền",
        lead="phong-a",
        cooperating=("cac-to",),
        fan_out=True,
        deadline=date(2024, 12, 31),
    )
    task_add(actor=story.people.officer, version=third, spec=spec, now=NOW)
    story.publish(third)
    found = states()
    assert (found["II-a", "to-1"], found["II-a", "to-2"]) == (ItemState.DOING, ItemState.TODO)


def test_a_deadline_that_a_report_period_moved_stays_moved() -> None:
    story = Story()
    story.publish()
    WorkItem.objects.filter(code="II-b").update(due=date(2024, 6, 20))
    new = story.amend()
    story.publish(new)
    assert set(WorkItem.objects.filter(code="II-b").values_list("due", flat=True)) == {date(2024, 6, 20)}


def test_one_amendment_at_a_time_and_only_of_what_is_in_force() -> None:
    story = Story()
    with pytest.raises(PlanError):
        story.amend()
    story.publish()
    story.amend()
    with pytest.raises(PlanError) as caught:
        story.amend()
    assert caught.value.code == "plan-in-work"


def test_a_changed_file_on_a_plan_in_force_opens_a_version() -> None:
    story = Story()
    story.publish()
    changed = plan_read(
        name="a.yaml", data=YAML.replace("Tuyên truyền\n", "Tuyên truyền thêm\n").encode(), today=TODAY
    )
    result = plan_import(actor=story.people.officer, plan_file=changed, now=NOW)
    assert (result.version.number, result.version.state, result.updated) == (2, VersionState.DRAFT, 1)
    current = current_version(story.version.plan)
    assert current is not None and current.number == 1
    assert Task.objects.get(version=story.version, code="II-a").title == "Tuyên truyền"


def test_a_discarded_draft_takes_an_unpublished_plan_with_it() -> None:
    story = Story()
    assert plan_discard(actor=story.people.officer, version=story.version, now=NOW)
    assert not PlanVersion.objects.exists()
    story = Story()
    story.publish()
    assert not plan_discard(actor=story.people.officer, version=story.amend(), now=NOW)
    with pytest.raises(StaleError):
        plan_discard(actor=story.people.officer, version=story.version, now=NOW)


REPORTING = """\
reporting:
  frequency_per_year: 1
  through: phong-a
  addressed_to: uy-ban
  expected_reporters: [phong-b, to-1]
  periods:
    - {id: 2024-H1, name_vi: Lần 1, due_before: 2024-06-02, task: II-b}
"""


def test_the_regime_comes_with_the_first_draft_and_an_amendment_waits_for_its_publication() -> None:
    story = Story(YAML + REPORTING)
    assert list(ReportPeriod.objects.filter(regime__plan__key="kh-15").values_list("code", "due")) == [
        ("2024-H1", date(2024, 6, 1))
    ]
    story.publish()
    later = plan_read(
        name="a.yaml",
        data=(YAML + REPORTING + "    - {id: 2024-H2, name_vi: Lần 2, last_day: 2024-11-01}\n").encode(),
        today=TODAY,
    )
    second = plan_import(actor=story.people.officer, plan_file=later, now=NOW).version
    assert ReportPeriod.objects.filter(regime__plan__key="kh-15").count() == 1
    story.publish(second)
    assert set(ReportPeriod.objects.filter(regime__plan__key="kh-15").values_list("code", flat=True)) == {
        "2024-H1",
        "2024-H2",
    }


def test_a_discarded_plan_takes_its_regime_along() -> None:
    story = Story(YAML + REPORTING)
    assert plan_discard(actor=story.people.officer, version=story.version, now=NOW)
    assert not Regime.objects.filter(plan__isnull=False).exists()


# --- tasks of a draft ---


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"), ({"lead": "không-có"}, "lead"), ({"cooperating": ("x",)}, "cooperating"),
        ({"section": "IX"}, "section"), ({"deadline": date(2024, 1, 1)}, "deadline"), ({"amount_vnd": -1}, "amount_vnd"),
        ({"fan_out": True, "cooperating": ()}, "fan_out"), ({"title": "x" * 501}, "title"), ({"level": "x"}, "level"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named(changes: dict[str, Any], field: str) -> None:
    story = Story()
    with pytest.raises(TaskError) as caught:
        task_update(actor=story.people.officer, version=story.version, code="I.1-a", changes=changes, now=NOW)
    assert caught.value.field == field


def test_what_a_person_sets_is_no_guess_any_more() -> None:
    story = Story(YAML.replace("lead_basis: explicit", "lead_basis: default_IV.1"))
    assert [task.code for task in tasks_to_look_at(story.version)] == ["I.1-a"]
    assert tasks_confirm(actor=story.people.officer, version=story.version, codes=["I.1-a"], now=NOW) == 1
    task = Task.objects.get(code="I.1-a")
    assert (task.lead_basis, tasks_to_look_at(story.version).count()) == (Basis.CONFIRMED, 0)
    assert not task_update(
        actor=story.people.officer,
        version=story.version,
        code="I.1-a",
        changes={"title": task.title},
        now=NOW,
    )


def test_text_that_was_read_is_confirmed_then_submitted() -> None:
    story = Story(MARKDOWN, "a.md")
    tasks = tasks_to_look_at(story.version)
    assert (
        tasks_confirm(
            actor=story.people.officer, version=story.version, codes=[task.code for task in tasks], now=NOW
        )
        == 10
    )
    plan_submit(actor=story.people.officer, version=story.version, now=NOW)
    assert story.version.state == VersionState.SUBMITTED


def test_nothing_is_edited_once_submitted_nor_by_others() -> None:
    story = Story()
    with pytest.raises(PermissionDeniedError):
        task_update(
            actor=story.people.reporter, version=story.version, code="II-a", changes={"title": "x"}, now=NOW
        )
    plan_submit(actor=story.people.officer, version=story.version, now=NOW)
    with pytest.raises(StaleError):
        task_update(
            actor=story.people.officer, version=story.version, code="II-a", changes={"title": "x"}, now=NOW
        )
    with pytest.raises(StaleError):
        header_update(actor=story.people.officer, version=story.version, changes={"place": "x"}, now=NOW)


def test_a_list_is_taken_in_whole_or_not_at_all() -> None:
    story = Story()
    columns = {"code": "Mã", "title": "Nhiệm vụ", "lead": "Chủ trì"}
    rows = [
        SheetRow(2, "I.1-a", {"title": "Đổi tên"}),
        SheetRow(3, "MOI", {"title": "Mới", "lead": "phong-a"}),
        SheetRow(4, "II-a", {"title": " "}),
    ]
    actor = story.people.officer
    with pytest.raises(RowsError) as caught:
        tasks_from_rows(actor=actor, version=story.version, rows=rows, columns=columns, now=NOW)
    assert [(one.where, one.item) for one in caught.value.faults] == [("Dòng 4", "Nhiệm vụ")]
    assert not Task.objects.filter(code="MOI").exists()
    result = tasks_from_rows(actor=actor, version=story.version, rows=rows[:2], columns=columns, now=NOW)
    assert (result.added, result.updated) == (1, 1)
    again = tasks_from_rows(actor=actor, version=story.version, rows=rows[:2], columns=columns, now=NOW)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)


def test_tasks_are_found_by_unit_kind_and_words_without_marks() -> None:
    story = Story()

    def codes(**wanted: Any) -> list[str]:
        return [task.code for task in tasks_filtered(story.version, TaskFilter(**wanted))]

    member = Unit.objects.get(key="to-1")
    assert codes(unit=member.pk) == ["II-a"]
    assert (
        codes(query="tap huan") == ["I.1-a"]
        and codes(kind="report") == ["II-b"]
        and codes(section="I") == ["I.1-a"]
    )
    assert codes(level="report") == ["II-b"] and codes(query="%") == []


# --- standing on a day ---


def test_a_day_knows_nothing_of_what_was_done_later() -> None:
    story = Story()
    story.publish()
    WorkItem.objects.filter(code="II-b", unit__key="to-1").update(
        state=ItemState.DONE, done_on=date(2024, 6, 5)
    )
    before, after = (
        plan_status(story.version, date(2024, 6, 3)).as_json(),
        plan_status(story.version, date(2024, 6, 6)).as_json(),
    )
    assert (before["done"], before["late"]) == (0, 3)
    assert (after["done"], after["late"]) == (1, 2)
    line = next(one for one in after["units"] if one["unit"] == "to-1")
    assert (line["done"], line["done_late"], line["late"]) == (1, 1, 0)


def test_open_work_stands_with_who_carries_it_on_and_names_are_of_the_day() -> None:
    story = Story()
    version = story.version  # a draft: nothing handed over yet, dates alone decide
    to_1, to_2 = Unit.objects.get(key="to-1"), Unit.objects.get(key="to-2")
    merged = Unit.objects.create(
        key="to-moi", name="Tổ Mới", kind=to_1.kind, sort_key="x", valid_from=date(2024, 7, 1)
    )
    for unit in (to_1, to_2):
        succession_record(
            actor=None, today=TODAY, kind=SuccessionKind.MERGE, predecessor=unit, successor=merged, decision_number="1/QĐ",
            effective_date=date(2024, 7, 1),
        )  # fmt: skip
    before = {
        one["unit"]: one["work_items"] for one in plan_status(version, date(2024, 6, 30)).as_json()["units"]
    }
    after = {
        one["unit"]: one["work_items"] for one in plan_status(version, date(2024, 7, 1)).as_json()["units"]
    }
    assert before == {"phong-a": 1, "phong-b": 1, "to-1": 2, "to-2": 2}
    assert after == {"phong-a": 1, "phong-b": 1, "to-moi": 2}
