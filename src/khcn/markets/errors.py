"""Named errors of the market halls; each carries the sentence a person reads."""

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError


class BoxConflictError(KhcnError):
    """Another machine counts with the same key at this moment."""

    code = "box-conflict"
    status = 409

    def __init__(self, name: str, minutes: int) -> None:
        super().__init__(
            _(
                "Máy đếm “%(name)s” đang gửi số liệu từ một máy khác mang cùng mã (nhận lần cuối %(minutes)s phút "
                "trước), nên chưa nhận lô này để tránh đếm hai lần. Hãy tắt máy thừa; nếu máy này thay máy cũ, "
                "hãy vào trang Máy đếm và chọn “Nhận máy này”. Số liệu vẫn nằm trong máy và sẽ được gửi lại."
            )
            % {"name": name, "minutes": minutes}
        )


class BatchError(KhcnError):
    """A batch that cannot be read at all."""

    code = "batch"
    status = 422

    def __init__(self, why: str) -> None:
        super().__init__(
            _(
                "Không đọc được lô số liệu: %(why)s. Hãy cập nhật phần mềm của máy đếm rồi gửi lại; "
                "số liệu vẫn nằm trong máy."
            )
            % {"why": why}
        )


class BoxTokenError(KhcnError):
    """The token of a counting box opens nothing."""

    code = "box-token"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            _(
                "Khóa của máy đếm sai hoặc đã được thay. Hãy vào trang Máy đếm, chọn “Tạo khóa mới” "
                "và chép khóa vào máy."
            )
        )


class VenueError(KhcnError):
    """A market, its hours or an event that will not do as asked. ``field`` names what to mend."""

    code = "venue"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
