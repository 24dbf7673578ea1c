"""Looking at a camera: by right, with a reason, for five minutes, each look counted and in the trail, nothing stored."""

import json
import os
import struct
import subprocess
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from khcn.core.models.audit import AuditEvent
from khcn.markets.camera_sources import seal_addresses
from khcn.markets.models import Camera, PreviewGrant
from khcn.markets.services import previews
from khcn.markets.services.previews import (
    PreviewOverError,
    PreviewPermissionError,
    PreviewReasonError,
    preview_ask,
    preview_look,
)
from khcn.markets.services.setup_engine import EngineRefusedError
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from tests.markets.factories import NOW, make_camera, make_market
from tests.orgs.factories import give_role, make_member, make_unit

pytestmark = pytest.mark.django_db
REASON = "Camera báo bị xoay lệch"
SECRET = "rtsp://xem:mat-khau@192.168.1.2/1"


@pytest.fixture
def camera() -> Camera:
    return make_camera(make_market(unit=make_unit()), sealed_sources=seal_addresses([SECRET]))


def viewer(camera: Camera) -> Any:
    return make_member(Role.CAMERA_VIEWER, camera.market.unit)


class Child:
    """Stands for the process that fetches the picture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[dict[str, Any]] = []
        self.out = b"P" + struct.pack(">I", 4) + b"RIFF"
        monkeypatch.setattr(previews.subprocess, "run", self.run)

    def run(self, command: list[str], **options: Any) -> Any:
        self.calls.append({"command": command, **options})
        return SimpleNamespace(stdout=self.out)


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    return Child(monkeypatch)


def stored() -> list[Path]:
    return [path for path in Path(settings.KHCN.files_dir).rglob("*") if path.is_file()]


def test_five_minutes_with_a_reason(camera: Camera, child: Child) -> None:
    person, before = viewer(camera), stored()
    grant = preview_ask(actor=person, camera=camera, reason=REASON, now=NOW)
    assert grant.expires_at - NOW == timedelta(minutes=5)
    for number in (1, 2):
        look = preview_look(actor=person, camera=camera, now=NOW + timedelta(minutes=number))
        assert (look.data, look.looks) == (b"RIFF", number)
    with pytest.raises(PreviewOverError):
        preview_look(actor=person, camera=camera, now=NOW + timedelta(minutes=5))
    trail = list(AuditEvent.objects.order_by("pk").values_list("action", "reason"))
    assert trail == [
        ("markets.preview.ask", REASON),
        ("markets.preview.look", REASON),
        ("markets.preview.look", REASON),
    ]
    assert stored() == before and "mat-khau" not in str(list(AuditEvent.objects.values()))
    # the address reaches the child through a pipe, never on the command line or in its environment
    assert SECRET not in str(child.calls[0]["command"]) and SECRET not in str(child.calls[0]["env"])
    assert json.loads(child.calls[0]["input"])["addresses"] == [SECRET]


def test_who_may_not(camera: Camera, child: Child) -> None:
    manager = make_member(Role.MARKET_MANAGER, camera.market.unit)
    for wrong in (
        None,
        manager,
        make_member(Role.CAMERA_VIEWER),
        make_member(Role.LEADER),
        make_member(Role.SYSADMIN),
    ):
        with pytest.raises(PreviewPermissionError):
            preview_ask(actor=wrong, camera=camera, reason=REASON, now=NOW)
    person = viewer(camera)
    with pytest.raises(PreviewReasonError):
        preview_ask(actor=person, camera=camera, reason="  xem ", now=NOW)
    with pytest.raises(PreviewOverError):
        preview_look(actor=person, camera=camera, now=NOW)
    assert child.calls == [] and not PreviewGrant.objects.exists()


def test_leave_is_personal_and_ends_with_the_role(camera: Camera, child: Child) -> None:
    person, colleague = viewer(camera), viewer(camera)
    now = timezone.now()
    preview_ask(actor=person, camera=camera, reason=REASON, now=now)
    with pytest.raises(PreviewOverError):
        preview_look(actor=colleague, camera=camera, now=now)
    Membership.objects.filter(user=person).update(valid_to=timezone.localdate() - timedelta(days=1))
    again = type(person).objects.get(pk=person.pk)
    with pytest.raises(PreviewOverError):
        preview_look(actor=again, camera=camera, now=now)


def test_looks_are_limited(camera: Camera, child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_LOOKS", 2)
    person = viewer(camera)
    preview_ask(actor=person, camera=camera, reason=REASON, now=NOW)
    for _look in range(2):
        preview_look(actor=person, camera=camera, now=NOW)
    with pytest.raises(PreviewOverError):
        preview_look(actor=person, camera=camera, now=NOW)


def test_a_look_that_fails_was_still_a_look(camera: Camera, child: Child) -> None:
    person = viewer(camera)
    preview_ask(actor=person, camera=camera, reason=REASON, now=NOW)
    said = json.dumps({"code": "source-unreachable", "params": {"name": "rtsp://***@192.168.1.2/1"}}).encode()
    for out, words in (
        (b"E" + struct.pack(">I", len(said)) + said, "Không nối được tới"), (b"", "Không lấy được hình"), (b"P\0\0\0\x09RIFF", "Không lấy được hình"),
    ):  # fmt: skip
        child.out = out
        with pytest.raises(EngineRefusedError, match=words):
            preview_look(actor=person, camera=camera, now=NOW)
    assert PreviewGrant.objects.get().looks == 3
    assert AuditEvent.objects.filter(action="markets.preview.look").count() == 3


def test_a_camera_that_hangs_is_given_up(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **options: Any) -> Any:
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(previews.subprocess, "run", hang)
    person = viewer(camera)
    preview_ask(actor=person, camera=camera, reason=REASON, now=NOW)
    with pytest.raises(EngineRefusedError, match="không trả lời kịp"):
        preview_look(actor=person, camera=camera, now=NOW)


def test_the_child_answers_in_its_own_process(camera: Camera) -> None:
    """The real child, with an address that nobody answers at: a refusal in words, no trace of Django."""
    environment = {**os.environ, "PYTHONPATH": str(previews._ROOT)}
    asked = {"addresses": ["ftp://192.0.2.1/1"], "model": "", "data_dir": str(settings.KHCN.data_dir)}
    done = subprocess.run(
        [previews.sys.executable, "-m", "khcn.markets.preview_child"], input=json.dumps(asked).encode(), capture_output=True, env=environment, check=False,
    )  # fmt: skip
    assert done.stdout[:1] == b"E" and struct.unpack(">I", done.stdout[1:5])[0] == len(done.stdout) - 5
    assert json.loads(done.stdout[5:])["code"]
    code = "import sys, khcn.markets.preview_child; print('django' in sys.modules)"
    seen = subprocess.run(
        [previews.sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert seen.stdout.strip() == "False"


def test_the_pages(client: Client, camera: Camera, child: Child) -> None:
    path = f"/ban-lam-viec/cho/thiet-lap/camera/{camera.pk}/xem/"
    client.force_login(make_member(Role.CAMERA_VIEWER))
    assert [client.get(path).status_code, client.get(f"{path}anh/").status_code] == [404, 404]
    client.force_login(make_member(Role.LEADER))
    assert [client.get(path).status_code, client.get(f"{path}anh/").status_code] == [403, 403]
    person = viewer(camera)
    give_role(person, Role.MARKET_MANAGER, camera.market.unit)
    client.force_login(person)
    assert client.get(f"{path}anh/").status_code == 403  # no leave yet
    assert "ít nhất" in client.post(path, {"reason": "xem"}).content.decode()
    assert client.post(path, {"reason": REASON}).status_code == 302
    html = client.get(path).content.decode()
    assert f"{path}anh/" in html
    picture = client.get(f"{path}anh/")
    assert (picture.status_code, picture["Content-Type"], picture.content) == (200, "image/webp", b"RIFF")
    assert "no-store" in picture["Cache-Control"]
    assert PreviewGrant.objects.get().looks == 1
