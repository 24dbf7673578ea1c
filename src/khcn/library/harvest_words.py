"""What harvesting says of itself."""

from django.utils.translation import gettext as _

from khcn.library.models import HarvestRun


def summary(run: HarvestRun) -> str:
    """Return what a run brought, in one line."""
    return _(
        "%(new)s mới, %(changed)s thay đổi, %(unchanged)s giữ nguyên, %(deleted)s rút theo nguồn, %(skipped)s chưa nhận."
    ) % {name: getattr(run, name) for name in ("new", "changed", "unchanged", "deleted", "skipped")}
