"""The back office: who gets in, what an editor writes and gets back, and what stays closed."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.library.enums import WorkKind, WorkState
from khcn.library.models import Audience, Collection, IndexChange, Subject, Work
from khcn.library.services.works import work_create
from khcn.orgs.enums import Role
from tests.library.makers import make_term, make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
HOME, ARTICLES, NEW = "/quan-tri/", "/quan-tri/bai-viet/", "/quan-tri/bai-viet/new/"
SHELVES = "/quan-tri/bo-suu-tap/"
Draft = dict[str, Any]


def client_of(user: Any) -> Client:
    """Return a browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def block(text: str, kind: str = "unstyled", styles: Any = (), links: Any = ()) -> Draft:
    """Return one paragraph as the editor sends it."""
    return {
        "key": "a1", "text": text, "type": kind, "depth": 0, "inlineStyleRanges": list(styles),
        "entityRanges": list(links), "data": {},
    }  # fmt: skip


def content(*blocks: Draft, **entities: Draft) -> str:
    """Return what the editor's field sends."""
    return json.dumps(
        {"blocks": list(blocks), "entityMap": {key[1:]: value for key, value in entities.items()}}
    )


def article_post(**changed: Any) -> dict[str, Any]:
    """Return the fields of the article form."""
    fields = {
        "title": "Pin chanh",
        "abstract": "",
        "body": content(block("Một đoạn.")),
        "creators": "Trần An",
    }
    return {**fields, "rights": "cc-by-4.0", "rights_note": "", **changed}


def seen(client: Client, work: Work) -> str:
    """Return the mark of the version that the editor shows."""
    page = client.get(reverse("bai-viet:edit", args=[work.pk]))
    return str(page.context["form"].initial["seen_at"])


@pytest.mark.parametrize(
    ("role", "home", "articles", "shelves"),
    [
        (Role.EDITOR, 200, 200, 302),
        (Role.LIBRARIAN, 200, 200, 200),
        (Role.FOCAL_OFFICER, 200, 200, 302),
        (Role.FOCAL_HEAD, 200, 200, 302),
        (Role.CONTRIBUTOR, 403, 403, 403),
        (Role.UNIT_HEAD, 403, 403, 403),
        (Role.AUDITOR, 403, 403, 403),
        (Role.SYSADMIN, 403, 403, 403),
    ],
)
def test_who_gets_in(role: Role, home: int, articles: int, shelves: int) -> None:
    client = client_of(make_member(role))

    def answer(address: str) -> int:
        response = client.get(address)
        if response.status_code == 302 and "login" in response["Location"]:
            response = client.get(response["Location"])
        return int(response.status_code)

    assert [answer(HOME), answer(ARTICLES), answer(SHELVES)] == [home, articles, shelves]


def test_a_visitor_signs_in_at_our_door_and_wagtails_stays_shut() -> None:
    user = make_member(Role.EDITOR)
    user.set_password("mat-khau-dai-2026")
    user.save()
    visitor = Client()
    door = visitor.get(HOME, follow=True)
    assert door.redirect_chain[-1][0] == "/tai-khoan/dang-nhap/?next=/quan-tri/"
    visitor.post("/quan-tri/login/", {"username": user.username, "password": "mat-khau-dai-2026"})
    assert "_auth_user_id" not in visitor.session  # it would pass by the second factor


@pytest.mark.parametrize(
    "address",
    [
        "bai-viet/{pk}/", "bai-viet/delete/{pk}/", "bai-viet/history/{pk}/", "bai-viet/history-results/{pk}/",
        "bai-viet/usage/{pk}/", "bai-viet/copy/{pk}/", "bai-viet/inspect/{pk}/", "bo-suu-tap/delete/1/",
        "reports/site-history/", "choose-page/", "password_reset/confirm/MQ/abc/",
    ],
)  # fmt: skip
def test_what_is_closed(address: str) -> None:
    librarian = make_member(Role.LIBRARIAN)
    work = make_work(kind=WorkKind.ARTICLE, submitted_by=librarian)
    client = client_of(librarian)
    assert client.get(HOME + address.format(pk=work.pk)).status_code == 404
    assert client.post(HOME + address.format(pk=work.pk)).status_code == 404
    assert Work.objects.filter(pk=work.pk).exists()


@pytest.mark.parametrize(
    "address", ["pages/", "images/", "documents/", "users/", "groups/", "sites/", "workflows/list/"]
)
def test_wagtails_own_rooms_ask_for_rights_nobody_has(address: str) -> None:
    response = client_of(make_member(Role.LIBRARIAN)).get(HOME + address)
    assert (response.status_code, response.headers.get("Location")) == (302, HOME)


def test_the_first_page_leads_on() -> None:
    editor = make_member(Role.EDITOR)
    mine = make_work("Bài đang viết", kind=WorkKind.ARTICLE, submitted_by=editor)
    page = client_of(editor).get(HOME).content.decode()
    assert reverse("bai-viet:edit", args=[mine.pk]) in page
    assert NEW in page and reverse("library-desk:works") in page
    assert SHELVES not in page and '"/quan-tri/images/"' not in page and 'href="/quan-tri/pages/' not in page
    assert SHELVES in client_of(make_member(Role.LIBRARIAN)).get(HOME).content.decode()


def test_an_article_is_written_and_comes_back_as_it_was() -> None:
    unit = make_unit("Phòng Kinh tế")
    editor = make_member(Role.EDITOR, unit)
    audience, subject = make_term(Audience, "Học sinh"), make_term(Subject, "Điện")
    link = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://example.vn/a?b=1&c=2"}}
    body = content(
        block("Cách làm", "header-two"),
        block(
            "Cắm đồng",
            styles=[{"offset": 4, "length": 4, "style": "BOLD"}],
            links=[{"offset": 0, "length": 3, "key": 0}],
        ),
        block("một", "unordered-list-item"),
        _0=link,
    )
    client = client_of(editor)
    fields = article_post(body=body, unit=unit.pk, audiences=[audience.pk], subjects=[subject.pk])
    response = client.post(NEW, fields)
    work = Work.objects.get()
    assert response["Location"] == reverse("bai-viet:edit", args=[work.pk])
    assert (work.kind, work.state, work.submitted_by, work.owner_unit) == ("article", "draft", editor, unit)
    assert work.body == (
        '<h2>Cách làm</h2><p><a href="https://example.vn/a?b=1&amp;c=2" rel="noopener noreferrer">Cắm</a> <b>đồng</b></p>'
        "<ul><li>một</li></ul>"
    )
    assert work.creators == [{"name": "Trần An"}]
    assert list(work.audiences.all()) == [audience] and list(work.subjects.all()) == [subject]
    assert work.pages.get().text.split() == ["Cách", "làm", "Cắm", "đồng", "một"]
    assert AuditEvent.objects.filter(action="library.work.create", actor_id=editor.pk).count() == 1
    assert IndexChange.objects.filter(work_id=work.pk).exists()

    shown = client.get(response["Location"]).context["form"]["body"].value()
    again = client.get(response["Location"]).context["form"].fields["body"].widget.format_value(shown)
    before = work.body
    client.post(
        response["Location"], article_post(title="Pin chanh 2", body=again, seen_at=seen(client, work))
    )
    work.refresh_from_db()
    assert (work.title, work.body) == ("Pin chanh 2", before)
    event = AuditEvent.objects.get(action="library.work.update")
    assert event.before is not None and event.after is not None
    assert (event.before["title"], event.after["title"]) == ("Pin chanh", "Pin chanh 2")


def test_the_saved_page_leads_to_the_desk() -> None:
    unit = make_unit("Phòng Kinh tế")
    client = client_of(make_member(Role.EDITOR, unit))
    page = client.post(NEW, article_post(unit=unit.pk), follow=True).content.decode()
    assert "Đã lưu bài viết." in page and reverse("library-desk:work", args=[Work.objects.get().pk]) in page


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://example.vn/", True),
        ("mailto:a@b.vn", True),
    ],
)
def test_hostile_links_are_cut(url: str, kept: bool) -> None:
    unit = make_unit("Phòng Kinh tế")
    link = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": url}}
    body = content(block("<script>x</script> đây", links=[{"offset": 19, "length": 3, "key": 0}]), _0=link)
    client_of(make_member(Role.EDITOR, unit)).post(NEW, article_post(body=body, unit=unit.pk))
    html = Work.objects.get().body
    assert "<script" not in html and (f'href="{url}"' in html) is kept


def test_an_article_with_a_table_is_edited_as_html_and_cleaned() -> None:
    editor = make_member(Role.EDITOR)
    table = "<table><tbody><tr><td>ô</td></tr></tbody></table>"
    work = make_work(kind=WorkKind.ARTICLE, submitted_by=editor, body=table)
    client = client_of(editor)
    hostile = (
        table
        + '<p onclick="x()">a</p><script>alert(1)</script><img src=x onerror=y><iframe src="/"></iframe>'
    )
    address = reverse("bai-viet:edit", args=[work.pk])
    assert '<textarea name="body"' in client.get(address).content.decode()
    client.post(address, article_post(body=hostile, seen_at=seen(client, work)))
    work.refresh_from_db()
    assert work.body == table + "<p>a</p>"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"title": "  "}, "title", "nhan đề"),
        ({"title": "a" * 501}, "title", "500"),
        ({"unit": 999_999}, "unit", "999999"),
        ({"body": "no JSON"}, "body", "Không đọc được"),
        ({"body": '{"blocks": 5}'}, "body", "Không đọc được"),
    ],
)
def test_what_the_form_refuses(changed: dict[str, Any], field: str, words: str) -> None:
    unit = make_unit("Phòng Kinh tế")
    response = client_of(make_member(Role.EDITOR, unit)).post(
        NEW, article_post(**{"unit": unit.pk, **changed})
    )
    assert response.status_code == 200 and words in str(response.context["form"].errors[field])
    assert not Work.objects.exists()


def test_editors_write_only_for_their_units() -> None:
    own, other = make_unit("Phòng Kinh tế"), make_unit("Phòng Giáo dục")
    response = client_of(make_member(Role.EDITOR, own)).post(NEW, article_post(unit=other.pk))
    assert "unit" in response.context["form"].errors and not Work.objects.exists()


@pytest.mark.parametrize(
    ("role", "state"),
    [
        (Role.EDITOR, WorkState.SUBMITTED),
        (Role.EDITOR, WorkState.FROZEN),
        (Role.EDITOR, WorkState.PUBLISHED),  # who approves articles may change a published one
        (Role.FOCAL_OFFICER, WorkState.PUBLISHED),
    ],
)
def test_an_article_out_of_hands_opens_on_the_desk_and_the_service_refuses(
    role: Role, state: WorkState
) -> None:
    editor = make_member(role)
    work = make_work("Bài cũ", kind=WorkKind.ARTICLE, submitted_by=editor, state=state)
    client, address = client_of(editor), reverse("bai-viet:edit", args=[work.pk])
    assert client.get(address)["Location"] == reverse("library-desk:work", args=[work.pk])
    mark = str(round(work.updated_at.timestamp() * 1_000_000))
    response = client.post(address, article_post(title="Đổi", seen_at=mark))
    assert response.status_code == 200 and response.context["form"].non_field_errors()
    work.refresh_from_db()
    assert work.title == "Bài cũ" and not AuditEvent.objects.filter(action="library.work.update").exists()


@pytest.mark.parametrize("role", [Role.LIBRARIAN, Role.FOCAL_HEAD])
def test_who_approves_mends_what_is_published(role: Role) -> None:
    work = make_work("Bài cũ", kind=WorkKind.ARTICLE, state=WorkState.PUBLISHED)
    client = client_of(make_member(role))
    client.post(
        reverse("bai-viet:edit", args=[work.pk]), article_post(title="Bài sửa", seen_at=seen(client, work))
    )
    work.refresh_from_db()
    assert (work.title, work.state) == ("Bài sửa", WorkState.PUBLISHED)
    page = Client().get(reverse("library:work", args=[work.slug, work.pk])).content.decode()
    assert "Bài sửa" in page and "<p>Một đoạn.</p>" in page


def test_nobody_writes_over_a_colleague() -> None:
    work = make_work("Bài chung", kind=WorkKind.ARTICLE)
    first, second = client_of(make_member(Role.LIBRARIAN)), client_of(make_member(Role.LIBRARIAN))
    address, mark = reverse("bai-viet:edit", args=[work.pk]), seen(first, work)
    second.post(address, article_post(title="Của người thứ hai", seen_at=mark))
    response = first.post(address, article_post(title="Của người thứ nhất", seen_at=mark))
    assert "người khác đã lưu" in str(response.context["form"].non_field_errors())
    work.refresh_from_db()
    assert work.title == "Của người thứ hai"


@pytest.mark.parametrize("kind", [kind for kind in WorkKind if kind != WorkKind.ARTICLE])
def test_other_kinds_are_not_here(kind: WorkKind) -> None:
    librarian = make_member(Role.LIBRARIAN)
    work = make_work("Không phải bài", kind=kind, submitted_by=librarian)
    client = client_of(librarian)
    assert client.get(reverse("bai-viet:edit", args=[work.pk])).status_code == 404
    assert client.post(reverse("bai-viet:edit", args=[work.pk]), article_post()).status_code == 404
    assert "Không phải bài" not in client.get(ARTICLES).content.decode()


def test_drafts_of_other_units_are_not_here() -> None:
    work = make_work("Của phòng khác", kind=WorkKind.ARTICLE, owner_unit=make_unit("Phòng Giáo dục"))
    client = client_of(make_member(Role.EDITOR, make_unit("Phòng Kinh tế")))
    assert client.get(reverse("bai-viet:edit", args=[work.pk])).status_code == 404
    assert "Của phòng khác" not in client.get(ARTICLES).content.decode()


def test_the_list_is_searched_without_tone_marks() -> None:
    editor = make_member(Role.EDITOR)
    for title in ("Thí nghiệm pin chanh", "Trồng rau"):
        work_create(
            actor=make_member(Role.LIBRARIAN),
            kind=WorkKind.ARTICLE,
            title=title,
            unit_id=None,
            now=timezone.now(),
        )
    Work.objects.update(submitted_by=editor)
    page = client_of(editor).get(ARTICLES, {"q": "thi nghiem"}).content.decode()
    assert "Thí nghiệm pin chanh" in page and "Trồng rau" not in page and "/delete/" not in page


def test_a_shelf_is_made_named_and_renamed() -> None:
    librarian = make_member(Role.LIBRARIAN)
    client = client_of(librarian)
    client.post(SHELVES + "new/", {"name": "Đổi mới sáng tạo", "key": "", "description": "", "position": 5})
    shelf = Collection.objects.get()
    assert (shelf.key, shelf.position) == ("doi-moi-sang-tao", 5)
    work = make_work()
    work.collections.add(shelf)
    IndexChange.objects.all().delete()
    edit = reverse("bo-suu-tap:edit", args=[shelf.pk])
    client.post(edit, {"name": "Sáng tạo", "key": "khac", "description": "", "position": 5})
    shelf.refresh_from_db()
    assert (shelf.name, shelf.key) == ("Sáng tạo", "doi-moi-sang-tao")
    assert IndexChange.objects.filter(work_id=work.pk).exists()
    trail = AuditEvent.objects.filter(action="library.term.save", actor_id=librarian.pk).order_by("id")
    assert [event.after["name"] for event in trail if event.after] == ["Đổi mới sáng tạo", "Sáng tạo"]
    twice = client.post(
        SHELVES + "new/", {"name": "Đổi mới sáng tạo", "key": "", "description": "", "position": 5}
    )
    assert "Mã này đã có" in str(twice.context["form"].errors["key"]) and Collection.objects.count() == 1


def test_scripts_are_as_strict_as_on_public_pages() -> None:
    response = client_of(make_member(Role.EDITOR)).get(NEW)
    assert response.headers["X-Frame-Options"] == "DENY"
    policy = response.headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert rules["script-src"] == "'self'" and rules["default-src"] == "'none'"
    assert "unsafe-inline" not in Client().get("/").headers["Content-Security-Policy"]
