"""Pictures of charts on disk, by content: a page reads them, a worker draws them.

A page never draws. It asks for the picture of a chart; when there is none yet, the chart is noted on disk and
a background task draws it once, however many pages ask.
"""

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe

from khcn.core.whole_files import write_whole
from khcn.ui.charts.model import Chart

RETRY_SECONDS: Final = 600  # a request that nobody answered (worker down, task lost) is made again


@dataclass(frozen=True)
class Picture:
    """What a page shows: the SVG for wide and narrow places, and the data of the interactive version."""

    wide: SafeString
    narrow: SafeString
    live_data: dict[str, Any]


def charts_dir() -> Path:
    """Return the folder of pictures."""
    folder: Path = settings.KHCN.data_dir / "charts"
    return folder


def chart_request(chart: Chart) -> Picture | None:
    """Return the picture, or None after making sure that a worker will draw it."""
    path = _path(chart.digest, "drawn.json")
    try:
        return _read(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError:
        if _note(chart):
            from khcn.ui.tasks import chart_render  # noqa: PLC0415  # tasks import this module

            transaction.on_commit(lambda: chart_render.enqueue(chart.digest))
        return None


def chart_draw(digest: str) -> bool:
    """Draw a noted chart (worker only); return False when nobody asked for it or it is drawn already."""
    source = _path(digest, "request.json")
    if _path(digest, "drawn.json").exists() or not source.exists():
        return False
    from khcn.ui.charts.render import draw  # noqa: PLC0415  # 126 MB, so late

    drawing = draw(Chart.from_json(source.read_text(encoding="utf-8")))
    content = {"wide": drawing.wide, "narrow": drawing.narrow, "live": drawing.live}
    write_whole(_path(digest, "drawn.json"), json.dumps(content, ensure_ascii=False).encode())
    source.unlink(missing_ok=True)
    return True


def chart_png(chart: Chart) -> bytes:
    """Return the picture for a document as PNG (worker only), drawn once."""
    path = _path(chart.digest, "png")
    if not path.exists():
        from khcn.ui.charts.render import render_chart_png  # noqa: PLC0415  # as above

        write_whole(path, render_chart_png(chart))
    return path.read_bytes()


def charts_prune(*, older_than: float) -> int:
    """Delete pictures made before the moment ``older_than`` (seconds since 1970); return how many files went.

    A picture that is still wanted is simply drawn again.
    """
    gone = 0
    for path in charts_dir().glob("*.*"):
        if path.stat().st_mtime < older_than:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _path(digest: str, kind: str) -> Path:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError(f"chart digest: expected 64 hexadecimal figures, got {digest!r}")
    return charts_dir() / f"{digest}.{kind}"


def _note(chart: Chart) -> bool:
    """Write the chart down for a worker; True for the one caller who has to start the task."""
    path = _path(chart.digest, "request.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(chart.to_json())
    except FileExistsError:
        if time.time() - path.stat().st_mtime < RETRY_SECONDS:
            return False
        write_whole(path, chart.to_json().encode())
    return True


@lru_cache(maxsize=64)
def _read(path: str, changed_ns: int) -> Picture:
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    return Picture(
        wide=mark_safe(data["wide"]),  # noqa: S308  # cleaned by render.clean_svg, in our own folder
        narrow=mark_safe(data["narrow"]),  # noqa: S308
        live_data=data["live"],
    )
