"""What the pages of lessons begin with: who comes in, what a list was asked for, the units somebody writes for."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.orgs.models import Unit
from khcn.programmes.enums import Audience
from khcn.programmes.enums_curricula import LessonOrder, LessonState, Subject
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.permissions_curricula import can_draft, has_desk
from khcn.programmes.selectors.curricula import Asked, lesson_of
from khcn.programmes.views.base import words_in
from khcn.ui.deeds import only

DURATIONS = (35, 45, 90, 180)
COSTS = (0, 200_000, 500_000, 1_000_000, 5_000_000)


def lessons_desk(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for roles that have nothing to do with lessons."""
    reach = reach_of(request.user)
    if not has_desk(reach):
        raise PermissionDenied(_("Vai trò của bạn không dùng phần bài học. Trang công khai vẫn xem được."))
    return reach


def readable(request: HttpRequest, pk: int) -> tuple[Lesson, Reach]:
    """Return a lesson that the person reads on the desk. Raises Http404."""
    reach = lessons_desk(request)
    row = lesson_of(request.user, pk, timezone.localdate())
    if row is None:
        raise Http404
    return row, reach


def writable(request: HttpRequest, pk: int) -> tuple[Lesson, Reach]:
    """Return a lesson that the person writes. Raises PermissionDenied, Http404."""
    row, reach = readable(request, pk)
    only(
        can_draft(reach, row.unit_id),
        _("Chỉ người báo cáo của đơn vị soạn bài và chuyên viên đầu mối sửa bài này."),
    )
    return row, reach


def number_in(text: str | None) -> int | None:
    """Return a number of an address, or ``None``."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def asked_in(query: QueryDict) -> Asked:
    """Return what a list was asked for; nonsense asks for nothing."""

    def one(name: str, choices: Any, default: str = "") -> str:
        value = query.get(name, "")
        return value if value in choices.values else default

    return Asked(
        text=words_in(query), subject=one("mon", Subject), grade=number_in(query.get("lop")),
        audience=one("danh-cho", Audience), minutes=number_in(query.get("phut")), cost=number_in(query.get("chi-phi")),
        order=one("xep", LessonOrder, LessonOrder.NEWEST), unit=number_in(query.get("don-vi")),
        state=one("trang-thai", LessonState),
    )  # fmt: skip


def units_to_write(reach: Reach) -> QuerySet[Unit]:
    """Return the units that the person writes lessons for."""
    units = Unit.objects.in_force(timezone.localdate()).filter(kind__is_group=False).alphabetical()
    return units if reach.officer else units.filter(pk__in=reach.reporting)


def units_to_report(reach: Reach) -> QuerySet[Unit]:
    """Return the units that the person reports for."""
    units = Unit.objects.in_force(timezone.localdate()).filter(kind__is_group=False).alphabetical()
    return units if reach.officer else units.filter(pk__in=reach.reporting | reach.heading)


def first_of(units: QuerySet[Unit]) -> Unit | None:
    """Return the only unit there is to choose, if it is one."""
    some = list(units[:2])
    return some[0] if len(some) == 1 else None
