"""The asset builder: what it writes, and when it does not."""

import gzip
import re
import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from khcn.ui import build, fonts

pytestmark = pytest.mark.nodb


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    assert build.build_assets(target=folder)
    return folder


@pytest.fixture
def quick(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the build; building it again takes the slow parts from the first one."""
    shutil.copytree(built, tmp_path / "built")
    monkeypatch.setattr(build, "vega_bundle", lambda: (built / "vega.js").read_text(encoding="utf-8"))
    monkeypatch.setattr(
        fonts, "make_webfont", lambda source, target: shutil.copy(built / target.name, target)
    )
    return tmp_path / "built"


def test_a_second_build_writes_nothing_and_a_missing_file_makes_it_build_again(quick: Path) -> None:
    before = (quick / "khcn.css").stat().st_mtime_ns
    assert build.build_assets(target=quick) is False
    assert (quick / "khcn.css").stat().st_mtime_ns == before
    (quick / "khcn.js").unlink()
    assert not build.is_built(target=quick)
    assert build.build_assets(target=quick) is True
    assert build.is_built(target=quick)


def test_a_build_that_was_cut_off_is_not_taken_for_finished(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk() -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "vega_bundle", full_disk)
    with pytest.raises(OSError, match="No space"):
        build.build_assets(target=quick, force=True)
    assert not build.is_built(target=quick)
    assert build.asset_version("khcn.css", target=quick) == ""
    monkeypatch.setattr(build, "vega_bundle", lambda: "khcnVega")
    build.build_assets(target=quick)
    assert re.fullmatch("[0-9a-f]{12}", build.asset_version("khcn.css", target=quick))


def test_a_changed_source_changes_the_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("css", "js"):
        (tmp_path / folder).mkdir()
    (tmp_path / "css" / "10.css").write_text("a{color:red}")
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    before = build.sources_digest()
    (tmp_path / "css" / "10.css").write_text("a{color:blue}")
    assert build.sources_digest() != before


def test_what_a_first_visit_loads_is_small(built: Path) -> None:
    style = len(gzip.compress((built / "khcn.css").read_bytes()))
    script = len(gzip.compress((built / "khcn.js").read_bytes()))
    letters = sum((built / f"be-vietnam-pro-{weight}.woff2").stat().st_size for weight in fonts.WEIGHTS)
    assert style <= 15_000
    assert len(gzip.compress((built / "khcn-desk.css").read_bytes())) <= 8_000
    assert script <= 5_000
    assert letters <= 40_000


@pytest.mark.parametrize(
    ("source", "small"),
    [
        ("a { color: red; }\n\n/* why */\nb > c { margin: 0 auto; }", "a{color:red}b > c{margin:0 auto}"),
        ("p { width: calc(1rem + 2px); }", "p{width:calc(1rem + 2px)}"),
        (".a :is(b, c) { top: 0 }", ".a :is(b,c){top:0}"),
        ("@media (min-width: 9em) { a { left: 0; } }", "@media (min-width:9em){a{left:0}}"),
    ],
)
def test_minified_css_means_the_same(source: str, small: str) -> None:
    assert build.minify_css(source) == small


def test_minified_js_keeps_its_lines() -> None:
    assert build.minify_js("// why\nconst a = 1;\n\n  const url = 'http://x'; // kept\n") == (
        "const a = 1;\nconst url = 'http://x'; // kept"
    )


def test_every_variable_the_css_uses_is_defined(built: Path) -> None:
    css = (built / "khcn.css").read_text(encoding="utf-8")
    desk = (built / "khcn-desk.css").read_text(encoding="utf-8")
    assert desk.count("{") == desk.count("}")
    assert set(re.findall(r"var\((--[\w-]+)", desk)) <= set(re.findall(r"(--[\w-]+):", css + desk))
    defined = set(re.findall(r"(--[\w-]+):", css))
    used = set(re.findall(r"var\((--[\w-]+)", css))
    assert used <= defined
    assert css.count("{") == css.count("}")
    assert css.startswith("@layer reset,tokens,base,layout,components,utilities,print;")


def test_no_line_is_set_tighter_than_stacked_tone_marks_allow(built: Path) -> None:
    css = (built / "khcn.css").read_text(encoding="utf-8")
    heights = [float(value) for value in re.findall(r"line-height:([\d.]+)", css)]
    assert heights
    assert min(heights) >= 1.45


@pytest.mark.parametrize("weight", fonts.WEIGHTS)
def test_the_font_has_every_vietnamese_letter(built: Path, weight: int) -> None:
    letters = fonts.vietnamese_letters()
    assert len(letters) == len(set(letters)) == 134
    font = TTFont(built / f"be-vietnam-pro-{weight}.woff2")
    cmap = font.getBestCmap()
    assert [letter for letter in letters if ord(letter) not in cmap] == []
    assert all(ord(sign) in cmap for sign in "aZ09–“”…•₫đ·×−\u0300\u0301\u0303\u0309\u0323")
    empty = [letter for letter in letters if font["glyf"][cmap[ord(letter)]].numberOfContours == 0]
    assert empty == []


@pytest.mark.parametrize("weight", fonts.WEIGHTS)
def test_the_font_has_figures_of_one_width(built: Path, weight: int) -> None:
    font = TTFont(built / f"be-vietnam-pro-{weight}.woff2")
    gsub, cmap = font["GSUB"].table, font.getBestCmap()
    tags = [record.FeatureTag for record in gsub.FeatureList.FeatureRecord]
    assert tags == sorted(tags)
    record = next(record for record in gsub.FeatureList.FeatureRecord if record.FeatureTag == "tnum")
    (lookup,) = record.Feature.LookupListIndex
    mapping = gsub.LookupList.Lookup[lookup].SubTable[0].mapping
    swapped = [mapping[cmap[ord(figure)]] for figure in fonts.FIGURES]
    assert len({font["hmtx"][name][0] for name in swapped}) == 1
    assert (
        len({font["hmtx"][cmap[ord(figure)]][0] for figure in fonts.FIGURES}) > 1
    )  # plain ones stay as drawn
    for script in gsub.ScriptList.ScriptRecord:
        reached = {
            gsub.FeatureList.FeatureRecord[i].FeatureTag for i in script.Script.DefaultLangSys.FeatureIndex
        }
        assert "tnum" in reached, script.ScriptTag


def test_the_fallback_is_scaled_to_the_font(built: Path) -> None:
    css = (built / "khcn.css").read_text(encoding="utf-8")
    scale = float(re.search(r"size-adjust:([\d.]+)%", css).group(1))  # type: ignore[union-attr]
    assert 100 < scale < 115  # the family is wider than Arial
    assert "font-display:swap" in css


def test_the_chart_bundle_gives_the_name_that_the_script_uses(built: Path) -> None:
    assert "khcnVega" in (built / "vega.js").read_text(encoding="utf-8")
    assert "khcnVega" in (built / "khcn.js").read_text(encoding="utf-8")
