"""The repository tests itself: sizes, walls, nothing foreign committed, documents that match the code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "khcn"


def tracked() -> list[Path]:
    """Return the files of the repository (git's list, or every file where there is no git)."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def modules() -> list[Path]:
    """Return our own modules, migrations apart."""
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


def test_modules_stay_small() -> None:
    large = {
        str(path.relative_to(ROOT)): n
        for path in modules()
        if (n := len(path.read_text().splitlines())) > 400
    }
    assert large == {}


def test_no_drawer_for_everything() -> None:
    names = {"utils.py", "helpers.py", "misc.py", "common.py"}
    assert [path for path in modules() if path.name in names] == []


def test_engines_load_without_django() -> None:
    code = (
        "import importlib, pkgutil, sys, khcn.engines as e\n"
        "for m in pkgutil.walk_packages(e.__path__, 'khcn.engines.'): importlib.import_module(m.name)\n"
        "assert not [n for n in sys.modules if n.split('.')[0] in ('django', 'wagtail')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_ui_loads_no_chart_renderer() -> None:
    """vl-convert takes 126 MB: never in a web process."""
    code = "import khcn.config.wsgi, sys; print([n for n in ('vl_convert', 'altair') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("path", [path for path in tracked() if path.suffix in {".lock", ".toml", ".txt", ".cfg", ".py"}], ids=str)  # fmt: skip
def test_no_registry_address(path: Path) -> None:
    """Locks and settings name no package registry (the words are put together so that this file passes)."""
    names = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org"]
    text = path.read_text(errors="replace")
    assert [name for name in names if name in text] == []


def test_nothing_built_or_binary_is_committed() -> None:
    endings = {".mo", ".woff2", ".woff", ".ttf", ".otf", ".pyc", ".whl", ".db", ".sqlite3", ".pdf", ".onnx"}
    foreign = [p for p in tracked() if p.suffix in endings or ".min." in p.name or "built" in p.parts]
    assert foreign == []


def test_no_unit_name_in_code_or_templates() -> None:
    """Districts were abolished in July 2025: units are data, never code."""
    word = re.compile(r"\b[Qq]uận\b")
    places = [*modules(), *SOURCE.rglob("*.html"), *SOURCE.rglob("*.txt")]
    hits = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in places
        # Data are data, and the parser of official papers must know the words that stand in them.
        if not {"data", "legal"} & set(path.relative_to(SOURCE).parts)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if word.search(line)
    ]
    assert hits == []


def test_every_make_target_explains_itself() -> None:
    targets = re.findall(r"^([a-z-]+):(?!=)(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [name for name, rest in targets if "##" not in rest] == []


def test_contract_commands_are_documented() -> None:
    documents = "\n".join(path.read_text() for path in (ROOT / "docs").rglob("*.md"))
    for command in ("khcn up", "khcn web", "khcn worker", "khcn doctor", "khcn library import",
                    "khcn library search", "khcn library text", "khcn library reindex", "khcn markets models add",
                    "khcn markets analyse", "khcn markets evaluate", "khcn markets forecast",
                    "khcn energy import", "khcn energy kpi", "khcn energy availability", "khcn energy faults",
                    "khcn energy plan", "khcn energy sunspec", "khcn energy simulate", "khcn energy collect"):  # fmt: skip
        assert command in documents, command


def test_web_processes_never_load_the_libraries_of_camera_boxes() -> None:
    """A web server needs no decoder and no inference: their memory would be paid in every process."""
    script = (
        "import django; django.setup()\n"
        "from django.urls import get_resolver\n"
        "def walk(r):\n"
        "    [walk(u) for u in getattr(r, 'url_patterns', [])]\n"
        "walk(get_resolver())\n"
        "import sys\n"
        "print(sorted({'av', 'openvino', 'onnxruntime', 'lap', 'altair', 'vl_convert', 'pvlib', 'pandas', 'scipy', 'pymodbus', 'paho'} & set(sys.modules)))\n"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
