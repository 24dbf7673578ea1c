"""What the area "harvest" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.jobs import job_retry_handlers
from khcn.core.models.jobs import Job
from khcn.core.tasks import register_periodic
from khcn.library.models import HarvestSource, Work
from khcn.library.permissions import can_keep
from khcn.library.selectors.harvest import home_of_work, questions_count
from khcn.library.services.harvest_clock import harvest_due
from khcn.library.services.harvest_runs import JOB_KIND, harvest_start
from khcn.library.work_parts import LibraryEntry, WorkPart, desk_work_parts, library_menu, work_parts
from khcn.ui.parts import NavItem


def connect() -> None:
    """Register the area's parts."""
    register_periodic("library.harvest", timedelta(minutes=1), harvest_due)
    job_retry_handlers.register(JOB_KIND, _retry)
    library_menu.register("harvest", LibraryEntry(150, _menu))
    work_parts.register("harvest", WorkPart(20, "notice", home_notice))
    desk_work_parts.register("harvest", WorkPart(20, "notice", home_notice))


def _menu(request: HttpRequest) -> NavItem | None:
    if not can_keep(request.user):
        return None
    return NavItem(
        label=_("Thu thập"), url=reverse("library-desk:harvest"), count=questions_count(request.user)
    )


def home_notice(_request: HttpRequest, work: Work) -> SafeString | str:
    """Return the line that says from where a work comes, with the way there."""
    home = home_of_work(work)
    return render_to_string("library/harvest/notice.html", {"home": home}) if home else ""


def _retry(job: Job, actor: Actor) -> Job:
    """Go on with a run that ended badly (the retry handler of ``library.harvest``)."""
    source = HarvestSource.objects.get(pk=job.arguments["source"])
    run, _token = harvest_start(actor=actor, source=source, now=timezone.now())
    return Job.objects.get(pk=run.job_id or 0)
