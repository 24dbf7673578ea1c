"""Rosters: a filled sheet is read, looked at, and then applied whole or not at all; again it changes nothing."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import IO, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.collate import person_key, sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.models import Party, Unit
from khcn.programmes.errors import StaleError
from khcn.programmes.models.training import RosterUpload, TrainingPerson, TrainingPosition, TrainingPost
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import can_keep
from khcn.programmes.rules.registrations import PeopleError
from khcn.programmes.rules.training import last_day_before
from khcn.programmes.rules.training_roster import Change, Elsewhere, Known, Line, Plan, RosterRow, plan_roster
from khcn.programmes.services.training_sheet import roster_read

FORGET: Final = timedelta(days=7)


def keeper(actor: Actor, unit_id: int, now: datetime) -> None:
    """Check that ``actor`` keeps the roster of a unit. :raises PermissionDeniedError:"""
    day = local_date(now)
    if not can_keep(acting(actor, day), unit_id, day):
        raise PermissionDeniedError(
            _("Danh sách này do người báo cáo của đơn vị và chuyên viên đầu mối ghi. Hãy nhờ họ.")
        )


def unit_locked(unit_id: int) -> Unit:
    """Return a unit, locked until the end of the transaction: its roster has one writer at a time."""
    return Unit.objects.select_for_update(of=("self",)).get(pk=unit_id)


def roster_plan(unit: Unit, rows: Sequence[RosterRow], today: date) -> Plan:
    """Return what the rows would do to the roster of a unit. Constant queries."""
    rows_of = TrainingPost.objects.filter(unit=unit).select_related("person", "position", "party")
    posts: dict[int, TrainingPost] = {}
    for one in rows_of.order_by("person_id", "-starts_on", "-pk"):
        posts.setdefault(one.person_id, one)
    elsewhere = TrainingPost.objects.listed(today).filter(person__in=posts).exclude(unit=unit)
    away = dict(elsewhere.values_list("person_id", "unit__name"))
    known = [
        Known(one.person_id, one.pk, one.person.name, one.person.email, one.person.phone, one.position.title, one.audience,
              one.party.name if one.party else "", one.starts_on, one.ends_on,
              over=one.ends_on is not None and one.ends_on < today, away=away.get(one.person_id, ""))
        for one in posts.values()
    ]  # fmt: skip
    titles = TrainingPosition.objects.filter(unit=unit).values_list("folded_title", flat=True)
    names = {fold(row.party) for row in rows if row.party}
    parties = {one.folded_name: one.name for one in Party.objects.current().filter(folded_name__in=names)}
    return plan_roster(
        rows, known, _elsewhere(rows, set(posts), today), positions=frozenset(titles),
        parties=parties, today=today,
    )  # fmt: skip


def _elsewhere(rows: Sequence[RosterRow], here: set[int], today: date) -> dict[str, Elsewhere]:
    ways = {way for row in rows for way in (row.email, row.phone) if way}
    people = TrainingPerson.objects.filter(email__in=ways) | TrainingPerson.objects.filter(phone__in=ways)
    found = [one for one in people.distinct() if one.pk not in here]
    open_in = dict(
        TrainingPost.objects.listed(today).filter(person__in=found).values_list("person_id", "unit__name")
    )
    rows_by_way: dict[str, Elsewhere] = {}
    for one in found:
        other = Elsewhere(one.pk, one.name, open_in.get(one.pk, ""))
        rows_by_way.update({way: other for way in (one.email, one.phone) if way})
    return rows_by_way


def roster_upload(*, actor: Actor, unit: Unit, file: IO[bytes], name: str, now: datetime) -> RosterUpload:
    """Read a filled roster and keep its rows until somebody has looked; the same rows again are the same upload.

    :raises PermissionDeniedError: :raises PeopleError: with every wrong row; nothing is kept then. :raises WorkbookError:
    """
    keeper(actor, unit.pk, now)
    rows = roster_read(file, name)
    plan = roster_plan(unit, rows, local_date(now))
    if plan.faults:
        raise PeopleError(
            _("Có dòng chưa đúng nên chưa nhận dòng nào. Hãy sửa rồi gửi lại."), tuple(plan.faults)
        )
    plain = [row.as_json() for row in rows]
    digest = sha256(
        json.dumps(plain, sort_keys=True).encode()
    ).hexdigest()  # of the rows: saving anew changes the bytes
    values = {"rows": plain, "count": len(plain), "uploaded_by_id": actor_id(actor), "uploaded_at": now}
    try:
        with transaction.atomic():
            row, _made = RosterUpload.objects.update_or_create(
                unit=unit, sha256=digest, applied_at=None, defaults=values
            )
    except IntegrityError:  # the same file at the same moment: the first is as good
        row = RosterUpload.objects.get(unit=unit, sha256=digest, applied_at=None)
    return row


def upload_plan(upload: RosterUpload, today: date) -> Plan:
    """Return what an upload would do now: the roster may have changed since."""
    return roster_plan(upload.unit, [RosterRow.of_json(one) for one in upload.rows], today)


@transaction.atomic
def roster_apply(*, actor: Actor, upload_id: int, now: datetime) -> RosterUpload:
    """Do what an upload says, whole or not at all; a second time it is done already.

    :raises PermissionDeniedError: :raises StaleError: it is gone, or too old. :raises PeopleError: the roster changed
        meanwhile so that it does not fit any more; nothing was written.
    """
    upload = RosterUpload.objects.select_related("unit").filter(pk=upload_id).first()
    if upload is None:
        raise StaleError(_("Danh sách này không còn. Hãy gửi lại tệp."))
    keeper(actor, upload.unit_id, now)
    unit = unit_locked(upload.unit_id)
    upload = RosterUpload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.applied_at is not None:
        return upload
    if upload.stale(now):
        raise StaleError(_("Danh sách này gửi đã hơn hai ngày. Hãy gửi lại tệp để xem trước lần nữa."))
    upload.unit = unit
    today = local_date(now)
    plan = upload_plan(upload, today)
    if plan.faults:
        raise PeopleError(
            _(
                "Danh sách của đơn vị vừa thay đổi nên tệp không còn khớp; chưa ghi gì. Hãy xem lại từng dòng rồi gửi lại tệp."
            ),
            tuple(plan.faults),
        )
    try:
        with transaction.atomic():
            _write(unit, plan, now)
    except IntegrityError:  # another unit took the same address at this moment
        raise StaleError(_("Có địa chỉ vừa được đơn vị khác ghi. Chưa ghi gì; hãy gửi lại tệp.")) from None
    upload.applied_at, upload.rows = now, []
    upload.outcome = {one.value: plan.count(one) for one in Change} | {"left": plan.left}
    upload.save(update_fields=["applied_at", "rows", "outcome"])
    audit_record(
        actor=actor, action="programmes.training.roster", target=upload, after=upload.outcome, at=now
    )
    return upload


def _write(unit: Unit, plan: Plan, now: datetime) -> None:
    names = {fold(one.row.party) for one in plan.lines if one.row.party}
    parties = {one.folded_name: one.pk for one in Party.objects.current().filter(folded_name__in=names)}
    positions = {one.folded_title: one for one in TrainingPosition.objects.filter(unit=unit)}
    for line in plan.lines:
        if line.change == Change.SAME:
            continue
        position = positions.get(fold(line.row.position)) or position_of(
            unit, line.row.position, line.row.audience, now
        )
        positions[position.folded_title] = position
        party_id = parties.get(fold(line.row.party)) if line.row.party else None
        if line.change == Change.CHANGED:
            _change(line, position, party_id)
        else:
            _add(unit, line, position, party_id, now)


def position_of(unit: Unit, title: str, audience: str, now: datetime) -> TrainingPosition:
    """Return the position of a unit with this title, made when missing."""
    row, _made = TrainingPosition.objects.get_or_create(
        unit=unit, folded_title=fold(title)[:150],
        defaults={"title": title, "sort_key": sort_key(title), "audience": audience, "updated_at": now},
    )  # fmt: skip
    return row


def _names(name: str) -> dict[str, Any]:
    return {"name": name, "folded_name": fold(name)[:150], "sort_key": person_key(name)}


def _add(unit: Unit, line: Line, position: TrainingPosition, party_id: int | None, now: datetime) -> None:
    row = line.row
    ways: Mapping[str, str] = {"email": row.email, "phone": row.phone}
    if line.person_id is None:
        person = TrainingPerson.objects.create(created_at=now, **_names(row.name), **ways)
    else:
        person = TrainingPerson.objects.select_for_update().get(pk=line.person_id)
        filled = {key: value for key, value in ways.items() if value}
        TrainingPerson.objects.filter(pk=person.pk).update(revision=person.revision + 1, **filled)
    TrainingPost.objects.create(
        person=person, unit=unit, position=position, party_id=party_id, audience=row.audience, office_on=row.starts_on,
        starts_on=row.starts_on, ends_on=row.ends_on,
    )  # fmt: skip


def _change(line: Line, position: TrainingPosition, party_id: int | None) -> None:
    row = line.row
    person = TrainingPerson.objects.select_for_update().get(pk=line.person_id or 0)
    post = TrainingPost.objects.select_for_update().get(pk=line.post_id or 0)
    ways = {key: value for key, value in (("email", row.email), ("phone", row.phone)) if value}
    TrainingPerson.objects.filter(pk=person.pk).update(
        revision=person.revision + 1, **_names(row.name), **ways
    )
    if position.pk != post.position_id and row.starts_on > post.starts_on:
        _next_post(post, row, position, party_id)
        return
    if row.starts_on != post.starts_on:
        post.starts_on = post.office_on = row.starts_on
    post.position, post.audience = position, row.audience
    post.party_id = party_id or post.party_id
    post.ends_on = row.ends_on or post.ends_on
    if post.ends_on and post.ends_on < post.starts_on:
        post.ends_on = None
    post.save()


def _next_post(post: TrainingPost, row: RosterRow, position: TrainingPosition, party_id: int | None) -> None:
    """The person changed position in the unit: the old post ends the day before."""
    TrainingPost.objects.filter(pk=post.pk).update(ends_on=last_day_before(row.starts_on))
    TrainingPost.objects.create(
        person_id=post.person_id, unit_id=post.unit_id, position=position, party_id=party_id or post.party_id,
        audience=row.audience, office_on=row.starts_on, starts_on=row.starts_on, ends_on=row.ends_on,
    )  # fmt: skip


def uploads_forget(now: datetime) -> int:
    """Delete rosters that nobody applied within a week: they hold names. Return how many."""
    return RosterUpload.objects.filter(applied_at=None, uploaded_at__lt=now - FORGET).delete()[0]
