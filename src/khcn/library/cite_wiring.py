"""What the area "cite" of the library offers to the others, registered when Django is ready."""

from typing import Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.engines.cite.styles import cite, style_of
from khcn.engines.records.csl import to_csl
from khcn.engines.records.types import Record
from khcn.library.models import Work
from khcn.library.search.types import SearchQuery, SearchResult
from khcn.library.selectors.cite import FILE_CAP, LIST_CAP
from khcn.library.selectors.records import record_brief
from khcn.library.tables.cite import (
    identifier_lines,
    result_files,
    result_list_url,
    safe_citation,
    style_label,
    style_tabs,
    work_files,
)
from khcn.library.tables.results import work_url
from khcn.library.work_parts import SearchTool, WorkPart, search_tools, work_parts

_KEPT: Final = "_khcn_cite_record"


def connect() -> None:
    """Register the citation and the identifiers beside a work, the way to them, and the citations of a search result."""
    work_parts.register("cite-jump", WorkPart(20, "actions", _jump))
    work_parts.register("cite", WorkPart(20, "aside", _citation))
    work_parts.register("identifiers", WorkPart(30, "aside", _identifiers))
    search_tools.register("cite", SearchTool(40, _result_tool))


def _record(work: Work) -> Record:
    """Return the record of the work, made once a page."""
    found: Record | None = getattr(work, _KEPT, None)
    if found is None:
        found = record_brief(work)
        setattr(work, _KEPT, found)
    return found


def _jump(request: HttpRequest, work: Work) -> SafeString:
    """The button beside "read": on a phone the citation stands far below the text."""
    return format_html('<a class="button button--secondary" href="#trich-dan">{}</a>', _("Trích dẫn"))


def _citation(request: HttpRequest, work: Work) -> SafeString | str:
    style = style_of(request.GET.get("kieu", ""))
    context = {
        "citation": safe_citation(cite(to_csl(_record(work)), style.key)),
        "style": style_label(style),
        "tabs": style_tabs(style.key, path=work_url(work), anchor="#trich-dan"),
        "files": work_files(work.pk),
    }
    return render_to_string("library/cite/aside.html", context, request)


def _identifiers(request: HttpRequest, work: Work) -> SafeString | str:
    context = {"lines": identifier_lines(_record(work))}
    return render_to_string("library/cite/identifiers.html", context, request)


def _result_tool(request: HttpRequest, query: SearchQuery, result: SearchResult) -> SafeString | str:
    context = {
        "list_url": result_list_url(request.GET),
        "files": result_files(request.GET),
        "cap": LIST_CAP,
        "file_cap": FILE_CAP,
    }
    return render_to_string("library/cite/tool.html", context, request)
