"""Contacts between visitors and exhibitors: left for one, proven by a code, read by that one, taken back by link."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.programmes.enums import OPEN_STATES, ConsentPurpose
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.exhibitions import Exhibitor, VisitorContact
from khcn.programmes.rules.exhibitions import UNPROVEN_LIVES, ExhibitorState, kept_until
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.codes import clean_address, code_check, code_send
from khcn.programmes.services.consents import consent_give, consent_withdraw
from khcn.programmes.services.exhibitions import SUBJECT as EXHIBITOR
from khcn.programmes.services.exhibitions import own_link, tell
from khcn.programmes.tokens import link_token

SUBJECT: Final = "programmes.visitorcontact"
EMPTY: Final = {"name": "", "address": "", "message": "", "reply": ""}


def takes_contacts(exhibitor: Exhibitor) -> bool:
    """Whether somebody may leave a contact: accepted, reachable, the programme not closed."""
    return (
        exhibitor.state == ExhibitorState.ACCEPTED
        and bool(exhibitor.contact_address)
        and exhibitor.programme.state in OPEN_STATES
    )


@transaction.atomic
def contact_leave(
    *, exhibitor: Exhibitor, name: str, address: str, message: str, agreed: bool, visitor: str, client_key: str,
    now: datetime, wants_meeting: bool = False,
) -> VisitorContact:  # fmt: skip
    """Keep a contact, unseen, and send the code that proves its address.

    :raises ProgrammeError: closed, no name, no address, no consent. :raises CodeTooOftenError:
    """
    _open(exhibitor)
    said = kept_text(name, 150)
    if not said:
        raise ProgrammeError(_("Hãy ghi tên để đơn vị trưng bày biết gọi bạn là gì."), field="name")
    if not agreed:
        raise ProgrammeError(
            _(
                "Chúng tôi chỉ chuyển thông tin khi bạn đồng ý. Hãy đánh dấu ô đồng ý, hoặc tự liên hệ đơn vị."
            ),
            field="agreed",
        )
    _channel, clean = clean_address(address)
    key = client_key[:40]
    known = exhibitor.contacts.filter(client_key=key).first() if key else None
    if known is not None:
        return known
    try:
        with transaction.atomic():
            row = VisitorContact.objects.create(
                exhibitor=exhibitor, name=said, address=clean, message=kept_text(message, 1000), wants_meeting=wants_meeting,
                token=link_token(), client_key=key, created_at=now,
            )  # fmt: skip
    except IntegrityError:
        return exhibitor.contacts.get(client_key=key)
    contact_code(contact=row, visitor=visitor, now=now)
    return row


def contact_code(*, contact: VisitorContact, visitor: str, now: datetime) -> None:
    """Send the code (again). :raises GoneError: taken back already."""
    _standing(contact)
    code_send(
        address=contact.address, purpose=f"visitorcontact:{contact.pk}", visitor=visitor, now=now,
        about=_("gửi liên hệ tới %(name)s") % {"name": contact.exhibitor.name},
    )  # fmt: skip


def contact_confirm(*, contact: VisitorContact, digits: str, now: datetime) -> bool:
    """Take the code: from now on the exhibitor reads the contact. :raises CodeError: :raises GoneError:"""
    _standing(contact)
    if contact.confirmed_at is not None:
        return True
    code_check(address=contact.address, purpose=f"visitorcontact:{contact.pk}", digits=digits, now=now)
    with transaction.atomic():
        _shared(contact, now)
    return True


def _shared(contact: VisitorContact, now: datetime) -> None:
    if not VisitorContact.objects.filter(pk=contact.pk, confirmed_at=None, withdrawn_at=None).update(
        confirmed_at=now
    ):
        return
    exhibitor = contact.exhibitor
    consent_give(
        actor=None, programme=exhibitor.programme, subject=f"{SUBJECT}:{contact.pk}", subject_name=contact.name,
        purpose=ConsentPurpose.SHARE, now=now,
    )  # fmt: skip
    audit_record(actor=None, action="programmes.visitorcontact.share", target=contact, at=now)
    body = _("Bạn đã gửi liên hệ tới %(name)s. Mở đường dẫn này bất cứ lúc nào để rút lại.") % {
        "name": exhibitor.name
    }
    link = reverse("programmes:exhibition-contact", args=[contact.token])
    tell(contact.address, _("Đã gửi liên hệ"), body, link, now, f"{SUBJECT}.sent:{contact.pk}")
    body = _("Có khách để lại liên hệ cho %(name)s. Mở trang của bạn để xem.") % {"name": exhibitor.name}
    tell(
        exhibitor.contact_address, _("Có khách để lại liên hệ"), body, own_link(exhibitor), now,
        f"{SUBJECT}.told:{exhibitor.pk}:{local_date(now)}",
    )  # fmt: skip


@transaction.atomic
def contact_wish(
    *, sender: Exhibitor, exhibitor: Exhibitor, message: str, agreed: bool, now: datetime
) -> VisitorContact:
    """Let one exhibitor ask another of the same programme for a talk; its address is proven already.

    :raises ProgrammeError: not two accepted exhibitors of one programme, no consent.
    """
    _open(exhibitor)
    if (
        sender.pk == exhibitor.pk
        or sender.programme_id != exhibitor.programme_id
        or sender.state != ExhibitorState.ACCEPTED
    ):
        raise ProgrammeError(_("Hãy chọn một đơn vị khác đang trưng bày."), field="exhibitor")
    if not agreed:
        raise ProgrammeError(_("Hãy đồng ý chuyển thông tin liên hệ của bạn."), field="agreed")
    known = exhibitor.contacts.standing().filter(sender=sender).first()
    if known is not None:
        return known
    row = VisitorContact.objects.create(
        exhibitor=exhibitor, sender=sender, name=f"{sender.contact_name} ({sender.name})"[:150], wants_meeting=True,
        address=sender.contact_address, message=kept_text(message, 1000), token=link_token(), created_at=now,
    )  # fmt: skip
    _shared(row, now)
    return row


@transaction.atomic
def contact_reply(*, exhibitor: Exhibitor, contact: VisitorContact, reply: str, now: datetime) -> bool:
    """Answer a contact, for instance with a time to meet. :raises GoneError: not this exhibitor's, or taken back."""
    said = kept_text(reply, 500)
    if not said:
        raise ProgrammeError(_("Hãy ghi lời nhắn, ví dụ giờ hẹn gặp."), field="reply")
    held = exhibitor.contacts.standing().filter(pk=contact.pk)
    if not held.update(reply=said, replied_at=now):
        raise GoneError(_("Khách đã rút liên hệ này."))
    audit_record(actor=None, action="programmes.visitorcontact.reply", target=contact, at=now)
    body = _("%(name)s nhắn bạn: %(reply)s") % {"name": exhibitor.name, "reply": said}
    link = reverse("programmes:exhibition-contact", args=[contact.token])
    tell(
        contact.address,
        _("Đơn vị trưng bày trả lời bạn"),
        body,
        link,
        now,
        f"{SUBJECT}.reply:{contact.pk}:{now:%Y%m%d%H%M}",
    )
    return True


@transaction.atomic
def contact_withdraw(*, actor: Actor, contact: VisitorContact, now: datetime) -> None:
    """Take a contact back: the exhibitor sees it no more and nothing personal is left. Twice is once."""
    VisitorContact.objects.filter(pk=contact.pk, withdrawn_at=None).update(withdrawn_at=now)
    consent_withdraw(
        actor=actor, subject=f"{SUBJECT}:{contact.pk}", purpose=ConsentPurpose.SHARE, now=now, how="link"
    )
    person_erase(f"{SUBJECT}:{contact.pk}", now)


def share_follow(subject: str, purpose: str, now: datetime) -> None:
    """Empty a contact whose consent was taken back anywhere."""
    if purpose == ConsentPurpose.SHARE and subject.startswith(f"{SUBJECT}:"):
        pk = subject.partition(":")[2]
        if pk.isdigit():
            VisitorContact.objects.filter(pk=int(pk), withdrawn_at=None).update(withdrawn_at=now)
            person_erase(subject, now)


def person_erase(subject: str, now: datetime) -> None:
    """Empty what is personal of a contact or of an exhibitor's contact person."""
    kind, _colon, pk = subject.partition(":")
    if not pk.isdigit():
        return
    if kind == SUBJECT:
        VisitorContact.objects.filter(pk=int(pk), erased_at=None).update(erased_at=now, **EMPTY)
    elif kind == EXHIBITOR:
        held = Exhibitor.objects.filter(pk=int(pk), erased_at=None)
        held.update(erased_at=now, contact_name="", contact_address="", token=link_token())


def exhibitions_forget(now: datetime) -> int:
    """Empty personal data past its day, and delete what nobody proved within a day; return how many rows."""
    done = VisitorContact.objects.filter(confirmed_at=None, created_at__lt=now - UNPROVEN_LIVES).delete()[0]
    day = local_date(now)
    for row in (
        VisitorContact.objects.filter(erased_at=None).select_related("exhibitor__programme").iterator()
    ):
        programme = row.exhibitor.programme
        if kept_until(programme.keep_until, programme.ends_on, local_date(row.created_at)) < day:
            person_erase(f"{SUBJECT}:{row.pk}", now)
            done += 1
    for one in Exhibitor.objects.filter(erased_at=None).select_related("programme").iterator():
        if kept_until(one.programme.keep_until, one.programme.ends_on, local_date(one.created_at)) < day:
            person_erase(f"{EXHIBITOR}:{one.pk}", now)
            done += 1
    return done


def _open(exhibitor: Exhibitor) -> None:
    if not takes_contacts(exhibitor):
        raise ProgrammeError(
            _("Đơn vị này không nhận liên hệ qua trang này nữa. Hãy xem trang mạng của đơn vị.")
        )


def _standing(contact: VisitorContact) -> None:
    if contact.withdrawn_at or contact.erased_at:
        raise GoneError(_("Liên hệ này đã được rút."))
