"""ETags: a client that holds the newest state gets 304 and no body."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags


def etag_of(*parts: object) -> str:
    """Return the ETag of a state that is told by ``parts`` (ids, change times, the reader)."""
    spelled = "\x1f".join(str(part) for part in parts)
    return f'"{hashlib.sha256(spelled.encode()).hexdigest()[:32]}"'


def not_modified(request: HttpRequest, etag: str) -> HttpResponse | None:
    """Return the 304 answer when the client holds ``etag`` already, else ``None``."""
    held = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" not in held and etag not in {tag.removeprefix("W/") for tag in held}:
        return None
    response = HttpResponseNotModified()
    response["ETag"] = etag
    return response
