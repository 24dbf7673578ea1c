"""What robots are asked to leave alone (robots.txt, RFC 9309, with ``*`` and ``$`` as search engines read them).

Closed: what has no end (searches, combinations of filters, days, deep pages), what costs much (pictures of pages, exports,
citations of whole results), what machines fetch by protocols of their own, and what is nobody's but one person's. Open:
every work's page, its originals and thumbnails, lists, feeds of what is new. Robots that do not ask meet ``core.gate``.
"""

from typing import Final

from django.conf import settings
from django.urls import reverse

_NUMBER: Final = 8_888_888  # stands for any number in an address that is turned into a rule,
_WORD: Final = "x8888888x"  # and this for any word
# The closed addresses by their names: a rule is made from the address itself, so that the two cannot drift apart.
# The last column ends the rule after these signs: everything below them is closed.
_CLOSED: Final[tuple[tuple[str, tuple[int | str, ...], str], ...]] = (
    ("library:search", (), ""),  # searches and their feeds
    ("library:suggestions", (), ""),
    ("library:page-image", (_NUMBER, _NUMBER, _NUMBER), ""),  # pictures of pages; thumbnails stay open
    ("library:page-marks", (_NUMBER, _NUMBER), "danh-dau/"),
    ("library:iiif-manifest", (_NUMBER,), "iiif/"),  # for viewers
    ("library:cite-result", (), ""),
    ("library:export", (), ""),
    ("library:description", (_NUMBER, _WORD), "mo-ta/"),  # the same record in other formats
    ("library:save-search", (), ""),
    ("library:alert-confirm", (_WORD,), "nhan-tin/"),
    ("library:takedown", (_NUMBER,), "go-bo/"),
    ("library:page", (_WORD, _NUMBER, _NUMBER), "trang-"),  # the work's page and its original hold the same
    ("library-root:oai", (), ""),
    ("library-root:opds-search", (), ""),
    ("plan:unit-feed", (_WORD,), "lich/"),
    ("desk:home", (), ""),
)
# Mounted by others under these words.
_MOUNTED: Final = ("/quan-tri/", "/tai-khoan/", "/api/")
# Anywhere: words to mark, deep pages, orders, days.
_PARAMETERS: Final = ("q", "trang", "sap-xep", "ngay")
CRAWL_DELAY_S: Final = 5


def closed_paths() -> list[str]:
    """Return the closed paths as robots.txt writes them."""
    parameters = [pattern for name in _PARAMETERS for pattern in (f"/*?{name}=", f"/*&{name}=")]
    return [*(_rule(*row) for row in _CLOSED), *_MOUNTED, *parameters]


def _rule(name: str, places: tuple[int | str, ...], up_to: str) -> str:
    """Return the rule that closes the address of this name: ``*`` for what differs, open at its end."""
    path = reverse(name, args=places)
    for sign in (f"{_WORD}-{_NUMBER}", _WORD, str(_NUMBER)):
        path = path.replace(sign, "*")
    return path[: path.index(up_to) + len(up_to)] if up_to else path


def robots_text() -> str:
    """Return robots.txt."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in closed_paths()),
        f"Crawl-delay: {CRAWL_DELAY_S}",
        f"Sitemap: {settings.KHCN.base_url.rstrip('/')}/sitemap.xml",
    ]
    return "\n".join(lines) + "\n"
