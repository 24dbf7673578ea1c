"""Everything that the OpenAPI document says of the whole API, tried by schemathesis: good data and bad, token and none.

In-process over WSGI, all checks. What a schema cannot say is allowed to be refused with a reason: a cursor that was never
given out or a draft that lacks something (400), a state that has moved on (409, 412), a condition left out (428).
"""

from collections.abc import Iterator
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from khcn.core.api.tokens import api_scopes, token_create
from khcn.library.enums import WorkState
from khcn.library.models import Collection
from khcn.orgs.enums import Role
from tests.library.makers import make_batch, make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit

REFUSED = ["2xx", "304", "400", "401", "403", "404", "409", "412", "428"]
CONFIG: dict[str, Any] = {
    "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}},
    "generation": {"allow-x00": True},
}
LOOK = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)


@pytest.fixture
def world(db: Any, settings: Any) -> dict[str, str]:
    """A library with something in it, no limits, and the tokens of three callers."""
    settings.KHCN = settings.KHCN.model_copy(
        update={"api_limit_address": 0, "api_limit_token": 0, "api_writes_day": 0}
    )
    cache.clear()
    unit = make_unit("Đơn vị")
    callers = {"visitor": ""}
    for role in (Role.CONTRIBUTOR, Role.LIBRARIAN):
        user = make_member(role, unit)
        # All rights that tokens have, whatever the role: what the person may not do must be refused all the same.
        row, whole = token_create(actor=user, user=user, name="Máy", scopes=["me.read"], now=timezone.now())
        type(row).objects.filter(pk=row.pk).update(scopes=[key for key, _title in api_scopes.items()])
        callers[role.value] = whole
        make_work("Nháp", owner_unit=unit, submitted_by=user)
        make_batch(user, unit)
    work = make_work("Kế hoạch", state=WorkState.PUBLISHED, kind="legal", legal={"number": "82/KH-UBND"})
    make_page(work, text="Một trang chữ.")
    work.collections.add(make_term(Collection, "Kế hoạch"))
    return callers


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection open: a real request would close it at its end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def document(token: str) -> Any:
    """The document as this installation gives it out; ``token`` goes with every request that is not to lack it."""
    signed = {"auth": {"openapi": {"TokenAuth": {"bearer": token}}}} if token else {}
    config = SchemathesisConfig.from_dict(CONFIG | signed)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)


def tried(document: Any) -> list[str]:
    """Try every operation with good data and with bad; return what was found, a paragraph an operation."""
    found = []
    for result in document.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @LOOK
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case: Any) -> None:
                cache.clear()
                case.call_and_validate()

            try:
                check()
            except (Unsatisfiable, SkipTest):
                continue  # an operation without parameters has no bad data
            except (Exception, BaseExceptionGroup) as error:  # one paragraph each, all of them at the end
                found.append(f"{operation.label} ({mode.value}): {error}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("who", ["visitor", "contributor", "librarian"])
@pytest.mark.usefixtures("one_connection")
def test_the_api_keeps_what_its_document_says(world: dict[str, str], who: str) -> None:
    found = tried(document(world[who]))
    assert not found, "\n\n".join(found)
