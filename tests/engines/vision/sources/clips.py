"""Clips made on the spot, a detector that finds the bright block in them, and small servers that misbehave."""

import base64
import http.server
import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from khcn.engines.vision.types import Detections, Frame, Hints, Size


def ground(width: int, height: int, seed: int = 1) -> np.ndarray:
    """A hall without people: boxes and boards of all sizes."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), 95, np.uint8)
    for _ in range(90):
        x, y = int(rng.integers(-20, width)), int(rng.integers(-20, height))
        w, h = int(rng.integers(6, width // 4)), int(rng.integers(6, height // 4))
        image[max(0, y) : y + h, max(0, x) : x + w] = rng.integers(50, 160, 3)
    return image


def picture(
    t: float, width: int, height: int, *, walker: bool = True, seed: int = 1, noise: int = 4
) -> np.ndarray:
    """A bright block walks from left to right in eight seconds; the camera's noise lies over all."""
    image = ground(width, height, seed)
    if walker:
        x = int((t % 8) / 8 * (width - 24))
        image[height // 4 : height // 4 * 3, x : x + 24] = 245
    if noise:
        rng = np.random.default_rng(int(t * 1000) + 7)
        image = np.clip(image.astype(np.int16) + rng.integers(-noise, noise + 1, image.shape), 0, 255).astype(
            np.uint8
        )
    return image


def clip(
    path: Path | io.BytesIO,
    *,
    seconds: float = 4.0,
    fps: int = 10,
    size: tuple[int, int] = (320, 240),
    codec: str = "libx264",
    form: str | None = None,
    times: Sequence[float] | None = None,
    walker: Callable[[float], bool] = lambda t: True,
    gop: int = 10,
    audio: bool = False,
    options: dict[str, str] | None = None,
    noise: int = 4,
) -> None:
    """Write a clip; ``times``: timestamps in seconds instead of an even rate."""
    width, height = size
    with av.open(path if isinstance(path, io.BytesIO) else str(path), "w", format=form) as out:
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = gop
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.time_base = Fraction(1, 1000)
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", **(options or {})}
        sound = out.add_stream("aac", rate=16000) if audio else None
        for t in times if times is not None else np.arange(0, seconds, 1 / fps):
            frame = av.VideoFrame.from_ndarray(
                picture(float(t), width, height, walker=walker(float(t)), noise=noise), format="bgr24"
            )
            frame.pts, frame.time_base = round(float(t) * 1000), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        if sound is not None:
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            tone.sample_rate = 16000
            out.mux(sound.encode(tone))
            out.mux(sound.encode(None))
        out.mux(stream.encode(None))


def sound_only(path: Path) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=16000)
        for at in range(20):
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            tone.sample_rate, tone.pts = 16000, at * 1024
            out.mux(stream.encode(tone))
        out.mux(stream.encode(None))


def mpegts(**options: object) -> bytes:
    sink = io.BytesIO()
    clip(sink, form="mpegts", **options)  # type: ignore[arg-type]
    return sink.getvalue()


class BlockDetector:
    """Finds the bright block. Counts its runs."""

    name = "block"

    def __init__(self, size: Size | None = None) -> None:
        self.size, self.runs = size, 0

    def working_size(self, source: Size) -> Size:
        return self.size or source

    def detect(self, frame: Frame, hints: Hints) -> Detections:
        self.runs += 1
        bright = frame.image.min(axis=2) > 200
        columns, rows = np.flatnonzero(bright.sum(0) > 20), np.flatnonzero(bright.any(1))
        if len(columns) < 4:
            return Detections.empty()
        fx, fy = frame.scale
        box = [columns[0] * fx, rows[0] * fy, (columns[-1] + 1) * fx, (rows[-1] + 1) * fy]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32))


# -- servers -------------------------------------------------------------------------------------------------------

Serve = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def web(routes: dict[str, Serve], *, login: str | None = None) -> Iterator[str]:
    """Serve ``routes`` (path -> writer) on this machine; with ``login`` ("user:word") others get 401."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = "Basic " + base64.b64encode((login or "").encode()).decode()
            if login and self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                self.end_headers()
                return
            route = routes.get(self.path.split("?")[0])
            if route is None:
                self.send_error(404)
                return
            with suppress(OSError):
                route(self)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def sends(data: bytes, *, rate: float | None = None, then: str = "close", parts: int = 100) -> Serve:
    """Send ``data`` evenly within ``rate`` seconds (None: at once), then "close", "stall" or "repeat"."""

    def serve(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp2t")
        handler.end_headers()
        while True:
            step = max(188, len(data) // parts)
            for at in range(0, len(data), step):
                handler.wfile.write(data[at : at + step])
                if rate:
                    time.sleep(rate / parts)
            if then == "stall":
                time.sleep(60)
            if then != "repeat":
                return

    return serve


def redirects(where: str) -> Serve:
    def serve(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", where)
        handler.end_headers()

    return serve


@contextmanager
def rtsp(
    *, fps: int = 10, size: tuple[int, int] = (320, 240), stop_after: float | None = None
) -> Iterator[str]:
    """A camera: RTSP with H.264 in RTP over the same TCP connection, as fast as the clock says."""
    sink = io.BytesIO()
    clip(sink, seconds=8, fps=fps, size=size, form="h264", gop=fps)
    units = [unit for unit in sink.getvalue().replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
    sps = next(unit for unit in units if unit[0] & 31 == 7)
    pps = next(unit for unit in units if unit[0] & 31 == 8)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    sdp = (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets="
        f"{base64.b64encode(sps).decode()},{base64.b64encode(pps).decode()}\r\na=control:track1\r\n"
    )

    def talk(conn: socket.socket) -> None:
        with conn, conn.makefile("rb") as lines:
            while True:
                request = lines.readline().decode()
                if not request:
                    return
                headers = {}
                while (line := lines.readline().decode().strip()) != "":
                    key, _, value = line.partition(":")
                    headers[key.lower()] = value.strip()
                verb, answer, body = request.split()[0], "", ""
                if verb == "OPTIONS":
                    answer = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
                elif verb == "DESCRIBE":
                    answer, body = "Content-Type: application/sdp\r\n", sdp
                elif verb == "SETUP":
                    answer = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 7\r\n"
                elif verb == "PLAY":
                    answer = "Session: 7\r\n"
                head = f"RTSP/1.0 200 OK\r\nCSeq: {headers['cseq']}\r\n{answer}Content-Length: {len(body)}\r\n\r\n{body}"
                conn.sendall(head.encode())
                if verb == "PLAY":
                    with suppress(OSError):
                        play(conn)
                    return

    def play(conn: socket.socket) -> None:
        begun, seq, at = time.monotonic(), 0, 0
        pictures = [unit for unit in units if unit[0] & 31 in {1, 5, 7, 8}]
        while stop_after is None or at / fps < stop_after:
            for unit in pictures:
                last = unit[0] & 31 in {1, 5}
                for part in parts_of(unit):
                    mark = 0x80 if last and part[1] else 0
                    head = struct.pack(
                        ">BBHII", 0x80, 96 | mark, seq & 0xFFFF, int(at / fps * 90000) & 0xFFFFFFFF, 9
                    )
                    conn.sendall(struct.pack(">BBH", 36, 0, len(head) + len(part[0])) + head + part[0])
                    seq += 1
                if last:
                    at += 1
                    time.sleep(max(0.0, begun + at / fps - time.monotonic()))
                    if stop_after is not None and at / fps >= stop_after:
                        break
        time.sleep(60)  # and says nothing more

    def parts_of(unit: bytes) -> list[tuple[bytes, bool]]:
        if len(unit) <= 1200:
            return [(unit, True)]
        pieces = [unit[1:][at : at + 1200] for at in range(0, len(unit) - 1, 1200)]
        first, last = 0, len(pieces) - 1
        return [
            (
                bytes([unit[0] & 0x60 | 28, (at == first) << 7 | (at == last) << 6 | unit[0] & 31]) + piece,
                at == last,
            )
            for at, piece in enumerate(pieces)
        ]

    def accept() -> None:
        with suppress(OSError):
            while True:
                conn, _ = listener.accept()
                threading.Thread(target=talk, args=(conn,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"rtsp://127.0.0.1:{port}/live"
    finally:
        listener.close()
