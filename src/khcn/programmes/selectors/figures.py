"""Counts over a period, by unit and programme, each in one query: what indicators and the simulation's check are made of.

Days are Viet Nam's. A session counts when it was held (ended by the end of the period, not cancelled); a person when the
registration, the attendance, the answer falls into the period. Who erased their data still counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.indicators import Period
from khcn.programmes.enums import STANDING, Audience, EntryState, ProgrammeState, Sex, TeamState
from khcn.programmes.models.attendance import Attendance, WalkIn
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.models.contests import Award
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.evaluation import SurveyAnswer
from khcn.programmes.models.exhibitions import Exhibitor, VisitorContact
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.models.support import Handover, SupportRequest
from khcn.programmes.rules.attendance import Presence
from khcn.programmes.rules.exhibitions import ExhibitorState
from khcn.programmes.selectors.attendance import session_totals


class Row(NamedTuple):
    """What one programme of one unit adds. ``weight``: how many answers, for means."""

    unit_id: int
    programme_id: int
    amount: Decimal
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FigureOf:
    """One figure: its name, its unit, and how its rows are read."""

    title: str | Promise
    unit: str | Promise
    read: Callable[[Period], Iterator[Row]]
    mean: bool = False


def moments(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first after it."""
    zone = timezone.get_current_timezone()
    first = datetime.combine(period.start, time.min, zone)
    return first, datetime.combine(period.end + timedelta(days=1), time.min, zone)


def within(rows: QuerySet[Any], field: str, period: Period) -> QuerySet[Any]:
    """Keep rows whose moment lies in the period."""
    first, after = moments(period)
    return rows.filter(**{f"{field}__gte": first, f"{field}__lt": after})


def counted(rows: QuerySet[Any], path: str = "programme") -> Iterator[Row]:
    """Count rows by programme. ``path``: how the programme is reached."""
    found = rows.order_by().values_list(f"{path}__unit_id", f"{path}_id").annotate(n=Count("pk"))
    return (Row(unit, programme, Decimal(n)) for unit, programme, n in found)


def held(period: Period) -> QuerySet[Session]:
    """Return the sessions that ended in the period, of programmes that were not cancelled."""
    rows = within(Session.objects.standing(), "ends_at", period)
    return rows.filter(programme__state__in=[ProgrammeState.PUBLISHED, ProgrammeState.CLOSED]).order_by()


def sessions_held(period: Period) -> Iterator[Row]:
    """Sessions that were held in the period."""
    return counted(held(period))


def turns(period: Period) -> Iterator[Row]:
    """People who came to sessions held in the period, as the page of attendance counts them: nobody twice at one session."""
    sessions = list(held(period).select_related("programme"))
    totals = session_totals(sessions)
    return (
        Row(one.programme.unit_id, one.programme_id, Decimal(totals[one.pk]))
        for one in sessions
        if totals[one.pk]
    )


def attended(audience: str = "", sex: str = "") -> Callable[[Period], Iterator[Row]]:
    """Those of an audience or sex among :func:`turns`: marked present by name, or entered with it at the door."""

    def read(period: Period) -> Iterator[Row]:
        sessions = held(period).values("pk")
        marks = Attendance.objects.filter(session__in=sessions, state=Presence.PRESENT)
        alone = WalkIn.objects.filter(session__in=sessions)
        if audience:
            marks, alone = marks.filter(registration__audience=audience), alone.filter(audience=audience)
        if sex:
            marks, alone = marks.filter(registration__sex=sex), alone.filter(sex=sex)
        yield from counted(marks, "session__programme")
        path = ("session__programme__unit_id", "session__programme_id")
        for unit, programme, n in alone.order_by().values_list(*path).annotate(n=Sum("count")):
            yield Row(unit, programme, Decimal(n))

    return read


def satisfaction(period: Period) -> Iterator[Row]:
    """Answers from 1 to 5 given in the period: their sum and how many there are."""
    rows = SurveyAnswer.objects.filter(
        satisfaction__isnull=False, answered_on__gte=period.start, answered_on__lte=period.end
    )
    path = ("survey__programme__unit_id", "survey__programme_id")
    found = rows.order_by().values_list(*path).annotate(total=Sum("satisfaction"), n=Count("pk"))
    return (Row(unit, programme, Decimal(total), n) for unit, programme, total, n in found)


def certificates(period: Period) -> Iterator[Row]:
    """Certificates issued by a decision of the period and not revoked."""
    rows = Certificate.objects.standing().filter(issued_on__gte=period.start, issued_on__lte=period.end)
    return counted(rows, "batch__programme")


def support_granted(*, money: bool) -> Callable[[Period], Iterator[Row]]:
    """Requests approved in the period, or what was approved."""

    def read(period: Period) -> Iterator[Row]:
        rows = within(
            SupportRequest.objects.filter(approved__gt=0, call__programme__isnull=False), "decided_at", period
        )
        if not money:
            return counted(rows, "call__programme")
        return _summed(rows, "call__programme", "approved")

    return read


def support_delivered(*, money: bool) -> Callable[[Period], Iterator[Row]]:
    """Requests with a hand-over in the period, or what was handed over."""

    def read(period: Period) -> Iterator[Row]:
        rows = Handover.objects.filter(
            handed_on__gte=period.start, handed_on__lte=period.end, request__call__programme__isnull=False
        )
        path = "request__call__programme"
        if money:
            return _summed(rows, path, "amount")
        found = rows.order_by().values_list(f"{path}__unit_id", f"{path}_id")
        counts = found.annotate(n=Count("request_id", distinct=True))
        return (Row(unit, programme, Decimal(n)) for unit, programme, n in counts)

    return read


def exhibitors(period: Period) -> Iterator[Row]:
    """Exhibitors that were accepted in the period."""
    return counted(within(Exhibitor.objects.filter(state=ExhibitorState.ACCEPTED), "decided_at", period))


def contacts(period: Period) -> Iterator[Row]:
    """Contacts that visitors left for an exhibitor and proved; taken back later or not, they happened."""
    return counted(within(VisitorContact.objects.all(), "confirmed_at", period), "exhibitor__programme")


def _summed(rows: QuerySet[Any], path: str, field: str) -> Iterator[Row]:
    found = rows.order_by().values_list(f"{path}__unit_id", f"{path}_id").annotate(total=Sum(field))
    return (Row(unit, programme, Decimal(total)) for unit, programme, total in found)


def registered(audience: str = "", sex: str = "") -> Callable[[Period], Iterator[Row]]:
    """Standing registrations made in the period."""

    def read(period: Period) -> Iterator[Row]:
        rows = within(Registration.objects.filter(state__in=STANDING), "created_at", period)
        rows = rows.filter(audience=audience) if audience else rows
        return counted(rows.filter(sex=sex) if sex else rows)

    return read


def teams(period: Period) -> Iterator[Row]:
    """Teams that registered in the period and take part."""
    return counted(within(Team.objects.filter(state=TeamState.ACTIVE), "created_at", period))


def entries(period: Period) -> Iterator[Row]:
    """Entries handed in in the period and not withdrawn."""
    states = [EntryState.SUBMITTED, EntryState.ACCEPTED, EntryState.REJECTED]
    return counted(within(Entry.objects.filter(state__in=states), "submitted_at", period))


def awards(period: Period) -> Iterator[Row]:
    """Awards whose result became public in the period."""
    rows = Award.objects.filter(result__thawed_at=None, result__published_at__isnull=False)
    return counted(within(rows, "result__published_at", period))


PEOPLE: Final = _("người")
TURNS: Final = _("lượt người")
DONG: Final = _("đồng")
FIGURES: Final[dict[str, FigureOf]] = {
    "sessions": FigureOf(_("Số buổi đã tổ chức"), _("buổi"), sessions_held),
    "registered": FigureOf(_("Số người đăng ký"), PEOPLE, registered()),
    "attended": FigureOf(_("Số lượt người dự"), TURNS, turns),
    "satisfaction": FigureOf(_("Mức hài lòng trung bình (1 đến 5)"), _("điểm"), satisfaction, mean=True),
    "certificates": FigureOf(_("Số giấy chứng nhận đã cấp"), _("giấy"), certificates),
    "teams": FigureOf(_("Số đội dự thi"), _("đội"), teams),
    "entries": FigureOf(_("Số bài dự thi đã nộp"), _("bài"), entries),
    "awards": FigureOf(_("Số giải đã trao"), _("giải"), awards),
    "contacts": FigureOf(_("Số liên hệ khách để lại cho đơn vị trưng bày"), _("lượt"), contacts),
    "exhibitors": FigureOf(_("Số đơn vị trưng bày"), _("đơn vị"), exhibitors),
    "support.granted": FigureOf(
        _("Số đề nghị hỗ trợ được duyệt"), _("đề nghị"), support_granted(money=False)
    ),
    "support.granted_vnd": FigureOf(_("Kinh phí hỗ trợ được duyệt"), DONG, support_granted(money=True)),
    "support.delivered": FigureOf(
        _("Số đề nghị hỗ trợ đã bàn giao"), _("đề nghị"), support_delivered(money=False)
    ),
    "support.delivered_vnd": FigureOf(_("Giá trị hỗ trợ đã bàn giao"), DONG, support_delivered(money=True)),
}
_AUDIENCES: Final[Mapping[str, tuple[Promise, Promise]]] = {
    Audience.OFFICIALS: (
        _("Số cán bộ, công chức, viên chức đăng ký"),
        _("Số lượt cán bộ, công chức, viên chức dự"),
    ),
    Audience.TEACHERS: (_("Số giáo viên đăng ký"), _("Số lượt giáo viên dự")),
    Audience.PUPILS: (_("Số học sinh đăng ký"), _("Số lượt học sinh dự")),
    Audience.YOUNG: (_("Số thanh niên khởi nghiệp đăng ký"), _("Số lượt thanh niên khởi nghiệp dự")),
    Audience.WORKERS: (_("Số người lao động đăng ký"), _("Số lượt người lao động dự")),
    Audience.SMES: (
        _("Số người của doanh nghiệp nhỏ và vừa đăng ký"),
        _("Số lượt người của doanh nghiệp nhỏ và vừa dự"),
    ),
    Audience.TRADERS: (_("Số tiểu thương đăng ký"), _("Số lượt tiểu thương dự")),
    Audience.PUBLIC: (_("Số người dân đăng ký"), _("Số lượt người dân dự")),
}
for _audience, (_made, _came) in _AUDIENCES.items():
    FIGURES[f"registered.{_audience}"] = FigureOf(_made, PEOPLE, registered(_audience))
    FIGURES[f"attended.{_audience}"] = FigureOf(_came, TURNS, attended(_audience))
FIGURES.update(
    {
        "registered.female": FigureOf(_("Số nữ đăng ký"), PEOPLE, registered(sex=Sex.FEMALE)),
        "registered.male": FigureOf(_("Số nam đăng ký"), PEOPLE, registered(sex=Sex.MALE)),
        "attended.female": FigureOf(_("Số lượt nữ dự"), TURNS, attended(sex=Sex.FEMALE)),
        "attended.male": FigureOf(_("Số lượt nam dự"), TURNS, attended(sex=Sex.MALE)),
    }
)
