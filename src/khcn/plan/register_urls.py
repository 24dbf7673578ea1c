"""Desk addresses of the area ``register``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import register, register_document

urlpatterns: list[URLPattern | URLResolver] = [
    path("", register.register, name="register"),
    path("tai/<slug:kind>/", register.export, name="register-export"),
    path("moi/", register.document_new, name="document-new"),
    path("kiem-tra-the-thuc/", register.format_check, name="format-check"),
    path("<int:pk>/", register_document.document, name="document"),
    path("<int:pk>/tep/<int:file_pk>/", register_document.file, name="document-file"),
]
