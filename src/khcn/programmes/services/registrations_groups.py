"""Groups: a school, an enterprise or a unit registers its people; its contact manages them by a secret link."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import KhcnError
from khcn.core.private_files import PICTURES, Drawer, Upload
from khcn.core.references import reference_to
from khcn.engines.text.fold import fold
from khcn.programmes.enums import (
    STANDING,
    ConsentBy,
    ConsentForm,
    ConsentPurpose,
    RegistrationState,
    RegistrationWay,
)
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.rules.questions import answers_clean
from khcn.programmes.rules.registrations import (
    Fault,
    PeopleError,
    Person,
    line_of,
    person_clean,
    same_person,
)
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.consents import consent_give
from khcn.programmes.services.registrations_seats import (
    check_actor,
    closed_words,
    place_lock,
    row_made,
    seats_given,
    waiting_promote,
    write_to,
)
from khcn.programmes.tokens import link_token, ticket_code

MOST_PEOPLE: Final = 2000
PAPERS: Final = Drawer("programmes/consents", PICTURES | {"pdf"})


def group_create(
    *, programme: Programme, now: datetime, name: str, people: Sequence[Person] = (), contact_name: str = "",
    contact_address: str = "", label: str = "", session: Session | None = None,
    client_key: str = "", actor: Actor = None, approved: bool = False, agreed: bool = False,
) -> RegistrationGroup:  # fmt: skip
    """Register a group with its people: all of them, or nothing and the faults by row. The same key again is once.

    :param agreed: the contact ticked the box about the own name and address.

    :raises ProgrammeError: closed, no name. :raises PeopleError: rows that will not do.
    """
    check_actor(actor, programme, now)
    title = line_of(name, 200, "name")
    if not title:
        raise ProgrammeError(_("Hãy ghi tên trường, đơn vị hoặc doanh nghiệp."), field="name")
    address = clean_address(contact_address)[1] if contact_address else ""
    with transaction.atomic():
        locked, place = place_lock(programme.pk, session)
        if client_key:
            first = RegistrationGroup.objects.filter(programme=locked, client_key=client_key).first()
            if first is not None and first.contact_address == address:
                return first
        if actor is None and (why := closed_words(locked, RegistrationWay.GROUP, now, place)):
            raise ProgrammeError(why, code="closed")
        group = RegistrationGroup.objects.create(
            programme=locked, session=place, name=title, folded_name=fold(title),
            label=line_of(label, 100, "label"), contact_name=line_of(contact_name, 150, "contact_name"),
            contact_address=address, token=link_token(), ticket=ticket_code(), client_key=client_key, created_at=now,
        )  # fmt: skip
        audit_record(
            actor=actor, action="programmes.group.create", target=reference_to(group), after={"people": len(people)}, at=now
        )  # fmt: skip
        if agreed:
            consent_give(
                actor=actor, programme=locked, subject=str(reference_to(group)), subject_name=group.contact_name,
                purpose=ConsentPurpose.PROCESSING, by_name=group.contact_name, now=now,
            )  # fmt: skip
        if people:
            _add(locked, place, group, people, now, actor, approved=approved)
        words = {"title": locked.title, "name": title}
        body = _("Đoàn %(name)s đăng ký: %(title)s. Thêm, bớt người và in phiếu đồng ý ở đường dẫn dưới đây; đừng chuyển cho người khác.")  # fmt: skip
        link = reverse("programmes:group", args=[group.token])
        write_to(address, body % words, link, f"programmes.group:{group.pk}:made", now)
    return group


def people_add(
    *, group: RegistrationGroup, people: Sequence[Person], now: datetime, actor: Actor = None,
    approved: bool = False, rows: Sequence[int] = (),
) -> list[Registration]:  # fmt: skip
    """Add people to a group: all, or nothing and the faults by row. ``rows``: their numbers in the sheet.

    :raises PeopleError, ProgrammeError: closed, full without a waiting list.
    """
    check_actor(actor, group.programme, now)
    with transaction.atomic():
        locked, place = place_lock(group.programme_id, group.session)
        if RegistrationGroup.objects.filter(pk=group.pk, cancelled_at=None).first() is None:
            raise GoneError(_("Đoàn này đã hủy. Hãy đăng ký đoàn mới."))
        if actor is None and (why := closed_words(locked, RegistrationWay.GROUP, now, place)):
            raise ProgrammeError(why, code="closed")
        made = _add(locked, place, group, people, now, actor, approved=approved, rows=rows)
        audit_record(
            actor=actor, action="programmes.group.add", target=reference_to(group), after={"people": len(made)}, at=now
        )  # fmt: skip
    return made


def people_checked(
    programme: Programme, people: Sequence[Person], year: int, known: Sequence[Person] = (), rows: Sequence[int] = ()
) -> tuple[list[Person], list[Fault]]:  # fmt: skip
    """Return people as they would be kept, and what is wrong by row. Writes nothing: the preview."""
    clean: list[Person] = []
    faults: list[Fault] = []
    seen = {same_person(one) for one in known}
    for place, person in enumerate(people):
        where = _("dòng %(n)s") % {"n": rows[place] if place < len(rows) else place + 1}
        try:
            one = person_clean(person, year)
            answers = answers_clean(programme.questions, one.answers, one.audience, lenient=True)
            one = replace(one, answers=answers)
            if same_person(one) in seen:
                raise ProgrammeError(
                    _(
                        "Người này đã có trong danh sách. Nếu là hai người trùng tên, hãy ghi thêm dấu phân biệt."
                    ),
                    field="name",
                )
            seen.add(same_person(one))
            clean.append(one)
        except KhcnError as error:
            faults.append(Fault(where, "", error.message))
    return clean, faults


def known_people(group: RegistrationGroup) -> list[Person]:
    """Return who stands in a group already."""
    rows = group.people.filter(state__in=STANDING, erased_at=None)
    return [
        Person(row.name, row.audience, row.sex, row.birth_year, class_name=row.class_name) for row in rows
    ]


def _add(  # noqa: PLR0917
    programme: Programme, session: Session | None, group: RegistrationGroup, people: Sequence[Person], now: datetime,
    actor: Actor, *, approved: bool, rows: Sequence[int] = (),
) -> list[Registration]:  # fmt: skip
    known = known_people(group)
    if len(people) + len(known) > MOST_PEOPLE:
        raise PeopleError(
            _("Một đoàn có nhiều nhất %(most)s người. Hãy chia thành nhiều đoàn.") % {"most": MOST_PEOPLE}
        )
    clean, faults = people_checked(programme, people, local_date(now).year, known, rows)
    if faults:
        raise PeopleError(_("Có dòng chưa đúng nên chưa ghi ai. Sửa rồi gửi lại."), tuple(faults))
    seats, states = seats_given(programme, session, len(clean), approved=approved)
    made = [
        row_made(
            programme, session, one, now, state=state, arrival=seats.last + place, group=group, actor=actor
        )
        for place, (one, state) in enumerate(zip(clean, states, strict=True), start=1)
    ]
    return Registration.objects.bulk_create(made, batch_size=500)


def group_update(
    *, group: RegistrationGroup, name: str, label: str, contact_name: str, now: datetime, actor: Actor = None
) -> RegistrationGroup:
    """Put right how a group is called and who is in charge."""
    check_actor(actor, group.programme, now)
    title = line_of(name, 200, "name")
    if not title:
        raise ProgrammeError(_("Hãy ghi tên trường, đơn vị hoặc doanh nghiệp."), field="name")
    with transaction.atomic():
        group.name, group.folded_name = title, fold(title)
        group.label, group.contact_name = (
            line_of(label, 100, "label"),
            line_of(contact_name, 150, "contact_name"),
        )
        group.revision += 1
        group.save(update_fields=["name", "folded_name", "label", "contact_name", "revision"])
        audit_record(actor=actor, action="programmes.group.update", target=reference_to(group), at=now)
    return group


def group_cancel(*, group: RegistrationGroup, now: datetime, actor: Actor = None) -> bool:
    """Cancel a whole group; who waits gets its seats. Return whether it stood until now."""
    check_actor(actor, group.programme, now)
    with transaction.atomic():
        programme = Programme.objects.select_for_update(no_key=True).get(pk=group.programme_id)
        standing = RegistrationGroup.objects.filter(pk=group.pk, cancelled_at=None)
        if not standing.update(cancelled_at=now, revision=group.revision + 1):
            return False
        group.people.filter(state__in=STANDING).update(state=RegistrationState.CANCELLED, cancelled_at=now)
        audit_record(actor=actor, action="programmes.group.cancel", target=reference_to(group), at=now)
        waiting_promote(programme, group.session, now)
    return True


def paper_consents_record(
    *, group: RegistrationGroup, people: Sequence[int], purposes: Sequence[str], by: str, now: datetime,
    scan: Upload | None = None, actor: Actor = None,
) -> int:  # fmt: skip
    """Enter signed papers for chosen people, or the whole class at once; return how many lines of the ledger stand.

    :param by: ``child`` or ``guardian`` (``self`` for adults). :raises ProgrammeError: nobody or nothing was chosen.
    """
    check_actor(actor, group.programme, now)
    rows = list(group.people.filter(pk__in=people, state__in=STANDING, erased_at=None))
    wanted = [one for one in purposes if one in {"processing", *group.programme.purpose_list}]
    if not rows or not wanted or by not in ConsentBy.values:
        raise ProgrammeError(_("Hãy chọn người, mục đích và ai đã ký."), field="people")
    kept = PAPERS.keep(scan) if scan is not None else None
    try:
        with transaction.atomic():
            for row in rows:
                signer = row.guardian_name if by == ConsentBy.GUARDIAN else row.name
                for purpose in wanted:
                    consent_give(
                        actor=actor, programme=group.programme, subject=str(reference_to(row)), subject_name=row.name,
                        purpose=purpose, by=by, by_name=signer, form=ConsentForm.PAPER, paper=kept.name if kept else "",
                        now=now,
                    )  # fmt: skip
    except BaseException:
        if kept:
            PAPERS.drop(kept.name)
        raise
    return len(rows) * len(wanted)
