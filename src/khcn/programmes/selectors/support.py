"""Requests for support by reader: lists, one request with what may be done, what was granted, sums for reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from khcn.core.numbers import money_vi
from khcn.engines.text.fold import fold
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Unit
from khcn.programmes.enums import SUPPORT_GRANTED, AssetState, Audience, SupportState
from khcn.programmes.models.support import Asset, Loan, SupportCall, SupportRequest

PUBLIC_KINDS = (PartyKind.SCHOOL, PartyKind.ENTERPRISE)  # a household's name is a person's


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for."""

    words: str = ""
    state: str = ""
    unit: int | None = None
    programme: int | None = None
    year: int | None = None


def requests_list(user: Any, asked: Asked, on: date | None = None) -> QuerySet[SupportRequest]:
    """Return the requests that ``user`` may read, newest first."""
    rows = SupportRequest.objects.visible_to(user, on).select_related("call__programme", "unit")
    if asked.words:
        rows = rows.filter(folded_organisation__contains=fold(asked.words))
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.unit:
        rows = rows.filter(unit_id=asked.unit)
    if asked.programme:
        rows = rows.filter(call__programme_id=asked.programme)
    if asked.year:
        rows = rows.filter(submitted_at__year=asked.year)
    return rows.order_by("-submitted_at", "-pk")


def units_asking(user: Any, on: date | None = None) -> QuerySet[Unit]:
    """Return the units in whose area somebody asked, as far as ``user`` reads it."""
    held = SupportRequest.objects.visible_to(user, on).order_by().values("unit_id")
    return Unit.objects.filter(pk__in=held).order_by("order", "sort_key")


def calls_named() -> QuerySet[SupportCall]:
    """Return the calls that belong to a programme, newest first."""
    return SupportCall.objects.filter(programme__isnull=False).select_related("programme").order_by("-pk")


def requests_sums(rows: QuerySet[SupportRequest]) -> dict[str, Any]:
    """Return count and amounts of a list."""
    return rows.order_by().aggregate(
        count=Count("pk"), asked=Sum("asked"), approved=Sum("approved"), delivered=Sum("delivered")
    )


def request_of(user: Any, pk: int, on: date | None = None) -> SupportRequest | None:
    """Return one request that ``user`` may read."""
    rows = SupportRequest.objects.visible_to(user, on)
    return rows.select_related(
        "call__programme__unit", "unit", "party", "checked_by", "funded_by", "decided_by"
    ).filter(pk=pk).first()  # fmt: skip


def open_calls(now: Any) -> list[SupportCall]:
    """Return the calls that take requests, the standing one last."""
    rows = (
        SupportCall.objects.filter(is_open=True).select_related("programme__unit").order_by("-programme_id")
    )
    return [row for row in rows if row.takes(now)]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition in words and whether it holds."""

    words: str
    holds: bool


def eligibility(row: SupportRequest, on: date) -> list[Check]:
    """Return the conditions of the call for a request, each in words."""
    call = row.call
    kinds = ", ".join(str(PartyKind(one).label) for one in call.kinds) or _("mọi tổ chức")
    checks = [
        Check(
            _("Loại tổ chức: nhận %(kinds)s") % {"kinds": kinds},
            not call.kinds or row.organisation_kind in call.kinds,
        )
    ]
    if call.audiences:
        words = {
            "wanted": ", ".join(str(Audience(one).label) for one in call.audiences),
            "label": row.get_audience_display() if row.audience else _("chưa ghi"),
        }
        checks.append(
            Check(
                _("Đợt dành cho: %(wanted)s. Đề nghị này phục vụ: %(label)s") % words,
                row.audience in call.audiences,
            )
        )
    if call.most_vnd is not None:
        checks.append(
            Check(
                _("Không quá %(most)s một đề nghị") % {"most": money_vi(call.most_vnd)},
                row.asked <= call.most_vnd,
            )
        )
    since = on - timedelta(days=30 * call.apart_months)
    double = [one for one in earlier_grants(row) if one.decided_at and one.decided_at.date() >= since]
    checks.append(
        Check(_("Chưa được hỗ trợ trong %(months)s tháng qua") % {"months": call.apart_months}, not double)
    )
    return checks


def earlier_grants(row: SupportRequest) -> list[SupportRequest]:
    """Return what the same organisation was granted before: by the register, its code, or its name."""
    same = Q(folded_organisation=row.folded_organisation)
    if row.party_id:
        same |= Q(party_id=row.party_id)
    if row.registration_code:
        same |= Q(registration_code=row.registration_code)
    rows = SupportRequest.objects.filter(same, state__in=SUPPORT_GRANTED).exclude(pk=row.pk)
    return list(rows.select_related("call__programme").order_by("-decided_at")[:20])


def granted_public() -> QuerySet[SupportRequest]:
    """Return what everybody may see: delivered, to schools and enterprises, never to persons."""
    return (
        SupportRequest.objects.filter(
            state__in=(SupportState.DELIVERED, SupportState.CLOSED),
            delivered__gt=0,
            organisation_kind__in=PUBLIC_KINDS,
        )
        .prefetch_related("items__handed")
        .order_by("-decided_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed over of one item."""

    name: str
    unit: str
    quantity: int


def given_of(row: SupportRequest) -> list[Given]:
    """Return what was handed over of a request whose ``items__handed`` are fetched."""
    counted = [(item, sum(one.quantity for one in item.handed.all())) for item in row.items.all()]
    return [Given(item.name, item.unit, quantity) for item, quantity in counted if quantity]


def assets_list(user: Any, on: date | None = None, *, unit: int | None = None) -> QuerySet[Asset]:
    """Return the inventory that ``user`` may read."""
    rows = Asset.objects.visible_to(user, on).select_related("unit").order_by("folded_name", "serial", "pk")
    return rows.filter(unit_id=unit) if unit else rows


def loans_open(asset_ids: Sequence[int]) -> dict[int, Loan]:
    """Return the standing loan of each thing. One query."""
    return {row.asset_id: row for row in Loan.objects.filter(asset_id__in=asset_ids, returned_on=None)}


def assets_in_stock(user: Any) -> QuerySet[Asset]:
    """Return what ``user`` may read of the inventory and lies in stock."""
    return assets_list(user).filter(state=AssetState.STOCK)
