"""The self-check as a story: begun, answered, finished once; figures without anybody in them; wishes to be called."""

import copy
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.indicators import Period, indicators
from khcn.core.models import AuditEvent
from khcn.programmes.areas import erasers
from khcn.programmes.enums import Audience, ConsentPurpose
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.programmes import barred
from khcn.programmes.models.readiness import Check, Questionnaire, ReadinessCall
from khcn.programmes.readiness_demo import load as demo_load
from khcn.programmes.rules.attendance import RowsError
from khcn.programmes.rules.readiness import SKIPPED
from khcn.programmes.selectors.readiness import (
    breakdown_of,
    check_by_token,
    earlier_check,
    fitting_programmes,
    whole_of,
)
from khcn.programmes.services.consents import consent_withdraw
from khcn.programmes.services.readiness_calls import call_close, call_withdraw, calls_forget
from khcn.programmes.services.readiness_checks import (
    About,
    check_answer,
    check_finish,
    check_start,
    checks_forget,
)
from khcn.programmes.services.readiness_questions import questionnaire_publish, questionnaire_upload
from tests.orgs.factories import make_unit
from tests.programmes.factories import NOW, TODAY, People, make_programme
from tests.programmes.readiness_factories import all_of, loaded, make_call, make_check, make_ward

pytestmark = pytest.mark.django_db


def _file(content: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(content).encode())


# Checks


def test_the_same_start_sent_twice_is_one_check_and_finishing_twice_counts_once() -> None:
    questionnaire = loaded()
    first = check_start(questionnaire=questionnaire, about=About(), client_key="mot-khoa", now=NOW)
    again = check_start(questionnaire=questionnaire, about=About(), client_key="mot-khoa", now=NOW)
    check_answer(check=first, given=all_of(questionnaire.sheet, 1), now=NOW)
    done = check_finish(check=first, now=NOW)
    later = check_finish(check=again, now=NOW + timedelta(hours=1))

    assert first.pk == again.pk
    assert (done.finished_at, done.overall) == (later.finished_at, later.overall) == (NOW, 33)
    assert Check.objects.finished().count() == 1


def test_a_finished_check_takes_no_other_answers() -> None:
    check = make_check(3)
    check_answer(check=check, given=all_of(loaded().sheet, 0), now=NOW)
    check.refresh_from_db()

    assert check.overall == 100
    assert set(check.answers.values()) == {3}


def test_open_questions_and_nothing_that_applies_are_refused_with_what_to_do() -> None:
    sheet = loaded().sheet
    check = make_check(None)
    with pytest.raises(ProgrammeError, match=sheet.dimensions[0].label):
        check_finish(check=check, now=NOW)
    content = copy.deepcopy(loaded().content)
    for dimension in content["dimensions"]:
        for one in dimension["questions"]:
            one["may_skip"] = True
    other = Questionnaire.objects.create(version=9, content=content, created_at=NOW)
    check = check_start(questionnaire=other, about=About(), client_key="khoa-khac", now=NOW)
    check_answer(check=check, given=all_of(other.sheet, SKIPPED), now=NOW)
    with pytest.raises(ProgrammeError, match="ít nhất một câu"):
        check_finish(check=check, now=NOW)


def test_answers_that_are_none_are_left_out() -> None:
    check = make_check(None)
    key = loaded().sheet.dimensions[0].questions[0].key
    row = check_answer(check=check, given={key: 7, "không có": 2, "tim-thay": True}, now=NOW)

    assert row.answers == {}


@pytest.mark.parametrize("about", [{"kind": "lạ"}, {"size": "\x00"}, {"sector": "khac2"}])
def test_choices_of_no_list_are_refused(about: dict[str, str]) -> None:
    with pytest.raises(ProgrammeError, match="danh sách"):
        check_start(questionnaire=loaded(), about=About(**about), client_key="x" * 12, now=NOW)


def test_only_a_ward_is_a_ward() -> None:
    with pytest.raises(ProgrammeError, match="địa bàn"):
        make_check(ward=make_unit("Phòng nội bộ"))
    assert make_check(ward=make_ward()).ward_id


def test_what_was_not_finished_is_deleted_after_a_day_and_never_counted() -> None:
    old, new, done = make_check(None), make_check(None, at=NOW + timedelta(hours=20)), make_check(1)

    assert checks_forget(NOW + timedelta(hours=25)) == 1
    assert set(Check.objects.values_list("pk", flat=True)) == {new.pk, done.pk}
    with pytest.raises(GoneError):
        check_answer(check=old, given={}, now=NOW)


def test_a_check_leaves_no_deed_in_the_trail() -> None:
    loaded()
    before = AuditEvent.objects.count()
    make_check(2)

    assert AuditEvent.objects.count() == before


def test_links_of_earlier_checks() -> None:
    now, before, begun = make_check(2), make_check(1), make_check(None)

    assert earlier_check(f"https://x.vn/muc-do-so/ket-qua/{before.token}/", now) == before
    assert earlier_check(f" {before.token} ", now) == before
    for link in ("", "\x00", now.token, begun.token, "https://x.vn/", "a" * 400):
        assert earlier_check(link, now) is None
    assert check_by_token("a\x00" * 12) is None


def test_programmes_that_fit_are_public_to_come_and_at_most_five() -> None:
    for _each in range(6):
        make_programme(audiences=barred([Audience.TRADERS]))
    make_programme(audiences=barred([Audience.PUPILS]), title="Cho học sinh")
    make_programme(audiences=barred([Audience.TRADERS]), state="draft", title="Nháp")

    found = fitting_programmes({Audience.TRADERS}, TODAY)

    assert len(found) == 5
    assert not {"Nháp", "Cho học sinh"} & {one.title for one in found}
    assert fitting_programmes(set(), TODAY) == []


# Figures


def test_lines_and_cells_tell_whole_batches_and_hide_small_ones() -> None:
    people = People()
    for value, kind, times in ((1, "ho-kinh-doanh", 16), (2, "doanh-nghiep", 7), (3, "sap-cho", 4)):
        for _each in range(times):
            make_check(value, kind=kind)
    questionnaire = loaded()

    lines = {one.label: one for one in breakdown_of(people.leader, questionnaire, "loai-hinh", 2026)}

    home = lines["Hộ kinh doanh, cửa hàng"]
    assert (home.count, home.overall, set(home.means)) == (15, 33, {33})
    assert lines["Doanh nghiệp nhỏ, hợp tác xã"].count == 5
    assert lines["Sạp chợ, bán hàng rong"] == type(home)("Sạp chợ, bán hàng rong")
    assert lines["Không ghi"].count is None  # nobody, and it looks the same
    whole = whole_of(people.leader, questionnaire, 2026)
    assert whole.line.count == 25
    assert dict(whole.levels) == {"Mới bắt đầu": None, "Đã có nền": 15, "Khá": 5, "Tốt": None}
    assert {one.cells for one in whole.spreads} == {(None, 15, 5, None, None)}


def test_a_year_with_few_checks_tells_nothing() -> None:
    people = People()
    for _each in range(4):
        make_check(2)
    whole = whole_of(people.officer, loaded(), 2026)

    assert whole.line.count is None
    assert whole.line.overall is None
    assert {count for _label, count in whole.levels} == {None}
    assert all(one.mean is None and set(one.cells) == {None} for one in whole.spreads)


def test_years_are_viet_nams_and_stand_beside_each_other_without_a_total() -> None:
    people = People()
    new_year = NOW.replace(year=2025, month=12, day=31, hour=17, minute=0)  # 1 January 2026 in Viet Nam
    for _each in range(5):
        make_check(1, at=new_year)
    for _each in range(5):
        make_check(3, at=new_year - timedelta(hours=3))

    lines = breakdown_of(people.auditor, loaded(), "nam", 2026)

    assert [(one.label, one.count, one.overall) for one in lines] == [("2026", 5, 33), ("2025", 5, 100)]


def test_figures_are_for_readers_only_and_take_few_queries() -> None:
    people, ward = People(), make_ward()
    for _each in range(10):
        make_check(2, ward=ward)
    questionnaire = loaded()
    assert whole_of(people.reporter, questionnaire, 2026).line.count is None
    assert whole_of(None, questionnaire, 2026).line.count == 10  # the system itself
    whole_of(people.leader, questionnaire, 2026)
    with CaptureQueriesContext(connection) as seen:
        lines = breakdown_of(people.leader, questionnaire, "dia-ban", 2026)

    assert len(seen) <= 4
    assert [one.count for one in lines if one.label == ward.name] == [10]


def test_the_indicator_counts_for_the_focal_unit_and_names_no_check() -> None:
    people = People()
    for _each in range(3):
        make_check(2)
    indicator = indicators.get("programmes.readiness_checks")
    year = Period(date(2026, 1, 1), date(2026, 12, 31))

    figure = indicator.figure(period=year, unit_ids=None, reader=people.leader)

    assert (figure.value, list(figure.sources)) == (3, [])
    assert indicator.figure(period=year, unit_ids=[people.unit.pk], reader=people.leader).value == 0
    assert indicator.figure(period=year, unit_ids=[people.focal.pk], reader=people.leader).value == 3


# Versions


def test_a_new_version_is_used_from_publishing_on_and_begun_checks_stay_with_theirs() -> None:
    people, first = People(), loaded()
    begun = make_check(None)
    content = first.content | {"title": "Bản hai"}
    row = questionnaire_upload(actor=people.officer, file=_file(content), note="Sửa tên", now=NOW)
    assert loaded() == first
    questionnaire_publish(actor=people.officer, questionnaire=row, now=NOW)
    questionnaire_publish(actor=people.officer, questionnaire=row, now=NOW)

    assert loaded().sheet.title == "Bản hai"
    assert Questionnaire.objects.filter(is_current=True).count() == 1
    check_answer(check=begun, given=all_of(first.sheet, 2), now=NOW)
    assert check_finish(check=begun, now=NOW).questionnaire == first
    questionnaire_publish(actor=people.officer, questionnaire=first, now=NOW)
    assert loaded() == first


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"[" * 100_000, b"{]", b"[]", b"null", b'{"title": NaN}', b'{"x": "\\u0000"}', b'{"x": "\\ud800"}', b"x" * 300_001],
)  # fmt: skip
def test_hostile_files_are_refused_in_words(raw: bytes) -> None:
    people = People()
    with pytest.raises(ProgrammeError):
        questionnaire_upload(actor=people.officer, file=io.BytesIO(raw), note="", now=NOW)
    assert not Questionnaire.objects.exists()


def test_a_wrong_file_says_every_place() -> None:
    content = copy.deepcopy(loaded().content)
    content["dimensions"][1]["questions"][2]["options"] = ["một"]
    content["levels"][0]["from"] = 3
    with pytest.raises(RowsError) as caught:
        questionnaire_upload(actor=People().officer, file=_file(content), note="", now=NOW)

    assert {"nhóm 2, câu 3", "mức 1"} <= {one.where for one in caught.value.faults}


@pytest.mark.parametrize(
    "role", ["focal_head", "leader", "finance", "clerk", "editor", "auditor", "reporter", "head"]
)
def test_only_the_focal_officer_keeps_questions_and_calls(role: str) -> None:
    people, first, call = People(), loaded(), make_call()
    user = getattr(people, role)
    with pytest.raises(PermissionDeniedError):
        questionnaire_upload(actor=user, file=_file(first.content), note="", now=NOW)
    with pytest.raises(PermissionDeniedError):
        questionnaire_publish(actor=user, questionnaire=first, now=NOW)
    with pytest.raises(PermissionDeniedError):
        call_close(actor=user, call=call, note="Đã gọi", now=NOW)
    assert not ReadinessCall.objects.visible_to(user).exists()
    assert ReadinessCall.objects.visible_to(people.officer).count() == 1


# Calls


def test_a_wish_to_be_called_needs_name_address_and_consent_and_is_kept_once() -> None:
    for wrong in ({"name": " \u200b "}, {"address": "không phải số"}, {"agreed": False}):
        with pytest.raises(KhcnError):
            make_call(**wrong)
    assert not ReadinessCall.objects.exists()
    first = make_call(client_key="cung-khoa", tells_level=True)
    again = make_call(client_key="cung-khoa")

    assert first == again
    assert first.level == "Khá"
    assert Consent.objects.filter(purpose=ConsentPurpose.CONTACT, withdrawn_at=None).count() == 1
    assert not [field.name for field in ReadinessCall._meta.get_fields() if field.name == "check"]


def test_a_call_is_closed_once_with_a_note() -> None:
    people, call = People(), make_call()
    with pytest.raises(ProgrammeError, match="kết quả"):
        call_close(actor=people.officer, call=call, note="  ", now=NOW)
    call_close(actor=people.officer, call=call, note="Đã gọi", now=NOW)
    with pytest.raises(GoneError):
        call_close(actor=people.officer, call=call, note="Gọi nữa", now=NOW)
    call.refresh_from_db()
    assert (call.note, call.closed_by) == ("Đã gọi", people.officer)


def _is_empty(call: ReadinessCall) -> bool:
    call.refresh_from_db()
    subject = f"programmes.readinesscall:{call.pk}"
    names = set(Consent.objects.filter(subject=subject).values_list("subject_name", flat=True))
    return (
        bool(call.erased_at) and not (call.name or call.address or call.wish or call.level) and names == {""}
    )


def test_a_wish_is_forgotten_when_taken_back_by_any_way_or_kept_long_enough() -> None:
    people, calls = People(), [make_call() for _each in range(4)]
    call_withdraw(call=calls[0], now=NOW)
    call_withdraw(call=calls[0], now=NOW)
    consent_withdraw(
        actor=None, subject=f"programmes.readinesscall:{calls[1].pk}", purpose=ConsentPurpose.CONTACT, now=NOW
    )
    erasers.get("readiness").erase(f"programmes.readinesscall:{calls[2].pk}", NOW)
    call_close(actor=people.officer, call=calls[3], note="Đã gọi", now=NOW)
    assert calls_forget(NOW + timedelta(days=89)) == 0
    assert calls_forget(NOW + timedelta(days=91)) == 1

    assert all(_is_empty(one) for one in calls)
    with pytest.raises(GoneError):
        call_close(actor=people.officer, call=calls[0], note="Gọi", now=NOW)


def test_the_demo_is_the_same_twice() -> None:
    make_ward()
    demo_load(lambda _text: None, NOW)
    first = list(Check.objects.order_by("pk").values_list("client_key", "overall"))
    demo_load(lambda _text: None, NOW + timedelta(days=1))

    assert list(Check.objects.order_by("pk").values_list("client_key", "overall")) == first
    assert len(first) == 120
    assert Check.objects.finished().count() == 120
    assert len({level for (level,) in Check.objects.values_list("level")}) >= 3
    assert ReadinessCall.objects.count() == 3
