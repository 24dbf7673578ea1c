"""Cursor paging: stable while rows are added, cheap on page 1,000, opaque and signed.

A cursor holds the sort values of the last row shown. The next page is "everything after that row", so a row
inserted meanwhile never shifts the pages, and no row is shown twice or skipped.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from ninja import Schema

from khcn.core.errors import KhcnError

M = TypeVar("M", bound=Model)
T = TypeVar("T")
MAX_LIMIT = 200
_SALT = "khcn.api.cursor"


class CursorError(KhcnError):
    """A cursor that is damaged, or belongs to another list."""

    code = "cursor"

    def __init__(self) -> None:
        super().__init__(
            _("Dấu trang “cursor” không đúng hoặc thuộc danh sách khác. Hãy đọc lại từ trang đầu.")
        )


class CursorPage(Schema, Generic[T]):
    """One page of a list. ``next`` is the cursor of the following page, ``null`` on the last one."""

    items: list[T]
    next: str | None = None


def _value(row: Model, name: str) -> Any:
    value = getattr(row, name)
    if value is None:
        raise ValueError(
            f"{type(row).__name__}.{name} is empty: a list cannot be paged by a column with nulls"
        )
    # Django's own JSON encoder would cut microseconds, and rows of that millisecond would show twice.
    return (
        value
        if isinstance(value, int | str)
        else value.isoformat()
        if isinstance(value, date)
        else str(value)
    )


def _encode(row: Model, names: Sequence[str], key: str) -> str:
    return signing.dumps([key, [_value(row, name) for name in names]], salt=_SALT, compress=True)


def _decode(queryset: QuerySet[M], names: Sequence[str], cursor: str, key: str) -> list[Any]:
    try:
        of_list, values = signing.loads(cursor, salt=_SALT)
        if of_list != key or len(values) != len(names):
            raise CursorError
        fields = [
            queryset.model._meta.pk if name == "pk" else queryset.model._meta.get_field(name)
            for name in names
        ]
        return [field.to_python(value) for field, value in zip(fields, values, strict=True)]  # type: ignore[union-attr]
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise CursorError from error


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return "after these values in this order": (a > x) or (a = x and b > y) or ..."""
    condition, equal = Q(), Q()
    for step, value in zip(order, values, strict=True):
        name = step.lstrip("-")
        beyond = Q(**{f"{name}__{'lt' if step.startswith('-') else 'gt'}": value})
        condition |= equal & beyond
        equal &= Q(**{name: value})
    # Says nothing new, but lets an index find the place instead of walking there from the beginning.
    first = order[0]
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]})
    return bound & condition


def cursor_page(
    queryset: QuerySet[M], *, order: Sequence[str], cursor: str = "", limit: int = 50, key: str = ""
) -> tuple[list[M], str | None]:
    """Return one page of ``queryset`` and the cursor of the next one (``None`` on the last).

    :param order: columns without nulls, ``-`` for descending; the last must be unique (``id``).
    :param cursor: as a page before gave it; empty for the first page.
    :param limit: rows on a page, brought into 1-200.
    :param key: names the list with its filters; a cursor of another list is refused.
    :raises CursorError: when the cursor is not one of this list.
    """
    names = [step.lstrip("-") for step in order]
    last = queryset.model._meta.get_field(names[-1]) if names[-1] != "pk" else queryset.model._meta.pk
    if not getattr(last, "unique", False):
        raise ValueError(f"the last column of an order must be unique, {names[-1]} is not")
    key = f"{queryset.model._meta.label_lower}|{','.join(order)}|{key}"
    if cursor:
        queryset = queryset.filter(_after(order, _decode(queryset, names, cursor, key)))
    size = max(1, min(MAX_LIMIT, limit))
    rows = list(queryset.order_by(*order)[: size + 1])
    return rows[:size], _encode(rows[size - 1], names, key) if len(rows) > size else None
