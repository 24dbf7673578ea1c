"""Short stories about programmes begin here: one call makes a programme, a session, a registration. Plain ORM."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.core import signing

from khcn.engines.text.collate import person_key, sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, User
from khcn.programmes.enums import (
    Audience,
    ConsentBy,
    EntryState,
    PhaseKind,
    ProgrammeKind,
    ProgrammeState,
    RegistrationState,
)
from khcn.programmes.human import SALT
from khcn.programmes.models.consents import Consent, ConsentText
from khcn.programmes.models.contests import Contest, ContestRules, Criterion, Juror
from khcn.programmes.models.entries import Entry, Team, TeamMember
from khcn.programmes.models.programmes import Programme, Session, barred
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.tokens import link_token, ticket_code
from tests.orgs.factories import give_role, make_unit, make_user

_number = count(1)
NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)  # a Wednesday, 09:00 in Viet Nam
TODAY = date(2026, 5, 20)


class People:
    """The people of one deployment: focal unit, leader, finance, clerk, editor, auditor; reporter and head of one unit."""

    def __init__(self, unit: Unit | None = None) -> None:
        self.committee = make_unit("Ủy ban thử")
        self.focal = make_unit("Phòng đầu mối thử", parent=self.committee)
        self.unit = unit or make_unit(parent=self.committee)
        self.officer = self._person(Role.FOCAL_OFFICER, self.focal)
        self.focal_head = self._person(Role.FOCAL_HEAD, self.focal)
        self.leader = self._person(Role.LEADER, self.committee)
        self.finance = self._person(Role.FINANCE, self.committee)
        self.clerk = self._person(Role.CLERK, self.committee)
        self.editor = self._person(Role.EDITOR, self.focal)
        self.auditor = self._person(Role.AUDITOR, self.committee)
        self.reporter = self._person(Role.UNIT_REPORTER, self.unit)
        self.head = self._person(Role.UNIT_HEAD, self.unit)

    @staticmethod
    def _person(role: Role, unit: Unit) -> User:
        user = make_user()
        give_role(user, role, unit)
        return user


def make_programme(unit: Unit | None = None, **fields: Any) -> Programme:
    """Return a public course of a unit with open registration and no limit of seats."""
    number = next(_number)
    title = fields.pop("title", f"Lớp thử {number}")
    values = {
        "key": f"lop-thu-{number}", "kind": ProgrammeKind.COURSE, "state": ProgrammeState.PUBLISHED, "year": 2026,
        "title": title, "folded_title": fold(title), "sort_key": sort_key(title),
        "audiences": barred([Audience.OFFICIALS, Audience.TEACHERS]), "venue": "Hội trường thử",
        "starts_on": TODAY + timedelta(days=7), "ends_on": TODAY + timedelta(days=7), "created_at": NOW,
        "updated_at": NOW, "published_at": NOW,
    } | fields  # fmt: skip
    return Programme.objects.create(unit=unit or make_unit(), **values)


def make_session(programme: Programme, **fields: Any) -> Session:
    """Return a session of two hours, a week from now."""
    number = programme.sessions.count() + 1
    starts_at = fields.pop("starts_at", NOW + timedelta(days=7))
    values = {
        "number": number,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "updated_at": NOW,
    }
    return Session.objects.create(programme=programme, **(values | fields))


def make_group(programme: Programme, **fields: Any) -> RegistrationGroup:
    """Return a class that a school registered."""
    name = fields.pop("name", f"Trường thử {next(_number)}")
    values = {"token": link_token(), "ticket": ticket_code(), "created_at": NOW, "folded_name": fold(name)}
    return RegistrationGroup.objects.create(programme=programme, name=name, **(values | fields))


def make_registration(programme: Programme, **fields: Any) -> Registration:
    """Return a confirmed registration of one person; in a group it has no link of its own."""
    number = next(_number)
    name = fields.pop("name", f"Nguyễn Thị Thử {number}")
    group = fields.get("group")
    values = {
        "arrival": programme.registrations.count() + 1, "state": RegistrationState.CONFIRMED, "name": name,
        "folded_name": fold(name), "sort_key": person_key(name), "audience": Audience.TEACHERS, "ticket": ticket_code(),
        "token": None if group else link_token(), "created_at": NOW, "confirmed_at": NOW,
        "contact_address": "" if group else f"nguoi{number}@example.vn",
    } | fields  # fmt: skip
    return Registration.objects.create(programme=programme, **values)


def make_consent(
    programme: Programme, subject: str, purpose: str, *, by: str = ConsentBy.SELF, **fields: Any
) -> Consent:
    """Return a standing consent."""
    text = ConsentText.objects.filter(purpose=purpose).order_by("-version").first()
    assert text is not None
    values = {"given_at": NOW} | fields
    return Consent.objects.create(
        programme=programme, subject=subject, purpose=purpose, by=by, text=text, **values
    )


def make_contest(
    unit: Unit | None = None, *, phase: str = PhaseKind.OPEN, criteria: int = 2, **fields: Any
) -> Programme:
    """Return a public contest with published rules of ``criteria`` criteria of ten points each."""
    programme = make_programme(unit, **({"kind": ProgrammeKind.CONTEST, "title": "Cuộc thi thử"} | fields))
    Contest.objects.create(programme=programme, phase=phase, deadline=NOW + timedelta(days=7))
    rules = ContestRules.objects.create(
        programme=programme, version=1, published_at=NOW, created_at=NOW, tie_break="c1",
        awards=[{"title": "Giải Nhất", "count": 1}, {"title": "Giải Nhì", "count": 1}],
    )  # fmt: skip
    for number in range(1, criteria + 1):
        Criterion.objects.create(
            rules=rules, key=f"c{number}", title=f"Tiêu chí {number}", most=10, order=number,
            anchors=[{"points": 10, "text": "Rất tốt"}, {"points": 5, "text": "Đạt"}],
        )  # fmt: skip
    return programme


def make_team(programme: Programme, *, members: int = 2, **fields: Any) -> Team:
    """Return a team of pupils."""
    number = next(_number)
    name = fields.pop("name", f"Đội thử {number}")
    organisation = fields.pop("organisation", f"Trường thử {number}")
    values = {
        "token": link_token(), "created_at": NOW, "folded_name": fold(name), "organisation": organisation,
        "folded_organisation": fold(organisation), "contact_name": "Cô Thử", "contact_address": f"doi{number}@example.vn",
    }  # fmt: skip
    team = Team.objects.create(programme=programme, name=name, **(values | fields))
    for one in range(members):
        who = f"Học Sinh {number} {one}"
        TeamMember.objects.create(
            programme=programme, team=team, name=who, folded_name=fold(who), birth_year=2012, is_minor=True,
            identity=f"{number}-{one}",
        )  # fmt: skip
    return team


def make_entry(team: Team, *, state: str = EntryState.ACCEPTED, **fields: Any) -> Entry:
    """Return an entry of a team, accepted and with a code unless told otherwise."""
    number = next(_number)
    values = {
        "title": f"Bài thử {number}", "code": f"BT-{number}" if state == EntryState.ACCEPTED else "", "state": state,
        "created_at": NOW, "updated_at": NOW, "submitted_at": NOW,
    }  # fmt: skip
    return Entry.objects.create(programme=team.programme, team=team, **(values | fields))


def make_juror(programme: Programme, **fields: Any) -> Juror:
    """Return a juror with an account and the role."""
    user = fields.pop("user", None)
    if user is None:
        user = make_user()
        give_role(user, Role.JUROR, make_unit())
    return Juror.objects.create(programme=programme, user=user, **({"added_at": NOW} | fields))


def human() -> dict[str, str]:
    """Return what a person fills into the human check."""
    return {"stamp": signing.dumps([7, 3, int(time.time()) - 30], salt=SALT), "human": "7", "website": ""}
