"""The permission table of orgs: role x action x own or other unit. One row a role, one column an action."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from khcn.core.audit import audit_events_visible_to, audit_record
from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.orgs import enums, permissions
from khcn.orgs.enums import PartyKind, Role
from khcn.orgs.models import Party, Unit, User
from khcn.orgs.services.parties import party_create, party_merge, party_update
from khcn.orgs.services.people import user_create
from khcn.orgs.services.units import unit_create
from tests.orgs.factories import give_role, make_kind, make_member, make_party, make_unit, make_user

TODAY = date(2026, 11, 22)
OWN, OTHER = 1, 2


@dataclass(frozen=True)
class Held:
    """A role held in a unit, without a database."""

    role: str
    unit_id: int


# manage organisation | see people of own unit | of another | all units | keep party: own, other, no ward | merge
# | see all parties | whole audit trail | approves (may delegate) | second factor
#                              manage own   other  units  p-own  p-oth  p-none merge  p-all  audit  absent 2fa
TABLE: dict[Role, tuple[bool, ...]] = {
    Role.UNIT_REPORTER:        (False, False, False, False, True,  False, False, False, False, False, False, False),
    Role.UNIT_HEAD:            (False, True,  False, False, True,  False, False, False, False, False, True,  False),
    Role.FOCAL_OFFICER:        (False, True,  True,  True,  True,  True,  True,  True,  True,  False, False, False),
    Role.FOCAL_HEAD:           (False, True,  True,  True,  True,  True,  True,  True,  True,  True,  True,  False),
    Role.LEADER:               (False, False, False, False, False, False, False, False, True,  True,  True,  False),
    Role.FINANCE:              (False, False, False, False, False, False, False, False, True,  False, True,  False),
    Role.CLERK:                (False, False, False, False, False, False, False, False, True,  False, False, False),
    Role.ADVISER:              (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.INSPECTOR:            (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.JUROR:                (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.EDITOR:               (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.LIBRARIAN:            (False, False, False, False, False, False, False, False, True,  False, True,  True),
    Role.CONTRIBUTOR:          (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.MARKET_MANAGER:       (False, False, False, False, True,  False, False, False, False, False, False, False),
    Role.MARKET_OPERATOR:      (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.CAMERA_VIEWER:        (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.UNIT_ENERGY_MANAGER:  (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.ENERGY_OFFICER:       (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.TECHNICIAN:           (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.DOST_READER:          (False, False, False, False, False, False, False, False, False, False, False, False),
    Role.SYSADMIN:             (True,  True,  True,  True,  False, False, False, False, False, False, False, True),
    Role.AUDITOR:              (False, True,  True,  True,  False, False, False, False, True,  True,  False, False),
}  # fmt: skip


def test_the_table_has_every_role() -> None:
    assert set(TABLE) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_the_table(role: Role) -> None:
    held = (Held(role, OWN),)
    assert TABLE[role] == (
        permissions.can_manage_organisation(held),
        permissions.can_view_users_of(held, OWN),
        permissions.can_view_users_of(held, OTHER),
        permissions.can_view_all_units(held),
        permissions.can_keep_party(held, {OWN}),
        permissions.can_keep_party(held, {OTHER}),
        permissions.can_keep_party(held, None),
        permissions.can_merge_parties(held),
        permissions.can_view_all_parties(held),
        permissions.can_view_audit(held),
        permissions.can_declare_absence(held, own=True),
        permissions.needs_second_factor(held),
    )


def test_nobody_may_do_nothing() -> None:
    assert not any(
        (
            permissions.can_manage_organisation(()),
            permissions.can_view_users(()),
            permissions.can_view_all_units(()),
            permissions.can_keep_party((), {OWN}),
            permissions.can_view_audit(()),
            permissions.can_declare_absence((), own=True),
        )
    )


def test_a_role_counts_where_it_is_held() -> None:
    held = (Held(Role.UNIT_HEAD, OWN), Held(Role.CLERK, OTHER))
    assert permissions.has_role(held, Role.UNIT_HEAD)
    assert permissions.has_role(held, Role.UNIT_HEAD, unit_id=OWN)
    assert not permissions.has_role(held, Role.UNIT_HEAD, unit_id=OTHER)
    assert not permissions.has_role(held)


def test_the_administrator_is_in_no_set_of_content() -> None:
    sets = {name: value for name, value in vars(enums).items() if isinstance(value, frozenset)}
    assert len(sets) > 10
    assert {name for name, roles in sets.items() if Role.SYSADMIN in roles} == {
        "ALL_ROLES",
        "TECHNICAL_ROLES",
        "SECOND_FACTOR_ROLES",
    }


# The same, through the database: what people see and what services let them do.


@pytest.fixture
def wards(db: None) -> tuple[Unit, Unit]:
    committee = make_unit("Ủy ban")
    return make_unit("Phường A", parent=committee), make_unit("Phường B", parent=committee)


@pytest.mark.parametrize("role", Role)
def test_parties_seen_and_kept_follow_the_table(wards: tuple[Unit, Unit], role: Role) -> None:
    own, other = wards
    member = make_member(role, own)
    make_party("Của mình", ward=own), make_party("Nơi khác", ward=other), make_party("Không rõ nơi")
    row = TABLE[role]
    seen = set(Party.objects.visible_to(member, TODAY).values_list("name", flat=True))
    assert seen == ({"Của mình", "Nơi khác", "Không rõ nơi"} if row[8] else {"Của mình"} if row[4] else set())
    for ward, allowed in ((own, row[4]), (other, row[5]), (None, row[6])):
        try:
            party_create(actor=member, today=TODAY, kind=PartyKind.SCHOOL, name=f"Trường {ward}", ward=ward)
            assert allowed
        except PermissionDeniedError:
            assert not allowed


@pytest.mark.parametrize("role", Role)
def test_people_seen_follow_the_table(wards: tuple[Unit, Unit], role: Role) -> None:
    own, other = wards
    member, colleague, stranger = make_user(), make_user(), make_user()
    give_role(member, role, own)
    give_role(colleague, Role.CLERK, own)
    give_role(stranger, Role.CLERK, other)
    row = TABLE[role]
    expected = {member} | ({colleague} if row[1] else set()) | ({stranger} if row[2] else set())
    assert set(User.objects.visible_to(member, TODAY)) == expected


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSADMIN])
def test_only_the_administrator_makes_units_and_people(wards: tuple[Unit, Unit], role: Role) -> None:
    member = make_member(role, wards[0])
    with pytest.raises(PermissionDeniedError):
        unit_create(actor=member, today=TODAY, name="Mới", kind=make_kind())
    with pytest.raises(PermissionDeniedError):
        user_create(actor=member, today=TODAY, username="moi", full_name="Người Mới")
    assert not User.objects.filter(username="moi").exists()


@pytest.mark.django_db
def test_visitors_see_listed_units_and_nobody() -> None:
    listed, hidden = make_unit(), make_unit(is_listed=False)
    make_user()
    for visitor in (None, AnonymousUser()):
        assert set(Unit.objects.visible_to(visitor, TODAY)) == {listed}
        assert not User.objects.visible_to(visitor, TODAY).exists()
        assert not Party.objects.visible_to(visitor, TODAY).exists()
    assert hidden in Unit.objects.visible_to(make_member(Role.INSPECTOR, hidden), TODAY)
    assert hidden in Unit.objects.visible_to(make_member(Role.SYSADMIN), TODAY)
    assert hidden not in Unit.objects.visible_to(make_member(Role.EDITOR), TODAY)


@pytest.mark.django_db
def test_a_move_of_a_party_needs_the_right_at_both_ends() -> None:
    own, other = make_unit(), make_unit()
    reporter = make_member(Role.UNIT_REPORTER, own)
    party = make_party(ward=own)
    with pytest.raises(PermissionDeniedError):
        party_update(actor=reporter, today=TODAY, party=party, ward=other)
    party.refresh_from_db()
    assert party.ward == own
    with pytest.raises(PermissionDeniedError):
        party_merge(actor=reporter, today=TODAY, kept=party, duplicate=make_party(ward=own))


@pytest.mark.django_db
def test_who_reads_the_trail() -> None:
    unit = make_unit()
    reporter, head = make_user(), make_member(Role.UNIT_HEAD, unit)
    give_role(reporter, Role.UNIT_REPORTER, unit)
    party, user = make_party(), make_user()
    audit_record(actor=reporter, action="library.work.submit", target=party)
    audit_record(actor=user, action="library.work.publish", target=party)
    audit_record(actor=None, action="orgs.membership.add", target=user)

    def read(role: Role | None = None, person: User | None = None) -> set[str]:
        reader = person or make_member(role or Role.CLERK)
        return set(audit_events_visible_to(reader).values_list("action", flat=True))

    everything = {"library.work.submit", "library.work.publish", "orgs.membership.add"}
    assert AuditEvent.objects.count() == 3
    for role in (Role.AUDITOR, Role.FOCAL_HEAD, Role.LEADER):
        assert read(role) == everything
    assert read(Role.SYSADMIN) == {"orgs.membership.add"}
    assert read(person=head) == {"library.work.submit"}
    assert read(person=reporter) == {"library.work.submit"}
    assert read(Role.EDITOR) == set()
    assert set(audit_events_visible_to(AnonymousUser())) == set()
