"""Filters of the design system; ``{% load ui %}`` brings them too."""

import re
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from khcn.ui import formats, parts

register = template.Library()
_MARK = re.compile(r"&lt;mark&gt;(.*?)&lt;/mark&gt;", re.DOTALL)


def language() -> str:
    """Return the language of the interface: "vi" or "en"."""
    return (get_language() or "vi")[:2]


@register.filter
def ui_date(value: date | datetime | None) -> str:
    """Format a date as dd/mm/yyyy, in local time."""
    return formats.format_date(_local(value))


@register.filter
def ui_datetime(value: datetime | None) -> str:
    """Format a moment as HH:MM dd/mm/yyyy, in local time."""
    local = _local(value)
    return formats.format_datetime(local if isinstance(local, datetime) else None)


def _local(value: date | datetime | None) -> date | datetime | None:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value if isinstance(value, date) else None


@register.filter
def ui_value(value: object) -> object:
    """Show what a record holds as people write it: dates, moments and states; anything else as it is."""
    if isinstance(value, parts.State):
        values = {"label": value.label, "tone": value.tone}
        return get_template("ui/components/state.html").render(values)
    if isinstance(value, datetime):
        return ui_datetime(value)
    if isinstance(value, date):
        return ui_date(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return ui_number(value)
    return formats.NO_VALUE if value is None else value


@register.filter
def ui_number(value: formats.Number | None, places: int | None = None) -> str:
    """Format a number as 1.234,5."""
    return formats.format_number(value, places=places, language=language())


@register.filter
def ui_money(value: formats.Number | None) -> str:
    """Format an amount as 12.500.000 đ."""
    return formats.format_money(value, language=language())


@register.filter
def ui_percent(value: formats.Number | None, places: int = 0) -> str:
    """Format a share (0 to 1) as per cent."""
    return formats.format_percent(value, places=places, language=language())


@register.filter
def ui_filesize(value: int | None) -> str:
    """Format a number of bytes as 1,2 MB."""
    return formats.format_size(value, language=language())


@register.filter
def ui_marks(value: str) -> SafeString:
    """Escape everything but whole ``<mark>…</mark>`` pairs."""
    return mark_safe(_MARK.sub(r"<mark>\1</mark>", escape(str(value))))  # noqa: S308  # escaped just before
