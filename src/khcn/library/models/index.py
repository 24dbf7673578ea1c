"""The ordered table of changes that every search index follows."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class IndexChange(models.Model):
    """ "Work ``work_id`` has changed": written in the transaction of the change itself.

    ``seq`` is given after the commit, by one process at a time (``khcn.library.search.changes``). An identity column
    alone would not do: two transactions may commit in another order than they took their numbers, and a follower that
    saw the later one first would never look back. A row lives until a later one of the same work has a ``seq``.
    """

    work_id = models.BigIntegerField(_("tài liệu"), db_index=True)
    seq = models.BigIntegerField(_("thứ tự"), null=True, unique=True, editable=False)
    at = models.DateTimeField(_("lúc"), db_default=Now())

    class Meta:
        verbose_name = _("thay đổi cần đưa vào chỉ mục")
        verbose_name_plural = _("thay đổi cần đưa vào chỉ mục")
        ordering = ["seq", "id"]

    def __str__(self) -> str:
        return f"{self.seq or '-'}: {self.work_id}"


class IndexHistory(models.Model):
    """One row that names this database's history, so that an index made from another database is never trusted."""

    key = models.CharField(_("mã"), max_length=32)

    class Meta:
        verbose_name = _("lịch sử chỉ mục")
        verbose_name_plural = _("lịch sử chỉ mục")

    def __str__(self) -> str:
        return self.key
