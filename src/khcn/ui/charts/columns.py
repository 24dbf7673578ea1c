"""Upright columns: days of a month, months of a year. From zero; a missing figure is hatched and never zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from khcn.ui.charts.model import Chart, check_finite, require


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One column. ``target``: what was expected there (a stroke across); ``light``: its time is not over yet."""

    label: str
    value: float | None
    target: float | None = None
    light: bool = False


def columns(
    *,
    title: str,
    unit: str,
    source: str,
    bars: Sequence[Bar],
    label_word: str = "Mục",
    value_word: str = "Giá trị",
    target_word: str = "Dự kiến",
    missing_word: str = "không có số liệu",
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return columns in the order given; labels must differ."""
    require(bool(bars), "at least 1 column, got 0")
    require(len({bar.label for bar in bars}) == len(bars), "labels that differ")
    for bar in bars:
        check_finite(bar.value, bar.target)
    targets = any(bar.target is not None for bar in bars)
    shown = ("label", "value", "target") if targets else ("label", "value")
    heads = (label_word, value_word, target_word)[: len(shown)]
    return Chart(
        kind="columns",
        title=title,
        unit=unit,
        source=source,
        fields=(*shown, "light"),
        rows=tuple((*(getattr(bar, name) for name in shown), bar.light) for bar in bars),
        heads=heads,
        words=(("missing", missing_word), ("value", value_word), ("target", target_word)),
        csv_url=csv_url,
        language=language,
    )
