"""XML written as text: escaped, without the characters that XML 1.0 forbids, quick enough for long harvests."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

# Everything that is not a Char of XML 1.0 (2.2); such characters cannot even be written as references.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ORCID: Final = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.A)
_SPECIAL: Final = re.compile("[&<>]")


def clean(text: str) -> str:
    """Return the text without the characters that no XML document may hold (control characters, half surrogates)."""
    # What is printable is a Char of XML; to ask so is ten times as quick as to seek, and nearly every text is.
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def says(text: str) -> bool:
    """Whether anything is left of a text in an XML document."""
    return bool(text) and bool(clean(text).strip())


def escaped(text: str) -> str:
    """Return text for the content of an element; ``]]>`` cannot arise, for ``>`` is escaped too."""
    text = clean(text)
    if _SPECIAL.search(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def quoted(text: str) -> str:
    """Return a text as the value of an attribute, with its quotation marks."""
    inner = escaped(text).replace('"', "&quot;")
    return '"' + inner.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;") + '"'


def element(name: str, text: str, attributes: Iterable[tuple[str, str]] = ()) -> str:
    """Return one element with text; attributes without a value are left out."""
    return f"<{name}{_attributes(attributes)}>{escaped(text)}</{name}>"


def wrapped(name: str, inner: Iterable[str], attributes: Iterable[tuple[str, str]] = ()) -> str:
    """Return an element around XML that is written already."""
    return f"<{name}{_attributes(attributes)}>{''.join(inner)}</{name}>"


def optional(name: str, text: str, attributes: Iterable[tuple[str, str]] = ()) -> str:
    """Return one element with text, or nothing when there is no text."""
    return element(name, text, attributes) if says(text) else ""


def group(name: str, inner: Iterable[str], attributes: Iterable[tuple[str, str]] = ()) -> str:
    """Return an element around XML that is written already, or nothing when there is none."""
    content = "".join(inner)
    return f"<{name}{_attributes(attributes)}>{content}</{name}>" if content else ""


def _attributes(attributes: Iterable[tuple[str, str]]) -> str:
    if not attributes:
        return ""
    return _root(attributes) if isinstance(attributes, tuple) else _written(attributes)


def _written(attributes: Iterable[tuple[str, str]]) -> str:
    return "".join([f" {name}={quoted(value)}" for name, value in attributes if value])


# Tuples are the namespaces of a format's root: the same few for every record.
_root: Final = lru_cache(maxsize=64)(_written)


def orcid(value: str) -> str:
    """Return the bare form of an ORCID iD, or "" when it is none."""
    match = _ORCID.search(value.upper())
    return match[0] if match else ""
