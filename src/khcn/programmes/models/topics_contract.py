"""What follows the approval of a topic: contract, milestones, money, amendments, liquidation, what lies in the library."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums_topics import (
    AmendmentKind,
    AmendmentState,
    DepositKind,
    DepositState,
    MilestoneState,
    MoneyKind,
)
from khcn.programmes.models.topics import Topic, dong, person
from khcn.programmes.models.topics_parts import TopicFile


class TopicContract(models.Model):
    """The contract of a topic. ``value``: money of the state, what its standing milestones add up to.

    ``with_money``: booked on a task of the plan; otherwise the note says where the money comes from.
    """

    topic = models.OneToOneField(Topic, on_delete=models.PROTECT, related_name="contract", primary_key=True)
    number = models.CharField(_("Số hợp đồng"), max_length=60)
    dated = models.DateField(_("Ngày ký"))
    side_a = models.CharField(_("Bên A (đại diện, chức vụ)"), max_length=300)
    side_b = models.CharField(_("Bên B (đại diện, chức vụ)"), max_length=300)
    value = dong(_("Giá trị hợp đồng"))
    original_value = dong()
    starts_on = models.DateField(_("Bắt đầu"))
    ends_on = models.DateField(_("Kết thúc"))
    original_ends_on = models.DateField()
    with_money = models.BooleanField(default=True)
    money_note = models.CharField(_("Nguồn tiền ngoài kế hoạch"), max_length=300, blank=True)
    drafted_by = person()
    drafted_at = models.DateTimeField()
    signed_by = person()
    signed_at = models.DateTimeField(null=True, blank=True)  # until then a draft
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-dated", "pk")
        verbose_name = _("Hợp đồng đề tài")
        verbose_name_plural = _("Hợp đồng đề tài")
        constraints = [
            models.UniqueConstraint(fields=("number",), name="programmes_topiccontract_number"),
            models.CheckConstraint(
                condition=Q(value__gt=0, original_value__gt=0), name="programmes_topiccontract_value"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="programmes_topiccontract_days"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TopicMilestone(models.Model):
    """What is due until a day, and what is paid once it is accepted (0: nothing)."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("Mốc"), max_length=300)
    deliverable = models.CharField(_("Kết quả phải nộp"), max_length=500)
    due_on = models.DateField(_("Hạn"))
    original_due_on = models.DateField()
    payment = dong(_("Thanh toán"), default=Decimal(0))
    state = models.CharField(max_length=10, choices=MilestoneState, default=MilestoneState.WAITING)
    report = models.TextField(_("Đã làm được"), blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)  # of the last report
    first_reported_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=1000, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = person()
    note = models.CharField(max_length=1000, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Mốc của đề tài")
        verbose_name_plural = _("Mốc của đề tài")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicmilestone_number"),
            models.CheckConstraint(condition=Q(payment__gte=0), name="programmes_topicmilestone_payment"),
        ]
        indexes = [models.Index(fields=("state", "due_on"), name="programmes_topicmilestone_due")]

    def __str__(self) -> str:
        return f"{self.topic_id}/{self.number} {self.title}"


class TopicCommitment(models.Model):
    """Money of the plan held for a topic: a reference of the money port each time the value grew or shrank."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="commitments")
    number = models.PositiveSmallIntegerField()
    reference = models.CharField(max_length=120, unique=True)
    task_code = models.CharField(max_length=40)
    budget_year = models.PositiveSmallIntegerField()
    amount = dong()
    paid = dong(default=Decimal(0))
    released = dong(default=Decimal(0))
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = person()

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Cam kết chi của đề tài")
        verbose_name_plural = _("Cam kết chi của đề tài")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topiccommitment_number"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, paid__gte=0, released__gte=0)
                & Q(paid__lte=F("amount") - F("released")),
                name="programmes_topiccommitment_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def left(self) -> Decimal:
        """What may still be paid of it."""
        return Decimal(self.amount - self.paid - self.released)


class TopicPayment(models.Model):
    """Money that went: paid for a milestone (never twice: the constraint), or given back by the other side."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="payments")
    milestone = models.ForeignKey(
        TopicMilestone, on_delete=models.PROTECT, related_name="payments", null=True, blank=True
    )
    kind = models.CharField(max_length=10, choices=MoneyKind)
    amount = dong(_("Số tiền"))
    paid_on = models.DateField(_("Ngày"))
    document = models.CharField(_("Số chứng từ"), max_length=120)
    note = models.CharField(max_length=500, blank=True)
    client_key = models.CharField(max_length=40, blank=True)
    entered_by = person()
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("topic_id", "paid_on", "pk")
        verbose_name = _("Lần thanh toán của đề tài")
        verbose_name_plural = _("Lần thanh toán của đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("milestone",), condition=~Q(milestone=None), name="programmes_topicpayment_once"
            ),
            models.UniqueConstraint(
                fields=("topic", "client_key"),
                condition=~Q(client_key=""),
                name="programmes_topicpayment_form",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="programmes_topicpayment_amount"),
            models.CheckConstraint(
                condition=Q(kind=MoneyKind.MILESTONE, milestone__isnull=False)
                | Q(kind=MoneyKind.REFUND, milestone=None),
                name="programmes_topicpayment_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.amount}"


class TopicAmendment(models.Model):
    """A change of the contract: asked for, then decided. ``change`` says what shall be, ``before`` what was."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=AmendmentKind)
    state = models.CharField(max_length=10, choices=AmendmentState, default=AmendmentState.PROPOSED)
    reason = models.CharField(_("Lý do"), max_length=1000)
    change = models.JSONField(default=dict)
    before = models.JSONField(default=dict, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = person()  # empty: by the contact's link
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = person()
    decision_note = models.CharField(max_length=1000, blank=True)
    decision_number = models.CharField(_("Số quyết định"), max_length=60, blank=True)
    decision_date = models.DateField(_("Ngày quyết định"), null=True, blank=True)

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Điều chỉnh hợp đồng đề tài")
        verbose_name_plural = _("Điều chỉnh hợp đồng đề tài")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicamendment_number"),
            models.UniqueConstraint(
                fields=("topic", "kind"), condition=Q(state="proposed"), name="programmes_topicamendment_open"
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None) | Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="programmes_topicamendment_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id}/{self.number}"


class TopicLiquidation(models.Model):
    """The end of a contract. ``released``: never spent; ``owed``: what the other side has to give back."""

    topic = models.OneToOneField(
        Topic, on_delete=models.PROTECT, related_name="liquidation", primary_key=True
    )
    number = models.CharField(_("Số biên bản thanh lý"), max_length=60)
    dated = models.DateField(_("Ngày"))
    value = dong()
    paid = dong()
    released = dong()
    owed = dong(_("Phải hoàn trả"), default=Decimal(0))
    conclusion = models.TextField(_("Kết luận"), blank=True)
    minutes = models.PositiveBigIntegerField(null=True, blank=True)  # document id of the register
    entered_at = models.DateTimeField()
    entered_by = person()

    class Meta:
        ordering = ("-dated", "pk")
        verbose_name = _("Thanh lý hợp đồng đề tài")
        verbose_name_plural = _("Thanh lý hợp đồng đề tài")
        constraints = [
            models.CheckConstraint(
                condition=Q(paid__gte=0, released__gte=0, owed__gte=0)
                & Q(owed__lte=F("paid"))
                & Q(paid__lte=F("value")),
                name="programmes_topicliquidation_sane",
            )
        ]

    def __str__(self) -> str:
        return self.number


class TopicDeposit(models.Model):
    """Something of a topic for the library. ``reference``: the work there; ``licence``: a short name like CC BY 4.0."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="deposits")
    kind = models.CharField(max_length=10, choices=DepositKind)
    number = models.PositiveSmallIntegerField()  # versions of the same kind: 1, 2, 3
    state = models.CharField(max_length=10, choices=DepositState)
    title = models.CharField(_("Tên"), max_length=300)
    summary = models.TextField(_("Tóm tắt"), blank=True)
    licence = models.CharField(_("Giấy phép sử dụng"), max_length=120)
    embargo_until = models.DateField(_("Giữ riêng đến hết ngày"), null=True, blank=True)
    files = models.ManyToManyField(TopicFile, related_name="deposits")
    reference = models.CharField(max_length=120, blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = person()
    handed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("topic_id", "kind", "number")
        verbose_name = _("Kết quả đưa vào thư viện")
        verbose_name_plural = _("Kết quả đưa vào thư viện")
        constraints = [
            models.UniqueConstraint(
                fields=("topic", "kind", "number"), name="programmes_topicdeposit_number"
            ),
            models.UniqueConstraint(
                fields=("topic", "kind"),
                condition=Q(state__in=("embargoed", "handed")),
                name="programmes_topicdeposit_standing",
            ),
        ]
        indexes = [models.Index(fields=("state", "embargo_until"), name="programmes_topicdeposit_due")]

    def __str__(self) -> str:
        return self.title
