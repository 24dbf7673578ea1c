"""Conflicts of interest of a council, whatever it judges: what is found by itself, what is declared, what it voids.

Contests and the councils of research topics keep their rows in models of their own on the same fields
(:mod:`khcn.programmes.models.judging`); a :class:`Bench` names them, the rest is one code.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from khcn.engines.text.fold import fold
from khcn.orgs.models import Membership, Party
from khcn.orgs.models.units import predecessor_ids, successor_ids


@dataclass(frozen=True, slots=True)
class Own:
    """A juror: parties, units (with those before and after them), names of both; who the person is."""

    parties: frozenset[int]
    units: frozenset[int]
    names: frozenset[str]
    user_id: int
    person: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a judged thing comes from and who made it. Names are :func:`plain`."""

    parties: frozenset[int] = field(default_factory=frozenset)
    units: frozenset[int] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)
    user_ids: frozenset[int] = field(default_factory=frozenset)
    people: frozenset[str] = field(default_factory=frozenset)


def plain(text: str) -> str:
    """Return a name of an organisation or a person as it is compared."""
    return " ".join(fold(text).split())


def plain_all(texts: Iterable[str]) -> frozenset[str]:
    """Return names as they are compared, without empty ones."""
    return frozenset({plain(one) for one in texts} - {""})


def known_ids(*ids: int | None) -> frozenset[int]:
    """Return keys without those that are not known."""
    return frozenset(one for one in ids if one is not None)


def parties_of(party: Party | None) -> frozenset[int]:
    """Return a party and the one it was merged into."""
    return known_ids(party.pk, party.merged_into_id) if party else frozenset()


def own_test(juror: Any, on: date) -> Own:
    """Return what makes a thing a juror's own: a row with ``user``, ``party``, ``organisation``."""
    names = {juror.organisation, juror.party.name if juror.party else ""}
    rows = list(Membership.objects.in_force(on).filter(user=juror.user_id).select_related("unit"))
    ids = [row.unit_id for row in rows]
    names |= {name for row in rows for name in (row.unit.name, row.unit.short_name)}
    units = set(predecessor_ids(ids, on)) | set(successor_ids(ids)) if ids else set()
    person = plain(juror.user.get_full_name())
    return Own(parties_of(juror.party), frozenset(units), plain_all(names), juror.user_id, person)


def own_reason(judged: Judged, own: Own) -> str:
    """Return why a thing is a juror's own, empty when it is not."""
    if own.user_id in judged.user_ids or (own.person and own.person in judged.people):
        return _("Có tên trong nhóm thực hiện")
    if judged.parties & own.parties or judged.units & own.units or judged.names & own.names:
        return _("Cùng trường, đơn vị")
    return ""


@dataclass(frozen=True, slots=True)
class Bench:
    """The rows of one kind of council. ``name``: the column of the judged thing ("entry", "case")."""

    conflicts: Any
    reviews: Any
    name: str

    def standing(self, juror: Any) -> dict[int, Any]:
        """Return what a juror declared or what was found, by the judged thing."""
        rows = self.conflicts.objects.filter(juror=juror, revoked_at=None)
        return {getattr(row, f"{self.name}_id"): row for row in rows}

    def put(self, juror: Any, pk: int, row: Any, reason: str, now: datetime, *, found: bool = False) -> None:
        """Write a conflict; the sheet that was open in spite of it is void."""
        if row is None:
            row = self.conflicts(juror=juror, **{f"{self.name}_id": pk})
        row.has_conflict, row.declared_at, row.reason = True, now, reason[:500]
        row.found = row.found or found
        row.save()
        rows = self.reviews.objects.filter(juror=juror, void_at=None, **{self.name: pk})
        rows.update(void_at=now, void_reason=reason[:500])

    def find(self, juror: Any, judged: Mapping[int, Judged], on: date, now: datetime) -> int:
        """Write the conflicts of a juror that need no declaration; return how many are new."""
        own, known, found = own_test(juror, on), self.standing(juror), 0
        for pk, one in judged.items():
            row, reason = known.get(pk), own_reason(one, own)
            if not reason or (row is not None and row.found):
                continue
            self.put(juror, pk, row, reason, now, found=True)
            found += 1
        return found

    def declare(self, juror: Any, judged: Iterable[int], chosen: Collection[int], now: datetime) -> None:
        """Declare about everything at once: conflicts with ``chosen``, none with the rest. What stands already stays."""
        known = self.standing(juror)
        for pk in judged:
            row = known.get(pk)
            if row is not None and row.has_conflict:
                continue
            if pk in chosen:
                self.put(juror, pk, row, _("Giám khảo tự khai"), now)
            elif row is None:
                values: dict[str, Any] = {f"{self.name}_id": pk}
                self.conflicts.objects.create(juror=juror, has_conflict=False, declared_at=now, **values)

    def blocked(self, juror: Any, pk: int) -> bool:
        """Whether a juror has a conflict with a judged thing."""
        rows = self.conflicts.objects.filter(juror=juror, revoked_at=None, has_conflict=True)
        return bool(rows.filter(**{self.name: pk}).exists())
