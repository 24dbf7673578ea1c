"""Which packets of a stream are decoded: all of them while something happens, keyframes only in a still scene.

Part of the reader process (:mod:`.child`). Packets of the group at hand are kept, so that a movement between two
keyframes is decoded after all.
"""

import contextlib
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av

from khcn.engines.vision.sources.quiet import cells
from khcn.engines.vision.sources.timing import Sampler

if TYPE_CHECKING:
    from khcn.engines.vision.sources.child import Session

MOST_ERRORS = 300  # packets in a row that give nothing
LONGEST_GOP_S = 4.0
MOST_KEPT = 8 << 20  # bytes of packets kept while only keyframes are decoded
GROWTH = 1.6  # a group of pictures this much bigger than still ones holds movement
INTRA = frozenset({"mjpeg"})


class Stop(Exception):
    """The source cannot be read: ``code`` and ``params`` as in VisionError."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Packets:
    """Decodes packets: all of them while something moves, keyframes alone while all is still.

    While still, packets since the last keyframe are kept (compressed, in memory). When a keyframe differs, or the
    packets grow, the kept ones are decoded after all: nothing is lost, it is only seen two seconds later.
    """

    def __init__(self, session: "Session", stream: Any) -> None:
        self.session = session
        self.codec = stream.codec_context
        self.base = stream.time_base or Fraction(1, 1000)
        self.intra = self.codec.name in INTRA
        self.kept: list[tuple[Any, float]] = []
        self.kept_bytes = 0
        self.usual: float | None = None  # bytes of a still group of pictures beside its keyframe
        self.key_at: float | None = None
        self.gop_s: float | None = None
        self.resting = False
        self.paced: tuple[float, float] | None = None

    def take(self, packet: Any) -> None:
        """Take the next packet of the stream."""
        session = self.session
        pts = self.stamp(packet.pts if packet.pts is not None else packet.dts)
        if packet.size == 0:
            if not self.resting:
                self.decode(packet, time.monotonic())
            return
        session.packets += 1
        if session.order["loop"]:
            self.pace(pts)
        arrival = time.monotonic()
        self.note_key(packet, pts)
        if self.intra:
            self.take_intra(packet, pts, arrival)
        elif self.resting:
            self.take_resting(packet, pts, arrival)
        elif session.idle and packet.is_keyframe and self.short_groups():
            self.rest(packet, arrival)
        else:
            self.decode(packet, arrival)

    def finish(self) -> None:
        """The stream has ended."""
        if self.resting:
            self.wake()
            self.decode(None, time.monotonic())

    def stamp(self, pts: int | None) -> float | None:
        return None if pts is None else float(pts * self.base)

    def note_key(self, packet: Any, pts: float | None) -> None:
        if packet.is_keyframe and pts is not None:
            self.gop_s = pts - self.key_at if self.key_at is not None else None
            self.key_at = pts

    def short_groups(self) -> bool:
        return self.gop_s is not None and 0.2 < self.gop_s <= LONGEST_GOP_S

    def pace(self, pts: float | None) -> None:
        """Play a file at its own speed."""
        if pts is None:
            pts = self.session.packets * self.session.timeline.step
        now = time.monotonic()
        if self.paced is None:
            self.paced = (now, pts)
        wait = self.paced[0] + pts - self.paced[1] - now
        if 0 < wait < 5:
            time.sleep(wait)

    def take_intra(self, packet: Any, pts: float | None, arrival: float) -> None:
        """Every packet is a whole picture: decode only the wanted ones."""
        session = self.session
        if session.live and not Sampler(session.order["fps"], slot=session.sampler.slot).wants(
            session.clock.peek(pts, arrival)
        ):
            return
        self.decode(packet, arrival)

    def decode(self, packet: Any, arrival: float, *, key: bool = False) -> None:
        """Decode and hand over."""
        session = self.session
        try:
            frames = self.codec.decode(packet)
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            session.errors += 1
            session.streak += 1
            if session.streak > MOST_ERRORS:
                raise Stop("source-corrupt") from error
            return
        for frame in frames:
            session.streak = 0
            pts = frame.pts if frame.pts is not None else frame.dts
            session.picture(frame, self.stamp(pts), arrival, key=key)

    # -- keyframes only ----------------------------------------------------------------------------------------

    def rest(self, packet: Any, arrival: float) -> None:
        """Begin to decode keyframes only, with this one."""
        self.drain(arrival)
        self.resting, self.usual = True, None
        self.kept, self.kept_bytes = [], 0
        self.take_resting(packet, self.stamp(packet.pts), arrival)

    def drain(self, arrival: float) -> None:
        """Take out what the decoder still holds, and make it ready for a keyframe."""
        self.decode(None, arrival)
        self.codec.flush_buffers()

    def take_resting(self, packet: Any, pts: float | None, arrival: float) -> None:
        session = self.session
        if not packet.is_keyframe:
            self.kept.append((packet, arrival))
            self.kept_bytes += packet.size
            grown = self.usual is not None and self.kept_bytes > GROWTH * self.usual + 12_000
            if grown or self.kept_bytes > MOST_KEPT or not session.orders.may_idle:
                self.wake()
            return
        if not self.short_groups() or self.differs(packet):
            self.wake()
            self.decode(packet, arrival)
            return
        if len(self.kept) > 1:
            self.usual = self.kept_bytes if self.usual is None else 0.8 * self.usual + 0.2 * self.kept_bytes
        self.kept, self.kept_bytes = [(packet, arrival)], 0

    def differs(self, packet: Any) -> bool:
        """Decode a keyframe by itself; hand it over and return False when it shows the same still scene."""
        session = self.session
        try:
            frames = [*self.codec.decode(packet), *self.codec.decode(None)]
            self.codec.flush_buffers()
        except av.error.FFmpegError:
            return True
        if len(frames) != 1 or (frames[0].width, frames[0].height) != session.source:
            return True
        image = session.scaled(frames[0])
        if session.stillness.broken(cells(image)):
            return True
        session.index += max(1, len(self.kept))  # this one and the frames between, never decoded
        t = session.time_of(self.stamp(frames[0].pts), time.monotonic())
        session.sampler.passed(t)
        session.stillness.see(t, cells(image))
        session.hand_over(t, image, quiet=True)
        return False

    def wake(self) -> None:
        """Decode what was kept, and everything from now on."""
        session = self.session
        kept, self.kept, self.kept_bytes = self.kept, [], 0
        self.resting, session.idle = False, False
        session.stillness.since = session.t
        self.codec.flush_buffers()
        for at, (packet, arrival) in enumerate(kept):
            if at == 0 and session.given:
                self.decode_silently(packet)  # this keyframe was handed over while resting
            else:
                self.decode(packet, arrival)

    def decode_silently(self, packet: Any) -> None:
        with contextlib.suppress(av.error.FFmpegError):
            self.codec.decode(packet)
