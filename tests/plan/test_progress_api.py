"""The API of plans, tasks and work items: the same people see the same things as on the pages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.core.api.tokens import token_create
from khcn.orgs.enums import Role
from khcn.plan.enums import ItemState
from khcn.plan.models import TaskUnit
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import People, make_item, make_plan, make_task

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/plan"


def bearer(user: Any, *scopes: str, **more: Any) -> dict[str, str]:
    _row, whole = token_create(actor=user, user=user, name="Máy", scopes=scopes, now=timezone.now(), **more)
    return {"Authorization": f"Bearer {whole}"}


def get(path: str, headers: dict[str, str] | None = None, status: int = 200) -> Any:
    response = Client(headers=headers or {}).get(ROOT + path)
    assert response.status_code == status, response.content
    return json.loads(response.content)


def send(item: Any, headers: dict[str, str], **body: Any) -> Any:
    values = {"revision": 0, "state": "doing", **body}
    path = f"{ROOT}/items/{item.pk}/progress"
    return Client(headers=headers).post(path, json.dumps(values), content_type="application/json")


def test_the_public_reads_what_was_published() -> None:
    people = People()
    plan, draft = make_plan(), make_plan(state="draft")
    task = make_task(plan, lead=people.unit, text="Nguyên văn")
    TaskUnit.objects.create(task=task, unit=make_unit("Hội thử"))
    make_task(draft)
    make_item(task, difficulties="Nội bộ", due=timezone.localdate() - timedelta(days=2))
    assert [row["id"] for row in get("/plans")["items"]] == [plan.pk]
    (shown,) = get("/tasks")["items"]
    assert (shown["text"], shown["cooperating"][0]["name"]) == ("Nguyên văn", "Hội thử")
    (item,) = get("/items")["items"]
    assert (item["late"], item["difficulties"]) == (True, None)  # difficulties are said inside
    assert {row["id"] for row in get("/plans", bearer(people.reporter, "plan.read"))["items"]} == {
        plan.pk,
        draft.pk,
    }
    inside = get("/items?late=true", bearer(people.reporter, "plan.read"))["items"]
    assert inside[0]["difficulties"] == "Nội bộ"


def test_a_token_without_the_right_reads_nothing() -> None:
    get("/plans", bearer(People().reporter, "me.read"), status=403)


def test_pages_by_cursor_without_gaps_and_filters_apart() -> None:
    plan = make_plan()
    items = [make_item(make_task(plan)) for _number in range(7)]
    seen, cursor = [], ""
    while True:
        page = get(f"/items?limit=3&cursor={cursor}")
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [item.pk for item in items]
    first = get("/items?limit=3")["next"]
    get(f"/items?limit=3&late=true&cursor={first}", status=400)
    get("/items?cursor=nonsense", status=400)
    get("/items?state=nonsense", status=422)
    assert len(get(f"/items?unit={items[0].unit_id}")["items"]) == 1


def test_an_unchanged_page_is_not_sent_again() -> None:
    item = make_item(make_task(make_plan()))
    response = Client().get(ROOT + "/items")
    held = {"If-None-Match": response["ETag"]}
    assert Client(headers=held).get(ROOT + "/items").status_code == 304
    item.percent = 40
    item.save()
    assert Client(headers=held).get(ROOT + "/items").status_code == 200


def test_one_item_and_the_hidden_one() -> None:
    item = make_item(make_task(make_plan()))
    hidden = make_item(make_task(make_plan(state="draft")))
    assert get(f"/items/{item.pk}")["id"] == item.pk
    get(f"/items/{hidden.pk}", status=404)
    get("/items/99999999999999999999", status=404)


def test_a_unit_enters_its_progress() -> None:
    people = People()
    item = make_item(make_task(make_plan(), lead=people.unit))
    headers = bearer(people.reporter, "plan.write")
    response = send(item, headers, state="done", text="Qua API")
    assert response.status_code == 200
    assert json.loads(response.content)["revision"] == 1
    item.refresh_from_db()
    assert (item.state, item.result) == (ItemState.DONE, "Qua API")
    again = send(item, headers, state="done", text="Cũ")
    assert (again.status_code, json.loads(again.content)["code"]) == (409, "stale")


def test_who_may_not_write() -> None:
    people = People()
    item = make_item(make_task(make_plan(), lead=people.unit))
    other = make_member(Role.UNIT_REPORTER)
    assert send(item, {}).status_code == 401
    assert send(item, bearer(people.reporter, "plan.read")).status_code == 403
    assert send(item, bearer(other, "plan.write")).status_code == 403
    assert send(item, bearer(people.officer, "plan.write")).status_code == 403  # only own units by API
    narrow = bearer(people.reporter, "plan.write", unit_id=make_unit().pk)
    assert send(item, narrow).status_code == 403
    item.refresh_from_db()
    assert item.revision == 0


@pytest.mark.parametrize(
    "body", [{"state": "xyz"}, {"percent": 101}, {"revision": -1}, {"text": "x" * 10_001}, {"done_on": "5/6"}]
)
def test_what_does_not_fit_is_named(body: dict[str, Any]) -> None:
    people = People()
    item = make_item(make_task(make_plan(), lead=people.unit))
    response = send(item, bearer(people.reporter, "plan.write"), **body)
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")


def test_it_describes_itself() -> None:
    paths = json.loads(Client().get("/api/v1/openapi.json").content)["paths"]
    for path in ("/plans", "/tasks", "/items", "/items/{item_id}"):
        assert "get" in paths[f"{ROOT}{path}"]
    assert "post" in paths[f"{ROOT}/items/{{item_id}}/progress"]
