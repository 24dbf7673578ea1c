"""Quality of measurement as tables: strips of days, flags, what was noticed, what was set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.energy.models import Collector, Device, MeterReplacement, QualityEvent, SetAside, Site
from khcn.energy.quality_words import aside_words, event_label, flag_words, trouble_words
from khcn.energy.selectors.quality import ChannelDays, EventGroup, QualityLine, SiteQuality
from khcn.energy.words import ago, completeness_state, number, sentence, when
from khcn.engines.energy.metrics import Meaning, metric_of
from khcn.ui.formats import format_date
from khcn.ui.parts import Column, Event, State, Table

CELL = 8
MAIN = frozenset({Meaning.PRODUCTION, Meaning.IMPORT, Meaning.EXPORT, Meaning.LOAD, Meaning.WEATHER})
RAW_SHOWN = 4000


def strip(days: Sequence[date], shares: dict[date, float], since: date | None) -> SafeString:
    """Return the days as a strip of cells, joined where they are alike; missing days are hollow."""

    def shade(day: date) -> str:
        if since is not None and day < since:
            return "before"
        share = shares.get(day)
        if share is None or share <= 0:
            return "none"
        return "full" if share >= 0.98 else "most" if share >= 0.9 else "some" if share >= 0.5 else "few"

    cells = format_html_join(
        "",
        '<rect class="strip__{}" x="{}" width="{}" height="20"/>',
        (
            (name, min(index for index, _day in group) * CELL, len(group) * CELL)
            for name, group in (
                (name, list(items)) for name, items in groupby(enumerate(days), key=lambda item: shade(item[1]))
            )
        ),
    )  # fmt: skip
    missing = [day for day in days if shade(day) == "none"]
    thin = [day for day in days if shade(day) in ("few", "some")]
    words = []
    if missing:
        words.append(_("không có: %(days)s") % {"days": _days(missing)})
    if thin:
        words.append(_("thiếu nhiều: %(days)s") % {"days": _days(thin)})
    return format_html(
        '<svg class="strip" viewBox="0 0 {} 20" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        len(days) * CELL,
        "; ".join(words) or _("đủ mọi ngày"),
        cells,
    )


def _days(days: Sequence[date]) -> str:
    """Return the latest days, and how many more there are."""
    shown = ", ".join(f"{day.day:02d}/{day.month:02d}" for day in days[-8:])
    if len(days) <= 8:
        return shown
    return _("%(days)s và %(rest)s ngày trước đó") % {"days": shown, "rest": len(days) - 8}


@dataclass(frozen=True)
class ChannelLine:
    """One channel of the calendar."""

    url: str
    device: str
    metric: str
    strip: SafeString
    share: State
    flags: str
    main: bool


def channel_lines(found: SiteQuality) -> list[ChannelLine]:
    """Return the calendar of completeness, one line a channel."""
    return [_channel_line(found, one) for one in found.channels]


def _channel_line(found: SiteQuality, one: ChannelDays) -> ChannelLine:
    since = one.since
    days = [day for day in found.days if since is None or day >= since]
    return ChannelLine(
        url=reverse("energy-desk:channel", args=[found.site.key, one.channel.pk]),
        device=one.channel.device.name,
        metric=_(metric_of(one.channel.metric).label),
        strip=strip(found.days, one.shares, since),
        share=completeness_state(one.share(days)),
        flags=flag_words(one.flags),
        main=metric_of(one.channel.metric).meaning in MAIN,
    )


@dataclass(frozen=True)
class AsideLine:
    """Something that could not be taken in, as it came."""

    row: SetAside
    why: str
    raw: str
    cut: bool
    count: str


def aside_lines(rows: Sequence[SetAside]) -> list[AsideLine]:
    """Return what was set aside, with the reason and the raw text."""
    return [
        AsideLine(
            row=row,
            why=aside_words(row.code, row.params),
            raw=row.raw[:RAW_SHOWN],
            cut=len(row.raw) > RAW_SHOWN,
            count=ngettext("%(count)s số đo", "%(count)s số đo", row.readings)
            % {"count": number(row.readings)},
        )
        for row in rows
    ]


def event_events(groups: Sequence[EventGroup]) -> list[Event]:
    """Return what was noticed as a timeline: the same of one channel once, with how often."""
    return [_event(group) for group in groups]


def _event(group: EventGroup) -> Event:
    row = group.latest
    metric = _(metric_of(row.channel.metric).label)
    what = f"{event_label(row.code)}: {row.channel.device.name}, {metric}"
    detail = sentence(row.code, row.params, fallback=event_label(row.code))
    if group.count > 1:
        detail += " " + _("Đã %(count)s lần ở %(channels)s kênh; trên đây là lần gần nhất.") % {
            "count": number(group.count),
            "channels": number(group.channels),
        }
    return Event(when=row.starts_at, what=what, detail=detail, tone="neutral" if row.done_at else "watch")


def parted(lines: Sequence[ChannelLine]) -> tuple[list[ChannelLine], list[ChannelLine]]:
    """Return the channels that make the figures, and the others (voltages, currents, temperatures)."""
    main = [line for line in lines if line.main]
    return (main, [line for line in lines if not line.main]) if main else (list(lines), [])


@dataclass(frozen=True)
class DecisionLine:
    """A meter that may have been replaced."""

    event: QualityEvent
    url: str
    words: str


def decision_lines(rows: Sequence[QualityEvent]) -> list[DecisionLine]:
    """Return what waits for a decision."""
    return [
        DecisionLine(row, reverse("energy-desk:event", args=[row.pk]), sentence(row.code, row.params))
        for row in rows
    ]


def trouble_lines(found: SiteQuality, now: datetime) -> list[tuple[State, str]]:
    """Return silent devices, devices in trouble, clocks that are wrong, devices with one identity."""
    lines: list[tuple[State, str]] = []
    silent = {device.pk for device in found.silent}
    for device in found.devices:
        if device.trouble:
            words = trouble_words(device.trouble, device.trouble_params)
            since = when(device.trouble_since) if device.trouble_since else ""
            lines.append((State(label=words, tone="bad"), f"{device.name}{' · ' + _('từ %(time)s') % {'time': since} if since else ''}"))  # fmt: skip
        if device.pk in silent:
            lines.append((State(label=_("Im lặng"), tone="bad"), _heard(device, now)))
    lines += [(State(label=_("Đồng hồ lệch"), tone="watch"), clock_words(row)) for row in found.clocks]
    lines += [(State(label=_("Cùng số sê-ri"), tone="watch"), twin_words(group)) for group in found.twins]
    return lines


def _heard(device: Device, now: datetime) -> str:
    if device.heard_at is None:
        return _("%(device)s: chưa gửi số đo nào") % {"device": device.name}
    return _("%(device)s: nghe lần cuối %(ago)s") % {
        "device": device.name,
        "ago": ago(device.heard_at, now),
    }


def clock_words(row: Collector) -> str:
    """Return by how much the clock of a collector is wrong."""
    seconds = row.clock_skew_s or 0.0
    text = (
        _("%(name)s: đồng hồ nhanh %(seconds)s giây")
        if seconds > 0
        else _("%(name)s: đồng hồ chậm %(seconds)s giây")
    )
    return text % {"name": row.name, "seconds": number(abs(seconds))}


def twin_words(group: Sequence[Device]) -> str:
    """Return devices that carry one serial number."""
    return _("%(names)s đều khai sê-ri %(serial)s; kiểm tra xem có phải một thiết bị") % {
        "names": ", ".join(f"{device.name} ({device.site.name})" for device in group),
        "serial": group[0].serial,
    }


def replacement_table(rows: Sequence[MeterReplacement]) -> Table | None:
    """Return the meters that were replaced."""
    if not rows:
        return None
    columns = [
        Column(label=_("Thay lúc")),
        Column(label=_("Thiết bị")),
        Column(label=_("Chỉ số cũ"), numeric=True),
        Column(label=_("Chỉ số mới"), numeric=True),
        Column(label=_("Ghi chú")),
    ]
    body: list[list[object]] = [
        [
            row.at,
            row.channel.device.name,
            number(row.old_value, None),
            number(row.new_value, None),
            row.note,
        ]
        for row in rows
    ]
    return Table(caption=_("Các lần thay công tơ"), columns=columns, rows=body)


def all_table(lines: Sequence[QualityLine]) -> Table:
    """Return the sites with what waits."""
    columns = [
        Column(label=_("Công trình")),
        Column(label=_("Số liệu 7 ngày qua")),
        Column(label=_("Cần quyết định"), numeric=True),
        Column(label=_("Thiết bị im lặng"), numeric=True),
        Column(label=_("Thiết bị có vấn đề"), numeric=True),
        Column(label=_("Đồng hồ lệch"), numeric=True),
        Column(label=_("Số đo để riêng"), numeric=True),
    ]
    return Table(
        caption=_("Các công trình, nơi cần người xem đứng trước"),
        hide_caption=True,
        columns=columns,
        rows=[_all_row(line) for line in lines],
    )


def _all_row(line: QualityLine) -> list[object]:
    url = reverse("energy-desk:quality", args=[line.site.key])
    nothing = State(label=_("Chưa nối thiết bị"), tone="neutral")
    known = (
        completeness_state(line.completeness) if line.completeness is not None or line.devices else nothing
    )
    return [
        format_html('<a href="{}">{}</a>', url, line.site.name),
        known,
        number(line.decisions),
        number(line.silent),
        number(line.troubled),
        number(line.clocks),
        number(line.set_aside),
    ]  # fmt: skip


def span_days(found: SiteQuality, yesterday: date) -> dict[str, object]:
    """Return the span of the page and the days before and after it."""
    after = found.last + timedelta(days=len(found.days))
    return {
        "span": _("%(first)s đến %(last)s") % {"first": format_date(found.first), "last": format_date(found.last)},
        "earlier": found.first - timedelta(days=1),
        "later": min(after, yesterday) if found.last < yesterday else None,
    }  # fmt: skip


def site_of(event: QualityEvent) -> Site:
    """Return the site of an event."""
    return event.channel.device.site
