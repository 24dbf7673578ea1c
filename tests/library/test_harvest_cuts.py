"""Harvesting goes on after every cut, and ends where a source would hold it for ever; one at a time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from khcn.core.enums import JobState
from khcn.core.jobs import job_cancel
from khcn.core.models.jobs import Job
from khcn.library.harvest_enums import ItemProblem, RunState, SourceState
from khcn.library.harvest_errors import SourceBusyError
from khcn.library.models import HarvestItem, HarvestRun
from khcn.library.services import harvest_runs
from khcn.library.services.harvest_clock import harvest_due
from khcn.library.services.harvest_runs import harvest_slice, harvest_start
from khcn.library.services.harvest_sources import (
    source_pause,
    source_resume,
)
from tests.library.harvest_stage import Stage, quick_client, stage_of

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


class Killed(BaseException):
    """kill -9: nothing after it runs."""


def _dies_after(pages: int) -> Any:
    """Make clients with which the worker dies before it has taken in page ``pages`` + 1."""
    seen: list[int] = []

    def make(base_url: str, **options: Any) -> Any:
        client = quick_client(base_url, **options)
        real = client.page

        class Dying:
            def page(self, **arguments: Any) -> Any:
                if len(seen) >= pages:
                    raise Killed
                seen.append(1)
                return real(**arguments)

        return Dying()

    return make


def _kill(stage: Stage, pages: int) -> HarvestRun:
    run, token = harvest_start(actor=None, source=stage.source, now=stage.tick(), enqueue=False)
    with pytest.raises(Killed):
        stage.go_on(run, token, client_of=_dies_after(pages))
    run.refresh_from_db()
    stage.source.refresh_from_db()
    return run


def test_after_a_kill_the_run_goes_on_where_it_was(stage: Stage) -> None:
    filled(stage, 45)
    run = _kill(stage, 2)
    assert (run.state, stage.counts(run), len(stage.works())) == (RunState.RUNNING, {"new": 20}, 20)
    with pytest.raises(SourceBusyError):  # the dead worker still holds the lease
        harvest_start(actor=None, source=stage.source, now=stage.now, enqueue=False)
    stage.fake.asked.clear()
    stage.now += timedelta(hours=1)
    again, token = harvest_start(actor=None, source=stage.source, now=stage.now, enqueue=False)
    assert again.pk == run.pk
    run = stage.go_on(again, token)
    assert [asked["resumptionToken"] for asked in stage.fake.asked] == ["20||", "30||", "40||"]
    assert (run.state, run.resumed, stage.counts(run)) == (RunState.DONE, 1, {"new": 45})
    assert len(stage.works()) == 45


def test_when_the_source_forgot_the_token_the_list_starts_again_and_counts_once(stage: Stage) -> None:
    filled(stage, 45)
    _kill(stage, 2)
    calls: list[dict[str, str]] = []

    def forget(server: Any, asked: dict[str, str], _handler: Any) -> Any:
        calls.append(asked)
        first = len(calls) == 1
        return server.envelope(server.error("badResumptionToken")) if first else None

    stage.fake.trick = forget
    stage.now += timedelta(hours=1)
    run, token = harvest_start(actor=None, source=stage.source, now=stage.now, enqueue=False)
    run = stage.go_on(run, token)
    assert (run.state, stage.counts(run)) == (RunState.DONE, {"new": 45})
    assert len(stage.works()) == HarvestItem.objects.count() == 45


def test_a_source_that_forgets_every_token_is_given_up(stage: Stage) -> None:
    filled(stage, 45)
    stage.fake.known_tokens = False
    run = stage.run()
    assert (run.state, stage.source.state) == (RunState.FAILED, SourceState.FAILING)
    assert "badResumptionToken" in run.error
    assert len(stage.fake.asked) < 20


def test_the_clock_revives_a_run_whose_worker_is_known_dead(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(stage, 45)
    run = _kill(stage, 1)
    sent: list[tuple[int, str]] = []
    monkeypatch.setattr(
        "khcn.library.services.harvest_clock.enqueue_on_commit", lambda _task, *args: sent.append(args)
    )
    assert harvest_due(stage.now) == 0  # it may still live
    Job.objects.filter(pk=run.job_id).update(state=JobState.INTERRUPTED, finished_at=stage.now)
    assert harvest_due(stage.now) == 1
    assert harvest_slice(source_id=stage.source.pk, token="somebody else's", clock=lambda: stage.now) is True
    assert len(stage.works()) == 10
    run = stage.go_on(run, sent[0][1])
    assert (run.state, stage.counts(run)) == (RunState.DONE, {"new": 45})


def test_long_lists_give_others_their_turn(stage: Stage) -> None:
    filled(stage, 45)
    run = stage.run(seconds=0.0)  # a page a turn
    assert (run.state, run.pages, stage.counts(run)) == (RunState.DONE, 5, {"new": 45})
    assert Job.objects.count() == 1
    assert Job.objects.get().state == JobState.DONE


@pytest.mark.parametrize("period", [1, 4, 7])
def test_circles_are_found_over_any_number_of_turns(stage: Stage, period: int) -> None:
    filled(stage, 30)
    count = iter(range(10_000))

    def circle(server: Any, asked: dict[str, str], _handler: Any) -> Any:
        record = server.records[next(count) % 30].xml()
        token = f"t{(int((asked.get('resumptionToken') or 't-1')[1:]) + 1) % period}"
        return server.envelope(
            f"<ListRecords>{record}<resumptionToken>{token}</resumptionToken></ListRecords>"
        )

    stage.fake.trick = circle
    run = stage.run(seconds=0.0)
    assert (run.state, stage.source.state) == (RunState.FAILED, SourceState.FAILING)
    assert "không bao giờ hết" in run.error
    assert len(stage.fake.asked) < 6 * period + 8
    assert stage.source.token == ""  # next time from the beginning


def test_a_source_that_is_down_is_asked_later_and_later(stage: Stage) -> None:
    filled(stage, 3)
    stage.fake.trick = lambda *_: (500, {}, b"")
    waits = []
    for _attempt in range(6):
        stage.run()
        assert stage.source.next_run_at is not None
        waits.append((stage.source.next_run_at - stage.now) / timedelta(hours=1))
    assert waits == [1, 2, 4, 8, 16, 24]
    assert "HTTP 500" in stage.source.last_error
    stage.fake.trick = None
    stage.run()
    assert (stage.source.state, stage.source.failures, stage.source.last_error) == ("active", 0, "")


def test_a_redirect_into_the_machine_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(stage, 1)
    from khcn.engines.oai.errors import HarvestError  # only here
    from khcn.library.services import harvest_net  # only here

    real = harvest_net.address_guard(private_network=False)
    port = int(stage.fake.url.rsplit(":", 1)[1].split("/")[0])

    def guard(host: str, asked: int) -> Any:
        return ["127.0.0.1"] if (host, asked) == ("127.0.0.1", port) else real(host, asked)

    monkeypatch.setattr(harvest_net, "address_guard", lambda **_: guard)
    from django.conf import settings  # only here

    monkeypatch.setattr(settings, "KHCN", settings.KHCN.model_copy(update={"local_sources": False}))
    for place in (
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://2130706433/",
    ):
        stage.fake.trick = lambda *_, place=place: (302, {"Location": place}, b"")
        run = stage.run()
        assert "nội bộ" in run.error, place
    with pytest.raises(HarvestError):
        real("localhost", 80)


def test_one_record_that_breaks_something_does_not_stop_the_rest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(stage, 12)
    real = harvest_runs.page_take

    def fragile(**arguments: Any) -> Any:
        if any(record.identifier == "oai:nguon:4" for record in arguments["records"]):
            raise ValueError("a poisoned record")
        return real(**arguments)

    monkeypatch.setattr(harvest_runs, "page_take", fragile)
    run = stage.run()
    assert (run.state, stage.counts(run)) == (RunState.DONE, {"new": 11, "skipped": 1})


def test_broken_and_titleless_records_are_told_and_mended_later(stage: Stage) -> None:
    stage.fake.add(0).raw = "<dc><title>hỏng</dc>"
    stage.fake.add(1, title=[])
    stage.fake.add(2)
    stage.fake.add(3, title="chữ " * 25_000)
    stage.add()
    run = stage.run()
    assert stage.counts(run) == {"new": 2, "skipped": 2}
    assert len(stage.work(3).title) <= 500
    assert stage.item(0).problem == stage.item(1).problem == ItemProblem.BROKEN
    assert "XML" in stage.item(0).message
    stage.fake.records[0].raw = ""
    stage.fake.records[1].dc["title"] = ["Có rồi"]
    assert stage.counts(stage.run(full=True)) == {"new": 2, "unchanged": 2}
    assert stage.item(0).problem == stage.item(1).problem == ""


def test_a_broken_update_leaves_what_is_shown(stage: Stage) -> None:
    filled(stage, 2)
    stage.run()
    stage.fake.records[0].raw = "<dc><title>hỏng</dc>"
    stage.run(full=True)
    assert (stage.work(0).title, stage.work(0).state) == ("Tài liệu số 0", "published")
    stage.fake.records[0].raw = ""
    stage.run(full=True)
    assert stage.item(0).problem == ""


def test_a_person_stops_a_run_and_the_next_goes_on(stage: Stage) -> None:
    filled(stage, 45)
    run, token = harvest_start(actor=stage.librarian, source=stage.source, now=stage.tick(), enqueue=False)
    harvest_slice(
        source_id=stage.source.pk,
        token=token,
        seconds=0,
        clock=lambda: stage.now,
        client_of=quick_client,
        requeue=False,
    )
    job_cancel(actor=stage.librarian, job=Job.objects.get(pk=run.job_id or 0), now=stage.now)
    run = stage.go_on(run, token)
    assert (run.state, stage.source.busy_until) == (RunState.STOPPED, None)
    run = stage.run()
    assert (run.state, run.resumed, stage.counts(run)) == (RunState.DONE, 1, {"new": 45})


def test_one_at_a_time_and_pauses(stage: Stage) -> None:
    filled(stage, 3)
    assert harvest_due(stage.tick()) == 1
    assert harvest_due(stage.now) == 0
    with pytest.raises(SourceBusyError):
        harvest_start(actor=stage.librarian, source=stage.source, now=stage.now)
    run = HarvestRun.objects.get()
    stage.source.refresh_from_db()
    source_pause(actor=stage.librarian, source=stage.source, now=stage.now)
    stage.go_on(run, stage.source.busy_by)
    assert stage.source.state == SourceState.PAUSED  # the run went to its end, the clock stays quiet
    assert len(stage.works()) == 3
    assert harvest_due(stage.now + timedelta(days=30)) == 0
    source_resume(actor=stage.librarian, source=stage.source, now=stage.now)
    assert harvest_due(stage.now + timedelta(days=30)) == 1


def test_identifiers_longer_than_any_column(stage: Stage) -> None:
    long = "oai:nguon:" + "x" * 900
    stage.fake.add(0).identifier = long
    stage.add()
    assert stage.counts(stage.run()) == {"new": 1}
    assert HarvestItem.objects.get().identifier == long
    assert stage.counts(stage.run(full=True)) == {"unchanged": 1}


def test_the_command_harvests_and_says_what_came(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json  # only here

    filled(stage, 12)
    call_command("library", "harvest", "--source", stage.source.key, "--json")
    document = json.loads(capsys.readouterr().out)
    assert [(one["source"], one["state"], one["new"]) for one in document["runs"]] == [
        (stage.source.key, "done", 12)
    ]
    stage.fake.trick = lambda *_: (404, {}, b"")
    with pytest.raises(SystemExit):
        call_command("library", "harvest", "--json")
    document = json.loads(capsys.readouterr().out)
    assert "HTTP 404" in document["runs"][0]["error"]
    with pytest.raises(SystemExit):
        call_command("library", "harvest", "--source", "khong-co")
