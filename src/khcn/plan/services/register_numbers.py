"""Numbers of documents: unique and without gaps in one series (agency, year, type), however many ask at once.

The counter's row is raised first, in the same transaction as the document's: whoever comes second waits for it, and a
deed that fails gives its number back.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.exports.columns import clean_text
from khcn.orgs.models import Unit
from khcn.plan.models import Document, DocumentCounter
from khcn.plan.rules.register import MOST_NUMBER, full_number
from khcn.plan.services.register import RegisterError
from khcn.plan.services.register_flow import keep_apart, require_clerk, step_take, trail


def document_number(
    *,
    actor: Actor,
    document: Document,
    now: datetime,
    number: int | None = None,
    dated: date | None = None,
    reason: str = "",
) -> Document:
    """Give a signed document its number and day: ``number`` that the clerk names, or the next of its series.

    A number that leaves others out (given elsewhere) needs a ``reason``; the next then follows after it. A number left
    out before may still be given.

    :raises RegisterError: the number is taken, out of range, leaves others out without a reason, or the day is wrong.
    """
    require_clerk(actor, now)
    keep_apart(actor_id(actor), document, "number")
    day = dated or local_date(now)
    _sound_day(day, document, now)
    try:
        with transaction.atomic():
            series = series_of(document.agency_id, day.year, document.type_code)
            given = _next(document.agency_id, day.year, series) if number is None else _named(
                document, day.year, series, number, clean_text(reason).strip()
            )  # fmt: skip
            states = step_take(
                document, "number", number=given, year=day.year, series=series, dated=day,
                numbered_by_id=actor_id(actor),
            )  # fmt: skip
            trail(
                actor, document, "number", now, states, number=given, year=day.year, series=series,
                reason=clean_text(reason).strip()[:500],
            )  # fmt: skip
    except IntegrityError as error:
        raise _taken(number or 0, document) from error
    document.refresh_from_db()
    return document


def _sound_day(day: date, document: Document, now: datetime) -> None:
    today = local_date(now)
    if day > today:
        raise RegisterError(
            _("Ngày văn bản %(day)s ở sau hôm nay. Hãy ghi ngày ký.") % {"day": date_vi(day)},
            code="register-day",
        )
    if day.year < today.year - 1:
        raise RegisterError(
            _("Ngày văn bản %(day)s đã quá lâu. Hãy kiểm tra lại năm.") % {"day": date_vi(day)},
            code="register-day",
        )


def series_of(agency_id: int, year: int, type_code: str) -> str:
    """Return the series of a type in a year: its own, or "" where the agency numbers all types together."""
    together = DocumentCounter.objects.filter(agency_id=agency_id, year=year, series="").exists()
    return "" if together else type_code


def _counter(agency_id: int, year: int, series: str) -> None:
    """Make the counter of a series when it is the first number of the year; two at once make one."""
    DocumentCounter.objects.get_or_create(agency_id=agency_id, year=year, series=series)


def _next(agency_id: int, year: int, series: str) -> int:
    """Raise the counter and return the number, over numbers that were named by hand before it."""
    counter = DocumentCounter.objects.filter(agency_id=agency_id, year=year, series=series)
    if not counter.update(last=F("last") + 1):
        _counter(agency_id, year, series)
        counter.update(last=F("last") + 1)
    return counter.get().last


def _named(document: Document, year: int, series: str, number: int, reason: str) -> int:
    if not 1 <= number <= MOST_NUMBER:
        raise RegisterError(
            _("Số văn bản từ 1 đến %(most)s. Hãy ghi lại.") % {"most": MOST_NUMBER}, code="register-number"
        )
    _counter(document.agency_id, year, series)
    counter = DocumentCounter.objects.filter(agency_id=document.agency_id, year=year, series=series)
    last = counter.select_for_update().get().last
    if Document.objects.filter(
        agency_id=document.agency_id, year=year, series=series, number=number
    ).exists():
        raise _taken(number, document)
    if number > last + 1 and not reason:
        raise RegisterError(
            _(
                "Số kế tiếp là %(next)s. Ghi số %(number)s sẽ bỏ trống số; nếu các số đó đã cấp ở nơi khác, hãy ghi lý do."
            )
            % {
                "next": full_number(last + 1, document.symbol),
                "number": full_number(number, document.symbol),
            },
            code="register-gap",
        )
    counter.filter(last__lt=number).update(last=number)
    return number


def _taken(number: int, document: Document) -> RegisterError:
    return RegisterError(
        _("Số %(number)s đã cấp cho văn bản khác. Hãy chọn số khác hoặc để trống để lấy số kế tiếp.")
        % {"number": full_number(number, document.symbol)},
        code="register-taken",
    )


def series_join(*, actor: Actor, agency: Unit, year: int, now: datetime) -> None:
    """Number all types of an agency together from this year on; only before the first number of the year.

    :raises RegisterError: numbers were given this year already.
    """
    require_clerk(actor, now)
    with transaction.atomic():
        if Document.objects.filter(agency=agency, year=year, number__isnull=False).exists():
            raise RegisterError(
                _("Năm %(year)s đã cấp số nên không đổi cách đánh số được. Hãy chọn từ năm sau.")
                % {"year": year},
                code="register-series",
            )
        _counter(agency.pk, year, "")
        audit_record(actor=actor, action="plan.register.join", target=agency, after={"year": year}, at=now)
