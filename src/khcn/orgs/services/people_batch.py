"""Many people at once, for an installation that is filled in by the system: accounts that nobody can sign in to yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from khcn.core.audit import audit_batch
from khcn.engines.text.collate import person_key
from khcn.engines.text.fold import nfc
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Unit, User
from khcn.orgs.request_cache import forget_all


@dataclass(frozen=True, slots=True)
class PersonSpec:
    """One person with one role. ``username``: found again by it."""

    username: str
    full_name: str
    role: Role
    unit: Unit


@transaction.atomic
def people_bring(*, people: Sequence[PersonSpec], today: date, now: datetime) -> dict[str, User]:
    """Make the accounts and roles that are missing, as the system; return everybody by user name. Again it makes nothing.

    The accounts have no password: an administrator opens one by a reset. One audit row for the batch.
    """
    names = [one.username for one in people]
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    fresh = [one for one in people if one.username not in known]
    User.objects.bulk_create([_account(one, now) for one in fresh], batch_size=500)
    found = {user.username: user for user in User.objects.filter(username__in=names)}
    held = set(Membership.objects.filter(user__in=found.values()).values_list("user_id", "role", "unit_id"))
    roles = [
        Membership(user=found[one.username], unit=one.unit, role=one.role)
        for one in people
        if (found[one.username].pk, one.role, one.unit.pk) not in held
    ]
    Membership.objects.bulk_create(roles, batch_size=500)
    if fresh or roles:
        audit_batch(
            actor=None,
            action="orgs.user.import",
            count=len(fresh),
            summary={"people": len(fresh), "roles": len(roles), "day": today},
            at=now,
        )
    forget_all()
    return found


def _account(one: PersonSpec, now: datetime) -> User:
    full_name = " ".join(nfc(one.full_name).split())
    family, _space, given = full_name.rpartition(" ")
    return User(
        username=one.username, full_name=full_name, person_key=person_key(full_name), last_name=family[:150],
        first_name=given[:150], password=make_password(None), date_joined=now,
    )  # fmt: skip
