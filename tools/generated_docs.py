#!/usr/bin/env python3
"""Fail when a generated page of docs/ no longer says what the code says (``make docs`` mends it)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Compare the settings page with what the command writes."""
    khcn = Path(sys.executable).parent / "khcn"
    fresh = subprocess.run([khcn, "config", "--markdown"], capture_output=True, text=True, check=True).stdout
    path = ROOT / "docs/operator/settings.md"
    if not path.exists() or path.read_text().strip() != fresh.strip():
        sys.exit("docs/operator/settings.md is out of date: run `make docs`")


if __name__ == "__main__":
    main()
