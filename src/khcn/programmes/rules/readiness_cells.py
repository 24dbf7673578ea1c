"""Small numbers are not told: which cells of a table of self-checks are shown, and how many checks stand behind each.

A self-check has no name, but one stall trader of one ward is known to the whole market. Two rules together:

* **Whole batches.** A line of a table tells about its first ``least``, ``2 * least``, ... checks only, in the order in
  which they were finished (:func:`batch`). A line of fewer is hidden. So the same table a day later differs by nothing or
  by at least ``least`` checks, and total minus lines is never one single check.
* **Hidden ones are never alone.** Where one line is hidden the smallest other one is hidden too (:func:`lines_shown`),
  and where cells add up to a known total, cells are hidden until at least two are, with at least ``least`` in them
  together (:func:`cells_shown`).

Pages ask by **one** breakdown and one year, never two breakdowns at once and never "all years": tables of two questions
at once, or sums over years, could be subtracted from each other.
"""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def batch(count: int, least: int) -> int:
    """Return how many of ``count`` checks a line may tell about: whole batches of ``least``."""
    return count - count % least


def lines_shown(counts: Mapping[K, int], least: int) -> dict[K, int]:
    """Return the lines that may be shown, with how many checks each tells about. ``counts``: of all lines that have any."""
    shown = {key: batch(count, least) for key, count in counts.items() if count >= least}
    hidden = [key for key, count in counts.items() if 0 < count < least]
    if len(hidden) == 1 and shown:
        del shown[min(shown, key=lambda key: counts[key])]
    return shown


def cells_shown(counts: Mapping[K, int], least: int) -> dict[K, int | None]:
    """Return cells that add up to a known total, ``None`` where hidden; nobody (0) is told as it is.

    Fewer than ``least`` together: nothing is told at all.
    """
    if sum(counts.values()) < least:
        return dict.fromkeys(counts)
    hidden = {key for key, count in counts.items() if 0 < count < least}
    others = sorted((key for key, count in counts.items() if count >= least), key=lambda key: counts[key])
    while hidden and others and (len(hidden) < 2 or sum(counts[key] for key in hidden) < least):
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in counts.items()}
