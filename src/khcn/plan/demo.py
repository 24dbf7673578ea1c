"""Demo of the plan: plan 82/KH-UBND of 2021 as history, and a plan of this year, made up, in the middle of its work.

Everything goes through the services, most of it as the system: the demo people have their roles only since today.
Loading again changes nothing. Where the units of the plan are not there (another profile), nothing is loaded.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.demo import Progress
from khcn.orgs.models import Unit, User
from khcn.plan.demo_cast import CAST, Stage, source
from khcn.plan.demo_comms import comms_fill
from khcn.plan.demo_money import money_fill
from khcn.plan.demo_now import THIS_YEAR, frame, plan_found, proofs_fill, work_fill
from khcn.plan.demo_papers import papers_fill
from khcn.plan.demo_past import past_fill
from khcn.plan.demo_reports import first_fill, issued_on, periods_of, request_fill, second_fill
from khcn.plan.models import Plan


def load_demo(progress: Progress) -> None:
    """Load what is missing of the demo plans."""
    now = timezone.now()
    stage = _stage()
    if stage is None:
        return
    given = source(timezone.localdate(now))
    if not Plan.objects.filter(key=given.key).exists():
        progress(_("Kế hoạch mẫu: %(name)s") % {"name": given.header.full_number})
        with transaction.atomic():
            past_fill(stage, given)
    if Plan.objects.filter(key__startswith=THIS_YEAR).exists():
        return
    days = frame(timezone.localdate(now))
    progress(
        _("Kế hoạch mẫu: %(name)s") % {"name": _("kế hoạch minh họa năm %(year)s") % {"year": days.year}}
    )
    with transaction.atomic():
        plan = plan_found(stage, given, days)
        proofs_fill(stage, plan, days)
        comms_fill(stage, plan, days)
        money_fill(stage, plan, days)
        first, second = periods_of(plan)
        middle = issued_on(first, days)
        work_fill(stage, plan, days, since=days.signed, until=middle)
        first_fill(stage, first, days)
        work_fill(stage, plan, days, since=middle, until=days.today)
        second_fill(stage, second, days)
        request_fill(stage, plan, days)
        papers_fill(stage)


def _stage() -> Stage | None:
    """Return units and people of the demo, ``None`` where some are missing."""
    people = {user.username: user for user in User.objects.filter(username__in=CAST, is_demo=True)}
    units = {unit.key: unit for unit in Unit.objects.all()}
    if len(people) < len(CAST) or not {"phong-kinh-te", "ubnd-p04", "ubnd-14-phuong"} <= units.keys():
        return None
    return Stage(timezone.now(), units, people)
