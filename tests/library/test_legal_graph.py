"""Relations of legal documents with dates: the page answers for a day, warns, and tells nothing that is hidden."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.engines.legal.model import Standing
from khcn.library.enums import RelationKind, RelationSource, WorkKind, WorkState
from khcn.library.list_columns import chosen_columns
from khcn.library.models import Work, WorkRelation
from khcn.library.selectors.force import ended_lately
from khcn.library.selectors.index import index_documents
from khcn.library.selectors.legal import legal_graph
from khcn.library.selectors.lists import WantedList, list_lines
from khcn.library.tables.results import work_url
from tests.library.makers import make_page, make_work

pytestmark = pytest.mark.django_db
SECRET = "bimatkhongaibiet"


def decision(number: str, *, start: str | None = None, **fields: Any) -> Work:
    legal: dict[str, Any] = {"number": number, "type_name": "Quyết định"}
    for name in ("effective_date", "expired_date"):
        if fields.get(name):
            legal[name] = date.fromisoformat(fields.pop(name))
    if start:
        legal["effective_date"] = date.fromisoformat(start)
    fields.setdefault("state", WorkState.PUBLISHED)
    fields.setdefault("title", f"Quyết định {number}")
    return make_work(fields.pop("title"), kind=WorkKind.LEGAL, legal=legal, **fields)


def relate(work: Work, kind: RelationKind, target: Work | None, **fields: Any) -> WorkRelation:
    for name in ("effective_date", "until_date"):
        if fields.get(name):
            fields[name] = date.fromisoformat(fields[name])
    return WorkRelation.objects.create(work=work, kind=kind, target=target, **fields)


@pytest.fixture
def old() -> Work:
    return decision("50/2015/QĐ-UBND", start="2015-10-15", issued_date=date(2015, 10, 5))


def page(client: Client, work: Work, query: str = "") -> str:
    answer = client.get(work_url(work) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_replaced_document_warns_with_the_way_to_the_new_one(client: Client, old: Work) -> None:
    new = decision("12/2021/QĐ-UBND", start="2021-07-01")
    relate(new, RelationKind.REPLACES, old, effective_date="2021-07-01")
    text = page(client, old)
    assert "Lưu ý: Hết hiệu lực" in text
    assert work_url(new) in text
    assert "từ ngày 01/07/2021" in text
    assert "Lưu ý" not in page(client, new)
    eyebrow = text[text.index('class="page__eyebrow"') :].partition("</p>")[0]
    assert "Hết hiệu lực" in eyebrow and "Còn hiệu lực" not in eyebrow


def facet(work: Work) -> tuple[str, ...]:
    (document,) = index_documents([work.pk])
    return document.facets["validity"]


def test_lists_and_facets_say_the_same_as_the_page(client: Client, old: Work) -> None:
    assert facet(old) == ("in_force",)
    new = decision("12/2021/QĐ-UBND", start="2021-07-01", issued_date=date(2021, 6, 20))
    relate(new, RelationKind.REPLACES, old)  # no day recorded: the new one's first day stands for it
    assert (facet(old), facet(new)) == (("expired",), ("in_force",))
    listed = client.get(reverse("library:recent")).content.decode()
    assert (listed.count("Hết hiệu lực"), listed.count("Còn hiệu lực")) == (1, 1)
    wanted = WantedList(source="search")
    lines = list_lines(wanted, [old.pk, new.pk], user=None, now=timezone.now())
    (validity,) = chosen_columns(["hieu-luc"], staff=False)
    assert [validity.value(line) for line in lines] == ["Hết hiệu lực", "Còn hiệu lực"]
    related = page(client, new)
    related = related[related.index('id="quan-he"') :].partition("</section>")[0]
    assert "Hết hiệu lực" in related and "Còn hiệu lực" not in related


@pytest.mark.parametrize(
    ("ender", "relation", "said"),
    [
        ({"start": "2021-07-01", "visibility": "units"}, {}, "in_force"),
        ({"start": "2021-07-01", "state": WorkState.DRAFT}, {}, "in_force"),
        ({"start": "2021-07-01"}, {"part": "Điều 2"}, "in_force"),
        ({"start": "2021-07-01"}, {"source": RelationSource.PROPOSED}, "in_force"),
        ({"start": "2121-07-01"}, {}, "in_force"),
        ({"issued_date": date(2021, 6, 20)}, {}, "unknown"),
    ],
    ids=["hidden", "draft", "a part", "only read by a machine", "not yet", "nobody knows the day"],
)
def test_what_does_not_surely_end_it_leaves_it(
    old: Work, ender: dict[str, Any], relation: dict[str, Any], said: str
) -> None:
    relate(decision("12/2021/QĐ-UBND", **ender), RelationKind.REPLACES, old, **relation)
    assert facet(old) == (said,)


def test_the_index_follows_when_another_document_ends_it(old: Work) -> None:
    new = decision("12/2021/QĐ-UBND", start="2021-07-01")
    relate(new, RelationKind.REPLACES, old)
    long_ago = timezone.now() - timedelta(days=900)
    Work.objects.filter(pk=new.pk).update(updated_at=long_ago, published_at=long_ago)
    assert ended_lately([date(2021, 7, 1)], since=timezone.now()) == {old.pk}
    assert ended_lately([date(2021, 7, 2)], since=timezone.now()) == set()
    assert ended_lately([], since=long_ago - timedelta(days=1)) == {old.pk}


def test_an_address_with_other_words_keeps_what_was_asked(client: Client, old: Work) -> None:
    answer = client.get(reverse("library:work", args=["cu", old.pk]), {"ngay": "2020-01-01"})
    assert (answer.status_code, answer["Location"]) == (301, f"{work_url(old)}?ngay=2020-01-01")


def test_a_page_of_it_warns_too(client: Client, old: Work) -> None:
    make_page(old, 1, "Điều 1. Giao.")
    reader = reverse("library:page", args=[old.slug, old.pk, 1])
    assert "Lưu ý" not in client.get(reader).content.decode()
    new = decision("12/2021/QĐ-UBND", start="2021-07-01")
    relate(new, RelationKind.REPLACES, old, effective_date="2021-07-01")
    text = client.get(reader).content.decode()
    assert "Lưu ý: Hết hiệu lực" in text and work_url(new) in text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2015-10-14", "chưa có hiệu lực"),
        ("2015-10-15", "Ngày 15/10/2015 văn bản này có hiệu lực"),
        ("2018-01-01", "theo nội dung đã được sửa đổi"),
        ("30/06/2021", "có hiệu lực, trừ một phần"),
        ("2021-07-01", "đã hết hiệu lực"),
    ],
)
def test_was_it_in_force_on_that_day(client: Client, old: Work, day: str, said: str) -> None:
    new, change = (
        decision("12/2021/QĐ-UBND", start="2021-07-01"),
        decision("7/2017/QĐ-UBND", start="2017-03-01"),
    )
    relate(new, RelationKind.REPLACES, old)  # no day recorded: the new one's own day stands for it
    relate(change, RelationKind.AMENDS, old, effective_date="2017-03-01", part="khoản 2 Điều 5")
    relate(change, RelationKind.REPEALS, old, effective_date="2020-01-01", part="Điều 9")
    text = page(client, old, f"?ngay={day}")
    assert said in text
    assert "validity__answer" in text


@pytest.mark.parametrize("day", ["", "hom-qua", "2021-02-31", "0001-01-01", "9999-12-31", "' OR 1=1", "%00"])
def test_a_day_that_is_none_is_said_so(client: Client, old: Work, day: str) -> None:
    text = page(client, old, f"?ngay={day}")
    assert "validity__answer" not in text
    assert "error" in text


def test_without_dates_nothing_is_guessed(client: Client) -> None:
    unknown = decision("1/2001/QĐ-UB")
    assert "Chưa rõ ngày 01/01/2020" in page(client, unknown, "?ngay=2020-01-01")
    repealed = decision("2/2001/QĐ-UB", start="2001-01-01")
    relate(decision("3/2020/QĐ-UBND", issued_date=date(2020, 5, 1)), RelationKind.REPEALS, repealed)
    assert "Ngày 30/04/2020 văn bản này có hiệu lực" in page(client, repealed, "?ngay=2020-04-30")
    assert "Chưa rõ ngày 01/05/2020" in page(client, repealed, "?ngay=2020-05-01")


def test_what_a_machine_read_is_shown_but_decides_nothing(client: Client, old: Work) -> None:
    new = decision("12/2021/QĐ-UBND", start="2021-07-01")
    relate(new, RelationKind.REPLACES, old, source=RelationSource.PROPOSED, effective_date="2021-07-01")
    text = page(client, old, "?ngay=2022-01-01")
    assert "Ngày 01/01/2022 văn bản này có hiệu lực" in text
    assert "chưa ai kiểm" in text
    assert "Lưu ý" not in text


def test_contradicting_dates_are_reported(client: Client) -> None:
    work = decision("9/2010/QĐ-UBND", start="2010-01-01", expired_date="2025-01-01")
    relate(decision("1/2020/QĐ-UBND"), RelationKind.REPLACES, work, effective_date="2020-01-01")
    text = page(client, work, "?ngay=2022-01-01")
    assert "Ngày tháng chưa khớp nhau" in text
    assert "Chưa rõ ngày 01/01/2022" in text


def test_each_direction_with_dates_and_parts(client: Client, old: Work) -> None:
    base, later = decision("30/2020/NĐ-CP"), decision("8/2016/QĐ-UBND")
    relate(old, RelationKind.BASED_ON, base)
    relate(old, RelationKind.REPEALS, None, cited_number="4/2001/QĐ-UB", cited_key="4/2001/qd-ub")
    relate(later, RelationKind.AMENDS, old, effective_date="2016-09-01", part="khoản 2 Điều 5")
    whole = page(client, old)
    text = whole[whole.index('id="quan-he"') :]
    assert (
        text.index("Văn bản này</h3>") < text.index("30/2020/NĐ-CP") < text.index("Các văn bản khác đối với")
    )
    assert "4/2001/QĐ-UB" in text
    assert text.index("Các văn bản khác đối với") < text.index("8/2016/QĐ-UBND")
    assert "từ 01/09/2016" in text and "(khoản 2 Điều 5)" in text


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": WorkState.DRAFT},
        {"state": WorkState.WITHDRAWN},
        {"state": WorkState.FROZEN},
        {"visibility": "signed_in"},
        {"visibility": "units"},
        {"embargoed": True, "embargo_until": date(2999, 1, 1)},
    ],
)
def test_a_hidden_document_does_nothing_here(client: Client, old: Work, hidden: dict[str, Any]) -> None:
    secret = decision("99/2021/QĐ-UBND", start="2021-07-01", title=f"Quyết định {SECRET}", **hidden)
    relate(secret, RelationKind.REPLACES, old, effective_date="2021-07-01")
    relate(old, RelationKind.BASED_ON, secret, cited_number="tên tự ghi", cited_key="x")
    text = page(client, old, "?ngay=2022-01-01")
    assert SECRET not in text and "99/2021" not in text
    assert "Ngày 01/01/2022 văn bản này có hiệu lực" in text
    assert "tên tự ghi" in text  # what the public document itself says of it
    graph = legal_graph(old, None)
    assert [edge.node.work for edge in graph.edges] == [None]
    assert graph.counts == {}


def test_hostile_titles_are_only_text(client: Client, old: Work) -> None:
    new = decision("<b>1</b>/QĐ", start="2021-07-01", title='<script>alert("x")</script> %(day)s {by} 100%')
    relate(new, RelationKind.REPLACES, old, effective_date="2021-07-01", part="<i>Điều 1</i> %s {by}")
    text = page(client, old, "?ngay=2022-01-01")
    assert "<script>alert" not in text and "<i>Điều" not in text and "<b>1</b>" not in text


def test_the_graph_costs_a_fixed_number_of_queries(django_assert_max_num_queries: Any, old: Work) -> None:
    for number in range(1, 8):
        other = decision(f"{number}/2022/QĐ-UBND", start="2022-01-01")
        relate(other, RelationKind.AMENDS, old, effective_date="2022-01-01", part=f"Điều {number}")
        relate(old, RelationKind.BASED_ON, other)
    work = Work.objects.select_related("legal").get(pk=old.pk)
    with django_assert_max_num_queries(6):
        graph = legal_graph(work, None)
        answer = graph.on(date(2023, 1, 1))
    assert answer.standing == Standing.IN_FORCE
    assert len(answer.amended_by) == 7


def test_many_based_on_it_are_cut_and_counted(
    client: Client, old: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khcn.library.selectors.legal.MOST_OF_A_KIND", 2)
    for number in range(1, 6):
        relate(decision(f"{number}/2022/QĐ-UBND"), RelationKind.BASED_ON, old)
    assert "và 3 văn bản khác" in page(client, old)


def test_other_kinds_of_works_have_no_part_of_it(client: Client) -> None:
    text = page(client, make_work("Tài liệu thường", state=WorkState.PUBLISHED, published_at=timezone.now()))
    assert "hieu-luc" not in text
