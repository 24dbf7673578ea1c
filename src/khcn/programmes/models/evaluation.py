"""What people thought and what they learnt: surveys without names, quizzes before and after."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.evaluation import QuizPhase


class Survey(models.Model):
    """The survey of a programme. ``token``: in the QR code that stands in the room."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="survey")
    token = models.CharField(max_length=64, unique=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("programme_id",)
        verbose_name = _("Phiếu hỏi ý kiến")
        verbose_name_plural = _("Phiếu hỏi ý kiến")

    def __str__(self) -> str:
        return str(self.programme_id)

    @property
    def is_open(self) -> bool:
        """Whether people may answer."""
        return self.opened_at is not None and self.closed_at is None


class SurveyVersion(models.Model):
    """One wording of the questions (:mod:`khcn.programmes.rules.evaluation` says their shape). Answered ones never change."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    questions = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("survey_id", "-version")
        verbose_name = _("Bản phiếu hỏi")
        verbose_name_plural = _("Bản phiếu hỏi")
        constraints = [
            models.UniqueConstraint(fields=("survey", "version"), name="programmes_survey_version")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} v{self.version}"


class SurveyAnswer(models.Model):
    """One answer of nobody: ``digest`` is a keyed hash of the ticket and only stops a second answer. No hour is kept."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="answers")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="answers")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="survey_answers")
    digest = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True)
    answered_on = models.DateField()

    class Meta:
        ordering = ("survey_id", "digest")  # in no order of time
        verbose_name = _("Ý kiến")
        verbose_name_plural = _("Ý kiến")
        constraints = [
            models.UniqueConstraint(fields=("session", "digest"), name="programmes_answer_once"),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="programmes_answer_scale",
            ),
        ]
        indexes = [models.Index(fields=("survey", "session"), name="programmes_answers_of")]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.session_id}"


class Quiz(models.Model):
    """The quiz of a course, asked before and after. Its questions stand still once somebody has answered."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="quiz")
    questions = models.JSONField(default=list)
    before_open = models.BooleanField(_("Đang mở bài trước khóa học"), default=False)
    after_open = models.BooleanField(_("Đang mở bài sau khóa học"), default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("programme_id",)
        verbose_name = _("Bài kiểm tra")
        verbose_name_plural = _("Bài kiểm tra")

    def __str__(self) -> str:
        return str(self.programme_id)


class QuizAnswer(models.Model):
    """What one person answered before or after."""

    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="answers")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="quiz_answers")
    phase = models.CharField(max_length=6, choices=QuizPhase)
    answers = models.JSONField(default=dict)
    score = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("quiz_id", "registration_id", "phase")
        verbose_name = _("Bài làm")
        verbose_name_plural = _("Bài làm")
        constraints = [
            models.UniqueConstraint(fields=("quiz", "registration", "phase"), name="programmes_quiz_once"),
            models.CheckConstraint(condition=Q(score__lte=F("total")), name="programmes_quiz_score"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.registration_id} {self.phase}"
