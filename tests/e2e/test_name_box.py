"""Names of authors in a browser: the box that offers known names, by keys and by pointer, and the list without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from khcn.library.models import Authority, Work
from khcn.library.services.authorities import authorities_rebuild
from khcn.orgs.enums import Role
from tests.e2e.conftest import TIMEOUT_MS
from tests.library.makers import make_work
from tests.orgs.factories import make_member

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SignIn = Callable[..., Page]


@pytest.fixture
def work() -> Work:
    make_work("Sách", creators=[{"name": "Nguyễn Thị Hòa"}, {"name": "Trần <b>Hòa</b>"}])
    authorities_rebuild(now=timezone.now())
    Authority.objects.filter(heading="Nguyễn Thị Hòa").update(orcid="0000-0002-1825-0097", dates="1970-")
    make_member(Role.LIBRARIAN, username="thuthu")
    return make_work("Bài mới", creators=[{"name": "Lê Văn An"}])


def test_a_known_name_becomes_a_line_by_keys_and_by_pointer(sign_in: SignIn, work: Work) -> None:
    page = sign_in("thuthu", reverse("library-desk:edit", args=[work.pk]))
    lines = page.locator("#id_creators")
    box = page.get_by_role("combobox", name="Thêm một tên").first
    box.press_sequentially("thi hoa")
    options = page.locator("[role=option]")
    expect(options).to_have_text(["Nguyễn Thị Hòa 1970-, 0000-0002-1825-0097"])
    assert box.get_attribute("aria-expanded") == "true"
    found: Any = Axe().run(page)
    assert found.response["violations"] == []
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("Enter")
    expect(lines).to_have_value("Lê Văn An\nNguyễn Thị Hòa | 0000-0002-1825-0097")
    expect(page.get_by_role("status").filter(has_text="Đã thêm Nguyễn Thị Hòa.")).to_be_visible()
    box.press_sequentially("tran")
    options.filter(has_text="Trần <b>Hòa</b>").click()
    expect(lines).to_have_value("Lê Văn An\nNguyễn Thị Hòa | 0000-0002-1825-0097\nTrần <b>Hòa</b>")
    box.fill("lê văn an")
    box.press("Enter")  # twice the same person is once; the form is not sent
    expect(page.get_by_role("status").filter(has_text="đã có trong danh sách")).to_be_visible()
    box.press_sequentially("hoa")
    expect(options).to_have_count(2)
    box.press("Escape")
    expect(options).to_have_count(0)
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url(f"**{reverse('library-desk:work', args=[work.pk])}")
    work.refresh_from_db()
    assert work.creators == [
        {"name": "Lê Văn An"},
        {"name": "Nguyễn Thị Hòa", "orcid": "0000-0002-1825-0097"},
        {"name": "Trần <b>Hòa</b>"},
    ]


def test_without_javascript_the_list_is_typed(sign_in: SignIn, work: Work) -> None:
    page = sign_in("thuthu", reverse("library-desk:edit", args=[work.pk]), script=False)
    expect(page.get_by_role("combobox", name="Thêm một tên")).to_have_count(0)
    page.locator("#id_creators").fill("Lê Văn An\nPhạm Bình")
    page.get_by_role("button", name="Lưu", exact=True).click()
    work.refresh_from_db()
    assert [one["name"] for one in work.creators] == ["Lê Văn An", "Phạm Bình"]
