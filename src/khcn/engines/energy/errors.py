"""What can go wrong with readings, devices, weather and money, by code; :mod:`.messages` holds the sentences."""

from typing import Any


class EnergyError(Exception):
    """Input that cannot be used. ``code`` and ``params`` choose the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        from khcn.engines.energy.messages import sentence  # noqa: PLC0415  # messages know every code

        return sentence(self.code, self.params)


class TableError(EnergyError):
    """A file of readings that cannot be read."""


class SpecError(EnergyError):
    """A request (SPEC, MAP, tariff) that does not fit together."""


class DeviceError(EnergyError):
    """A meter, inverter or broker that does not answer as it should."""


class SpoolError(EnergyError):
    """The collector's own memory on disk cannot be used."""
