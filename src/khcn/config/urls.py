"""The addresses of the whole site. Each app keeps its own; this file only mounts them."""

from django.urls import include, path

from khcn.core.api.shell import api_urls

handler400 = "khcn.web.errors.bad_request"
handler403 = "khcn.web.errors.permission_denied"
handler404 = "khcn.web.errors.not_found"
handler500 = "khcn.web.errors.server_error"

urlpatterns = [
    path("api/", include(api_urls())),
    path("tai-khoan/", include("khcn.orgs.account_urls")),
    path("quan-tri/", include("khcn.config.back_office")),
    path("", include("khcn.ui.urls")),
    path("thu-vien/", include("khcn.library.urls")),
    path("", include("khcn.library.root_urls")),
    path("ban-lam-viec/to-chuc/", include("khcn.orgs.urls")),
    path("don-vi/", include("khcn.orgs.public_urls")),
    path("cho/", include("khcn.markets.urls")),
    path("ke-hoach/", include("khcn.plan.urls")),
    path("ban-lam-viec/ke-hoach/", include("khcn.plan.desk_urls")),
    path("chuong-trinh/", include("khcn.programmes.urls")),
    path("chung-nhan/", include("khcn.programmes.certificates_root_urls")),
    path("ban-lam-viec/chuong-trinh/", include("khcn.programmes.desk_urls")),
    path("bai-hoc/", include("khcn.programmes.curricula_public_urls")),
    path("ban-lam-viec/bai-hoc/", include("khcn.programmes.curricula_desk_urls")),
    path("boi-duong/", include("khcn.programmes.training_public_urls")),
    path("ban-lam-viec/boi-duong/", include("khcn.programmes.training_desk_urls")),
    path("muc-do-so/", include("khcn.programmes.readiness_public_urls")),
    path("ban-lam-viec/muc-do-so/", include("khcn.programmes.readiness_desk_urls")),
    path("de-tai/", include("khcn.programmes.topics_public_urls")),
    path("ban-lam-viec/de-tai/", include("khcn.programmes.topics_desk_urls")),
    path("nang-luong/", include("khcn.energy.urls")),
    path("ban-lam-viec/cho/", include("khcn.markets.desk_urls")),
    path("ban-lam-viec/nang-luong/", include("khcn.energy.desk_urls")),
    path("ban-lam-viec/thu-vien/", include("khcn.library.desk_urls")),
    path("ban-lam-viec/", include("khcn.web.desk_urls")),
    path("", include("khcn.web.urls")),
]
