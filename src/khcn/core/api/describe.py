"""What the generated OpenAPI document leaves out: errors as problems, headers, tokens that may be left out."""

from collections.abc import Iterator
from typing import Any, Final

from khcn.core.api.problems import PROBLEM_TYPE

TITLES: Final = {
    200: "Được.",
    201: "Đã tạo.",
    202: "Đã nhận, đang xử lý ở nền.",
    204: "Đã xong, không có nội dung.",
    304: "Bạn đang giữ bản mới nhất.",
    400: "Yêu cầu không thực hiện được; xem detail.",
    401: "Cần khóa truy cập, hoặc khóa không dùng được.",
    403: "Khóa hoặc người dùng không có quyền này.",
    404: "Không có, hoặc bạn không được biết là có.",
    405: "Địa chỉ này không nhận phương thức đã dùng.",
    409: "Trạng thái hiện tại không cho phép, hoặc đã có thay đổi khác.",
    412: "If-Match không còn đúng: có người vừa sửa.",
    413: "Quá lớn.",
    415: "Dạng dữ liệu gửi lên không nhận được.",
    422: "Dữ liệu gửi lên chưa đúng; xem errors.",
    428: "Thiếu If-Match.",
    429: "Quá nhiều yêu cầu; đợi theo Retry-After.",
    500: "Hệ thống gặp lỗi.",
    503: "Tạm thời chưa phục vụ được; thử lại sau.",
    507: "Máy chủ hết chỗ trống.",
}
_RATE: Final = {
    "RateLimit-Limit": {"description": "Số yêu cầu được gửi trong một phút.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {
        "description": "Số yêu cầu còn lại của phút này.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit-Reset": {
        "description": "Còn bao nhiêu giây thì tính lại.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
_WAIT: Final = {
    "Retry-After": {"description": "Đợi bao nhiêu giây.", "schema": {"type": "integer", "minimum": 1}}
}
_EXAMPLE: Final = {
    "type": "urn:khcn:problem:not-found",
    "title": "Không tìm thấy",
    "status": 404,
    "code": "not-found",
    "detail": "Không có gì ở địa chỉ này. Hãy kiểm tra lại địa chỉ.",
    "instance": "/api/v1/library/works/123",
}


def finish(schema: dict[str, Any]) -> None:
    """Complete a document in place."""
    for operation in _operations(schema):
        _responses(operation["responses"])
        _security(operation)
        for parameter in operation.get("parameters", []):
            _plain(parameter)
    schemes = schema["components"].get("securitySchemes", {})
    for name in ("OptionalTokenAuth", "WriteAuth"):
        if name in schemes:
            schemes.setdefault("TokenAuth", schemes[name])
            del schemes[name]
    for scheme in schemes.values():
        scheme.pop("name", None)  # that of an API key; a bearer token has none
    problem = schema["components"]["schemas"].get("Problem")
    if problem is not None:
        problem["examples"] = [_EXAMPLE]


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in schema["paths"].values():
        yield from operations.values()


def _responses(responses: dict[int, dict[str, Any]]) -> None:
    for status, response in responses.items():
        number = int(status)
        response["description"] = TITLES.get(number, response["description"])
        content = response.get("content", {})
        if number >= 400 and "application/json" in content:
            content[PROBLEM_TYPE] = content.pop("application/json")
        headers = response.setdefault("headers", {})
        headers.update(_RATE)
        if number == 429:
            headers.update(_WAIT)


def _security(operation: dict[str, Any]) -> None:
    said: list[dict[str, Any]] = []
    for rule in operation.get("security", []):
        if "OptionalTokenAuth" in rule:
            said += [{}, {"TokenAuth": []}]
        else:
            said.append({"TokenAuth": []} if "WriteAuth" in rule else rule)
    if said:
        operation["security"] = said


def _plain(parameter: dict[str, Any]) -> None:
    """Say of a parameter what an address can say: one that is left out is not sent, there is no null."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    if len(kinds) == 1 and len(schema["anyOf"]) == 2:
        del schema["anyOf"]
        schema.update(kinds[0])
    if schema.get("default", ...) is None:
        del schema["default"]
