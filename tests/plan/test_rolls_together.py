"""Two officers press at once; two edit the same words: one report, no lost edit. On both databases."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from khcn.plan.enums import RollState
from khcn.plan.errors import StaleError
from khcn.plan.models import Consolidation, RollText
from khcn.plan.services.rolls import roll_start, roll_text_edit, text_mark
from khcn.plan.services.rolls_approval import roll_submit
from tests.orgs.factories import give_role, make_user
from tests.plan.roll_stories import NOW, Story, total

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Run deeds in threads of their own, begun together; return what each gave, or its refusal."""
    gate, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        try:
            gate.wait(10)
            results[place] = deeds[place]()
        except Exception as error:  # handed back to the story
            results[place] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def officers(story: Story) -> list[Any]:
    second = make_user()
    give_role(second, "focal_officer", story.people.focal)  # type: ignore[arg-type]
    return [story.people.officer, second]


def test_two_presses_make_one_report() -> None:
    story = Story()
    made = at_once([
        lambda who=who: roll_start(actor=who, period=story.period, now=NOW) for who in officers(story) * 2
    ])  # fmt: skip
    assert [one for one in made if isinstance(one, Exception)] == []
    assert {roll.pk for roll in made} == {Consolidation.objects.get().pk}
    roll = Consolidation.objects.get()
    assert total(roll.totals, "people_trained")["value"] == "87"
    assert RollText.objects.filter(roll=roll).count() == 2


def test_two_edits_of_one_heading_keep_exactly_one() -> None:
    story = Story()
    roll = story.start()
    shown = text_mark(roll.texts.get(order=1).text)
    results = at_once([
        lambda who=who, words=words: roll_text_edit(
            actor=who, roll=roll, order=1, text=words, shown=shown, now=NOW
        )
        for who, words in zip(officers(story), ("Một", "Hai"), strict=True)
    ])  # fmt: skip
    kept = [one.text for one in results if isinstance(one, RollText)]
    assert len(kept) == 1
    assert sum(isinstance(one, StaleError) for one in results) == 1
    assert roll.texts.get(order=1).text == kept[0]


def test_an_edit_and_a_submission_do_not_pass_each_other() -> None:
    """Either the edit came first and the submission is refused as stale, or the submission and the edit is refused."""
    story = Story()
    roll = story.start()
    shown = text_mark(roll.texts.get(order=1).text)
    who = story.people.officer
    edited, submitted = at_once([
        lambda: roll_text_edit(actor=who, roll=roll, order=1, text="Khác", shown=shown, now=NOW),
        lambda: roll_submit(actor=who, roll=roll, revision=roll.revision, now=NOW),
    ])  # fmt: skip
    roll.refresh_from_db()
    if roll.state == RollState.SUBMITTED:
        assert isinstance(edited, Exception)
        assert roll.texts.get(order=1).text != "Khác"
    else:
        assert isinstance(submitted, StaleError)
        assert roll.texts.get(order=1).text == "Khác"
    assert connection.vendor in ("sqlite", "postgresql")
