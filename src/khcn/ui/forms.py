"""How a bound form field is shown: which shape of markup its widget needs."""

from typing import Any, Literal

from django import forms
from django.forms.boundfield import BoundField

Kind = Literal["line", "checkbox", "choices", "group", "file"]


def field_kind(bound: BoundField) -> Kind:
    """Return the shape of the field: one control, one box, many boxes, several controls or a file drop."""
    widget: Any = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.SelectDateWidget | forms.MultiWidget):
        return "group"
    return "line"


def form_groups(form: forms.BaseForm) -> list[dict[str, Any]]:
    """Return the visible fields in groups.

    A form may say ``fieldsets = [(legend, hint, [field names]), ...]``; fields it leaves out come last, in a
    group without a legend, so that none is ever lost.
    """
    plan = getattr(form, "fieldsets", [])
    named = {name for _legend, _hint, names in plan for name in names}
    groups = [
        {"legend": legend, "hint": hint, "fields": [form[name] for name in names if name in form.fields]}
        for legend, hint, names in plan
    ]
    rest = [bound for bound in form.visible_fields() if bound.name not in named]
    if rest:
        groups.append({"legend": "", "hint": "", "fields": rest})
    return groups


def error_links(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Return (id of the control or "", sentence) for every error: those of the whole form first."""
    links = [("", str(message)) for message in form.non_field_errors()]
    for name in form.errors:
        if name in form.fields:
            bound = form[name]
            links += [
                (str(bound.id_for_label or bound.auto_id), f"{bound.label}: {text}") for text in bound.errors
            ]
    return links
