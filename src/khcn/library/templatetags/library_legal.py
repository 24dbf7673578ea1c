"""The warning about a document's force, for pages other than its own."""

from typing import Any

from django import template
from django.template import Context

from khcn.library.models import Work
from khcn.library.views.legal_parts import legal_notice

register = template.Library()


@register.simple_tag(takes_context=True)
def legal_warning(context: Context, work: Work) -> Any:
    """Return the warning for a reader who opened a page of a document that is not (wholly) in force, else ""."""
    return legal_notice(context["request"], work, warnings_only=True)
