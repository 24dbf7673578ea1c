"""Pure rules of the outbox: when a message may arrive, and when a failed one is tried again."""

import re
import unicodedata
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from khcn.core.calendar.rules import LOCAL_ZONE, WorkingCalendar
from khcn.core.errors import KhcnError

QUIET_FROM, QUIET_UNTIL = time(21, 0), time(7, 0)
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 720, 1440))
MAX_ATTEMPTS = len(BACK_OFF) + 1
_PHONE = re.compile(r"^\+[1-9]\d{7,14}$")


class RecipientError(KhcnError):
    """An address to which nothing can be sent."""

    code = "message-recipient"


def deliver_at(
    now: datetime, *, quiet: bool, office_hours: bool = False, calendar: WorkingCalendar | None = None
) -> datetime:
    """Return when a message that is ready at ``now`` may arrive.

    :param now: an aware moment.
    :param quiet: whether the channel keeps the night quiet: 21:00-07:00 local time waits until 07:00.
    :param office_hours: wait for the next working moment of ``calendar`` as well.
    """
    here = now.astimezone(LOCAL_ZONE)
    if office_hours:
        return (calendar or WorkingCalendar()).next_working_moment(here)
    if not quiet or QUIET_UNTIL <= here.time() < QUIET_FROM:
        return now
    morning = here.date() + timedelta(days=1) if here.time() >= QUIET_FROM else here.date()
    return datetime.combine(morning, QUIET_UNTIL, LOCAL_ZONE)


def retry_at(now: datetime, attempts: int) -> datetime | None:
    """Return when to try again after ``attempts`` failures; ``None`` when it is time to give up."""
    return None if attempts > len(BACK_OFF) else now + BACK_OFF[attempts - 1]


def one_line(text: str) -> str:
    """Return ``text`` as one line without control characters, safe in a mail header."""
    visible = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in text)
    return " ".join(visible.split())


def clean_mail(address: str) -> str:
    """Return a mail address that is safe in a header. :raises RecipientError: when it is none."""
    candidate = address.strip()
    try:
        validate_email(candidate)
    except ValidationError:
        raise RecipientError(
            _("“%(address)s” không phải là địa chỉ thư điện tử. Hãy kiểm tra lại.")
            % {"address": one_line(address)[:100]}
        ) from None
    return candidate


def clean_phone(number: str) -> str:
    """Return a phone number in international form: ``0901 234 567`` becomes ``+84901234567``.

    :raises RecipientError: when it is none.
    """
    digits = re.sub(r"[\s.()-]", "", number)
    if digits.startswith("0"):
        digits = "+84" + digits[1:]
    elif digits.startswith("84"):
        digits = "+" + digits
    if not _PHONE.match(digits):
        raise RecipientError(
            _("“%(number)s” không phải là số điện thoại. Hãy viết dạng 0901234567.")
            % {"number": one_line(number)[:40]}
        )
    return digits
