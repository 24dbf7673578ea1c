"""Stores with tiny networks; the packaged model where ``make setup`` brought it."""

from pathlib import Path

import pytest

from khcn.engines.vision.detect.store import PACKAGED, ModelEntry, ModelStore, default_store
from khcn.engines.vision.errors import ModelError


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """An empty store."""
    return ModelStore([tmp_path / "models"])


@pytest.fixture(scope="session")
def packaged() -> ModelEntry:
    """The packaged model of this installation."""
    try:
        return default_store(None).get(PACKAGED)
    except ModelError:
        pytest.skip("the packaged model is not here: run make setup")
