"""How a view calls a service: who may, what a refusal says and where, and pages whose address is a secret."""

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from khcn.core.errors import KhcnError, PermissionDeniedError

T = TypeVar("T")
R = TypeVar("R", bound=HttpResponseBase)


def only(allowed: bool, sentence: str) -> None:
    """Answer 403 with ``sentence`` unless ``allowed``."""
    if not allowed:
        raise PermissionDenied(sentence)


def sent(form: forms.BaseForm, write: Callable[[], T]) -> T | None:
    """Call a service; what it refuses is put beside its field, and ``None`` comes back. Raises PermissionDenied."""
    try:
        return write()
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        name = getattr(error, "field", "")
        form.add_error(name if name in form.fields else None, error.message)
        for fault in getattr(error, "faults", ())[:50]:
            head = ", ".join(part for part in (fault.where, getattr(fault, "item", "")) if part)
            form.add_error(None, f"{head}: {fault.message}" if head else fault.message)
    return None


def told(request: HttpRequest, write: Callable[[], T]) -> T | None:
    """Call a service; what it refuses is said on the next page, and ``None`` comes back. Raises PermissionDenied."""
    try:
        return write()
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        messages.error(request, error.message)
        return None


def secret(response: R) -> R:
    """Let nothing of a page with a secret in its address leave by other ways: not kept, not indexed, not referred to.

    Not "no-referrer": browsers then send its form with the origin "null", which is refused as forged.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store, private"
    return response
