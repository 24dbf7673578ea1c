"""Reads of the organisation that other apps start from."""

from datetime import date

from django.utils import timezone

from khcn.orgs.enums import LIBRARY_ROLES
from khcn.orgs.models import Viewer, memberships_of
from khcn.orgs.models.units import ancestor_ids, predecessor_ids
from khcn.orgs.permissions import has_role
from khcn.orgs.request_cache import remember, remembered

__all__ = ["access_tokens", "memberships_of", "own_unit_ids", "reading_unit_ids"]


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
    ``staff`` for the librarians. A system administrator gets nothing that a signed-in person has not.
    """
    if user is None or user.pk is None or not user.is_active:
        return frozenset({"public"})
    day = on or timezone.localdate()  # what one may read is always about now; tests and reports name a day
    tokens = {"public", "signed-in"} | {f"unit:{pk}" for pk in reading_unit_ids(user, day)}
    if has_role(memberships_of(user, day), *LIBRARY_ROLES):
        tokens.add("staff")
    return frozenset(tokens)
