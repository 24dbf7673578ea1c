"""The audit trail's one table."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import LABEL_LENGTH, Actor, actor_id
from khcn.core.errors import KhcnError
from khcn.core.visibility import VisibilityRules

audit_visibility = VisibilityRules("audit visibility")


class AuditImmutableError(KhcnError):
    """Somebody tried to change or delete an audit row."""

    code = "audit-immutable"

    def __init__(self) -> None:
        super().__init__(
            str(_("Nhật ký kiểm toán chỉ được ghi thêm. Muốn đính chính, hãy ghi một dòng mới."))
        )


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Rows are added by ``core.audit`` and then only read."""

    def visible_to(self, user: Actor) -> "AuditQuerySet":
        """Return a person's own deeds and what the registered predicates add."""
        own = actor_id(user)
        if own is None:
            return self.none()
        return self.filter(Q(actor_id=own) | Q(on_behalf_of_id=own) | audit_visibility.query(user))

    def about(self, kind: str, ident: object) -> "AuditQuerySet":
        """Return the history of one record, newest first."""
        return self.filter(target_kind=kind, target_id=str(ident)).order_by("-id")

    def unsealed(self) -> "AuditQuerySet":
        """Return rows that are not yet a link of the chain, in the order of writing."""
        return self.filter(seq__isnull=True).order_by("id")

    def seal(self, links: Iterable[tuple[int, str, str, int]]) -> None:
        """Make rows links of the chain; each link is (seq, prev_hash, hash, id). A sealed row stays as it is.

        Plain SQL: thousands of rows after an import would take seconds as single ORM calls.
        """
        table = connection.ops.quote_name(self.model._meta.db_table)
        sql = f"UPDATE {table} SET seq = %s, prev_hash = %s, hash = %s WHERE id = %s AND seq IS NULL"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.executemany(sql, list(links))

    def update(self, **_values: Any) -> NoReturn:
        """Refuse."""
        raise AuditImmutableError

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AuditImmutableError

    def bulk_update(
        self, objs: Iterable["AuditEvent"], fields: Iterable[str], batch_size: int | None = None
    ) -> NoReturn:
        """Refuse."""
        raise AuditImmutableError


class AuditEvent(models.Model):
    """One deed: who did what to which record, what changed, when and why.

    People are kept by id and by the name they had then, without a foreign key: the row must outlive the
    account. ``digest`` covers the content and is written with it; ``seq``, ``prev_hash`` and ``hash`` make
    the chain and are written once, right after the deed's transaction (see ``core.audit``).
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    on_behalf_of_id = models.BigIntegerField(null=True)
    on_behalf_of_label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    action = models.CharField(max_length=100)
    target_kind = models.CharField(max_length=100, blank=True)
    target_id = models.CharField(max_length=100, blank=True)
    target_label = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    count = models.PositiveBigIntegerField(
        null=True
    )  # rows covered by one batch entry; null for a single deed
    digest = models.CharField(max_length=64)
    seq = models.BigIntegerField(null=True, unique=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("dòng nhật ký kiểm toán")
        verbose_name_plural = _("nhật ký kiểm toán")
        indexes = (
            models.Index(fields=["target_kind", "target_id", "id"], name="core_audit_target"),
            models.Index(fields=["actor_id", "id"], name="core_audit_actor"),
            models.Index(fields=["action", "id"], name="core_audit_action"),
            models.Index(fields=["at"], name="core_audit_at"),
            models.Index(fields=["id"], name="core_audit_unsealed", condition=Q(seq__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.target_kind}:{self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a saved row refuses to be written again."""
        if not self._state.adding:
            raise AuditImmutableError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AuditImmutableError
