"""The one register of outside parties that later apps share."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.orgs.enums import PartyKind
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order
from khcn.orgs.models.people import Viewer, memberships_of
from khcn.orgs.models.units import Unit, predecessor_ids, subtree_ids
from khcn.orgs.permissions import can_view_all_parties, unit_ids_where_parties_kept


class PartyQuerySet(DatedQuerySet["Party"]):
    """Parties by reader."""

    def visible_to(self, user: Viewer, on: date | None = None) -> Self:
        """Keep the parties that ``user`` may see: all for the register's keepers, its own area for a unit.

        Never public: a party carries a contact person. The system administrator sees none.
        """
        day = on or timezone.localdate()
        held = memberships_of(user, day)
        if can_view_all_parties(held):
            return self
        units = unit_ids_where_parties_kept(held)
        if not units:
            return self.none()
        return self.filter(ward_id__in=predecessor_ids(subtree_ids(units), day))

    def current(self) -> Self:
        """Leave out records that were merged into another."""
        return self.filter(merged_into=None)

    def alphabetical(self) -> Self:
        """Order by name in the Vietnamese alphabet."""
        return self.order_by("sort_key", "name", "pk")


class Party(Dated):
    """A school, enterprise, business household, market stall or other outside party."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("Loại"), max_length=30, choices=PartyKind.choices)
    name = models.CharField(_("Tên"), max_length=250)
    folded_name = models.CharField(max_length=250, blank=True, editable=False, db_index=True)
    sort_key = SortKeyField()
    registration_code = models.CharField(
        _("Mã số thuế hoặc mã đăng ký"), max_length=40, blank=True, help_text=_("Để trống nếu không có.")
    )
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    ward = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="parties",
        null=True,
        blank=True,
        verbose_name=_("Địa bàn"),
    )
    contact_name = models.CharField(_("Người liên hệ"), max_length=150, blank=True)
    contact_phone = models.CharField(_("Điện thoại liên hệ"), max_length=40, blank=True)
    contact_email = models.EmailField(_("Thư điện tử liên hệ"), blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="merged_from", null=True, blank=True, editable=False
    )

    objects = PartyQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "name")
        verbose_name = _("Tổ chức, cơ sở bên ngoài")
        verbose_name_plural = _("Tổ chức, cơ sở bên ngoài")
        constraints = [
            dates_in_order("orgs_party_dates_in_order"),
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="orgs_party_not_merged_into_itself"
            ),
            models.UniqueConstraint(
                fields=("kind", "registration_code"),
                condition=~Q(registration_code="") & Q(merged_into__isnull=True),
                name="orgs_party_one_code",
            ),
        ]

    def __str__(self) -> str:
        return self.name
