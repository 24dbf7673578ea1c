"""What the area "versions" of the library offers to the others, registered when Django is ready."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.library import permissions
from khcn.library.models import Work
from khcn.library.selectors.versions import corrections_of, pending_changes, versions_of
from khcn.library.tables.versions import version_lines, version_links
from khcn.library.work_parts import WorkPart, desk_work_parts, work_links, work_parts


def connect() -> None:
    """Register the list of versions beside a work, the door to them on the desk, and the links between versions."""
    work_parts.register("versions", WorkPart(10, "aside", _aside))
    desk_work_parts.register("versions", WorkPart(10, "actions", _desk_action))
    desk_work_parts.register("versions.pending", WorkPart(10, "notice", _desk_notice))
    work_links.register("versions", _links)


def _aside(request: HttpRequest, work: Work) -> SafeString | str:
    """Return the list of versions; nothing while there is only one and nothing was mended in it."""
    corrections = corrections_of(work)
    if work.version == 1 and not corrections:
        return ""
    lines = version_lines(work, versions_of(work), shown=work.version)
    context = {"versions": lines, "corrections": corrections}
    return render_to_string("library/versions/list.html", context, request)


def _desk_action(request: HttpRequest, work: Work) -> SafeString | str:
    if work.published_at is None:
        return ""
    address = reverse("library-desk:versions", args=[work.pk])
    return format_html('<a class="button button--secondary" href="{}">{}</a>', address, _("Các bản"))


def _desk_notice(request: HttpRequest, work: Work) -> SafeString | str:
    if not permissions.can_edit(request.user, work) or not pending_changes(work):
        return ""
    context = {"address": reverse("library-desk:versions", args=[work.pk])}
    return render_to_string("library/versions/pending.html", context, request)


def _links(request: HttpRequest, work: Work) -> Iterable[str]:
    return version_links(work, work.version)
