"""Drawing: Vega-Lite to SVG and PNG with vl-convert. **Worker and build only**: vl-convert takes 126 MB.

Nothing in a web process imports this module; ``tests/ui`` holds that with a look at ``sys.modules``.
"""

import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import vl_convert
from lxml import etree

from khcn.ui.charts.model import Chart
from khcn.ui.charts.spec import NUMBER_LOCALES, TIME_LOCALE, vega_lite
from khcn.ui.charts.spec_maps import Size
from khcn.ui.tokens import LIGHT

VEGA_LITE: Final = "6.4"
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")
_MAP_CELLS: Final = 20  # paths in one group from which on it is a map; charts with bars have fewer
_SVG: Final = "{http://www.w3.org/2000/svg}"
_TOKENS: Final = ("paper", "ink", "ink-2", "rule", "chart-1", "chart-2", "chart-3", "chart-4")
_HEAT: Final = tuple(f"heat-{number}" for number in range(1, 7))
_PAINTS: Final = {LIGHT[name]: name for name in (*_TOKENS, "chart-band", "chart-muted", *_HEAT)}
_ELEMENTS: Final = {"svg", "g", "path", "text", "tspan", "rect", "line", "circle", "defs", "clipPath"}
_ATTRIBUTES: Final = {
    *(
        "d",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "width",
        "height",
        "viewBox",
        "transform",
    ),
    *(
        "fill",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
    ),
    *(
        "opacity",
        "fill-opacity",
        "stroke-opacity",
        "clip-path",
        "id",
        "text-anchor",
        "font-size",
        "font-weight",
    ),
}


@dataclass(frozen=True)
class Drawing:
    """A drawn chart: two SVG texts for a page, and what an interactive version needs."""

    wide: str
    narrow: str
    live: dict[str, Any]


def draw(chart: Chart) -> Drawing:
    """Draw the chart for pages, in both widths, themed by CSS variables."""
    return Drawing(
        wide=render_chart_svg(chart, size="wide"),
        narrow=render_chart_svg(chart, size="narrow"),
        live={
            "spec": vega_lite(chart, "wide"),
            "number": NUMBER_LOCALES[chart.language],
            "time": TIME_LOCALE,
            "colours": [*_PAINTS.items(), (LIGHT["chart-missing"], "chart-missing")],
        },
    )


def render_chart_svg(chart: Chart, *, size: Size = "wide", themed: bool = True) -> str:
    """Return the SVG. ``themed``: colours as CSS variables and the page's font; otherwise for paper."""
    _register_fonts()
    raw = vl_convert.vegalite_to_svg(
        vega_lite(chart, size),
        vl_version=VEGA_LITE,
        allowed_base_urls=[],
        format_locale=NUMBER_LOCALES[chart.language],
        time_format_locale=TIME_LOCALE,
    )
    return clean_svg(raw, themed=themed, prefix=f"c{chart.digest[:8]}{size[0]}", label=chart.title)


def render_chart_png(chart: Chart, *, scale: float = 3.0) -> bytes:
    """Return a PNG for documents; at scale 3 a full-width chart has about 300 dots per inch on A4."""
    _register_fonts()
    return bytes(vl_convert.svg_to_png(render_chart_svg(chart, themed=False), scale=scale))


def clean_svg(raw: str, *, themed: bool, prefix: str, label: str) -> str:
    """Keep known elements and attributes only: no style, script, link or handler can reach a page.

    Identifiers get ``prefix``, so that several pictures share one page; missing stretches become hatched.
    """
    root = etree.fromstring(raw.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    for element in list(root.iter()):
        name = element.tag.removeprefix(_SVG) if isinstance(element.tag, str) else ""
        if name not in _ELEMENTS:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        _clean_attributes(element, themed=themed, prefix=prefix)
    _merge_cells(root)
    root.set("role", "img")
    root.set("aria-label", label)
    root.insert(0, _hatch(prefix, themed=themed))
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _merge_cells(root: Any) -> None:
    """Make one path of many neighbours that look alike: a map of 400 cells becomes six paths."""
    for group in root.iter(f"{_SVG}g"):
        paths = [path for path in group if path.tag == f"{_SVG}path"]
        if len(paths) < _MAP_CELLS:
            continue
        for _look, alike in groupby(
            paths, key=lambda path: sorted((k, v) for k, v in path.attrib.items() if k != "d")
        ):
            first, *rest = alike
            outline = "".join(path.get("d", "") for path in (first, *rest))
            first.set("d", _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}", outline))
            for path in rest:
                group.remove(path)


def _clean_attributes(element: Any, *, themed: bool, prefix: str) -> None:
    family = element.get("font-family")
    for name, value in list(element.attrib.items()):
        if name not in _ATTRIBUTES:
            del element.attrib[name]
        elif name == "id":
            element.set(name, prefix + value)
        elif name == "clip-path":
            element.set(name, value.replace("url(#", f"url(#{prefix}"))
        elif name in ("fill", "stroke"):
            element.set(name, _paint(value, themed=themed, prefix=prefix))
    if family and not themed:
        element.set("font-family", family)


def _paint(value: str, *, themed: bool, prefix: str) -> str:
    colour = value.lower()
    if colour == LIGHT["chart-missing"]:
        return f"url(#{prefix}hatch)"
    token = _PAINTS.get(colour)
    return f"var(--{token},{colour})" if themed and token else value


def _hatch(prefix: str, *, themed: bool) -> Any:
    """Return the pattern for "no data": slanted lines."""
    colour = f"var(--chart-missing,{LIGHT['chart-missing']})" if themed else LIGHT["chart-missing"]
    return etree.fromstring(
        f'<defs xmlns="{_SVG[1:-1]}"><pattern id="{prefix}hatch" width="6" height="6" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="6" stroke="{colour}" stroke-width="2.5"/></pattern></defs>'
    )


def _register_fonts() -> None:
    import fontpkg_be_vietnam_pro  # noqa: PLC0415  # the font is needed only where something is drawn

    vl_convert.register_font_directory(str(Path(fontpkg_be_vietnam_pro.ROOT) / "files"))
