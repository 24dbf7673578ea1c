"""Reads of the organisation that other apps start from."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from khcn.engines.text.fold import fold
from khcn.orgs.enums import APPROVING_ROLES, LIBRARY_ROLES, TECHNICAL_ROLES, Role
from khcn.orgs.models import (
    Absence,
    Membership,
    Party,
    Unit,
    UnitCode,
    UnitSuccession,
    User,
    Viewer,
    memberships_of,
)
from khcn.orgs.models.units import ancestor_ids, predecessor_ids, subtree_ids
from khcn.orgs.permissions import can_view_all_users, has_role
from khcn.orgs.request_cache import remember, remembered
from khcn.orgs.site import SiteIdentity, site_identity

__all__ = [
    "Authority",
    "Delegation",
    "Held",
    "SiteIdentity",
    "UnitHistory",
    "UnitNode",
    "absences_visible_to",
    "access_tokens",
    "acting_for",
    "authority_for",
    "delegates_for",
    "held_by",
    "memberships_of",
    "own_unit_ids",
    "parties",
    "party_duplicates",
    "people",
    "reading_unit_ids",
    "site_identity",
    "successors_on",
    "unit_by_code",
    "unit_history",
    "unit_tree",
]


def own_unit_ids(user: Viewer, on: date) -> frozenset[int]:
    """Return the units in which ``user`` holds any role on the day ``on``."""
    return frozenset(row.unit_id for row in memberships_of(user, on))


def reading_unit_ids(user: Viewer, on: date) -> frozenset[int]:
    """Return the units whose restricted things ``user`` may read.

    The own units; the units above them (who works in a division works in its committee, so what is open to
    the committee is open to them, never the other way round); and the closed units whose past
    these took over.
    """
    own = own_unit_ids(user, on)
    if not own:
        return frozenset()
    key = ("reading units", user.pk if user else None, on)
    known: frozenset[int] | None = remembered(key)
    if known is None:
        known = frozenset(predecessor_ids(ancestor_ids(own), on))
        remember(key, known)
    return known


def access_tokens(user: Viewer, on: date | None = None) -> frozenset[str]:
    """Return the words that open things to ``user`` inside the search index.

    ``public`` for everybody, ``signed-in`` for active people, ``unit:<id>`` for :func:`reading_unit_ids`,
    ``staff`` for the librarians and the auditors, who may read everything. A system administrator gets nothing that a signed-in person has not.
    """
    if user is None or user.pk is None or not user.is_active:
        return frozenset({"public"})
    day = on or timezone.localdate()  # what one may read is always about now; tests and reports name a day
    tokens = {"public", "signed-in"} | {f"unit:{pk}" for pk in reading_unit_ids(user, day)}
    if has_role(memberships_of(user, day), *LIBRARY_ROLES, Role.AUDITOR):
        tokens.add("staff")
    return frozenset(tokens)


# Absence


@dataclass(frozen=True)
class Delegation:
    """A role that somebody may use in another's place: whose, which role, in which unit, until when."""

    absence: Absence
    membership: Membership

    @property
    def absent(self) -> User:
        """The person in whose place the delegate acts."""
        return self.absence.user

    @property
    def role(self) -> str:
        """The delegated role."""
        return self.membership.role

    @property
    def unit_id(self) -> int:
        """The unit in which the role is held."""
        return self.membership.unit_id


@dataclass(frozen=True)
class Authority:
    """On what ground a person acts: the own role, or a delegated one (``on_behalf_of`` for the trail)."""

    role: str
    unit_id: int
    on_behalf_of: User | None = None


def acting_for(user: Viewer, on: date) -> tuple[Delegation, ...]:
    """Return the approving roles that ``user`` may use on the day ``on`` for absent colleagues."""
    if user is None or user.pk is None or not user.is_active:
        return ()
    key = ("acting for", user.pk, on)
    known: tuple[Delegation, ...] | None = remembered(key)
    if known is None:
        rows = Absence.objects.filter(
            delegate_id=user.pk, cancelled_at=None, first_day__lte=on, last_day__gte=on
        )
        known = tuple(
            Delegation(absence, membership)
            for absence in rows.select_related("user").order_by("first_day", "pk")
            for membership in memberships_of(absence.user, on)
            if membership.role in APPROVING_ROLES and absence.role in ("", membership.role)
        )
        remember(key, known)
    return known


@dataclass(frozen=True)
class Held:
    """The roles that somebody may use, each with its unit: the own ones, and approving ones of absent colleagues."""

    pairs: frozenset[tuple[str, int]]

    @property
    def roles(self) -> frozenset[str]:
        """The roles, wherever they are held."""
        return frozenset(role for role, _unit in self.pairs)

    def units(self, *roles: str) -> frozenset[int]:
        """Return the units in which one of ``roles`` is held."""
        return frozenset(unit for role, unit in self.pairs if role in roles)


def held_by(user: Viewer, on: date) -> Held:
    """Return the roles that ``user`` may use on the day ``on``, those of absent colleagues too."""
    own = {(row.role, row.unit_id) for row in memberships_of(user, on)}
    return Held(frozenset(own | {(one.role, one.unit_id) for one in acting_for(user, on)}))


def authority_for(
    user: Viewer, on: date, roles: Collection[str], *, unit_id: int | None = None
) -> Authority | None:
    """Return on what ground ``user`` may act as one of ``roles`` (in ``unit_id``), the own role first."""
    for row in memberships_of(user, on):
        if row.role in roles and unit_id in (None, row.unit_id):
            return Authority(row.role, row.unit_id)
    for held in acting_for(user, on):
        if held.role in roles and unit_id in (None, held.unit_id):
            return Authority(held.role, held.unit_id, on_behalf_of=held.absent)
    return None


def absences_visible_to(user: Viewer, on: date) -> QuerySet[Absence]:
    """Return the absences that concern ``user``, newest first; all of them for those who see all people."""
    rows = Absence.objects.select_related("user", "delegate").order_by("-first_day", "-pk")
    if can_view_all_users(memberships_of(user, on)):
        return rows
    if user is None or user.pk is None:
        return rows.none()
    return rows.filter(Q(user_id=user.pk) | Q(delegate_id=user.pk))


# Units


@dataclass(frozen=True)
class UnitNode:
    """A unit in the drawn tree, with how deep it stands and whether it has children."""

    unit: Unit
    depth: int
    children: "tuple[UnitNode, ...]"


def unit_tree(user: Viewer, on: date, *, groups: bool = False) -> tuple[UnitNode, ...]:
    """Return the units in force on the day ``on`` as a tree, siblings in the order of a list. One query and
    roles.

    A unit whose parent is not shown stands at the top.
    """
    rows = Unit.objects.visible_to(user, on).in_force(on).select_related("kind").alphabetical()
    units = list(rows if groups else rows.filter(kind__is_group=False))
    shown = {unit.pk for unit in units}
    below: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        below[unit.parent_id if unit.parent_id in shown else None].append(unit)

    def nodes(parent_id: int | None, depth: int) -> tuple[UnitNode, ...]:
        return tuple(UnitNode(unit, depth, nodes(unit.pk, depth + 1)) for unit in below[parent_id])

    return nodes(None, 0)


@dataclass(frozen=True)
class UnitHistory:
    """Where a unit comes from and where it went."""

    came_from: tuple[UnitSuccession, ...]
    went_to: tuple[UnitSuccession, ...]


def unit_history(unit: Unit) -> UnitHistory:
    """Return the decisions before and after a unit."""
    rows = UnitSuccession.objects.select_related("predecessor", "successor").order_by("effective_date", "pk")
    return UnitHistory(tuple(rows.filter(successor=unit)), tuple(rows.filter(predecessor=unit)))


def successors_on(unit: Unit, on: date) -> frozenset[int]:
    """Return the ids of the units that carry on ``unit``'s work on the day ``on``: itself while in force."""
    if unit.in_force(on):
        return frozenset({unit.pk})
    after: dict[int, list[int]] = defaultdict(list)
    rows = UnitSuccession.objects.filter(effective_date__lte=on).order_by()
    for predecessor_id, successor_id in rows.values_list("predecessor_id", "successor_id"):
        after[predecessor_id].append(successor_id)
    found: set[int] = set()
    waiting = [unit.pk]
    while waiting:
        for pk in after[waiting.pop()]:
            if pk not in found:
                found.add(pk)
                waiting.append(pk)
    return frozenset(Unit.objects.filter(pk__in=found).in_force(on).values_list("pk", flat=True))


def unit_by_code(scheme: str, code: str, on: date) -> Unit | None:
    """Return the unit that held ``code`` on the day ``on``: codes are reused, so the day decides."""
    row = UnitCode.objects.in_force(on).filter(scheme=scheme, code=code).select_related("unit").first()
    return row.unit if row else None


# Outside parties


def party_duplicates(
    user: Viewer, on: date, *, name: str, registration_code: str = "", exclude: Party | None = None
) -> QuerySet[Party]:
    """Return current parties that may be the same: equal code, or equal name with marks and case ignored."""
    folded = fold(" ".join(name.split()))
    same = Q(folded_name=folded)
    if registration_code:
        same |= Q(registration_code=registration_code.replace(" ", "").upper())
    rows = Party.objects.visible_to(user, on).current().filter(same)
    return rows.exclude(pk=exclude.pk).alphabetical() if exclude else rows.alphabetical()


def parties(user: Viewer, on: date, *, kind: str = "", query: str = "") -> QuerySet[Party]:
    """Return the register as ``user`` may see it; ``query`` is part of a name (marks ignored) or a code."""
    rows = Party.objects.visible_to(user, on).current().select_related("ward").alphabetical()
    if kind:
        rows = rows.filter(kind=kind)
    if query:
        found = Q(folded_name__contains=fold(query.strip()))
        rows = rows.filter(found | Q(registration_code=query.replace(" ", "").upper()))
    return rows


# People


def people(user: Viewer, on: date, *, query: str = "", active: bool | None = None) -> QuerySet[User]:
    """Return the people that ``user`` may see, by given name; ``query`` is part of a name or sign-in name."""
    rows = User.objects.visible_to(user, on).alphabetical()
    if active is not None:
        rows = rows.filter(is_active=active)
    if query:
        # A few hundred people: folding in Python keeps one rule for both databases.
        wanted = fold(query.strip())
        found = [
            pk
            for pk, name, username in rows.values_list("pk", "full_name", "username")
            if wanted in fold(name) or wanted in username.lower()
        ]
        rows = rows.filter(pk__in=found)
    return rows.prefetch_related(
        Prefetch("memberships", Membership.objects.in_force(on).select_related("unit"), to_attr="held_now")
    )


def delegates_for(user: User, on: date) -> QuerySet[User]:
    """Return the colleagues whom ``user`` may name as delegate: active people of the same tree, not
    administrators.

    The tree is the own units, those above and those below them.
    """
    own = own_unit_ids(user, on)
    near = subtree_ids(ancestor_ids(own))
    held = Membership.objects.in_force(on).filter(unit_id__in=near).exclude(role__in=TECHNICAL_ROLES)
    return (
        User.objects.alphabetical().filter(pk__in=held.values("user_id"), is_active=True).exclude(pk=user.pk)
    )
