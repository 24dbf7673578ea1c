"""Who registered: seats, lists by reader, one row by secret link."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from khcn.engines.text.fold import fold
from khcn.programmes.enums import RegistrationState
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup


@dataclass(frozen=True, slots=True)
class Seats:
    """How a programme (or one of its sessions) stands. ``capacity`` ``None``: no limit."""

    capacity: int | None
    confirmed: int
    waiting: int
    requested: int
    last: int = 0  # the last arrival

    @property
    def free(self) -> int | None:
        """Seats left; ``None`` for no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.confirmed)

    @property
    def full(self) -> bool:
        """Whether nobody gets a seat at once."""
        return self.free == 0


def seats_of(programme: Programme, session: Session | None = None) -> Seats:
    """Return the seats of a programme, or of a session where people choose one. One indexed aggregate."""
    rows = Registration.objects.filter(programme=programme, session=session).order_by()
    one = rows.aggregate(
        last=Max("arrival"),
        confirmed=Count("pk", filter=Q(state=RegistrationState.CONFIRMED)),
        waiting=Count("pk", filter=Q(state=RegistrationState.WAITING)),
        requested=Count("pk", filter=Q(state=RegistrationState.REQUESTED)),
    )
    capacity = session.capacity if session is not None else programme.capacity
    return Seats(capacity, one["confirmed"], one["waiting"], one["requested"], one["last"] or 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for."""

    words: str = ""
    state: str = ""
    audience: str = ""
    session: int | None = None
    group: int | None = None


def registrations_of(user: Any, programme: Programme, asked: Asked = Asked()) -> QuerySet[Registration]:
    """Return a programme's registrations that ``user`` may read, in order of arrival."""
    rows = Registration.objects.filter(programme=programme)
    rows = rows & Registration.objects.visible_to(user) if user is not None else rows
    if asked.words:
        text = fold(asked.words)
        rows = rows.filter(Q(folded_name__contains=text) | Q(group__folded_name__contains=text))
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.audience:
        rows = rows.filter(audience=asked.audience)
    if asked.session:
        rows = rows.filter(session_id=asked.session)
    if asked.group:
        rows = rows.filter(group_id=asked.group)
    return rows.select_related("group", "session").order_by("session_id", "arrival", "pk")


def state_counts(user: Any, programme: Programme) -> dict[str, int]:
    """Return how many registrations stand in each state. One query."""
    rows = Registration.objects.visible_to(user).filter(programme=programme).order_by()
    return dict(rows.values_list("state").annotate(n=Count("pk")))


def groups_of(user: Any, programme: Programme) -> QuerySet[RegistrationGroup]:
    """Return a programme's groups with how many people stand and hold seats."""
    rows = RegistrationGroup.objects.visible_to(user).filter(programme=programme)
    standing = [RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.REQUESTED]
    return rows.annotate(
        standing=Count("people", filter=Q(people__state__in=standing)),
        seated=Count("people", filter=Q(people__state=RegistrationState.CONFIRMED)),
    ).order_by("created_at", "pk")


def registration_by_link(token: str) -> Registration | None:
    """Return the registration behind a secret link."""
    if not 16 <= len(token) <= 64:
        return None
    rows = Registration.objects.select_related("programme__unit", "session")
    return rows.filter(token=token, erased_at=None).first()


def group_by_link(token: str) -> RegistrationGroup | None:
    """Return the group behind a secret link."""
    if not 16 <= len(token) <= 64:
        return None
    return RegistrationGroup.objects.select_related("programme__unit", "session").filter(token=token).first()
