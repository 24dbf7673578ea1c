"""Tables of the market halls."""

from khcn.markets.models.cameras import Box, Camera, Gate, Layout, Zone
from khcn.markets.models.care import (
    Alert,
    CameraTrouble,
    Clip,
    GateReview,
    PreviewGrant,
    SlitScan,
    Still,
)
from khcn.markets.models.counts import (
    Batch,
    CameraHour,
    DirtyHour,
    GateHour,
    MarketDay,
    MarketHour,
    ZoneHour,
)
from khcn.markets.models.venues import Market, MarketEvent, OpeningHours

__all__ = [
    "Alert",
    "Batch",
    "Box",
    "Camera",
    "CameraHour",
    "CameraTrouble",
    "Clip",
    "DirtyHour",
    "Gate",
    "GateHour",
    "GateReview",
    "Layout",
    "Market",
    "MarketDay",
    "MarketEvent",
    "MarketHour",
    "OpeningHours",
    "PreviewGrant",
    "SlitScan",
    "Still",
    "Zone",
    "ZoneHour",
]
