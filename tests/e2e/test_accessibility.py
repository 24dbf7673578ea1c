"""The main pages under axe (WCAG 2.2 AA) in both languages, and a search by keyboard alone."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from khcn.library.enums import RelationKind, WorkKind, WorkState
from khcn.library.models import Audience, Collection, WorkRelation
from khcn.library.search.changes import index_enqueue
from khcn.orgs.enums import Role
from tests.e2e.conftest import TIMEOUT_MS, Open
from tests.library.makers import make_batch, make_page, make_takedown, make_term, make_work
from tests.orgs.factories import make_member, make_unit

expect.set_options(timeout=TIMEOUT_MS)
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


class Site:
    """A small library with one of everything that a page shows."""

    def __init__(self) -> None:
        self.unit = make_unit("Phòng Giáo dục")
        self.librarian = make_member(Role.LIBRARIAN, self.unit, username="thuthu")
        contributor = make_member(Role.CONTRIBUTOR, self.unit)
        audience, shelf = make_term(Audience, "Học sinh"), make_term(Collection, "Văn bản chỉ đạo")
        legal = {"number": "145/KH-UBND", "type_name": "Kế hoạch", "organ_name": "Ủy ban nhân dân Quận 5"}
        self.work = make_work(
            "Kế hoạch ngày hội sáng tạo", kind=WorkKind.LEGAL, state=WorkState.PUBLISHED, legal=legal
        )
        self.work.audiences.add(audience)
        self.work.collections.add(shelf)
        for number in (1, 2):
            make_page(self.work, number, text=f"Nội dung ngày hội, trang {number}.")
        other = make_work(
            "Quyết định cũ", kind=WorkKind.LEGAL, state=WorkState.PUBLISHED, legal={"number": "1/QĐ"}
        )
        WorkRelation.objects.create(
            work=self.work,
            target=other,
            kind=RelationKind.REPLACES,
            cited_number="1/QĐ",
            cited_title=other.title,
        )
        self.gone = make_work("Tài liệu đã rút", state=WorkState.WITHDRAWN, tombstone_reason="Có bản mới.")
        self.waiting = make_work(
            "Phiếu thí nghiệm", state=WorkState.SUBMITTED, owner_unit=self.unit, submitted_by=contributor
        )
        make_page(self.waiting, text="Chữ của phiếu.")
        self.batch = make_batch(contributor, self.unit)
        self.batch.items.create(
            position=1, name="hỏng.pdf", state="failed", message="Tệp hỏng.", updated_at=self.work.updated_at
        )
        self.asked = make_takedown(self.work)
        index_enqueue([self.work.pk, other.pk])

    def public_pages(self) -> list[str]:
        """The pages of readers."""
        at = f"/thu-vien/{self.work.slug}-{self.work.pk}/"
        return [
            "/", "/thu-vien/", "/thu-vien/tim/", "/thu-vien/tim/?q=ngay+hoi", "/thu-vien/tim/?q=khong+co+gi",
            "/thu-vien/moi/", "/thu-vien/bo-suu-tap/van-ban-chi-dao/", at, f"{at}trang-2/?q=ngay+hoi",
            f"{at}?ngay=2023-07-01&kieu=ieee", "/thu-vien/tac-gia/", "/thu-vien/chu-de/", "/thu-vien/phan-loai/",
            "/thu-vien/api/", "/thu-vien/trich-dan/?q=ngay+hoi&kieu=ieee", "/thu-vien/luu-lan-tim/?q=ngay+hoi",
            "/thu-vien/xuat/?q=ngay+hoi", f"/thu-vien/go-bo/{self.work.pk}/", "/tro-giup/", "/quyen-rieng-tu/", "/so-do-trang/",
            "/tai-khoan/dang-nhap/",
        ]  # fmt: skip

    def desk_pages(self) -> list[str]:
        """The pages of the librarian."""
        root = "/ban-lam-viec/thu-vien/"
        return [
            "/ban-lam-viec/", "/ban-lam-viec/nhat-ky/", "/ban-lam-viec/viec-nen/", f"{root}?hop=cho-duyet",
            f"{root}?hop=da-rut", f"{root}gui/", f"{root}moi/", f"{root}dot/", f"{root}dot/{self.batch.pk}/",
            f"{root}tai-lieu/{self.waiting.pk}/", f"{root}tai-lieu/{self.work.pk}/sua/", f"{root}go-bo/",
            f"{root}go-bo/{self.asked.pk}/",
        ]  # fmt: skip


def violations(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """Return what axe finds, by page; a page that does not answer 200 is a finding too."""
    found = {}
    for path in paths:
        answer = page.goto(path)
        status = answer.status if answer else 0
        result: Any = Axe().run(page, options=RULES).response
        broken = [f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in result["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        problems = (
            broken + ([f"status {status}"] if status != 200 else []) + (["scrolls sideways"] if wide else [])
        )
        if problems:
            found[path] = problems
    return found


@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_public_pages_are_accessible(
    open_site: Open, searchable: Callable[[], object], language: str, width: int
) -> None:
    site = Site()
    searchable()
    page = open_site("/", language=language, width=width)
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page, site.public_pages()) == {}


@pytest.mark.parametrize(("language", "width"), [("vi", 1280), ("en", 360)])
def test_desk_pages_are_accessible(sign_in: Callable[..., Page], language: str, width: int) -> None:
    site = Site()
    page = sign_in(site.librarian.username, "/ban-lam-viec/", language=language, width=width)
    assert violations(page, site.desk_pages()) == {}


def test_a_search_by_keyboard_alone(open_site: Open, searchable: Callable[[], object]) -> None:
    site = Site()
    searchable()
    page = open_site("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Tìm trong thư viện")).to_be_focused()
    page.keyboard.type("ngay hoi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thu-vien/tim/?q=ngay+hoi")
    hit = page.get_by_role("link", name=site.work.title)
    for _step in range(60):
        if hit.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(hit).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=site.work.title, level=1)).to_be_visible()
