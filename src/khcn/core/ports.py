"""Ports: how one app acts in another without importing it.

The app that needs something declares the shape (a ``Protocol``) and a :class:`Port` here in core; the app
that owns the deed provides an implementation in ``AppConfig.ready``; it runs in the caller's transaction::

    class WorkPublisher(Protocol):
        def publish(self, *, actor: Actor, reference: Reference) -> None: ...

    work_publisher: Port[WorkPublisher] = declare_port("library.work_publisher", _("xuất bản tài liệu"))
    ...
    work_publisher.get().publish(actor=actor, reference=reference)

In tests ``with work_publisher.using(Fake()):`` puts a fake in its place.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.registry import Registry

T = TypeVar("T")


class PortMissingError(KhcnError):
    """The app that owns a port is not installed."""

    code = "port-missing"


class Port(Generic[T]):
    """A place for one implementation of a Protocol. ``purpose`` says in Vietnamese what it is for."""

    def __init__(self, name: str, purpose: str | Promise) -> None:
        self.name = name
        self.purpose = purpose
        self._implementation: T | None = None

    def provide(self, implementation: T) -> None:
        """Put the implementation in its place; a second, different one is a programming error."""
        if self._implementation is not None and type(self._implementation) is not type(implementation):
            raise ValueError(f"port {self.name}: {type(self._implementation).__name__} is provided already")
        self._implementation = implementation

    @property
    def available(self) -> bool:
        """Whether the owner is installed; pages hide what needs a missing port."""
        return self._implementation is not None

    def get(self) -> T:
        """Return the implementation.

        :raises PortMissingError: when no installed app provides it.
        """
        if self._implementation is None:
            raise PortMissingError(
                _("Phần mềm chưa cài phần dùng để %(purpose)s (%(name)s). Hãy báo quản trị bật phần đó.")
                % {"purpose": self.purpose, "name": self.name}
            )
        return self._implementation

    @contextmanager
    def using(self, implementation: T) -> Generator[T, None, None]:
        """Replace the implementation inside a block (tests)."""
        before, self._implementation = self._implementation, implementation
        try:
            yield implementation
        finally:
            self._implementation = before


ports: Registry[Port[Any]] = Registry("ports")


def declare_port(name: str, purpose: str | Promise) -> Port[Any]:
    """Make a port and list it for ``khcn doctor``."""
    return ports.register(name, Port(name, purpose))
