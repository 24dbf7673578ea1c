"""How a contest is judged: rules and rubric in versions, phases, council, conflicts, scores, the frozen result."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import JurorSeat, PhaseKind, Scoring
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.judging import (
    ConflictFields,
    CriterionFields,
    FrozenFields,
    SeatFields,
    SheetFields,
)
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import OfProgrammeQuerySet


class Contest(models.Model):
    """What a programme of kind contest has besides. One phase is current at any time."""

    programme = models.OneToOneField(
        Programme, on_delete=models.PROTECT, related_name="contest", primary_key=True
    )
    phase = models.CharField(max_length=10, choices=PhaseKind, default=PhaseKind.PREPARING)
    deadline = models.DateTimeField(_("Hạn nộp bài"), null=True, blank=True)  # by the server's clock
    team_least = models.PositiveSmallIntegerField(_("Đội ít nhất (người)"), default=1)
    team_most = models.PositiveSmallIntegerField(_("Đội nhiều nhất (người)"), default=3)
    reviews_wanted = models.PositiveSmallIntegerField(_("Số giám khảo mỗi bài"), default=3)
    show_own_total = models.BooleanField(
        _("Đội được xem tổng điểm của mình sau khi có kết quả"), default=False
    )
    council_decision = models.CharField(_("Quyết định thành lập hội đồng"), max_length=120, blank=True)
    council_date = models.DateField(null=True, blank=True)
    judge_by = models.DateField(_("Chấm đến hết ngày"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("programme_id",)
        verbose_name = _("Cuộc thi")
        verbose_name_plural = _("Cuộc thi")

    def __str__(self) -> str:
        return str(self.programme_id)


class ContestRules(models.Model):
    """One version of the rules with its rubric. Published versions never change; scores name the version they follow."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveSmallIntegerField()
    text = models.TextField(_("Thể lệ"), blank=True)
    scoring = models.CharField(max_length=8, choices=Scoring, default=Scoring.MEDIAN)
    tie_break = models.CharField(max_length=200, blank=True)  # criterion keys in order, with commas
    pass_total = models.DecimalField(_("Điểm đạt"), max_digits=6, decimal_places=2, null=True, blank=True)
    awards = models.JSONField(
        default=list, blank=True
    )  # [{"title": "Giải Nhất", "count": 1, "prize_vnd": 5000000}]
    change_note = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("programme_id", "-version")
        verbose_name = _("Thể lệ")
        verbose_name_plural = _("Thể lệ")
        constraints = [
            models.UniqueConstraint(fields=("programme", "version"), name="programmes_rules_version")
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} v{self.version}"


class Criterion(CriterionFields):
    """One criterion of a version of the rules."""

    rules = models.ForeignKey(ContestRules, on_delete=models.CASCADE, related_name="criteria")

    class Meta:
        ordering = ("rules_id", "order", "pk")
        verbose_name = _("Tiêu chí")
        verbose_name_plural = _("Tiêu chí")
        constraints = [
            models.UniqueConstraint(fields=("rules", "key"), name="programmes_criterion_key"),
            *CriterionFields.Meta.constraints,
        ]


class Juror(SeatFields):
    """A seat in the council. ``organisations``: schools and units the person belongs to, never judged by them."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="jurors")
    seat = models.CharField(max_length=10, choices=JurorSeat, default=JurorSeat.MEMBER)

    class Meta:
        ordering = ("programme_id", "pk")
        verbose_name = _("Giám khảo")
        verbose_name_plural = _("Giám khảo")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "user"), condition=Q(removed_at=None), name="programmes_juror_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.user_id}"


class Conflict(ConflictFields):
    """What a juror declared about an entry before it opened, or what was found: own school or unit."""

    juror = models.ForeignKey(Juror, on_delete=models.PROTECT, related_name="conflicts")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("juror_id", "entry_id", "pk")
        verbose_name = _("Khai xung đột lợi ích")
        verbose_name_plural = _("Khai xung đột lợi ích")
        constraints = [
            models.UniqueConstraint(
                fields=("juror", "entry"), condition=Q(revoked_at=None), name="programmes_conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.juror_id} {self.entry_id}"


class Review(SheetFields):
    """An entry assigned to a juror, and what came of it. ``submitted_at``: after that only an officer can reopen it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reviews")
    juror = models.ForeignKey(Juror, on_delete=models.PROTECT, related_name="reviews")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="reviews")
    rules = models.ForeignKey(ContestRules, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("programme_id", "entry_id", "pk")
        verbose_name = _("Phiếu chấm")
        verbose_name_plural = _("Phiếu chấm")
        constraints = [
            models.UniqueConstraint(
                fields=("juror", "entry"), condition=Q(void_at=None), name="programmes_review_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.juror_id} {self.entry_id}"


class Score(models.Model):
    """Points of one juror for one criterion of one entry."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ("review_id", "criterion_id")
        verbose_name = _("Điểm")
        verbose_name_plural = _("Điểm")
        constraints = [
            models.UniqueConstraint(fields=("review", "criterion"), name="programmes_score_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="programmes_score_positive"),
        ]

    def __str__(self) -> str:
        return str(self.points)


class ContestResult(FrozenFields):
    """The frozen scores and the ranking made from them. ``frozen``: everything the ranking needs, hashed."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="results")
    rules = models.ForeignKey(ContestRules, on_delete=models.PROTECT, related_name="+")
    decision = models.PositiveBigIntegerField(null=True, blank=True)  # document id of the register
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("programme_id", "-frozen_at")
        verbose_name = _("Kết quả")
        verbose_name_plural = _("Kết quả")
        constraints = [
            models.UniqueConstraint(
                fields=("programme",), condition=Q(thawed_at=None), name="programmes_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.frozen_at:%Y-%m-%d}"


class Award(models.Model):
    """An award of a result, proposed by the council."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="awards")
    result = models.ForeignKey(ContestResult, on_delete=models.PROTECT, related_name="awards")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="awards")
    title = models.CharField(_("Giải"), max_length=100)
    order = models.PositiveSmallIntegerField(default=0)
    prize_vnd = models.DecimalField(max_digits=17, decimal_places=0, null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # why the council departed from the ranking

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("programme_id", "order", "pk")
        verbose_name = _("Giải thưởng")
        verbose_name_plural = _("Giải thưởng")
        constraints = [models.UniqueConstraint(fields=("result", "entry"), name="programmes_award_once")]

    def __str__(self) -> str:
        return self.title
