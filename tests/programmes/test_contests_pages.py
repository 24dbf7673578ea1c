"""Pages of the judging: who opens what, nothing leaks to jurors or strangers, points typed either way."""

import pytest
from django.test import Client
from django.urls import reverse

from khcn.orgs.enums import Role
from khcn.programmes import demo_contests
from khcn.programmes.models.contests import Contest
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.selectors.contests import progress_of
from khcn.programmes.services.contests_results import result_freeze
from tests.orgs.factories import give_role, make_user
from tests.programmes.factories import People, make_contest
from tests.programmes.test_contests_story import AFTER, fill_all, staged

pytestmark = pytest.mark.django_db
KEEPER = ("contest-rules", "contest-council", "contest-phases", "contest-assignment")
READER = ("contest", "contest-progress", "contest-result")


def at(name: str, *args: object) -> str:
    return reverse(f"programmes-desk:{name}", args=args)


def test_who_opens_what_and_nothing_leaks(client: Client) -> None:
    people = People()
    programme = staged(people)
    review = programme.reviews.first()
    juror, stranger = review.juror.user, make_user()

    def codes(who: object, names: tuple[str, ...]) -> set[int]:
        client.force_login(who)  # type: ignore[arg-type]
        return {client.get(at(name, programme.pk)).status_code for name in names}

    assert codes(people.officer, KEEPER + READER) == {200}
    assert codes(people.leader, READER) == {200}
    assert codes(people.leader, KEEPER) == {403}
    for who in (juror, stranger, people.reporter):
        assert codes(who, (*KEEPER, *READER, "contest-ranking")) == {403}
    for who in (people.officer, people.focal_head, people.leader):
        assert codes(who, ("contest-ranking",)) == {403}
    client.force_login(juror)
    other = programme.reviews.exclude(juror=review.juror).first()
    assert client.get(at("jury-sheet", other.pk)).status_code == 404
    pages = [
        client.get(at("jury")),
        client.get(at("jury-sheet", review.pk)),
        client.get(at("jury-declare", programme.pk)),
    ]
    assert {page.status_code for page in pages} == {200}
    for team in programme.teams.all():
        for page in pages:
            assert team.name not in page.content.decode()
        assert team.organisation not in pages[0].content.decode() + pages[1].content.decode()
    client.force_login(stranger)
    assert client.get(at("jury")).status_code == 403
    assert client.get(at("jury-sheet", review.pk)).status_code == 404
    client.force_login(juror)
    typed = {"c1": "7,5", "c2": "7.5", "revision": "0", "comment": "", "viec": "nop"}
    assert client.post(at("jury-sheet", review.pk), typed | {"c1": "11"}).status_code == 422
    assert client.post(at("jury-sheet", review.pk), typed).status_code == 302
    review.refresh_from_db()
    assert review.total == 15
    assert client.get(at("jury-sheet", review.pk)).status_code == 200
    fill_all(programme)
    result_freeze(actor=people.officer, programme=programme, now=AFTER)
    assert codes(people.leader, ("contest-ranking", "contest-result")) == {200}
    assert codes(people.officer, ("contest-ranking", "contest-result", "contest-phases")) == {200}
    assert client.get(at("contest-ranking", programme.pk) + "?tep=xlsx").status_code == 200
    client.force_login(juror)
    assert client.get(at("contest-ranking", programme.pk)).status_code == 403


def test_the_demo_has_a_contest_in_judging_and_a_finished_one() -> None:
    people = People()
    make_user(username="daumoi")
    give_role(make_user("Thử Thị Chấm", username="giamkhao"), Role.JUROR, people.focal)
    this = make_contest(people.unit, key=demo_contests.THIS)
    Entry.objects.all().delete()
    for _ in range(2):
        demo_contests.load(lambda _text: None, AFTER)
    assert Contest.objects.get(programme=this).phase == "judging"
    last = Programme.objects.get(key=demo_contests.LAST)
    assert last.contest.phase == "done"
    assert last.awards.count() >= 1
    assert this.jurors.count() == 3


def test_progress_reads_in_a_constant_number_of_queries(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    people = People()
    for entries, jurors in ((2, 2), (6, 5)):
        programme = staged(people, entries=entries, jurors=jurors)
        with django_assert_max_num_queries(5):
            progress_of(programme, 3)
