"""The page of personal tokens: made, shown once, limited, revoked; the administrator revokes others'."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.core.api.tokens import TokenError, token_create, token_find
from khcn.core.models import ApiToken, AuditEvent
from khcn.orgs.enums import Role
from khcn.orgs.services.tokens import MOST, own_token_create
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
PAGE = "/tai-khoan/khoa-truy-cap/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make(user: Any, **values: Any) -> ApiToken:
    values = {"name": "Máy", "scopes": ["me.read"], "now": timezone.now(), **values}
    return token_create(actor=user, user=user, **values)[0]


def test_a_token_is_made_shown_once_and_revoked() -> None:
    unit = make_unit("Phòng Giáo dục")
    user = make_member(Role.CONTRIBUTOR, unit)
    client = signed_in(user)
    form = {"name": "Máy quét", "scopes": ["library.deposit"], "unit": unit.pk, "days": 30}
    shown = client.post(PAGE, form).content.decode()
    whole = re.search(r"khcn_[0-9a-f]{12}_[A-Za-z0-9_-]{40,}", shown)
    assert whole is not None
    token = token_find(whole[0], timezone.now())
    assert token is not None
    assert (token.name, token.scopes, token.unit_id, token.user_id) == (
        "Máy quét",
        ["library.deposit"],
        unit.pk,
        user.pk,
    )
    again = client.get(PAGE)
    assert whole[0] not in again.content.decode() and "Máy quét" in again.content.decode()
    assert (
        "Gửi tài liệu vào thư viện" in again.content.decode().split("<tbody")[1].split("</tbody>")[0]
    )  # in words
    assert "no-store" in again["Cache-Control"]
    client.post(f"{PAGE}{token.pk}/thu-hoi/")
    assert token_find(whole[0], timezone.now()) is None
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-2:] == ["core.token.create", "core.token.revoke"]


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.CONTRIBUTOR, {"library.read", "library.deposit"}),
        (Role.LIBRARIAN, {"library.read", "library.deposit", "library.review"}),
        (Role.AUDITOR, {"library.read"}),
        (Role.SYSADMIN, {"library.read"}),
        (Role.FOCAL_HEAD, {"library.read", "library.deposit", "library.review"}),
    ],
)
def test_only_rights_that_the_role_has_are_offered(role: Role, scopes: set[str]) -> None:
    user = make_member(role)
    page = signed_in(user).get(PAGE).content.decode()
    assert set(re.findall(r'value="(library\.\w+)"', page)) == scopes
    for scope in {"library.read", "library.deposit", "library.review"} - scopes:
        with pytest.raises(TokenError):
            make(user, scopes=[scope])
        signed_in(user).post(PAGE, {"name": "x", "scopes": [scope], "unit": "", "days": 30})
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": []}, {"scopes": ["all.power"]}, {"days": 5000}, {"unit": 10**9}]
)
def test_what_a_token_may_not_be(change: dict[str, Any]) -> None:
    user = make_member(Role.CONTRIBUTOR)
    response = signed_in(user).post(
        PAGE, {"name": "Máy", "scopes": ["library.read"], "unit": "", "days": 30, **change}
    )
    assert response.status_code == 200
    assert not ApiToken.objects.exists()


def test_not_for_a_unit_where_one_holds_nothing_and_not_without_end() -> None:
    user, now = make_member(Role.CONTRIBUTOR), timezone.now()
    values: dict[str, Any] = {"actor": user, "name": "x", "scopes": ["me.read"], "days": 30, "now": now}
    with pytest.raises(TokenError):
        own_token_create(**values, unit_id=make_unit().pk, today=timezone.localdate())
    for _number in range(MOST):
        own_token_create(**values, unit_id=None, today=timezone.localdate())
    with pytest.raises(TokenError):
        own_token_create(**values, unit_id=None, today=timezone.localdate())


def test_who_sees_and_revokes_what() -> None:
    owner, other = make_member(Role.CONTRIBUTOR), make_member(Role.LIBRARIAN)
    admin = make_member(Role.SYSADMIN)
    token = make(owner, name="Máy của tôi")
    off = f"{PAGE}{token.pk}/thu-hoi/"
    for path in (PAGE, f"{PAGE}tat-ca/"):
        assert "/dang-nhap/" in Client().get(path)["Location"]
    assert "/dang-nhap/" in Client().post(off)["Location"]
    assert "Máy của tôi" not in signed_in(other).get(PAGE).content.decode()
    assert signed_in(other).get(f"{PAGE}tat-ca/").status_code == 403
    assert signed_in(other).post(off).status_code == 404
    assert signed_in(owner).get(off).status_code == 405
    token.refresh_from_db()
    assert token.revoked_at is None
    assert "Máy của tôi" in signed_in(admin).get(f"{PAGE}tat-ca/").content.decode()
    assert signed_in(admin).post(off).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert signed_in(admin).post(f"{PAGE}999999/thu-hoi/").status_code == 404
