"""The databases that tests run on are made once and copied; this makes them, and says when a copy is not whole."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import database


@pytest.mark.django_db
def test_the_copy_is_there_and_every_migration_is_in_it() -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert database.template(".sqlite3" if connection.vendor == "sqlite" else ".pgdump").exists()
