"""What comes of a topic: products delivered and verified, results in words, reports and data in the library, its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.indicators import indicators
from khcn.core.library_port import WorkFile, WorkWanted, work_maker
from khcn.core.references import Reference, reference_to
from khcn.programmes.enums_topics import (
    TOPIC_WITH_CONTRACT,
    DepositKind,
    DepositState,
    ProductKind,
    ProductState,
    TopicFileKind,
    TopicState,
)
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicDeposit
from khcn.programmes.models.topics_parts import TopicMeasure, TopicProduct
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.rules.topics import Product, products_check
from khcn.programmes.services.topics_base import (
    Door,
    door_open,
    moved,
    reason_of,
    stranger_only,
    topic_locked,
)
from khcn.programmes.services.topics_decisions import officer_only
from khcn.programmes.services.topics_files import DRAWER

FILES_FOR: Final = {
    DepositKind.REPORT: frozenset({TopicFileKind.FINAL, TopicFileKind.REPORT}),
    DepositKind.DATA: frozenset({TopicFileKind.DATA}),
}
DONE: Final = frozenset({TopicState.ACCEPTED, TopicState.LIQUIDATED})
MOST_MEASURES: Final = 20


@dataclass(frozen=True, slots=True)
class Delivered:
    """What is told about a delivered product."""

    registered_number: str = ""
    registered_on: date | None = None
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that a topic is followed by, as it was entered."""

    indicator: str
    starts_on: date
    baseline: Decimal | None = None
    target: Decimal | None = None
    title: str = ""
    ends_on: date | None = None
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something for the library, as it was entered."""

    title: str
    summary: str
    licence: str
    file_ids: Sequence[int]
    embargo_until: date | None = None


def _product(topic: Topic, number: int) -> TopicProduct:
    if topic.state not in TOPIC_WITH_CONTRACT:
        raise ProgrammeError(_("Sản phẩm được giao nộp khi đề tài đã có hợp đồng."))
    row = TopicProduct.objects.select_for_update(of=("self",)).filter(topic=topic, number=number).first()
    if row is None:
        raise StaleError(_("Không thấy sản phẩm này. Hãy tải lại trang."))
    return row


def _told(row: TopicProduct, actor: Actor, deed: str, now: datetime, reason: str = "") -> None:
    row.save()
    audit_record(
        actor=actor, action=f"programmes.topicproduct.{deed}", target=row, reason=reason[:500],
        after={"state": row.state, "topic": row.topic_id, "number": row.number}, at=now,
    )  # fmt: skip


@transaction.atomic
def product_add(*, door: Door, product: Product, now: datetime) -> TopicProduct:
    """Add a product that was not promised while the topic runs."""
    topic = door_open(door, now)
    if topic.state not in TOPIC_WITH_CONTRACT - {TopicState.LIQUIDATED, TopicState.STOPPED}:
        raise ProgrammeError(_("Chỉ thêm sản phẩm khi đề tài đang thực hiện."))
    kept = products_check([product])[0]
    number = (topic.products.aggregate(last=Max("number"))["last"] or 0) + 1
    if number > 60:
        raise ProgrammeError(_("Đề tài có quá nhiều sản phẩm. Hãy gộp các sản phẩm giống nhau."))
    row = TopicProduct(
        topic=topic, number=number, kind=kept.kind, title=kept.title, requirement=kept.requirement, quantity=kept.quantity,
        promised=False,
    )  # fmt: skip
    _told(row, door.person, "add", now)
    return row


@transaction.atomic
def product_deliver(*, door: Door, number: int, delivered: Delivered, now: datetime) -> TopicProduct:
    """Say that a product is delivered; may be corrected until it is verified. An IP right needs its number."""
    topic = door_open(door, now)
    row = _product(topic, number)
    if row.state in (ProductState.VERIFIED, ProductState.DROPPED):
        raise ProgrammeError(_("Sản phẩm này đã được xác nhận hoặc không thực hiện nên không sửa nữa."))
    registered = kept_line(delivered.registered_number, 120)
    if row.kind == ProductKind.IP_RIGHT and not registered:
        raise ProgrammeError(_("Hãy ghi số văn bằng hoặc số đơn đăng ký."), field="registered_number")
    url = kept_text(delivered.url, 500)
    if url and not url.startswith(("http://", "https://")):
        raise ProgrammeError(_("Địa chỉ trên mạng phải bắt đầu bằng http:// hoặc https://."), field="url")
    row.registered_number, row.registered_on, row.url = registered, delivered.registered_on, url
    row.note, row.state, row.delivered_at = kept_text(delivered.note, 500), ProductState.DELIVERED, now
    _told(row, door.person, "deliver", now)
    return row


@transaction.atomic
def product_verify(*, actor: Actor, topic_id: int, number: int, now: datetime) -> TopicProduct:
    """Confirm a delivered product; again changes nothing."""
    officer_only(actor, now)
    topic = topic_locked(topic_id)
    stranger_only(actor, topic)
    row = _product(topic, number)
    if row.state == ProductState.VERIFIED:
        return row
    if row.state != ProductState.DELIVERED:
        raise ProgrammeError(_("Sản phẩm chưa được giao nộp nên chưa xác nhận được."))
    row.state, row.verified_at, row.verified_by_id = ProductState.VERIFIED, now, actor_id(actor)
    _told(row, actor, "verify", now)
    return row


@transaction.atomic
def product_drop(*, actor: Actor, topic_id: int, number: int, reason: str, now: datetime) -> TopicProduct:
    """Say that a product will not be made, or send a delivered one back (it is promised again); with the reason."""
    officer_only(actor, now)
    topic = topic_locked(topic_id)
    stranger_only(actor, topic)
    row, why = _product(topic, number), reason_of(reason)
    back = row.state == ProductState.DELIVERED
    row.state = ProductState.PROMISED if back else ProductState.DROPPED
    row.delivered_at, row.note = None, why[:500]
    _told(row, actor, "return" if back else "drop", now, why)
    return row


@transaction.atomic
def results_save(*, actor: Actor, topic_id: int, results: str, summary: str, now: datetime) -> Topic:
    """Write what the public reads of a topic: its summary, and its results once it was accepted."""
    officer_only(actor, now)
    topic = topic_locked(topic_id, TOPIC_WITH_CONTRACT | {TopicState.APPROVED})
    topic.results = kept_text(results, 20_000)
    topic.summary = kept_text(summary, 5000) or topic.summary
    moved(topic, actor, "results", now, fields=["results", "summary"])
    return topic


@transaction.atomic
def measures_save(
    *, actor: Actor, topic_id: int, rows: Sequence[Measure], now: datetime
) -> list[TopicMeasure]:
    """Write the figures a topic is followed by: keys of the registry of indicators, with baseline and target."""
    officer_only(actor, now)
    topic = topic_locked(topic_id)
    if len(rows) > MOST_MEASURES:
        raise ProgrammeError(
            _("Một đề tài có nhiều nhất %(most)s chỉ số.") % {"most": MOST_MEASURES}, field="measures"
        )
    seen: set[str] = set()
    for number, one in enumerate(rows, 1):
        if one.indicator not in indicators or one.indicator in seen:
            raise ProgrammeError(
                _("Chỉ số %(n)s: hãy chọn một chỉ số có sẵn, mỗi chỉ số một lần.") % {"n": number},
                field="measures",
            )
        if one.ends_on is not None and one.ends_on < one.starts_on:
            raise ProgrammeError(
                _("Chỉ số %(n)s: đến ngày phải sau từ ngày.") % {"n": number}, field="measures"
            )
        seen.add(one.indicator)
    topic.measures.all().delete()
    made = TopicMeasure.objects.bulk_create(
        TopicMeasure(
            topic=topic, number=n, indicator=one.indicator, title=kept_line(one.title, 200), baseline=one.baseline, target=one.target,
            starts_on=one.starts_on, ends_on=one.ends_on, lower_is_better=one.lower_is_better,
        )
        for n, one in enumerate(rows, 1)
    )  # fmt: skip
    moved(topic, actor, "measures", now, count=len(made))
    return made


# The library


@transaction.atomic
def deposit_make(*, actor: Actor, topic_id: int, kind: str, wanted: Wanted, now: datetime) -> TopicDeposit:
    """Put a report or data of an accepted topic into the library, at once or when its embargo is over.

    What lay there of the same kind is replaced and withdrawn. :raises ProgrammeError: not accepted, no files, no licence.
    """
    officer_only(actor, now)
    topic, sort = topic_locked(topic_id, DONE), DepositKind(kind)
    if topic.accepted_at is None:
        raise ProgrammeError(_("Chỉ đưa vào thư viện kết quả của đề tài đã nghiệm thu đạt."))
    title, licence = kept_line(wanted.title, 300), kept_line(wanted.licence, 120)
    if not title:
        raise ProgrammeError(_("Hãy ghi tên của kết quả."), field="title")
    if not licence:
        raise ProgrammeError(_("Hãy ghi giấy phép sử dụng, ví dụ CC BY 4.0."), field="licence")
    files = list(topic.files.filter(pk__in=list(wanted.file_ids), kind__in=FILES_FOR[sort]))
    if not files or len(files) != len(set(wanted.file_ids)):
        raise ProgrammeError(
            _("Hãy chọn ít nhất một tệp báo cáo (hoặc dữ liệu) của đề tài này."), field="files"
        )
    held = (
        topic.deposits.select_for_update()
        .filter(kind=sort, state__in=[DepositState.EMBARGOED, DepositState.HANDED])
        .first()
    )
    number = (topic.deposits.filter(kind=sort).aggregate(last=Max("number"))["last"] or 0) + 1
    if held is not None:
        _end(held, DepositState.REPLACED, _("Có bản mới thay thế."), now)
    waits = wanted.embargo_until is not None and wanted.embargo_until >= local_date(now)
    try:
        with transaction.atomic():
            row = TopicDeposit.objects.create(
                topic=topic, kind=sort, number=number, state=DepositState.EMBARGOED, title=title,
                summary=kept_text(wanted.summary, 10_000), licence=licence, embargo_until=wanted.embargo_until, made_at=now,
                made_by_id=actor_id(actor),
            )  # fmt: skip
    except IntegrityError:
        raise StaleError(_("Người khác vừa đưa kết quả này vào thư viện. Hãy tải lại trang.")) from None
    row.files.set(files)
    if held is not None:
        held.replaced_by = row
        held.save(update_fields=["replaced_by"])
    audit_record(
        actor=actor, action="programmes.topicdeposit.make", target=row,
        after={"topic": topic.pk, "kind": sort, "licence": licence, "embargo": str(wanted.embargo_until or "")}, at=now,
    )  # fmt: skip
    if not waits:
        _hand(row, actor, now)
    return row


def _hand(row: TopicDeposit, actor: Actor, now: datetime) -> None:
    topic = row.topic
    rights = _("Giấy phép sử dụng: %(licence)s.") % {"licence": row.licence}
    wanted = WorkWanted(
        title=row.title, summary=f"{row.summary or topic.summary}\n{rights}".strip(), unit_id=topic.host_unit_id or topic.call.unit_id,
        year=(topic.accepted_at or now).year, creators=(topic.leader_name,), publisher=topic.organisation,
        files=tuple(WorkFile(DRAWER.path(one.file), one.title) for one in row.files.all()),
        subjects=tuple(one for one in (topic.field,) if one), source=str(reference_to(row)), source_title=topic.title,
    )  # fmt: skip
    reference = work_maker.get().deposit(actor=actor, wanted=wanted, now=now)
    row.reference, row.state, row.handed_at = str(reference), DepositState.HANDED, now
    row.save(update_fields=["reference", "state", "handed_at"])
    audit_record(
        actor=actor, action="programmes.topicdeposit.hand", target=row, after={"work": row.reference}, at=now
    )


def _end(row: TopicDeposit, state: DepositState, reason: str, now: datetime) -> None:
    if row.reference:
        work_maker.get().withdraw(reference=Reference.parse(row.reference), reason=reason, now=now)
    row.state, row.ended_at, row.end_reason = state, now, reason[:500]
    row.save(update_fields=["state", "ended_at", "end_reason"])


@transaction.atomic
def deposit_withdraw(*, actor: Actor, deposit_id: int, reason: str, now: datetime) -> TopicDeposit:
    """Take something out of the library again, with the reason; again changes nothing."""
    officer_only(actor, now)
    row = (
        TopicDeposit.objects.select_for_update(of=("self",))
        .select_related("topic__call")
        .filter(pk=deposit_id)
        .first()
    )
    if row is None:
        raise StaleError(_("Không thấy kết quả này. Hãy tải lại trang."))
    if row.state in (DepositState.WITHDRAWN, DepositState.REPLACED):
        return row
    why = reason_of(reason)
    _end(row, DepositState.WITHDRAWN, why, now)
    audit_record(actor=actor, action="programmes.topicdeposit.withdraw", target=row, reason=why[:500], at=now)
    return row


def deposits_release(now: datetime) -> int:
    """Hand in what is not held back any more; return how many. Twice is once."""
    due = TopicDeposit.objects.filter(state=DepositState.EMBARGOED, embargo_until__lt=local_date(now))
    count = 0
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            row = (
                TopicDeposit.objects.select_for_update(of=("self",)).select_related("topic__call").get(pk=pk)
            )
            if row.state == DepositState.EMBARGOED:
                _hand(row, None, now)
                count += 1
    return count


@transaction.atomic
def contact_forget(*, topic_id: int, now: datetime) -> None:
    """Empty what is personal about the contact of a topic that is over; the topic itself stays. Again changes nothing."""
    topic = Topic.objects.select_for_update(of=("self",)).filter(pk=topic_id, erased_at=None).first()
    if topic is None or not topic.contact_address:
        return
    topic.contact_name = topic.contact_address = ""
    topic.token, topic.client_key, topic.erased_at = f"-{topic.pk}-{int(now.timestamp())}", "", now
    topic.save(update_fields=["contact_name", "contact_address", "token", "client_key", "erased_at"])
    audit_record(actor=None, action="programmes.topic.erase", target=topic, at=now)
