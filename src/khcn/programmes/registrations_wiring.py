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
from django.utils.translation import gettext_lazy

from khcn.core.tasks import register_periodic
from khcn.programmes.areas import (
    DemoPart,
    PublicPart,
    Todo,
    demo_parts,
    desk_tabs,
    page_tab,
    public_parts,
    todo_lists,
)
from khcn.programmes.enums import (
    WITH_SESSIONS,
    RegistrationState,
    RegistrationWay,
)
from khcn.programmes.models.registrations import Registration
from khcn.programmes.permissions import can_read_consents, can_read_people, can_run, reach_of
from khcn.programmes.registrations_demo import load
from khcn.programmes.selectors.registrations import seats_of
from khcn.programmes.services.codes import codes_forget
from khcn.programmes.services.registrations_privacy import people_forget_due
from khcn.programmes.services.registrations_seats import closed_words, seats_follow

TAB = page_tab(
    20, gettext_lazy("Đăng ký"), "registrations", lambda reach, row: can_read_people(reach, row.unit_id), kinds=WITH_SESSIONS
)  # fmt: skip
CONSENTS_TAB = page_tab(
    25, gettext_lazy("Sổ đồng ý"), "consents", lambda reach, row: can_read_consents(reach, row.unit_id)
)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("registrations", TAB)
    desk_tabs.register("consents", CONSENTS_TAB)
    public_parts.register("registrations", PublicPart(20, _public))
    todo_lists.register("registrations", _todos)
    demo_parts.register("registrations", DemoPart(20, load))
    register_periodic("programmes.codes_forget", timedelta(hours=1), codes_forget)
    register_periodic("programmes.people_forget", timedelta(hours=6), people_forget_due)
    register_periodic("programmes.seats_follow", timedelta(minutes=5), seats_follow)


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
