"""Words about programmes for others: the Atom feed of what was published, and a text to paste into Zalo."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.engines.records.xml import element, optional, wrapped
from khcn.orgs.site import site_identity
from khcn.programmes.enums import ProgrammeState, SessionState
from khcn.programmes.models.programmes import Programme, Session

ATOM: Final = "http://www.w3.org/2005/Atom"
ATOM_MIME: Final = "application/atom+xml"
NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)  # when an empty feed last changed
SHOWN: Final = 8  # sessions named in a text for Zalo


def absolute(path: str) -> str:
    """Return the absolute address of a path of this site."""
    base: str = settings.KHCN.base_url
    return base.rstrip("/") + path


def days_of(first: date | None, last: date | None) -> str:
    """Return "27/05/2026" or "27/05/2026 – 29/05/2026"; empty without days."""
    if first is None:
        return ""
    if last is None or last == first:
        return f"{first:%d/%m/%Y}"
    return f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"


def place_of(programme: Programme) -> str:
    """Return where a programme is held, on one line."""
    return ", ".join(part for part in (programme.venue, programme.address) if part)


def to_atom(rows: Sequence[Programme]) -> bytes:
    """Return published programmes as Atom 1.0. A programme keeps its identifier when its title changes."""
    site = site_identity()
    here, page = absolute(reverse("programmes:feed")), absolute(reverse("programmes:calendar"))
    changed = max((row.updated_at for row in rows), default=NEVER)
    head = (
        element("title", f"{_('Chương trình, cuộc thi')} – {site.site_name}"),
        element("id", here),
        element("updated", changed.isoformat(timespec="seconds")),
        wrapped("author", [element("name", site.owner or site.site_name or "KHCN")]),
        wrapped("link", (), [("rel", "self"), ("type", ATOM_MIME), ("href", here)]),
        wrapped("link", (), [("rel", "alternate"), ("type", "text/html"), ("href", page)]),
    )
    entries = (wrapped("entry", _entry(row)) for row in rows)
    body = wrapped("feed", (*head, *entries), [("xmlns", ATOM), ("xml:lang", "vi")])
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + body).encode()


def _entry(row: Programme) -> Iterator[str]:
    address = absolute(reverse("programmes:programme", args=[row.key]))
    cancelled = row.state == ProgrammeState.CANCELLED
    yield element("title", _("Đã hủy: %(title)s") % {"title": row.title} if cancelled else row.title)
    yield element("id", address)
    yield wrapped("link", (), [("rel", "alternate"), ("type", "text/html"), ("href", address)])
    yield element("published", (row.published_at or row.updated_at).isoformat(timespec="seconds"))
    yield element("updated", row.updated_at.isoformat(timespec="seconds"))
    yield wrapped("author", [element("name", row.unit.name)])
    label = str(row.get_kind_display())
    yield wrapped("category", (), [("term", row.kind), ("label", label)])
    lines = (days_of(row.starts_on, row.ends_on), place_of(row), row.summary)
    yield optional("summary", ". ".join(one.rstrip(".") for one in lines if one), [("type", "text")])


def zalo_text(programme: Programme, sessions: Sequence[Session], now: datetime) -> str:
    """Return what a clerk pastes into Zalo: title, days, place, for whom, address. No names of people."""
    ahead = [one for one in sessions if one.state != SessionState.CANCELLED and one.ends_at > now]
    lines = [programme.title, programme.summary, ""]
    address = absolute(reverse("programmes:programme", args=[programme.key]))
    if programme.state == ProgrammeState.CANCELLED:
        words = {"title": programme.title, "reason": programme.cancel_reason, "address": address}
        return _("ĐÃ HỦY: %(title)s\nLý do: %(reason)s\nXem tại: %(address)s") % words
    if ahead:
        lines += [_session_line(one) for one in ahead[:SHOWN]]
        if len(ahead) > SHOWN:
            lines.append(_("Và %(n)s buổi nữa.") % {"n": len(ahead) - SHOWN})
    elif programme.starts_on:
        lines.append(_("Thời gian: %(days)s") % {"days": days_of(programme.starts_on, programme.ends_on)})
    if place := place_of(programme):
        lines.append(_("Địa điểm: %(place)s") % {"place": place})
    if programme.audience_labels:
        lines.append(_("Dành cho: %(who)s") % {"who": ", ".join(programme.audience_labels)})
    if programme.closes_at:
        closes = timezone.localtime(programme.closes_at)
        lines.append(_("Đăng ký trước: %(moment)s") % {"moment": f"{closes:%H:%M %d/%m/%Y}"})
    lines.append(_("Xem và đăng ký: %(address)s") % {"address": address})
    return "\n".join(line for at, line in enumerate(lines) if line or at == 2)


def _session_line(session: Session) -> str:
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    same = start.date() == end.date()
    span = (
        f"{start:%H:%M}–{end:%H:%M}, {start:%d/%m/%Y}"
        if same
        else f"{start:%H:%M %d/%m} – {end:%H:%M %d/%m/%Y}"
    )
    return " · ".join(part for part in (span, session.title, session.venue) if part)
