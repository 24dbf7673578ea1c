"""The shared development cases: where they are. ``KHCN_SHARED`` names the folder (default ``../shared``)."""

import os
import sys
from pathlib import Path


def energy_folder() -> Path | None:
    """Return the folder of the energy cases, or None with a word on standard error."""
    folder = Path(os.environ.get("KHCN_SHARED", "../shared")).resolve() / "data" / "energy"
    if folder.is_dir():
        return folder
    print(f"no development cases at {folder}: set KHCN_SHARED", file=sys.stderr)
    return None
