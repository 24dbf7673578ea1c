"""Last year's programme once more: a draft of another year with its sessions on the same weekdays, no people, no tasks."""

from datetime import datetime, time
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.permissions import acting, can_create
from khcn.programmes.rules.calendar import same_weekday
from khcn.programmes.services.calendar_programmes import PUBLIC_TEXT, days_follow, programme_insert

CLONED: Final = (
    *PUBLIC_TEXT, "kind", "audiences", "registration", "by_session", "capacity", "waiting_list", "needs_approval",
    "questions", "purposes", "threshold_percent", "folded_title", "sort_key",
)  # fmt: skip


@transaction.atomic
def programme_clone(*, actor: Actor, programme_id: int, year: int, now: datetime) -> Programme:
    """Make a draft of another year out of a programme: sessions on the same weekdays, no people, no tasks.

    :raises PermissionDeniedError: not of an own unit. :raises ProgrammeError: the year does not fit.
    """
    old = Programme.objects.visible_to(actor, local_date(now)).filter(pk=programme_id).first()
    if old is None or not can_create(acting(actor, local_date(now)), old.unit_id):
        raise PermissionDeniedError(_("Bạn chỉ chép được chương trình của đơn vị mình."))
    if not old.year < year <= local_date(now).year + 2:
        raise ProgrammeError(_("Hãy chọn một năm sau năm của bản cũ, không quá hai năm nữa."), field="year")
    row = Programme(
        unit_id=old.unit_id, year=year, created_by_id=actor_id(actor), created_at=now, updated_at=now
    )
    for name in CLONED:
        setattr(row, name, getattr(old, name))
    row.cloned_from = old
    years = year - old.year
    row.starts_on = same_weekday(old.starts_on, years) if old.starts_on else None
    row.ends_on = row.starts_on
    if row.starts_on and old.starts_on and old.ends_on:
        row.ends_on = row.starts_on + (old.ends_on - old.starts_on)
    programme_insert(row, "")
    for number, session in enumerate(old.sessions.standing().order_by("starts_at", "pk"), start=1):
        starts_at = _shifted(session.starts_at, years)
        Session.objects.create(
            programme=row, number=number, title=session.title, starts_at=starts_at,
            ends_at=starts_at + (session.ends_at - session.starts_at), venue=session.venue, address=session.address,
            capacity=session.capacity, note=session.note, series=session.series, updated_at=now,
        )  # fmt: skip
    days_follow(row)
    audit_record(
        actor=actor,
        action="programmes.programme.clone",
        target=row,
        after={"from": old.pk, "year": year},
        at=now,
    )
    return row


def _shifted(moment: datetime, years: int) -> datetime:
    here = timezone.localtime(moment)
    day = same_weekday(here.date(), years)
    return timezone.make_aware(datetime.combine(day, time(here.hour, here.minute)))
