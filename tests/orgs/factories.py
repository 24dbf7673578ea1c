"""Short stories begin here: one call makes a unit, a person with a role, a party. Plain ORM, no services."""

from datetime import date
from itertools import count
from typing import Any

from khcn.engines.text.collate import person_key, sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.enums import PartyKind, Role
from khcn.orgs.models import Membership, Party, Unit, UnitKind, User

PASSWORD = "mat-khau-thu-2026"
_number = count(1)


def make_kind(code: str = "phong", label: str = "Phòng chuyên môn") -> UnitKind:
    """Return the kind ``code``, made when missing."""
    kind, _made = UnitKind.objects.get_or_create(code=code, defaults={"label": label})
    return kind


def make_unit(name: str = "", *, parent: Unit | None = None, **fields: Any) -> Unit:
    """Return a new unit."""
    name = name or f"Đơn vị {next(_number)}"
    fields.setdefault("kind", None)
    fields["kind"] = fields["kind"] or make_kind()
    return Unit.objects.create(name=name, parent=parent, sort_key=sort_key(name), **fields)


def make_user(full_name: str = "", **fields: Any) -> User:
    """Return a new active person with the password :data:`PASSWORD`."""
    number = next(_number)
    fields.setdefault("username", f"nguoi{number}")
    fields.setdefault("email", f"{fields['username']}@example.vn")
    password = fields.pop("password", PASSWORD)
    full_name = full_name or f"Người Thử {number}"
    user = User(full_name=full_name, person_key=person_key(full_name), **fields)
    user.set_password(password)
    user.save()
    return user


def give_role(
    user: User, role: Role, unit: Unit | None = None, *, first: date | None = None, last: date | None = None
) -> Membership:
    """Give ``user`` a role, in a new unit when none is named."""
    return Membership.objects.create(
        user=user, unit=unit or make_unit(), role=role, valid_from=first, valid_to=last
    )


def make_member(role: Role, unit: Unit | None = None, **fields: Any) -> User:
    """Return a new person who holds ``role``."""
    user = make_user(**fields)
    give_role(user, role, unit)
    return user


def make_party(name: str = "", *, kind: PartyKind = PartyKind.ENTERPRISE, **fields: Any) -> Party:
    """Return a new outside party."""
    name = name or f"Cơ sở {next(_number)}"
    return Party.objects.create(
        name=name, kind=kind, folded_name=fold(name), sort_key=sort_key(name), **fields
    )
