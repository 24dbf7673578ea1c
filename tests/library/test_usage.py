"""Views and downloads are counted by day without who, and answer the indicators of reports."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client

from khcn.core.indicators import BulkIndicator, Period, indicators
from khcn.library.enums import WorkState
from khcn.library.models import UsageDay, Work
from khcn.library.services.usage import usage_note, usage_take_in
from tests.library.makers import make_work
from tests.orgs.factories import make_unit

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 5, 20)
PERIOD = Period(date(2026, 5, 1), date(2026, 5, 31))
READER = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    """What other tests noted is taken in before, so that only this test's lines count."""
    usage_take_in(NOW)
    usage_take_in(NOW + timedelta(seconds=1))
    UsageDay.objects.all().delete()


def take_in() -> int:
    """Take in what was noted: set aside first, added up at the next call."""
    return usage_take_in(NOW + timedelta(minutes=5)) + usage_take_in(NOW + timedelta(minutes=10))


def test_lines_add_up_by_work_and_day() -> None:
    one, two = make_work(), make_work()
    for work, kind, count in ((one, "view", 3), (one, "download", 2), (two, "view", 1)):
        for _number in range(count):
            usage_note(kind=kind, work_id=work.pk, day=DAY, agent=READER)  # type: ignore[arg-type]
    assert take_in() == 6
    assert list(UsageDay.objects.order_by("work_id").values_list("views", "downloads")) == [(3, 2), (1, 0)]
    usage_note(kind="view", work_id=one.pk, day=DAY, agent=READER)
    assert take_in() == 1
    assert UsageDay.objects.get(work=one).views == 4
    assert Work.objects.get(pk=one.pk).view_count == 4


@pytest.mark.parametrize("agent", ["", "Googlebot/2.1", "curl/8.5", "python-httpx/0.28", "Zalo LinkPreview"])
def test_programs_are_not_counted(agent: str) -> None:
    usage_note(kind="view", work_id=make_work().pk, day=DAY, agent=agent)
    assert take_in() == 0


def test_a_spoiled_line_and_a_deleted_work_stop_nothing() -> None:
    work = make_work()
    usage_note(kind="view", work_id=work.pk, day=DAY, agent=READER)
    usage_note(kind="view", work_id=10**15, day=DAY, agent=READER)
    with (settings.KHCN.data_dir / "spool" / "library-usage.log").open("a") as file:
        file.write("view 1\nview x 2026-05-20\nview 1 2026-13-45\n")
    take_in()
    assert UsageDay.objects.get().work_id == work.pk


def test_opening_a_page_counts_once(client: Client) -> None:
    work = make_work("Một tài liệu", state=WorkState.PUBLISHED, published_at=NOW)
    answer = client.get(f"/thu-vien/{work.slug}-{work.pk}/", headers={"user-agent": READER})
    assert answer.status_code == 200
    assert take_in() == 1
    assert UsageDay.objects.get().work == work


def test_indicators_by_unit_in_bulk() -> None:
    here, there = make_unit(), make_unit()
    ours = make_work(state=WorkState.PUBLISHED, published_at=NOW, owner_unit=here)
    make_work(state=WorkState.PUBLISHED, published_at=NOW - timedelta(days=90), owner_unit=here)
    make_work(state=WorkState.DRAFT, owner_unit=here)
    for _number in range(5):
        usage_note(kind="view", work_id=ours.pk, day=DAY, agent=READER)
    take_in()
    groups = {7: [here.pk], 9: [there.pk]}
    wanted = {"library.items_published": (Decimal(1), Decimal(0)), "library.views": (Decimal(5), None),
              "library.downloads": (None, None)}  # fmt: skip
    for key, values in wanted.items():
        indicator = indicators.get(key)
        assert isinstance(indicator, BulkIndicator)
        found = indicator.figures(period=PERIOD, groups=groups, reader=None)
        assert (found[7].value, found[9].value) == values, key
        for group, unit in ((7, here), (9, there)):
            single = indicator.figure(period=PERIOD, unit_ids=[unit.pk], reader=None)
            assert single == found[group], key
    everything = indicators.get("library.views").figure(period=PERIOD, unit_ids=None, reader=None)
    assert [str(one) for one in everything.sources] == [f"library.work:{ours.pk}"]
