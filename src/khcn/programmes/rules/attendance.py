"""Rules of attendance: states, clocks of phones, thresholds, what a scanned text means. Pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from khcn.programmes.errors import ProgrammeError
from khcn.programmes.tokens import clean_code

KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,40}")
MOST_PEOPLE: Final = 5000  # more came to no session; a slip of the finger did
WIDEST_CLOCK: Final = timedelta(days=3650)


class Presence(TextChoices):
    """Whether somebody came to a session."""

    PRESENT = "present", _("Có mặt")
    ABSENT = "absent", _("Vắng")
    EXCUSED = "excused", _("Vắng có phép")


class Source(TextChoices):
    """How it became known."""

    QR = "qr", _("Quét mã")
    LIST = "list", _("Chọn trong danh sách")
    PAPER = "paper", _("Danh sách giấy")
    HAND = "hand", _("Cán bộ ghi")
    GROUP = "group", _("Cả đoàn")


class Deed(TextChoices):
    """What a phone at the gate asks for."""

    PRESENT = "present", _("Có mặt")
    UNDO = "undo", _("Bỏ điểm danh")
    GROUP = "group", _("Cả đoàn")
    WALK_IN = "walkin", _("Khách chưa đăng ký")


class Outcome(TextChoices):
    """What became of an item. All but ``refused`` end its life on the phone for good."""

    DONE = "done", _("Đã ghi")
    ALREADY = "already", _("Đã ghi từ trước")
    UNKNOWN = "unknown", _("Mã không có trong danh sách buổi này")
    REFUSED = "refused", _("Không nhận được")


class RowsError(ProgrammeError):
    """A sheet with wrong cells; nothing of it was taken in. ``faults``: what is wrong, row by row."""

    code = "attendance-rows"

    def __init__(self, message: str, faults: Sequence["Fault"] = (), *, field: str = "file") -> None:
        super().__init__(message, field=field)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row."""

    where: str
    message: str
    item: str = ""


def phone_moments(
    at_phone: Sequence[datetime | None], *, sent_at: datetime | None, now: datetime, earliest: datetime
) -> list[datetime]:
    """Return when things happened by the server's clock, from what a phone's clock said.

    The offset is what the phone called the moment of sending less the server's clock, so a clock wrong by hours does not
    matter. The order of the batch is kept, nothing lies in the future or before ``earliest`` (when the link was made).
    """
    offset = sent_at - now if sent_at is not None else timedelta()
    if abs(offset) > WIDEST_CLOCK:
        offset = timedelta()
    found: list[datetime] = []
    last = min(earliest, now)
    for moment in at_phone:
        try:
            real = moment - offset if moment is not None else now
        except OverflowError:
            real = now
        last = max(last, min(real, now))
        found.append(last)
    return found


def needed_sessions(sessions: int, percent: int) -> int:
    """Return how many of ``sessions`` make ``percent``: 80 % of 5 are 4; a part of a session is a whole one."""
    return -(-sessions * percent // 100)


def has_reached(present: int, sessions: int, percent: int) -> bool:
    """Whether somebody came often enough; without any session nobody did."""
    return sessions > 0 and present * 100 >= sessions * percent


def session_total(
    *, alone: int, groups: Sequence[tuple[int, int]], walk_ins: int, headcount: int | None
) -> int:
    """Return how many people came: nobody twice.

    :param alone: ticked persons outside groups. :param groups: (ticked by name, counted) of each group: the larger one
        counts. :param headcount: counted at the door without names; it counts where it is larger.
    """
    known = alone + sum(max(pair) for pair in groups) + walk_ins
    return max(known, headcount or 0)


def ticket_in(text: str) -> str:
    """Return the code in what was scanned or typed: the code itself, or the last part of an address."""
    plain = text.strip()[:500].split("?")[0].split("#")[0].rstrip("/")
    return clean_code(plain.rsplit("/", 1)[-1])[:24]
