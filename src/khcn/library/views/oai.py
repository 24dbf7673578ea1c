"""The door for harvesters: OAI-PMH at ``/oai``, and the schema of our own format."""

import gzip
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from khcn.engines.records.legal_xml import schema_bytes
from khcn.library.exports.oai import oai_answer

MAX_ARGUMENTS = 50
_TOO_MANY = [("verb", ""), ("verb", "")]  # answered as what it is: not a request of the protocol


def request_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the arguments as they were sent, repeated ones included: of the address, then of the body."""
    raw = [request.META.get("QUERY_STRING", "")]
    if request.method == "POST":
        raw.append(request.body.decode("utf-8", "replace"))
    try:
        return parse_qsl(
            "&".join(part for part in raw if part),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MAX_ARGUMENTS,
        )
    except ValueError:
        return _TOO_MANY


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    """Answer a harvester. A POST asks, as a GET does; nothing is ever written here."""
    now = timezone.now()
    body = oai_answer(request_pairs(request), now=now)
    response = HttpResponse(content_type="text/xml; charset=utf-8")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, compresslevel=3, mtime=0)
        response["Content-Encoding"] = "gzip"
    response.content = body
    response["Cache-Control"] = "no-cache"
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_safe
@cache_control(public=True, max_age=86400)
def legal_schema(_request: HttpRequest) -> HttpResponse:
    """Serve the XML Schema of ``khcn_legal``."""
    return HttpResponse(schema_bytes(), content_type="application/xml")
