"""The API: boxes by their own token, the public without any."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from khcn.markets.camera_sources import seal_addresses
from khcn.markets.errors import BoxTokenError
from khcn.markets.models import MarketDay, SlitScan
from khcn.markets.services.boxes import box_of_token, box_token_renew
from khcn.markets.store import SLIT_SCANS, private_path
from tests.markets.factories import (
    HOUR,
    NOW,
    fill_hours,
    make_box,
    make_camera,
    make_gate,
    make_layout,
    make_market,
)

pytestmark = pytest.mark.django_db
SECRET = "rtsp://xem:mat-khau@192.168.1.10/phu"


class Setting:
    """A box with a token, a camera, a gate, and a client that speaks as the box."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.market = make_market()
        self.box = make_box(unit=self.market.unit)
        self.camera = make_camera(self.market, box=self.box, sealed_sources=seal_addresses([SECRET]))
        self.gate = make_gate(self.camera)
        self.token = box_token_renew(actor=None, box=self.box, now=NOW)

    def call(self, method: str, path: str, token: str | None = None, **more: Any) -> Any:
        """Call the API as the box (``token``: as somebody else, "" as nobody)."""
        token = self.token if token is None else token
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        return getattr(self.client, method)(f"/api/v1/markets{path}", headers=headers, **more)

    def batch(self, seq: int = 1, **fields: Any) -> dict[str, Any]:
        """Return a batch of one minute."""
        minute = {
            "camera": self.camera.key,
            "start": timezone.now().replace(second=0, microsecond=0).isoformat(),
            "measured_s": 60,
            "gates": [{"id": self.gate.key, "in": 3, "out": 1}],
        }
        return {
            "instance": "a",
            "seq": seq,
            "sent_at": timezone.now().isoformat(),
            "minutes": [minute],
            **fields,
        }


@pytest.fixture
def setting(client: Client) -> Setting:
    return Setting(client)


def test_a_batch_is_taken_in_once(setting: Setting) -> None:
    batch = setting.batch(status={"queued": 3})
    for repeated in (False, True):
        answer = setting.call("post", "/batches", data=batch, content_type="application/json")
        assert answer.status_code == 200
        assert answer.json()["repeated"] is repeated
    assert MarketDay.objects.get().count_in == 3
    setting.box.refresh_from_db()
    assert setting.box.status == {"queued": 3}


@pytest.mark.parametrize("token", ["", "khcnbox_x_y", "khcn_abc_def", "nonsense"])
def test_nobody_else_speaks_for_a_box(setting: Setting, token: str) -> None:
    answer = setting.call("post", "/batches", token, data=setting.batch(), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "box-token")
    assert setting.call("get", "/boxes/me", token).status_code == 401


def test_a_renewed_token_makes_the_old_one_useless(setting: Setting) -> None:
    new = box_token_renew(actor=None, box=setting.box, now=NOW)
    assert setting.call("get", "/boxes/me").status_code == 401
    assert setting.call("get", "/boxes/me", new).status_code == 200
    assert box_of_token(new) == setting.box
    with pytest.raises(BoxTokenError):
        box_of_token(new[:-1])
    setting.box.refresh_from_db()
    assert new not in setting.box.token_hash


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"instance": "a"}', '{"instance": "a", "seq": 0, "minutes": []}']
)
def test_a_body_without_form_is_a_problem(setting: Setting, body: str) -> None:
    answer = setting.call("post", "/batches", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_second_machine_is_told(setting: Setting) -> None:
    setting.call("post", "/batches", data=setting.batch(), content_type="application/json")
    answer = setting.call(
        "post", "/batches", data=setting.batch(instance="b"), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "box-conflict")
    assert setting.call("get", "/boxes/me?instance=b").status_code == 409


def test_the_configuration_is_for_the_box_alone_and_has_an_etag(setting: Setting) -> None:
    layout = make_layout(setting.camera)
    answer = setting.call("get", "/boxes/me")
    camera = answer.json()["cameras"][0]
    assert camera["sources"] == [SECRET]
    assert (camera["layout"], camera["drawing"]) == (layout.version, layout.drawing)
    assert answer["Cache-Control"] == "no-store"
    etag = {"If-None-Match": answer["ETag"]}
    assert setting.call("get", "/boxes/me", headers=etag).status_code == 304
    make_layout(setting.camera, since=NOW)
    assert setting.call("get", "/boxes/me", headers=etag).status_code == 200
    other = make_box(unit=setting.market.unit)
    token = box_token_renew(actor=None, box=other, now=NOW)
    assert setting.call("get", "/boxes/me", token).json()["cameras"] == []


def test_a_broken_seal_costs_only_its_own_camera(setting: Setting) -> None:
    make_camera(setting.market, box=setting.box, sealed_sources="hỏng")
    cameras = setting.call("get", "/boxes/me").json()["cameras"]
    assert [bool(camera["problem"]) for camera in cameras] == [False, True]


def png(colour: int, rows: int, width: int = 12) -> bytes:
    """Return a piece of a slit-scan in one colour."""
    sink = BytesIO()
    Image.new("RGB", (width, rows), (colour,) * 3).save(sink, "PNG")
    return sink.getvalue()


def test_pieces_of_a_slit_scan_become_one_picture_of_the_hour(setting: Setting) -> None:
    hour = (timezone.now() - HOUR).replace(minute=0, second=0, microsecond=0)
    for start, colour, rows in ((hour, 10, 100), (hour + timedelta(minutes=30), 200, 50), (hour, 10, 100)):
        query = (
            f"?camera={setting.camera.key}&gate={setting.gate.key}&rows_s=1&start={start:%Y-%m-%dT%H:%M:%SZ}"
        )
        answer = setting.call("post", f"/slit-scans{query}", data=png(colour, rows), content_type="image/png")
        assert answer.json() == {"kept": True}
    scan = SlitScan.objects.get()
    assert scan.expires_at == hour + timedelta(days=30)
    with Image.open(private_path(SLIT_SCANS, scan.name)) as whole:
        assert whole.size == (12, 3600)
        assert [whole.getpixel((5, row)) for row in (0, 99, 100, 1800, 1850)] == [
            (10, 10, 10), (10, 10, 10), (128, 128, 128), (200, 200, 200), (128, 128, 128),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"gate": "la"}, {"rows_s": "0"}, {"start": "2099-01-01T00:00:00Z"}, {"data": b"GIF89a"}]
)
def test_other_pictures_are_refused(setting: Setting, change: dict[str, Any]) -> None:
    start = (timezone.now() - HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    given = {"camera": setting.camera.key, "gate": setting.gate.key, "rows_s": "1", "start": start, **change}
    data = given.pop("data", png(1, 5))
    query = "&".join(f"{name}={value}" for name, value in given.items())
    answer = setting.call("post", f"/slit-scans?{query}", data=data, content_type="image/png")
    assert (answer.status_code, answer.json()["code"]) == (422, "slit-scan")
    assert not SlitScan.objects.exists()


def test_the_public_reads_days_without_small_ones(setting: Setting) -> None:
    start = NOW.replace(hour=17) - timedelta(days=3)
    fill_hours(setting.market, start, 24, (20, 20))
    fill_hours(setting.market, start + timedelta(days=1), 1, (7, 7))
    hidden = make_market(is_public=False)
    listed = setting.call("get", "", "").json()
    assert [row["key"] for row in listed] == [setting.market.key]
    path = f"/{setting.market.key}/days?first=2026-03-01&last=2026-03-31"
    assert [row["visitors"] for row in setting.call("get", path, "").json()] == [480, None]
    assert setting.call("get", f"/{hidden.key}", "").status_code == 404
    assert setting.call("get", f"/{setting.market.key}/days?first=abc", "").status_code == 422
    assert setting.call("get", f"/{setting.market.key}/days?first=2020-01-01", "").status_code == 422
