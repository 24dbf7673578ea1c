"""The tables on which a figure rests, by name."""

from typing import Any

from django.utils.translation import gettext as _


def version_facts(versions: Any) -> list[tuple[str, str]]:
    """Return the tables on which a figure rests, by name. Whatever was stored is shown; nothing is guessed."""
    if not isinstance(versions, dict):
        return []
    words = {
        "engine": _("Cách tính"),
        "tariff": _("Biểu giá"),
        "price": _("Biểu giá"),
        "prices": _("Biểu giá"),
        "hours": _("Khung giờ"),
        "vat": _("Thuế suất"),
        "surplus": _("Quy định điện dư"),
        "factor": _("Hệ số phát thải"),
        "co2": _("Hệ số phát thải"),
        "emission": _("Hệ số phát thải"),
    }
    return [
        (words.get(key, key.replace("_", " ")), text)
        for key, value in versions.items()
        if (text := _version_text(value))
    ]


def _version_text(value: Any) -> str:
    if isinstance(value, dict):
        parts = [value.get(name) for name in ("document", "name", "title", "group", "data_year")]
        return ", ".join(str(part) for part in parts if part) or ", ".join(
            f"{key}: {part}" for key, part in value.items() if part not in (None, "")
        )
    if isinstance(value, list | tuple):
        return "; ".join(text for text in map(_version_text, value) if text)
    return "" if value in (None, "") else str(value)
