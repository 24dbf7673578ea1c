"""What the pages of the set-up show: cameras with their state, what is missing, what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import KhcnError
from khcn.core.models.jobs import Job
from khcn.engines.flow.accuracy import Accuracy, AccuracyState
from khcn.engines.text.collate import sort_key
from khcn.markets.camera_sources import shown_addresses
from khcn.markets.enums import HealthKind
from khcn.markets.models import Box, Camera, Gate, Layout, Market, Still, Zone
from khcn.markets.permissions import reach_of
from khcn.markets.rules.legal import LegalState, legal_state
from khcn.markets.selectors.accuracy import accuracy_words, gate_accuracies, last_review_words
from khcn.markets.selectors.drawings import Picture, frame_of, picture_of
from khcn.markets.selectors.models import ModelOffer, model_offer
from khcn.ui.parts import State, Tone

SILENT_AFTER = timedelta(minutes=10)
STILL_JOB = "markets.still"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: a sentence and the address where it is done."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class GateLine:
    """A gate with its error in words."""

    gate: Gate
    accuracy: Accuracy
    words: str
    last: str

    @property
    def state(self) -> State:
        """How far the error is known."""
        return {
            AccuracyState.NONE: State(label=_("Chưa đo sai số"), tone="watch"),
            AccuracyState.ROUGH: State(label=_("Sai số mới đo thô"), tone="watch"),
            AccuracyState.MEASURED: State(label=_("Đã đo sai số"), tone="good"),
        }[self.accuracy.state]


@dataclass(frozen=True, slots=True)
class CameraCard:
    """A camera in the list of a market."""

    camera: Camera
    state: State
    legal: LegalState
    layout: Layout | None
    gates: list[GateLine]
    step: Step | None


@dataclass(frozen=True, slots=True)
class MarketSetup:
    """The set-up home of a market."""

    market: Market
    cameras: list[CameraCard]
    boxes: list[tuple[Box, State]]
    steps: list[Step]
    open_hours: bool


@dataclass(frozen=True, slots=True)
class CameraSheet:
    """Everything the page of one camera shows."""

    card: CameraCard
    addresses: list[str]
    addresses_error: str
    offer: ModelOffer | None
    still: Still | None
    zones: list[Zone]
    versions: int
    size: tuple[int, int]
    picture: Picture
    still_job: Any = None

    @property
    def still_running(self) -> bool:
        """Whether a still is being made now."""
        return self.still_job is not None and self.still_job.state in JOB_ACTIVE

    @property
    def still_shown(self) -> bool:
        """Whether the page shows the still that the last job made."""
        return self.still is not None and (
            not self.still_job or self.still.made_at >= self.still_job.created_at
        )


def markets_to_set_up(user: Any) -> QuerySet[Market]:
    """Return the markets that this person sets up, with their number of cameras."""
    reach = reach_of(user)
    rows = Market.objects.select_related("unit").annotate(
        camera_count=Count("cameras", filter=Q(cameras__active=True))
    )
    return rows if reach.operator else rows.filter(unit_id__in=reach.managed)


def boxes_for(user: Any, market: Market, camera: Camera | None = None) -> QuerySet[Box]:
    """Return the boxes on which this person may hang a camera of the market (and the one it hangs on)."""
    reach = reach_of(user)
    mine = Q() if reach.operator else Q(unit_id__in=reach.managed)
    if camera and camera.box_id and not reach.operator:
        mine |= Q(pk=camera.box_id)
    return Box.objects.filter(mine).order_by("name")


def camera_state(camera: Camera, legal: LegalState, layout: Layout | None, now: datetime) -> State:
    """Return the state of a camera as a word: the first thing that keeps it from counting."""
    silent = camera.last_minute_at is not None and now - camera.last_minute_at > SILENT_AFTER
    obstacles: list[tuple[bool, str, Tone]] = [
        (not camera.active, _("Không dùng"), "neutral"),
        (not camera.sealed_sources, _("Chưa có địa chỉ"), "watch"),
        (layout is None, _("Chưa vẽ vạch"), "watch"),
        (not legal.complete, _("Chưa treo bảng thông báo"), "watch"),
        (bool(camera.state), str(HealthKind(camera.state).label) if camera.state else "", "bad"),
        (camera.last_minute_at is None, _("Chưa có số liệu"), "watch"),
        (silent, _("Ngừng gửi số liệu"), "bad"),
    ]
    first = next((State(label=label, tone=tone) for holds, label, tone in obstacles if holds), None)
    return first or State(label=_("Đang đếm"), tone="good")


def box_state(box: Box, now: datetime) -> State:
    """Return the state of a counting box as a word."""
    if box.conflict_at and now - box.conflict_at < timedelta(hours=1):
        return State(label=_("Hai máy cùng mã"), tone="bad")
    if box.last_seen_at is None:
        return State(label=_("Chưa kết nối lần nào"), tone="watch")
    if now - box.last_seen_at > SILENT_AFTER:
        return State(label=_("Mất liên lạc"), tone="bad")
    return State(label=_("Đang gửi"), tone="good")


def _step(
    camera: Camera, legal: LegalState, layout: Layout | None, has_still: bool, gates: list[GateLine]
) -> Step | None:
    """Return the next thing to do with a camera."""
    unknown = next((line.gate for line in gates if line.accuracy.state == AccuracyState.NONE), None)
    words = {"name": camera.name, "gate": unknown.name if unknown else ""}
    todo: list[tuple[bool, str, str, int]] = [
        (
            not camera.sealed_sources,
            _("Ghi địa chỉ lấy hình của “%(name)s”"),
            "setup-camera-edit",
            camera.pk,
        ),
        (
            not has_still and layout is None,
            _("Làm ảnh nền của “%(name)s” để vẽ"),
            "setup-camera",
            camera.pk,
        ),
        (layout is None, _("Vẽ vạch trên hình của “%(name)s”"), "setup-layout", camera.pk),
        (bool(legal.missing), _("Điền phần thông báo của “%(name)s”"), "setup-camera-edit", camera.pk),
        (not legal.placed, _("In và treo bảng thông báo của “%(name)s”"), "setup-sign", camera.pk),
        (unknown is not None, _("Đo sai số của %(gate)s"), "setup-gate", unknown.pk if unknown else 0),
    ]
    found = next((item for item in todo if item[0]), None)
    if found is None or not camera.active:
        return None
    return Step(found[1] % words, reverse(f"markets-desk:{found[2]}", args=[found[3]]))


def _cards(cameras: Iterable[Camera], now: datetime) -> list[CameraCard]:
    rows = sorted(cameras, key=lambda camera: (not camera.active, sort_key(camera.name)))
    ids = [camera.pk for camera in rows]
    layouts = {row.camera_id: row for row in Layout.objects.filter(camera_id__in=ids, valid_to__isnull=True)}
    stills = set(Still.objects.filter(camera_id__in=ids).values_list("camera_id", flat=True))
    gates: dict[int, list[Gate]] = {}
    for gate in Gate.objects.filter(camera_id__in=ids, active=True).order_by("name"):
        gates.setdefault(gate.camera_id, []).append(gate)
    errors = gate_accuracies(gate.pk for group in gates.values() for gate in group)
    today = timezone.localdate(now)
    cards = []
    for camera in rows:
        layout, legal = layouts.get(camera.pk), legal_state(camera, today)
        lines = [
            GateLine(
                gate, errors[gate.pk], accuracy_words(errors[gate.pk]), last_review_words(errors[gate.pk])
            )
            for gate in gates.get(camera.pk, [])
        ]
        step = _step(camera, legal, layout, camera.pk in stills, lines)
        cards.append(CameraCard(camera, camera_state(camera, legal, layout, now), legal, layout, lines, step))
    return cards


def market_setup(market: Market, now: datetime) -> MarketSetup:
    """Return the set-up home of a market."""
    cards = _cards(Camera.objects.filter(market=market).select_related("box"), now)
    boxes = {card.camera.box for card in cards if card.camera.box}
    hours = market.hours.in_force(timezone.localdate(now)).exists()
    steps = [card.step for card in cards if card.step]
    if not hours:
        url = reverse("markets-desk:setup-market-edit", args=[market.key])
        steps.insert(0, Step(_("Ghi giờ mở cửa của chợ"), url))
    if not cards:
        steps.append(
            Step(_("Thêm camera đầu tiên"), reverse("markets-desk:setup-camera-new", args=[market.key]))
        )
    listed = [(box, box_state(box, now)) for box in sorted(boxes, key=lambda box: box.name)]
    return MarketSetup(market, cards, listed, steps, hours)


def camera_sheet(camera: Camera, now: datetime) -> CameraSheet:
    """Return everything about one camera."""
    (card,) = _cards([camera], now)
    try:
        addresses, trouble = shown_addresses(camera), ""
    except KhcnError as error:
        addresses, trouble = [], error.message
    still = getattr(camera, "still", None)
    drawing = card.layout.drawing if card.layout else {}
    return CameraSheet(
        card=card,
        addresses=addresses,
        addresses_error=trouble,
        offer=model_offer(camera.model),
        still=still,
        zones=list(Zone.objects.filter(camera=camera, active=True).annotate(stall_count=Count("parties"))),
        versions=Layout.objects.filter(camera=camera).count(),
        size=frame_of(camera),
        picture=picture_of(camera, drawing),
        still_job=Job.objects.filter(kind=STILL_JOB, arguments__camera=camera.pk).order_by("-pk").first(),
    )


def privacy_address(market: Market) -> str:
    """Return the public address that a sign's QR code leads to: the market's page, or how the site treats data."""
    try:
        path = reverse("markets:market", args=[market.key]) if market.is_public else reverse("web:privacy")
    except NoReverseMatch:
        path = "/"
    return settings.KHCN.base_url.rstrip("/") + path
