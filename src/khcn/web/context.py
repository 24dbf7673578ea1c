"""What every template knows about the installation: its name, its footer, its navigation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from khcn.orgs.selectors import memberships_of, site_identity
from khcn.ui.desk import desk_groups
from khcn.ui.parts import NavItem, SiteProfile


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the identity of the site, worked out only when a template asks."""
    return {
        "site": SimpleLazyObject(lambda: site_profile(request)),
        "khcn_demo": not settings.KHCN.production,
    }


def site_profile(request: HttpRequest) -> SiteProfile:
    """Return the site as the person of this request sees it."""
    facts = site_identity()
    responsible = ", ".join(part for part in (facts.responsible_name, facts.responsible_title) if part)
    note = _("Bản dùng thử: thông tin liên hệ chỉ để minh họa.") if facts.contact_is_demo else ""
    # a request refused before anybody was known (a wrong host) has no user: its error page has no desk
    on_desk = hasattr(request, "user") and request.path.startswith(reverse("desk:home"))
    return SiteProfile(
        name=facts.site_name,
        unit=facts.owner,
        search_url=reverse("library:search"),
        owner=facts.owner,
        responsible=responsible,
        address=facts.address,
        email=facts.email,
        phone=facts.phone,
        note=note,
        nav=[
            NavItem(label=_("Trang chủ"), url="/", exact=True),
            NavItem(label=_("Thư viện"), url=reverse("library:home")),
            NavItem(label=_("Mới thêm"), url=reverse("library:recent")),
            NavItem(label=_("Chợ"), url=reverse("markets:list")),
            NavItem(label=_("Năng lượng"), url=reverse("energy:list")),
            NavItem(label=_("Chương trình"), url=reverse("programmes:calendar")),
            NavItem(label=_("Kế hoạch"), url=reverse("plan:list")),
        ],
        account=account_links(request),
        footer=[
            NavItem(label=_("Trợ giúp"), url=reverse("web:help")),
            NavItem(label=_("Quyền riêng tư"), url=reverse("web:privacy")),
            NavItem(label=_("Sơ đồ trang"), url=reverse("web:site-map")),
        ],
        desk=desk_groups(request) if on_desk else (),
    )


def account_links(request: HttpRequest) -> list[NavItem]:
    """Return the links of a visitor, or of the person signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return [NavItem(label=_("Đăng nhập"), url=reverse("account_login"))]
    links = []
    if user.is_staff or memberships_of(user, timezone.localdate()):
        links.append(NavItem(label=_("Bàn làm việc"), url=reverse("desk:home")))
    links.append(NavItem(label=_("Tài khoản của tôi"), url=reverse("account_home")))
    return [*links, NavItem(label=_("Đăng xuất"), url=reverse("account_logout"))]
