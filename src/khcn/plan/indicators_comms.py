"""Communication work and taking part in others' events as figures of reports, each with the rows it came from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.numbers import number_vi
from khcn.core.references import Reference
from khcn.plan.enums import PART_STANDING, EventKind, PartState
from khcn.plan.models import EventPart, Outreach
from khcn.plan.permissions import acting
from khcn.plan.rules.comms import IN_COPIES, KINDS_OF_EXCHANGE, KINDS_OF_TRAINING, items_of
from khcn.plan.selectors.comms_references import OUTREACH, PART

MOST_SOURCES: Final = 200
ALL: Final = 0  # key of the only group of a single question
_WENT: Final = frozenset({PartState.NOMINATED, PartState.ATTENDED, PartState.ABSENT})
Answer = tuple[int, list[Any], str]


@dataclass(frozen=True, slots=True)
class CommsIndicator:
    """One figure: ``read`` fetches the rows of a period once, ``work_out`` counts those of one group of units."""

    title: str | Promise
    unit: str | Promise
    kind: str
    read: Callable[[Period], Iterable[Any]]
    work_out: Callable[[Sequence[Any]], Answer]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the count over ``period``; 0 means that nothing was recorded."""
        if unit_ids is not None:
            return self.figures(period=period, groups={ALL: unit_ids}, reader=reader)[ALL]
        reach = acting(reader)
        rows = [row for row in self.read(period) if reach.everything or row.unit_id in reach.units]
        return self._figure(rows)

    def figures(
        self, *, period: Period, groups: Mapping[int, Sequence[int]], reader: Actor
    ) -> Mapping[int, Figure]:
        """Return the count for each group of units; one query for all of them."""
        by_unit: dict[int, list[Any]] = defaultdict(list)
        for row in self.read(period):
            by_unit[row.unit_id].append(row)
        return {
            key: self._figure([row for unit in dict.fromkeys(units) for row in by_unit.get(unit, ())])
            for key, units in groups.items()
        }

    def _figure(self, rows: Sequence[Any]) -> Figure:
        value, behind, note = self.work_out(rows)
        sources = tuple(Reference(self.kind, str(row.pk)) for row in behind[:MOST_SOURCES])
        return Figure(Decimal(value), note=note, sources=sources)


# Communication work


def _outreach(period: Period) -> Iterable[Outreach]:
    rows = Outreach.objects.standing().filter(happened_on__range=(period.start, period.end))
    return rows.only("pk", "unit_id", "channel", "count", "people", "people_counted").order_by(
        "happened_on", "pk"
    )


def _items(rows: Sequence[Outreach]) -> Answer:
    copies = sum(row.count for row in rows if row.channel in IN_COPIES)
    note = ""
    if copies:
        note = _("Tờ rơi, áp phích: mỗi lần phát tính một lượt (%(copies)s bản).") % {
            "copies": number_vi(copies)
        }
    return sum(items_of(row.channel, row.count) for row in rows), list(rows), note


def _reached(rows: Sequence[Outreach]) -> Answer:
    told = [row for row in rows if row.people is not None]
    estimated = sum(row.people or 0 for row in told if not row.people_counted)
    notes = []
    if estimated:
        notes.append(_("%(people)s lượt người là ước tính.") % {"people": number_vi(estimated)})
    if silent := len(rows) - len(told):
        notes.append(_("%(rows)s việc không ghi số người.") % {"rows": number_vi(silent)})
    return sum(row.people or 0 for row in told), told, " ".join(notes)


# Others' events


def _parts(period: Period) -> Iterable[EventPart]:
    rows = EventPart.objects.filter(
        state__in=PART_STANDING, event__starts_on__range=(period.start, period.end)
    )
    return rows.select_related("event").order_by("event__starts_on", "pk")


def _passed(period: Period) -> Iterable[EventPart]:
    rows = EventPart.objects.filter(passed_on__range=(period.start, period.end))
    return rows.select_related("event").order_by("passed_on", "pk")


def _events(kinds: Iterable[str], states: Iterable[str]) -> Callable[[Sequence[EventPart]], Answer]:
    """Count events, each once however many of the units took part."""
    wanted, held = frozenset(kinds), frozenset(states)

    def work_out(rows: Sequence[EventPart]) -> Answer:
        chosen = [row for row in rows if row.event.kind in wanted and row.state in held]
        return len({row.event_id for row in chosen}), chosen, ""

    return work_out


def _attended(kinds: Iterable[str], *audiences: str) -> Callable[[Sequence[EventPart]], Answer]:
    """Count people who came, of some audiences or of all."""
    wanted = frozenset(kinds)

    def work_out(rows: Sequence[EventPart]) -> Answer:
        chosen = [
            row
            for row in rows
            if row.event.kind in wanted
            and row.state == PartState.ATTENDED
            and (not audiences or row.audience in audiences)
        ]
        return sum(row.attended or 0 for row in chosen), chosen, ""

    return work_out


def _nominated(kinds: Iterable[str]) -> Callable[[Sequence[EventPart]], Answer]:
    wanted = frozenset(kinds)

    def work_out(rows: Sequence[EventPart]) -> Answer:
        chosen = [row for row in rows if row.event.kind in wanted and row.state in _WENT]
        return sum(row.nominated or row.attended or 0 for row in chosen), chosen, ""

    return work_out


def _won(rows: Sequence[EventPart]) -> Answer:
    chosen = [row for row in rows if row.awards]
    return (
        sum(row.awards for row in chosen),
        chosen,
        "; ".join(row.award_text for row in chosen if row.award_text)[:400],
    )


def _sent(rows: Sequence[EventPart]) -> Answer:
    return len(rows), list(rows), _("Tính theo đơn vị nhận lời mời.") if rows else ""


def _publicised(rows: Sequence[EventPart]) -> Answer:
    chosen = [row for row in rows if row.event.kind not in KINDS_OF_TRAINING]
    return len({row.event_id for row in chosen}), chosen, ""


_ANY: Final = frozenset(EventKind)
_PEOPLE: Final = gettext_lazy("người")
_TIMES: Final = gettext_lazy("cuộc")


def _of_parts(
    title: str | Promise, unit: str | Promise, work_out: Callable[[Sequence[Any]], Answer]
) -> CommsIndicator:
    return CommsIndicator(title, unit, PART, _parts, work_out)


COMMS_INDICATORS: Final[dict[str, Indicator]] = {
    "plan.communication_items": CommsIndicator(
        gettext_lazy("Lượt tuyên truyền, tin bài"), gettext_lazy("lượt"), OUTREACH, _outreach, _items
    ),
    "plan.people_reached": CommsIndicator(
        gettext_lazy("Người được tuyên truyền"), gettext_lazy("lượt người"), OUTREACH, _outreach, _reached
    ),
    "plan.invitations_sent": CommsIndicator(
        gettext_lazy("Lời mời đã chuyển đến đơn vị"), gettext_lazy("lượt"), PART, _passed, _sent
    ),
    "plan.events_publicised": CommsIndicator(
        gettext_lazy("Hoạt động của nơi khác đã giới thiệu"), _TIMES, PART, _passed, _publicised
    ),
    "plan.registrations": _of_parts(
        gettext_lazy("Người đăng ký, được cử tham gia"), _PEOPLE, _nominated(_ANY)
    ),
    "plan.people_sent": _of_parts(
        gettext_lazy("Người được cử dự thi"), _PEOPLE, _nominated({EventKind.CONTEST})
    ),
    "plan.people_attending": _of_parts(
        gettext_lazy("Người dự hội thảo, cuộc thi của nơi khác"), _PEOPLE, _attended(_ANY - KINDS_OF_TRAINING)
    ),
    "plan.officials_attending": _of_parts(
        gettext_lazy("Cán bộ, công chức dự hội thảo, tham quan"), _PEOPLE, _attended(KINDS_OF_EXCHANGE, "officials")
    ),
    "plan.officials_trained": _of_parts(
        gettext_lazy("Cán bộ, công chức được tập huấn"), _PEOPLE, _attended(KINDS_OF_TRAINING, "officials")
    ),
    "plan.teachers_trained": _of_parts(
        gettext_lazy("Giáo viên dự tập huấn của nơi khác"), _PEOPLE, _attended(KINDS_OF_TRAINING, "teachers")
    ),
    "plan.pupils_attending": _of_parts(
        gettext_lazy("Học sinh dự hoạt động của nơi khác"), gettext_lazy("học sinh"), _attended(_ANY, "pupils")
    ),
    "plan.courses_attended": _of_parts(
        gettext_lazy("Lớp tập huấn của nơi khác đã dự"), gettext_lazy("lớp"),
        _events(KINDS_OF_TRAINING, {PartState.ATTENDED}),
    ),
    "plan.events_attended": _of_parts(
        gettext_lazy("Hội thảo, tham quan của nơi khác đã dự"), _TIMES,
        _events(KINDS_OF_EXCHANGE, {PartState.ATTENDED}),
    ),
    "plan.exhibitions_joined": _of_parts(
        gettext_lazy("Triển lãm của nơi khác đã tham gia"), _TIMES,
        _events({EventKind.EXHIBITION}, {PartState.ATTENDED}),
    ),
    "plan.contests": _of_parts(
        gettext_lazy("Cuộc thi của nơi khác đã tham gia"), _TIMES,
        _events({EventKind.CONTEST}, {PartState.NOMINATED, PartState.ATTENDED}),
    ),
    "plan.awards": _of_parts(gettext_lazy("Giải thưởng ở hoạt động của nơi khác"), gettext_lazy("giải"), _won),
}  # fmt: skip
