"""Pieces of SQL with their parameters, put together by operators."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its parameters. The text is always ours; what people type is a parameter."""

    text: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: "Sql") -> "Sql":
        return Sql(f"({self.text}) AND ({other.text})", self.params + other.params)

    def __or__(self, other: "Sql") -> "Sql":
        return Sql(f"({self.text}) OR ({other.text})", self.params + other.params)

    def __add__(self, other: "Sql") -> "Sql":
        return Sql(f"{self.text} + {other.text}", self.params + other.params)


NOTHING: Final = Sql("false")
EVERYTHING: Final = Sql("true")
ZERO: Final = Sql("0")


def holds(query: str, column: str = "vector") -> Sql:
    """Return the condition that a row's words answer a text query; nothing answers an empty one."""
    return Sql(f"{column} @@ %s::tsquery", (query,)) if query else NOTHING
