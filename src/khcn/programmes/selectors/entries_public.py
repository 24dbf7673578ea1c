"""What everybody reads once a result is published. Every question asks the ledger anew: a withdrawal works at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Prefetch

from khcn.programmes.enums import ConsentBy, ConsentPurpose, EntryState, MemberPart, TeamState
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.contests import Award, ContestResult
from khcn.programmes.models.entries import Entry, EntryFile, Team, TeamMember
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.entries import initials
from khcn.programmes.selectors.entries import member_subject, result_of


@dataclass(frozen=True, slots=True)
class Winner:
    """One award as the public reads it. ``names``: full where consented, initials else; ``shown``: all consented."""

    award: Award
    entry: Entry
    title: str
    organisation: str
    names: tuple[str, ...]
    shown: bool


def _given(subjects: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = Consent.objects.filter(subject__in=subjects, purpose=ConsentPurpose.PUBLICATION, withdrawn_at=None)
    for subject, by in rows.values_list("subject", "by"):
        found.setdefault(subject, set()).add(by)
    return found


def _agreed(member: TeamMember, given: Mapping[str, set[str]]) -> bool:
    held = given.get(member_subject(member.pk), set())
    wanted = {ConsentBy.CHILD, ConsentBy.GUARDIAN} if member.is_minor else {ConsentBy.SELF}
    return wanted <= held


def all_agreed(team: Team, members: list[TeamMember] | None = None) -> bool:
    """Whether every member of a team lets its work be shown; a team that left or was erased shows nothing."""
    if team.state != TeamState.ACTIVE or team.erased_at is not None:
        return False
    rows = members if members is not None else list(TeamMember.objects.filter(team=team, removed_at=None))
    own = [one for one in rows if one.part == MemberPart.MEMBER]
    given = _given([member_subject(one.pk) for one in own])
    return bool(own) and all(_agreed(one, given) for one in own)


def winners(programme: Programme) -> list[Winner]:
    """Return the awards of the published result in their order; nothing before publication."""
    result = result_of(programme)
    return _winners(result) if result else []


def _winners(result: ContestResult) -> list[Winner]:
    people = TeamMember.objects.filter(removed_at=None, part=MemberPart.MEMBER).order_by("pk")
    awards = list(
        Award.objects.filter(result=result)
        .select_related("entry__team")
        .prefetch_related(Prefetch("entry__team__members", queryset=people), "entry__files")
        .order_by("order", "pk")
    )
    members = [one for award in awards for one in award.entry.team.members.all()]
    given = _given([member_subject(one.pk) for one in members])
    return [_winner(award, given) for award in awards]


def _winner(award: Award, given: Mapping[str, set[str]]) -> Winner:
    team, entry = award.entry.team, award.entry
    people = list(team.members.all())
    stands = team.state == TeamState.ACTIVE and team.erased_at is None and entry.state != EntryState.WITHDRAWN
    shown = stands and bool(people) and all(_agreed(one, given) for one in people)
    names = tuple(one.name if stands and _agreed(one, given) else initials(one.name) for one in people)
    # A title may tell more than its makers want told; without all consents the one for jurors stands there.
    title = entry.title if shown else entry.anonymous_title or entry.title
    if team.erased_at is not None:
        names = ()
    return Winner(award, entry, title or entry.code, team.organisation, names, shown)


def gallery(programme: Programme) -> list[Winner]:
    """Return the winners whose members all agreed to show their work."""
    return [one for one in winners(programme) if one.shown]


def gallery_file(programme: Programme, file_id: int) -> EntryFile | None:
    """Return a file of a work that stands in the gallery at this moment; ``None`` for any other."""
    file = (
        EntryFile.objects.select_related("entry__team").filter(pk=file_id, entry__programme=programme).first()
    )
    result = result_of(programme)
    if file is None or result is None or file.entry.state == EntryState.WITHDRAWN:
        return None
    if not Award.objects.filter(result=result, entry=file.entry).exists():
        return None
    return file if all_agreed(file.entry.team) else None


def award_of(team: Team) -> Award | None:
    """Return the award of a team once the result is published."""
    result = result_of(team.programme)
    return Award.objects.filter(result=result, entry__team=team).first() if result else None


def own_total(team: Team, entry: Entry | None) -> Decimal | None:
    """Return the team's own total when the result is published and the rules let teams see it; nothing else of it."""
    result = result_of(team.programme)
    contest = getattr(team.programme, "contest", None)
    if result is None or entry is None or contest is None or not contest.show_own_total:
        return None
    return _total_in(result.frozen, entry)


def _total_in(frozen: Any, entry: Entry) -> Decimal | None:
    """Return the result of one entry (by its code) in the frozen ranking; ``None`` when it was not ranked."""
    rows = frozen.get("ranking", []) if isinstance(frozen, dict) else []
    for row in rows:
        if entry.code and row.get("entry") == entry.code and row.get("result") is not None:
            try:
                return Decimal(str(row["result"]))
            except InvalidOperation:
                return None
    return None
