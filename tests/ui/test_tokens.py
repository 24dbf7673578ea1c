"""Colours: every pair that stands on another keeps its WCAG 2.2 contrast, in both themes."""

import pytest

from khcn.ui.tokens import DARK, LIGHT, SHAPE_PAIRS, TEXT_PAIRS, contrast, css_tokens, relative_luminance

pytestmark = pytest.mark.nodb
THEMES = {"light": LIGHT, "dark": DARK}


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the well-known grey that just fails
        ("#767676", "#ffffff", 4.54),  # and the one that just passes
    ],
)
def test_contrast_agrees_with_published_values(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert contrast(second, first) == contrast(first, second)


def test_luminance_weighs_green_most() -> None:
    assert relative_luminance("#00ff00") > relative_luminance("#ff0000") > relative_luminance("#0000ff")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="/".join)
def test_text_reaches_4_5(theme: str, pair: tuple[str, str]) -> None:
    text, ground = (THEMES[theme][name] for name in pair)
    assert contrast(text, ground) >= 4.5, f"{pair} in {theme}: {contrast(text, ground):.2f}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pair", SHAPE_PAIRS, ids="/".join)
def test_shapes_reach_3(theme: str, pair: tuple[str, str]) -> None:
    shape, ground = (THEMES[theme][name] for name in pair)
    assert contrast(shape, ground) >= 3.0, f"{pair} in {theme}: {contrast(shape, ground):.2f}"


@pytest.mark.parametrize("theme", THEMES)
def test_one_tone_of_the_focus_ring_stands_out_everywhere(theme: str) -> None:
    colours = THEMES[theme]
    for ground in ("paper", "paper-2", "surface", "accent", "accent-tint", "bad", "ink"):
        ring = max(contrast(colours[tone], colours[ground]) for tone in ("focus", "focus-edge"))
        assert ring >= 3.0, f"{ground} in {theme}: {ring:.2f}"


def test_both_themes_name_the_same_colours() -> None:
    assert list(LIGHT) == list(DARK)


def test_dark_comes_by_preference_and_by_choice_and_light_can_overrule() -> None:
    css = css_tokens()
    assert "@media (prefers-color-scheme:dark){\n:root:not([data-theme=light]){color-scheme:dark;" in css
    assert "[data-theme=dark]{color-scheme:dark;" in css
    assert css.count(f"--paper:{DARK['paper']}") == 2
