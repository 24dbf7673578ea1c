"""A proposal: begun by a unit's reporter or by secret link, written, its files kept, handed in before the deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import datetime_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.numbers import money_vi
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Unit
from khcn.programmes.enums_topics import TOPIC_EDITABLE, TOPIC_UNDECIDED, TopicFileKind, TopicState
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.topics import Topic, TopicCall
from khcn.programmes.models.topics_parts import TopicBudgetItem, TopicMember, TopicProduct, TopicWork
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_topics import can_propose
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.rules.topics import (
    BudgetLine,
    Member,
    Product,
    Work,
    budget_check,
    members_check,
    products_check,
    works_check,
)
from khcn.programmes.services.codes import code_check
from khcn.programmes.services.topics_base import Door, door_open, moved, tell_side
from khcn.programmes.tokens import link_token, ticket_code

MOST_DRAFTS: Final = 20  # of one unit or one contact in a call


@dataclass(frozen=True, slots=True)
class Host:
    """Who carries a topic out, as it was entered."""

    organisation: str
    leader_name: str
    kind: str = ""
    contact_name: str = ""
    registration_code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything a proposal says, as it was entered."""

    title: str
    field: str = ""
    summary: str = ""
    organisation: str = ""
    leader_name: str = ""
    leader_title: str = ""
    leader_organisation: str = ""
    objectives: str = ""
    methods: str = ""
    months: int = 12
    members: Sequence[Member] = ()
    works: Sequence[Work] = ()
    budget: Sequence[BudgetLine] = ()
    products: Sequence[Product] = ()


def code_purpose(call: TopicCall) -> str:
    """Return what a code for a new proposal of this call is good for."""
    return f"topic:{call.pk}"


def must_take(call: TopicCall, now: datetime) -> None:
    """Refuse when the call takes nothing now. Raises ProgrammeError."""
    if call.takes(now):
        return
    words = {"from": datetime_vi(call.opens_at), "to": datetime_vi(call.closes_at)}
    if now >= call.closes_at:
        text = _("Đã hết hạn nộp lúc %(to)s nên không nhận thêm. Hãy liên hệ đơn vị mời về đợt sau.")
    elif now < call.opens_at:
        text = _("Đợt này nhận từ %(from)s. Hãy quay lại từ lúc đó.")
    else:
        text = _("Đợt này không nhận thuyết minh lúc này. Hãy liên hệ đơn vị mời.")
    raise ProgrammeError(text % words, code="topic-closed")


def topic_start_unit(
    *, actor: Actor, call: TopicCall, unit: Unit, title: str, host: Host, client_key: str, now: datetime
) -> Topic:
    """Begin a proposal of a unit; the same form sent twice is one. Raises PermissionDeniedError, ProgrammeError."""
    if not can_propose(acting(actor, local_date(now)), unit.pk):
        raise PermissionDeniedError(_("Đề xuất của đơn vị do người báo cáo của đơn vị đó nộp."))
    held = _same_form(call, client_key, {"unit": unit.pk})
    if held is not None:
        return held
    more = {"unit": unit, "host_unit": unit, "created_by_id": actor_id(actor)}
    return _start(call, title, host, client_key=client_key, actor=actor, now=now, more=more)


def topic_start_link(
    *, call: TopicCall, address: str, digits: str, title: str, host: Host, client_key: str, now: datetime
) -> Topic:
    """Begin a proposal of an organisation once its code is right; the contact gets the secret link.

    :raises CodeError: wrong or old code. :raises ProgrammeError: the call is closed, no name, unknown kind.
    """
    must_take(call, now)
    if not kept_line(host.contact_name, 150):
        raise ProgrammeError(_("Hãy ghi họ tên người liên hệ."), field="contact_name")
    if host.kind not in PartyKind.values:
        raise ProgrammeError(_("Hãy chọn loại tổ chức."), field="kind")
    plain = address.strip().lower()
    for kept in {plain, f"+84{plain.removeprefix('0')}"}:
        held = _same_form(call, client_key, {"contact_address": kept})
        if held is not None:
            return held
    proven = code_check(address=address, purpose=code_purpose(call), digits=digits, now=now)
    topic = _start(
        call, title, host, client_key=client_key, actor=None, now=now, more={"contact_address": proven}
    )
    tell_side(
        topic, key="link", now=now, subject=_("Đường dẫn riêng của đề xuất đề tài"),
        body=_("Đề xuất “%(title)s” đã được mở. Dùng đường dẫn trong tin này để soạn tiếp, nộp và theo dõi. Không chuyển đường dẫn cho người ngoài.")
        % {"title": topic.title},
    )  # fmt: skip
    return topic


def _same_form(call: TopicCall, client_key: str, who: dict[str, Any]) -> Topic | None:
    if len(client_key) < 16:
        return None
    return Topic.objects.filter(call=call, client_key=client_key[:40], **who).first()


def _start(
    call: TopicCall, title: str, host: Host, *, client_key: str, actor: Actor, now: datetime, more: dict[str, Any]
) -> Topic:  # fmt: skip
    must_take(call, now)
    name, organisation, leader = (
        kept_line(title, 300),
        kept_line(host.organisation, 200),
        kept_line(host.leader_name, 150),
    )
    for value, column, words in (
        (name, "title", _("Hãy ghi tên đề tài.")),
        (organisation, "organisation", _("Hãy ghi tên tổ chức chủ trì.")),
        (leader, "leader_name", _("Hãy ghi họ tên chủ nhiệm đề tài.")),
    ):
        if not value:
            raise ProgrammeError(words, field=column)
    who = {"unit": more["unit"]} if "unit" in more else {"contact_address": more["contact_address"]}
    if Topic.objects.filter(call=call, state=TopicState.DRAFT, **who).count() >= MOST_DRAFTS:
        raise ProgrammeError(
            _("Đang có quá nhiều bản nháp trong đợt này. Hãy nộp hoặc rút bớt rồi mở bản mới.")
        )
    token = link_token()
    try:
        with transaction.atomic():
            topic = Topic.objects.create(
                key=f"dt-{call.year}-{ticket_code(8).lower()}", call=call, year=call.year, title=name,
                folded_title=fold(name)[:300], sort_key=sort_key(name), organisation=organisation,
                folded_organisation=fold(organisation)[:200], organisation_kind=host.kind if host.kind in PartyKind.values else "",
                registration_code=kept_line(host.registration_code, 40), address=kept_line(host.address, 300), leader_name=leader,
                leader_organisation=organisation, contact_name=kept_line(host.contact_name, 150), token=token,
                client_key=client_key[:40], months=min(12, call.most_months), created_at=now, **more,
            )  # fmt: skip
            audit_record(
                actor=actor, action="programmes.topic.start", target=topic, after={"call": call.pk}, at=now
            )
    except IntegrityError:
        again = _same_form(call, client_key, who)
        if again is None:
            raise
        return again
    return topic


def topic_by_token(token: str) -> Topic:
    """Return the topic behind a secret link. Raises GoneError."""
    rows = Topic.objects.select_related("call__unit", "unit", "party")
    topic = rows.filter(token=token, erased_at=None).first() if token else None
    if topic is None:
        raise GoneError(
            _("Đường dẫn này không mở được đề tài nào. Hãy chép lại đủ đường dẫn trong tin đã nhận.")
        )
    return topic


def editable(topic: Topic, now: datetime) -> None:
    """Refuse changes to what was handed in, or after the time is over. Raises ProgrammeError."""
    if topic.state not in TOPIC_EDITABLE:
        raise ProgrammeError(
            _(
                "Thuyết minh đã nộp nên không sửa được nữa. Nếu cần sửa, hãy liên hệ đơn vị mời để được trả lại."
            ),
            code="topic-sent",
        )
    in_time(topic, now)


def in_time(topic: Topic, now: datetime) -> None:
    """Refuse after the deadline: of the call for a draft, of the return for one that came back. Raises ProgrammeError."""
    if topic.state == TopicState.RETURNED:
        if topic.return_until is not None and now >= topic.return_until:
            raise ProgrammeError(
                _("Hạn bổ sung đã qua lúc %(to)s. Hãy liên hệ đơn vị mời.")
                % {"to": datetime_vi(topic.return_until)},
                code="topic-closed",
            )
        return
    must_take(topic.call, now)


@transaction.atomic
def proposal_save(*, door: Door, proposal: Proposal, revision: int, now: datetime) -> Topic:
    """Write a proposal. Raises GoneError, PermissionDeniedError, StaleError, ProgrammeError."""
    topic = door_open(door, now, revision)
    editable(topic, now)
    if not 1 <= proposal.months <= topic.call.most_months:
        raise ProgrammeError(
            _("Thời gian thực hiện từ 1 đến %(most)s tháng.") % {"most": topic.call.most_months},
            field="months",
        )
    members, works = members_check(proposal.members), works_check(proposal.works, proposal.months)
    budget, products = budget_check(proposal.budget), products_check(proposal.products)
    topic.title = kept_line(proposal.title, 300) or topic.title
    topic.folded_title, topic.sort_key = fold(topic.title)[:300], sort_key(topic.title)
    topic.field, topic.summary = kept_line(proposal.field, 120), kept_text(proposal.summary, 5000)
    topic.organisation = kept_line(proposal.organisation, 200) or topic.organisation
    topic.folded_organisation = fold(topic.organisation)[:200]
    topic.leader_name = kept_line(proposal.leader_name, 150) or topic.leader_name
    topic.leader_title, topic.leader_organisation = (
        kept_line(proposal.leader_title, 150),
        kept_line(proposal.leader_organisation, 200),
    )
    topic.objectives, topic.methods = (
        kept_text(proposal.objectives, 20_000),
        kept_text(proposal.methods, 20_000),
    )
    topic.months = proposal.months
    topic.asked_state = sum((one.state_vnd for one in budget), Decimal(0))
    topic.asked_own = sum((one.own_vnd for one in budget), Decimal(0))
    _parts(topic, members, works, budget, products)
    fields = [
        "title", "folded_title", "sort_key", "field", "summary", "organisation", "folded_organisation", "leader_name",
        "leader_title", "leader_organisation", "objectives", "methods", "months", "asked_state", "asked_own",
    ]  # fmt: skip
    moved(topic, door.person, "edit", now, fields=fields, asked=topic.asked_state, own=topic.asked_own)
    return topic


def _parts(
    topic: Topic, members: list[Member], works: list[Work], budget: list[BudgetLine], products: list[Product]
) -> None:
    known = {one.name: one.user_id for one in topic.members.all()}
    for rows in (topic.members, topic.works, topic.budget, topic.products):
        rows.all().delete()
    TopicMember.objects.bulk_create(
        TopicMember(topic=topic, number=n, name=one.name, role=one.role, organisation=one.organisation, title=one.title, user_id=known.get(one.name))
        for n, one in enumerate(members, 1)
    )  # fmt: skip
    TopicWork.objects.bulk_create(
        TopicWork(topic=topic, number=n, title=one.title, detail=one.detail, from_month=one.from_month, to_month=one.to_month)
        for n, one in enumerate(works, 1)
    )  # fmt: skip
    TopicBudgetItem.objects.bulk_create(
        TopicBudgetItem(topic=topic, number=n, kind=one.kind, title=one.title, state_vnd=one.state_vnd, own_vnd=one.own_vnd)
        for n, one in enumerate(budget, 1)
    )  # fmt: skip
    TopicProduct.objects.bulk_create(
        TopicProduct(topic=topic, number=n, kind=one.kind, title=one.title, requirement=one.requirement, quantity=one.quantity)
        for n, one in enumerate(products, 1)
    )  # fmt: skip


def missing_of(topic: Topic) -> list[tuple[str, str]]:
    """Return what a proposal still needs before it may be handed in: (field, sentence)."""
    ceiling, found = topic.call.ceiling_vnd, []
    if len(topic.summary) < 20:
        found.append(("summary", _("Hãy viết tóm tắt vài câu: làm gì, ở đâu, để làm gì.")))
    if len(topic.objectives) < 20:
        found.append(("objectives", _("Hãy viết mục tiêu của đề tài.")))
    if len(topic.methods) < 20:
        found.append(("methods", _("Hãy viết phương pháp, cách làm.")))
    if not topic.works.exists():
        found.append(("works", _("Hãy ghi ít nhất một nội dung công việc.")))
    if not topic.products.exists():
        found.append(("products", _("Hãy ghi ít nhất một sản phẩm.")))
    if topic.asked_state + topic.asked_own <= 0:
        found.append(("budget", _("Hãy lập dự toán: ít nhất một khoản.")))
    if ceiling is not None and topic.asked_state > ceiling:
        words = {"asked": money_vi(topic.asked_state), "most": money_vi(ceiling)}
        found.append(
            (
                "budget",
                _("Ngân sách đề nghị %(asked)s cao hơn mức trần %(most)s của đợt. Hãy giảm dự toán.") % words,
            )
        )
    if not topic.files.filter(kind=TopicFileKind.PROPOSAL).exists():
        found.append(("files", _("Hãy đính kèm ít nhất một tệp thuyết minh có chữ ký.")))
    return found


@transaction.atomic
def proposal_submit(*, door: Door, now: datetime) -> Topic:
    """Hand a proposal in; twice is once. Raises GoneError, PermissionDeniedError, ProgrammeError (the first that misses)."""
    topic = door_open(door, now)
    if topic.state == TopicState.SUBMITTED:
        return topic
    editable(topic, now)
    for name, sentence in missing_of(topic):
        raise ProgrammeError(sentence, field=name)
    topic.submitted_at, topic.submitted_by_id, topic.return_reason = now, actor_id(door.person), ""
    topic.return_until = None
    fields = ["submitted_at", "submitted_by", "return_reason", "return_until"]
    moved(topic, door.person, "submit", now, to=TopicState.SUBMITTED, fields=fields, asked=topic.asked_state)
    return topic


@transaction.atomic
def proposal_withdraw(*, door: Door, reason: str, now: datetime) -> Topic:
    """Take a proposal back before it is decided; again changes nothing. Not while its council is scoring."""
    topic = door_open(door, now)
    if topic.state == TopicState.WITHDRAWN:
        return topic
    if topic.state not in TOPIC_UNDECIDED | {TopicState.DRAFT}:
        raise ProgrammeError(
            _("Đề tài đã có quyết định. Nếu không làm nữa, hãy liên hệ đơn vị mời để dừng đề tài.")
        )
    if topic.state == TopicState.APPRAISING:
        raise ProgrammeError(
            _("Hội đồng đang xét nên chưa rút được. Hãy liên hệ đơn vị mời để đưa ra khỏi hội đồng trước.")
        )
    topic.ended_at, topic.end_reason = now, kept_text(reason, 1000)
    moved(topic, door.person, "withdraw", now, to=TopicState.WITHDRAWN, fields=["ended_at", "end_reason"])
    return topic
