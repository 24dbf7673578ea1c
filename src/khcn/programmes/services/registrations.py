"""Registering, changing, cancelling, approving: what everybody else calls. Seats: :mod:`registrations_seats`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.references import reference_to
from khcn.engines.text.collate import person_key
from khcn.engines.text.fold import fold
from khcn.programmes.enums import STANDING, ConsentBy, ConsentForm, RegistrationState, RegistrationWay
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.rules.questions import answers_clean
from khcn.programmes.rules.registrations import (
    Fault,
    PeopleError,
    Person,
    check_alone,
    is_minor,
    person_clean,
)
from khcn.programmes.selectors.registrations import Seats, seats_of
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.consents import consent_give
from khcn.programmes.services.registrations_groups import group_create, people_add
from khcn.programmes.services.registrations_seats import (
    check_actor,
    closed_words,
    place_lock,
    row_made,
    seats_given,
    tell,
    waiting_promote,
)

__all__ = [
    "ConsentGiven",
    "Fault",
    "PeopleError",
    "Person",
    "Seats",
    "group_create",
    "people_add",
    "registration_approve",
    "registration_cancel",
    "registration_create",
    "registration_refuse",
    "registration_update",
    "seats_of",
]

_MADE = {
    RegistrationState.CONFIRMED: gettext_lazy(
        "Bạn đã có chỗ: %(title)s. Vé và mọi thay đổi ở đường dẫn dưới đây; đừng chuyển cho người khác."
    ),
    RegistrationState.WAITING: gettext_lazy(
        "Đã hết chỗ, bạn ở trong danh sách chờ: %(title)s. Có chỗ sẽ nhắn ngay."
    ),
    RegistrationState.REQUESTED: gettext_lazy(
        "Đã nhận đăng ký của bạn: %(title)s. Đơn vị tổ chức sẽ duyệt và trả lời."
    ),
}


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """One box that was ticked, or one line of a signed paper."""

    purpose: str
    by: str = ""  # empty: the person, as a child or an adult
    by_name: str = ""
    form: str = ConsentForm.WEB
    paper: str = ""


def registration_create(
    *, programme: Programme, person: Person, now: datetime, session: Session | None = None,
    group: RegistrationGroup | None = None, consents: Sequence[str | ConsentGiven] = (), client_key: str = "",
    actor: Actor = None, address: str = "", approved: bool = False,
) -> Registration:  # fmt: skip
    """Register one person; the same ``client_key`` again returns the first row.

    :param actor: who enters it on the desk (opening hours do not bind); ``None``: the person itself, or the system.
    :param address: proven by a code before. :param approved: needs no approval any more.
    :raises ProgrammeError: closed, full without a waiting list, registered before, a field that will not do.
    :raises PermissionDeniedError: an actor who does not run the programme.
    """
    check_actor(actor, programme, now)
    year = local_date(now).year
    clean = person_clean(person, year)
    contact = clean_address(address)[1] if address else ""
    if actor is None and group is None:
        check_alone(clean, year)
    answers = answers_clean(
        programme.questions, clean.answers, clean.audience, lenient=bool(group) or actor is not None
    )
    clean = replace(clean, answers=answers)
    with transaction.atomic():
        locked, place = place_lock(programme.pk, session or (group.session if group else None))
        if client_key and (first := _sent_before(locked, client_key, contact)):
            return first
        way = RegistrationWay.GROUP if group else RegistrationWay.PERSON
        if actor is None and (why := closed_words(locked, way, now, place)):
            raise ProgrammeError(why, code="closed")
        _not_twice(locked, place, clean, contact)
        seats, states = seats_given(locked, place, 1, approved=approved)
        row = row_made(
            locked, place, clean, now, state=states[0], arrival=seats.last + 1, group=group, address=contact,
            client_key=client_key, actor=actor,
        )  # fmt: skip
        row.save(force_insert=True)
        audit_record(
            actor=actor, action="programmes.registration.create", target=reference_to(row), after={"state": row.state}, at=now
        )  # fmt: skip
        _consents(row, consents, actor, now)
        tell(row, str(_MADE[RegistrationState(row.state)]), "made", now)
    return row


def _sent_before(programme: Programme, client_key: str, address: str) -> Registration | None:
    row = Registration.objects.filter(programme=programme, client_key=client_key).first()
    if row is not None and row.contact_address != address:
        raise ProgrammeError(_("Hãy mở lại trang đăng ký rồi gửi lần nữa."))
    return row


def _not_twice(programme: Programme, session: Session | None, person: Person, address: str) -> None:
    if not address:
        return
    same = Registration.objects.filter(
        programme=programme, session=session, contact_address=address, folded_name=fold(person.name)[:150],
        birth_year=person.birth_year, state__in=STANDING,
    )  # fmt: skip
    if same.exists():
        raise ProgrammeError(
            _(
                "Người này đã đăng ký hoạt động này rồi. Hãy mở đường dẫn trong tin đã nhận để xem hoặc sửa đăng ký."
            ),
            field="name",
            code="twice",
        )


def _consents(row: Registration, consents: Sequence[str | ConsentGiven], actor: Actor, now: datetime) -> None:
    own = ConsentBy.CHILD if row.is_minor else ConsentBy.SELF
    for one in consents:
        given = ConsentGiven(one) if isinstance(one, str) else one
        consent_give(
            actor=actor, programme=row.programme, subject=str(reference_to(row)), subject_name=row.name,
            purpose=given.purpose, by=given.by or own, by_name=given.by_name or ("" if given.by else row.name),
            form=given.form, paper=given.paper, now=now,
        )  # fmt: skip


def registration_update(
    *, registration: Registration, person: Person, now: datetime, actor: Actor = None
) -> Registration:
    """Put right who registered. :raises ProgrammeError: a field that will not do, or it is cancelled."""
    check_actor(actor, registration.programme, now)
    year = local_date(now).year
    clean = person_clean(person, year)
    if actor is None and registration.group_id is None:
        check_alone(clean, year)
    lenient = actor is not None or registration.group_id is not None
    answers = answers_clean(registration.programme.questions, clean.answers, clean.audience, lenient=lenient)
    with transaction.atomic():
        row = (
            Registration.objects.select_for_update(of=("self",))
            .select_related("programme")
            .get(pk=registration.pk)
        )
        if row.state not in STANDING or row.erased_at:
            raise StaleError(_("Đăng ký này đã hủy nên không sửa được. Hãy đăng ký lại."))
        row.name, row.folded_name, row.sort_key = clean.name, fold(clean.name)[:150], person_key(clean.name)
        row.audience, row.sex, row.birth_year = clean.audience, clean.sex, clean.birth_year
        row.organisation, row.class_name = clean.organisation, clean.class_name
        row.guardian_name, row.answers = clean.guardian_name, answers
        row.is_minor = is_minor(clean.audience, clean.birth_year, year)
        row.revision += 1
        row.save()
        audit_record(actor=actor, action="programmes.registration.update", target=reference_to(row), at=now)
    return row


def registration_cancel(*, registration: Registration, now: datetime, actor: Actor = None) -> bool:
    """Cancel; the first who waits gets the seat and is told. Return whether it stood until now."""
    check_actor(actor, registration.programme, now)
    with transaction.atomic():
        programme = Programme.objects.select_for_update(no_key=True).get(pk=registration.programme_id)
        standing = Registration.objects.filter(pk=registration.pk, state__in=STANDING)
        if not standing.update(state=RegistrationState.CANCELLED, cancelled_at=now):
            return False
        audit_record(
            actor=actor, action="programmes.registration.cancel", target=reference_to(registration), at=now
        )  # fmt: skip
        if actor is not None:
            tell(registration, _("Đăng ký của bạn đã được hủy: %(title)s."), "cancelled", now)
        waiting_promote(programme, registration.session, now)
    return True


def registration_approve(*, actor: Actor, registration: Registration, now: datetime) -> Registration:
    """Say yes: a seat when there is one, the waiting list when not. :raises StaleError: decided already."""
    check_actor(actor, registration.programme, now)
    with transaction.atomic():
        programme = Programme.objects.select_for_update(no_key=True).get(pk=registration.programme_id)
        row = Registration.objects.select_related("programme", "session").get(pk=registration.pk)
        if row.state != RegistrationState.REQUESTED:
            raise StaleError(_("Đăng ký này đã có người xử lý. Hãy xem lại danh sách."))
        _seats, states = seats_given(programme, row.session, 1, approved=True)
        row.state, row.revision = states[0], row.revision + 1
        row.confirmed_at = now if row.state == RegistrationState.CONFIRMED else None
        row.save(update_fields=["state", "revision", "confirmed_at"])
        audit_record(
            actor=actor, action="programmes.registration.approve", target=reference_to(row), after={"state": row.state}, at=now
        )  # fmt: skip
        tell(row, str(_MADE[RegistrationState(row.state)]), "approved", now)
    return row


def registration_refuse(*, actor: Actor, registration: Registration, now: datetime, reason: str) -> bool:
    """Say no, with the reason that the person reads. :raises ProgrammeError: no reason; :raises StaleError:"""
    check_actor(actor, registration.programme, now)
    words = " ".join(reason.split())[:500]
    if not words:
        raise ProgrammeError(_("Hãy ghi lý do: người đăng ký sẽ đọc câu này."), field="reason")
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=registration.programme_id)
        waiting = Registration.objects.filter(
            pk=registration.pk, state__in=[RegistrationState.REQUESTED, RegistrationState.WAITING]
        )
        if not waiting.update(state=RegistrationState.REFUSED, refuse_reason=words):
            raise StaleError(_("Đăng ký này đã có người xử lý. Hãy xem lại danh sách."))
        audit_record(
            actor=actor, action="programmes.registration.refuse", target=reference_to(registration), reason=words[:300], at=now
        )  # fmt: skip
        tell(
            registration,
            _("Đăng ký của bạn chưa được nhận: %(title)s. Lý do ở đường dẫn dưới đây."),
            "refused",
            now,
        )
    return True
