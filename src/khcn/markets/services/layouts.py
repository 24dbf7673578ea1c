"""What is drawn on a camera's picture. A new drawing is a new version; what was measured before keeps the old one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError
from khcn.engines.text.slug import slugify_vi
from khcn.engines.vision.errors import LayoutError
from khcn.engines.vision.layout import Layout as Measured
from khcn.engines.vision.layout import parse_layout
from khcn.engines.vision.messages import TEMPLATES
from khcn.engines.vision.types import Size
from khcn.markets.models import Camera, Gate, Layout, Zone
from khcn.markets.rules.drawing import Drawn, GateRow, ZoneRow, difference, drawing_of
from khcn.markets.services.setup_guard import require_set_up

MOST_SHAPES: Final = 40


class LayoutChangedError(KhcnError):
    """Somebody else saved a drawing in the meantime."""

    code = "layout-changed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Trong lúc bạn vẽ, người khác đã lưu một bản vẽ mới cho camera này. "
                "Hãy mở trang ở một thẻ khác để xem bản đó, rồi tải lại trang và vẽ tiếp."
            )
        )


class DrawingError(KhcnError):
    """A drawing that cannot be measured; the sentence comes from the vision engine, with names instead of keys."""

    code = "drawing"


def layout_save(
    *,
    actor: Any,
    camera: Camera,
    drawn: Drawn,
    width: int,
    height: int,
    based_on: int,
    now: datetime,
    note: str = "",
) -> Layout:
    """Save what was drawn on a picture of ``width`` x ``height`` as a new version, in force from ``now``.

    ``based_on``: the version that was on the screen (0: none). Gates and zones that are gone stay as rows, out of use.
    When only names or capacities changed, the version stays.

    :raises SetupPermissionError, LayoutChangedError, DrawingError:
    """
    require_set_up(actor, camera.market, _("vẽ vạch và khu ở chợ này"))
    with transaction.atomic():
        camera = Camera.objects.select_for_update(of=("self",)).select_related("market").get(pk=camera.pk)
        current = Layout.objects.filter(camera=camera, valid_to__isnull=True).first()
        if (current.version if current else 0) != based_on:
            raise LayoutChangedError
        drawn = _with_keys(camera, drawn)
        drawing = drawing_of(drawn, width=width, height=height)
        checked(drawing, drawn)
        changed = difference(current.drawing, drawing) if current else None
        if current and changed and changed.nothing:
            layout, action = current, "markets.layout.rename"
        else:
            layout, action = (
                _next_version(camera, current, drawing, actor=actor, now=now, note=note),
                "markets.layout.save",
            )
        before = _names(camera)
        _sync(camera, drawn)
        after: dict[str, Any] = {"version": layout.version, "names": _names(camera)}
        audit_record(
            actor=actor, action=action, target=camera, before={"version": based_on, "names": before}, after=after,
            reason=note, at=now,
        )  # fmt: skip
    return layout


def checked(drawing: dict[str, Any], drawn: Drawn | None = None) -> Measured:
    """Return the engine's own reading of a drawing. :raises DrawingError: with the names people gave."""
    try:
        return parse_layout(drawing).checked_for(Size(*drawing["frame"]))
    except LayoutError as error:
        params = dict(error.params)
        names = _row_names(drawn) if drawn else {}
        params["id"] = names.get(str(params.get("id", "")), params.get("id", ""))
        if params["id"] == "exclusion":
            params["id"] = _("vùng bỏ qua")
        raise DrawingError(_(TEMPLATES[error.code]) % params, code=error.code) from error


def _row_names(drawn: Drawn) -> dict[str, str]:
    return {row.key: row.name for row in drawn.gates} | {row.key: row.name for row in drawn.zones}


def _next_version(
    camera: Camera, current: Layout | None, drawing: dict[str, Any], *, actor: Any, now: datetime, note: str
) -> Layout:
    start = now
    if current:
        start = max(now, current.valid_from)  # a clock that went back does not turn history around
        current.valid_to = start
        current.save(update_fields=["valid_to"])
    last = Layout.objects.filter(camera=camera).order_by("-version").first()
    camera.frame_width, camera.frame_height = drawing["frame"]
    camera.save(update_fields=["frame_width", "frame_height"])
    return Layout.objects.create(
        camera=camera,
        version=last.version + 1 if last else 1,
        drawing=drawing,
        frame_width=drawing["frame"][0],
        frame_height=drawing["frame"][1],
        valid_from=start,
        made_by=actor,
        note=note.strip()[:300],
    )


def _with_keys(camera: Camera, drawn: Drawn) -> Drawn:
    """Check names and give every new row a key that no gate or zone of this camera ever had."""
    if len(drawn.gates) + len(drawn.zones) + len(drawn.exclusions) > MOST_SHAPES:
        raise DrawingError(
            _("Mỗi camera có tối đa %(limit)s vạch, khu và vùng. Hãy bỏ bớt.") % {"limit": MOST_SHAPES},
            code="too-many",
        )
    gates = {gate.key: gate for gate in Gate.objects.filter(camera=camera)}
    zones = {zone.key: zone for zone in Zone.objects.filter(camera=camera)}
    _check_rows(drawn.gates, set(gates))
    _check_rows(drawn.zones, set(zones))
    taken = set(gates) | set(zones)
    return replace(
        drawn,
        gates=tuple(replace(row, key=row.key or _fresh(row.name, taken, "cua")) for row in drawn.gates),
        zones=tuple(replace(row, key=row.key or _fresh(row.name, taken, "khu")) for row in drawn.zones),
    )


def _check_rows(rows: Sequence[GateRow] | Sequence[ZoneRow], known: set[str]) -> None:
    names: set[str] = set()
    for row in rows:
        if row.key and row.key not in known:
            raise DrawingError(
                _("Bản vẽ nói tới một vạch không thuộc camera này. Hãy tải lại trang."), code="foreign-key"
            )
        name = row.name.strip().casefold()
        if not name:
            raise DrawingError(
                _("Mỗi cửa và mỗi khu cần một cái tên để người xem số liệu hiểu."), code="no-name"
            )
        if name in names:
            raise DrawingError(
                _("Có hai phần cùng tên “%(name)s”. Hãy đặt tên khác nhau.") % {"name": row.name},
                code="name-twice",
            )
        names.add(name)


def _fresh(name: str, taken: set[str], prefix: str) -> str:
    stem = (slugify_vi(name) or prefix)[:54].strip("-") or prefix
    key = next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if key not in taken)
    taken.add(key)
    return key


def _sync(camera: Camera, drawn: Drawn) -> None:
    """Bring the rows of gates and zones in line with the drawing; rows are never deleted."""
    for gate in drawn.gates:
        Gate.objects.update_or_create(
            camera=camera,
            key=gate.key,
            defaults={
                "market_id": camera.market_id,
                "name": gate.name.strip(),
                "is_entrance": gate.is_entrance,
                "active": True,
            },
        )
    for zone in drawn.zones:
        Zone.objects.update_or_create(
            camera=camera,
            key=zone.key,
            defaults={
                "market_id": camera.market_id,
                "name": zone.name.strip(),
                "kind": zone.kind,
                "capacity": zone.capacity,
                "active": True,
            },
        )
    Gate.objects.filter(camera=camera).exclude(key__in=[row.key for row in drawn.gates]).update(active=False)
    Zone.objects.filter(camera=camera).exclude(key__in=[row.key for row in drawn.zones]).update(active=False)


def _names(camera: Camera) -> dict[str, str]:
    rows: list[Gate | Zone] = [*Gate.objects.filter(camera=camera, active=True)]
    rows += Zone.objects.filter(camera=camera, active=True)
    return {row.key: row.name for row in rows}


def layout_restore(*, actor: Any, layout: Layout, based_on: int, now: datetime) -> Layout:
    """Draw as an older version did, as a new version: gates and zones of that time come back under their keys."""
    camera = layout.camera
    gates = {gate.key: gate for gate in Gate.objects.filter(camera=camera)}
    zones = {zone.key: zone for zone in Zone.objects.filter(camera=camera)}
    old = parse_layout(layout.drawing)
    drawn = Drawn(
        tuple(
            GateRow(gate.id, gates[gate.id].name, gate.points, gate.swap, gates[gate.id].is_entrance)
            for gate in old.gates
        ),
        tuple(
            ZoneRow(zone.id, zones[zone.id].name, zone.polygon, zone.kind.value, zones[zone.id].capacity)
            for zone in old.zones
        ),
        old.exclusions,
        (old.ground.pixels, old.ground.metres) if old.ground else None,
    )
    return layout_save(
        actor=actor,
        camera=camera,
        drawn=drawn,
        width=layout.frame_width,
        height=layout.frame_height,
        based_on=based_on,
        now=now,
        note=_("Dùng lại bản vẽ số %(version)s") % {"version": layout.version},
    )


def zone_stalls_set(*, actor: Any, zone: Zone, party_ids: Iterable[int], now: datetime) -> Zone:
    """Say which stalls of the register lie in a zone."""
    require_set_up(actor, zone.market, _("xếp quầy, sạp vào khu"))
    with transaction.atomic():
        before = sorted(zone.parties.values_list("pk", flat=True))
        zone.parties.set(party_ids)
        after = sorted(zone.parties.values_list("pk", flat=True))
        audit_record(
            actor=actor,
            action="markets.zone.stalls",
            target=zone,
            before={"stalls": before},
            after={"stalls": after},
            at=now,
        )
    return zone
