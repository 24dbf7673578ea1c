"""People of a roster one by one: written in, corrected, moved, ended, tied to an account, sent the link to their record."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.enums import Channel
from khcn.core.outbox.rules import RecipientError, clean_mail, clean_phone
from khcn.core.outbox.services import message_send
from khcn.engines.text.collate import person_key
from khcn.engines.text.fold import fold
from khcn.orgs.models import Party, Unit, User
from khcn.programmes.enums_training import Staff
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.training import TrainingPerson, TrainingPost
from khcn.programmes.rules.registrations import line_of
from khcn.programmes.rules.training import last_day_before
from khcn.programmes.rules.training_roster import AHEAD, EARLIEST
from khcn.programmes.services.codes import clean_address, code_check, code_send
from khcn.programmes.services.training_roster import keeper, position_of, unit_locked
from khcn.programmes.services.training_setup import officer_only
from khcn.programmes.tokens import link_token

LINK_LIVES: Final = timedelta(days=30)
PURPOSE: Final = "training:own"


@dataclass(frozen=True, slots=True)
class PersonWish:
    """Somebody as entered by hand."""

    name: str
    position: str
    audience: str
    starts_on: date
    ends_on: date | None = None
    email: str = ""
    phone: str = ""
    party: Party | None = None


def _ways(wish: PersonWish) -> dict[str, str]:
    found = {"email": "", "phone": ""}
    for name, clean, text in (
        ("email", clean_mail, wish.email.strip()),
        ("phone", clean_phone, wish.phone.strip()),
    ):
        try:
            found[name] = clean(text).lower() if text else ""
        except RecipientError as error:
            raise ProgrammeError(error.message, field=name) from None
    return found


def _checked(wish: PersonWish, today: date) -> tuple[str, str]:
    name, title = line_of(wish.name, 150, "name"), line_of(wish.position, 150, "position")
    for field, text in (("name", name), ("position", title)):
        if not any(sign.isalpha() for sign in text):
            raise ProgrammeError(_("Ô này phải có chữ. Hãy ghi đầy đủ."), field=field)
    if wish.audience not in Staff.values:
        raise ProgrammeError(_("Hãy chọn trong danh sách."), field="audience")
    if not EARLIEST <= wish.starts_on <= today + AHEAD:
        raise ProgrammeError(
            _("Ngày %(day)s không hợp lý. Hãy kiểm tra lại năm.") % {"day": date_vi(wish.starts_on)},
            field="starts_on",
        )
    if wish.ends_on is not None and wish.ends_on < wish.starts_on:
        raise ProgrammeError(_("Ngày kết thúc phải sau ngày bắt đầu."), field="ends_on")
    return name, title


@transaction.atomic
def person_save(
    *, actor: Actor, unit: Unit, wish: PersonWish, now: datetime, person_id: int | None = None
) -> TrainingPerson:
    """Write somebody into the roster of a unit, or correct who is there.

    :raises PermissionDeniedError: :raises ProgrammeError: what is wrong beside its field. :raises StaleError:
    """
    keeper(actor, unit.pk, now)
    unit_locked(unit.pk)
    today = local_date(now)
    name, title = _checked(wish, today)
    names = {"name": name, "folded_name": fold(name)[:150], "sort_key": person_key(name)}
    ways = _ways(wish)
    position = position_of(unit, title, wish.audience, now)
    values = {
        "position": position, "audience": wish.audience, "party": wish.party, "starts_on": wish.starts_on,
        "ends_on": wish.ends_on,
    }  # fmt: skip
    try:
        with transaction.atomic():
            if person_id is None:
                _not_twice(unit, names["folded_name"], ways, today)
                person = TrainingPerson.objects.create(created_at=now, **names, **ways)
                TrainingPost.objects.create(person=person, unit=unit, office_on=wish.starts_on, **values)
            else:
                person, post = _held(person_id, unit, today)
                TrainingPerson.objects.filter(pk=person.pk).update(
                    revision=person.revision + 1, **names, **ways
                )
                office = wish.starts_on if wish.starts_on != post.starts_on else post.office_on
                TrainingPost.objects.filter(pk=post.pk).update(office_on=office, **values)
    except IntegrityError:
        taken = (
            TrainingPerson.objects.filter(email=ways["email"]).exclude(pk=person_id or 0).exists()
            if ways["email"]
            else False
        )
        raise ProgrammeError(
            _(
                "Địa chỉ này đã ghi cho một người khác. Mỗi người một địa chỉ; hãy kiểm tra lại, hoặc nhờ đơn vị đầu mối."
            ),
            field="email" if taken else "phone",
        ) from None
    action = "programmes.training.person_change" if person_id else "programmes.training.person_add"
    audit_record(actor=actor, action=action, target=person, after={"unit": unit.pk}, at=now)
    person.refresh_from_db()
    return person


def _not_twice(unit: Unit, folded: str, ways: dict[str, str], today: date) -> None:
    same = (
        TrainingPost.objects.listed(today)
        .filter(unit=unit, person__folded_name=folded)
        .select_related("person")
    )
    if any(not ((one.person.email or one.person.phone) and any(ways.values())) for one in same):
        raise ProgrammeError(
            _("Trong danh sách đã có người tên này. Nếu là người khác, hãy ghi thư điện tử hoặc điện thoại của cả hai."), field="name"
        )  # fmt: skip


def _held(person_id: int, unit: Unit, today: date) -> tuple[TrainingPerson, TrainingPost]:
    person = TrainingPerson.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    post = (
        TrainingPost.objects.listed(today)
        .filter(person_id=person_id, unit=unit)
        .order_by("-starts_on")
        .first()
    )
    if person is None or post is None:
        raise StaleError(_("Người này không còn trong danh sách của đơn vị. Hãy tải lại trang."))
    return person, post


@transaction.atomic
def person_end(*, actor: Actor, person_id: int, unit: Unit, ends_on: date, now: datetime) -> TrainingPost:
    """Say until when somebody is with the unit; the record stays. :raises PermissionDeniedError, ProgrammeError, StaleError:"""
    keeper(actor, unit.pk, now)
    _person, post = _held(person_id, unit, local_date(now))
    if not post.starts_on <= ends_on <= local_date(now) + AHEAD:
        raise ProgrammeError(
            _("Ngày kết thúc phải sau ngày %(day)s.") % {"day": date_vi(post.starts_on)}, field="ends_on"
        )
    post.ends_on = ends_on
    post.save(update_fields=["ends_on"])
    audit_record(
        actor=actor,
        action="programmes.training.person_end",
        target=_person,
        after={"ends_on": ends_on},
        at=now,
    )
    return post


@transaction.atomic
def person_move(
    *, actor: Actor, person_id: int, unit: Unit, position: str, starts_on: date, now: datetime
) -> TrainingPost:
    """Move somebody to another unit from a day on: the record goes along. The focal officer's deed.

    :raises PermissionDeniedError, ProgrammeError, StaleError:
    """
    officer_only(actor, now)
    person = TrainingPerson.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    title = line_of(position, 150, "position")
    if person is None:
        raise StaleError(_("Người này không còn. Hãy tải lại trang."))
    if not any(sign.isalpha() for sign in title):
        raise ProgrammeError(_("Hãy ghi chức danh ở đơn vị mới."), field="position")
    old = person.posts.order_by("-starts_on", "-pk").first()
    if old is not None and (starts_on <= old.starts_on or starts_on > local_date(now) + AHEAD):
        raise ProgrammeError(
            _("Ngày chuyển phải sau ngày %(day)s.") % {"day": date_vi(old.starts_on)}, field="starts_on"
        )
    if old is not None and old.unit_id == unit.pk and old.ends_on is None:
        raise ProgrammeError(_("Người này đang ở đơn vị đó. Hãy chọn đơn vị khác."), field="unit")
    audience = old.audience if old else Staff.OFFICIALS
    if old is not None and (old.ends_on is None or old.ends_on >= starts_on):
        TrainingPost.objects.filter(pk=old.pk).update(ends_on=last_day_before(starts_on))
    post = TrainingPost.objects.create(
        person=person, unit=unit, position=position_of(unit, title, audience, now), audience=audience, office_on=starts_on,
        starts_on=starts_on,
    )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.training.person_move", target=person,
        before={"unit": old.unit_id if old else None}, after={"unit": unit.pk}, at=now,
    )  # fmt: skip
    return post


@transaction.atomic
def person_account(
    *, actor: Actor, person_id: int, unit: Unit, username: str, now: datetime
) -> TrainingPerson:
    """Tie somebody to an account by its sign-in name, or untie (empty). :raises ProgrammeError: no such account, taken."""
    keeper(actor, unit.pk, now)
    person, _post = _held(person_id, unit, local_date(now))
    user = (
        User.objects.filter(username=username.strip(), is_active=True).first() if username.strip() else None
    )
    if username.strip() and user is None:
        raise ProgrammeError(
            _("Không có tài khoản nào tên này. Hãy hỏi đúng tên đăng nhập."), field="username"
        )
    if user is not None and fold(user.get_full_name()) != person.folded_name:
        raise ProgrammeError(
            _("Tên của tài khoản này khác tên trong danh sách. Hãy kiểm tra lại."), field="username"
        )
    try:
        with transaction.atomic():
            TrainingPerson.objects.filter(pk=person.pk).update(user=user, revision=person.revision + 1)
    except IntegrityError:
        raise ProgrammeError(
            _("Tài khoản này đã gắn với người khác trong danh sách."), field="username"
        ) from None
    audit_record(
        actor=actor,
        action="programmes.training.account",
        target=person,
        after={"tied": user is not None},
        at=now,
    )
    person.refresh_from_db()
    return person


# The secret link to the own record


def _link_made(person: TrainingPerson, now: datetime) -> str:
    token = link_token()
    TrainingPerson.objects.filter(pk=person.pk).update(token=token, token_until=now + LINK_LIVES)
    message_send(
        channel=Channel.MAIL, recipient=person.email, now=now, subject=_("Đường dẫn xem kết quả bồi dưỡng của bạn"),
        body=_(
            "Đây là đường dẫn riêng để xem và tải kết quả bồi dưỡng của bạn, dùng được đến %(day)s. Không chuyển đường dẫn cho người khác."
        ) % {"day": date_vi(now + LINK_LIVES)},
        link=reverse("training:own", args=[token]),
    )  # fmt: skip
    return token


@transaction.atomic
def link_send(*, actor: Actor, person_id: int, unit: Unit, now: datetime) -> None:
    """Mail somebody a new link to the own record; older links end. :raises PermissionDeniedError, ProgrammeError, StaleError:"""
    keeper(actor, unit.pk, now)
    person, _post = _held(person_id, unit, local_date(now))
    if not person.email:
        raise ProgrammeError(_("Người này chưa có thư điện tử. Hãy ghi địa chỉ rồi gửi lại."))
    _link_made(person, now)
    audit_record(actor=actor, action="programmes.training.link_send", target=person, at=now)


def own_code_send(*, address: str, visitor: str, now: datetime) -> str:
    """Send a code to whoever asks for the own record; return the clean address. Tells nobody whether it is known."""
    return code_send(
        address=address, purpose=PURPOSE, visitor=visitor, now=now, about=_("xem kết quả bồi dưỡng của bạn")
    )


def own_code_open(*, address: str, digits: str, now: datetime) -> str:
    """Use a code up; return the token of a link for the person of this address.

    :raises CodeError: :raises ProgrammeError: nobody on a roster has this address.
    """
    clean = code_check(address=address, purpose=PURPOSE, digits=digits, now=now)
    channel, _clean = clean_address(clean)
    wanted = {"email": clean} if channel == Channel.MAIL else {"phone": clean}
    with transaction.atomic():
        person = TrainingPerson.objects.select_for_update(of=("self",)).filter(**wanted).first()
        if person is None:
            raise ProgrammeError(
                _("Chưa có danh sách nào ghi địa chỉ này. Hãy nhờ người báo cáo của đơn vị bạn ghi vào."),
                field="code",
            )
        if person.email:
            token = _link_made(person, now)
        else:
            token = link_token()
            TrainingPerson.objects.filter(pk=person.pk).update(token=token, token_until=now + LINK_LIVES)
        audit_record(actor=None, action="programmes.training.link_open", target=person, at=now)
    return token


def person_by_link(token: str, now: datetime) -> TrainingPerson | None:
    """Return the person behind a link that has not ended."""
    if not 20 <= len(token) <= 64 or "\x00" in token:
        return None
    return TrainingPerson.objects.filter(token=token, token_until__gt=now).first()
