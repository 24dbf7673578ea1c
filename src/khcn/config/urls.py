"""The addresses of the whole site. Each app keeps its own; this file only mounts them."""

from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls

handler400 = "khcn.web.errors.bad_request"
handler403 = "khcn.web.errors.permission_denied"
handler404 = "khcn.web.errors.not_found"
handler500 = "khcn.web.errors.server_error"

urlpatterns = [
    path("tai-khoan/", include("khcn.orgs.account_urls")),
    path("quan-tri/", include(wagtailadmin_urls)),
    path("", include("khcn.ui.urls")),
    path("thu-vien/", include("khcn.library.urls")),
    path("ban-lam-viec/", include("khcn.web.desk_urls")),
    path("", include("khcn.web.urls")),
]
