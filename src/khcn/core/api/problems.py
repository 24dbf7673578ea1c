"""Every error of the API as ``application/problem+json`` (RFC 9457)."""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from khcn.core.api.limits import RateLimitError
from khcn.core.errors import KhcnError

logger = logging.getLogger("khcn.api")

PROBLEM_TYPE = "application/problem+json"
_TITLES = {
    400: gettext_lazy("Yêu cầu không đúng"),
    401: gettext_lazy("Chưa đăng nhập"),
    403: gettext_lazy("Không được phép"),
    404: gettext_lazy("Không tìm thấy"),
    405: gettext_lazy("Không dùng được cách gọi này"),
    406: gettext_lazy("Không có dạng được yêu cầu"),
    409: gettext_lazy("Đã có thay đổi khác"),
    412: gettext_lazy("Bản bạn đọc đã cũ"),
    413: gettext_lazy("Quá lớn"),
    415: gettext_lazy("Dạng dữ liệu không nhận được"),
    422: gettext_lazy("Dữ liệu gửi lên chưa đúng"),
    428: gettext_lazy("Thiếu điều kiện If-Match"),
    429: gettext_lazy("Quá nhiều yêu cầu"),
    500: gettext_lazy("Hệ thống gặp lỗi"),
    503: gettext_lazy("Tạm thời chưa phục vụ được"),
    507: gettext_lazy("Hết chỗ trống"),
}
_DETAILS = {
    400: gettext_lazy("Máy chủ không hiểu yêu cầu. Hãy kiểm tra lại cú pháp rồi gửi lại."),
    403: gettext_lazy("Bạn không được phép làm việc này. Hãy hỏi người quản trị nếu bạn cần quyền."),
    404: gettext_lazy("Không có gì ở địa chỉ này. Hãy kiểm tra lại địa chỉ."),
    405: gettext_lazy("Địa chỉ này không nhận phương thức đã dùng. Hãy xem mô tả ở openapi.json."),
    500: gettext_lazy("Lỗi đã được ghi lại. Hãy thử lại sau; nếu vẫn lỗi, báo người quản trị."),
}
# What pydantic reports most often, in Vietnamese; {placeholders} come from its context.
_FAULTS = {
    "missing": gettext_lazy("Thiếu giá trị này."),
    "int_parsing": gettext_lazy("Phải là số nguyên."),
    "float_parsing": gettext_lazy("Phải là số."),
    "bool_parsing": gettext_lazy("Phải là true hoặc false."),
    "date_from_datetime_parsing": gettext_lazy("Phải là ngày dạng 2021-06-05."),
    "date_parsing": gettext_lazy("Phải là ngày dạng 2021-06-05."),
    "datetime_from_date_parsing": gettext_lazy("Phải là thời điểm dạng 2021-06-05T08:30:00+07:00."),
    "string_too_long": gettext_lazy("Dài quá {max_length} ký tự."),
    "string_too_short": gettext_lazy("Phải có ít nhất {min_length} ký tự."),
    "greater_than_equal": gettext_lazy("Phải từ {ge} trở lên."),
    "less_than_equal": gettext_lazy("Không được quá {le}."),
    "greater_than": gettext_lazy("Phải lớn hơn {gt}."),
    "less_than": gettext_lazy("Phải nhỏ hơn {lt}."),
    "literal_error": gettext_lazy("Phải là một trong: {expected}."),
    "enum": gettext_lazy("Phải là một trong: {expected}."),
    "string_pattern_mismatch": gettext_lazy("Có ký tự hoặc dạng không nhận được."),
    "string_type": gettext_lazy("Phải là chuỗi ký tự."),
    "string_unicode": gettext_lazy("Có ký tự hỏng (nửa ký tự Unicode)."),
    "int_type": gettext_lazy("Phải là số nguyên."),
    "list_type": gettext_lazy("Phải là một danh sách."),
    "too_long": gettext_lazy("Quá {max_length} mục."),
    "json_invalid": gettext_lazy("Không phải JSON đúng."),
    "extra_forbidden": gettext_lazy("Không có trường này."),
}


class FieldProblem(Schema):
    """One faulty value of a request: where it stands, a stable code, and a sentence."""

    where: str
    code: str
    message: str


class Problem(Schema):
    """The body of every error (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[FieldProblem] | None = None


PROBLEMS: Mapping[Any, Any] = {frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503}): Problem}
"""Add to an operation's ``response``: ``response={200: Out, **PROBLEMS}``."""
WRITE_PROBLEMS: Mapping[Any, Any] = {
    frozenset({400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503, 507}): Problem
}
"""The same for operations that write."""


def problem(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """Return one problem; title and detail follow from the status when they are not given."""
    phrase = HTTPStatus(status).phrase
    code = code or phrase.lower().replace(" ", "-")
    body: dict[str, Any] = {
        "type": f"urn:khcn:problem:{code}",
        "title": str(_TITLES.get(status, phrase)),
        "status": status,
        "code": code,
        "detail": detail or str(_DETAILS.get(status, phrase)),
        "instance": request.path,
    }
    if errors is not None:
        body["errors"] = errors
    response = JsonResponse(
        body, status=status, content_type=PROBLEM_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="khcn"'
    response["Cache-Control"] = "no-store"
    return response


# ninja types what a handler gets as "instance or class"; it is always the instance, hence Any.
def _of_khcn_error(request: HttpRequest, error: Any) -> HttpResponse:
    fields = tuple(getattr(error, "fields", ())) or (getattr(error, "field", ""),)
    errors = [{"where": str(name), "code": error.code, "message": error.message} for name in fields if name]
    response = problem(request, error.status, code=error.code, detail=error.message, errors=errors or None)
    if isinstance(error, RateLimitError):
        response["Retry-After"] = str(error.wait_s)
    return response


def _sentence(fault: Mapping[str, Any]) -> str:
    """Return pydantic's complaint in Vietnamese; its own words stay when we have none."""
    template = _FAULTS.get(str(fault.get("type")))
    if template is None:
        return _("Giá trị không hợp lệ (%(reason)s).") % {"reason": fault.get("msg", "")}
    try:
        return str(template).format(**fault.get("ctx", {}))
    except (KeyError, IndexError):
        return str(template)


def fault_rows(faults: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return pydantic's complaints as (where, code, sentence)."""
    return [
        {
            "where": ".".join(str(part) for part in fault.get("loc", ())),
            "code": str(fault.get("type", "")),
            "message": _sentence(fault),
        }
        for fault in faults
    ]


def _of_validation(request: HttpRequest, error: Any) -> HttpResponse:
    errors = fault_rows(error.errors)
    detail = _("Có %(count)s giá trị chưa đúng; xem danh sách errors, sửa rồi gửi lại.") % {
        "count": len(errors)
    }
    return problem(request, 422, code="validation", detail=detail, errors=errors)


def _of_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    # The framework's own sentences are English; those that our code raises are KhcnErrors.
    return problem(request, error.status_code)


def _of_anything(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(request, 500)


def install_handlers(api: NinjaAPI) -> None:
    """Make ``api`` answer every exception with a problem."""
    api.add_exception_handler(KhcnError, _of_khcn_error)
    api.add_exception_handler(ValidationError, _of_validation)
    api.add_exception_handler(HttpError, _of_http_error)
    api.add_exception_handler(Http404, lambda request, _error: problem(request, 404))
    api.add_exception_handler(ObjectDoesNotExist, lambda request, _error: problem(request, 404))
    api.add_exception_handler(PermissionDenied, lambda request, _error: problem(request, 403))
    api.add_exception_handler(Exception, _of_anything)


def as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Turn an error page that did not come from a handler (a wrong method) into a problem."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith(PROBLEM_TYPE):
        return response
    ours = problem(request, response.status_code)
    if "Allow" in response:
        ours["Allow"] = response["Allow"]
    return ours
