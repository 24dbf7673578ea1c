"""What holds for every series: energy is conserved, order and doubles do not matter, late data change only what they say."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.energy.intervals.derive import derive
from khcn.engines.energy.intervals.late import touched
from khcn.engines.energy.types import STEP_MS, Channel, ChannelKind, Intervals
from tests.engines.energy.intervals.series import T0

RATED = 20.0
CHANNELS = {
    kind: Channel("c", kind, rated_kw=RATED if kind is not ChannelKind.GAUGE else None, stale_after_s=stale)
    for kind, stale in (
        (ChannelKind.COUNTER, None), (ChannelKind.DAILY_COUNTER, None), (ChannelKind.POWER, 3600.0), (ChannelKind.GAUGE, 3600.0),
        (ChannelKind.STATE, None),
    )
}  # fmt: skip
DAYS = 6
END = T0 + DAYS * 96 * STEP_MS


@st.composite
def clean_counter(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A counter without disturbances: uneven times, rises within the rating."""
    gaps = draw(st.lists(st.integers(1, 400), min_size=2, max_size=60))
    shares = draw(st.lists(st.floats(0, 1.1), min_size=len(gaps), max_size=len(gaps)))
    ms = T0 + np.cumsum(gaps) * 60_000
    rises = np.array(gaps) / 60 * RATED * np.array(shares)
    return ms, draw(st.floats(0, 1e6)) + np.cumsum(rises)


@st.composite
def hostile(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A counter with resets, zeros, spikes, replacements, noise and codes."""
    ms, values = draw(clean_counter())
    values = values.copy()
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(values) - 1))
        what = draw(st.sampled_from(["reset", "zero", "spike", "other", "noise", "code", "zeros", "nan"]))
        if what == "reset":
            values[at:] -= values[at]
        elif what == "zero":
            values[at] = 0
        elif what == "zeros":
            values[at : at + draw(st.integers(1, 9))] = 0
        elif what == "spike":
            values[at] += draw(st.floats(100, 1e7))
        elif what == "other":
            values[at:] = np.abs(values[at:] + draw(st.floats(-1e5, 1e5)))
        elif what == "noise":
            values[at] -= draw(st.floats(0, 0.3))
        elif what == "code":
            values[at] = 4294967295 * 0.01
        else:
            values[at] = np.nan
    return ms, values


@st.composite
def daily(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A counter of the day over several days that wakes late on some."""
    gaps = draw(st.lists(st.integers(5, 300), min_size=4, max_size=50))
    minutes = np.cumsum(gaps)
    level, day, values, rng = 0.0, 0, [], np.random.default_rng(draw(st.integers(0, 1000)))
    wake = draw(st.integers(0, 400))
    for gap, minute in zip(gaps, minutes.tolist(), strict=True):
        if minute // 1440 != day and minute % 1440 >= wake:
            level, day = 0.0, minute // 1440
        if minute // 1440 == day:
            level += min(gap, minute % 1440) / 60 * RATED * rng.uniform(0, 1)
        values.append(level)
    return T0 + minutes * 60_000, np.array(values)


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    gaps = draw(st.lists(st.integers(1, 200), min_size=1, max_size=60))
    values = draw(
        st.lists(
            st.sampled_from([0.0, 5.0, 5.0, 12.5, 19.0, 32.768, 65.535]),
            min_size=len(gaps),
            max_size=len(gaps),
        )
    )
    return T0 + np.cumsum(gaps) * 60_000, np.array(values)


def intervals(
    channel: Channel, ms: np.ndarray, values: np.ndarray, start: int = T0, end: int = END
) -> Intervals:
    return derive(channel, ms, values, start_ms=start, end_ms=end)


def same(one: Intervals, other: Intervals) -> bool:
    return np.array_equal(one.flags, other.flags) and np.allclose(
        one.values,
        other.values,
        rtol=0,
        atol=1e-9 * max(1.0, float(np.nanmax(np.abs(one.values), initial=0))),
        equal_nan=True,
    )


@given(clean_counter())
@settings(max_examples=150, deadline=None)
def test_energy_is_conserved(series: tuple[np.ndarray, np.ndarray]) -> None:
    ms, values = series
    found = intervals(CHANNELS[ChannelKind.COUNTER], ms, values, end=T0 + 30 * 96 * STEP_MS)
    rise = values[-1] - values[0]
    assert abs(np.nansum(found.values) - rise) <= 1e-9 * max(abs(values[-1]), 1)


@given(clean_counter(), st.integers(1, 58), st.floats(0, 0.9))
@settings(max_examples=100, deadline=None)
def test_what_was_counted_before_a_reset_stays_counted(
    series: tuple[np.ndarray, np.ndarray], at: int, after: float
) -> None:
    ms, values = series
    at = min(at, len(values) - 1)
    values = values + 5000
    before = values[at - 1]
    broken = np.concatenate([values[:at], values[at:] - values[at] + after])
    found = intervals(CHANNELS[ChannelKind.COUNTER], ms, broken, end=T0 + 30 * 96 * STEP_MS)
    possible = after <= RATED * 1.2 * max((ms[at] - ms[at - 1]) / 3_600_000, 1 / 12)
    if possible and (after > 0.02 or broken[-1] > after + 1):
        expected = before - values[0] + after + broken[-1] - after
        assert abs(np.nansum(found.values) - expected) <= 1e-9 * before + 0.051


@given(hostile(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_and_doubles_do_not_matter(series: tuple[np.ndarray, np.ndarray], random: "object") -> None:
    ms, values = series
    found = intervals(CHANNELS[ChannelKind.COUNTER], ms, values)
    order = list(range(len(ms))) * 2
    random.shuffle(order)  # type: ignore[attr-defined]
    again = intervals(CHANNELS[ChannelKind.COUNTER], ms[order], values[order])
    assert same(found, again)
    assert dataclasses.asdict(found)["start_ms"] == again.start_ms


@given(hostile())
@settings(max_examples=80, deadline=None)
def test_no_interval_is_negative_or_beyond_the_rating(series: tuple[np.ndarray, np.ndarray]) -> None:
    ms, values = series
    found = intervals(CHANNELS[ChannelKind.COUNTER], ms, values)
    known = found.values[~np.isnan(found.values)]
    assert (known >= 0).all()
    assert known.sum() <= RATED * 1.2 * DAYS * 24 + 400 * RATED * 1.2 / 12 + 10


@given(st.one_of(daily(), hostile()))
@settings(max_examples=150, deadline=None)
def test_day_counters_are_never_negative(series: tuple[np.ndarray, np.ndarray]) -> None:
    found = intervals(CHANNELS[ChannelKind.DAILY_COUNTER], *series)
    assert (found.values[~np.isnan(found.values)] >= 0).all()


def spliced(
    channel: Channel, ms: np.ndarray, values: np.ndarray, late: np.ndarray, *, close: bool
) -> tuple[Intervals, Intervals]:
    """Derive without the late readings, then again only what they touch; also everything at once."""
    old_ms, old_values = ms[~late], values[~late]
    old = intervals(channel, old_ms, old_values)
    known = {"values_new": values[late], "values_known": old_values} if close else {}
    merged_values, merged_flags = old.values.copy(), old.flags.copy()
    for low, high in touched(channel, ms[late], old_ms, **known):
        start, end = max(low, T0), min(high, END)
        if start < end:
            part = intervals(channel, ms, values, start, end)
            place = slice((start - T0) // STEP_MS, (end - T0) // STEP_MS)
            merged_values[place], merged_flags[place] = part.values, part.flags
    return Intervals(T0, merged_values, merged_flags), intervals(channel, ms, values)


@given(st.one_of(clean_counter(), hostile()), st.data())
@settings(max_examples=150, deadline=None)
def test_late_counter_readings_change_only_what_they_touch(
    series: tuple[np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    ms, values = series
    late = np.array(data.draw(st.lists(st.booleans(), min_size=len(ms), max_size=len(ms))))
    after, whole = spliced(CHANNELS[ChannelKind.COUNTER], ms, values, late, close=True)
    assert same(after, whole)


@given(samples(), st.sampled_from([ChannelKind.POWER, ChannelKind.GAUGE, ChannelKind.STATE]), st.data())
@settings(max_examples=120, deadline=None)
def test_late_samples_change_only_what_they_touch(
    series: tuple[np.ndarray, np.ndarray], kind: ChannelKind, data: st.DataObject
) -> None:
    ms, values = series
    late = np.array(data.draw(st.lists(st.booleans(), min_size=len(ms), max_size=len(ms))))
    after, whole = spliced(CHANNELS[kind], ms, values, late, close=True)
    assert same(after, whole)


@given(daily(), st.data())
@settings(max_examples=80, deadline=None)
def test_late_readings_of_day_counters_change_only_what_they_touch(
    series: tuple[np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    ms, values = series
    late = np.array(data.draw(st.lists(st.booleans(), min_size=len(ms), max_size=len(ms))))
    after, whole = spliced(CHANNELS[ChannelKind.DAILY_COUNTER], ms, values, late, close=False)
    assert same(after, whole)


def test_one_late_reading_in_a_clean_year_touches_one_interval() -> None:
    ms = T0 + np.arange(35_000, dtype=np.int64) * STEP_MS
    values = np.arange(35_000) * 2.0
    spot = 20_000
    known = np.delete(np.arange(35_000), spot)
    windows = touched(
        CHANNELS[ChannelKind.COUNTER],
        ms[spot : spot + 1],
        ms[known],
        values_new=values[spot : spot + 1],
        values_known=values[known],
    )
    (window,) = windows
    assert window[0] <= ms[spot - 1] and window[1] >= ms[spot + 1]
    assert (window[1] - window[0]) // STEP_MS <= 4
    assert touched(CHANNELS[ChannelKind.COUNTER], ms[spot : spot + 1], ms) == []


def test_a_register_at_rest_is_not_derived_again_as_a_whole() -> None:
    ms = T0 + np.arange(1000, dtype=np.int64) * STEP_MS
    for level in (0.0, 123.4):
        (window,) = touched(
            CHANNELS[ChannelKind.COUNTER],
            ms[-1:],
            ms[:-1],
            values_new=np.array([level]),
            values_known=np.full(999, level),
        )
        assert (window[1] - window[0]) // STEP_MS <= 4
