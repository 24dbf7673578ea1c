"""Counts of topics over a period by unit: what the indicators of reports are made of, each in one query.

The unit is the host where it is a unit, else the unit that called. Days are Viet Nam's.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from khcn.core.dates import local_date
from khcn.core.indicators import Period
from khcn.programmes.enums_topics import MoneyKind, ProductState
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicContract, TopicMilestone, TopicPayment
from khcn.programmes.models.topics_parts import TopicProduct
from khcn.programmes.selectors.figures import DONG, FigureOf, Row, moments, within


def _by_unit(rows: QuerySet[Any], path: str = "") -> QuerySet[Any]:
    unit = Coalesce(F(f"{path}host_unit_id"), F(f"{path}call__unit_id"))
    found: QuerySet[Any] = rows.order_by().annotate(at_unit=unit)
    return found


def _counted(rows: QuerySet[Any], path: str = "") -> Iterator[Row]:
    ident = f"{path.removesuffix('__')}_id" if path else "pk"
    found = _by_unit(rows, path).values_list("at_unit", ident).annotate(n=Count("pk"))
    return (Row(unit, topic, Decimal(n)) for unit, topic, n in found)


def _summed(rows: QuerySet[Any], field: str) -> Iterator[Row]:
    found = _by_unit(rows, "topic__").values_list("at_unit", "topic_id").annotate(total=Sum(field))
    return (Row(unit, topic, Decimal(total)) for unit, topic, total in found)


def running(period: Period) -> Iterator[Row]:
    """Topics under contract at the end of the period: signed, and neither accepted nor ended by then."""
    _first, after = moments(period)
    rows = Topic.objects.filter(contract__signed_at__lt=after)
    rows = rows.filter(
        Q(accepted_at=None) | Q(accepted_at__gte=after), Q(ended_at=None) | Q(ended_at__gte=after)
    )
    return _counted(rows)


def accepted(period: Period) -> Iterator[Row]:
    """Topics that passed acceptance in the period."""
    return _counted(within(Topic.objects.all(), "accepted_at", period))


def on_time(period: Period) -> Iterator[Row]:
    """Milestones due in the period: percent that were first reported by their day."""
    rows = TopicMilestone.objects.filter(
        due_on__gte=period.start, due_on__lte=period.end, topic__contract__signed_at__isnull=False
    ).exclude(state="dropped")
    found = _by_unit(rows, "topic__").values_list("at_unit", "topic_id", "due_on", "first_reported_at")
    for unit, topic, due, at in found:
        good = at is not None and local_date(at) <= due
        yield Row(unit, topic, Decimal(100 if good else 0), 1)


def committed(period: Period) -> Iterator[Row]:
    """Value of the contracts signed in the period."""
    return _summed(within(TopicContract.objects.all(), "signed_at", period), "value")


def paid(period: Period) -> Iterator[Row]:
    """What was paid for milestones in the period."""
    rows = TopicPayment.objects.filter(
        kind=MoneyKind.MILESTONE, paid_on__gte=period.start, paid_on__lte=period.end
    )
    return _summed(rows, "amount")


def products(period: Period) -> Iterator[Row]:
    """Products verified in the period."""
    rows = TopicProduct.objects.filter(state=ProductState.VERIFIED)
    return _summed(within(rows, "verified_at", period), "quantity")


FIGURES: Final[dict[str, FigureOf]] = {
    "topics.running": FigureOf(_("Số đề tài đang thực hiện"), _("đề tài"), running),
    "topics.accepted": FigureOf(_("Số đề tài nghiệm thu đạt"), _("đề tài"), accepted),
    "topics.on_time": FigureOf(_("Tỷ lệ mốc đề tài báo cáo đúng hạn"), _("%"), on_time, mean=True),
    "topics.contract_vnd": FigureOf(_("Giá trị hợp đồng đề tài đã ký"), DONG, committed),
    "topics.paid_vnd": FigureOf(_("Kinh phí đề tài đã thanh toán"), DONG, paid),
    "topics.products": FigureOf(_("Số sản phẩm đề tài đã xác nhận"), _("sản phẩm"), products),
}
