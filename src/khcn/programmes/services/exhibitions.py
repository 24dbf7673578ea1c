"""Exhibitors: apply by code, be accepted or refused, keep the own page by secret link, withdraw."""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.engines.text.slug import slugify_vi
from khcn.programmes.enums import OPEN_STATES, WITH_EXHIBITORS, ConsentPurpose
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.exhibitions import Booth, Exhibitor
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.exhibitions import (
    RESERVED,
    UNPROVEN_LIVES,
    ExhibitorKind,
    ExhibitorState,
    ExhibitorText,
    clean_website,
)
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.codes import clean_address, code_check, code_send
from khcn.programmes.services.consents import consent_give
from khcn.programmes.tokens import link_token

SUBJECT: Final = "programmes.exhibitor"


def keeper(actor: Actor, programme: Programme, now: datetime) -> None:
    """Refuse who does not run the programme. :raises PermissionDeniedError:"""
    if not can_run(acting(actor, local_date(now)), programme.unit_id):
        raise PermissionDeniedError(_("Trưng bày do đơn vị tổ chức và chuyên viên đầu mối sắp xếp."))


def tell(  # noqa: PLR0917  # a message has these parts
    address: str, subject: str, body: str, link: str, now: datetime, key: str
) -> None:
    """Write to an address, when there is one."""
    if address:
        channel, clean = clean_address(address)
        message_send(
            channel=channel, recipient=clean, subject=subject, body=body, link=link, now=now, dedupe_key=key
        )


def takes_exhibitors(programme: Programme, now: datetime) -> bool:
    """Whether somebody may apply now."""
    day = local_date(now)
    return (
        programme.kind in WITH_EXHIBITORS
        and programme.state in OPEN_STATES
        and (programme.ends_on is None or programme.ends_on >= day)
        and (programme.opens_at is None or programme.opens_at <= now)
        and (programme.closes_at is None or programme.closes_at > now)
    )


@transaction.atomic
def exhibitor_apply(
    *, programme: Programme, values: ExhibitorText, address: str, visitor: str, client_key: str, now: datetime
) -> Exhibitor:
    """Keep an application and send the code that proves its address; the same form sent twice is one application.

    :raises ProgrammeError: not open, no name, a website that is none. :raises CodeTooOftenError:
    """
    if not takes_exhibitors(programme, now):
        raise ProgrammeError(_("Chương trình không nhận đăng ký trưng bày lúc này. Hãy hỏi đơn vị tổ chức."))
    known = (
        Exhibitor.objects.filter(programme=programme, client_key=client_key[:40]).first()
        if client_key
        else None
    )
    if known is not None:
        return known
    _channel, clean = clean_address(address)
    row = _made(programme, values, clean, now, client_key=client_key[:40])
    exhibitor_code(exhibitor=row, visitor=visitor, now=now)
    return row


def exhibitor_code(*, exhibitor: Exhibitor, visitor: str, now: datetime) -> None:
    """Send a code (again) to the address of an application."""
    code_send(
        address=exhibitor.contact_address, purpose=f"exhibitor:{exhibitor.pk}", visitor=visitor, now=now,
        about=_("đăng ký trưng bày: %(name)s") % {"name": exhibitor.name},
    )  # fmt: skip


def exhibitor_prove(*, exhibitor: Exhibitor, digits: str, now: datetime) -> Exhibitor:
    """Take the code: from now on the organisers see the application. :raises CodeError:"""
    if exhibitor.proven_at is not None:
        return exhibitor
    code_check(address=exhibitor.contact_address, purpose=f"exhibitor:{exhibitor.pk}", digits=digits, now=now)
    with transaction.atomic():
        if Exhibitor.objects.filter(pk=exhibitor.pk, proven_at=None).update(proven_at=now, updated_at=now):
            consent_give(
                actor=None, programme=exhibitor.programme, subject=f"{SUBJECT}:{exhibitor.pk}",
                subject_name=exhibitor.contact_name, purpose=ConsentPurpose.PROCESSING, now=now,
            )  # fmt: skip
            audit_record(actor=None, action="programmes.exhibitor.apply", target=exhibitor, at=now)
            body = _(
                "Chúng tôi đã nhận đăng ký trưng bày của %(name)s tại “%(title)s”. Giữ đường dẫn này để sửa thông tin."
            )
            tell(
                exhibitor.contact_address, _("Đã nhận đăng ký trưng bày"),
                body % {"name": exhibitor.name, "title": exhibitor.programme.title}, own_link(exhibitor), now,
                f"programmes.exhibitor.asked:{exhibitor.pk}",
            )  # fmt: skip
    exhibitor.refresh_from_db()
    return exhibitor


def own_link(exhibitor: Exhibitor) -> str:
    """Return the address of an exhibitor's own page."""
    return reverse("programmes:exhibitor-own", args=[exhibitor.token])


@transaction.atomic
def exhibitor_write_in(
    *,
    actor: Actor,
    programme: Programme,
    values: ExhibitorText,
    address: str,
    now: datetime,
) -> Exhibitor:
    """Enter an exhibitor whom the organisers invited: accepted at once, told its link. :raises PermissionDeniedError:"""
    keeper(actor, programme, now)
    if programme.kind not in WITH_EXHIBITORS:
        raise ProgrammeError(_("Chỉ triển lãm và buổi gặp gỡ có đơn vị trưng bày."))
    clean = clean_address(address)[1] if address.strip() else ""
    row = _made(programme, values, clean, now, proven_at=now, state=ExhibitorState.ACCEPTED)
    Exhibitor.objects.filter(pk=row.pk).update(decided_by_id=actor_id(actor), decided_at=now)
    audit_record(
        actor=actor, action="programmes.exhibitor.write_in", target=row, after={"name": row.name}, at=now
    )
    _told(row, now, accepted=True)
    return row


@transaction.atomic
def exhibitor_decide(
    *, actor: Actor, exhibitor: Exhibitor, accept: bool, answer: str, now: datetime
) -> Exhibitor:
    """Accept or refuse, with a message to the exhibitor; deciding the same again changes nothing.

    :raises PermissionDeniedError: :raises ProgrammeError: a refusal without a reason; it withdrew.
    """
    keeper(actor, exhibitor.programme, now)
    row = Exhibitor.objects.select_for_update().select_related("programme").get(pk=exhibitor.pk)
    state = ExhibitorState.ACCEPTED if accept else ExhibitorState.REFUSED
    said = kept_text(answer, 500)
    if row.state == state:
        return row
    if row.state == ExhibitorState.WITHDRAWN or row.proven_at is None:
        raise ProgrammeError(_("Đơn vị này đã rút hoặc chưa xác nhận địa chỉ liên hệ."))
    if not accept and not said:
        raise ProgrammeError(_("Hãy ghi lý do để đơn vị đăng ký biết."), field="answer")
    before = row.state
    row.state, row.answer, row.decided_at, row.updated_at = state, said, now, now
    row.decided_by_id = actor_id(actor)
    row.revision += 1
    row.save()
    if not accept:
        Booth.objects.filter(exhibitor=row).update(exhibitor=None)
    audit_record(
        actor=actor, action="programmes.exhibitor.decide", target=row, before={"state": before}, after={"state": state},
        reason=said, at=now,
    )  # fmt: skip
    _told(row, now, accepted=accept)
    return row


def _told(row: Exhibitor, now: datetime, *, accepted: bool) -> None:
    about = {"name": row.name, "title": row.programme.title, "answer": row.answer}
    if accepted:
        subject = _("Được nhận trưng bày")
        body = _(
            "%(name)s được trưng bày tại “%(title)s”. Hãy mở đường dẫn để thêm sản phẩm và ảnh. %(answer)s"
        )
    else:
        subject = _("Chưa nhận đăng ký trưng bày")
        body = _("Rất tiếc, “%(title)s” chưa nhận %(name)s. Lý do: %(answer)s")
    key = f"programmes.exhibitor.decided:{row.pk}:{row.revision}:{row.state}"
    tell(row.contact_address, subject, (body % about).strip(), own_link(row), now, key)


@transaction.atomic
def exhibitor_update(
    *, actor: Actor, exhibitor: Exhibitor, values: ExhibitorText, now: datetime
) -> Exhibitor:
    """Change what an exhibitor says; the caller checked the secret link or the right to run the programme."""
    row = Exhibitor.objects.select_for_update().get(pk=exhibitor.pk)
    if row.state == ExhibitorState.WITHDRAWN:
        raise GoneError(_("Đơn vị này đã rút khỏi chương trình."))
    name, website = _checked(values)
    before = {"name": row.name, "text": row.text, "website": row.website}
    row.name, row.folded_name, row.sort_key = name, fold(name), sort_key(name)
    row.kind, row.text, row.website = values.kind, kept_text(values.text, 3000), website
    row.contact_name, row.updated_at = kept_text(values.contact_name, 150), now
    row.revision += 1
    row.save()
    after = {"name": row.name, "text": row.text, "website": row.website}
    if before != after:
        audit_record(
            actor=actor, action="programmes.exhibitor.update", target=row, before=before, after=after, at=now
        )
    return row


@transaction.atomic
def exhibitor_withdraw(*, exhibitor: Exhibitor, now: datetime) -> None:
    """Take an exhibitor back by its secret link; its booths are free again, its page is gone."""
    changed = Exhibitor.objects.filter(pk=exhibitor.pk).exclude(state=ExhibitorState.WITHDRAWN)
    if changed.update(state=ExhibitorState.WITHDRAWN, updated_at=now):
        Booth.objects.filter(exhibitor_id=exhibitor.pk).update(exhibitor=None)
        audit_record(actor=None, action="programmes.exhibitor.withdraw", target=exhibitor, at=now)


def unproven_forget(now: datetime) -> int:
    """Delete applications whose address nobody proved within a day."""
    old = Exhibitor.objects.filter(proven_at=None, created_at__lt=now - UNPROVEN_LIVES)
    return old.delete()[0]


def _checked(values: ExhibitorText) -> tuple[str, str]:
    name = kept_text(values.name, 200)
    if not name:
        raise ProgrammeError(_("Hãy ghi tên đơn vị trưng bày."), field="name")
    if values.kind not in ExhibitorKind.values:
        raise ProgrammeError(_("Hãy chọn loại đơn vị."), field="kind")
    website = clean_website(values.website)
    if website is None:
        raise ProgrammeError(
            _("Địa chỉ trang mạng phải bắt đầu bằng https:// (ví dụ https://vidu.vn)."), field="website"
        )
    return name, website


def _made(
    programme: Programme, values: ExhibitorText, address: str, now: datetime, **more: object
) -> Exhibitor:
    name, website = _checked(values)
    stem = (slugify_vi(name) or "don-vi")[:60].strip("-")
    taken = set(
        Exhibitor.objects.filter(programme=programme, key__startswith=stem).values_list("key", flat=True)
    )
    key, number = stem, 1
    while key in taken or key in RESERVED:
        number += 1
        key = f"{stem}-{number}"
    fields = {
        "key": key, "kind": values.kind, "name": name, "folded_name": fold(name), "sort_key": sort_key(name),
        "text": kept_text(values.text, 3000), "website": website, "contact_name": kept_text(values.contact_name, 150),
        "contact_address": address, "token": link_token(), "created_at": now, "updated_at": now,
    }  # fmt: skip
    try:
        with transaction.atomic():
            return Exhibitor.objects.create(programme=programme, **(fields | more))
    except IntegrityError:  # the same form, or the same name, sent twice at once
        sent = str(more.get("client_key", ""))
        found = Exhibitor.objects.filter(programme=programme, client_key=sent).first() if sent else None
        if found is None:
            raise ProgrammeError(_("Có người vừa đăng ký cùng tên. Hãy gửi lại lần nữa.")) from None
        return found
