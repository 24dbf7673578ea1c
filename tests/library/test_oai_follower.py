"""The follower: datestamps that no harvester can miss, deleted records for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from khcn.library.enums import Visibility, WorkState
from khcn.library.models import Collection, OaiFollower, OaiRecord, OaiSet, Work, WorkRelation
from khcn.library.selectors.oai import oai_lag, oai_namespace
from khcn.library.services import oai as service
from khcn.library.services.oai import LEAD_SECONDS, oai_follow, oai_sweep
from tests.library.makers import make_term, make_work
from tests.library.oai_world import Watch, ask, changed, identifiers, public_work

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


def told() -> dict[int, tuple[datetime, bool]]:
    return {row.work_id: (row.datestamp, row.deleted) for row in OaiRecord.objects.all()}


def test_only_what_everybody_may_read_is_told() -> None:
    shown = public_work("Công khai")
    for fields in (
        {"state": WorkState.DRAFT},
        {"state": WorkState.SUBMITTED},
        {"state": WorkState.FROZEN},
        {"state": WorkState.WITHDRAWN},
        {"visibility": Visibility.SIGNED_IN},
        {"visibility": Visibility.UNITS},
        {"embargoed": True, "embargo_until": "2999-01-01"},
        {"external_source": "oai:noi-khac", "external_id": "oai:x:1"},
    ):
        public_work("Không công khai", **fields)
    report = oai_follow()
    assert (report.changed, report.deleted) == (1, 0)
    assert list(told()) == [shown.pk]


def test_a_datestamp_lies_in_the_future_at_its_commit_and_no_two_batches_share_one() -> None:
    watch = Watch(START + timedelta(microseconds=1))
    oai_follow(clock=watch)
    stamps = []
    for number in range(4):
        work = public_work(f"Số {number}")
        oai_follow(clock=watch)
        stamps.append(told()[work.pk][0])
    assert stamps[0] == START + timedelta(seconds=LEAD_SECONDS + 1)
    assert stamps == [stamps[0] + timedelta(seconds=step) for step in range(4)]


def test_an_unchanged_work_keeps_its_datestamp() -> None:
    watch, work = Watch(START), public_work("Không đổi")
    oai_follow(clock=watch)
    before = told()
    Work.objects.filter(pk=work.pk).update(updated_at=START + timedelta(days=3), view_count=7)
    changed(work)
    watch.forward(60)
    assert oai_follow(clock=watch).changed == 0
    assert oai_sweep(clock=watch).changed == 0
    assert told() == before


@pytest.mark.parametrize(
    "fields", [{"title": "Nhan đề mới"}, {"rights": "cc-by-sa-4.0"}, {"creators": [{"name": "Ai đó"}]}]
)
def test_a_changed_work_gets_a_later_datestamp(fields: dict[str, Any]) -> None:
    watch, work = Watch(START), public_work("Sẽ đổi")
    oai_follow(clock=watch)
    Work.objects.filter(pk=work.pk).update(**fields)
    changed(work)
    watch.forward(60)
    oai_follow(clock=watch)
    assert told()[work.pk] == (START + timedelta(seconds=60 + LEAD_SECONDS), False)


def test_what_is_no_longer_public_becomes_deleted_keeps_its_sets_and_may_come_back() -> None:
    watch, shelf = Watch(START), make_term(Collection, "Kế hoạch")
    work = public_work("Đến rồi đi")
    work.collections.add(shelf)
    oai_follow(clock=watch)
    specs = set(OaiSet.objects.values_list("spec", flat=True))
    assert specs == {"kind", "kind:document", "collection", "collection:ke-hoach"}
    Work.objects.filter(pk=work.pk).update(state=WorkState.WITHDRAWN)
    changed(work)
    watch.forward(60)
    assert oai_follow(clock=watch).deleted == 1
    assert told()[work.pk] == (START + timedelta(seconds=60 + LEAD_SECONDS), True)
    assert set(OaiSet.objects.values_list("spec", flat=True)) == specs
    Work.objects.filter(pk=work.pk).update(state=WorkState.PUBLISHED)
    changed(work)
    watch.forward(60)
    oai_follow(clock=watch)
    assert told()[work.pk] == (START + timedelta(seconds=120 + LEAD_SECONDS), False)


def test_a_row_that_is_gone_from_the_database_stays_as_deleted() -> None:
    work = public_work("Sẽ mất")
    oai_follow()
    pk = work.pk
    work.delete()
    oai_sweep()
    assert told()[pk][1] is True


def test_a_record_is_told_anew_when_a_work_it_points_to_opens_or_closes() -> None:
    watch = Watch(START)
    target = make_work("Được nhắc đến")
    work = public_work("Nhắc đến")
    WorkRelation.objects.create(work=work, kind="related", target=target)
    oai_follow(clock=watch)
    before = told()[work.pk][0]
    Work.objects.filter(pk=target.pk).update(state=WorkState.PUBLISHED, published_at=START)
    changed(target)
    watch.forward(60)
    oai_follow(clock=watch)
    assert told()[work.pk][0] > before


def test_a_batch_that_is_too_slow_is_rolled_back_and_tried_again(monkeypatch: Any) -> None:
    watch, work = Watch(START), make_work("Chậm", state=WorkState.PUBLISHED)
    oai_sweep(clock=watch)
    changed(work)
    Work.objects.filter(pk=work.pk).update(title="Chậm hơn")
    usual, slow = service._write_rows, [30.0]

    def write(batch: Any, stamp: datetime) -> None:
        usual(batch, stamp)
        watch.forward(slow.pop() if slow else 0)

    monkeypatch.setattr(service, "_write_rows", write)
    oai_follow(clock=watch)
    assert told()[work.pk][0] == START + timedelta(seconds=30 + LEAD_SECONDS)
    assert OaiFollower.objects.get().confirmed


def test_a_batch_whose_commit_was_not_seen_in_time_is_stamped_anew() -> None:
    watch, work = Watch(START), public_work("Máy đứng")
    other = public_work("Mẻ trước")
    oai_follow(clock=watch)
    watch.forward(30)
    Work.objects.filter(pk=work.pk).update(title="Máy đứng lâu")
    changed(work)
    oai_follow(clock=watch)
    earlier = told()
    OaiFollower.objects.update(confirmed=False)  # the process died between the commit and its note
    watch.forward(600)
    oai_follow(clock=watch)
    assert told()[work.pk][0] == watch.now + timedelta(seconds=LEAD_SECONDS)
    assert told()[other.pk] == earlier[other.pk]
    assert set(OaiSet.objects.filter(record_id=work.pk).values_list("datestamp", flat=True)) == {
        told()[work.pk][0]
    }


def test_of_two_followers_one_writes() -> None:
    watch = Watch(START)
    oai_follow(clock=watch)
    work = public_work("Hai bộ theo dõi")
    service.stamp_changes()
    stale = OaiFollower.objects.get()
    oai_follow(clock=watch)
    beyond = OaiFollower.objects.get().seq + 99
    with pytest.raises(service._LostTurn):
        service._tell(stale, [work.pk], service.FollowReport(), watch, seq=beyond)
        Work.objects.filter(pk=work.pk).update(title="Khác")
        service._tell(stale, [work.pk], service.FollowReport(), watch, seq=beyond)
    assert OaiFollower.objects.get().seq < beyond


def test_a_clock_set_back_gives_no_earlier_datestamp() -> None:
    watch = Watch(START)
    first = public_work("Trước")
    oai_follow(clock=watch)
    second = public_work("Sau")
    watch.forward(-3600)
    oai_follow(clock=watch)
    assert told()[second.pk][0] > told()[first.pk][0]


def test_whatever_is_told_by_a_moment_is_complete(client: Client) -> None:
    """Two harvests, the second from the response date of the first, together miss nothing."""
    watch = Watch()
    oai_follow(clock=watch)
    seen: set[str] = set()
    since, works = None, []
    for number in range(12):
        works.append(public_work(f"Liên tục {number}"))
        oai_follow(clock=watch)
        watch.forward(0.7)
        arguments = {"from": since} if since else {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("khcn.library.views.oai.timezone.now", watch)
            root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", **arguments)
        seen |= set(identifiers(root))
        since = root.findtext("{http://www.openarchives.org/OAI/2.0/}responseDate")
    assert len(seen) == len(works)


def test_lag_and_namespace(settings: Any) -> None:
    assert not oai_lag().begun
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": "http://127.0.0.1:8000"})
    oai_follow()
    assert oai_lag().waiting == 0
    public_work("Chưa theo")
    assert oai_lag().waiting == 1
    assert oai_lag().since is not None
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": "https://thuvien.example.vn"})
    oai_follow()
    assert oai_namespace() == "thuvien.example.vn"
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": "https://moi.example.vn"})
    oai_follow()
    assert oai_namespace() == "thuvien.example.vn"  # the site moved, its identifiers did not
