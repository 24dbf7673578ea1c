"""The API of the energy programme: deliveries and configuration for collectors, pushes of devices, published totals."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from khcn.core.api.etags import etag_of, not_modified
from khcn.core.api.machines import MachineAuth
from khcn.core.api.problems import PROBLEMS
from khcn.energy.errors import CollectorTokenError, DeviceTokenError, TestGoneError
from khcn.energy.models import Collector, Device
from khcn.energy.selectors.collector_config import collector_config
from khcn.energy.selectors.open_data import (
    PublicMonthOut,
    PublicSiteOut,
    PublicTotalsOut,
    public_months,
    public_sites,
    public_totals,
)
from khcn.energy.services.collectors import collector_heard, collector_of_token
from khcn.energy.services.connection_tests import test_answer
from khcn.energy.services.deliveries import MOST_BYTES, body_json, collector_batch, device_push
from khcn.energy.services.devices import device_of_token

router = Router(tags=["energy"])


class CollectorAuth(MachineAuth):
    """``Authorization: Bearer khcncol_...``: a collector by its own token."""

    openapi_name = "collector"
    openapi_description = "The token of a collector, made on the page of collectors."
    wrong = CollectorTokenError

    def machine(self, token: str) -> Collector:
        """Return the collector. Raises CollectorTokenError."""
        return collector_of_token(token)


class DeviceAuth(MachineAuth):
    """``Authorization: Bearer khcndev_...``: a device that sends by itself, by its own token."""

    openapi_name = "device"
    openapi_description = "The token of a device that pushes its readings, made on the page of the device."
    wrong = DeviceTokenError

    def machine(self, token: str) -> Device:
        """Return the device. Raises DeviceTokenError."""
        return device_of_token(token)


collector_required = CollectorAuth()
device_required = DeviceAuth()


class NoteOut(Schema):
    """Something odd about a batch, and how often."""

    code: str
    count: int


class EnergyBatchOut(Schema):
    """What became of a batch: everything up to ``seq`` is safe at the centre."""

    seq: int
    repeated: bool
    readings: int
    kept: int
    duplicates: int
    set_aside: int
    notes: list[NoteOut]


class PushOut(EnergyBatchOut):
    """What became of a push; ``problems`` are sentences for whoever set the device up."""

    problems: list[str]
    problem_count: int


class ConfigOut(Schema):
    """The configuration of a collector, addresses of its devices in the clear."""

    collector: str
    name: str
    devices: list[dict[str, Any]]
    tests: list[dict[str, Any]]
    site: dict[str, float] | None = None


class Done(Schema):
    """Taken."""

    ok: bool = True


def _collector(request: HttpRequest) -> Collector:
    found = getattr(request, "auth", None)
    if not isinstance(found, Collector):
        raise CollectorTokenError
    return found


def _body(request: HttpRequest) -> bytes:
    return request.read(MOST_BYTES + 1)  # not .body: that one has the site's limit for forms


@router.post(
    "/batches",
    auth=collector_required,
    response={200: EnergyBatchOut, **PROBLEMS},
    operation_id="energy_batch",
)
def batches(request: HttpRequest) -> Any:
    """Take in one batch of readings (JSON, plain or gzip). Sending it again changes nothing."""
    collector = _collector(request)
    body = body_json(_body(request), request.headers.get("Content-Encoding", ""))
    return collector_batch(collector=collector, body=body, now=timezone.now())


@router.get(
    "/collector",
    auth=collector_required,
    response={200: ConfigOut, **PROBLEMS},
    operation_id="energy_collector",
)
def collector_me(request: HttpRequest, response: HttpResponse, instance: str = "") -> Any:
    """Return the configuration of the calling collector: its devices with addresses, and tests that wait."""
    collector, now = _collector(request), timezone.now()
    if instance:
        collector_heard(collector=collector, instance=instance[:40], now=now)
    config = collector_config(collector, now)
    etag = etag_of(config.etag)
    unchanged = not_modified(request, etag)
    if unchanged is not None:
        return unchanged
    response["ETag"], response["Cache-Control"] = etag, "no-store"
    return config.document


@router.post(
    "/tests/{number}", auth=collector_required, response={200: Done, **PROBLEMS}, operation_id="energy_test"
)
def tests(request: HttpRequest, number: str) -> Any:
    """Take in what a live test showed."""
    collector = _collector(request)
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise TestGoneError
    body = body_json(_body(request), request.headers.get("Content-Encoding", ""))
    test_answer(collector=collector, test_id=int(number), result=body, now=timezone.now())
    return Done()


@router.post("/push", auth=device_required, response={200: PushOut, **PROBLEMS}, operation_id="energy_push")
def push(request: HttpRequest) -> Any:
    """Take in readings that a device pushes. The same bytes again change nothing."""
    device = getattr(request, "auth", None)
    if not isinstance(device, Device):
        raise DeviceTokenError
    return device_push(device=device, raw=_body(request), now=timezone.now())


@router.get("/totals", response={200: PublicTotalsOut, **PROBLEMS}, operation_id="energy_totals")
def totals(request: HttpRequest) -> Any:
    """Return the totals of all sites whose figures are published."""
    return public_totals(timezone.localdate())


@router.get("/sites", response={200: list[PublicSiteOut], **PROBLEMS}, operation_id="energy_sites")
def sites(request: HttpRequest) -> Any:
    """List the sites whose figures are published, with their totals."""
    return public_sites(timezone.localdate())


@router.get(
    "/sites/{key}/months", response={200: list[PublicMonthOut], **PROBLEMS}, operation_id="energy_months"
)
def months(request: HttpRequest, key: str, first: date | None = None, last: date | None = None) -> Any:
    """Return the months of one published site."""
    return public_months(key, first, last, timezone.localdate())
