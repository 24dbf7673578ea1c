"""Public addresses of the area ``certificates``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import certificates_public

urlpatterns: list[URLPattern | URLResolver] = [
    path("dang-ky/<str:token>/chung-nhan/", certificates_public.own, name="certificates-own"),
    path(
        "dang-ky/<str:token>/chung-nhan/<int:pk>/", certificates_public.own_file, name="certificate-own-file"
    ),
]
