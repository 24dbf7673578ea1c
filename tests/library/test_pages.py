"""The library's public pages: what they show to whom, what they refuse, and what they cost."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.library.enums import RelationKind, Visibility, WorkKind, WorkState
from khcn.library.models import Audience, Collection, Subject, TakedownRequest, Work, WorkFile, WorkRelation
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.store import stored_path
from khcn.library.tables.reader import marked_text
from khcn.library.tables.results import work_url
from khcn.orgs.enums import Role
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
PUBLISHED = WorkState.PUBLISHED


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.status_code
    return response.content.decode()


def searchable(*works: Work) -> None:
    index_enqueue([work.pk for work in works])
    index_drain()


def keep_file(work: Work, name: str, data: bytes, mime: str, **fields: Any) -> WorkFile:
    """Give a work a stored file, as the pipeline leaves it."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = stored_path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    values = {
        "position": 1,
        "sha256": sha256,
        "original_name": name,
        "size_bytes": len(data),
        "mime": mime,
        **fields,
    }
    known = {field.name for field in WorkFile._meta.get_fields()}
    if "added_at" in known:
        values.setdefault("added_at", timezone.now())
    return WorkFile.objects.create(work=work, **{key: value for key, value in values.items() if key in known})


# --- who sees what ------------------------------------------------------------------------------------------


class Readers:
    """A work for everyone, for people signed in, for one unit; and readers of each sort."""

    def __init__(self) -> None:
        self.unit, self.other = make_unit("Phòng Kinh tế"), make_unit("Phòng Giáo dục")
        shelf = make_term(Collection, "Kệ chung")
        self.works = {
            "public": make_work("Ngày hội cho mọi người", state=PUBLISHED),
            "signed_in": make_work(
                "Ngày hội cho người đăng nhập", state=PUBLISHED, visibility=Visibility.SIGNED_IN
            ),
            "unit": make_work("Ngày hội của một đơn vị", state=PUBLISHED, visibility=Visibility.UNITS),
            "draft": make_work("Ngày hội còn nháp", owner_unit=self.unit),
        }
        self.works["unit"].units.add(self.unit)
        for work in self.works.values():
            make_page(work, text="Ngày hội sáng tạo.")
            work.collections.add(shelf)
        self.people = {
            "visitor": None,
            "no-role": make_user(),
            "colleague": make_member(Role.UNIT_REPORTER, self.unit),
            "stranger": make_member(Role.UNIT_REPORTER, self.other),
            "sysadmin": make_member(Role.SYSADMIN, self.unit),
        }
        searchable(*self.works.values())


SEES = {
    "visitor": {"public"},
    "no-role": {"public", "signed_in"},
    "colleague": {"public", "signed_in", "unit"},
    "stranger": {"public", "signed_in"},
}


@pytest.mark.parametrize("who", list(SEES))
def test_every_way_to_a_work_shows_the_same_works(client: Client, who: str) -> None:
    readers = Readers()
    if readers.people[who]:
        client.force_login(readers.people[who])
    ways = [
        "/",
        "/thu-vien/",
        "/thu-vien/moi/",
        "/thu-vien/bo-suu-tap/ke-chung/",
        "/thu-vien/tim/?q=ngay+hoi",
    ]
    for way in ways:
        page = text(client, way)
        assert {key for key, work in readers.works.items() if work_url(work) in page} == SEES[who], way
    for key, work in readers.works.items():
        wanted = 200 if key in SEES[who] else 404
        assert client.get(work_url(work)).status_code == wanted, key
        assert client.get(f"{work_url(work)}trang-1/").status_code == wanted, key
        assert client.get(reverse("library:takedown", args=[work.pk])).status_code == wanted, key


def test_counts_and_facets_do_not_tell_of_hidden_works(client: Client) -> None:
    Readers()
    assert "1 kết quả" in text(client, "/thu-vien/tim/?q=ngay+hoi")
    assert "1 tài liệu" in text(client, "/thu-vien/bo-suu-tap/ke-chung/")
    items = client.get("/thu-vien/goi-y/", {"q": "ngay hoi"}).json()["items"]
    assert "nháp" not in json.dumps(items, ensure_ascii=False)
    assert "đơn vị" not in json.dumps(items, ensure_ascii=False)


def test_a_work_under_embargo_is_not_there_yet(client: Client) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    work = make_work("Kết quả thi", state=PUBLISHED, embargo_until=tomorrow, embargoed=True)
    assert client.get(work_url(work)).status_code == 404


# --- addresses ----------------------------------------------------------------------------------------------


def test_an_old_address_leads_to_the_present_one(client: Client) -> None:
    work = make_work("Tên mới", state=PUBLISHED)
    make_page(work)
    old = client.get(f"/thu-vien/ten-cu-{work.pk}/")
    assert (old.status_code, old.headers["Location"]) == (301, f"/thu-vien/ten-moi-{work.pk}/")
    page = client.get(f"/thu-vien/ten-cu-{work.pk}/trang-1/?q=h%E1%BB%99i")
    assert (page.status_code, page.headers["Location"]) == (
        301,
        f"/thu-vien/ten-moi-{work.pk}/trang-1/?q=h%E1%BB%99i",
    )


@pytest.mark.parametrize("state", [WorkState.WITHDRAWN, WorkState.FROZEN])
def test_a_work_taken_away_leaves_a_tombstone(client: Client, state: WorkState) -> None:
    work = make_work("Bảng giá cũ", state=state, tombstone_reason="Có bản mới.", abstract="Nội dung kín.")
    make_page(work, text="Chữ đã rút.")
    page = text(client, work_url(work), 410)
    assert "Bảng giá cũ" in page
    assert "Có bản mới." in page
    assert "Chữ đã rút." not in page
    assert client.get(f"{work_url(work)}trang-1/").status_code == 404


def test_a_hidden_work_leaves_no_tombstone(client: Client) -> None:
    work = make_work("Nội bộ", state=WorkState.WITHDRAWN, visibility=Visibility.UNITS)
    assert "Nội bộ" not in text(client, work_url(work), 404)


# --- the page of a work -------------------------------------------------------------------------------------


def test_a_legal_document_shows_fields_validity_and_relations(client: Client) -> None:
    now = timezone.localdate()
    legal = {"number": "82/KH-UBND", "type_name": "Kế hoạch", "organ_name": "Ủy ban nhân dân Quận 5",
             "signer_name": "Nguyễn Văn Mẫu", "signer_position": "Chủ tịch", "effective_date": now}  # fmt: skip
    work = make_work("Kế hoạch năm", kind=WorkKind.LEGAL, state=PUBLISHED, legal=legal, issued_date=now)
    old = make_work("Kế hoạch cũ", kind=WorkKind.LEGAL, state=PUBLISHED, legal={"number": "7/KH-UBND"})
    WorkRelation.objects.create(work=work, target=old, kind=RelationKind.REPLACES, cited_number="7/KH-UBND")
    WorkRelation.objects.create(
        work=work, kind=RelationKind.BASED_ON, cited_number="30/2020/NĐ-CP", cited_key="30/2020/nd-cp"
    )
    page = text(client, work_url(work))
    for piece in ("Kế hoạch 82/KH-UBND", "Còn hiệu lực", "Nguyễn Văn Mẫu, Chủ tịch", "Thay thế", "30/2020/NĐ-CP",
                  work_url(old), now.strftime("%d/%m/%Y"), "chưa có trong thư viện"):  # fmt: skip
        assert piece in page, piece
    assert "Bị thay thế bởi" in text(client, work_url(old))


def test_a_relation_never_names_a_work_that_the_reader_may_not_open(client: Client) -> None:
    work = make_work("Công khai", kind=WorkKind.LEGAL, state=PUBLISHED, legal={"number": "1/KH"})
    hidden = make_work("Nhan đề kín", kind=WorkKind.LEGAL, legal={"number": "2/KH"})
    WorkRelation.objects.create(work=work, target=hidden, kind=RelationKind.AMENDS, cited_number="2/KH")
    WorkRelation.objects.create(work=hidden, target=work, kind=RelationKind.GUIDES, cited_number="1/KH")
    page = text(client, work_url(work))
    assert "Nhan đề kín" not in page
    assert work_url(hidden) not in page


def test_structured_data_cannot_end_its_block(client: Client) -> None:
    title = "</script><script>alert(1)</script>"
    work = make_work(title, state=PUBLISHED)
    page = text(client, work_url(work))
    assert "<script>alert" not in page
    block = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(block)["name"] == title


# --- reading a page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("quyet dinh", "<mark>Quyết</mark> <mark>định</mark>\nđã  ký"),
        ("đã", "Quyết định\n<mark>đã</mark>  ký"),
        ('"da ky"', "Quyết định\n<mark>đã</mark>  <mark>ký</mark>"),
        ("không có", "Quyết định\nđã  ký"),
        ("", "Quyết định\nđã  ký"),
        ("\x00 <b>", "Quyết định\nđã  ký"),
    ],
)
def test_the_words_of_the_question_are_marked_and_nothing_else_changes(query: str, wanted: str) -> None:
    assert marked_text("Quyết định\nđã  ký", query) == wanted


def test_a_long_page_stays_whole(client: Client) -> None:
    work = make_work("Dài", state=PUBLISHED)
    make_page(work, text="mở đầu\n" + "giữa trang " * 3000 + "\nhết trang")
    page = text(client, f"{work_url(work)}trang-1/?q=giua")
    assert "mở đầu" in page
    assert "hết trang" in page
    assert len(re.findall(r'<mark id="cho-\d+">giữa</mark>', page)) == 3000


def test_the_text_of_a_page_is_never_markup(client: Client) -> None:
    work = make_work("Chữ lạ", state=PUBLISHED)
    make_page(work, text="<script>alert(1)</script> và <img src=x onerror=alert(1)>")
    page = text(client, f"{work_url(work)}trang-1/?q=alert")
    assert "<img src=x" not in page
    assert '&lt;script&gt;<mark id="cho-1">alert</mark>' in page


def test_a_page_without_a_picture_shows_none(client: Client) -> None:
    work = make_work("Tệp chữ", state=PUBLISHED)
    plain = keep_file(work, "chu.txt", b"chu", "text/plain", kind="txt")
    make_page(work, 1, text="Chữ.", file=plain, file_page=1)
    assert "<img" not in text(client, f"{work_url(work)}trang-1/").split("<main")[1]
    scanned = keep_file(
        work, "anh.pdf", b"%PDF", "application/pdf", kind="pdf", position=2, has_thumbnail=True
    )
    make_page(work, 2, text="Ảnh.", file=scanned, file_page=1)
    assert reverse("library:page-image", args=[work.pk, 2, 900]) in text(client, f"{work_url(work)}trang-2/")


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999"])
def test_pages_that_are_not_there(client: Client, number: str) -> None:
    work = make_work(state=PUBLISHED)
    make_page(work)
    assert client.get(f"{work_url(work)}trang-{number}/").status_code == 404


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "mime", "served"),
    [
        ("kế hoạch.pdf", b"%PDF-1.7", "application/pdf", "application/pdf"),
        ("trang.html", b"<script>alert(1)</script>", "text/html", "application/octet-stream"),
        ("hinh.svg", b"<svg onload=alert(1)>", "image/svg+xml", "application/octet-stream"),
        ("x.xml", b"<?xml version='1.0'?>", "application/xml", "application/octet-stream"),
        ("chu.txt", "chữ".encode(), "text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_an_upload_is_only_ever_a_download(
    client: Client, name: str, data: bytes, mime: str, served: str
) -> None:
    work = make_work(state=PUBLISHED)
    file = keep_file(work, name, data, mime, kind="")
    response = client.get(reverse("library:file", args=[work.pk, file.pk]))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == data
    assert response.headers["Content-Type"] == served
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_files_follow_the_visibility_of_their_work(client: Client) -> None:
    work = make_work(state=PUBLISHED, visibility=Visibility.SIGNED_IN)
    other = make_work("Khác", state=PUBLISHED)
    file = keep_file(work, "a.pdf", b"%PDF-a", "application/pdf", kind="pdf", has_thumbnail=True)
    address = reverse("library:file", args=[work.pk, file.pk])
    assert client.get(address).status_code == 404
    assert client.get(reverse("library:file", args=[other.pk, file.pk])).status_code == 404
    assert client.get(reverse("library:thumbnail", args=[work.pk])).status_code == 404
    client.force_login(make_user())
    assert client.get(address).status_code == 200


def test_a_lost_file_is_a_plain_not_found(client: Client) -> None:
    work = make_work(state=PUBLISHED)
    file = keep_file(work, "a.pdf", b"%PDF-lost", "application/pdf", kind="pdf", has_thumbnail=True)
    Path(stored_path(file.sha256)).unlink()
    assert client.get(reverse("library:file", args=[work.pk, file.pk])).status_code == 404


@pytest.mark.parametrize("width", [1, 100, 901, 99999])
def test_pictures_come_only_in_the_widths_that_pages_use(client: Client, width: int) -> None:
    work = make_work(state=PUBLISHED)
    assert client.get(reverse("library:page-image", args=[work.pk, 1, width])).status_code == 404


# --- headers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/", "/thu-vien/", "/thu-vien/tim/?q=a", "/tro-giup/", "/khong-co-trang-nay/"]
)
def test_public_pages_carry_the_security_headers(client: Client, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert "frame-ancestors" in policy
    assert headers["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


# --- searching ----------------------------------------------------------------------------------------------


@pytest.fixture
def shelf() -> list[Work]:
    """Three searchable works."""
    pupils = make_term(Audience, "Học sinh")
    works = [
        make_work("Đo nhiệt độ lớp học", state=PUBLISHED, kind=WorkKind.LEARNING),
        make_work(
            "Quyết định về nhãn hiệu", state=PUBLISHED, kind=WorkKind.LEGAL, legal={"number": "82/KH-UBND"}
        ),
        make_work("Ánh sáng và nhiệt", state=PUBLISHED, kind=WorkKind.ARTICLE),
    ]
    works[0].audiences.add(pupils)
    make_page(works[1], 1, text="Mở đầu.")
    make_page(works[1], 2, text="Quyết định đăng ký nhãn hiệu hàng hóa.")
    searchable(*works)
    return works


def test_a_hit_leads_to_the_page_with_the_words_marked(client: Client, shelf: list[Work]) -> None:
    page = text(client, "/thu-vien/tim/?q=hang+hoa")
    assert f"{work_url(shelf[1])}trang-2/?q=hang+hoa" in page
    assert "<mark>hàng</mark> <mark>hóa</mark>" in page


def test_a_number_finds_its_document_first(client: Client, shelf: list[Work]) -> None:
    page = text(client, "/thu-vien/tim/?q=82%2Fkh-ubnd")
    assert page.index(work_url(shelf[1])) == min(page.find(work_url(work)) % 10**9 for work in shelf)


def test_filters_are_links_that_narrow_and_clear(client: Client, shelf: list[Work]) -> None:
    page = text(client, "/thu-vien/tim/?q=nhiet")
    assert "loai=learning" in page
    narrowed = text(client, "/thu-vien/tim/?q=nhiet&loai=learning")
    assert work_url(shelf[0]) in narrowed
    assert work_url(shelf[2]) not in narrowed
    assert 'href="?q=nhiet"' in narrowed


def test_titles_sort_in_vietnamese_order(client: Client, shelf: list[Work]) -> None:
    page = text(client, "/thu-vien/tim/?sap-xep=ten")
    places = [page.index(work_url(work)) for work in (shelf[2], shelf[0], shelf[1])]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "query",
    [
        "", "   ", '"', '""', '"""" AND (', "title:*", "NOT", "+-*/\\^~", "a" * 5000, "\u202e\u200f\u2066đảo",
        "<script>alert(1)</script>", "\x00nul", "\ud83d", "🙂", "đ" * 400, "' OR 1=1 --", "%", "_", "[a TO z]",
    ],
    ids=lambda query: ascii(query)[:24],
)  # fmt: skip
def test_no_question_breaks_the_search(client: Client, shelf: list[Work], query: str) -> None:
    asked = query.encode("utf-8", "surrogatepass")
    response = client.get("/thu-vien/tim/", QUERY_STRING="q=" + "".join(f"%{byte:02X}" for byte in asked))
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert (
        client.get(
            "/thu-vien/goi-y/", QUERY_STRING="q=" + "".join(f"%{byte:02X}" for byte in asked)
        ).status_code
        == 200
    )


@pytest.mark.parametrize(
    "query",
    [
        "trang=-1",
        "trang=abc",
        "trang=٣",
        "nam=abc",
        "loai=%00",
        "sap-xep=x",
        "hieu-luc=x&hieu-luc=y",
        "loai=" + "x" * 9000,
    ],
)
def test_no_filter_breaks_the_search(client: Client, shelf: list[Work], query: str) -> None:
    assert client.get(f"/thu-vien/tim/?q=nhiet&{query}").status_code == 200


@pytest.mark.parametrize("query", ["trang=99999999", "&".join(f"loai={n}" for n in range(900))])
def test_what_only_programs_ask_is_refused_with_what_to_do_instead(
    client: Client, shelf: list[Work], query: str
) -> None:
    response = client.get(f"/thu-vien/tim/?q=nhiet&{query}")
    assert response.status_code == 403
    assert "Atom" in response.content.decode()


def test_ten_thousand_parameters_are_refused_politely(client: Client) -> None:
    response = client.get("/thu-vien/tim/?" + "&".join(f"a{n}=1" for n in range(10_000)))
    assert response.status_code in {200, 400}


# --- cost ---------------------------------------------------------------------------------------------------


def full_shelf(count: int) -> None:
    """Make many works with everything that a list entry shows."""
    terms = [
        make_term(model, name) for model, name in ((Collection, "Kệ"), (Subject, "Đề"), (Audience, "Người"))
    ]
    works = [
        make_work(
            f"Tài liệu {number}", state=PUBLISHED, kind=WorkKind.LEGAL, legal={"number": f"{number}/KH"}
        )
        for number in range(count)
    ]
    for work in works:
        make_page(work, text="Chữ chung.")
        work.collections.add(terms[0])
        work.subjects.add(terms[1])
        work.audiences.add(terms[2])
    searchable(*works)


PAGES_COST = {
    "/": 8,
    "/thu-vien/": 8,
    "/thu-vien/moi/": 5,
    "/thu-vien/bo-suu-tap/ke/": 6,
    "/thu-vien/chu-de/de/": 8,  # a subject shows what is broader and narrower
    "/thu-vien/danh-cho/nguoi/": 6,
    "/thu-vien/tim/?q=chu": 9,
}


@pytest.mark.parametrize("address", list(PAGES_COST))
def test_lists_cost_the_same_however_full(
    client: Client, django_assert_max_num_queries: Callable[..., Any], address: str
) -> None:
    full_shelf(25)
    client.get(address)
    with django_assert_max_num_queries(PAGES_COST[address]):
        page = client.get(address)
    assert page.status_code == 200
    assert len(page.content) < 60_000


def test_the_page_of_a_work_costs_little(
    client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    full_shelf(8)
    work = Work.objects.filter(title="Tài liệu 3").get()
    client.get(work_url(work))
    with django_assert_max_num_queries(
        27
    ):  # nineteen of the page, eight of its parts (names, records, versions, use)
        assert len(client.get(work_url(work)).content) < 60_000


# --- asking to take down ------------------------------------------------------------------------------------


def test_anybody_may_ask_to_take_a_work_down(client: Client) -> None:
    work = make_work("Có tên tôi", state=PUBLISHED)
    address = reverse("library:takedown", args=[work.pk])
    wrong = client.post(address, {"reason": "personal-data", "text": "Có số điện thoại của tôi.", "name": ""})
    assert wrong.status_code == 200
    assert "Có số điện thoại của tôi." in wrong.content.decode()  # nothing typed is lost
    assert not TakedownRequest.objects.exists()
    good = {
        "reason": "personal-data",
        "text": "Có số điện thoại của tôi.",
        "name": "Lê Thị Đọc",
        "contact": "doc@example.vn",
    }
    response = client.post(address, good, follow=True)
    assert "Đã nhận yêu cầu" in response.content.decode()
    assert TakedownRequest.objects.get().work == work
