"""Find the period that somebody names on the command line."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.plan.models import Regime, ReportPeriod


class UnknownPeriodError(KhcnError):
    """No such period, or more than one."""

    code = "unknown-period"
    status = 404


def find_period(code: str, regime: str = "") -> ReportPeriod:
    """Return the period ``code``, of the regime ``regime`` when several have one.

    :raises UnknownPeriodError: telling which ones there are.
    """
    rows = ReportPeriod.objects.select_related("regime__plan", "regime__receiver", "regime__addressed_to")
    rows = rows.select_related("regime__superior", "regime__plan", "regime__receiver", "regime__addressed_to")
    if regime and not Regime.objects.filter(key=regime).exists():
        raise UnknownPeriodError(
            _("Không có chế độ báo cáo mang mã “%(key)s”. Các mã đang có: %(known)s.")
            % {
                "key": regime,
                "known": _list(Regime.objects.order_by("key").values_list("key", flat=True)[:20]),
            }
        )
    found = list(
        rows.filter(code=code, **({"regime__key": regime} if regime else {})).order_by("regime__key")
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownPeriodError(
            _(
                "Có %(count)s chế độ báo cáo cùng có kỳ %(code)s. Hãy thêm --regime với một trong các mã: %(known)s."
            )
            % {"count": len(found), "code": code, "known": _list([one.regime.key for one in found])}
        )
    known = ReportPeriod.objects.order_by("-code").values_list("code", flat=True).distinct()[:20]
    raise UnknownPeriodError(
        _("Không có kỳ báo cáo mang mã “%(code)s”. Các kỳ đang có: %(known)s.")
        % {"code": code, "known": _list(dict.fromkeys(known))}
    )


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or _("chưa có kỳ nào; hãy nạp kế hoạch bằng khcn plan import")
