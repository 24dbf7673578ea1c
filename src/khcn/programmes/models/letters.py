"""Messages to the people of a programme: what is said, who gets it, who let it leave, what became of each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import LetterAudience, LetterKind, LetterState
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import OfProgrammeQuerySet, Registration, RegistrationGroup


class LetterSetting(models.Model):
    """What a programme's unit lets leave without a release: reminders a day before."""

    programme = models.OneToOneField(
        Programme, on_delete=models.CASCADE, related_name="letter_setting", primary_key=True
    )
    auto_reminders = models.BooleanField(_("Tự gửi tin nhắc một ngày trước"), default=False)

    class Meta:
        ordering = ("programme_id",)
        verbose_name = _("Cách gửi tin")
        verbose_name_plural = _("Cách gửi tin")

    def __str__(self) -> str:
        return str(self.programme_id)


class Letter(models.Model):
    """One message to many. ``previewed_digest`` is of what a person saw: text and recipients. Only that is released."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="letters")
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="letters", null=True, blank=True
    )
    kind = models.CharField(_("Loại tin"), max_length=12, choices=LetterKind)
    audience = models.CharField(
        _("Gửi cho"), max_length=10, choices=LetterAudience, default=LetterAudience.CONFIRMED
    )
    subject = models.CharField(_("Tiêu đề"), max_length=150)
    body = models.TextField(_("Nội dung"))
    subject_en = models.CharField(_("Tiêu đề tiếng Anh"), max_length=150, blank=True)
    body_en = models.TextField(_("Nội dung tiếng Anh"), blank=True)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.DRAFT)
    automatic = models.BooleanField(default=False)  # written by the system: reminders, confirmations
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    previewed_at = models.DateTimeField(null=True, blank=True)
    previewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    previewed_digest = models.CharField(max_length=64, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    client_key = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("Tin gửi người tham gia")
        verbose_name_plural = _("Tin gửi người tham gia")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "client_key"), condition=~Q(client_key=""), name="programmes_letter_once"
            ),
            # Two, because SQLite leaves a constraint with nulls_distinct out altogether.
            models.UniqueConstraint(
                fields=("session", "kind"),
                condition=Q(automatic=True, session__isnull=False),
                name="programmes_letter_of_session_once",
            ),
            models.UniqueConstraint(
                fields=("programme", "kind"),
                condition=Q(automatic=True, session__isnull=True),
                name="programmes_letter_automatic_once",
            ),
        ]
        indexes = [models.Index(fields=("programme", "state"), name="programmes_letter_state")]

    def __str__(self) -> str:
        return self.subject


class LetterRecipient(models.Model):
    """Who a released letter went to, and its message in the outbox. One registration or one group."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="recipients")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    group = models.ForeignKey(
        RegistrationGroup, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    message = models.ForeignKey(
        "core.Message", on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    added_at = models.DateTimeField()

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("letter_id", "pk")
        verbose_name = _("Người nhận tin")
        verbose_name_plural = _("Người nhận tin")
        constraints = [
            models.UniqueConstraint(fields=("letter", "registration"), name="programmes_letter_to_person"),
            models.UniqueConstraint(fields=("letter", "group"), name="programmes_letter_to_group"),
            models.CheckConstraint(
                condition=Q(registration__isnull=False) ^ Q(group__isnull=False),
                name="programmes_letter_to_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.registration_id or self.group_id}"
