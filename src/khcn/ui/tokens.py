"""Colours of the design system: the one place where they are written.

The asset builder turns them into CSS custom properties, the chart renderer into fills and strokes, and a test
holds every pair that stands on another to its WCAG contrast. Values are sRGB ``#rrggbb``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIGHT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "paper": "#fbfaf7",
        "paper-2": "#f2f0e9",
        "surface": "#ffffff",
        "ink": "#1c2321",
        "ink-2": "#4f5a56",
        "rule": "#dcd8cd",
        "rule-strong": "#7b8681",
        "accent": "#0b5d66",
        "accent-strong": "#07434a",
        "accent-tint": "#e2eeef",
        "on-accent": "#ffffff",
        "good": "#1b7f4b",
        "good-ink": "#14613a",
        "good-tint": "#e3f1e8",
        "watch": "#b26a00",
        "watch-ink": "#824c00",
        "watch-tint": "#faeed9",
        "bad": "#b3261e",
        "bad-ink": "#9b1f18",
        "bad-tint": "#fae6e3",
        "on-bad": "#ffffff",
        "mark": "#ffe9a3",
        "focus": "#f0b400",
        "focus-edge": "#1c2321",
        "chart-1": "#0b5d66",
        "chart-2": "#b8610b",
        "chart-3": "#5a4a9c",
        "chart-4": "#6b7a2a",
        "chart-band": "#c3dadb",
        "chart-muted": "#8c9893",
        "chart-missing": "#a7aaa3",
        "heat-1": "#e3eeee",
        "heat-2": "#bfd9da",
        "heat-3": "#93bec1",
        "heat-4": "#5f9ca1",
        "heat-5": "#2f7880",
        "heat-6": "#083f46",
    }
)

DARK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "paper": "#12181a",
        "paper-2": "#1a2225",
        "surface": "#1e272a",
        "ink": "#e8ecea",
        "ink-2": "#b0bbb7",
        "rule": "#303b3e",
        "rule-strong": "#7c8b88",
        "accent": "#7cc7cf",
        "accent-strong": "#abe0e5",
        "accent-tint": "#1a3236",
        "on-accent": "#06272b",
        "good": "#5fc48d",
        "good-ink": "#7fd5a5",
        "good-tint": "#163123",
        "watch": "#eaa63f",
        "watch-ink": "#f3be6c",
        "watch-tint": "#362912",
        "bad": "#ff8f84",
        "bad-ink": "#ffaaa1",
        "bad-tint": "#3d1e1b",
        "on-bad": "#3a0906",
        "mark": "#5c4a10",
        "focus": "#ffc933",
        "focus-edge": "#12181a",
        "chart-1": "#7cc7cf",
        "chart-2": "#f0a35e",
        "chart-3": "#b3a5ec",
        "chart-4": "#b7c76c",
        "chart-band": "#29474b",
        "chart-muted": "#7f8d89",
        "chart-missing": "#6d7674",
        "heat-1": "#1f3135",
        "heat-2": "#29474b",
        "heat-3": "#356268",
        "heat-4": "#4a858d",
        "heat-5": "#6fb3bb",
        "heat-6": "#abe0e5",
    }
)

TEXT_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("ink", "paper"),
    ("ink", "paper-2"),
    ("ink", "surface"),
    ("ink", "mark"),
    ("ink", "accent-tint"),
    ("ink", "good-tint"),
    ("ink", "watch-tint"),
    ("ink", "bad-tint"),
    ("ink-2", "paper"),
    ("ink-2", "paper-2"),
    ("ink-2", "surface"),
    ("ink-2", "accent-tint"),
    ("accent", "paper"),
    ("accent", "paper-2"),
    ("accent", "surface"),
    ("accent", "accent-tint"),
    ("accent-strong", "paper"),
    ("accent-strong", "accent-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("good-ink", "paper"),
    ("good-ink", "good-tint"),
    ("watch-ink", "paper"),
    ("watch-ink", "watch-tint"),
    ("bad-ink", "paper"),
    ("bad-ink", "paper-2"),
    ("bad-ink", "bad-tint"),
    ("on-bad", "bad"),
    ("on-bad", "bad-ink"),
)
"""(text, ground) pairs that the CSS uses for reading text: WCAG AA asks for 4.5."""

SHAPE_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("rule-strong", "paper"),
    ("rule-strong", "surface"),
    ("accent", "paper"),
    ("good", "paper"),
    ("watch", "paper"),
    ("bad", "paper"),
    ("good", "good-tint"),
    ("watch", "watch-tint"),
    ("bad", "bad-tint"),
    ("focus", "focus-edge"),
    ("chart-1", "paper"),
    ("chart-2", "paper"),
    ("chart-3", "paper"),
    ("chart-4", "paper"),
)
"""(shape, ground) pairs: borders of fields, state shapes, the two tones of the focus ring, chart lines. At
least 3.
"""


def relative_luminance(colour: str) -> float:
    """Return the WCAG relative luminance (0 to 1) of ``#rrggbb``."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio (1 to 21) of two ``#rrggbb`` colours."""
    bright, dim = sorted((relative_luminance(first), relative_luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def css_tokens() -> str:
    """Return the colour tokens as CSS: light by default, dark by preference or by explicit choice.

    ``data-theme`` works on any element, so that one page can show both themes side by side.
    """

    def block(selector: str, palette: Mapping[str, str], scheme: str) -> str:
        lines = "".join(f"--{name}:{value};" for name, value in palette.items())
        return f"{selector}{{color-scheme:{scheme};{lines}}}"

    return "\n".join(
        (
            "@layer tokens{",
            block(":root,[data-theme=light]", LIGHT, "light"),
            "@media (prefers-color-scheme:dark){",
            block(":root:not([data-theme=light])", DARK, "dark"),
            "}",
            block("[data-theme=dark]", DARK, "dark"),
            "}",
        )
    )
