"""What every desk page of programmes begins with: who comes in, the programme, its tabs."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext as _

from khcn.programmes.areas import tabs_of
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import Reach, can_read_people, can_run, reach_of
from khcn.programmes.selectors.programmes import programme_of
from khcn.ui.deeds import only


def desk_only(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for roles that have nothing to do with programmes."""
    reach = reach_of(request.user)
    if not reach.desk:
        raise PermissionDenied(
            _("Vai trò của bạn không dùng phần chương trình. Hãy hỏi người quản trị nếu bạn cần.")
        )
    return reach


def readable(request: HttpRequest, pk: int) -> tuple[Programme, Reach]:
    """Return a programme that the person reads. Raises PermissionDenied, Http404."""
    reach = desk_only(request)
    programme = programme_of(request.user, pk)
    if programme is None:
        raise Http404
    return programme, reach


def runnable(request: HttpRequest, pk: int) -> tuple[Programme, Reach]:
    """Return a programme that the person runs. Raises PermissionDenied, Http404."""
    programme, reach = readable(request, pk)
    only(
        can_run(reach, programme.unit_id),
        _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối làm việc này."),
    )
    return programme, reach


def people_of(request: HttpRequest, pk: int) -> tuple[Programme, Reach]:
    """Return a programme whose people the person reads. Raises PermissionDenied, Http404."""
    programme, reach = readable(request, pk)
    only(
        can_read_people(reach, programme.unit_id),
        _("Danh sách người tham gia chỉ dành cho đơn vị tổ chức và đơn vị đầu mối."),
    )
    return programme, reach


def frame(request: HttpRequest, programme: Programme, **context: Any) -> dict[str, Any]:
    """Return the context that every desk page of one programme has: ``programme`` and its ``tabs``."""
    return {"programme": programme, "tabs": tabs_of(request, programme), **context}


def words_in(query: QueryDict, name: str = "tim", most: int = 80) -> str:
    """Return words that somebody looks for, as databases take them: without NUL, trimmed, cut."""
    return (query.get(name) or "").replace("\x00", "").strip()[:most]
