"""Uploads that are refused while they arrive: a film of 2 GB is not read to its end, a full disk is told, nothing is lost.

A view that begins with :func:`watched` knows when its request began, before the body was read. ``watch.sentence`` says
what was refused; the parts of the form that came before the file are there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.programmes.rules.entries import FILE_LIMIT, REQUEST_LIMIT
from khcn.programmes.services.entries_files import too_large


@dataclass(slots=True)
class Watch:
    """What was seen of a request. ``begun``: when its view was entered, before any of its body was read."""

    begun: datetime
    sentence: str = ""


class WatchedUploadHandler(TemporaryFileUploadHandler):
    """Write parts to disk, and stop reading as soon as one is too large or the disk is full."""

    def __init__(self, request: HttpRequest, watch: Watch) -> None:
        super().__init__(request)
        self.watch = watch
        self.heavy = False
        self.seen = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Look at the size that the request announces."""
        self.heavy = content_length > REQUEST_LIMIT

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse the first file of a request that is too large altogether, by its name."""
        self.seen = 0
        self.file_name = args[1] if len(args) > 1 else kwargs.get("file_name", "")
        if self.heavy:
            self._stop(too_large(str(self.file_name or "")))
        try:
            super().new_file(*args, **kwargs)
        except OSError:
            self._stop(_full())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        """Write one piece, or stop."""
        self.seen += len(raw_data)
        if self.seen > FILE_LIMIT:
            self._stop(too_large(str(self.file_name or "")))
        try:
            return super().receive_data_chunk(raw_data, start)
        except OSError:
            self._stop(_full())

    def _stop(self, sentence: str) -> None:
        self.watch.sentence = sentence
        raise StopUpload(connection_reset=True)


def _full() -> str:
    return _(
        "Máy chủ chưa ghi được tệp (có thể đã đầy đĩa). Bản đã lưu trước đó vẫn còn nguyên; hãy thử lại sau ít phút hoặc báo ban tổ chức."
    )


def watched(request: HttpRequest) -> Watch:
    """Begin to watch a request; before anything reads its body."""
    watch = Watch(timezone.now())
    request.upload_handlers = [WatchedUploadHandler(request, watch)]
    return watch
