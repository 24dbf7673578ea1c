"""The staff desk: what waits for this person, from every app, and what happened lately."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from khcn.core.audit import audit_events_visible_to
from khcn.core.jobs import jobs_visible_to
from khcn.core.outbox.selectors import desk_messages_for
from khcn.core.outbox.services import desk_message_read, desk_messages_read_all
from khcn.ui.desk import desk_groups
from khcn.ui.parts import NavItem
from khcn.web.audit_table import AuditFilter, audit_line
from khcn.web.job_table import job_line

MESSAGES_SHOWN = 8
JOBS_SHOWN = 4
PAGE_SIZE = 50


@login_required
@require_safe
def desk_home(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person first, then news and background work."""
    groups = desk_groups(request)
    unread = desk_messages_for(request.user, timezone.now()).filter(read_at__isnull=True)
    shown = list(unread[: MESSAGES_SHOWN + 1])
    jobs = jobs_visible_to(request.user)[:JOBS_SHOWN]
    context = {
        "groups": groups,
        "waiting": [item for group in groups for item in group.items if item.count],
        "unread": shown[:MESSAGES_SHOWN],
        "unread_more": len(shown) > MESSAGES_SHOWN,
        "jobs": [job_line(job) for job in jobs],
    }
    return render(request, "web/desk.html", context)


@login_required
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """Show every desk message, read or not."""
    page = Paginator(desk_messages_for(request.user, timezone.now()), PAGE_SIZE).get_page(
        request.GET.get("trang")
    )
    return render(request, "web/desk_messages.html", {"page": page})


@login_required
@require_POST
def message_read(request: HttpRequest) -> HttpResponse:
    """Mark one message as read, or all; then go on to what the message is about, or back."""
    now, number = timezone.now(), request.POST.get("tin", "")
    if not number:
        desk_messages_read_all(actor=request.user, now=now)
        return redirect("desk:home")
    link = ""
    if number.isascii() and number.isdigit() and len(number) < 19:
        message = desk_messages_for(request.user, now).filter(pk=int(number)).first()
        link = message.link if message and "mo" in request.POST else ""
        desk_message_read(actor=request.user, message_id=int(number), now=now)
    inside = link.startswith("/") and not link.startswith("//")
    return redirect(link if inside else reverse("desk:home"))


@login_required
@require_safe
def audit_list(request: HttpRequest) -> HttpResponse:
    """Show the trail of deeds, as far as this person may read it."""
    asked = AuditFilter.read(request.GET)
    events = asked.apply(audit_events_visible_to(request.user)).order_by("-id")
    page = Paginator(events, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "page": page,
        "lines": [audit_line(event) for event in page.object_list],
        "asked": asked,
        "areas": asked.areas(),
    }
    return render(request, "web/desk_audit.html", context)


@login_required
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """Show background work with how far it is."""
    page = Paginator(jobs_visible_to(request.user), PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {"page": page, "jobs": [job_line(job) for job in page.object_list]}
    return render(request, "web/desk_jobs.html", context)


def system_items(request: HttpRequest) -> list[NavItem]:
    """Return the entries of the side navigation that belong to no single app."""
    if not request.user.is_authenticated:
        return []
    return [
        NavItem(label=_("Tin nhắn"), url=reverse("desk:messages")),
        NavItem(label=_("Việc chạy nền"), url=reverse("desk:jobs")),
        NavItem(label=_("Nhật ký"), url=reverse("desk:audit")),
    ]
