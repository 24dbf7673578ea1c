"""What desk pages of a contest begin with: who comes in, the contest, its own small menu."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.models.contests import Contest
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import Reach, can_keep_contest, can_read_ranking
from khcn.programmes.services.contests_setup import contest_ensure
from khcn.programmes.views.base import frame, readable
from khcn.ui.deeds import only
from khcn.ui.parts import Tab


def contest_page(request: HttpRequest, pk: int) -> tuple[Programme, Contest, Reach]:
    """Return a contest for those who organise, approve or audit it. Raises PermissionDenied, Http404."""
    programme, reach = readable(request, pk)
    if programme.kind != ProgrammeKind.CONTEST:
        raise Http404
    only(can_read_ranking(reach), _("Phần cuộc thi dành cho đơn vị đầu mối, lãnh đạo và giám sát."))
    return programme, contest_ensure(programme), reach


def keeper_page(request: HttpRequest, pk: int) -> tuple[Programme, Contest, Reach]:
    """Return a contest for its officer."""
    programme, contest, reach = contest_page(request, pk)
    only(can_keep_contest(reach), _("Cuộc thi do chuyên viên của đơn vị đầu mối tổ chức."))
    return programme, contest, reach


def parts_of(request: HttpRequest, programme: Programme, reach: Reach) -> list[Tab]:
    """Return the pages of the judging."""
    names = [("contest", _("Việc cần làm"))]
    if can_keep_contest(reach):
        names += [
            ("contest-rules", _("Thể lệ")), ("contest-council", _("Hội đồng")), ("contest-phases", _("Giai đoạn")),
            ("contest-assignment", _("Phân công")),
        ]  # fmt: skip
    names += [
        ("contest-progress", _("Tiến độ")),
        ("contest-ranking", _("Xếp hạng")),
        ("contest-result", _("Kết quả")),
    ]
    urls = [(label, reverse(f"programmes-desk:{name}", args=[programme.pk])) for name, label in names]
    return [Tab(label=label, url=url, current=request.path == url) for label, url in urls]


def shown(request: HttpRequest, page: str, programme: Programme, reach: Reach, *, status: int = 200, **context: Any) -> HttpResponse:  # fmt: skip
    """Answer with a page of the contest."""
    values = frame(
        request,
        programme,
        parts=parts_of(request, programme, reach),
        keeps=can_keep_contest(reach),
        **context,
    )
    return render(request, f"programmes/contests/{page}.html", values, status=status)
