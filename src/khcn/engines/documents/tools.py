"""Programs on this machine that the reading of documents can use, and what stays off without them."""

import functools
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final

_SECONDS: Final = 20
# Letters that a font without Vietnamese does not have.
_FONT_QUERY: Final = ":charset=1ea1 1ed9 1eef 01b0 0111"


@dataclass(frozen=True, slots=True)
class Tool:
    """One program or data file. ``path`` and ``version`` are "" when it is absent."""

    name: str
    found: bool
    path: str = ""
    version: str = ""
    package: str = ""
    needed_for: str = ""


def available_tools() -> dict[str, Tool]:
    """Return what is installed: ``tesseract``, ``tesseract-vie``, ``soffice``, ``font``. Takes up to a second."""
    return {
        "tesseract": _program("tesseract", "tesseract-ocr", "nhận dạng chữ trong trang quét"),
        "tesseract-vie": _vietnamese_data(),
        "soffice": _program(
            "soffice", "libreoffice-writer-nogui libreoffice-calc-nogui", "đọc tệp .doc, .xls, .ppt"
        ),
        "font": _font(),
    }


def _run(arguments: list[str]) -> str:
    try:
        done = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout + done.stderr


def _program(name: str, package: str, needed_for: str) -> Tool:
    path = shutil.which(name) or ""
    version = ""
    if path:
        match = re.search(r"\d+(?:\.\d+)+", _run([path, "--version"]))
        version = match[0] if match else ""
    return Tool(name, bool(path), path, version, package, needed_for)


def _vietnamese_data() -> Tool:
    return Tool(
        "tesseract-vie",
        "vie" in ocr_languages(),
        package="tesseract-ocr-vie",
        needed_for="nhận dạng chữ tiếng Việt trong trang quét",
    )


def _font() -> Tool:
    listed = _run(["fc-list", _FONT_QUERY, "family"]) if shutil.which("fc-list") else ""
    families = sorted({line.split(",")[0].strip() for line in listed.splitlines() if line.strip()})
    return Tool(
        "font",
        bool(families),
        version=", ".join(families[:3]),
        package="fonts-liberation2",
        needed_for="hình trang của tài liệu không nhúng phông chữ",
    )


@functools.lru_cache(maxsize=4)
def _languages(path: str) -> frozenset[str]:
    lines = _run([path, "--list-langs"]).splitlines()
    return frozenset(line.strip() for line in lines[1:] if line.strip())


def ocr_languages() -> frozenset[str]:
    """Languages tesseract has data for; empty when tesseract is absent."""
    path = shutil.which("tesseract")
    return _languages(path) if path else frozenset()


def ocr_ready(languages: str = "vie") -> bool:
    """True when pages can be recognised in all of ``languages`` (joined by ``+``)."""
    return set(languages.split("+")) <= ocr_languages()
