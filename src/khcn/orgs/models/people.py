"""People, what they do in which unit, and who stands in for them."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.orgs.enums import APPROVING_ROLES, Role
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order
from khcn.orgs.permissions import can_view_all_users, unit_ids_where_users_visible
from khcn.orgs.request_cache import remember, remembered

Viewer = AbstractBaseUser | AnonymousUser | None


class UserQuerySet(models.QuerySet["User"]):
    """People by reader and in the order of a Vietnamese list."""

    def visible_to(self, user: Viewer, on: date | None = None) -> Self:
        """Keep the people whose record ``user`` may open: oneself; a head the unit; an administrator all."""
        day = on or timezone.localdate()
        held = memberships_of(user, day)
        if can_view_all_users(held):
            return self
        own = Q(pk=getattr(user, "pk", None)) if user is not None else Q(pk=None)
        units = unit_ids_where_users_visible(held)
        in_units = Membership.objects.in_force(day).filter(unit_id__in=units).values("user_id")
        return self.filter(own | Q(pk__in=in_units))

    def alphabetical(self) -> Self:
        """Order by given name, then family name, in the Vietnamese alphabet."""
        return self.order_by("person_key", "full_name", "username")


class PersonManager(UserManager["User"]):
    """Django's account maker with our query set."""

    def get_queryset(self) -> UserQuerySet:
        """Return all people."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Viewer, on: date | None = None) -> UserQuerySet:
        """See :meth:`UserQuerySet.visible_to`."""
        return self.get_queryset().visible_to(user, on)

    def alphabetical(self) -> UserQuerySet:
        """See :meth:`UserQuerySet.alphabetical`."""
        return self.get_queryset().alphabetical()


class User(AbstractUser):
    """A person who signs in.

    ``full_name`` is the name as written; ``last_name`` (family and middle) and ``first_name`` (given) follow
    it because the back office sorts by them.
    """

    full_name = models.CharField(_("Họ và tên"), max_length=150, blank=True)
    person_key = SortKeyField(db_index=True)
    title = models.CharField(_("Chức danh"), max_length=120, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=40, blank=True)
    language = models.CharField(
        _("Ngôn ngữ"), max_length=5, choices=[("vi", "Tiếng Việt"), ("en", "English")], default="vi"
    )
    must_change_password = models.BooleanField(_("Phải đổi mật khẩu khi đăng nhập"), default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("Người dùng thử"), default=False, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        verbose_name = _("Người dùng")
        verbose_name_plural = _("Người dùng")
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="orgs_user_one_email")
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Return the name as written, or the sign-in name."""
        return self.full_name or super().get_full_name() or self.username

    def get_short_name(self) -> str:
        """Return the given name, by which people are called."""
        return self.full_name.split()[-1] if self.full_name else self.first_name or self.username


class MembershipQuerySet(DatedQuerySet["Membership"]):
    """Memberships by person and day."""

    def of(self, user: Viewer) -> Self:
        """Keep the memberships of ``user``; an anonymous or deactivated person has none."""
        if user is None or user.pk is None or not user.is_active:
            return self.none()
        return self.filter(user_id=user.pk)


class Membership(Dated):
    """A person's role in a unit, with dates."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("Người dùng")
    )
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="memberships", verbose_name=_("Đơn vị")
    )
    role = models.CharField(_("Vai trò"), max_length=30, choices=Role.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("user", "unit", "role", "valid_from")
        verbose_name = _("Vai trò trong đơn vị")
        verbose_name_plural = _("Vai trò trong đơn vị")
        constraints = [
            dates_in_order("orgs_membership_dates_in_order"),
            models.UniqueConstraint(
                fields=("user", "unit", "role", "valid_from"), name="orgs_membership_once_a_day"
            ),
            models.UniqueConstraint(
                fields=("user", "unit", "role"),
                condition=Q(valid_from__isnull=True),
                name="orgs_membership_one_open_start",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="orgs_membership_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.unit_id}"


class Absence(models.Model):
    """Days on which a person is away and a delegate approves in the person's place."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="absences", verbose_name=_("Người vắng")
    )
    delegate = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="standing_in", verbose_name=_("Người được ủy quyền")
    )
    role = models.CharField(
        _("Vai trò được ủy quyền"),
        max_length=30,
        blank=True,
        choices=[(role.value, role.label) for role in Role if role in APPROVING_ROLES],
        help_text=_("Để trống nếu ủy quyền mọi vai trò phê duyệt."),
    )
    first_day = models.DateField(_("Từ ngày"))
    last_day = models.DateField(_("Đến hết ngày"))
    reason = models.CharField(_("Lý do"), max_length=300, blank=True)
    cancelled_at = models.DateTimeField(_("Đã hủy lúc"), null=True, blank=True)

    class Meta:
        ordering = ("-first_day", "pk")
        verbose_name = _("Vắng mặt và ủy quyền")
        verbose_name_plural = _("Vắng mặt và ủy quyền")
        constraints = [
            dates_in_order("orgs_absence_dates_in_order", "first_day", "last_day"),
            models.CheckConstraint(condition=~Q(user=F("delegate")), name="orgs_absence_delegate_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} -> {self.delegate_id} ({self.first_day:%d/%m/%Y}-{self.last_day:%d/%m/%Y})"


def memberships_of(user: Viewer, on: date) -> tuple[Membership, ...]:
    """Return what ``user`` is, and where, on the day ``on``; asked once in a request.

    A membership counts only while both it and its unit are in force: when a unit closes, its people lose
    their rights in it without any row being touched.
    """
    if user is None or user.pk is None or not user.is_active:
        return ()
    key = ("memberships", user.pk, on)
    known: tuple[Membership, ...] | None = remembered(key)
    if known is None:
        rows = Membership.objects.of(user).in_force(on).select_related("unit").order_by("pk")
        known = tuple(row for row in rows if row.unit.in_force(on))
        remember(key, known)
    return known
