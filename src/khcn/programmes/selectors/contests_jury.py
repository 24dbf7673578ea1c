"""What one juror sees: own contests, own sheets, the anonymous side of the entries given to them. Nothing else."""

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from khcn.programmes.enums import JUDGED, PhaseKind
from khcn.programmes.models.contests import Conflict, Contest, Juror, Review
from khcn.programmes.models.entries import Entry, EntryFile
from khcn.programmes.permissions import can_read_entries, reach_of
from khcn.programmes.rules.contest_phases import juror_may


@dataclass(frozen=True, slots=True)
class JurorFile:
    """A file under a neutral name."""

    pk: int
    title: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class JurorEntry:
    """All that a juror learns of an entry."""

    code: str
    title: str
    summary: str
    files: tuple[JurorFile, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """A juror's place in one contest and what comes next there."""

    juror: Juror
    contest: Contest
    undeclared: int
    given: int
    done: int

    @property
    def must_declare(self) -> bool:
        """Whether something is to be declared now."""
        return juror_may(self.contest.phase).declare and self.undeclared > 0

    @property
    def scores(self) -> bool:
        """Whether sheets may be written now."""
        return juror_may(self.contest.phase).score and not self.undeclared


def seats_of(user: Any) -> list[Seat]:
    """Return the contests where a person sits as juror now, those with work first. Four queries at most."""
    rows = Juror.objects.filter(user=user.pk, removed_at=None, programme__contest__isnull=False)
    found = _seats(list(rows.select_related("programme__contest").order_by("-pk")[:50]))
    return sorted(found, key=lambda one: not (one.must_declare or one.scores))


def _seats(jurors: list[Juror]) -> list[Seat]:
    """Return seats; what a phase does not open counts 0."""
    busy = [one for one in jurors if juror_may(one.programme.contest.phase).declare]
    reading = [one for one in jurors if juror_may(one.programme.contest.phase).read]
    entries, known, given, done = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    if busy:
        accepted = Entry.objects.filter(programme__in=[one.programme_id for one in busy], state__in=JUDGED)
        entries.update(accepted.values_list("programme", flat=True))
        rows = Conflict.objects.filter(juror__in=busy, revoked_at=None, entry__state__in=JUDGED)
        known.update(rows.values_list("juror", flat=True))
    if reading:
        for juror, at in standing_reviews().filter(juror__in=reading).values_list("juror", "submitted_at"):
            given[juror] += 1
            done[juror] += at is not None
    seats = []
    for one in jurors:
        left = max(0, entries[one.programme_id] - known[one.pk])
        seats.append(
            Seat(one, one.programme.contest, left, 0 if left else given[one.pk], 0 if left else done[one.pk])
        )
    return seats


def seat_of(user: Any, programme_id: int) -> Seat | None:
    """Return a person's seat in one contest."""
    rows = Juror.objects.filter(
        user=user.pk, removed_at=None, programme=programme_id, programme__contest__isnull=False
    )
    juror = rows.select_related("programme__contest", "party").first()
    return _seats([juror])[0] if juror else None


def standing_reviews() -> QuerySet[Review]:
    """Return sheets that stand, of entries that are still judged and without a conflict of their juror."""
    closed = Conflict.objects.filter(
        juror=OuterRef("juror"), entry=OuterRef("entry"), revoked_at=None, has_conflict=True
    )
    return Review.objects.filter(~Exists(closed), void_at=None, entry__state__in=JUDGED)


def own_reviews(juror: Juror) -> QuerySet[Review]:
    """Return a juror's standing sheets."""
    return standing_reviews().filter(juror=juror)


def open_seat(user: Any, programme_id: int) -> Seat | None:
    """Return the seat of a juror who may read entries now: the phase allows it, everything is declared, and the person
    has not been given a role since that reads names.
    """
    seat = seat_of(user, programme_id)
    if (
        seat is None
        or not juror_may(seat.contest.phase).read
        or seat.undeclared
        or can_read_entries(reach_of(user))
    ):
        return None
    return seat


def review_of(user: Any, pk: int) -> tuple[Review, Seat] | None:
    """Return a person's own sheet; ``None`` for every other one, and whenever entries are closed to them."""
    review = (
        Review.objects.select_related("entry", "rules", "juror").filter(pk=pk, juror__user=user.pk).first()
    )
    seat = open_seat(user, review.programme_id) if review else None
    if review is None or seat is None or not own_reviews(seat.juror).filter(pk=pk).exists():
        return None
    return review, seat


def next_review(juror: Juror) -> Review | None:
    """Return the open sheet whose entry has the fewest submitted ones."""
    rows = (
        own_reviews(juror)
        .filter(submitted_at=None)
        .annotate(
            others=Count(
                "entry__reviews",
                filter=Q(entry__reviews__void_at=None) & ~Q(entry__reviews__submitted_at=None),
            )
        )
    )
    return rows.order_by("others", "entry__code").first()


def juror_entry(juror: Juror, entry: Entry) -> JurorEntry:
    """Return the anonymous side of an entry; whether the juror may read it is asked before."""
    shown = EntryFile.objects.filter(entry=entry, shown_to_jurors=True).order_by("pk")
    files = tuple(
        JurorFile(one.pk, f"{entry.code}-{number}{PurePath(one.name).suffix}", one.size, one.name)
        for number, one in enumerate(shown, 1)
    )
    return JurorEntry(
        entry.code, entry.anonymous_title or entry.title, entry.anonymous_summary or entry.summary, files
    )


def juror_file(user: Any, pk: int) -> JurorFile | None:
    """Return a file of an entry that a person judges now."""
    row = EntryFile.objects.select_related("entry").filter(pk=pk, shown_to_jurors=True).first()
    seat = open_seat(user, row.entry.programme_id) if row else None
    if row is None or seat is None or not own_reviews(seat.juror).filter(entry=row.entry_id).exists():
        return None
    return next((one for one in juror_entry(seat.juror, row.entry).files if one.pk == pk), None)


def works_left(seat: Seat) -> int:
    """Return how many sheets a juror still has to submit."""
    return seat.given - seat.done if seat.contest.phase == PhaseKind.JUDGING else 0
