"""Telling two clicks of one visitor from clicks of two, without knowing who it is.

A mark is a keyed hash over the work, the visitor's address and browser. The work is in it, so marks of one visitor on
two works have nothing in common and no way through the library can be read from them. The key is drawn anew each day,
shared by all web processes through a file of the spool, and deleted when the day is over: then nobody can find an
address from a mark, not even by trying all of them. Marks live in the spool for two hours at most and never reach the
database.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
from datetime import date
from pathlib import Path
from typing import Final

_NAME: Final = "library-usage.key"
_KEY: Final = re.compile(rb"[0-9a-f]{64}")
_BYTES: Final = 32
_held: dict[Path, bytes] = {}  # of one day at a time; each process reads the file once a day


def visitor_mark(*, work_id: int, address: str, agent: str, day: date, spool: Path) -> str:
    """Return the mark of a visitor on a work for one day: 20 hexadecimal signs.

    :param address: as the connection shows it; it is hashed here and kept nowhere.
    """
    text = f"{work_id}\n{address}\n{agent}".encode()
    return hmac.new(_key_of(day, spool), text, hashlib.sha256).hexdigest()[:20]


def keys_forget(today: date, spool: Path) -> int:
    """Delete the keys of days that are over; return how many."""
    gone = 0
    for place in spool.glob(f"{_NAME}.*"):
        if place.name != _place(today, spool).name:
            place.unlink(missing_ok=True)
            gone += 1
    return gone


def _place(day: date, spool: Path) -> Path:
    return spool / f"{_NAME}.{day.isoformat()}"


def _key_of(day: date, spool: Path) -> bytes:
    place = _place(day, spool)
    held = _held.get(place)
    if held is None:
        held = _drawn(place)
        _held.clear()
        _held[place] = held
    return held


def _drawn(place: Path) -> bytes:
    """Return the key of the day; of several processes that draw one at once, the first one's counts."""
    fresh = secrets.token_hex(_BYTES).encode()
    draft = place.with_name(f"{place.name}.{os.getpid()}.{secrets.token_hex(4)}.draft")
    with contextlib.suppress(OSError):  # a full disk: this process counts with a key of its own
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(fresh)
            with contextlib.suppress(FileExistsError):
                os.link(draft, place)  # seen whole or not at all
        finally:
            draft.unlink(missing_ok=True)
        found = place.read_bytes()
        if _KEY.fullmatch(found):
            return found
    return fresh
