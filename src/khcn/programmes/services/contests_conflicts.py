"""Conflicts of interest: what a juror declares before anything opens, and what is found: the own school or unit."""

from collections.abc import Collection
from datetime import date, datetime
from typing import cast

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.models import Membership
from khcn.orgs.models.units import predecessor_ids, successor_ids
from khcn.programmes.enums import JUDGED
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.contests import Conflict, Contest, Juror, Review
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting, can_keep_contest
from khcn.programmes.rules.contest_phases import juror_may


def entries_judged(programme_id: int) -> QuerySet[Entry]:
    """Return the accepted entries with their teams."""
    rows = Entry.objects.filter(programme=programme_id, state__in=JUDGED).select_related(
        "team", "team__party"
    )
    return cast("QuerySet[Entry]", rows)


def plain(text: str) -> str:
    """Return a name of an organisation as it is compared."""
    return " ".join(fold(text).split())


def own_test(juror: Juror, on: date) -> tuple[set[int], set[int], set[str]]:
    """Return a juror's parties, units (with those before and after them) and names of both."""
    parties = {juror.party_id, juror.party.merged_into_id} if juror.party else set()
    names = {plain(juror.organisation)} | ({plain(juror.party.name)} if juror.party else set())
    rows = list(Membership.objects.in_force(on).filter(user=juror.user_id).select_related("unit"))
    ids = [row.unit_id for row in rows]
    names |= {plain(name) for row in rows for name in (row.unit.name, row.unit.short_name)}
    units = predecessor_ids(ids, on) | set(successor_ids(ids)) if ids else set()
    return {one for one in parties if one}, units, names - {""}


def is_own(team: Team, own: tuple[set[int], set[int], set[str]]) -> bool:
    """Whether a team comes from the juror's own school, enterprise or unit."""
    parties, units, names = own
    party = {team.party_id, team.party.merged_into_id if team.party else None} - {None}
    theirs = {plain(team.organisation), plain(team.party.name) if team.party else ""} - {""}
    return bool(party & parties or team.unit_id in units or theirs & names)


def conflicts_find(*, programme: Programme, now: datetime) -> int:
    """Write the conflicts that need no declaration; sheets open in spite of them are void. Twice is once."""
    found, on, entries = 0, local_date(now), list(entries_judged(programme.pk))
    counting = Q(removed_at=None) | Q(
        pk__in=Review.objects.filter(programme=programme, void_at=None).values("juror")
    )
    for juror in programme.jurors.filter(counting).select_related("party"):
        own = own_test(juror, on)
        known = {row.entry_id: row for row in Conflict.objects.filter(juror=juror, revoked_at=None)}
        for entry in entries:
            row = known.get(entry.pk)
            if not is_own(entry.team, own) or (row is not None and row.found):
                continue
            conflict_put(juror, entry.pk, row, _("Cùng trường, đơn vị"), now, found=True)
            found += 1
    return found


def conflict_put(
    juror: Juror, entry: int, row: Conflict | None, reason: str, now: datetime, *, found: bool = False
) -> None:
    if row is None:
        row = Conflict(juror=juror, entry_id=entry)
    row.has_conflict, row.declared_at, row.reason = True, now, reason
    row.found = row.found or found
    row.save()
    Review.objects.filter(juror=juror, entry=entry, void_at=None).update(void_at=now, void_reason=reason)


def organisations(programme_id: int) -> list[tuple[str, str]]:
    """Return (key, name) of everybody that takes part, by name: no code, no team, no person stands beside them."""
    named = {plain(one.team.organisation): one.team.organisation for one in entries_judged(programme_id)}
    named.pop("", None)
    return sorted(named.items(), key=lambda one: (sort_key(one[1]), one[0]))


@transaction.atomic
def conflicts_declare(
    *, actor: Actor, juror: Juror, chosen: Collection[str], confirmed: bool, now: datetime
) -> None:
    """Declare about every accepted entry at once: ``chosen`` are keys of :func:`organisations`.

    A conflict once declared stays; one that was found stays whatever is declared. :raises ProgrammeError: not now, not confirmed.
    """
    if actor_id(actor) != juror.user_id or juror.removed_at is not None:
        raise PermissionDeniedError(_("Mỗi giám khảo tự khai cho mình."))
    contest = Contest.objects.select_for_update().get(programme=juror.programme_id)
    if not juror_may(contest.phase).declare:
        raise ProgrammeError(_("Lúc này chưa đến hoặc đã qua giai đoạn khai xung đột lợi ích."))
    if not confirmed:
        raise ProgrammeError(_("Hãy đánh dấu cam kết trước khi gửi."), field="confirmed")
    conflicts_find(programme=juror.programme, now=now)
    known = {row.entry_id: row for row in Conflict.objects.filter(juror=juror, revoked_at=None)}
    wanted = set(chosen)
    for entry in entries_judged(juror.programme_id):
        row = known.get(entry.pk)
        if row is not None and row.has_conflict:
            continue
        if plain(entry.team.organisation) in wanted:
            conflict_put(juror, entry.pk, row, _("Giám khảo tự khai"), now)
        elif row is None:
            Conflict.objects.create(juror=juror, entry=entry, has_conflict=False, declared_at=now)
    audit_record(
        actor=actor, action="programmes.conflict.declare", target=juror, after={"chosen": len(wanted)}, at=now
    )


@transaction.atomic
def conflict_revoke(*, actor: Actor, conflict: Conflict, reason: str, now: datetime) -> None:
    """Undo a declared conflict, which the juror must then declare anew. :raises ProgrammeError: it was found, no reason."""
    if not can_keep_contest(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Cuộc thi do chuyên viên của đơn vị đầu mối tổ chức."))
    if conflict.found or not conflict.has_conflict:
        raise ProgrammeError(_("Xung đột do cùng trường, cùng đơn vị thì không bỏ được."))
    if not reason.strip():
        raise ProgrammeError(_("Hãy ghi lý do."), field="reason")
    if Conflict.objects.filter(pk=conflict.pk, revoked_at=None, found=False).update(revoked_at=now):
        audit_record(
            actor=actor,
            action="programmes.conflict.revoke",
            target=conflict,
            reason=reason.strip()[:500],
            at=now,
        )
