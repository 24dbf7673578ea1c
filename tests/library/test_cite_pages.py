"""Citations on the page of a work and of a search result, their files, identifiers in forms and imports, and leaks."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.library.enums import Visibility, WorkState
from khcn.library.errors import InvalidFieldError
from khcn.library.forms.works import WorkForm
from khcn.library.imports.drafts import build_draft
from khcn.library.models import Work
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.services.works import work_update
from khcn.orgs.enums import Role
from tests.library.makers import make_work
from tests.orgs.factories import make_member

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ORCID = "0000-0002-1825-0097"
SECRET = "zebrafish"


def searchable(*works: Work) -> None:
    index_enqueue([work.pk for work in works])
    index_drain()


def public(title: str = "Năng lượng mặt trời", **fields: Any) -> Work:
    fields.setdefault("creators", [{"name": "Nguyễn Văn An"}])
    return make_work(title, state=WorkState.PUBLISHED, issued_year=2021, **fields)


def page(client: Client, work: Work, query: str = "") -> str:
    response = client.get(f"/thu-vien/{work.slug}-{work.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_work_shows_how_to_cite_it_and_the_style_may_be_chosen(client: Client) -> None:
    work = public()
    shown = page(client, work)
    assert "Nguyễn Văn An (2021), <i>Năng lượng mặt trời</i>" in shown and "data-copy" in shown
    for style, start in {
        "apa": "Nguyễn, V. A. (2021). <i>Năng lượng",
        "ieee": "V. A. Nguyễn, “Năng lượng mặt trời.” 2021.",
        "chicago": "Nguyễn, Văn An. 2021. “Năng lượng",
        "khong-co": "Nguyễn Văn An (2021), <i>Năng lượng",
    }.items():
        assert start in page(client, work, f"?kieu={style}"), style
    assert f"/thu-vien/trich-dan/{work.pk}/bib/" in shown and 'href="/thu-vien/nang-luong-mat-troi' in shown


def test_markup_in_a_title_stays_text(client: Client) -> None:
    work = public('<img src=x onerror=alert(1)> & "A"')
    for style in ("viet-nam", "apa", "ieee", "chicago", "chicago-chu-thich"):
        assert "<img src=x" not in page(client, work, f"?kieu={style}")


@pytest.mark.parametrize(
    ("kind", "mime", "start"),
    [
        ("bib", "application/x-bibtex", "@misc{nguyen2021nang-luong-mat-"),
        ("ris", "application/x-research-info-systems", "TY  - GEN\r\n"),
        ("json", "application/vnd.citationstyles.csl+json", "[\n{"),
    ],
)
def test_files_of_one_work(client: Client, kind: str, mime: str, start: str) -> None:
    work = public()
    response = client.get(f"/thu-vien/trich-dan/{work.pk}/{kind}/")
    assert response["Content-Type"].startswith(mime) and response.content.decode().startswith(start)
    assert response["Content-Disposition"] == f'attachment; filename="{work.slug}-{work.pk}.{kind}"'
    assert client.get(f"/thu-vien/trich-dan/{work.pk}/pdf/").status_code == 404
    assert client.post(f"/thu-vien/trich-dan/{work.pk}/{kind}/").status_code == 405


def test_a_search_result_is_cited_whole(client: Client) -> None:
    first = public("Năng lượng gió", creators=[{"name": "Trần Bình"}])
    second = public("Năng lượng nước", creators=[{"name": "Lê An"}])
    searchable(first, second)
    shown = client.get("/thu-vien/tim/", {"q": "năng lượng"}).content.decode()
    assert "/thu-vien/trich-dan/?q=n%C4%83ng+l%C6%B0%E1%BB%A3ng" in shown
    listed = client.get("/thu-vien/trich-dan/", {"q": "năng lượng", "kieu": "viet-nam"}).content.decode()
    assert listed.index("Lê An (2021)") < listed.index("Trần Bình (2021)")  # by the given name
    assert 'name="robots" content="noindex, nofollow"' in listed
    response = client.get("/thu-vien/trich-dan/tep/json/", {"q": "năng lượng"})
    items = json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]  # a StreamingHttpResponse
    assert {item["title"] for item in items} == {"Năng lượng gió", "Năng lượng nước"}
    empty = client.get("/thu-vien/trich-dan/tep/json/", {"q": "khôngcógìđâu"})
    assert json.loads(b"".join(empty.streaming_content)) == []  # type: ignore[attr-defined]  # as above


def test_a_long_result_says_that_it_is_cut(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    works = [public(f"Gió {number}") for number in range(3)]
    searchable(*works)
    monkeypatch.setattr("khcn.library.views.cite.LIST_CAP", 2)
    monkeypatch.setattr("khcn.library.tables.cite.LIST_CAP", 2)
    listed = client.get("/thu-vien/trich-dan/", {"q": "gió"}).content.decode()
    assert "Kết quả dài hơn 2 tài liệu" in listed and listed.count("Nguyễn Văn An (2021), <i>Gió") == 2


def test_a_long_list_comes_in_pages_that_number_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    works = [public(f"Gió {number}") for number in range(5)]
    searchable(*works)
    monkeypatch.setattr("khcn.library.views.cite.LIST_PAGE", 2)
    asked = {"q": "gió", "kieu": "ieee"}
    pages = [client.get("/thu-vien/trich-dan/", {**asked, "trang": n}).content.decode() for n in (1, 2, 3, 9)]
    assert [one.count("“Gió ") for one in pages] == [4, 4, 2, 2]  # each in the list and in the text to copy
    assert all(sum(f"Gió {number}" in one for one in pages[:3]) == 1 for number in range(5))
    assert 'start="3"' in pages[1] and "[3] " in pages[1] and "[5] " in pages[2]
    assert (
        'rel="next"' in pages[0]
        and 'rel="next"' not in pages[2]
        and "Chép danh mục của trang này" in pages[0]
    )


@pytest.mark.parametrize(
    "address", ["/thu-vien/trich-dan/", "/thu-vien/trich-dan/tep/bib/", "/thu-vien/trich-dan/tep/pdf/?q=a"]
)
def test_nothing_asked_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_hostile_questions_are_only_questions(client: Client) -> None:
    searchable(public())
    for text in ('"><script>', "\x00", "a" * 3000, "(((", "TY  - X\nER  - "):
        response = client.get("/thu-vien/trich-dan/", {"q": text, "kieu": text, "trang": text, "nam": text})
        assert response.status_code in {200, 404} and b'"><script>' not in response.content


HIDDEN: dict[str, dict[str, Any]] = {
    "draft": {"state": WorkState.DRAFT},
    "submitted": {"state": WorkState.SUBMITTED},
    "embargoed": {"embargoed": True, "embargo_until": "2999-01-01"},
    "signed_in": {"visibility": Visibility.SIGNED_IN},
    "units": {"visibility": Visibility.UNITS},
    "frozen": {"state": WorkState.FROZEN},
    "withdrawn": {"state": WorkState.WITHDRAWN},
}


@pytest.mark.parametrize("case", HIDDEN)
def test_nothing_leaks_through_the_doors_of_citations(client: Client, case: str) -> None:
    work = public(f"Tài liệu {SECRET}", abstract=SECRET)
    searchable(work)
    Work.objects.filter(pk=work.pk).update(**HIDDEN[case])  # the index does not know yet
    for kind in ("bib", "ris", "json"):
        assert client.get(f"/thu-vien/trich-dan/{work.pk}/{kind}/").status_code == 404
        response = client.get(f"/thu-vien/trich-dan/tep/{kind}/", {"q": SECRET})
        body = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a StreamingHttpResponse
        assert response.status_code == 200 and SECRET.encode() not in body
    listed = client.get("/thu-vien/trich-dan/", {"q": SECRET}).content.decode()
    assert f"Tài liệu {SECRET}" not in listed


def test_identifiers_stand_beside_the_work(client: Client) -> None:
    work = public(
        creators=[{"name": "Lê An", "orcid": ORCID}],
        identifiers=[{"type": "doi", "value": "10.1000/x#y"}, {"type": "isbn", "value": "978-0-306-40615-7"}],
    )
    shown = page(client, work)
    assert "/ark:/" in shown and 'href="https://doi.org/10.1000/x%23y"' in shown
    assert f'href="https://orcid.org/{ORCID}"' in shown and "978-0-306-40615-7" in shown


def form_of(work: Work, **values: Any) -> WorkForm:
    data = {
        "title": work.title, "kind": work.kind, "language": "vi", "visibility": "public", "rights": "cc-by-4.0", **values,
    }  # fmt: skip
    return WorkForm(data, instance=Work.objects.get(pk=work.pk))


def test_the_form_checks_identifiers_and_keeps_what_it_does_not_show() -> None:
    work = make_work(
        creators=[{"name": "Lê An", "role": "edt", "kind": "person"}],
        identifiers=[{"type": "other", "value": "KHO-1"}, {"type": "doi", "value": "10.1000/cu"}],
    )
    assert form_of(work).initial["doi"] == ["10.1000/cu"]
    form = form_of(
        work,
        creators=f"Lê An | https://orcid.org/{ORCID}\nTrần Bình",
        doi="https://doi.org/10.1000/MOI; 10.1000/hai",
    )
    assert form.is_valid(), form.errors
    values = form.work_values()
    assert values["identifiers"] == [
        {"type": "doi", "value": "10.1000/moi"}, {"type": "doi", "value": "10.1000/hai"}, {"type": "other", "value": "KHO-1"},
    ]  # fmt: skip
    assert values["creators"] == [
        {"name": "Lê An", "role": "edt", "kind": "person", "orcid": ORCID}, {"name": "Trần Bình"},
    ]  # fmt: skip
    assert "doi" not in values


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("doi", "10.1000/a b", "chưa phải DOI đúng"), ("isbn", "978-0-306-40615-8", "chưa phải ISBN đúng"),
        ("issn", "0378-5956", "chưa phải ISSN đúng"), ("handle", "abc", "chưa phải Handle đúng"),
        ("creators", "Lê An | 0000-0002-1825-0098", "chưa phải ORCID đúng"),
    ],
)  # fmt: skip
def test_the_form_refuses_bad_ones_with_a_sentence(field: str, text: str, said: str) -> None:
    form = form_of(make_work(), **{field: text})
    assert not form.is_valid() and said in str(form.errors[field])


def test_the_service_checks_too() -> None:
    librarian, work = make_member(Role.LIBRARIAN), make_work()
    done = work_update(
        actor=librarian,
        work=work,
        now=NOW,
        values={"identifiers": [{"type": "DOI", "value": "doi:10.1000/X"}, {"value": "KHO-2"}]},
    )
    assert done.identifiers == [{"type": "doi", "value": "10.1000/x"}, {"type": "other", "value": "KHO-2"}]
    with pytest.raises(InvalidFieldError) as caught:
        work_update(
            actor=librarian, work=work, now=NOW, values={"identifiers": [{"type": "isbn", "value": "1"}]}
        )
    assert caught.value.field == "identifiers"
    with pytest.raises(InvalidFieldError):
        work_update(actor=librarian, work=work, now=NOW, values={"creators": [{"name": "A", "orcid": "1"}]})


def test_imports_set_bad_identifiers_aside_with_a_sentence() -> None:
    draft = build_draft(
        {
            "id": "1", "title": "T", "text": "x", "identifiers": ["doi:10.1000/X", {"type": "isbn", "value": "1"}, "KHO-3"],
            "creators": [{"name": "Lê An", "orcid": ORCID.replace("-", "")}, {"name": "B", "orcid": "sai"}],
        }
    )  # fmt: skip
    assert draft.fields["identifiers"] == [
        {"type": "doi", "value": "10.1000/x"}, {"type": "other", "value": "KHO-3"},
    ]  # fmt: skip
    assert draft.extra == {"identifiers": [{"type": "isbn", "value": "1"}], "orcid": ["sai"]}
    assert draft.fields["creators"] == [{"name": "Lê An", "orcid": ORCID}, {"name": "B"}]
    assert (
        len(draft.warnings) == 2
        and "ISBN" in " ".join(draft.warnings)
        and "ORCID" in " ".join(draft.warnings)
    )
