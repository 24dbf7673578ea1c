"""Pages of consolidated reports and of chasing: who sees what, what buttons do, nothing lost."""

import hashlib
import io
import shutil
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfWriter

from khcn.orgs.enums import Role
from khcn.plan.enums import DocumentState, RollState
from khcn.plan.models import Consolidation, Document
from khcn.plan.selectors.rolls import roll_verdict
from khcn.plan.services.register import document_attach_signed
from khcn.plan.services.register_flow import document_format_check, document_issue, document_sign
from khcn.plan.services.register_numbers import document_number
from khcn.plan.services.rolls import roll_replace, text_mark
from khcn.plan.services.rolls_approval import roll_approve, roll_publish, roll_return, roll_submit
from khcn.plan.services.rolls_document import roll_document_make
from khcn.plan.services.rolls_files import roll_files_make, roll_files_request
from tests.orgs.factories import make_member, make_unit
from tests.plan.roll_stories import NOW, Story, put_figures

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: Any, name: str, *args: Any, query: str = "") -> Any:
    return client_of(user).get(reverse(f"plan-desk:{name}", args=args) + query)


def move(user: Any, roll: Consolidation, name: str, **fields: Any) -> Any:
    roll.refresh_from_db()
    data = {"lam": name, "ban": roll.revision, **fields}
    return client_of(user).post(reverse("plan-desk:roll-move", args=[roll.pk]), data, follow=True)


def test_one_press_on_the_page() -> None:
    story = Story()
    client = client_of(story.people.officer)
    shown = client.get(reverse("plan-desk:rolls"))
    assert "Tổng hợp" in shown.content.decode()
    done = client.post(reverse("plan-desk:rolls"), {"ky": story.period.pk}, follow=True)
    text = done.content.decode()
    assert "Đã có 2/3 đơn vị gửi báo cáo" in text
    assert "Số người được tập huấn" in text
    assert client.post(reverse("plan-desk:rolls"), {"ky": "x"}).status_code == 404
    assert page(story.people.reporter, "rolls").status_code == 200
    assert (
        client_of(story.people.reporter).post(reverse("plan-desk:rolls"), {"ky": story.period.pk}).status_code
        == 403
    )


def test_drill_down_leads_from_total_to_unit_to_report_and_rows() -> None:
    story = Story()
    roll = story.start()
    text = page(story.people.officer, "roll", roll.pk).content.decode()
    assert reverse("plan-desk:roll-figure", args=[roll.pk, "people_trained"]) in text
    query = f"?don-vi={story.wards[0].pk}"
    text = page(story.people.officer, "roll-figure", roll.pk, "people_trained", query=query).content.decode()
    assert reverse("plan-desk:report", args=[story.reports[0].pk]) in text
    assert "Phường 1: 2 dòng ghi nhận" in text
    assert page(story.people.officer, "roll-figure", roll.pk, "khong_co").status_code == 404


def test_pages_read_in_a_bounded_number_of_queries(django_assert_max_num_queries: Any) -> None:
    story = Story()
    roll = story.start()
    client = client_of(story.people.officer)
    for name, args in (("rolls", []), ("roll", [roll.pk]), ("roll-figure", [roll.pk, "people_trained"])):
        client.get(reverse(f"plan-desk:{name}", args=args))
        with django_assert_max_num_queries(40):
            client.get(reverse(f"plan-desk:{name}", args=args))


def test_an_edit_that_came_too_late_stays_in_the_form() -> None:
    story = Story()
    roll = story.start()
    address = reverse("plan-desk:roll-text", args=[roll.pk, 1])
    client = client_of(story.people.officer)
    shown = text_mark(roll.texts.get(order=1).text)
    assert client.post(address, {"loi": "Lời thứ nhất", "da-hien": shown, "lam": "luu"}).status_code == 302
    late = client.post(address, {"loi": "Lời thứ hai", "da-hien": shown, "lam": "luu"})
    text = late.content.decode()
    assert late.status_code == 409
    assert "Lời thứ nhất" in text
    assert "Lời thứ hai" in text
    assert roll.texts.get(order=1).text == "Lời thứ nhất"


def test_the_way_by_buttons() -> None:
    story = Story()
    people, roll = story.people, story.start()
    move(people.officer, roll, "trinh")
    move(people.focal_head, roll, "chuyen")
    move(people.leader, roll, "tra-lai", **{"y-kien": "Bổ sung kiến nghị"})
    roll.refresh_from_db()
    assert (roll.state, roll.comment) == (RollState.DRAFT, "Bổ sung kiến nghị")
    assert "Bổ sung kiến nghị" in page(people.officer, "roll", roll.pk).content.decode()
    move(people.officer, roll, "trich-yeu", **{"trich-yeu": "Trích yếu khác", "da-hien": roll.title})
    roll.refresh_from_db()
    assert roll.title == "Trích yếu khác"
    assert move(people.officer, roll, "khong-co").status_code == 404
    assert client_of(people.officer).get(reverse("plan-desk:roll-move", args=[roll.pk])).status_code == 405


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200),
        ("focal_head", 200),
        ("leader", 200),
        ("finance", 200),
        ("clerk", 404),
        ("reporter", 404),
    ],
)
def test_who_opens_a_draft(who: str, status: int) -> None:
    story = Story()
    roll = story.start()
    assert page(getattr(story.people, who), "roll", roll.pk).status_code == status


def test_visitors_sign_in_and_outsiders_stay_out() -> None:
    story = Story()
    roll = story.start()
    assert Client().get(reverse("plan-desk:roll", args=[roll.pk])).status_code == 302
    assert page(make_member(Role.LIBRARIAN), "rolls").status_code == 403
    assert page(make_member(Role.SYSADMIN), "chasing").status_code == 403
    assert page(story.people.reporter, "chasing").status_code == 403


def approved(story: Story) -> tuple[Consolidation, Document]:
    roll = story.approve(story.start())
    document = roll_document_make(roll.pk, NOW)
    assert document is not None
    roll.refresh_from_db()
    return roll, document


def issue(story: Story, document: Document) -> Document:
    """Carry a document through the register."""
    people = story.people
    assert document_format_check(actor=people.clerk, document=document, now=NOW).conforms
    document.refresh_from_db()
    document_sign(actor=people.leader, document=document, signer=people.leader, now=NOW)
    document.refresh_from_db()
    pdf = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(pdf)
    upload = SimpleUploadedFile("ky.pdf", pdf.getvalue())
    document_attach_signed(actor=people.clerk, document=document, upload=upload, now=NOW)
    document_number(actor=people.clerk, document=document, now=NOW)
    document.refresh_from_db()
    return document_issue(actor=people.clerk, document=document, now=NOW)


def test_an_approved_report_goes_through_the_register_and_is_frozen() -> None:
    story = Story()
    roll, document = approved(story)
    assert (document.state, document.symbol, document.subject) == (
        DocumentState.CONTENT_CHECKED, document.symbol, roll.title,
    )  # fmt: skip
    assert document.symbol.startswith("BC-")
    assert roll_document_make(roll.pk, NOW) == document  # twice is once
    assert (
        reverse("plan-desk:document", args=[document.pk])
        in page(story.people.clerk, "roll", roll.pk).content.decode()
    )
    issue(story, document)
    roll.refresh_from_db()
    assert roll.state == RollState.ISSUED
    assert roll_verdict(roll).holds
    text = page(story.people.officer, "roll", roll.pk).content.decode()
    assert roll.snapshot_hash in text
    assert "còn nguyên vẹn" in text
    given = page(story.people.officer, "roll-file", roll.pk, "json")
    assert hashlib.sha256(given.content).hexdigest() == roll.snapshot_hash


def test_a_returned_report_returns_its_document_and_writes_it_anew() -> None:
    story = Story()
    roll, document = approved(story)
    roll_return(actor=story.people.clerk, roll=roll, comment="Sai trích yếu", revision=roll.revision, now=NOW)
    document.refresh_from_db()
    assert document.state == DocumentState.DRAFT
    roll.refresh_from_db()
    story.approve(roll)
    again = roll_document_make(roll.pk, NOW)
    assert again is not None
    assert (again.pk, again.state, again.files.count()) == (document.pk, DocumentState.CONTENT_CHECKED, 2)


def test_a_replacement_replaces_the_document_too() -> None:
    story = Story()
    first, document = approved(story)
    issue(story, document)
    first.refresh_from_db()
    put_figures(story.reports[0], {story.trained: 99})
    second = roll_replace(actor=story.people.officer, roll=first, reason="Phường 1 sửa số", now=NOW)
    story.approve(second)
    fresh = roll_document_make(second.pk, NOW)
    assert fresh is not None
    issue(story, fresh)
    document.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, document.state, document.replaced_by_id) == (
        RollState.REPLACED, DocumentState.REPLACED, fresh.pk,
    )  # fmt: skip


def test_differences_page() -> None:
    story = Story()
    roll = story.issue()
    put_figures(story.reports[0], {story.trained: 41})
    text = page(story.people.officer, "roll-differences", roll.pk).content.decode()
    assert "Phường 1" in text
    assert "41" in text
    assert "Lập báo cáo thay thế" in text
    assert "Xem 1 số liệu khác" in page(story.people.officer, "roll", roll.pk).content.decode()
    assert page(story.people.reporter, "roll-differences", roll.pk).status_code == 403


def test_the_superior_reads_it_after_issue_with_its_unit_rows() -> None:
    story = Story()
    superior = make_member(Role.DOST_READER, make_unit("Sở"))
    roll = story.start()
    assert page(superior, "roll", roll.pk).status_code == 404
    story.issue(roll)
    assert page(superior, "rolls").status_code == 200
    assert page(superior, "roll", roll.pk).status_code == 200
    text = page(superior, "roll-figure", roll.pk, "people_trained").content.decode()
    assert "Phường 1" in text
    assert reverse("plan-desk:report", args=[story.reports[0].pk]) not in text  # unit reports stay inside


def test_files_from_the_page() -> None:
    story = Story()
    roll = story.start()
    shutil.rmtree(
        settings.KHCN.data_dir / "reports" / "plan", ignore_errors=True
    )  # of a test with the same number
    assert page(story.people.officer, "roll-file", roll.pk, "docx").status_code == 404
    job = roll_files_request(actor=story.people.officer, roll=roll, now=NOW)
    roll_files_make(job.pk)
    given = page(story.people.officer, "roll-file", roll.pk, "xlsx")
    book = load_workbook(io.BytesIO(b"".join(given.streaming_content)))
    assert book.sheetnames[0] == "Tổng hợp"
    assert page(story.people.reporter, "roll-file", roll.pk, "xlsx").status_code == 404
    assert page(story.people.officer, "roll-file", roll.pk, "exe").status_code == 404


def test_the_public_reads_what_was_published_without_unit_rows() -> None:
    story = Story()
    roll = story.issue()
    address = reverse("plan:public-report", args=[roll.pk])
    assert Client().get(address).status_code == 404
    assert roll.title not in Client().get(reverse("plan:public-reports")).content.decode()
    roll_publish(actor=story.people.leader, roll=roll, public=True, now=NOW)
    assert roll.title in Client().get(reverse("plan:public-reports")).content.decode()
    text = Client().get(address).content.decode()
    assert "87" in text
    assert roll.snapshot_hash in text
    assert "/chi-tieu/" not in text


def test_tables_of_chasing_and_their_files() -> None:
    story = Story()
    text = page(story.people.leader, "chasing-period", story.period.pk).content.decode()
    for words in ("2/3", "Phường 3", "Chữ để gửi nhóm Zalo"):
        assert words in text
    given = page(story.people.leader, "chasing-period-file", story.period.pk, "csv")
    lines = b"".join(given.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("Phường 1,Đúng hạn")
    assert page(story.people.leader, "chasing").status_code == 200
    assert (
        page(story.people.leader, "chasing", query="?nam=2026&che-do=" + story.regime.key).status_code == 200
    )
    assert page(story.people.leader, "chasing-file", "xlsx").status_code == 200
    assert page(story.people.leader, "chasing-file", "pdf").status_code == 404


def test_stale_buttons_are_refused() -> None:
    story = Story()
    roll = story.start()
    roll_submit(actor=story.people.officer, roll=roll, revision=roll.revision, now=NOW)
    client = client_of(story.people.focal_head)
    done = client.post(
        reverse("plan-desk:roll-move", args=[roll.pk]), {"lam": "chuyen", "ban": 1}, follow=True
    )
    assert "Báo cáo đã đổi" in done.content.decode()
    assert roll_approve.__doc__
