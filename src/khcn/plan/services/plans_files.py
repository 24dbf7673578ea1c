"""A plan file between its preview and its taking in: kept privately for a day, opened only by who sent it."""

import secrets
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Final

from django.core import signing
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.private_files import Drawer, FileRefusedError, Upload

DRAWER: Final = Drawer("plan/plan-files", frozenset())
KEPT: Final = timedelta(days=1)
LIMIT: Final = 32 * 2**20
_SALT: Final = "khcn.plan.file"


def file_keep(*, actor: Actor, file: Upload) -> str:
    """Keep a plan file; return a token that only this person can use. :raises FileRefusedError: too large."""
    data = b""
    for chunk in file.chunks():
        data += chunk
        if len(data) > LIMIT:
            raise FileRefusedError(
                _("Tệp lớn hơn %(limit)s MB. Tệp kế hoạch chỉ gồm chữ; hãy kiểm tra lại tệp.")
                % {"limit": LIMIT // 2**20}
            )
    kept = secrets.token_hex(16)
    (DRAWER.folder() / kept).write_bytes(data)
    return signing.dumps([actor_id(actor), kept, PurePath(file.name or "ke-hoach").name[:120]], salt=_SALT)


def file_open(*, actor: Actor, token: str) -> tuple[str, bytes]:
    """Return name and bytes of a kept file. :raises FileRefusedError: not this person's, or gone."""
    try:
        owner, kept, name = signing.loads(token, salt=_SALT, max_age=KEPT)
        if owner != actor_id(actor):
            raise ValueError
        return str(name), (DRAWER.folder() / PurePath(str(kept)).name).read_bytes()
    except (signing.BadSignature, ValueError, OSError) as error:
        raise FileRefusedError(
            _("Tệp đã gửi không còn nữa. Hãy chọn lại tệp rồi gửi lần nữa."), code="file-gone"
        ) from error


def files_expire(now: datetime) -> int:
    """Delete files that nobody took in for a day; return how many."""
    old = [one for one in DRAWER.folder().iterdir() if one.stat().st_mtime < (now - KEPT).timestamp()]
    for one in old:
        one.unlink(missing_ok=True)
    return len(old)
