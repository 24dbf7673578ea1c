"""The gate before expensive public pages: so many requests a minute, then a polite refusal.

A robot that walks through every combination of filters must not take the site from people. Visitors are counted by
address, people who signed in by themselves and more generously; who holds a role here is never turned away. Counted
in the cache as the API counts (:mod:`khcn.core.api.limits`), so with the default cache each web process counts alone.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from functools import lru_cache, wraps
from threading import BoundedSemaphore
from typing import Any, Final, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from khcn.core.api.limits import RateLimitError, client_address, client_ip, count_request
from khcn.core.errors import KhcnError
from khcn.core.registry import Registry

P = ParamSpec("P")
# Who is never turned away ("holds a role today"); asked only when a limit is passed.
never_refused: Registry[Callable[[HttpRequest], bool]] = Registry("people whom the gate never refuses")
# The polite page costs as much as a small page; who goes on regardless gets a line of text.
PATIENCE = 2
# A minute's worth in the first second would still take the machine from readers: a third of it, at least BURST, at once.
BURST: Final = 15
BURST_S: Final = 10


class BusyError(KhcnError):
    """Too many people ask for the same kind of work at this moment; ``wait_s`` is when to come back."""

    code = "busy"
    status = 503

    def __init__(self, wait_s: int) -> None:
        text = _("Máy chủ đang bận việc này cho người khác. Hãy thử lại sau %(seconds)s giây.")
        super().__init__(text % {"seconds": wait_s})
        self.wait_s = wait_s


def costly(
    name: str, *, per_minute: int, noindex: bool = False, shared: bool = False
) -> Callable[[Callable[P, HttpResponseBase]], Callable[P, HttpResponseBase]]:
    """Limit how often one visitor may ask for an expensive public page.

    :param name: views with the same name share one count, e.g. ``"library.search"``.
    :param per_minute: requests a minute from one address without a sign-in, before ``KHCN_GATE_PERCENT``.
    :param noindex: tell search engines to keep no answer of this view (header X-Robots-Tag).
    :param shared: visitors who have not signed in share half of a process's threads for this view (half of those
        work, half wait), so that many addresses together cannot take them all; who finds no place is told to come back (503 with Retry-After).
    :returns: a decorator for a view; over the limit the view is not called and the answer is 429 with Retry-After.
    """

    def decorate(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
        @wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            request = _request(args)
            try:
                gate_pass(request, name, per_minute=per_minute)
                with slots_of(name).taken() if shared and _is_visitor(request) else nullcontext():
                    response = view(*args, **kwargs)
            except RateLimitError as error:
                return refusal(request, error)
            except BusyError as error:
                return busy_answer(request, error)
            if noindex:
                response.headers["X-Robots-Tag"] = "noindex"
            return response

        return counted

    return decorate


def gate_pass(request: HttpRequest, name: str, *, per_minute: int) -> None:
    """Count one request against the limit ``name``; the decorator's work for views that must call it themselves.

    :raises RateLimitError: when this visitor asked too often in the running minute.
    """
    percent: int = settings.KHCN.gate_percent
    if percent <= 0 or per_minute <= 0:
        return
    if is_free(request):
        return
    limit = max(1, per_minute * percent // 100)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        limit *= settings.KHCN.gate_signed_in_times
        who = f"person:{user.pk}"
    else:
        who = f"address:{client_address(request)}"
    try:
        count_request(f"gate:{name}:{who}:burst", max(BURST, limit // 3), window_s=BURST_S)
        count_request(f"gate:{name}:{who}", limit)
    except RateLimitError:
        if any(exempt(request) for exempt in never_refused.all()):
            return
        raise


def is_free(request: HttpRequest) -> bool:
    """Whether requests from this caller's network are not counted (``KHCN_GATE_FREE_NETWORKS``)."""
    address = client_ip(request)
    return address is not None and any(address in network for network in settings.KHCN.gate_free_networks)


def refusal(request: HttpRequest, error: RateLimitError) -> HttpResponse:
    """Return the answer 429: a page for people, a line of text for programs and for who does not slow down."""
    wants_page = "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers
    if wants_page and error.count <= PATIENCE * error.limit and request.method in {"GET", "HEAD"}:
        response = render(request, "429.html", {"wait_s": error.wait_s}, status=429)
    else:
        response = plain_answer(error.message, status=429)
    return finish(response, error.wait_s)


def plain_answer(message: str, *, status: int) -> HttpResponse:
    """Return a sentence as plain text."""
    return HttpResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")


def finish(response: HttpResponse, wait_s: int | None = None) -> HttpResponse:
    """Complete a refusal: when to come back (None: never this way), and nothing of it kept or indexed."""
    if wait_s is not None:
        response.headers["Retry-After"] = str(wait_s)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Accept"])
    return response


def busy_answer(request: HttpRequest, error: BusyError) -> HttpResponse:
    """Return the answer 503 with Retry-After as one line: a page would cost what the machine lacks at this moment."""
    return finish(plain_answer(error.message, status=503), error.wait_s)


class Slots:
    """At most so many of one kind of work at once in a process.

    As many again may wait, ``wait_s`` seconds at most; everybody else is refused at once, so that waiting never takes
    the threads that readers need.
    """

    def __init__(self, at_once: int, *, wait_s: float = 4.0, retry_s: int = 10) -> None:
        self._free = BoundedSemaphore(at_once)
        self._room = BoundedSemaphore(at_once)
        self._wait_s = wait_s
        self._retry_s = retry_s

    @contextmanager
    def taken(self) -> Generator[None, None, None]:
        """Hold one place. Raises :class:`BusyError` when none becomes free in time."""
        if not self._free.acquire(blocking=False):
            self._wait()
        try:
            yield
        finally:
            self._free.release()

    def _wait(self) -> None:
        if not self._room.acquire(blocking=False):
            raise BusyError(self._retry_s)
        try:
            if not self._free.acquire(timeout=self._wait_s):
                raise BusyError(self._retry_s)
        finally:
            self._room.release()


@lru_cache(maxsize=64)
def slots_of(name: str) -> Slots:
    """Return the places that visitors share for the view ``name``: a quarter of this process's threads work, as many wait."""
    return Slots(max(1, settings.KHCN.web_threads // 4), wait_s=2.0)


def _is_visitor(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is None or not user.is_authenticated


def _request(args: tuple[Any, ...]) -> HttpRequest:
    """Return the request among a view's arguments (a method's first one is its object)."""
    for arg in args[:2]:
        if isinstance(arg, HttpRequest):
            return arg
    raise TypeError("costly() decorates views, whose first argument is the request")
