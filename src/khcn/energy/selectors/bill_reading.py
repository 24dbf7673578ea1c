"""What was read from a bill's PDF, for the person who confirms it."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from khcn.core.models.jobs import Job
from khcn.energy import setup_store
from khcn.energy.models import Contract, Site
from khcn.energy.selectors.bills import note_words

RESULT: Final = "fields"
STEPS: Final = "step_"


@dataclass(frozen=True, slots=True)
class BillReading:
    """``start``: values for the form; ``notes``: what is missing or does not add up; ``text``: what the PDF says."""

    start: dict[str, Any]
    notes: list[str]
    text: str
    customer: str


def reading_path(name: str) -> Path:
    """Return where the reading of a kept PDF lies."""
    return setup_store.path_of(setup_store.BILLS, f"{name}.json")


def reading_of(job: Job, site: Site) -> BillReading | None:
    """Return what was read; ``None`` when it is gone."""
    try:
        found = json.loads(reading_path(str(job.arguments.get("name"))).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    fields: dict[str, Any] = found.get(RESULT) or {}
    kwh: dict[str, str] = fields.get("kwh") or {}
    flat = [
        _number(value) for band, value in kwh.items() if band in {"flat", "normal"} or band.startswith(STEPS)
    ]
    normal = sum((value for value in flat if value is not None), Decimal(0)) or _number(
        fields.get("total_kwh")
    )
    contract = Contract.objects.filter(site=site, customer_code=fields.get("customer") or "-").first()
    start = {
        "contract": contract.pk if contract else None,
        "starts_on": _day(fields.get("start")),
        "ends_on": _day(fields.get("end")),
        "kwh_normal": normal,
        "kwh_peak": _number(kwh.get("peak")),
        "kwh_off": _number(kwh.get("off")),
        "before_vat": _number(fields.get("before_vat")),
        "vat": _number(fields.get("vat")),
        "total": _number(fields.get("total")),
    }
    notes = [note_words(note) for note in fields.get("notes") or ()]
    return BillReading(start, notes, str(found.get("text") or ""), str(fields.get("customer") or ""))


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
