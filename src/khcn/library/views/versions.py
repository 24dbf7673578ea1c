"""The page of one version of a work, its files, and the address by which a work is named for ever (ARK)."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.engines.records.ark import ark_number, ark_of
from khcn.engines.records.csl import one_line
from khcn.library.models import Work, WorkVersion
from khcn.library.selectors.records import absolute, records_of
from khcn.library.selectors.versions import version_of, versions_of
from khcn.library.services.usage import usage_note
from khcn.library.store import stored_path
from khcn.library.tables.results import work_url
from khcn.library.tables.versions import version_links, version_page_of, version_url
from khcn.library.views.files import SAFE_MIMES
from khcn.library.views.works import published_work, tombstone


def _shown(request: HttpRequest, pk: int, number: int) -> tuple[Work, WorkVersion]:
    work = published_work(request, pk)
    version = version_of(work, number)
    if version is None:
        raise Http404
    return work, version


@require_safe
def version_page(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponseBase:
    """Show a work as it was in one of its versions."""
    try:
        work, version = _shown(request, pk, number)
    except Http404:
        gone = tombstone(request, pk)
        if gone is None:
            raise
        return gone
    if slug != (work.slug or "tai-lieu"):
        return redirect(version_url(work, number), permanent=True)
    if version.hidden_reason:
        context = {"work": work, "version": version, "work_url": work_url(work)}
        response = render(request, "library/versions/hidden.html", context, status=410)
    else:
        page = version_page_of(work, version, versions_of(work))
        response = render(request, "library/versions/version.html", {"work": work, "page": page})
    response["Link"] = ", ".join(version_links(work, number))
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def version_file(request: HttpRequest, slug: str, pk: int, number: int, position: int) -> HttpResponseBase:
    """Give an original as it was in one version, always as a download."""
    work, version = _shown(request, pk, number)
    if version.hidden_reason or not 1 <= position <= len(version.files):
        raise Http404
    file = version.files[position - 1]
    try:
        handle = stored_path(file["sha256"]).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    mime = file["mime"] if file["mime"] in SAFE_MIMES else "application/octet-stream"
    response = FileResponse(handle, as_attachment=True, filename=file["name"], content_type=mime)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = f'"{file["sha256"][:32]}"'
    response["X-Robots-Tag"] = "noindex"
    if request.method == "GET":
        agent = request.headers.get("User-Agent", "")
        usage_note(kind="download", work_id=work.pk, day=timezone.localdate(), agent=agent)
    return response


@require_safe
def ark_page(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Lead from a persistent identifier to its work, or describe the work in plain text (``?info``, ``??``)."""
    found = ark_number(f"ark:/{rest.rstrip('/')}", settings.KHCN.ark_naan)
    if found is None:
        raise Http404
    pk, tail = found
    number = _version_number(tail)
    try:
        work = published_work(request, pk)
    except Http404:
        return _gone(request, pk)
    if number is not None and version_of(work, number) is None:
        raise Http404
    if "info" in request.GET or request.META.get("QUERY_STRING") == "?":
        return _plain(erc_record(work))
    response = HttpResponseRedirect(version_url(work, number) if number else work_url(work))
    response["Cache-Control"] = "no-cache"
    return response


def _version_number(tail: str) -> int | None:
    """Return the version that ``/ban-2`` names, ``None`` for the work itself."""
    if not tail:
        return None
    digits = tail.removeprefix("/ban-")
    if digits == tail or not (digits.isascii() and digits.isdigit() and len(digits) < 5 and int(digits) > 0):
        raise Http404
    return int(digits)


def _gone(request: HttpRequest, pk: int) -> HttpResponseBase:
    page = tombstone(request, pk)
    if page is None:
        raise Http404
    if "info" not in request.GET and request.META.get("QUERY_STRING") != "?":
        return page
    work = Work.objects.get(pk=pk)
    lines = [
        "erc:",
        "who: (:tba)",
        f"what: {one_line(work.title)}",
        f"where: {absolute('/' + ark_of(pk, settings.KHCN.ark_naan))}",
        f"how: (:gone) {one_line(work.tombstone_reason)}",
    ]
    return _plain("\n".join([*lines, ""]), status=410)


def erc_record(work: Work) -> str:
    """Return the record that the ARK rules ask of ``?info``: who, what, when, where, how long it is promised.

    Source: A Metadata Kernel for Electronic Permanence (J. Kunze), draft-kunze-ark (5.2 and 5.3).
    """
    record = records_of([work])[0]
    who = "; ".join(one_line(agent.name) for agent in record.creators) or one_line(record.publisher)
    organ = one_line(record.legal.organ_name) if record.legal else ""
    when = record.issued.isoformat() if record.issued else str(record.year or "(:unkn)")
    lines = [
        "erc:",
        f"who: {who or organ or '(:unkn)'}",
        f"what: {one_line(record.title)}",
        f"when: {when}",
        f"where: {absolute('/' + record.ark)}",
        f"how: {record.kind}",
        f"version: {record.version}",
        "",
        "erc-support:",
        f"who: {absolute('/')}",
        "what: The identifier will always name this work. The description may be mended; every version stays "
        "readable at its own address (/ban-<n>). A work that had to be withdrawn leaves a page that says so and why.",
        f"when: {timezone.localdate(record.published_at).isoformat()}",
        f"where: {absolute(reverse('library:home'))}",
    ]
    return "\n".join([*lines, ""])


def _plain(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
