"""Versions of a work: recorded at publication, made by a step, kept with their files, won by one of two."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from khcn.core.errors import KhcnError
from khcn.core.models.audit import AuditEvent
from khcn.library.enums import Visibility, WorkKind, WorkState
from khcn.library.errors import LibraryPermissionError, StateChangedError
from khcn.library.models import Work, WorkFile, WorkVersion
from khcn.library.selectors.originals import kept_originals
from khcn.library.selectors.records import records_of
from khcn.library.selectors.versions import (
    changes_between,
    corrections_of,
    pending_changes,
    snapshot_of,
    version_of,
    versions_of,
)
from khcn.library.services import review, versions
from khcn.library.services.deposits import deposit_process
from khcn.library.services.versions import (
    FilesNeedVersionError,
    NothingChangedError,
    VersionTakenError,
    version_correct,
    version_hide,
    version_make,
)
from khcn.library.services.works import work_update
from khcn.orgs.enums import Role
from tests.library.makers import make_page, make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def librarian() -> Any:
    return make_member(Role.LIBRARIAN)


def published(librarian: Any, **fields: Any) -> Work:
    work = make_work("Sổ tay năng lượng", abstract="Bản đầu năm 2024.", **fields)
    make_page(work)
    work_in_review = Work.objects.get(pk=work.pk)
    Work.objects.filter(pk=work.pk).update(state=WorkState.SUBMITTED)
    work_in_review.refresh_from_db()
    return review.work_publish(actor=librarian, work=work_in_review, now=NOW)


def edit(librarian: Any, work: Work, **values: Any) -> Work:
    return work_update(actor=librarian, work=work, now=NOW, values=values)


def test_publication_records_version_one_and_again_nothing(librarian: Any) -> None:
    work = published(librarian)
    version = WorkVersion.objects.get(work=work)
    assert (version.number, version.snapshot["abstract"], version.made_by) == (
        1,
        "Bản đầu năm 2024.",
        librarian,
    )
    review.work_freeze(actor=librarian, work=work, reason="Xem lại", now=NOW)
    review.work_restore(actor=librarian, work=work, now=NOW)
    assert WorkVersion.objects.filter(work=work).count() == 1


def test_a_change_waits_until_somebody_says_what_it_was(librarian: Any) -> None:
    work = edit(librarian, published(librarian), abstract="Bản sửa năm 2025.")
    changes = pending_changes(work)
    assert [(change.label, change.pieces) for change in changes] == [
        ("Tóm tắt", (("same", "Bản"), ("old", "đầu"), ("new", "sửa"), ("same", "năm"), ("old", "2024."), ("new", "2025."))),
    ]  # fmt: skip
    made = version_make(actor=librarian, work=work, expected=1, note="  Số liệu\n2025. ", now=NOW)
    work.refresh_from_db()
    assert (made.number, made.note, work.version, pending_changes(work)) == (2, "Số liệu 2025.", 2, [])
    old = version_of(work, 1)
    assert old is not None and old.snapshot["abstract"] == "Bản đầu năm 2024."
    event = AuditEvent.objects.get(action="library.work.version")
    assert (event.before, event.after, event.reason) == ({"version": 1}, {"version": 2}, "Số liệu 2025.")
    assert records_of([work])[0].version == 2


def test_a_work_published_before_versions_gets_its_first_when_it_is_changed(librarian: Any) -> None:
    work = make_work("Cũ", state=WorkState.PUBLISHED, abstract="Trước.")
    assert [row.number for row in versions_of(work)] == [1] and not WorkVersion.objects.exists()
    edit(librarian, work, abstract="Sau.")
    assert WorkVersion.objects.get(work=work).snapshot["abstract"] == "Trước."
    assert len(pending_changes(Work.objects.get(pk=work.pk))) == 1


def test_a_draft_has_no_versions(librarian: Any) -> None:
    work = make_work("Nháp")
    edit(librarian, work, abstract="x")
    assert not WorkVersion.objects.exists()
    with pytest.raises(StateChangedError):
        version_make(actor=librarian, work=work, expected=1, note="x", now=NOW)


def test_a_small_correction_stays_in_the_version(librarian: Any) -> None:
    work = edit(librarian, published(librarian), abstract="Bản đầu năm 2024, sửa chính tả.")
    version_correct(actor=librarian, work=work, expected=1, note="Sửa chính tả trong tóm tắt.", now=NOW)
    work.refresh_from_db()
    assert (work.version, pending_changes(work)) == (1, [])
    assert [row.note for row in corrections_of(work)] == ["Sửa chính tả trong tóm tắt."]
    version_make_raises(librarian, work, NothingChangedError)


def version_make_raises(actor: Any, work: Work, error: type[KhcnError], **values: Any) -> None:
    before = WorkVersion.objects.count()
    with pytest.raises(error):
        version_make(actor=actor, work=work, **{"expected": 1, "note": "Đổi.", "now": NOW, **values})
    assert WorkVersion.objects.count() == before


def test_the_second_of_two_editors_is_told(librarian: Any) -> None:
    work = edit(librarian, published(librarian), abstract="Khác.")
    mine, theirs = Work.objects.get(pk=work.pk), Work.objects.get(pk=work.pk)
    version_make(actor=librarian, work=theirs, expected=1, note="Một.", now=NOW)
    version_make_raises(librarian, mine, VersionTakenError)
    with pytest.raises(VersionTakenError):
        version_correct(actor=librarian, work=mine, expected=1, note="Hai.", now=NOW)
    assert [row.number for row in versions_of(Work.objects.get(pk=work.pk))] == [2, 1]


@pytest.mark.parametrize(
    "role", [Role.CONTRIBUTOR, Role.EDITOR, Role.FOCAL_HEAD, Role.AUDITOR, Role.SYSADMIN]
)
def test_only_who_keeps_the_library_makes_versions(librarian: Any, role: Role) -> None:
    unit = make_unit("Phòng")
    person = make_member(role, unit)
    work = edit(librarian, published(librarian, owner_unit=unit), abstract="Khác.")
    version_make_raises(person, work, LibraryPermissionError)
    with pytest.raises(LibraryPermissionError):
        version_correct(actor=person, work=work, expected=1, note="x", now=NOW)
    with pytest.raises(LibraryPermissionError):
        version_hide(actor=person, work=work, number=1, reason="x", now=NOW)


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [
        (Role.FOCAL_HEAD, WorkKind.ARTICLE, True),
        (Role.FOCAL_HEAD, WorkKind.LEGAL, True),
        (Role.FOCAL_HEAD, WorkKind.REPORT, False),
        (Role.EDITOR, WorkKind.ARTICLE, False),  # publishes what another approved
        (Role.FOCAL_OFFICER, WorkKind.ARTICLE, False),  # writes articles, but others publish them
        (Role.CONTRIBUTOR, WorkKind.ARTICLE, False),
    ],
)
def test_who_approves_a_kind_brings_out_its_next_version(
    librarian: Any, role: Role, kind: WorkKind, may: bool
) -> None:
    unit = make_unit("Phòng")
    person = make_member(role, unit)
    work = published(librarian, owner_unit=unit, kind=kind)
    if not may:
        version_make_raises(person, edit(librarian, work, abstract="Khác."), LibraryPermissionError)
        with pytest.raises(StateChangedError):
            edit(person, work, abstract="Của tôi.")
        return
    work = edit(person, work, abstract="Khác.")
    made = version_make(actor=person, work=work, expected=1, note="Sửa tóm tắt.", now=NOW)
    assert (made.number, made.made_by_id) == (2, person.pk)
    assert changes_between(versions_of(work)[1].snapshot, made.snapshot, [], [])
    for values in ({"visibility": Visibility.SIGNED_IN}, {"embargo_until": NOW.date()}):
        with pytest.raises(LibraryPermissionError, match="ai được đọc"):
            edit(person, work, **values)
    with pytest.raises(LibraryPermissionError, match="ai được đọc"), transaction.atomic():
        work_update(actor=person, work=work, now=NOW, terms={"units": [unit.pk]})
    assert not work.units.exists()
    assert Work.objects.get(pk=work.pk).visibility == Visibility.PUBLIC
    for state in (WorkState.SUBMITTED, WorkState.FROZEN, WorkState.WITHDRAWN):
        Work.objects.filter(pk=work.pk).update(state=state)
        with pytest.raises(StateChangedError):
            edit(person, work, abstract="Muộn.")


@pytest.mark.parametrize("state", [WorkState.FROZEN, WorkState.WITHDRAWN])
def test_no_version_of_what_is_not_public(librarian: Any, state: WorkState) -> None:
    work = published(librarian)
    Work.objects.filter(pk=work.pk).update(state=state)
    work.refresh_from_db()
    version_make_raises(librarian, work, StateChangedError)


def test_an_empty_note_is_refused(librarian: Any) -> None:
    work = edit(librarian, published(librarian), abstract="Khác.")
    version_make_raises(librarian, work, versions.NoteMissingError, note=" \n ")


def test_old_files_stay_with_the_old_version(
    librarian: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    work = published(librarian)
    first = bring(
        librarian, work, "ban-1.txt", "Số liệu cũ.", django_capture_on_commit_callbacks, note="Thêm tệp."
    )
    assert [file["name"] for file in first.files] == ["ban-1.txt"] and first.number == 2
    old_file = WorkFile.objects.get(work=work)
    second = bring(
        librarian,
        Work.objects.get(pk=work.pk),
        "ban-2.txt",
        "Số liệu mới.",
        django_capture_on_commit_callbacks,
        note="Thay tệp.",
        replaces=old_file.pk,
    )
    work.refresh_from_db()
    kept = version_of(work, 2)
    assert kept is not None and [file["sha256"] for file in kept.files] == [old_file.sha256]
    assert [file["name"] for file in second.files] == ["ban-2.txt"] and pending_changes(work) == []
    assert {old_file.sha256, second.files[0]["sha256"]} <= set(kept_originals())


def bring(librarian: Any, work: Work, name: str, text: str, callbacks: Any, **values: Any) -> WorkVersion:
    """Make a version with one file and read it."""
    upload: Any = SimpleUploadedFile(name, text.encode())
    with callbacks(execute=False):
        made = version_make(
            actor=librarian,
            work=work,
            expected=work.version,
            files=[upload],
            now=NOW,
            **values,
        )
    assert made.batch_id is not None
    deposit_process(made.batch_id)
    made.refresh_from_db()
    return made


def test_replaced_files_are_never_a_small_correction(librarian: Any) -> None:
    work = published(librarian)
    WorkFile.objects.create(
        work=work, sha256="a" * 64, original_name="moi.pdf", size_bytes=1, added_at=NOW, position=1
    )
    with pytest.raises(FilesNeedVersionError):
        version_correct(actor=librarian, work=work, expected=1, note="x", now=NOW)


def test_hiding_takes_an_old_version_only_and_can_be_undone(librarian: Any) -> None:
    work = edit(librarian, published(librarian), abstract="Khác.")
    version_make(actor=librarian, work=work, expected=1, note="Bỏ số điện thoại.", now=NOW)
    version_hide(actor=librarian, work=work, number=1, reason="Có dữ liệu cá nhân.", now=NOW)
    assert WorkVersion.objects.get(work=work, number=1).hidden_reason == "Có dữ liệu cá nhân."
    with pytest.raises(StateChangedError):
        version_hide(actor=librarian, work=work, number=2, reason="x", now=NOW)
    version_hide(actor=librarian, work=work, number=1, reason="", now=NOW)
    assert WorkVersion.objects.get(work=work, number=1).hidden_reason == ""


def test_differences_name_every_field_and_read_a_snapshot_back_from_json(librarian: Any) -> None:
    work = make_work(
        "Nghị quyết", kind="legal", state=WorkState.PUBLISHED, issued_date="2024-05-01", creators=[{"name": "A"}],
        identifiers=[{"type": "doi", "value": "10.1/x"}], legal={"number": "1/NQ", "expired_date": "2026-01-01"},
    )  # fmt: skip
    work.refresh_from_db()
    snapshot = snapshot_of(work)
    assert changes_between(snapshot, snapshot, [], []) == []
    labels = [
        change.label
        for change in changes_between(snapshot, {"title": "Khác"}, [{"sha256": "a", "name": "x"}], [])
    ]
    assert labels == [
        "Loại", "Nhan đề", "Số, ký hiệu", "Hết hiệu lực từ ngày", "Tác giả", "Ngày ban hành", "Ngôn ngữ", "Mã định danh",
        "Quyền sử dụng", "Tệp",
    ]  # fmt: skip
