"""Every test of this room runs on each index that its database allows: tantivy always, PostgreSQL on PostgreSQL."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from khcn.library.search import provider
from tests.library.search.shelf import LIBRARY, Shelf


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Add the tables that are no models; the suite makes its database without running migrations."""
    with django_db_blocker.unblock():
        if (
            connection.vendor == "postgresql"
            and "library_search_copy" not in connection.introspection.table_names()
        ):
            migration = importlib.import_module("khcn.library.migrations.0002_search")
            with connection.schema_editor() as editor:
                migration.create_tables(None, editor)


BACKENDS = ["tantivy", "postgres"] if os.environ.get("KHCN_TEST_DB") == "postgres" else ["tantivy"]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    """Use one index, in a folder of its own."""
    settings.KHCN = settings.KHCN.model_copy(update={"search_backend": request.param, "data_dir": tmp_path})
    return str(request.param)


@pytest.fixture()
def shelf(backend: str) -> Iterator[Shelf]:
    """An empty library whose works are searchable."""
    before = provider._Sources.documents, provider._Sources.ids
    shelf = Shelf()
    provider.set_document_provider(shelf.documents)
    yield shelf
    provider._Sources.documents, provider._Sources.ids = before


@pytest.fixture()
def library(shelf: Shelf) -> Shelf:
    """A small library."""
    shelf.put(*LIBRARY)
    return shelf
