"""Direct counts over plain rows, written without the selectors that indicators use: the two must agree."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from khcn.core.indicators import Period
from khcn.programmes.models.attendance import Attendance, WalkIn
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.models.contests import Award
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.evaluation import SurveyAnswer
from khcn.programmes.models.exhibitions import Exhibitor, VisitorContact
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.models.support import Handover, SupportRequest


def _in(period: Period, moment: datetime | date | None) -> bool:
    if moment is None:
        return False
    day = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return period.start <= day <= period.end


def direct_counts(period: Period) -> dict[str, Decimal | None]:
    """Return every figure of :data:`khcn.programmes.selectors.figures.FIGURES` by going through the rows one by one."""
    counts: dict[str, Decimal | None] = {}
    states = dict(Programme.objects.values_list("pk", "state"))
    held = {
        one.pk
        for one in Session.objects.all()
        if one.state != "cancelled"
        and _in(period, one.ends_at)
        and states[one.programme_id] in ("published", "closed")
    }
    counts["sessions"] = Decimal(len(held))
    people = [one for one in Registration.objects.iterator() if _in(period, one.created_at)]
    standing = [one for one in people if one.state in ("requested", "confirmed", "waiting")]
    _shares(counts, "registered", ((one.audience, one.sex, 1) for one in standing))
    marks = Attendance.objects.filter(state="present").select_related("registration").iterator()
    came = [(one.registration.audience, one.registration.sex, 1) for one in marks if one.session_id in held]
    came += [
        (one.audience, one.sex, one.count) for one in WalkIn.objects.iterator() if one.session_id in held
    ]
    _shares(counts, "attended", came)
    counts["attended"] = _turns(held)
    scores = [
        one.satisfaction
        for one in SurveyAnswer.objects.iterator()
        if one.satisfaction is not None and _in(period, one.answered_on)
    ]
    mean = Decimal(sum(scores)) / len(scores) if scores else None
    counts["satisfaction"] = None if mean is None else mean.quantize(Decimal("0.01"))
    certificates = Certificate.objects.filter(batch__state="issued", revoked_at=None)
    counts["certificates"] = _sum(1 for one in certificates if _in(period, one.issued_on))
    counts["teams"] = _sum(
        1 for one in Team.objects.all() if one.state == "active" and _in(period, one.created_at)
    )
    counts["entries"] = _sum(
        1
        for one in Entry.objects.all()
        if one.state in ("submitted", "accepted", "rejected") and _in(period, one.submitted_at)
    )
    awards = Award.objects.select_related("result")
    counts["awards"] = _sum(
        1 for one in awards if one.result.thawed_at is None and _in(period, one.result.published_at)
    )
    granted = [
        one for one in SupportRequest.objects.all() if one.approved > 0 and _in(period, one.decided_at)
    ]
    counts["support.granted"] = Decimal(len(granted))
    counts["support.granted_vnd"] = sum((one.approved for one in granted), Decimal(0))
    given = [one for one in Handover.objects.all() if _in(period, one.handed_on)]
    counts["support.delivered"] = Decimal(len({one.request_id for one in given}))
    counts["support.delivered_vnd"] = sum((one.amount for one in given), Decimal(0))
    shown = [
        one for one in Exhibitor.objects.all() if one.state == "accepted" and _in(period, one.decided_at)
    ]
    counts["exhibitors"] = Decimal(len(shown))
    counts["contacts"] = _sum(1 for one in VisitorContact.objects.all() if _in(period, one.confirmed_at))
    return counts


def _turns(held: Iterable[int]) -> Decimal:
    """Count who came to sessions, nobody twice: of a group the names or the number, of a session the people or the heads."""
    total = 0
    for session in Session.objects.filter(pk__in=list(held)):
        marks = Attendance.objects.filter(session=session, state="present").select_related("registration")
        named = Counter(mark.registration.group_id for mark in marks)
        numbers: Counter[int | None] = Counter()
        for one in WalkIn.objects.filter(session=session):
            numbers[one.group_id] += one.count
        known = named.pop(None, 0) + numbers.pop(None, 0)
        known += sum(max(named[group], numbers[group]) for group in {*named, *numbers})
        total += max(known, session.headcount or 0)
    return Decimal(total)


def _sum(ones: Iterable[int]) -> Decimal:
    return Decimal(sum(ones))


def _shares(counts: dict[str, Decimal | None], key: str, rows: Iterable[tuple[str, str, int]]) -> None:
    kept = list(rows)
    counts[key] = Decimal(sum(many for _audience, _sex, many in kept))
    audiences = ("officials", "teachers", "pupils", "young", "workers", "smes", "traders", "public")
    for audience in audiences:
        counts[f"{key}.{audience}"] = Decimal(sum(many for one, _sex, many in kept if one == audience))
    for sex in ("female", "male"):
        counts[f"{key}.{sex}"] = Decimal(sum(many for _audience, one, many in kept if one == sex))
