"""What harvesting says of itself."""

from django.utils.translation import gettext as _

from khcn.library.models import HarvestRun
from khcn.ui.formats import format_number


def summary(run: HarvestRun) -> str:
    """Return what a run brought, in one line."""
    return _(
        "%(new)s mới, %(changed)s thay đổi, %(unchanged)s giữ nguyên, %(deleted)s rút theo nguồn, %(skipped)s chưa nhận."
    ) % {name: getattr(run, name) for name in ("new", "changed", "unchanged", "deleted", "skipped")}


def enough_text(run: HarvestRun) -> str:
    """Return why a run rests before the end of its list."""
    return _("Đã nhận đủ số tài liệu cho một lần (%(taken)s từ đầu đợt); lần tới đọc tiếp từ chỗ này.") % {
        "taken": format_number(run.new + run.changed)
    }
