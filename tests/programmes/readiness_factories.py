"""Short stories about the self-check begin here."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from khcn.orgs.models import Unit, UnitKind
from khcn.programmes.models.readiness import Check, Questionnaire, ReadinessCall
from khcn.programmes.rules.readiness import Sheet
from khcn.programmes.services.readiness_calls import call_ask
from khcn.programmes.services.readiness_checks import About, check_answer, check_finish, check_start
from khcn.programmes.services.readiness_questions import questionnaire_load
from tests.orgs.factories import make_unit
from tests.programmes.factories import NOW

_number = count(1)


def loaded() -> Questionnaire:
    """Return the current questionnaire."""
    return questionnaire_load(now=NOW)


def make_ward(name: str = "Phường Thử") -> Unit:
    """Return a unit that the questionnaire takes for a ward."""
    kind = UnitKind.objects.get_or_create(code="uy-ban-phuong", defaults={"label": "Ủy ban phường"})[0]
    return make_unit(name, kind=kind)


def all_of(sheet: Sheet, value: int) -> dict[str, int]:
    """Return the same answer to every question."""
    return {one.key: value for each in sheet.dimensions for one in each.questions}


def make_check(value: int | None = 2, *, at: datetime = NOW, **about: Any) -> Check:
    """Return a check with the same answer everywhere, finished; ``None``: only begun."""
    questionnaire = loaded()
    key = f"khoa-thu-{next(_number)}"
    check = check_start(questionnaire=questionnaire, about=About(**about), client_key=key, now=at)
    if value is None:
        return check
    check = check_answer(check=check, given=all_of(questionnaire.sheet, value), now=at)
    return check_finish(check=check, now=at + timedelta(minutes=5))


def make_call(**fields: Any) -> ReadinessCall:
    """Return a wish to be called."""
    values = {
        "name": "Nguyễn Thị Sạp", "address": "0901234567", "wish": "Học quét mã", "agreed": True, "tells_level": False,
        "client_key": f"khoa-goi-{next(_number)}", "now": NOW,
    } | fields  # fmt: skip
    return call_ask(
        check=fields.pop("check", None) or make_check(), **{k: v for k, v in values.items() if k != "check"}
    )
