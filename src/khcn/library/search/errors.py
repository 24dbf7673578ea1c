"""What can go wrong with a search index. Each message is for the person who searched, imported or ran the
command."""

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError


class IndexUnavailableError(KhcnError):
    """No usable index is there (none yet, damaged, or of an older version)."""

    code = "search-index-unavailable"
    status = 503

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            _(
                "Chưa tìm kiếm được vì chỉ mục tìm kiếm đang được dựng lại. "
                "Tài liệu vẫn còn nguyên; hãy thử lại sau ít phút."
            )
        )


class IndexBusyError(KhcnError):
    """Another process writes the index and did not reach our changes in the time given."""

    code = "search-index-busy"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Đã lưu, nhưng chỉ mục tìm kiếm đang bận nên chưa tìm thấy ngay được. "
                "Tiến trình nền sẽ tự cập nhật; không cần làm lại."
            )
        )


class IndexWriteError(KhcnError):
    """The index could not be written (disk full, no permission). Nothing is lost: the changes wait."""

    code = "search-index-write-failed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            _(
                "Đã lưu, nhưng chưa ghi được chỉ mục tìm kiếm (%(reason)s). Hãy kiểm tra dung lượng và quyền ghi "
                "của ổ đĩa; hệ thống sẽ tự ghi lại, không mất dữ liệu."
            )
            % {"reason": reason}
        )
