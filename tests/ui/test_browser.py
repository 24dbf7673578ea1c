"""The style guide in a real browser: accessibility, small screens, both themes, with and without JavaScript."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from khcn.ui.charts import store
from tests.browser import CHROMIUM

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt install chromium"),
]


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Any]:
    """Open an address in a fresh context; fails at the end when the browser complained."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(
        path: str = "/styleguide/", *, width: int = 1280, theme: str = "light", script: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            java_script_enabled=script,
            locale="vi-VN",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    # A Content-Security-Policy violation is logged as an error; so is every refused answer, which one test wants.
    assert [line for line in complaints if "503" not in line] == []


def seen_background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


LIGHT, DARK = "rgb(251, 250, 247)", "rgb(18, 24, 26)"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing(open_page: Any, theme: str, width: int) -> None:
    page = open_page(f"/styleguide/?nen={theme}", theme=theme, width=width)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    problems = {
        item["id"]: [node["html"][:160] for node in item["nodes"]] for item in found.response["violations"]
    }
    assert problems == {}, json.dumps(problems, indent=1, ensure_ascii=False)
    assert len(found.response["passes"]) > 20


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(open_page: Any, width: int) -> None:
    page = open_page("/styleguide/?nen=light", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_one_presses_on_a_phone_is_large_enough(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light", width=360)
    small = page.evaluate("""() => [...document.querySelectorAll(
        'button, summary, .button, .field select, .field input:not([type=checkbox],[type=radio]), .choice, .facet a, ' +
        '.pagination a, .tabs a, .chip, .link-list a')]
        .map(e => [e, e.getBoundingClientRect()])
        .filter(([e, r]) => r.width > 0 && (r.height < 43.5 || r.width < 43.5))
        .map(([e, r]) => `${e.outerHTML.slice(0, 90)} ${r.width}x${r.height}`)""")
    assert small == []


def test_letters_come_from_the_font_and_figures_stand_in_columns(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'Ỗữẫ')")
    widths = page.evaluate("""() => ['1.111.111', '8.888.888'].map(text => {
        const span = document.createElement('span');
        span.className = 'numbers'; span.textContent = text; document.body.append(span);
        return span.getBoundingClientRect().width; })""")
    assert widths[0] == pytest.approx(widths[1], abs=0.1)


def test_the_theme_follows_the_device_until_one_chooses(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=dark", theme="dark")
    assert seen_background(page) == DARK
    page.locator("footer").get_by_role("button", name="Sáng").click()
    assert seen_background(page) == LIGHT
    expect(page.locator("footer").get_by_role("button", name="Sáng")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.reload()
    assert seen_background(page) == LIGHT
    page.locator("footer").get_by_role("button", name="Theo máy").click()
    assert seen_background(page) == DARK


def test_without_javascript_theme_language_and_menu_work(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light", script=False, width=360)
    page.locator("footer").get_by_role("button", name="Tối").click()
    assert page.url.endswith("/styleguide/?nen=light")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.locator(".site-menu > summary").click()
    expect(page.locator(".site-menu__panel")).to_be_visible()
    expect(page.get_by_role("button", name="Chép chữ")).to_be_hidden()  # what needs script is not shown
    page.locator("footer").get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_files_of_several_choices_add_up_and_can_be_taken_out(open_page: Any, tmp_path: Path) -> None:
    for name in ("một.pdf", "hai <b>.pdf", "ba.pdf"):
        (tmp_path / name).write_bytes(b"x" * 1_234_567)
    page = open_page("/styleguide/?nen=light")
    control = page.locator("#form input[type=file]")
    control.set_input_files([tmp_path / "một.pdf", tmp_path / "hai <b>.pdf"])
    control.set_input_files([tmp_path / "ba.pdf", tmp_path / "một.pdf"])  # one of them again
    rows = page.locator("#form [data-filedrop-list] li")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("hai <b>.pdf")
    expect(rows.nth(0)).to_contain_text("1,2 MB")
    page.get_by_role("button", name="Bỏ một.pdf").click()
    expect(rows).to_have_count(2)
    assert control.evaluate("input => [...input.files].map(file => file.name)") == ["hai <b>.pdf", "ba.pdf"]


def test_files_can_be_dropped(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light")
    data = page.evaluate_handle("""() => { const t = new DataTransfer();
        t.items.add(new File(['x'], 'thả.pdf')); return t; }""")
    zone = page.locator("#form [data-filedrop]")
    zone.dispatch_event("dragover", {"dataTransfer": data})
    assert zone.get_attribute("data-over") == ""
    zone.dispatch_event("drop", {"dataTransfer": data})
    assert zone.get_attribute("data-over") is None
    assert page.locator("#form input[type=file]").evaluate("input => input.files[0].name") == "thả.pdf"


def test_copying_says_that_it_worked(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép chữ").click()
    expect(page.locator("[data-copy-status]")).to_have_text("Đã chép.")
    assert "Giữ tên cho sạp hàng của bạn" in page.evaluate("navigator.clipboard.readText()")


def test_a_second_tap_sends_a_form_once(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light")
    page.route("**/gui-thu/", lambda route: None)  # an answer that never comes
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate("""() => { document.querySelector('main').insertAdjacentHTML('beforeend',
        '<form method="post" action="/gui-thu/"><button id="send">Gửi</button></form>'); }""")
    state = page.evaluate("""() => { const button = document.querySelector('#send');
        button.click(); button.click(); return button.getAttribute('aria-disabled'); }""")
    assert state == "true"
    page.wait_for_timeout(200)
    assert len(sent) == 1


def test_drafts_save_themselves_and_say_when_they_could_not(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light")
    answers = iter([503, 204])
    bodies: list[str] = []

    def answer(route: Any) -> None:
        bodies.append(route.request.post_data)
        route.fulfill(status=next(answers))

    page.route("**/luu-nhap/", answer)
    page.clock.install()
    page.evaluate("""() => { document.querySelector('main').insertAdjacentHTML('beforeend',
        `<form method="post" action="/x/" data-autosave="/luu-nhap/"><input id="draft" name="title">
        <span data-autosave-status data-saving="Đang lưu" data-saved="Đã lưu {time}" data-unsaved="Chưa lưu được"></span>
        </form>`); }""")
    page.locator("#draft").fill("Nhan đề")
    page.clock.run_for(2100)
    status = page.locator("[data-autosave-status]")
    expect(status).to_have_text("Chưa lưu được")
    page.clock.run_for(15100)
    expect(status).to_have_text(re.compile(r"Đã lưu \d\d:\d\d"))
    assert len(bodies) == 2
    assert "Nhan đề" in bodies[1]


def test_charts_are_pictures_first_and_come_alive_only_when_asked(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=dark", theme="dark")
    for note in store.charts_dir().glob("*.request.json"):
        store.chart_draw(note.name.split(".")[0])
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.reload()
    assert not [url for url in loaded if "vega" in url]
    figure = page.locator("#charts figure").first
    expect(figure.locator(".chart__wide svg")).to_be_visible()
    expect(figure.locator(".chart__narrow")).to_be_hidden()
    line = figure.locator(".chart__wide path[stroke^='var(--chart-1']").first
    assert line.evaluate("path => getComputedStyle(path).stroke") == "rgb(124, 199, 207)"  # the dark token
    figure.get_by_role("button", name="Xem hình tương tác").click()
    expect(figure.locator("canvas")).to_be_visible()
    expect(figure.locator(".chart__wide")).to_be_hidden()
    assert len([url for url in loaded if "vega" in url]) == 1


def test_ctrl_k_and_escape(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light", width=360)
    page.locator(".site-menu > summary").click()
    page.keyboard.press("Escape")
    expect(page.locator(".site-menu__panel")).to_be_hidden()
    expect(page.locator(".site-menu > summary")).to_be_focused()


def test_print_is_black_on_white_without_controls(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=dark", theme="dark")
    page.emulate_media(media="print")
    assert seen_background(page) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    expect(page.locator("footer .switch").first).to_be_hidden()
    expect(page.locator("#buttons .button").first).to_be_hidden()
    expect(page.locator("#summary dd").first).to_be_visible()


def test_reduced_motion_is_kept(open_page: Any) -> None:
    page = open_page("/styleguide/?nen=light")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") in {
        "0s",
        "1e-05s",
    }
