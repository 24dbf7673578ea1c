"""What is to be read, how fast, and with which patience."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.address import Address, Kind, parse_address

RATE_LIMITS = (0.05, 60.0)


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A camera or a recording.

    ``addresses``: the preferred one first (a camera's sub-stream before its main stream). ``fps``: samples a second,
    may be a fraction. ``transport``: tcp or udp for RTSP. ``loop``: a file played for ever at its own pace, as if it
    were a camera. ``idle``: keyframes alone are decoded while the caller says that nothing moves. ``memory_mb`` and
    ``cpu_s`` bound the reader process (``None``: no bound on processor time).
    """

    addresses: tuple[Address, ...]
    kind: Kind = Kind.LIVE
    fps: float = 5.0
    transport: str = "tcp"
    open_s: float = 12.0
    silence_s: float = 10.0
    loop: bool = False
    idle: bool = True
    memory_mb: int = 2048
    cpu_s: int | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        if not self.addresses:
            raise SourceError("address-empty")
        if not RATE_LIMITS[0] <= self.fps <= RATE_LIMITS[1]:
            raise ValueError(
                f"a rate from {RATE_LIMITS[0]} to {RATE_LIMITS[1]} a second was expected, got {self.fps}"
            )
        if self.transport not in {"tcp", "udp"}:
            raise ValueError(f"tcp or udp was expected, got {self.transport!r}")

    @property
    def name(self) -> str:
        """Return the source's name for people, without secrets."""
        return self.addresses[0].shown

    def wire(self, address: Address, *, start: float | None, origin: float | None) -> dict[str, Any]:
        """Return what the reader process is told about one of the addresses."""
        plain = {k: v for k, v in asdict(self).items() if k not in {"addresses", "kind"}}
        live = self.kind is Kind.LIVE
        where = str(address.path.absolute()) if address.scheme == "file" else address.raw
        return plain | {
            "url": where,
            "scheme": address.scheme,
            "live": live,
            "start": start,
            "origin": origin,
            "secrets": list(address.secrets),
        }


def recording(path: Path | str, *, fps: float = 5.0, **options: Any) -> SourceSpec:
    """Return the spec of a file read once, as fast as it can be. Raises SourceError."""
    address = parse_address(str(path))
    if address.scheme == "file":
        _check_file(address)
    return SourceSpec((address,), Kind.RECORDING, fps, **options)


def camera(addresses: Sequence[str], *, fps: float = 5.0, local: bool = True, **options: Any) -> SourceSpec:
    """Return the spec of a camera with its addresses, sub-stream first. A file is looped. Raises SourceError."""
    checked = tuple(parse_address(one, local=local) for one in addresses)
    if any(one.scheme == "file" for one in checked):
        options.setdefault("loop", True)
    return SourceSpec(checked, Kind.LIVE, fps, **options)


def _check_file(address: Address) -> None:
    path = address.path
    if not path.exists():
        raise SourceError("source-missing", name=address.shown)
    if not path.is_file():
        raise SourceError("source-not-file", name=address.shown)
