"""Public pages of programmes: the calendar, one programme, iCalendar files."""

import hashlib
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from khcn.core.gate import costly
from khcn.core.references import Reference, resolve_many
from khcn.programmes.areas import public_parts
from khcn.programmes.enums import Audience, ProgrammeKind, SessionState
from khcn.programmes.models.programmes import Session
from khcn.programmes.selectors.calendar import free_by_session, free_seats, past, public_sessions, upcoming
from khcn.programmes.selectors.programmes import public_programme, sessions_of
from khcn.programmes.views.calendar import asked_in

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@require_safe
@costly("programmes.calendar", per_minute=60)
def calendar(request: HttpRequest) -> HttpResponse:
    """List what is to come by month, or what is over by year."""
    asked, today = asked_in(request.GET), timezone.localdate()
    over = request.GET.get("xem") == "da-qua"
    rows = (past if over else upcoming)(today, asked)
    context = {
        "page": Paginator(rows, 30).get_page(request.GET.get("trang")), "asked": asked, "over": over,
        "kinds": ProgrammeKind.choices, "audiences": Audience.choices,
    }  # fmt: skip
    return render(request, "programmes/calendar/public.html", context)


@require_safe
@costly("programmes.programme", per_minute=60)
def programme(request: HttpRequest, key: str) -> HttpResponse:
    """Show one programme."""
    row = public_programme(key)
    if row is None:
        raise Http404
    materials = [Reference.parse(one.record) for one in row.materials.all()]
    found = resolve_many(materials, request.user)
    seats = free_by_session(row)
    context = {
        "programme": row, "free": free_seats(row), "trainers": row.trainers.all(),
        "sessions": [(one, seats.get(one.pk)) for one in sessions_of(row)],
        "materials": [found[one] for one in materials if one in found],
        "parts": [part.html(request, row) for part in sorted(public_parts.all(), key=lambda part: part.order)],
    }  # fmt: skip
    return render(request, "programmes/calendar/page.html", context)


@require_safe
@costly("programmes.ics", per_minute=30)
def calendar_file(request: HttpRequest, key: str = "") -> HttpResponseBase:
    """Give the sessions to come, or all of one programme, to calendars."""
    if key and public_programme(key) is None:
        raise Http404
    since = None if key else timezone.localdate() - timedelta(days=30)
    book = Calendar()
    book.add("prodid", "-//khcn//chuong-trinh//VI")
    book.add("version", "2.0")
    for session in public_sessions(since, key)[:2000]:
        book.add_component(_event(request, session))
    book.add_missing_timezones()
    body = book.to_ical()
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8", headers={"ETag": tag})
    answer = get_conditional_response(request, etag=tag, response=response) or response
    patch_cache_control(answer, public=True, max_age=300)
    return answer


def _event(request: HttpRequest, session: Session) -> Event:
    programme, event = session.programme, Event()
    title = f"{programme.title}: {session.title}" if session.title else programme.title
    place = (session.venue, session.address) if session.venue else (programme.venue, programme.address)
    event.add("uid", f"session-{session.pk}@{request.get_host().partition(':')[0]}")
    event.add("dtstamp", session.updated_at)
    event.add("last-modified", session.updated_at)
    event.add("sequence", session.sequence)
    event.add("dtstart", session.starts_at.astimezone(ZONE))
    event.add("dtend", session.ends_at.astimezone(ZONE))
    event.add("summary", title)
    event.add("location", ", ".join(part for part in place if part))
    event.add("status", "CANCELLED" if session.state == SessionState.CANCELLED else "CONFIRMED")
    return event
