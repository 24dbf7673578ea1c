"""A small map of sites as SVG: places by coordinates, state by shape and colour. Nothing is fetched from the net."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log10, radians
from statistics import median
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.ui.formats import format_number
from khcn.ui.parts import Tone
from khcn.ui.templatetags.ui_formats import language

WIDTH: Final = 720
HEIGHT: Final = 420
MARGIN: Final = 36
KM_PER_DEGREE: Final = 111.32
FARTHEST_KM: Final = 80.0  # a place farther from the middle of all is a slip of the pen, not a site


@dataclass(frozen=True, slots=True)
class Place:
    """One site on the map; ``words`` say its name and state."""

    latitude: float
    longitude: float
    words: str
    url: str
    tone: Tone
    name: str = ""


@dataclass(frozen=True, slots=True)
class MapPicture:
    """The drawing, how many places are on it, and the names of those that lie too far away."""

    svg: SafeString
    count: int
    far: tuple[str, ...]


def map_picture(places: Sequence[Place]) -> MapPicture | None:
    """Return the map; None with fewer than two places."""
    if len(places) < 2:
        return None
    middle = (median(one.latitude for one in places), median(one.longitude for one in places))
    stretch = cos(radians(middle[0]))
    flat = [
        (
            (one.longitude - middle[1]) * KM_PER_DEGREE * stretch,
            (one.latitude - middle[0]) * KM_PER_DEGREE,
            one,
        )
        for one in places
    ]
    near = [spot for spot in flat if (spot[0] ** 2 + spot[1] ** 2) ** 0.5 <= FARTHEST_KM]
    far = tuple(spot[2].name or spot[2].words for spot in flat if spot not in near)
    if len(near) < 2:
        return None
    west, east = min(spot[0] for spot in near), max(spot[0] for spot in near)
    south, north = min(spot[1] for spot in near), max(spot[1] for spot in near)
    room = max((east - west) / (WIDTH - 2 * MARGIN), (north - south) / (HEIGHT - 2 * MARGIN), 0.001)
    across, down = (west + east) / 2, (south + north) / 2
    # the good ones first, so that those in trouble lie on top
    order = sorted(near, key=lambda spot: {"bad": 2, "watch": 1}.get(spot[2].tone, 0))
    marks = format_html_join(
        "",
        '<a href="{}"><g class="map__mark map__mark--{}" transform="translate({} {})"><title>{}</title>{}</g></a>',
        (
            (
                one.url,
                one.tone,
                f"{WIDTH / 2 + (x - across) / room:.1f}",
                f"{HEIGHT / 2 - (y - down) / room:.1f}",
                one.words,
                _SHAPES[one.tone],
            )
            for x, y, one in order
        ),
    )
    svg = format_html(
        '<svg class="map" viewBox="0 0 {} {}" role="group" aria-label="{}"><rect class="map__ground" width="{}"'
        ' height="{}"/>{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        _("Sơ đồ vị trí các công trình"),
        WIDTH,
        HEIGHT,
        _scale(room),
        _north(),
        marks,
    )
    return MapPicture(svg, len(near), far)


_REACH: Final = '<circle class="map__reach" r="14"/>'
_SHAPES: Final[dict[str, SafeString]] = {
    "good": SafeString(_REACH + '<circle r="6.5"/>'),
    "watch": SafeString(_REACH + '<path d="M0-9 8.5 7H-8.5z"/>'),
    "bad": SafeString(_REACH + '<path d="M0-9.5 9.5 0 0 9.5-9.5 0z"/>'),
    "info": SafeString(_REACH + '<rect x="-6" y="-6" width="12" height="12"/>'),
    "neutral": SafeString(_REACH + '<circle class="map__hollow" r="6"/>'),
}


def _scale(km_per_unit: float) -> SafeString:
    """Return a bar of a round length."""
    wanted = km_per_unit * 140
    step = 10 ** int(log10(wanted) // 1)
    length = max(part * step for part in (1, 2, 5) if part * step <= wanted)
    width = length / km_per_unit
    text = (
        f"{format_number(length, language=language())} km"
        if length >= 1
        else f"{format_number(length * 1000, places=0, language=language())} m"
    )
    return format_html(
        '<g class="map__scale" transform="translate(16 {})"><path d="M0-5V0H{}V-5"/><text x="{}" y="-4">{}</text></g>',
        HEIGHT - 14,
        f"{width:.1f}",
        f"{width + 8:.1f}",
        text,
    )


def _north() -> SafeString:
    return format_html(
        '<g class="map__scale" transform="translate({} 26)"><path d="M0 14V-10M-5-3 0-12 5-3"/><text x="9" y="4">{}</text></g>',
        WIDTH - 40,
        _("B"),
    )
