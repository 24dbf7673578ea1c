"""Teams: made by a proven contact, one person in one team, sizes, lists by Excel, withdrawal, forgetting."""

import io
import json
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from khcn.core.models import Message
from khcn.programmes.enums import ConsentPurpose, EntryState, TeamState
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.exports.entries import teams_read
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.entries import Team, TeamMember
from khcn.programmes.rules.entries import initials, is_child, traces
from khcn.programmes.selectors.entries import team_by_token
from khcn.programmes.services.codes import CodeError, code_send
from khcn.programmes.services.entries import EntryText, entry_save
from khcn.programmes.services.entries_consents import subject_erase, team_erase
from khcn.programmes.services.entries_sheet import SheetError, teams_take_in
from khcn.programmes.services.entries_teams import (
    Person,
    TeamWish,
    code_purpose,
    member_remove,
    member_save,
    team_create,
    team_update,
    team_withdraw,
)
from tests.programmes.factories import NOW, make_contest, make_team

pytestmark = pytest.mark.django_db
AN = Person("Nguyễn Văn Ân", 2012, guardian_name="Bà Ân", agreed=True)


def wish(**fields: Any) -> TeamWish:
    values = {
        "name": "Mầm Xanh",
        "organisation": "Trường Thử",
        "contact_name": "Cô Thử",
        "address": "co@example.vn",
    }
    return TeamWish(**(values | fields))


def made(programme: Any, **fields: Any) -> Team:
    return team_create(actor=None, programme=programme, wish=wish(**fields), now=NOW, proven=True)


def test_a_team_needs_a_proven_address_and_twice_is_once() -> None:
    programme = make_contest()
    asked = wish(client_key="k1")
    with pytest.raises(CodeError):
        team_create(actor=None, programme=programme, wish=asked, now=NOW, digits="000000")
    code_send(address="co@example.vn", purpose=code_purpose(programme), visitor="x", now=NOW, about="thử")
    digits = "".join(char for char in Message.objects.latest("pk").body.split(":")[1] if char.isdigit())[:6]
    team = team_create(actor=None, programme=programme, wish=asked, now=NOW, digits=digits)
    assert team_create(actor=None, programme=programme, wish=asked, now=NOW, digits=digits) == team
    assert Consent.objects.get(subject=f"programmes.team:{team.pk}").purpose == ConsentPurpose.PROCESSING
    told = Message.objects.latest("pk")
    assert told.recipient == "co@example.vn" and team.token in told.link


def test_one_person_stands_in_one_team_only() -> None:
    programme = make_contest()
    first = made(programme, people=(AN,))
    second = made(programme, name="Nắng Mai")
    twin = Person("NGUYỄN  văn ân", 2012, guardian_name="Bà Ân", agreed=True)
    with pytest.raises(ProgrammeError) as refused:
        member_save(actor=None, team=second, person=twin, now=NOW)
    assert refused.value.code == "member-twice" and "một đội" in refused.value.message
    elsewhere = made(programme, name="Khác", organisation="Trường Khác", people=(AN,))
    assert elsewhere.members.count() == 1  # the same name at another school is another person
    with pytest.raises(ProgrammeError):
        team_update(
            actor=None, team=elsewhere, name="Khác", organisation="Trường Thử", contact_name="Cô", now=NOW
        )
    member_remove(actor=None, team=first, member_id=first.members.get().pk, now=NOW)
    assert member_save(actor=None, team=second, person=twin, now=NOW).team_id == second.pk


def test_the_database_settles_the_race_of_two_teams() -> None:
    programme = make_contest()
    held = made(programme, people=(AN,)).members.get()
    other = make_team(programme, members=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMember.objects.create(programme=programme, team=other, name="x", identity=held.identity)


def test_sizes_and_who_is_a_child() -> None:
    programme = make_contest()
    team = made(programme)
    for number in range(3):
        member_save(
            actor=None,
            team=team,
            now=NOW,
            person=Person(f"Bạn {number} A", 2012, guardian_name="Mẹ", agreed=True),
        )
    with pytest.raises(ProgrammeError) as full:
        member_save(actor=None, team=team, person=AN, now=NOW)
    assert full.value.code == "team-full"
    mentor = member_save(actor=None, team=team, person=Person("Cô Dạy", part="mentor", agreed=True), now=NOW)
    assert not mentor.is_minor
    other = made(programme, name="B")
    for person, field in (
        (Person("Bé Ba", 2012, agreed=True), "guardian_name"),
        (Person("Bé Ba", None, agreed=True), "birth_year"),
        (Person("Bé Ba", 1800, agreed=True), "birth_year"),
        (Person("Bé Ba", 2012, guardian_name="Mẹ"), "agreed"),
        (Person("  \u200b ", 2012, guardian_name="Mẹ", agreed=True), "name"),
    ):
        with pytest.raises(ProgrammeError) as refused:
            member_save(actor=None, team=other, person=person, now=NOW)
        assert refused.value.field == field
    assert is_child(2008, NOW) and not is_child(2007, NOW)
    assert other.members.count() == 0


def test_nothing_changes_after_the_deadline() -> None:
    programme = make_contest()
    team = made(programme, people=(AN,))
    late = NOW + timedelta(days=7)
    for deed in (
        lambda: team_create(actor=None, programme=programme, wish=wish(), now=late, proven=True),
        lambda: member_save(actor=None, team=team, person=AN, now=late),
        lambda: member_remove(actor=None, team=team, member_id=team.members.get().pk, now=late),
    ):
        with pytest.raises(ProgrammeError) as refused:
            deed()
        assert "hết hạn" in refused.value.message


def test_a_team_leaves_and_its_people_are_free() -> None:
    programme = make_contest()
    team = made(programme, people=(AN,))
    entry = entry_save(actor=None, team=team, values=EntryText("Bài"), now=NOW)
    assert team_withdraw(actor=None, team=team, now=NOW)
    assert not team_withdraw(actor=None, team=team, now=NOW)
    entry.refresh_from_db()
    assert entry.state == EntryState.WITHDRAWN
    assert made(programme, name="Đội mới", people=(AN,)).members.count() == 1


def test_a_forgotten_team_leaves_no_name() -> None:
    programme = make_contest()
    team = made(programme, people=(AN,))
    entry_save(actor=None, team=team, values=EntryText("Máy của Ân", "Ân làm"), now=NOW)
    token = team.token
    assert team_erase(actor=None, team=team, now=NOW)
    assert not team_erase(actor=None, team=team, now=NOW)
    with pytest.raises(GoneError):
        team_by_token(programme, token)
    team.refresh_from_db()
    assert team.state == TeamState.WITHDRAWN
    kept = [str(row.__dict__) for model in (Team, TeamMember, Consent) for row in model.objects.all()]
    assert not any("Ân" in row or "co@example.vn" in row for row in kept)
    assert Consent.objects.filter(withdrawn_at=None).count() == 0


def test_a_forgotten_member_leaves_the_team() -> None:
    team = made(make_contest(), people=(AN,))
    subject_erase(f"programmes.teammember:{team.members.get().pk}", NOW)
    member = TeamMember.objects.get()
    assert member.removed_at and "Ân" not in member.name and member.birth_year is None
    subject_erase("programmes.teammember:x", NOW)  # nonsense does nothing


HEADS = ["Tên đội", "Họ và tên", "Vai trò", "Năm sinh", "Lớp", "Giới tính", "Cha mẹ hoặc người giám hộ"]


def sheet(rows: list[list[Any]], merge: str = "") -> io.BytesIO:
    book = Workbook()
    page: Any = book.active
    for row in [HEADS, *rows]:
        page.append(row)
    if merge:
        page.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def test_many_teams_by_excel_with_merged_cells() -> None:
    team = made(make_contest())
    rows = [
        ["Đội A", "Trần Thị Bé", "Thành viên", 2012, "8A", "Nữ", "Mẹ Bé"],
        [None, "Lê Văn Tí", "", 2011, "8A", "", "Ba Tí"],
        ["Đội B", "Võ Thị Hoa", "", 2012, "", "", "Mẹ Hoa"],
    ]
    filled = teams_read(sheet(rows, merge="A2:A3"))
    made_ones = teams_take_in(actor=None, team=team, filled=filled, now=NOW)
    assert [(one.name, one.members.count()) for one in made_ones] == [("Đội A", 2), ("Đội B", 1)]
    assert {one.contact_address for one in made_ones} == {team.contact_address}
    again = teams_take_in(actor=None, team=team, filled=teams_read(sheet(rows)), now=NOW)
    assert [one.pk for one in again] == [one.pk for one in made_ones]


def test_a_list_with_faults_changes_nothing() -> None:
    team = made(make_contest(), people=(AN,))
    rows = [
        ["Đội A", "Trần Thị Bé", "", 2012, "", "", "Mẹ Bé"],
        ["Đội B", "Nguyễn Văn Ân", "", 2012, "", "", "Bà Ân"],
        ["Đội C", "=1+1", "Vua", 2012, "", "", ""],
    ]
    with pytest.raises(SheetError) as refused:
        teams_take_in(actor=None, team=team, filled=teams_read(sheet(rows)), now=NOW)
    assert any("đã có trong một đội" in line for line in refused.value.lines)
    assert any("Dòng 4" in line for line in refused.value.lines)
    assert Team.objects.count() == 1


def test_a_list_in_windows_1258() -> None:
    team = made(make_contest())
    text = ";".join(HEADS) + "\r\nĐội Gió;Trần Thị Ngọc;;2012;8A;Nữ;Mẹ Ngọc\r\n"
    marks = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    plain = "".join(
        (unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", char) if c not in marks))
         + "".join(c for c in unicodedata.normalize("NFD", char) if c in marks))
        for char in text
    )  # fmt: skip
    filled = teams_read(io.BytesIO(plain.encode("cp1258")))
    (one,) = teams_take_in(actor=None, team=team, filled=filled, now=NOW)
    assert one.name == "Đội Gió" and one.members.get().name == "Trần Thị Ngọc"


def test_names_and_traces() -> None:
    assert initials("Nguyễn Thị Ân") == "N.T.Â."
    assert traces(["Trường Thử", "Ân"], "bai cua TRUONG THU lam") == ["Trường Thử"]
    assert traces(["Mầm Xanh"], "Mầm Xanhh") == []


def test_a_team_takes_along_what_is_kept_about_it(client: Client) -> None:
    programme = make_contest()
    team, other = make_team(programme), make_team(programme, name="Đội khác")
    address = reverse("programmes:entries-team-data", args=[programme.key, team.token])
    answer = client.get(address)
    copy = json.loads(answer.content)
    assert (copy["team"], len(copy["people"])) == (team.name, team.members.count())
    assert copy["contact_address"] == team.contact_address
    assert other.name not in answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert client.post(address).status_code == 405
    assert client.get(reverse("programmes:entries-team-data", args=[programme.key, "sai"])).status_code == 404
    page = client.get(reverse("programmes:entries-team", args=[programme.key, team.token])).content.decode()
    assert address in page
