"""The consent ledger: which text in which version, for which purpose, by whom, when, and when it was taken back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import ConsentBy, ConsentForm, ConsentPurpose
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import OfProgrammeQuerySet


class ConsentText(models.Model):
    """What people agree to: one purpose, one version. A new wording is a new version; old rows stay."""

    purpose = models.CharField(max_length=12, choices=ConsentPurpose)
    version = models.PositiveSmallIntegerField()
    text = models.TextField(_("Nội dung"))
    text_en = models.TextField(blank=True)
    valid_from = models.DateField()

    class Meta:
        ordering = ("purpose", "-version")
        verbose_name = _("Mẫu đồng ý")
        verbose_name_plural = _("Mẫu đồng ý")
        constraints = [
            models.UniqueConstraint(fields=("purpose", "version"), name="programmes_consenttext_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class Consent(models.Model):
    """One box ticked by one person about one subject. ``subject``: reference "programmes.registration:17" (also a team
    member, an exhibitor, a visitor). Withdrawn rows stay: the ledger keeps what stood when.
    """

    programme = models.ForeignKey(  # none: a request for support outside the calls
        Programme, on_delete=models.PROTECT, related_name="consents", null=True, blank=True
    )
    subject = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=150, blank=True)  # emptied when the person is erased
    purpose = models.CharField(max_length=12, choices=ConsentPurpose)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=8, choices=ConsentBy, default=ConsentBy.SELF)
    by_name = models.CharField(max_length=150, blank=True)
    form = models.CharField(max_length=6, choices=ConsentForm, default=ConsentForm.WEB)
    paper = models.CharField(max_length=200, blank=True)  # name in the drawer of consents
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_how = models.CharField(max_length=60, blank=True)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("-given_at", "-pk")
        verbose_name = _("Đồng ý")
        verbose_name_plural = _("Đồng ý")
        constraints = [
            models.UniqueConstraint(
                fields=("subject", "purpose", "by"),
                condition=models.Q(withdrawn_at=None),
                name="programmes_consent_stands_once",
            )
        ]
        indexes = [models.Index(fields=("subject", "purpose"), name="programmes_consent_of")]

    def __str__(self) -> str:
        return f"{self.subject} {self.purpose} {self.by}"
