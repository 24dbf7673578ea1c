"""One row of a table as a JSON object, and back. Nothing is rounded: moments keep their microseconds."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.library.keeping.tables import kept_columns, table_name, target_of
from khcn.orgs.models import Unit, User


class BagRowError(KhcnError):
    """A row of a bag that this installation cannot take."""

    code = "bag-row"

    def __init__(self, table: str, line: int, why: str) -> None:
        super().__init__(
            _(
                "Gói sao lưu có dòng không dùng được (bảng %(table)s, dòng %(line)s: %(why)s). Chưa có gì được ghi."
            )
            % {"table": table, "line": line, "why": why}
        )


@dataclass(slots=True)
class Names:
    """Names of people and units by their number, to write rows; and which of them were written."""

    people: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    used_people: set[int] = field(default_factory=set)
    used_units: set[int] = field(default_factory=set)

    @classmethod
    def here(cls) -> "Names":
        """Return the names of everybody and every unit of this installation."""
        return cls(
            dict(User.objects.values_list("pk", "username")), dict(Unit.objects.values_list("pk", "key"))
        )


def row_of(record: models.Model, names: Names) -> dict[str, Any]:
    """Return a row as plain JSON values, by the columns' names."""
    row: dict[str, Any] = {}
    for column in kept_columns(type(record)):
        value = getattr(record, column.attname)
        target = target_of(column)
        if target is User and value is not None:
            names.used_people.add(value)
            value = names.people[value]
        elif target is Unit and value is not None:
            names.used_units.add(value)
            value = names.units[value]
        row[column.attname] = _plain(value)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of people and units here by their names, to read rows."""

    people: Mapping[str, int]
    units: Mapping[str, int]


def records_of(
    model: type[models.Model], rows: Iterable[tuple[int, Mapping[str, Any]]], numbers: Numbers
) -> Iterable[models.Model]:
    """Yield unsaved records of ``(line, row)``; a column that a row lacks takes its default.

    :raises BagRowError: for a column unknown here (the bag is of a newer release), a value that does not fit, or a
        person or unit that does not exist here.
    """
    columns = {column.attname: column for column in kept_columns(model)}
    for line, row in rows:
        unknown = set(row) - set(columns)
        if unknown:
            why = _("cột %(names)s không có ở bản cài này; hãy nâng cấp phần mềm rồi nhập lại")
            raise BagRowError(table_name(model), line, why % {"names": ", ".join(sorted(unknown))})
        try:
            yield model(**{name: _value(columns[name], value, numbers) for name, value in row.items()})
        except (ValidationError, ValueError, TypeError, KeyError) as error:
            raise BagRowError(table_name(model), line, str(error)[:200]) from error


def _value(column: models.Field[Any, Any], value: Any, numbers: Numbers) -> Any:
    target = target_of(column)
    if value is None:
        return None
    if target is User:
        return numbers.people[value]
    if target is Unit:
        return numbers.units[value]
    if isinstance(column, models.BinaryField):
        return base64.b64decode(value)
    if isinstance(column, models.JSONField) or target is not None:
        return value
    return column.to_python(value)
