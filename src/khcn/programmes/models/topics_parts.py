"""Parts of a topic: team, work packages, budget, products, files, the figures it is followed by."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums_topics import BudgetKind, ProductKind, ProductState, TeamRole, TopicFileKind
from khcn.programmes.models.topics import Topic, dong, person


class TopicMember(models.Model):
    """Somebody of the team besides its leader. Named inside only."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="members")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("Họ tên"), max_length=150)
    title = models.CharField(_("Học vị, chức vụ"), max_length=150, blank=True)
    role = models.CharField(max_length=10, choices=TeamRole, default=TeamRole.MEMBER)
    organisation = models.CharField(_("Nơi công tác"), max_length=200, blank=True)
    user = person()

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Thành viên đề tài")
        verbose_name_plural = _("Thành viên đề tài")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicmember_number")
        ]

    def __str__(self) -> str:
        return self.name


class TopicWork(models.Model):
    """One work package, in months of the topic (1 is the first)."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="works")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("Nội dung"), max_length=300)
    detail = models.TextField(_("Cách làm, kết quả phải có"), blank=True)
    from_month = models.PositiveSmallIntegerField(_("Từ tháng thứ"))
    to_month = models.PositiveSmallIntegerField(_("Đến tháng thứ"))

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Nội dung công việc")
        verbose_name_plural = _("Nội dung công việc")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicwork_number"),
            models.CheckConstraint(
                condition=Q(from_month__gte=1, to_month__gte=F("from_month")),
                name="programmes_topicwork_months",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TopicBudgetItem(models.Model):
    """One line of the budget: money of the state and own money, whole dong."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="budget")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("Khoản mục"), max_length=10, choices=BudgetKind)
    title = models.CharField(_("Diễn giải"), max_length=300)
    state_vnd = dong(_("Ngân sách"), default=Decimal(0))
    own_vnd = dong(_("Vốn tự có"), default=Decimal(0))

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Khoản dự toán")
        verbose_name_plural = _("Khoản dự toán")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicbudget_number"),
            models.CheckConstraint(
                condition=Q(state_vnd__gte=0, own_vnd__gte=0) & (Q(state_vnd__gt=0) | Q(own_vnd__gt=0)),
                name="programmes_topicbudget_some",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TopicProduct(models.Model):
    """What a topic promises to make, and what came of it. ``registered_number``: of an IP right."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="products")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("Loại"), max_length=10, choices=ProductKind)
    title = models.CharField(_("Tên sản phẩm"), max_length=300)
    requirement = models.CharField(_("Yêu cầu cần đạt"), max_length=500, blank=True)
    quantity = models.PositiveIntegerField(_("Số lượng"), default=1)
    promised = models.BooleanField(default=True)  # or made besides
    state = models.CharField(max_length=10, choices=ProductState, default=ProductState.PROMISED)
    registered_number = models.CharField(_("Số văn bằng, số đăng ký"), max_length=120, blank=True)
    registered_on = models.DateField(_("Ngày cấp"), null=True, blank=True)
    url = models.URLField(_("Địa chỉ trên mạng"), max_length=500, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = person()

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Sản phẩm đề tài")
        verbose_name_plural = _("Sản phẩm đề tài")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicproduct_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="programmes_topicproduct_some"),
        ]
        indexes = [models.Index(fields=("kind", "state"), name="programmes_topicproduct_kind")]

    def __str__(self) -> str:
        return self.title


class TopicFile(models.Model):
    """A file of a topic; private. ``milestone``: the report it belongs to."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="files")
    milestone = models.ForeignKey(
        "programmes.TopicMilestone", on_delete=models.PROTECT, related_name="files", null=True, blank=True
    )
    kind = models.CharField(max_length=10, choices=TopicFileKind)
    title = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    added_at = models.DateTimeField()
    added_by = person()

    class Meta:
        ordering = ("topic_id", "pk")
        verbose_name = _("Tệp của đề tài")
        verbose_name_plural = _("Tệp của đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("topic", "kind", "sha256"),
                condition=Q(milestone=None),
                name="programmes_topicfile_once",
            ),
            models.UniqueConstraint(
                fields=("milestone", "sha256"),
                condition=~Q(milestone=None),
                name="programmes_topicfile_report",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TopicMeasure(models.Model):
    """A figure of the registry of indicators that a topic is followed by; the current one is read when it is looked at."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="measures")
    number = models.PositiveSmallIntegerField()
    indicator = models.CharField(_("Chỉ số"), max_length=120)
    title = models.CharField(_("Tên riêng"), max_length=200, blank=True)  # empty: the indicator's own
    baseline = models.DecimalField(_("Lúc đầu"), max_digits=18, decimal_places=3, null=True, blank=True)
    target = models.DecimalField(_("Mục tiêu"), max_digits=18, decimal_places=3, null=True, blank=True)
    lower_is_better = models.BooleanField(_("Càng thấp càng tốt"), default=False)
    starts_on = models.DateField(_("Tính từ ngày"))
    ends_on = models.DateField(_("Đến ngày"), null=True, blank=True)  # empty: until the day it is read

    class Meta:
        ordering = ("topic_id", "number")
        verbose_name = _("Chỉ số theo dõi")
        verbose_name_plural = _("Chỉ số theo dõi")
        constraints = [
            models.UniqueConstraint(fields=("topic", "number"), name="programmes_topicmeasure_number"),
            models.UniqueConstraint(fields=("topic", "indicator"), name="programmes_topicmeasure_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="programmes_topicmeasure_days",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.indicator
