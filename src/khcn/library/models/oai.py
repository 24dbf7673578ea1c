"""What the OAI-PMH provider has told the world of each work, and when it changed.

The rows do not hang on ``Work``: "deletedRecord=persistent" means that a record stays, as deleted, even when the work's
row is gone one day.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OaiRecord(models.Model):
    """One item of the repository: a work that is, or once was, open to everybody.

    ``datestamp`` is a whole second in UTC that lay in the future when the row was committed (see ``services.oai``), and
    belongs to one batch of the follower alone. ``digest`` covers everything that any format tells.
    """

    work_id = models.BigIntegerField(_("tài liệu"), primary_key=True)
    datestamp = models.DateTimeField(_("mốc thời gian"))
    deleted = models.BooleanField(_("không còn công khai"), default=False)
    digest = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("bản ghi OAI-PMH")
        verbose_name_plural = _("bản ghi OAI-PMH")
        indexes = [models.Index(fields=["datestamp", "work_id"], name="library_oai_stamp")]

    def __str__(self) -> str:
        return f"{self.work_id}: {self.datestamp:%Y-%m-%dT%H:%M:%SZ}"


class OaiSet(models.Model):
    """A record stands in a set. The datestamp is repeated, so that a set is read in order from one index."""

    record = models.ForeignKey(OaiRecord, on_delete=models.CASCADE, related_name="sets")
    spec = models.CharField(_("tập hợp"), max_length=100)
    datestamp = models.DateTimeField(_("mốc thời gian"))

    class Meta:
        verbose_name = _("tập hợp của bản ghi OAI-PMH")
        verbose_name_plural = _("tập hợp của bản ghi OAI-PMH")
        constraints = [models.UniqueConstraint(fields=["record", "spec"], name="library_oai_set")]
        indexes = [models.Index(fields=["spec", "datestamp", "record"], name="library_oai_set_stamp")]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.spec}"


class OaiFollower(models.Model):
    """One row: how far the follower has come.

    ``seq``: last change followed. ``stamp``: newest datestamp given. ``turn``: counts batches, so that of two followers
    one wins. ``confirmed``: the newest batch was seen to be committed before its datestamp came. ``since``: no record is
    older. ``namespace``: the domain in our identifiers, which must not change when the site moves.
    """

    seq = models.BigIntegerField(default=0)
    stamp = models.DateTimeField()
    turn = models.BigIntegerField(default=0)
    confirmed = models.BooleanField(default=True)
    since = models.DateTimeField()
    namespace = models.CharField(max_length=253)
    swept_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bộ theo dõi OAI-PMH")
        verbose_name_plural = _("bộ theo dõi OAI-PMH")

    def __str__(self) -> str:
        return f"{self.seq}"
