"""Nobody learns names, scores, reviewers or contacts of programmes through any address that is not for them.

Everything personal or secret of one rich unit holds a word that nothing else holds; every address of programmes, and the
lists, feeds and searches of the whole site, are asked by every kind of reader. What holds the word and is not in that
reader's row of :data:`ALLOWED` is a leak. Addresses with a secret in them (a link, a code, a ticket) are given to who may
know; a wrong one is tried instead.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from khcn.orgs.enums import Role
from khcn.programmes.enums import PhaseKind
from khcn.programmes.models.contests import Conflict, Juror, Review, Score
from khcn.programmes.models.entries import Entry, Team, TeamMember
from khcn.programmes.models.exhibitions import VisitorContact
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.models.support import SupportRequest
from khcn.programmes.tokens import link_token
from tests.orgs.factories import give_role, make_member, make_unit, make_user
from tests.programmes import factories as made
from tests.web.permission_programmes import NOW, Fair
from tests.web.test_permission_table import addresses

pytestmark = pytest.mark.django_db

# Words that nothing else holds: digits and signs of other things never look like them.
PERSON, GUARDIAN, PHONE = "Xuphinhlam", "Guyhoatmau", "0987654321"
TEAM, MEMBER, TEACHER, SCHOOL = "Doizunkarix", "Hocsinhqexa", "Cogiaowylo", "Truongvubixa"
JUROR, COMMENT, POINTS = "Giamkhaozyqu", "Nhanxetkurox", "7.31"
ASKER, VISITOR, VISITED = "Lienhequvax", "Khachmuazyl", "khach.muazyl@example.vn"
PEOPLE = frozenset({PERSON, GUARDIAN, PHONE})
TEAMS = frozenset({TEAM, MEMBER, TEACHER, SCHOOL})
SCORES = frozenset({COMMENT, POINTS})
NOBODY = "Khongcoaixyq"
ALL = PEOPLE | TEAMS | SCORES | {JUROR, ASKER, VISITOR, VISITED}

OF_PROGRAMMES = ("ban-lam-viec/chuong-trinh/", "chuong-trinh/", "chung-nhan/")
ELSEWHERE = ("/", "/thu-vien/tim/?q=", "/sitemap.xml", "/ban-lam-viec/", "/ke-hoach/", "/tro-giup/")
SECRETS = ("<str:token>", "<str:code>", "<str:ticket>")
# What each reader may come to know of the unit; who is not named here: nothing.
ALLOWED: dict[str, frozenset[str]] = {
    "officer": ALL - {VISITOR, VISITED},
    "focal_head": ALL - {VISITOR, VISITED, POINTS, COMMENT},
    "auditor": ALL - {VISITOR, VISITED},
    "leader": frozenset({ASKER, SCHOOL, JUROR}),
    "finance": frozenset({ASKER}),
    "own_reporter": PEOPLE | {ASKER},
    "own_head": PEOPLE | {ASKER},
}
# To declare a conflict a juror reads who takes part: organisations by name, beside no code, team or person.
DECLARING = "/khai/"


class District:
    """One unit's programmes, everything in them named; another unit's beside it."""

    def __init__(self, phase: str) -> None:
        self.people = made.People()
        self.fair = Fair(self.people.unit)
        self.other = Fair(make_unit("Đơn vị khác"))
        fair = self.fair
        Registration.objects.filter(pk__in=[fair.pupil.pk, fair.person.pk]).update(
            name=f"Nguyễn {PERSON}", folded_name=PERSON.lower(), guardian_name=GUARDIAN, contact_address=PHONE
        )
        RegistrationGroup.objects.filter(pk=fair.group.pk).update(contact_name=f"Cô {GUARDIAN}")
        Team.objects.filter(pk=fair.team.pk).update(
            name=TEAM, organisation=SCHOOL, contact_name=TEACHER, contact_address=PHONE
        )
        TeamMember.objects.filter(team=fair.team).update(name=MEMBER, folded_name=MEMBER.lower())
        Entry.objects.filter(pk=fair.entry.pk).update(title="Máy lọc nước mẫu")
        SupportRequest.objects.filter(pk=fair.request.pk).update(contact_name=ASKER)
        VisitorContact.objects.create(
            exhibitor=fair.exhibitor, name=VISITOR, address=VISITED, token=link_token(), created_at=NOW, confirmed_at=NOW
        )  # fmt: skip
        self._judged(phase)

    def _judged(self, phase: str) -> None:
        fair = self.fair
        fair.contest.contest.phase = phase
        fair.contest.contest.save()
        self.scorer = fair.juror
        type(self.scorer.user).objects.filter(pk=self.scorer.user_id).update(full_name=JUROR)
        Review.objects.filter(pk=fair.review.pk).update(
            submitted_at=NOW, total=Decimal(POINTS), comment=f"Tốt {COMMENT}"
        )
        Score.objects.create(
            review=fair.review, criterion=fair.contest.rules.get().criteria.first(), points=Decimal(POINTS)
        )
        self.juror = made.make_juror(fair.contest)
        self.conflicted = made.make_juror(fair.contest)
        for juror, conflict in ((self.juror, False), (self.conflicted, True)):
            Conflict.objects.create(juror=juror, entry=fair.entry, has_conflict=conflict, declared_at=NOW)
        Review.objects.create(
            programme=fair.contest, juror=self.juror, entry=fair.entry, rules=fair.contest.rules.get(), assigned_at=NOW
        )  # fmt: skip

    def readers(self) -> dict[str, Any]:
        """Return every kind of reader: by name, the person."""
        people = self.people
        stranger = make_unit("Đơn vị của người lạ")
        elsewhere: Juror = self.other.juror
        return {
            "visitor": None, "no_role": make_user(), "officer": people.officer, "focal_head": people.focal_head,
            "auditor": people.auditor, "leader": people.leader, "finance": people.finance, "clerk": people.clerk,
            "editor": people.editor, "own_reporter": people.reporter, "own_head": self._head(people.unit),
            "other_reporter": make_member(Role.UNIT_REPORTER, stranger), "other_head": make_member(Role.UNIT_HEAD, stranger),
            "librarian": make_member(Role.LIBRARIAN, stranger), "superior": make_member(Role.DOST_READER, stranger),
            "juror": self.juror.user, "juror_conflicted": self.conflicted.user, "juror_elsewhere": elsewhere.user,
        }  # fmt: skip

    def _head(self, unit: Any) -> Any:
        user = make_user()
        give_role(user, Role.UNIT_HEAD, unit)
        return user


def everything(response: Any) -> str:
    """Return all that an answer tells, also what is packed."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    found = [data.decode("utf-8", "replace"), str(response.headers)]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return "\n".join(found)


def asked_of(fair: Fair) -> Iterable[str]:
    """Return every address of programmes about one unit's things; secrets are wrong ones."""
    for pattern in sorted({one for one in addresses() if one.startswith(OF_PROGRAMMES)}):
        values = fair.values(pattern) | dict.fromkeys(SECRETS, "sai-ma-roi-nhe")
        address = pattern
        for name, value in values.items():
            address = address.replace(name, value)
        assert "<" not in address and "(?P" not in address, f"this test cannot fill {pattern}"
        yield f"/{address}"


def told(client: Client, address: str) -> set[str]:
    """Return which words an answer holds."""
    cache.clear()  # rate limits count the same reader otherwise
    response = client.get(address)
    assert response.status_code < 500, f"{address}: HTTP {response.status_code}"
    text = everything(response)
    found = {word for word in ALL if re.search(rf"(?<!\d){re.escape(word)}", text, re.IGNORECASE)}
    if re.search(r"(?<!\d)7,31(?!\d)", text):
        found.add(POINTS)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("phase", [PhaseKind.DECLARING, PhaseKind.JUDGING, PhaseKind.COUNCIL])
def test_nobody_learns_what_is_not_for_them(phase: str) -> None:
    district = District(phase)
    asked = [*asked_of(district.fair), *ELSEWHERE, *(f"/thu-vien/tim/?q={word}" for word in (PERSON, TEAM))]
    leaks: dict[str, list[str]] = {}
    known: dict[str, set[str]] = {}
    for name, person in district.readers().items():
        client = Client(raise_request_exception=False)
        if person is not None:
            client.force_login(person)
        for address in asked:
            if "dang-xuat" in address:
                continue
            found = told(client, address)
            known.setdefault(name, set()).update(found)
            words = {word for word in found if not ("?q=" in address and word in address)}
            may = ALLOWED.get(name, frozenset()) | ({SCHOOL} if address.endswith(DECLARING) else set())
            if wrong := words - may:
                leaks.setdefault(name, []).append(f"{address}: {', '.join(sorted(wrong))}")
    assert leaks == {}
    # The words are there to be found: who organises reads them, so that the test cannot pass by looking at nothing.
    assert known["officer"] >= PEOPLE | TEAMS | {JUROR, ASKER}


def test_refusals_and_searches_repeat_nothing() -> None:
    """A stranger who guesses gets the same words whether the thing is there or not."""
    district = District(PhaseKind.JUDGING)
    fair, client = district.fair, Client()
    client.force_login(district.juror.user)
    for pattern in ("/ban-lam-viec/chuong-trinh/{}/", "/ban-lam-viec/chuong-trinh/{}/cuoc-thi/"):
        there, nowhere = client.get(pattern.format(fair.contest.pk)), client.get(pattern.format(99_999))
        assert there.status_code == nowhere.status_code
    for path in ("/chuong-trinh/", "/ban-lam-viec/chuong-trinh/"):
        nowhere = everything(client.get(path, {"tim": NOBODY, "q": NOBODY})).count(NOBODY)
        for word in (PERSON, TEAM, MEMBER, JUROR):
            text = everything(client.get(path, {"tim": word, "q": word}))
            assert text.count(word) == nowhere, f"{path} tells of {word}"  # only what was typed comes back
