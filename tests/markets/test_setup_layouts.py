"""Drawings: versions that never rewrite the past, keys that stay, sentences for what cannot be measured."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from khcn.core.models.audit import AuditEvent
from khcn.markets.models import Camera, Gate, Layout, Zone
from khcn.markets.rules.drawing import (
    Drawn,
    GateRow,
    PointsUnreadableError,
    ZoneRow,
    difference,
    read_points,
    write_points,
)
from khcn.markets.services.layouts import (
    DrawingError,
    LayoutChangedError,
    layout_restore,
    layout_save,
    zone_stalls_set,
)
from khcn.markets.services.setup_guard import SetupPermissionError
from khcn.orgs.enums import PartyKind, Role
from tests.markets.factories import NOW, make_camera, make_market, make_zone
from tests.orgs.factories import make_member, make_party, make_unit

pytestmark = pytest.mark.django_db
LINE = ((100.0, 100.0), (100.0, 500.0))
SQUARE = ((300.0, 300.0), (600.0, 300.0), (600.0, 600.0), (300.0, 600.0))


@pytest.fixture
def camera() -> Camera:
    return make_camera(make_market(unit=make_unit()))


def manager(camera: Camera) -> Any:
    return make_member(Role.MARKET_MANAGER, camera.market.unit)


def save(camera: Camera, drawn: Drawn, based_on: int = 0, **options: Any) -> Layout:
    """Save as the system, an hour later for each version."""
    options.setdefault("now", NOW + timedelta(hours=based_on))
    options.setdefault("actor", None)
    return layout_save(camera=camera, drawn=drawn, width=1280, height=720, based_on=based_on, **options)


def test_a_moved_line_leaves_the_past_alone(camera: Camera) -> None:
    first = save(
        camera, Drawn((GateRow("", "Cửa chính", LINE),), (ZoneRow("", "Dãy cá", SQUARE, "stalls", 30),))
    )
    gate = Gate.objects.get(camera=camera)
    moved = ((200.0, 100.0), (200.0, 500.0))
    second = save(camera, Drawn((GateRow(gate.key, "Cửa chính", moved),)), based_on=1)
    first.refresh_from_db()
    assert (first.version, second.version) == (1, 2)
    assert first.valid_to == second.valid_from and second.valid_to is None
    assert first.drawing["gates"][0]["points"] == [[100, 100], [100, 500]]
    assert Gate.objects.get(camera=camera) == gate and gate.key == "cua-chinh"
    zone = Zone.objects.get(camera=camera)
    assert not zone.active and zone.capacity == 30  # gone from the picture, not from history


def test_a_new_gate_never_takes_the_key_of_an_old_one(camera: Camera) -> None:
    save(camera, Drawn((GateRow("", "Cửa", LINE),)))
    save(camera, Drawn((GateRow("", "Cửa", LINE),)), based_on=1)
    assert [(row.key, row.active) for row in Gate.objects.order_by("pk")] == [("cua", False), ("cua-2", True)]
    layout_restore(actor=None, layout=Layout.objects.get(version=1), based_on=2, now=NOW + timedelta(days=1))
    assert [(row.key, row.active) for row in Gate.objects.order_by("pk")] == [("cua", True), ("cua-2", False)]
    assert Layout.objects.get(valid_to=None).version == 3


def test_names_alone_make_no_new_version(camera: Camera) -> None:
    save(camera, Drawn((GateRow("", "Cửa", LINE),)))
    save(camera, Drawn((GateRow("cua", "Cửa Bắc", LINE, is_entrance=False),)), based_on=1)
    gate = Gate.objects.get()
    assert (gate.name, gate.is_entrance, Layout.objects.count()) == ("Cửa Bắc", False, 1)
    assert AuditEvent.objects.filter(action="markets.layout.rename").exists()


def test_two_people_do_not_write_over_each_other(camera: Camera) -> None:
    save(camera, Drawn((GateRow("", "Cửa", LINE),)))
    with pytest.raises(LayoutChangedError):
        save(camera, Drawn((GateRow("", "Khác", LINE),)), based_on=0)
    assert Layout.objects.count() == 1


BOW = ((100.0, 100.0), (500.0, 500.0), (500.0, 100.0), (100.0, 500.0))


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (Drawn((), (ZoneRow("", "Khu lệch", BOW),)), "“Khu lệch” tự cắt"),
        (Drawn((GateRow("", "Cửa", ((5.0, 5.0), (5.0, 5.0))),)), "Vạch “Cửa” cần ít nhất hai điểm"),
        (Drawn((GateRow("", "Cửa xa", ((9000.0, 1.0), (9000.0, 2.0))),)), "“Cửa xa” nằm ngoài khung hình"),
        (Drawn((GateRow("", "Cửa", LINE), GateRow("", "cửa", BOW[:2]))), "cùng tên"),
        (Drawn((GateRow("", " ", LINE),)), "cần một cái tên"),
        (Drawn((GateRow("cua-cua-camera-khac", "Cửa", LINE),)), "không thuộc camera này"),
        (Drawn((), (), (BOW,)), "vùng bỏ qua"),
        (Drawn(ground=(BOW, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))), "Bốn điểm trên mặt sàn"),
        (Drawn((), tuple(ZoneRow("", f"Khu {n}", SQUARE) for n in range(41))), "tối đa 40"),
    ],
)
def test_what_cannot_be_measured_is_said_with_names(camera: Camera, drawn: Drawn, words: str) -> None:
    with pytest.raises(DrawingError) as refused:
        save(camera, drawn)
    assert words in refused.value.message
    assert not Layout.objects.exists() and not Gate.objects.exists()


def test_only_who_sets_up_draws(camera: Camera) -> None:
    drawn = Drawn((GateRow("", "Cửa", LINE),))
    for role in (Role.UNIT_HEAD, Role.CAMERA_VIEWER):
        with pytest.raises(SetupPermissionError):
            save(camera, drawn, actor=make_member(role, camera.market.unit))
    with pytest.raises(SetupPermissionError):
        save(camera, drawn, actor=make_member(Role.MARKET_MANAGER))
    assert save(camera, drawn, actor=manager(camera)).version == 1


def test_a_drawing_follows_a_still_of_another_size(client: Client, camera: Camera) -> None:
    save(camera, Drawn((GateRow("", "Cửa", LINE),)))
    Camera.objects.filter(pk=camera.pk).update(frame_width=640, frame_height=360)
    client.force_login(manager(camera))
    page = client.get(f"/ban-lam-viec/cho/thiet-lap/camera/{camera.pk}/ve/")
    assert "50 50; 50 250" in page.content.decode()


def test_points_as_people_write_them() -> None:
    assert read_points("1 2; 3,5 4.25\n 5  6 ;") == ((1, 2), (3.5, 4.25), (5, 6))
    assert write_points([(1.0, 2.5), (1279.999, 3)]) == "1 2.5; 1280 3"
    for bad in ("1", "1 2 3", "a b", "1 nan", "inf 2", "1e9 2"):
        with pytest.raises(PointsUnreadableError):
            read_points(bad)


def test_differences_in_words(client: Client, camera: Camera) -> None:
    save(camera, Drawn((GateRow("", "Cửa Một", LINE),), (ZoneRow("", "Khu Cá", SQUARE),)))
    save(
        camera,
        Drawn((GateRow("cua-mot", "Cửa Một", LINE, swap=True), GateRow("", "Cửa Hai", BOW[:2]))),
        based_on=1,
    )
    first, second = Layout.objects.order_by("version")
    changed = difference(first.drawing, second.drawing)
    assert (changed.added, changed.removed, changed.turned, changed.moved) == (
        ("cua-hai",),
        ("khu-ca",),
        ("cua-mot",),
        (),
    )
    client.force_login(manager(camera))
    html = client.get(f"/ban-lam-viec/cho/thiet-lap/camera/{camera.pk}/ban-ve/").content.decode()
    for words in ("Thêm: Cửa Hai", "Bỏ: Khu Cá", "Đổi chiều: Cửa Một"):
        assert words in html


def test_hostile_forms_do_no_harm(client: Client, camera: Camera) -> None:
    client.force_login(manager(camera))
    path = f"/ban-lam-viec/cho/thiet-lap/camera/{camera.pk}/ve/"
    counts = {
        f"{kind}-{name}": "1"
        for kind in ("gate", "zone", "exclusion")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    base = {**counts, "based_on": "0", "width": "1280", "height": "720"}
    for change in (
        {"gate-TOTAL_FORMS": "100000"}, {"gate-TOTAL_FORMS": "x"}, {"width": "0"}, {"width": "99999999"}, {"based_on": "-1"},
        {"gate-0-name": "a" * 500, "gate-0-points": "1 1; 2 2"}, {"gate-0-name": "a", "gate-0-points": "1 1;" * 900},
        {"ground-pixels": "1 1; 2 2", "ground-metres": "1 1"}, {"zone-0-kind": "palace", "zone-0-name": "a", "zone-0-points": "1 1; 9 1; 9 9"},
    ):  # fmt: skip
        assert client.post(path, {**base, **change}).status_code == 200, change
    name = "<script>alert(1)</script>"
    good = {**base, "gate-INITIAL_FORMS": "0", "zone-INITIAL_FORMS": "0", "exclusion-INITIAL_FORMS": "0"}
    answer = client.post(
        path, {**good, "gate-0-name": name, "gate-0-points": "1 1; 200 200", "zone-0-kind": "area"}
    )
    assert answer.status_code == 302
    assert "<script>alert" not in client.get(path).content.decode()


def test_stalls_of_a_zone(client: Client, camera: Camera) -> None:
    zone = make_zone(camera)
    stall = make_party("Sạp cá Cô Ba", kind=PartyKind.MARKET_STALL, ward=camera.market.unit)
    school = make_party("Trường A")
    client.force_login(manager(camera))
    path = f"/ban-lam-viec/cho/thiet-lap/khu/{zone.pk}/sap/"
    assert client.post(path, {"sap": [str(stall.pk), str(school.pk)]}).status_code == 302
    assert list(zone.parties.all()) == [stall]
    client.post(f"{path}?q=khong-co", {"sap": []})  # what a search hides is not taken out
    assert list(zone.parties.all()) == [stall]
    with pytest.raises(SetupPermissionError):
        zone_stalls_set(actor=make_member(Role.MARKET_MANAGER), zone=zone, party_ids=[], now=NOW)
