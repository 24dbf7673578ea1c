"""All hits of a question as ids: the same works in the same order as page after page of the result, and no more."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from khcn.library.search.facade import matching_ids, search
from khcn.library.search.types import MAX_OFFSET, SearchQuery, Sort
from tests.library.search.shelf import NOW, Shelf, work

pytestmark = pytest.mark.django_db
WORDS = ("kế hoạch", "báo cáo", "nghiên cứu", "đo lường")


def _fill(shelf: Shelf, count: int) -> None:
    shelf.put(
        *(
            work(
                pk,
                f"{WORDS[pk % 4]} số {pk}",
                f"{WORDS[pk % 3]} năm {pk}",
                facets={"kind": ("legal" if pk % 2 else "report",)},
                date=date(2020, 1, 1) + timedelta(days=pk % 40),
            )
            for pk in range(1, count + 1)
        )
    )


def _by_pages(query: SearchQuery) -> list[int]:
    found: list[int] = []
    while hits := search(replace(query, offset=len(found), limit=17)).hits:
        found += [hit.work_id for hit in hits]
    return found


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("", {}),
        ("", {"kind": ("legal",)}),
        ("kế hoạch", {}),
        ("kế hoạch", {"kind": ("report",)}),
        ('"nghiên cứu"', {}),
        ("kế hoạch nghiên cứu đo lường báo cáo năm trước", {}),
    ],
)
def test_the_same_works_in_the_same_order_as_the_pages(
    shelf: Shelf, text: str, filters: dict[str, tuple[str, ...]], sort: Sort
) -> None:
    _fill(shelf, 90)
    query = SearchQuery(text, now=NOW, filters=filters, sort=sort)
    expected = _by_pages(query)
    assert len(expected) > 17
    assert matching_ids(replace(query, offset=30, limit=5)) == expected
    assert matching_ids(query, cap=20) == expected[:20]


def test_beyond_the_deepest_page(shelf: Shelf) -> None:
    _fill(shelf, MAX_OFFSET + 250)
    found = matching_ids(SearchQuery("", now=NOW, filters={"kind": ("legal", "report")}))
    assert sorted(found) == list(range(1, MAX_OFFSET + 251))


def test_closed_and_later_works_stay_hidden(shelf: Shelf) -> None:
    shelf.put(
        work(1, "bí mật chung"),
        work(2, "bí mật của đơn vị", access=("unit:5", "staff")),
        work(3, "bí mật ngày mai", available_from=NOW + timedelta(days=1)),
        work(4, "bí mật hôm qua", available_from=NOW - timedelta(days=1)),
    )

    def ids(*access: str) -> set[int]:
        return set(matching_ids(SearchQuery("bí mật", now=NOW, access=frozenset(access))))

    assert ids("public") == {1, 4}
    assert ids("public", "unit:5") == {1, 2, 4}
    assert ids("public", "staff") == {1, 2, 3, 4}


@pytest.mark.parametrize("text", ['"', "' OR 1=1 --", "a" * 5000, "*:*", "\\", "(((", "%s {} {0}", "кот ∅"])
def test_hostile_questions_are_only_words(library: Shelf, text: str) -> None:
    assert set(matching_ids(SearchQuery(text, now=NOW))) <= set(range(1, 7))


def test_pages_of_one_work_are_no_works(library: Shelf) -> None:
    with pytest.raises(ValueError, match="inside one work"):
        matching_ids(SearchQuery("đo", now=NOW, page_in_work=6))
    with pytest.raises(ValueError, match="cap"):
        matching_ids(SearchQuery("đo", now=NOW), cap=0)
