"""A named registry: how an app offers something to the others without being imported by them."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Items by key, in the order of registration. Filled in ``AppConfig.ready``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}

    def register(self, key: str, item: T) -> T:
        """Add ``item``; the same key twice is a programming error unless it is the very same item."""
        if self._items.get(key, item) is not item:
            raise ValueError(f"{self.name}: {key!r} is registered already")
        self._items[key] = item
        return item

    def get(self, key: str) -> T:
        """Return the item, or raise ``KeyError`` naming the registry and the known keys."""
        try:
            return self._items[key]
        except KeyError:
            known = ", ".join(sorted(self._items)) or "none"
            raise KeyError(f"{self.name}: no {key!r} (known: {known})") from None

    def all(self) -> list[T]:
        """Return every item, in the order of registration."""
        return list(self._items.values())

    def items(self) -> Iterator[tuple[str, T]]:
        """Iterate over (key, item)."""
        return iter(self._items.items())

    def __contains__(self, key: object) -> bool:
        return key in self._items
