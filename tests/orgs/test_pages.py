"""Desk and public pages of orgs: who gets in, what they say, and that a list costs few queries."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.demo import load_demo
from khcn.core.models.audit import AuditEvent
from khcn.orgs.demo import demo_sign_ins
from khcn.orgs.demo import load_demo as load_demo_people
from khcn.orgs.enums import Role
from khcn.orgs.models import Absence, Membership, Party, SiteProfile, Unit, User
from khcn.orgs.services.profiles import profile_load
from tests.orgs.factories import give_role, make_kind, make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
DESK_PAGES = ("people", "person-new", "units", "unit-new", "absences", "site")


def text(client: Client, address: str, /, **data: str) -> str:
    response = client.post(address, data, follow=True) if data else client.get(address, follow=True)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("name", DESK_PAGES)
def test_a_visitor_is_asked_to_sign_in(client: Client, name: str) -> None:
    address = reverse(f"orgs:{name}")
    assert client.get(address).headers["Location"] == f"/tai-khoan/dang-nhap/?next={address}"


@pytest.mark.parametrize(
    ("role", "open_pages"),
    [
        (Role.SYSADMIN, set(DESK_PAGES)),
        (Role.AUDITOR, {"people", "units", "absences"}),
        (Role.FOCAL_OFFICER, {"people", "units", "absences"}),
        (Role.UNIT_HEAD, {"people", "absences"}),
        (Role.EDITOR, {"absences"}),
        (None, set()),
    ],
)
def test_who_opens_which_desk_page(client: Client, role: Role | None, open_pages: set[str]) -> None:
    profile_load(name="quan5-2021", actor=None, today=timezone.localdate())
    client.force_login(make_member(role) if role else make_user())
    opened = {name for name in DESK_PAGES if client.get(reverse(f"orgs:{name}")).status_code == 200}
    assert opened == open_pages
    for name in set(DESK_PAGES) - open_pages:
        refused = client.get(reverse(f"orgs:{name}"))
        assert refused.status_code == 403
        assert "Vai trò của bạn không mở được trang này" in refused.content.decode()


def test_the_administrator_makes_a_person_and_gives_a_role(client: Client) -> None:
    unit = make_unit("Phòng Kinh tế")
    client.force_login(make_member(Role.SYSADMIN))
    data = {"username": "moi", "full_name": "Nguyễn Văn Mới", "email": "", "language": "vi"}
    response = client.post(reverse("orgs:person-new"), data)
    page = response.content.decode()
    person = User.objects.get(username="moi")
    password = page.split("<code>")[1].split("</code>")[0]
    assert person.check_password(password)
    assert "no-store" in response.headers["Cache-Control"]
    assert person.must_change_password

    added = text(
        client,
        reverse("orgs:role-add", args=[person.pk]),
        **{"moi-unit": str(unit.pk), "moi-role": "librarian"},
    )
    assert "Đã giao vai trò" in added
    assert Membership.objects.get(user=person).role == Role.LIBRARIAN
    again = text(
        client,
        reverse("orgs:role-add", args=[person.pk]),
        **{"moi-unit": str(unit.pk), "moi-role": "sysadmin"},
    )
    assert "tài khoản riêng" in again
    row = Membership.objects.get(user=person)
    text(client, reverse("orgs:role-end", args=[person.pk]), membership=str(row.pk), last_day="2030-01-31")
    row.refresh_from_db()
    assert row.valid_to == date(2030, 1, 31)


def test_what_a_service_refuses_stands_at_its_field(client: Client) -> None:
    make_user(username="baocao")
    client.force_login(make_member(Role.SYSADMIN))
    page = text(client, reverse("orgs:person-new"), username="baocao", full_name="X", language="vi")
    assert "error-summary" in page
    assert 'href="#id_username"' in page


def test_the_administrator_closes_opens_unlocks_and_resets(client: Client) -> None:
    person = make_user()
    client.force_login(make_member(Role.SYSADMIN))
    text(client, reverse("orgs:person-active", args=[person.pk]), is_active="0")
    assert not User.objects.get(pk=person.pk).is_active
    text(client, reverse("orgs:person-active", args=[person.pk]), is_active="1")
    assert User.objects.get(pk=person.pk).is_active
    assert "Đã mở khóa" in text(client, reverse("orgs:person-unlock", args=[person.pk]), x="1")
    assert "Mật khẩu tạm" in text(client, reverse("orgs:person-password", args=[person.pk]), x="1")
    actions = set(AuditEvent.objects.filter(target_id=str(person.pk)).values_list("action", flat=True))
    assert {"orgs.user.deactivate", "orgs.user.activate", "orgs.user.unlock"} <= actions


@pytest.mark.parametrize(
    "name", ["role-add", "role-end", "person-active", "person-password", "person-unlock"]
)
def test_nobody_else_changes_a_person(client: Client, name: str) -> None:
    person = make_user()
    for role in (Role.FOCAL_HEAD, Role.AUDITOR):
        client.force_login(make_member(role))
        assert client.post(reverse(f"orgs:{name}", args=[person.pk])).status_code == 403
    assert client.get(reverse(f"orgs:{name}", args=[person.pk])).status_code == 405


def test_a_head_sees_the_own_people_and_edits_nobody(client: Client) -> None:
    unit = make_unit()
    colleague, stranger = make_user("Trần Của Mình"), make_user("Trần Nơi Khác")
    give_role(colleague, Role.CLERK, unit)
    give_role(stranger, Role.CLERK, make_unit())
    client.force_login(make_member(Role.UNIT_HEAD, unit))
    page = text(client, reverse("orgs:people"))
    assert "Trần Của Mình" in page
    assert "Trần Nơi Khác" not in page
    assert client.get(reverse("orgs:person", args=[stranger.pk])).status_code == 404
    own = text(client, reverse("orgs:person", args=[colleague.pk]))
    assert "Lưu thông tin" not in own
    assert (
        client.post(
            reverse("orgs:person", args=[colleague.pk]), {"full_name": "X", "language": "vi"}
        ).status_code
        == 403
    )


def test_a_list_of_people_costs_the_same_for_two_and_for_forty(
    client: Client, django_assert_max_num_queries: "pytest.FixtureRequest"
) -> None:
    client.force_login(make_member(Role.SYSADMIN))
    unit = make_unit()
    for _number in range(40):
        give_role(make_user(), Role.CLERK, unit)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get(reverse("orgs:people"))


def test_units_are_edited_and_never_below_themselves(client: Client) -> None:
    kind = make_kind()
    unit = make_unit("Phòng A")
    child = make_unit("Tổ B", parent=unit)
    client.force_login(make_member(Role.SYSADMIN))
    data = {"name": "Phòng A mới", "kind": str(kind.pk), "is_listed": "on"}
    text(client, reverse("orgs:unit", args=[unit.key]), **data)
    unit.refresh_from_db()
    assert unit.name == "Phòng A mới"
    refused = text(client, reverse("orgs:unit", args=[unit.key]), **data, parent=str(child.pk))
    assert "không thể thuộc chính nó" in refused
    text(client, reverse("orgs:unit-new"), **(data | {"name": "Phòng C"}))
    assert Unit.objects.get(key="phong-c").kind == kind


def test_an_approver_declares_and_takes_back_an_absence(client: Client) -> None:
    unit = make_unit()
    head, deputy = make_member(Role.UNIT_HEAD, unit), make_member(Role.CLERK, unit)
    client.force_login(head)
    days = {"first_day": "2030-01-02", "last_day": "2030-01-05"}
    assert "Đã ghi ngày vắng" in text(client, reverse("orgs:absences"), delegate=str(deputy.pk), **days)
    row = Absence.objects.get()
    assert (row.delegate, row.role) == (deputy, "")
    client.force_login(deputy)
    page = text(client, reverse("orgs:absences"))
    assert "Tôi sẽ vắng" not in page
    assert "02/01/2030" in page
    assert client.post(reverse("orgs:absence-cancel", args=[row.pk])).status_code == 403
    client.force_login(head)
    text(client, reverse("orgs:absence-cancel", args=[row.pk]), x="1")
    row.refresh_from_db()
    assert row.cancelled_at is not None


def test_the_facts_of_the_site_are_edited(client: Client) -> None:
    profile_load(name="quan5-2021", actor=None, today=timezone.localdate())
    client.force_login(make_member(Role.SYSADMIN))
    row = SiteProfile.objects.get()
    data = {
        name: str(getattr(row, name))
        for name in ("site_name", "owner", "responsible_title", "address", "email")
    }
    data |= {"phone": "(028) 1111 2222", "operator": str(row.operator_id)}
    assert "Đã lưu" in text(client, reverse("orgs:site"), **data)
    row.refresh_from_db()
    assert (row.phone, row.contact_is_demo) == ("(028) 1111 2222", False)


def test_the_public_sees_the_units_and_what_became_of_the_old_ones(client: Client) -> None:
    for name in ("quan5-2021", "phuong-2025"):
        profile_load(name=name, actor=None, today=timezone.localdate())
    page = text(client, reverse("units:list"))
    assert "Ủy ban nhân dân Phường Chợ Quán" in page
    assert "Phường 14" not in page
    old = text(client, reverse("units:unit", args=["ubnd-p04"]))
    assert "Ngày hoạt động cuối cùng: 30/06/2025" in old
    assert "1685/NQ-UBTVQH15" in old
    assert "Ủy ban nhân dân Phường Chợ Quán" in old
    assert client.get("/don-vi/khong-co/").status_code == 404
    hidden = make_unit(is_listed=False, key="doan-kiem-tra")
    assert client.get(reverse("units:unit", args=[hidden.key])).status_code == 404


def test_the_account_page_shows_roles_and_saves_what_is_ones_own(client: Client) -> None:
    user = make_member(Role.LIBRARIAN, make_unit("Phòng Kinh tế"))
    client.force_login(user)
    page = text(client, "/tai-khoan/")
    assert "Thủ thư – Phòng Kinh tế" in page
    assert "Đã lưu" in text(client, "/tai-khoan/", phone="0900 000 003", language="vi")
    user.refresh_from_db()
    assert user.phone == "0900 000 003"


@pytest.mark.parametrize("path", ["/tai-khoan/dang-nhap/", "/tai-khoan/mat-khau/quen/", "/don-vi/"])
def test_pages_keep_to_the_policy(client: Client, path: str) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert " style=" not in page
    assert " onclick=" not in page
    assert "Ủy ban nhân dân Quận 5" in page  # the footer says who runs the site
    assert "testserver" not in page
    for leftover in ("Sign In", "Password", "Remember Me", "Forgot"):
        assert leftover not in page


# Demo


def test_every_demo_person_signs_in_with_what_the_terminal_prints(client: Client) -> None:
    load_demo_people(lambda _text: None)
    sign_ins = demo_sign_ins()
    assert len(sign_ins) == len(Role)
    for who in sign_ins:
        user = User.objects.get(username=who.username)
        assert user.check_password(who.password)
        assert user.is_demo
        row = user.memberships.select_related("unit").get()  # type: ignore[attr-defined]
        assert (row.get_role_display(), row.unit.label) == (who.role, who.unit)
    response = client.post("/tai-khoan/dang-nhap/", {"login": "thuthu", "password": sign_ins[0].password})
    assert response.status_code == 302
    shown = Client().get("/tai-khoan/dang-nhap/").content.decode()
    assert "thuthu" in shown
    assert sign_ins[0].password in shown


def test_loading_the_demo_twice_is_once() -> None:
    load_demo_people(lambda _text: None)
    before = (
        User.objects.count(),
        Membership.objects.count(),
        Party.objects.count(),
        AuditEvent.objects.count(),
    )
    load_demo_people(lambda _text: None)
    after = (
        User.objects.count(),
        Membership.objects.count(),
        Party.objects.count(),
        AuditEvent.objects.count(),
    )
    assert after == before


def test_production_shows_and_makes_no_demo_person(
    client: Client, installation: "pytest.FixtureRequest"
) -> None:
    installation(mode="production")  # type: ignore[operator]
    load_demo_people(lambda _text: None)
    assert demo_sign_ins() == []
    assert not User.objects.exists()
    assert SiteProfile.objects.exists()
    assert "dung-thu" not in client.get("/tai-khoan/dang-nhap/").content.decode()


def test_both_profiles_have_demo_seats(installation: "pytest.FixtureRequest") -> None:
    installation(profile="phuong-2025")  # type: ignore[operator]
    load_demo_people(lambda _text: None)
    assert {who.unit for who in demo_sign_ins()} >= {"Phường Chợ Quán", "Phòng VH-XH"}


def test_the_loader_is_registered() -> None:
    from khcn.core.demo import demo_loaders

    assert demo_loaders.get("orgs").order == 10
    assert callable(load_demo)


# Commands


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_profile_command() -> None:
    assert json.loads(run("profile", "list", "--json")) == ["phuong-2025", "quan5-2021"]
    first = json.loads(run("profile", "load", "quan5-2021", "--json"))
    assert first == {"profile": "quan5-2021", "created": 33, "updated": 0, "unchanged": 0}
    assert "0 đơn vị mới" in run("profile", "load", "quan5-2021")
    with pytest.raises(CommandError, match="Các bộ có sẵn"):
        run("profile", "load", "khong-co")


def test_the_first_administrator_is_made_on_the_machine() -> None:
    make_unit("Văn phòng", key="van-phong")
    arguments = ["people", "add", "quantri", "--name", "Nguyễn Quản Trị", "--unit", "van-phong", "--json"]
    made = json.loads(run(*arguments))
    user = User.objects.get(username="quantri")
    assert user.check_password(made["password"])
    assert user.must_change_password
    assert Membership.objects.get(user=user).role == Role.SYSADMIN
    with pytest.raises(CommandError):
        run(*arguments)
    with pytest.raises(CommandError, match="Không có đơn vị"):
        run("people", "add", "khac", "--name", "X", "--unit", "khong-co")
