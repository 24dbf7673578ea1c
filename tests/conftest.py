"""Fixtures shared by the whole suite."""

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True, scope="session")
def _data_dir() -> Path:
    """Make the data folder of the run."""
    settings.KHCN.prepare()
    return settings.KHCN.data_dir
