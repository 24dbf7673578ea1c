"""Named errors of the library; each carries the sentence a person reads."""

import errno

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError, PermissionDeniedError


class LibraryPermissionError(PermissionDeniedError):
    """The actor may not do this with the work."""

    def __init__(self, deed: str) -> None:
        super().__init__(
            _(
                "Bạn chưa có quyền %(deed)s. Hãy đăng nhập bằng tài khoản có quyền này, "
                "hoặc nhờ đơn vị quản lý thư viện."
            )
            % {"deed": deed}
        )


class OwnDepositError(PermissionDeniedError):
    """Somebody tried to approve a work of their own."""

    code = "own-deposit"

    def __init__(self) -> None:
        super().__init__(
            _("Tài liệu này do chính bạn gửi, nên bạn không tự duyệt được. Hãy nhờ một thủ thư khác duyệt.")
        )


class StateChangedError(KhcnError):
    """The work is no longer in a state that allows the step: somebody else was faster, or the page is old."""

    code = "state-changed"
    status = 409

    def __init__(self, state_label: str) -> None:
        super().__init__(
            _(
                "Chưa làm được vì tài liệu đang ở trạng thái “%(state)s”; có thể người khác vừa xử lý. "
                "Hãy tải lại trang để xem tình trạng mới nhất."
            )
            % {"state": state_label}
        )


class SensitiveNotClearedError(KhcnError):
    """A work with a secrecy stamp or personal data cannot be published before a person clears it."""

    code = "sensitive"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Tài liệu có dấu mật hoặc nhiều dữ liệu cá nhân nên chưa đăng được. Thủ thư đọc các "
                "trang được đánh dấu, rồi chọn “Cho phép đăng” và ghi lý do; nếu không, hãy trả lại người gửi."
            )
        )


class NotReadyError(KhcnError):
    """The work lacks what it needs for the step; ``fields`` names the fields."""

    code = "not-ready"

    def __init__(self, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class ReasonMissingError(KhcnError):
    """A step that others must understand later needs a reason."""

    code = "reason-missing"

    def __init__(self) -> None:
        super().__init__(_("Hãy ghi lý do để người gửi và người đọc sau này hiểu, rồi bấm lại."))


class InvalidFieldError(KhcnError):
    """A field holds something it may not; ``field`` names it."""

    code = "invalid-field"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class DiskFullError(KhcnError):
    """The disk is full; what was stored before stays."""

    code = "disk-full"
    status = 507

    def __init__(self) -> None:
        super().__init__(
            _(
                "Ổ đĩa của máy chủ đã đầy nên chưa lưu được tệp này. Những gì đã lưu trước đó còn nguyên. "
                "Hãy dọn chỗ trống rồi chạy lại; phần đã nhập sẽ được bỏ qua."
            )
        )


class NoSuchWorkError(KhcnError):
    """No work has this id, or the person may not see it."""

    code = "no-such-work"

    def __init__(self, ident: str) -> None:
        super().__init__(
            _("Thư viện không có tài liệu mang mã %(id)s. Hãy kiểm tra lại mã (xem bằng lệnh tìm kiếm).")
            % {"id": ident}
        )


class NoSuchUnitError(KhcnError):
    """No unit has this code or name."""

    code = "no-such-unit"

    def __init__(self, ident: str) -> None:
        super().__init__(
            _("Không có đơn vị nào mang mã hoặc tên “%(name)s”. Hãy kiểm tra lại danh sách đơn vị.")
            % {"name": ident}
        )


def is_disk_full(error: Exception) -> bool:
    """Whether a database or file error says that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    said = str(error).lower()
    return "disk is full" in said or "no space left" in said or "disk full" in said
