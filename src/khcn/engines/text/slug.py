"""Friendly addresses: Vietnamese titles as lower-case ASCII words joined by hyphens."""

import re
import unicodedata

from khcn.engines.text.fold import fold

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slugify_vi(text: str, max_length: int = 80) -> str:
    """Return ``text`` without marks, in lower case, words joined by "-", cut at a word to ``max_length``.

    Letters of other scripts are dropped, so the result may be empty: the caller then names the page by id.
    """
    compatible = unicodedata.normalize("NFKC", text)
    slug = _NOT_SLUG.sub("-", fold(compatible)).strip("-")
    if len(slug) <= max_length:
        return slug
    head = slug[: max_length + 1]
    cut = head.rfind("-")
    return head[:cut] if cut > 0 else slug[:max_length]
