"""What works are gathered and found by: collections, subjects, audiences. All three are data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField


class Term(models.Model):
    """A name with a stable key for addresses and imports."""

    key = models.SlugField(_("mã"), max_length=80, unique=True)
    name = models.CharField(_("tên"), max_length=150)
    description = models.TextField(_("mô tả"), blank=True)
    position = models.PositiveSmallIntegerField(_("thứ tự"), default=100)
    sort_key = SortKeyField()

    class Meta:
        abstract = True
        ordering = ["position", "sort_key"]

    def __str__(self) -> str:
        return self.name


class Collection(Term):
    """A shelf of the library."""

    class Meta(Term.Meta):
        verbose_name = _("bộ sưu tập")
        verbose_name_plural = _("bộ sưu tập")


class Subject(Term):
    """What a work is about. ``variants``: other words that lead here (see-from); ``related``: what to look at too."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="narrower",
        verbose_name=_("chủ đề rộng hơn"),
    )
    ddc = models.CharField(_("số phân loại DDC"), max_length=21, blank=True, default="", db_default="")
    variants = models.JSONField(_("tên khác"), null=True, blank=True)
    related = models.ManyToManyField("self", blank=True, verbose_name=_("xem thêm"))

    class Meta(Term.Meta):
        verbose_name = _("chủ đề")
        verbose_name_plural = _("chủ đề")


class Audience(Term):
    """Whom a work is written for."""

    class Meta(Term.Meta):
        verbose_name = _("đối tượng")
        verbose_name_plural = _("đối tượng")
