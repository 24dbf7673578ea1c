"""Build what browsers load, without Node: a style sheet for all and one for the desk, one script, two fonts and the chart bundle.

``python -m khcn.ui.build`` (``make assets``, ``khcn assets``) writes into ``static/ui/built/``, which git
ignores.
A second run with unchanged sources writes nothing.
"""

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from khcn.ui import fonts, tokens

HERE: Final = Path(__file__).resolve().parent
SOURCES: Final = HERE / "static" / "ui"
BUILT: Final = SOURCES / "built"
STAMP: Final = "stamp.json"
LAYERS: Final = "@layer reset,tokens,base,layout,components,utilities,print;"
Say = Callable[[str], None]


def say_nothing(line: str) -> None:
    """Take a line of progress and show it to nobody."""


def minify_css(source: str) -> str:
    """Drop comments and the white space that means nothing. No string may hold ``{ } ; ,`` beside spaces."""
    text = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,])\s*", r"\1", text)
    text = re.sub(r":\s+", ":", text)
    return text.replace(";}", "}").strip()


def minify_js(source: str) -> str:
    """Drop comment lines, indentation and empty lines; line ends stay, so nothing can change its meaning."""
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def style_sheet() -> str:
    """Return the whole style sheet: fonts, colour tokens, then the sources in the order of their names."""
    parts = [LAYERS, fonts.font_face_css(font_file(400)), tokens.css_tokens()]
    parts += [path.read_text(encoding="utf-8") for path in sorted((SOURCES / "css").glob("*.css"))]
    return minify_css("\n".join(parts))


def desk_style_sheet() -> str:
    """Return what only pages of the desk and printed sheets load, after the first sheet: ``css/desk``."""
    parts = [path.read_text(encoding="utf-8") for path in sorted((SOURCES / "css" / "desk").glob("*.css"))]
    return minify_css("\n".join(parts))


def script() -> str:
    """Return every module in one file; each keeps its own scope."""
    modules = sorted((SOURCES / "js").glob("*.js"))
    return "\n".join("{" + minify_js(path.read_text(encoding="utf-8")) + "}" for path in modules)


def page_scripts() -> dict[str, str]:
    """Return the scripts that only some pages load (``js/pages``), by the name of the built file."""
    pages = sorted((SOURCES / "js" / "pages").glob("*.js"))
    return {path.name: minify_js(path.read_text(encoding="utf-8")) for path in pages}


def vega_bundle() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that sets ``window.khcnVega``."""
    import vl_convert  # noqa: PLC0415  # takes 126 MB: never in a web process, which may import this module

    return str(vl_convert.javascript_bundle("window.khcnVega = vegaEmbed;"))


def sources_digest() -> str:
    """Return a digest of everything that decides what is built."""
    digest = hashlib.sha256()
    files = [HERE / name for name in ("build.py", "fonts.py", "tokens.py")]
    sources = [
        sorted(SOURCES.glob(pattern))
        for pattern in ("css/*.css", "css/desk/*.css", "js/*.js", "js/pages/*.js")
    ]
    for path in [*files, *(path for group in sources for path in group)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("vl-convert-python", "fontpkg-be-vietnam-pro", "fonttools"):
        digest.update(f"{package}={version(package)}".encode())
    return digest.hexdigest()


def build_assets(*, target: Path = BUILT, force: bool = False, say: Say = say_nothing) -> bool:
    """Build into ``target`` and return True; return False when everything there is up to date already."""
    digest = sources_digest()
    if not force and _is_current(target, digest):
        return False
    target.mkdir(parents=True, exist_ok=True)
    (target / STAMP).unlink(missing_ok=True)  # a build that is cut off must not look finished
    for weight in fonts.WEIGHTS:
        say(f"fonts: {fonts.FAMILY} {weight}")
        fonts.make_webfont(font_file(weight), target / f"be-vietnam-pro-{weight}.woff2")
    say("style sheet and script")
    _write_packed(target / "khcn.css", style_sheet())
    _write_packed(target / "khcn-desk.css", desk_style_sheet())
    _write_packed(target / "khcn.js", script())
    for name, text in page_scripts().items():
        _write_packed(target / name, text)
    say("chart bundle")
    _write_packed(target / "vega.js", vega_bundle())
    files = {path.name: _short_digest(path) for path in sorted(target.iterdir()) if path.suffix != ".json"}
    _write(target / STAMP, json.dumps({"sources": digest, "files": files}, indent=1))
    return True


def is_built(*, target: Path = BUILT) -> bool:
    """Return whether everything that pages load is there, from these very sources."""
    return _is_current(target, sources_digest())


def asset_version(name: str, *, target: Path = BUILT) -> str:
    """Return the short content digest of a built file, or "" when it was not built."""
    version: str = _read_stamp(target).get("files", {}).get(name, "")
    return version


def _is_current(target: Path, digest: str) -> bool:
    stamp = _read_stamp(target)
    return stamp.get("sources") == digest and all((target / name).is_file() for name in stamp["files"])


def _read_stamp(target: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((target / STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content


def font_file(weight: int) -> Path:
    """Return the TrueType file of a weight, for the builder and for pictures that the server draws."""
    import fontpkg_be_vietnam_pro  # noqa: PLC0415  # needed by few

    return Path(fontpkg_be_vietnam_pro.ROOT) / "files" / f"BeVietnamPro-{fonts.WEIGHTS[weight]}.ttf"


def _short_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _write(path: Path, text: str) -> None:
    """Replace in one step: a running site never serves half a file."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _write_packed(path: Path, text: str) -> None:
    """Write a text with its gzip beside it, which WhiteNoise gives to browsers that take it: a quarter of the size."""
    packed = path.with_name(f"{path.name}.gz")
    packed.unlink(missing_ok=True)  # never an old one beside a new text
    _write(path, text)
    draft = path.with_name(f".{packed.name}.part")
    draft.write_bytes(gzip.compress(text.encode(), mtime=0))
    draft.replace(packed)


def main(argv: list[str] | None = None) -> int:
    """Run the builder with the given arguments (none: build what has changed)."""
    parser = argparse.ArgumentParser(description="Build the style sheet, script, fonts and chart bundle.")
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    arguments = parser.parse_args(argv or [])

    def say(line: str) -> None:
        sys.stderr.write(f"assets: {line}\n")

    if not build_assets(force=arguments.force, say=say):
        say("up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
