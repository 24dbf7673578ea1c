"""The audit trail as a page: what is asked for, and each deed in words with what it changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from khcn.core.models.audit import AuditEvent, AuditQuerySet
from khcn.web.audit_labels import AREAS, action_label


@dataclass(frozen=True)
class AuditFilter:
    """Which rows of the trail are asked for. Dates are days of the site's time zone, both included."""

    who: str = ""
    what: str = ""
    area: str = ""
    first: str = ""
    last: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "AuditFilter":
        """Read the filter from an address; what makes no sense is left out."""

        def text(name: str) -> str:
            return params.get(name, "").replace("\x00", "")[:100].strip()

        return cls(
            who=text("ai"),
            what=text("gi"),
            area=text("linh-vuc") if text("linh-vuc") in AREAS else "",
            first=text("tu") if _day(text("tu")) else "",
            last=text("den") if _day(text("den")) else "",
        )

    def apply(self, events: AuditQuerySet) -> AuditQuerySet:
        """Return the rows that match."""
        if self.who:
            events = events.filter(
                Q(actor_label__icontains=self.who) | Q(on_behalf_of_label__icontains=self.who)
            )
        if self.what:
            events = events.filter(Q(target_label__icontains=self.what) | Q(target_id=self.what))
        if self.area:
            events = events.filter(action__startswith=f"{self.area}.")
        if self.first:
            events = events.filter(at__date__gte=_day(self.first))
        if self.last:
            events = events.filter(at__date__lte=_day(self.last))
        return events

    def areas(self) -> list[tuple[str, str, bool]]:
        """Return the areas to choose from: key, words, whether chosen."""
        return [("", _("Mọi lĩnh vực"), not self.area)] + [
            (key, str(label), key == self.area) for key, label in AREAS.items()
        ]

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return any((self.who, self.what, self.area, self.first, self.last))


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class AuditLine:
    """One deed. ``changes`` are (field, before, after)."""

    at: datetime
    who: str
    on_behalf_of: str
    what: str
    target: str
    reason: str
    changes: list[tuple[str, str, str]]


def audit_line(event: AuditEvent) -> AuditLine:
    """Return a row of the trail for people."""
    before, after = event.before or {}, event.after or {}
    names = dict.fromkeys([*before, *after])
    return AuditLine(
        at=event.at,
        who=event.actor_label or _("Hệ thống"),
        on_behalf_of=event.on_behalf_of_label,
        what=action_label(event.action),
        target=event.target_label,
        reason=event.reason,
        changes=[(name, _shown(before.get(name)), _shown(after.get(name))) for name in names],
    )


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
