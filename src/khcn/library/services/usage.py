"""Noting views and downloads: a page adds one line to a file of the spool; ``usage_intake`` adds the lines up.

So reading a page never waits for the database. Neither person nor address is written, only a mark that dies within
hours (``usage_marks``). Programs that fetch pages by themselves are left out: by the lists that COUNTER prescribes
(``counter_robots``) and by our own pattern.
"""

import contextlib
import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

import counter_robots
from django.conf import settings

from khcn.library.services.usage_marks import visitor_mark

# "read": a page of a work in the reader, which counts as a view unless the visitor has one in this hour.
Kind = Literal["view", "read", "download"]
SPOOL: Final = "library-usage"
_ROBOTS: Final = re.compile(
    r"bot|crawl|spider|slurp|preview|fetch|curl|wget|python|http-?client|monitor|headless", re.I
)
_LONGEST_AGENT: Final = 400


def spool_folder() -> Path:
    """Return where lines wait."""
    return Path(settings.KHCN.data_dir) / "spool"


def is_program(agent: str) -> bool:
    """Tell whether a program says by this ``User-Agent`` (or by none) that it is no person's browser."""
    short = agent[:_LONGEST_AGENT]
    if not short or _ROBOTS.search(short):
        return True
    # COUNTER's lists ignore case, the package does not: most of its patterns are in lower case
    return any(counter_robots.is_robot_or_machine(form) for form in (short.lower(), short))


def usage_note(
    *, kind: Kind, work_id: int, day: date, agent: str = "", address: str = "", at: datetime | None = None
) -> None:
    """Note one view or download. Never raises: a full disk must not stop anybody from reading.

    :param address: the visitor's; only a mark of it is written. Without one every click counts.
    :param at: the moment, needed with ``address``.
    """
    if is_program(agent):
        return
    line = f"{kind} {work_id} {day.isoformat()}"
    with contextlib.suppress(OSError):
        place = spool_folder() / f"{SPOOL}.log"
        place.parent.mkdir(parents=True, exist_ok=True)
        if address and at is not None:
            mark = visitor_mark(
                work_id=work_id, address=address, agent=agent[:_LONGEST_AGENT], day=day, spool=place.parent
            )
            line += f" {int(at.timestamp())} {mark}"
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, f"{line}\n".encode())  # one short write is never torn
        finally:
            os.close(handle)
