"""Counting boxes: making them, their tokens (shown once, kept as a hash), and taking over an identity."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.api.machines import machine_of_token, token_give
from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.markets import permissions
from khcn.markets.errors import BoxTokenError
from khcn.markets.models import Box
from khcn.markets.models.venues import KEY_CHECK
from khcn.markets.selectors.box_config import DEFAULT_KEY
from khcn.orgs.models import Unit

MARK = "khcnbox"
_FIELDS = ("key", "name", "unit_id")


class BoxKeyError(KhcnError):
    """The key of a box will not do."""

    code = "box-key"


def _check(actor: Actor) -> None:
    if not permissions.can_found(actor):
        raise PermissionDeniedError(
            _("Bạn chưa có quyền quản lý máy đếm. Hãy nhờ người vận hành đếm khách ở các chợ.")
        )


def box_create(*, actor: Actor, key: str, name: str, unit: Unit, now: datetime) -> Box:
    """Make a box, without a token yet. Raises BoxKeyError, PermissionDeniedError."""
    _check(actor)
    key, name = key.strip().lower(), " ".join(name.split())
    if KEY_CHECK.regex.fullmatch(key) is None or len(key) > 60 or not name:  # type: ignore[union-attr]  # compiled
        raise BoxKeyError(_("Mã máy chỉ gồm chữ thường không dấu, số, dấu gạch nối; tên máy không để trống."))
    try:
        with transaction.atomic():
            box = Box.objects.create(key=key, name=name[:150], unit=unit)
            audit_record(
                actor=actor,
                action="markets.box.create",
                target=box,
                after=snapshot(box, list(_FIELDS)),
                at=now,
            )
    except IntegrityError as error:
        raise BoxKeyError(_("Đã có máy mang mã “%(key)s”. Hãy chọn mã khác.") % {"key": key}) from error
    return box


def box_update(*, actor: Actor, box: Box, name: str, unit: Unit, now: datetime) -> Box:
    """Rename a box or give it to another unit; its key stays."""
    _check(actor)
    with transaction.atomic():
        before = snapshot(box, list(_FIELDS))
        box.name, box.unit = " ".join(name.split())[:150] or box.name, unit
        box.save(update_fields=["name", "unit"])
        after = snapshot(box, list(_FIELDS))
        if after != before:
            audit_record(
                actor=actor, action="markets.box.update", target=box, before=before, after=after, at=now
            )
    return box


def box_token_renew(*, actor: Actor, box: Box, now: datetime) -> str:
    """Give the box a new token and return it: it is shown once, and the old one opens nothing from now on."""
    _check(actor)
    with transaction.atomic():
        secret = token_give(box, mark=MARK, key=box.key)
        audit_record(actor=actor, action="markets.box.token", target=box, at=now)
    return secret


def box_takeover(*, actor: Actor, box: Box, now: datetime) -> None:
    """Accept another machine in place of the one that spoke last: whoever speaks next is the box."""
    _check(actor)
    with transaction.atomic():
        Box.objects.filter(pk=box.pk).update(instance="", last_seq=0, conflict_at=None)
        audit_record(actor=actor, action="markets.box.takeover", target=box, at=now)
    box.refresh_from_db()


def box_of_token(token: str) -> Box:
    """Return the box that a token opens. Raises BoxTokenError. A wrong token costs as much time as a right one."""
    return machine_of_token(Box.objects.all(), token, mark=MARK, wrong=BoxTokenError)


def box_default(*, unit: Unit, now: datetime) -> Box:
    """Return the box that stands for this machine, made when missing (cameras of a one-machine installation)."""
    return Box.objects.filter(key=DEFAULT_KEY).first() or box_create(
        actor=None, key=DEFAULT_KEY, name=_("Máy này"), unit=unit, now=now
    )
