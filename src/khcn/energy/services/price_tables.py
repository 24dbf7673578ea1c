"""The five tables with dates: a new row ends the one before, no two overlap, nothing of the past is overwritten."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi
from khcn.energy import permissions
from khcn.energy.enums import Band
from khcn.energy.models import EmissionFactor, Price, PriceDecision
from khcn.energy.rules.price_ratios import Average, decision_that_fits, fits
from khcn.energy.rules.spans import SpanError, checked_spans
from khcn.energy.selectors.tables import TABLES, is_dated, removable
from khcn.energy.services.sites import fill
from khcn.energy.setup_errors import RegisterError, require
from khcn.engines.energy.money.checks import expected_price

_SOURCED: Final = ("document", "source", "certainty", "note")
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "gia": (*_SOURCED, "valid_from", "average_vnd"),
    "khung-gio": (*_SOURCED, "valid_from", "spans"),
    "thue": (*_SOURCED, "valid_from", "percent"),
    "phat-thai": (*_SOURCED, "data_year", "t_per_mwh", "used_from_year", "used_to_year"),
    "dien-du": (*_SOURCED, "valid_from", "most_percent", "vnd_per_kwh", "public_allowed"),
}
PRICE_FIELDS: Final = ("group", "voltage", "band", "vnd_per_kwh", "ratio", "up_to_kwh", "certainty")
MOST_PRICES: Final = 80
_DEED = "sửa bảng giá và hệ số"


@transaction.atomic
def row_add(
    *,
    actor: Actor,
    table: str,
    values: Mapping[str, Any],
    now: datetime,
    prices: Sequence[Mapping[str, Any]] = (),
) -> Any:
    """Add a row to one of :data:`TABLES`; ``prices`` (by :data:`PRICE_FIELDS`) only for "gia".

    It applies from its date on: what was computed for days before stays. Raises PermissionDeniedError, RegisterError.
    """
    require(permissions.can_keep_tables(actor), _(_DEED))
    row = TABLES[table]()
    fill(row, values, FIELDS[table])
    if not row.document:
        raise RegisterError("document", _("Hãy ghi số, ký hiệu văn bản."))
    if table == "khung-gio":
        try:
            row.spans = checked_spans(row.spans)
        except SpanError as error:
            raise RegisterError("spans", str(error)) from error
    if is_dated(table):
        _make_room(table, row)
    else:
        _make_room_by_year(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RegisterError("document", _("Văn bản này đã có trong bảng.")) from error
    if table == "gia":
        _add_prices(row, prices)
    audit_record(
        actor=actor,
        action="energy.table.add",
        target=row,
        after={**snapshot(row, FIELDS[table]), **({"prices": len(prices)} if prices else {})},
        at=now,
    )
    return row


def _make_room(table: str, row: Any) -> None:
    """End the row before, refuse what overlaps. A row before all others ends where the first begins."""
    if row.valid_from is None:
        raise RegisterError("valid_from", _("Hãy ghi ngày bắt đầu áp dụng."))
    model = TABLES[table]
    held = list(model.objects.select_for_update(no_key=True).order_by("valid_from"))
    later = [other for other in held if other.valid_from is not None and other.valid_from >= row.valid_from]
    same = next((other for other in later if other.valid_from == row.valid_from), None)
    if same is not None:
        raise RegisterError(
            "valid_from", _("Đã có “%(name)s” áp dụng đúng từ ngày này.") % {"name": same.document}
        )
    before = [other for other in held if other not in later]
    if later and before and (before[-1].valid_to is None or before[-1].valid_to >= row.valid_from):
        raise RegisterError(
            "valid_from",
            _("“%(name)s” đã áp dụng từ ngày %(day)s. Ngày áp dụng mới phải sau ngày đó.")
            % {"name": later[0].document, "day": date_vi(later[0].valid_from)},
        )
    if later:
        row.valid_to = later[0].valid_from - timedelta(days=1)
    for other in before:
        if other.valid_to is None or other.valid_to >= row.valid_from:
            other.valid_to = row.valid_from - timedelta(days=1)
            other.save(update_fields=["valid_to"])


def _make_room_by_year(row: EmissionFactor) -> None:
    if not 2000 <= row.data_year <= 2100 or not 2000 <= row.used_from_year <= 2100:
        raise RegisterError("data_year", _("Năm phải từ 2000 đến 2100."))
    if row.data_year > row.used_from_year:
        raise RegisterError("used_from_year", _("Năm báo cáo không thể trước năm số liệu."))
    if row.used_to_year is not None and row.used_to_year < row.used_from_year:
        raise RegisterError("used_to_year", _("Năm cuối phải từ năm đầu trở đi."))
    if row.t_per_mwh <= 0:
        raise RegisterError("t_per_mwh", _("Hệ số phải lớn hơn 0."))
    held = list(EmissionFactor.objects.select_for_update(no_key=True).order_by("used_from_year"))
    last = row.used_to_year or 9999
    for other in held:
        if (
            other.used_to_year is None
            and other.used_from_year < row.used_from_year
            and row.used_to_year is None
        ):
            other.used_to_year = row.used_from_year - 1
            other.save(update_fields=["used_to_year"])
        elif other.used_from_year <= last and (other.used_to_year or 9999) >= row.used_from_year:
            raise RegisterError(
                "used_from_year",
                _(
                    "Hệ số năm %(year)s đã dùng cho báo cáo từ năm %(first)s. Mỗi năm báo cáo chỉ có một hệ số."
                )
                % {"year": other.data_year, "first": other.used_from_year},
            )


def _add_prices(decision: PriceDecision, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        raise RegisterError("prices", _("Hãy ghi ít nhất một giá."))
    if len(rows) > MOST_PRICES:
        raise RegisterError("prices", _("Bảng giá có quá nhiều dòng."))
    others = [
        Average(other.document, other.average_vnd) for other in PriceDecision.objects.exclude(pk=decision.pk)
    ]
    seen: set[tuple[Any, ...]] = set()
    for values in rows:
        price = Price(decision=decision)
        given = dict(values)
        ratio = given.get("ratio")
        if given.get("vnd_per_kwh") is None and ratio is not None:
            given["vnd_per_kwh"] = expected_price(Decimal(ratio), Decimal(decision.average_vnd))
        if given.get("vnd_per_kwh") is None:
            raise RegisterError("prices", _("%(name)s: hãy ghi giá.") % {"name": price_name(given)})
        given.setdefault("certainty", decision.certainty)
        fill(price, given, PRICE_FIELDS)
        key = (price.group, price.voltage, price.band)
        if key in seen:
            raise RegisterError("prices", _("%(name)s: ghi hai lần.") % {"name": price_name(given)})
        seen.add(key)
        check_price(price, Decimal(decision.average_vnd), others)
        price.save()


def check_price(price: Price, average: Decimal, others: Sequence[Average]) -> None:
    """Refuse a price that is not its ratio times the average. Raises RegisterError, naming the decision it fits."""
    if price.ratio is None:
        return
    value, ratio = Decimal(price.vnd_per_kwh), Decimal(price.ratio)
    if fits(value, ratio, average):
        return
    name = {"group": price.group, "voltage": price.voltage, "band": price.band}
    words = {
        "name": price_name(name), "price": number_vi(value), "ratio": number_vi(ratio),
        "expected": number_vi(expected_price(ratio, average)),
    }  # fmt: skip
    text = (
        _("%(name)s: %(price)s đồng không bằng tỷ lệ %(ratio)s nhân giá bình quân (%(expected)s đồng).")
        % words
    )
    earlier = decision_that_fits(value, ratio, others)
    if earlier:
        text += " " + _("Số này khớp với “%(document)s”: có thể chép nhầm văn bản.") % {"document": earlier}
    else:
        text += " " + _("Hãy xem lại giá; nếu văn bản không dùng tỷ lệ này thì xóa tỷ lệ.")
    raise RegisterError("prices", text)


def price_name(values: Mapping[str, Any]) -> str:
    """Return which price is meant, in words."""
    row = Price(group=values.get("group", ""), voltage=values.get("voltage", ""), band=values.get("band", ""))
    parts = [row.get_group_display(), row.get_voltage_display() if row.voltage else "",
             "" if row.band == Band.FLAT else row.get_band_display()]  # fmt: skip
    return ", ".join(part for part in parts if part)


@transaction.atomic
def row_source_set(*, actor: Actor, table: str, row: Any, values: Mapping[str, Any], now: datetime) -> Any:
    """Correct where a row comes from and how sure it is; figures and dates stay. Raises PermissionDeniedError."""
    require(permissions.can_keep_tables(actor), _(_DEED))
    names = ("source", "certainty", "note")
    row = TABLES[table].objects.select_for_update(no_key=True).get(pk=row.pk)
    before = snapshot(row, names)
    fill(row, values, names)
    row.save(update_fields=list(names))
    after = snapshot(row, names)
    if before != after:
        audit_record(
            actor=actor, action="energy.table.source", target=row, before=before, after=after, at=now
        )
    return row


@transaction.atomic
def row_remove(*, actor: Actor, table: str, row: Any, now: datetime) -> None:
    """Take back a row that does not apply yet; the one before opens again. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_keep_tables(actor), _(_DEED))
    if not removable(table, row, timezone.localdate(now)):
        raise RegisterError(
            "",
            _(
                "Dòng này đã áp dụng nên không xóa được: số liệu đã tính theo nó. Hãy thêm dòng mới từ ngày đổi."
            ),
        )
    before = snapshot(row, FIELDS[table])
    if is_dated(table):
        day_before = row.valid_from - timedelta(days=1)
        TABLES[table].objects.filter(valid_to=day_before).update(valid_to=row.valid_to)
    else:
        EmissionFactor.objects.filter(used_to_year=row.used_from_year - 1).update(
            used_to_year=row.used_to_year
        )
    audit_record(actor=actor, action="energy.table.remove", target=row, before=before, at=now)
    row.delete()
