"""Pages of progress on the desk: who gets in, what they say, and that all of it works without JavaScript."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.orgs.enums import Role
from khcn.plan.enums import ItemState, PercentRule, ReportState, TaskLevel
from khcn.plan.models import Evidence, ProgressNote, TaskUnit, WorkItem
from khcn.plan.services.progress_evidence import EVIDENCE
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import (
    People,
    make_estimate,
    make_item,
    make_line,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db
OWN = "/ban-lam-viec/ke-hoach/viec/"


@pytest.fixture
def people() -> People:
    return People()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def an_item(people: People, *, due: date | None = None, **task: Any) -> WorkItem:
    plan = task.pop("plan", None) or make_plan()
    return make_item(
        make_task(plan, lead=people.unit, **task), due=due or timezone.localdate() + timedelta(days=60)
    )


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def address(item: WorkItem) -> str:
    return reverse("plan-desk:progress-item", args=[item.pk])


def post(client: Client, item: WorkItem, deed: str, prefix: str = "", **data: Any) -> Any:
    named = {f"{prefix}-{key}" if prefix else key: value for key, value in data.items()}
    return client.post(address(item), {"viec": deed, **named})


# Who gets in


@pytest.mark.parametrize(
    "name", ["progress-own", "progress-items", "progress-sheet", "progress-feeds", "leadership"]
)
def test_visitors_sign_in_first(name: str) -> None:
    response = Client().get(reverse(f"plan-desk:{name}"))
    assert response.status_code == 302
    assert "/dang-nhap/" in response["Location"]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.SYSADMIN, Role.CONTRIBUTOR, Role.DOST_READER])
def test_roles_without_part_in_plans_stay_outside(role: Role, people: People) -> None:
    client = signed_in(make_member(role))
    for name in ("progress-own", "progress-items", "leadership"):
        assert client.get(reverse(f"plan-desk:{name}")).status_code == 403
    assert client.get(address(an_item(people))).status_code == 403


def test_units_do_not_see_the_leadership_page(people: People) -> None:
    assert signed_in(people.reporter).get(reverse("plan-desk:leadership")).status_code == 403
    assert signed_in(people.leader).get(reverse("plan-desk:leadership")).status_code == 200


def test_an_item_that_is_not_there(people: People) -> None:
    assert (
        signed_in(people.reporter).get(reverse("plan-desk:progress-item", args=[987654])).status_code == 404
    )


# The own list


def test_own_list_late_first_and_helping_apart(people: People) -> None:
    today, plan = timezone.localdate(), make_plan()
    an_item(people, plan=plan, title="Việc còn lâu", due=today + timedelta(days=90))
    an_item(people, plan=plan, title="Việc trễ hạn", due=today - timedelta(days=30))
    other = make_item(make_task(plan, title="Việc phối hợp"), due=today + timedelta(days=9))
    TaskUnit.objects.create(task=other.task, unit=people.unit)
    make_item(make_task(plan, title="Việc người khác"))
    text = page(signed_in(people.reporter), OWN)
    names = re.findall(r'site-line__name"><a href="[^"]+">([^<]+)</a>', text)
    assert [name.partition(" ")[2] for name in names] == ["Việc trễ hạn", "Việc còn lâu", "Việc phối hợp"]
    assert "Quá hạn" in text
    assert "ngày làm việc" in text
    assert "1 việc quá hạn trong 2 việc chưa xong" in text


def test_search_needs_no_tone_marks(people: People) -> None:
    plan = make_plan()
    an_item(people, plan=plan, title="Tập huấn sở hữu trí tuệ")
    an_item(people, plan=plan, title="Triển lãm")
    text = page(signed_in(people.reporter), OWN + "?tim=SO HUU")
    assert "Tập huấn sở hữu trí tuệ" in text
    assert "Triển lãm" not in text


@pytest.mark.parametrize(
    "query",
    ["?tinh-trang=zzz&ke-hoach=abc&don-vi=-1&trang=x", "?tim=%00", "?ke-hoach=99999999999999999999"],
)
def test_nonsense_in_the_address_asks_for_nothing(people: People, query: str) -> None:
    an_item(people)
    assert "Nhiệm vụ thử" in page(signed_in(people.reporter), OWN + query)


def test_closed_units_hand_their_list_to_nobody_by_accident(people: People) -> None:
    an_item(people)
    text = page(signed_in(make_member(Role.UNIT_REPORTER)), OWN)
    assert "Nhiệm vụ thử" not in text


# The item


def test_a_ward_reports_in_one_form_without_javascript(people: People) -> None:
    item = an_item(people, text="Nguyên văn trong kế hoạch")
    client = signed_in(people.reporter)
    text = page(client, address(item))
    assert "Nguyên văn trong kế hoạch" in text
    assert text.index("Ghi tiến độ") < text.index(
        "Nguyên văn trong kế hoạch"
    )  # the form comes first on a phone
    assert 'name="td-state"' in text
    assert 'name="td-percent"' not in text  # this rule works it out
    response = post(
        client, item, "tien-do", "td", revision=0, state="doing", text="Đã <b>họp</b>", difficulties=""
    )
    assert response.status_code == 302
    text = page(client, address(item))
    assert "Đã ghi tiến độ" in text
    assert "Đã &lt;b&gt;họp&lt;/b&gt;" in text
    assert "Xem và cập nhật: http://testserver" in text  # to paste into a chat


def test_what_was_typed_survives_a_second_phone(people: People) -> None:
    item = an_item(people)
    first, second = signed_in(people.reporter), signed_in(people.head)
    post(first, item, "tien-do", "td", revision=0, state="doing", text="máy một", difficulties="")
    response = post(
        second, item, "tien-do", "td", revision=0, state="done", text="máy hai viết dài", difficulties=""
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "máy hai viết dài" in text
    assert "trước bạn" in text
    assert re.search(r'name="td-revision" value="1"', text)  # sending it again is a decision now
    response = post(
        second, item, "tien-do", "td", revision=1, state="done", text="máy hai viết dài", difficulties=""
    )
    assert response.status_code == 302


def test_errors_stand_beside_their_field(people: People) -> None:
    item = an_item(people, percent_rule=PercentRule.TYPED)
    client = signed_in(people.reporter)
    response = post(
        client, item, "tien-do", "td", revision=0, state="doing", percent="một nửa", text="", difficulties=""
    )
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    response = post(
        client, item, "tien-do", "td", revision=0, state="doing", percent="100", text="", difficulties=""
    )
    assert response.status_code == 422
    assert "chọn Hoàn thành" in response.content.decode()
    assert not ProgressNote.objects.exists()


def test_another_unit_reads_but_has_no_form(people: People) -> None:
    item = an_item(people)
    client = signed_in(make_member(Role.UNIT_REPORTER))
    text = page(client, address(item))
    assert "td-state" not in text
    assert (
        post(client, item, "tien-do", "td", revision=0, state="done", text="", difficulties="").status_code
        == 403
    )
    for deed in ("xac-nhan", "mo-lai"):
        assert post(client, item, deed, revision=0, **{"ly-do": "vì sao"}).status_code == 403
    assert (
        post(client, item, "buoi", "buoi", title="Buổi", held_on="2026-01-05", people="3").status_code == 403
    )
    assert not Evidence.objects.exists()


def test_unknown_deeds_and_get_change_nothing(people: People) -> None:
    item = an_item(people)
    client = signed_in(people.head)
    assert post(client, item, "xoa-het").status_code == 404
    page(client, address(item) + "?viec=xac-nhan&revision=0")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.reporter)
    assert post(strict, item, "tien-do", "td", revision=0, state="done").status_code == 403
    item.refresh_from_db()
    assert item.revision == 0


def test_head_confirms_then_reopens(people: People) -> None:
    item = an_item(people)
    post(
        signed_in(people.reporter),
        item,
        "tien-do",
        "td",
        revision=0,
        state="done",
        text="Xong",
        difficulties="",
    )
    head = signed_in(people.head)
    assert "Xác nhận đúng như đơn vị ghi" in page(head, address(item))
    assert post(head, item, "xac-nhan", revision=1).status_code == 302
    assert "xác nhận ngày" in page(head, address(item))
    assert post(head, item, "mo-lai", revision=2, **{"ly-do": "Thiếu ảnh"}).status_code == 302
    item.refresh_from_db()
    assert item.state == ItemState.DOING


def test_files_are_downloads_for_the_desk_only(people: People) -> None:
    item = an_item(people)
    client = signed_in(people.reporter)
    data = {
        "viec": "tep",
        "tep-file": SimpleUploadedFile("bien ban.txt", b"bien ban"),
        "tep-title": "Biên bản",
    }
    assert client.post(address(item), data).status_code == 302
    row = Evidence.objects.get()
    link = reverse("plan-desk:progress-file", args=[row.pk])
    assert link in page(client, address(item))
    response = client.get(link)
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response) == b"bien ban"  # type: ignore[arg-type]  # a file answer streams
    assert signed_in(make_member(Role.EDITOR)).get(link).status_code == 404
    assert Client().get(link).status_code == 302
    assert post(client, item, "bo-minh-chung", **{"minh-chung": row.pk}).status_code == 302
    assert client.get(link).status_code == 404
    EVIDENCE.drop(row.file)


def test_steps_by_hand(people: People) -> None:
    item = an_item(people, percent_rule=PercentRule.STEPS)
    client = signed_in(people.reporter)
    post(client, item, "them-buoc", "buoc", title="Soạn nội dung", due="")
    step = item.steps.get()
    assert post(client, item, "danh-dau", buoc=step.pk, xong="1").status_code == 302
    assert "Xong ngày" in page(client, address(item))
    assert post(client, item, "bo-buoc", buoc=step.pk).status_code == 302
    assert not item.steps.exists()


def test_a_report_item_sends_to_the_report(people: People) -> None:
    text = page(signed_in(people.reporter), address(an_item(people, level=TaskLevel.REPORT)))
    assert "khi báo cáo của đơn vị được tiếp nhận" in text
    assert "td-state" not in text


def test_hostile_words_stay_words(people: People) -> None:
    item = an_item(
        people, title='<script>alert("x")</script>', text="</blockquote><img src=x onerror=alert(1)>"
    )
    text = page(signed_in(people.reporter), address(item))
    assert "<script>alert" not in text
    assert "<img src=x" not in text


# All items


def test_every_figure_leads_to_its_list(people: People) -> None:
    today, plan = timezone.localdate(), make_plan()
    late = an_item(people, plan=plan, due=today - timedelta(days=3))
    an_item(people, plan=plan)
    client = signed_in(people.leader)
    text = page(client, reverse("plan-desk:leadership") + f"?ke-hoach={plan.pk}")
    link = re.search(r'href="([^"]+tinh-trang=tre)"[^>]*>việc quá hạn', text)
    assert link
    found = page(client, link[1].replace("&amp;", "&"))
    assert late.code in found
    assert "1 việc" in found


def test_the_list_as_a_file(people: People) -> None:
    an_item(people, title="=HYPERLINK(1)")
    response = signed_in(people.leader).get(reverse("plan-desk:progress-items") + "?tep=csv")
    text = b"".join(response).decode()  # type: ignore[arg-type]  # a file answer streams
    assert "'=HYPERLINK(1)" in text


# The plan over time


def test_gantt_of_forty_tasks(people: People) -> None:
    plan = make_plan()
    for number in range(40):
        an_item(
            people,
            plan=plan,
            title=f"Nhiệm vụ dài <b>số {number}</b> có tên không vừa một dòng của hình vẽ này",
        )
    text = page(signed_in(people.reporter), reverse("plan-desk:progress-gantt", args=[plan.pk]))
    assert text.count('class="gantt__item"') == 40
    assert 'role="img"' in text
    assert "<b>số" not in text
    assert 'style="' not in text
    assert (
        signed_in(people.reporter).get(reverse("plan-desk:progress-gantt", args=[98765])).status_code == 404
    )


def test_gantt_without_any_day(people: People) -> None:
    plan = make_plan(starts_on=None, ends_on=None, year=None)
    make_item(make_task(plan, lead=people.unit, deadline=None), due=None)
    assert "không nêu hạn" in page(
        signed_in(people.leader), reverse("plan-desk:progress-gantt", args=[plan.pk])
    )


# The leadership's page


def test_leadership_counts_work_money_and_reports(people: People) -> None:
    today, plan = timezone.localdate(), make_plan()
    an_item(people, plan=plan, due=today - timedelta(days=30))
    make_item(
        make_task(plan),
        due=today - timedelta(days=9),
        state=ItemState.DONE,
        done_on=today - timedelta(days=10),
        percent=100,
    )
    make_item(
        make_task(plan),
        due=today - timedelta(days=9),
        state=ItemState.DONE,
        done_on=today - timedelta(days=1),
        percent=100,
    )
    make_item(make_task(plan), due=today - timedelta(days=9), state=ItemState.DROPPED)
    period = make_period(
        make_regime([people.unit], plan=plan), opens_on=today - timedelta(days=20), starts_on=today - timedelta(days=90),
        cutoff=today - timedelta(days=10), due=today - timedelta(days=2),
    )  # fmt: skip
    make_report(period, people.unit)
    sent = timezone.now() - timedelta(days=5)
    make_report(period, make_unit(), state=ReportState.APPROVED, submitted_at=sent)
    make_report(period, make_unit(), excused="Đã giải thể")
    make_line(make_estimate(plan), people.unit, committed=9_000_000, paid=4_000_000)
    text = page(signed_in(people.leader), reverse("plan-desk:leadership") + f"?ke-hoach={plan.pk}")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    assert "1 trong 3 việc đang quá hạn, ở 1 đơn vị." in plain
    assert "1 / 3 xong đúng hạn" in plain
    assert "1 / 2 báo cáo đã nhận" in plain
    assert "chưa nộp, đã quá hạn" in plain
    assert "4 / 10 triệu đồng đã giải ngân" in plain
    assert people.unit.label in plain


def test_leadership_prints(people: People) -> None:
    item = an_item(people, due=timezone.localdate() - timedelta(days=3))
    text = page(
        signed_in(people.leader), reverse("plan-desk:leadership") + f"?ke-hoach={item.plan_id}&ban=in"
    )
    assert "desk__side" not in text
    assert people.unit.label in text


def test_leadership_before_the_first_plan(people: People) -> None:
    assert "Chưa có kế hoạch nào" in page(signed_in(people.leader), reverse("plan-desk:leadership"))


def test_a_draft_is_not_on_the_leadership_page(people: People) -> None:
    plan = make_plan(state="draft", title="Kế hoạch nháp")
    assert "Kế hoạch nháp" not in page(
        signed_in(people.leader), reverse("plan-desk:leadership") + f"?ke-hoach={plan.pk}"
    )


def test_queries_do_not_grow_with_units(people: People, django_assert_max_num_queries: Any) -> None:
    today, plan = timezone.localdate(), make_plan()
    tasks = [make_task(plan) for _number in range(6)]
    for _number in range(12):
        unit = make_unit()
        for task in tasks:
            make_item(task, unit=unit, due=today - timedelta(days=4))
    client = signed_in(people.leader)
    page(client, reverse("plan-desk:leadership"))
    for name, most in (("leadership", 26), ("progress-items", 26)):
        with django_assert_max_num_queries(most):
            page(client, reverse(f"plan-desk:{name}"))


# The menu


def test_menu_counts_what_waits(people: People) -> None:
    an_item(people, due=timezone.localdate() - timedelta(days=3))
    make_item(make_task(make_plan(), lead=people.unit), state=ItemState.DONE, done_on=timezone.localdate())
    for person, waiting in ((people.reporter, "1"), (people.head, "2")):
        entry = re.search(
            r"Việc của đơn vị tôi.{0,200}?count[^>]*>(\d+)", page(signed_in(person), OWN), re.DOTALL
        )
        assert entry
        assert entry[1] == waiting
