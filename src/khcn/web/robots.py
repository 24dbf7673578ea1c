"""What robots are asked to leave alone (robots.txt, RFC 9309, with ``*`` and ``$`` as search engines read them).

Closed: what has no end (searches, combinations of filters, days, deep pages), what costs much (pictures of pages, exports,
citations of whole results), what machines fetch by protocols of their own, and what is nobody's but one person's. Open:
every work's page, its originals and thumbnails, lists, feeds of what is new. Robots that do not ask meet ``core.gate``.
"""

from typing import Final

from django.conf import settings
from django.urls import reverse

# Below the library.
_LIBRARY: Final = (
    "tim/",  # searches and their feeds
    "goi-y/",  # proposals while typing
    "anh/*/*/",  # pictures of pages; thumbnails stay open
    "danh-dau/",  # marks on a page
    "iiif/",  # for viewers
    "trich-dan/",
    "xuat/",
    "mo-ta/",  # the same record in other formats
    "luu-lan-tim/",
    "nhan-tin/",
    "go-bo/",
    "*/trang-",  # pages one by one: the work's page and its original hold the same
    "*/so-sanh",
)
_SITE: Final = (
    "/ban-lam-viec/",
    "/quan-tri/",
    "/tai-khoan/",
    "/api/",
    "/oai",
    "/opds/tim",
    "/ke-hoach/lich/",
)
# Anywhere: words to mark, deep pages, orders, days.
_PARAMETERS: Final = ("q", "trang", "sap-xep", "ngay")
CRAWL_DELAY_S: Final = 5


def closed_paths() -> list[str]:
    """Return the closed paths as robots.txt writes them."""
    library = reverse("library:home")
    parameters = [pattern for name in _PARAMETERS for pattern in (f"/*?{name}=", f"/*&{name}=")]
    return [*(library + path for path in _LIBRARY), *_SITE, *parameters]


def robots_text() -> str:
    """Return robots.txt."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in closed_paths()),
        f"Crawl-delay: {CRAWL_DELAY_S}",
        f"Sitemap: {settings.KHCN.base_url.rstrip('/')}/sitemap.xml",
    ]
    return "\n".join(lines) + "\n"
