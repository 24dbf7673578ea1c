"""Demo content of the self-check: 120 invented checks of this year and the last, three wishes to be called."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.orgs.models import Unit, User
from khcn.programmes.models.readiness import Check, Questionnaire
from khcn.programmes.rules.readiness import SKIPPED, Sheet
from khcn.programmes.selectors.readiness import wards_of
from khcn.programmes.services.readiness_calls import call_ask, call_close
from khcn.programmes.services.readiness_checks import About, check_answer, check_finish, check_start
from khcn.programmes.services.readiness_questions import questionnaire_load

CHECKS: Final = 120
CALLS: Final = (
    ("Nguyễn Thị Mẫu", "0901000101", "Muốn học dùng mã quét và ghi sổ trên điện thoại.", True),
    ("Trần Văn Thử", "0901000102", "Hỏi về hóa đơn điện tử từ máy bán hàng.", True),
    ("Lê Ngọc Ví Dụ", "vidu.hokinhdoanh@example.vn", "", False),
)


def load(progress: Progress, now: datetime) -> None:
    """Make what is missing."""
    if Check.objects.filter(client_key=_key(0)).exists():
        return
    progress("Tự chấm mức độ số")
    questionnaire = questionnaire_load(now=now - timedelta(days=400))
    wards: list[Unit | None] = [*wards_of(questionnaire.sheet, local_date(now))] or [None]
    made = [_check(number, questionnaire, wards, now) for number in range(CHECKS)]
    for number, (name, address, wish, tells) in enumerate(CALLS):
        call = call_ask(
            check=made[-1 - number], name=name, address=address, wish=wish, agreed=True, tells_level=tells,
            client_key=f"demo-readiness-call-{number}", now=now - timedelta(days=number + 1),
        )  # fmt: skip
        officer = User.objects.filter(username="daumoi").first()
        if number == 2 and officer is not None and call.closed_at is None:
            call_close(actor=officer, call=call, note="Đã gọi, hẹn đến buổi hướng dẫn tuần sau.", now=now)


def _key(number: int) -> str:
    return f"demo-readiness-{number}"


def _dice(text: str, sides: int) -> int:
    """Return a number that is always the same for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % sides


def _check(number: int, questionnaire: Questionnaire, wards: list[Unit | None], now: datetime) -> Check:
    sheet = questionnaire.sheet
    at = now - timedelta(days=1 + (CHECKS - number) * 4, minutes=_dice(f"m{number}", 600))
    about = About(
        sheet.kinds[_dice(f"k{number}", 10) % len(sheet.kinds)].key, sheet.sizes[_dice(f"s{number}", len(sheet.sizes))].key,
        sheet.sectors[_dice(f"n{number}", len(sheet.sectors))].key, wards[_dice(f"w{number}", len(wards))],
    )  # fmt: skip
    check = check_start(questionnaire=questionnaire, about=about, client_key=_key(number), now=at)
    check_answer(check=check, given=_answers(sheet, number), now=at)
    return check_finish(check=check, now=at + timedelta(minutes=6))


def _answers(sheet: Sheet, number: int) -> dict[str, int]:
    """Return answers around a middle of their own; newer checks are a little better."""
    middle = _dice(f"b{number}", 3) + (number > CHECKS // 2)
    found = {}
    for dimension in sheet.dimensions:
        for one in dimension.questions:
            dice = _dice(f"{number}:{one.key}", 20)
            skipped = one.may_skip and dice == 19
            found[one.key] = SKIPPED if skipped else max(0, min(3, middle + dice % 3 - 1))
    return found
