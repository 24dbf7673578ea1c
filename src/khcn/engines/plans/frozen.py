"""One spelling of a content, so that its hash is the same on every machine and database."""

import hashlib
import json
from decimal import Context, Decimal
from typing import Any

_EXACT = Context(prec=60)


def plain(value: Decimal | None) -> str | None:
    """Return a number without exponent and trailing zeros: ``12``, ``0.5``; ``None`` stays missing."""
    if value is None:
        return None
    text = f"{value.normalize(_EXACT):f}"
    return "0" if text in ("-0", "0") else text


def number(text: object) -> Decimal | None:
    """Read :func:`plain` back."""
    return None if text is None else Decimal(str(text))


def canonical(content: Any) -> bytes:
    """Return the canonical JSON: sorted names, no blanks, UTF-8. Floats are refused: their spelling is not one."""
    _refuse_floats(content)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def content_hash(content: Any) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def _refuse_floats(content: Any) -> None:
    if isinstance(content, float):
        raise TypeError(f"a frozen content has no floats, got {content!r}")
    if isinstance(content, dict):
        for item in content.values():
            _refuse_floats(item)
    elif isinstance(content, list | tuple):
        for item in content:
            _refuse_floats(item)
