"""The orders in which the API lists works: an index gives each of them whole, on both databases."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from khcn.core.api.paging import _after
from khcn.library.models import Work
from khcn.library.permissions import VISITOR
from khcn.library.selectors.api_works import ORDERS

# A place in the middle of each list, as its cursor holds it.
PLACES: Mapping[str, Sequence[Any]] = {
    "newest": [datetime(2026, 1, 1, tzinfo=UTC), 7],
    "oldest": [datetime(2026, 1, 1, tzinfo=UTC), 7],
    "updated": [datetime(2026, 1, 1, tzinfo=UTC), 7],
    "title": ["nang luong", 7],
    "number": [7],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("deep", [False, True])
def test_no_page_of_a_list_sorts_the_library(name: str, deep: bool) -> None:
    order = ORDERS[name]
    works = Work.objects.readable_by(VISITOR)
    if deep:
        works = works.filter(_after(order, PLACES[name]))
    if (
        connection.vendor == "postgresql"
    ):  # a table of no rows is read whole and sorted, unless that is forbidden
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off")
    plan = works.order_by(*order)[:51].explain()
    assert "library_work" in plan and "TEMP B-TREE" not in plan and "Sort" not in plan
