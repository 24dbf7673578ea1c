"""How a seat is given: one short transaction that locks the programme, counts once, writes.

On PostgreSQL the lock is the programme's row (``FOR NO KEY UPDATE``), on SQLite the IMMEDIATE transaction. Everything
that changes who holds a seat passes here, so the order of arrival is the order of the locks.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_batch
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.engines.text.collate import person_key
from khcn.engines.text.fold import fold
from khcn.programmes.enums import (
    OPEN_STATES,
    ProgrammeState,
    RegistrationState,
    RegistrationWay,
    SessionState,
)
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.registrations import Person, is_minor
from khcn.programmes.selectors.registrations import Seats, seats_of
from khcn.programmes.services.codes import clean_address
from khcn.programmes.tokens import link_token, ticket_code


def check_actor(actor: Actor, programme: Programme, now: datetime) -> None:
    """Let the system and public links through; of people only who runs the programme."""
    if actor is not None and not can_run(acting(actor, local_date(now)), programme.unit_id):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối làm việc này.")
        )


def closed_words(programme: Programme, way: str, now: datetime, session: Session | None = None) -> str:  # noqa: PLR0911
    """Return why nobody can register now, by the server's clock; empty when it is open."""
    if programme.state == ProgrammeState.CANCELLED:
        return _("Hoạt động này đã hủy nên không nhận đăng ký.")
    if programme.state not in OPEN_STATES:
        return _("Hoạt động này không nhận đăng ký. Hãy xem các hoạt động khác trong lịch.")
    if programme.registration == RegistrationWay.NONE:
        return _("Hoạt động này không cần đăng ký. Mời bạn đến dự.")
    if programme.registration not in (way, RegistrationWay.BOTH):
        if way == RegistrationWay.PERSON:
            return _("Hoạt động này nhận đăng ký theo đoàn. Hãy chọn “Đăng ký cho đoàn”.")
        return _("Hoạt động này nhận đăng ký từng người. Hãy chọn “Đăng ký”.")
    if programme.opens_at and now < programme.opens_at:
        at = timezone.localtime(programme.opens_at)
        return _("Chưa đến giờ mở đăng ký: %(hour)s ngày %(day)s, theo giờ máy chủ.") % {
            "hour": f"{at:%H:%M}", "day": f"{at:%d/%m/%Y}",
        }  # fmt: skip
    over = programme.ends_on is not None and programme.ends_on < local_date(now)
    if over or (programme.closes_at and now >= programme.closes_at):
        return _("Đã hết hạn đăng ký. Nếu cần, hãy gọi đơn vị tổ chức theo thông tin liên hệ ở trang này.")
    if session is not None and session.state == SessionState.CANCELLED:
        return _("Buổi này đã hủy. Hãy chọn buổi khác.")
    if session is not None and session.over(now):
        return _("Buổi này đã kết thúc. Hãy chọn buổi khác.")
    return ""


def place_lock(programme_id: int, session: Session | None) -> tuple[Programme, Session | None]:
    """Lock a programme until the end of the transaction; return it and its session as they are now."""
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme_id)
    if not programme.by_session:
        return programme, None
    fresh = Session.objects.filter(programme=programme, pk=session.pk).first() if session else None
    if fresh is None:
        raise ProgrammeError(_("Hãy chọn buổi bạn muốn dự."), field="session")
    return programme, fresh


def seats_given(
    programme: Programme, session: Session | None, many: int, *, approved: bool
) -> tuple[Seats, list[str]]:
    """Return the count and the state of each of ``many`` people who come now, under the lock.

    :raises ProgrammeError: no seat is left and there is no waiting list (code ``full``).
    """
    seats = seats_of(programme, session)
    if programme.needs_approval and not approved:
        return seats, [RegistrationState.REQUESTED] * many
    free = many if seats.free is None else min(many, seats.free)
    if seats.waiting and seats.free is not None:
        free = max(0, min(many, seats.free - seats.waiting))  # who waits comes first
    if free < many and not programme.waiting_list:
        left = seats.free or 0
        text = (
            _("Chỉ còn %(left)s chỗ. Hãy bớt người rồi gửi lại.") % {"left": left}
            if left
            else _("Đã hết chỗ. Hãy xem các hoạt động khác, hoặc quay lại sau: có thể có người hủy.")
        )
        raise ProgrammeError(text, code="full")
    states: list[str] = [RegistrationState.CONFIRMED] * free
    return seats, states + [RegistrationState.WAITING] * (many - free)


def row_made(
    programme: Programme, session: Session | None, person: Person, now: datetime, *, state: str, arrival: int,
    group: RegistrationGroup | None, address: str = "", client_key: str = "", actor: Actor = None,
) -> Registration:  # fmt: skip
    """Return a registration, not saved."""
    year = local_date(now).year
    return Registration(
        programme=programme, session=session, group=group, arrival=arrival, state=state, name=person.name,
        folded_name=fold(person.name)[:150], sort_key=person_key(person.name), audience=person.audience, sex=person.sex,
        birth_year=person.birth_year, organisation=person.organisation, class_name=person.class_name,
        guardian_name=person.guardian_name, answers=dict(person.answers), contact_address=address,
        is_minor=is_minor(person.audience, person.birth_year, year), token=None if group else link_token(),
        ticket=ticket_code(), client_key=client_key, registered_by_id=actor_id(actor), created_at=now,
        confirmed_at=now if state == RegistrationState.CONFIRMED else None,
    )  # fmt: skip


def waiting_promote(programme: Programme, session: Session | None, now: datetime) -> list[Registration]:
    """Give free seats to who waits longest, under the caller's lock; tell them. Return who got one."""
    seats = seats_of(programme, session)
    if not seats.waiting or seats.free == 0:
        return []
    waiting = Registration.objects.filter(
        programme=programme, session=session, state=RegistrationState.WAITING
    )
    rows = list(waiting.select_related("group").order_by("arrival")[: seats.free])
    for row in rows:
        row.state, row.confirmed_at, row.revision = RegistrationState.CONFIRMED, now, row.revision + 1
    Registration.objects.bulk_update(rows, ["state", "confirmed_at", "revision"])
    audit_batch(
        actor=None, action="programmes.registration.promote", count=len(rows),
        summary={"programme": programme.pk, "registrations": [row.pk for row in rows][:100]}, at=now,
    )  # fmt: skip
    tell_promoted(programme, rows, now)
    return rows


def tell_promoted(programme: Programme, rows: Sequence[Registration], now: datetime) -> None:
    """Tell people, and the contact of a group once, that there is a seat."""
    groups: dict[int, list[Registration]] = {}
    for row in rows:
        if row.group is None:
            tell(row, _("Bạn đã có chỗ: %(title)s. Nếu không đến được, hãy hủy để nhường chỗ."), "seat", now)
        else:
            groups.setdefault(row.group.pk, []).append(row)
    for people in groups.values():
        group = people[0].group
        assert group is not None  # noqa: S101  # grouped by it
        words = {"n": len(people), "title": programme.title, "name": group.name}
        body = _("Đoàn %(name)s có thêm %(n)s người được xếp chỗ: %(title)s.") % words
        link = reverse("programmes:group", args=[group.token])
        key = f"programmes.group:{group.pk}:seat:{people[0].pk}:{people[0].revision}"
        write_to(group.contact_address, body, link, key, now)


def tell(row: Registration, sentence: str, about: str, now: datetime) -> None:
    """Write to who registered; people in a group are told through its contact."""
    if row.token and row.contact_address:
        link = reverse("programmes:registration", args=[row.token])
        key = f"programmes.registration:{row.pk}:{about}:{row.revision}"
        write_to(row.contact_address, sentence % {"title": row.programme.title}, link, key, now)


def write_to(address: str, body: str, link: str, key: str, now: datetime) -> None:
    """Put one message into the outbox by the way the address tells."""
    if not address:
        return
    channel, clean = clean_address(address)
    message_send(
        channel=channel, recipient=clean, subject=_("Đăng ký tham gia"), body=body, link=link, now=now, dedupe_key=key
    )  # fmt: skip


def seats_follow(now: datetime) -> int:
    """Give seats that became free otherwise (a larger room) to who waits. A periodic duty; return how many."""
    waiting = Registration.objects.filter(
        state=RegistrationState.WAITING, programme__state=ProgrammeState.PUBLISHED
    )
    count = 0
    for programme_id, session_id in waiting.order_by().values_list("programme_id", "session_id").distinct():
        with transaction.atomic():
            session = Session.objects.filter(pk=session_id).first() if session_id else None
            programme = Programme.objects.select_for_update(no_key=True).get(pk=programme_id)
            if (session is not None and session.over(now)) or (
                programme.ends_on is not None and programme.ends_on < local_date(now)
            ):
                continue
            count += len(waiting_promote(programme, session, now))
    return count
