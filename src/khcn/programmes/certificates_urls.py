"""Desk addresses of the area ``certificates``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import certificates

urlpatterns: list[URLPattern | URLResolver] = [
    path("chung-nhan/", certificates.batches, name="certificate-batches"),
    path("<int:pk>/chung-nhan/", certificates.programme_batches, name="certificates"),
    path("<int:pk>/chung-nhan/moi/", certificates.batch_edit, name="certificate-batch-new"),
    path("<int:pk>/chung-nhan/<int:batch_pk>/", certificates.batch, name="certificate-batch"),
    path("<int:pk>/chung-nhan/<int:batch_pk>/sua/", certificates.batch_edit, name="certificate-batch-edit"),
    path("<int:pk>/chung-nhan/<int:batch_pk>/tep/", certificates.batch_archive, name="certificate-archive"),
    path("<int:pk>/chung-nhan/<int:batch_pk>/mau/", certificates.batch_sample, name="certificate-sample"),
]
