"""Named errors of readings and their senders; each carries the sentence a person reads."""

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError


class BatchError(KhcnError):
    """A batch that cannot be read at all."""

    code = "energy-batch"
    status = 422

    def __init__(self, why: str) -> None:
        super().__init__(
            _(
                "Không đọc được gói số liệu: %(why)s. Hãy cập nhật phần mềm của máy thu thập rồi gửi lại; "
                "số liệu vẫn nằm trong máy."
            )
            % {"why": why}
        )


class TooLargeError(KhcnError):
    """A delivery that is too large to be taken in at once."""

    code = "energy-too-large"
    status = 413

    def __init__(self) -> None:
        super().__init__(_("Gói số liệu quá lớn. Hãy chia thành nhiều gói nhỏ rồi gửi lại."))


class CollectorTokenError(KhcnError):
    """The token of a collector opens nothing."""

    code = "collector-token"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            _(
                "Khóa của máy thu thập sai hoặc đã được thay. Hãy vào trang Máy thu thập, chọn “Tạo khóa mới” "
                "và chép khóa vào máy."
            )
        )


class DeviceTokenError(KhcnError):
    """The token of a device that sends by itself opens nothing."""

    code = "device-token"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            _(
                "Khóa của thiết bị sai hoặc đã được thay. Hãy vào trang thiết bị, chọn “Tạo khóa mới” "
                "và điền khóa vào thiết bị."
            )
        )


class TestGoneError(KhcnError):
    """A connection test that is not this collector's, or is over."""

    code = "energy-test-gone"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("Không có lần thử kết nối này, hoặc lần thử đã xong."))
