"""Telling people: faults, devices and collectors in trouble. One message a site and person, with everything new in it.

Hysteresis: a trouble is told when it has lasted for a while, once, and a fault that comes back within a day is not told
again. Those who were told that a fault lasts are told once when it is over and has stayed so. Quiet hours: mail of the night leaves in the morning (``not_before``); the desk shows it at once.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from khcn.core.enums import Channel
from khcn.core.numbers import number_vi
from khcn.core.outbox.rules import RecipientError
from khcn.core.outbox.services import message_send
from khcn.energy.enums import FindingState
from khcn.energy.models import Collector, Device, Finding, Site
from khcn.energy.rules.days import DEFAULT_ZONE, zone_of
from khcn.energy.selectors.people import keepers_of
from khcn.energy.setup_errors import engine_sentence
from khcn.engines.energy.types import FindingKind
from khcn.orgs.models import User

logger = logging.getLogger("khcn.energy")
# how long a fault must last before anybody is told
LASTING: Final = {
    FindingKind.OUTAGE: timedelta(hours=1),
    FindingKind.COMMUNICATION_GAP: timedelta(hours=3),
    FindingKind.STALE: timedelta(hours=4),
}
AGAIN_AFTER: Final = timedelta(hours=24)
TROUBLE_FOR: Final = timedelta(minutes=30)
SILENT_FOR: Final = timedelta(minutes=45)
OLD: Final = timedelta(days=14)  # what was over so long ago is history, not news
QUIET_FROM, QUIET_TO = time(21), time(7)
MOST_LINES: Final = 12
OVER_FOR: Final = timedelta(hours=1)  # how long a fault must have been over before anybody is told
STILL_WANTED: Final = frozenset(
    {FindingState.NEW, FindingState.SEEN, FindingState.FIXING}
)  # others know its end


@dataclass(slots=True)
class AlertsReport:
    """What one check did."""

    findings: int = 0
    over: int = 0
    devices: int = 0
    collectors: int = 0


@dataclass(frozen=True, slots=True)
class _News:
    """One message. ``key`` names its occasion: the same again is not sent."""

    subject: str
    body: str
    link: str
    key: str


def alerts_check(now: datetime) -> AlertsReport:
    """Tell what is new and has lasted. Idempotent; any number of workers may call it. A periodic duty."""
    report = AlertsReport()
    # what came back after its end was told is news again, unless it flutters
    back = Finding.objects.filter(ongoing=True, over_told_at__lt=now - AGAIN_AFTER, state=FindingState.NEW)
    back.update(told_at=None, over_told_at=None)
    due = Finding.objects.filter(state=FindingState.NEW, told_at=None, ends_at__gte=now - OLD)
    over = _over(now)
    sites = Site.objects.filter(Q(pk__in=due.values("site_id")) | Q(pk__in=over.values("site_id")))
    for site in sites.select_related("unit"):
        try:
            report.findings += _tell_site(site, now)
            report.over += _tell_over(site, now)
        except Exception:  # one site must not silence the others
            logger.exception("alerts of site %s failed", site.key)
    report.devices = _tell_devices(now)
    report.collectors = _tell_collectors(now)
    return report


@transaction.atomic
def _tell_site(site: Site, now: datetime) -> int:
    rows = list(
        Finding.objects.select_for_update(of=("self",), no_key=True)
        .filter(site=site, state=FindingState.NEW, told_at=None, ends_at__gte=now - OLD)
        .defer("evidence")
        .order_by("starts_at")
    )
    fresh = [row for row in rows if _lasts(row)]
    news = [row for row in fresh if not _told_lately(row, now)]
    told = Finding.objects.filter(pk__in=[row.pk for row in fresh])
    told.update(told_at=now)
    told.filter(ongoing=False).update(over_told_at=now)  # the first message gives the end too
    if news:
        text = findings_text(site, news)
        subject = _("%(site)s: %(count)s sự cố mới") % {"site": site.name, "count": number_vi(len(news))}
        key = f"energy.findings:{site.pk}:{now:%Y%m%d%H%M}"
        _send(site, _News(subject, text, _address(site), key), now)
    return len(news)


def _over(now: datetime) -> QuerySet[Finding]:
    """Return faults that people believe to last: told as such, and over for a while. Also those that never were."""
    withdrawn = Q(state=FindingState.DISMISSED, handled_by=None)
    told = Finding.objects.filter(told_at__isnull=False, over_told_at=None, ongoing=False)
    return told.filter(
        Q(state__in=STILL_WANTED) | withdrawn, ends_at__gte=now - OLD, ends_at__lte=now - OVER_FOR
    )


@transaction.atomic
def _tell_over(site: Site, now: datetime) -> int:
    locked = _over(now).filter(site=site).select_for_update(of=("self",), no_key=True)
    rows = list(locked.defer("evidence").order_by("starts_at"))
    if not rows:
        return 0
    Finding.objects.filter(pk__in=[row.pk for row in rows]).update(over_told_at=now)
    subject = _("%(site)s: %(count)s sự cố đã hết") % {"site": site.name, "count": number_vi(len(rows))}
    key = f"energy.findings-over:{site.pk}:{now:%Y%m%d%H%M}"
    _send(site, _News(subject, findings_text(site, rows, over=True), _address(site), key), now)
    return len(rows)


def _over_line(site: Site, row: Finding) -> str:
    if row.state == FindingState.DISMISSED:
        return _("Không phải sự cố: %(note)s") % {"note": row.note}
    ended = row.ends_at.astimezone(zone_of(site.zone))
    sentence = engine_sentence(row.code.removesuffix("-ongoing"), row.params)
    return _("Đã hết lúc %(at)s. %(sentence)s") % {"at": f"{ended:%H:%M %d/%m}", "sentence": sentence}


def _lasts(row: Finding) -> bool:
    least = LASTING.get(FindingKind(row.kind)) if row.kind in set(FindingKind) else None
    return least is None or row.ends_at - row.starts_at >= least


def _told_lately(row: Finding, now: datetime) -> bool:
    """Return whether the same fault of the same devices was told within a day: it flutters, and people know."""
    told = Finding.objects.filter(
        site_id=row.site_id, code=row.code, device=row.device, told_at__gte=now - AGAIN_AFTER
    )
    return told.exclude(pk=row.pk).exists()


def findings_text(site: Site, findings: Sequence[Finding], *, over: bool = False) -> str:
    """Return faults as plain text: the body of the message, and what a person pastes into Zalo. ``over``: their end."""
    lines = [_("%(site)s (%(unit)s)") % {"site": site.name, "unit": site.unit}]
    for row in findings[:MOST_LINES]:
        local = row.starts_at.astimezone(zone_of(site.zone))
        words = _over_line(site, row) if over else engine_sentence(row.code, row.params)
        line = f"- {local:%d/%m %H:%M}: {words}"
        said = "kWh" in words or row.state == FindingState.DISMISSED  # most sentences say it themselves
        if row.loss_kwh and not said:
            line += " " + _("Mất khoảng %(kwh)s kWh.") % {"kwh": number_vi(round(row.loss_kwh, 1))}
        lines.append(line)
    if len(findings) > MOST_LINES:
        lines.append(_("… và %(count)s sự cố khác.") % {"count": number_vi(len(findings) - MOST_LINES)})
    return "\n".join(lines)


def _tell_devices(now: datetime) -> int:
    told = 0
    troubled = Device.objects.exclude(trouble="").filter(trouble_since__lte=now - TROUBLE_FOR)
    for device in troubled.in_force(now.date()).select_related("site__unit"):
        words = trouble_words(device.trouble)
        key = f"energy.device:{device.pk}:{device.trouble}:{device.trouble_since:%Y%m%d%H%M}"
        subject = f"{device.site.name}: {device.name}"
        told += _send(device.site, _News(subject, words, _address(device.site), key), now)
    return told


def trouble_words(code: str) -> str:
    """Return the sentence of a device's trouble."""
    words = {
        "clock": _(
            "Đồng hồ của thiết bị hoặc máy thu thập sai nên số đọc mang giờ không thể có. Số đọc được để riêng; "
            "hãy chỉnh giờ của thiết bị."
        ),
        "flood": _(
            "Thiết bị gửi quá nhiều số đọc trong một giờ. Phần vượt được để riêng, các thiết bị khác không bị ảnh "
            "hưởng; hãy giảm tần suất gửi."
        ),
        "no-usable-value": _(
            "Thiết bị có trả lời nhưng không có số đọc nào dùng được. Hãy kiểm tra mẫu thiết bị và dây nối."
        ),
    }
    return words.get(code, code)


def _tell_collectors(now: datetime) -> int:
    told = 0
    silent = Q(heard_at__lt=now - SILENT_FOR, heard_at__gte=now - OLD)
    for row in Collector.objects.filter(silent, is_active=True).select_related("unit"):
        body = _(
            "Máy thu thập im lặng từ %(at)s. Số đọc vẫn được giữ ở máy và sẽ gửi lại; hãy kiểm tra điện và mạng của máy."
        ) % {"at": f"{row.heard_at.astimezone(zone_of(DEFAULT_ZONE)):%H:%M %d/%m}" if row.heard_at else "?"}
        key = f"energy.collector:{row.pk}:{row.heard_at:%Y%m%d%H%M}"
        for person in keepers_of(row.unit_id, now.date(), officers=True):
            told += _message(person, _News(row.name, body, "", key), now, DEFAULT_ZONE)
    return told


def _address(site: Site) -> str:
    try:
        return reverse("energy-desk:site", args=[site.key])
    except NoReverseMatch:
        return ""


def _send(site: Site, news: _News, now: datetime) -> int:
    return sum(_message(person, news, now, site.zone) for person in keepers_of(site.unit_id, now.date()))


def _message(person: User, news: _News, now: datetime, zone: str) -> int:
    """Put one message on the desk and into the mail; return 1 when it was not told before."""
    common: dict[str, Any] = {
        "user": person,
        "subject": news.subject[:200],
        "body": news.body,
        "link": news.link,
        "now": now,
    }
    with transaction.atomic():
        desk = message_send(channel=Channel.DESK, dedupe_key=f"{news.key}:{person.pk}:desk", **common)
        if desk.created_at != now:
            return 0
        try:
            message_send(
                channel=Channel.MAIL,
                dedupe_key=f"{news.key}:{person.pk}:mail",
                not_before=after_quiet(now, zone),
                **common,
            )
        except RecipientError:  # no address: the desk has it
            logger.info("no mail address for %s", person.pk)
    return 1


def after_quiet(now: datetime, zone: str) -> datetime:
    """Return ``now``, or seven in the morning when it is night at the site."""
    local = now.astimezone(zone_of(zone))
    if QUIET_TO <= local.time() < QUIET_FROM:
        return now
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_TO, zone_of(zone))
