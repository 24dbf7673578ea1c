"""What the area ``register`` offers to the other rooms."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.document_port import document_desk
from khcn.core.references import Reference, Resolved, resolvers
from khcn.orgs.selectors import memberships_of
from khcn.plan.desk_menu import plan_menu
from khcn.plan.models import Document
from khcn.plan.permissions import can_draft_documents, reach_of
from khcn.plan.rules.register import full_number
from khcn.plan.selectors.register import waiting_for_clerk
from khcn.plan.services.register_port import PlanDocuments
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

DOCUMENT_REFERENCE = Document._meta.label_lower


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    plan_menu.register("register", MenuEntry(60, _menu))
    plan_menu.register("format-check", MenuEntry(61, _check_menu))
    document_desk.provide(PlanDocuments())
    resolvers.register(DOCUMENT_REFERENCE, resolve_documents)


def _menu(request: HttpRequest) -> NavItem | None:
    reach = reach_of(request.user, timezone.localdate())
    if not (reach.everything or reach.clerk or reach.units or can_draft_documents(reach)):
        return None
    return NavItem(
        label=_("Văn bản"), url=reverse("plan-desk:register"), count=waiting_for_clerk(reach) or None
    )


def _check_menu(request: HttpRequest) -> NavItem | None:
    if not memberships_of(request.user, timezone.localdate()):
        return None
    return NavItem(label=_("Kiểm tra thể thức"), url=reverse("plan-desk:format-check"))


def resolve_documents(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return title and page of the documents that ``user`` may read."""
    wanted = [int(ident) for ident in ids if ident.isascii() and ident.isdigit()]
    return {
        str(document.pk): Resolved(
            Reference(DOCUMENT_REFERENCE, str(document.pk)),
            f"{full_number(document.number, document.symbol)} {document.subject}".strip(),
            reverse("plan-desk:document", args=[document.pk]),
        )
        for document in Document.objects.visible_to(user).filter(pk__in=wanted)
    }
