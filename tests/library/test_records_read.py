"""Works as records: the same whichever way they are read, in a number of queries that does not grow, without a leak."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from khcn.library.enums import RelationKind, WorkState
from khcn.library.models import LegalRecord, Subject, Work, WorkFile, WorkRelation
from khcn.library.selectors.among import Among
from khcn.library.selectors.records import record_brief, records_among, records_by_ids, records_of, work_path

pytestmark = pytest.mark.django_db


def work(title: str, **values: Any) -> Work:
    now = timezone.now()
    given: dict[str, Any] = {
        "slug": "tai-lieu-mau", "state": WorkState.PUBLISHED, "published_at": now, "created_at": now, "updated_at": now,
        "creators": [{"name": "Sở Công Thương"}, {"name": " "}, {"name": "Lê An", "role": "edt"}],
        "identifiers": [{"type": "DOI", "value": "10.1000/1"}, {"value": ""}],
    }  # fmt: skip
    made = Work.objects.create(title=title, **{**given, **values})
    LegalRecord.objects.create(work=made, number=f"{made.pk}/QĐ-UBND", recipients=["Như trên"])
    WorkFile.objects.create(
        work=made,
        sha256=f"{made.pk:064x}",
        original_name="a.pdf",
        size_bytes=5,
        added_at=now,
        has_thumbnail=True,
    )
    return made


def test_every_way_of_reading_gives_the_same_record() -> None:
    subject = Subject.objects.create(key="dien", name="Điện", ddc="621.3")
    first, second = work("Một"), work("Hai", slug="")
    first.subjects.add(subject)
    WorkRelation.objects.create(work=first, target=second, kind=RelationKind.REPLACES, cited_number="cũ")
    ids = [second.pk, first.pk]
    records = records_by_ids(ids)
    assert records == records_of([second, first]) == records_among(Work.objects.all(), ids)
    one = records[1]
    assert [agent.name for agent in one.creators] == ["Sở Công Thương", "Lê An"]
    assert [agent.kind for agent in one.creators] == ["organisation", "person"]
    assert [(mark.scheme, mark.value) for mark in one.identifiers] == [("doi", "10.1000/1")]
    assert one.url.endswith(work_path(first.pk, "tai-lieu-mau")) and one.subjects[0].ddc == "621.3"
    assert one.legal is not None and one.legal.recipients == ("Như trên",)
    assert one.files[0].url.endswith(f"/thu-vien/tep/{first.pk}/{one.files[0].url.split('/')[-2]}/")
    assert one.thumbnail.endswith(f"/thu-vien/anh/{first.pk}/")
    assert one.relations[0].url == records[0].url and one.relations[0].number == f"{second.pk}/QĐ-UBND"
    assert records[0].url.endswith(work_path(second.pk, "")) and "tai-lieu-" in records[0].url
    brief = record_brief(Work.objects.select_related("legal").get(pk=first.pk))
    assert (brief.legal, brief.url, brief.creators, brief.files) == (one.legal, one.url, one.creators, ())


def test_the_number_of_queries_does_not_grow() -> None:
    works = [work(f"Tài liệu {number}") for number in range(6)]
    for one in works[1:]:
        WorkRelation.objects.create(work=one, target=works[0], kind=RelationKind.BASED_ON)
    counts = []
    for ids in ([works[1].pk], [one.pk for one in works]):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert len(records_by_ids(ids)) == len(ids)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": WorkState.FROZEN},
        {"visibility": "units"},
        {"embargoed": True, "embargo_until": "2999-01-01"},
    ],
)
def test_of_a_hidden_work_only_what_another_says_of_it_is_told(hidden: dict[str, Any]) -> None:
    shown, secret = work("Công khai"), work("Bí mật-xyzzy")
    WorkRelation.objects.create(
        work=shown, target=secret, kind=RelationKind.REPLACES, cited_number="12/QĐ", cited_title="Văn bản cũ"
    )
    Work.objects.filter(pk=secret.pk).update(**hidden)
    (record,) = records_by_ids([secret.pk, shown.pk])
    assert "xyzzy" not in repr(record) and record.id == shown.pk
    relation = record.relations[0]
    assert (relation.number, relation.title, relation.url, relation.ark) == ("12/QĐ", "Văn bản cũ", "", "")


def test_a_list_of_numbers_holds_numbers() -> None:
    assert records_by_ids([]) == [] and records_of([]) == []
    for wrong in ([], ["1) OR (1=1"]):
        with pytest.raises(ValueError, match=r"number|literal"):
            Among("pk", wrong)  # type: ignore[arg-type]  # what a caller must not give
