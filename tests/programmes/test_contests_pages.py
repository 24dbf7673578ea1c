"""Pages of the judging: who opens what, nothing leaks to jurors or strangers, points typed either way."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from khcn.orgs.enums import Role
from khcn.programmes import demo_contests
from khcn.programmes.contests_wiring import todos
from khcn.programmes.models.contests import Contest
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.selectors.contests import progress_of
from khcn.programmes.selectors.contests_jury import seats_of
from khcn.programmes.selectors.contests_ranking import rank_rows
from khcn.programmes.services.contests_results import result_freeze, result_propose
from tests.orgs.factories import give_role, make_user
from tests.programmes.factories import People, make_contest, make_juror, make_programme
from tests.programmes.test_contests_story import AFTER, fill, fill_all, staged

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


def test_the_jurys_desk_and_the_ranking_read_in_few_queries(
    client: Client, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    people = People()
    user = make_user()
    give_role(user, Role.JUROR, people.focal)
    for number in range(3):
        programme = staged(people, entries=2 + number)
        make_juror(programme, user=user)
        with django_assert_max_num_queries(4):
            assert len(seats_of(user)) == number + 1
    fill_all(programme)
    result = result_freeze(actor=people.officer, programme=programme, now=AFTER)
    with django_assert_max_num_queries(1):
        assert rank_rows(result)


def test_todos_say_what_comes_next(rf: RequestFactory) -> None:
    people = People()
    programme = staged(people)
    first = programme.jurors.first()

    def lines(who: object) -> list[str]:
        request = rf.get("/")
        request.user = who  # type: ignore[assignment]
        return [one.text for one in todos(request, AFTER)]

    assert lines(first.user) == [f"Còn {first.reviews.count()} bài chưa chấm"]
    assert lines(people.officer) == []
    fill_all(programme)
    assert lines(people.officer) == ["Giám khảo đã chấm xong: chốt điểm"]
    result_freeze(actor=people.officer, programme=programme, now=AFTER)
    result_propose(actor=people.officer, programme=programme, now=AFTER)
    assert (lines(people.leader), lines(people.reporter)) == (["Phê duyệt kết quả cuộc thi"], [])


def test_an_officer_gives_a_sheet_back_and_a_juror_turned_officer_reads_nothing(client: Client) -> None:
    people = People()
    programme = staged(people)
    review = fill(programme.reviews.first())
    client.force_login(people.officer)
    asked = {"viec": "mo", "juror": review.juror_id, "code": review.entry.code.lower(), "reason": "Nhầm dòng"}
    assert client.post(at("contest-assignment", programme.pk), asked | {"code": "BT-000"}).status_code == 422
    assert client.post(at("contest-assignment", programme.pk), asked).status_code == 302
    review.refresh_from_db()
    assert review.submitted_at is None
    give_role(review.juror.user, Role.FOCAL_OFFICER, people.focal)
    client.force_login(review.juror.user)
    assert client.get(at("jury-sheet", review.pk)).status_code == 404


def test_rules_are_typed_in_lines(client: Client) -> None:
    people = People()
    programme = make_programme(people.unit, kind="contest")
    client.force_login(people.officer)
    url = at("contest-rules", programme.pk)
    typed = {
        "text": "Thể lệ", "scoring": "median", "tie_break": "y", "awards": "Giải Nhất | 1 | 5.000.000", "viec": "cong-bo",
        "criteria": "y | Ý tưởng | 10 | 1,5 | 4\n- 10: Rất mới\n- 5: Có mới\n",
    }  # fmt: skip
    for wrong in (
        "y",
        "y | Ý | x",
        "- 10: trước",
        "Y | Ý | 10",
        "y | Ý | 10\n- mười: x",
        "y | Ý | 10 | 1,55",
        "y | Ý | 0",
    ):
        assert client.post(url, typed | {"criteria": wrong}).status_code == 422, wrong
    assert client.post(url, typed).status_code == 302
    rules = programme.rules.get()
    assert (rules.awards, str(rules.criteria.get().weight)) == (
        [{"title": "Giải Nhất", "count": 1, "prize_vnd": 5000000}],
        "1.50",
    )
    assert "- 10: Rất mới" in client.get(url).content.decode()
