"""Who wants to be called after a self-check: asked with consent, called by the focal officer, taken back, forgotten."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.errors import PermissionDeniedError
from khcn.core.references import reference_to
from khcn.programmes.enums import ConsentPurpose
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.readiness import Check, ReadinessCall
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_readiness import can_read_calls
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.consents import consent_give, consent_withdraw
from khcn.programmes.tokens import link_token

SUBJECT: Final = "programmes.readinesscall"
CLOSED_KEPT: Final = timedelta(days=90)
A_TIME: Final = 500


@transaction.atomic
def call_ask(
    *, check: Check, name: str, address: str, wish: str, agreed: bool, tells_level: bool, client_key: str, now: datetime
) -> ReadinessCall:  # fmt: skip
    """Keep a wish to be called; the same form sent twice is one wish. The check is not joined to it.

    :param tells_level: the person lets the officer know the level. :raises ProgrammeError: no name, address or consent.
    """
    said = kept_line(name, 150)
    if not said:
        raise ProgrammeError(_("Hãy ghi tên để chúng tôi biết gọi bạn là gì."), field="name")
    if not agreed:
        raise ProgrammeError(
            _("Chúng tôi chỉ ghi số của bạn khi bạn đồng ý. Hãy đánh dấu ô đồng ý."), field="agreed"
        )
    _channel, clean = clean_address(address)
    key = client_key[:40]
    if (held := ReadinessCall.objects.filter(client_key=key).first()) is not None:
        return held
    level = check.questionnaire.sheet.level(check.level) if tells_level else None
    try:
        with transaction.atomic():
            row = ReadinessCall.objects.create(
                token=link_token(), client_key=key, name=said, address=clean, wish=kept_text(wish, 500),
                level=level.label[:120] if level else "", created_at=now,
            )  # fmt: skip
    except IntegrityError:
        return ReadinessCall.objects.get(client_key=key)
    consent_give(
        actor=None, programme=None, subject=str(reference_to(row)), subject_name=said,
        purpose=ConsentPurpose.CONTACT, now=now,
    )  # fmt: skip
    audit_record(actor=None, action="programmes.readinesscall.ask", target=row, at=now)
    return row


@transaction.atomic
def call_close(*, actor: Actor, call: ReadinessCall, note: str, now: datetime) -> None:
    """Write down what came of a call. :raises ProgrammeError: no note. :raises GoneError: closed or taken back already."""
    if not can_read_calls(acting(actor)):
        raise PermissionDeniedError(_("Chỉ chuyên viên đầu mối ghi kết quả cuộc gọi."))
    said = kept_text(note, 500)
    if not said:
        raise ProgrammeError(_("Hãy ghi ngắn gọn kết quả, ví dụ: đã gọi, hẹn đến lớp ngày 12."), field="note")
    closed = ReadinessCall.objects.waiting().filter(pk=call.pk)
    if not closed.update(closed_at=now, closed_by_id=actor_id(actor), note=said):
        raise GoneError(_("Đề nghị này đã có người ghi kết quả hoặc đã được rút. Hãy tải lại danh sách."))
    audit_record(actor=actor, action="programmes.readinesscall.close", target=call, at=now)


@transaction.atomic
def call_withdraw(*, call: ReadinessCall, now: datetime) -> None:
    """Take a wish back by its link: consent ends and nothing personal is left. Twice is once."""
    subject = str(reference_to(call))
    consent_withdraw(actor=None, subject=subject, purpose=ConsentPurpose.CONTACT, now=now, how="link")
    person_erase(subject, now)


def contact_follow(subject: str, purpose: str, now: datetime) -> None:
    """Forget a person whose consent was taken back anywhere."""
    if purpose == ConsentPurpose.CONTACT and subject.startswith(f"{SUBJECT}:"):
        person_erase(subject, now)


def person_erase(subject: str, now: datetime) -> None:
    """Empty what is personal of a call; the row stays and counts."""
    kind, _colon, pk = subject.partition(":")
    if kind != SUBJECT or not pk.isdigit():
        return
    rows = ReadinessCall.objects.filter(pk=int(pk), erased_at=None)
    if rows.update(erased_at=now, name="", address="", wish="", level="", note=""):
        Consent.objects.filter(subject=subject).update(subject_name="", by_name="")


def calls_forget(now: datetime) -> int:
    """Forget people ninety days after their call was closed. A periodic duty; return how many."""
    due = ReadinessCall.objects.filter(erased_at=None, closed_at__lt=now - CLOSED_KEPT)
    subjects = [f"{SUBJECT}:{pk}" for pk in due.values_list("pk", flat=True)[:A_TIME]]
    for subject in subjects:
        with transaction.atomic():
            consent_withdraw(
                actor=None, subject=subject, purpose=ConsentPurpose.CONTACT, now=now, how="kept long enough"
            )
            person_erase(subject, now)
    return len(subjects)
