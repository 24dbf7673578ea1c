"""Own programmes: registrations are tied to people of rosters, and who came often enough or got a certificate gets records.

A name alone ties nobody: the account, or the unit and the name and the mail address or phone together. Everything else is
a suggestion that the unit confirms.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_batch, audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.rules import RecipientError, clean_phone
from khcn.engines.text.fold import fold
from khcn.programmes.enums import ProgrammeState, RegistrationState
from khcn.programmes.enums_training import OWN_BASES, LinkHow, LinkState, RecordBasis, RecordState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.models.training import TrainingPerson, TrainingPost
from khcn.programmes.models.training_more import ProgrammeTopic, RegistrationLink, TrainingRecord
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import can_keep
from khcn.programmes.rules.training import own_basis, valid_until
from khcn.programmes.selectors.attendance import reached

LOOKED_AT: Final = timedelta(
    days=550
)  # attendance and certificates of older programmes do not change any more


# Who a registration is


@transaction.atomic
def links_find(*, programme: Programme, now: datetime) -> int:
    """Tie registrations of a programme to people without asking, where that is safe; return how many."""
    rows = list(
        programme.registrations.filter(state=RegistrationState.CONFIRMED, erased_at=None)
        .exclude(training_links__state=LinkState.LINKED).select_related("group")
    )  # fmt: skip
    if not rows:
        return 0
    by_user = {
        one.user_id: one.pk for one in TrainingPerson.objects.filter(user__in={row.user_id for row in rows if row.user_id})
    }  # fmt: skip
    posts = TrainingPost.objects.filter(person__folded_name__in={row.folded_name for row in rows})
    by_name: dict[str, list[TrainingPost]] = {}
    for post in posts.select_related("person", "unit", "party"):
        by_name.setdefault(post.person.folded_name, []).append(post)
    rejected = set(
        RegistrationLink.objects.filter(registration__in=rows, state=LinkState.REJECTED).values_list("registration_id", "person_id")
    )  # fmt: skip
    found = []
    for row in rows:
        person_id, how = by_user.get(row.user_id) if row.user_id else None, LinkHow.ACCOUNT
        if person_id is None:
            certain = {one.person_id for one in by_name.get(row.folded_name, ()) if _certain(row, one)}
            person_id, how = (certain.pop() if len(certain) == 1 else None), LinkHow.CONTACT
        if person_id is not None and (row.pk, person_id) not in rejected:
            found.append(
                RegistrationLink(
                    registration=row, person_id=person_id, state=LinkState.LINKED, how=how, decided_at=now
                )
            )
    RegistrationLink.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


def _certain(row: Registration, post: TrainingPost) -> bool:
    """Whether unit, name (compared before) and contact say the same person."""
    return _same_contact(row, post.person) and _same_unit(row, post)


def _same_contact(row: Registration, person: TrainingPerson) -> bool:
    given = row.contact_address.strip().lower()
    if not given:
        return False
    try:
        phone = clean_phone(given) if "@" not in given else ""
    except RecipientError:
        phone = ""
    return given == person.email or bool(phone and phone == person.phone)


def _same_unit(row: Registration, post: TrainingPost) -> bool:
    if row.group is not None and row.group.unit_id:
        return row.group.unit_id == post.unit_id
    written = fold(row.organisation or (row.group.name if row.group else ""))
    names = {
        fold(post.unit.name),
        fold(post.unit.short_name),
        post.party.folded_name if post.party else "",
    } - {""}
    return bool(written) and written in names


def _keeps(actor: Actor, person: TrainingPerson, now: datetime) -> None:
    day = local_date(now)
    reach = acting(actor, day)
    units = TrainingPost.objects.listed(day).filter(person=person).values_list("unit_id", flat=True)
    if not any(can_keep(reach, unit_id, day) for unit_id in units):
        raise PermissionDeniedError(
            _("Chỉ người báo cáo của đơn vị người này và chuyên viên đầu mối xác nhận. Hãy nhờ họ.")
        )


@transaction.atomic
def link_decide(
    *, actor: Actor, registration_id: int, person_id: int, same: bool, now: datetime
) -> RegistrationLink:
    """Say whether a registration is this person; twice is once.

    :raises PermissionDeniedError: :raises StaleError: it is gone, or tied to somebody else. :raises ProgrammeError:
        another name.
    """
    person = TrainingPerson.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    row = Registration.objects.select_related("programme").filter(pk=registration_id, erased_at=None).first()
    if person is None or row is None:
        raise StaleError(_("Đăng ký hoặc người này không còn. Hãy tải lại trang."))
    _keeps(actor, person, now)
    account = row.user_id is not None and row.user_id == person.user_id
    if same and row.folded_name != person.folded_name and not account:
        raise ProgrammeError(_("Hai tên khác nhau nên không gắn được. Nếu tên ghi sai, hãy sửa tên trước."))
    state = LinkState.LINKED if same else LinkState.REJECTED
    try:
        with transaction.atomic():
            link, _made = RegistrationLink.objects.update_or_create(
                registration=row, person=person,
                defaults={"state": state, "how": LinkHow.HAND, "decided_by_id": actor_id(actor), "decided_at": now},
            )  # fmt: skip
    except IntegrityError:
        raise StaleError(_("Đăng ký này vừa được gắn với người khác. Hãy tải lại trang.")) from None
    audit_record(actor=actor, action="programmes.training.link", target=link, after={"state": state}, at=now)
    programme_sync(programme=row.programme, now=now)
    return link


# What it gives


@dataclass(frozen=True, slots=True)
class _Earned:
    """What one registration earned."""

    basis: RecordBasis
    certificate_id: int | None
    held_on: date


@transaction.atomic
def programme_sync(*, programme: Programme, now: datetime) -> int:
    """Bring the records of one programme up to date; return how many changed. Running it again changes nothing."""
    Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
    topics = list(ProgrammeTopic.objects.filter(programme=programme).select_related("topic"))
    if topics:
        links_find(programme=programme, now=now)
    links = dict(
        RegistrationLink.objects.filter(registration__programme=programme, state=LinkState.LINKED)
        .order_by("pk").values_list("registration_id", "person_id")
    )  # fmt: skip
    earned = _earned(programme, links.keys()) if topics else {}
    held = {
        (one.person_id, one.topic_id): one
        for one in TrainingRecord.objects.filter(programme=programme, basis__in=OWN_BASES)
    }
    changed, wanted = 0, set()
    units = _units(set(links.values()), local_date(now))
    for registration_id, got in earned.items():
        person_id = links[registration_id]
        for teaches in topics:
            key = (person_id, teaches.topic_id)
            if key in wanted:
                continue
            wanted.add(key)
            changed += _give(
                record=held.get(key), programme=programme, teaches=teaches, registration_id=registration_id,
                person_id=person_id, got=got, posts=units.get(person_id, []), now=now,
            )  # fmt: skip
    for key, record in held.items():
        if key not in wanted and record.state != RecordState.VOID:
            record.state, record.reason = (
                RecordState.VOID,
                _("Điểm danh, giấy chứng nhận hoặc chủ đề của chương trình không còn."),
            )
            record.save(update_fields=["state", "reason"])
            changed += 1
    if changed:
        audit_batch(
            actor=None,
            action="programmes.training.sync",
            count=changed,
            summary={"programme": programme.pk},
            at=now,
        )
    return changed


def _earned(programme: Programme, registrations: Iterable[int]) -> dict[int, _Earned]:
    wanted = set(registrations)
    if not wanted or programme.state not in {ProgrammeState.PUBLISHED, ProgrammeState.CLOSED}:
        return {}
    came = {one.registration.pk for one in reached(programme) if one.reached}
    standing: dict[int, Certificate] = {}
    revoked: set[int] = set()
    for one in Certificate.objects.issued().filter(registration__in=wanted).order_by("pk"):
        if one.revoked_at is None:
            standing[one.registration_id] = one
        else:
            revoked.add(one.registration_id)
    last = programme.sessions.standing().order_by("-ends_at").values_list("ends_at", flat=True).first()
    ended = local_date(last) if last else (programme.ends_on or local_date(programme.created_at))
    found = {}
    for pk in sorted(wanted):
        paper = standing.get(pk)
        basis = own_basis(reached=pk in came, standing=paper is not None, revoked=pk in revoked)
        if basis is not None:
            day = min(ended, paper.issued_on) if paper and paper.issued_on else ended
            found[pk] = _Earned(basis, paper.pk if paper else None, day)
    return found


def _units(people: set[int], today: date) -> dict[int, list[TrainingPost]]:
    posts: dict[int, list[TrainingPost]] = {}
    for one in TrainingPost.objects.filter(person__in=people, starts_on__lte=today).order_by("-starts_on"):
        posts.setdefault(one.person_id, []).append(one)
    return posts


def unit_on(posts: list[TrainingPost], day: date) -> int | None:
    """Return the unit somebody belonged to on a day: of the post then, else the nearest. Posts: newest first."""
    fitting = [one for one in posts if one.starts_on <= day and (one.ends_on is None or day <= one.ends_on)]
    chosen = fitting or posts
    return chosen[0].unit_id if chosen else None


def _give(
    *, record: TrainingRecord | None, programme: Programme, teaches: ProgrammeTopic, registration_id: int, person_id: int,
    got: _Earned, posts: list[TrainingPost], now: datetime,
) -> int:  # fmt: skip
    unit_id = unit_on(posts, got.held_on) or programme.unit_id
    values = {
        "basis": got.basis, "state": RecordState.VERIFIED, "registration_id": registration_id,
        "certificate_id": got.certificate_id, "title": programme.title, "organiser": programme.unit.name[:200],
        "held_on": got.held_on, "valid_until": valid_until(got.held_on, teaches.topic.valid_months), "hours": teaches.hours,
        "reason": "",
    }  # fmt: skip
    if record is None:
        TrainingRecord.objects.create(
            person_id=person_id, topic_id=teaches.topic_id, programme=programme, unit_id=unit_id, entered_at=now,
            verified_at=now, **values,
        )  # fmt: skip
        return 1
    if all(getattr(record, name) == value for name, value in values.items()):
        return 0
    for name, value in values.items():
        setattr(record, name, value)
    record.save()
    return 1


def training_sync(now: datetime) -> int:
    """Bring the records of all programmes that teach something up to date; a periodic duty. Return how many changed."""
    since = now - LOOKED_AT
    rows = Programme.objects.filter(
        training_topics__isnull=False, updated_at__gte=since
    ) | Programme.objects.filter(training_topics__isnull=False, ends_on__gte=local_date(since))
    return sum(programme_sync(programme=one, now=now) for one in rows.select_related("unit").distinct())
