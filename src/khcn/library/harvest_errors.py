"""Named errors of harvesting; each carries the sentence a person reads."""

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.messages import TEMPLATES


class SourceUnreadableError(KhcnError):
    """The other repository could not be read; the sentence says why and what to do."""

    code = "source-unreadable"

    def __init__(self, error: HarvestError) -> None:
        super().__init__(error_text(error))
        self.cause = error


class SourceBusyError(KhcnError):
    """Somebody harvests this source already."""

    code = "source-busy"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nguồn này đang được thu thập rồi. Hãy đợi lần đang chạy xong, hoặc bấm “Dừng lần này” ở trang của nguồn."
            )
        )


class SourceAsksError(KhcnError):
    """The source waits for a decision about deleted records."""

    code = "source-asks"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nguồn đã xoá nhiều biểu ghi nên đang chờ bạn quyết định. Hãy trả lời câu hỏi đó trước khi chạy tiếp."
            )
        )


class NotRunningError(KhcnError):
    """There is no run to stop."""

    code = "not-running"

    def __init__(self) -> None:
        super().__init__(_("Không có lần thu thập nào đang chạy để dừng: nó vừa xong hoặc đã được dừng."))


class SourceFieldError(KhcnError):
    """A setting of a source cannot be used; ``field`` names it."""

    code = "source-field"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NoSuchSourceError(KhcnError):
    """No source has this key."""

    code = "no-such-source"

    def __init__(self, key: str) -> None:
        super().__init__(
            _("Không có nguồn nào mang mã “%(key)s”. Hãy xem các mã ở trang Thu thập trên bàn làm việc.")
            % {"key": key}
        )


class AlreadyDecidedError(KhcnError):
    """Somebody else decided in the meantime."""

    code = "already-decided"

    def __init__(self) -> None:
        super().__init__(
            _("Việc này vừa được người khác quyết định. Hãy tải lại trang để xem tình trạng mới nhất.")
        )


def error_text(error: HarvestError) -> str:
    """Return the sentence of an error of the engine, in the reader's language."""
    return _(TEMPLATES[error.code]) % error.params
