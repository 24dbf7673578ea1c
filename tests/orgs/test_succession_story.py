"""Journey 13 as stories: wards of 2021 become ten, then three; codes are reused; people, groups and the past by date."""

from datetime import UTC, date, datetime, timedelta

import pytest

from khcn.core.audit import verify_chain
from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.orgs.decisions import DecisionData, DecisionError, Edge, NewUnit, decisions_from
from khcn.orgs.enums import PartyKind, Role
from khcn.orgs.models import (
    Membership,
    Party,
    SuccessionDecision,
    Unit,
    UnitCode,
    UnitSuccession,
    memberships_of,
)
from khcn.orgs.selectors import successors_on, unit_by_code
from khcn.orgs.services.decisions import (
    decision_withdraw,
    decisions_due,
    decisions_preview,
    decisions_record,
)
from khcn.orgs.services.profiles import profile_load
from khcn.orgs.services.units import SuccessionError, succession_record
from khcn.orgs.unit_time import carried_unit_ids, carrier_on, members_on, unit_events, units_on
from tests.orgs.factories import give_role, make_kind, make_member, make_party, make_unit, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 20)
NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
JUNE_30, JULY_1 = date(2025, 6, 30), date(2025, 7, 1)
WARDS = [f"ubnd-p{number:02d}" for number in range(1, 15)]
JANUARY = {
    "number": "1278/NQ-UBTVQH15", "date": "2024-11-14", "effective": "2025-01-01", "kind": "merge",
    "moves": [
        {"from": ["ubnd-p03"], "to": "ubnd-p02"}, {"from": ["ubnd-p06"], "to": "ubnd-p05"},
        {"from": ["ubnd-p08"], "to": "ubnd-p07"}, {"from": ["ubnd-p10"], "to": "ubnd-p11"},
    ],
}  # fmt: skip
JULY = {
    "number": "1685/NQ-UBTVQH15", "date": "2025-06-16", "effective": "2025-07-01", "kind": "merge",
    "moves": [
        {"from": ["ubnd-p01", "ubnd-p02", "ubnd-p04"], "to": "cho-quan"},
        {"from": ["ubnd-p05", "ubnd-p07", "ubnd-p09"], "to": "an-dong"},
        {"from": ["ubnd-p11", "ubnd-p12", "ubnd-p13", "ubnd-p14"], "to": "cho-lon"},
    ],
    "units": [
        {"key": "cho-quan", "name": "UBND phường Chợ Quán", "kind": "uy-ban-phuong", "codes": [{"code": "27301"}]},
        {"key": "an-dong", "name": "UBND phường An Đông", "kind": "uy-ban-phuong", "codes": [{"code": "27316"}]},
        {"key": "cho-lon", "name": "UBND phường Chợ Lớn", "kind": "uy-ban-phuong", "codes": [{"code": "27343"}]},
    ],
}  # fmt: skip


def unit(key: str) -> Unit:
    return Unit.objects.get(key=key)


def record(*decisions: dict, today: date = TODAY, now: datetime = NOW, actor=None):  # type: ignore[no-untyped-def]
    return decisions_record(
        actor=actor, today=today, now=now, decisions=decisions_from({"decision": list(decisions)})
    )


def everything() -> list[object]:
    """Return every row that a decision may write."""
    models = (Unit, UnitCode, UnitSuccession, SuccessionDecision, Membership, Party, AuditEvent)
    return [row for model in models for row in model.objects.order_by("pk").values()]


@pytest.fixture
def wards() -> list[Unit]:
    """The fourteen wards of 2021, with the codes that they had."""
    profile_load(name="quan5-2021", actor=None, today=TODAY)
    Unit.objects.filter(key__in=WARDS).update(valid_to=None)
    UnitCode.objects.all().delete()
    for key, code in {"ubnd-p04": "27301", "ubnd-p08": "27316", "ubnd-p13": "27343"}.items():
        UnitCode.objects.create(unit=unit(key), scheme="gso", code=code, valid_from=date(2004, 6, 30))
    return list(Unit.objects.filter(key__in=WARDS))


def test_the_first_of_july_2025(wards: list[Unit]) -> None:
    head = make_member(Role.UNIT_HEAD, unit("ubnd-p12"), full_name="Trưởng Phường Mười Hai")
    group = unit("ubnd-14-phuong")
    before = everything()
    preview = decisions_preview(
        actor=None, today=TODAY, now=NOW, decisions=decisions_from({"decision": [JULY, JANUARY]})
    )
    assert everything() == before  # looking changes nothing

    january, july = record(JULY, JANUARY)
    assert [(len(r.closes), len(r.opens)) for r in (january, july)] == [(4, 0), (10, 3)]
    assert [one.closes for one in preview] == [january.closes, july.closes]
    assert [one.roles for one in preview] == [january.roles, july.roles]

    # The code decides by day: reused for other units, and in between for the survivor of the first merger.
    named = {
        ("27301", JUNE_30): "ubnd-p04", ("27301", JULY_1): "cho-quan",
        ("27316", date(2024, 12, 31)): "ubnd-p08", ("27316", JUNE_30): None, ("27316", JULY_1): "an-dong",
        ("27343", JUNE_30): "ubnd-p13", ("27343", JULY_1): "cho-lon",
    }  # fmt: skip
    found = {(code, day): unit_by_code("gso", code, day) for code, day in named}
    assert {place: one.key if one else None for place, one in found.items()} == named

    # The group of fourteen stays as it was written; what it stands for follows the day.
    sizes = {date(2021, 11, 1): 14, date(2024, 12, 31): 14, date(2025, 1, 1): 10, JUNE_30: 10, JULY_1: 3}
    assert {day: len(members_on(group, day)) for day in sizes} == sizes
    assert group.members.count() == 14

    # People sit at the new desk from the first day, and not before.
    assert [m.unit.key for m in memberships_of(head, JUNE_30)] == ["ubnd-p12"]
    assert [(m.unit.key, m.role) for m in memberships_of(head, JULY_1)] == [("cho-lon", Role.UNIT_HEAD)]

    # Who carries on what, through two decisions.
    assert carrier_on(unit("ubnd-p03"), TODAY) == unit("cho-quan")
    assert carrier_on(unit("ubnd-p03"), JUNE_30) == unit("ubnd-p02")
    assert successors_on(unit("ubnd-p03"), JULY_1) == {unit("cho-quan").pk}
    carried = [carried_unit_ids(one.pk, JULY_1) for one in members_on(group, JULY_1)]
    assert sorted(pk for ids in carried for pk in ids) == sorted(
        {one.pk for one in wards} | {one.pk for one in members_on(group, JULY_1)}
    )
    assert verify_chain().ok


def test_twice_is_once(wards: list[Unit]) -> None:
    make_member(Role.UNIT_REPORTER, unit("ubnd-p03"))
    record(JANUARY, JULY)
    before = everything()
    again = record(JANUARY, JULY)
    assert not any(report.changed for report in again)
    assert everything() == before
    assert decisions_due(NOW) == 0
    assert everything() == before


def test_a_decision_of_tomorrow_waits_for_its_day(wards: list[Unit]) -> None:
    """Dates are written at once; what is open is handed over on the day, with those who came in between."""
    asked = date(2025, 5, 1)
    old = unit("ubnd-p04")
    party = make_party(ward=old)
    report = record(JULY, today=asked)[0]
    assert report.on_the_day
    late_comer = make_member(Role.UNIT_REPORTER, old)
    decision = SuccessionDecision.objects.get()
    for day, handed in ((JUNE_30, False), (JULY_1, True)):
        moment = datetime(day.year, day.month, day.day, 0, 5, tzinfo=UTC) - timedelta(hours=7)
        assert decisions_due(moment) == int(handed)
        decision.refresh_from_db()
        party.refresh_from_db()
        assert bool(decision.handed_over_at) is handed
        assert party.ward == (unit("cho-quan") if handed else old)
    assert [m.unit.key for m in memberships_of(late_comer, JULY_1)] == ["cho-quan"]
    assert decision.outcome == {"orgs.roles": 1, "orgs.parties": 1}


def test_a_decision_that_is_put_off_leaves_no_trace_but_in_the_trail(wards: list[Unit]) -> None:
    admin = make_member(Role.SYSADMIN, unit("phong-kinh-te"))
    make_member(Role.UNIT_HEAD, unit("ubnd-p13"))
    tables = (Unit, UnitCode, UnitSuccession, SuccessionDecision)
    before = [list(model.objects.order_by("pk").values()) for model in tables]
    roles = list(Membership.objects.order_by("pk").values())
    record(JULY, today=date(2025, 5, 1), actor=admin)
    decision = SuccessionDecision.objects.get()
    with pytest.raises(DecisionError, match="lý do"):
        decision_withdraw(actor=admin, today=date(2025, 5, 2), decision=decision, reason=" ")
    decision_withdraw(actor=admin, today=date(2025, 5, 2), decision=decision, reason="lùi ngày")
    assert [list(model.objects.order_by("pk").values()) for model in tables] == before
    assert list(Membership.objects.order_by("pk").values()) == roles
    assert AuditEvent.objects.get(action="orgs.decision.withdraw").reason == "lùi ngày"
    record(JULY, today=date(2025, 5, 1))
    with pytest.raises(DecisionError, match="đã có hiệu lực"):
        decision_withdraw(actor=admin, today=JULY_1, decision=SuccessionDecision.objects.get(), reason="x")


def test_only_the_administrator_records(wards: list[Unit]) -> None:
    for role in (Role.FOCAL_HEAD, Role.LEADER, Role.AUDITOR):
        with pytest.raises(PermissionDeniedError):
            record(JULY, actor=make_member(role))
    assert not SuccessionDecision.objects.exists()


def test_a_split_says_who_takes_what_and_people_may_go_elsewhere() -> None:
    old = make_unit("Phòng cũ", key="cu")
    one, two = make_unit("Phòng Một", key="mot"), make_unit("Phòng Hai", key="hai")
    stays, goes, ends = (make_user(name) for name in ("Người Ở", "Người Đi", "Người Thôi"))
    for person in (stays, goes, ends):
        give_role(person, Role.UNIT_REPORTER, old)
    split = {
        "number": "1/QĐ", "effective": "2026-01-01", "kind": "split",
        "moves": [{"from": ["cu"], "to": ["mot", "hai"], "default": "mot"}],
        "exceptions": {f"person:{goes.username}": "hai", f"person:{ends.username}/{Role.UNIT_REPORTER}": "-"},
    }  # fmt: skip
    record(split)
    desks = [[m.unit for m in memberships_of(person, TODAY)] for person in (stays, goes, ends)]
    assert desks == [[one], [two], []]
    # Reading opens for both; figures are carried by one, so that they count once.
    assert successors_on(unit("cu"), TODAY) == {one.pk, two.pk}
    assert (carried_unit_ids(one.pk, TODAY), carried_unit_ids(two.pk, TODAY)) == (
        {one.pk, old.pk},
        {two.pk},
    )


def test_a_unit_that_is_split_may_live_on() -> None:
    old, part = make_unit("Phòng cũ", key="cu"), make_unit("Phòng tách", key="tach")
    stays, goes = make_member(Role.UNIT_HEAD, old), make_member(Role.UNIT_REPORTER, old)
    record(
        {
            "number": "2/QĐ", "effective": "2026-01-01", "kind": "split",
            "moves": [{"from": ["cu"], "to": "tach", "ends": False}],
            "exceptions": {f"person:{goes.username}": "tach"},
        }
    )  # fmt: skip
    old.refresh_from_db()
    assert old.valid_to is None
    assert [m.unit for m in memberships_of(stays, TODAY)] == [old]
    assert [m.unit for m in memberships_of(goes, TODAY)] == [part]
    assert [unit.name for unit in units_on([old], TODAY)] == ["Phòng cũ", "Phòng tách"]
    assert [unit.name for unit in units_on([old], date(2025, 12, 31))] == [
        "Phòng cũ"
    ]  # part had not split off
    assert carried_unit_ids(part.pk, TODAY) == {part.pk}


def test_a_new_name_keeps_people_codes_and_children() -> None:
    old = make_unit("Phòng Văn hóa", key="vh", electronic_id="000.00.19.H29")
    child = make_unit("Tổ một", parent=old)
    UnitCode.objects.create(unit=old, scheme="internal", code="VH")
    person = make_member(Role.UNIT_HEAD, old)
    record(
        {
            "number": "3/QĐ", "effective": "2026-01-01", "kind": "rename", "moves": [{"from": ["vh"], "to": "vhxh"}],
            "units": [{"key": "vhxh", "name": "Phòng Văn hóa - Xã hội", "kind": "phong"}],
        }
    )  # fmt: skip
    new = unit("vhxh")
    child.refresh_from_db()
    assert child.parent == new
    assert [m.unit for m in memberships_of(person, TODAY)] == [new]
    assert unit_by_code("internal", "VH", date(2025, 12, 31)) == old
    assert unit_by_code("internal", "VH", date(2026, 1, 1)) == new
    kinds = [(event.on, event.kind) for event in unit_events(unit("vh"))]
    assert kinds == [(date(2026, 1, 1), kind) for kind in ("code_ended", "to", "ended")]


def test_an_administrator_may_move_along_but_not_vanish() -> None:
    old, new = make_unit("Cũ", key="cu"), make_unit("Mới", key="moi")
    admin = make_member(Role.SYSADMIN, old)
    merge = {
        "number": "4/QĐ",
        "effective": "2026-06-01",
        "kind": "merge",
        "moves": [{"from": ["cu"], "to": "moi"}],
    }
    with pytest.raises(DecisionError, match="không còn ai quản trị"):
        record(merge | {"exceptions": {f"person:{admin.username}": "-"}}, actor=admin)
    assert not SuccessionDecision.objects.exists()
    record(merge, actor=admin)
    assert [m.unit for m in memberships_of(admin, date(2026, 6, 1))] == [new]


# What is refused


def faults(*edges: Edge, effective: date = date(2026, 1, 1), **more) -> str:  # type: ignore[no-untyped-def]
    data = DecisionData("9/QĐ", effective, edges=edges, **more)
    with pytest.raises(DecisionError) as caught:
        decisions_record(actor=None, today=TODAY, now=NOW, decisions=[data])
    assert not SuccessionDecision.objects.filter(number="9/QĐ").exists()
    return " | ".join(str(fault) for fault in caught.value.faults)


def test_what_a_decision_may_not_say() -> None:
    for key in "abc":
        make_unit(f"Đơn vị {key.upper()}", key=f"dv-{key}")
    make_unit("Đã hết", key="het", valid_to=date(2025, 5, 31))
    make_unit("Chưa có", key="chua", valid_from=date(2026, 2, 1))
    kind = make_kind("khoi", "Khối")
    kind.is_group = True
    kind.save()
    make_unit("Khối phường", key="khoi", kind=kind)
    cases = {
        "không thể kế thừa chính nó": [Edge("merge", "dv-a", "dv-a")],
        "không có đơn vị mang mã “dv-x”. Có phải dv-": [Edge("merge", "dv-a", "dv-x")],
        "Đã hết không hoạt động vào ngày 01/01/2026": [Edge("merge", "dv-a", "het")],
        "Chưa có không hoạt động vào ngày 01/01/2026": [Edge("merge", "dv-a", "chua")],
        "Đã hết không hoạt động vào ngày trước": [Edge("merge", "het", "dv-a")],
        "phải nói đúng một đơn vị nhận": [Edge("split", "dv-a", "dv-b"), Edge("split", "dv-a", "dv-c")],
        "sáp nhập là vào một đơn vị": [
            Edge("merge", "dv-a", "dv-b", True),
            Edge("merge", "dv-a", "dv-c", False),
        ],
        "đổi tên là từ một đơn vị": [Edge("rename", "dv-a", "dv-c"), Edge("rename", "dv-b", "dv-c")],
        "kết thúc cùng ngày": [Edge("merge", "dv-a", "dv-b"), Edge("merge", "dv-b", "dv-c")],
        "chỉ khi chia, tách": [Edge("merge", "dv-a", "dv-b", ends=False)],
        "một khối đơn vị không sáp nhập được": [Edge("merge", "khoi", "dv-b")],
        "hai dòng sang cùng một đơn vị": [Edge("merge", "dv-a", "dv-b"), Edge("merge", "dv-a", "dv-b")],
    }
    for text, edges in cases.items():
        assert text in faults(*edges), text
    assert "không có loại" in faults(Edge("merge", "dv-a", "moi"), units=(NewUnit("moi", "Mới", "loai-la"),))
    assert "đã là của" in faults(Edge("merge", "dv-a", "dv-b"), units=(NewUnit("dv-b", "Khác", "phong"),))
    assert "không phải đơn vị kế thừa" in faults(
        Edge("merge", "dv-a", "dv-b"), exceptions={"task:IV.7": "dv-c"}
    )
    assert Unit.objects.filter(key__startswith="dv-", valid_to=None).count() == 3


def test_no_circle_however_long_and_whatever_the_dates() -> None:
    a, b, c = (make_unit(name, key=name.lower()) for name in "ABC")
    for number, (one, other, day) in enumerate(
        [("a", "b", date(2025, 1, 1)), ("b", "c", date(2025, 7, 1))], start=1
    ):
        edges = [{"from": [one], "to": other, "kind": "split", "ends": False}]
        record({"number": f"{number}/QĐ", "effective": str(day), "moves": edges})
    assert "Kế thừa vòng tròn" in faults(Edge("merge", "c", "a"))
    assert "Kế thừa vòng tròn" in faults(Edge("merge", "b", "a"), effective=date(2024, 1, 1))
    with pytest.raises(SuccessionError, match="vòng tròn"):
        succession_record(
            actor=None, today=TODAY, kind="merge", predecessor=c, successor=a, decision_number="x",
            effective_date=date(2026, 1, 1),
        )  # type: ignore[arg-type]  # fmt: skip
    assert (a.pk in successors_on(a, TODAY), b.valid_to) == (True, None)


def test_parties_of_an_ended_area_are_kept_by_its_successor() -> None:
    old, new = make_unit("Cũ", key="cu"), make_unit("Mới", key="moi")
    school = make_party("Trường A", kind=PartyKind.SCHOOL, ward=old)
    record(
        {
            "number": "5/QĐ",
            "effective": "2026-01-01",
            "kind": "merge",
            "moves": [{"from": ["cu"], "to": "moi"}],
        }
    )
    school.refresh_from_db()
    assert school.ward == new
