"""How scores become a ranking: pure arithmetic in decimals, the same by hand from the score sheet.

A juror's total is the sum of points times weights. An entry's result is the median or mean of its jurors' totals,
rounded half up to three places. Equal results are told apart by the published tie-break: the entry's result in each
named criterion, in order; then by the lowest juror total (:data:`FINAL_RULE`). What is still equal shares a rank, and
the ranks behind it are skipped (1, 2, 2, 4). An entry below a minimum of a criterion or below the pass total has no rank.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

PLACES: Final = Decimal("0.001")
MEDIAN: Final = "median"
MEAN: Final = "mean"
FINAL_RULE: Final = "lowest-juror-total"  # higher first


@dataclass(frozen=True, slots=True)
class CriterionRule:
    """One criterion: points from 0 to ``most``; ``least``: below it the entry does not pass."""

    key: str
    title: str
    most: Decimal
    weight: Decimal = Decimal(1)
    least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """All that turns sheets into a ranking. ``tie_break``: keys of criteria in order."""

    criteria: tuple[CriterionRule, ...]
    scoring: str = MEDIAN
    tie_break: tuple[str, ...] = ()
    pass_total: Decimal | None = None

    def __post_init__(self) -> None:
        keys = [one.key for one in self.criteria]
        if len(set(keys)) != len(keys) or not keys:
            raise ValueError(f"criteria need one key each, got {keys}")
        if self.scoring not in (MEDIAN, MEAN):
            raise ValueError(f"scoring is median or mean, got {self.scoring!r}")
        if not set(self.tie_break) <= set(keys):
            raise ValueError(f"the tie-break names criteria {self.tie_break}, there are {keys}")

    @property
    def most(self) -> Decimal:
        """The highest total that a juror can give."""
        return sum((one.most * one.weight for one in self.criteria), Decimal(0))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The points of one juror for one entry, one for each criterion."""

    entry: str
    juror: str
    points: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands. ``failed``: keys of criteria below their minimum, "total", or "no-sheet"."""

    entry: str
    totals: tuple[tuple[str, Decimal], ...]  # juror, total; by juror
    result: Decimal | None
    by_criterion: tuple[tuple[str, Decimal], ...]  # in the order of the rubric
    lowest: Decimal | None
    rank: int | None
    failed: tuple[str, ...] = ()


def rounded(value: Decimal) -> Decimal:
    """Return a value with three places, half up."""
    return value.quantize(PLACES, rounding=ROUND_HALF_UP)


def median(values: Iterable[Decimal]) -> Decimal:
    """Return the middle value, or the mean of the two in the middle. :raises ValueError: without values."""
    rows = sorted(values)
    if not rows:
        raise ValueError("a median needs at least one value")
    half = len(rows) // 2
    return rounded(rows[half] if len(rows) % 2 else (rows[half - 1] + rows[half]) / 2)


def mean(values: Iterable[Decimal]) -> Decimal:
    """Return the arithmetic mean. :raises ValueError: without values."""
    rows = list(values)
    if not rows:
        raise ValueError("a mean needs at least one value")
    return rounded(sum(rows, Decimal(0)) / len(rows))


def juror_total(rubric: Rubric, points: Mapping[str, Decimal]) -> Decimal:
    """Return the weighted sum of a sheet. :raises ValueError: a criterion misses, is unknown or out of range."""
    if set(points) != {one.key for one in rubric.criteria}:
        raise ValueError(f"points for {sorted(points)}, criteria {[one.key for one in rubric.criteria]}")
    for one in rubric.criteria:
        if not 0 <= points[one.key] <= one.most:
            raise ValueError(f"{one.key}: points from 0 to {one.most}, got {points[one.key]}")
    return rounded(sum((points[one.key] * one.weight for one in rubric.criteria), Decimal(0)))


def ranking(rubric: Rubric, entries: Iterable[str], sheets: Iterable[Sheet]) -> list[Standing]:
    """Return every entry with its standing: by rank, then those without a rank; equal ones by their code."""
    held: dict[str, list[Sheet]] = {entry: [] for entry in entries}
    for sheet in sheets:
        held[sheet.entry].append(sheet)
    found = [_standing(rubric, entry, rows) for entry, rows in held.items()]
    passed = [one for one in found if not one.failed]
    keys = {one.entry: _order(rubric, one) for one in passed}
    ranked = [
        _with_rank(one, 1 + sum(keys[other.entry] > keys[one.entry] for other in passed)) for one in passed
    ]
    ranked.sort(key=lambda one: (one.rank or 0, one.entry))
    rest = sorted(
        (one for one in found if one.failed), key=lambda one: (-(one.result or Decimal(-1)), one.entry)
    )
    return ranked + rest


def _standing(rubric: Rubric, entry: str, sheets: Sequence[Sheet]) -> Standing:
    if not sheets:
        return Standing(entry, (), None, (), None, None, ("no-sheet",))
    middle = median if rubric.scoring == MEDIAN else mean
    totals = tuple(sorted((one.juror, juror_total(rubric, one.points)) for one in sheets))
    parts = tuple((one.key, middle(sheet.points[one.key] for sheet in sheets)) for one in rubric.criteria)
    result = middle(total for _juror, total in totals)
    values = dict(parts)
    failed = [one.key for one in rubric.criteria if one.least is not None and values[one.key] < one.least]
    if rubric.pass_total is not None and result < rubric.pass_total:
        failed.append("total")
    return Standing(entry, totals, result, parts, min(total for _juror, total in totals), None, tuple(failed))


def _order(rubric: Rubric, one: Standing) -> tuple[Decimal, ...]:
    values = dict(one.by_criterion)
    assert one.result is not None and one.lowest is not None  # noqa: S101  # it has sheets
    return (one.result, *(values[key] for key in rubric.tie_break), one.lowest)


def _with_rank(one: Standing, rank: int) -> Standing:
    return Standing(one.entry, one.totals, one.result, one.by_criterion, one.lowest, rank, one.failed)


# The frozen form: JSON with numbers as text


def rubric_of(data: Mapping[str, Any]) -> Rubric:
    """Read a rubric back from its frozen form."""
    return Rubric(
        criteria=tuple(
            CriterionRule(
                row["key"], row["title"], Decimal(row["most"]), Decimal(row["weight"]), _number(row["least"])
            )
            for row in data["criteria"]
        ),
        scoring=data["scoring"], tie_break=tuple(data["tie_break"]), pass_total=_number(data["pass_total"]),
    )  # fmt: skip


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def ranking_of(data: Mapping[str, Any]) -> list[Standing]:
    """Compute the ranking anew from nothing but the frozen rubric, entries and sheets."""
    sheets = [
        Sheet(row["entry"], row["juror"], {key: Decimal(value) for key, value in row["points"].items()})
        for row in data["sheets"]
    ]
    return ranking(rubric_of(data["rules"]), [row["code"] for row in data["entries"]], sheets)


def standing_json(one: Standing) -> dict[str, Any]:
    """Return a standing as it is frozen."""
    return {
        "entry": one.entry, "rank": one.rank, "result": None if one.result is None else str(one.result),
        "totals": {juror: str(total) for juror, total in one.totals},
        "by_criterion": {key: str(value) for key, value in one.by_criterion},
        "lowest": None if one.lowest is None else str(one.lowest), "failed": list(one.failed),
    }  # fmt: skip


def digest_of(frozen: Mapping[str, Any]) -> str:
    """Return the SHA-256 of frozen scores in one canonical spelling."""
    text = json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
