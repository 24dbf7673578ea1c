"""Template tags of the design system: ``{% load ui %}``. Every tag is shown on /styleguide/."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from khcn.ui import formats, paging, parts
from khcn.ui import forms as ui_forms
from khcn.ui.build import asset_version
from khcn.ui.charts.model import Chart
from khcn.ui.charts.store import chart_request
from khcn.ui.icons import ICONS
from khcn.ui.templatetags import ui_formats
from khcn.ui.templatetags.ui_formats import language
from khcn.ui.theme import theme_of
from khcn.ui.trends import trend_svg

register = template.Library()
Context = template.Context
SHORT_TABLE = 24  # rows that stand open while there is no picture yet
KEPT_CHARTS = 64  # charts whose markup a process keeps: a picture and its table never change under one digest
_kept_charts: dict[tuple[Any, ...], SafeString] = {}
register.filters.update(ui_formats.register.filters)


def _render(name: str, values: dict[str, Any]) -> SafeString:
    return mark_safe(get_template(f"ui/components/{name}.html").render(values))  # noqa: S308  # our own template


# --- the frame ----------------------------------------------------------------------------------------------


@register.simple_tag
def ui_asset(name: str) -> str:
    """Return the address of a built file, with its version so that browsers never keep an old one."""
    version = asset_version(name)
    address = static(f"ui/built/{name}")
    return f"{address}?v={version}" if version else address


@register.simple_tag(takes_context=True)
def ui_theme(context: Context) -> str:
    """Return the theme this reader chose: "light", "dark" or "auto"."""
    return theme_of(context.get("request"))


@register.simple_tag(takes_context=True)
def ui_is_current(context: Context, item: parts.NavItem) -> bool:
    """Return whether the page shown is the item's, or below it and below no closer entry of the desk's navigation."""
    path: str = getattr(context.get("request"), "path", "")
    if item.exact or item.url == "/":
        return path == item.url
    if not path.startswith(item.url):
        return False
    groups = getattr(context.get("site"), "desk", ())
    closer = (one.url for group in groups for one in group.items if len(one.url) > len(item.url))
    return not any(path.startswith(url) for url in closer)


@register.simple_tag
def ui_icon(name: str) -> SafeString:
    """Return an icon, hidden from screen readers: a word always stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308  # from our own table
    )


@register.inclusion_tag("ui/components/theme_switch.html", takes_context=True)
def ui_theme_switch(context: Context) -> dict[str, Any]:
    """Light, dark or as the device."""
    return {"theme": theme_of(context.get("request")), "next": _address(context)}


@register.inclusion_tag("ui/components/language_switch.html", takes_context=True)
def ui_language_switch(context: Context) -> dict[str, Any]:
    """Choose the language of the interface."""
    return {"next": _address(context)}


def _address(context: Context) -> str:
    request = context.get("request")
    return request.get_full_path() if request is not None else "/"


# --- actions ------------------------------------------------------------------------------------------------


def _attributes(extra: Mapping[str, Any]) -> SafeString:
    """Return further attributes; ``hx_post`` becomes ``hx-post``. The Content-Security-Policy allows no
    inline code.
    """
    for name in extra:
        if name.startswith("on") or name == "style":
            raise template.TemplateSyntaxError(f"{name!r}: no inline style or event handler")
    pairs = [(name.replace("_", "-"), value) for name, value in extra.items() if value not in (False, None)]
    return format_html_join("", ' {}="{}"', pairs)


@register.inclusion_tag("ui/components/button.html")
def ui_button(
    label: str,
    *,
    variant: str = "primary",
    type: str = "submit",
    name: str = "",
    value: str = "",
    icon: str = "",
    small: bool = False,
    disabled: bool = False,
    classes: str = "",
    **extra: Any,
) -> dict[str, Any]:
    """Return a button. Variants: primary, secondary, quiet, danger. Its label says what it does."""
    return locals() | {"attributes": _attributes(extra)}


@register.inclusion_tag("ui/components/link_button.html")
def ui_link_button(
    label: str,
    href: str,
    *,
    variant: str = "primary",
    icon: str = "",
    note: str = "",
    small: bool = False,
    download: bool = False,
    **extra: Any,
) -> dict[str, Any]:
    """Return a link that looks like a button; ``note`` is said after the label, e.g. a file size."""
    return locals() | {"attributes": _attributes(extra)}


# --- states and messages ------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/state.html")
def ui_state(label: str | parts.State, tone: str = "neutral") -> dict[str, Any]:
    """Return a state: shape and word. Tones: good, watch, bad, info, neutral."""
    if isinstance(label, parts.State):
        return {"label": label.label, "tone": label.tone}
    return {"label": label, "tone": tone}


@register.simple_tag
def ui_tag(label: str) -> SafeString:
    """Return a plain label, such as a kind of document."""
    return format_html('<span class="tag">{}</span>', label)


@register.simple_block_tag(end_name="endui_notice")
def ui_notice(content: str, *, title: str = "", tone: str = "info", role: str = "") -> SafeString:
    """Wrap text that must be seen. Tones: info, good, watch, bad, plain."""
    return _render("notice", {"content": content, "title": title, "tone": tone, "role": role})


@register.inclusion_tag("ui/components/messages.html", takes_context=True)
def ui_messages(context: Context) -> dict[str, Any]:
    """Return the one-time messages of the request."""
    return {"messages": context.get("messages")}


@register.simple_block_tag(end_name="endui_empty")
def ui_empty(content: str, *, title: str) -> SafeString:
    """Wrap what to say and do where a list has nothing yet: how the first one gets there."""
    return _render("empty", {"content": content, "title": title})


@register.inclusion_tag("ui/components/progress.html")
def ui_progress(
    done: int,
    total: int | None,
    *,
    label: str,
    note: str = "",
    tone: str = "",
    poll_url: str = "",
    poll_seconds: int = 2,
) -> dict[str, Any]:
    """Return a progress bar with its text; ``poll_url`` (page with htmx) answers with the next state of this
    bar.
    """
    return {
        "done": done,
        "total": total,
        "label": label,
        "note": note,
        "tone": tone,
        "poll_url": poll_url,
        "poll_seconds": poll_seconds,
        "percent": formats.format_percent(done / total, language=language()) if total else "",
    }


# --- forms --------------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/error_summary.html")
def ui_error_summary(*shown: forms.BaseForm) -> dict[str, Any]:
    """Return every error of the forms, each linked to its field. Nothing when there is none."""
    return {"links": [link for form in shown if form.is_bound for link in ui_forms.error_links(form)]}


@register.inclusion_tag("ui/components/form.html")
def ui_form(form: forms.BaseForm, *, summary: bool = True) -> dict[str, Any]:
    """Return error summary, hidden and visible fields of any Django form; <form>, token and buttons are the
    page's.
    """
    return {"form": form, "summary": summary, "groups": ui_forms.form_groups(form), "media": form.media}


@register.inclusion_tag("ui/components/field.html")
def ui_field(field: BoundField, *, short: bool = False) -> dict[str, Any]:
    """Return one field: label above, hint before the control, errors linked to it."""
    kind = ui_forms.field_kind(field)
    described = f"{field.auto_id}_error" if field.errors else ""
    if field.help_text:
        described = f"{field.auto_id}_helptext {described}".strip()
    attributes: dict[str, Any] = {"aria-describedby": described} if described else {}
    if kind == "file":
        attributes["class"] = "filedrop__input"
    return {
        "field": field,
        "kind": kind,
        "short": short,
        "optional": not field.field.required and kind != "checkbox",
        "described": described,
        "multiple": bool(getattr(field.field.widget, "allow_multiple_selected", False)),
        "control": field.as_widget(attrs=attributes) if kind != "choices" else "",
    }


@register.simple_block_tag(end_name="endui_fieldset")
def ui_fieldset(content: str, *, legend: str, hint: str = "") -> SafeString:
    """Wrap fields that answer one question together."""
    return _render("fieldset", {"content": content, "legend": legend, "hint": hint})


# --- lists and navigation -----------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/breadcrumb.html")
def ui_breadcrumb(*pairs: Any) -> dict[str, Any]:
    """Return the way here: one list of (label, address), or label, address, label, address ... ."""
    if len(pairs) == 1 and not isinstance(pairs[0], str):
        return {"items": list(pairs[0])}
    return {"items": list(zip(pairs[::2], [*pairs[1::2], ""], strict=False))}


@register.inclusion_tag("ui/components/tabs.html")
def ui_tabs(tabs: Sequence[parts.Tab], *, label: str) -> dict[str, Any]:
    """Return tabs; each is a link to its own address."""
    return {"tabs": tabs, "label": label}


@register.inclusion_tag("ui/components/table.html")
def ui_table(table: parts.Table) -> dict[str, Any]:
    """Return a table: numbers right, rows stacked on a phone."""
    return {"table": table}


@register.inclusion_tag("ui/components/pagination.html", takes_context=True)
def ui_pagination(
    context: Context,
    page: Page[Any] | None = None,
    *,
    number: int = 1,
    total: int = 1,
    param: str = "trang",
    max_page: int = paging.MAX_PAGE,
) -> dict[str, Any]:
    """Return links to the pages of a list (a Django ``Page``, or number and total), no deeper than
    ``max_page``.
    """
    if page is not None:
        number, total = page.number, page.paginator.num_pages
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    return {
        "pages": paging.page_links(number=number, total=total, query=query, param=param, max_page=max_page)
    }


@register.inclusion_tag("ui/components/facets.html")
def ui_facets(facets: Sequence[parts.Facet], *, label: str, clear_url: str = "") -> dict[str, Any]:
    """Return filters as links, so that the address holds what was chosen."""
    chosen = any(option.selected for facet in facets for option in facet.options)
    return {"facets": facets, "label": label, "clear_url": clear_url if chosen else ""}


@register.inclusion_tag("ui/components/hits.html")
def ui_hits(hits: Sequence[parts.Hit], *, heading: int = 2, start: int = 1) -> dict[str, Any]:
    """Return a list of works, without cards: a rule, a line of facts, a title, what was found."""
    return {"hits": hits, "tag": f"h{heading}", "start": start}


@register.inclusion_tag("ui/components/summary_list.html")
def ui_summary_list(rows: Sequence[tuple[str, object]], *, tight: bool = False) -> dict[str, Any]:
    """Return terms and values; rows whose value is empty are left out."""
    return {"rows": [(term, value) for term, value in rows if value not in (None, "", [])], "tight": tight}


@register.inclusion_tag("ui/components/timeline.html")
def ui_timeline(events: Sequence[parts.Event]) -> dict[str, Any]:
    """Return what happened, in the order given."""
    return {"events": events}


# --- reading ------------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/reader.html")
def ui_reader(page: parts.ReaderPage, *, heading: int = 2) -> dict[str, Any]:
    """Return a page of a document: picture beside text."""
    return {"page": page, "tag": f"h{heading}"}


@register.simple_block_tag(end_name="endui_disclosure")
def ui_disclosure(content: str, label: str, *, open: bool = False, classes: str = "") -> SafeString:
    """Wrap what only some readers need."""
    return _render("disclosure", {"content": content, "label": label, "open": open, "classes": classes})


@register.simple_block_tag(end_name="endui_copy")
def ui_copy(content: str, *, label: str = "") -> SafeString:
    """Wrap a text that people paste elsewhere (Zalo, e-mail); a button copies it."""
    # The block was escaped when it was rendered; a plain string would be escaped a second time.
    return _render("copy", {"content": SafeString(content.strip()), "label": label})


@register.inclusion_tag("ui/components/person.html")
def ui_person(name: str, role: str = "", unit: str = "", *, url: str = "") -> dict[str, Any]:
    """Return a person on one line; pictures are not needed."""
    return {"name": name, "role": role, "unit": unit, "url": url}


@register.simple_tag
def ui_figure(value: str, label: str, unit: str = "") -> SafeString:
    """Return one large figure with its label, for use inside ``<div class="figures">``."""
    return _render("figure", {"value": value, "label": label, "unit": unit})


@register.simple_tag
def ui_chart(chart: Chart, *, live: bool = False, heading: int = 3, suffix: str = "") -> SafeString:
    """Return a chart: its still picture (or, until a worker has drawn it, its table), the table and a CSV
    link.

    ``live`` offers an interactive version, whose code is loaded only when asked for. The same chart twice on
    a page needs a ``suffix``.
    """
    picture = chart_request(chart)
    key = (chart.digest, chart.csv_url, picture is None, live, heading, suffix, language())
    kept = _kept_charts.get(key)
    if kept is None:
        kept = _render(
            "chart",
            {
                "chart": chart,
                "picture": picture,
                "table_open": picture is None and len(chart.rows) <= SHORT_TABLE,
                "live": live and picture is not None,
                "live_data": picture.live_data if live and picture else None,
                "tag": f"h{heading}",
                "title_id": chart.dom_id + suffix,
                "data_id": f"{chart.dom_id}{suffix}-data",
            },
        )
        while len(_kept_charts) >= KEPT_CHARTS:
            _kept_charts.pop(next(iter(_kept_charts)), None)
        _kept_charts[key] = kept
    return kept


@register.simple_tag
def ui_trend(values: Sequence[float | None], *, label: str) -> SafeString:
    """Return a tiny line of figures (None: missing, it breaks there); ``label`` says it in words."""
    return trend_svg(values, label)


@register.inclusion_tag("ui/components/htmx.html", takes_context=True)
def ui_htmx(context: Context) -> dict[str, Any]:
    """Load htmx, on the pages that need it (block ``scripts``); it may neither run code from text nor add
    styles.
    """
    return {"csp_nonce": context.get("csp_nonce")}
