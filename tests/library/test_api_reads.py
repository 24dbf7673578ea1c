"""Reading the library by programs: lists, cursors, filters, ETags; the same people see the same as on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from khcn.library.enums import WorkState
from khcn.library.models import Collection, Subject, Work, WorkRelation
from khcn.library.selectors.records import ark
from khcn.orgs.enums import Role
from tests.library.api_callers import ROOT, Program
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db


def published(title: str = "Tài liệu", **fields: Any) -> Work:
    return make_work(title, state=WorkState.PUBLISHED, **fields)


def walk(program: Program, query: str = "", between: Any = None) -> list[int]:
    seen, cursor = [], ""
    while True:
        page = program.get(f"/works?limit=3&{query}&cursor={cursor}")
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        if not cursor:
            return seen
        if between:
            between()


def test_the_public_reads_what_is_published() -> None:
    work = published(
        "Kế hoạch 82", kind="legal", legal={"number": "82/KH-UBND", "organ_name": "UBND"}, issued_year=2021
    )
    make_work("Nháp")
    (row,) = Program().get("/works")["items"]
    assert (row["id"], row["ark"], row["legal"]["number"], row["handling"]) == (
        work.pk,
        ark(work.pk),
        "82/KH-UBND",
        None,
    )
    assert Program().get(f"/works/{work.pk}") == row
    assert Program().get(f"/resolve?ark={row['ark']}") == row
    Program().get("/resolve?ark=ark:/99999/kzzz", status=404)


@pytest.mark.parametrize("order", ["newest", "oldest", "updated", "title", "number"])
def test_every_order_shows_every_work_once_while_others_come_in(order: str) -> None:
    works = [published(f"Việc {number % 3}") for number in range(8)]
    now = timezone.now()
    for number, work in enumerate(works):  # three share each moment
        at = now + timedelta(microseconds=number // 3)
        Work.objects.filter(pk=work.pk).update(published_at=at, updated_at=at)

    def add() -> None:
        if Work.objects.count() < 14:
            published("Việc mới")

    seen = walk(Program(), f"order={order}", add)
    assert len(seen) == len(set(seen))
    assert set(seen) >= {work.pk for work in works}


def test_what_changes_while_somebody_reads_comes_again_at_the_end() -> None:
    works = [published(f"Việc {number}") for number in range(5)]
    first = works[0]

    def change() -> None:
        Work.objects.filter(pk=first.pk).update(updated_at=timezone.now() + timedelta(minutes=1))

    assert walk(Program(), "order=updated", change)[-1] == first.pk
    since = (timezone.now() + timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
    assert walk(Program(), f"order=updated&updated_since={since}") == [first.pk]


def test_filters() -> None:
    shelf, subject = make_term(Collection, "Kế hoạch"), make_term(Subject, "Giáo dục")
    one = published("Một", kind="report", language="en", issued_year=2020)
    two = published("Hai", issued_year=2022)
    one.collections.add(shelf)
    two.subjects.add(subject)
    program = Program()
    for query, found in (
        ("kind=report", [one]),
        ("language=en", [one]),
        ("collection=ke-hoach", [one]),
        ("subject=giao-duc", [two]),
        ("audience=khong-co", []),
        ("year_from=2021", [two]),
        ("year_to=2021", [one]),
        ("year_from=2020&year_to=2022&order=number", [one, two]),
    ):
        assert walk(program, query) == [work.pk for work in found], query
    for wrong in (
        "kind=xyz",
        "year_from=abc",
        "order=random",
        "limit=0",
        "limit=1000",
        "updated_since=hom-qua",
    ):
        program.get(f"/works?{wrong}", status=422)
    cursor = program.get("/works?limit=1")["next"]
    program.get(f"/works?limit=1&kind=report&cursor={cursor}", status=400)


def test_counts_of_shelves() -> None:
    shelf = make_term(Collection, "Kế hoạch")
    published().collections.add(shelf)
    make_work("Nháp").collections.add(shelf)
    assert Program().get("/collections") == [
        {"key": "ke-hoach", "name": "Kế hoạch", "description": "", "works": 1}
    ]
    assert Program().get("/subjects") == Program().get("/audiences") == []


def test_pages_and_relations() -> None:
    work, other, secret = published("Một"), published("Hai"), make_work("Mật")
    for number in (1, 2, 3):
        make_page(work, number, f"Trang {number}")
    for source in (other, secret):
        WorkRelation.objects.create(work=source, target=work, kind="amends")
    WorkRelation.objects.create(work=work, target=secret, kind="replaces", cited_number="9/QĐ")
    page = Program().get(f"/works/{work.pk}/pages?limit=2")
    assert [row["text"] for row in page["items"]] == ["Trang 1", "Trang 2"]
    rest = Program().get(f"/works/{work.pk}/pages?limit=2&cursor={page['next']}")
    assert ([row["number"] for row in rest["items"]], rest["next"]) == ([3], None)
    found = Program().get(f"/works/{work.pk}/relations")
    assert [row["title"] for row in found["incoming"]] == ["Hai"]
    assert [(row["number"], row["title"], row["url"]) for row in found["outgoing"]] == [("9/QĐ", "", "")]


@pytest.mark.parametrize(
    "path", ["/works", "/works/{pk}", "/works/{pk}/pages", "/works/{pk}/files", "/works/{pk}/relations",
             "/collections", "/search?q=", "/suggestions?q=Tai"],
)  # fmt: skip
def test_what_is_held_already_is_not_sent_again(path: str) -> None:
    path = path.format(pk=published().pk)
    _body, response = Program().answer("get", path, status=200)
    held = {"If_None_Match": response["ETag"]}
    _body, again = Program().answer("get", path, status=304, headers=held)
    assert (again.content, again["ETag"]) == (b"", response["ETag"])
    assert "Authorization" in again["Vary"]


def test_a_change_makes_another_etag() -> None:
    work = published()
    _body, response = Program().answer("get", f"/works/{work.pk}")
    Work.objects.filter(pk=work.pk).update(abstract="Khác")
    Program().get(f"/works/{work.pk}", If_None_Match=response["ETag"])


def test_every_answer_says_what_is_left_of_the_minute() -> None:
    _body, first = Program().answer("get", "/works")
    _body, second = Program().answer("get", "/works/999", status=404)
    assert int(first["RateLimit-Remaining"]) - int(second["RateLimit-Remaining"]) == 1
    assert int(first["RateLimit-Limit"]) > 0 and 1 <= int(first["RateLimit-Reset"]) <= 60


def test_limits_bind_for_each_token_and_each_address(settings: Any) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"api_limit_address": 2, "api_limit_token": 3})
    program = Program(make_member(Role.CONTRIBUTOR), "library.read")
    assert [program.answer("get", "/works")[1].status_code for _n in range(4)] == [200, 200, 200, 429]
    answers = [Program().answer("get", "/works")[1] for _n in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1]["RateLimit-Remaining"] == "0"
    assert answers[-1]["Retry-After"]


def test_restricted_works_by_token() -> None:
    """A token limited to one unit reads nothing of the person's other units; without the right it reads the public's."""
    unit, other = make_unit(), make_unit()
    user = make_member(Role.CONTRIBUTOR, unit)
    from tests.orgs.factories import give_role

    give_role(user, Role.CONTRIBUTOR, other)
    open_ = published("Mở")
    signed = published("Có đăng nhập", visibility="signed_in")
    ours = published("Của ta", visibility="units")
    theirs = published("Của họ", visibility="units")
    ours.units.add(unit)
    theirs.units.add(other)
    librarian = make_member(Role.LIBRARIAN)
    for program, found in (
        (Program(), [open_]),
        (Program(user, "me.read"), [open_]),
        (Program(user, "library.deposit"), [open_]),
        (Program(user, "library.read"), [open_, signed, ours, theirs]),
        (Program(user, "library.read", unit=unit), [open_, signed, ours]),
        (Program(librarian, "library.read"), [open_, signed, ours, theirs]),
        (Program(librarian, "library.read", unit=other), [open_, signed]),
    ):
        ids = [work.pk for work in found]
        assert walk(program, "order=number") == ids
        for work in (open_, signed, ours, theirs):
            program.get(f"/works/{work.pk}", status=200 if work.pk in ids else 404)


def test_addresses_that_are_none() -> None:
    for path in (
        "/works/0",
        "/works/99999999999999999999",
        "/works/1/files/1/content",
        "/khong-co",
        "/batches/x",
    ):
        body, response = Program().answer("get", path, status=404)
        assert response["Content-Type"] == "application/problem+json"
        assert body["instance"] == ROOT + path
