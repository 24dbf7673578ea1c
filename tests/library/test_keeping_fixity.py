"""Fixity: originals are read again, and a fault is told the day it is found."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job
from khcn.core.models.outbox import Message
from khcn.library.enums import FixityState, WorkState
from khcn.library.errors import LibraryPermissionError
from khcn.library.models import FileCheck, Work, WorkFile
from khcn.library.selectors.keeping import fixity_faults, fixity_totals
from khcn.library.services.fixity import fixity_check_all, fixity_round
from khcn.library.services.fixity_jobs import fixity_run, fixity_start
from khcn.library.store import store_file, stored_path
from khcn.orgs.enums import Role
from tests.library.makers import make_work
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def keep(work: Work, content: bytes, folder: Path, name: str = "goc.pdf") -> WorkFile:
    """Put an original into the store and on a work."""
    sha256 = hashlib.sha256(content).hexdigest()
    source = folder / sha256
    source.write_bytes(content)
    store_file(source, sha256)
    return WorkFile.objects.create(
        work=work, sha256=sha256, original_name=name, size_bytes=len(content), added_at=NOW
    )


def spoil(file: WorkFile, content: bytes | None) -> None:
    """Change the bytes of an original on the disk, or take them away."""
    place = stored_path(file.sha256)
    place.chmod(0o600)
    if content is None:
        place.unlink()
    else:
        place.write_bytes(content)


def test_sound_files_are_found_sound_and_rest_for_ninety_days(tmp_path: Path) -> None:
    work = make_work()
    keep(work, b"mot", tmp_path)
    keep(work, b"hai", tmp_path)
    keep(make_work("Khác"), b"hai", tmp_path)  # the same bytes are read once
    assert fixity_round(NOW).checked == 2
    assert fixity_round(NOW + timedelta(days=89)).checked == 0
    assert fixity_round(NOW + timedelta(days=91)).checked == 2
    totals = fixity_totals()
    assert (totals.files, totals.checked, totals.waiting, totals.faults) == (2, 2, 0, 0)


def test_faults_are_told_once_and_so_is_their_end(tmp_path: Path) -> None:
    librarian = make_member(Role.LIBRARIAN)
    work = make_work("Quyết định về đo lường")
    changed, missing = keep(work, b"noi dung that", tmp_path), keep(work, b"bien mat", tmp_path)
    fixity_round(NOW)
    spoil(changed, b"noi dung gia")
    spoil(missing, None)
    later = NOW + timedelta(days=100)
    report = fixity_round(later)
    assert {row.state for row in report.faults} == {FixityState.CHANGED, FixityState.MISSING}
    assert Message.objects.filter(user=librarian, subject__contains="Tệp gốc hỏng").count() == 2
    fixity_check_all(actor=librarian, now=later + timedelta(days=1))
    assert Message.objects.filter(user=librarian).count() == 2, "a known fault is not told again"
    row = FileCheck.objects.get(pk=changed.sha256)
    assert (row.since, row.found_sha256) == (later, hashlib.sha256(b"noi dung gia").hexdigest())
    spoil(changed, b"noi dung that")
    fixity_check_all(actor=None, now=later + timedelta(days=2))
    assert FileCheck.objects.get(pk=changed.sha256).state == FixityState.INTACT
    assert AuditEvent.objects.filter(action="library.file.fixity").count() == 3
    (fault,) = fixity_faults(librarian)
    assert (fault.names, [one.title for one in fault.works]) == (("goc.pdf",), ["Quyết định về đo lường"])


def test_a_round_keeps_to_its_budget_and_goes_on_next_time(tmp_path: Path) -> None:
    work = make_work()
    for number in range(5):
        keep(work, f"tep so {number}".encode() * 100, tmp_path)
    assert fixity_round(NOW, budget=1).checked == 1, "at least one, however small the budget"
    assert fixity_round(NOW, budget=1800).checked == 2
    assert fixity_round(NOW).checked == 2
    assert FileCheck.objects.count() == 5


def test_the_page_is_for_librarians_and_says_what_is_wrong(tmp_path: Path) -> None:
    work = make_work("Bí mật của đơn vị", state=WorkState.DRAFT)
    file = keep(work, b"goc", tmp_path)
    spoil(file, b"khac")
    fixity_round(NOW)
    address = reverse("library-desk:keeping")
    client = Client()
    assert client.get(address).status_code == 302
    client.force_login(make_member(Role.CONTRIBUTOR))
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    client.force_login(make_member(Role.LIBRARIAN))
    text = client.get(address).content.decode()
    assert "1 tệp gốc có lỗi" in text
    assert "Bí mật của đơn vị" in text
    assert "Nội dung đã khác" in text


def test_a_librarian_has_all_read_again_and_only_once_at_a_time(tmp_path: Path) -> None:
    keep(make_work(), b"goc", tmp_path)
    librarian = make_member(Role.LIBRARIAN)
    job = fixity_start(actor=librarian, now=NOW)
    assert job is not None
    assert fixity_start(actor=librarian, now=NOW) is None
    fixity_run(job.pk)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.message) == ("done", "1 tệp đã đọc, 0 tệp có lỗi.")
    fixity_run(job.pk)  # a second worker finds it done
    assert FileCheck.objects.count() == 1
    with pytest.raises(LibraryPermissionError):
        fixity_start(actor=make_member(Role.CONTRIBUTOR), now=NOW)


def test_the_same_file_handed_in_again_mends_a_damaged_original(tmp_path: Path) -> None:
    file = keep(make_work(), b"noi dung dung", tmp_path)
    spoil(file, b"noi dung sai")
    assert fixity_round(NOW).faults
    store_file(tmp_path / file.sha256, file.sha256)
    assert fixity_check_all(actor=None, now=NOW + timedelta(days=1)).faults == []
