"""One press consolidates; texts are gathered and edited; nobody's edit is lost."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.plan.enums import Aggregate, ItemState, ReportState, RollState
from khcn.plan.errors import StaleError
from khcn.plan.models import Consolidation, RegimeIndicator, ReportException, ReportText
from khcn.plan.selectors.roll_content import period_computed
from khcn.plan.services.rolls import (
    RollIssuedError,
    RollNotEditableError,
    roll_computed,
    roll_refresh,
    roll_start,
    roll_text_edit,
    roll_text_reset,
    roll_title_edit,
    text_mark,
)
from khcn.plan.services.rolls_approval import roll_submit
from tests.orgs.factories import make_unit
from tests.plan.factories import make_indicator, make_item, make_period, make_report, make_task
from tests.plan.roll_stories import NOW, Story, put_figures, send, total

pytestmark = pytest.mark.django_db


def test_one_press_gives_totals_with_rows_behind_them() -> None:
    story = Story()
    roll = story.start()
    trained = total(roll.totals, "people_trained")
    assert (trained["value"], trained["units"], trained["source_rows"]) == ("87", 2, 4)
    sessions = total(roll.totals, "sessions")
    assert (sessions["value"], sessions["units"], sessions["source_rows"]) == (
        "2",
        1,
        2,
    )  # one unit gave none
    rows = roll.totals["rows"]["people_trained"]
    assert [(row["unit"], row["value"], len(row["sources"])) for row in rows] == [
        (story.wards[0].pk, "40", 2),
        (story.wards[1].pk, "47", 2),
    ]


def test_who_sent_when_is_counted() -> None:
    story = Story()
    ReportException.objects.create(
        report=story.reports[1],
        until=NOW.date(),
        reason="Thử",
        granted_at=NOW,
        granted_by=story.people.focal_head,
    )
    counts = story.start().totals["reports"]
    assert counts == {
        "expected": 3, "received": 2, "on_time": 1, "late": 1, "pending": 0, "missing": 1, "returned": 0,
        "excused": 0, "exceptions": 1,
    }  # fmt: skip


def test_a_returned_report_counts_in_no_total() -> None:
    story = Story()
    story.reports[0].state = ReportState.RETURNED
    story.reports[0].save()
    content = story.start().totals
    assert total(content, "people_trained")["value"] == "47"
    assert content["reports"]["returned"] == 1


def test_an_excused_unit_is_not_expected() -> None:
    story = Story()
    story.reports[2].excused = "Giải thể giữa kỳ"
    story.reports[2].save()
    assert story.start().totals["reports"]["expected"] == 2


def test_pressing_again_changes_nothing_and_leaves_no_row() -> None:
    story = Story()
    first = story.start()
    rows = AuditEvent.objects.count()
    again = story.start()
    assert (again.pk, again.totals, again.revision) == (first.pk, first.totals, first.revision)
    assert AuditEvent.objects.count() == rows


def test_pressing_again_takes_new_figures_in() -> None:
    story = Story()
    first = story.start()
    put_figures(story.reports[0], {story.trained: 60})
    again = story.start()
    assert total(again.totals, "people_trained")["value"] == "107"
    assert again.revision > first.revision


def test_previous_period_as_its_reports_stand_and_as_it_was_issued() -> None:
    story = Story()
    before = make_period(
        story.regime, "2025-H2", starts_on="2025-06-01", cutoff="2025-11-25", due="2025-12-01",
        opened_at=datetime(2025, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    before.refresh_from_db()
    late = send(before, story.wards[0], {story.trained: 30})
    entry = total(story.start().totals, "people_trained")
    assert entry["previous"] == "30"
    roll = story.issue(roll_start(actor=None, period=before, now=NOW))
    put_figures(late, {story.trained: 99})
    content = story.start().totals
    assert (
        total(content, "people_trained")["previous"] == "30"
    )  # what was issued, not what was corrected later
    assert content["previous"]["issued"] is True
    assert roll.state == RollState.ISSUED


def test_the_plan_by_task_and_state() -> None:
    story = Story()
    task = make_task(story.regime.plan, lead=story.wards[0], deadline=NOW.date())
    other = make_task(story.regime.plan, lead=story.wards[0], deadline="2026-05-01")
    make_item(task, unit=story.wards[0], state=ItemState.DONE, percent=100)
    make_item(task, unit=story.wards[1], state=ItemState.DOING, percent=50)
    make_item(other, unit=story.wards[0])
    make_item(other, unit=story.wards[1], state=ItemState.DROPPED)
    tasks = {row["code"]: row for row in story.start().totals["tasks"]}
    assert {key: tasks[task.code][key] for key in ("units", "done", "doing", "todo", "late", "percent")} == {
        "units": 2, "done": 1, "doing": 1, "todo": 0, "late": 0, "percent": "75",
    }  # fmt: skip
    assert (tasks[other.code]["units"], tasks[other.code]["late"]) == (1, 1)


def test_other_ways_to_total() -> None:
    story = Story()
    share = make_indicator("share", title="Tỷ lệ", unit="%", decimals=1)
    RegimeIndicator.objects.create(
        regime=story.regime, indicator=share, order=9, aggregate=Aggregate.RATIO, numerator="sessions",
        denominator="people_trained",
    )  # fmt: skip
    RegimeIndicator.objects.filter(indicator=story.trained).update(aggregate=Aggregate.MEAN)
    content = story.start().totals
    assert total(content, "people_trained")["value"] == "43.5"
    assert (total(content, "share")["value"], total(content, "share")["units"]) == ("5", 1)


def test_reads_do_not_grow_with_units(django_assert_max_num_queries: object) -> None:
    story = Story()
    for number in range(12):
        send(story.period, make_unit(f"Phường thêm {number}"), {story.trained: number}, texts=["Một", "Hai"])
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        period_computed(story.period, now=NOW)


def test_a_period_nobody_was_asked_for_expects_the_regimes_units() -> None:
    story = Story()
    period = make_period(
        story.regime,
        "2026-H2",
        starts_on="2026-06-01",
        cutoff="2026-10-20",
        due="2026-11-01",
        opens_on="2026-10-01",
    )
    period.refresh_from_db()
    content = roll_computed(period, NOW).content
    assert (content["reports"]["expected"], content["reports"]["received"]) == (3, 0)
    assert [unit["name"] for unit in content["units"]] == ["Phường 1", "Phường 2", "Phường 3"]


# Texts


def test_texts_are_gathered_by_heading() -> None:
    texts = list(Story().start().texts.all())
    assert [text.title for text in texts] == ["Kết quả nổi bật", "Khó khăn, vướng mắc"]
    assert texts[0].text == "- Phường 1: Đã mở hai lớp.\n- Phường 2: Phát 300 tờ rơi."
    assert texts[1].text == "- Phường 1: Thiếu giảng viên."  # "Không có." is left out of the text …
    assert [one["text"] for one in texts[1].gathered] == [
        "Thiếu giảng viên.",
        "Không có.",
    ]  # … and shown beside it


def edit(story: Story, roll: Consolidation, text: str, *, shown: str | None = None, order: int = 1) -> None:
    now_there = roll.texts.get(order=order).text
    roll_text_edit(
        actor=story.people.officer, roll=roll, order=order, text=text,
        shown=text_mark(now_there if shown is None else shown), now=NOW,
    )  # fmt: skip


def test_gathering_again_keeps_an_edited_text() -> None:
    story = Story()
    roll = story.start()
    edit(story, roll, "Toàn địa bàn mở hai lớp.")
    ReportText.objects.filter(report=story.reports[0]).update(text="Đã mở ba lớp.")
    roll_refresh(actor=story.people.officer, roll=roll, now=NOW)
    first, second = roll.texts.all()
    assert first.text == "Toàn địa bàn mở hai lớp."
    assert first.gathered[0]["text"] == "Đã mở ba lớp."
    assert second.text == "- Phường 1: Đã mở ba lớp."


def test_the_gathered_text_can_be_taken_again() -> None:
    story = Story()
    roll = story.start()
    edit(story, roll, "Khác")
    roll_text_reset(actor=story.people.officer, roll=roll, order=1, shown=text_mark("Khác"), now=NOW)
    text = roll.texts.get(order=1)
    assert (text.text.splitlines()[0], text.edited) == ("- Phường 1: Đã mở hai lớp.", False)


def test_two_who_edit_the_same_heading_do_not_overwrite_each_other() -> None:
    story = Story()
    roll = story.start()
    shown = roll.texts.get(order=1).text
    edit(story, roll, "Lời của người thứ nhất", shown=shown)
    with pytest.raises(StaleError):
        edit(story, roll, "Lời của người thứ hai", shown=shown)
    assert roll.texts.get(order=1).text == "Lời của người thứ nhất"


def test_two_who_edit_different_headings_both_keep_theirs() -> None:
    story = Story()
    roll = story.start()
    shown = [text.text for text in roll.texts.all()]
    edit(story, roll, "Một", shown=shown[0], order=1)
    edit(story, roll, "Hai", shown=shown[1], order=2)
    assert [text.text for text in roll.texts.all()] == ["Một", "Hai"]


def test_no_edit_after_submission() -> None:
    story = Story()
    roll = story.start()
    roll_submit(actor=story.people.officer, roll=roll, revision=roll.revision, now=NOW)
    with pytest.raises(RollNotEditableError):
        edit(story, roll, "Muộn")
    with pytest.raises(RollNotEditableError):
        roll_refresh(actor=story.people.officer, roll=roll, now=NOW)


def test_the_abstract_is_edited_by_one_at_a_time() -> None:
    story = Story()
    roll = story.start()
    old = roll.title
    roll_title_edit(actor=story.people.officer, roll=roll, title="Trích yếu mới", shown=old, now=NOW)
    with pytest.raises(StaleError):
        roll_title_edit(actor=story.people.officer, roll=roll, title="Trích yếu khác", shown=old, now=NOW)
    roll.refresh_from_db()
    assert roll.title == "Trích yếu mới"


@pytest.mark.parametrize("who", ["reporter", "head", "focal_head", "leader", "clerk", "finance"])
def test_only_focal_officers_consolidate(who: str) -> None:
    story = Story()
    with pytest.raises(PermissionDeniedError):
        roll_start(actor=getattr(story.people, who), period=story.period, now=NOW)
    assert not Consolidation.objects.exists()


def test_an_issued_period_is_not_consolidated_again() -> None:
    story = Story()
    story.issue()
    with pytest.raises(RollIssuedError):
        story.start()


def test_figures_of_many_kinds_stay_exact() -> None:
    story = Story()
    money = make_indicator("amount_vnd", title="Kinh phí", unit="đồng")
    RegimeIndicator.objects.create(regime=story.regime, indicator=money, order=5)
    put_figures(story.reports[0], {money: Decimal("12345678901.0001")})
    put_figures(story.reports[1], {money: Decimal("0.0002")})
    assert total(story.start().totals, "amount_vnd")["value"] == "12345678901.0003"


def test_old_names_of_units_stay() -> None:
    story = Story()
    story.wards[0].name = "Phường Chợ Quán"
    story.wards[0].save()
    assert story.start().totals["units"][0]["name"] == "Phường 1"


def test_report_without_regime_plan_has_no_tasks() -> None:
    story = Story()
    story.regime.plan = None
    story.regime.save()
    assert story.start().totals["tasks"] == []
    assert make_report(story.period, make_unit()).pk
