"""What the library tells people: librarians of what waits, submitters of what became of their work."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.enums import Channel
from khcn.core.outbox.services import message_send
from khcn.library.models import Work
from khcn.orgs.enums import LIBRARY_ROLES
from khcn.orgs.models import Membership


def tell_librarians(work: Work, *, now: datetime) -> None:
    """Put a line on the desk of every librarian but the one who handed the work in."""
    held = Membership.objects.in_force(timezone.localdate(now)).filter(
        role__in=LIBRARY_ROLES, user__is_active=True
    )
    people = {row.user_id: row.user for row in held.select_related("user")}
    people.pop(work.submitted_by_id or 0, None)
    for person in people.values():
        message_send(
            channel=Channel.DESK,
            user=person,
            subject=_("Chờ duyệt: %(title)s") % {"title": work.title[:120]},
            body=_("Có tài liệu mới gửi đến thư viện."),
            link=reverse("library-desk:work", args=[work.pk]),
            dedupe_key=f"library.submit.{work.pk}.{person.pk}.{now.isoformat()}",
            now=now,
        )


def tell_submitter(work: Work, *, subject: str, body: str, now: datetime) -> None:
    """Put a line on the desk of who handed the work in. ``subject`` holds ``%(title)s``."""
    if work.submitted_by is None:
        return
    message_send(
        channel=Channel.DESK,
        user=work.submitted_by,
        subject=subject % {"title": work.title[:120]},
        body=body,
        link=reverse("library-desk:work", args=[work.pk]),
        dedupe_key=f"library.{work.state}.{work.pk}.{now.isoformat()}",
        now=now,
    )
