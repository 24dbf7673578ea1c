"""Sign-in rules: accounts are made by the installation, never by visitors; every message is ours."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from khcn.orgs.models import User
from khcn.orgs.signin import client_ip, second_factor_required
from khcn.orgs.site import site_identity

_WRONG = _("Tên đăng nhập hoặc mật khẩu chưa đúng. Hãy kiểm tra chữ hoa, chữ thường và bộ gõ rồi thử lại.")
_WRONG_CODE = _("Mã chưa đúng hoặc đã hết hạn. Hãy nhập mã đang hiện trong ứng dụng, hoặc một mã dự phòng.")
_SLOW_DOWN = _("Bạn đã thử quá nhiều lần. Hãy đợi vài phút rồi thử lại.")


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """No open sign-up; messages in plain Vietnamese; the reader's address as the whole site knows it."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Tài khoản này đã ngừng hoạt động. Hãy liên hệ người quản trị hệ thống."),
        "email_password_mismatch": _WRONG,
        "enter_current_password": _("Hãy nhập mật khẩu hiện tại."),
        "incorrect_code": _WRONG_CODE,
        "incorrect_password": _("Mật khẩu chưa đúng. Hãy thử lại."),
        "invalid_login": _WRONG,
        "invalid_or_expired_key": _("Mã đã dùng hoặc đã hết hạn. Hãy xin mã mới."),
        "invalid_password_reset": _(
            "Liên kết đặt lại mật khẩu đã dùng hoặc đã hết hạn. Hãy xin liên kết mới."
        ),
        "rate_limited": _SLOW_DOWN,
        "too_many_login_attempts": _SLOW_DOWN,
        "unknown_email": _("Chưa có tài khoản nào dùng địa chỉ này. Hãy hỏi người quản trị hệ thống."),
        "username_password_mismatch": _WRONG,
        "username_taken": _("Tên đăng nhập này đã có người dùng."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse self-made accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the same address that the lock-out counts by."""
        return client_ip(request)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell people about changes to their account at the address that the administrator keeps."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send with the site's own name, whatever host name the request used."""
        super().send_mail(template_prefix, email, {**context, "site_identity": site_identity()})

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse an account that nobody used for as long as the installation allows."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is not None:
            return response
        days = settings.KHCN.idle_account_days
        seen = user.last_login or user.date_joined
        if days and seen < timezone.now() - timedelta(days=days):
            sentence = gettext(
                "Tài khoản này đã %(days)s ngày không đăng nhập nên tạm khóa. Hãy nhờ người quản trị mở lại."
            )
            messages.error(request, sentence % {"days": days})
            return redirect("account_login")
        return None

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Show the interface in the person's language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second factors: secrets are encrypted with a key made from the installation's own."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Vai trò của bạn bắt buộc xác thực hai bước, nên không tắt được. Hãy hỏi người quản trị hệ thống."
        ),
        "cannot_generate_recovery_codes": _("Hãy bật xác thực hai bước trước khi tạo mã dự phòng."),
        "incorrect_code": _WRONG_CODE,
    }

    def _cipher(self) -> Fernet:
        return Fernet(
            urlsafe_b64encode(sha256(b"khcn.second-factor" + settings.SECRET_KEY.encode()).digest())
        )

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret from the database."""
        return self._cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """Name the entry in the person's app after the site."""
        return site_identity().site_name

    def get_totp_label(self, user: User) -> str:
        """Name the account in the person's app."""
        return user.username

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Keep the second factor of a person whose role requires it."""
        return not second_factor_required(authenticator.user, timezone.localdate())


class ClosedSocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """An outside identity opens only an account that exists, found by an address the provider has verified."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": _("Tài khoản của bạn chưa có mật khẩu. Hãy đặt mật khẩu trước."),
        "invalid_token": _("Phiên đăng nhập từ bên ngoài không hợp lệ. Hãy thử lại từ đầu."),
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Refuse accounts made by an outside identity."""
        return False

    def validate_disconnect(self, account: Any, accounts: Any) -> None:
        """Nobody disconnects here: the administrator decides how people sign in."""
        raise ValidationError(gettext("Việc này do người quản trị hệ thống làm."))
