"""A tiny line of figures to stand beside a name."""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH: Final = 120
HEIGHT: Final = 32


def trend_svg(values: Sequence[float | None], label: str) -> SafeString:
    """Return the line as SVG, from zero at the bottom; nothing with fewer than two figures."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    top, step = max(*known, 1), WIDTH / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{number * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * max(value, 0) / top:.1f}")
    lines = format_html_join(
        "", '<polyline points="{}"/>', ((" ".join(run),) for run in runs if len(run) > 1)
    )
    return format_html(
        '<svg class="trend" viewBox="0 0 120 32" role="img" aria-label="{}" preserveAspectRatio="none">{}</svg>',
        label,
        lines,
    )
