"""The viewer: hits on the picture, the list of hits, links to passages, and nothing for those who may not read."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.engines.documents.types import OcrOptions
from khcn.library import sheets
from khcn.library.enums import Visibility, WorkState
from khcn.library.models import Page, Work
from khcn.library.selectors.viewer import search_inside
from khcn.library.sheets import kept_words, words_of, words_path
from khcn.library.store import stored_path
from khcn.library.tables.reader import Marks, marked_text, passage_of
from khcn.library.tables.results import page_url, work_url
from khcn.orgs.enums import Role
from tests.library.makers import make_page, make_work
from tests.library.viewer_works import pdf_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_pdf_work(tmp_path: Path) -> Callable[..., Work]:
    return partial(pdf_work, tmp_path)


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


# --- hits on the page ------------------------------------------------------------------------------------------


def test_hits_are_marked_in_the_text_and_on_the_picture(
    client: Client, make_pdf_work: Callable[..., Work]
) -> None:
    page = html(client, page_url(make_pdf_work(), 1, query="khoa hoc"))
    assert page.count('<mark id="cho-') == 3  # "khoa học" twice, and "học" of "học sinh"
    assert len(re.findall(r'<rect class="sheet__mark sheet__mark--whole"', page)) == 2
    assert len(re.findall(r'<rect class="sheet__mark sheet__mark--part"', page)) == 1
    assert "Trang này có 3 chỗ khớp" in page
    assert "3 chỗ được đánh dấu trên ảnh" in page
    assert "Cả tài liệu có 2 trang khớp" in page
    assert "data-viewer-marks" not in page
    assert "style=" not in re.sub(r"<style.*?</style>", "", page)


def test_a_number_is_one_hit(client: Client, make_pdf_work: Callable[..., Work]) -> None:
    page = html(client, page_url(make_pdf_work(), 1, query="82/kh-ubnd"))
    assert '<mark id="cho-1">82/KH-UBND</mark>' in page
    assert page.count('<rect class="sheet') == 1


def test_next_and_previous_page_with_hits(client: Client, make_pdf_work: Callable[..., Work]) -> None:
    work = make_pdf_work()
    middle = html(client, page_url(work, 2, query="khoa hoc"))
    assert "Trang này không có chỗ nào khớp" in middle
    for number in (1, 3):
        assert f'href="{page_url(work, number, query="khoa hoc")}#cho-1"' in middle
    assert '<rect class="sheet' not in middle


@pytest.mark.parametrize(
    ("start", "question", "leads"),
    [(1, "nước giếng", "trang-2/?q=n%C6%B0%E1%BB%9Bc+gi%E1%BA%BFng#cho-1"), (2, "phu luc", "trang-3/?q=phu+luc#cho-1"),
     (3, "muc dich", "trang-1/?q=muc+dich#cho-1"), (2, "vangmat", "trang-2/?q=vangmat")],
)  # fmt: skip
def test_searching_leads_to_the_next_hit(
    client: Client, make_pdf_work: Callable[..., Work], start: int, question: str, leads: str
) -> None:
    response = client.get(page_url(make_pdf_work(), start), {"q": question, "den": "1"})
    assert (response.status_code, response["Location"].split("/", 3)[3]) == (302, leads)


@pytest.mark.parametrize(("wish", "leads"), [("3", 3), ("99", 3), ("0", 1), ("0000002", 2)])
def test_go_to_a_page(client: Client, make_pdf_work: Callable[..., Work], wish: str, leads: int) -> None:
    work = make_pdf_work()
    response = client.get(page_url(work, 1), {"trang": wish})
    assert response["Location"] == page_url(work, leads)
    assert client.get(page_url(work, 1), {"trang": "-x"}).status_code == 200


def test_a_link_to_a_passage_marks_it_in_text_and_picture(
    client: Client, make_pdf_work: Callable[..., Work]
) -> None:
    work = make_pdf_work()
    text = work.pages.get(number=1).text
    start = text.index("khoa học")
    page = html(client, page_url(work, 1) + f"?doan={start}-{start + 8}")
    assert '<span class="passage" id="doan">khoa học</span>' in page
    assert "sheet__mark--passage" in page
    both = html(client, page_url(work, 1) + f"?q=hoc&doan={start}-{start + 8}")
    assert re.search(r'id="doan">khoa <mark id="cho-\d">học</mark></span>', both)


@pytest.mark.parametrize("wrong", ["", "5", "9-5", "0-999999", "a-b", "-1-4", "1-2-3", "1-99999999"])
def test_a_passage_that_is_not_there_is_left_out(
    client: Client, make_pdf_work: Callable[..., Work], wrong: str
) -> None:
    assert passage_of(wrong, "chữ") is None
    assert 'id="doan"' not in html(client, page_url(make_pdf_work(), 1) + f"?doan={wrong}")


@pytest.mark.parametrize(
    ("question", "passage"), [("a b", "1-4"), ("b", "0-7"), ("<i> &", "2-5"), ("", "3-7"), ("a", "")]
)
def test_marking_never_changes_a_character(question: str, passage: str) -> None:
    text = "a <b> & c\nb 'a' \"b\""
    shown = str(Marks.of(text, question, passage).html)
    plain = re.sub(r"</?(?:mark|span)[^>]*>", "", shown)
    assert (
        plain.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#x27;", "'")
        .replace("&quot;", '"')
        .replace("&amp;", "&")
        == text
    )


def test_marked_text_for_other_pages() -> None:
    assert marked_text("Khoa học", "hoc") == "Khoa <mark>học</mark>"
    assert marked_text("Khoa học", "") == "Khoa học"


# --- where the places come from ---------------------------------------------------------------------------------


def test_places_are_kept_and_made_once(
    make_pdf_work: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page.objects.select_related("file").get(work=make_pdf_work(), number=1)
    first = words_of(page)
    assert first is not None
    assert words_path(page.file.sha256, 1).stat().st_size < 4_000
    monkeypatch.setattr(sheets, "page_words", lambda *_, **__: pytest.fail("made twice"))
    assert words_of(page) == first


def test_places_of_an_older_text_do_not_count(make_pdf_work: Callable[..., Work]) -> None:
    page = Page.objects.select_related("file").get(work=make_pdf_work(), number=1)
    words_of(page)
    page.text = "Chữ đã được nhận dạng lại."
    assert kept_words(page) is None


def test_a_broken_file_is_tried_once_and_the_page_shows(
    client: Client, make_pdf_work: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_pdf_work()
    file = work.files.get()
    words_path(file.sha256, 3).unlink(missing_ok=True)
    stored_path(file.sha256).write_bytes(b"%PDF-1.7\nbroken")
    page = html(client, page_url(work, 3, query="khoa hoc"))
    assert "<mark" in page
    assert '<rect class="sheet' not in page
    monkeypatch.setattr(sheets, "page_words", lambda *_, **__: pytest.fail("tried again"))
    html(client, page_url(work, 3, query="khoa hoc"))


def test_a_scan_nobody_has_placed_yet_shows_at_once_and_its_boxes_come_later(
    client: Client, make_pdf_work: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_pdf_work()
    Page.objects.filter(work=work).update(source="ocr")
    words_path(work.files.get().sha256, 1).unlink(missing_ok=True)
    asked: list[Any] = []
    made = sheets.page_words

    def recognised(*args: Any, **options: Any) -> Any:
        asked.append(options.pop("ocr"))
        return made(*args, ocr=None, **options)

    monkeypatch.setattr(sheets, "page_words", recognised)
    monkeypatch.setattr(sheets, "ocr_ready", lambda _: True)
    page = html(client, page_url(work, 1, query="khoa hoc"))
    assert '<rect class="sheet' not in page
    assert asked == []
    address = re.search(r'data-viewer-marks="([^"]+)"', page)
    assert address is not None
    answer = client.get(address[1], {"q": "khoa hoc"}).json()
    assert answer["ready"] is True
    assert [box["kind"] for box in answer["boxes"]].count("whole") == 2
    assert isinstance(asked[0], OcrOptions)
    assert '<rect class="sheet' in html(client, page_url(work, 1, query="khoa hoc"))


def test_a_page_without_a_picture_is_text_only(client: Client) -> None:
    work = make_work("Bài viết", state=WorkState.PUBLISHED)
    make_page(work, text="Chữ về khoa học.")
    page = html(client, page_url(work, 1, query="khoa"))
    assert "<mark" in page
    assert '<svg class="sheet__marks' not in page
    assert "Xem ảnh trang" not in page


# --- around the page --------------------------------------------------------------------------------------------


def test_thumbnails_prefetch_and_real_proportions(client: Client, make_pdf_work: Callable[..., Work]) -> None:
    work = make_pdf_work()
    page = html(client, page_url(work, 2))
    for number in (1, 2, 3):
        assert reverse("library:page-image", args=[work.pk, number, 240]) in page
    following = reverse("library:page-image", args=[work.pk, 3, 900])
    assert f'<link rel="prefetch" as="image" href="{following}">' in page
    assert 'rel="prefetch"' not in html(client, page_url(work, 3))
    assert re.search(r'width="900" height="127[0-9]"', page)  # A4 upright


def test_the_box_on_the_page_of_a_work(client: Client, make_pdf_work: Callable[..., Work]) -> None:
    work = make_pdf_work()
    page = html(client, work_url(work))
    assert f'action="{page_url(work, 1)}"' in page
    assert reverse("library:iiif-manifest", args=[work.pk]) in page


def test_questions_of_any_kind_are_answered(client: Client, make_pdf_work: Callable[..., Work]) -> None:
    work = make_pdf_work()
    for question in (
        '"',
        '""',
        "\x00",
        "<script>alert(1)</script>",
        "((",
        "a" * 5000,
        "*:*",
        "\ud800".encode("utf-8", "surrogatepass"),
    ):
        response = client.get(page_url(work, 1), {"q": question})
        assert response.status_code == 200
        assert b"<script>alert" not in response.content


def test_what_a_page_costs(
    client: Client, make_pdf_work: Callable[..., Work], django_assert_max_num_queries: Any
) -> None:
    work = make_pdf_work()
    client.get(page_url(work, 1, query="khoa hoc"))
    with django_assert_max_num_queries(14):
        client.get(page_url(work, 1, query="khoa hoc"))


# --- who may see it ---------------------------------------------------------------------------------------------

SECRET = "nước giếng"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"visibility": Visibility.UNITS}, 404),
        ({"visibility": Visibility.SIGNED_IN}, 404),
        ({"embargoed": True, "embargo_until": timezone.localdate() + timedelta(days=30)}, 404),
        ({"state": WorkState.DRAFT}, 404),
        ({"state": WorkState.SUBMITTED}, 404),
        ({"state": WorkState.FROZEN}, 404),
        ({"state": WorkState.WITHDRAWN}, 404),
    ],
)
def test_no_door_opens_for_those_who_may_not_read(
    client: Client, make_pdf_work: Callable[..., Work], fields: dict[str, Any], status: int
) -> None:
    work = make_pdf_work(**fields)
    doors = [
        page_url(work, 2, query=SECRET),
        reverse("library:page-marks", args=[work.pk, 2]) + "?q=gieng",
        reverse("library:page-image", args=[work.pk, 2, 240]),
        reverse("library:iiif-manifest", args=[work.pk]),
        reverse("library:iiif-text", args=[work.pk, 2]),
        reverse("library:iiif-search", args=[work.pk]) + "?q=gieng",
        reverse("library:iiif-image", args=[work.pk, 2]),
        reverse("library:iiif-info", args=[work.pk, 2]),
        reverse("library:iiif-file", args=[work.pk, 2, "max", "jpg"]),
    ]
    for door in doors:
        response = client.get(door)
        assert response.status_code == status, door
        body = b"".join(response) if response.streaming else response.content
        assert "giếng" not in body.decode("utf-8", "replace").replace(SECRET, "", 2), door
        assert "Access-Control-Allow-Origin" not in response
    assert search_inside(work, SECRET, user=None, now=timezone.now()).pages == ()


def test_what_staff_see_under_embargo_stays_with_them(
    client: Client, make_pdf_work: Callable[..., Work]
) -> None:
    unit = make_unit("Phòng Giáo dục")
    work = make_pdf_work(
        owner_unit=unit, embargoed=True, embargo_until=timezone.localdate() + timedelta(days=30)
    )
    client.force_login(make_member(Role.LIBRARIAN, username="thuthu"))
    for door in (
        reverse("library:page-image", args=[work.pk, 2, 240]),
        reverse("library:iiif-manifest", args=[work.pk]),
        reverse("library:iiif-file", args=[work.pk, 2, "max", "webp"]),
        reverse("library:page-marks", args=[work.pk, 2]) + "?q=gieng",
    ):
        response = client.get(door)
        assert response.status_code == 200, door
        assert "private" in response["Cache-Control"]
        assert "public" not in response["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in response
