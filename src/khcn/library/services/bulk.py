"""Insert many rows of one table fast: Django's ``bulk_create`` spends most of its time on fields, not on rows."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)

# Columns of these kinds hold what the driver takes as it is.
_PLAIN = (
    models.CharField, models.TextField, models.IntegerField, models.FloatField, models.ForeignKey, models.BooleanField,
)  # fmt: skip


def bulk_insert(model: type[M], rows: Sequence[M]) -> None:
    """Insert ``rows``, which have no id yet, in the open transaction. Their ids are not read back.

    Values must have the column's own type; nothing is validated beyond what the database checks.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    read = attrgetter(*(field.attname for field in fields))
    prepare = [(place, _converter(field)) for place, field in enumerate(fields) if not _is_plain(field)]
    bulk_insert_rows(model, [field.attname for field in fields], [_row(read(row), prepare) for row in rows])


def bulk_insert_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values of these attributes (``work_id``, not ``work``)."""
    if not rows:
        return
    quote = connection.ops.quote_name
    by_attname = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    columns = ", ".join(quote(by_attname[name]) for name in names)
    marks = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608  # our names
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _is_plain(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, _PLAIN)


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        # Most JSON columns of most rows are empty, and Django makes an encoder for each.
        empty = {"[]": field.get_db_prep_save([], connection), "{}": field.get_db_prep_save({}, connection)}

        def convert_json(value: Any) -> Any:
            return (
                field.get_db_prep_save(value, connection) if value else empty["[]" if value == [] else "{}"]
            )

        return convert_json

    def convert(value: Any) -> Any:
        return None if value is None else field.get_db_prep_save(value, connection)

    return convert


def _row(values: tuple[Any, ...], prepare: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    row = list(values)
    for place, convert in prepare:
        row[place] = convert(row[place])
    return row
