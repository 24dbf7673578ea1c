"""Signing in: failures, locks, resets, second factors, forced steps, idle sessions. Each test is a short story."""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.orgs.enums import Role
from khcn.orgs.middleware import SEEN_KEY
from khcn.orgs.models import User
from khcn.orgs.services.people import login_unlock, password_set_temporary
from khcn.orgs.signin import client_ip, counted_name
from tests.orgs.factories import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db
LOGIN, HOME = "/tai-khoan/dang-nhap/", "/tai-khoan/"
NEW_PASSWORD = "mot-cau-dai-de-nho-hon"


def sign_in(client: Client, login: str, password: str = PASSWORD, **extra: str) -> HttpResponse:
    return client.post(LOGIN, {"login": login, "password": password}, **extra)  # type: ignore[return-value, arg-type]


def is_signed_in(client: Client) -> bool:
    return get_user(client).is_authenticated  # type: ignore[arg-type]


def actions(user: User) -> list[str]:
    rows = AuditEvent.objects.filter(target_id=str(user.pk), target_kind="orgs.user").order_by("pk")
    return [action.removeprefix("orgs.") for action in rows.values_list("action", flat=True)]


# Names and passwords


@pytest.mark.parametrize("spelling", ["baocao", "BaoCao", "baocao@example.vn", " BAOCAO@example.vn "])
def test_the_name_or_the_address_opens_however_it_is_spelled(client: Client, spelling: str) -> None:
    user = make_user(username="baocao", email="baocao@example.vn")
    assert sign_in(client, spelling).status_code == 302
    assert is_signed_in(client)
    assert actions(user) == ["sign_in.success"]


def test_signing_out_asks_first_and_is_recorded(client: Client) -> None:
    user = make_user(username="baocao")
    sign_in(client, "baocao")
    assert "Bạn có muốn đăng xuất" in client.get("/tai-khoan/dang-xuat/").content.decode()
    assert is_signed_in(client)
    client.post("/tai-khoan/dang-xuat/")
    assert not is_signed_in(client)
    assert actions(user) == ["sign_in.success", "sign_in.out"]


def test_a_deactivated_account_stays_shut_and_ends_its_sessions(client: Client) -> None:
    user = make_user(username="baocao")
    sign_in(client, "baocao")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_signed_in(client)
    response = sign_in(client, "baocao")
    assert response.headers["Location"] == "/tai-khoan/ngung-hoat-dong/"
    assert not is_signed_in(client)


def test_nobody_makes_an_account_alone(client: Client) -> None:
    page = client.post(
        "/tai-khoan/dang-ky/",
        {"username": "khach", "email": "k@example.vn", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert "Tài khoản do người quản trị hệ thống lập" in page.content.decode()
    assert not User.objects.filter(username="khach").exists()


def test_the_reader_never_leaves_for_another_site(client: Client) -> None:
    make_user(username="baocao")
    response = client.post(LOGIN + "?next=https://evil.example/", {"login": "baocao", "password": PASSWORD})
    assert response.headers["Location"].startswith("/")


# The lock


def test_five_failures_lock_the_name_at_this_address_with_a_clear_page(client: Client) -> None:
    user = make_user(username="baocao", email="baocao@example.vn")
    for spelling in ("baocao", "BAOCAO", "baocao@example.vn", "baocao"):
        response = sign_in(client, spelling, "sai")
        assert "chưa đúng" in response.content.decode()
    fifth = sign_in(client, "baocao", "sai")
    assert fifth.status_code == 429
    page = fifth.content.decode()
    assert "sau khoảng 15 phút nữa" in page
    assert "5 lần" in page
    assert reverse("account_reset_password") in page
    assert fifth.headers["Retry-After"] == "900"

    # The right password does not help during the lock, and asking does not lengthen it.
    assert sign_in(client, "baocao").status_code == 429
    assert not is_signed_in(client)
    assert actions(user) == ["sign_in.failed"] * 4 + ["sign_in.locked"]

    # Another address and another name are not concerned.
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert sign_in(elsewhere, "baocao").status_code == 302
    make_user(username="khac")
    assert sign_in(client, "khac").status_code == 302


def test_the_lock_ends_after_a_quarter_of_an_hour(client: Client) -> None:
    from axes.models import AccessAttempt

    make_user(username="baocao")
    for _attempt in range(5):
        sign_in(client, "baocao", "sai")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=9))
    assert "sau khoảng 6 phút nữa" in sign_in(client, "baocao").content.decode()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert sign_in(client, "baocao").status_code == 302


def test_success_forgets_earlier_failures(client: Client) -> None:
    make_user(username="baocao")
    for _round in range(2):
        for _attempt in range(4):
            sign_in(client, "baocao", "sai")
        assert sign_in(client, "baocao").status_code == 302
        client.post("/tai-khoan/dang-xuat/")


@pytest.mark.parametrize("how", ["unlock", "temporary"])
def test_the_administrator_lifts_the_lock(client: Client, how: str) -> None:
    admin, user = make_member(Role.SYSADMIN), make_user(username="baocao")
    for _attempt in range(5):
        sign_in(client, "baocao", "sai")
    password = PASSWORD
    if how == "unlock":
        assert login_unlock(actor=admin, today=timezone.localdate(), user=user) == 1
    else:
        password = password_set_temporary(actor=admin, today=timezone.localdate(), user=user)
    assert sign_in(client, "baocao", password).status_code == 302


def test_a_name_without_account_locks_too_and_is_kept_as_a_hash(client: Client) -> None:
    from axes.models import AccessAttempt

    for _attempt in range(5):
        response = sign_in(client, "MatKhauCuaToi!", "sai")
    assert response.status_code == 429
    row = AccessAttempt.objects.get()
    assert row.username == counted_name(None, {"username": "matkhaucuatoi!"})
    assert "MatKhauCuaToi" not in row.post_data + row.get_data + row.username
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (False, "", "192.0.2.1"),
        (False, "203.0.113.5", "192.0.2.1"),  # anybody can write this header
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "1.1.1.1, 203.0.113.5", "203.0.113.5"),  # only the proxy's own entry counts
        (True, "", "192.0.2.1"),
    ],
)
def test_whose_address_counts(
    rf: "pytest.FixtureRequest",
    installation: Callable[..., None],
    trusted: bool,
    forwarded: str,
    address: str,
) -> None:
    installation(trust_proxy=trusted)
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_ip(rf.get("/", REMOTE_ADDR="192.0.2.1", **extra)) == address  # type: ignore[attr-defined]


# Reset by e-mail


def ask_for_link(client: Client, email: str) -> str:
    response = client.post("/tai-khoan/mat-khau/quen/", {"email": email}, follow=True)
    assert "Hãy xem thư của bạn" in response.content.decode()
    if not mail.outbox:
        return ""
    found = re.search(r"https?://testserver(/tai-khoan/mat-khau/moi/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def open_link(client: Client, link: str) -> HttpResponse:
    return client.get(link, follow=True)  # type: ignore[return-value]


def choose_password(client: Client, page: HttpResponse) -> HttpResponse:
    data = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return client.post(page.request["PATH_INFO"], data, follow=True)  # type: ignore[attr-defined, return-value]


def test_a_reset_link_works_once_lifts_the_lock_and_tells_the_owner(client: Client) -> None:
    user = make_user(username="baocao", email="baocao@example.vn", must_change_password=True)
    for _attempt in range(5):
        sign_in(client, "baocao", "sai")
    link = ask_for_link(client, "BaoCao@example.vn")
    assert mail.outbox[0].subject == "Đặt lại mật khẩu"
    assert mail.outbox[0].to == ["baocao@example.vn"]
    assert "Tên đăng nhập của bạn: baocao" in mail.outbox[0].body

    assert "Mật khẩu mới dùng được ngay" in choose_password(client, open_link(client, link)).content.decode()
    assert [message.subject for message in mail.outbox[1:]] == ["Mật khẩu đã được đặt lại"]
    assert sign_in(client, "baocao", NEW_PASSWORD).status_code == 302
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.password_changed_at is not None
    assert "user.password_reset" in actions(user)

    again = Client()
    assert "Liên kết không còn dùng được" in open_link(again, link).content.decode()


@pytest.mark.parametrize(("hours", "alive"), [(7.9, True), (8.1, False)])
def test_a_reset_link_lives_for_eight_hours(
    client: Client, monkeypatch: pytest.MonkeyPatch, hours: float, alive: bool
) -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    make_user(username="baocao", email="baocao@example.vn")
    link = ask_for_link(client, "baocao@example.vn")
    later = datetime.now() + timedelta(hours=hours)  # the generator counts in naive local time
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: later)
    assert ("Liên kết không còn dùng được" in open_link(client, link).content.decode()) is not alive


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client) -> None:
    assert ask_for_link(client, "khong-co@example.vn") == ""
    assert mail.outbox == []


def test_two_different_new_passwords_are_refused_in_plain_words(client: Client) -> None:
    make_user(username="baocao", email="baocao@example.vn")
    page = open_link(client, ask_for_link(client, "baocao@example.vn"))
    data = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD + "x"}
    answer = client.post(page.request["PATH_INFO"], data)  # type: ignore[attr-defined]
    assert "chưa giống nhau" in answer.content.decode()


# A password that somebody else gave


def test_a_temporary_password_has_to_be_changed_first(client: Client) -> None:
    admin, user = make_member(Role.SYSADMIN), make_user(username="baocao")
    password = password_set_temporary(actor=admin, today=timezone.localdate(), user=user)
    sign_in(client, "baocao", password)
    assert client.get("/don-vi/").headers["Location"] == reverse("account_change_password")
    moved = client.get("/don-vi/", headers={"HX-Request": "true"})
    assert (moved.status_code, moved.headers["HX-Redirect"]) == (204, reverse("account_change_password"))
    data = {"oldpassword": password, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post(reverse("account_change_password"), data)
    assert client.get("/don-vi/").status_code == 200
    assert password not in str(list(AuditEvent.objects.values_list("after", "before")))


# The second factor


def turn_on_second_factor(client: Client, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Go through the pages as a person does; return the secret and the recovery codes."""
    page = client.get(reverse("mfa_activate_totp"), follow=True)
    if "nhập lại mật khẩu" in page.content.decode():
        page = client.post(
            page.request["PATH_INFO"],
            {"password": password, "next": reverse("mfa_activate_totp")},
            follow=True,
        )
    secret = client.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    codes = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    return secret, re.findall(r"<code>(\d+)</code>", codes)


def code_of(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


@pytest.mark.django_db(transaction=True)  # the notice goes out after the commit, within the request
def test_the_second_factor_from_setting_it_up_to_the_recovery_code(client: Client) -> None:
    user = make_user(username="baocao")
    sign_in(client, "baocao")
    secret, codes = turn_on_second_factor(client)
    assert len(codes) == 10
    assert [message.subject for message in mail.outbox] == ["Đã bật xác thực hai bước"]
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored

    stranger = Client()
    assert sign_in(stranger, "baocao").headers["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(stranger)
    wrong = stranger.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "Mã chưa đúng hoặc đã hết hạn" in wrong.content.decode()
    assert stranger.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    assert is_signed_in(stranger)

    # A recovery code is used up.
    other = Client()
    sign_in(other, "baocao")
    other.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert not is_signed_in(other)
    assert {"user.second_factor_added", "sign_in.second_factor_failed"} <= set(actions(user))


@pytest.mark.parametrize(
    ("role", "asked"),
    [(Role.SYSADMIN, True), (Role.LIBRARIAN, True), (Role.EDITOR, False), (Role.UNIT_HEAD, False)],
)
def test_where_it_is_required_the_keys_of_the_house_need_a_second_factor(
    client: Client, installation: Callable[..., None], role: Role, asked: bool
) -> None:
    make_member(role, username="baocao")
    sign_in(client, "baocao")
    assert client.get("/don-vi/").status_code == 200
    installation(require_mfa=True)
    response = client.get("/don-vi/")
    assert (response.status_code == 302) is asked
    if asked:
        assert response.headers["Location"] == reverse("mfa_activate_totp")
        turn_on_second_factor(client)
        assert client.get("/don-vi/").status_code == 200
        # ... and cannot be turned off again.
        refused = client.post(reverse("mfa_deactivate_totp"))
        assert "bắt buộc xác thực hai bước" in refused.content.decode()
        assert Authenticator.objects.filter(type="totp").exists()


# Idle sessions and the level-2 profile


def be_idle(client: Client, minutes: float) -> None:
    session = client.session
    session[SEEN_KEY] = int(time.time() - minutes * 60)
    session.save()


@pytest.mark.parametrize(
    ("role", "minutes", "stays"),
    [
        (Role.LIBRARIAN, 14, True),
        (Role.LIBRARIAN, 16, False),
        (Role.SYSADMIN, 4, True),
        (Role.SYSADMIN, 6, False),
    ],
)
def test_level2_locks_idle_sessions(
    client: Client, installation: Callable[..., None], role: Role, minutes: float, stays: bool
) -> None:
    make_member(role, username="baocao")
    sign_in(client, "baocao")
    installation(security_level="level2", require_mfa=False)
    client.get(HOME)
    be_idle(client, minutes)
    response = client.get(HOME + "?x=1")
    assert is_signed_in(client) is stays
    if not stays:
        assert response.headers["Location"] == LOGIN + "?next=%2Ftai-khoan%2F%3Fx%3D1"
        assert "phút không dùng" in client.get(LOGIN).content.decode()


def test_basic_level_never_locks_idle_sessions(client: Client) -> None:
    make_member(Role.SYSADMIN, username="baocao")
    sign_in(client, "baocao")
    be_idle(client, 60 * 24)
    assert client.get(HOME).status_code == 200


def test_level2_refuses_accounts_that_nobody_uses(client: Client, installation: Callable[..., None]) -> None:
    user = make_user(username="baocao")
    installation(security_level="level2")
    for days, opens in ((46, False), (44, True)):
        User.objects.filter(pk=user.pk).update(last_login=timezone.now() - timedelta(days=days))
        sign_in(client, "baocao")
        assert is_signed_in(client) is opens


@pytest.mark.parametrize(("days", "due"), [(59, False), (61, True)])
def test_level2_asks_administrators_for_a_new_password(
    client: Client, installation: Callable[..., None], days: int, due: bool
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    user = make_member(
        Role.SYSADMIN, username="baocao", password_changed_at=timezone.now() - timedelta(days=days)
    )
    TOTP.activate(user, totp.generate_totp_secret())
    client.force_login(user)
    installation(security_level="level2")
    response = client.get("/don-vi/")
    assert (response.headers.get("Location") == reverse("account_change_password")) is due


def test_the_numbers_of_level2() -> None:
    from khcn.config.env import Env

    env = Env(security_level="level2")
    assert (env.idle_lock_minutes, env.admin_idle_lock_minutes) == (15, 5)
    assert (env.password_min_length, env.idle_account_days, env.admin_password_days) == (14, 45, 60)
    assert env.second_factor_required
    basic = Env()
    assert (basic.idle_lock_minutes, basic.idle_account_days, basic.admin_password_days) == (0, 0, 0)
    assert not basic.second_factor_required
    assert Env(security_level="level2", admin_password_max_days=0).admin_password_days == 0


def test_the_interface_follows_the_persons_language(client: Client) -> None:
    make_user(username="reader", language="en")
    sign_in(client, "reader")
    assert client.cookies["django_language"].value == "en"


# An outside identity


def outside_login(client: Client, email: str, *, verified: bool) -> HttpResponse:
    """Finish a sign-in at a pretended OpenID Connect provider."""
    from allauth.account.models import EmailAddress
    from allauth.core import context
    from allauth.socialaccount.adapter import get_adapter
    from allauth.socialaccount.internal.flows.login import complete_login
    from allauth.socialaccount.models import SocialAccount, SocialLogin
    from django.contrib.messages.middleware import MessageMiddleware
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    MessageMiddleware(lambda _request: HttpResponse()).process_request(request)
    request.user = get_user(client)  # type: ignore[arg-type]
    account = SocialAccount(provider="oidc", uid="outside-1", extra_data={})
    address = EmailAddress(email=email, verified=verified, primary=True)
    with context.request_context(request):
        login = SocialLogin(
            user=User(username="outside", email=email),
            account=account,
            email_addresses=[address],
            provider=get_adapter().get_provider(request, "oidc"),
        )
        response: HttpResponse = complete_login(request, login)
    request.session.save()
    client.cookies["sessionid"] = request.session.session_key or ""
    return response


@pytest.mark.parametrize(
    ("email", "verified", "opens"),
    [
        ("baocao@example.vn", True, True),
        ("baocao@example.vn", False, False),
        ("nguoi-la@example.vn", True, False),
    ],
)
def test_an_outside_identity_opens_only_an_account_that_exists(
    client: Client, settings: pytest.FixtureRequest, email: str, verified: bool, opens: bool
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {  # type: ignore[attr-defined]
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": "Cổng",
                    "client_id": "x",
                    "secret": "y",
                    "settings": {"server_url": "https://id.example.vn"},
                }
            ]
        }
    }
    make_user(username="baocao", email="baocao@example.vn")
    outside_login(client, email, verified=verified)
    assert is_signed_in(client) is opens
    assert User.objects.count() == 1
