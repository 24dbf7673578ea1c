"""Keeping slit-scans: one picture a gate and hour, its rows at their time, whatever pieces it comes in.

A slit-scan is the row of pixels at a line, stacked over time: the only picture of a live camera that reaches a disk,
for the days that its camera is set to. A box sends a piece whenever it starts, stops or an hour ends.
"""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from khcn.core.errors import KhcnError
from khcn.markets.models import Box, Gate, SlitScan
from khcn.markets.store import SLIT_SCANS, fresh_name, private_path, remove_private, write_private

MOST_BYTES: Final = 24 << 20
MOST_WIDTH: Final = 2048
MOST_RATE: Final = 5.0
BLANK: Final = (128, 128, 128)
HOUR = timedelta(hours=1)


class SlitScanError(KhcnError):
    """A picture that is no slit-scan of a gate of this box."""

    code = "slit-scan"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "Ảnh gửi lên không phải ảnh vệt của một cửa thuộc máy này nên không được giữ. Hãy cập nhật máy đếm."
            )
        )


def slit_scan_keep(
    *, box: Box, camera_key: str, gate_key: str, start: datetime, png: bytes, rows_s: float, now: datetime
) -> bool:
    """Put one piece (rows from ``start``, ``rows_s`` a second) into the picture of its hour; return whether it was kept.

    ``False``: its time of retention is over already. The same piece again changes nothing.

    :raises SlitScanError: not a PNG of that kind, or a gate that this box has not.
    """
    gate = (
        Gate.objects.select_related("camera")
        .filter(camera__box=box, camera__key=camera_key, key=gate_key)
        .first()
    )
    if (
        gate is None
        or start.tzinfo is None
        or not 0 < rows_s <= MOST_RATE
        or start > now + timedelta(minutes=5)
    ):
        raise SlitScanError
    hour = start.replace(minute=0, second=0, microsecond=0)
    expires_at = hour + timedelta(days=gate.camera.slit_scan_days)
    piece = _piece(png)
    if expires_at <= now:
        return False
    with transaction.atomic():
        Gate.objects.select_for_update(no_key=True).get(pk=gate.pk)
        held = SlitScan.objects.filter(gate=gate, hour=hour).first()
        whole = _whole(held, piece.width, rows_s)
        whole.paste(piece, (0, round((start - hour).total_seconds() * rows_s)))
        sink = BytesIO()
        whole.save(sink, "PNG", optimize=False)
        name = fresh_name(f"cua-{gate.pk}-{hour:%Y%m%d%H}", "png")
        write_private(SLIT_SCANS, name, [sink.getvalue()])
        old = held.name if held else ""
        SlitScan.objects.update_or_create(
            gate=gate, hour=hour, defaults={"name": name, "columns_per_s": rows_s, "expires_at": expires_at}
        )
        transaction.on_commit(lambda: remove_private(SLIT_SCANS, old) and None)
    return True


def _piece(png: bytes) -> Image.Image:
    if len(png) > MOST_BYTES:
        raise SlitScanError
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as image:
            if not 0 < image.width <= MOST_WIDTH or not 0 < image.height <= 3600 * MOST_RATE + 60:
                raise SlitScanError
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise SlitScanError from error


def _whole(held: SlitScan | None, width: int, rows_s: float) -> Image.Image:
    """Return the hour so far; a new grey one when there is none, or the line was drawn anew in this hour."""
    height = round(3600 * rows_s)
    if held is not None and held.name and held.columns_per_s == rows_s:
        try:
            with Image.open(private_path(SLIT_SCANS, held.name)) as image:
                if image.size == (width, height):
                    return image.convert("RGB")
        except OSError:
            pass  # it is gone or was cut off: the new piece begins the hour again
    return Image.new("RGB", (width, height), BLANK)
