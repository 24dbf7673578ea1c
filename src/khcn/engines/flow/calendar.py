"""Days that are not like others: public holidays, Tết, lunar market days, events. The caller names them; no law here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from khcn.engines.flow.lunar import is_market_day, tet_offset


@dataclass(frozen=True, slots=True)
class Calendar:
    """``holidays``: day -> name (the same name every year: effects are learned by name).

    ``events``: days whose figures say nothing about other days (flood, fair), with or without a name;
    ``lunar``: mind Tết and the 1st and 15th of lunar months.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    events: Mapping[date, str] = field(default_factory=dict)
    lunar: bool = True

    def special(self, day: date) -> bool:
        """Whether ``day`` must not stand for a usual day: holidays, events, 14 days before Tết to 7 after it.

        Lunar market days are usual: they come twice a month.
        """
        return day in self.holidays or day in self.events or (self.lunar and self._near_tet(day))

    def kind(self, day: date) -> str | None:
        """Name of the effect of ``day``: "event:...", "tet:N" (N days to go), "holiday:NAME", "lunar" or None."""
        if day in self.events:
            return f"event:{self.events[day]}"
        offset = tet_offset(day) if self.lunar else None
        if offset is not None and (-5 <= offset <= 7 or day not in self.holidays):
            return f"tet:{offset}"
        if day in self.holidays:
            return f"holiday:{self.holidays[day]}"
        if self.lunar and is_market_day(day):
            return "lunar"
        return None

    def only_tet(self, day: date) -> bool:
        """Whether nothing but the nearness of Tết makes ``day`` special."""
        return self.special(day) and day not in self.holidays and day not in self.events

    @staticmethod
    def _near_tet(day: date) -> bool:
        offset = tet_offset(day)
        return offset is not None and -7 <= offset <= 14
