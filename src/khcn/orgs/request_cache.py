"""A small memory that lives for one request, so that one page asks for a person's roles once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_memory: ContextVar[dict[Any, Any] | None] = ContextVar("khcn_orgs_request", default=None)


@contextmanager
def request_memory() -> Iterator[None]:
    """Open an empty memory; it is forgotten at the end, and outside of it nothing is remembered."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(key: Any) -> Any:
    """Return what was kept under ``key`` in this request, or ``None``."""
    memory = _memory.get()
    return None if memory is None else memory.get(key)


def remember(key: Any, value: Any) -> None:
    """Keep ``value`` for the rest of this request, if there is one."""
    memory = _memory.get()
    if memory is not None:
        memory[key] = value


def forget_all() -> None:
    """Forget everything; called by every service that changes people, units or absences."""
    memory = _memory.get()
    if memory is not None:
        memory.clear()
