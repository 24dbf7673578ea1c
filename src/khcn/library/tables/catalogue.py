"""What the pages of a catalogue file show: counts, faults, first records."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.library.models import CatalogueFile
from khcn.ui.parts import State, Tone

_ENCODINGS: Final = {
    "tcvn3": "TCVN3 (ABC)", "vni": "VNI", "viscii": "VISCII", "vps": "VPS", "viqr": "VIQR", "marc-8": "MARC-8",
    "cp1258": "Windows-1258", "cp1252": "Windows-1252", "mixed": "nhiều bảng mã",
}  # fmt: skip


def outcome_state(outcome: str) -> State:
    """Return what becomes of a record, in words and a shape."""
    tones: dict[str, tuple[str, Tone]] = {
        "new": (_("Mới"), "good"),
        "changed": (_("Có thay đổi"), "info"),
        "same": (_("Không đổi"), "neutral"),
        "double": (_("Có thể trùng"), "watch"),
        "faulty": (_("Có lỗi"), "bad"),
    }
    label, tone = tones[outcome]
    return State(label=label, tone=tone)


def count_rows(file: CatalogueFile) -> list[tuple[State, int]]:
    """Return how many records there are of each outcome."""
    outcomes = ("new", "changed", "same", "double", "faulty")
    return [(outcome_state(one), int(file.counts.get(one, 0))) for one in outcomes] if file.counts else []


def encoding_lines(file: CatalogueFile) -> list[tuple[str, int]]:
    """Return the old encodings that were met, with how many records were in each."""
    found = file.counts.get("encodings", {})
    return [(_ENCODINGS.get(name, name), int(number)) for name, number in found.items()]


def fault_rows(file: CatalogueFile) -> list[dict[str, Any]]:
    """Return the faults and notes, the faults first, each with the way to the work it speaks of."""
    rows = [
        {
            **fault,
            "state": State(label=_("Lỗi"), tone="bad")
            if fault["tone"] == "bad"
            else State(label=_("Lưu ý"), tone="watch"),
            "url": reverse("library-desk:work", args=[fault["work"]]) if fault.get("work") else "",
        }
        for fault in file.faults
    ]
    return sorted(rows, key=lambda row: (row["tone"] != "bad", row["row"]))


def sample_rows(file: CatalogueFile) -> list[dict[str, Any]]:
    """Return the first records as a reader would see them."""
    return [
        {
            **one,
            "state": outcome_state(one["outcome"]),
            "url": reverse("library-desk:work", args=[one["work"]]) if one["work"] else "",
        }
        for one in file.sample
    ]
