"""A unit's calendar as iCalendar (RFC 5545), as Google, Outlook and iPhones read it.

Every deadline is an event of a whole day without alarm: those programs ignore to-dos of a subscription. The text depends
on what is stored alone, not on the moment of asking, so that an unchanged calendar keeps its ETag.
"""

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from khcn.core.dates import date_vi
from khcn.plan.enums import REPORT_WITH_FOCAL, ItemState
from khcn.plan.models import UnitReport, WorkItem
from khcn.plan.selectors.progress_feed import Feed

ZONE: Final = "Asia/Ho_Chi_Minh"
CALENDAR_TYPE: Final = "text/calendar; charset=utf-8"
PRODUCT: Final = "-//khcn//plan//VI"
LONGEST: Final = 1500  # characters of a description

Link = Callable[[WorkItem | UnitReport], str]


def plain(text: str, most: int = LONGEST) -> str:
    """Return text that cannot break out of its line: no control signs but plain line ends, not too long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    legal = "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})
    return legal if len(legal) <= most else legal[: most - 1].rstrip() + "…"


def line(text: str, most: int = 240) -> str:
    """Return text as one line."""
    return " ".join(plain(text, most=most * 2).split())[:most]


def feed_calendar(feed: Feed, link: Link) -> bytes:
    """Return the calendar of a unit as UTF-8. ``link``: the absolute address of an item or report, or ""."""
    name = line(_("Việc và báo cáo: %(unit)s") % {"unit": feed.unit.name})
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for item in feed.items:
        calendar.add_component(_item_event(item, link(item)))
    for report in feed.reports:
        calendar.add_component(_report_event(report, link(report)))
    return bytes(calendar.to_ical())


def _event(*, uid: str, day: date, summary: str, text: str, at: datetime, revision: int, url: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", revision)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))  # the day after: the end is exclusive
    event.add("summary", line(summary))
    event.add("description", plain(text))
    event.add("transp", "TRANSPARENT")  # a deadline makes nobody busy
    event.add("class", "PRIVATE")
    if url:
        event.add("url", url)
    return event


def _uid(*parts: str) -> str:
    """Return the same name for the same thing for ever, also after a restore on another server."""
    return f"{uuid5(NAMESPACE_URL, 'khcn:' + ':'.join(parts))}@khcn"


def _item_event(item: WorkItem, url: str) -> Event:
    if item.due is None:  # the selector gives only items with a last day
        raise ValueError(f"item {item.pk} has no last day")
    done = item.state == ItemState.DONE
    words = {"code": item.code, "title": item.task.title}
    summary = (_("Đã xong: %(code)s %(title)s") if done else _("Hạn: %(code)s %(title)s")) % words
    text = [
        _("Kế hoạch %(plan)s") % {"plan": line(str(item.plan))},
        _("Đơn vị: %(unit)s") % {"unit": line(item.unit.name)},
        _("Trạng thái: %(state)s, %(percent)s %%")
        % {"state": item.get_state_display(), "percent": item.percent},
    ]
    if done and item.done_on:
        text.append(_("Hoàn thành ngày %(day)s") % {"day": date_vi(item.done_on)})
    return _event(
        uid=_uid("plan.workitem", item.plan.key, item.code, str(item.unit.uuid)),
        day=item.due, summary=summary, text="\n".join([*text, url]).strip(), at=item.updated_at,
        revision=item.revision, url=url,
    )  # fmt: skip


def _report_event(report: UnitReport, url: str) -> Event:
    period = report.period
    sent = report.state in REPORT_WITH_FOCAL
    words = {"title": period.title or period.regime.title}
    summary = (_("Đã gửi báo cáo: %(title)s") if sent else _("Hạn báo cáo: %(title)s")) % words
    text = [
        line(period.regime.title),
        _("Số liệu từ %(first)s đến %(last)s")
        % {"first": date_vi(period.starts_on), "last": date_vi(period.cutoff)},
        _("Mở nhận từ %(day)s") % {"day": date_vi(period.opens_on)},
        _("Trạng thái: %(state)s") % {"state": report.get_state_display()},
    ]
    return _event(
        uid=_uid("plan.unitreport", period.regime.key, period.code, str(report.unit.uuid)),
        day=period.due, summary=summary, text="\n".join([*text, url]).strip(), at=report.updated_at,
        revision=report.revision, url=url,
    )  # fmt: skip
