"""What the area "viewer" of the library offers to the others, registered when Django is ready."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from khcn.engines.records.iiif import PRESENTATION
from khcn.library.models import Work
from khcn.library.selectors.records import absolute
from khcn.library.tables.results import page_url
from khcn.library.work_parts import WorkPart, work_links, work_parts


def connect() -> None:
    """Register the area's parts."""
    work_parts.register("viewer-search", WorkPart(5, "main", _search_part))
    work_parts.register("viewer-iiif", WorkPart(35, "aside", _iiif_part))
    work_links.register("viewer-iiif", _links)


def _search_part(request: HttpRequest, work: Work) -> SafeString | str:
    """A box to search the pages of a work that has more than one."""
    if work.page_count < 2:
        return ""
    return render_to_string("library/viewer/search_part.html", {"read_url": page_url(work, 1)}, request)


def _has_pictures(work: Work) -> bool:
    """Whether some page of a work has a picture; asked once a work."""
    known: bool | None = vars(work).get("_has_page_pictures")
    if known is None:
        known = vars(work)["_has_page_pictures"] = work.files.filter(has_thumbnail=True).exists()
    return known


def _manifest(work: Work) -> str:
    return absolute(reverse("library:iiif-manifest", args=[work.pk]))


def _iiif_part(request: HttpRequest, work: Work) -> SafeString | str:
    """The manifest's address, for readers who open the work in another library's viewer."""
    if not _has_pictures(work):
        return ""
    return render_to_string("library/viewer/iiif_part.html", {"manifest_url": _manifest(work)}, request)


def _links(request: HttpRequest, work: Work) -> Iterable[str]:
    if _has_pictures(work):
        yield f'<{_manifest(work)}>; rel="alternate"; type="application/ld+json;profile="{PRESENTATION}""'
