"""The pages of versions and persistent identifiers: who sees what, and that nothing hidden shows through them."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from khcn.engines.records.ark import ark_of
from khcn.library.enums import Visibility, WorkState
from khcn.library.models import Work, WorkVersion
from khcn.library.services.versions import version_make
from khcn.library.services.works import work_update
from khcn.library.store import stored_path
from khcn.orgs.enums import Role
from tests.library.makers import make_work
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SHA = "b" * 64
SECRET = "mật-khẩu-nguồn"


@pytest.fixture
def librarian() -> Any:
    return make_member(Role.LIBRARIAN)


def two_versions(librarian: Any, **fields: Any) -> Work:
    """Return a work whose first version held the secret word and a file, and whose second does not."""
    work = make_work("Sổ tay", state=WorkState.PUBLISHED, abstract=f"Trước có {SECRET}.", **fields)
    work_update(actor=librarian, work=work, now=NOW, values={"abstract": "Nay không còn."})
    work.refresh_from_db()
    version_make(actor=librarian, work=work, expected=1, note="Rút gọn tóm tắt.", now=NOW)
    WorkVersion.objects.filter(work=work, number=1).update(
        files=[{"sha256": SHA, "name": "cu.pdf", "mime": "text/html", "kind": "pdf", "size_bytes": 3}]
    )
    path = stored_path(SHA)
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(b"cu!")
    work.refresh_from_db()
    return work


def url(work: Work, number: int, tail: str = "") -> str:
    return f"/thu-vien/{work.slug}-{work.pk}/ban-{number}/{tail}"


def test_an_old_version_says_so_and_leads_to_the_latest(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    response = client.get(url(work, 1))
    page = response.content.decode()
    assert response.status_code == 200 and SECRET in page and "Đây là bản cũ" in page and "cu.pdf" in page
    assert (
        f'<link rel="canonical" href="{settings.KHCN.base_url.rstrip("/")}/thu-vien/{work.slug}-{work.pk}/">'
        in page
    )
    assert response["X-Robots-Tag"] == "noindex" and 'name="robots" content="noindex"' in page
    links = response["Link"]
    assert (
        'ban-2/>; rel="successor-version"' in links
        and 'rel="latest-version"' in links
        and "predecessor" not in links
    )


def test_the_present_version_shows_what_changed(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    page = client.get(url(work, 2)).content.decode()
    assert "Đây là bản mới nhất" in page and "Rút gọn tóm tắt." in page
    assert "<del>" in page and SECRET in page and "<ins>" in page


def test_the_page_of_the_work_lists_versions_and_links_them(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    response = client.get(f"/thu-vien/{work.slug}-{work.pk}/")
    page = response.content.decode()
    assert "Các bản" in page and url(work, 1) in page and "Rút gọn tóm tắt." in page and SECRET not in page
    assert 'ban-1/>; rel="predecessor-version"' in response["Link"]


def test_a_work_with_one_version_shows_no_list(client: Client) -> None:
    work = make_work("Một bản", state=WorkState.PUBLISHED)
    assert "Các bản" not in client.get(f"/thu-vien/{work.slug}-{work.pk}/").content.decode()
    assert client.get(url(work, 1)).status_code == 200
    assert client.get(url(work, 2)).status_code == client.get(url(work, 0)).status_code == 404


def test_old_words_in_the_address_lead_on(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    response = client.get(f"/thu-vien/khac-{work.pk}/ban-1/")
    assert (response.status_code, response["Location"]) == (301, url(work, 1))


def test_old_files_are_given_as_downloads_that_no_browser_runs(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    response = client.get(url(work, 1, "tep-1/"))
    assert b"".join(response.streaming_content) == b"cu!"  # type: ignore[attr-defined]  # a FileResponse
    assert (
        response["Content-Type"] == "application/octet-stream"
        and "attachment" in response["Content-Disposition"]
    )
    assert "sandbox" in response["Content-Security-Policy"]
    assert client.get(url(work, 1, "tep-2/")).status_code == 404
    assert client.get(url(work, 2, "tep-1/")).status_code == 404
    assert client.get(url(work, 1, "tep-0/")).status_code == 404


def test_a_hidden_version_shows_only_why(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    WorkVersion.objects.filter(work=work, number=1).update(hidden_reason="Có dữ liệu cá nhân.")
    response = client.get(url(work, 1))
    page = response.content.decode()
    assert response.status_code == 410 and "Có dữ liệu cá nhân." in page and SECRET not in page
    assert client.get(url(work, 1, "tep-1/")).status_code == 404
    assert SECRET not in client.get(url(work, 2)).content.decode()


HIDDEN: dict[str, dict[str, Any]] = {
    "draft": {"state": WorkState.DRAFT},
    "submitted": {"state": WorkState.SUBMITTED},
    "approved": {"state": WorkState.APPROVED},
    "embargoed": {"embargoed": True, "embargo_until": "2999-01-01"},
    "signed_in": {"visibility": Visibility.SIGNED_IN},
    "units": {"visibility": Visibility.UNITS},
    "frozen": {"state": WorkState.FROZEN, "tombstone_reason": "Đang xem lại."},
    "withdrawn": {"state": WorkState.WITHDRAWN, "tombstone_reason": "Sai số liệu."},
}


@pytest.mark.parametrize("case", HIDDEN)
@pytest.mark.parametrize("door", ["page", "present", "file", "ark", "ark-version", "ark-info"])
def test_nothing_leaks_through_the_doors_of_versions(
    client: Client, librarian: Any, case: str, door: str
) -> None:
    work = two_versions(librarian)
    Work.objects.filter(pk=work.pk).update(abstract=SECRET, **HIDDEN[case])
    ark = "/" + ark_of(work.pk, settings.KHCN.ark_naan)
    address = {
        "page": url(work, 1),
        "present": url(work, 2),
        "file": url(work, 1, "tep-1/"),
        "ark": ark,
        "ark-version": f"{ark}/ban-1",
        "ark-info": f"{ark}?info",
    }[door]
    response = client.get(address)
    gone = case in {"frozen", "withdrawn"} and door != "file"
    assert response.status_code == (410 if gone else 404)
    assert SECRET not in response.content.decode() and ("Sổ tay" in response.content.decode()) is gone
    if gone:
        assert HIDDEN[case]["tombstone_reason"] in response.content.decode()


@pytest.mark.parametrize("form", ["/ark:/{}", "/ark:{}", "/ARK:/{}", "/ark:/{}/"])
def test_an_ark_leads_to_its_work(client: Client, form: str) -> None:
    work = make_work("Bền", state=WorkState.PUBLISHED)
    name = ark_of(work.pk, settings.KHCN.ark_naan).removeprefix("ark:/")
    response = client.get(form.format(name))
    assert response.status_code == (302 if not form.startswith("/ARK") else 404)
    if response.status_code == 302:
        assert response["Location"] == f"/thu-vien/ben-{work.pk}/"


@pytest.mark.parametrize(
    ("tail", "status"),
    [("/ban-1", 302), ("/ban-2", 302), ("/ban-3", 404), ("/ban-0", 404), ("/ban-x", 404), ("/ban-99999", 404),
     ("/ban-²", 404), ("/khac", 404), (".pdf", 404)],
)  # fmt: skip
def test_the_suffix_names_a_version(client: Client, librarian: Any, tail: str, status: int) -> None:
    work = two_versions(librarian)
    response = client.get("/" + ark_of(work.pk, settings.KHCN.ark_naan) + tail)
    assert response.status_code == status
    if status == 302:
        assert response["Location"] == url(work, int(tail[-1]))


@pytest.mark.parametrize(
    "name", ["12345/k1z", "99999/k", "99999/xyz", "99999/k0q", "99999/" + "k" * 150, "//", "99999/k\x00q"]
)
def test_an_unknown_ark_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/ark:/{name}").status_code == 404


@pytest.mark.parametrize("query", ["?info", "??"])
def test_an_ark_describes_itself_in_plain_text(client: Client, librarian: Any, query: str) -> None:
    work = two_versions(librarian, creators=[{"name": "Nguyễn Văn A\nwhat: giả"}], issued_year=2021)
    address = "/" + ark_of(work.pk, settings.KHCN.ark_naan)
    response = client.get(address, QUERY_STRING=query[1:])
    said = response.content.decode()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in said.split("erc-support:")[0].splitlines() if ": " in line)
    assert lines == {
        "who": "Nguyễn Văn A what: giả", "what": "Sổ tay", "when": "2021", "how": "document", "version": "2",
        "where": settings.KHCN.base_url.rstrip("/") + address,
    }  # fmt: skip


def test_the_gone_say_so_in_plain_text(client: Client) -> None:
    work = make_work("Đã rút", state=WorkState.WITHDRAWN, tombstone_reason="Sai số liệu.\nerc: giả")
    response = client.get("/" + ark_of(work.pk, settings.KHCN.ark_naan), QUERY_STRING="info")
    assert response.status_code == 410 and "how: (:gone) Sai số liệu. erc: giả" in response.content.decode()


def desk(work: Work) -> str:
    return f"/ban-lam-viec/thu-vien/tai-lieu/{work.pk}/ban/"


def test_a_librarian_makes_a_version_on_the_desk(client: Client, librarian: Any) -> None:
    work = make_work("Sổ tay", state=WorkState.PUBLISHED, abstract="Trước.")
    work_update(actor=librarian, work=work, now=NOW, values={"abstract": "Sau."})
    client.force_login(librarian)
    assert "Đã sửa nhưng chưa nói với người đọc" in client.get(desk(work)).content.decode()
    assert desk(work) in client.get(f"/ban-lam-viec/thu-vien/tai-lieu/{work.pk}/").content.decode()
    data = {"deed": "make", "ban-note": "", "ban-expected": "1"}
    assert client.post(desk(work), data).status_code == 200  # the note is missing: the page says so
    response = client.post(desk(work), {**data, "ban-note": "Sửa tóm tắt."}, follow=True)
    assert "Đã ra bản 2" in response.content.decode()
    again = client.post(desk(work), {**data, "ban-note": "Muộn."})
    assert again.status_code == 200 and "người khác vừa ra bản 2" in again.content.decode()
    assert Work.objects.get(pk=work.pk).version == 2


def test_the_focal_head_changes_a_published_article_and_makes_its_version(client: Client) -> None:
    work = make_work("Bài", state=WorkState.PUBLISHED, kind="article", body="<p>Cũ.</p>", rights="cc-by-4.0")
    client.force_login(make_member(Role.FOCAL_HEAD))
    edit = f"/ban-lam-viec/thu-vien/tai-lieu/{work.pk}/sua/"
    page = client.get(edit).content.decode()
    assert 'name="body"' in page and 'name="visibility"' not in page and "Ai được đọc" not in page
    data = {"title": "Bài", "kind": "article", "body": "<p>Mới.</p>", "language": "vi", "rights": "cc-by-4.0"}
    answer = client.post(edit, {**data, "visibility": Visibility.SIGNED_IN}, follow=True)
    assert answer.redirect_chain[-1][0] == desk(work)  # where the change is told to readers
    assert "Đã sửa nhưng chưa nói với người đọc" in answer.content.decode()
    client.post(desk(work), {"deed": "make", "ban-note": "Viết lại.", "ban-expected": "1"})
    work.refresh_from_db()
    assert (work.version, work.body, work.visibility) == (2, "<p>Mới.</p>", Visibility.PUBLIC)
    assert "Cũ." in client.get(url(work, 1)).content.decode()
    assert client.post(desk(work), {"deed": "hide", "number": "1", "reason": "x"}).status_code == 403


def test_who_may_not_make_a_version_is_told_who_may(client: Client) -> None:
    unit = make_unit("Phòng")
    work = make_work("Sổ tay", state=WorkState.PUBLISHED, owner_unit=unit)
    client.force_login(make_member(Role.CONTRIBUTOR, unit))
    page = client.get(desk(work)).content.decode()
    assert "thủ thư ra bản mới" in page and 'name="deed"' not in page


def test_a_librarian_corrects_and_hides_on_the_desk(client: Client, librarian: Any) -> None:
    work = two_versions(librarian)
    work_update(actor=librarian, work=work, now=NOW, values={"abstract": "Nay không còn nữa."})
    client.force_login(librarian)
    client.post(desk(work), {"deed": "correct", "sua-note": "Sửa chữ.", "sua-expected": "2"})
    assert "Sửa chữ." in client.get(desk(work)).content.decode()
    client.post(desk(work), {"deed": "hide", "number": "1", "reason": "Sai tệp."})
    assert "Đang ẩn: Sai tệp." in client.get(desk(work)).content.decode()
    client.post(desk(work), {"deed": "hide", "number": "1"})
    assert WorkVersion.objects.get(work=work, number=1).hidden_reason == ""
    assert client.post(desk(work), {"deed": "hide", "number": "x"}).status_code == 404


def test_the_desk_of_versions_opens_to_who_sees_the_work(client: Client, librarian: Any) -> None:
    unit = make_unit("Phòng")
    work = make_work("Sổ tay", state=WorkState.PUBLISHED, owner_unit=unit)
    draft = make_work("Nháp", owner_unit=unit)
    assert client.get(desk(work)).status_code == 302
    data = {"deed": "make", "ban-note": "x", "ban-expected": "1"}
    for person, get, post in (
        (make_member(Role.CONTRIBUTOR, unit), 200, 403),
        (make_member(Role.AUDITOR), 200, 403),
        (make_member(Role.CONTRIBUTOR, make_unit("Khác")), 404, 404),
        (make_member(Role.SYSADMIN), 403, 403),
    ):
        client.force_login(person)
        assert (client.get(desk(work)).status_code, client.post(desk(work), data).status_code) == (get, post)
    client.force_login(librarian)
    assert client.get(desk(draft)).status_code == 404
