"""The way of a document: who may take which step, what is kept, what is refused."""

from datetime import date
from typing import Any

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.core.papers.writer import paper_docx
from khcn.orgs.enums import Role
from khcn.plan.enums import DocumentState, FileRole
from khcn.plan.errors import StaleError
from khcn.plan.models import Document, DocumentFile
from khcn.plan.services.register import (
    DRAFTS,
    SIGNED,
    RegisterError,
    TamperedError,
    document_redraft,
    file_bytes,
)
from khcn.plan.services.register_flow import (
    document_content_check,
    document_format_check,
    document_issue,
    document_recall,
    document_replace,
    document_return,
    document_sign,
)
from khcn.plan.services.register_numbers import document_number
from tests.core.papers.others import Maker, Wish
from tests.orgs.factories import give_role, make_user
from tests.plan.factories import NOW
from tests.plan.register_stories import PDF, Register, Upload, again, paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Register:
    return Register()


def test_a_document_goes_its_whole_way(story: Register) -> None:
    document = story.signed()
    assert document.state == DocumentState.SIGNED
    assert document.format_check["conforms"] is True
    document = story.number(document)
    assert (document.number, document.year, document.series, document.dated) == (
        1,
        2026,
        "BC",
        date(2026, 5, 20),
    )
    file = story.attach(document)
    document = document_issue(actor=story.people.clerk, document=document, now=NOW)
    assert (document.state, document.issued_at) == (DocumentState.ISSUED, NOW)
    assert file_bytes(file) == PDF
    assert len(file.sha256) == 64
    actions = list(
        AuditEvent.objects.filter(action__startswith="plan.document.")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert actions == [
        "plan.document.draft", "plan.document.content_check", "plan.document.format_check", "plan.document.sign",
        "plan.document.number", "plan.document.attach", "plan.document.issue",
    ]  # fmt: skip


def test_the_steps_have_an_order(story: Register) -> None:
    document, people = story.draft(), story.people
    with pytest.raises(StaleError):
        story.number(document)
    with pytest.raises(StaleError):
        document_format_check(actor=people.clerk, document=document, now=NOW)
    with pytest.raises(StaleError):
        document_sign(actor=people.leader, document=document, signer=people.leader, now=NOW)
    with pytest.raises(RegisterError, match="Chưa có bản đã ký"):
        document_issue(actor=people.clerk, document=story.number(story.signed()), now=NOW)


@pytest.mark.parametrize("role", ["reporter", "officer", "finance", "leader", "head", "focal_head"])
def test_only_clerks_check_the_format_number_and_issue(story: Register, role: str) -> None:
    actor = getattr(story.people, role)
    document = story.content(story.draft())
    for deed in (
        lambda: document_format_check(actor=actor, document=document, now=NOW),
        lambda: document_number(actor=actor, document=document, now=NOW),
        lambda: document_issue(actor=actor, document=document, now=NOW),
        lambda: document_recall(actor=actor, document=document, reason="x", now=NOW),
    ):
        with pytest.raises(PermissionDeniedError):
            deed()


def test_nobody_passes_the_own_work(story: Register) -> None:
    people = story.people
    give_role(people.reporter, Role.UNIT_HEAD, people.unit)
    own = story.draft()
    with pytest.raises(RegisterError, match="đã soạn"):
        document_content_check(actor=people.reporter, document=own, now=NOW)
    of_clerk = story.content(story.draft(people.clerk))
    with pytest.raises(RegisterError, match="đã soạn"):
        document_format_check(actor=people.clerk, document=of_clerk, now=NOW)
    # a clerk who is a leader, too: checked the format, so does not sign; signed, so does not number or issue
    give_role(people.clerk, Role.LEADER, people.committee)
    checked = story.format(story.content(story.draft()))
    with pytest.raises(RegisterError, match="không ký"):
        document_sign(actor=people.clerk, document=checked, signer=people.clerk, now=NOW)
    second = make_user()
    give_role(second, Role.CLERK, people.committee)
    give_role(second, Role.LEADER, people.committee)
    document_sign(actor=second, document=checked, signer=second, now=NOW)
    with pytest.raises(RegisterError, match="Người ký không"):
        document_number(actor=second, document=again(checked), now=NOW)
    numbered = story.number(again(checked))
    story.attach(numbered)
    with pytest.raises(RegisterError, match="Người ký không"):
        document_issue(actor=second, document=numbered, now=NOW)
    assert document_issue(actor=people.clerk, document=numbered, now=NOW).state == DocumentState.ISSUED


def test_a_wrong_format_is_named_and_keeps_the_document_there(story: Register) -> None:
    wrong = Maker(Wish(number="Số: 5/BC-SKHCN", sizes={"body": 12})).make()
    document = story.content(story.draft(docx=wrong))
    result = document_format_check(actor=story.people.clerk, document=document, now=NOW)
    assert {one.rule for one in result.broken} == {"number.zero", "body.size"}
    document = again(document)
    assert document.state == DocumentState.CONTENT_CHECKED
    assert {row["rule"] for row in document.format_check["broken"]} == {"number.zero", "body.size"}
    document_return(actor=story.people.clerk, document=document, reason="Sửa cỡ chữ", now=NOW)
    document = again(document)
    assert (document.state, document.reason, document.content_checked_by) == (
        DocumentState.DRAFT,
        "Sửa cỡ chữ",
        None,
    )
    document_redraft(actor=story.people.reporter, document=document, docx=paper_docx(paper()), now=NOW)
    assert again(document).format_check == {}
    assert story.format(story.content(again(document))).state == DocumentState.FORMAT_CHECKED


def test_a_deviation_is_accepted_with_a_reason_that_is_kept(story: Register) -> None:
    document = story.content(story.draft(docx=Maker(Wish(sizes={"body": 12})).make()))
    document_format_check(
        actor=story.people.clerk, document=document, reason="Biểu mẫu của cấp trên", now=NOW
    )
    document = again(document)
    assert document.state == DocumentState.FORMAT_CHECKED
    assert document.format_check["accepted_because"] == "Biểu mẫu của cấp trên"
    assert document.format_check["conforms"] is False


def test_the_clerk_notes_who_signed_outside(story: Register) -> None:
    document = story.format(story.content(story.draft()))
    with pytest.raises(RegisterError, match="họ tên"):
        document_sign(actor=story.people.clerk, document=document, signer=None, now=NOW)
    document_sign(
        actor=story.people.clerk, document=document, signer=None, name="Trần Văn Bình", position="Chủ tịch", mode="TM.", now=NOW,
    )  # fmt: skip
    document = again(document)
    assert (document.signer, document.signer_name, document.signing_mode) == (None, "Trần Văn Bình", "TM.")
    assert story.number(document).number == 1
    other = story.format(story.content(story.draft()))
    with pytest.raises(PermissionDeniedError):
        document_sign(actor=story.people.officer, document=other, signer=story.people.leader, now=NOW)


def test_a_signed_file_is_attached_once_and_only_a_pdf(story: Register) -> None:
    document = story.signed()
    from khcn.core.private_files import FileRefusedError

    with pytest.raises(FileRefusedError):
        story.attach(document, b"hello")
    story.attach(document)
    before = set(SIGNED.folder().iterdir())
    with pytest.raises(RegisterError, match="không thay được"):
        story.attach(document, PDF + b"%")
    assert document.files.filter(role=FileRole.SIGNED).count() == 1
    assert set(SIGNED.folder().iterdir()) == before  # the refused one lies nowhere


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(story: Register) -> None:
    document = story.signed()
    file = story.attach(document)
    SIGNED.path(file.file).write_bytes(PDF + b"x")
    with pytest.raises(TamperedError, match="SHA-256"):
        file_bytes(file)
    SIGNED.path(file.file).unlink()
    with pytest.raises(TamperedError):
        file_bytes(file)


def test_issued_documents_are_replaced_or_recalled_and_stay(story: Register) -> None:
    people = story.people
    first, second, third = (story.number(story.signed()) for _one in range(3))
    for document in (first, second):
        story.attach(document)
        document_issue(actor=people.clerk, document=document, now=NOW)
    with pytest.raises(RegisterError, match="đã phát hành"):
        document_replace(actor=people.clerk, document=first, by=third, reason="Sai số liệu", now=NOW)
    with pytest.raises(RegisterError, match="khác"):
        document_replace(actor=people.clerk, document=first, by=first, reason="Sai số liệu", now=NOW)
    document_replace(actor=people.clerk, document=first, by=second, reason="Sai số liệu", now=NOW)
    assert (again(first).state, again(first).replaced_by) == (DocumentState.REPLACED, second)
    with pytest.raises(RegisterError, match="lý do"):
        document_recall(actor=people.clerk, document=second, reason=" ", now=NOW)
    document_recall(actor=people.clerk, document=second, reason="Ban hành nhầm", now=NOW)
    assert (again(second).state, again(second).number) == (DocumentState.RECALLED, 2)
    with pytest.raises(StaleError):
        document_recall(actor=people.clerk, document=again(first), reason="x", now=NOW)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"subject": "  "}, "register-subject"),
        ({"type_code": "XX"}, "register-type"),
        ({"symbol": "bc ubnd"}, "register-symbol"),
        ({"symbol": ""}, "register-symbol"),
        ({"signing_mode": "ZZ"}, "register-mode"),
        ({"docx": b""}, "register-empty"),
        ({"docx": PDF}, "register-pdf"),
        ({"docx": b"PK\x03\x04xx"}, "register-broken"),
    ],
)
def test_a_draft_that_is_wrong_leaves_nothing(story: Register, values: dict[str, Any], code: str) -> None:
    before = set(DRAFTS.folder().iterdir())
    with pytest.raises(RegisterError) as caught:
        story.draft(**values)
    assert caught.value.code == code
    assert Document.objects.count() == DocumentFile.objects.count() == 0
    assert set(DRAFTS.folder().iterdir()) == before


def test_units_draft_for_themselves_and_read_their_own(story: Register) -> None:
    people = story.people
    own, other = story.draft(), story.draft(people.officer, drafting_unit=people.focal)
    assert set(Document.objects.visible_to(people.reporter, date(2026, 5, 20))) == {own}
    assert set(Document.objects.visible_to(people.clerk, date(2026, 5, 20))) == {own, other}
    with pytest.raises(PermissionDeniedError, match="đơn vị của mình"):
        story.draft(people.reporter, drafting_unit=people.focal)
    stranger = make_user()
    with pytest.raises(PermissionDeniedError):
        story.draft(stranger)
    with pytest.raises(PermissionDeniedError):
        document_redraft(actor=stranger, document=own, docx=paper_docx(paper()), now=NOW)


def test_an_upload_that_is_too_large_is_refused_before_it_is_read_whole() -> None:
    from khcn.plan.services.register import upload_bytes

    with pytest.raises(RegisterError, match="lớn hơn 1 MB"):
        upload_bytes(Upload("x.docx", b"x" * (2**20 + 1)), limit=2**20)
