"""Public pages of programmes: the calendar, one programme, iCalendar files."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from khcn.core.gate import costly
from khcn.core.references import Reference, resolve_many
from khcn.programmes.areas import public_parts
from khcn.programmes.enums import Audience, ProgrammeKind, SessionState
from khcn.programmes.exports.calendar_feed import ATOM_MIME, absolute, days_of, place_of, to_atom
from khcn.programmes.exports.calendar_image import programme_image
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.selectors.calendar import (
    Card,
    cards,
    free_by_session,
    free_seats,
    months_from,
    newest,
    past,
    public_sessions,
    units_of,
    upcoming,
    years_of,
)
from khcn.programmes.selectors.programmes import public_programme, sessions_of
from khcn.programmes.views.calendar import asked_in

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@require_safe
@costly("programmes.calendar", per_minute=60)
def calendar(request: HttpRequest) -> HttpResponse:
    """List what is to come by month, or what is over by year; a year before this one asks for what is over."""
    now, today = timezone.now(), timezone.localdate()
    asked = asked_in(request.GET)
    over = request.GET.get("xem") == "da-qua" or (asked.year or today.year) < today.year
    asked = replace(asked, state="", month=None) if over else replace(asked, state="", year=None)
    page = Paginator((past if over else upcoming)(today, asked), 30).get_page(request.GET.get("trang"))
    shown = Programme.objects.public()
    context = {
        "page": page, "groups": _groups(cards(page.object_list, now), over, today), "asked": asked, "over": over,
        "kinds": ProgrammeKind.choices, "audiences": Audience.choices, "units": units_of(shown),
        "months": [] if over else [(f"{one:%Y-%m}", f"{one:%m/%Y}") for one in months_from(today)],
        "years": years_of(shown, today.year) if over else [],
        "narrowed": any((asked.kind, asked.audience, asked.text, asked.unit, asked.month, asked.year)),
    }  # fmt: skip
    return render(request, "programmes/calendar/public.html", context)


def _groups(found: list[Card], over: bool, today: date) -> list[tuple[str, list[Card]]]:
    """Return cards below their headings: the year, or "now", the month, "no days yet"."""

    def heading(card: Card) -> str:
        first = card.row.starts_on
        if over:
            return _("Năm %(year)s") % {"year": card.row.year}
        if first is None:
            return _("Chưa có ngày")
        if first <= today:
            return _("Đang diễn ra")
        return _("Tháng %(month)s") % {"month": f"{first:%m/%Y}"}

    return [(name, list(group)) for name, group in groupby(found, heading)]


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
    text = " – ".join(
        one for one in (days_of(row.starts_on, row.ends_on), row.summary or place_of(row)) if one
    )
    context = {
        "card": {
            "text": text[:200], "url": absolute(reverse("programmes:programme", args=[key])),
            "image": absolute(reverse("programmes:programme-image", args=[key])),
        },
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
    since = None if key else timezone.now() - timedelta(days=30)
    book = Calendar()
    book.add("prodid", "-//khcn//chuong-trinh//VI")
    book.add("version", "2.0")
    for session in public_sessions(since, key)[:2000]:
        book.add_component(_event(request, session))
    book.add_missing_timezones()
    return _kept(request, book.to_ical(), "text/calendar; charset=utf-8")


@require_safe
@costly("programmes.feed", per_minute=30)
def feed(request: HttpRequest) -> HttpResponseBase:
    """Give the programmes published last to feed readers."""
    return _kept(request, to_atom(newest()), f"{ATOM_MIME}; charset=utf-8")


@require_safe
@costly("programmes.image", per_minute=30)
def image(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give the picture that messengers show of a programme."""
    row = public_programme(key)
    if row is None:
        raise Http404
    content, digest = programme_image(row)
    return _kept(request, content, "image/png", digest)


def _kept(request: HttpRequest, body: bytes, mime: str, digest: str = "") -> HttpResponseBase:
    """Return an answer that others may keep for five minutes, or 304 to who has it."""
    tag = f'"{digest or hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response = HttpResponse(body, content_type=mime, headers={"ETag": tag})
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
