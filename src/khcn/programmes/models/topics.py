"""Research topics: calls, what is scored by which rubric, and proposals with their people, work, budget and products."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.orgs.enums import PartyKind
from khcn.programmes.enums import Scoring
from khcn.programmes.enums_topics import (
    CALL_PUBLIC,
    TOPIC_PUBLIC,
    CallState,
    CouncilKind,
    TopicState,
)
from khcn.programmes.models.judging import CriterionFields
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_topics import can_read_topics


def person() -> Any:
    """Return a column for who did something."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


def dong(label: Any = "", **more: Any) -> Any:
    """Return a column of whole dong."""
    return models.DecimalField(label, max_digits=17, decimal_places=0, **more)


class TopicRubric(models.Model):
    """One version of how topics are scored. Published versions never change; councils name the version they follow.

    ``classes``: names with the least result of each, best first: [{"key": "excellent", "title": "Xuất sắc", "least": "90"}].
    """

    kind = models.CharField(max_length=10, choices=CouncilKind)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(_("Tên bộ tiêu chí"), max_length=200)
    scoring = models.CharField(max_length=8, choices=Scoring, default=Scoring.MEAN)
    tie_break = models.CharField(max_length=200, blank=True)  # criterion keys in order, with commas
    pass_total = models.DecimalField(_("Điểm đạt"), max_digits=6, decimal_places=2, null=True, blank=True)
    classes = models.JSONField(default=list, blank=True)
    least_sheets = models.PositiveSmallIntegerField(_("Số phiếu ít nhất mỗi đề tài"), default=3)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person()

    class Meta:
        ordering = ("kind", "-version")
        verbose_name = _("Bộ tiêu chí đề tài")
        verbose_name_plural = _("Bộ tiêu chí đề tài")
        constraints = [
            models.UniqueConstraint(fields=("kind", "version"), name="programmes_topicrubric_version")
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class TopicCriterion(CriterionFields):
    """One criterion of a rubric."""

    rubric = models.ForeignKey(TopicRubric, on_delete=models.CASCADE, related_name="criteria")

    class Meta:
        ordering = ("rubric_id", "order", "pk")
        verbose_name = _("Tiêu chí đề tài")
        verbose_name_plural = _("Tiêu chí đề tài")
        constraints = [
            models.UniqueConstraint(fields=("rubric", "key"), name="programmes_topiccriterion_key"),
            *CriterionFields.Meta.constraints,
        ]


class TopicCallQuerySet(models.QuerySet["TopicCall"]):
    """Calls by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep calls that ``user`` may read: published ones everybody, drafts who decides about topics."""
        if can_read_topics(acting(user, on)):
            return self
        return self.filter(state__in=CALL_PUBLIC)


class TopicCall(models.Model):
    """A call for topics. ``opens_at`` and ``closes_at`` count by the server's clock; ``key`` stands in its address."""

    key = models.SlugField(_("Địa chỉ"), max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=CallState, default=CallState.DRAFT)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị mời")
    )
    year = models.PositiveSmallIntegerField(_("Năm"))
    title = models.CharField(_("Tên đợt"), max_length=300)
    folded_title = models.CharField(max_length=300, blank=True, editable=False)
    fields = models.CharField(_("Lĩnh vực"), max_length=500, blank=True)  # separated by ;
    text = models.TextField(_("Nội dung mời"), blank=True)
    opens_at = models.DateTimeField(_("Nhận từ"))
    closes_at = models.DateTimeField(_("Hạn nộp"))
    task_code = models.CharField(
        _("Mã nhiệm vụ của kế hoạch"), max_length=40, blank=True
    )  # empty: no money of the plan
    budget_year = models.PositiveSmallIntegerField(_("Năm ngân sách"))
    ceiling_vnd = dong(_("Ngân sách cho mỗi đề tài nhiều nhất"), null=True, blank=True)
    most_months = models.PositiveSmallIntegerField(_("Thực hiện nhiều nhất (tháng)"), default=24)
    contact = models.CharField(_("Liên hệ"), max_length=300, blank=True)  # an office, never a private person
    appraisal = models.ForeignKey(
        TopicRubric,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Tiêu chí xét duyệt"),
    )
    acceptance = models.ForeignKey(
        TopicRubric,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Tiêu chí nghiệm thu"),
    )
    created_by = person()
    created_at = models.DateTimeField()
    published_by = person()
    published_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    client_key = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = TopicCallQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "-closes_at", "pk")
        verbose_name = _("Đợt mời đề xuất đề tài")
        verbose_name_plural = _("Đợt mời đề xuất đề tài")
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="programmes_topiccall_in_order"
            ),
            models.CheckConstraint(
                condition=Q(ceiling_vnd=None) | Q(ceiling_vnd__gt=0), name="programmes_topiccall_ceiling"
            ),
            models.UniqueConstraint(
                fields=("client_key",), condition=~Q(client_key=""), name="programmes_topiccall_once"
            ),
        ]
        indexes = [models.Index(fields=("state", "closes_at"), name="programmes_topiccall_open")]

    def __str__(self) -> str:
        return self.title

    @property
    def field_list(self) -> list[str]:
        """The fields of science it is about."""
        return [one.strip() for one in self.fields.split(";") if one.strip()]

    def takes(self, now: datetime) -> bool:
        """Whether proposals may come in now."""
        return self.state == CallState.PUBLISHED and self.opens_at <= now < self.closes_at


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep topics that ``user`` may read the file of.

        Who decides about topics: all that were handed in, but for those that they may not judge while a council sits. A
        unit: its own, drafts too, and those it is the host of. Everybody else none: what the public may know is a selector of
        its own, what a juror may read hangs on the council's phase.
        """
        reach = acting(user, on)
        own = Q(unit_id__in=reach.units) | (Q(host_unit_id__in=reach.units) & ~Q(state=TopicState.DRAFT))
        if not can_read_topics(reach):
            return self.filter(own) if reach.units else self.none()
        rows = self.filter(~Q(state=TopicState.DRAFT) | own)
        if reach.user_id is None:
            return rows
        closed = apps.get_model("programmes", "TopicConflict").objects.filter(
            case__topic=OuterRef("pk"), case__done=False, case__closed_at=None, juror__user=reach.user_id,
            juror__removed_at=None, revoked_at=None, has_conflict=True,
        )  # fmt: skip
        return rows.filter(~Exists(closed) | own)

    def public(self) -> Self:
        """Keep topics that everybody may know of: from the decision on; a stopped one when it had a contract."""
        return self.filter(
            Q(state__in=TOPIC_PUBLIC) | Q(state=TopicState.STOPPED, contract__signed_at__isnull=False)
        )


class Topic(models.Model):
    """One topic from proposal to liquidation. ``key`` stands in its address, ``token`` in the contact's secret link.

    ``unit``: whose reporter handed it in; empty when an organisation did so by link. The host is ``organisation`` by name,
    and ``host_unit`` or ``party`` where it is known.
    """

    key = models.SlugField(max_length=120, unique=True)
    call = models.ForeignKey(TopicCall, on_delete=models.PROTECT, related_name="topics")
    state = models.CharField(max_length=10, choices=TopicState, default=TopicState.DRAFT)
    year = models.PositiveSmallIntegerField()
    title = models.CharField(_("Tên đề tài"), max_length=300)
    folded_title = models.CharField(max_length=300, blank=True, editable=False)
    sort_key = SortKeyField()
    field = models.CharField(_("Lĩnh vực"), max_length=120, blank=True)
    summary = models.TextField(_("Tóm tắt"), blank=True)  # public once it is approved

    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    host_unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    organisation = models.CharField(_("Tổ chức chủ trì"), max_length=200)
    folded_organisation = models.CharField(max_length=200, blank=True, editable=False)
    organisation_kind = models.CharField(_("Loại"), max_length=30, choices=PartyKind, blank=True)
    registration_code = models.CharField(_("Mã số thuế, mã đơn vị"), max_length=40, blank=True)
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    leader_name = models.CharField(_("Chủ nhiệm đề tài"), max_length=150)  # a public function
    leader_title = models.CharField(_("Học vị, chức vụ"), max_length=150, blank=True)
    leader_organisation = models.CharField(_("Nơi công tác của chủ nhiệm"), max_length=200, blank=True)
    leader_user = person()
    contact_name = models.CharField(_("Người liên hệ"), max_length=150, blank=True)
    contact_address = models.CharField(max_length=254, blank=True)  # proven by a code
    token = models.CharField(max_length=64, unique=True)
    client_key = models.CharField(max_length=40, blank=True)

    objectives = models.TextField(_("Mục tiêu"), blank=True)
    methods = models.TextField(_("Phương pháp, cách làm"), blank=True)
    months = models.PositiveSmallIntegerField(_("Thời gian thực hiện (tháng)"), default=12)
    asked_state = dong(_("Ngân sách đề nghị"), default=Decimal(0))
    asked_own = dong(_("Vốn tự có"), default=Decimal(0))
    approved_state = dong(_("Ngân sách được duyệt"), default=Decimal(0))
    task_code = models.CharField(max_length=40, blank=True)  # as they were when the money was committed
    budget_year = models.PositiveSmallIntegerField(null=True, blank=True)

    created_at = models.DateTimeField()
    created_by = person()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = person()
    return_until = models.DateTimeField(null=True, blank=True)  # a returned one may come back until then
    return_reason = models.CharField(max_length=1000, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = person()
    check_note = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = person()
    decision_note = models.CharField(max_length=1000, blank=True)  # also the reason of a refusal
    decision_number = models.CharField(_("Số quyết định"), max_length=60, blank=True)
    decision_date = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_result = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    accepted_class = models.CharField(max_length=40, blank=True)
    accepted_class_title = models.CharField(max_length=120, blank=True)
    results = models.TextField(_("Kết quả chính"), blank=True)  # public once it was accepted
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=1000, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "sort_key", "pk")
        verbose_name = _("Đề tài")
        verbose_name_plural = _("Đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("call", "client_key"), condition=~Q(client_key=""), name="programmes_topic_once"
            ),
            models.CheckConstraint(
                condition=Q(asked_state__gte=0, asked_own__gte=0, approved_state__gte=0),
                name="programmes_topic_amounts",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(decided_by=None) | ~Q(decided_by=F("checked_by")),
                name="programmes_topic_four_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=("state", "year"), name="programmes_topic_state"),
            models.Index(fields=("unit", "state"), name="programmes_topic_unit"),
            models.Index(fields=("year", "sort_key"), name="programmes_topic_year"),
        ]

    def __str__(self) -> str:
        return self.title
