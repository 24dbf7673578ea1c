"""The browser (tests/browser.py) against the live server. It fails a story when the browser complained about anything."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from khcn.library.search.changes import index_drain
from tests.orgs.factories import PASSWORD

TIMEOUT_MS = 15_000
Open = Callable[..., Page]


@pytest.fixture
def open_site(browser: Browser, live_server: Any) -> Iterator[Open]:
    """Open the site as a new visitor, on a page of choice, with JavaScript or without."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str = "/", *, script: bool = True, width: int = 1280, language: str = "vi") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            locale={"vi": "vi-VN", "en": "en-GB"}[language],
            base_url=live_server.url,
        )
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        if language != "vi":
            context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(open_site: Open) -> Callable[..., Page]:
    """Sign a person in through the form, as they would."""

    def signed_in(username: str, path: str = "/", **options: Any) -> Page:
        page = open_site("/", **options)
        page.goto(f"/tai-khoan/dang-nhap/?next={path}")
        page.locator("#id_login").fill(username)
        page.locator("#id_password").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(f"**{path}")
        return page

    return signed_in


@pytest.fixture
def searchable() -> Callable[[], object]:
    """Bring the index up to everything committed so far."""
    return index_drain
