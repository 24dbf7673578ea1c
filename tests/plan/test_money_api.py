"""The API of money: the same people, the same lines, the same rules; nothing for the public."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.core.api.tokens import token_create
from khcn.orgs.enums import Role
from khcn.plan.models import MoneyEntry
from tests.orgs.factories import make_member
from tests.plan.factories import TODAY, People, make_estimate, make_line

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/plan/money"
M = 1_000_000


def bearer(user: Any, *scopes: str) -> dict[str, str]:
    _row, whole = token_create(actor=user, user=user, name="Máy", scopes=scopes, now=timezone.now())
    return {"Authorization": f"Bearer {whole}"}


class Api:
    """A line of the unit and one of the focal unit."""

    def __init__(self) -> None:
        self.people = People()
        self.estimate = make_estimate()
        self.own = make_line(self.estimate, self.people.unit, title="Của đơn vị")
        self.other = make_line(self.estimate, self.people.focal, title="Của đầu mối")

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return Client(headers=headers or {}).get(ROOT + path)

    def send(self, headers: dict[str, str] | None = None, line: Any = None, **body: Any) -> Any:
        values = {
            "kind": "commitment",
            "amount": 2 * M,
            "happened_on": TODAY.isoformat(),
            "text": "In",
            "reference": "a1",
            **body,
        }
        path = f"{ROOT}/lines/{(line or self.own).pk}/entries"
        return Client(headers=headers or {}).post(path, json.dumps(values), content_type="application/json")


def test_who_reads_which_lines() -> None:
    api = Api()
    assert api.get("/lines").status_code == 401
    assert api.get("/lines", bearer(api.people.reporter, "plan.write")).status_code == 403
    seen = {
        name: {
            row["title"]
            for row in json.loads(api.get("/lines?year=2026", bearer(user, "plan.read")).content)["items"]
        }
        for name, user in (
            ("reporter", api.people.reporter),
            ("finance", api.people.finance),
            ("clerk", api.people.clerk),
        )
    }
    assert seen == {"reporter": {"Của đơn vị"}, "finance": {"Của đơn vị", "Của đầu mối"}, "clerk": set()}
    for line, code in ((api.own, 200), (api.other, 404)):
        assert (
            api.get(f"/lines/{line.pk}/entries", bearer(api.people.reporter, "plan.read")).status_code == code
        )


def test_an_entry_by_api_waits_and_is_entered_once() -> None:
    api = Api()
    head = bearer(api.people.reporter, "plan.write", "plan.read")
    first, again = api.send(head), api.send(head)
    assert (first.status_code, first.content) == (200, again.content)
    made = json.loads(first.content)
    assert (Decimal(made["amount"]), made["state"]) == (2 * M, "proposed")
    paid = api.send(head, kind="disbursement", commitment_id=made["id"], amount=M, reference="a2")
    assert paid.status_code == 200
    assert MoneyEntry.objects.count() == 2
    (line,) = json.loads(api.get("/lines", head).content)["items"]
    assert (Decimal(line["free"]), Decimal(line["paid"])) == (8 * M, M)
    listed = json.loads(api.get(f"/lines/{api.own.pk}/entries", head).content)["items"]
    assert [row["kind"] for row in listed] == ["commitment", "disbursement"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 10 * M + 1}, 422), ({"amount": 0}, 422), ({"amount": "1.5"}, 422), ({"kind": "allocation"}, 422),
        ({"happened_on": "2031-01-01"}, 422), ({"kind": "disbursement"}, 422), ({"text": ""}, 422), ({"reference": ""}, 422),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(change: dict[str, Any], code: int) -> None:
    api = Api()
    response = api.send(bearer(api.people.reporter, "plan.write"), **change)
    assert (response.status_code, response["Content-Type"]) == (code, "application/problem+json")
    assert not MoneyEntry.objects.exists()


def test_who_may_not_write() -> None:
    api = Api()
    assert api.send().status_code == 401
    assert api.send(bearer(api.people.reporter, "plan.read")).status_code == 403
    assert api.send(bearer(api.people.leader, "plan.write")).status_code == 403
    assert api.send(bearer(make_member(Role.UNIT_REPORTER), "plan.write")).status_code == 404
    assert api.send(bearer(api.people.reporter, "plan.write"), line=api.other).status_code == 404
    assert not MoneyEntry.objects.exists()
