"""Cameras of a market: added, changed, taken out of use. Their addresses are sealed and never leave in the clear."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError
from khcn.engines.text.slug import slugify_vi
from khcn.markets.camera_sources import addresses_of, check_addresses, seal_addresses
from khcn.markets.models import Box, Camera, Market
from khcn.markets.services.setup_guard import SetupPermissionError, require_set_up

CAMERA_FIELDS: Final = (
    "name", "place", "model", "fps", "active", "purpose", "sign_text", "sign_placed_on", "controller", "contact",
    "slit_scan_days",
)  # fmt: skip
_AUDITED: Final = (*CAMERA_FIELDS, "box")
RATES: Final = (1, 15)


class CameraNameTakenError(KhcnError):
    """Two cameras of one market with one name could not be told apart."""

    code = "camera-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(_("Chợ này đã có camera tên “%(name)s”. Hãy đặt tên khác.") % {"name": name})


class CameraRateError(KhcnError):
    """A rate at which nothing can be counted, or that no box carries."""

    code = "camera-rate"

    def __init__(self) -> None:
        super().__init__(
            _("Số hình mỗi giây phải từ %(low)s đến %(high)s; 5 là vừa cho cửa chợ.")
            % {"low": RATES[0], "high": RATES[1]}
        )


def camera_create(
    *,
    actor: Any,
    market: Market,
    values: Mapping[str, Any],
    addresses: Sequence[str],
    now: datetime,
    box: Box | None = None,
    key: str = "",
) -> Camera:
    """Add a camera. ``values``: by :data:`CAMERA_FIELDS`; ``addresses``: sub-stream first.

    :raises SetupPermissionError, CameraAddressError, CameraNameTakenError, CameraRateError:
    """
    require_set_up(actor, market, _("thêm camera ở chợ này"))
    checked = check_addresses(addresses, local=actor is None)
    camera = Camera(market=market, box=_allowed_box(actor, box, None), sealed_sources=seal_addresses(checked))
    _fill(camera, values)
    with transaction.atomic():
        _check_name(camera)
        camera.key = key or _free_key(market, camera.name)
        _save(camera)
        after = {**snapshot(camera, _AUDITED), "addresses": len(checked)}
        audit_record(actor=actor, action="markets.camera.create", target=camera, after=after, at=now)
    return camera


def camera_update(
    *,
    actor: Any,
    camera: Camera,
    values: Mapping[str, Any],
    now: datetime,
    addresses: Sequence[str] | None = None,
    box: Box | None = None,
) -> Camera:
    """Change a camera. ``addresses``: None keeps what is sealed, a list replaces it.

    :raises SetupPermissionError, CameraAddressError, CameraNameTakenError, CameraRateError:
    """
    require_set_up(actor, camera.market, _("sửa camera của chợ này"))
    checked = None if addresses is None else check_addresses(addresses, local=actor is None)
    with transaction.atomic():
        camera = Camera.objects.select_for_update(of=("self",)).select_related("market").get(pk=camera.pk)
        before = snapshot(camera, _AUDITED)
        camera.box = _allowed_box(actor, box, camera.box_id)
        _fill(camera, values)
        _check_name(camera)
        after: dict[str, Any] = {}
        if checked is not None and checked != _known_addresses(camera):
            camera.sealed_sources = seal_addresses(checked)
            after = {
                "addresses_replaced": len(checked)
            }  # how many, never which: a row cannot be taken out again
        _save(camera)
        audit_record(
            actor=actor,
            action="markets.camera.update",
            target=camera,
            before=before,
            after={**snapshot(camera, _AUDITED), **after},
            at=now,
        )
    return camera


def _known_addresses(camera: Camera) -> tuple[str, ...] | None:
    try:
        return addresses_of(camera)
    except KhcnError:  # sealed with a lost key: whatever comes now replaces it
        return None


def _allowed_box(actor: Any, box: Box | None, present: int | None) -> Box | None:
    """A camera may go to a box of the market's own unit, stay where it is, or be given to any box by an operator."""
    if box is None or box.pk == present:
        return box
    require_box(actor, box)
    return box


def require_box(actor: Any, box: Box) -> None:
    """Raise SetupPermissionError unless ``actor`` may hang cameras on this box."""
    from khcn.markets.permissions import can_set_up  # noqa: PLC0415  # a box has a unit like a market

    if not can_set_up(actor, box):
        raise SetupPermissionError(_("gắn camera vào máy đếm này"))


def _fill(camera: Camera, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(CAMERA_FIELDS)
    if unknown:
        raise ValueError(f"not fields of a camera: {sorted(unknown)}")
    for name, value in values.items():
        setattr(camera, name, value.strip() if isinstance(value, str) else value)
    if not RATES[0] <= camera.fps <= RATES[1]:
        raise CameraRateError


def _check_name(camera: Camera) -> None:
    same = Camera.objects.filter(market_id=camera.market_id, name=camera.name).exclude(pk=camera.pk)
    if not camera.name or same.exists():
        raise CameraNameTakenError(camera.name)


def _free_key(market: Market, name: str) -> str:
    stem = f"{market.key}-{slugify_vi(name) or 'camera'}"[:54].strip("-")
    taken = set(Camera.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if key not in taken)


def _save(camera: Camera) -> None:
    try:
        with transaction.atomic():
            camera.save()
    except IntegrityError as error:
        raise CameraNameTakenError(camera.name) from error
