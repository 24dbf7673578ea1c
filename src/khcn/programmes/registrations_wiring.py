"""What the area ``registrations`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.core.demo import Progress
from khcn.core.tasks import register_periodic
from khcn.programmes.areas import (
    DemoPart,
    DeskTab,
    PublicPart,
    Todo,
    demo_parts,
    desk_tabs,
    public_parts,
    todo_lists,
)
from khcn.programmes.enums import (
    WITH_SESSIONS,
    Audience,
    ConsentPurpose,
    RegistrationState,
    RegistrationWay,
)
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.permissions import can_read_consents, can_read_people, can_run, reach_of
from khcn.programmes.selectors.registrations import seats_of
from khcn.programmes.services.codes import codes_forget
from khcn.programmes.services.registrations import Person, group_create, registration_create
from khcn.programmes.services.registrations_privacy import people_forget_due
from khcn.programmes.services.registrations_seats import closed_words, seats_follow
from khcn.ui.parts import Tab


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("registrations", DeskTab(20, _tab))
    desk_tabs.register("consents", DeskTab(25, _ledger))
    public_parts.register("registrations", PublicPart(20, _public))
    todo_lists.register("registrations", _todos)
    demo_parts.register("registrations", DemoPart(20, _demo))
    register_periodic("programmes.codes_forget", timedelta(hours=1), codes_forget)
    register_periodic("programmes.people_forget", timedelta(hours=6), people_forget_due)
    register_periodic("programmes.seats_follow", timedelta(minutes=5), seats_follow)


def _tab(request: HttpRequest, programme: Any) -> Tab | None:
    if programme.kind not in WITH_SESSIONS or not can_read_people(reach_of(request.user), programme.unit_id):
        return None
    url = reverse("programmes-desk:registrations", args=[programme.pk])
    return Tab(label=_("Đăng ký"), url=url, current=request.path.startswith(url))


def _ledger(request: HttpRequest, programme: Any) -> Tab | None:
    if not can_read_consents(reach_of(request.user), programme.unit_id):
        return None
    url = reverse("programmes-desk:consents", args=[programme.pk])
    return Tab(label=_("Sổ đồng ý"), url=url, current=request.path.startswith(url))


def _public(request: HttpRequest, programme: Any) -> SafeString | str:
    if programme.kind not in WITH_SESSIONS:
        return ""
    group = programme.registration == RegistrationWay.GROUP
    way = RegistrationWay.GROUP if group else RegistrationWay.PERSON
    context = {
        "programme": programme, "closed": closed_words(programme, way, timezone.now()), "group": group,
        "both": programme.registration == RegistrationWay.BOTH, "seats": None if programme.by_session else seats_of(programme),
    }  # fmt: skip
    return render_to_string("programmes/registrations/public_part.html", context, request)


def _todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    reach = reach_of(request.user)
    rows = Registration.objects.visible_to(request.user).filter(state=RegistrationState.REQUESTED)
    counted = (
        rows.order_by()
        .values("programme_id", "programme__title", "programme__unit_id")
        .annotate(n=Count("pk"))
    )
    return [
        Todo(
            _("%(n)s đăng ký chờ duyệt") % {"n": one["n"]},
            reverse("programmes-desk:registrations", args=[one["programme_id"]]) + "?tinh-trang=requested",
            where=one["programme__title"],
        )
        for one in counted[:100]
        if can_run(reach, one["programme__unit_id"])
    ]


_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi")
_GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hạnh", "Khoa", "Linh", "Minh", "Ngọc", "Phúc", "Quỳnh")


def _demo(progress: Progress, now: datetime) -> None:
    """Register made-up people in the calendar's programmes, as if while these were open. Once."""
    for key, audience, count in (
        ("mau-lop-ai-giao-vien", Audience.TEACHERS, 24), ("mau-hoi-thao-chuyen-doi-so", Audience.SMES, 12),
        ("mau-ket-noi-khoi-nghiep", Audience.YOUNG, 9), ("mau-tham-quan-vuon-uom", Audience.PUPILS, 30),
    ):  # fmt: skip
        programme = Programme.objects.filter(key=key).first()
        if programme is None or programme.by_session or programme.registrations.exists():
            continue
        people = [
            Person(f"{_FAMILY[n % 8]} {('Thị', 'Văn')[n % 2]} {_GIVEN[n % 12]} {_GIVEN[(n * 5 + 3 + n // 12) % 12]}", audience,
                   sex=("female", "male")[n % 2], birth_year=now.year - (13 if audience == Audience.PUPILS else 32 + n % 9))
            for n in range(count)
        ]  # fmt: skip
        at = _open_moment(programme, now)
        if audience == Audience.PUPILS:
            _demo_try(lambda p=programme, who=people, t=at: group_create(
                programme=p, now=t, name="Trường THCS Mẫu", label="7A", people=who, contact_name="Cô Mẫu",
                contact_address="co.mau@example.vn", approved=True,
            ))  # fmt: skip
            continue
        for number, person in enumerate(people):
            _demo_try(lambda p=programme, who=person, n=number, t=at: registration_create(
                programme=p, person=who, now=t, address=f"mau{n}@example.vn", consents=[ConsentPurpose.PROCESSING],
            ))  # fmt: skip


def _demo_try(write: Any) -> None:
    from khcn.programmes.errors import ProgrammeError  # noqa: PLC0415  # demo only

    try:
        write()
    except ProgrammeError:
        return


def _open_moment(programme: Programme, now: datetime) -> datetime:
    ends = [one for one in (programme.closes_at,) if one is not None]
    if programme.starts_on is not None:
        day = datetime.combine(programme.starts_on, datetime.min.time(), tzinfo=now.tzinfo)
        ends.append(day)
    last = min([now, *ends]) - timedelta(days=1)
    return max(last, programme.opens_at) if programme.opens_at else last
