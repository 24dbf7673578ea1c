"""Councils of research topics: appraisal and acceptance alike. Seats, cases, conflicts, sheets, the frozen result."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, CouncilSeat
from khcn.programmes.models.judging import ConflictFields, FrozenFields, SeatFields, SheetFields
from khcn.programmes.models.topics import Topic, TopicCriterion, TopicRubric, person
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_topics import can_read_councils


class TopicCouncilQuerySet(models.QuerySet["TopicCouncil"]):
    """Councils by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep councils that ``user`` may read the file of; jurors have pages of their own."""
        return self if can_read_councils(acting(user, on)) else self.none()


class TopicCouncil(models.Model):
    """A council for one or more topics. Phases are those of contests that have a meaning here."""

    kind = models.CharField(max_length=10, choices=CouncilKind)
    title = models.CharField(_("Tên hội đồng"), max_length=300)
    rubric = models.ForeignKey(TopicRubric, on_delete=models.PROTECT, related_name="councils")
    phase = models.CharField(max_length=10, choices=PhaseKind, default=PhaseKind.PREPARING)
    decision_number = models.CharField(_("Quyết định thành lập"), max_length=60, blank=True)
    decision_date = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    judge_by = models.DateField(_("Chấm đến hết ngày"), null=True, blank=True)
    met_on = models.DateField(_("Ngày họp"), null=True, blank=True)
    place = models.CharField(_("Nơi họp"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = person()
    dissolved_at = models.DateTimeField(null=True, blank=True)
    dissolve_reason = models.CharField(max_length=500, blank=True)
    client_key = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = TopicCouncilQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("Hội đồng đề tài")
        verbose_name_plural = _("Hội đồng đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("client_key",), condition=~Q(client_key=""), name="programmes_topiccouncil_once"
            )
        ]
        indexes = [models.Index(fields=("phase", "kind"), name="programmes_topiccouncil_phase")]

    def __str__(self) -> str:
        return self.title


class TopicCase(models.Model):
    """A topic before a council. ``closed_at``: taken out, or the council was dissolved; a topic has one open case of a kind
    until it is done. ``result`` and the rest are written when the scores are frozen.
    """

    council = models.ForeignKey(TopicCouncil, on_delete=models.PROTECT, related_name="cases")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="cases")
    code = models.CharField(max_length=40)  # stands in the frozen scores
    kind = models.CharField(max_length=10, choices=CouncilKind)  # of the council: for the constraint
    done = models.BooleanField(default=False)  # the council is over
    closed_at = models.DateTimeField(null=True, blank=True)
    result = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)
    class_key = models.CharField(max_length=40, blank=True)
    class_title = models.CharField(max_length=120, blank=True)
    conclusion = models.TextField(_("Kết luận của hội đồng"), blank=True)

    class Meta:
        ordering = ("council_id", "code")
        verbose_name = _("Đề tài trước hội đồng")
        verbose_name_plural = _("Đề tài trước hội đồng")
        constraints = [
            models.UniqueConstraint(
                fields=("topic", "kind"),
                condition=Q(closed_at=None, done=False),
                name="programmes_topiccase_open",
            ),
            models.UniqueConstraint(
                fields=("council", "topic"), condition=Q(closed_at=None), name="programmes_topiccase_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_id} {self.code}"


class TopicJuror(SeatFields):
    """A seat in a council of topics."""

    council = models.ForeignKey(TopicCouncil, on_delete=models.PROTECT, related_name="jurors")
    seat = models.CharField(max_length=10, choices=CouncilSeat, default=CouncilSeat.MEMBER)

    class Meta:
        ordering = ("council_id", "pk")
        verbose_name = _("Thành viên hội đồng đề tài")
        verbose_name_plural = _("Thành viên hội đồng đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("council", "user"), condition=Q(removed_at=None), name="programmes_topicjuror_once"
            ),
            models.UniqueConstraint(
                fields=("council",),
                condition=Q(removed_at=None, seat=CouncilSeat.CHAIR),
                name="programmes_topicjuror_chair",
            ),
            models.UniqueConstraint(
                fields=("council",),
                condition=Q(removed_at=None, seat=CouncilSeat.SECRETARY),
                name="programmes_topicjuror_secretary",
            ),
        ]
        indexes = [models.Index(fields=("user", "removed_at"), name="programmes_topicjuror_user")]

    def __str__(self) -> str:
        return f"{self.council_id} {self.user_id}"


class TopicConflict(ConflictFields):
    """What a juror declared about a case, or what was found: on the team, from the host, of the leader's unit."""

    juror = models.ForeignKey(TopicJuror, on_delete=models.PROTECT, related_name="conflicts")
    case = models.ForeignKey(TopicCase, on_delete=models.PROTECT, related_name="conflicts")

    class Meta:
        ordering = ("juror_id", "case_id", "pk")
        verbose_name = _("Khai xung đột lợi ích về đề tài")
        verbose_name_plural = _("Khai xung đột lợi ích về đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("juror", "case"), condition=Q(revoked_at=None), name="programmes_topicconflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.juror_id} {self.case_id}"


class TopicReview(SheetFields):
    """A juror's sheet about a case."""

    council = models.ForeignKey(TopicCouncil, on_delete=models.PROTECT, related_name="reviews")
    juror = models.ForeignKey(TopicJuror, on_delete=models.PROTECT, related_name="reviews")
    case = models.ForeignKey(TopicCase, on_delete=models.PROTECT, related_name="reviews")

    class Meta:
        ordering = ("council_id", "case_id", "pk")
        verbose_name = _("Phiếu đánh giá đề tài")
        verbose_name_plural = _("Phiếu đánh giá đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("juror", "case"), condition=Q(void_at=None), name="programmes_topicreview_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.juror_id} {self.case_id}"


class TopicScore(models.Model):
    """Points of one juror for one criterion of one case."""

    review = models.ForeignKey(TopicReview, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(TopicCriterion, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ("review_id", "criterion_id")
        verbose_name = _("Điểm đề tài")
        verbose_name_plural = _("Điểm đề tài")
        constraints = [
            models.UniqueConstraint(fields=("review", "criterion"), name="programmes_topicscore_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="programmes_topicscore_positive"),
        ]

    def __str__(self) -> str:
        return str(self.points)


class TopicCouncilResult(FrozenFields):
    """The frozen scores of a council. ``closed_at``: the minutes are signed, the result counts."""

    council = models.ForeignKey(TopicCouncil, on_delete=models.PROTECT, related_name="results")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = person()

    class Meta:
        ordering = ("council_id", "-frozen_at")
        verbose_name = _("Kết quả hội đồng đề tài")
        verbose_name_plural = _("Kết quả hội đồng đề tài")
        constraints = [
            models.UniqueConstraint(
                fields=("council",), condition=Q(thawed_at=None), name="programmes_topicresult_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("frozen_at")),
                name="programmes_topicresult_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council_id} {self.frozen_at:%Y-%m-%d}"
