"""Entries: versions, the deadline by the server's clock, files, checking, publication, the library, leaks."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from khcn.core.errors import PermissionDeniedError
from khcn.core.models import Message
from khcn.library.enums import WorkState
from khcn.library.models import Work
from khcn.orgs.enums import Role
from khcn.programmes.enums import ConsentPurpose, EntryState, PhaseKind
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.contests import Award, Contest, ContestResult
from khcn.programmes.models.entries import Entry, EntryFile, EntryReceipt, Team
from khcn.programmes.models.programmes import Programme
from khcn.programmes.selectors.entries import traces_in
from khcn.programmes.selectors.entries_public import gallery, gallery_file, own_total, winners
from khcn.programmes.services import entries_files
from khcn.programmes.services.entries import EntryText, entry_save, entry_submit, entry_withdraw
from khcn.programmes.services.entries_check import (
    entry_accept,
    entry_anonymise,
    entry_reject,
    entry_to_library,
    files_traced,
)
from khcn.programmes.services.entries_consents import member_publish, member_unpublish
from khcn.programmes.services.entries_files import ENTRIES
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import NOW, People, human, make_contest, make_entry, make_team

pytestmark = pytest.mark.django_db
TEXT = EntryText("Máy lọc", "Máy lọc nước bằng cát")


def paper(text: str = "Nội dung bài", name: str = "bai.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def save(team: Team, **fields: Any) -> Entry:
    return entry_save(**({"actor": None, "team": team, "values": TEXT, "now": NOW} | fields))


def test_saved_handed_in_changed_and_taken_back() -> None:
    team = make_team(make_contest())
    draft = save(team, files=[paper()])
    assert draft.state == EntryState.DRAFT
    entry_submit(actor=None, team=team, now=NOW)
    entry_submit(actor=None, team=team, now=NOW)  # a double click
    assert EntryReceipt.objects.count() == 1
    receipt = EntryReceipt.objects.get()
    assert receipt.content["files"][0]["sha256"] == EntryFile.objects.get().sha256
    save(team, values=EntryText("Máy lọc 2", "Khác"), now=NOW + timedelta(hours=1))
    entry = Entry.objects.get()
    assert (entry.title, entry.state, entry.receipts.count()) == ("Máy lọc 2", EntryState.SUBMITTED, 2)
    assert entry_withdraw(actor=None, team=team, now=NOW)
    assert not entry_withdraw(actor=None, team=team, now=NOW)
    assert Entry.objects.get().state == EntryState.DRAFT


def test_what_is_missing_is_said_before_handing_in() -> None:
    team = make_team(make_contest(), members=0)
    with pytest.raises(ProgrammeError) as refused:
        save(team, values=EntryText("", ""), submit=True)
    assert "thành viên" in refused.value.message and "tệp" in refused.value.message
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("begun_s", "ended_s", "late"),
    [(-60, -1, 0), (-60, 30, 30), (-1, 900, 900), (-60, 901, None), (1, 2, None), (0, 1, None)],
)
def test_the_deadline_crossed_during_the_upload(begun_s: int, ended_s: int, late: int | None) -> None:
    programme = make_contest()
    team = make_team(programme)
    deadline = Contest.objects.get().deadline
    assert deadline is not None
    save(team, files=[paper()], submit=True)
    before = Entry.objects.get()
    values = {
        "values": EntryText("Bản cuối", "Mới"), "files": [paper("khác", "b.txt")], "submit": True,
        "begun": deadline + timedelta(seconds=begun_s), "now": deadline + timedelta(seconds=ended_s),
    }  # fmt: skip
    if late is None:
        with pytest.raises(ProgrammeError) as refused:
            save(team, **values)
        assert refused.value.code == "contest-closed"
        after = Entry.objects.get()
        assert (after.title, after.revision, after.files.count()) == (before.title, before.revision, 1)
        assert len(list(ENTRIES.folder().iterdir())) >= 1
    else:
        save(team, **values)
        assert Entry.objects.get().late_by_s == late
        assert EntryReceipt.objects.first().late_by_s == late  # type: ignore[union-attr]


def test_a_refused_file_takes_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    team = make_team(make_contest())
    save(team, files=[paper()], submit=True)
    before = sorted(path.name for path in ENTRIES.folder().iterdir())
    for bad, words in (
        (SimpleUploadedFile("phim.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 200), "phim.mp4"),
        (SimpleUploadedFile("../../x.exe", b"MZ" + b"\x00" * 200), "x.exe"),
        (SimpleUploadedFile("trong.txt", b""), "trong.txt"),
    ):
        with pytest.raises(ProgrammeError) as refused:
            save(team, files=[paper("tốt", "tot.txt"), bad], values=EntryText("Mới", "Mới"))
        assert words in refused.value.message

    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("khcn.core.private_files.Drawer._write", full)
    with pytest.raises(ProgrammeError) as refused:
        save(team, files=[paper("nữa", "c.txt")])
    assert "vẫn còn" in refused.value.message
    assert sorted(path.name for path in ENTRIES.folder().iterdir()) == before
    assert Entry.objects.get().title == "Máy lọc"


def test_ten_files_at_most_and_two_at_once() -> None:
    team = make_team(make_contest())
    first = save(team, files=[paper(f"tệp {one}", f"{one}.txt") for one in range(10)])
    with pytest.raises(ProgrammeError) as refused:
        save(team, files=[paper("một nữa", "11.txt")])
    assert refused.value.field == "files" and first.files.count() == 10
    with pytest.raises(StaleError):
        save(team, values=EntryText("Của người khác", "x", revision=first.revision - 1))
    with pytest.raises(ProgrammeError):
        save(team, values=EntryText("a", "b", "javascript:alert(1)"))


def test_replaced_files_go_with_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    team = make_team(make_contest())
    entry = save(team, files=[paper()])
    old = entry.files.get()
    with django_capture_on_commit_callbacks(execute=True):
        save(team, files=[paper("bản mới", "moi.txt")], drop=[old.pk])
    assert not ENTRIES.path(old.name).exists()
    assert entry.files.get().title == "moi.txt"


def test_the_officer_checks_and_the_contact_is_told() -> None:
    people, programme = People(), make_contest(phase=PhaseKind.CHECKING)
    team = make_team(programme, name="Mầm Xanh")
    entry = make_entry(team, state=EntryState.SUBMITTED, title="Máy của mầm xanh")
    assert traces_in(entry) == [("Tên bài", ["Mầm Xanh"])]
    for other in (people.focal_head, people.auditor, people.reporter, people.leader):
        with pytest.raises(PermissionDeniedError):
            entry_accept(actor=other, entry=entry, now=NOW)
    entry_anonymise(actor=people.officer, entry=entry, title="Máy", summary="", shown=[], now=NOW)
    entry.refresh_from_db()
    assert traces_in(entry) == []
    with pytest.raises(ProgrammeError):
        entry_reject(actor=people.officer, entry=entry, reason=" ", now=NOW)
    entry_reject(actor=people.officer, entry=entry, reason="Sai chủ đề.", now=NOW)
    assert "Sai chủ đề." in Message.objects.latest("pk").body
    assert entry_accept(actor=people.officer, entry=entry, now=NOW).state == EntryState.ACCEPTED
    Contest.objects.update(phase=PhaseKind.JUDGING)
    with pytest.raises(ProgrammeError):
        entry_reject(actor=people.officer, entry=entry, reason="Muộn", now=NOW)


def test_names_inside_files_are_found() -> None:
    people, programme = People(), make_contest()
    team = make_team(programme, name="Mầm Xanh")
    save(team, files=[paper("Bài do đội MAM XANH làm", "b.txt")])
    ((_file, names),) = files_traced(actor=people.officer, entry=Entry.objects.get(), now=NOW)
    assert names == ["Mầm Xanh"]


def published(programme: Programme, entry: Entry, *, when: Any = NOW) -> ContestResult:
    result = ContestResult.objects.create(
        programme=programme, rules=programme.rules.get(), frozen={"ranking": [{"entry": "BT-07", "rank": 1, "result": "17.5"}]},
        sha256="x", frozen_at=NOW, published_at=when,
    )  # fmt: skip
    Award.objects.create(programme=programme, result=result, entry=entry, title="Giải Nhất", order=1)
    return result


def agree(team: Team, *, guardian: bool = True) -> None:
    for one in team.members.all():
        member_publish(
            actor=None,
            team=team,
            member_id=one.pk,
            now=NOW,
            by_self=True,
            by_guardian=guardian,
            guardian_name="Mẹ",
        )


def test_names_and_works_show_only_after_publication_and_by_consent() -> None:
    programme = make_contest()
    team = make_team(programme)
    entry = save(team, files=[paper()], submit=True)
    file = entry.files.get()
    result = published(programme, entry, when=None)
    agree(team, guardian=False)
    assert winners(programme) == [] and gallery_file(programme, file.pk) is None
    ContestResult.objects.filter(pk=result.pk).update(published_at=NOW)
    (row,) = winners(programme)
    assert not row.shown and all("Học Sinh" not in name for name in row.names)
    agree(team)
    (row,) = gallery(programme)
    assert all(name.startswith("Học Sinh") for name in row.names) and gallery_file(programme, file.pk)
    address = reverse("programmes:entries-gallery-file", args=[programme.key, file.pk])
    assert Client().get(address).status_code == 200
    member_unpublish(actor=None, team=team, member_id=team.members.first().pk, now=NOW)  # type: ignore[union-attr]
    assert gallery(programme) == [] and Client().get(address).status_code == 404
    page = Client().get(reverse("programmes:entries-results", args=[programme.key]))
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    (row,) = winners(programme)
    assert sum(name.startswith("Học Sinh") for name in row.names) == 1
    Entry.objects.filter(pk=entry.pk).update(code="BT-07")
    entry.refresh_from_db()
    fresh = Team.objects.get(pk=team.pk)
    assert own_total(fresh, entry) is None
    Contest.objects.update(show_own_total=True)
    fresh = Team.objects.get(pk=team.pk)
    assert str(own_total(fresh, entry)) == "17.5"


def test_a_winner_enters_the_library_and_leaves_with_the_consent() -> None:
    people, programme = People(), make_contest()
    team = make_team(programme)
    entry = save(team, files=[paper()], submit=True)
    published(programme, entry)
    with pytest.raises(ProgrammeError):
        entry_to_library(actor=people.officer, entry=entry, now=NOW)
    agree(team)
    with pytest.raises(PermissionDeniedError):
        entry_to_library(actor=people.reporter, entry=entry, now=NOW)
    reference = entry_to_library(actor=people.officer, entry=entry, now=NOW)
    assert entry_to_library(actor=people.officer, entry=entry, now=NOW) == reference
    work = Work.objects.get(pk=reference.partition(":")[2])
    assert (work.state, work.title, len(work.creators)) == (WorkState.SUBMITTED, "Máy lọc", 2)
    member_unpublish(actor=None, team=team, member_id=team.members.first().pk, now=NOW)  # type: ignore[union-attr]
    work.refresh_from_db()
    assert work.state == WorkState.WITHDRAWN
    assert Entry.objects.get().record == ""


# Over the web


def open_contest() -> Programme:
    programme = make_contest()
    Contest.objects.update(deadline=timezone.now() + timedelta(days=2))
    return programme


def test_a_team_registers_in_two_steps_and_hands_in() -> None:
    programme, client = open_contest(), Client()
    address = reverse("programmes:entries-team-new", args=[programme.key])
    first = {
        "name": "Mầm <b>Xanh</b>", "organisation": "Trường Thử", "contact_name": "Cô", "address": "co@example.vn",
        "processing": "on", "client_key": "abc", **human(),
    }  # fmt: skip
    assert client.post(address, first | {"human": "3"}).status_code == 422
    answer = client.post(address, first)
    assert answer.status_code == 200
    signed = answer.context["form"]["wish"].value()
    digits = "".join(char for char in Message.objects.latest("pk").body.split(":")[1] if char.isdigit())[:6]
    assert client.post(address, {"wish": signed, "code": "1"}).status_code == 422
    done = client.post(address, {"wish": signed, "code": digits})
    assert done.status_code == 302
    assert client.post(address, {"wish": signed, "code": digits})["Location"] == done["Location"]
    team = Team.objects.get()
    page = client.get(done["Location"])
    assert page.status_code == 200 and page["Cache-Control"] == "no-store, private"
    assert "<b>Xanh" not in page.content.decode()
    person = {"name": "Bé An", "part": "member", "birth_year": "2012", "guardian_name": "Mẹ", "agreed": "on"}
    assert (
        client.post(
            reverse("programmes:entries-member-new", args=[programme.key, team.token]), person
        ).status_code
        == 302
    )
    sent = client.post(done["Location"] + "?viec=nop", {"title": "Máy", "summary": "Tốt", "files": paper()})
    assert sent.status_code == 302, sent.context["form"].errors
    assert Entry.objects.get().state == EntryState.SUBMITTED
    receipt = client.get(
        reverse("programmes:entries-receipt", args=[programme.key, team.token, 1])
    ).content.decode()
    assert EntryFile.objects.get().sha256 in receipt
    for name in ("entries-consent-forms", "entries-sheet", "entries-team-edit"):
        assert client.get(reverse(f"programmes:{name}", args=[programme.key, team.token])).status_code == 200
    assert (
        client.get(
            reverse("programmes:entries-publish", args=[programme.key, team.token, team.members.get().pk])
        ).status_code
        == 200
    )
    assert client.get(reverse("programmes:entries-rules", args=[programme.key])).status_code == 200


def test_a_film_of_two_gigabytes_is_refused_before_it_is_read() -> None:
    programme = open_contest()
    team = make_team(programme)
    entry_save(actor=None, team=team, values=TEXT, files=[paper()], now=timezone.now())
    head = (
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nM\xc3\xa1y\r\n'
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="phim hay.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    )
    answer = Client().generic(
        "POST", reverse("programmes:entries-team", args=[programme.key, team.token]), head + b"\x00" * 200_000,
        content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(2 * 2**30),
    )  # fmt: skip
    text = answer.content.decode()
    assert answer.status_code == 413
    assert "phim hay.mp4" in text and "50" in text and "Đường dẫn phim" in text
    assert Entry.objects.get().files.count() == 1


def test_one_file_over_the_limit_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khcn.programmes.views.entries_uploads.FILE_LIMIT", 1000)
    team = make_team(open_contest())
    answer = Client().post(
        reverse("programmes:entries-team", args=[team.programme.key, team.token]),
        {"title": "Máy", "files": paper("a" * 5000, "to.txt")},
    )
    assert answer.status_code == 413 and "to.txt" in answer.content.decode()
    assert not Entry.objects.exists()


def test_forgery_is_refused() -> None:
    team = make_team(open_contest())
    client = Client(enforce_csrf_checks=True)
    address = reverse("programmes:entries-team", args=[team.programme.key, team.token])
    assert client.post(address, {"title": "Xấu"}).status_code == 403


def test_strangers_jurors_and_reporters_learn_nothing() -> None:
    people, programme = People(), open_contest()
    Programme.objects.filter(pk=programme.pk).update(unit=people.unit)
    team = make_team(programme, name="Đội Bí Mật")
    entry = entry_save(actor=None, team=team, values=TEXT, files=[paper()], now=timezone.now())
    file = entry.files.get()
    juror = make_user()
    give_role(juror, Role.JUROR, make_unit())
    desk = [
        reverse("programmes-desk:entries", args=[programme.pk]),
        reverse("programmes-desk:entries", args=[programme.pk]) + "?tep=csv",
        reverse("programmes-desk:entry", args=[programme.pk, entry.pk]),
        reverse("programmes-desk:entry-file", args=[programme.pk, entry.pk, file.pk]),
    ]
    for user in (
        juror,
        people.reporter,
        people.head,
        people.leader,
        people.finance,
        people.clerk,
        people.editor,
    ):
        client = Client()
        client.force_login(user)
        for address in desk:
            answer = client.get(address)
            assert answer.status_code == 403, (user, address)
            assert "Đội Bí Mật" not in answer.content.decode() and "Máy lọc" not in answer.content.decode()
    for user in (people.officer, people.focal_head, people.auditor):
        client = Client()
        client.force_login(user)
        assert all(client.get(address).status_code == 200 for address in desk), user
    for user in (people.focal_head, people.auditor):
        client.force_login(user)
        assert client.post(desk[2], {"viec": "nhan"}).status_code == 403
    visitor = Client()
    assert all(visitor.get(address).status_code == 302 for address in desk)
    for path in (
        reverse("programmes:entries-team", args=[programme.key, "x" * 32]),
        reverse("programmes:entries-team-file", args=[programme.key, "x" * 32, file.pk]),
        reverse("programmes:entries-gallery-file", args=[programme.key, file.pk]),
    ):
        assert visitor.get(path).status_code == 404
    for name in ("entries-results", "entries-gallery", "entries-rules"):
        text = visitor.get(reverse(f"programmes:{name}", args=[programme.key])).content.decode()
        assert "Đội Bí Mật" not in text and "Máy lọc" not in text


def test_the_list_asks_as_much_for_many_as_for_few() -> None:
    people, programme = People(), make_contest()
    client = Client()
    client.force_login(people.officer)
    address = reverse("programmes-desk:entries", args=[programme.pk])
    make_entry(make_team(programme), state=EntryState.SUBMITTED)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _one in range(8):
        make_entry(make_team(programme), state=EntryState.SUBMITTED)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_forms_of_consent_keep_their_scan() -> None:
    team = make_team(make_contest())
    member = team.members.first()
    assert member is not None
    with pytest.raises(ProgrammeError):
        member_publish(actor=None, team=team, member_id=member.pk, now=NOW, by_self=False)
    with pytest.raises(ProgrammeError):
        member_publish(
            actor=None, team=team, member_id=member.pk, now=NOW, by_self=True, paper=paper("x", "x.exe")
        )
    assert ConsentPurpose.PUBLICATION and entries_files.CONSENT_PAPERS.room
