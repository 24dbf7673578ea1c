"""Training: what own programmes give, records, surveys of needs, proposals to send people to courses."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.dates import local_date
from khcn.programmes.enums_training import (
    LinkHow,
    LinkState,
    Outcome,
    Priority,
    ProposalState,
    RecordBasis,
    RecordState,
    WishForm,
)
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.models.training import TrainingPerson, TrainingPost, TrainingTopic, person_of_deed
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import sees_all


class ProgrammeTopic(models.Model):
    """A programme teaches a topic: who comes often enough, or gets its certificate, holds it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="training_topics")
    topic = models.ForeignKey(TrainingTopic, on_delete=models.PROTECT, related_name="+")
    hours = models.DecimalField(_("Số tiết, giờ"), max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        ordering = ("programme_id", "topic_id")
        verbose_name = _("Chủ đề của chương trình")
        verbose_name_plural = _("Chủ đề của chương trình")
        constraints = [models.UniqueConstraint(fields=("programme", "topic"), name="programmes_teaches_once")]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.topic_id}"


class RegistrationLink(models.Model):
    """A registration is (or is not) somebody of a roster."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="training_links")
    person = models.ForeignKey(TrainingPerson, on_delete=models.CASCADE, related_name="links")
    state = models.CharField(max_length=10, choices=LinkState)
    how = models.CharField(max_length=10, choices=LinkHow)
    decided_by = person_of_deed()
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("Gắn đăng ký với người")
        verbose_name_plural = _("Gắn đăng ký với người")
        constraints = [
            models.UniqueConstraint(fields=("registration", "person"), name="programmes_trainlink_pair"),
            models.UniqueConstraint(
                fields=("registration",), condition=Q(state="linked"), name="programmes_trainlink_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.person_id}"


class RecordQuerySet(models.QuerySet["TrainingRecord"]):
    """Records by standing and reader."""

    def standing(self) -> Self:
        """Keep what counts: verified, and no certificate behind it was revoked."""
        kept = Q(certificate=None) | Q(certificate__revoked_at=None)
        return self.filter(kept, state=RecordState.VERIFIED)

    def visible_to(self, user: object, on: date) -> Self:
        """Keep records of people who hold a post of a unit that ``user`` reads."""
        reach = acting(user, on)
        if sees_all(reach):
            return self
        posts = TrainingPost.objects.listed(on).filter(unit_id__in=reach.units)
        return self.filter(person_id__in=posts.values("person_id"))


class ProposalQuerySet(models.QuerySet["CourseProposal"]):
    """Proposals by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what the units of ``user`` made; the focal unit and the auditor read all but drafts of others."""
        reach = acting(user, on)
        if reach.system or reach.officer:
            return self
        if sees_all(reach):
            return self.filter(~Q(state=ProposalState.DRAFT) | Q(unit_id__in=reach.units))
        return self.filter(unit_id__in=reach.units)


class CourseBatch(models.Model):
    """What the focal unit gathered from the units and sends on; ``document_id``: its official letter in the register."""

    title = models.CharField(_("Tên đợt"), max_length=200)
    addressee = models.CharField(_("Kính gửi"), max_length=200)
    gathered_by = person_of_deed()
    gathered_at = models.DateTimeField()
    document_id = models.PositiveBigIntegerField(null=True, blank=True)
    client_key = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ("-gathered_at", "-pk")
        verbose_name = _("Đợt cử đi học")
        verbose_name_plural = _("Đợt cử đi học")

    def __str__(self) -> str:
        return self.title


class CourseProposal(models.Model):
    """A unit proposes to send people to one course of others."""

    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.DRAFT)
    course = models.CharField(_("Tên khóa"), max_length=200)
    topic = models.ForeignKey(
        TrainingTopic, on_delete=models.PROTECT, related_name="+", verbose_name=_("Chủ đề")
    )
    organiser = models.CharField(_("Nơi tổ chức"), max_length=200)
    place = models.CharField(_("Địa điểm"), max_length=200, blank=True)
    starts_on = models.DateField(_("Từ ngày"))
    ends_on = models.DateField(_("Đến ngày"))
    hours = models.DecimalField(_("Số tiết, giờ"), max_digits=5, decimal_places=1, null=True, blank=True)
    cost_vnd = models.DecimalField(
        _("Kinh phí mỗi người"), max_digits=15, decimal_places=0, default=Decimal(0)
    )
    reason = models.CharField(_("Lý do cử đi học"), max_length=500, blank=True)
    batch = models.ForeignKey(
        CourseBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    created_by = person_of_deed()
    created_at = models.DateTimeField()
    submitted_by = person_of_deed()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = person_of_deed()
    approved_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=500, blank=True)
    client_key = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("Đề nghị cử đi học")
        verbose_name_plural = _("Đề nghị cử đi học")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="programmes_proposal_in_order"
            ),
            models.CheckConstraint(condition=Q(cost_vnd__gte=0), name="programmes_proposal_cost"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(submitted_by=None) | ~Q(approved_by=F("submitted_by")),
                name="programmes_proposal_four_eyes",
            ),
            models.UniqueConstraint(
                fields=("unit", "client_key"), condition=~Q(client_key=""), name="programmes_proposal_once"
            ),
        ]
        indexes = [models.Index(fields=("state", "-created_at"), name="programmes_proposal_state")]

    def __str__(self) -> str:
        return self.course


class ProposedPerson(models.Model):
    """One person of a proposal and what became of it."""

    proposal = models.ForeignKey(CourseProposal, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(TrainingPerson, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("proposal_id", "pk")
        verbose_name = _("Người được đề nghị")
        verbose_name_plural = _("Người được đề nghị")
        constraints = [
            models.UniqueConstraint(fields=("proposal", "person"), name="programmes_proposed_once")
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.person_id}"


class TrainingRecord(models.Model):
    """Somebody learnt a topic. From an own programme exactly one row a person, topic and programme, whatever its ground."""

    person = models.ForeignKey(TrainingPerson, on_delete=models.PROTECT, related_name="records")
    topic = models.ForeignKey(TrainingTopic, on_delete=models.PROTECT, related_name="records")
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+"
    )  # of the post on that day
    basis = models.CharField(max_length=12, choices=RecordBasis)
    state = models.CharField(max_length=10, choices=RecordState, default=RecordState.ENTERED)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed = models.OneToOneField(
        ProposedPerson, on_delete=models.PROTECT, null=True, blank=True, related_name="record"
    )
    title = models.CharField(_("Tên khóa"), max_length=300)
    organiser = models.CharField(_("Nơi tổ chức"), max_length=200, blank=True)
    held_on = models.DateField(_("Ngày hoàn thành"))
    valid_until = models.DateField(_("Có giá trị đến"), null=True, blank=True)
    hours = models.DecimalField(_("Số tiết, giờ"), max_digits=5, decimal_places=1, null=True, blank=True)
    certificate_number = models.CharField(_("Số giấy chứng nhận"), max_length=80, blank=True)
    evidence = models.CharField(max_length=140, blank=True)  # name in the drawer
    evidence_title = models.CharField(max_length=200, blank=True)
    entered_by = person_of_deed()
    entered_at = models.DateTimeField()
    verified_by = person_of_deed()
    verified_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)  # of a refusal, or why it is void
    client_key = models.CharField(max_length=40, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ("-held_on", "-pk")
        verbose_name = _("Kết quả bồi dưỡng")
        verbose_name_plural = _("Kết quả bồi dưỡng")
        constraints = [
            models.UniqueConstraint(
                fields=("person", "topic", "programme"),
                condition=Q(programme__isnull=False),
                name="programmes_record_once",
            ),
            models.UniqueConstraint(
                fields=("person", "client_key"), condition=~Q(client_key=""), name="programmes_record_click"
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(entered_by=None) | ~Q(verified_by=F("entered_by")),
                name="programmes_record_four_eyes",
            ),
            models.CheckConstraint(condition=Q(hours=None) | Q(hours__gte=0), name="programmes_record_hours"),
        ]
        indexes = [
            models.Index(fields=("person", "topic", "state"), name="programmes_record_person"),
            models.Index(fields=("held_on", "unit"), name="programmes_record_year"),
            models.Index(fields=("state", "entered_at"), name="programmes_record_state"),
        ]

    def __str__(self) -> str:
        return self.title


class NeedsSurvey(models.Model):
    """What every unit needs in a year: opened with a deadline, closed by the focal officer."""

    year = models.PositiveSmallIntegerField(_("Năm"), unique=True)
    title = models.CharField(_("Tên"), max_length=200)
    note = models.TextField(_("Lời dặn"), blank=True)
    deadline = models.DateField(_("Hạn trả lời"))
    topics = models.ManyToManyField(TrainingTopic, related_name="+")
    opened_by = person_of_deed()
    opened_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    closed_by = person_of_deed()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-year",)
        verbose_name = _("Khảo sát nhu cầu bồi dưỡng")
        verbose_name_plural = _("Khảo sát nhu cầu bồi dưỡng")

    def __str__(self) -> str:
        return self.title

    def is_late(self, now: datetime) -> bool:
        """Whether the deadline has passed."""
        return local_date(now) > self.deadline

    def near(self, now: datetime) -> bool:
        """Whether the deadline is within a week, or passed."""
        return local_date(now) >= self.deadline - timedelta(days=7)


class AnswerQuerySet(models.QuerySet["NeedsAnswer"]):
    """Answers by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep the answers of the units that ``user`` reads."""
        reach = acting(user, on)
        return self if sees_all(reach) else self.filter(unit_id__in=reach.units)


class NeedsAnswer(models.Model):
    """What one unit is asked, made when the survey opens; ``submitted_at`` empty: it has not answered."""

    survey = models.ForeignKey(NeedsSurvey, on_delete=models.CASCADE, related_name="answers")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = person_of_deed()
    is_late = models.BooleanField(default=False)
    note = models.CharField(_("Ý kiến khác"), max_length=1000, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ("survey_id", "unit_id")
        verbose_name = _("Trả lời nhu cầu bồi dưỡng")
        verbose_name_plural = _("Trả lời nhu cầu bồi dưỡng")
        constraints = [models.UniqueConstraint(fields=("survey", "unit"), name="programmes_needsanswer_once")]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.unit_id}"


class NeedsLine(models.Model):
    """How many of a unit need one topic, how much, when and how."""

    answer = models.ForeignKey(NeedsAnswer, on_delete=models.CASCADE, related_name="lines")
    topic = models.ForeignKey(TrainingTopic, on_delete=models.PROTECT, related_name="+")
    people = models.PositiveIntegerField(_("Số người cần"))
    priority = models.PositiveSmallIntegerField(_("Ưu tiên"), choices=Priority, default=Priority.MIDDLE)
    wish_time = models.CharField(_("Thời gian mong muốn"), max_length=100, blank=True)
    wish_form = models.CharField(_("Hình thức"), max_length=8, choices=WishForm, blank=True)

    class Meta:
        ordering = ("answer_id", "topic_id")
        verbose_name = _("Nhu cầu của một chủ đề")
        verbose_name_plural = _("Nhu cầu của một chủ đề")
        constraints = [models.UniqueConstraint(fields=("answer", "topic"), name="programmes_needsline_once")]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.topic_id}"
