"""Personal tokens as their owners and the administrator handle them; the tokens themselves are core's."""

from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from khcn.core.api.tokens import TokenError, token_create, token_revoke
from khcn.core.models.api import ApiToken
from khcn.orgs.models import User, Viewer
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.selectors import own_unit_ids
from khcn.orgs.services.guard import require

MOST: Final = 20  # usable tokens of one person


def own_token_create(
    *,
    actor: User,
    name: str,
    scopes: list[str],
    unit_id: int | None,
    days: int,
    now: datetime,
    today: date,
) -> tuple[ApiToken, str]:
    """Make a token for oneself; return its row and the whole token, which is never shown again.

    :param unit_id: limits it to one of the person's own units; ``None``: to none.
    :param days: how long it opens anything.
    :raises TokenError: when name, scopes, unit or life will not do, or there are too many already.
    """
    if unit_id is not None and unit_id not in own_unit_ids(actor, today):
        raise TokenError(_("Bạn không giữ vai trò nào ở đơn vị đã chọn. Hãy chọn đơn vị của bạn."))
    if ApiToken.objects.filter(user_id=actor.pk).usable(now).count() >= MOST:
        text = _("Bạn đã có %(count)s khóa đang dùng được. Hãy thu hồi khóa không dùng nữa rồi tạo khóa mới.")
        raise TokenError(text % {"count": MOST})
    return token_create(
        actor=actor,
        user=actor,
        name=name,
        scopes=scopes,
        unit_id=unit_id,
        now=now,
        expires_at=now + timedelta(days=days),
    )


def any_token_revoke(*, actor: Viewer, token: ApiToken, now: datetime, today: date) -> bool:
    """Switch somebody's token off: the owner any of the own, an administrator anybody's. Return whether it was on.

    :raises PermissionDeniedError: for everybody else.
    """
    own = actor is not None and token.user_id == actor.pk
    if not own:
        require(actor, today, can_manage_organisation)
    return token_revoke(actor=actor, token=token, now=now, others=not own)
