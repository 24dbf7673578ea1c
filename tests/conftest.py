"""Fixtures shared by the whole suite."""

from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.browser import browser  # noqa: F401  # one for all browser tests

# Shared machines are slow at times: that is no finding about the code.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

ROOT = Path(__file__).resolve().parent
WITHOUT_DATABASE = (ROOT / "engines", ROOT / "architecture")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What cannot touch a database is run once, not once a database."""
    for item in items:
        if any(folder in item.path.parents for folder in WITHOUT_DATABASE):
            item.add_marker(pytest.mark.nodb)


@pytest.fixture(autouse=True, scope="session")
def _data_dir() -> Path:
    """Make the data folder of the run."""
    settings.KHCN.prepare()
    return settings.KHCN.data_dir
