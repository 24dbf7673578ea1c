"""What pages show of citations: the styles to choose from, one citation, a list, the identifiers of a work."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from khcn.engines.cite.styles import STYLES, Citation, Style
from khcn.engines.records.pids import SCHEMES, resolver_url
from khcn.engines.records.types import Record
from khcn.library.selectors.cite import FILE_CAP, LIST_CAP
from khcn.ui.parts import Tab

FILES = (("bib", "BibTeX"), ("ris", "RIS"), ("json", "CSL-JSON"))


@dataclass(frozen=True)
class CitationList:
    """A page of a formatted list of references. ``text`` is the page as plain text, to copy; ``first`` its first place."""

    style: str
    entries: list[SafeString]
    text: str
    numbered: bool
    first: int
    more: bool
    cap: int
    file_cap: int
    files: list[tuple[str, str]]


@dataclass(frozen=True)
class IdentifierLine:
    """One identifier: its kind, its text, where it leads ("" nowhere)."""

    label: str
    text: str
    url: str
    copy: bool = False


def style_tabs(
    current: str, params: QueryDict | None = None, *, path: str = "", anchor: str = ""
) -> list[Tab]:
    """Return the styles as links that keep the rest of the address."""
    tabs = []
    for style in STYLES.values():
        query = params.copy() if params is not None else QueryDict(mutable=True)
        query["kieu"] = style.key
        query.pop("trang", None)
        tabs.append(
            Tab(
                label=style_label(style),
                url=f"{path}?{query.urlencode()}{anchor}",
                current=style.key == current,
            )
        )
    return tabs


def style_label(style: Style) -> str:
    """Return the name of a style in the reader's language."""
    names = {
        "viet-nam": _("Việt Nam"),
        "apa": _("APA (bản 7)"),
        "chicago": _("Chicago (tác giả – năm)"),
        "chicago-chu-thich": _("Chicago (chú thích)"),
    }
    return names.get(style.key, style.label)


def safe_citation(citation: Citation) -> SafeString:
    """Return a citation for a page; everything a person typed was escaped when it was written."""
    return mark_safe(citation.html)  # noqa: S308  # only i, b, sup, sub, see engines.cite.processor


def citation_list(
    found: Sequence[Citation], style: Style, *, first: int = 1, more: bool, params: QueryDict
) -> CitationList:
    """Return a list of references as its page shows it; ``first`` is the place of the first one in the whole list."""
    numbered = style.order == "cited" and not style.as_note
    lines = [f"[{place}] {one.text}" if numbered else one.text for place, one in enumerate(found, first)]
    return CitationList(
        style=style_label(style),
        entries=[safe_citation(one) for one in found],
        text="\n".join(lines),
        numbered=numbered,
        first=max(first, 1),
        more=more,
        cap=LIST_CAP,
        file_cap=FILE_CAP,
        files=result_files(params),
    )


def result_files(params: QueryDict) -> list[tuple[str, str]]:
    """Return (name, address) of the files of a search result."""
    query = params.copy()
    for name in ("kieu", "trang"):
        query.pop(name, None)
    return [
        (label, f"{reverse('library:cite-result-file', args=[kind])}?{query.urlencode()}")
        for kind, label in FILES
    ]


def result_list_url(params: QueryDict) -> str:
    """Return the address of the formatted list of a search result."""
    query = params.copy()
    query.pop("trang", None)
    return f"{reverse('library:cite-result')}?{query.urlencode()}"


def work_files(pk: int) -> list[tuple[str, str]]:
    """Return (name, address) of the citation files of a work."""
    return [(label, reverse("library:cite-file", args=[pk, kind])) for kind, label in FILES]


def identifier_lines(record: Record) -> list[IdentifierLine]:
    """Return the identifiers of a work and of its people, those that resolve as links."""
    site = record.url.partition("/thu-vien/")[0]
    lines = [IdentifierLine("ARK", record.ark, f"{site}/{record.ark}", copy=True)]
    for one in record.identifiers:
        scheme = SCHEMES.get(one.scheme)
        if one.scheme == "ark":
            continue
        label = scheme.label if scheme else (_("Mã khác") if one.scheme == "other" else one.scheme.upper())
        lines.append(IdentifierLine(label, one.value, resolver_url(one.scheme, one.value), copy=bool(scheme)))
    lines += [
        IdentifierLine(f"ORCID, {agent.name}", agent.orcid, resolver_url("orcid", agent.orcid))
        for agent in (*record.creators, *record.contributors)
        if agent.orcid
    ]
    return lines
