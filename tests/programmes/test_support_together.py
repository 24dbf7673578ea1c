"""Two at once: one approval, one payment, one request, whoever is quicker. Real threads on a real database."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from khcn.core.errors import KhcnError
from khcn.programmes.models.support import Handover, SupportRequest
from khcn.programmes.services.support_decisions import request_approve
from khcn.programmes.services.support_loans import asset_add, asset_lend
from tests.plan.factories import make_estimate, make_line
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.support_factories import TASK, M, approved, funded, grants, hand, make_call

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Return what each deed gave, or the error that it was refused with."""
    barrier, results = Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = deeds[place]()
        except KhcnError as error:
            results[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_people_approve_at_once() -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK)
    row = funded(people, make_call(people))

    def approve(actor: Any, two: int) -> Callable[[], Any]:
        return lambda: request_approve(
            actor=actor, request_id=row.pk, grants=grants(2, two), note="", now=NOW
        )

    results = at_once(approve(people.focal_head, 4), approve(people.leader, 3))
    assert sum(isinstance(one, KhcnError) for one in results) == 1
    line.refresh_from_db()
    row.refresh_from_db()
    assert line.committed == row.approved
    assert row.approved in {7 * M, 8 * M}


def test_a_double_click_approves_and_pays_once() -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK)
    row = funded(people, make_call(people))
    click = lambda: request_approve(  # noqa: E731  # the same press twice
        actor=people.focal_head, request_id=row.pk, grants=grants(), note="", now=NOW
    )
    assert not any(isinstance(one, KhcnError) for one in at_once(click, click))
    pay = lambda: hand(people, row, 1, 1, key="the-same-key")  # noqa: E731
    assert not any(isinstance(one, KhcnError) for one in at_once(pay, pay, pay))
    line.refresh_from_db()
    assert (line.committed, line.paid, Handover.objects.count()) == (8 * M, 3 * M, 1)


def test_two_hand_overs_at_once_never_pass_what_was_approved() -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK)
    row = approved(people, make_call(people))
    at_once(*(lambda key=f"key-no-{number}": hand(people, row, 2, 1, key=key) for number in range(3)))
    line.refresh_from_db()
    assert line.paid == SupportRequest.objects.get(pk=row.pk).delivered == 5 * M


def test_one_thing_is_lent_to_one() -> None:
    people = People()
    thing = asset_add(actor=None, unit=people.unit, serial="A-1", name="Máy in 3D", condition="", now=NOW)

    def lend(name: str) -> Callable[[], Any]:
        return lambda: asset_lend(
            actor=people.officer, asset_id=thing.pk, borrower=name, contact="", due_on=TODAY, now=NOW
        )

    results = at_once(lend("Một"), lend("Hai"), lend("Ba"))
    assert sum(isinstance(one, KhcnError) for one in results) == 2
    assert thing.loans.count() == 1
