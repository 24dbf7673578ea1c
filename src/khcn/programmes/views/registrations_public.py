"""Public pages of registering without an account: a code to an address, then who comes; a person or a group."""

import secrets
from typing import Any, Final

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from khcn.core.api.limits import client_address
from khcn.core.dates import local_date
from khcn.core.gate import costly
from khcn.programmes.enums import WITH_SESSIONS, ConsentPurpose, RegistrationWay, SessionState
from khcn.programmes.forms.registrations import AddressForm, GroupForm, RegisterForm
from khcn.programmes.models.consents import ConsentText
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.selectors.programmes import public_programme, sessions_of
from khcn.programmes.selectors.registrations import seats_of
from khcn.programmes.services.codes import code_check, code_send
from khcn.programmes.services.consents import text_of
from khcn.programmes.services.registrations import group_create, registration_create
from khcn.programmes.services.registrations_seats import closed_words
from khcn.ui.deeds import sent

SALT: Final = "khcn.programmes.registrations"
STAGE_S: Final = 2 * 3600


def _programme(key: str) -> Programme:
    programme = public_programme(key)
    if programme is None or programme.kind not in WITH_SESSIONS:
        raise Http404
    return programme


def _stage(text: str, programme: Programme, way: str) -> tuple[str, bool] | None:
    """Return the address of a signed stamp and whether its code was used already; ``None`` for none of ours."""
    try:
        pk, kind, address, proven = signing.loads(text, salt=SALT, max_age=STAGE_S)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (str(address), bool(proven)) if (pk, kind) == (programme.pk, way) else None


def _stamp(programme: Programme, way: str, address: str, *, proven: bool) -> str:
    return signing.dumps([programme.pk, way, address, proven], salt=SALT)


def _sessions(programme: Programme) -> list[Session]:
    now = timezone.now()
    rows = sessions_of(programme).exclude(state=SessionState.CANCELLED) if programme.by_session else []
    return [one for one in rows if not one.over(now)]


def _texts(programme: Programme) -> list[ConsentText]:
    today = local_date(timezone.now())
    purposes = [ConsentPurpose.PROCESSING, *programme.purpose_list]
    return [text_of(one, today) for one in dict.fromkeys(purposes)]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.register", per_minute=180, noindex=True)
def register(request: HttpRequest, key: str) -> HttpResponseBase:
    """Register one person."""
    return _steps(request, _programme(key), RegistrationWay.PERSON)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.register", per_minute=180, noindex=True)
def register_group(request: HttpRequest, key: str) -> HttpResponseBase:
    """Register a group: its contact proves an address and gets a page by secret link."""
    return _steps(request, _programme(key), RegistrationWay.GROUP)


def _steps(request: HttpRequest, programme: Programme, way: str) -> HttpResponse:
    now = timezone.now()
    if why := closed_words(programme, way, now):
        return _page(request, programme, way, None, closed=why)
    stage = _stage(request.POST.get("stage", ""), programme, way) if request.method == "POST" else None
    if stage is None:
        return _first(request, programme, way)
    address, proven = stage
    return _second(request, programme, way, address, proven=proven)


def _first(request: HttpRequest, programme: Programme, way: str) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and not form.is_robot:
        clean = sent(form, lambda: _send(request, programme, form.cleaned_data["address"]))
        if clean:
            second = _form(None, programme, way, _stamp(programme, way, clean, proven=False), proven=False)
            return _page(request, programme, way, second, address=clean)
    return _page(request, programme, way, form, status=422 if request.method == "POST" else 200)


def _send(request: HttpRequest, programme: Programme, address: str) -> str:
    return code_send(
        address=address, purpose=_purpose(programme), visitor=client_address(request), now=timezone.now(),
        about=programme.title,
    )  # fmt: skip


def _purpose(programme: Programme) -> str:
    return f"registration:{programme.pk}"


def _form(data: Any, programme: Programme, way: str, stamp: str, *, proven: bool) -> forms.Form:
    common: dict[str, Any] = {"programme": programme, "sessions": _sessions(programme), "proven": proven}
    common["initial"] = {"stage": stamp, "client_key": secrets.token_hex(16)}
    if way == RegistrationWay.GROUP:
        return GroupForm(data, **common)
    return RegisterForm(data, texts=_texts(programme), **common)


def _second(
    request: HttpRequest, programme: Programme, way: str, address: str, *, proven: bool
) -> HttpResponse:
    now = timezone.now()
    form = _form(request.POST, programme, way, "", proven=proven)
    if request.POST.get("gui") == "lai":
        data = request.POST.copy()  # what was typed so far stays; only the old code goes
        data["stage"], data["code"] = _stamp(programme, way, address, proven=False), ""
        form = _form(data, programme, way, "", proven=False)
        form.cleaned_data = {}
        form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]
        sent(form, lambda: _send(request, programme, address))
        return _page(request, programme, way, form, address=address)
    if not proven and "code" in form.fields:
        # The code is asked first, and then no more: a form that comes back with faults carries a new stamp.
        form.is_valid()
        digits = form.cleaned_data.get("code", "")
        if digits and sent(
            form, lambda: code_check(address=address, purpose=_purpose(programme), digits=digits, now=now)
        ):
            proven = True
            data = request.POST.copy()
            data["stage"] = _stamp(programme, way, address, proven=True)
            form = _form(data, programme, way, "", proven=True)
    if proven and form.is_valid():
        done = sent(form, lambda: _made(form, programme, way, address))
        if done:
            name = "programmes:group" if way == RegistrationWay.GROUP else "programmes:registration"
            return redirect(name, token=done)
    return _page(request, programme, way, form, address=address, proven=proven, status=422)


def _made(form: Any, programme: Programme, way: str, address: str) -> str:
    data, now = form.cleaned_data, timezone.now()
    session = (
        Session.objects.filter(programme=programme, pk=data["session"]).first() if "session" in data else None
    )
    if way == RegistrationWay.GROUP:
        group = group_create(
            programme=programme, now=now, name=data["name"], label=data["label"], contact_name=data["contact_name"],
            contact_address=address, session=session, client_key=data["client_key"], agreed=True,
        )  # fmt: skip
        return group.token
    row = registration_create(
        programme=programme, person=form.person(), now=now, session=session, consents=form.consents(),
        client_key=data["client_key"], address=address,
    )  # fmt: skip
    return row.token or ""


def _page(
    request: HttpRequest,
    programme: Programme,
    way: str,
    form: forms.Form | None,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    group = way == RegistrationWay.GROUP
    context |= {"programme": programme, "form": form, "group": group, "second": "address" in context}
    context["seats"] = None if programme.by_session else seats_of(programme)
    context["other"] = programme.registration != way  # whether there is another way than this one
    context["both"] = programme.registration == RegistrationWay.BOTH
    return render(request, "programmes/registrations/register.html", context, status=status)
