"""The public pages of a team: registering in two steps, and the secret page from which everything is done."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.api.limits import client_address
from khcn.core.errors import KhcnError
from khcn.core.gate import costly
from khcn.programmes.enums import ConsentPurpose, EntryState, PhaseKind, TeamState
from khcn.programmes.errors import GoneError
from khcn.programmes.exports.entries import team_template, teams_read
from khcn.programmes.forms.entries import (
    CodeForm,
    EntryForm,
    MemberForm,
    PublishForm,
    SheetForm,
    TeamForm,
    TeamNameForm,
)
from khcn.programmes.models.entries import EntryFile, EntryReceipt, Team, TeamMember
from khcn.programmes.selectors.entries import (
    closed_because,
    contest_of,
    entry_of,
    member_subject,
    missing_of,
    people_of,
    team_by_token,
)
from khcn.programmes.selectors.entries_public import award_of, own_total
from khcn.programmes.services.codes import code_send
from khcn.programmes.services.consents import consents_standing, text_of
from khcn.programmes.services.entries import entry_save, entry_submit, entry_withdraw
from khcn.programmes.services.entries_consents import member_publish, member_unpublish, team_erase
from khcn.programmes.services.entries_files import ENTRIES
from khcn.programmes.services.entries_sheet import SheetError, teams_take_in
from khcn.programmes.services.entries_teams import (
    TeamWish,
    code_purpose,
    member_remove,
    member_save,
    team_create,
    team_update,
    team_withdraw,
    wish_check,
)
from khcn.programmes.views.entries_public import contest_page
from khcn.programmes.views.entries_uploads import Watch, watched
from khcn.ui.deeds import secret, sent, told

SALT = "khcn.programmes.team"
AN_HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.team", per_minute=30)
def team_new(request: HttpRequest, key: str) -> HttpResponse:
    """Register a team: first what it is called and who answers for it, then the code."""
    programme = contest_page(key)
    now = timezone.now()
    contest = contest_of(programme)
    closed = closed_because(programme, contest, now)
    context: dict[str, Any] = {"programme": programme, "closed": closed, "contest": contest}
    if request.method != "POST":
        context["form"] = TeamForm(initial={"client_key": uuid4().hex})
        return render(request, "programmes/entries/team_new.html", context)
    if "wish" in request.POST:
        return _second(request, context, now)
    form = TeamForm(request.POST)
    if form.is_valid():
        wish = form.wish()
        if form.is_robot:
            return _ask_code(request, context, wish)

        def ask() -> bool:
            wish_check(programme, wish, now)
            code_send(
                address=wish.address, purpose=code_purpose(programme), visitor=client_address(request), now=now,
                about=programme.title,
            )  # fmt: skip
            return True

        if sent(form, ask):
            return _ask_code(request, context, wish)
    return render(request, "programmes/entries/team_new.html", context | {"form": form}, status=422)


def _ask_code(request: HttpRequest, context: dict[str, Any], wish: TeamWish) -> HttpResponse:
    fields = [wish.name, wish.organisation, wish.contact_name, wish.address, wish.client_key]
    form = CodeForm(initial={"wish": signing.dumps(fields, salt=SALT)})
    return secret(
        render(
            request, "programmes/entries/team_code.html", context | {"form": form, "address": wish.address}
        )
    )


def _second(request: HttpRequest, context: dict[str, Any], now: datetime) -> HttpResponse:
    programme = context["programme"]
    try:
        wish = TeamWish(*signing.loads(request.POST["wish"], salt=SALT, max_age=AN_HOUR))
    except (signing.BadSignature, TypeError, ValueError):
        messages.error(request, _("Trang để lâu quá. Hãy ghi lại từ đầu."))
        return redirect("programmes:entries-team-new", key=programme.key)
    form = CodeForm(request.POST)
    if form.is_valid():
        digits = form.cleaned_data["code"]
        team = sent(
            form, lambda: team_create(actor=None, programme=programme, wish=wish, digits=digits, now=now)
        )
        if team is not None:
            messages.success(
                request, _("Đã đăng ký đội. Hãy lưu địa chỉ trang này: đây là trang riêng của đội.")
            )
            return _to_team(team)
    context |= {"form": form, "address": wish.address}
    return secret(render(request, "programmes/entries/team_code.html", context, status=422))


def of_team(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give a view the team of a secret link; where the link opens nothing, a page says so (404)."""

    @wraps(view)
    def opened(request: HttpRequest, key: str, token: str, **more: Any) -> HttpResponseBase:
        programme = contest_page(key)
        try:
            team = team_by_token(programme, token)
        except GoneError as error:
            context = {"programme": programme, "sentence": error.message}
            return secret(render(request, "programmes/entries/gone.html", context, status=404))
        return view(request, team, **more)

    return opened


def _to_team(team: Team) -> HttpResponse:
    return secret(redirect("programmes:entries-team", key=team.programme.key, token=team.token))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.team_page", per_minute=90, noindex=True)
def team_page(request: HttpRequest, key: str, token: str) -> HttpResponseBase:
    """Show the team's page; take in its entry with files. The body is read only after the clock was looked at."""
    watch = watched(request)
    return _team_page(request, key, token, watch=watch)


@csrf_protect
@of_team
def _team_page(request: HttpRequest, team: Team, *, watch: Watch) -> HttpResponseBase:
    if request.method != "POST":
        return _shown(request, team)
    form = EntryForm(request.POST, request.FILES)
    if watch.sentence:
        form.is_valid()
        form.add_error("files", watch.sentence)
        return _shown(request, team, form=form, status=413)
    if form.is_valid():
        drop = [int(one) for one in request.POST.getlist("bo") if one.isascii() and one.isdigit()]
        hand_in = request.GET.get("viec") == "nop"
        entry = sent(
            form,
            lambda: entry_save(
                actor=None, team=team, values=form.text(), files=form.cleaned_data["files"], drop=drop[:100],
                submit=hand_in, begun=watch.begun, now=timezone.now(),
            ),
        )  # fmt: skip
        if entry is not None:
            entry.refresh_from_db()
            if entry.late_by_s and entry.state == EntryState.SUBMITTED:
                words = {"late": entry.late_by_s}
                messages.success(request, _("Đã nhận bài. Lần gửi bắt đầu trước hạn và đến nơi sau hạn %(late)s giây nên vẫn được tính.") % words)  # fmt: skip
            elif entry.state == EntryState.SUBMITTED:
                messages.success(
                    request, _("Đã nộp bài. Giấy báo nhận ở ngay dưới đây; bạn còn sửa được đến hết hạn.")
                )
            else:
                messages.success(
                    request, _("Đã lưu bản nháp. Bài chưa nộp: hãy bấm “Lưu và nộp bài” trước hạn.")
                )
            return _to_team(team)
    return _shown(request, team, form=form, status=422)


def _shown(
    request: HttpRequest, team: Team, *, form: EntryForm | None = None, status: int = 200
) -> HttpResponse:
    programme, now = team.programme, timezone.now()
    contest, entry = contest_of(programme), entry_of(team)
    people = people_of(team)
    given = consents_standing([member_subject(one.pk) for one in people], ConsentPurpose.PUBLICATION)
    if form is None:
        start = {"title": entry.title, "summary": entry.summary, "video_link": entry.video_link, "revision": entry.revision} if entry else {}  # fmt: skip
        form = EntryForm(initial=start)
    closed = closed_because(programme, contest, now)
    context = {
        "programme": programme, "team": team, "contest": contest, "entry": entry, "form": form, "closed": closed,
        "now": now, "people": [(one, given.get(member_subject(one.pk), set())) for one in people],
        "missing": missing_of(team, entry, contest) if contest else [], "active": team.state == TeamState.ACTIVE,
        "receipts": EntryReceipt.objects.filter(entry=entry) if entry else [], "award": award_of(team),
        "total": own_total(team, entry), "can_leave": contest is not None and contest.phase != PhaseKind.DONE,
    }  # fmt: skip
    return secret(render(request, "programmes/entries/team.html", context, status=status))


@require_POST
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def team_deed(request: HttpRequest, team: Team) -> HttpResponse:
    """Do one thing for the whole team: hand in, take the entry back, leave, forget everything."""
    now = timezone.now()
    deeds: dict[str, tuple[Callable[[], Any], str]] = {
        "nop": (lambda: entry_submit(actor=None, team=team, now=now), _("Đã nộp bài.")),
        "rut-bai": (lambda: entry_withdraw(actor=None, team=team, now=now), _("Bài trở lại bản nháp. Nhớ nộp lại trước hạn.")),
        "rut-doi": (lambda: team_withdraw(actor=None, team=team, now=now), _("Đội đã rút khỏi cuộc thi.")),
        "xoa": (lambda: team_erase(actor=None, team=team, now=now), _("Đã xóa thông tin và tệp của đội.")),
    }  # fmt: skip
    name = request.POST.get("viec", "")
    if name not in deeds:
        raise Http404
    if name in {"rut-doi", "xoa"} and request.POST.get("chac") != "1":
        messages.error(request, _("Hãy đánh dấu ô xác nhận rồi bấm lại."))
    elif told(request, lambda: deeds[name][0]() is not None):
        messages.success(request, deeds[name][1])
        if name == "xoa":
            return secret(redirect("programmes:entries-rules", key=team.programme.key))
    return _to_team(team)


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def team_edit(request: HttpRequest, team: Team) -> HttpResponse:
    """Change what the team is called."""
    start = {"name": team.name, "organisation": team.organisation, "contact_name": team.contact_name}
    form = TeamNameForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        done = sent(form, lambda: team_update(actor=None, team=team, now=timezone.now(), **form.cleaned_data))
        if done:
            return _to_team(team)
    return _form_page(request, team, form, _("Sửa tên đội"))


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def member_page(request: HttpRequest, team: Team, pk: int | None = None) -> HttpResponse:
    """Add a person to a team, put one right, or take one out."""
    row = TeamMember.objects.filter(team=team, pk=pk, removed_at=None).first() if pk else None
    if pk and row is None:
        raise Http404
    now = timezone.now()
    if request.method == "POST" and row is not None and request.POST.get("viec") == "bo":
        if told(request, lambda: member_remove(actor=None, team=team, member_id=row.pk, now=now)):
            messages.success(request, _("Đã bỏ khỏi đội."))
        return _to_team(team)
    names = ("name", "part", "birth_year", "class_name", "sex", "guardian_name")
    form = MemberForm(
        request.POST or None, initial={name: getattr(row, name) for name in names} if row else None
    )
    if row is not None:
        del form.fields["agreed"]
    if request.method == "POST" and form.is_valid():
        done = sent(
            form, lambda: member_save(actor=None, team=team, person=form.person(), now=now, member_id=pk)
        )
        if done:
            messages.success(request, _("Đã ghi %(name)s.") % {"name": done.name})
            return _to_team(team)
    return _form_page(request, team, form, _("Sửa thông tin") if row else _("Thêm người vào đội"), row=row)


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def publish_page(request: HttpRequest, team: Team, pk: int) -> HttpResponse:
    """Enter or take back who agrees that a member's name and work are shown."""
    member = TeamMember.objects.filter(team=team, pk=pk, removed_at=None).first()
    if member is None:
        raise Http404
    now, back = timezone.now(), _to_team(team)
    if request.method == "POST" and request.POST.get("viec") == "rut":
        if told(request, lambda: member_unpublish(actor=None, team=team, member_id=pk, now=now) + 1):
            messages.success(request, _("Đã rút đồng ý. Tên và bài không còn trên trang công khai."))
        return back
    form = PublishForm(request.POST or None, request.FILES or None, is_minor=member.is_minor, initial={"guardian_name": member.guardian_name})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if sent(form, lambda: member_publish(actor=None, team=team, member_id=pk, now=now, **data)):
            messages.success(request, _("Đã ghi đồng ý công bố."))
            return back
    given = consents_standing([member_subject(pk)], ConsentPurpose.PUBLICATION).get(member_subject(pk), set())
    context = {"team": team, "programme": team.programme, "member": member, "form": form, "given": given, "text": text_of(ConsentPurpose.PUBLICATION, timezone.localdate())}  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return secret(render(request, "programmes/entries/publish.html", context, status=status))


@require_safe
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def consent_forms(request: HttpRequest, team: Team) -> HttpResponse:
    """Show the consent forms of a team to print and sign."""
    day = timezone.localdate()
    texts = [(ConsentPurpose(one).label, text_of(one, day).text) for one in (ConsentPurpose.PROCESSING, ConsentPurpose.PUBLICATION)]  # fmt: skip
    context = {"team": team, "programme": team.programme, "people": people_of(team), "texts": texts}
    return secret(render(request, "programmes/entries/consent_print.html", context))


@require_safe
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def receipt_page(request: HttpRequest, team: Team, number: int) -> HttpResponse:
    """Show a receipt to print."""
    row = EntryReceipt.objects.filter(entry__team=team, number=number).order_by("-pk").first()
    if row is None:
        raise Http404
    context = {"team": team, "programme": team.programme, "receipt": row}
    return secret(render(request, "programmes/entries/receipt.html", context))


@require_safe
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def team_file(request: HttpRequest, team: Team, pk: int) -> HttpResponseBase:
    """Hand a team its own file."""
    file = EntryFile.objects.filter(entry__team=team, pk=pk).first()
    if file is None:
        raise Http404
    return secret(ENTRIES.response(file.name, file.title))


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.team_page", per_minute=90, noindex=True)
@of_team
def teams_sheet(request: HttpRequest, team: Team) -> HttpResponseBase:
    """Register further teams of the same contact from a filled list."""
    if request.method != "POST" and request.GET.get("tep") == "mau":
        return secret(team_template())
    form = SheetForm(request.POST or None, request.FILES or None)
    lines: list[str] = []
    made: list[Team] = []
    if request.method == "POST" and form.is_valid():
        try:
            filled = teams_read(form.cleaned_data["file"])
            made = teams_take_in(actor=None, team=team, filled=filled, now=timezone.now())
        except SheetError as error:
            form.add_error("file", error.message)
            lines = error.lines
        except KhcnError as error:
            form.add_error("file", error.message)
    context = {"team": team, "programme": team.programme, "form": form, "lines": lines[:50], "more": len(lines) - 50, "made": made}  # fmt: skip
    status = 422 if request.method == "POST" and not made else 200
    return secret(render(request, "programmes/entries/sheet.html", context, status=status))


def _form_page(
    request: HttpRequest, team: Team, form: Any, title: str, row: TeamMember | None = None
) -> HttpResponse:
    context = {"team": team, "programme": team.programme, "form": form, "title": title, "row": row}
    status = 422 if request.method == "POST" else 200
    return secret(render(request, "programmes/entries/team_form.html", context, status=status))
