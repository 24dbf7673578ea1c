"""Who gets a letter and how each message reads: nothing here writes."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.dates import datetime_vi
from khcn.core.outbox.rules import one_line
from khcn.core.outbox.senders import absolute_link
from khcn.core.registry import Registry
from khcn.programmes.enums import STANDING, ConsentPurpose, LetterAudience, LetterKind, RegistrationState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.letters import Letter
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.rules.letters import END_EN, filled
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.consents import consents_standing, subjects_of

MOST: Final = 5000
comers: Registry[Callable[[Programme, Session | None], Iterable[int]]] = Registry("who came, by registration")
"""Attendance registers ``came(programme, session)``: ids of registrations; without it nobody is known to have come."""


@dataclass(frozen=True, slots=True)
class To:
    """One recipient with the message as it will read. ``why_not``: why nothing can be sent."""

    name: str
    address: str
    subject: str
    body: str
    registration: Registration | None = None
    group: RegistrationGroup | None = None
    why_not: str = ""

    @property
    def key(self) -> str:
        """Return the reference of whom it goes to."""
        if self.registration is not None:
            return f"programmes.registration:{self.registration.pk}"
        return f"programmes.registrationgroup:{self.group.pk if self.group else 0}"


@dataclass(frozen=True, slots=True)
class Preview:
    """Everybody who gets a letter, everybody who cannot, and the hash of all of it."""

    to: list[To] = field(default_factory=list)
    left_out: list[To] = field(default_factory=list)
    digest: str = ""


def letter_preview_of(letter: Letter) -> Preview:
    """Return who gets a letter as it stands, with each message."""
    to: list[To] = []
    left: list[To] = []
    for one in _addressed(letter):
        (left if one.why_not else to).append(one)
    digest = hashlib.sha256()
    for one in to:
        digest.update(f"{one.key}\0{one.address}\0{one.subject}\0{one.body}\0\0".encode())
    return Preview(to, left, digest.hexdigest())


def _people(letter: Letter) -> list[Registration]:
    rows = Registration.objects.filter(programme_id=letter.programme_id, erased_at=None, state__in=STANDING)
    if letter.session_id and letter.programme.by_session:
        rows = rows.filter(session_id=letter.session_id)
    audience = letter.audience
    if audience in {LetterAudience.CONFIRMED, LetterAudience.ATTENDED, LetterAudience.ABSENT}:
        rows = rows.filter(state=RegistrationState.CONFIRMED)
    if audience == LetterAudience.WAITING:
        rows = rows.filter(state=RegistrationState.WAITING)
    if audience in {LetterAudience.ATTENDED, LetterAudience.ABSENT}:
        came = {pk for finder in comers.all() for pk in finder(letter.programme, letter.session)}
        rows = rows.filter(pk__in=came) if audience == LetterAudience.ATTENDED else rows.exclude(pk__in=came)
        if not came:  # nothing was entered yet: nobody is known to have stayed away
            rows = rows.none()
    found = list(rows.select_related("group").order_by("sort_key", "pk")[:MOST])
    if letter.kind == LetterKind.ANNOUNCEMENT:
        given = consents_standing(
            subjects_of("registration", [row.pk for row in found]), ConsentPurpose.CONTACT
        )
        found = [
            row for row in found if f"programmes.registration:{row.pk}" in given and row.group_id is None
        ]
    return found


def _addressed(letter: Letter) -> Iterable[To]:
    groups: dict[int, RegistrationGroup] = {}
    for row in _people(letter):
        if row.group is not None and not row.contact_address:
            if row.group.cancelled_at is None:
                groups[row.group.pk] = row.group
        elif letter.audience != LetterAudience.GROUPS:
            yield message_to(letter, registration=row)
    for group in groups.values():
        yield message_to(letter, group=group)


def message_to(
    letter: Letter, *, registration: Registration | None = None, group: RegistrationGroup | None = None
) -> To:
    """Return the message of a letter to one person, or to the contact of a group."""
    if registration is not None:
        name, address = registration.name, registration.contact_address
        path = reverse("programmes:registration", args=[registration.token]) if registration.token else ""
    else:
        assert group is not None  # noqa: S101  # one of the two is given
        name, address = group.contact_name or group.name, group.contact_address
        path = reverse("programmes:group", args=[group.token])
    values = _values(letter, name, path)
    why_not = ""
    try:
        clean_address(address)
    except ProgrammeError:
        why_not = _("chưa có địa chỉ liên hệ dùng được")
    subject, body = one_line(filled(letter.subject, values))[:200], _both(letter, values)
    return To(one_line(name), address, subject, body, registration, group, why_not)


def group_chat_text(letter: Letter) -> str:
    """Return a letter as it is pasted into a Zalo group: everything filled in, nobody's name or own link in it."""
    return _both(letter, _values(letter, _("quý vị"), ""))


def _both(letter: Letter, values: dict[str, str]) -> str:
    body = filled(letter.body, values)
    return body + END_EN + filled(letter.body_en, values) if letter.body_en else body


def _values(letter: Letter, name: str, path: str) -> dict[str, str]:
    programme, session = letter.programme, letter.session
    day = programme.starts_on.strftime("%d/%m/%Y") if programme.starts_on else _("(sẽ báo sau)")
    return {
        "name": one_line(name), "title": programme.title, "when": datetime_vi(session.starts_at) if session else day,
        "where": (session.venue if session else "") or programme.venue or _("(sẽ báo sau)"),
        "link": absolute_link(path or reverse("programmes:programme", args=[programme.key])),
    }  # fmt: skip
