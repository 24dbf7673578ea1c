"""Views and downloads are counted by day without who, and answer the indicators of reports."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from khcn.core.indicators import BulkIndicator, Period, indicators
from khcn.library.enums import WorkState
from khcn.library.models import UsageDay, UsageMonth, Work
from khcn.library.services import usage_marks
from khcn.library.services.usage import usage_note
from khcn.library.services.usage_intake import months_settle, usage_take_in
from khcn.orgs.enums import Role
from tests.library.makers import make_work
from tests.library.test_pages import keep_file
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 5, 20)
PERIOD = Period(date(2026, 5, 1), date(2026, 5, 31))
READER = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    """What other tests noted is thrown away, so that only this test's lines count."""
    for place in (settings.KHCN.data_dir / "spool").glob("library-usage*"):
        place.unlink()


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


# --- double clicks, readers, robots ---

OTHER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
HERE, THERE = "203.0.113.7", "203.0.113.8"
CLICKS = [
    # seconds after the hour, kind, address, browser -> views, downloads, different viewers, different downloaders
    ("two quick clicks are one", [(0, "view", HERE, READER), (30, "view", HERE, READER)], (1, 0, 1, 0)),
    ("later it is another view", [(0, "view", HERE, READER), (31, "view", HERE, READER)], (2, 0, 1, 0)),
    ("a chain of clicks is one", [(s, "view", HERE, READER) for s in range(0, 120, 20)], (1, 0, 1, 0)),
    ("next hour: a new session", [(0, "view", HERE, READER), (3600, "view", HERE, READER)], (2, 0, 2, 0)),
    ("two people", [(0, "view", HERE, READER), (1, "view", THERE, READER)], (2, 0, 2, 0)),
    ("two browsers", [(0, "view", HERE, READER), (1, "view", HERE, OTHER)], (2, 0, 2, 0)),
    ("a view and a download", [(0, "view", HERE, READER), (1, "download", HERE, READER)], (1, 1, 1, 1)),
    ("two files at once", [(0, "download", HERE, READER), (9, "download", HERE, READER)], (0, 1, 0, 1)),
    ("turning pages is one view", [(s, "read", HERE, READER) for s in range(0, 900, 45)], (1, 0, 1, 0)),
    ("from the page to the reader", [(0, "view", HERE, READER), (50, "read", HERE, READER)], (1, 0, 1, 0)),
]


def click(work: Work, second: int, kind: str, address: str, agent: str) -> None:
    at = NOW + timedelta(seconds=second)
    usage_note(kind=kind, work_id=work.pk, day=DAY, agent=agent, address=address, at=at)  # type: ignore[arg-type]


@pytest.mark.parametrize(("story", "clicks", "expected"), CLICKS, ids=[row[0] for row in CLICKS])
def test_double_clicks(
    story: str, clicks: list[tuple[int, str, str, str]], expected: tuple[int, int, int, int]
) -> None:
    work = make_work()
    for one in clicks:
        click(work, *one)
    take_in()
    figures = ("views", "downloads", "unique_views", "unique_downloads")
    assert UsageDay.objects.values_list(*figures).get() == expected
    assert UsageMonth.objects.values_list("month", *figures).get() == (date(2026, 5, 1), *expected)
    work.refresh_from_db()
    assert (work.view_count, work.download_count) == expected[:2]


def test_a_double_click_over_two_files_of_the_spool() -> None:
    work = make_work()
    click(work, 0, "view", HERE, READER)
    usage_take_in(NOW + timedelta(seconds=1))
    click(work, 20, "view", HERE, READER)
    usage_take_in(NOW + timedelta(seconds=40))
    usage_take_in(NOW + timedelta(seconds=80))
    assert UsageDay.objects.get().views == 1


def test_two_works_have_different_marks_and_no_address_is_written() -> None:
    for work in (make_work(), make_work()):
        click(work, 0, "view", HERE, READER)
    spool = settings.KHCN.data_dir / "spool"
    lines = (spool / "library-usage.log").read_text().splitlines()
    assert len({line.split()[-1] for line in lines}) == 2
    assert HERE not in "".join(lines) and "Firefox" not in "".join(lines)


def test_every_process_draws_the_same_key_and_it_dies_with_its_day(tmp_path: Path) -> None:
    def mark(day: date = DAY) -> str:
        usage_marks._held.clear()  # as another process would see it
        return usage_marks.visitor_mark(work_id=1, address=HERE, agent=READER, day=day, spool=tmp_path)

    first = mark()
    assert mark() == first
    assert usage_marks.keys_forget(DAY, tmp_path) == 0
    assert usage_marks.keys_forget(DAY + timedelta(days=1), tmp_path) == 1
    assert mark() != first
    assert not list(tmp_path.glob("*.draft"))


def test_marks_are_forgotten_within_hours() -> None:
    click(make_work(), 0, "view", HERE, READER)
    take_in()
    seen = settings.KHCN.data_dir / "spool" / "library-usage.seen"
    assert seen.exists()
    usage_take_in(NOW + timedelta(hours=3))
    assert not seen.exists()


def test_a_file_is_never_added_up_twice() -> None:
    click(make_work(), 0, "view", HERE, READER)
    usage_take_in(NOW)
    spool = settings.KHCN.data_dir / "spool"
    (waiting,) = spool.glob("library-usage.*.waiting")
    again = waiting.read_bytes()
    assert usage_take_in(NOW + timedelta(minutes=5)) == 1
    waiting.write_bytes(again)  # as if the power had failed between the commit and the deletion
    assert usage_take_in(NOW + timedelta(minutes=10)) == 0
    assert UsageDay.objects.get().views == 1
    assert not waiting.exists()


def test_months_follow_their_days() -> None:
    work = make_work()
    UsageDay.objects.create(work=work, day=DAY, views=4)
    UsageDay.objects.create(work=work, day=DAY.replace(day=2), views=3, downloads=2)
    UsageDay.objects.create(work=work, day=date(2026, 4, 30), views=1)
    assert months_settle(NOW) == 2
    assert months_settle(NOW) == 0
    months = UsageMonth.objects.order_by("month").values_list("month", "views", "downloads")
    assert list(months) == [(date(2026, 4, 1), 1, 0), (date(2026, 5, 1), 7, 2)]


LOOKED = [
    # who opens it, with which headers -> counted
    (None, {}, 1),
    ("stranger", {}, 1),
    ("owner", {}, 0),
    ("librarian", {}, 0),
    (None, {"sec-purpose": "prefetch;prerender"}, 0),
    (None, {"user-agent": "HTTrack 3.0x"}, 0),
    (None, {"user-agent": "Java/17.0.1"}, 0),
]


@pytest.mark.parametrize(("who", "headers", "counted"), LOOKED)
def test_only_readers_are_counted(
    client: Client, who: str | None, headers: dict[str, str], counted: int
) -> None:
    unit = make_unit()
    people = {
        "stranger": lambda: make_member(Role.CONTRIBUTOR),
        "owner": lambda: make_member(Role.CONTRIBUTOR, unit),
        "librarian": lambda: make_member(Role.LIBRARIAN),
    }
    work = make_work("Một", state=WorkState.PUBLISHED, published_at=NOW, owner_unit=unit)
    if who:
        client.force_login(people[who]())
    answer = client.get(f"/thu-vien/{work.slug}-{work.pk}/", headers={"user-agent": READER, **headers})
    assert answer.status_code == 200
    client.head(f"/thu-vien/{work.slug}-{work.pk}/", headers={"user-agent": READER})
    assert take_in() == counted


def test_a_download_counts_by_the_same_road(client: Client) -> None:
    work = make_work(state=WorkState.PUBLISHED, published_at=NOW)
    file = keep_file(work, "a.txt", b"abc", "text/plain", kind="")
    for agent in (READER, "Googlebot/2.1"):
        client.get(f"/thu-vien/tep/{work.pk}/{file.pk}/", headers={"user-agent": agent})
    work.refresh_from_db()
    assert work.download_count == 0
    take_in()
    work.refresh_from_db()
    assert work.download_count == UsageDay.objects.get().downloads == 1
