"""The hall: plans with booths, and who stands where."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.private_files import PICTURES, Drawer, Upload
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.exhibitions import Booth, Exhibitor, FloorPlan
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.exhibitions import MOST_BOOTHS, MOST_SIDE, ExhibitorState, Place, grid
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.exhibitions import keeper

PLANS: Final = Drawer("programmes/floor-plans", PICTURES)


def plan_make(
    *, actor: Actor, programme: Programme, title: str, columns: int, rows: int, now: datetime, picture: Upload | None = None
) -> FloorPlan:  # fmt: skip
    """Make a plan with booths in rows (0 by 0: none yet), on a picture or a plain sheet.

    :raises PermissionDeniedError: :raises ProgrammeError: too many booths. :raises FileRefusedError:
    """
    keeper(actor, programme, now)
    if not (0 <= columns <= MOST_SIDE and 0 <= rows <= MOST_SIDE):
        raise ProgrammeError(
            _("Nhiều nhất %(most)s hàng và %(most)s cột.") % {"most": MOST_SIDE}, field="columns"
        )
    kept = PLANS.keep(picture).name if picture else ""
    try:
        width, height = _size(kept) if kept else (300, 200)
        with transaction.atomic():
            plan = FloorPlan.objects.create(
                programme=programme, title=kept_text(title, 150) or _("Sơ đồ gian trưng bày"), picture=kept, width=width,
                height=height,
            )  # fmt: skip
            if columns and rows:
                Booth.objects.bulk_create(
                    Booth(plan=plan, number=one.number, order=order, x=one.x, y=one.y, w=one.w, h=one.h)
                    for order, one in enumerate(grid(columns, rows))
                )
            audit_record(
                actor=actor,
                action="programmes.floorplan.create",
                target=plan,
                after={"title": plan.title},
                at=now,
            )
    except BaseException:
        PLANS.drop(kept)
        raise
    return plan


def _size(name: str) -> tuple[int, int]:
    from PIL import Image  # noqa: PLC0415  # only where a plan is a picture

    with Image.open(PLANS.path(name)) as picture:
        return picture.width, picture.height


@transaction.atomic
def booth_save(
    *, actor: Actor, plan: FloorPlan, place: Place, now: datetime, booth: Booth | None = None, exhibitor: Exhibitor | None = None
) -> Booth:  # fmt: skip
    """Set a booth, or change its number, place and exhibitor.

    :raises ProgrammeError: outside the plan, number taken, exhibitor not accepted or of another programme.
    """
    keeper(actor, plan.programme, now)
    number = kept_text(place.number, 12)
    if not number:
        raise ProgrammeError(_("Hãy ghi số gian."), field="number")
    if (
        place.w < 1
        or place.h < 1
        or place.x < 0
        or place.y < 0
        or place.x + place.w > 100
        or place.y + place.h > 100
    ):
        raise ProgrammeError(
            _("Gian vượt ra ngoài sơ đồ: vị trí cộng kích thước nhiều nhất là 100%."), field="x"
        )
    if exhibitor and (
        exhibitor.programme_id != plan.programme_id or exhibitor.state != ExhibitorState.ACCEPTED
    ):
        raise ProgrammeError(_("Chỉ xếp gian cho đơn vị đã được nhận."), field="exhibitor")
    if booth is None and plan.booths.count() >= MOST_BOOTHS:
        raise ProgrammeError(_("Một sơ đồ có nhiều nhất %(most)s gian.") % {"most": MOST_BOOTHS})
    row = booth or Booth(plan=plan, order=plan.booths.count())
    row.number, row.x, row.y, row.w, row.h, row.exhibitor = (
        number,
        place.x,
        place.y,
        place.w,
        place.h,
        exhibitor,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ProgrammeError(_("Sơ đồ này đã có gian mang số đó."), field="number") from None
    audit_record(
        actor=actor, action="programmes.booth.save", target=row,
        after={"number": number, "exhibitor": exhibitor.pk if exhibitor else None}, at=now,
    )  # fmt: skip
    return row


@transaction.atomic
def booth_remove(*, actor: Actor, booth: Booth, now: datetime) -> None:
    """Take a booth off its plan."""
    keeper(actor, booth.plan.programme, now)
    audit_record(
        actor=actor, action="programmes.booth.remove", target=booth, before={"number": booth.number}, at=now
    )
    booth.delete()
