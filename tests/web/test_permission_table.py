"""Every address of the site x every role x own or other unit, against a table that people read.

``permission_table.txt`` holds one line an address. A new address that is not in the table fails the test. To write
the table anew after a decision: ``WRITE_TABLE=1 pytest tests/web/test_permission_table.py`` (``WRITE_TABLE=new``: only
addresses that are not in it yet), and read the diff.
"""

import os
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from khcn.library.enums import WorkState
from khcn.orgs.enums import PartyKind, Role
from khcn.orgs.models import SuccessionDecision
from tests.library.makers import make_batch, make_page, make_takedown, make_work
from tests.orgs.factories import make_member, make_party, make_unit, make_user
from tests.web.permission_bureau import Bureau
from tests.web.permission_learning import PLACES, Learning
from tests.web.permission_places import Hall, School
from tests.web.permission_programmes import Fair
from tests.web.permission_shelf import Shelf

TABLE = Path(__file__).with_name("permission_table.txt")
# Not ours: the pages of Wagtail have tests of their own; the ways in are pinned in test_back_office.py.
OUTSIDE = ("quan-tri/",)
METHODS = ("get", "post")
ABOUT_WORKS = ("ban-lam-viec/thu-vien/", "thu-vien/", "api/v1/library/", "ark:", "opds/")
PARTS = 4  # so that several processes share the work
# Asked in the fast run; everybody is asked in the slow one.
FEW = ("visitor", "no-role", "unit_reporter", "sysadmin")
# Asked on PostgreSQL: between them they reach nearly every page, and who may is settled before the database is asked.
WIDE = ("visitor", "unit_head", "focal_officer", "librarian", "energy_officer")
POSTGRES = os.environ.get("KHCN_TEST_DB") == "postgres"


def addresses(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Yield the pattern of every address of the site, as it is written in the urls files."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        elif isinstance(entry, URLPattern) and not path.startswith(OUTSIDE):
            yield path


class World:
    """Two units with a work and a market in each, and one person for every role."""

    def __init__(self) -> None:
        self.own, self.other = make_unit("Đơn vị của mình"), make_unit("Đơn vị khác")
        self.depositor = make_member(Role.CONTRIBUTOR, self.own)
        self.stranger = make_member(Role.CONTRIBUTOR, self.other)
        self.people = {role.value: make_member(role, self.own) for role in Role}
        self.draft = {
            "own": self._work(self.own, WorkState.DRAFT, self.depositor),
            "other": self._work(self.other, WorkState.DRAFT, self.stranger),
        }
        self.published = self._work(self.own, WorkState.PUBLISHED, self.depositor)
        self.batch = {
            "own": make_batch(self.depositor, self.own),
            "other": make_batch(self.stranger, self.other),
        }
        self.takedown = make_takedown(self.published)
        self.party = make_party(kind=PartyKind.SCHOOL)
        self.hall = {"own": Hall(self.own), "other": Hall(self.other)}
        self.school = {"own": School(self.own), "other": School(self.other)}
        self.decision = SuccessionDecision.objects.create(
            number="1/NQ-THU", effective_on=date(2027, 1, 1), recorded_at=datetime(2026, 5, 1, tzinfo=UTC)
        )
        self.bureau = {"own": Bureau(self.own), "other": Bureau(self.other)}
        self.fair = {"own": Fair(self.own), "other": Fair(self.other)}
        self.learning = {side: Learning(fair.unit, fair.programme) for side, fair in self.fair.items()}
        self.shelf = {
            "own": Shelf(self.own, self.depositor, self.draft["own"]),
            "other": Shelf(self.other, self.stranger, self.draft["other"]),
            "public": Shelf(make_unit("Đơn vị đăng tài liệu"), self.stranger, self.published),
        }

    def _work(self, unit: Any, state: WorkState, by: Any) -> Any:
        work = make_work(title="Tài liệu thử", state=state, owner_unit=unit, submitted_by=by)
        make_page(work, text="Một trang chữ.")
        return work


def fill(pattern: str, world: World, side: str) -> str:
    """Return an address with real numbers in the place of its parameters."""
    on_desk = pattern.startswith("ban-lam-viec/thu-vien/")
    work = world.draft[side] if on_desk else world.published
    values = {
        "<slug:slug>": work.slug or "tai-lieu",
        "<int:number>": "1",
        "<int:width>": "900",
        "<int:file_pk>": "1",
        "<str:kind>": "csv",
        "<slug:step>": "ghi-chu",
        "<slug:key>": "khong-co",
        "<section>": "works",
        "<int:pk>": str(work.pk),
    }
    if pattern.startswith(ABOUT_WORKS):
        of_unit = on_desk or "/batches/" in pattern or "/submit" in pattern
        values |= world.shelf[side if of_unit else "public"].values(pattern)
    if "/dot/" in pattern:
        values["<int:pk>"] = str(world.batch[side].pk)
    elif "ban-lam-viec/thu-vien/go-bo/" in pattern:
        values["<int:pk>"] = str(world.takedown.pk)
    elif pattern.startswith("ban-lam-viec/to-chuc/"):
        values["<int:pk>"] = str(world.depositor.pk if "nguoi" in pattern else world.own.pk)
        if "/quyet-dinh/" in pattern:
            values["<int:pk>"] = str(world.decision.pk)
        if "/lich-su/" in pattern:
            values["<slug:key>"] = world.own.key
    elif pattern.startswith("don-vi/"):
        values["<int:pk>"] = str(world.own.pk)
    if pattern.startswith(("ban-lam-viec/cho/", "cho/")):
        hall = world.hall[side]
        values |= {
            "<slug:key>": hall.market.key,
            "<int:pk>": str(hall.number(pattern)),
            "<int:version>": "1",
            "<str:stamp>": "2026031603",
            "<str:month>": "2026-02",
            "<slug:what>": "ngay",
            "<slug:kind>": "csv",
        }
    if pattern.startswith(("ban-lam-viec/nang-luong/", "nang-luong/")):
        values |= world.school[side].values(pattern)
    if pattern.startswith(("ban-lam-viec/ke-hoach/", "ke-hoach/", "api/v1/plan/")):
        values |= world.bureau[side].values(pattern)
    if pattern.startswith(("ban-lam-viec/chuong-trinh/", "chuong-trinh/", "chung-nhan/")):
        values |= world.fair[side].values(pattern)
    if pattern.startswith(PLACES):
        values |= world.learning[side].values(pattern)
    for name, value in values.items():
        pattern = pattern.replace(name, value)
    return "/" + pattern


def answer(client: Client, address: str, method: str) -> str:
    """Return what a person gets, in one word."""
    response = getattr(client, method)(address)
    if response.status_code in {301, 302, 303} and "/dang-nhap/" in response.headers.get("Location", ""):
        return "login"
    words = {403: "no", 404: "none", 405: "-", 410: "gone", 401: "login", 429: "no"}
    return words.get(response.status_code, "ok" if response.status_code < 400 else f"{response.status_code}")


def observed(patterns: list[str], only: Collection[str] = ()) -> dict[str, str]:
    """Return one line of answers for every given address and method, of all people or of ``only`` some."""
    world = World()
    people: dict[str, Any] = {"visitor": None, "no-role": make_user(), **world.people}
    if only:
        people = {name: people[name] for name in only}
    clients = {}
    for name, person in people.items():
        clients[name] = Client(raise_request_exception=False)
        if person is not None:
            clients[name].force_login(person)
    rows = {}
    for pattern in patterns:
        two_sided = (pattern.startswith("ban-lam-viec/thu-vien/") and "<int:pk>" in pattern) or (
            pattern.startswith(
                (
                    "ban-lam-viec/cho/",
                    "ban-lam-viec/nang-luong/",
                    "ban-lam-viec/ke-hoach/",
                    "ban-lam-viec/chuong-trinh/",
                    "ban-lam-viec/bai-hoc/",
                    "ban-lam-viec/boi-duong/",
                    "ban-lam-viec/de-tai/",
                )
            )
            and ("<int:pk>" in pattern or "<slug:key>" in pattern)
        )
        sides = ("own", "other") if two_sided else ("",)
        for side in sides:
            for method in METHODS:
                got: dict[str, list[str]] = {}
                for name, client in clients.items():
                    address = fill(pattern, world, side or "own")
                    cache.clear()  # rate limits count the same visitor otherwise
                    got.setdefault(answer(client, address, method), []).append(name)
                    if "dang-xuat" in pattern and people[name] is not None:
                        client.force_login(people[name])
                most = max(got, key=lambda word: len(got[word]))
                parts = [f"others={most}"]
                parts += [
                    f"{word}={','.join(sorted(names))}" for word, names in sorted(got.items()) if word != most
                ]
                key = " ".join(part for part in (method.upper(), pattern or "(home)", side) if part)
                rows[key] = "; ".join(parts)
    return rows


def read_table() -> dict[str, str]:
    """Return the table."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {key.strip(): value.strip() for key, _, value in (line.partition(" | ") for line in lines)}


def compare(part: int, parts: int) -> None:
    """Compare every ``parts``-th address with the table."""
    patterns = sorted(set(addresses()))[part::parts]
    found, table = observed(patterns), read_table()
    mine = {key for key in table if pattern_of(key) in patterns}
    assert sorted(set(found) - set(table)) == [], "addresses that nobody has decided about"
    assert sorted(mine - set(found)) == [], "the table holds lines that nothing answers to"
    assert {key: value for key, value in found.items() if table[key] != value} == {}


def pattern_of(key: str) -> str:
    """Return the address of a line: ``GET address [own|other]``."""
    address = key.partition(" ")[2].removesuffix(" own").removesuffix(" other")
    return "" if address == "(home)" else address


def test_the_table_names_no_address_that_is_gone() -> None:
    assert {pattern_of(key) for key in read_table()} - set(addresses()) == set()


def order_of(row: tuple[str, str]) -> tuple[str, bool, str]:
    """Return what lines of the table are sorted by: the address, own before other, then the method."""
    return pattern_of(row[0]), row[0].endswith(" other"), row[0]


@pytest.mark.skipif(not os.environ.get("WRITE_TABLE"), reason="WRITE_TABLE=1 writes the table")
@pytest.mark.django_db
def test_write_the_table_anew() -> None:
    rows = {} if os.environ["WRITE_TABLE"] != "new" else read_table()
    known = {pattern_of(key) for key in rows}
    rows = dict(sorted((rows | observed(sorted(set(addresses()) - known))).items(), key=order_of))
    head = [line for line in TABLE.read_text().splitlines() if line.startswith("#")] if TABLE.exists() else []
    TABLE.write_text("\n".join([*head, *(f"{key} | {value}" for key, value in rows.items())]) + "\n")


def word_of(row: str, person: str) -> str:
    """Return what the table says of one person: ``others=no; ok=leader,auditor``."""
    words = dict(part.split("=", 1) for part in row.split("; "))
    others = words.pop("others")
    return next((word for word, names in words.items() if person in names.split(",")), others)


def told(person: str) -> None:
    """Ask every address as one person and compare with the table."""
    found, table = observed(sorted(set(addresses())), only=[person]), read_table()
    assert sorted(set(found) - set(table)) == [], "addresses that nobody has decided about"
    assert sorted(set(table) - set(found)) == [], "the table holds lines that nothing answers to"
    said = {key: word_of(row, person) for key, row in table.items()}
    assert {key: row for key, row in found.items() if word_of(row, person) != said[key]} == {}


@pytest.mark.skipif(POSTGRES, reason="the slow run asks PostgreSQL")
@pytest.mark.parametrize("person", FEW)
@pytest.mark.django_db
def test_those_with_few_rights_get_no_more_than_the_table_says(person: str) -> None:
    told(person)


@pytest.mark.skipif(POSTGRES, reason="asked of PostgreSQL in one piece")
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.django_db
def test_every_address_answers_as_the_table_says(part: int) -> None:
    compare(part, PARTS)


@pytest.mark.skipif(not POSTGRES, reason="SQLite is asked as everybody")
@pytest.mark.slow
@pytest.mark.smoke
@pytest.mark.parametrize("person", WIDE)
@pytest.mark.django_db
def test_those_with_wide_rights_get_the_same_on_postgresql(person: str) -> None:
    told(person)
