"""Column types that both databases must treat alike."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from khcn.engines.text.collate import MAX_KEY


class SortKeyField(models.CharField[str, str]):
    """A column of keys from :mod:`khcn.engines.text.collate`: ASCII, right only under a bytewise order.

    SQLite compares bytes anyway; PostgreSQL is told to (collation "C"), whatever its default is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_KEY)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Return the column's parameters, with the bytewise collation on PostgreSQL."""
        parameters = dict(super().db_parameters(connection))
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
