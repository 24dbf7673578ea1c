"""``column IN (1, 2, 3)`` for many numbers at once, without Django looking at each of them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func


class Among(Func):
    """Whether a column of whole numbers is one of ``numbers`` (at least one).

    ``__in`` prepares, checks and binds every number by itself, which costs more than the query it belongs to; here they
    stand in the SQL. They are made whole numbers first, so nothing else can get there.
    """

    template = "%(expressions)s IN (%(numbers)s)"
    output_field: Any = BooleanField()

    def __init__(self, column: str, numbers: Iterable[int]) -> None:
        listed = ",".join([str(int(number)) for number in numbers])
        if not listed:
            raise ValueError("a list of numbers to look for holds at least one")
        super().__init__(F(column), numbers=listed)
