"""Types of single values in requests: as strict as the OpenAPI document says, so that what it allows is taken."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# Control characters have no place on a line; NUL has none anywhere (PostgreSQL refuses it).
LINE: Final = r"^[^\x00-\x1f\x7f]*$"
TEXT: Final = r"^[^\x00]*$"
SLUG: Final = r"^[a-zA-Z0-9_-]+$"


def _day(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif value is None or type(value) is date:
        return value
    raise PydanticCustomError("date_parsing", "a day such as 2021-06-05")


def _moment(value: Any) -> Any:
    if isinstance(value, str) and _MOMENT.fullmatch(value.replace(" ", "+")):
        try:
            # A plus sign that a client forgot to escape arrives as a space.
            return datetime.fromisoformat(value.replace(" ", "+").upper())
        except ValueError:
            pass
    elif value is None or isinstance(value, datetime):
        return value
    raise PydanticCustomError("datetime_from_date_parsing", "a moment such as 2021-06-05T08:30:00+07:00")


def _whole(value: Any) -> Any:
    """Take what JSON calls an integer: 7 and 7.0, never "7" or true."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise PydanticCustomError("int_type", "a whole number")


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
# Bounds stand before the validator, so that they are in the document too.
Year = Annotated[int, Field(ge=1000, le=2200), BeforeValidator(_whole)]
Small = Annotated[int, Field(ge=0, le=32767), BeforeValidator(_whole)]
UnitId = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_whole)]
Key = Annotated[str, Field(min_length=1, max_length=80, pattern=SLUG)]


def line(most: int, least: int = 0) -> Any:
    """Constrain a text to one line of ``least`` to ``most`` characters."""
    return Field(min_length=least, max_length=most, pattern=LINE)


def text(most: int) -> Any:
    """Constrain a text of several lines to at most ``most`` characters."""
    return Field(max_length=most, pattern=TEXT)
