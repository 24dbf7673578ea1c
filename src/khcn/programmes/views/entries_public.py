"""What everybody reads of a contest: rules and rubric, the published result, the gallery of works that may be shown."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.models.programmes import Programme
from khcn.programmes.selectors.entries import closed_because, contest_of, result_of, rules_versions
from khcn.programmes.selectors.entries_public import gallery, gallery_file, winners
from khcn.programmes.selectors.programmes import public_programme
from khcn.programmes.services.entries_files import ENTRIES


def contest_page(key: str) -> Programme:
    """Return the public contest under an address. Raises Http404."""
    programme = public_programme(key)
    if programme is None or programme.kind != ProgrammeKind.CONTEST:
        raise Http404
    return programme


@require_safe
def rules(request: HttpRequest, key: str) -> HttpResponse:
    """Show the rules in force with rubric and schedule, and every earlier published version."""
    programme = contest_page(key)
    versions = rules_versions(programme)
    contest, now = contest_of(programme), timezone.now()
    current = versions[0] if versions else None
    names = {one.key: one.title for one in current.criteria.all()} if current else {}
    ties = (
        [names[one.strip()] for one in current.tie_break.split(",") if one.strip() in names]
        if current
        else []
    )
    context: dict[str, Any] = {
        "programme": programme, "contest": contest, "current": current, "older": versions[1:], "ties": ties, "now": now,
        "closed": closed_because(programme, contest, now), "result": result_of(programme),
    }  # fmt: skip
    return render(request, "programmes/entries/rules.html", context)


@require_safe
def results(request: HttpRequest, key: str) -> HttpResponse:
    """Show the published awards; before that only that there are none yet."""
    programme = contest_page(key)
    result = result_of(programme)
    rows = winners(programme) if result else []
    context = {
        "programme": programme,
        "result": result,
        "rows": rows,
        "shown": any(one.shown for one in rows),
    }
    return _fresh(render(request, "programmes/entries/results.html", context))


@require_safe
def showcase(request: HttpRequest, key: str) -> HttpResponse:
    """Show the winners' works whose makers all agreed."""
    programme = contest_page(key)
    context = {"programme": programme, "result": result_of(programme), "rows": gallery(programme)}
    return _fresh(render(request, "programmes/entries/gallery.html", context))


@require_safe
@costly("programmes.entry_file", per_minute=60, noindex=True)
def showcase_file(request: HttpRequest, key: str, pk: int) -> HttpResponseBase:
    """Hand out a file of a work that may be shown at this moment."""
    file = gallery_file(contest_page(key), pk)
    if file is None:
        raise Http404(_("Tệp này không được công bố."))
    return ENTRIES.response(file.name, file.title, inline=request.GET.get("xem") == "1")


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
