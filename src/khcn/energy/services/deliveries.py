"""Deliveries over HTTP: the bytes of a request become batches of a collector, or readings that a device pushes."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from khcn.core.errors import KhcnError
from khcn.energy.errors import BatchError, TooLargeError
from khcn.energy.models import Collector, Device
from khcn.energy.rules.days import ms_of
from khcn.energy.services.collectors import CLOCK_TOLERANCE_S, collector_heard
from khcn.energy.services.ingest import batch_ingest
from khcn.energy.services.parcels import Sender

MOST_BYTES: Final = 16 << 20
MOST_PLAIN: Final = 64 << 20
STATUS_LIMIT: Final = 200_000


def body_json(raw: bytes, encoding: str) -> dict[str, Any]:
    """Return the JSON object of a request's body, unzipped; bombs and nonsense are refused.

    :raises TooLargeError, BatchError:
    """
    if len(raw) > MOST_BYTES:
        raise TooLargeError
    if encoding.strip().lower() in {"gzip", "x-gzip"}:
        unzip = zlib.decompressobj(wbits=31)
        try:
            raw = unzip.decompress(raw, MOST_PLAIN)
        except zlib.error as error:
            raise BatchError("gzip") from error
        if unzip.unconsumed_tail:
            raise TooLargeError
        if not unzip.eof:
            raise BatchError("gzip")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BatchError("JSON") from error
    if not isinstance(found, dict):
        raise BatchError("JSON object")
    return found


def collector_batch(*, collector: Collector, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Take in one batch of a collector and return the answer. Raises BatchError."""
    instance, seq, series = body.get("instance"), body.get("seq"), body.get("series", [])
    fine = isinstance(instance, str) and isinstance(seq, int) and not isinstance(seq, bool)
    if not fine or not isinstance(series, list):
        raise BatchError("instance, seq, series")
    sent_at = _moment(body.get("sent_at"))
    status = body.get("status")
    expected = collector_heard(
        collector=collector,
        instance=str(instance)[:40],
        now=now,
        sent_at=sent_at,
        status=_fitting(status) if isinstance(status, dict) else None,
    )
    sender = Sender(f"collector:{collector.key}", str(instance), collector=collector, twin=not expected)
    answer = batch_ingest(sender=sender, seq=int(str(seq)), series=series, now=now).as_json()
    if sent_at is not None and abs((sent_at - now).total_seconds()) > CLOCK_TOLERANCE_S:
        answer["notes"].append({"code": "clock", "count": 1})
    return answer


def device_push(*, device: Device, raw: bytes, now: datetime) -> dict[str, Any]:
    """Take in what a device pushed; the same bytes again change nothing.

    :raises BatchError: when the push has no usable shape; the sentence says what is wrong.
    """
    from khcn.engines.energy.devices.push import MOST_BYTES as MOST_PUSH  # noqa: PLC0415  # with the device library
    from khcn.engines.energy.devices.push import parse_push  # noqa: PLC0415

    if len(raw) > MOST_PUSH:
        raise TooLargeError
    found = parse_push(raw, received_ms=ms_of(now), zone=device.site.zone, device=device.key)
    problems = [str(problem) for problem in found.problems]
    if found.refused:
        raise KhcnError(problems[0] if problems else "push", code="energy-push")
    series: dict[tuple[str, str], dict[str, Any]] = {}
    for sample in found.samples:
        one = series.setdefault(
            (sample.device, sample.metric),
            {"device": sample.device, "metric": sample.metric, "t": [], "v": [], "p": {}, "raw": {}},
        )
        place = str(len(one["t"]))
        if sample.problem:
            one["p"][place] = sample.problem
        if sample.raw:
            one["raw"][place] = sample.raw
        one["t"].append(sample.ts_ms)
        one["v"].append(sample.value)
    seq = int.from_bytes(hashlib.sha256(raw).digest()[:7], "big")
    sender = Sender(f"device:{device.key}", "push", device=device)
    answer = batch_ingest(sender=sender, seq=seq, series=list(series.values()), now=now).as_json()
    return {**answer, "problems": problems, "problem_count": found.problem_count}


def _moment(said: Any) -> datetime | None:
    if not isinstance(said, str) or len(said) > 40:
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _fitting(status: dict[str, Any]) -> dict[str, Any]:
    """Return a status that both databases take and that is not endless."""
    text = json.dumps(status, default=str).replace("\\u0000", "")
    if len(text) > STATUS_LIMIT:
        return {"too_long": len(text)}
    found = json.loads(text, parse_constant=lambda _name: None)
    return dict(found)
