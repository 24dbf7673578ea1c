"""Searches that people keep, the digests that told them of new works, and the columns they last exported."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import Actor, actor_id
from khcn.library.enums import Alert


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    """Saved searches and who may see them: each person their own, nobody those of others."""

    def visible_to(self, user: Actor) -> "SavedSearchQuerySet":
        """Return the searches of a person."""
        own = actor_id(user)
        return self.none() if own is None else self.filter(owner_id=own)


class SavedSearch(models.Model):
    """A search under a name, of a person with an account (``owner``) or of an address that subscribed (``address``).

    ``params`` is the search as its address states it, without the page, in a fixed order. What was told stands in
    ``told_at`` and ``told_id``: the moment from which the last work told could be read, and its number; works told
    later come after both. ``seen_at`` and ``seen_id`` say the same of the owner's last look. ``nonce`` is part of the
    signed links in mails: with the row every link of it dies.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="saved_searches"
    )
    address = models.EmailField(blank=True)
    name = models.CharField(_("tên"), max_length=120)
    params = models.CharField(max_length=2000)
    alert = models.CharField(_("báo tin"), max_length=8, choices=Alert, default=Alert.NEVER)
    by_mail = models.BooleanField(_("báo bằng thư điện tử"), default=False)
    on_desk = models.BooleanField(_("báo trên bàn làm việc"), default=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    nonce = models.CharField(max_length=32)
    told_at = models.DateTimeField()
    told_id = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    seen_id = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần tìm đã lưu")
        verbose_name_plural = _("lần tìm đã lưu")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["owner", "-id"], name="library_saved_owner"),
            models.Index(fields=["address"], name="library_saved_address", condition=~Q(address="")),
            models.Index(fields=["next_at"], name="library_saved_due", condition=Q(next_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(owner__isnull=False) & Q(address="")) | (Q(owner__isnull=True) & ~Q(address="")),
                name="library_saved_one_reader",
            ),
            models.CheckConstraint(condition=Q(alert__in=Alert.values), name="library_saved_alert"),
            models.CheckConstraint(
                condition=Q(next_at__isnull=True) | Q(confirmed_at__isnull=False),
                name="library_saved_nothing_before_confirmed",
            ),
            models.UniqueConstraint(
                fields=["address", "params"], condition=~Q(address=""), name="library_saved_once_an_address"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedDigest(models.Model):
    """One telling: which works it was about. ``slot`` is the time for which it was due."""

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="digests")
    slot = models.DateTimeField()
    made_at = models.DateTimeField()
    work_ids = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("bản tin tài liệu mới")
        verbose_name_plural = _("bản tin tài liệu mới")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["search", "slot"], name="library_saved_digest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id} {self.slot:%Y-%m-%d %H:%M}"


class ExportChoice(models.Model):
    """The columns and the kind of file that a person chose last."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)
    kind = models.CharField(max_length=8, default="xlsx")

    class Meta:
        verbose_name = _("cột đã chọn khi xuất")
        verbose_name_plural = _("cột đã chọn khi xuất")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"
