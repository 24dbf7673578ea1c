"""The page for people who program against the library, written from the OpenAPI document itself."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from khcn.core.api.shell import api
from khcn.core.api.tokens import api_scopes
from khcn.core.api.writes import KEPT
from khcn.library.intake.records import MAX_RECORDS
from khcn.library.services.deposits import MAX_FILES

PREFIX: Final = "/api/v1/library"


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it. ``parameters``: (name, what it is)."""

    method: str
    path: str
    summary: str
    text: str
    needs_token: bool
    parameters: tuple[tuple[str, str], ...]


@cache
def operations(language: str) -> tuple[Operation, ...]:
    """Return what the document says of the library, in its order. ``language`` is in the key of the cache only."""
    schema = api.get_openapi_schema()
    return tuple(
        _operation(method, path, said)
        for path, methods in schema["paths"].items()
        if path.startswith(PREFIX)
        for method, said in methods.items()
    )


def _operation(method: str, path: str, said: dict[str, Any]) -> Operation:
    named = tuple((one["name"], one.get("description", "")) for one in said.get("parameters", []))
    return Operation(
        method=method.upper(),
        path=path.removeprefix("/api/v1"),
        summary=said["summary"],
        text=" ".join(said.get("description", "").replace("``", "").split()),
        needs_token={} not in said.get("security", [{}]),
        parameters=tuple((name, text) for name, text in named if text),
    )


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """Explain tokens, limits and every operation, with examples to paste into a terminal."""
    env = settings.KHCN
    context = {
        "base": env.base_url.rstrip("/") + "/api/v1",
        "operations": operations(get_language() or ""),
        "scopes": [(key, str(line)) for key, line in api_scopes.items() if key.startswith("library.")],
        "limits": {
            "address": env.api_limit_address,
            "token": env.api_limit_token,
            "day": env.api_writes_day,
            "file_mb": env.upload_max_mb,
            "files": MAX_FILES,
            "records": MAX_RECORDS,
            "days": KEPT.days,
        },
    }
    return render(request, "library/api/page.html", context)
