"""What a form or a program hands over as a file."""

from collections.abc import Iterable
from typing import Protocol

from khcn.core.errors import KhcnError


class Upload(Protocol):
    """What a form gives for each file (Django's ``UploadedFile``)."""

    @property
    def name(self) -> str | None:
        """What the sender calls it."""
        ...

    @property
    def size(self) -> int | None:
        """How many bytes it has, as far as that is known."""
        ...

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:
        """Yield the bytes."""
        ...


class UploadTooLargeError(KhcnError):
    """An uploaded file is larger than this installation takes."""

    code = "too-large"
    status = 413
