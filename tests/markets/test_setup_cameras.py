"""Cameras in the set-up: addresses that are credentials, where they may point, and who may touch them."""

import logging
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.markets.camera_sources import (
    CameraAddressError,
    addresses_of,
    check_address,
    check_reachable,
    shown_addresses,
)
from khcn.markets.models import Camera, Market
from khcn.markets.rules.legal import default_sign_text, legal_state
from khcn.markets.services.cameras import (
    CameraNameTakenError,
    CameraRateError,
    camera_create,
    camera_update,
)
from khcn.markets.services.setup_guard import SetupPermissionError
from khcn.orgs.enums import Role
from tests.markets.factories import NOW, make_box, make_camera, make_market
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
SECRET = "rtsp://xem:mat-khau-9f3@192.168.1.20:554/Streaming/102?token=khoa-77"
ROOT = "/ban-lam-viec/cho/thiet-lap/"


def values(**changes: Any) -> dict[str, Any]:
    """Return what a form would give."""
    return {"name": "Cửa Đông", "fps": 5, "purpose": "Đếm khách", "controller": "Ban quản lý", **changes}


def form(**changes: Any) -> dict[str, Any]:
    """Return what a browser would send."""
    whole = {
        "contact": "028 0000 0000", "sign_text": "Có camera đếm khách.", "slit_scan_days": "30", "active": "on",
        "addresses": SECRET, "model": "", "box": "", "place": "", "sign_placed_on": "",
    }  # fmt: skip
    return {**values(), **whole, **changes}


class Place:
    """A market with its manager, and another unit's market with its own."""

    def __init__(self) -> None:
        unit, other = make_unit(), make_unit()
        self.market, self.foreign = make_market(unit=unit), make_market(unit=other)
        self.manager = make_member(Role.MARKET_MANAGER, unit)
        self.stranger = make_member(Role.MARKET_MANAGER, other)
        self.head = make_member(Role.UNIT_HEAD, unit)
        self.operator = make_member(Role.MARKET_OPERATOR)

    def camera(self, **changes: Any) -> Camera:
        return camera_create(
            actor=self.manager, market=self.market, values=values(**changes), addresses=[SECRET], now=NOW
        )


# --- addresses ---


@pytest.mark.parametrize(
    "raw",
    [
        "file:///etc/passwd", "/etc/passwd", "concat:a|b", "subfile,,start,0,end,0,,:/etc/passwd", "gopher://a/", "ftp://a/b",
        "http://127.0.0.1:5432/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/",
        "rtsp://[::1]/a", "rtsp://[::ffff:127.0.0.1]/a", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/",
        "http://metadata.google.internal/", "http://0.0.0.0/", "rtsp://a@localhost:554/", "rtsp:///a", "", "http://a\nb/",
    ],
)  # fmt: skip
def test_addresses_that_no_camera_has(raw: str) -> None:
    with pytest.raises(CameraAddressError) as refused:
        check_address(raw)
    assert "passwd" not in refused.value.message


@pytest.mark.parametrize(
    "raw",
    ["rtsp://192.168.1.10/1", "rtsps://cam.cho.vn/1", "http://10.0.0.5:8080/v.mjpg", "https://a.vn/x.m3u8"],
)
def test_addresses_that_cameras_have(raw: str) -> None:
    assert check_address(f"  {raw} ") == raw


def test_a_name_that_leads_back_to_this_machine_is_refused_when_connecting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [(2, 1, 6, "", ("192.168.1.4", 0)), (2, 1, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_kwargs: answers)
    with pytest.raises(CameraAddressError):
        check_reachable("rtsp://camera.cho.vn/1")
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_kwargs: answers[:1])
    assert check_reachable("rtsp://camera.cho.vn/1")


def test_addresses_are_sealed_and_leave_no_trace(caplog: pytest.LogCaptureFixture, client: Client) -> None:
    caplog.set_level(logging.DEBUG)
    place = Place()
    client.force_login(place.manager)
    answer = client.post(f"{ROOT}cho/{place.market.key}/camera-moi/", form())
    camera = Camera.objects.get(market=place.market)
    assert answer.status_code == 302 and addresses_of(camera) == (SECRET,)
    client.post(f"{ROOT}camera/{camera.pk}/sua/", form(addresses=SECRET.replace("9f3", "moi-1")))
    camera.refresh_from_db()
    assert "moi-1" in addresses_of(camera)[0]

    pages = [f"{ROOT}camera/{camera.pk}/", f"{ROOT}camera/{camera.pk}/sua/", f"{ROOT}cho/{place.market.key}/"]
    shown = " ".join(client.get(path).content.decode() for path in pages)
    assert "rtsp://***@192.168.1.20:554/Streaming/102" in shown
    trail = " ".join(str([event.before, event.after, event.reason]) for event in AuditEvent.objects.all())
    assert "addresses_replaced" in trail
    for text in (shown, trail, caplog.text, camera.sealed_sources, repr(vars(camera))):
        assert "mat-khau" not in text and "khoa-77" not in text and "xem:" not in text


def test_what_was_typed_survives_a_mistake_without_being_shown(client: Client) -> None:
    place = Place()
    client.force_login(place.manager)
    path = f"{ROOT}cho/{place.market.key}/camera-moi/"
    page = client.post(path, form(name=""))
    html = page.content.decode()
    assert page.status_code == 200 and "mat-khau" not in html and "rtsp://***@192.168.1.20" in html
    kept = page.context["form"]["kept"].value()
    assert client.post(path, form(addresses="", kept=kept)).status_code == 302
    assert addresses_of(Camera.objects.get(market=place.market)) == (SECRET,)
    # a token that was not made here opens nothing
    bad = client.post(path, form(name="Khác", addresses="", kept="gAAAA-not-ours"))
    assert bad.status_code == 200 and Camera.objects.filter(market=place.market).count() == 1


def test_an_empty_box_keeps_the_addresses(client: Client) -> None:
    place = Place()
    camera = place.camera()
    client.force_login(place.manager)
    client.post(f"{ROOT}camera/{camera.pk}/sua/", form(addresses="", name="Cửa Đông 2"))
    camera.refresh_from_db()
    assert camera.name == "Cửa Đông 2" and addresses_of(camera) == (SECRET,)


def test_a_form_cannot_bring_in_a_file_but_the_system_can() -> None:
    place = Place()
    with pytest.raises(CameraAddressError):
        camera_create(
            actor=place.operator, market=place.market, values=values(), addresses=["/tmp/a.mp4"], now=NOW
        )
    camera = camera_create(
        actor=None, market=place.market, values=values(), addresses=["/tmp/a.mp4"], now=NOW
    )
    assert shown_addresses(camera) == ["/tmp/a.mp4"]


# --- rights ---


def test_whose_cameras_one_sets_up() -> None:
    place = Place()
    camera = place.camera()
    for wrong in (place.stranger, place.head):
        with pytest.raises(SetupPermissionError):
            camera_update(actor=wrong, camera=camera, values={"name": "x"}, now=NOW)
        with pytest.raises(SetupPermissionError):
            camera_create(
                actor=wrong, market=place.market, values=values(name="y"), addresses=[SECRET], now=NOW
            )
    assert (
        camera_update(actor=place.operator, camera=camera, values={"name": "Cửa Mới"}, now=NOW).name
        == "Cửa Mới"
    )


@pytest.mark.parametrize(
    "path", ["camera/{c}/", "camera/{c}/sua/", "camera/{c}/ve/", "camera/{c}/ban-ve/", "camera/{c}/thu/", "camera/{c}/dem/",
             "camera/{c}/bang-thong-bao/", "camera/{c}/anh-nen/", "camera/{c}/xem/", "cho/{m}/", "cho/{m}/thong-tin/",
             "cho/{m}/camera-moi/"]
)  # fmt: skip
def test_pages_are_hidden_from_others_and_closed_to_readers(client: Client, path: str) -> None:
    place = Place()
    camera = place.camera()
    at = ROOT + path.format(c=camera.pk, m=place.market.key)
    assert client.get(at).status_code == 302  # to the sign-in
    client.force_login(place.stranger)
    assert client.get(at).status_code == 404
    client.force_login(place.head)
    assert client.get(at).status_code == 403


def test_boxes_of_others_are_not_offered(client: Client) -> None:
    place = Place()
    mine, other = make_box(unit=place.market.unit), make_box(unit=place.foreign.unit)
    client.force_login(place.manager)
    path = f"{ROOT}cho/{place.market.key}/camera-moi/"
    assert client.post(path, form(box=str(other.pk))).status_code == 200
    with pytest.raises(SetupPermissionError):
        camera_create(
            actor=place.manager, market=place.market, values=values(), addresses=[SECRET], now=NOW, box=other
        )
    assert client.post(path, form(box=str(mine.pk))).status_code == 302
    client.force_login(place.manager)
    assert client.get(f"{ROOT}may/").status_code == 403


# --- rules ---


def test_names_and_rates() -> None:
    place = Place()
    place.camera()
    with pytest.raises(CameraNameTakenError):
        place.camera()
    with pytest.raises(CameraRateError):
        place.camera(name="Khác", fps=60)
    again = camera_create(
        actor=place.manager,
        market=place.foreign if False else place.market,
        values=values(name="cửa đông"),
        addresses=[],
        now=NOW,
    )
    assert again.key != Camera.objects.get(name="Cửa Đông").key


def test_what_the_law_asks_for() -> None:
    camera = make_camera(purpose="Đếm", controller="Ban", contact="", sign_text="Chữ")
    today = timezone.localdate()
    state = legal_state(camera, today)
    assert state.missing == ("cách liên hệ",) and not state.complete
    camera.contact, camera.sign_placed_on = "028", today
    assert legal_state(camera, today).complete
    text = default_sign_text(market="Chợ Hoa", controller="", contact="")
    assert "Điều 32" in text and "91/2025/QH15" in text and "……" in text


def test_the_sign_has_a_code_that_leads_to_the_market(client: Client) -> None:
    place = Place()
    camera = place.camera(sign_text="Có camera đếm khách.")
    client.force_login(place.manager)
    html = client.get(f"{ROOT}camera/{camera.pk}/bang-thong-bao/").content.decode()
    assert 'class="qr"' in html and f"/cho/{place.market.key}/" in html and "Có camera đếm khách." in html
    Market.objects.filter(pk=place.market.pk).update(is_public=False)
    assert "/quyen-rieng-tu/" in client.get(f"{ROOT}camera/{camera.pk}/bang-thong-bao/").content.decode()
