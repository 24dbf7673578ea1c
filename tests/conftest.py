"""Fixtures shared by the whole suite."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.browser import browser  # noqa: F401  # one for all browser tests


@pytest.fixture(autouse=True, scope="session")
def _data_dir() -> Path:
    """Make the data folder of the run."""
    settings.KHCN.prepare()
    return settings.KHCN.data_dir
