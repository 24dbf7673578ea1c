"""Readings pushed over HTTP: what a push may hold (:mod:`.payload`) and a device that pushes (:mod:`.simulator`)."""

from khcn.engines.energy.devices.push.payload import MOST_BYTES, MOST_VALUES, PushResult, parse_push

__all__ = ["MOST_BYTES", "MOST_VALUES", "PushResult", "parse_push"]
