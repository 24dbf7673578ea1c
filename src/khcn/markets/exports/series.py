"""Hours, days and minutes of a market or a gate as rows, read in pieces: three years fit into little memory."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column, Row, attachment, plain_cell, safe_filename
from khcn.core.exports.tables import table_response
from khcn.markets.models import Gate, GateHour, Market, MarketDay, MarketHour
from khcn.markets.rules.packing import Kind, unpack
from khcn.markets.selectors.places import Window, window_of

KINDS: Final = ("csv", "xlsx", "json")
CHUNK: Final = 2000


@dataclass(frozen=True)
class Listing:
    """A table to be handed out: ``keys`` name the columns in JSON."""

    name: str
    columns: Sequence[Column]
    keys: Sequence[str]
    rows: Iterator[Row]


def days_listing(market: Market, first: date, last: date) -> Listing:
    """Return the days of a market; days that were not measured have no row."""
    rows = MarketDay.objects.filter(market=market, day__gte=first, day__lte=last).order_by("day")
    values = rows.values_list(
        "day", "count_in", "count_out", "completeness", "occupancy_peak", "busiest_hour", "drift"
    )
    columns = [
        _("Ngày"),
        _("Vào"),
        _("Ra"),
        _("Phần đo được"),
        _("Đông nhất (người)"),
        _("Giờ đông nhất"),
        _("Vào trừ ra"),
    ]
    keys = ["day", "in", "out", "completeness", "occupancy_peak", "busiest_hour", "drift"]
    return Listing(
        f"{market.key}-ngay", [Column(title) for title in columns], keys, values.iterator(chunk_size=CHUNK)
    )


def hours_listing(market: Market, first: date, last: date) -> Listing:
    """Return the hours of a market in local time; hours that were not measured have no row."""
    rows = MarketHour.objects.filter(market=market, day__gte=first, day__lte=last).order_by("hour")
    values = rows.values_list("hour", "count_in", "count_out", "completeness", "occupancy")
    columns = [_("Giờ"), _("Vào"), _("Ra"), _("Phần đo được"), _("Người có mặt, trung bình")]
    keys = ["hour", "in", "out", "completeness", "occupancy"]
    listed = ([_local(row[0]), *row[1:]] for row in values.iterator(chunk_size=CHUNK))
    return Listing(f"{market.key}-gio", [Column(title) for title in columns], keys, listed)


def gate_hours_listing(gate: Gate, first: date, last: date) -> Listing:
    """Return the hours of a gate."""
    rows = _gate_rows(gate, window_of(first, last)).values_list(
        "hour", "count_in", "count_out", "measured_s", "layout"
    )
    columns = [_("Giờ"), _("Vào"), _("Ra"), _("Giây đo được"), _("Bản vẽ số")]
    keys = ["hour", "in", "out", "measured_s", "layout"]
    listed = ([_local(row[0]), *row[1:]] for row in rows.iterator(chunk_size=CHUNK))
    return Listing(f"{gate.market.key}-{gate.key}-gio", [Column(title) for title in columns], keys, listed)


def gate_minutes_listing(gate: Gate, first: date, last: date) -> Listing:
    """Return the minutes of a gate; a minute that was not measured has no row."""
    columns = [_("Phút"), _("Vào"), _("Ra"), _("Giây đo được")]
    keys = ["minute", "in", "out", "measured_s"]
    rows = _minutes(gate, window_of(first, last))
    return Listing(f"{gate.market.key}-{gate.key}-phut", [Column(title) for title in columns], keys, rows)


def market_minutes_listing(market: Market, first: date, last: date) -> Listing:
    """Return the minutes of a market over its entrances, with how many of them were measured in each minute."""
    columns = [_("Phút"), _("Vào"), _("Ra"), _("Số cửa đo được")]
    keys = ["minute", "in", "out", "gates"]
    rows = _market_minutes(market, window_of(first, last))
    return Listing(f"{market.key}-phut", [Column(title) for title in columns], keys, rows)


def _market_minutes(market: Market, window: Window) -> Iterator[Row]:
    rows = GateHour.objects.filter(
        gate__market=market, gate__is_entrance=True, hour__gte=window[0], hour__lt=window[1]
    ).order_by("hour")
    pairs = rows.values_list("hour", "minutes").iterator(chunk_size=200)
    for hour, found in groupby(pairs, key=itemgetter(0)):
        gates = [unpack(Kind.GATE, packed) for _hour, packed in found]
        measured = np.sum([gate.present for gate in gates], axis=0)
        ins, outs = (
            np.sum([gate.column(name) for gate in gates], axis=0) for name in ("count_in", "count_out")
        )
        for minute in range(60):
            if measured[minute]:
                moment = _local(hour + timedelta(minutes=minute))
                yield [moment, int(ins[minute]), int(outs[minute]), int(measured[minute])]


def gate_days_listing(gate: Gate, first: date, last: date) -> Listing:
    """Return the local days of a gate; days that were not measured have no row."""
    columns = [_("Ngày"), _("Vào"), _("Ra"), _("Giây đo được")]
    keys = ["day", "in", "out", "measured_s"]
    rows = _gate_days(gate, window_of(first, last))
    return Listing(f"{gate.market.key}-{gate.key}-ngay", [Column(title) for title in columns], keys, rows)


def _gate_days(gate: Gate, window: Window) -> Iterator[Row]:
    rows = _gate_rows(gate, window).values_list("hour", "count_in", "count_out", "measured_s")
    for day, found in groupby(rows.iterator(chunk_size=CHUNK), key=lambda row: _local(row[0]).date()):
        hours = list(found)
        yield [day, *(sum(row[place] for row in hours) for place in (1, 2, 3))]


def _gate_rows(gate: Gate, window: Window) -> Any:
    return GateHour.objects.filter(gate=gate, hour__gte=window[0], hour__lt=window[1]).order_by("hour")


def _minutes(gate: Gate, window: Window) -> Iterator[Row]:
    for hour, packed in _gate_rows(gate, window).values_list("hour", "minutes").iterator(chunk_size=200):
        minutes = unpack(Kind.GATE, packed)
        for minute in range(60):
            values = minutes.get(minute)
            if values is not None:
                yield [
                    _local(hour + timedelta(minutes=minute)),
                    values["count_in"],
                    values["count_out"],
                    values["measured_cs"] / 100,
                ]


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def listing_response(listing: Listing, kind: str) -> HttpResponseBase:
    """Return a table as CSV, XLSX or JSON (a list of objects, streamed). :raises ValueError: for another kind."""
    if kind != "json":
        return table_response(kind, listing.columns, listing.rows, listing.name)
    response = StreamingHttpResponse(_json(listing), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = attachment(safe_filename(listing.name, "json"))
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _json(listing: Listing) -> Iterator[str]:
    before = "["
    for row in listing.rows:
        record = {key: _plain(value) for key, value in zip(listing.keys, row, strict=True)}
        yield before + json.dumps(record, ensure_ascii=False)
        before = ",\n"
    yield "[]" if before == "[" else "]\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat() if timezone.is_aware(value) else value.isoformat()
    plain = plain_cell(value)
    return plain.isoformat() if isinstance(plain, date) else plain
