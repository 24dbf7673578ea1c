"""Fields as strangers write them, made fit for a catalogue: NFC, no markup, no control characters, bounded."""

import html
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import nh3

from khcn.engines.oai.limits import Limits

_TAG: Final = re.compile(
    r"</?(?:jats:)?(?:p|br|i|b|u|em|strong|sub|sup|div|span|a|ul|ol|li|h[1-6]|font|script|style|iframe|table|tr|td|th"
    r"|img|svg|center|small|big|title|sec|italic|bold|blockquote|hr|object|embed|form|input|body|html|head|meta|link)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.I,
)
_BLOCK: Final = re.compile(r"</(?:p|div|li|tr|h[1-6]|jats:p|sec)\s*>|<br\s*/?>", re.I)
_ENTITY: Final = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,30});")
# Control characters (but line feed), and marks that reverse or hide text.
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_HTTP: Final = re.compile(r"https?://[^\s<>\"'{}|\\^`]{3,990}$", re.I)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?$")
_DATE_VN: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_YEAR: Final = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_LANGUAGES: Final = {
    "vie": "vi", "vi": "vi", "vn": "vi", "vietnamese": "vi", "tieng viet": "vi", "tiếng việt": "vi", "eng": "en",
    "en": "en", "english": "en", "tiếng anh": "en", "fre": "fr", "fra": "fr", "french": "fr", "ger": "de", "deu": "de",
    "chi": "zh", "zho": "zh", "rus": "ru", "jpn": "ja", "kor": "ko", "spa": "es",
}  # fmt: skip


@dataclass(slots=True)
class Cleaner:
    """Cleans the fields of one record and remembers what it had to do (keys of ``messages.NOTES``)."""

    limits: Limits
    notes: dict[str, None] = field(default_factory=dict)

    def text(self, raw: str | None) -> str:
        """Return a text that may have several lines."""
        if not raw:
            return ""
        if len(raw) > self.limits.text_chars:
            raw = raw[: self.limits.text_chars]
            self.notes["long"] = None
        if "&" in raw and _ENTITY.search(raw):
            raw = html.unescape(raw)
        if "<" in raw and _TAG.search(raw):
            self.notes["html"] = None
            raw = html.unescape(
                nh3.clean(_BLOCK.sub("\n", raw), tags=set(), clean_content_tags={"script", "style"})
            )
        raw = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        if _CONTROL.search(raw):
            self.notes["control"] = None
            raw = _CONTROL.sub("", raw)
        if "\ufffd" in raw:
            self.notes["broken_text"] = None
        lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", raw).split("\n"))
        return "\n".join(line for line in lines if line)

    def line(self, raw: str | None) -> str:
        """Return a text on one line."""
        return " ".join(self.text(raw).split())

    def lines(self, raws: list[str]) -> tuple[str, ...]:
        """Return the different ones of these lines, bounded in number."""
        if len(raws) > self.limits.values:
            self.notes["long"] = None
        found = (self.line(raw) for raw in raws[: self.limits.values])
        return tuple(dict.fromkeys(one for one in found if one))


def web_address(said: str) -> str:
    """Return an address that is safe to link to, or ""."""
    said = said.strip()
    if not _HTTP.match(said):
        return ""
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        return ""
    return said if host and "@" not in parts.netloc else ""


def date_text(said: str) -> str:
    """Return a date as "2021", "2021-05" or "2021-05-19", or "" when it is none."""
    said = said.strip()[:60]
    if match := _DATE.match(said):
        return _real(match[1], match[2] or "", match[3] or "")
    if match := _DATE_VN.match(said):
        return _real(match[3], match[2].zfill(2), match[1].zfill(2))
    years = _YEAR.findall(said)
    return years[0] if len(set(years)) == 1 else ""


def _real(year: str, month: str, day: str) -> str:
    if not 1000 <= int(year) <= 2200:
        return ""
    if not month or not 1 <= int(month) <= 12:
        return year
    last = (
        31 if int(month) in {1, 3, 5, 7, 8, 10, 12} else 30 if int(month) != 2 else 28 + (int(year) % 4 == 0)
    )
    return f"{year}-{month}-{day}" if day and 1 <= int(day) <= last else f"{year}-{month}"


def best_date(said: list[str]) -> str:
    """Return the date of issue of several: repositories add the moments of deposit, which have a time of day."""
    plain = [found for one in said if "T" not in one and (found := date_text(one))]
    timed = [found for one in said if "T" in one and (found := date_text(one))]
    if plain:
        return plain[0]
    return min(timed) if timed else ""


def language_code(said: str) -> str:
    """Return a code such as "vi", or "" when it is not understood."""
    key = said.strip().lower().replace("_", "-")[:40]
    if key in _LANGUAGES:
        return _LANGUAGES[key]
    first = key.partition("-")[0]
    if first in _LANGUAGES:
        return _LANGUAGES[first]
    return first if re.fullmatch(r"[a-z]{2}", first) else ""
