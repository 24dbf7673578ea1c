"""Small numbers are not told: which cells of a table of self-checks are shown, and how many checks stand behind each.

A self-check has no name, but one stall trader of one ward is known to the whole market. Everything is told in **whole
batches**: 0, ``least``, ``2 * least``, ... (:func:`batch`). A line tells about its first checks only, in the order in
which they were finished; totals too. What is left over (0 to ``least - 1`` of every line) is told nowhere, so that a
hidden line of fewer than ``least`` cannot be worked out from the total and the other lines, and the same table a day
later differs by nothing or by a whole batch. (Hiding the smallest other cell as well, as tables often do, was tried: who
knows that rule can go backwards, for instance from 8, 8, 4.)

Cells that add up to a known total (:func:`cells_shown`) are also hidden where so little is left that only one table can
stand behind it. For lines, whose total stands on another page, one such table remains: **every** line has exactly
``least - 1`` checks; then the counts, though no scores, can be worked out.

Pages ask by **one** breakdown and one year, never two breakdowns at once and never "all years": tables of two questions
at once, or sums over years, could be subtracted from each other.
"""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def batch(count: int, least: int) -> int:
    """Return how many of ``count`` checks may be told about: whole batches of ``least``."""
    return count - count % least


def lines_shown(counts: Mapping[K, int], least: int) -> dict[K, int]:
    """Return the lines that may be shown, with how many checks each tells about."""
    return {key: batch(count, least) for key, count in counts.items() if count >= least}


def cells_shown(counts: Mapping[K, int], least: int) -> dict[K, int | None]:
    """Return cells that add up to a known total in whole batches, ``None`` where less than one batch.

    Nothing is told of fewer checks than a batch for every cell, nor where every cell has ``least - 1`` left over.
    """
    total = sum(counts.values())
    left = sum(count % least for count in counts.values())
    if total < least * len(counts) or left == (least - 1) * len(counts):
        return dict.fromkeys(counts)
    return {key: batch(count, least) or None for key, count in counts.items()}
