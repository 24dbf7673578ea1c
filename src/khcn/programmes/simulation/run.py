"""Fill an installation with the simulated year and hold every indicator against a direct count."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.enums import MESSAGE_OPEN, MessageState
from khcn.core.indicators import Period, indicators
from khcn.core.models import Message
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme
from khcn.programmes.selectors.figures import FIGURES
from khcn.programmes.simulation import MARK, PERSON_MARK, Year
from khcn.programmes.simulation.books import direct_counts
from khcn.programmes.simulation.courses import plan_of, programme_play
from khcn.programmes.simulation.granting import support_play
from khcn.programmes.simulation.judging import contest_play
from khcn.programmes.simulation.stage import stage_set

Say = Callable[[str], Any]


class SimulationRefusedError(ProgrammeError):
    """The simulated year is not put into this installation."""

    code = "simulation-refused"


def simulate(*, size: Year, force: bool = False, say: Say = lambda _text: None) -> dict[str, Any]:
    """Make the year unless it is there, and return its indicators beside direct counts. The same size gives the same answer.

    :raises SimulationRefusedError: real programmes or people are here (``force`` overrides), or another simulated year.
    """
    if not _is_there(size, force=force):
        with transaction.atomic():
            _make(size, say)
    period = Period(date(size.year, 1, 1), date(size.year, 12, 31))
    direct = direct_counts(period)
    figures = {key: _beside(key, period, direct.get(key)) for key in sorted(FIGURES)}
    return {
        **asdict(size),
        "programmes": Programme.objects.filter(key__startswith=MARK).count(),
        "indicators": figures,
        "equal": all(one["equal"] for one in figures.values()) and set(direct) <= set(FIGURES),
    }


def _beside(key: str, period: Period, direct: Decimal | None) -> dict[str, Any]:
    name = f"programmes.{key}"
    value = indicators.get(name).figure(period=period, unit_ids=None, reader=None).value
    return {"value": _plain(value), "direct": _plain(direct), "equal": value == direct}


def _plain(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _mark_of(size: Year) -> str:
    return f"{MARK} {size.seed} {size.year} {size.sessions} {size.registrations} {size.contests}"


def _is_there(size: Year, *, force: bool) -> bool:
    known = Programme.objects.filter(key=f"{MARK}-0").values_list("summary", flat=True).first()
    if known is not None:
        if known != _mark_of(size):
            raise SimulationRefusedError(
                _("Ở đây đã có một năm mô phỏng khác (%(mark)s). Hãy dùng một thư mục dữ liệu mới.")
                % {"mark": known}
            )
        return True
    if min(size.sessions, size.registrations) < 1 or size.contests < 0 or size.sessions > 20_000:
        raise SimulationRefusedError(_("Hãy mô phỏng từ 1 đến 20.000 buổi và ít nhất một đăng ký."))
    people = Membership.objects.exclude(user__username__startswith=PERSON_MARK).exclude(role=Role.SYSADMIN)
    if not force and (people.exists() or Programme.objects.exclude(key__startswith=MARK).exists()):
        raise SimulationRefusedError(
            _(
                "Ở đây đã có người dùng hoặc chương trình thật. Hãy dùng một thư mục dữ liệu mới (KHCN_DATA_DIR)."
            )
        )
    return False


def _make(size: Year, say: Say) -> None:
    stage = stage_set(size)
    for number, (shape, many) in enumerate(plan_of(stage)):
        programme_play(stage, number, shape, many)
        if number % 20 == 19:
            say(_("%(count)s chương trình") % {"count": number + 1})
    for number in range(size.contests):
        contest_play(stage, number)
    cache.clear()  # the limits of codes count real hours, the simulated year has its own
    support_play(stage)
    # nobody has these addresses: nothing of the simulation ever leaves
    waiting = Message.objects.filter(state__in=MESSAGE_OPEN, dedupe_key__startswith="programmes.")
    waiting.update(state=MessageState.CANCELLED)
    Programme.objects.filter(key=f"{MARK}-0").update(summary=_mark_of(size))
