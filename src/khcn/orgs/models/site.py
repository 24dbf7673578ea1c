"""Who runs this installation: the facts that stand in the header and footer of every page."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.orgs.models.units import Unit


class SiteProfile(models.Model):
    """The one row that names the site, its owner and its words. Loaded from a data profile, then edited."""

    profile = models.SlugField(_("Bộ dữ liệu đã nạp"), max_length=60, blank=True)
    site_name = models.CharField(_("Tên trang"), max_length=150)
    logo_text = models.CharField(_("Chữ trên biểu trưng"), max_length=40, blank=True)
    tagline = models.CharField(_("Dòng giới thiệu"), max_length=250, blank=True)
    owner = models.CharField(_("Cơ quan chủ quản"), max_length=200)
    responsible_title = models.CharField(_("Chức danh người chịu trách nhiệm nội dung"), max_length=150)
    responsible_name = models.CharField(
        _("Họ tên người chịu trách nhiệm nội dung"), max_length=150, blank=True
    )
    address = models.CharField(_("Địa chỉ"), max_length=300)
    email = models.EmailField(_("Thư điện tử"))
    phone = models.CharField(_("Điện thoại"), max_length=40)
    operator = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Đơn vị vận hành"),
    )
    terms = models.JSONField(_("Từ ngữ của nơi này"), default=dict, blank=True)
    contact_is_demo = models.BooleanField(_("Thông tin liên hệ chỉ để minh họa"), default=False)

    class Meta:
        verbose_name = _("Thông tin trang")
        verbose_name_plural = _("Thông tin trang")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="orgs_siteprofile_one_row")]

    def __str__(self) -> str:
        return self.site_name
