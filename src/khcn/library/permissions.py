"""Who may do what in the library: plain functions over a person's roles; no model of the library is read.

Source: the permission matrix (4.2). An actor ``None`` is the system itself: the command line, the periodic
tick and the demo loader, whose deeds are audited under that name. A visitor of the site is never ``None`` but
an anonymous user, and may do nothing here.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils import timezone

from khcn.library.enums import OPEN_STATES, WorkKind, WorkState
from khcn.orgs.enums import DEPOSIT_ROLES, EDITORIAL_ROLES, LIBRARY_ROLES, Role
from khcn.orgs.selectors import memberships_of, reading_unit_ids

EDITED_KINDS = frozenset(
    {WorkKind.ARTICLE, WorkKind.LEGAL}
)  # what editors write and the focal head may approve


class WorkLike(Protocol):
    """What a rule needs to know of a work."""

    kind: str
    state: str
    owner_unit_id: int | None
    submitted_by_id: int | None
    reviewer_id: int | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody sees and acts.

    ``units``: units whose restricted works they may read; ``deposit_units``: those they hand works in for;
    ``everything``: every work in every state (librarians and auditors).
    """

    user_id: int | None = None
    signed_in: bool = False
    units: frozenset[int] = field(default_factory=frozenset)
    deposit_units: frozenset[int] = field(default_factory=frozenset)
    everything: bool = False
    librarian: bool = False
    editor: bool = False
    approver: bool = False


VISITOR = Reach()


def reach_of(user: Any, on: date | None = None) -> Reach:
    """Return the reach of a person; an anonymous visitor (or ``None``) sees only what is public."""
    if user is None or not user.is_authenticated or not user.is_active:
        return VISITOR
    day = on or timezone.localdate()  # what one may read is always about now; tests and reports name a day
    held = memberships_of(user, day)
    roles = {row.role for row in held}
    return Reach(
        user_id=user.pk,
        signed_in=True,
        units=reading_unit_ids(user, day),
        deposit_units=frozenset(row.unit_id for row in held if row.role in DEPOSIT_ROLES),
        everything=bool(roles & (LIBRARY_ROLES | {Role.AUDITOR})),
        librarian=bool(roles & LIBRARY_ROLES),
        editor=bool(roles & EDITORIAL_ROLES),
        approver=Role.FOCAL_HEAD in roles,
    )


def can_deposit(user: Any, unit_id: int | None) -> bool:
    """Hand in works for a unit; a librarian for any unit."""
    if user is None:
        return True
    reach = reach_of(user)
    return reach.librarian or (unit_id is not None and unit_id in reach.deposit_units)


def can_edit(user: Any, work: WorkLike) -> bool:
    """Change a work: librarians any; editors edited kinds; depositors their unit's open ones.

    A published one is changed by those who may approve its kind: what was there stays readable as a version.
    """
    if user is None:
        return True
    reach = reach_of(user)
    if reach.librarian:
        return True
    if work.state == WorkState.PUBLISHED:
        return can_renew(user, work)
    if work.state not in OPEN_STATES:
        return False
    if reach.editor and work.kind in EDITED_KINDS:
        return True
    return work.owner_unit_id is not None and work.owner_unit_id in reach.deposit_units


def can_renew(user: Any, work: WorkLike) -> bool:
    """Bring out the next version of a published work: librarians; for edited kinds also who approves those.

    Not editors: they publish what another approved, and a change of a published work is seen at once.
    """
    if user is None:
        return True
    reach = reach_of(user)
    return reach.librarian or (work.kind in EDITED_KINDS and reach.approver)


def can_submit(user: Any, work: WorkLike) -> bool:
    """Hand a work in for review."""
    return can_edit(user, work)


def is_own_deposit(user: Any, work: WorkLike) -> bool:
    """Whether the person made the work; who made it never approves it."""
    return user is not None and work.submitted_by_id == user.pk


def has_review_right(user: Any, work: WorkLike) -> bool:
    """Hold a role that reviews this kind of work, whoever handed it in."""
    if user is None:
        return True
    reach = reach_of(user)
    return reach.librarian or (reach.approver and work.kind in EDITED_KINDS)


def can_review(user: Any, work: WorkLike) -> bool:
    """Approve or return: a librarian, or the focal head for articles and legal documents; never one's own."""
    return has_review_right(user, work) and not is_own_deposit(user, work)


def can_publish(user: Any, work: WorkLike) -> bool:
    """Publish what another approved: librarians, the focal head, editors for articles and official papers."""
    if user is None:
        return True
    reach = reach_of(user)
    allowed = reach.librarian or (
        work.kind in EDITED_KINDS and (reach.approver or Role.EDITOR in _roles(user))
    )
    return allowed and (work.reviewer_id is not None or not is_own_deposit(user, work))


def can_keep(user: Any) -> bool:
    """Freeze, withdraw, restore, clear sensitive content and decide take-down requests."""
    return user is None or reach_of(user).librarian


def can_decide_relations(user: Any, work: WorkLike) -> bool:
    """Decide how a document stands to others: librarians; editors and the focal head for what they handle."""
    if user is None:
        return True
    reach = reach_of(user)
    return reach.librarian or ((reach.editor or reach.approver) and work.kind in EDITED_KINDS)


def can_use_desk(user: Any) -> bool:
    """Open the library's desk at all."""
    reach = reach_of(user)
    return reach.everything or reach.editor or bool(reach.deposit_units)


def _roles(user: Any) -> frozenset[str]:
    return frozenset(row.role for row in memberships_of(user, timezone.localdate()))


def can_see_on_desk(user: Any, work: WorkLike) -> bool:
    """Open a work on the desk: those who handle it, review it, or watch over everything."""
    reach = reach_of(user)
    own = work.submitted_by_id == reach.user_id and reach.user_id is not None
    of_unit = work.owner_unit_id is not None and work.owner_unit_id in reach.deposit_units
    reviews = (reach.approver or reach.editor) and work.kind in EDITED_KINDS
    return reach.everything or own or of_unit or reviews


def writes_articles(user: Any) -> bool:
    """Write articles in the back office."""
    reach = reach_of(user)
    return reach.editor or reach.librarian
