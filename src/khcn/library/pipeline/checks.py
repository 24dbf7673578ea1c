"""The sensitive check and the language guess, cheap enough for fifty thousand short texts."""

import re
from collections.abc import Sequence
from typing import Any, Final

from khcn.engines.text.language import detect_language
from khcn.engines.text.sensitive import Finding, find_sensitive

# What must stand in a text for any finder to find something: eight digits close together, a passport, a whole
# date, an address sign, the letters of a stamp. Nine texts in ten have none of it and are spared the finders,
# which cost 1.5 ms a page.
_SUSPECT: Final = re.compile(
    r"@|(?!(?:19|20)\d\d ?- ?(?:19|20)\d\d(?!\d))\d(?:[ .()/+-]{0,3}\d){7}|[A-Z]\d{7}"
    r"|\d[/.-][01]?\d[/.-]\d{4}|[mM][aAâÂậẬ][tT]|THU H|BÓC B|[nN][oOộỘ][iI] [bB][oOộỘ]|[kK](?:hông phổ|hong pho|HÔNG PHỔ|HONG PHO) "
)
_LANGUAGE_SAMPLES: Final = (400, 4000)


def check_sensitive(pages: Sequence[str]) -> list[Finding]:
    """Return what :func:`find_sensitive` finds in these pages (NFC)."""
    if not any(_SUSPECT.search(page) for page in pages):
        return []
    return find_sensitive(pages)


def findings_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as they are stored with a work: page, kind, masked excerpt, count."""
    return [
        {"page": item.page, "kind": str(item.kind), "excerpt": item.excerpt_masked, "count": item.count}
        for item in findings
    ]


def guess_language(pages: Sequence[str], title: str = "") -> str:
    """Return "vi", "en" or the house's default for texts that say too little."""
    text = "\n".join((*pages[:3], title))
    for sample in _LANGUAGE_SAMPLES:
        found = detect_language(text[:sample])
        if found or len(text) <= sample:
            break
    return found or "vi"
