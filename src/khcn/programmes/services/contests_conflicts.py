"""Conflicts of interest: what a juror declares before anything opens, and what is found: the own school or unit."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, cast

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.collate import sort_key
from khcn.programmes.enums import JUDGED
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.contests import Conflict, Contest, Juror, Review
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting, can_keep_contest
from khcn.programmes.rules.contest_phases import juror_may
from khcn.programmes.services.conflicts import (
    Bench,
    Judged,
    known_ids,
    parties_of,
    plain,
    plain_all,
)


def entries_judged(programme_id: int) -> QuerySet[Entry]:
    """Return the accepted entries with their teams."""
    rows = Entry.objects.filter(programme=programme_id, state__in=JUDGED).select_related(
        "team", "team__party"
    )
    return cast("QuerySet[Entry]", rows)


BENCH: Final = Bench(Conflict, Review, "entry")


def judged_team(team: Team) -> Judged:
    """Return where a team comes from."""
    names = plain_all([team.organisation, team.party.name if team.party else ""])
    return Judged(parties=parties_of(team.party), units=known_ids(team.unit_id), names=names)


def conflicts_find(*, programme: Programme, now: datetime) -> int:
    """Write the conflicts that need no declaration; sheets open in spite of them are void. Twice is once."""
    on = local_date(now)
    judged = {one.pk: judged_team(one.team) for one in entries_judged(programme.pk)}
    counting = Q(removed_at=None) | Q(
        pk__in=Review.objects.filter(programme=programme, void_at=None).values("juror")
    )
    jurors = programme.jurors.filter(counting).select_related("party", "user")
    return sum(BENCH.find(juror, judged, on, now) for juror in jurors)


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
    wanted, entries = set(chosen), list(entries_judged(juror.programme_id))
    theirs = {one.pk for one in entries if plain(one.team.organisation) in wanted}
    BENCH.declare(juror, [one.pk for one in entries], theirs, now)
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
