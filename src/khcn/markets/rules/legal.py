"""What the law asks of a camera before anybody is recorded (Law 91/2025/QH15 on personal data, art. 32).

People in public places must be told that they are recorded, by whom and what for; what is recorded serves that purpose
only. So purpose, sign, the responsible unit and a contact are part of a camera's configuration.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _


class LegalSide(Protocol):
    """A camera, as far as the law goes."""

    purpose: str
    sign_text: str
    sign_placed_on: date | None
    controller: str
    contact: str


@dataclass(frozen=True, slots=True)
class LegalState:
    """``missing``: what must still be filled in; ``placed``: the sign hangs."""

    missing: tuple[str, ...]
    placed: bool

    @property
    def complete(self) -> bool:
        """Whether recording stands on firm ground."""
        return self.placed and not self.missing


def legal_state(camera: LegalSide, today: date) -> LegalState:
    """Say what a camera still lacks before it may count."""
    wanted = {
        _("mục đích ghi hình"): camera.purpose,
        _("nội dung bảng thông báo"): camera.sign_text,
        _("đơn vị chịu trách nhiệm"): camera.controller,
        _("cách liên hệ"): camera.contact,
    }
    missing = tuple(name for name, value in wanted.items() if not value.strip())
    return LegalState(missing, camera.sign_placed_on is not None and camera.sign_placed_on <= today)


def default_purpose() -> str:
    """Return the purpose proposed for a new camera."""
    return _("Đếm số lượt khách để tổ chức, quản lý chợ; không nhận dạng người")


def default_sign_text(*, market: str, controller: str, contact: str) -> str:
    """Return the words proposed for the sign. An empty name becomes dots to fill in by hand."""
    return _(
        "Khu vực này có camera đếm số lượt khách ra vào %(market)s để tổ chức, quản lý chợ.\n"
        "Hình ảnh chỉ được xử lý tức thời thành con số. Hệ thống không nhận dạng khuôn mặt, không lưu hình người, "
        "không theo dõi từng người.\n"
        "Đơn vị chịu trách nhiệm: %(controller)s. Liên hệ: %(contact)s.\n"
        "Thông báo theo Điều 32 Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15."
    ) % {"market": market, "controller": controller or "……", "contact": contact or "……"}
