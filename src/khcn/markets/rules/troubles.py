"""When a camera could not be trusted: from reported minutes to spans of trouble."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
BRIDGE = timedelta(minutes=5)  # a gap without reports inside a trouble belongs to it


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` to ``end`` (not included)."""

    start: datetime
    end: datetime


def spans_of(reports: Mapping[datetime, int], bit: int) -> list[Span]:
    """Return the spans of minutes that carry ``bit``; short gaps without any report are bridged."""
    found: list[Span] = []
    last: datetime | None = None  # the last report that carried the bit, while no clean one came after it
    for minute in sorted(reports):
        if not reports[minute] & bit:
            last = None
            continue
        if last is not None and found and minute - last <= BRIDGE + MINUTE:
            found[-1] = Span(found[-1].start, minute + MINUTE)
        else:
            found.append(Span(minute, minute + MINUTE))
        last = minute
    return found


def joined(spans: Iterable[Span], reports: Mapping[datetime, int], bit: int) -> list[Span]:
    """Join spans that touch, or lie less than :data:`BRIDGE` apart with no clean report between them."""
    clean = sorted(minute for minute, mask in reports.items() if not mask & bit)
    found: list[Span] = []
    for span in sorted(spans):
        if found and (
            span.start <= found[-1].end
            or (span.start - found[-1].end <= BRIDGE and not _any_between(clean, found[-1].end, span.start))
        ):
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def cut_out(span: Span, start: datetime, end: datetime) -> list[Span]:
    """Return what of ``span`` lies before ``start`` and after ``end``."""
    parts = [Span(span.start, min(span.end, start)), Span(max(span.start, end), span.end)]
    return [part for part in parts if part.start < part.end]


def _any_between(moments: Sequence[datetime], start: datetime, end: datetime) -> bool:
    return any(start <= moment < end for moment in moments)
