"""The check-in page of a phone at the gate: by secret link, works without a line after it was opened once."""

import json
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import khcn.ui
from khcn.core.errors import KhcnError
from khcn.core.gate import costly
from khcn.programmes.errors import GoneError
from khcn.programmes.rules.attendance import Outcome
from khcn.programmes.selectors.attendance import groups_of, lines_of
from khcn.programmes.services.attendance_sync import ItemResult, attendance_sync, link_of
from khcn.ui.deeds import secret
from khcn.ui.templatetags.ui import ui_asset

MOST_BYTES: Final = 256 * 1024
WORKER: Final = Path(khcn.ui.__file__).parent / "static" / "ui" / "js" / "pages" / "check-in-worker.js"


@costly("programmes.check-in", per_minute=240)
@require_http_methods(["GET", "HEAD", "POST"])
def gate(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the list of one session to tick; without scripts one person at a time."""
    now = timezone.now()
    try:
        link = link_of(token, now)
    except GoneError as error:
        page = render(request, "programmes/attendance/gone.html", {"sentence": error.message}, status=404)
        return secret(page)
    if request.method == "POST":
        _one(request, link, now)
        return secret(redirect("programmes:check-in", token=token))
    context = {
        "link": link, "session": link.session, "programme": link.session.programme, "lines": lines_of(link.session),
        "groups": groups_of(link.session), "key": secrets.token_hex(12), "ends_ms": int(link.expires_at.timestamp() * 1000), "now_ms": int(now.timestamp() * 1000),
    }  # fmt: skip
    response = secret(render(request, "programmes/attendance/gate.html", context))
    response["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=(), payment=()"
    return response


def _one(request: HttpRequest, link: object, now: object) -> None:
    """Take in one person from the plain form: the same way as from a phone that was offline."""
    sent = request.POST
    walk_in = bool(sent.get("walkin"))
    count = sent.get("count", "")
    item = {
        "key": sent.get("key", ""), "ticket": sent.get("ticket") or sent.get("code") or "", "name": sent.get("name", ""),
        "deed": "walkin" if walk_in else sent.get("deed", "present"),
        "count": int(count) if count.isascii() and count.isdigit() and len(count) < 6 else None,
    }  # fmt: skip
    try:
        result: ItemResult = attendance_sync(link=link, batch={"items": [item]}, now=now)[0]  # type: ignore[arg-type]
    except KhcnError as error:
        messages.error(request, error.message)
        return
    good = result.outcome in {Outcome.DONE, Outcome.ALREADY}
    (messages.success if good else messages.error)(request, result.message)


@csrf_exempt  # the secret in the address is the right; no cookie counts here, and a page kept offline has a stale one
@costly("programmes.check-in-sync", per_minute=240)
@require_POST
def gate_sync(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take in what a phone collected; answer every item."""
    now = timezone.now()
    try:
        link = link_of(token, now, late=True)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            return JsonResponse({"message": _("Gửi quá nhiều một lần.")}, status=413)
        batch = json.loads(request.body)
        results = attendance_sync(link=link, batch=batch if isinstance(batch, dict) else {}, now=now)
    except ValueError:
        return JsonResponse({"message": _("Điện thoại gửi không đúng. Hãy tải lại trang.")}, status=400)
    except KhcnError as error:
        return secret(JsonResponse({"message": error.message}, status=getattr(error, "status", 422)))
    rows = [{"key": one.key, "outcome": str(one.outcome), "message": one.message} for one in results]
    return secret(JsonResponse({"results": rows}))


@lru_cache(maxsize=1)
def _worker_source() -> str:
    return WORKER.read_text(encoding="utf-8")


@require_safe
def gate_worker(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out the service worker of one link: it sees this one page and nothing else of the site."""
    link_of_status = 200
    try:
        link_of(token, timezone.now(), late=True)
    except GoneError:
        link_of_status = 404
    scope = reverse("programmes:check-in", args=[token])
    assets = [ui_asset("khcn.css"), ui_asset("khcn.js"), ui_asset("check-in.js")]
    assets.append(static("ui/mark.svg"))
    assets += [static(f"ui/built/be-vietnam-pro-{weight}.woff2") for weight in (400, 600)]
    head = f"const PAGE = {json.dumps(scope)};\nconst ASSETS = {json.dumps(assets)};\n"
    text = head + _worker_source() if link_of_status == 200 else ""
    response = secret(
        HttpResponse(text, content_type="text/javascript; charset=utf-8", status=link_of_status)
    )
    response["Service-Worker-Allowed"] = scope
    return response
