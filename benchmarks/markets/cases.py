"""The shared development cases: where they are, and models added to a throw-away store.

``KHCN_SHARED`` names the folder (default ``../shared``); without it a benchmark says so and measures what it can.
"""

import os
import sys
from pathlib import Path

from khcn.engines.vision.detect.add import models_add
from khcn.engines.vision.detect.store import ModelStore

FOLDERS = {
    "person-detection-retail-0013": "person-detection-retail-0013",
    "person-detection-0200": "person-detection-0200",
    "yolox-nano": "yolox_nano",
}


def markets_folder() -> Path | None:
    """Return the folder of the market cases, or None with a word on standard error."""
    folder = Path(os.environ.get("KHCN_SHARED", "../shared")).resolve() / "data" / "markets"
    if folder.is_dir():
        return folder
    print(f"no development cases at {folder}: set KHCN_SHARED", file=sys.stderr)
    return None


def store_with_models(folder: Path, place: Path) -> ModelStore:
    """Return a store in ``place`` that holds the shared models, and what set-up put beside the environment."""
    packaged = Path(sys.prefix) / "share" / "khcn" / "models"
    store = ModelStore([place / "models", packaged])
    for name, sub in FOLDERS.items():
        models_add(store, folder / "models" / sub, name)
    return store
