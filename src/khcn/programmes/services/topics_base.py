"""What the deeds of topics begin with: a topic under lock, who may, a move from state to state, words to the other side."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from khcn.programmes.enums_topics import TopicState
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.permissions import Reach, acting
from khcn.programmes.permissions_topics import can_propose
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.rules.topics import may_become
from khcn.programmes.services.support_words import tell_address


@dataclass(frozen=True, slots=True)
class Door:
    """How the side that carries a topic out comes in: the contact by the secret link, or a person of the unit."""

    token: str = ""
    actor: Actor = None
    topic_id: int = 0

    @property
    def person(self) -> Actor:
        """Who stands in the trail: nobody when it was the link."""
        return None if self.token else self.actor


def must(actor: Actor, allowed: Callable[[Reach], bool], sentence: str, now: datetime) -> Reach:
    """Refuse who may not; return the reach."""
    reach = acting(actor, local_date(now))
    if not allowed(reach):
        raise PermissionDeniedError(sentence)
    return reach


def stranger_only(actor: Actor, topic: Topic) -> None:
    """Refuse who leads the topic, is of its team, or handed it in: others decide about it."""
    person = actor_id(actor)
    if person is None:
        return
    mine = {topic.leader_user_id, topic.submitted_by_id, topic.created_by_id}
    if person in mine or topic.members.filter(user=person).exists():
        raise PermissionDeniedError(
            _("Bạn tham gia hoặc đã nộp đề tài này, nên người khác phải làm việc này.")
        )


def reason_of(text: str, field: str = "reason") -> str:
    """Return a reason. Raises ProgrammeError when there is none worth the name."""
    reason = kept_text(text, 1000)
    if len(reason) < 5:
        raise ProgrammeError(_("Hãy ghi lý do để người khác hiểu và biết làm gì tiếp."), field=field)
    return reason


def topic_locked(pk: int, states: Collection[str] | None = None, *, revision: int | None = None) -> Topic:
    """Return a topic locked until the transaction ends, in one of ``states``. Raises StaleError."""
    rows = Topic.objects.select_for_update(of=("self",)).select_related("call")
    topic = rows.filter(pk=pk).first()
    if topic is None:
        raise StaleError(_("Không thấy đề tài này."))
    if (states is not None and topic.state not in states) or (
        revision is not None and topic.revision != revision
    ):
        raise StaleError(
            _("Đề tài này vừa chuyển sang “%(state)s”. Hãy xem lại trang trước khi làm tiếp.")
            % {"state": topic.get_state_display()}
        )
    return topic


def door_open(door: Door, now: datetime, revision: int | None = None) -> Topic:
    """Return the locked topic behind a door. Raises GoneError, PermissionDeniedError, StaleError."""
    rows = Topic.objects.select_for_update(of=("self",)).select_related("call")
    if door.token:
        topic = rows.filter(token=door.token, erased_at=None).first()
    else:
        topic = rows.filter(pk=door.topic_id).first()
        if topic is not None and (
            topic.unit_id is None or not can_propose(acting(door.actor, local_date(now)), topic.unit_id)
        ):
            raise PermissionDeniedError(
                _("Thuyết minh do người báo cáo của đơn vị nộp. Hãy nhờ người đó, hoặc dùng đường dẫn riêng.")
            )
    if topic is None:
        raise GoneError(
            _("Đường dẫn này không mở được đề tài nào. Hãy chép lại đủ đường dẫn trong tin đã nhận.")
        )
    if revision is not None and topic.revision != revision:
        raise StaleError(_("Đề tài này vừa được sửa ở cửa sổ khác. Hãy tải lại trang rồi sửa tiếp."))
    return topic


def moved(topic: Topic, actor: Actor, deed: str, now: datetime, *, to: str = "", fields: Collection[str] = (), reason: str = "", **after: Any) -> None:  # fmt: skip
    """Write a locked topic with its row in the trail. ``to``: the new state, which must be allowed."""
    before = topic.state
    if to and to != before:
        if not may_become(before, to):
            raise StaleError(
                _("Đề tài đang ở “%(state)s” nên chưa làm được việc này.")
                % {"state": topic.get_state_display()}
            )
        topic.state = TopicState(to)
    topic.revision += 1
    topic.save(update_fields=[*fields, "state", "revision"])
    audit_record(
        actor=actor, action=f"programmes.topic.{deed}", target=topic, before={"state": before},
        after={"state": topic.state, **after}, reason=reason[:500], at=now,
    )  # fmt: skip


def address_of(name: str, *args: Any) -> str:
    """Return an address of this area's pages; empty where they are not installed."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def tell_side(topic: Topic, *, subject: str, body: str, key: str, now: datetime) -> None:
    """Tell the side that carries the topic out: the contact by the proven address, or the unit's reporters on the desk."""
    dedupe = f"programmes.topic:{topic.pk}:{key}"
    if topic.contact_address:
        link = address_of("topics:mine", topic.token)
        tell_address(topic.contact_address, subject=subject, body=body, link=link, key=dedupe, now=now)
    elif topic.unit_id is not None:
        tell_role(
            Q(role=Role.UNIT_REPORTER, unit=topic.unit_id),
            topic,
            subject=subject,
            body=body,
            key=dedupe,
            now=now,
        )


def tell_role(who: Q, topic: Topic, *, subject: str, body: str, key: str, now: datetime) -> None:
    """Tell on the desk everybody who holds a role."""
    rows = (
        Membership.objects.in_force(local_date(now)).filter(who, user__is_active=True).select_related("user")
    )
    people = {row.user_id: row.user for row in rows.order_by("user_id")}
    for user in list(people.values())[:20]:
        message_send(
            channel=Channel.DESK, user=user, now=now, link=address_of("topics-desk:topic", topic.pk),
            subject=subject[:200], body=body, dedupe_key=f"{key}:{user.pk}",
        )  # fmt: skip
