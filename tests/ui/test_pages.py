"""Base pages, error pages, the reader's choices and the style guide."""

from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from lxml import html

from khcn import ui
from khcn.ui.parts import NavGroup, NavItem, SiteProfile
from khcn.ui.styleguide import SECTIONS

OURS = Path(ui.__path__[0]) / "templates"  # another app may put its own in front
SITE = SiteProfile(
    name="Khoa học và công nghệ",
    unit="Phường thử",
    search_url="/tim/",
    owner="Ủy ban nhân dân phường thử",
    responsible="Phòng Văn hóa – Xã hội",
    address="1 Đường Thử",
    email="a@example.vn",
    phone="028 1234 5678",
    nav=[NavItem(label="Thư viện", url="/thu-vien/")],
    desk=[NavGroup(label="Thư viện", items=[NavItem(label="Chờ duyệt", url="/ban-lam-viec/", count=5)])],
)


def page(template: str, path: str = "/thu-vien/", **context: Any) -> Any:
    request = RequestFactory().get(path)
    request.COOKIES.update(context.pop("cookies", {}))
    return html.fromstring(render_to_string(template, {"site": SITE, "request": request} | context))


@pytest.mark.nodb
@pytest.mark.parametrize("template", ["ui/page.html", "ui/page_aside.html", "ui/desk_base.html"])
def test_every_page_has_the_frame(template: str) -> None:
    out = page(template)
    assert out.get("lang") == "vi"
    assert out.xpath("//a[@class='skip-link']/@href") == ["#noi-dung"]
    assert (
        len(out.xpath("//main[@id='noi-dung']"))
        == len(out.xpath("//h1"))
        == len(out.xpath("//header[contains(@class,'site-header')]"))
        == 1
    )
    words = out.xpath("//footer")[0].text_content()
    for fact in (SITE.owner, SITE.responsible, SITE.address, SITE.email, SITE.phone):
        assert fact in words
    assert out.xpath("//form[@role='search']/@action")[0] == "/tim/"
    assert out.xpath("//details[@data-menu]//a")  # the menu needs no script
    assert out.xpath("//link[@rel='preload']/@as") == ["font"]
    assert out.xpath("//script[not(@src)]") == []
    ids = out.xpath("//@id")
    assert len(ids) == len(set(ids))


@pytest.mark.nodb
def test_the_desk_lists_what_waits() -> None:
    out = page("ui/desk_base.html", "/ban-lam-viec/")
    (link,) = out.xpath("//nav[contains(@class,'wide')]//a")
    assert link.get("aria-current") == "page"
    assert link.text_content() == "Chờ duyệt 5"


@pytest.mark.nodb
@pytest.mark.parametrize(
    ("cookie", "theme"),
    [
        ({}, None),
        ({"khcn_theme": "dark"}, "dark"),
        ({"khcn_theme": "light"}, "light"),
        ({"khcn_theme": "auto"}, None),
        ({"khcn_theme": '"><script>'}, None),
    ],
)
def test_the_theme_comes_from_the_cookie(cookie: dict[str, str], theme: str | None) -> None:
    assert page("ui/page.html", cookies=cookie).get("data-theme") == theme


@pytest.mark.nodb
@pytest.mark.parametrize("name", ["400", "403", "404", "429", "500"])
def test_error_pages_need_nothing_and_say_what_to_do(name: str) -> None:
    out = html.fromstring(Template((OURS / f"{name}.html").read_text(encoding="utf-8")).render(Context()))
    assert out.get("lang") == "vi"
    assert len(out.xpath("//h1")) == 1
    assert len(out.xpath("//h2[text()='Bạn có thể']/following-sibling::ul/li")) >= 2


@pytest.mark.nodb
def test_a_print_page_has_no_navigation() -> None:
    out = page("ui/print.html")
    assert out.xpath("//nav|//form|//script") == []


@pytest.mark.django_db
def test_a_missing_address_gets_the_plain_page(client: Client) -> None:
    answer = client.get("/khong-co-trang-nay/")
    assert answer.status_code == 404
    assert "Không tìm thấy trang" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "address", "cookie"),
    [
        ("theme", "dark", "/giao-dien/nen/", "khcn_theme"),
        ("language", "en", "/giao-dien/ngon-ngu/", "django_language"),
    ],
)
def test_choices_are_kept_without_script_token_or_session(
    field: str, value: str, address: str, cookie: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, {field: value, "next": "/thu-vien/?q=a"})
    assert answer.status_code == 302
    assert answer["Location"] == "/thu-vien/?q=a"
    assert answer.cookies[cookie].value == value
    assert strict.post(address, {field: "x", "next": "/"}).cookies.get(cookie) is None
    assert strict.get(address).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_choice_leads_to_no_other_site(client: Client, target: str) -> None:
    assert client.post("/giao-dien/nen/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.django_db
def test_the_styleguide_shows_every_component_in_both_themes(client: Client) -> None:
    answer = client.get("/styleguide/")
    assert answer.status_code == 200
    out = html.fromstring(answer.content)
    assert [section.get("id") for section in out.xpath("//section[@class='example']")] == [
        row[0] for row in SECTIONS
    ]
    assert out.xpath("//div[contains(@class,'example__pane')]/@data-theme") == ["light", "dark"] * len(
        SECTIONS
    )
    ids = out.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    one = html.fromstring(client.get("/styleguide/?nen=dark").content)
    assert set(one.xpath("//div[contains(@class,'example__pane')]/@data-theme")) == {"dark"}


@pytest.mark.django_db
def test_the_styleguide_is_for_staff_where_real_people_are_served(
    client: Client, settings: Any, django_user_model: Any
) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"mode": "production"})
    assert client.get("/styleguide/").status_code == 404
    client.force_login(django_user_model.objects.create(username="nv", is_staff=True))
    assert client.get("/styleguide/").status_code == 200
