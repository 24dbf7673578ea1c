"""Desk pages of messages: the list of a programme, writing, reading before release, what became of each."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.programmes.enums import LetterState
from khcn.programmes.forms.letters import KINDS, LetterForm, ReleaseForm
from khcn.programmes.models.letters import Letter, LetterRecipient, LetterSetting
from khcn.programmes.permissions import can_run
from khcn.programmes.rules.letters import DEFAULTS, masked
from khcn.programmes.selectors.letters import letters_of, recipients_of
from khcn.programmes.services import letters as deeds
from khcn.programmes.services.letters_automatic import reminders_set
from khcn.programmes.services.letters_to import group_chat_text, letter_preview_of
from khcn.programmes.views.base import frame, people_of, runnable
from khcn.ui.deeds import sent, told

COLUMNS = [
    Column(gettext_lazy("Người nhận")), Column(gettext_lazy("Địa chỉ")), Column(gettext_lazy("Tình trạng")),
    Column(gettext_lazy("Lý do lỗi")), Column(gettext_lazy("Đã gửi lúc")),
]  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest, pk: int) -> HttpResponse:
    """List a programme's messages; switch automatic reminders."""
    programme, reach = people_of(request, pk)
    if request.method == "POST":
        told(
            request,
            lambda: reminders_set(
                actor=request.user,
                programme=programme,
                automatic=request.POST.get("tu-dong") == "1",
                now=timezone.now(),
            ),
        )
        return redirect(request.path)
    page = Paginator(letters_of(programme), 50).get_page(request.GET.get("trang"))
    automatic = LetterSetting.objects.filter(programme=programme, auto_reminders=True).exists()
    context = frame(
        request, programme, page=page, automatic=automatic, runs=can_run(reach, programme.unit_id),
        kinds=KINDS,
    )  # fmt: skip
    return render(request, "programmes/letters/list.html", context)


def _letter(programme: Any, pk: int) -> Letter:
    row = letters_of(programme).filter(pk=pk).first()
    if row is None:
        raise Http404
    found: Letter = row
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter_edit(request: HttpRequest, pk: int, letter_pk: int | None = None) -> HttpResponse:
    """Write a message or change a draft."""
    programme, _reach = runnable(request, pk)
    row = _letter(programme, letter_pk) if letter_pk else None
    kind = request.GET.get("loai", "custom")
    words = DEFAULTS.get(kind, DEFAULTS["custom"])
    initial: dict[str, Any] = {"kind": kind, "client_key": secrets.token_hex(12), **words._asdict()}
    if row:
        names = ("kind", "audience", "session", "subject", "body", "subject_en", "body_en")
        initial = {name: getattr(row, name) for name in names}
    form = LetterForm(request.POST or None, initial=initial, sessions=programme.sessions.all())
    if request.method == "POST" and form.is_valid():
        saved = sent(
            form,
            lambda: deeds.letter_save(
                actor=request.user, programme=programme, values=form.values(), now=timezone.now(), letter_id=letter_pk,
                client_key=form.cleaned_data["client_key"],
            ),
        )  # fmt: skip
        if saved:
            return redirect("programmes-desk:letter", pk, saved.pk)
    context = frame(request, programme, form=form, letter=row)
    return render(
        request, "programmes/letters/form.html", context, status=422 if request.method == "POST" else 200
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, pk: int, letter_pk: int) -> HttpResponseBase:
    """Show a message: before release everybody who gets it, after release what became of each."""
    programme, reach = people_of(request, pk)
    row = _letter(programme, letter_pk)
    runs = can_run(reach, programme.unit_id)
    form = ReleaseForm(request.POST if request.POST.get("viec") == "release" else None)
    if request.method == "POST" and _done(request, row, form):
        return redirect(request.path)
    seen = letter_preview_of(row) if row.state == LetterState.DRAFT else None
    rows = recipients_of(row, failed=request.GET.get("tinh-trang") == "loi")
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        cells = (_line(one, runs) for one in rows.iterator(chunk_size=500))
        return table_response(kind, COLUMNS, cells, _("Người nhận tin"), title=row.subject)
    page = Paginator(rows, 100).get_page(request.GET.get("trang"))
    lines = [(one, _address(one, runs)) for one in page]
    context = frame(
        request, programme, letter=row, seen=seen, page=page, lines=lines, form=form, runs=runs, chat=group_chat_text(row),
        fresh=bool(seen and row.previewed_digest == seen.digest), sample=seen.to[0] if seen and seen.to else None,
    )  # fmt: skip
    return render(request, "programmes/letters/letter.html", context, status=422 if form.is_bound else 200)


def _address(one: LetterRecipient, runs: bool) -> str:
    if one.message is None:
        return "–"
    return one.message.recipient if runs else masked(one.message.recipient)


def _line(one: LetterRecipient, runs: bool) -> tuple[Any, ...]:
    whom = one.registration or one.group
    message = one.message
    return (
        whom.name if whom else "", _address(one, runs), message.get_state_display() if message else "",
        message.error if message else "", message.sent_at if message else None,
    )  # fmt: skip


def _done(request: HttpRequest, row: Letter, form: ReleaseForm) -> bool:
    who: dict[str, Any] = {"actor": request.user, "letter_id": row.pk, "now": timezone.now()}
    deed = request.POST.get("viec", "")
    if deed == "release":
        if not form.is_valid():
            return False
        count = sent(form, lambda: deeds.letter_release(**who, count=form.cleaned_data["count"]))
        if count:
            messages.success(
                request, _("Đã cho gửi %(count)s tin. Tình trạng từng tin ở dưới.") % {"count": count}
            )
        return bool(count)
    simple: dict[str, Any] = {
        "preview": deeds.letter_preview, "cancel": deeds.letter_cancel, "retry": deeds.letter_retry,
    }  # fmt: skip
    name, _sep, recipient = deed.partition(":")
    if recipient.isascii() and recipient.isdigit() and len(recipient) < 12 and name in {"retry", "stop"}:
        deeds_of_one: dict[str, Any] = {"retry": deeds.letter_retry, "stop": deeds.recipient_stop}
        told(request, lambda: deeds_of_one[name](**who, recipient_id=int(recipient)))
    elif deed in simple:
        told(request, lambda: simple[deed](**who))
    return True
