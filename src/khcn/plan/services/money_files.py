"""Files of money: supporting documents of an entry, and sheets that wait to be taken in."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.errors import PermissionDeniedError
from khcn.core.private_files import PAPERS, PICTURES, Drawer, FileRefusedError, Upload
from khcn.plan import permissions
from khcn.plan.enums import ENTRY_COUNTED
from khcn.plan.models import MoneyEntry, MoneyFile
from khcn.plan.permissions import acting
from khcn.plan.rules.money import MoneyError

VOUCHERS: Final = Drawer("plan/money", PAPERS | PICTURES)
SHEETS: Final = Drawer("plan/money-sheets", frozenset({"xlsx"}), limit=10 * 2**20)
SHEET_KEPT: Final = timedelta(days=1)
MOST_FILES: Final = 20
_SALT: Final = "khcn.plan.money.sheet"


def entry_file_add(*, actor: Actor, entry: MoneyEntry, file: Upload, now: datetime) -> MoneyFile:
    """Attach a supporting document. Raises PermissionDeniedError, MoneyError, FileRefusedError."""
    reach = acting(actor, timezone.localdate(now))
    if not (permissions.can_propose_entry(reach, entry.line.unit_id) or permissions.can_confirm_money(reach)):
        raise PermissionDeniedError(_("Bạn chưa có quyền thêm chứng từ cho khoản này."))
    if entry.state not in ENTRY_COUNTED:
        raise MoneyError(_("Khoản này không còn hiệu lực nên không thêm chứng từ."), field="files")
    if entry.files.count() >= MOST_FILES:
        raise MoneyError(_("Mỗi khoản nhận nhiều nhất %(most)s tệp.") % {"most": MOST_FILES}, field="files")
    kept = VOUCHERS.keep(file)
    try:
        with transaction.atomic():
            row = MoneyFile.objects.create(
                entry=entry, title=kept.title, file=kept.name, sha256=kept.sha256, size=kept.size,
                added_by_id=actor_id(actor), added_at=now,
            )  # fmt: skip
            audit_record(
                actor=actor,
                action="plan.money.file_add",
                target=entry,
                after={"sha256": kept.sha256, "size": kept.size},
                at=now,
            )
    except BaseException:
        VOUCHERS.drop(kept.name)
        raise
    return row


def sheet_keep(*, actor: Actor, file: Upload) -> str:
    """Keep a sheet until its preview is confirmed; return a token that only this person can use. Raises FileRefusedError."""
    return signing.dumps([actor_id(actor), SHEETS.keep(file).name], salt=_SALT)


def sheet_open(*, actor: Actor, token: str) -> BytesIO:
    """Return the sheet of a token. Raises FileRefusedError when it is not this person's or is gone."""
    try:
        return BytesIO(SHEETS.path(_name(actor, token)).read_bytes())
    except OSError as error:
        raise _gone() from error


def sheet_drop(*, actor: Actor, token: str) -> None:
    """Delete the sheet of a token; it may be gone already."""
    SHEETS.drop(_name(actor, token))


def sheets_expire(now: datetime) -> int:
    """Delete sheets that nobody confirmed for a day; return how many."""
    old = [
        path for path in SHEETS.folder().iterdir() if path.stat().st_mtime < (now - SHEET_KEPT).timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _name(actor: Actor, token: str) -> str:
    try:
        owner, name = signing.loads(token, salt=_SALT, max_age=SHEET_KEPT)
    except (signing.BadSignature, ValueError) as error:
        raise _gone() from error
    if owner != actor_id(actor):
        raise _gone()
    return str(name)


def _gone() -> FileRefusedError:
    return FileRefusedError(
        _("Tệp đã gửi không còn nữa. Hãy chọn lại tệp rồi gửi lần nữa."), code="file-gone"
    )
