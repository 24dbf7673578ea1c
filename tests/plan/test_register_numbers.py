"""Numbers: unique and without gaps, whoever asks, on both databases."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from khcn.plan.enums import DocumentState
from khcn.plan.models import Document, DocumentCounter
from khcn.plan.rules.register import full_number, gap_words, gaps, sound_symbol, usual_symbol
from khcn.plan.selectors.register import next_number, series_lines
from khcn.plan.services.register import RegisterError
from khcn.plan.services.register_numbers import document_number, series_join
from tests.plan.factories import NOW
from tests.plan.register_stories import Register


@pytest.mark.parametrize(
    ("numbers", "last", "expected"),
    [([], 0, []), ([1, 2, 3], 3, []), ([1, 4], 4, [(2, 3)]), ([2], 5, [(1, 1), (3, 5)]), ([], 2, [(1, 2)])],
)
def test_gaps(numbers: list[int], last: int, expected: list[tuple[int, int]]) -> None:
    assert gaps(numbers, last) == expected


def test_words_and_symbols() -> None:
    assert gap_words([(3, 3), (7, 9)]) == "03, 07-09"
    assert full_number(5, "BC-UBND") == "05/BC-UBND"
    assert full_number(None, "BC-UBND") == ""
    assert sound_symbol(" TTr - UBND ") == "TTr-UBND"
    assert sound_symbol("bc-ubnd") == sound_symbol("BC/UBND") == sound_symbol("BC--X") == ""
    assert usual_symbol("CV", "UBND", "VHXH") == "UBND-VHXH"
    assert usual_symbol("KH", "UBND") == "KH-UBND"


@pytest.mark.django_db
class TestOneByOne:
    """One clerk, one number after the other."""

    def test_each_type_and_year_counts_for_itself(self) -> None:
        story = Register()
        assert [story.number(story.signed()).number for _one in range(3)] == [1, 2, 3]
        letter = story.signed(type_code="CV", symbol="UBND-VHXH")
        assert story.number(letter).number == 1
        later = datetime(2027, 1, 4, 3, 0, tzinfo=UTC)
        new_year = document_number(actor=story.people.clerk, document=story.signed(), now=later)
        assert (new_year.number, new_year.year) == (1, 2027)

    def test_the_day_decides_the_year(self) -> None:
        story = Register()
        document = story.number(story.signed(), dated=date(2025, 12, 31))
        assert (document.year, document.number) == (2025, 1)
        for day in (date(2026, 5, 21), date(2024, 12, 31)):
            with pytest.raises(RegisterError, match="Ngày văn bản"):
                story.number(story.signed(), dated=day)

    def test_the_clerk_names_a_number(self) -> None:
        story = Register()
        assert story.number(story.signed(), number=1).number == 1
        waiting = story.signed()
        with pytest.raises(RegisterError, match="đã cấp"):
            story.number(waiting, number=1)
        with pytest.raises(RegisterError, match=r"Số kế tiếp là 02/BC-UBND"):
            story.number(waiting, number=45)
        assert story.number(waiting, number=45, reason="Đã cấp ở hệ thống khác").number == 45
        assert next_number(waiting, 2026) == 46
        assert story.number(story.signed()).number == 46
        assert story.number(story.signed(), number=7).number == 7  # a number left out may still be given
        (line,) = series_lines(None, 2026)
        assert (line.last, line.left_out) == (46, [(2, 6), (8, 44)])

    def test_numbers_out_of_range_are_refused_and_take_none(self) -> None:
        story = Register()
        document = story.signed()
        for number in (0, -1, 100_000):
            with pytest.raises(RegisterError, match="từ 1 đến"):
                story.number(document, number=number)
        assert DocumentCounter.objects.filter(last__gt=0).count() == 0
        assert story.number(document).number == 1

    def test_all_types_together_when_the_agency_chose_so(self) -> None:
        story = Register()
        series_join(actor=story.people.clerk, agency=story.agency, year=2026, now=NOW)
        assert story.number(story.signed()).number == 1
        letter = story.number(story.signed(type_code="CV", symbol="UBND-VHXH"))
        assert (letter.number, letter.series) == (2, "")
        with pytest.raises(RegisterError, match="năm sau"):
            series_join(actor=story.people.clerk, agency=story.agency, year=2026, now=NOW)

    def test_numbers_in_two_agencies_do_not_meet(self) -> None:
        story = Register()
        one = story.number(story.signed())
        other = story.number(
            story.signed(story.people.officer, agency=story.people.focal, drafting_unit=story.people.unit)
        )
        assert one.number == other.number == 1


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Run deeds in threads of their own, begun together; return what each gave, or its error."""
    gate, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        try:
            gate.wait(30)
            results[place] = deeds[place]()
        except Exception as error:  # handed back to the story
            results[place] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def ready(story: Register, count: int, **values: Any) -> list[Document]:
    """Return signed documents made by plain rows: only their numbers are looked at."""
    fields = {
        "agency": story.agency, "type_code": "BC", "symbol": "BC-UBND", "subject": "x", "state": DocumentState.SIGNED,
        "drafted_at": NOW, **values,
    }  # fmt: skip
    return [Document.objects.create(**fields) for _one in range(count)]


@pytest.mark.django_db(transaction=True)
class TestAllAtOnce:
    """Many clerks at the same moment."""

    def test_fifty_ask_and_get_one_to_fifty(self) -> None:
        story = Register()
        documents, clerk = ready(story, 50), story.people.clerk
        made = at_once([
            lambda one=one: document_number(actor=clerk, document=one, now=NOW).number for one in documents
        ])  # fmt: skip
        assert [one for one in made if isinstance(one, Exception)] == []
        assert sorted(made) == list(range(1, 51))
        assert sorted(Document.objects.values_list("number", flat=True)) == list(range(1, 51))
        assert DocumentCounter.objects.get().last == 50

    def test_a_deed_that_fails_gives_its_number_back(self) -> None:
        """Half of the documents are asked for twice: one of each pair is refused, and no number is lost."""
        story = Register()
        documents, clerk = ready(story, 10), story.people.clerk
        made = at_once([
            lambda one=one: document_number(actor=clerk, document=one, now=NOW).number
            for one in documents + documents
        ])  # fmt: skip
        assert sorted(one for one in made if isinstance(one, int)) == list(range(1, 11))
        assert sum(isinstance(one, Exception) for one in made) == 10
        assert DocumentCounter.objects.get().last == 10

    def test_the_same_number_named_twice_goes_to_one(self) -> None:
        story = Register()
        documents, clerk = ready(story, 6), story.people.clerk
        made = at_once([
            lambda one=one: document_number(actor=clerk, document=one, number=1, now=NOW).number for one in documents
        ])  # fmt: skip
        assert sum(one == 1 for one in made) == 1
        assert all(isinstance(one, RegisterError) for one in made if one != 1)

    def test_named_and_next_numbers_do_not_collide(self) -> None:
        story = Register()
        documents, clerk = ready(story, 12), story.people.clerk
        made = at_once([
            lambda one=one, number=number: document_number(
                actor=clerk, document=one, number=number, reason="ngoài", now=NOW + timedelta(seconds=1)
            ).number
            for one, number in zip(documents, [5, None] * 6, strict=True)
        ])  # fmt: skip
        given = [one for one in made if isinstance(one, int)]
        assert len(given) == len(set(given))
        assert given.count(5) <= 1
        assert all(isinstance(one, (int, RegisterError)) for one in made)
