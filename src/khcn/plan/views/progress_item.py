"""The page of one work item: what the plan says, how far it is, and everything a unit does there."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.references import find_references, searchers
from khcn.plan.enums import EvidenceKind
from khcn.plan.forms.progress import (
    EntryForm,
    FileProofForm,
    LinkProofForm,
    NoteForm,
    SessionProofForm,
    StepForm,
)
from khcn.plan.models import WorkItem
from khcn.plan.rules.progress import soon_until
from khcn.plan.selectors.progress_item import ItemPage, evidence_file, item_page
from khcn.plan.selectors.progress_own import calendar_for
from khcn.plan.services.progress import progress_confirm, progress_enter, progress_note_add, progress_reopen
from khcn.plan.services.progress_evidence import EVIDENCE, Proof, evidence_add, evidence_remove
from khcn.plan.services.progress_steps import step_add, step_remove, step_tick
from khcn.plan.tables.progress import (
    item_facts,
    item_line,
    message_text,
    note_events,
    proof_lines,
    report_address,
)
from khcn.plan.views.progress_access import number_in, readable_item, words_in

WORKS: Final = "library.work"
Forms = dict[str, Any]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show an item; take in what is entered there (``viec`` names the deed)."""
    item = readable_item(request, pk)
    forms: Forms = {}
    status = 200
    if request.method == "POST":
        deed = _DEEDS.get(request.POST.get("viec", ""))
        if deed is None:
            raise Http404
        try:
            sentence = deed(request, item, forms)
            if sentence:
                messages.success(request, sentence)
                return redirect(reverse("plan-desk:progress-item", args=[pk]))
            status = 422
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            status = error.status
            item = readable_item(request, pk)
            _keep_what_was_typed(request, item, forms, error)
    return render(request, "plan/progress/item.html", _context(request, item, forms), status=status)


def _keep_what_was_typed(request: HttpRequest, item: WorkItem, forms: Forms, error: KhcnError) -> None:
    """Put the refusal where it belongs; a form that was too old gets the newest revision and keeps its words."""
    form: Any = forms.get(request.POST.get("viec", ""))
    if form is None:
        messages.error(request, error.message)
        return
    form.add_error(None, error.message)
    if error.code == "stale" and isinstance(form, EntryForm):
        data: Any = request.POST.copy()
        data["td-revision"] = str(item.revision)
        form.data = data


def _context(request: HttpRequest, item: WorkItem, forms: Forms) -> Mapping[str, Any]:
    on = timezone.localdate()
    page = item_page(request.user, item, on)
    calendar = calendar_for([item.due], on)
    line = item_line(item, on, soon_until(on, calendar), calendar)
    query = words_in(request.GET.get("tim"), 100)
    return {
        "page": page,
        "item": item,
        "line": line,
        "rights": page.rights,
        "facts": item_facts(item, page.cooperating),
        "events": note_events(page.notes),
        "proofs": proof_lines(page.evidence),
        "message": message_text(item, line, request.build_absolute_uri(line.url)),
        "report_url": report_address(page.report),
        "own_entry": page.author_id is not None and page.author_id == request.user.pk,
        "query": query,
        "works": find_references(WORKS, query, request.user) if query and page.rights.add else [],
        "can_search": WORKS in searchers,
        **_forms(page, forms),
    }


def _forms(page: ItemPage, sent: Forms) -> Forms:
    """Return the forms this person may use; the one that was sent keeps what was typed."""
    rights, forms = page.rights, {}
    if rights.enter:
        forms["entry_form"] = sent.get("tien-do") or EntryForm(
            item=page.item, by_report=rights.by_report, prefix="td"
        )
        forms["step_form"] = sent.get("them-buoc") or StepForm(prefix="buoc")
    elif rights.add:
        forms["note_form"] = sent.get("ghi-nhan") or NoteForm(prefix="gn")
    if rights.add:
        forms["file_form"] = sent.get("tep") or FileProofForm(prefix="tep")
        forms["link_form"] = sent.get("duong-dan") or LinkProofForm(prefix="dd")
        forms["session_form"] = sent.get("buoi") or SessionProofForm(prefix="buoi")
    return forms


def _enter(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    by_report = item_page(request.user, item, timezone.localdate()).rights.by_report
    form = EntryForm(request.POST, item=item, by_report=by_report, prefix="td")
    forms["tien-do"] = form
    if not form.is_valid():
        return ""
    progress_enter(
        actor=request.user, item_id=item.pk, revision=form.cleaned_data["revision"], entry=form.entry(),
        now=timezone.now(),
    )  # fmt: skip
    return _("Đã ghi tiến độ. Lãnh đạo và đơn vị đầu mối thấy ngay.")


def _note(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    form: Form = NoteForm(request.POST, prefix="gn")
    forms["ghi-nhan"] = form
    if not form.is_valid():
        return ""
    progress_note_add(
        actor=request.user, item_id=item.pk, text=form.cleaned_data["text"],
        difficulties=form.cleaned_data["difficulties"], now=timezone.now(),
    )  # fmt: skip
    return _("Đã ghi phần việc của đơn vị bạn.")


def _confirm(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    del forms
    revision = number_in(request.POST.get("revision")) or 0
    progress_confirm(actor=request.user, item_id=item.pk, revision=revision, now=timezone.now())
    return _("Đã xác nhận.")


def _reopen(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    del forms
    revision = number_in(request.POST.get("revision")) or 0
    reason = words_in(request.POST.get("ly-do"), 1000)
    progress_reopen(actor=request.user, item_id=item.pk, revision=revision, reason=reason, now=timezone.now())
    return _("Đã mở lại việc. Đơn vị ghi tiếp được.")


def _add_step(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    form = StepForm(request.POST, prefix="buoc")
    forms["them-buoc"] = form
    if not form.is_valid():
        return ""
    found = form.cleaned_data
    step_add(actor=request.user, item_id=item.pk, title=found["title"], due=found["due"], now=timezone.now())
    return _("Đã thêm bước.")


def _tick(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    del forms
    done = request.POST.get("xong") == "1"
    number = number_in(request.POST.get("buoc")) or 0
    step_tick(actor=request.user, item_id=item.pk, step_id=number, done=done, now=timezone.now())
    return _("Đã đánh dấu xong.") if done else _("Đã bỏ đánh dấu.")


def _drop_step(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    del forms
    number = number_in(request.POST.get("buoc")) or 0
    step_remove(actor=request.user, item_id=item.pk, step_id=number, now=timezone.now())
    return _("Đã bỏ bước.")


def _proof(kind: type[Any], key: str, prefix: str) -> Callable[[HttpRequest, WorkItem, Forms], str]:
    def deed(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
        form = kind(request.POST, request.FILES, prefix=prefix)
        forms[key] = form
        if not form.is_valid():
            return ""
        evidence_add(actor=request.user, item_id=item.pk, proof=form.proof(), now=timezone.now())
        return _("Đã thêm minh chứng.")

    return deed


def _record(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    del forms
    proof = Proof(kind=EvidenceKind.RECORD, record=words_in(request.POST.get("ban-ghi"), 120))
    evidence_add(actor=request.user, item_id=item.pk, proof=proof, now=timezone.now())
    return _("Đã gắn tài liệu vào việc này.")


def _drop_proof(request: HttpRequest, item: WorkItem, forms: Forms) -> str:
    del forms
    number = number_in(request.POST.get("minh-chung")) or 0
    evidence_remove(actor=request.user, item_id=item.pk, evidence_id=number, now=timezone.now())
    return _("Đã bỏ minh chứng. Nhật ký vẫn ghi việc này.")


_DEEDS: Final[Mapping[str, Callable[[HttpRequest, WorkItem, Forms], str]]] = {
    "tien-do": _enter,
    "ghi-nhan": _note,
    "xac-nhan": _confirm,
    "mo-lai": _reopen,
    "them-buoc": _add_step,
    "danh-dau": _tick,
    "bo-buoc": _drop_step,
    "tep": _proof(FileProofForm, "tep", "tep"),
    "duong-dan": _proof(LinkProofForm, "duong-dan", "dd"),
    "buoi": _proof(SessionProofForm, "buoi", "buoi"),
    "tai-lieu": _record,
    "bo-minh-chung": _drop_proof,
}


@login_required
@require_safe
def evidence_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a kept file to those who read the item on the desk."""
    row = evidence_file(request.user, pk, timezone.localdate())
    if row is None:
        raise Http404
    return EVIDENCE.response(row.file, _file_title(row.title, row.file))


def _file_title(title: str, kept: str) -> str:
    """Return the name under which a file is saved: what the unit called it, with the ending that it really has."""
    ending = "." + kept.rpartition(".")[2]
    return title if title.lower().endswith(ending) else title + ending
