"""From a text to proposals, and from proposals to relations: nothing follows that no editor accepted."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.models import AuditEvent
from khcn.library.enums import ProposalKind, ProposalState, RelationKind, RelationSource, WorkKind, WorkState
from khcn.library.errors import InvalidFieldError, LibraryPermissionError, StateChangedError
from khcn.library.imports.drafts import RelationDraft, text_hash
from khcn.library.models import LegalProposal, LegalRecord, LegalScan, Page, Work, WorkRelation
from khcn.library.services import legal as services
from khcn.library.services.legal import Decision
from khcn.library.services.relations import relations_set
from khcn.orgs.enums import Role
from tests.library.makers import make_work
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
TEXT = [
    "Căn cứ Luật Thư viện số 46/2019/QH14 ngày 21 tháng 11 năm 2019;\n\nQUYẾT ĐỊNH:\nĐiều 1. Ban hành Quy chế.",
    "Điều 2. Quyết định này có hiệu lực kể từ ngày 01 tháng 7 năm 2021 và thay thế Quyết định số 50/2015/QĐ-UBND.\n"
    "Điều 3. Bãi bỏ khoản 2 Điều 5 Quyết định số 33/2017/QĐ-UBND.",
]
START = date(2021, 7, 1)


def document(number: str, texts: list[str] | None = None, **fields: Any) -> Work:
    legal = {"number": number, "type_name": "Quyết định", **fields.pop("legal", {})}
    fields.setdefault("state", WorkState.PUBLISHED)
    work = make_work(f"Quyết định {number}", kind=WorkKind.LEGAL, legal=legal, **fields)
    write(work, texts or [])
    return work


def write(work: Work, texts: list[str]) -> None:
    work.pages.all().delete()
    for page, text in enumerate(texts, start=1):
        Page.objects.create(work=work, number=page, text=text)
    Work.objects.filter(pk=work.pk).update(text_hash=text_hash(texts), page_count=len(texts))


@pytest.fixture
def work() -> Work:
    return document("12/2021/QĐ-UBND", TEXT, issued_date=date(2021, 6, 15))


@pytest.fixture
def librarian() -> Any:
    return make_member(Role.LIBRARIAN)


def scan(work: Work) -> dict[str, LegalProposal]:
    services.proposals_scan(work_id=work.pk, now=timezone.now())
    return {f"{one.kind} {one.number}".strip(): one for one in work.proposals.all()}


def accept(actor: Any, proposal: LegalProposal, **decision: Any) -> LegalProposal:
    return services.proposal_accept(
        actor=actor, proposal_id=proposal.pk, decision=Decision(**decision), now=timezone.now()
    )


def test_a_text_becomes_proposals_with_sentence_and_page(work: Work) -> None:
    found = scan(work)
    assert set(found) == {
        "based_on 46/2019/QH14",
        "replaces 50/2015/QĐ-UBND",
        "repeals 33/2017/QĐ-UBND",
        "effective",
    }
    replaced = found["replaces 50/2015/QĐ-UBND"]
    assert (replaced.page, replaced.effective_date) == (2, START)
    assert "thay thế Quyết định số 50/2015/QĐ-UBND" in replaced.sentence
    assert found["repeals 33/2017/QĐ-UBND"].part == "khoản 2 Điều 5"
    assert not work.relations.exists()
    assert LegalRecord.objects.get(work=work).effective_date is None


def test_the_duty_reads_new_and_changed_texts_once(work: Work) -> None:
    now = timezone.now()
    make_work("Không phải văn bản", text_hash="x")
    assert services.proposals_scan_due(now) == 1
    assert services.proposals_scan_due(now) == 0
    write(work, ["Điều 1. Bãi bỏ Quyết định số 7/2016/QĐ-UBND."])
    assert services.proposals_scan_due(now) == 1
    assert [one.number for one in work.proposals.all()] == ["7/2016/QĐ-UBND"]
    LegalScan.objects.update(rules=0)  # read by older rules
    assert services.proposals_scan_due(now) == 1


def test_what_was_decided_stays_decided(work: Work, librarian: Any) -> None:
    found = scan(work)
    services.proposal_refuse(
        actor=librarian, proposal_id=found["replaces 50/2015/QĐ-UBND"].pk, now=timezone.now()
    )
    accept(librarian, found["based_on 46/2019/QH14"])
    again = scan(work)
    assert again["replaces 50/2015/QĐ-UBND"].state == ProposalState.REFUSED
    assert again["based_on 46/2019/QH14"].state == ProposalState.ACCEPTED


def test_accepting_makes_the_relation_and_nothing_more(work: Work, librarian: Any) -> None:
    old = document("50/2015/QĐ-UBND", legal={"effective_date": date(2015, 10, 15)})
    accept(librarian, scan(work)["replaces 50/2015/QĐ-UBND"], effective_date=START)
    row = WorkRelation.objects.get(work=work)
    assert (row.kind, row.target, row.effective_date, row.source) == (
        RelationKind.REPLACES,
        old,
        START,
        RelationSource.ACCEPTED,
    )
    assert LegalRecord.objects.get(work=old).expired_date is None
    assert AuditEvent.objects.filter(action="library.legal.accept", target_id=str(work.pk)).exists()


def test_the_other_document_ends_only_when_asked_and_it_is_written_down(work: Work, librarian: Any) -> None:
    old = document("50/2015/QĐ-UBND", legal={"effective_date": date(2015, 10, 15)})
    accept(librarian, scan(work)["replaces 50/2015/QĐ-UBND"], effective_date=START, end_target=True)
    assert LegalRecord.objects.get(work=old).expired_date == START
    event = AuditEvent.objects.get(action="library.legal.date", target_id=str(old.pk))
    assert event.after == {"expired_date": "2021-07-01"}


@pytest.mark.parametrize(
    ("legal", "decision", "field"),
    [
        ({"expired_date": date(2020, 1, 1)}, {"effective_date": START}, "end_target"),
        ({}, {"effective_date": None}, "effective_date"),
        ({}, {"effective_date": START, "part": "Điều 1"}, "end_target"),
        ({"effective_date": date(2022, 1, 1)}, {"effective_date": START}, "effective_date"),
    ],
)
def test_an_end_that_cannot_be_changes_nothing(
    work: Work, librarian: Any, legal: dict[str, Any], decision: dict[str, Any], field: str
) -> None:
    old = document("50/2015/QĐ-UBND", legal=legal)
    proposal = scan(work)["replaces 50/2015/QĐ-UBND"]
    with pytest.raises(InvalidFieldError) as fault:
        accept(librarian, proposal, end_target=True, **decision)
    assert fault.value.field == field
    assert not WorkRelation.objects.exists()
    assert LegalRecord.objects.get(work=old).expired_date == legal.get("expired_date")
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WAITING


def test_its_own_date_is_written_when_accepted(work: Work, librarian: Any) -> None:
    proposal = scan(work)["effective"]
    assert (proposal.kind, proposal.effective_date) == (ProposalKind.EFFECTIVE, START)
    accept(librarian, proposal, effective_date=START)
    assert LegalRecord.objects.get(work=work).effective_date == START
    assert scan(work)["effective"].state == ProposalState.ACCEPTED


def test_a_second_decision_is_told_that_it_came_late(work: Work, librarian: Any) -> None:
    proposal = scan(work)["based_on 46/2019/QH14"]
    accept(librarian, proposal)
    with pytest.raises(StateChangedError):
        services.proposal_refuse(actor=librarian, proposal_id=proposal.pk, now=timezone.now())


def test_what_a_machine_read_at_deposit_is_completed_not_doubled(work: Work, librarian: Any) -> None:
    held = WorkRelation.objects.create(
        work=work,
        kind="replaces",
        cited_number="50/2015/QĐ-UBND",
        cited_key="50/2015/qd-ubnd",
        source=RelationSource.PROPOSED,
    )
    accept(librarian, scan(work)["replaces 50/2015/QĐ-UBND"], effective_date=START)
    (row,) = WorkRelation.objects.filter(work=work)
    assert (row.pk, row.source, row.effective_date) == (held.pk, RelationSource.ACCEPTED, START)


def test_the_other_way_round(work: Work, librarian: Any) -> None:
    write(work, ["Quyết định này được sửa đổi, bổ sung bởi Quyết định số 40/2022/QĐ-UBND."])
    proposal = scan(work)["amends 40/2022/QĐ-UBND"]
    assert proposal.passive
    with pytest.raises(InvalidFieldError):
        accept(librarian, proposal)  # the other one is not held
    other = document("40/2022/QĐ-UBND")
    accept(librarian, proposal, effective_date=date(2022, 9, 1))
    row = WorkRelation.objects.get()
    assert (row.work, row.target, row.kind) == (other, work, "amends")


def test_what_was_accepted_survives_a_new_record_of_the_work(work: Work, librarian: Any) -> None:
    accept(librarian, scan(work)["replaces 50/2015/QĐ-UBND"], effective_date=START)
    relations_set(actor=None, work=work, relations=[RelationDraft("replaces", number="50/2015/QĐ-UBND")])
    assert WorkRelation.objects.get(work=work).effective_date == START
    relations_set(actor=None, work=work, relations=[])
    assert WorkRelation.objects.filter(work=work, source=RelationSource.ACCEPTED).count() == 1


def test_all_at_once_says_what_still_waits(work: Work, librarian: Any) -> None:
    old = document("50/2015/QĐ-UBND", legal={"expired_date": date(2019, 1, 1)})
    scan(work)
    done, faults = services.proposals_accept_all(
        actor=librarian, work=work, end_targets=True, now=timezone.now()
    )
    assert done == 3
    assert len(faults) == 1 and "01/01/2019" in faults[0]
    assert LegalRecord.objects.get(work=old).expired_date == date(2019, 1, 1)
    assert services.proposals_refuse_all(actor=librarian, work=work, now=timezone.now()) == 1


# --- who may ---


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.AUDITOR])
def test_others_decide_nothing(work: Work, role: Role) -> None:
    proposal = scan(work)["based_on 46/2019/QH14"]
    with pytest.raises(LibraryPermissionError):
        accept(make_member(role), proposal)


def test_the_desk_shows_decides_and_reads_again(client: Client, work: Work, librarian: Any) -> None:
    document("50/2015/QĐ-UBND")
    proposal = scan(work)["replaces 50/2015/QĐ-UBND"]
    client.force_login(librarian)
    waiting = client.get(reverse("library-desk:legal-waiting")).content.decode()
    assert "12/2021/QĐ-UBND" in waiting
    address = reverse("library-desk:legal-proposals", args=[work.pk])
    shown = client.get(address).content.decode()
    assert "thay thế Quyết định số 50/2015/QĐ-UBND" in shown and "Xem trang 2" in shown
    assert address in client.get(reverse("library-desk:work", args=[work.pk])).content.decode()
    prefix = f"dx{proposal.pk}"
    bad = client.post(
        address, {"viec": "nhan", "de-xuat": proposal.pk, f"{prefix}-effective_date": "31/02/2021"}
    )
    assert bad.status_code == 200 and not WorkRelation.objects.exists()
    good = {
        "viec": "nhan", "de-xuat": proposal.pk, f"{prefix}-effective_date": "2021-07-01", f"{prefix}-end_target": "on",
    }  # fmt: skip
    assert client.post(address, good).status_code == 302
    assert LegalRecord.objects.get(number="50/2015/QĐ-UBND").expired_date == START
    assert client.post(address, good).status_code == 302  # twice: told, nothing breaks
    assert client.post(address, {"viec": "doc-lai"}).status_code == 302
    assert client.post(address, {"viec": "nhan-het"}).status_code == 302
    assert not work.proposals.filter(state="waiting").exists()
    assert client.post(address, {"viec": "bo", "de-xuat": "x" * 30}).status_code == 404


def test_who_may_open_the_desk(client: Client, work: Work) -> None:
    scan(work)
    address = reverse("library-desk:legal-proposals", args=[work.pk])
    assert client.get(address).status_code == 302
    client.force_login(make_member(Role.CONTRIBUTOR))
    assert client.get(address).status_code == 403
    assert client.get(reverse("library-desk:legal-waiting")).status_code == 403


def test_an_editor_sees_no_proposals_of_works_hidden_from_him(client: Client) -> None:
    secret = document("77/2021/QĐ-UBND", TEXT, state=WorkState.DRAFT)
    scan(secret)
    client.force_login(make_member(Role.EDITOR))
    assert "77/2021" not in client.get(reverse("library-desk:legal-waiting")).content.decode()
    assert client.get(reverse("library-desk:legal-proposals", args=[secret.pk])).status_code == 404
