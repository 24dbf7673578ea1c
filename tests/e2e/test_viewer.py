"""Reading a document page by page in a browser: hits on the picture, keys, links to a passage, without JavaScript too."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from khcn.library.models import Work
from khcn.library.store import PICTURE_WIDTHS, page_picture
from khcn.library.tables.results import page_url
from tests.e2e.conftest import TIMEOUT_MS, Open
from tests.library.viewer_works import pdf_work

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def work(tmp_path: Path) -> Work:
    made = pdf_work(tmp_path)
    sha256 = made.files.get().sha256
    for number in (
        1,
        2,
        3,
    ):  # drawn before: a slow machine refuses to draw many at once, which the console notes
        for wide in PICTURE_WIDTHS:
            page_picture(sha256, number, wide)
    return made


def overlaps(page: Page) -> bool:
    """Whether the first box on the picture lies on the picture."""
    picture, box = (
        page.locator(".sheet img").bounding_box(),
        page.locator(".sheet__mark").first.bounding_box(),
    )
    assert picture is not None
    assert box is not None
    return (
        picture["x"] <= box["x"] <= box["x"] + box["width"] <= picture["x"] + picture["width"] + 1
        and picture["y"] <= box["y"] <= box["y"] + box["height"] <= picture["y"] + picture["height"] + 1
        and box["width"] > 5
        and box["height"] > 3
    )


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_reader_searches_inside_and_sees_the_hits_on_the_picture(
    open_site: Open, work: Work, script: bool, width: int
) -> None:
    page = open_site(page_url(work, 2), script=script, width=width)
    page.get_by_role("searchbox", name="Tìm trong tài liệu này").fill("khoa hoc")
    page.get_by_role("button", name="Tìm", exact=True).filter(visible=True).last.click()
    expect(page.get_by_role("heading", name="Trang 3 trên 3")).to_be_visible()  # the next page that answers
    expect(page.get_by_role("status").first).to_contain_text("Trang này có 3 chỗ khớp")
    expect(page.locator(".reader__text mark")).to_have_count(6)
    expect(page.locator(".sheet__mark")).to_have_count(3)
    assert overlaps(page)
    page.get_by_role("link", name="Trang khớp trước").click()
    expect(page.get_by_role("heading", name="Trang 1 trên 3")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") or not script
    page.get_by_label("Đến trang").fill("2")
    page.get_by_role("button", name="Đi", exact=True).click()
    expect(page.get_by_role("heading", name="Trang 2 trên 3")).to_be_visible()


def test_the_keyboard_is_enough(open_site: Open, work: Work) -> None:
    page = open_site(page_url(work, 1, query="khoa hoc"))
    page.keyboard.press("n")
    expect(page.locator("#cho-1")).to_be_focused()
    expect(page.locator(".sheet__mark.is-now")).to_have_count(1)
    page.keyboard.press("n")
    expect(page.locator("#cho-2")).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.press("n")  # beyond the last one: the next page that answers
    expect(page.get_by_role("heading", name="Trang 3 trên 3")).to_be_visible()
    expect(page.locator("#cho-1")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name="Trang 2 trên 3")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Tìm trong tài liệu này")).to_be_focused()
    page.keyboard.type("n/?")
    expect(page.get_by_role("searchbox", name="Tìm trong tài liệu này")).to_have_value("n/?")


def test_zoom_turn_and_the_help(open_site: Open, work: Work) -> None:
    page = open_site(page_url(work, 1, query="khoa hoc"))
    sheet = page.locator("[data-viewer-sheet]")
    before = page.locator(".sheet img").bounding_box()
    page.keyboard.press("+")
    expect(sheet).to_have_class(re.compile("sheet--free"))
    expect(page.locator(".sheet img")).to_have_attribute("src", re.compile("/1800/$"))
    after = page.locator(".sheet img").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 1.4 * before["width"]
    page.keyboard.press("r")
    turned = page.locator(".sheet img").bounding_box()
    assert turned is not None
    assert turned["width"] > turned["height"]
    assert overlaps(page) or turned["x"] < 0
    page.keyboard.press("0")
    expect(sheet).not_to_have_class(re.compile("sheet--free"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Dùng phím tắt trên máy này").uncheck()
    page.get_by_role("button", name="Đóng").click()
    page.keyboard.press("+")
    expect(sheet).not_to_have_class(re.compile("sheet--free"))


def test_a_selected_passage_has_a_link_of_its_own(open_site: Open, work: Work) -> None:
    page = open_site(page_url(work, 2))
    page.evaluate(
        """() => {
          const text = document.querySelector("[data-viewer-text]");
          const node = text.firstChild;
          const range = document.createRange();
          const at = node.data.indexOf("nước giếng");
          range.setStart(node, at);
          range.setEnd(node, at + 10);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép liên kết đến đoạn này").click()
    expect(page.get_by_text("Đã chép liên kết.")).to_be_visible()
    link: Any = page.evaluate("navigator.clipboard.readText()")
    page.goto("/" + link.split("/", 3)[3])
    expect(page.locator("#doan")).to_have_text("nước giếng")
    expect(page.locator(".sheet__mark--passage")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_nobody_is_shut_out(open_site: Open, work: Work, theme: str, width: int) -> None:
    page = open_site(page_url(work, 1, query="khoa hoc"), width=width)
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    expect(page.locator("[data-viewer-zoom]")).to_be_visible()
    for details in page.locator("details:not([data-menu])").all():
        details.evaluate("element => { element.open = true; }")
    page.locator(".viewer__strip img").first.scroll_into_view_if_needed()
    if folder := os.environ.get("SHOTS_FOLDER"):
        page.screenshot(path=f"{folder}/viewer-{theme}-{width}.png", full_page=True)
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()
