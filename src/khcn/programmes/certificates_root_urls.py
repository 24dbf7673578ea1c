"""The short public addresses by which anybody verifies a certificate: they are printed on it."""

from django.urls import path

from khcn.programmes.views import certificates_public

urlpatterns = [
    path("", certificates_public.verify_form, name="certificate-form"),
    path("<str:code>/", certificates_public.verify, name="certificate-verify"),
]
