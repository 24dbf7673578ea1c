"""Fixtures shared by the whole suite."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import database
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


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Every test starts with an empty cache: rate limits count there, and all tests share one address."""
    caches[DEFAULT_CACHE_ALIAS].clear()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Make the test database: from a copy of a migrated one, when there is one."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock(), database.locked(connection.vendor):
        if connection.vendor == "sqlite":
            copy, target = database.template(), Path(str(connection.settings_dict["TEST"]["NAME"]))
            if held := database.held(copy):
                database.take(copy, target)
            made = setup_databases(verbosity=0, interactive=False, keepdb=held)
            if not held:
                database.keep(copy, target)
        else:
            copy, socket = database.template(".pgdump"), str(connection.settings_dict["HOST"])
            if held := database.held(copy):
                database.take_postgres(copy, socket, connection.creation._get_test_db_name())
            made = setup_databases(verbosity=0, interactive=False, keepdb=held)
            if not held:
                database.keep_postgres(copy, socket, str(connection.settings_dict["NAME"]))
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)
