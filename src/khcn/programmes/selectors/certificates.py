"""Reads of certificates: batches of the desk, one by its code, a person's own, what a sheet says."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from khcn.core.outbox.senders import absolute_link
from khcn.orgs.site import site_identity
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.registrations import Registration, RegistrationGroup


def batches_for(user: Any, on: date | None = None) -> QuerySet[CertificateBatch]:
    """Return the batches that ``user`` may read, with their counts."""
    return (
        CertificateBatch.objects.visible_to(user, on)
        .select_related("programme", "programme__unit")
        .annotate(
            count=Count("certificates"),
            revoked=Count("certificates", filter=Q(certificates__revoked_at__isnull=False)),
        )
        .order_by("-prepared_at", "-pk")
    )


def certificates_of(user: Any, batch: CertificateBatch, on: date | None = None) -> QuerySet[Certificate]:
    """Return the certificates of a batch by number or name."""
    rows = (
        Certificate.objects.visible_to(user, on)
        .filter(batch=batch)
        .select_related("registration", "superseded_by")
    )
    return rows.order_by("number", "registration__sort_key", "pk")


def certificates_by_link(token: str) -> tuple[str, QuerySet[Certificate]] | None:
    """Return whose link it is and the certificates it opens: one person's, or those of a whole group."""
    if not token or len(token) > 64:
        return None
    rows = Certificate.objects.issued().select_related("batch", "batch__programme__unit", "registration")
    person = Registration.objects.filter(token=token, erased_at=None).first()
    if person is not None:
        return person.name, rows.filter(registration=person)
    group = RegistrationGroup.objects.filter(token=token).first()
    if group is not None:
        return group.name, rows.filter(registration__group=group).order_by("registration__sort_key", "pk")
    return None


def verify_address(code: str) -> str:
    """Return the full address that a QR code holds."""
    return absolute_link(reverse("certificate-verify", args=[code]))


def issuer_name() -> str:
    """Return who grants certificates here."""
    site = site_identity()
    return site.operator_name or site.owner
