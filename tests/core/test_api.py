"""The API shell: tokens, problems, limits, cursors and ETags, through real requests."""

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.translation import override
from ninja import Field, Schema

from khcn.core.api.etags import etag_of, not_modified
from khcn.core.api.limits import RateLimitError, client_address, count_request
from khcn.core.api.paging import CursorError, cursor_page
from khcn.core.api.problems import install_handlers
from khcn.core.api.shell import KhcnAPI, api
from khcn.core.api.tokens import TokenError, token_create, token_find, token_revoke, tokens_visible_to
from khcn.core.errors import KhcnError, NotFoundError, PermissionDeniedError
from khcn.core.jobs import job_start
from khcn.core.models import ApiToken, AuditEvent, Job
from tests.core.factories import make_user

NOW = datetime(2021, 6, 7, 2, 0, tzinfo=UTC)
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def _fresh_counts() -> Generator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Change KHCN settings for one test: ``env(api_limit_address=3)``."""

    def change(**values: Any) -> None:
        monkeypatch.setattr(settings, "KHCN", settings.KHCN.model_copy(update=values))

    return change


def _token(user: Any, **values: Any) -> tuple[ApiToken, str]:
    values = {"scopes": ["me.read"], "name": "Máy ở phòng", "now": timezone.now(), **values}
    return token_create(actor=values.pop("actor", user), user=user, **values)


def _bearer(whole: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {whole}"}


def _is_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, response["Content-Type"], body["status"], body["code"]) == (
        status,
        PROBLEM,
        status,
        code,
    )
    assert body["type"] == f"urn:khcn:problem:{code}"
    assert body["title"]
    assert body["detail"]
    return body


# Tokens


@pytest.mark.django_db
def test_a_token_is_shown_once_and_kept_as_a_hash() -> None:
    user = make_user()
    token, whole = _token(user, now=NOW)
    assert whole.startswith(f"khcn_{token.prefix}_")
    secret = whole.rpartition(token.prefix + "_")[2]
    stored = json.dumps(ApiToken.objects.values().get(), default=str) + json.dumps(
        list(AuditEvent.objects.values()), default=str
    )
    assert secret not in stored
    assert token_find(whole, NOW) == token
    assert AuditEvent.objects.get().action == "core.token.create"


@pytest.mark.django_db
def test_what_a_token_may_not_be() -> None:
    an, binh = make_user(), make_user("binh")
    for wrong in (
        {"scopes": []},
        {"scopes": ["all.power"]},
        {"name": "  "},
        {"expires_at": NOW},
        {"expires_at": NOW + timedelta(days=400)},
    ):
        with pytest.raises(TokenError):
            _token(an, now=NOW, **wrong)
    with pytest.raises(PermissionDeniedError):
        _token(an, actor=binh, now=NOW)
    assert not ApiToken.objects.exists()


@pytest.mark.django_db
def test_expired_revoked_and_orphaned_tokens_open_nothing() -> None:
    an, binh = make_user(), make_user("binh")
    token, whole = _token(an, now=NOW, expires_at=NOW + timedelta(days=2))
    assert token_find(whole, NOW + timedelta(days=2)) is None
    with pytest.raises(PermissionDeniedError):
        token_revoke(actor=binh, token=token, now=NOW)
    assert token_revoke(actor=an, token=token, now=NOW)
    assert not token_revoke(actor=an, token=token, now=NOW)
    assert token_find(whole, NOW) is None
    _other, second = _token(an, now=NOW)
    an.is_active = False
    an.save()
    assert token_find(second, NOW) is None
    assert list(tokens_visible_to(binh)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1],
        lambda t: t + "x",
        lambda t: t.replace("khcn", "abcd"),
        lambda t: "",
        lambda t: "é" * 9,
    ],
)
def test_a_damaged_token_opens_nothing(change: Any) -> None:
    _row, whole = _token(make_user(), now=NOW)
    assert token_find(change(whole), NOW) is None


@pytest.mark.django_db
def test_use_is_noted_at_most_every_five_minutes(django_assert_num_queries: Any) -> None:
    token, whole = _token(make_user(), now=NOW)
    token_find(whole, NOW)
    with django_assert_num_queries(1):
        token_find(whole, NOW + timedelta(minutes=4))
    token.refresh_from_db()
    assert token.last_used_at == NOW
    token_find(whole, NOW + timedelta(minutes=6))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(minutes=6)


# The two real endpoints


@pytest.mark.django_db
def test_the_service_describes_itself_to_anybody(client: Client) -> None:
    body = client.get("/api/v1/").json()
    assert (body["name"], body["api"]) == ("khcn", "v1")
    schema = client.get(body["openapi"].removeprefix("http://testserver")).json()
    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) >= {"/api/v1/", "/api/v1/me"}
    answers = schema["paths"]["/api/v1/me"]["get"]["responses"]
    assert list(answers["401"]["content"]) == [PROBLEM]
    assert list(answers["200"]["content"]) == ["application/json"]
    assert schema["paths"]["/api/v1/me"]["get"]["security"]


@pytest.mark.django_db
def test_me(client: Client) -> None:
    user = make_user()
    token, whole = _token(user, unit_id=5)
    body = client.get("/api/v1/me", headers=_bearer(whole)).json()
    assert (body["username"], body["token"], body["scopes"]) == (user.username, token.prefix, ["me.read"])
    assert (body["name"], body["unit_id"]) == (user.get_full_name(), 5)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer khcn_a_b"}, {"Authorization": "Basic eDp5"}]
)
def test_without_a_good_token_me_is_a_401(client: Client, headers: dict[str, str]) -> None:
    response = client.get("/api/v1/me", headers=headers)
    _is_problem(response, 401, "not-signed-in")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_a_wrong_token_is_refused_even_where_none_is_needed(client: Client) -> None:
    _is_problem(client.get("/api/v1/", headers=_bearer("khcn_a_b")), 401, "not-signed-in")


@pytest.mark.django_db
def test_a_token_without_the_scope_is_a_403(client: Client) -> None:
    token, whole = _token(make_user())
    ApiToken.objects.filter(pk=token.pk).update(scopes=["other.read"])
    body = _is_problem(client.get("/api/v1/me", headers=_bearer(whole)), 403, "permission-denied")
    assert "me.read" in body["detail"]


@pytest.mark.django_db
def test_a_session_does_not_sign_in_to_the_api(client: Client) -> None:
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me").status_code == 401


# Problems


def test_unknown_addresses_and_wrong_methods_are_problems_too(client: Client) -> None:
    for address in ("/api/", "/api/v1/khong-co", "/api/v2/"):
        _is_problem(client.get(address), 404, "not-found")
        _is_problem(client.post(address), 404, "not-found")
    response = client.post("/api/v1/")
    _is_problem(response, 405, "method-not-allowed")
    assert response["Allow"] == "GET"


class _In(Schema):
    title: str = Field(max_length=5)
    count: int = Field(ge=1)


def _probe() -> KhcnAPI:
    """Return an API whose operations fail in every way."""
    probe = KhcnAPI(urls_namespace="probe", docs_url=None, openapi_url=None)
    install_handlers(probe)
    failures: dict[str, Exception] = {
        "khcn": KhcnError("Tệp quá lớn. Hãy chia nhỏ.", code="too-large"),
        "gone": NotFoundError("Không có tài liệu này."),
        "http404": Http404("secret path"),
        "denied": PermissionDenied("secret reason"),
        "missing": Job.DoesNotExist("Job matching query does not exist."),
        "crash": RuntimeError("secret password in a traceback"),
        "limit": RateLimitError(17),
    }

    @probe.get("/fail/{name}", auth=None)
    def fail(request: HttpRequest, name: str) -> None:
        raise failures[name]

    @probe.post("/echo", auth=None)
    def echo(request: HttpRequest, body: _In) -> dict[str, str]:
        return {"title": body.title}

    return probe


_PROBE = _probe()


@pytest.fixture
def probe(settings: Any) -> Client:
    """Return a client whose site is the failing API."""
    from types import ModuleType

    from django.urls import path

    urls = ModuleType("probe_urls")
    urls.urlpatterns = [path("p/", _PROBE.urls)]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urls
    return Client()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("khcn", 400, "too-large"),
        ("gone", 404, "not-found"),
        ("http404", 404, "not-found"),
        ("denied", 403, "forbidden"),
        ("missing", 404, "not-found"),
        ("crash", 500, "internal-server-error"),
        ("limit", 429, "rate-limit"),
    ],
)
def test_every_exception_is_a_problem_and_tells_no_secret(
    probe: Client, name: str, status: int, code: str
) -> None:
    response = probe.get(f"/p/fail/{name}")
    body = _is_problem(response, status, code)
    assert "secret" not in json.dumps(body)
    assert body["instance"] == f"/p/fail/{name}"
    if name == "limit":
        assert response["Retry-After"] == "17"


@pytest.mark.django_db
def test_validation_says_where_and_what_in_vietnamese(probe: Client) -> None:
    response = probe.post("/p/echo", {"title": "quá dài", "count": "x"}, content_type="application/json")
    body = _is_problem(response, 422, "validation")
    assert body["errors"] == [
        {"where": "body.body.title", "code": "string_too_long", "message": "Dài quá 5 ký tự."},
        {"where": "body.body.count", "code": "int_parsing", "message": "Phải là số nguyên."},
    ]
    _is_problem(probe.post("/p/echo", "{not json", content_type="application/json"), 400, "bad-request")


# Limits


@pytest.mark.django_db
def test_an_address_without_a_token_is_limited_and_a_token_has_its_own_count(
    client: Client, env: Any
) -> None:
    env(api_limit_address=3, api_limit_token=5)
    _row, whole = _token(make_user())
    assert [client.get("/api/v1/").status_code for _n in range(4)] == [200, 200, 200, 429]
    _is_problem(response := client.get("/api/v1/"), 429, "rate-limit")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert client.get("/api/v1/", REMOTE_ADDR="10.0.0.9").status_code == 200
    with_token = [client.get("/api/v1/me", headers=_bearer(whole)).status_code for _n in range(6)]
    assert with_token == [200] * 5 + [429]


@pytest.mark.django_db
def test_guessing_tokens_is_limited_by_address(client: Client, env: Any) -> None:
    env(api_limit_address=3)
    answers = [client.get("/api/v1/me", headers=_bearer(f"khcn_abc_{n}")).status_code for n in range(5)]
    assert answers == [401, 401, 401, 429, 429]


def test_a_new_minute_counts_anew_and_zero_means_no_limit() -> None:
    for _n in range(2):
        count_request("address:x", 2, at=60.0)
    with pytest.raises(RateLimitError) as stop:
        count_request("address:x", 2, at=100.0)
    assert stop.value.wait_s == 20
    count_request("address:x", 2, at=120.0)
    for _n in range(100):
        count_request("address:y", 0, at=60.0)


@pytest.mark.parametrize(
    ("proxy", "meta", "address"),
    [
        (False, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}, "10.0.0.1"),
        (True, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 1.2.3.4"}, "1.2.3.4"),
        (True, {"REMOTE_ADDR": "10.0.0.1"}, "10.0.0.1"),
        (False, {"REMOTE_ADDR": "2001:db8:1:2:3::4"}, "2001:db8:1:2::"),
        (False, {"REMOTE_ADDR": "::ffff:1.2.3.4"}, "1.2.3.4"),
        (False, {"REMOTE_ADDR": ""}, "unknown"),
    ],
)
def test_whose_address_counts(env: Any, proxy: bool, meta: dict[str, str], address: str) -> None:
    env(trust_proxy=proxy)
    assert client_address(RequestFactory().get("/", **meta)) == address  # type: ignore[arg-type]


# Paging


def _jobs(count: int) -> None:
    for n in range(count):
        at = NOW + timedelta(microseconds=n // 3)  # three share each moment
        job_start(kind="test.page", title=f"Việc {n}", now=at)


def _walk(order: list[str], limit: int, between: Any = None) -> list[int]:
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        rows, cursor = cursor_page(Job.objects.all(), order=order, cursor=cursor, limit=limit)
        seen += [row.pk for row in rows]
        if between:
            between()
    return seen


@pytest.mark.django_db
@pytest.mark.parametrize(
    "order", [["id"], ["-id"], ["created_at", "id"], ["-created_at", "id"], ["title", "-id"]]
)
@pytest.mark.parametrize("limit", [1, 4, 10, 50])
def test_pages_hold_every_row_once_and_in_order(order: list[str], limit: int) -> None:
    _jobs(10)
    assert _walk(order, limit) == list(Job.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.django_db
def test_rows_added_meanwhile_shift_nothing() -> None:
    _jobs(9)
    before = list(Job.objects.order_by("-created_at", "-id").values_list("pk", flat=True))

    def add() -> None:
        if Job.objects.count() < 15:
            job_start(kind="test.page", title="mới", now=NOW + timedelta(days=1))

    assert _walk(["-created_at", "-id"], 2, add) == before


@pytest.mark.django_db
def test_a_cursor_is_opaque_and_belongs_to_its_list() -> None:
    _jobs(5)
    _rows, cursor = cursor_page(Job.objects.all(), order=["id"], limit=2, key="kind=a")
    assert cursor
    for wrong, order, key in (
        (cursor, ["id"], "kind=b"),
        (cursor, ["-id"], "kind=a"),
        (cursor[:-2], ["id"], "kind=a"),
        ("abc", ["id"], "kind=a"),
    ):
        with pytest.raises(CursorError):
            cursor_page(Job.objects.all(), order=order, cursor=wrong, key=key)


@pytest.mark.django_db
def test_an_order_must_end_with_a_unique_column_without_nulls() -> None:
    _jobs(3)
    with pytest.raises(ValueError, match="must be unique"):
        cursor_page(Job.objects.all(), order=["created_at"])
    with pytest.raises(ValueError, match="with nulls"):
        cursor_page(Job.objects.all(), order=["finished_at", "id"], limit=1)
    assert len(cursor_page(Job.objects.all(), order=["id"], limit=0)[0]) == 1


# ETags


@pytest.mark.parametrize(
    ("header", "hit"),
    [("", False), ('"other"', False), ("{}", True), ("W/{}", True), ('"other", {}', True), ("*", True)],
)
def test_etags(header: str, hit: bool) -> None:
    etag = etag_of("work", 7, NOW)
    request = RequestFactory().get("/", headers={"If-None-Match": header.format(etag)})
    answer = not_modified(request, etag)
    assert (answer is not None) is hit
    if isinstance(answer, HttpResponse):
        assert (answer.status_code, answer["ETag"], answer.content) == (304, etag, b"")
    assert etag != etag_of("work", 7, NOW + timedelta(seconds=1))


def test_the_document_is_written_once_for_a_language_and_a_place() -> None:
    first = api.get_openapi_schema(path_prefix="/api/v1/")
    assert api.get_openapi_schema(path_prefix="/api/v1/") is first
    assert api.get_openapi_schema(path_prefix="/other/") is not first
    with override("en"):
        assert api.get_openapi_schema(path_prefix="/api/v1/") is not first
