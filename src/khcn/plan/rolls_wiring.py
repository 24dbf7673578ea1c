"""What the area ``rolls`` offers to the other rooms: menu, retries of files, the duty of reminders, references."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.urls import reverse

from khcn.core.actors import Actor
from khcn.core.document_port import document_followers
from khcn.core.jobs import job_retry_handlers
from khcn.core.references import Reference, Resolved, resolvers
from khcn.core.tasks import register_periodic
from khcn.plan.desk_menu import plan_menu
from khcn.plan.models import Consolidation
from khcn.plan.rolls_menu import chasing_entry, rolls_entry
from khcn.plan.services.chasing import reminders_send
from khcn.plan.services.rolls_document import SOURCE, RollFollower
from khcn.plan.services.rolls_files import KIND, retry_files
from khcn.ui.desk import MenuEntry

REFERENCE = SOURCE


def resolve_rolls(ids: Iterable[str], user: Actor) -> Mapping[str, Resolved]:
    """Answer for references to consolidated reports."""
    wanted = [int(one) for one in ids if one.isascii() and one.isdigit()]
    rows = Consolidation.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", "title")
    return {
        str(pk): Resolved(Reference(REFERENCE, str(pk)), title, reverse("plan-desk:roll", args=[pk]))
        for pk, title in rows
    }


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    plan_menu.register("chasing", MenuEntry(25, chasing_entry))
    plan_menu.register("rolls", MenuEntry(30, rolls_entry))
    if KIND not in job_retry_handlers:
        job_retry_handlers.register(KIND, retry_files)
    if REFERENCE not in resolvers:
        resolvers.register(REFERENCE, resolve_rolls)
    if SOURCE not in document_followers:
        document_followers.register(SOURCE, RollFollower())
    register_periodic("plan.reminders", timedelta(minutes=15), reminders_send)
