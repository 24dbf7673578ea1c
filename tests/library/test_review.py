"""From draft to tombstone: who may take which step, what each leaves behind, and two people at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.core.models.outbox import Message
from khcn.library.enums import NoteKind, Visibility, WorkKind, WorkState
from khcn.library.errors import (
    LibraryPermissionError,
    NotReadyError,
    OwnDepositError,
    ReasonMissingError,
    SensitiveNotClearedError,
    StateChangedError,
)
from khcn.library.models import Work
from khcn.library.services import review
from khcn.library.services.works import work_create, work_update
from khcn.orgs.enums import Role
from tests.library.makers import make_page, make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()


class People:
    """The people of most stories."""

    def __init__(self) -> None:
        self.unit = make_unit("Phòng Giáo dục")
        self.contributor = make_member(Role.CONTRIBUTOR, self.unit)
        self.librarian = make_member(Role.LIBRARIAN)
        self.other_librarian = make_member(Role.LIBRARIAN)
        self.sysadmin = make_member(Role.SYSADMIN)
        self.auditor = make_member(Role.AUDITOR)


@pytest.fixture
def people() -> People:
    """Make the people."""
    return People()


def deposit(people: People, **fields: Any) -> Work:
    """Return a draft of the contributor with one page."""
    work = make_work(
        "Thí nghiệm pin chanh", owner_unit=people.unit, submitted_by=people.contributor, **fields
    )
    make_page(work)
    return work


def test_the_usual_way(people: People) -> None:
    work = deposit(people)
    review.work_submit(actor=people.contributor, work=work, now=NOW)
    review.work_return(actor=people.librarian, work=work, reason="Thiếu năm", now=NOW)
    later = NOW + timedelta(days=1)
    review.work_submit(actor=people.contributor, work=work, now=later)
    review.work_publish(actor=people.librarian, work=work, now=later)
    work.refresh_from_db()
    assert (work.state, work.reviewer_id, work.published_at) == (
        WorkState.PUBLISHED,
        people.librarian.pk,
        later,
    )
    actions = list(
        AuditEvent.objects.filter(target_id=str(work.pk)).order_by("id").values_list("action", flat=True)
    )
    assert [name.rpartition(".")[2] for name in actions] == ["submit", "return", "submit", "publish"]
    assert work.notes.get().kind == NoteKind.RETURN
    told = Message.objects.filter(user=people.contributor).values_list("subject", flat=True)
    assert [text.split(":")[0] for text in told.order_by("id")] == ["Tài liệu cần sửa", "Đã đăng"]
    assert Message.objects.filter(user=people.librarian, subject__startswith="Chờ duyệt").count() == 2


def test_nobody_approves_an_own_deposit(people: People) -> None:
    work = make_work(state=WorkState.SUBMITTED, submitted_by=people.librarian, owner_unit=people.unit)
    with pytest.raises(OwnDepositError):
        review.work_publish(actor=people.librarian, work=work, now=NOW)
    with pytest.raises(OwnDepositError):
        review.work_approve(actor=people.librarian, work=work, now=NOW)
    review.work_approve(actor=people.other_librarian, work=work, now=NOW)
    assert review.work_publish(actor=people.librarian, work=work, now=NOW).state == WorkState.PUBLISHED


STEPS: list[tuple[str, WorkState, Callable[[Any, Work], Any]]] = [
    ("submit", WorkState.DRAFT, lambda who, work: review.work_submit(actor=who, work=work, now=NOW)),
    (
        "return",
        WorkState.SUBMITTED,
        lambda who, work: review.work_return(actor=who, work=work, reason="x", now=NOW),
    ),
    ("approve", WorkState.SUBMITTED, lambda who, work: review.work_approve(actor=who, work=work, now=NOW)),
    ("publish", WorkState.SUBMITTED, lambda who, work: review.work_publish(actor=who, work=work, now=NOW)),
    (
        "freeze",
        WorkState.PUBLISHED,
        lambda who, work: review.work_freeze(actor=who, work=work, reason="x", now=NOW),
    ),
    (
        "withdraw",
        WorkState.PUBLISHED,
        lambda who, work: review.work_withdraw(actor=who, work=work, reason="x", now=NOW),
    ),
    ("restore", WorkState.WITHDRAWN, lambda who, work: review.work_restore(actor=who, work=work, now=NOW)),
]
ALLOWED = {
    Role.LIBRARIAN: {"submit", "return", "approve", "publish", "freeze", "withdraw", "restore"},
    Role.CONTRIBUTOR: {"submit"},
    Role.EDITOR: set(),
    Role.FOCAL_HEAD: set(),
    Role.SYSADMIN: set(),
    Role.AUDITOR: set(),
    Role.LEADER: set(),
}


@pytest.mark.parametrize("role", list(ALLOWED), ids=str)
@pytest.mark.parametrize("side", ["own unit", "other unit"])
def test_steps_by_role(role: Role, side: str, people: People) -> None:
    unit = people.unit if side == "own unit" else make_unit()
    person = make_member(role, unit)
    for name, state, step in STEPS:
        work = make_work(state=state, owner_unit=people.unit, submitted_by=people.contributor)
        make_page(work)
        wanted = name in ALLOWED[role]
        if name == "submit" and role == Role.CONTRIBUTOR:
            wanted = side == "own unit"
        if name == "submit" and role == Role.FOCAL_HEAD and side == "own unit":
            wanted = True  # the head of a depositing unit hands in for it
        if name == "submit" and role == Role.EDITOR and side == "own unit":
            wanted = True
        try:
            step(person, work)
            done = True
        except (LibraryPermissionError, OwnDepositError):
            done = False
        assert done == wanted, (role, side, name)


def test_two_reviewers_at_once_the_second_is_told(people: People) -> None:
    work = deposit(people, state=WorkState.SUBMITTED)
    stale = Work.objects.get(pk=work.pk)
    review.work_publish(actor=people.librarian, work=work, now=NOW)
    with pytest.raises(StateChangedError) as caught:
        review.work_return(actor=people.other_librarian, work=stale, reason="Thiếu", now=NOW)
    assert "Đã đăng" in caught.value.message
    assert Work.objects.get(pk=work.pk).state == WorkState.PUBLISHED


@pytest.mark.parametrize("step", [review.work_return, review.work_freeze, review.work_withdraw])
def test_a_reason_is_asked_for(step: Any, people: People) -> None:
    work = deposit(people, state=WorkState.SUBMITTED if step is review.work_return else WorkState.PUBLISHED)
    with pytest.raises(ReasonMissingError):
        step(actor=people.librarian, work=work, reason="  ", now=NOW)


def test_an_empty_draft_is_not_submitted(people: People) -> None:
    work = make_work(owner_unit=people.unit, submitted_by=people.contributor, rights="unknown")
    with pytest.raises(NotReadyError) as caught:
        review.work_submit(actor=people.contributor, work=work, now=NOW)
    assert caught.value.fields == ("files", "rights")


def test_sensitive_works_wait_for_a_named_person(people: People) -> None:
    work = deposit(
        people, state=WorkState.SUBMITTED, sensitive=True, sensitive_findings=[{"kind": "stamp", "page": 1}]
    )
    for step in (review.work_publish,):
        with pytest.raises(SensitiveNotClearedError):
            step(actor=people.librarian, work=work, now=NOW)
    with pytest.raises(LibraryPermissionError):
        review.work_clear_sensitive(actor=None, work=work, reason="máy", now=NOW)
    review.work_clear_sensitive(actor=people.librarian, work=work, reason="Đã giải mật năm 2020", now=NOW)
    published = review.work_publish(actor=people.other_librarian, work=work, now=NOW)
    assert (published.state, published.sensitive_cleared_by_id) == (WorkState.PUBLISHED, people.librarian.pk)


def test_scheduled_and_embargoed_works_open_by_the_clock(people: People) -> None:
    work = deposit(people, state=WorkState.SUBMITTED)
    later = NOW + timedelta(hours=2)
    review.work_approve(actor=people.librarian, work=work, now=NOW, publish_at=later)
    assert review.works_publish_due(NOW) == 0
    assert review.works_publish_due(later) == 1
    work.refresh_from_db()
    assert work.state == WorkState.PUBLISHED
    day = timezone.localdate(NOW)
    closed = make_work(state=WorkState.PUBLISHED, embargo_until=day + timedelta(days=1), embargoed=True)
    assert review.embargoes_lift(NOW) == 0
    assert review.embargoes_lift(NOW + timedelta(days=1)) == 1
    assert closed in Work.objects.published_to(None)


def test_withdrawn_works_leave_the_reader_and_come_back(people: People) -> None:
    work = deposit(people, state=WorkState.PUBLISHED)
    review.work_withdraw(actor=people.librarian, work=work, reason="Bản cũ", now=NOW)
    assert work not in Work.objects.published_to(None)
    review.work_restore(actor=people.librarian, work=work, now=NOW)
    assert work in Work.objects.published_to(None)
    assert work.tombstone_reason == ""


VISIBLE = [  # visibility, own unit's reader, other unit's reader, visitor
    (Visibility.PUBLIC, True, True, True),
    (Visibility.SIGNED_IN, True, True, False),
    (Visibility.UNITS, True, False, False),
]


@pytest.mark.parametrize(("visibility", "own", "other", "visitor"), VISIBLE)
def test_who_reads(visibility: str, own: bool, other: bool, visitor: bool, people: People) -> None:
    work = make_work(state=WorkState.PUBLISHED, visibility=visibility)
    work.units.add(people.unit)
    stranger = make_member(Role.CONTRIBUTOR)
    readers = (people.contributor, stranger, None)
    assert [work in Work.objects.published_to(reader) for reader in readers] == [own, other, visitor]


def test_describing_a_work_is_audited_and_keeps_its_address(people: People) -> None:
    work = work_create(
        actor=people.contributor,
        kind=WorkKind.ARTICLE,
        title="  Đăng ký  nhãn hiệu ",
        unit_id=people.unit.pk,
        now=NOW,
    )
    assert (work.title, work.slug) == ("Đăng ký nhãn hiệu", "dang-ky-nhan-hieu")
    hostile = '<p onclick="x()">Chào</p><script>alert(1)</script><a href="javascript:x()">đây</a>'
    work_update(actor=people.contributor, work=work, now=NOW, values={"body": hostile})
    work.refresh_from_db()
    assert "script" not in work.body and "onclick" not in work.body and "javascript" not in work.body
    Work.objects.filter(pk=work.pk).update(state=WorkState.PUBLISHED, published_at=NOW)
    changed = work_update(actor=people.librarian, work=work, now=NOW, values={"title": "Tên mới"})
    assert (changed.title, changed.slug) == ("Tên mới", "dang-ky-nhan-hieu")
    last = AuditEvent.objects.filter(action="library.work.update").order_by("-id").first()
    assert last is not None and last.after == {"title": "Tên mới"}


def test_a_submitted_work_is_out_of_the_depositors_hands(people: People) -> None:
    work = deposit(people, state=WorkState.SUBMITTED)
    with pytest.raises(StateChangedError):
        work_update(actor=people.contributor, work=work, now=NOW, values={"title": "Khác"})
