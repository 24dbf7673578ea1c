"""From the draft to the frozen report: who may do what, what never changes, what shows later."""

import hashlib
from typing import Any

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.outbox import Message
from khcn.engines.plans.frozen import canonical
from khcn.orgs.enums import Role
from khcn.plan.enums import ReportState, RollState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import Consolidation
from khcn.plan.selectors.rolls import live_differences, published_rolls, roll_verdict, verify_issued
from khcn.plan.services.rolls import roll_replace, roll_start
from khcn.plan.services.rolls_approval import (
    OwnDraftError,
    roll_approve,
    roll_issue,
    roll_pass,
    roll_publish,
    roll_return,
    roll_submit,
)
from tests.orgs.factories import give_role, make_member, make_unit
from tests.plan.roll_stories import NOW, Story, put_figures, total

pytestmark = pytest.mark.django_db


def test_the_way_to_the_clerk() -> None:
    story = Story()
    roll = story.start()
    people = story.people
    roll_submit(actor=people.officer, roll=roll, revision=roll.revision, now=NOW)
    assert Message.objects.filter(user_id=people.focal_head.pk).count() == 1
    roll.refresh_from_db()
    roll_pass(actor=people.focal_head, roll=roll, revision=roll.revision, now=NOW)
    roll.refresh_from_db()
    roll_approve(actor=people.leader, roll=roll, revision=roll.revision, now=NOW)
    roll.refresh_from_db()
    assert (roll.state, roll.approved_by_id) == (RollState.APPROVED, people.leader.pk)
    assert Message.objects.filter(user_id=people.clerk.pk).count() == 1


@pytest.mark.parametrize(
    ("state", "deed", "wrong"),
    [
        (RollState.DRAFT, roll_submit, ["focal_head", "leader", "clerk", "reporter", "finance"]),
        (RollState.SUBMITTED, roll_pass, ["officer", "leader", "clerk", "head"]),
        (RollState.HEAD_APPROVED, roll_approve, ["officer", "focal_head", "clerk", "finance"]),
    ],
)
def test_who_may_move_it_on(state: RollState, deed: Any, wrong: list[str]) -> None:
    story = Story()
    roll = story.start()
    Consolidation.objects.filter(pk=roll.pk).update(state=state)
    roll.refresh_from_db()
    for name in wrong:
        with pytest.raises(PermissionDeniedError):
            deed(actor=getattr(story.people, name), roll=roll, revision=roll.revision, now=NOW)
    roll.refresh_from_db()
    assert roll.state == state


@pytest.mark.parametrize(("role", "deed", "state"), [
    (Role.FOCAL_HEAD, roll_pass, RollState.SUBMITTED), (Role.LEADER, roll_approve, RollState.HEAD_APPROVED),
])  # fmt: skip
def test_nobody_approves_the_own_draft(role: Role, deed: Any, state: RollState) -> None:
    story = Story()
    roll = story.start()
    give_role(story.people.officer, role, story.people.committee)
    Consolidation.objects.filter(pk=roll.pk).update(state=state)
    roll.refresh_from_db()
    with pytest.raises(OwnDraftError):
        deed(actor=story.people.officer, roll=roll, revision=roll.revision, now=NOW)


def test_nobody_approves_what_changed_since_it_was_shown() -> None:
    story = Story()
    roll = story.start()
    shown = roll.revision
    put_figures(story.reports[0], {story.trained: 1})
    story.start()
    with pytest.raises(StaleError):
        roll_submit(actor=story.people.officer, roll=roll, revision=shown, now=NOW)


@pytest.mark.parametrize(("state", "who"), [
    (RollState.SUBMITTED, "focal_head"), (RollState.HEAD_APPROVED, "leader"), (RollState.APPROVED, "clerk"),
])  # fmt: skip
def test_it_goes_back_with_a_comment(state: RollState, who: str) -> None:
    story = Story()
    roll = story.start()
    Consolidation.objects.filter(pk=roll.pk).update(state=state)
    roll.refresh_from_db()
    actor = getattr(story.people, who)
    with pytest.raises(PlanError):
        roll_return(actor=actor, roll=roll, comment="  ", revision=roll.revision, now=NOW)
    with pytest.raises(PermissionDeniedError):
        roll_return(actor=story.people.officer, roll=roll, comment="Sửa", revision=roll.revision, now=NOW)
    roll_return(actor=actor, roll=roll, comment="Thiếu phần kiến nghị", revision=roll.revision, now=NOW)
    roll.refresh_from_db()
    assert (roll.state, roll.comment) == (RollState.DRAFT, "Thiếu phần kiến nghị")
    assert Message.objects.filter(user_id=story.people.officer.pk).exists()


# Frozen


def test_issue_freezes_every_unit_row_behind_every_total() -> None:
    roll = Story().issue()
    assert roll.state == RollState.ISSUED
    snapshot = roll.snapshot
    assert snapshot is not None
    rows = snapshot["rows"]["people_trained"]
    assert sum(int(row["value"]) for row in rows) == int(total(snapshot, "people_trained")["value"]) == 87
    assert all(row["sources"] for row in rows)
    assert snapshot["texts"][0]["text"].startswith("- Phường 1")
    assert roll.snapshot_hash == hashlib.sha256(canonical(snapshot)).hexdigest()


def test_only_the_clerk_issues_and_only_what_is_approved() -> None:
    story = Story()
    draft = story.start()
    with pytest.raises(StaleError):
        roll_issue(actor=story.people.clerk, roll=draft, now=NOW)
    roll = story.approve(draft)
    for who in ("officer", "focal_head", "leader", "reporter"):
        with pytest.raises(PermissionDeniedError):
            roll_issue(actor=getattr(story.people, who), roll=roll, now=NOW)
    give_role(story.people.leader, Role.CLERK, story.people.committee)
    with pytest.raises(OwnDraftError):
        roll_issue(actor=story.people.leader, roll=roll, now=NOW)


def test_issued_once() -> None:
    story = Story()
    roll = story.issue()
    with pytest.raises(StaleError):
        roll_issue(actor=story.people.clerk, roll=roll, now=NOW)


def test_later_corrections_show_and_never_alter_it() -> None:
    story = Story()
    roll = story.issue()
    frozen = (roll.snapshot, roll.snapshot_hash)
    put_figures(story.reports[0], {story.trained: 41})
    put_figures(story.reports[1], {story.sessions: 3})
    story.reports[2].state = ReportState.ACCEPTED
    story.reports[2].submitted_at = NOW
    story.reports[2].save()
    put_figures(story.reports[2], {story.trained: 5})
    found = live_differences(roll)
    assert [
        (one.unit, one.title, str(one.difference.before), str(one.difference.after)) for one in found
    ] == [
        ("Phường 1", "Số người được tập huấn", "40", "41.0000"),
        ("Phường 2", "Số lớp tập huấn", "None", "3.0000"),
        ("Phường 3", "Số người được tập huấn", "None", "5.0000"),
    ]
    roll.refresh_from_db()
    assert (roll.snapshot, roll.snapshot_hash) == frozen
    assert roll_verdict(roll).holds


def test_a_report_withdrawn_later_shows_as_gone() -> None:
    story = Story()
    roll = story.issue()
    story.reports[0].state = ReportState.RETURNED
    story.reports[0].save()
    assert {(one.unit, one.difference.after) for one in live_differences(roll)} == {("Phường 1", None)}


def test_a_replacement_takes_the_issued_ones_place() -> None:
    story = Story()
    first = story.issue()
    with pytest.raises(PlanError):
        roll_replace(actor=story.people.officer, roll=first, reason=" ", now=NOW)
    put_figures(story.reports[0], {story.trained: 50})
    second = roll_replace(actor=story.people.officer, roll=first, reason="Phường 1 sửa số", now=NOW)
    assert (second.number, second.state, total(second.totals, "people_trained")["value"]) == (
        2,
        RollState.DRAFT,
        "97",
    )
    assert roll_replace(actor=story.people.officer, roll=first, reason="Lần nữa", now=NOW).pk == second.pk
    story.issue(second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (RollState.REPLACED, RollState.ISSUED)
    assert total(first.snapshot or {}, "people_trained")["value"] == "87"
    assert all(verdict.holds for verdict in verify_issued())
    with pytest.raises(PlanError):
        roll_replace(actor=story.people.officer, roll=first, reason="Sai bản", now=NOW)


def test_a_tampered_snapshot_is_named() -> None:
    story = Story()
    roll = story.issue()
    assert [verdict.holds for verdict in verify_issued()] == [True]
    changed = dict(roll.snapshot or {})
    changed["rows"]["people_trained"][0]["value"] = "400"
    Consolidation.objects.filter(pk=roll.pk).update(snapshot=changed)
    assert [verdict.roll.pk for verdict in verify_issued() if not verdict.holds] == [roll.pk]


def test_a_hash_changed_with_the_snapshot_stands_against_the_trail() -> None:
    story = Story()
    roll = story.issue()
    changed = {**(roll.snapshot or {}), "title": "Khác"}
    digest = hashlib.sha256(canonical(changed)).hexdigest()
    Consolidation.objects.filter(pk=roll.pk).update(snapshot=changed, snapshot_hash=digest)
    assert [verdict.holds for verdict in verify_issued()] == [False]


# Readers


def sees(user: Any) -> bool:
    return Consolidation.objects.visible_to(user).exists()


def test_who_reads_it_when() -> None:
    story = Story()
    people = story.people
    superior = make_member(Role.DOST_READER, make_unit("Cấp trên"))
    inside = [people.officer, people.focal_head, people.leader, people.finance, make_member(Role.AUDITOR)]
    units = [people.reporter, people.head, superior]
    roll = story.start()
    assert [sees(one) for one in inside] == [True] * 5
    assert [sees(one) for one in [*units, people.clerk]] == [False] * 4
    roll = story.approve(roll)
    assert sees(people.clerk)
    assert not sees(superior)
    roll_issue(actor=people.clerk, roll=roll, now=NOW)
    assert [sees(one) for one in units] == [True] * 3
    assert list(published_rolls()) == []
    with pytest.raises(PermissionDeniedError):
        roll_publish(actor=people.officer, roll=roll, public=True, now=NOW)
    assert roll_publish(actor=people.leader, roll=roll, public=True, now=NOW)
    assert not roll_publish(actor=people.leader, roll=roll, public=True, now=NOW)
    assert [one.pk for one in published_rolls()] == [roll.pk]
    assert roll_publish(actor=people.focal_head, roll=roll, public=False, now=NOW)
    assert list(published_rolls()) == []


def test_a_draft_is_never_published() -> None:
    story = Story()
    roll = story.start()
    assert not roll_publish(actor=story.people.leader, roll=roll, public=True, now=NOW)
    assert roll_start(actor=story.people.officer, period=story.period, now=NOW).published_at is None
