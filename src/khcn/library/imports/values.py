"""Readers of single values in a JSONL record: each returns what is stored, or raises ``UnusableError``."""

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from khcn.engines.records.ddc import LONGEST, ddc_of
from khcn.engines.text.fold import fold, nfc
from khcn.library.enums import Rights

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?$")
_VIETNAMESE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NAMES: Final = 200


class UnusableError(ValueError):
    """A value that cannot be used; ``why`` completes "không dùng được vì ..."."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def clean(value: Any) -> Any:
    """Return JSON without what a database refuses: NUL and half characters (also in keys)."""
    if isinstance(value, str):
        if "\x00" in value:
            value = value.replace("\x00", "")
        return value if value.isascii() or not _SURROGATE.search(value) else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def text(value: Any) -> str:
    """A text of any length."""
    if not isinstance(value, str):
        raise UnusableError(_("cần một chuỗi ký tự"))
    return nfc(value).strip()


def line(limit: int) -> Callable[[Any], str]:
    """A text on one line of at most ``limit`` characters."""

    def read(value: Any) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        joined = " ".join(text(value).split())
        if len(joined) > limit:
            raise UnusableError(_("dài quá %(limit)s ký tự") % {"limit": limit})
        return joined

    return read


def choice(choices: type[TextChoices]) -> Callable[[Any], str]:
    """One of the codes of an enumeration."""

    def read(value: Any) -> str:
        code = value.strip().lower() if isinstance(value, str) else value
        if code not in choices.values:
            raise UnusableError(_("cần một trong: %(codes)s") % {"codes": ", ".join(choices.values)})
        return str(code)

    return read


def names(value: Any) -> list[str]:
    """One name, or a list of names; doubles are dropped."""
    items = value if isinstance(value, list) else [value]
    read = line(300)
    found = [read(item) for item in items[:_MAX_NAMES]]
    return list(dict.fromkeys(name for name in found if name))


def people(value: Any) -> list[dict[str, Any]]:
    """People or bodies: names, or objects with ``name`` and what else is known (``role``, ``orcid`` ...)."""
    items = value if isinstance(value, list) else [value]
    found: list[dict[str, Any]] = []
    for item in items[:_MAX_NAMES]:
        person = dict(item) if isinstance(item, dict) else {"name": item}
        person["name"] = line(300)(person.get("name"))
        if person["name"]:
            found.append(person)
    return found


def identifiers(value: Any) -> list[dict[str, str]]:
    """Identifiers: ``{"type": "doi", "value": "..."}``, a list of those, or bare strings."""
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items[:_MAX_NAMES]:
        pair = item if isinstance(item, dict) else {"value": item}
        found.append({"type": line(40)(pair.get("type") or "other"), "value": line(300)(pair.get("value"))})
    return found


def address(value: Any) -> str:
    """A web address."""
    found = line(1000)(value)
    if not _ADDRESS.match(found):
        raise UnusableError(_("cần một địa chỉ bắt đầu bằng http:// hoặc https://"))
    return found


def day(value: Any) -> date:
    """A whole date."""
    found = issued(value)[1]
    if found is None:
        raise UnusableError(_("cần đủ ngày, tháng, năm"))
    return found


def issued(value: Any) -> tuple[int, date | None]:
    """A year, a month or a day: ``2021``, ``2021-05``, ``2021-05-19``, ``19/05/2021``."""
    said = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    match = _ISO.match(said)
    if match:
        year, month, number = (int(part) if part else None for part in match.groups())
    else:
        match = _VIETNAMESE.match(said)
        if not match:
            raise UnusableError(_("cần ngày dạng 2021-05-19, 19/05/2021 hoặc năm 2021"))
        number, month, year = (int(part) for part in match.groups())
    try:
        whole = date(year or 0, month or 1, number or 1)
    except ValueError:
        raise UnusableError(_("ngày không có thật")) from None
    if not 1000 <= whole.year <= 2200:
        raise UnusableError(_("năm không có thật"))
    return whole.year, whole if month and number else None


def language(value: Any) -> str:
    """A language code such as ``vi`` or ``en``."""
    code = line(8)(value).lower()
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,4})?", code):
        raise UnusableError(_("cần mã ngôn ngữ như vi, en"))
    return code


def dewey(value: Any) -> str:
    """A number of the Dewey Decimal Classification."""
    number = ddc_of(line(60)(value))
    if not number or len(number) > LONGEST:
        raise UnusableError(_("cần số phân loại DDC như 621.3124"))
    return number


def copies(value: Any) -> int:
    """How many copies were issued, 0 to 999."""
    said = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (said.isascii() and said.isdigit()) or int(said) > 999:
        raise UnusableError(_("cần số bản từ 0 đến 999"))
    return int(said)


def known_rights(said: str) -> str | None:
    """Return the code of a licence as people write it, or None."""
    key = re.sub(r"[\s_]+", "-", fold(said).strip())
    if key in Rights.values:
        return key
    return _RIGHTS_NAMES.get(key)


_RIGHTS_NAMES: Final = {
    "cc-by": Rights.CC_BY,
    "cc-by-sa": Rights.CC_BY_SA,
    "cc-by-nc": Rights.CC_BY_NC,
    "cc0": Rights.PUBLIC_DOMAIN,
    "cc0-1.0": Rights.PUBLIC_DOMAIN,
    "public": Rights.PUBLIC_DOMAIN,
    "pd": Rights.PUBLIC_DOMAIN,
    "official-document": Rights.OFFICIAL,
    "van-ban-hanh-chinh": Rights.OFFICIAL,
}
