"""Desk pages of programmes: the list, one programme, its forms, its steps and its sessions."""

from datetime import date
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.orgs.models import Unit
from khcn.programmes.enums import EDITABLE_STATES, WITH_SESSIONS, Audience, ProgrammeKind, ProgrammeState
from khcn.programmes.exports.calendar_feed import zalo_text
from khcn.programmes.forms.calendar import ProgrammeForm, SessionForm, TextForm
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import can_approve, can_create, can_edit_text, can_run
from khcn.programmes.selectors.calendar import Asked, desk_list, units_of
from khcn.programmes.selectors.programmes import sessions_of
from khcn.programmes.services import calendar_programmes as deeds
from khcn.programmes.services import calendar_sessions as sessions
from khcn.programmes.services.calendar_clones import programme_clone
from khcn.programmes.views.base import desk_only, frame, readable, runnable, words_in
from khcn.ui.deeds import only, sent, told

FIELDS = (
    *deeds.PUBLIC_TEXT, "kind", "year", "task", "starts_on", "ends_on", "registration", "by_session", "opens_at",
    "closes_at", "capacity", "waiting_list", "needs_approval", "threshold_percent", "revision",
)  # fmt: skip
K = ProgrammeKind
KINDS = (
    (K.COURSE, _lazy("Một hay nhiều buổi học; có danh sách lớp, điểm danh, giấy chứng nhận.")),
    (K.WORKSHOP, _lazy("Một buổi trao đổi có báo cáo viên; đăng ký và điểm danh.")),
    (K.INFORMATION, _lazy("Nhiều buổi ở nhiều nơi; người dự chọn buổi gần mình.")),
    (K.VISIT, _lazy("Đưa một đoàn, thường là học sinh, đến xem một nơi.")),
    (K.EXHIBITION, _lazy("Các gian trưng bày, mở trong một hay nhiều ngày.")),
    (K.MEETING, _lazy("Doanh nghiệp, trường, nhà khoa học gặp nhau.")),
    (K.CONTEST, _lazy("Các đội nộp bài, giám khảo chấm, có giải; không chia buổi.")),
    (K.SUPPORT, _lazy("Trường, đơn vị nộp đề nghị, được duyệt thì nhận thiết bị; không chia buổi.")),
)
SESSION_FIELDS = ("title", "starts_at", "ends_at", "venue", "address", "link", "capacity", "note")


def number_in(text: str | None) -> int | None:
    """Return a number of an address, or ``None``."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def month_in(text: str) -> date | None:
    """Return the first day of a month like "2026-05", or ``None``."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


def asked_in(query: QueryDict) -> Asked:
    """Return what a list was asked for; nonsense asks for nothing."""

    def one(name: str, choices: Any) -> str:
        value = query.get(name, "")
        return value if value in choices.values else ""

    return Asked(
        kind=one("loai", ProgrammeKind), state=one("trang-thai", ProgrammeState), audience=one("danh-cho", Audience),
        year=number_in(query.get("nam")), unit=number_in(query.get("don-vi")), text=words_in(query),
        month=month_in(query.get("thang", "")),
    )  # fmt: skip


@login_required
@require_safe
def programmes(request: HttpRequest) -> HttpResponseBase:
    """List what the person reads, or give it as a spreadsheet."""
    reach, today = desk_only(request), timezone.localdate()
    asked = asked_in(request.GET)
    rows = desk_list(request.user, today, asked)
    if request.GET.get("tep") == "xlsx":
        heads = [
            _("Tên"),
            _("Loại"),
            _("Trạng thái"),
            _("Đơn vị"),
            _("Năm"),
            _("Từ ngày"),
            _("Đến ngày"),
            _("Số chỗ"),
        ]
        lines = (
            [
                row.title, row.get_kind_display(), row.get_state_display(), row.unit.name, row.year, row.starts_on,
                row.ends_on, row.capacity,
            ]
            for row in rows[:50_000]
        )  # fmt: skip
        return table_response("xlsx", [Column(head) for head in heads], lines, "chuong-trinh")
    context = {
        "page": Paginator(rows, 30).get_page(request.GET.get("trang")), "asked": asked, "kinds": ProgrammeKind.choices,
        "states": ProgrammeState.choices, "query": request.GET.urlencode(), "audiences": Audience.choices,
        "units": units_of(Programme.objects.visible_to(request.user, today)), "creates": reach.officer or reach.reporting,
    }  # fmt: skip
    return render(request, "programmes/calendar/list.html", context)


@login_required
@require_safe
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one programme: its state, what comes next, its sessions."""
    row, reach = readable(request, pk)
    now, held = timezone.now(), list(sessions_of(row))
    mine = request.user.pk in {row.created_by_id, row.submitted_by_id}
    approves = row.state == ProgrammeState.SUBMITTED and can_approve(reach, row.unit_id)
    context = frame(
        request, row, sessions=held, trainers=row.trainers.all(),
        runs=can_run(reach, row.unit_id) and row.state in EDITABLE_STATES,
        clones=can_create(reach, row.unit_id), zalo=zalo_text(row, held, now) if row.is_public else "",
        has_sessions=row.kind in WITH_SESSIONS, edits=can_edit_text(reach, row.unit_id) and row.state in EDITABLE_STATES,
        approves=approves and not mine, returns=approves, mine=approves and mine, now=now,
    )  # fmt: skip
    return render(request, "programmes/calendar/programme.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request: HttpRequest) -> HttpResponse:
    """Make a programme."""
    reach, now = desk_only(request), timezone.now()
    only(
        reach.officer or bool(reach.reporting),
        _("Chỉ người báo cáo của đơn vị và chuyên viên đầu mối lập chương trình."),
    )
    units = Unit.objects.in_force(timezone.localdate()).alphabetical()
    units = units if reach.officer else units.filter(pk__in=reach.reporting)
    only_one = units[0] if len(units[:2]) == 1 else None
    kind = request.POST.get("kind") or request.GET.get("loai", "")
    if kind not in ProgrammeKind.values and request.method != "POST":
        return render(request, "programmes/calendar/kinds.html", {"kinds": KINDS})
    initial = {
        "year": timezone.localtime(now).year,
        "unit": only_one,
        "kind": kind,
        "client_key": token_hex(16),
    }
    form = ProgrammeForm(request.POST or None, units=units, kind=kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = sent(
            form,
            lambda: deeds.programme_create(
                actor=request.user, unit=form.cleaned_data["unit"], values=form.text(), now=now,
                client_key=form.cleaned_data["client_key"],
            ),
        )  # fmt: skip
        if made is not None:
            with_sessions = made.kind in WITH_SESSIONS
            messages.success(
                request,
                _("Đã lưu bản nháp. Tiếp theo hãy thêm buổi.")
                if with_sessions
                else _("Đã lưu bản nháp. Xem lại rồi gửi duyệt."),
            )
            return redirect("programmes-desk:programme", pk=made.pk)
    return _shown(request, form, None, kind)


def _shown(request: HttpRequest, form: Any, row: Programme | None, kind: str = "") -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    label = ProgrammeKind(kind).label if kind in ProgrammeKind.values else ""
    context = {"form": form, "row": row, "kind_label": label}
    return render(request, "programmes/calendar/form.html", context, status=status)


def _kind_asked(request: HttpRequest, row: Programme) -> str:
    asked = request.POST.get("kind", "")
    return asked if asked in ProgrammeKind.values and row.published_at is None else row.kind


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a programme; an editor changes what the public reads."""
    row, reach = readable(request, pk)
    only(can_edit_text(reach, row.unit_id), _("Bạn không sửa được chương trình này."))
    initial = {name: getattr(row, name) for name in FIELDS} | {"audiences": row.audience_list}
    full = can_run(reach, row.unit_id)
    form: TextForm = (
        ProgrammeForm(
            request.POST or None, units=None, fixed=True, initial=initial, kind=_kind_asked(request, row)
        )
        if full
        else TextForm(request.POST or None, initial=initial)
    )
    if request.method == "POST" and form.is_valid():
        saved = sent(
            form,
            lambda: deeds.programme_update(
                actor=request.user, programme_id=pk, values=form.text(), revision=form.cleaned_data["revision"] or 0,
                now=timezone.now(),
            ),
        )  # fmt: skip
        if saved is not None:
            messages.success(request, _("Đã lưu chương trình."))
            return redirect("programmes-desk:programme", pk=pk)
    return _shown(request, form, row)


@login_required
@require_POST
def programme_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit, return, approve, close, cancel or clone."""
    readable(request, pk)
    base: dict[str, Any] = {"actor": request.user, "programme_id": pk, "now": timezone.now()}
    reason = request.POST.get("reason", "")
    step = request.POST.get("viec", "")
    if step == "clone":
        year = number_in(request.POST.get("year")) or 0
        made = told(request, lambda: programme_clone(**base, year=year))
        return redirect("programmes-desk:programme", pk=made.pk if made else pk)
    done = {
        "submit": lambda: deeds.programme_submit(**base), "approve": lambda: deeds.programme_approve(**base),
        "return": lambda: deeds.programme_return(**base, reason=reason), "close": lambda: deeds.programme_close(**base),
        "cancel": lambda: deeds.programme_cancel(**base, reason=reason),
    }.get(step)  # fmt: skip
    if done is None:
        raise Http404
    if told(request, done) is not None:
        messages.success(request, _("Đã ghi."))
    return redirect("programmes-desk:programme", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a session or a series; a series is shown before it is made."""
    row, _reach = runnable(request, pk)
    form, preview = SessionForm(request.POST or None, new=True), None
    base: dict[str, Any] = {"actor": request.user, "programme_id": pk, "now": timezone.now()}
    if request.method == "POST" and form.is_valid():
        values, recurrence = form.text(), form.recurrence()
        if recurrence is None:
            made = sent(form, lambda: [sessions.session_add(**base, values=values)])
        elif request.POST.get("xem") == "1":
            made, preview = None, sent(form, lambda: sessions.recurrence_preview(values, recurrence))
        else:
            made = sent(form, lambda: sessions.sessions_repeat(**base, values=values, recurrence=recurrence))
        if made:
            messages.success(request, _("Đã thêm buổi."))
            return redirect("programmes-desk:programme", pk=pk)
    status = 422 if request.method == "POST" and preview is None else 200
    context = frame(request, row, form=form, preview=preview)
    return render(request, "programmes/calendar/session.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_edit(request: HttpRequest, pk: int, session_pk: int) -> HttpResponse:
    """Change or cancel a session, or it and those after it."""
    row, _reach = runnable(request, pk)
    one = get_object_or_404(row.sessions, pk=session_pk)
    base: dict[str, Any] = {"actor": request.user, "session_id": one.pk, "now": timezone.now()}
    if request.method == "POST" and request.POST.get("viec") == "cancel":
        following = bool(request.POST.get("following"))
        told(
            request,
            lambda: sessions.session_cancel(
                **base, reason=request.POST.get("reason", ""), following=following
            ),
        )
        return redirect("programmes-desk:programme", pk=pk)
    initial = {name: getattr(one, name) for name in SESSION_FIELDS}
    form = SessionForm(request.POST or None, new=False, series=bool(one.series), initial=initial)
    if request.method == "POST" and form.is_valid():
        following = bool(form.cleaned_data.get("following"))
        saved = sent(form, lambda: sessions.session_update(**base, values=form.text(), following=following))
        if saved is not None:
            messages.success(request, _("Đã lưu buổi."))
            return redirect("programmes-desk:programme", pk=pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "programmes/calendar/session.html", frame(request, row, form=form, one=one), status=status
    )
