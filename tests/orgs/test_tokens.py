"""What a person may read, as the words that the search index filters by."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from khcn.orgs.enums import Role, SuccessionKind
from khcn.orgs.models import UnitSuccession
from khcn.orgs.selectors import access_tokens
from tests.orgs.factories import give_role, make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
DAY = date(2025, 7, 1)


def test_a_visitor_reads_what_is_public() -> None:
    assert access_tokens(AnonymousUser(), DAY) == {"public"}
    assert access_tokens(None, DAY) == {"public"}


def test_a_person_reads_with_the_own_unit_and_the_units_above_it_but_not_below_or_beside() -> None:
    committee = make_unit("Ủy ban")
    division, other = make_unit(parent=committee), make_unit(parent=committee)
    make_unit(parent=division)
    tokens = access_tokens(make_member(Role.UNIT_REPORTER, division), DAY)
    assert tokens == {"public", "signed-in", f"unit:{division.pk}", f"unit:{committee.pk}"}
    assert f"unit:{other.pk}" not in tokens


def test_a_successor_reads_the_past_of_the_units_it_took_over_from_the_day_it_takes_effect() -> None:
    old, older, new = make_unit("Cũ"), make_unit("Cũ hơn"), make_unit("Mới")
    for predecessor, successor, day in ((older, old, date(2025, 1, 1)), (old, new, DAY)):
        UnitSuccession.objects.create(
            kind=SuccessionKind.MERGE,
            predecessor=predecessor,
            successor=successor,
            decision_number="1/NQ",
            effective_date=day,
        )
    member = make_member(Role.UNIT_REPORTER, new)
    assert {f"unit:{old.pk}", f"unit:{older.pk}"} <= access_tokens(member, DAY)
    assert f"unit:{old.pk}" not in access_tokens(member, date(2025, 6, 30))


@pytest.mark.parametrize(
    ("role", "staff"),
    [(Role.LIBRARIAN, True), (Role.AUDITOR, True), (Role.SYSADMIN, False), (Role.EDITOR, False)],
)
def test_only_librarians_and_auditors_read_as_staff(role: Role, staff: bool) -> None:
    assert ("staff" in access_tokens(make_member(role), DAY)) is staff


def test_a_deactivated_person_is_a_visitor() -> None:
    user = make_member(Role.LIBRARIAN, is_active=False)
    assert access_tokens(user, DAY) == {"public"}


def test_roles_count_on_their_days_only_and_only_while_the_unit_exists() -> None:
    user, unit = make_user(), make_unit()
    give_role(user, Role.LIBRARIAN, unit, first=date(2025, 1, 1), last=date(2025, 6, 30))
    closed = make_unit(valid_to=date(2025, 3, 31))
    give_role(user, Role.UNIT_HEAD, closed)
    assert access_tokens(user, date(2024, 12, 31)) == {"public", "signed-in", f"unit:{closed.pk}"}
    assert {"staff", f"unit:{unit.pk}"} <= access_tokens(user, date(2025, 6, 30))
    assert access_tokens(user, date(2025, 7, 1)) == {"public", "signed-in"}
