"""Harvesting: works come in once, change and go with their source, and no cut or trick loses or poisons anything."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from khcn.library.harvest_enums import ItemProblem, RunState, SourceState
from khcn.library.harvest_errors import SourceAsksError
from khcn.library.services.harvest_clock import harvest_due
from khcn.library.services.harvest_deletions import gone_items_settle
from khcn.library.services.harvest_sources import (
    item_decide,
    source_decide_deletions,
)
from khcn.library.services.review import work_freeze, work_withdraw
from khcn.library.services.works import work_update
from tests.library.harvest_stage import Stage, stage_of
from tests.library.makers import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage_of(monkeypatch) as made:
        yield made


def filled(stage: Stage, count: int, **values: Any) -> Stage:
    for number in range(count):
        stage.fake.add(number)
    stage.add(**values)
    return stage


# --- the usual life -------------------------------------------------------------------------------------------------


def test_a_source_comes_in_page_by_page_and_the_second_time_nothing_changes(stage: Stage) -> None:
    filled(stage, 25)
    run = stage.run()
    assert (run.state, run.pages, stage.counts(run)) == (RunState.DONE, 3, {"new": 25})
    work = stage.work(7)
    assert (work.state, work.title, work.url) == ("published", "Tài liệu số 7", "https://nguon.example.vn/7")
    assert (stage.source.state, stage.source.since, stage.source.token) == (
        "active",
        "2026-06-01T00:00:00Z",
        "",
    )
    assert stage.source.busy_until is None
    again = stage.run(full=True)
    assert stage.counts(again) == {"unchanged": 25}
    assert len(stage.works()) == 25


def test_only_what_changed_is_asked_for_and_taken(stage: Stage) -> None:
    filled(stage, 5)
    stage.run()
    stage.fake.records[2].dc["title"] = ["Nhan đề mới"]
    stage.fake.records[2].datestamp = "2026-06-02T00:00:00Z"
    run = stage.run()
    assert stage.fake.asked[-1]["from"] == "2026-06-01T00:00:00Z"
    assert stage.counts(run) == {"changed": 1}
    assert stage.work(2).title == "Nhan đề mới"


def test_dates_are_asked_at_the_granularity_of_the_source(stage: Stage) -> None:
    stage.fake.granularity = "YYYY-MM-DD"
    filled(stage, 1)
    stage.run()
    stage.run()
    assert stage.fake.asked[-1]["from"] == "2026-06-01"


def test_works_wait_for_review_unless_the_source_is_trusted(stage: Stage) -> None:
    filled(stage, 2, publish=False)
    stage.run()
    assert {work.state for work in stage.works()} == {"submitted"}


def test_deleted_records_go_and_come_back(stage: Stage) -> None:
    filled(stage, 12)
    stage.run()
    record = stage.fake.records[3]
    record.deleted, record.datestamp = True, "2026-06-03T00:00:00Z"
    assert stage.counts(stage.run()) == {"deleted": 1}
    work = stage.work(3)
    assert (work.state, "đã xoá" in work.tombstone_reason) == ("withdrawn", True)
    record.deleted, record.datestamp = False, "2026-06-04T00:00:00Z"
    assert stage.counts(stage.run()) == {"changed": 1}
    assert stage.work(3).state == "published"
    assert not stage.item(3).deleted


def test_a_waiting_work_leaves_the_queue_with_its_source_and_returns_to_it(stage: Stage) -> None:
    filled(stage, 2, publish=False)
    stage.run()
    record = stage.fake.records[0]
    record.deleted, record.datestamp = True, "2026-06-03T00:00:00Z"
    stage.run()
    assert stage.work(0).state == "withdrawn"
    record.deleted, record.datestamp = False, "2026-06-04T00:00:00Z"
    stage.run()
    assert stage.work(0).state == "submitted"


def test_a_source_that_tells_no_deletions_is_read_whole_now_and_then(stage: Stage) -> None:
    stage.fake.deleted_record = "no"
    filled(stage, 12)
    stage.run()
    del stage.fake.records[5]
    assert stage.counts(stage.run()) == {}  # too early: only what is new is asked for
    stage.now += timedelta(days=8)
    run = stage.run()
    assert (run.full, stage.counts(run)) == (True, {"unchanged": 11, "deleted": 1})
    assert stage.work(5).state == "withdrawn"


def test_an_emptied_source_asks_before_anything_goes(stage: Stage) -> None:
    filled(stage, 30)
    stage.run()
    for record in stage.fake.records[:20]:
        record.deleted, record.datestamp = True, "2026-06-03T00:00:00Z"
    stage.run()
    assert stage.source.state == SourceState.ASKING
    assert "20 trên 30" in stage.source.last_error
    assert len(stage.works(state="published")) == 30
    with pytest.raises(SourceAsksError):
        stage.run()
    assert harvest_due(stage.tick() + timedelta(days=9)) == 0
    source_decide_deletions(actor=stage.librarian, source=stage.source, withdraw=True, now=stage.now)
    gone_items_settle(source_id=stage.source.pk)
    assert len(stage.works(state="withdrawn")) == 20
    gone_items_settle(source_id=stage.source.pk)  # twice does no harm


def test_a_librarian_may_keep_what_the_source_deleted(stage: Stage) -> None:
    filled(stage, 30)
    stage.run()
    stage.fake.records.clear()
    run = stage.run(full=True)
    assert (run.state, stage.source.state) == (RunState.DONE, SourceState.ASKING)
    source_decide_deletions(actor=stage.librarian, source=stage.source, withdraw=False, now=stage.now)
    assert len(stage.works(state="published")) == 30
    stage.run(full=True)
    assert stage.source.state == SourceState.ACTIVE  # not asked again


# --- nothing twice, nobody overruled ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "held",
    [
        {"title": "Khác", "identifiers": [{"type": "doi", "value": "10.1234/ABC"}]},
        {"title": "Khác", "identifiers": [{"type": "isbn", "value": "0-306-40615-2"}]},
        {"title": "TÀI LIỆU: số 0.", "creators": [{"name": "0 Tác, Giả"}], "issued_year": 2021},
        {
            "title": "Khác", "kind": "legal", "issued_year": 2021,
            "legal": {"number": "82/KH-UBND", "organ_name": "Ủy ban nhân dân"},
        },
    ],
)  # fmt: skip
def test_what_the_library_has_is_not_shown_twice(stage: Stage, held: dict[str, Any]) -> None:
    ours = make_work(state="published", **held)
    stage.fake.add(0, identifier=["doi:10.1234/abc", "ISBN 978-0-306-40615-7"], creator="Tác Giả 0")
    if held["title"] == "Khác" and "legal" in held:
        stage.fake.records[0].raw = (
            '<work xmlns="urn:khcn:legal:1"><title>Kế hoạch</title><year>2021</year><document><Number>82/KH-UBND</Number>'
            "<OrganName>ỦY BAN NHÂN DÂN</OrganName></document></work>"
        )
    stage.add(**({"prefix": "khcn_legal"} if "legal" in held else {}))
    run = stage.run()
    assert stage.counts(run) == {"skipped": 1}
    item = stage.item(0)
    assert (item.problem, item.duplicate_of_id, item.work_id) == (ItemProblem.DUPLICATE, ours.pk, None)
    assert stage.works() == []
    assert stage.counts(stage.run(full=True)) == {"unchanged": 1}
    item_decide(actor=stage.librarian, item=item, follow=True, now=stage.now)  # they are two different ones
    assert stage.work(0).state == "published"
    assert stage.counts(stage.run(full=True)) == {"unchanged": 1}


def test_other_years_creators_and_series_are_other_works(stage: Stage) -> None:
    make_work("Tài liệu số 0", state="published", creators=[{"name": "Tác giả 0"}], issued_year=2020)
    make_work("Tài liệu số 1", state="published", creators=[{"name": "Ai khác"}], issued_year=2021)
    make_work("X", state="published", identifiers=[{"type": "issn", "value": "0378-5955"}])
    stage.fake.add(0)
    stage.fake.add(1, identifier="ISSN 0378-5955")
    stage.fake.add(2, creator=[], date=[])
    stage.fake.add(3, title="Tài liệu số 2", creator=[], date=[])
    stage.add()
    assert stage.counts(stage.run()) == {"new": 4}


def test_doubles_inside_one_page_and_over_two(stage: Stage) -> None:
    stage.fake.page_size = 2
    for number in range(4):
        stage.fake.add(number, identifier="doi:10.1234/same", title=f"Nhan đề {number}")
    stage.add()
    run = stage.run()
    assert stage.counts(run) == {"new": 1, "skipped": 3}
    first = stage.work(0)
    assert {stage.item(number).duplicate_of_id for number in (1, 2, 3)} == {first.pk}


def test_what_a_librarian_changed_is_not_written_over(stage: Stage) -> None:
    filled(stage, 3)
    stage.run()
    work_update(actor=stage.librarian, work=stage.work(1), now=stage.now, values={"title": "Nhan đề đã sửa"})
    stage.run(full=True)
    assert stage.work(1).title == "Nhan đề đã sửa"  # the source has not changed: nothing to ask
    assert stage.item(1).problem == ""
    stage.fake.records[1].dc["title"] = ["Nhan đề nguồn"]
    run = stage.run(full=True)
    assert stage.counts(run) == {"unchanged": 2, "skipped": 1}
    item = stage.item(1)
    assert (stage.work(1).title, item.problem) == ("Nhan đề đã sửa", ItemProblem.EDITED)
    item_decide(actor=stage.librarian, item=item, follow=False, now=stage.now)
    assert (stage.work(1).title, stage.item(1).problem) == ("Nhan đề đã sửa", "")
    assert stage.counts(stage.run(full=True)) == {"unchanged": 3}  # not asked again about the same
    stage.fake.records[1].dc["title"] = ["Nhan đề nguồn 2"]
    stage.run(full=True)
    item_decide(actor=stage.librarian, item=stage.item(1), follow=True, now=stage.now)
    assert stage.work(1).title == "Nhan đề nguồn 2"
    stage.fake.records[1].dc["title"] = ["Nhan đề nguồn 3"]
    assert stage.counts(stage.run(full=True)) == {"unchanged": 2, "changed": 1}  # the source's again


def test_an_edited_work_does_not_vanish_with_its_source(stage: Stage) -> None:
    filled(stage, 3)
    stage.run()
    work_update(actor=stage.librarian, work=stage.work(1), now=stage.now, values={"abstract": "Thêm ở đây."})
    stage.fake.records[1].deleted, stage.fake.records[1].datestamp = True, "2026-06-03T00:00:00Z"
    stage.run()
    assert (stage.work(1).state, stage.item(1).problem) == ("published", ItemProblem.GONE_EDITED)
    item_decide(actor=stage.librarian, item=stage.item(1), follow=True, now=stage.now)
    assert (stage.work(1).state, stage.item(1).deleted) == ("withdrawn", True)


@pytest.mark.parametrize("close", [work_freeze, work_withdraw])
def test_what_a_librarian_closed_stays_closed(stage: Stage, close: Any) -> None:
    filled(stage, 2)
    stage.run()
    close(actor=stage.librarian, work=stage.work(0), reason="Sai bản quyền", now=stage.now)
    state = stage.work(0).state
    stage.fake.records[0].dc["title"] = ["Mới"]
    stage.run(full=True)
    assert (stage.work(0).state, stage.work(0).title) == (state, "Tài liệu số 0")
    assert stage.item(0).problem == ItemProblem.CLOSED


def test_nothing_sensitive_is_published_unseen(stage: Stage) -> None:
    stage.fake.add(0, description="Danh sách.\nTUYỆT MẬT")
    stage.fake.add(1)
    stage.add()
    stage.run()
    assert (stage.work(0).state, stage.item(0).problem) == ("submitted", ItemProblem.SENSITIVE)
    assert stage.work(1).state == "published"
    stage.fake.records[1].dc["description"] = ["TUYỆT MẬT"]
    stage.run(full=True)
    assert stage.work(1).state == "submitted"  # taken back from the public
