"""Which uploaded files are recordings, by their first bytes and never by their name alone."""

from typing import Final

ENDINGS: Final = frozenset({"mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts"})
_SYNC: Final = 0x47
_PACKET: Final = 188


def clip_ending(name: str, head: bytes) -> str | None:
    """Return the ending under which a recording is kept (mp4, mkv, avi or ts); None when it is none.

    >>> clip_ending("cua.mp4", b"\\0\\0\\0\\x18ftypisom"), clip_ending("cua.mp4", b"#EXTM3U")
    ('mp4', None)
    """
    stem, _dot, ending = name.rpartition(".")
    if not stem or ending.lower() not in ENDINGS:
        return None
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"}:
        return "mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "mkv"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    return "ts" if _is_transport_stream(head) else None


def _is_transport_stream(head: bytes) -> bool:
    """Whether sync bytes stand a packet apart (188 bytes, or 192 with a time stamp before each)."""
    for first, step in ((0, _PACKET), (4, 192)):
        places = range(first, min(len(head), first + 5 * step), step)
        if len(places) >= 3 and all(head[place] == _SYNC for place in places):
            return True
    return False
