"""Sealing of small secrets that must be read back (camera addresses, device passwords).

The key comes from the installation's own secret key, so a copy of the database alone reveals nothing.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError


class SealBrokenError(KhcnError):
    """The secret was sealed with another secret key, or was damaged."""

    code = "seal-broken"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Không mở được thông tin đã mã hóa vì khóa bí mật của hệ thống đã đổi. "
                "Hãy nhập lại thông tin này, hoặc khôi phục khóa cũ từ bản sao lưu."
            )
        )


def _box(purpose: str) -> Fernet:
    key = HKDF(hashes.SHA256(), 32, b"khcn.core.secrets", purpose.encode()).derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(urlsafe_b64encode(key))


def seal(text: str, *, purpose: str) -> str:
    """Return ``text`` encrypted; ``purpose`` (like "markets.camera") keeps kinds of secrets apart."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return what :func:`seal` was given. Raises SealBrokenError."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBrokenError from error
