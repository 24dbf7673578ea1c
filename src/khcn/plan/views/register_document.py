"""One document of the register: its page, its steps, its files."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.columns import attachment
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.plan.enums import DocumentState, FileRole
from khcn.plan.forms.register import DocxForm, NumberForm, ReasonForm, ReplaceForm, SignedForm, SignForm
from khcn.plan.models import Document
from khcn.plan.permissions import Reach, reach_of
from khcn.plan.rules.register import APART, full_number, type_name
from khcn.plan.selectors.people import holders
from khcn.plan.selectors.register import document_of, file_of, next_number
from khcn.plan.services.register import (
    DOCX_MIME,
    document_attach_signed,
    document_redraft,
    file_bytes,
    latest_draft,
    may_redraft,
    upload_bytes,
)
from khcn.plan.services.register_flow import (
    document_content_check,
    document_format_check,
    document_issue,
    document_recall,
    document_replace,
    document_return,
    document_sign,
    may_check_content,
)
from khcn.plan.services.register_numbers import document_number
from khcn.plan.tables.register import document_state, facts_of, kept_check_lines, way_of
from khcn.plan.views.register import GET_POST, register_crumbs, register_reader
from khcn.plan.views.report_base import at

SIGNING = frozenset({Role.LEADER, Role.UNIT_HEAD, Role.FOCAL_HEAD})


def readable(request: HttpRequest, pk: int) -> Document:
    """Return a document that this person reads. Raises PermissionDenied or Http404."""
    register_reader(request)
    document = document_of(request.user, pk)
    if document is None:
        raise Http404
    return document


def _people() -> Any:
    today = timezone.localdate()
    keys = {person.pk for role in SIGNING for person in holders(role, today)}
    return User.objects.filter(pk__in=keys).order_by("full_name")


def _free(document: Document, step: str, user: Any) -> bool:
    """Return whether nothing that the person did before keeps them from a step."""
    return all(getattr(document, name) != user.pk for name in APART.get(step, ()))


def rights_of(document: Document, user: Any, reach: Reach) -> dict[str, bool]:
    """Return which steps the page offers to a person; services check them again."""
    state, clerk = document.state, reach.clerk
    signed = document.files.filter(role=FileRole.SIGNED).exists()
    waits = state in {DocumentState.CONTENT_CHECKED, DocumentState.FORMAT_CHECKED}
    return {
        "redraft": state == DocumentState.DRAFT and may_redraft(user, document, timezone.now()),
        "content": state == DocumentState.DRAFT and may_check_content(reach, document) and _free(document, "content", user),
        "format": state == DocumentState.CONTENT_CHECKED and clerk and _free(document, "format", user),
        "give_back": waits and (clerk or reach.leader),
        "sign": state == DocumentState.FORMAT_CHECKED and (clerk or (reach.leader and _free(document, "sign", user))),
        "number": state == DocumentState.SIGNED and clerk and _free(document, "number", user),
        "attach": state in {DocumentState.SIGNED, DocumentState.NUMBERED} and not signed and (clerk or document.signer_id == user.pk),
        "issue": state == DocumentState.NUMBERED and signed and clerk and _free(document, "issue", user),
        "after": state == DocumentState.ISSUED and clerk,
    }  # fmt: skip


def _forms(request: HttpRequest, document: Document, deed: str) -> dict[str, forms.Form]:
    """Return the forms of the page; the one that was sent holds what was sent."""
    today = timezone.localdate()

    def data(key: str) -> dict[str, Any]:
        return {"data": request.POST, "files": request.FILES} if deed == key else {}

    signing = {
        "name": document.signer_name,
        "position": document.signer_position,
        "mode": document.signing_mode,
    }
    signer = request.user.pk if reach_of(request.user).leader else None
    return {
        "du-thao": DocxForm(**data("du-thao")),
        "tra-lai": ReasonForm(**data("tra-lai"), auto_id="tra-lai-%s"),
        "chap-nhan": ReasonForm(**data("chap-nhan"), auto_id="chap-nhan-%s"),
        "ky": SignForm(**data("ky"), people=_people(), initial={**signing, "signer": signer}),
        "so": NumberForm(**data("so"), initial={"dated": today}),
        "ban-ky": SignedForm(**data("ban-ky")),
        "thu-hoi": ReasonForm(**data("thu-hoi"), auto_id="thu-hoi-%s"),
        "thay-the": ReplaceForm(**data("thay-the"), document=document, auto_id="thay-the-%s"),
    }


@login_required
@require_http_methods(GET_POST)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a document; each step has its own button."""
    found = readable(request, pk)
    deed = request.POST.get("viec", "") if request.method == "POST" else ""
    sheets = _forms(request, found, deed)
    form = sheets.get(deed)
    if request.method == "POST" and (form is None or form.is_valid()):
        if _done(request, found, deed, form.cleaned_data if form else {}):
            return redirect(at("document", pk))
        found = readable(request, pk)
    reach = reach_of(request.user, timezone.localdate())
    context = {
        "document": found, "state": document_state(found), "type": type_name(found.type_code), "facts": facts_of(found),
        "way": way_of(found), "files": found.files.order_by("pk"), "draft": latest_draft(found),
        "check": kept_check_lines(found.format_check), "accepted": found.format_check.get("accepted_because", ""),
        "rights": rights_of(found, request.user, reach), "forms": {key.replace("-", "_"): one for key, one in sheets.items()},
        "next": full_number(next_number(found, timezone.localdate().year), found.symbol),
        "crumbs": register_crumbs((full_number(found.number, found.symbol) or _("Dự thảo"), "")),
    }  # fmt: skip
    return render(request, "plan/register/document.html", context)


def _done(request: HttpRequest, found: Document, deed: str, data: dict[str, Any]) -> bool:
    """Do what a button asks for; say what came of it. False when it was refused."""
    act = _DEEDS.get(deed)
    if act is None:
        raise Http404
    try:
        sentence = act(request, found, data)
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        messages.error(request, error.message)
        return False
    (messages.success if sentence else messages.warning)(
        request, sentence or _("Văn bản chưa đúng thể thức. Xem các điểm cần sửa ở dưới.")
    )
    return True


def _content(request: HttpRequest, found: Document, _data: dict[str, Any]) -> str:
    document_content_check(actor=request.user, document=found, now=timezone.now())
    return _("Đã chuyển văn thư kiểm tra thể thức.")


def _format(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    result = document_format_check(
        actor=request.user, document=found, reason=data.get("reason", ""), now=timezone.now()
    )
    if result.conforms:
        return _("Đúng thể thức. Văn bản chờ ký.")
    return _("Đã chấp nhận có lý do. Văn bản chờ ký.") if data.get("reason") else ""


def _return(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    document_return(actor=request.user, document=found, reason=data["reason"], now=timezone.now())
    return _("Đã trả lại cho người soạn.")


def _sign(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    document_sign(
        actor=request.user, document=found, signer=data["signer"], name=data["name"], position=data["position"],
        mode=data["mode"], now=timezone.now(),
    )  # fmt: skip
    return _("Đã ghi nhận văn bản đã ký. Văn thư cấp số tiếp.")


def _number(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    numbered = document_number(
        actor=request.user, document=found, number=data["number"], dated=data["dated"], reason=data["reason"],
        now=timezone.now(),
    )  # fmt: skip
    return _("Đã cấp số %(number)s.") % {"number": full_number(numbered.number, numbered.symbol)}


def _attach(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    document_attach_signed(actor=request.user, document=found, upload=data["file"], now=timezone.now())
    return _("Đã gắn bản ký và lưu mã SHA-256.")


def _issue(request: HttpRequest, found: Document, _data: dict[str, Any]) -> str:
    document_issue(actor=request.user, document=found, now=timezone.now())
    return _("Đã phát hành.")


def _redraft(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    file = data["file"]
    document_redraft(
        actor=request.user, document=found, docx=upload_bytes(file), title=file.name or "", now=timezone.now()
    )
    return _("Đã thay bản dự thảo. Bản cũ vẫn còn trong danh sách tệp.")


def _recall(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    document_recall(actor=request.user, document=found, reason=data["reason"], now=timezone.now())
    return _("Đã ghi nhận thu hồi.")


def _replace(request: HttpRequest, found: Document, data: dict[str, Any]) -> str:
    document_replace(
        actor=request.user, document=found, by=data["by"], reason=data["reason"], now=timezone.now()
    )
    return _("Đã ghi nhận văn bản thay thế.")


_DEEDS: dict[str, Callable[[HttpRequest, Document, dict[str, Any]], str]] = {
    "noi-dung": _content, "the-thuc": _format, "chap-nhan": _format, "tra-lai": _return, "ky": _sign, "so": _number,
    "ban-ky": _attach, "phat-hanh": _issue, "du-thao": _redraft, "thu-hoi": _recall, "thay-the": _replace,
}  # fmt: skip


@login_required
@require_safe
def file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Give a file as a download after comparing its hash; one that does not match is not handed out."""
    register_reader(request)
    found = file_of(request.user, pk, file_pk)
    if found is None:
        raise Http404
    try:
        data = file_bytes(found)
    except KhcnError as error:
        messages.error(request, error.message)
        return redirect(at("document", pk))
    mime = "application/pdf" if found.file.endswith(".pdf") else DOCX_MIME
    response = HttpResponse(data, content_type=mime)
    response["Content-Disposition"] = attachment(found.title)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-SHA256"] = found.sha256
    return response
