"""What every template knows about the installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the identity of the site for templates."""
    return {"khcn_demo": not settings.KHCN.production}
