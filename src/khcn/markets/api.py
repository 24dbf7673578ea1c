"""The API of the market halls: batches and configuration for boxes, public figures for everybody."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from khcn.core.api.etags import etag_of, not_modified
from khcn.core.api.machines import MachineAuth
from khcn.core.api.problems import PROBLEMS
from khcn.markets.errors import BoxTokenError
from khcn.markets.models import Box
from khcn.markets.selectors.box_config import box_config
from khcn.markets.selectors.open_data import MarketOut, public_days, public_market, public_markets
from khcn.markets.services.boxes import box_of_token
from khcn.markets.services.ingest import batch_ingest, box_heard
from khcn.markets.services.slit_scans import MOST_BYTES, slit_scan_keep

router = Router(tags=["markets"])


class BoxAuth(MachineAuth):
    """``Authorization: Bearer khcnbox_...``: a counting box by its own token."""

    openapi_name = "box"
    openapi_description = "The token of a counting box, made on the page of boxes."
    wrong = BoxTokenError

    def machine(self, token: str) -> Box:
        """Return the box. Raises BoxTokenError."""
        return box_of_token(token)


box_required = BoxAuth()


class BatchIn(Schema):
    """A batch as a box sends it; see ``docs/contract.md``. Minutes are read one by one: a bad one spoils no other."""

    instance: str = Field(min_length=1, max_length=40)
    seq: int = Field(ge=1, lt=2**62)
    sent_at: datetime | None = None
    minutes: list[Any] = Field(max_length=5000)
    status: dict[str, Any] | None = None


class BatchOut(Schema):
    """What became of a batch."""

    seq: int
    repeated: bool
    minutes: int
    changed: int
    set_aside: int
    notes: list[dict[str, Any]]


class CameraOut(Schema):
    """One camera of a box, with its addresses in the clear."""

    key: str
    name: str
    sources: list[str]
    model: str
    fps: float
    layout: int
    drawing: dict[str, Any]
    frame: list[int] | None
    slit_scan_days: int
    problem: str


class BoxOut(Schema):
    """The configuration of a box."""

    box: str
    name: str
    cameras: list[CameraOut]


class DayOut(Schema):
    """One local day of a market; ``visitors`` is null when the day is too small to be shown or was not measured."""

    day: str
    visitors: int | None
    completeness: float


def _box(request: HttpRequest) -> Box:
    box = getattr(request, "auth", None)
    if not isinstance(box, Box):
        raise BoxTokenError
    return box


@router.post(
    "/batches", auth=box_required, response={200: BatchOut, **PROBLEMS}, operation_id="markets_batch"
)
def batches(request: HttpRequest, batch: BatchIn) -> Any:
    """Take in one batch of minutes. Sending it again changes nothing."""
    return batch_ingest(
        box=_box(request),
        instance=batch.instance,
        seq=batch.seq,
        minutes=batch.minutes,
        sent_at=batch.sent_at if batch.sent_at and timezone.is_aware(batch.sent_at) else None,
        status=batch.status,
        now=timezone.now(),
    ).as_json()


@router.get("/boxes/me", auth=box_required, response={200: BoxOut, **PROBLEMS}, operation_id="markets_box")
def box_me(request: HttpRequest, response: HttpResponse, instance: str = "") -> Any:
    """Return the configuration of the calling box: its cameras with addresses, and the layouts in force."""
    box, now = _box(request), timezone.now()
    if instance:
        box_heard(box=box, instance=instance[:40], now=now)
    config = box_config(box, now)
    etag = etag_of(config.etag)
    unchanged = not_modified(request, etag)
    if unchanged is not None:
        return unchanged
    response["ETag"], response["Cache-Control"] = etag, "no-store"
    return config.as_json()


@router.post(
    "/slit-scans",
    auth=box_required,
    response={200: dict[str, bool], **PROBLEMS},
    operation_id="markets_slit_scan",
)
def slit_scans(request: HttpRequest, camera: str, gate: str, start: datetime, rows_s: float) -> Any:
    """Keep a piece of a gate's slit-scan (body: PNG, rows from ``start``); the same again changes nothing."""
    kept = slit_scan_keep(
        box=_box(request),
        camera_key=camera,
        gate_key=gate,
        start=start,
        png=request.read(MOST_BYTES + 1),  # not .body: that one has the site's limit for forms
        rows_s=rows_s,
        now=timezone.now(),
    )
    return {"kept": kept}


@router.get("", response={200: list[MarketOut], **PROBLEMS}, operation_id="markets")
def markets(request: HttpRequest) -> Any:
    """List the markets that have a public page."""
    return public_markets(timezone.localdate())


@router.get("/{key}", response={200: MarketOut, **PROBLEMS}, operation_id="market")
def market(request: HttpRequest, key: str) -> Any:
    """Return one market that has a public page."""
    return public_market(key, timezone.localdate())


@router.get("/{key}/days", response={200: list[DayOut], **PROBLEMS}, operation_id="market_days")
def days(request: HttpRequest, key: str, first: str = "", last: str = "") -> Any:
    """Return visitors by day, small days left out (null); at most 400 days, the last 30 when not asked otherwise."""
    return public_days(key, first, last, timezone.localdate())
