"""allauth's forms with our words. What they do stays allauth's."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

_TOO_DIFFERENT = _("Hai lần nhập mật khẩu mới chưa giống nhau. Hãy nhập lại.")
_NEW_HINT = _("Ít nhất %(length)s ký tự. Một câu dài dễ nhớ tốt hơn một từ khó nhớ.")


class Worded(forms.Form):
    """Give the fields our labels and hints, and no placeholder: a label stays when one types."""

    words: dict[str, Any] = {}
    hints: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)


def _hint() -> str:
    return str(_NEW_HINT) % {"length": settings.KHCN.password_min_length}


class _SameTwice(Worded):
    """Two fields for the new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _hint()

    def clean(self) -> dict[str, Any] | None:
        """Compare the two in our own words (allauth's come first and are replaced)."""
        cleaned = super().clean()
        errors: Any = getattr(self, "_errors", None) or {}
        if "password2" in errors and "password1" not in errors and self.data.get("password2"):
            errors["password2"] = self.error_class([str(_TOO_DIFFERENT)])
        return cleaned


class LoginForm(Worded, account_forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Sign in."""

    words = {
        "login": _("Tên đăng nhập hoặc thư điện tử"),
        "password": _("Mật khẩu"),
        "remember": _("Giữ đăng nhập trên máy này"),
    }
    hints = {"remember": _("Đừng chọn trên máy dùng chung.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class ResetPasswordForm(Worded, account_forms.ResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Ask for a link by e-mail."""

    words = {"email": _("Thư điện tử của tài khoản")}


class ResetPasswordKeyForm(_SameTwice, account_forms.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth ships no types
    """Choose a new password after a link."""

    words = {"password1": _("Mật khẩu mới"), "password2": _("Nhập lại mật khẩu mới")}


class ChangePasswordForm(_SameTwice, account_forms.ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Choose a new password, knowing the old one."""

    words = {
        "oldpassword": _("Mật khẩu hiện tại"),
        "password1": _("Mật khẩu mới"),
        "password2": _("Nhập lại mật khẩu mới"),
    }


class SetPasswordForm(_SameTwice, account_forms.SetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Choose a first password for an account that had none."""

    words = {"password1": _("Mật khẩu mới"), "password2": _("Nhập lại mật khẩu mới")}


class ReauthenticateForm(Worded, account_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Show once more that it is you."""

    words = {"password": _("Mật khẩu")}


_CODE = {"code": _("Mã xác thực")}
_CODE_HINT = {"code": _("6 chữ số đang hiện trong ứng dụng, hoặc một mã dự phòng.")}


class CodeForm(Worded, mfa_forms.AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Second step of signing in."""

    words, hints = _CODE, _CODE_HINT


class CodeAgainForm(Worded, mfa_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Show once more that it is you, with the second factor."""

    words, hints = _CODE, _CODE_HINT


class ActivateCodeForm(Worded, totp_forms.ActivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """First code of a new app."""

    words = _CODE
    hints = {"code": _("6 chữ số đang hiện trong ứng dụng.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}
