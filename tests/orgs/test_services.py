"""Writes of orgs as short stories: people, roles, absences, units, parties. Each leaves its row in the trail."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from khcn.core.audit import verify_chain
from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.orgs.enums import CodeScheme, PartyKind, Role, SuccessionKind
from khcn.orgs.models import Membership, Party, Unit, User
from khcn.orgs.selectors import (
    acting_for,
    authority_for,
    delegates_for,
    memberships_of,
    parties,
    party_duplicates,
    people,
    unit_by_code,
)
from khcn.orgs.services.absences import AbsenceError, absence_cancel, absence_declare
from khcn.orgs.services.parties import (
    PartyMergeError,
    party_create,
    party_merge,
    party_merge_followers,
    party_update,
)
from khcn.orgs.services.people import (
    LastAdministratorError,
    MembershipExistsError,
    MixedDutiesError,
    membership_add,
    membership_end,
    own_details_update,
    temporary_password,
    user_create,
    user_set_active,
    user_update,
)
from khcn.orgs.services.units import (
    UnitCodeTakenError,
    UnitTreeError,
    succession_record,
    unit_code_set,
    unit_create,
    unit_update,
)
from tests.orgs.factories import PASSWORD, give_role, make_kind, make_member, make_party, make_unit, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def trail() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


# People


def test_a_new_person_is_found_by_given_name() -> None:
    for number, name in enumerate(
        ["Trần Văn An", "Nguyễn Thị Ánh", "Lê Bình", "Đỗ An", "Nguyễn Văn Ân", "Bùi Dũng"]
    ):
        user_create(actor=None, today=TODAY, username=f"u{number}", full_name=name)
    in_order = [user.full_name for user in User.objects.alphabetical()]
    assert in_order == ["Đỗ An", "Trần Văn An", "Nguyễn Thị Ánh", "Nguyễn Văn Ân", "Lê Bình", "Bùi Dũng"]
    assert [user.full_name for user in people(make_member(Role.SYSADMIN), TODAY, query="anh")] == [
        "Nguyễn Thị Ánh"
    ]
    person = User.objects.get(full_name="Nguyễn Thị Ánh")
    assert (person.last_name, person.first_name, person.get_short_name()) == ("Nguyễn Thị", "Ánh", "Ánh")
    assert not person.has_usable_password()


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"username": "baocao"}, "username"),
        ({"username": "có dấu cách"}, None),
        ({"email": "Nguoi@example.vn"}, "__all__"),
        ({"password": "ngan"}, None),
        ({"password": "1234567890"}, None),
        ({"email": "khong-phai-thu"}, "email"),
    ],
)
def test_a_person_that_cannot_be_is_refused(fields: dict[str, str], at: str | None) -> None:
    make_user(username="baocao", email="nguoi@example.vn")
    values = {"username": "moi", "full_name": "Người Mới"} | fields
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        user_create(actor=None, today=TODAY, **values)  # type: ignore[arg-type]
    if at:
        assert at in caught.value.error_dict
    assert User.objects.count() == 1


def test_the_trail_knows_that_contact_changed_but_not_what_it_is() -> None:
    user = make_user("Nguyễn Văn A", email="cu@example.vn", phone="0900 000 001")
    user_update(
        actor=None,
        today=TODAY,
        user=user,
        full_name="Nguyễn Văn B",
        email="moi@example.vn",
        phone="0900 000 001",
    )
    row = AuditEvent.objects.get(action="orgs.user.update")
    assert (row.before, row.after) == (
        {"full_name": "Nguyễn Văn A", "contact": []},
        {"full_name": "Nguyễn Văn B", "contact": ["email"]},
    )
    own_details_update(actor=user, phone="0900 000 002", language="en")
    user.refresh_from_db()
    assert (user.phone, user.language, user.full_name) == ("0900 000 002", "en", "Nguyễn Văn B")


def test_temporary_passwords_differ_and_read_well() -> None:
    made = {temporary_password() for _round in range(50)}
    assert len(made) == 50
    assert all(len(word) == 19 and not set(word) & set("01loi") for word in made)


# Roles


def test_a_role_begins_and_ends_on_its_days() -> None:
    admin, user, unit = make_member(Role.SYSADMIN), make_user(), make_unit()
    row = membership_add(
        actor=admin, today=TODAY, user=user, unit=unit, role=Role.CLERK, valid_from=date(2026, 12, 1)
    )
    assert memberships_of(user, date(2026, 11, 30)) == ()
    assert [held.role for held in memberships_of(user, date(2026, 12, 1))] == [Role.CLERK]
    membership_end(actor=admin, today=TODAY, membership=row, last_day=date(2026, 12, 31))
    assert memberships_of(user, date(2026, 12, 31))
    assert not memberships_of(user, date(2027, 1, 1))
    assert trail() == ["orgs.membership.add", "orgs.membership.end"]


def test_a_role_that_never_began_leaves_only_its_trace() -> None:
    user, unit = make_user(), make_unit()
    row = membership_add(
        actor=None, today=TODAY, user=user, unit=unit, role=Role.CLERK, valid_from=date(2026, 12, 1)
    )
    membership_end(actor=None, today=TODAY, membership=row, last_day=TODAY)
    assert not Membership.objects.filter(user=user).exists()
    assert trail()[-1] == "orgs.membership.drop"


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [
        (None, None, True),
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
        (None, date(2026, 1, 1), True),
        (None, date(2025, 12, 31), False),
    ],
)
def test_the_same_role_twice_on_one_day_is_refused(
    first: date | None, last: date | None, refused: bool
) -> None:
    user, unit = make_user(), make_unit()
    give_role(user, Role.CLERK, unit, first=date(2026, 1, 1), last=date(2026, 6, 30))

    def add() -> None:
        membership_add(
            actor=None, today=TODAY, user=user, unit=unit, role=Role.CLERK, valid_from=first, valid_to=last
        )

    if refused:
        with pytest.raises(MembershipExistsError):
            add()
    else:
        add()


@pytest.mark.parametrize(("first", "second"), [(Role.SYSADMIN, Role.EDITOR), (Role.LIBRARIAN, Role.SYSADMIN)])
def test_nobody_runs_the_system_and_decides_on_content(first: Role, second: Role) -> None:
    user = make_member(first)
    with pytest.raises(MixedDutiesError, match="tài khoản riêng"):
        membership_add(actor=None, today=TODAY, user=user, unit=make_unit(), role=second)


def test_nobody_changes_the_own_roles() -> None:
    admin = make_member(Role.SYSADMIN)
    with pytest.raises(PermissionDeniedError, match="Không ai tự đổi"):
        membership_add(actor=admin, today=TODAY, user=admin, unit=make_unit(), role=Role.SYSADMIN)
    with pytest.raises(PermissionDeniedError, match="Không ai tự đổi"):
        membership_end(
            actor=admin,
            today=TODAY,
            membership=admin.memberships.get(),
            last_day=TODAY,  # type: ignore[attr-defined]
        )


def test_one_administrator_always_remains() -> None:
    first, second = make_member(Role.SYSADMIN), make_member(Role.SYSADMIN)
    user_set_active(actor=first, today=TODAY, user=second, is_active=False)
    with pytest.raises(LastAdministratorError):
        user_set_active(actor=None, today=TODAY, user=first, is_active=False)
    with pytest.raises(LastAdministratorError):
        membership_end(actor=None, today=TODAY, membership=Membership.objects.get(user=first), last_day=TODAY)
    assert trail() == ["orgs.user.deactivate"]


# Absence


def test_a_delegate_acts_on_the_days_and_the_trail_can_say_for_whom() -> None:
    unit = make_unit()
    head, deputy = make_member(Role.UNIT_HEAD, unit, full_name="Lê Trưởng"), make_user("Lê Phó")
    give_role(deputy, Role.UNIT_REPORTER, unit)
    first, last = date(2026, 12, 1), date(2026, 12, 5)
    row = absence_declare(
        actor=head, today=TODAY, user=head, delegate=deputy, first_day=first, last_day=last, reason="công tác"
    )
    for day, acts in ((date(2026, 11, 30), False), (first, True), (last, True), (date(2026, 12, 6), False)):
        assert bool(acting_for(deputy, day)) is acts
    delegation = acting_for(deputy, first)[0]
    assert (delegation.absent, delegation.role, delegation.unit_id) == (head, Role.UNIT_HEAD, unit.pk)

    # The own role first; a delegated one names the person it belongs to; another unit's never.
    authority = authority_for(deputy, first, {Role.UNIT_HEAD}, unit_id=unit.pk)
    assert authority is not None
    assert authority.on_behalf_of == head
    own = authority_for(head, first, {Role.UNIT_HEAD})
    assert own is not None
    assert own.on_behalf_of is None
    assert authority_for(deputy, first, {Role.UNIT_HEAD}, unit_id=unit.pk + 1) is None

    # Not passed on: the delegate's delegate has no say.
    third = make_member(Role.CLERK, unit)
    with pytest.raises(PermissionDeniedError):
        absence_declare(
            actor=deputy, today=TODAY, user=deputy, delegate=third, first_day=first, last_day=last
        )

    absence_cancel(actor=head, today=TODAY, now=row_time(), absence=row)
    absence_cancel(actor=head, today=TODAY, now=row_time(), absence=row)
    assert acting_for(deputy, first) == ()
    assert trail() == ["orgs.absence.declare", "orgs.absence.cancel"]


def row_time():  # type: ignore[no-untyped-def]  # a moment
    from datetime import UTC, datetime

    return datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_only_the_named_role_is_delegated() -> None:
    unit = make_unit()
    head, deputy = make_member(Role.FOCAL_HEAD, unit), make_member(Role.FOCAL_OFFICER, unit)
    give_role(head, Role.LIBRARIAN, unit)
    absence_declare(
        actor=head,
        today=TODAY,
        user=head,
        delegate=deputy,
        first_day=TODAY,
        last_day=TODAY,
        role=Role.FOCAL_HEAD,
    )
    assert [held.role for held in acting_for(deputy, TODAY)] == [Role.FOCAL_HEAD]


@pytest.mark.parametrize("case", ["self", "inactive", "order", "past", "nothing", "administrator"])
def test_an_absence_that_cannot_be_is_refused(case: str) -> None:
    head, delegate = make_member(Role.UNIT_HEAD), make_member(Role.CLERK)
    first, last, role = date(2026, 12, 1), date(2026, 12, 2), None
    if case == "self":
        delegate = head
    elif case == "inactive":
        delegate = make_member(Role.CLERK, is_active=False)
    elif case == "order":
        first, last = last, first
    elif case == "past":
        first = last = date(2026, 11, 21)
    elif case == "nothing":
        role = Role.LEADER
    else:
        delegate = make_member(Role.SYSADMIN)
    with pytest.raises(AbsenceError):
        absence_declare(
            actor=head, today=TODAY, user=head, delegate=delegate, first_day=first, last_day=last, role=role
        )


def test_the_administrator_declares_for_a_person_who_is_ill_and_others_do_not() -> None:
    unit = make_unit()
    head, deputy, stranger = (
        make_member(role, unit) for role in (Role.UNIT_HEAD, Role.CLERK, Role.FOCAL_HEAD)
    )
    days = {"first_day": TODAY, "last_day": TODAY}
    with pytest.raises(PermissionDeniedError):
        absence_declare(actor=stranger, today=TODAY, user=head, delegate=deputy, **days)
    absence_declare(actor=make_member(Role.SYSADMIN), today=TODAY, user=head, delegate=deputy, **days)
    assert acting_for(deputy, TODAY)


def test_delegates_come_from_the_same_tree_and_never_from_administration() -> None:
    committee = make_unit()
    own, beside, far = make_unit(parent=committee), make_unit(parent=committee), make_unit()
    head = make_member(Role.UNIT_HEAD, own)
    near = {
        make_member(Role.LEADER, committee),
        make_member(Role.CLERK, own),
        make_member(Role.CLERK, beside),
    }
    (
        make_member(Role.CLERK, far),
        make_member(Role.SYSADMIN, own),
        make_member(Role.CLERK, own, is_active=False),
    )
    assert set(delegates_for(head, TODAY)) == near


# Units


def test_a_unit_never_stands_below_itself() -> None:
    top = make_unit("Trên")
    below = make_unit("Dưới", parent=make_unit("Giữa", parent=top))
    for parent in (top, below):
        with pytest.raises(UnitTreeError):
            unit_update(actor=None, today=TODAY, unit=top, parent=parent)


def test_a_new_unit_gets_an_address_of_its_own() -> None:
    keys = [
        unit_create(actor=None, today=TODAY, name="Phòng Kinh tế", kind=make_kind()).key
        for _round in range(3)
    ]
    assert keys == ["phong-kinh-te", "phong-kinh-te-2", "phong-kinh-te-3"]


@pytest.mark.parametrize(
    ("identifier", "good"),
    [
        ("000.00.19.H29", True),
        ("H29", True),
        ("H29.19", True),
        ("H29.19.00.000", True),
        ("", True),
        ("00.00.19.H29", False),
        ("000.00.19.29", False),
        ("h29.19", False),
        ("H29.19 ", True),
        ("H29.1999", False),
    ],
)
def test_the_shape_of_an_electronic_identifier(identifier: str, good: bool) -> None:
    unit = make_unit()
    if good:
        assert unit_update(actor=None, today=TODAY, unit=unit, electronic_id=identifier)
    else:
        with pytest.raises(ValidationError):
            unit_update(actor=None, today=TODAY, unit=unit, electronic_id=identifier)


def test_dates_out_of_order_are_refused_by_the_database_too() -> None:
    with pytest.raises(ValidationError):
        unit_create(
            actor=None,
            today=TODAY,
            name="X",
            kind=make_kind(),
            valid_from=date(2026, 2, 1),
            valid_to=date(2026, 1, 1),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        make_unit(valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2025, 6, 30), True),
        (date(2025, 7, 1), False),
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
    ],
)
def test_the_first_and_the_last_day_count(day: date, found: bool) -> None:
    unit = make_unit(valid_from=date(2025, 1, 1), valid_to=date(2025, 6, 30))
    assert Unit.objects.in_force(day).filter(pk=unit.pk).exists() is found
    assert unit.in_force(day) is found


def test_a_code_belongs_to_one_unit_at_a_time() -> None:
    old, new = make_unit("Cũ"), make_unit("Mới")
    code = {"actor": None, "today": TODAY, "scheme": CodeScheme.GSO, "code": "27301"}
    unit_code_set(unit=old, **code)  # type: ignore[arg-type]
    with pytest.raises(UnitCodeTakenError, match="Cũ"):
        unit_code_set(unit=new, valid_from=date(2025, 7, 1), **code)  # type: ignore[arg-type]
    unit_code_set(unit=old, valid_to=date(2025, 6, 30), **code)  # type: ignore[arg-type]
    unit_code_set(unit=new, valid_from=date(2025, 7, 1), **code)  # type: ignore[arg-type]
    assert unit_by_code("gso", "27301", date(2025, 6, 30)) == old
    assert unit_by_code("gso", "27301", date(2025, 7, 1)) == new


def test_a_merge_closes_the_units_it_takes_over() -> None:
    admin, old, new = make_member(Role.SYSADMIN), make_unit("Cũ"), make_unit("Mới")
    for _round in range(2):
        succession_record(
            actor=admin,
            today=TODAY,
            kind=SuccessionKind.MERGE,
            predecessor=old,
            successor=new,
            decision_number="1/NQ",
            effective_date=date(2027, 1, 1),
        )
    old.refresh_from_db()
    assert old.valid_to == date(2026, 12, 31)
    assert trail() == ["orgs.unit.succession", "orgs.unit.update"]
    assert verify_chain().ok


# Outside parties


def test_a_party_that_may_be_known_already_is_found_without_marks() -> None:
    officer = make_member(Role.FOCAL_OFFICER)
    known = party_create(
        actor=officer,
        today=TODAY,
        kind=PartyKind.ENTERPRISE,
        name="Công ty  TNHH Thử  Nghiệm",
        registration_code="0300 000 001",
    )
    assert (known.name, known.registration_code) == ("Công ty TNHH Thử Nghiệm", "0300000001")
    assert list(party_duplicates(officer, TODAY, name="CONG TY TNHH THU NGHIEM")) == [known]
    assert list(party_duplicates(officer, TODAY, name="Khác", registration_code="0300000001")) == [known]
    assert not party_duplicates(officer, TODAY, name="Khác").exists()
    assert not party_duplicates(officer, TODAY, name=known.name, exclude=known).exists()
    assert list(parties(officer, TODAY, query="thu nghiem", kind=PartyKind.ENTERPRISE)) == [known]
    assert not parties(officer, TODAY, query="thu nghiem", kind=PartyKind.SCHOOL).exists()
    with pytest.raises(ValidationError), transaction.atomic():
        party_create(
            actor=officer, today=TODAY, kind=PartyKind.ENTERPRISE, name="Khác", registration_code="0300000001"
        )


def test_the_trail_never_holds_a_contact_person() -> None:
    party = party_create(
        actor=None, today=TODAY, kind=PartyKind.SCHOOL, name="Trường", contact_name="Nguyễn Bí Mật"
    )
    party_update(actor=None, today=TODAY, party=party, contact_name="Trần Kín", contact_phone="0900 000 009")
    kept = str(list(AuditEvent.objects.values_list("before", "after", "target_label")))
    assert "Bí Mật" not in kept
    assert "Kín" not in kept
    assert AuditEvent.objects.get(action="orgs.party.update").after == {
        "contact": ["contact_name", "contact_phone"]
    }


def test_two_records_become_one_and_everything_follows() -> None:
    officer = make_member(Role.FOCAL_OFFICER)
    kept = make_party("Trường A", kind=PartyKind.SCHOOL)
    copy = make_party("Trường A (trùng)", kind=PartyKind.SCHOOL, registration_code="S1", address="1 Đường X")
    older = make_party("Trường A cũ", kind=PartyKind.SCHOOL, merged_into=copy)
    followed: list[tuple[int, int]] = []
    party_merge_followers.register("test", lambda one, two: followed.append((one.pk, two.pk)))
    try:
        party_merge(actor=officer, today=TODAY, kept=kept, duplicate=copy, reason="nhập hai lần")
    finally:
        party_merge_followers._items.pop("test")
    kept.refresh_from_db(), older.refresh_from_db(), copy.refresh_from_db()
    assert (kept.registration_code, kept.address) == ("S1", "1 Đường X")
    assert (copy.merged_into, older.merged_into) == (kept, kept)
    assert followed == [(kept.pk, copy.pk)]
    assert list(parties(officer, TODAY)) == [kept]
    assert Party.objects.count() == 3
    row = AuditEvent.objects.get(action="orgs.party.merge")
    assert (row.reason, row.after["merged"]) == ("nhập hai lần", copy.pk)  # type: ignore[index]
    for one, two in ((kept, kept), (kept, copy)):
        with pytest.raises(PartyMergeError):
            party_merge(actor=officer, today=TODAY, kept=one, duplicate=two)


def test_a_service_that_refuses_leaves_nothing() -> None:
    with pytest.raises(PermissionDeniedError):
        user_create(
            actor=make_member(Role.EDITOR), today=TODAY, username="x", full_name="X", password=PASSWORD
        )
    assert trail() == []
