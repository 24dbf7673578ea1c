"""Stories of deposits through the web form: kept, read in the background, tried again."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from khcn.core.jobs import jobs_mark_stale
from khcn.core.models.jobs import Job
from khcn.library.enums import ItemState, WorkState
from khcn.library.errors import DiskFullError, LibraryPermissionError, NotReadyError
from khcn.library.models import ImportBatch, ImportItem, Page, Work
from khcn.library.services import deposits
from khcn.library.services.batches import batches_mark_interrupted
from khcn.library.services.deposits import (
    UploadTooLargeError,
    deposit_process,
    deposit_retry,
    deposit_start,
    spool_path,
)
from khcn.library.services.review import work_submit
from khcn.orgs.enums import Role
from tests.library.files import zip_file
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def upload(name: str, text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def people() -> Any:
    unit = make_unit("Phòng Giáo dục")
    return unit, make_member(Role.CONTRIBUTOR, unit)


def hand_in(people: Any, *files: SimpleUploadedFile, **options: Any) -> ImportBatch:
    unit, contributor = people
    batch = deposit_start(actor=contributor, unit_id=unit.pk, files=files, now=NOW, **options)
    deposit_process(batch.pk)
    batch.refresh_from_db()
    return batch


def states(batch: ImportBatch) -> list[tuple[str, str]]:
    return list(batch.items.order_by("position").values_list("name", "state"))


def test_files_become_drafts_of_the_unit(people: Any) -> None:
    unit, contributor = people
    batch = hand_in(
        people,
        upload("a.txt", "Tài liệu thứ nhất."),
        upload("hỏng.pdf", b"%PDF-1.7 x"),
        upload("c.txt", "Thứ ba."),
    )
    assert states(batch) == [("a.txt", "ready"), ("hỏng.pdf", "failed"), ("c.txt", "ready")]
    assert (batch.state, batch.imported, batch.failed) == ("done", 2, 1)
    for work in Work.objects.all():
        assert (work.state, work.owner_unit, work.submitted_by) == (WorkState.DRAFT, unit, contributor)
    assert Job.objects.get().state == "done"
    assert not spool_path(batch.pk, 1).exists()
    assert spool_path(batch.pk, 2).exists()  # it can be tried again
    work = Work.objects.first()
    Work.objects.update(rights="cc-by-4.0")
    work_submit(actor=contributor, work=Work.objects.get(pk=work.pk), now=NOW)


def test_reading_twice_changes_nothing(people: Any) -> None:
    batch = hand_in(people, upload("a.txt", "Một."))
    deposit_process(batch.pk)
    assert Work.objects.count() == 1


def test_a_failed_file_is_tried_again_once(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise OSError(5, "Input/output error")

    real = deposits.fingerprint
    monkeypatch.setattr(deposits, "fingerprint", broken)
    batch = hand_in(people, upload("a.txt", "Một."))
    assert states(batch) == [("a.txt", "failed")]
    monkeypatch.setattr(deposits, "fingerprint", real)

    assert deposit_retry(actor=people[1], batch=batch, now=NOW) == 1
    with pytest.raises(NotReadyError):
        deposit_retry(actor=people[1], batch=batch, now=NOW)
    deposit_process(batch.pk)
    assert states(batch) == [("a.txt", "ready")]
    item = batch.items.get()
    assert (item.attempts, item.message) == (2, "")


def test_a_killed_worker_leaves_a_visible_state_and_a_retry(people: Any) -> None:
    unit, contributor = people
    batch = deposit_start(actor=contributor, unit_id=unit.pk, files=[upload("a.txt", "Một.")], now=NOW)
    ImportItem.objects.update(state=ItemState.PROCESSING)
    Job.objects.update(state="running", worker="elsewhere|1|1", heartbeat_at=NOW - timedelta(hours=3))
    jobs_mark_stale(NOW)
    assert batches_mark_interrupted(NOW) == 1
    item = ImportItem.objects.get()
    assert (item.state, item.code) == ("failed", "interrupted")
    assert "Thử lại" in item.remedy
    deposit_retry(actor=contributor, batch=batch, now=NOW)
    deposit_process(batch.pk)
    assert states(batch) == [("a.txt", "ready")]


def test_a_zip_is_opened_into_the_same_batch(people: Any, tmp_path: Any) -> None:
    data = zip_file(
        tmp_path / "g.zip", {"a.txt": "Tệp một.".encode(), "../b.txt": b"x", "c.txt": "Tệp ba.".encode()}
    )
    batch = hand_in(people, upload("g.zip", data.read_bytes()))
    assert [state for _name, state in states(batch)] == ["ready", "ready", "failed", "ready"]
    assert Work.objects.count() == 2


def test_a_file_added_to_a_work_and_put_in_place_of_another(people: Any) -> None:
    hand_in(people, upload("a.txt", "Trang của tệp một."))
    work = Work.objects.get()
    hand_in(people, upload("b.txt", "Trang của tệp hai."), work=work)
    assert list(Page.objects.values_list("number", "text")) == [
        (1, "Trang của tệp một."),
        (2, "Trang của tệp hai."),
    ]
    first = work.files.order_by("position").first()
    hand_in(people, upload("c.txt", "Bản mới của tệp một."), work=work, replaces=first.pk)
    assert list(Page.objects.values_list("number", "text")) == [
        (1, "Bản mới của tệp một."),
        (2, "Trang của tệp hai."),
    ]
    work.refresh_from_db()
    assert work.page_count == 2


def test_a_file_held_already_is_shown(people: Any) -> None:
    hand_in(people, upload("a.txt", "Một."))
    batch = hand_in(people, upload("b.txt", "Một."))
    item = batch.items.get()
    assert (item.state, item.duplicate_of) == ("ready_with_warnings", Work.objects.get())
    assert batch.unchanged == 1


def test_who_may_hand_in(people: Any) -> None:
    unit, contributor = people
    for actor in (make_member(Role.CONTRIBUTOR), make_member(Role.SYSADMIN), make_member(Role.AUDITOR)):
        with pytest.raises(LibraryPermissionError):
            deposit_start(actor=actor, unit_id=unit.pk, files=[upload("a.txt", "x")], now=NOW)
    with pytest.raises(NotReadyError):
        deposit_start(actor=contributor, unit_id=unit.pk, files=[], now=NOW)
    assert not ImportBatch.objects.exists()


def test_too_large_and_disk_full_take_nothing_in(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, contributor = people
    large = upload("to.pdf", b"")
    large.size = settings.KHCN.upload_max_mb * 2**20 + 1
    with pytest.raises(UploadTooLargeError, match=r"to\.pdf"):
        deposit_start(actor=contributor, unit_id=unit.pk, files=[upload("a.txt", "x"), large], now=NOW)

    def full(file: Any, target: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deposits, "_spool", full)
    with pytest.raises(DiskFullError):
        deposit_start(actor=contributor, unit_id=unit.pk, files=[upload("a.txt", "x")], now=NOW)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x\\a.txt", "a\x00b.txt", "", "x" * 500, "\ud800.txt"]
)
def test_a_name_never_becomes_a_path(people: Any, name: str) -> None:
    file = SimpleUploadedFile("a.txt", f"Nội dung {name!r}".encode())
    file.__dict__["_name"] = name
    batch = hand_in(people, file)
    (item,) = batch.items.all()
    assert item.state in {"ready", "ready_with_warnings"}
    assert "/" not in item.name and "\\" not in item.name and len(item.name) <= 300
