"""Looking at a camera: by right, with a reason, for five minutes, blurred, each look counted and audited; never stored."""

import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.engines.vision.messages import TEMPLATES
from khcn.markets import permissions, preview_child
from khcn.markets.camera_sources import reachable_addresses
from khcn.markets.models import Camera, PreviewGrant
from khcn.markets.services.setup_engine import EngineMissingError, EngineRefusedError
from khcn.markets.services.stills import NoAddressError

LASTS: Final = timedelta(minutes=5)
MOST_LOOKS: Final = 60
CHILD_S: Final = 45
SHORTEST_REASON: Final = 10
_ROOT: Final = Path(__file__).resolve().parents[3]


class PreviewPermissionError(PermissionDeniedError):
    """The person has no preview right at this market."""

    code = "preview-permission"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Bạn chưa được cấp quyền xem ảnh camera của chợ này. Hãy nhờ quản trị cấp vai trò “Người được xem ảnh camera”."
            )
        )


class PreviewReasonError(KhcnError):
    """A look without a reason is not allowed."""

    code = "preview-reason"

    def __init__(self) -> None:
        super().__init__(
            _("Hãy ghi lý do xem, ít nhất %(n)s chữ cái; lý do được lưu vào nhật ký.")
            % {"n": SHORTEST_REASON}
        )


class PreviewOverError(KhcnError):
    """The leave has run out, or was never given."""

    code = "preview-over"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("Đã hết thời gian hoặc số lần được xem. Nếu còn cần, hãy ghi lý do và xin xem lại.")
        )


@dataclass(frozen=True, slots=True)
class Look:
    """One picture for one pair of eyes."""

    data: bytes
    looks: int


def preview_ask(*, actor: Any, camera: Camera, reason: str, now: datetime) -> PreviewGrant:
    """Give the actor five minutes. :raises PreviewPermissionError, PreviewReasonError, NoAddressError:"""
    if actor is None or not permissions.can_preview(actor, camera.market):
        raise PreviewPermissionError  # a person looks, never the system
    if len(reason.strip()) < SHORTEST_REASON:
        raise PreviewReasonError
    if not camera.sealed_sources:
        raise NoAddressError
    with transaction.atomic():
        grant = PreviewGrant.objects.create(
            camera=camera, person=actor, reason=reason.strip()[:300], granted_at=now, expires_at=now + LASTS
        )
        audit_record(
            actor=actor,
            action="markets.preview.ask",
            target=camera,
            after={"expires_at": grant.expires_at},
            reason=grant.reason,
            at=now,
        )
    return grant


def preview_grant(*, actor: Any, camera: Camera, now: datetime) -> PreviewGrant | None:
    """Return the leave that holds now."""
    if not permissions.can_preview(actor, camera.market):
        return None
    held = PreviewGrant.objects.filter(camera=camera, person=actor, granted_at__lte=now, expires_at__gt=now)
    return held.filter(looks__lt=MOST_LOOKS).order_by("-expires_at").first()


def preview_look(*, actor: Any, camera: Camera, now: datetime) -> Look:
    """Count and audit one look, then fetch the picture. The row is written first: a look that fails was still tried.

    :raises PreviewOverError, CameraAddressError, EngineRefusedError, EngineMissingError:
    """
    grant = preview_grant(actor=actor, camera=camera, now=now)
    if grant is None:
        raise PreviewOverError
    with transaction.atomic():
        taken = PreviewGrant.objects.filter(pk=grant.pk, expires_at__gt=now, looks__lt=MOST_LOOKS)
        if not taken.update(looks=F("looks") + 1):
            raise PreviewOverError
        grant.refresh_from_db()
        audit_record(
            actor=actor,
            action="markets.preview.look",
            target=camera,
            after={"looks": grant.looks},
            reason=grant.reason,
            at=now,
        )
    return Look(_fetched(camera), grant.looks)


def _fetched(camera: Camera) -> bytes:
    """Return the bytes of a blurred picture, made in a child process that is killed when it takes too long."""
    addresses = reachable_addresses(camera)
    asked = {"addresses": addresses, "model": camera.model, "data_dir": str(settings.KHCN.data_dir)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KHCN_")}
    try:
        done = subprocess.run(
            [sys.executable, "-m", preview_child.__name__],
            input=json.dumps(asked).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders write addresses there
            cwd=_ROOT,
            env={**environment, "PYTHONPATH": str(_ROOT)},
            timeout=CHILD_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineRefusedError(
            _("Camera không trả lời kịp. Hãy thử lại sau ít phút."), code="preview-slow"
        ) from None
    return _answer(done.stdout)


def _answer(out: bytes) -> bytes:
    kind, body = out[:1], out[5:]
    if kind not in {preview_child.PICTURE, preview_child.REFUSED} or struct.unpack(">I", out[1:5])[0] != len(
        body
    ):
        raise EngineRefusedError(
            _("Không lấy được hình từ camera. Hãy thử lại, hoặc kiểm tra camera."), code="preview"
        )
    if kind == preview_child.PICTURE:
        return body
    said = json.loads(body)
    if said["code"] == "missing":
        raise EngineMissingError
    raise EngineRefusedError(_(TEMPLATES[said["code"]]) % said["params"], code=said["code"])
