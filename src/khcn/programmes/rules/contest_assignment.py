"""Who judges what: each entry gets its jurors, loads as even as conflicts allow, the same for the same seed."""

import random
from collections import deque
from collections.abc import Collection, Sequence

Pair = tuple[int, int]  # juror, entry


def assign(
    *, entries: Sequence[int], jurors: Sequence[int], blocked: Collection[Pair], held: Collection[Pair], wanted: int, seed: int
) -> list[Pair]:  # fmt: skip
    """Return the pairs to add so that each entry has ``wanted`` jurors where there are so many.

    ``held`` stays as it is (also by jurors not in ``jurors``); ``blocked`` pairs are never made. Then new pairs move
    from jurors with much to jurors with little, until no move (or chain of moves) makes the loads more even.
    """
    taken, never = set(held), set(blocked)
    order, people = sorted(entries), sorted(jurors)
    chance = random.Random(seed)  # noqa: S311  # shared out, not secret
    chance.shuffle(order)
    chance.shuffle(people)
    load = {juror: sum(one == juror for one, _entry in taken) for juror in people}
    new: set[Pair] = set()
    free = {
        entry: [one for one in people if (one, entry) not in never and (one, entry) not in taken]
        for entry in order
    }
    for entry in sorted(order, key=lambda one: len(free[one])):  # those with the fewest choices first
        missing = wanted - sum(one == entry for _juror, one in taken)
        for juror in sorted(free[entry], key=lambda one: load[one])[: max(0, missing)]:
            new.add((juror, entry))
            load[juror] += 1
    while chain := _chain(new, taken | never, people, load):
        for giver, taker, entry in chain:
            new.remove((giver, entry))
            new.add((taker, entry))
        load[chain[0][0]] -= 1
        load[chain[-1][1]] += 1
    return sorted(new)


def _chain(
    new: set[Pair], closed: set[Pair], people: Sequence[int], load: dict[int, int]
) -> list[tuple[int, int, int]]:
    """Return moves (from, to, entry) that end two or more below where they begin; empty when there are none."""
    given: dict[int, list[int]] = {}
    for juror, entry in sorted(new):
        given.setdefault(juror, []).append(entry)
    for start in sorted(people, key=lambda one: -load[one]):
        came: dict[int, tuple[int, int]] = {}
        waiting, seen = deque([start]), {start}
        while waiting:
            here = waiting.popleft()
            if load[here] <= load[start] - 2:
                return _way(came, start, here)
            for entry in given.get(here, ()):
                for there in people:
                    if there not in seen and (there, entry) not in closed and (there, entry) not in new:
                        seen.add(there)
                        came[there] = (here, entry)
                        waiting.append(there)
    return []


def _way(came: dict[int, tuple[int, int]], start: int, end: int) -> list[tuple[int, int, int]]:
    moves = []
    while end != start:
        giver, entry = came[end]
        moves.append((giver, end, entry))
        end = giver
    return moves[::-1]
