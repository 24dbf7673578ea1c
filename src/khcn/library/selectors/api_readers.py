"""How far a caller of the API sees: a person's reach, cut down to what the token allows."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.api.auth import Caller
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.library import permissions
from khcn.library.models import ImportBatch, Work
from khcn.library.permissions import VISITOR, Reach, reach_of
from khcn.orgs.models.units import ancestor_ids, predecessor_ids
from khcn.orgs.selectors import access_tokens, own_unit_ids

READ: Final = "library.read"
DEPOSIT: Final = "library.deposit"
REVIEW: Final = "library.review"


@dataclass(frozen=True)
class Reader:
    """For whom an answer is. ``user`` is nobody where less than the person's whole reach counts."""

    user: Any
    reach: Reach
    access: frozenset[str]

    @property
    def mark(self) -> str:
        """What tells the answers for this reader from those for another."""
        return ",".join(sorted(self.access))


def reader_of(caller: Caller) -> Reader:
    """Return how far the caller reads published works.

    Without a token, or with one that has not ``library.read``: what everybody reads. With a token of one unit: what is
    public, what is for people who sign in, and what that unit reads.
    """
    if caller.token is None or not caller.token.allows(READ):
        return Reader(AnonymousUser(), VISITOR, frozenset({"public"}))
    user: Any = caller.user
    if caller.unit_id is None:
        return Reader(user, reach_of(user), access_tokens(user))
    today = timezone.localdate()
    units: frozenset[int] = frozenset()
    if caller.unit_id in own_unit_ids(user, today):
        units = frozenset(predecessor_ids(ancestor_ids({caller.unit_id}), today))
    access = {"public", "signed-in"} | {f"unit:{pk}" for pk in units}
    return Reader(AnonymousUser(), Reach(user_id=user.pk, signed_in=True, units=units), frozenset(access))


def handles(caller: Caller, work: Work) -> bool:
    """Whether the caller sees the work as those do who handle it on the desk."""
    if caller.token is None or not (caller.token.allows(DEPOSIT) or caller.token.allows(REVIEW)):
        return False
    return caller.unit_id in {None, work.owner_unit_id} and permissions.can_see_on_desk(caller.user, work)


def work_known(caller: Caller, number: int) -> Work:
    """Return a work that the caller may read, or handles. :raises NotFoundError: for all others, as if there were none."""
    works = Work.objects.select_related("legal", "owner_unit")
    work = works.filter(pk=number).first() if 0 < number < 2**63 else None
    if work is not None:
        if handles(caller, work):
            return work
        if Work.objects.readable_by(reader_of(caller).reach).filter(pk=number).exists():
            return work
    raise NotFoundError(_("Thư viện không có tài liệu mang số này. Hãy kiểm tra lại số."))


def work_handled(caller: Caller, number: int) -> Work:
    """Return a work that the caller handles on the desk.

    :raises NotFoundError: when the caller may not even know of it.
    :raises PermissionDeniedError: when it is not the caller's, or not the token's unit's.
    """
    work = work_known(caller, number)
    if not handles(caller, work):
        raise PermissionDeniedError(
            _(
                "Khóa truy cập này không làm được gì với tài liệu này: tài liệu thuộc đơn vị khác, hoặc khóa thiếu quyền. "
                "Hãy dùng khóa của người phụ trách tài liệu."
            )
        )
    return work


def batch_known(caller: Caller, number: int) -> ImportBatch:
    """Return a deposit of the caller (of the token's unit). :raises NotFoundError:"""
    batches = batches_of(caller)
    batch: ImportBatch | None = batches.filter(pk=number).first() if 0 < number < 2**63 else None
    if batch is None:
        raise NotFoundError(_("Không có đợt gửi mang số này. Hãy kiểm tra lại số."))
    return batch


def batches_of(caller: Caller) -> Any:
    """Return the deposits that the caller may see."""
    batches = ImportBatch.objects.visible_to(caller.user)
    return batches if caller.unit_id is None else batches.filter(unit_id=caller.unit_id)


def unit_for(caller: Caller, asked: int | None) -> int:
    """Return the unit for which the caller hands in: the one asked for, the token's, or the only one there is.

    :raises PermissionDeniedError: when the token is another unit's, or none can be told.
    """
    if caller.unit_id is not None:
        if asked not in {None, caller.unit_id}:
            raise PermissionDeniedError(
                _("Khóa truy cập này chỉ dùng cho một đơn vị khác. Hãy dùng khóa của đơn vị cần gửi.")
            )
        return caller.unit_id
    if asked is not None:
        return asked
    own = reach_of(caller.user).deposit_units
    if len(own) == 1:
        return next(iter(own))
    raise PermissionDeniedError(
        _("Chưa rõ gửi thay cho đơn vị nào. Hãy ghi “unit” là số của đơn vị bạn được giao gửi tài liệu.")
    )
