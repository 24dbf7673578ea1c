"""Sign-in, second factor and password addresses: allauth's views and names under Vietnamese addresses."""

from importlib import import_module

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from django.urls import path, re_path
from django.views.generic import RedirectView

from khcn.orgs import account_views, token_views

# allauth asks for these names; nothing of ours leads there.
_TO_HOME = RedirectView.as_view(pattern_name="account_home")

urlpatterns = [
    path("", account_views.account_home, name="account_home"),
    path("khoa-truy-cap/", token_views.own_tokens, name="account_tokens"),
    path("khoa-truy-cap/tat-ca/", token_views.all_tokens, name="account_tokens_all"),
    path("khoa-truy-cap/<int:pk>/thu-hoi/", token_views.token_off, name="account_token_off"),
    path("dang-nhap/", account_views.SignInView.as_view(), name="account_login"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("ngung-hoat-dong/", account.account_inactive, name="account_inactive"),
    path("dang-ky/", account.signup, name="account_signup"),
    path("xac-nhan-lai/", account.reauthenticate, name="account_reauthenticate"),
    path("thu-dien-tu/", _TO_HOME, name="account_email"),
    path("thu-dien-tu/xac-nhan/", _TO_HOME, name="account_email_verification_sent"),
    path("mat-khau/doi/", account.password_change, name="account_change_password"),
    path("mat-khau/dat/", account.password_set, name="account_set_password"),
    path("mat-khau/quen/", account.password_reset, name="account_reset_password"),
    path("mat-khau/quen/da-gui/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "mat-khau/moi/xong/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^mat-khau/moi/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("xac-thuc/", mfa.index, name="mfa_index"),
    path("xac-thuc/nhap-ma/", mfa.authenticate, name="mfa_authenticate"),
    path("xac-thuc/nhap-lai/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("xac-thuc/ung-dung/bat/", totp.activate_totp, name="mfa_activate_totp"),
    path("xac-thuc/ung-dung/tat/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("xac-thuc/ma-du-phong/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("xac-thuc/ma-du-phong/tao/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        "xac-thuc/ma-du-phong/tai-ve/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("ben-ngoai/da-huy/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("ben-ngoai/loi/", social.login_error, name="socialaccount_login_error"),
    path("ben-ngoai/dang-ky/", social.signup, name="socialaccount_signup"),
    path("ben-ngoai/ket-noi/", _TO_HOME, name="socialaccount_connections"),
    # oidc/<provider>/login/ and .../login/callback/: the callback address is registered at the provider.
    *import_module("allauth.socialaccount.providers.openid_connect.urls").urlpatterns,
]
