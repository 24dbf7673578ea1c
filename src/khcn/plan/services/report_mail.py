"""Who is told about a report: by desk message at once, by mail when there is an address."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.dates import date_vi, local_date
from khcn.core.enums import Channel
from khcn.core.outbox.rules import RecipientError
from khcn.core.outbox.services import message_send
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, User
from khcn.plan.models import UnitReport
from khcn.plan.selectors.report_rights import responsible_units


def report_address(report: UnitReport) -> str:
    """Return the path of a report's page."""
    return reverse("plan-desk:report", args=[report.pk])


def people_of(unit_ids: Iterable[int], roles: Collection[str], now: datetime) -> list[User]:
    """Return active people who hold one of ``roles`` in one of the units today."""
    held = Membership.objects.in_force(local_date(now)).filter(unit_id__in=list(unit_ids), role__in=roles)
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("pk"))


def tell(people: Iterable[User], *, subject: str, body: str, link: str, key: str, now: datetime) -> int:
    """Send a desk message and a mail to each person, once for ``key``; return how many people."""
    told = list(people)
    for user in told:
        message_send(
            channel=Channel.DESK, user=user, subject=subject, body=body, link=link, now=now, dedupe_key=f"{key}:d{user.pk}"
        )  # fmt: skip
        if user.email:
            try:
                message_send(
                    channel=Channel.MAIL, user=user, subject=subject, body=body, link=link, now=now,
                    dedupe_key=f"{key}:m{user.pk}",
                )  # fmt: skip
            except RecipientError:  # a spoiled address never stops a report; the desk message is there
                continue
    return len(told)


def _words(report: UnitReport) -> dict[str, str]:
    return {
        "unit": report.unit_name,
        "period": report.period.title or report.period.code,
        "due": date_vi(report.period.due),
        "comment": report.comment,
    }


def tell_heads(report: UnitReport, *, actor: Actor, now: datetime) -> None:
    """Tell the heads that a report waits for them."""
    units = responsible_units(report, local_date(now))
    heads = [user for user in people_of(units, {Role.UNIT_HEAD}, now) if user.pk != actor_id(actor)]
    words = _words(report)
    tell(
        heads,
        subject=_("Chờ bạn duyệt: báo cáo của %(unit)s") % words,
        body=_("Báo cáo “%(period)s” của %(unit)s đang chờ bạn duyệt. Hạn: hết ngày %(due)s.") % words,
        link=report_address(report), key=f"plan.report.head:{report.pk}:{report.revision}", now=now,
    )  # fmt: skip


def tell_writers(report: UnitReport, *, returned: bool, now: datetime) -> None:
    """Tell those who wrote a report that it came back, or was accepted."""
    ids = [pk for pk in {report.written_by_id, report.submitted_by_id} if pk is not None]
    words = _words(report)
    if returned:
        subject = _("Báo cáo được trả lại để sửa: %(period)s") % words
        body = _("Báo cáo “%(period)s” của %(unit)s được trả lại. Ý kiến: %(comment)s") % words
    else:
        subject = _("Báo cáo đã được tiếp nhận: %(period)s") % words
        body = _("Đơn vị đầu mối đã tiếp nhận báo cáo “%(period)s” của %(unit)s.") % words
    people = User.objects.filter(pk__in=ids, is_active=True)
    tell(
        people, subject=subject, body=body, link=report_address(report),
        key=f"plan.report.back:{report.pk}:{report.revision}", now=now,
    )  # fmt: skip
