"""A request that came on paper: the officer enters it for the school or the enterprise, and it waits like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.private_files import Upload
from khcn.core.references import reference_to
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.programmes.enums import ConsentForm, ConsentPurpose, SupportFileKind, SupportSource
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.permissions import acting, can_recommend_support
from khcn.programmes.rules.support import Line
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.consents import consent_give
from khcn.programmes.services.support_requests import (
    Asker,
    asker_check,
    file_add,
    request_save,
    request_submit,
)
from khcn.programmes.services.support_words import link_words
from khcn.programmes.tokens import link_token


@dataclass(frozen=True, slots=True)
class PaperRequest:
    """What stands on the paper. ``contact_address`` may be empty: then nobody is written to."""

    asker: Asker
    contact_address: str
    received_on: date
    purpose: str
    audience: str
    lines: Sequence[Line]
    agreed: bool = False


def request_enter_paper(
    *,
    actor: Actor,
    call: SupportCall,
    paper: PaperRequest,
    client_key: str,
    now: datetime,
    scan: Upload | None = None,
) -> SupportRequest:
    """Enter a paper and hand it in; the same form sent twice is one request.

    :raises PermissionDeniedError: not a focal officer. :raises ProgrammeError: what a web request would be refused for,
        a paper that came after the call closed, no consent on the paper.
    """
    if not can_recommend_support(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Đề nghị bằng giấy do chuyên viên của đơn vị đầu mối nhập."))
    key = client_key[:40]
    known = SupportRequest.objects.filter(call=call, client_key=key).first() if len(key) >= 16 else None
    if known is not None:
        return known
    _check(call, paper, now)
    name, contact = asker_check(call, paper.asker)
    address = clean_address(paper.contact_address)[1] if paper.contact_address.strip() else ""
    try:
        with transaction.atomic():
            row = SupportRequest.objects.create(
                call=call, unit=paper.asker.unit, organisation=name, folded_organisation=fold(name)[:200],
                sort_key=sort_key(name), organisation_kind=paper.asker.kind,
                registration_code=kept_text(paper.asker.registration_code, 40), address=kept_text(paper.asker.address, 300),
                contact_name=contact, contact_address=address, token=link_token(), client_key=key, created_at=now,
                source=SupportSource.PAPER, received_on=paper.received_on,
            )  # fmt: skip
            audit_record(
                actor=actor, action="programmes.support.paper", target=row, after={"received_on": paper.received_on}, at=now
            )  # fmt: skip
            consent_give(
                actor=actor, programme=call.programme, subject=str(reference_to(row)), subject_name=contact,
                purpose=ConsentPurpose.PROCESSING, form=ConsentForm.PAPER, now=now,
            )  # fmt: skip
            request_save(
                actor=actor, token=row.token, purpose=paper.purpose, audience=paper.audience, lines=paper.lines,
                revision=row.revision, now=now,
            )  # fmt: skip
            if scan is not None:
                file_add(token=row.token, kind=SupportFileKind.OTHER, file=scan, now=now)
            row = request_submit(actor=actor, token=row.token, now=now, late=True)
            link_words(row, now)
    except IntegrityError:
        again = SupportRequest.objects.filter(call=call, client_key=key).first()
        if again is None:
            raise
        return again
    return row


def _check(call: SupportCall, paper: PaperRequest, now: datetime) -> None:
    if paper.received_on > local_date(now):
        raise ProgrammeError(
            _("Ngày nhận giấy không thể sau hôm nay. Hãy ghi ngày trên dấu công văn đến."),
            field="received_on",
        )
    if not call.takes(now) and not _came_in_time(call, paper.received_on):
        raise ProgrammeError(
            _("Giấy đến khi đợt không nhận đề nghị. Hãy chọn đợt khác hoặc đề nghị ngoài đợt."), field="call"
        )
    if not paper.agreed:
        raise ProgrammeError(
            _(
                "Chỉ nhập khi người liên hệ đã ký đồng ý trên giấy. Chưa có thì hãy gửi họ đường dẫn xin hỗ trợ."
            ),
            field="agreed",
        )


def _came_in_time(call: SupportCall, day: date) -> bool:
    """Whether a paper came while the call was open, although it is entered only now."""
    programme = call.programme
    return (
        call.is_open
        and programme is not None
        and programme.closes_at is not None
        and (programme.opens_at is None or local_date(programme.opens_at) <= day)
        and day <= local_date(programme.closes_at)
    )
