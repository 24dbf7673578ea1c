"""How the reader process opens a container: only these protocols, only these formats, no detours.

Imported by the reader process only (needs PyAV).
"""

from typing import Any, Final

import av
from av.container import InputContainer

FILE_FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,h264,hevc,mjpeg,ogg,m4v,mpegvideo,ivf,nut,dv,"
    "mxf,obu,av1"
)
STREAM_FORMATS: Final = FILE_FORMATS + ",mpjpeg,rtsp,sdp,rtp,hls,live_flv"
PROTOCOLS: Final = {
    "file": "file",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtsp,rtp,udp,tcp,tls,crypto",
    "http": "http,tcp,https,tls,crypto",
    "https": "https,http,tcp,tls,crypto",
}
MOST_PIXELS: Final = 8192 * 4608
CODES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (av.error.HTTPUnauthorizedError, "source-refused"),
    (av.error.HTTPForbiddenError, "source-refused"),
    (av.error.HTTPNotFoundError, "source-not-found"),
    (av.error.HTTPError, "source-not-found"),
    (av.error.FileNotFoundError, "source-missing"),
    (av.error.PermissionError, "source-refused"),
    (av.error.ConnectionRefusedError, "source-unreachable"),
    (av.error.ConnectionResetError, "source-unreachable"),
    (av.error.TimeoutError, "source-unreachable"),
    (av.error.EOFError, "source-ended"),
    (av.error.DecoderNotFoundError, "source-format"),
    (av.error.DemuxerNotFoundError, "source-not-video"),
    (av.error.ProtocolNotFoundError, "source-format"),
    (av.error.InvalidDataError, "source-not-video"),
    (av.error.ArgumentError, "source-format"),
    (MemoryError, "source-limits"),
    (av.error.MemoryError, "source-limits"),
)


def open_container(order: dict[str, Any]) -> InputContainer:
    """Open what ``order`` (see ``SourceSpec.wire``) names. Raises what PyAV raises."""
    scheme = order["scheme"]
    live_stream = scheme != "file"
    options = {
        "protocol_whitelist": PROTOCOLS[scheme],
        "format_whitelist": STREAM_FORMATS if live_stream else FILE_FORMATS,
        "probesize": "4000000",
        # A stream is looked at for a second only: every reconnect waits for it.
        "analyzeduration": "1000000" if live_stream else "4000000",
    }
    patience = str(int(order["open_s"] * 1e6))
    if scheme in {"rtsp", "rtsps"}:
        # No PyAV timeout: its interrupt callback breaks many RTSP streams (PyAV #1112); the owner kills us instead.
        options |= {"rtsp_transport": order["transport"], "timeout": patience, "allowed_media_types": "video"}
    elif live_stream:
        options |= {"rw_timeout": patience}
    url = order["url"] if live_stream else "file:" + order["url"]
    found: InputContainer = av.open(url, options=options, metadata_errors="replace")
    return found


def code_of(error: BaseException) -> str:
    """Return the code of :mod:`.messages` for what PyAV raised."""
    for kind, code in CODES:
        if isinstance(error, kind):
            return code
    # Never by the error's text: it holds the address, and a port 40123 or a channel 401 is no answer "401".
    if isinstance(error, OSError) and getattr(error, "errno", None) in {101, 110, 111, 112, 113}:
        return "source-unreachable"
    return "source-failed"
