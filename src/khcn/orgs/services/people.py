"""Write people and the roles they hold."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from axes.utils import reset as axes_reset
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.engines.text.collate import person_key
from khcn.engines.text.fold import nfc
from khcn.orgs.enums import CONTENT_ROLES, TECHNICAL_ROLES, Role
from khcn.orgs.models import Membership, Unit, User, Viewer
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.guard import require

# No letters or digits that are read wrongly from paper.
_PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  # an alphabet, not a password
# What may go into the trail: the name a person works under, not how to reach the person privately.
_AUDITED = ("username", "full_name", "title", "language", "is_active", "must_change_password")

_MEMBERSHIP = ("user", "unit", "role", "valid_from", "valid_to")


class LastAdministratorError(KhcnError):
    """The deed would leave nobody who can manage the installation."""

    code = "last-administrator"


class MixedDutiesError(KhcnError):
    """One person would both run the system and decide on content."""

    code = "mixed-duties"


class MembershipExistsError(KhcnError):
    """The person holds this role in this unit on these days already."""

    code = "membership-exists"


def _set_name(user: User, full_name: str) -> None:
    user.full_name = " ".join(nfc(full_name).split())
    user.person_key = person_key(user.full_name)
    family, _space, given = user.full_name.rpartition(" ")
    user.last_name, user.first_name = family[:150], given[:150]


def temporary_password() -> str:
    """Return a password to tell a person once: 4 groups of 4 characters, about 79 bits."""
    groups = ["".join(secrets.choice(_PASSWORD_LETTERS) for _place in range(4)) for _group in range(4)]
    return "-".join(groups)


@transaction.atomic
def user_create(
    *,
    actor: Viewer,
    today: date,
    username: str,
    full_name: str,
    email: str = "",
    phone: str = "",
    title: str = "",
    language: str = "vi",
    password: str | None = None,
    must_change_password: bool = True,
    is_demo: bool = False,
) -> User:
    """Make an account. Without ``password`` it can be opened only by a reset message or an outside identity.

    :raises ValidationError: a taken or malformed name, a taken e-mail address, a weak password.
    """
    require(actor, today, can_manage_organisation)
    user = User(
        username=User.normalize_username(username.strip()),
        email=email.strip().lower(),
        phone=phone.strip(),
        title=nfc(title).strip(),
        language=language,
        must_change_password=must_change_password and password is not None,
        is_demo=is_demo,
    )
    _set_name(user, full_name)
    UnicodeUsernameValidator()(user.username)
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    audit_record(actor=actor, action="orgs.user.create", target=user, after=snapshot(user, _AUDITED))
    forget_all()
    return user


@transaction.atomic
def user_update(
    *,
    actor: Viewer,
    today: date,
    user: User,
    full_name: str,
    email: str = "",
    phone: str = "",
    title: str = "",
    language: str = "vi",
) -> User:
    """Change what is known of a person."""
    require(actor, today, can_manage_organisation)
    user = User.objects.select_for_update().get(pk=user.pk)
    before = snapshot(user, _AUDITED) | {"email": user.email, "phone": user.phone}
    _set_name(user, full_name)
    user.email, user.phone = email.strip().lower(), phone.strip()
    user.title, user.language = nfc(title).strip(), language
    user.full_clean()
    user.save()
    _record_change(actor, user, before)
    return user


def _record_change(actor: Viewer, user: User, before: dict[str, object]) -> None:
    """Audit a change; of contact details only that they changed, never what they are."""
    after = snapshot(user, _AUDITED)
    contact = sorted(name for name in ("email", "phone") if before.pop(name) != getattr(user, name))
    if contact:
        before["contact"], after["contact"] = [], contact
    if before != after:
        audit_record(actor=actor, action="orgs.user.update", target=user, before=before, after=after)
    forget_all()


@transaction.atomic
def own_details_update(*, actor: User, phone: str, language: str) -> User:
    """Let a person change the own phone number and language."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    before = snapshot(user, _AUDITED) | {"email": user.email, "phone": user.phone}
    user.phone, user.language = phone.strip(), language
    user.full_clean()
    user.save()
    _record_change(actor, user, before)
    return user


def _keep_one_administrator(user: User, day: date, *, ending: Membership | None = None) -> None:
    """Raise unless somebody administers on ``day`` without ``user`` (or without the one role ``ending``)."""
    rows = Membership.objects.in_force(day).filter(role=Role.SYSADMIN, user__is_active=True)
    rows = rows.exclude(user=user) if ending is None else rows.exclude(pk=ending.pk)
    if any(row.unit.in_force(day) for row in rows.select_related("unit")):
        return
    raise LastAdministratorError(
        _("%(name)s là người quản trị duy nhất. Hãy giao vai trò quản trị cho một người khác trước.")
        % {"name": user.get_full_name()}
    )


def _is_administrator(user: User, today: date) -> bool:
    return Membership.objects.in_force(today).filter(user=user, role=Role.SYSADMIN).exists()


@transaction.atomic
def user_set_active(*, actor: Viewer, today: date, user: User, is_active: bool, reason: str = "") -> User:
    """Close or open an account. A closed one ends its sessions at once; nothing of its past is deleted."""
    require(actor, today, can_manage_organisation)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active == is_active:
        return user
    if not is_active and _is_administrator(user, today):
        _keep_one_administrator(user, today)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    audit_record(
        actor=actor,
        action="orgs.user.activate" if is_active else "orgs.user.deactivate",
        target=user,
        before={"is_active": not is_active},
        after={"is_active": is_active},
        reason=reason,
    )
    forget_all()
    return user


@transaction.atomic
def password_set_temporary(*, actor: Viewer, today: date, user: User) -> str:
    """Give a person without e-mail a password to change at the next sign-in; return it, once."""
    require(actor, today, can_manage_organisation)
    password = temporary_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    axes_reset(username=user.username)
    audit_record(actor=actor, action="orgs.user.temporary_password", target=user)
    return password


@transaction.atomic
def login_unlock(*, actor: Viewer, today: date, user: User) -> int:
    """Let a locked-out person try again at once; return how many counts of failures were cleared."""
    require(actor, today, can_manage_organisation)
    cleared = int(axes_reset(username=user.username))
    audit_record(actor=actor, action="orgs.user.unlock", target=user)
    return cleared


def _overlap(first: Membership, second: Membership) -> bool:
    starts = max(first.valid_from or date.min, second.valid_from or date.min)
    ends = min(first.valid_to or date.max, second.valid_to or date.max)
    return starts <= ends


def _refuse_mixed_duties(row: Membership, held: Sequence[Membership]) -> None:
    """Refuse a person who would hold the system and content at the same time."""
    technical = row.role in TECHNICAL_ROLES
    clashing = CONTENT_ROLES if technical else TECHNICAL_ROLES
    if any(other.role in clashing and _overlap(row, other) for other in held):
        raise MixedDutiesError(
            _(
                "Người quản trị hệ thống không được giữ vai trò về nội dung, để không ai vừa cấp quyền vừa "
                "tự duyệt. Hãy lập một tài khoản riêng cho việc quản trị."
            )
        )


@transaction.atomic
def membership_add(
    *,
    actor: Viewer,
    today: date,
    user: User,
    unit: Unit,
    role: Role,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """Give a role in a unit. Nobody changes the own roles.

    :raises MembershipExistsError: the same role on overlapping days.
    :raises MixedDutiesError: system administrator together with content.
    """
    require(actor, today, can_manage_organisation)
    _refuse_own(actor, user)
    User.objects.select_for_update().get(pk=user.pk)
    row = Membership(user=user, unit=unit, role=role, valid_from=valid_from, valid_to=valid_to)
    row.full_clean(validate_unique=False, validate_constraints=False)
    held = list(Membership.objects.filter(user=user))
    if any(other.unit_id == unit.pk and other.role == role and _overlap(row, other) for other in held):
        raise MembershipExistsError(
            _("%(name)s đã giữ vai trò này ở %(unit)s trong thời gian đó.")
            % {"name": user.get_full_name(), "unit": unit.name}
        )
    _refuse_mixed_duties(row, held)
    row.validate_constraints()
    row.save()
    audit_record(actor=actor, action="orgs.membership.add", target=row, after=snapshot(row, _MEMBERSHIP))
    forget_all()
    return row


def _refuse_own(actor: Viewer, user: User) -> None:
    if actor is not None and actor.pk == user.pk:
        raise PermissionDeniedError(
            _("Không ai tự đổi vai trò của mình. Hãy nhờ một người quản trị khác làm việc này.")
        )


@transaction.atomic
def membership_end(*, actor: Viewer, today: date, membership: Membership, last_day: date) -> None:
    """Set the last day of a role; it counts on that day and not after. The row stays as history.

    A role that would not have begun by then was only a plan: its row goes, the audit trail keeps it.
    """
    require(actor, today, can_manage_organisation)
    row = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    _refuse_own(actor, row.user)
    if row.role == Role.SYSADMIN:
        _keep_one_administrator(row.user, last_day + timedelta(days=1), ending=row)
    before = snapshot(row, _MEMBERSHIP)
    if row.valid_from is not None and last_day < row.valid_from:
        audit_record(actor=actor, action="orgs.membership.drop", target=row, before=before)
        row.delete()
    else:
        row.valid_to = last_day
        row.save(update_fields=["valid_to"])
        after = snapshot(row, _MEMBERSHIP)
        audit_record(actor=actor, action="orgs.membership.end", target=row, before=before, after=after)
    forget_all()
