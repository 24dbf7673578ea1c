"""Brings the outbox to the centre, at least once: oldest first, one batch at a time, again until it is acknowledged.

The centre knows a reading by (device, metric, time), so again is never too much. What is wrong on the way makes waits
that grow; a batch that is too large goes in halves; a reading that the centre will never take is found by halving and
set aside with the reason, so that the others pass.
"""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from khcn.engines.energy.collect.centre import Ack, LaterError, RejectedError, TooLargeError
from khcn.engines.energy.collect.clock import ClockWatch
from khcn.engines.energy.collect.hiding import Hider
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.collect.rows import Batch

logger = logging.getLogger(__name__)

MOST: Final = 2_000
ASIDE_IN_A_ROW: Final = (
    20  # after so many without one that passed, the centre is wrong, not the readings: slow down
)


class Sender(Protocol):
    """What takes batches: :class:`~.centre.Centre`."""

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        """Hand a batch over. Raises LaterError, RejectedError, TooLargeError."""
        ...


@dataclass(slots=True)
class Totals:
    """What the centre said since the start."""

    batches: int = 0
    readings: int = 0
    duplicates: int = 0
    set_aside_there: int = 0
    set_aside_here: int = 0
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Delivery:
    """One try at a time (:meth:`step`). ``status``: what goes along; ``rest_s``: between looks at an empty outbox;
    ``life_s``: so often a sign of life goes when there is nothing else."""

    outbox: Outbox
    sender: Sender
    watch: ClockWatch
    status: Callable[[], Mapping[str, Any]] = dict
    hide: Hider = field(default_factory=Hider)
    rng: random.Random = field(default_factory=random.Random)
    first_wait_s: float = 2.0
    longest_wait_s: float = 120.0
    rest_s: float = 5.0
    life_s: float = 60.0
    most: int = MOST
    totals: Totals = field(default_factory=Totals)
    fails: int = 0
    error: str = ""
    http_status: int = 0
    _most_now: int = 0
    _aside_row: int = 0
    _greeted: bool = False
    _delivered_at: int | None = None

    def step(self) -> float:
        """Try once; return the seconds to wait before the next try."""
        self.outbox.flush()
        self.outbox.tidy()
        wait = self._greet()
        if wait is not None:
            return wait
        batch = self.outbox.batch(most=self._most_now or self.most, true_base=self.watch.true_base())
        return self._sign_of_life() if batch is None else self._deliver(batch)

    def _greet(self) -> float | None:
        """The first answer tells the centre's time before any reading goes; a clock that is off may settle first."""
        if not self._greeted:
            wait = self._sign_of_life()
            if self.fails:
                return wait
            self._greeted = True
        return self.rest_s if self.watch.unsettled() else None

    def _deliver(self, batch: Batch) -> float:
        try:
            ack = self.sender.send(batch, self.status())
        except TooLargeError as error:
            return self._too_large(batch, error)
        except RejectedError as error:
            return self._rejected(batch, error)
        except Exception as error:  # whatever is wrong on the way, the readings stay and wait
            return self._failed(error)
        self._passed(ack, len(batch.readings))
        self.outbox.ack(min(ack.last, batch.last))
        return 0.0

    def _sign_of_life(self) -> float:
        now = self.outbox.clock.mono()
        if self._delivered_at is not None and now - self._delivered_at < self.life_s * 1000:
            return self.rest_s
        at = self.outbox.acked
        try:
            ack = self.sender.send(Batch(self.outbox.instance, at + 1, at, ()), self.status())
        except (RejectedError, TooLargeError) as error:
            self._delivered_at = now  # a centre that wants no signs of life gets one a minute all the same
            self.error = self.hide(error)
            return self.rest_s
        except Exception as error:
            return self._failed(error)
        self._passed(ack, 0)
        return self.rest_s

    def _passed(self, ack: Ack, count: int) -> None:
        self.fails, self.error, self.http_status = 0, "", 0
        self._delivered_at = self.outbox.clock.mono()
        if count:
            self._aside_row = 0
            self._most_now = min(self.most, self._most_now * 2) % self.most
            self.totals.batches += 1
            self.totals.readings += count
        self.totals.duplicates += _number(ack.answer.get("duplicates"))
        self.totals.set_aside_there += _number(ack.answer.get("set_aside"))
        notes = ack.answer.get("notes")
        for note in notes if isinstance(notes, list) else ():
            if isinstance(note, Mapping) and (
                len(self.totals.notes) < 50 or note.get("code") in self.totals.notes
            ):
                code = str(note.get("code"))[:60]
                self.totals.notes[code] = self.totals.notes.get(code, 0) + (_number(note.get("count")) or 1)

    def _too_large(self, batch: Batch, error: TooLargeError) -> float:
        if len(batch.readings) > 1:
            self._most_now = max(1, len(batch.readings) // 2)
            return 0.0
        return self._put_aside(batch, error)

    def _rejected(self, batch: Batch, error: RejectedError) -> float:
        """Halve the batch until the reading that is refused stands alone; set that one aside."""
        if len(batch.readings) > 1:
            self._most_now = max(1, len(batch.readings) // 2)
            return 0.0
        return self._put_aside(batch, error)

    def _put_aside(self, batch: Batch, error: Exception) -> float:
        why = self.hide(error)
        if not self.outbox.set_aside(batch, why):
            return self._failed(error)
        self.totals.set_aside_here += 1
        self._aside_row += 1
        self.error = why
        if self._aside_row <= ASIDE_IN_A_ROW:
            return 0.0
        return self._wait(self._aside_row - ASIDE_IN_A_ROW)

    def _failed(self, error: Exception) -> float:
        self.fails += 1
        text = self.hide(error if isinstance(error, LaterError) else f"{type(error).__name__}: {error}")
        if text != self.error or self.fails in {1, 10} or self.fails % 100 == 0:
            logger.warning("centre: not delivered (%s), try %d", text, self.fails)
        self.error = text
        self.http_status = getattr(error, "status", 0)
        least = error.after_s if isinstance(error, LaterError) else 0.0
        return max(self._wait(self.fails), least * (1.0 + 0.1 * self.rng.random()))

    def _wait(self, times: int) -> float:
        wait = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(12, times - 1))
        return wait * (0.5 + 0.5 * self.rng.random())

    def report(self) -> dict[str, Any]:
        """Return what the health page shows."""
        at = self._delivered_at
        age = None if at is None else round((self.outbox.clock.mono() - at) / 1000, 1)
        totals = self.totals
        return {
            "fails": self.fails, "error": self.error, "http_status": self.http_status, "delivered_s_ago": age,
            "batches": totals.batches, "readings": totals.readings, "duplicates": totals.duplicates,
            "set_aside_there": totals.set_aside_there, "set_aside_here": totals.set_aside_here,
            "notes": dict(totals.notes),
        }  # fmt: skip


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
