"""What may not be read does not come out of any reading door of the API, to anybody who may not read it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.library.enums import WorkState
from khcn.library.models import Collection, Subject, Work, WorkRelation
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.orgs.enums import Role
from tests.library.api_callers import ROOT, Program
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
WORD = "zebrahipopotam"


def hidden_works(unit: Any) -> list[Work]:
    """One work in every way of not being readable, the word in each of its fields, on its page and its shelf."""
    shelf, subject = make_term(Collection, WORD), make_term(Subject, WORD)
    later = timezone.localdate() + timedelta(days=30)
    ways: list[dict[str, Any]] = [
        {"state": WorkState.DRAFT},
        {"state": WorkState.SUBMITTED},
        {"state": WorkState.RETURNED},
        {"state": WorkState.APPROVED},
        {"state": WorkState.FROZEN, "tombstone_reason": WORD},
        {"state": WorkState.WITHDRAWN, "tombstone_reason": WORD},
        {"state": WorkState.PUBLISHED, "embargo_until": later, "embargoed": True},
        {"state": WorkState.PUBLISHED, "visibility": "units"},
        {"state": WorkState.SUBMITTED, "sensitive": True},
    ]
    works = []
    for number, way in enumerate(ways):
        work = make_work(
            f"{WORD} {number}", abstract=WORD, source=WORD, creators=[{"name": WORD}], owner_unit=unit, **way
        )
        make_page(work, text=f"Trang có {WORD}.")
        work.collections.add(shelf)
        work.subjects.add(subject)
        works.append(work)
    return works


@pytest.mark.parametrize("caller", ["visitor", "public-only token", "other unit", "limited to another unit"])
def test_no_reading_door_leaks(caller: str) -> None:
    unit = make_unit()
    works = hidden_works(unit)
    shown = make_work("Mở", state=WorkState.PUBLISHED)
    for work in works:
        WorkRelation.objects.create(work=work, target=shown, kind="amends")
        WorkRelation.objects.create(work=shown, target=work, kind="replaces")
    index_enqueue([work.pk for work in [*works, shown]])
    index_drain()
    program = {
        "visitor": Program,
        "public-only token": lambda: Program(make_member(Role.CONTRIBUTOR), "me.read"),
        "other unit": lambda: Program(make_member(Role.CONTRIBUTOR), "library.read", "library.deposit"),
        "limited to another unit": lambda: Program(
            make_member(Role.LIBRARIAN), "library.read", "library.deposit", unit=make_unit()
        ),
    }[caller]()
    doors = [
        "/works?limit=200",
        "/works?order=updated",
        "/works?order=title",
        "/works?collection=zebrahipopotam",
        "/works?subject=zebrahipopotam",
        f"/works/{shown.pk}",
        f"/works/{shown.pk}/relations",
        "/collections",
        "/subjects",
        "/audiences",
        "/search?q=Mo",
        "/search?q=",
        "/search?collection=zebrahipopotam",
        "/suggestions?q=zebra",
    ]
    for door in doors:
        response = Client().get(ROOT + door, headers=program.headers)
        assert response.status_code == 200, door
        assert WORD not in response.content.decode().replace("collection=zebrahipopotam", ""), door
    found = program.get(f"/search?q={WORD}")
    assert (found["total"], found["items"], found["facets"], found["suggestion"]) == (0, [], {}, None)
    assert program.get("/search?q=")["total"] == 1
    for work in works:
        for part in ("", "/files", "/pages", "/relations", "/files/1/content"):
            assert WORD not in str(program.get(f"/works/{work.pk}{part}", status=404))
