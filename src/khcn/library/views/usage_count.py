"""Counting a view or a download from a request: browsers of readers only, never those who work on the library."""

from django.http import HttpRequest
from django.utils import timezone

from khcn.core.api.limits import client_address
from khcn.library import permissions
from khcn.library.models import Work
from khcn.library.services.usage import Kind, usage_note


def usage_count(request: HttpRequest, work: Work, kind: Kind) -> None:
    """Count one use of a work. Every door that gives out a work or its file calls this, and nothing else.

    :param kind: ``view`` its page, ``read`` a page in the reader, ``download`` an original file.
    """
    if request.method != "GET" or _is_fetched_ahead(request) or _works_on(request, work):
        return
    now = timezone.now()
    usage_note(
        kind=kind,
        work_id=work.pk,
        day=timezone.localdate(now),
        agent=request.headers.get("User-Agent", ""),
        address=client_address(request),
        at=now,
    )


def _is_fetched_ahead(request: HttpRequest) -> bool:
    """Tell whether a browser fetches a page that nobody has asked for yet."""
    purpose = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}".lower()
    return "prefetch" in purpose or "preview" in purpose


def _works_on(request: HttpRequest, work: Work) -> bool:
    """Tell whether this is somebody who looks after the work; asked of people who are signed in only."""
    return request.user.is_authenticated and permissions.can_see_on_desk(request.user, work)
