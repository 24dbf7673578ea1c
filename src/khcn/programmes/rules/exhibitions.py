"""Kinds, states and plain rules of exhibitions: what may be applied for, what a website is, how booths stand in rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MOST_PRODUCTS: Final = 30
MOST_PICTURES: Final = 4
MOST_BOOTHS: Final = 400
MOST_SIDE: Final = 20
KEEPS: Final = timedelta(days=180)  # personal data of exhibitors and visitors after the last day, unless set
UNPROVEN_LIVES: Final = timedelta(days=1)
RESERVED: Final = frozenset({"dang-ky", "so-do"})
GAP: Final = 2  # percent between booths of a grid


class ExhibitorKind(TextChoices):
    """Who shows something."""

    ENTERPRISE = "enterprise", _("Doanh nghiệp, hộ kinh doanh, hợp tác xã")
    SCHOOL = "school", _("Trường học")
    INCUBATOR = "incubator", _("Vườn ươm, nhóm khởi nghiệp")
    OTHER = "other", _("Đơn vị khác")


class ExhibitorState(TextChoices):
    """Where an exhibitor stands. Only ``accepted`` is shown."""

    ASKED = "asked", _("Chờ trả lời")
    ACCEPTED = "accepted", _("Được trưng bày")
    REFUSED = "refused", _("Không nhận")
    WITHDRAWN = "withdrawn", _("Đã rút")


@dataclass(frozen=True, slots=True)
class ExhibitorText:
    """What an exhibitor says about itself."""

    name: str
    kind: str
    text: str = ""
    website: str = ""
    contact_name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booth of a grid stands, in percent."""

    number: str
    x: int
    y: int
    w: int
    h: int


def clean_website(text: str) -> str | None:
    """Return an address that begins with https:// and names a host; empty stays empty; ``None`` for anything else."""
    typed = text.strip()
    if not typed:
        return ""
    if "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = parts.scheme == "https" and "." in host and not parts.username and not parts.password
    return (
        typed
        if plain and len(typed) <= 300 and not any(char.isspace() or char in "<>\"'" for char in typed)
        else None
    )


def grid(columns: int, rows: int) -> Iterator[Place]:
    """Yield booths in rows: A1, A2 ... B1 ..."""
    wide, high = (100 - GAP) // columns - GAP, (100 - GAP) // rows - GAP
    for row in range(rows):
        for column in range(columns):
            yield Place(
                f"{chr(65 + row)}{column + 1}",
                GAP + column * (wide + GAP),
                GAP + row * (high + GAP),
                wide,
                high,
            )


def kept_until(keep_until: date | None, ends_on: date | None, made_on: date) -> date:
    """Return the last day on which personal data of an exhibition is kept."""
    return keep_until or (ends_on or made_on) + KEEPS
