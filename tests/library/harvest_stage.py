"""A library, a source and a server of our own to harvest from: what the stories of harvesting begin with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from khcn.engines.oai.client import Client
from khcn.library.models import HarvestItem, HarvestRun, HarvestSource, Work
from khcn.library.services import harvest_net, harvest_runs
from khcn.library.services.harvest_runs import harvest_slice, harvest_start
from khcn.library.services.harvest_sources import source_add, source_probe
from khcn.orgs.enums import Role
from tests.oai_fake import FakeOai, serving
from tests.orgs.factories import make_member

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
QUICK = replace(harvest_net.RUN_LIMITS, answer_s=3.0, idle_s=1.0, attempts=2, backoff_s=0.01, pause_s=0.0)


class Stage:
    """The server, the librarian, and the source once it was added. Every run happens an hour after the last."""

    def __init__(self, fake: FakeOai) -> None:
        self.fake = fake
        self.librarian = make_member(Role.LIBRARIAN)
        self.now = START
        self.source = HarvestSource()

    def add(self, **values: Any) -> HarvestSource:
        """Add the server as a source that publishes at once."""
        probe = source_probe(actor=self.librarian, base_url=self.fake.url)
        values = {"publish": True, "rights": "cc-by-4.0", **values}
        self.source = source_add(
            actor=self.librarian, base_url=self.fake.url, probe=probe, values=values, now=self.now
        )
        return self.source

    def tick(self) -> datetime:
        """Let an hour pass."""
        self.now += timedelta(hours=1)
        return self.now

    def run(self, *, full: bool = False, seconds: float = 60.0, client_of: Any = None) -> HarvestRun:
        """Start a run and read to its end, slice by slice."""
        self.tick()
        run, token = harvest_start(
            actor=self.librarian, source=self.source, now=self.now, full=full, enqueue=False
        )
        return self.go_on(run, token, seconds=seconds, client_of=client_of)

    def go_on(
        self, run: HarvestRun, token: str, *, seconds: float = 60.0, client_of: Any = None
    ) -> HarvestRun:
        """Read until the run is over."""
        make = client_of or quick_client
        for _turn in range(1000):
            over = harvest_slice(
                source_id=self.source.pk, token=token, seconds=seconds, clock=lambda: self.now, client_of=make,
                requeue=False,
            )  # fmt: skip
            if over:
                break
        run.refresh_from_db()
        self.source.refresh_from_db()
        return run

    def works(self, **filters: Any) -> list[Work]:
        """Return the works of the source, by external id."""
        return list(
            Work.objects.filter(external_source=self.source.external_source, **filters).order_by(
                "external_id"
            )
        )

    def work(self, number: int) -> Work:
        """Return the work of a record."""
        return Work.objects.get(
            external_source=self.source.external_source, external_id=f"oai:nguon:{number}"
        )

    def item(self, number: int) -> HarvestItem:
        """Return the item of a record."""
        return HarvestItem.objects.get(source=self.source, external_id=f"oai:nguon:{number}")

    def counts(self, run: HarvestRun) -> dict[str, int]:
        """Return what a run counted, without the zeros."""
        names = ("new", "changed", "unchanged", "deleted", "skipped")
        return {name: getattr(run, name) for name in names if getattr(run, name)}


def quick_client(base_url: str, **options: Any) -> Client:
    """Return the real client with short limits."""
    return harvest_net.source_client(base_url, **{**options, "limits": QUICK})


@contextmanager
def local_sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Allow sources on this machine, as the setting for tests does."""
    monkeypatch.setattr(settings, "KHCN", settings.KHCN.model_copy(update={"local_sources": True}))
    yield


@contextmanager
def stage_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Serve and allow it."""
    with local_sources(monkeypatch), serving(FakeOai()) as fake:
        monkeypatch.setattr(harvest_runs, "RUN_LIMITS", QUICK)
        yield Stage(fake)
