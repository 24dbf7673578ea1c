"""Data profiles: what they bring, that loading twice is once, and what the succession of 2025 makes of 2021."""

from datetime import date
from pathlib import Path

import pytest
from django.core.cache import cache

from khcn.core.audit import verify_chain
from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.orgs.enums import Role
from khcn.orgs.models import SiteProfile, Unit, UnitCode, UnitKind, UnitSuccession
from khcn.orgs.profiles import ProfileError, profile_names, profile_read
from khcn.orgs.selectors import (
    access_tokens,
    successors_on,
    unit_by_code,
    unit_history,
    unit_tree,
)
from khcn.orgs.services.profiles import ProfileResult, profile_load, site_update
from khcn.orgs.site import site_identity
from tests.orgs.factories import make_member

TODAY = date(2026, 11, 22)
IN_2021, LAST_DAY, FIRST_DAY = date(2021, 4, 12), date(2025, 6, 30), date(2025, 7, 1)


def names(units: "list[Unit] | frozenset[int]") -> set[str]:
    return set(Unit.objects.filter(pk__in=list(units)).values_list("short_name", flat=True))


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_profile_reads(name: str) -> None:
    profile = profile_read(name)
    assert profile.site.contact_is_demo
    assert {"place", "area", "committee", "focal_unit"} <= set(profile.site.terms)


def test_both_profiles_ship() -> None:
    assert profile_names() == ["phuong-2025", "quan5-2021"]


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="phuong-2025, quan5-2021"):
        profile_read("quan-99")


@pytest.mark.parametrize(
    ("units", "complaint"),
    [
        ('[[unit]]\nkey = "a"\nname = "A"\nkind = "k"\nparent = "b"\n', "phải đứng sau"),
        ('[[unit]]\nkey = "a"\nname = "A"\nkind = "nope"\n', "chưa khai báo"),
        ('[[unit]]\nkey = "b"\nname = "B"\nkind = "k"\n', "không có đơn vị a"),
        (
            '[[unit]]\nkey = "a"\nname = "A"\nkind = "k"\n[[unit]]\nkey = "a"\nname = "A"\nkind = "k"\n',
            "hai lần",
        ),
        ('[[unit]]\nkey = "a"\nname = "A"\nkind = "k"\ncolour = "red"\n', "thiếu hoặc thừa"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(tmp_path: Path, units: str, complaint: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "site.toml").write_text(
        '[site]\nsite_name = "X"\nowner = "X"\nresponsible_title = "X"\naddress = "X"\nemail = "x@example.vn"\n'
        'phone = "0"\noperator = "a"\n'
    )
    (tmp_path / "x" / "units.toml").write_text('[[kind]]\ncode = "k"\nlabel = "K"\n' + units)
    with pytest.raises(ProfileError, match=complaint):
        profile_read("x", folder=tmp_path)


@pytest.mark.django_db
def test_the_units_of_the_2021_plan() -> None:
    assert profile_load(name="quan5-2021", actor=None, today=TODAY) == ProfileResult(created=33)
    wards = Unit.objects.filter(kind__code="uy-ban-phuong")
    assert [unit.short_name for unit in wards.alphabetical()] == [f"Phường {n}" for n in range(1, 15)]
    assert set(Unit.objects.get(key="ubnd-14-phuong").members.all()) == set(wards)
    assert unit_by_code("gso", "27301", IN_2021) == Unit.objects.get(key="ubnd-p04")
    below = Unit.objects.descendants_of(Unit.objects.get(key="ubnd-q5"))
    assert below.count() == 23
    assert set(
        Unit.objects.ancestors_of(Unit.objects.get(key="phong-gddt")).values_list("key", flat=True)
    ) == {
        "ubnd-q5",
        "ubnd-tphcm",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", profile_names())
def test_loading_twice_is_once(name: str) -> None:
    first = profile_load(name=name, actor=None, today=TODAY)

    def everything() -> list[list[tuple[object, ...]]]:
        models = (Unit, UnitCode, UnitKind, UnitSuccession, SiteProfile, AuditEvent)
        return [list(model.objects.order_by("pk").values_list()) for model in models]

    before = everything()
    assert profile_load(name=name, actor=None, today=TODAY) == ProfileResult(unchanged=first.created)
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize("history", [["phuong-2025"], ["quan5-2021", "phuong-2025"]])
def test_the_first_of_july_2025(history: list[str]) -> None:
    for name in history:
        profile_load(name=name, actor=None, today=TODAY)
    ward = Unit.objects.get(key="ubnd-cho-quan")

    # The same code names another unit a day later.
    assert str(unit_by_code("gso", "27301", LAST_DAY)) == "Ủy ban nhân dân Phường 4"
    assert unit_by_code("gso", "27301", FIRST_DAY) == ward
    assert str(unit_by_code("gso", "27316", IN_2021)) == "Ủy ban nhân dân Phường 8"
    assert str(unit_by_code("gso", "27316", date(2025, 3, 1))) == "Ủy ban nhân dân Phường 7"
    assert str(unit_by_code("gso", "27307", date(2025, 3, 1))) == "Ủy ban nhân dân Phường 2"

    # 14 wards, then 10, then 3.
    def wards(on: date) -> int:
        return Unit.objects.in_force(on).filter(kind__code__startswith="uy-ban-phuong").count()

    old, between, new = IN_2021, LAST_DAY, FIRST_DAY
    assert (wards(old), wards(between), wards(new)) == (14, 10, 3)
    assert not Unit.objects.get(key="ubnd-q5").in_force(FIRST_DAY)

    # Who carries on, and what came from where.
    assert names(successors_on(Unit.objects.get(key="ubnd-p03"), FIRST_DAY)) == {"Phường Chợ Quán"}
    assert names(successors_on(Unit.objects.get(key="ubnd-p03"), date(2025, 3, 1))) == {"Phường 2"}
    came_from = {row.predecessor.short_name for row in unit_history(ward).came_from}
    assert came_from == {"Phường 1", "Phường 2", "Phường 4", "UBND Quận 5"}
    assert [row.decision_number for row in unit_history(Unit.objects.get(key="ubnd-p04")).went_to] == [
        "1685/NQ-UBTVQH15"
    ]

    # A member of the ward's division reads the past of the units it follows, from that day.
    member = make_member(Role.UNIT_REPORTER, Unit.objects.get(key="cho-quan-vhxh"))
    read = {
        Unit.objects.get(pk=int(word[5:])).key for word in access_tokens(member, FIRST_DAY) if ":" in word
    }
    assert {
        "ubnd-p01",
        "ubnd-p02",
        "ubnd-p03",
        "ubnd-p04",
        "phong-kinh-te",
        "ubnd-q5",
        "ubnd-cho-quan",
    } <= read
    assert not {"ubnd-p05", "ubnd-an-dong", "cho-quan-kthtdt"} & read
    assert verify_chain().ok


@pytest.mark.django_db
def test_the_tree_of_a_day() -> None:
    profile_load(name="quan5-2021", actor=None, today=TODAY)
    profile_load(name="phuong-2025", actor=None, today=TODAY)
    top = unit_tree(None, FIRST_DAY)
    city = next(node for node in top if node.unit.key == "ubnd-tphcm")
    assert [child.unit.key for child in city.children] == [
        "so-khcn",
        "ubnd-an-dong",
        "ubnd-cho-lon",
        "ubnd-cho-quan",
    ]
    ward = city.children[-1]
    assert [node.unit.key for node in ward.children] == [
        "cho-quan-van-phong",
        "cho-quan-kthtdt",
        "cho-quan-vhxh",
        "cho-quan-hcc",
    ]
    assert all(node.depth == 2 for node in ward.children)


@pytest.mark.django_db(transaction=True)
def test_the_site_speaks_of_the_place_and_keeps_edits() -> None:
    assert site_identity().terms["place"] == "Quận 5"  # from the file, before anything is loaded
    cache.clear()
    profile_load(name="phuong-2025", actor=None, today=TODAY)
    assert site_identity().owner == "Ủy ban nhân dân Phường Chợ Quán"
    assert site_identity().operator_name == "Phòng Văn hóa - Xã hội Phường Chợ Quán"
    site_update(actor=None, today=TODAY, phone="(028) 1111 2222", contact_is_demo=False)
    assert site_identity().phone == "(028) 1111 2222"
    profile_load(name="phuong-2025", actor=None, today=TODAY)
    assert site_identity().phone == "(028) 1111 2222"


@pytest.mark.django_db
def test_only_the_administrator_loads_a_profile() -> None:
    for role in (Role.FOCAL_HEAD, Role.LIBRARIAN, Role.AUDITOR):
        with pytest.raises(PermissionDeniedError):
            profile_load(name="quan5-2021", actor=make_member(role), today=TODAY)
    assert profile_load(name="quan5-2021", actor=make_member(Role.SYSADMIN), today=TODAY).created == 33


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    home = tmp_path / "x"
    home.mkdir()
    (home / "units.toml").write_text(
        '[[kind]]\ncode = "k"\nlabel = "K"\n[[unit]]\nkey = "a"\nname = "A"\nkind = "k"\n'
    )
    for name in ("Một", "Thứ hai"):
        (home / "site.toml").write_text(
            f'[site]\nsite_name = "{name}"\nowner = "X"\nresponsible_title = "X"\naddress = "X"\n'
            'email = "x@example.vn"\nphone = "0"\noperator = "a"\n'
        )
        assert profile_read("x", folder=tmp_path).site.site_name == name
    assert profile_read("x", folder=tmp_path) is profile_read("x", folder=tmp_path)
