"""The one API of the installation: ``/api/v1``. Higher apps add routers in ``AppConfig.ready``."""

from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router, Schema
from ninja.openapi.schema import OpenAPISchema

from khcn.core.actors import actor_label
from khcn.core.api.auth import public_or_token, require_scope, token_required
from khcn.core.api.describe import finish
from khcn.core.api.limits import rate_headers
from khcn.core.api.problems import PROBLEMS, as_problem, install_handlers, problem

View = Callable[..., HttpResponseBase]


class KhcnAPI(NinjaAPI):
    """NinjaAPI whose description says that errors are problems."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._written: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the OpenAPI document, with errors, headers, optional tokens and limits told. Not to be changed.

        To write it takes seconds; it differs by language and place only, so a process writes it once for each.
        """
        key = repr((get_language(), sorted(kwargs.items())))
        if key not in self._written:
            schema = super().get_openapi_schema(**kwargs)
            finish(schema)
            self._written[key] = schema
        return self._written[key]


api = KhcnAPI(
    title="khcn",
    version="1",
    description="Dữ liệu công khai và dịch vụ của trang này. Lỗi trả về theo RFC 9457 (application/problem+json) với câu tiếng "
    "Việt; danh sách đọc tiếp bằng “cursor”; mọi câu trả lời đọc được đều có ETag. Công khai thì không cần khóa; ghi thì cần "
    "khóa truy cập cá nhân, tạo ở trang tài khoản.",
    docs_url=None,  # the interactive page loads scripts from elsewhere
    auth=public_or_token,
    urls_namespace="api",
)
install_handlers(api)


class ServiceOut(Schema):
    """What answers here."""

    name: str
    version: str
    api: str
    openapi: str


class MeOut(Schema):
    """The person and the token behind a request. ``expires_at`` is an ISO 8601 moment."""

    username: str
    name: str
    token: str
    scopes: list[str]
    unit_id: int | None
    expires_at: str


@api.get("/", response={200: ServiceOut, **PROBLEMS}, summary="What answers here", operation_id="service")
def service(request: HttpRequest) -> dict[str, str]:
    """Describe the service."""
    address = request.build_absolute_uri(request.path)
    return {"name": "khcn", "version": version("khcn"), "api": "v1", "openapi": f"{address}openapi.json"}


@api.get("/me", auth=token_required, response={200: MeOut, **PROBLEMS}, summary="Who am I", operation_id="me")
def me(request: HttpRequest) -> dict[str, Any]:
    """Return the person and the token behind the request; needs the scope ``me.read``."""
    token = require_scope(request, "me.read").token
    if token is None:  # require_scope lets nobody without a token pass
        raise AssertionError
    return {
        "username": token.user.get_username(),
        "name": actor_label(token.user),
        "token": token.prefix,
        "scopes": token.scopes,
        "unit_id": token.unit_id,
        "expires_at": token.expires_at.isoformat(),
    }


def add_api_router(prefix: str, router: Router) -> None:
    """Mount an app's router, e.g. ``add_api_router("/library", router)``; call it in ``AppConfig.ready``, never later."""
    api.add_router(prefix, router)


def _guarded(view: View) -> View:
    """Answer also those errors as problems that arise before a handler is found (a wrong method)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = as_problem(request, view(request, *args, **kwargs))
        for name, value in rate_headers(request).items():
            response[name] = value
        return response

    return guarded


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponseBase:
    """Answer an address of the API that leads nowhere."""
    return problem(request, 404)


@cache
def api_urls() -> list[URLPattern | URLResolver]:
    """Return the addresses to mount at ``api/``. Built once, after every app is ready."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _guarded(pattern.callback)
    return [path("v1/", include((patterns, app_name), namespace=namespace)), re_path(r"", unknown_address)]
