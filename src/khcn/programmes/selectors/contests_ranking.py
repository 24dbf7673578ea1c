"""The frozen ranking: as a page shows it, as a sheet, as one JSON document that stands for itself."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet

from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.models.contests import ContestResult
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.contest_scoring import FINAL_RULE, digest_of, ranking_of, standing_json
from khcn.programmes.selectors.contests import standing_result


def contest_by_name(name: str) -> Programme | None:
    """Return the contest of an address key or a number."""
    rows = Programme.objects.filter(kind=ProgrammeKind.CONTEST)
    found = rows.filter(key=name).first()
    return found or (
        rows.filter(pk=int(name)).first() if name.isascii() and name.isdigit() and len(name) < 10 else None
    )


def rank_document(programme: Programme, *, names: bool = False) -> dict[str, Any] | None:
    """Return ranking and all that it stands on; names of teams and jurors only when public or asked for.

    ``None`` before the freeze. ``intact``: the hash fits, and computing anew gives the same ranking.
    """
    result = standing_result(programme)
    if result is None:
        return None
    data: dict[str, Any] = dict(result.frozen)
    intact = (
        digest_of(data) == result.sha256
        and [standing_json(one) for one in ranking_of(data)] == data["ranking"]
    )
    shown = names or result.published_at is not None
    teams = _teams(result) if shown else {}
    data["jurors"] = [
        {key: value for key, value in row.items() if shown or key not in ("name", "juror")}
        for row in data["jurors"]
    ]
    data["ranking"] = [
        row | ({"team": teams.get(row["entry"], "")} if shown else {}) for row in data["ranking"]
    ]
    return data | {
        "final_rule": FINAL_RULE,
        "sha256": result.sha256,
        "intact": intact,
        "published": result.published_at is not None,
    }


def _teams(result: ContestResult) -> dict[str, str]:
    rows = Entry.objects.filter(pk__in=[row["entry"] for row in result.frozen["entries"]]).select_related(
        "team"
    )
    return {row.code: row.team.name for row in cast("QuerySet[Entry]", rows)}


@dataclass(frozen=True, slots=True)
class RankRow:
    """A line of the ranking with the points of every juror."""

    rank: int | None
    code: str
    entry: int
    result: Decimal | None
    by_criterion: tuple[Decimal, ...]
    lowest: Decimal | None
    failed: tuple[str, ...]
    sheets: tuple[tuple[str, tuple[Decimal, ...], Decimal], ...]  # juror key, points, total
    award: str


def rank_rows(result: ContestResult) -> list[RankRow]:
    """Return the ranking for a page or a sheet. One query."""
    data = result.frozen
    keys = [row["key"] for row in data["rules"]["criteria"]]
    ids = {row["code"]: row["entry"] for row in data["entries"]}
    awards = dict(result.awards.values_list("entry", "title"))
    points = {(row["entry"], row["juror"]): row["points"] for row in data["sheets"]}
    titles = {row["key"]: row["title"] for row in data["rules"]["criteria"]}
    return [
        RankRow(
            row["rank"], row["entry"], ids[row["entry"]], _decimal(row["result"]),
            tuple(Decimal(row["by_criterion"][key]) for key in keys if key in row["by_criterion"]), _decimal(row["lowest"]),
            tuple(titles.get(one, one) for one in row["failed"]),
            tuple(
                (juror, tuple(Decimal(points[row["entry"], juror][key]) for key in keys), Decimal(total))
                for juror, total in sorted(row["totals"].items())
            ),
            awards.get(ids[row["entry"]], ""),
        )
        for row in data["ranking"]
    ]  # fmt: skip


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
