"""What the contact of a group does under the secret link: the list, the sheet, people, consents on paper, prints."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.dates import local_date
from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.gate import costly
from khcn.core.references import reference_to
from khcn.programmes.enums import STANDING, ConsentBy, ConsentPurpose
from khcn.programmes.forms.registrations import (
    GroupNameForm,
    ListForm,
    PaperForm,
    PersonFields,
    group_initial,
    person_initial,
)
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.selectors.registrations import group_by_link, seats_of
from khcn.programmes.services.consents import consent_withdraw, text_of
from khcn.programmes.services.registrations import (
    Person,
    people_add,
    registration_cancel,
)
from khcn.programmes.services.registrations_groups import (
    group_cancel,
    group_update,
    known_people,
    paper_consents_record,
    people_checked,
)
from khcn.programmes.services.registrations_privacy import person_erase
from khcn.programmes.services.registrations_sheet import Sheet, people_columns, sheet_read
from khcn.programmes.views.registrations_person import link_or_sentence, person_saved
from khcn.ui.deeds import secret, sent, told
from khcn.ui.qr import qr_svg

SALT: Final = "khcn.programmes.registrations.list"
BOTH_SIGN: Final = frozenset(
    {ConsentPurpose.PHOTO, ConsentPurpose.PUBLICATION}
)  # of a child: itself and a guardian


def by_link(token: str) -> RegistrationGroup:
    """Return the group behind a link. Raises Http404 with a sentence."""
    row = group_by_link(token)
    if row is None:
        raise Http404(_("Đường dẫn này không đúng. Hãy mở lại tin đã nhận."))
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.link", per_minute=60, noindex=True)
@link_or_sentence
def group(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show a group; take a list in (looked at first), a person, papers."""
    row = by_link(token)
    rows = list(row.people.filter(erased_at=None).order_by("arrival"))
    standing = [one for one in rows if one.state in STANDING]
    context: dict[str, Any] = {
        "listing": ListForm(), "adding": PersonFields(programme=row.programme, lenient=True),
        "papers": PaperForm(people=standing, programme=row.programme),
        "naming": GroupNameForm(initial=group_initial(row)),
        "cancelling": request.GET.get("huy") == "1",
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        answer = _deed(request, row, standing, context)
        if answer is not None:
            return secret(answer)
        status = 422 if not context.get("preview") else 200
    subjects = {str(reference_to(one)): one.pk for one in standing}
    given: dict[int, dict[str, set[str]]] = {}
    ledger = Consent.objects.filter(subject__in=subjects, withdrawn_at=None)
    for subject, purpose, by in ledger.values_list("subject", "purpose", "by"):
        given.setdefault(subjects[subject], {}).setdefault(purpose, set()).add(by)
    context |= {
        "group": row, "programme": row.programme, "people": [(one, _given_words(one, given.get(one.pk, {}))) for one in rows],
        "standing": len(standing), "seats": seats_of(row.programme, row.session),
        "confirmed": sum(one.state == "confirmed" for one in standing), "qr": qr_svg(row.ticket),
        "waiting": sum(one.state == "waiting" for one in standing),
    }  # fmt: skip
    return secret(render(request, "programmes/registrations/group.html", context, status=status))


def _given_words(row: Registration, given: Mapping[str, set[str]]) -> list[str]:
    """Return what was agreed to; where a child's and a guardian's word are needed, which of the two is missing."""
    found = []
    for purpose, by in given.items():
        words = {"purpose": ConsentPurpose(purpose).label}
        if not row.is_minor or purpose not in BOTH_SIGN or {ConsentBy.CHILD, ConsentBy.GUARDIAN} <= by:
            found.append(str(words["purpose"]))
        elif ConsentBy.CHILD in by:
            found.append(_("%(purpose)s (còn thiếu chữ ký của cha mẹ hoặc người giám hộ)") % words)
        else:
            found.append(_("%(purpose)s (còn thiếu chữ ký của học sinh)") % words)
    return sorted(found)


def _deed(
    request: HttpRequest, row: RegistrationGroup, standing: list[Registration], context: dict[str, Any]
) -> HttpResponse | None:
    deed = request.POST.get("viec", "")
    if deed in {"xem", "nhan"}:
        return _list(request, row, context, write=deed == "nhan")
    if deed == "them":
        form = context["adding"] = PersonFields(request.POST, programme=row.programme, lenient=True)
        if not form.is_valid() or not sent(
            form, lambda: people_add(group=row, people=[form.person()], now=timezone.now())
        ):
            return None
        messages.success(request, _("Đã thêm."))
    elif deed == "ten":
        naming = context["naming"] = GroupNameForm(request.POST)
        if not naming.is_valid() or not sent(
            naming, lambda: group_update(group=row, now=timezone.now(), **naming.cleaned_data)
        ):
            return None
        messages.success(request, _("Đã lưu."))
    elif deed == "huy":
        if group_cancel(group=row, now=timezone.now()):
            messages.success(request, _("Đã hủy cả đoàn. Chỗ dành cho người đang chờ."))
    elif deed == "phieu":
        papers = context["papers"] = PaperForm(
            request.POST, request.FILES, people=standing, programme=row.programme
        )
        if not papers.is_valid():
            return None
        data = papers.cleaned_data
        who = data["people"] or [one.pk for one in standing]
        if not sent(papers, lambda: paper_consents_record(
            group=row, people=who, purposes=data["purposes"], by=data["by"], scan=data["scan"], now=timezone.now()
        )):  # fmt: skip
            return None
        messages.success(request, _("Đã ghi phiếu đồng ý."))
    return redirect("programmes:group", token=row.token)


def _list(
    request: HttpRequest, row: RegistrationGroup, context: dict[str, Any], *, write: bool
) -> HttpResponse | None:
    """Look a list over; what was looked at is carried signed, so that the file is chosen once."""
    now = timezone.now()
    sheet = _held(request.POST.get("danh_sach", ""), row) if write else None
    form = context["listing"] = ListForm(request.POST, request.FILES)
    if sheet is not None:
        form.fields["file"].required = False
    if not form.is_valid():
        return None
    if sheet is None:
        file = form.cleaned_data["file"]
        sheet = sent(form, lambda: sheet_read(file, row.programme))
        if sheet is None:
            return None
    found = sheet
    clean, faults = people_checked(
        row.programme, found.people, local_date(now).year, known_people(row), found.rows
    )
    if faults or found.faults or not write:
        context["preview"] = Sheet(clean[:50], [], [*found.faults, *faults][:50])
        context["found"] = len(clean)
        people = [asdict(person) for person in found.people]
        context["carried"] = signing.dumps([row.pk, found.rows, people], salt=SALT, compress=True)
        return None
    if sent(form, lambda: people_add(group=row, people=found.people, rows=found.rows, now=now)) is None:
        return None
    messages.success(request, _("Đã ghi %(n)s người.") % {"n": len(found.people)})
    return redirect("programmes:group", token=row.token)


def _held(text: str, row: RegistrationGroup) -> Sheet | None:
    try:
        pk, rows, people = signing.loads(text, salt=SALT, max_age=7200)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Sheet([Person(**one) for one in people], rows, []) if pk == row.pk else None


@require_safe
@costly("programmes.link", per_minute=60, noindex=True)
@link_or_sentence
def template(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand out the empty list."""
    row = by_link(token)
    content = filled_template(people_columns(row.programme), [], title=row.programme.title)
    return secret(workbook_response(content, _("Danh sách đoàn")))


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.link", per_minute=60, noindex=True)
def one(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """Change a person of a group, or take the person out."""
    row = by_link(token)
    person = get_object_or_404(row.people.select_related("programme", "session"), pk=pk, erased_at=None)
    form, status = PersonFields(initial=person_initial(person), programme=row.programme, lenient=True), 200
    if request.method == "POST" and (answer := _to_person(request, row, person)) is not None:
        return secret(answer)
    if request.method == "POST":
        form, status = PersonFields(request.POST, programme=row.programme, lenient=True), 422
        if person_saved(request, form, person):
            return secret(redirect("programmes:group", token=token))
    context = {
        "group": row, "row": person, "form": form, "standing": person.state in STANDING,
        "consents": Consent.objects.filter(subject=str(reference_to(person))).select_related("text"),
        "erasing": request.GET.get("xoa") == "1",
    }  # fmt: skip
    return secret(render(request, "programmes/registrations/group_person.html", context, status=status))


def _to_person(request: HttpRequest, row: RegistrationGroup, person: Registration) -> HttpResponse | None:
    """Take a person out, forget the person, take a consent back; ``None`` for anything else."""
    deed, purpose, now = request.POST.get("viec", ""), request.POST.get("rut", ""), timezone.now()
    if deed == "bo":
        if told(request, lambda: registration_cancel(registration=person, now=now)):
            messages.success(request, _("Đã bỏ người này khỏi danh sách."))
    elif deed == "xoa":
        if told(request, lambda: person_erase(registration=person, now=now)):
            messages.success(request, _("Đã xóa hẳn thông tin của người này."))
    elif purpose in ConsentPurpose.values:
        subject = str(reference_to(person))
        if consent_withdraw(actor=None, subject=subject, purpose=purpose, now=now, how="group"):
            messages.success(request, _("Đã rút. Mọi trang và tệp dựa vào sự đồng ý này được gỡ ngay."))
        return redirect("programmes:group-person", token=row.token, pk=person.pk)
    else:
        return None
    return redirect("programmes:group", token=row.token)


@require_safe
@costly("programmes.link", per_minute=60, noindex=True)
@link_or_sentence
def printed(request: HttpRequest, token: str) -> HttpResponseBase:
    """Print the list, or one consent form a person with places to sign for the child and the guardian."""
    row = by_link(token)
    today = local_date(timezone.now())
    context = {
        "group": row, "programme": row.programme, "forms": request.GET.get("phieu") == "1",
        "people": row.people.filter(state__in=STANDING, erased_at=None).order_by("sort_key"),
        "texts": [text_of(one, today) for one in dict.fromkeys(["processing", *row.programme.purpose_list])],
    }  # fmt: skip
    return secret(render(request, "programmes/registrations/print.html", context))
