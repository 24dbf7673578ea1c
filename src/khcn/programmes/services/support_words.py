"""What the contact of a request is told, by the address that was proven; never more than the state and what to do."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.outbox.rules import RecipientError
from khcn.core.outbox.services import message_send
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.support import SupportRequest
from khcn.programmes.services.codes import clean_address


def tell(request: SupportRequest, *, subject: str, body: str, key: str, now: datetime) -> None:
    """Send one message to the contact; an address that is gone (erased) is left alone."""
    tell_address(
        request.contact_address, subject=subject, body=body, now=now,
        link=reverse("programmes:support-mine", args=[request.token]),
        key=f"programmes.support:{request.pk}:{key}",
    )  # fmt: skip


def tell_address(
    address: str, *, subject: str, body: str, link: str, key: str, now: datetime, office_hours: bool = False
) -> bool:
    """Send one message to a mail address or a phone; return whether there was one."""
    try:
        channel, clean = clean_address(address)
    except (ProgrammeError, RecipientError):
        return False
    message_send(
        channel=channel, recipient=clean, subject=subject, body=body, link=link, dedupe_key=key, now=now,
        office_hours=office_hours,
    )  # fmt: skip
    return True


def link_words(request: SupportRequest, now: datetime) -> None:
    """Send the secret link of a new request."""
    tell(
        request, key="link", now=now, subject=_("Đường dẫn riêng của đề nghị hỗ trợ"),
        body=_(
            "Đề nghị của %(name)s đã được mở. Dùng đường dẫn trong tin này để soạn tiếp, gửi và xem kết quả. Không chuyển đường dẫn cho người ngoài."
        ) % {"name": request.organisation},
    )  # fmt: skip
