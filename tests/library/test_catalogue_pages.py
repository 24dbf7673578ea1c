"""Pages of the catalogue: who may open them, what they show, and that nothing hidden shows through them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.library.enums import Visibility, WorkState
from khcn.library.models import Authority, AuthorityTie, CatalogueFile, Collection, Subject, Work
from khcn.library.services.authorities import authorities_rebuild
from khcn.library.services.catalogue import catalogue_work
from khcn.orgs.enums import Role
from tests.library.makers import make_term, make_work
from tests.library.test_catalogue_import import book, sheet
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SECRET = "Hoắc Bí Mật"


def shelf_of(*names: str, title: str = "Sổ tay", **fields: Any) -> Work:
    fields = {"state": WorkState.PUBLISHED, "ddc": "621.3", **fields}
    work = make_work(title, creators=[{"name": name} for name in names], **fields)
    authorities_rebuild(now=NOW)
    return work


def author(name: str) -> Authority:
    return Authority.objects.get(heading=name)


@pytest.fixture
def hidden() -> list[Work]:
    """Works that the public may not see, each by somebody who stands nowhere else."""
    works = []
    for number, fields in enumerate(
        [
            {"state": WorkState.DRAFT},
            {"state": WorkState.WITHDRAWN},
            {"state": WorkState.FROZEN},
            {"visibility": Visibility.SIGNED_IN},
            {"visibility": Visibility.UNITS},
            {"embargoed": True, "embargo_until": (NOW + timedelta(days=9)).date()},
        ],
        start=1,
    ):
        work = shelf_of(f"{SECRET} {number}", title=f"{SECRET} {number}", **fields)
        term = make_term(Subject, f"{SECRET} {number}")
        work.subjects.add(term)
        Subject.objects.filter(pk=term.pk).update(variants=[f"{SECRET} khác {number}"])
        works.append(work)
    return works


def test_nothing_hidden_shows(client: Client, hidden: list[Work]) -> None:
    open_work = shelf_of("Nguyễn Thị Hòa", f"{SECRET} chung", title="Mở")
    open_work.creators = [{"name": "Nguyễn Thị Hòa"}]
    open_work.save()
    authorities_rebuild(now=NOW)
    subject = make_term(Subject, "Năng lượng")
    open_work.subjects.add(subject)
    Subject.objects.filter(name__startswith=SECRET).update(parent=subject)
    pages = [
        reverse("library:authors"),
        reverse("library:authors") + "?q=hoac bi mat",
        reverse("library:authors") + "?chu=M",
        reverse("library:subjects"),
        reverse("library:subject", args=["nang-luong"]),
        reverse("library:shelves"),
        reverse("library:shelf", args=["600"]),
        reverse("library:shelf", args=["620"]),
        reverse("library:author", args=[author("Nguyễn Thị Hòa").pk]),
    ]
    for page in pages:
        text = client.get(page).content.decode()
        shown = text.replace("hoac bi mat", "")
        assert SECRET not in shown, page
    for row in Authority.objects.filter(heading__startswith=SECRET):
        assert client.get(reverse("library:author", args=[row.pk])).status_code == 404
    assert ">1<" in client.get(reverse("library:shelves")).content.decode().replace(" ", "")


def test_authors_in_the_order_of_the_alphabet(client: Client) -> None:
    shelf_of("Lê Văn Ân", "Trần Thị Ánh", "Phạm Ăng", "Bùi Đào", "Hồ Dung", "Nguyễn Ý", "Đài Khí tượng")
    text = client.get(reverse("library:authors")).content.decode()
    letters = [part.split("<")[0].strip() for part in text.split('<a class="chip" href="?chu=')[1:]]
    assert [one.split(">")[1].strip() for one in letters] == ["A", "Ă", "Â", "D", "Đ", "Y"]
    text = client.get(reverse("library:authors"), {"chu": "Đ"}).content.decode()
    assert text.index("Đài Khí tượng") < text.index("Bùi Đào")
    assert "Hồ Dung" not in text


@pytest.mark.parametrize("query", ["thi hoa", "Thị Hoà", "HÒA", "hòa n.t"])
def test_authors_are_found_with_and_without_marks(client: Client, query: str) -> None:
    shelf_of("Nguyễn Thị Hòa", "Lê Ánh")
    row = author("Nguyễn Thị Hòa")
    row.names.create(name="Hòa N.T.", key="hòa n t")
    text = client.get(reverse("library:authors"), {"q": query}).content.decode()
    assert "Nguyễn Thị Hòa</a>" in text
    assert "Lê Ánh</a>" not in text


def test_page_of_an_author(client: Client) -> None:
    shelf_of("Nguyễn Thị Hòa", title="Điện mặt trời")
    row = author("Nguyễn Thị Hòa")
    Authority.objects.filter(pk=row.pk).update(
        orcid="0000-0002-1825-0097", dates="1970-", note="<b>Kỹ sư</b>"
    )
    row.names.create(name="Hòa N.T.", key="hòa n t")
    text = client.get(reverse("library:author", args=[row.pk])).content.decode()
    assert "https://orcid.org/0000-0002-1825-0097" in text
    assert "Hòa N.T." in text
    assert "&lt;b&gt;" in text
    assert "Điện mặt trời" in text
    other = Authority.objects.create(
        heading="Cũ", key="cũ", letter="C", merged_into=row, created_at=NOW, updated_at=NOW
    )
    answer = client.get(reverse("library:author", args=[other.pk]))
    assert (answer.status_code, answer.url) == (302, reverse("library:author", args=[row.pk]))
    AuthorityTie.objects.all().delete()
    assert client.get(reverse("library:author", args=[other.pk])).status_code == 404


def test_the_page_of_a_work_leads_to_its_authors_and_its_shelf(client: Client) -> None:
    work = shelf_of("Nguyễn Thị Hòa", ddc="621.3124")
    text = client.get(reverse("library:work", args=[work.slug, work.pk])).content.decode()
    assert reverse("library:author", args=[author("Nguyễn Thị Hòa").pk]) in text
    assert reverse("library:shelf", args=["620"]) in text


@pytest.mark.parametrize(
    ("number", "status"),
    [("600", 200), ("620", 200), ("625", 404), ("abc", 404), ("6", 404), ("1000", 404), ("040", 404)],
)
def test_shelves(client: Client, number: str, status: int) -> None:
    shelf_of("Lê Ánh")
    assert client.get(reverse("library:shelf", args=[number])).status_code == status


def test_subjects_with_other_words_and_neighbours(client: Client) -> None:
    work = shelf_of("Lê Ánh")
    broad, narrow = make_term(Subject, "Năng lượng"), make_term(Subject, "Điện mặt trời")
    work.subjects.add(broad, narrow)
    Subject.objects.filter(pk=narrow.pk).update(parent=broad, variants=["Pin mặt trời"])
    narrow.related.add(broad)
    text = client.get(reverse("library:subjects")).content.decode()
    places = [
        text.index(said)
        for said in (">Điện mặt trời</a> <span", ">Năng lượng</a> <span", "Pin mặt trời: xem")
    ]
    assert places == sorted(places)
    page = client.get(reverse("library:subject", args=[narrow.key])).content.decode()
    assert "Chủ đề rộng hơn" in page
    assert "Pin mặt trời" in page
    assert "Chủ đề hẹp hơn" in client.get(reverse("library:subject", args=[broad.key])).content.decode()


@pytest.fixture
def librarian(client: Client) -> Client:
    client.force_login(make_member(Role.LIBRARIAN, make_unit("Thư viện")))
    return client


def test_a_librarian_brings_a_file_in(librarian: Client, mailoutbox: Any) -> None:
    page = reverse("library-desk:catalogue")
    assert librarian.get(page).status_code == 200
    wrong = librarian.post(page, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    assert "Không nhận ra tệp này" in wrong.content.decode()
    answer = librarian.post(page, {"file": SimpleUploadedFile("a.mrc", book("Mạng máy tính"))})
    file = CatalogueFile.objects.get()
    assert answer.url == reverse("library-desk:catalogue-file", args=[file.pk])
    catalogue_work(file.pk)
    text = librarian.get(answer.url).content.decode()
    assert "Mạng máy tính" in text
    assert "Nhập vào thư viện" in text
    assert not Work.objects.exists()
    assert librarian.post(answer.url, {"buoc": "xyz"}).status_code == 404
    librarian.post(answer.url, {"buoc": "nhap", "publish": "on"})
    catalogue_work(file.pk)
    assert Work.objects.get().state == WorkState.PUBLISHED
    assert "Đã nhập" in librarian.get(answer.url).content.decode()


def test_template_and_exports(librarian: Client) -> None:
    shelf = make_term(Collection, "Sách")
    shelf_of("Lê Ánh", title="Trong").collections.add(shelf)
    shelf_of("Lê Ánh", title="Ngoài")
    assert librarian.get(reverse("library-desk:catalogue-template")).content[:2] == b"PK"
    url = reverse("library-desk:catalogue-export", args=["mrc"])
    data = b"".join(librarian.get(url, {"bo-suu-tap": shelf.key}).streaming_content)
    assert b"Trong" in data
    assert "Ngoài".encode() not in data
    for kind in ("mrc", "xml", "xlsx"):
        assert librarian.get(reverse("library-desk:catalogue-export", args=[kind])).status_code == 200
    assert librarian.get(reverse("library-desk:catalogue-export", args=["pdf"])).status_code == 404
    assert librarian.get(url, {"bo-suu-tap": "khong-co"}).status_code == 404


def test_names_are_changed_joined_and_parted(librarian: Client) -> None:
    one, two = shelf_of("Nguyễn Thị Hòa", title="Một"), shelf_of("Nguyễn Thị Hoa", title="Hai")
    keep, gone = author("Nguyễn Thị Hòa"), author("Nguyễn Thị Hoa")
    page = reverse("library-desk:name", args=[keep.pk])
    assert "Nguyễn Thị Hoa" in librarian.get(page).content.decode()  # as a name that is nearly the same
    wrong = librarian.post(page, {"heading": keep.heading, "kind": "person", "orcid": "123"})
    assert "sai số kiểm tra" in wrong.content.decode()
    assert (
        librarian.post(page, {"heading": keep.heading, "kind": "person", "dates": "1970-"}).status_code == 302
    )
    merge = reverse("library-desk:name-merge", args=[gone.pk])
    offered = librarian.get(merge, {"q": "thi hoa"}).content.decode()  # found by its words, not by a number
    assert f"?target={keep.pk}" in offered and f"?target={gone.pk}" not in offered
    assert "Không có tên nào khác khớp" in librarian.get(merge, {"q": "<script>"}).content.decode()
    for wrong_target in (gone.pk, 10**12, "x"):
        answer = librarian.get(merge, {"target": wrong_target})
        assert answer.status_code == 200 and "Chưa gộp được" in answer.content.decode()
    assert "1 tài liệu chuyển sang" in librarian.get(merge, {"target": keep.pk}).content.decode()
    assert Authority.objects.get(pk=gone.pk).merged_into_id is None
    librarian.post(merge, {"target": keep.pk})
    assert Authority.objects.get(pk=gone.pk).merged_into_id == keep.pk
    split = reverse("library-desk:name-split", args=[keep.pk])
    assert "Một" in librarian.get(split).content.decode()
    librarian.post(split, {"works": [two.pk], "qualifier": "giáo viên"})
    fresh = Authority.objects.get(qualifier="giáo viên")
    assert AuthorityTie.objects.get(work=two).authority_id == fresh.pk
    assert AuthorityTie.objects.get(work=one).authority_id == keep.pk
    assert "giáo viên" in librarian.get(reverse("library-desk:names"), {"q": "hoa"}).content.decode()
    found = librarian.get(reverse("library-desk:name-suggestions"), {"q": "thi hoa"}).json()
    assert found["names"] == ["Nguyễn Thị Hòa"]
    about = [(one["text"], one["about"]) for one in found["items"]]  # two of one name: what tells them apart
    assert sorted(about) == [("Nguyễn Thị Hòa", "1970-"), ("Nguyễn Thị Hòa", "giáo viên")]


def desk_pages() -> list[str]:
    row = Authority.objects.create(heading="A", key="a", letter="A", created_at=NOW, updated_at=NOW)
    file = CatalogueFile.objects.create(name="a", sha256="", size_bytes=1, created_at=NOW, state="ready")
    names = [("catalogue", []), ("catalogue-template", []), ("catalogue-file", [file.pk]), ("names", []), ("name", [row.pk]),
             ("name-merge", [row.pk]), ("name-split", [row.pk])]  # fmt: skip
    return [reverse(f"library-desk:{name}", args=args) for name, args in names]


def test_who_may_open_the_desk_pages(client: Client) -> None:
    pages = desk_pages()
    export = reverse("library-desk:catalogue-export", args=["mrc"])
    suggest = reverse("library-desk:name-suggestions")
    for page in [*pages, export, suggest]:
        assert client.get(page).status_code == 302, page
    client.force_login(make_member(Role.CONTRIBUTOR, make_unit("Phòng")))
    for page in pages:
        assert client.get(page).status_code == 403, page
        assert client.post(page, {"buoc": "nhap"}).status_code in {403, 405}, page
    assert client.get(export).status_code == 200
    assert client.get(suggest).status_code == 200
    client.force_login(make_member(Role.LIBRARIAN, make_unit("Thư viện")))
    for page in pages:
        assert client.get(page).status_code == 200, page


def test_a_contributor_exports_only_what_he_handles(client: Client) -> None:
    unit = make_unit("Phòng")
    shelf_of("Lê Ánh", title="Của phòng", owner_unit=unit, state=WorkState.DRAFT)
    shelf_of(SECRET, title=SECRET, state=WorkState.DRAFT)
    client.force_login(make_member(Role.CONTRIBUTOR, unit))
    for box in ("tat-ca", "cua-toi", "cho-duyet"):
        answer = client.get(reverse("library-desk:catalogue-export", args=["xml"]), {"hop": box})
        text = b"".join(answer.streaming_content).decode()
        assert SECRET not in text
        assert ("Của phòng" in text) == (box != "cho-duyet")


def test_hostile_words_are_only_shown(librarian: Client) -> None:
    page = reverse("library-desk:catalogue")
    evil = "<script>alert(1)</script>"
    librarian.post(page, {"file": SimpleUploadedFile("<b>.xlsx", sheet({"title": evil, "subjects": evil}))})
    file = CatalogueFile.objects.get()
    catalogue_work(file.pk)
    text = librarian.get(reverse("library-desk:catalogue-file", args=[file.pk])).content.decode()
    assert evil not in text
    assert "&lt;script&gt;" in text
