"""An hour of readings and a day of intervals keep what they are given, and only ever grow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.energy.rules.packing import (
    CONFLICT,
    EMPTY,
    PackingError,
    hours_of,
    merge_hour,
    pack_day,
    unpack_day,
    unpack_hour,
)

T = np.array([0, 60_000, 120_000], np.int64)


def test_an_hour_comes_back_as_it_was() -> None:
    merged = merge_hour(
        EMPTY, T, np.array([1.5, np.nan, 3.25]), batch=7, problems={1: "value-missing"}, raws={1: "65535"}
    )
    again = unpack_hour(merged.hour.pack())
    assert again.t.tolist() == T.tolist()
    assert again.v[[0, 2]].tolist() == [1.5, 3.25]
    assert np.isnan(again.v[1])
    assert [again.codes[p] for p in again.p] == ["", "value-missing", ""]
    assert again.raws == {1: "65535"}
    assert again.b.tolist() == [7, 7, 7]
    assert (merged.kept, merged.conflicts, merged.first_ms, merged.last_ms) == (3, 0, 0, 120_000)


def test_the_same_again_adds_nothing_and_another_value_is_kept_beside() -> None:
    hour = merge_hour(EMPTY, T, np.array([1.0, 2.0, 3.0]), batch=1).hour
    assert merge_hour(hour, T, np.array([1.0, 2.0, 3.0]), batch=2).kept == 0
    other = merge_hour(hour, T[1:2], np.array([9.0]), batch=2)
    assert (other.kept, other.conflicts) == (1, 1)
    assert other.hour.m.tolist() == [0, 0, 0, CONFLICT]
    assert other.hour.ordered().v.tolist() == [1.0, 2.0, 3.0]  # the first that came counts
    assert merge_hour(other.hour, T[1:2], np.array([9.0]), batch=3).kept == 0


def test_a_usable_value_goes_before_a_problem_of_the_same_time() -> None:
    hour = merge_hour(EMPTY, T[:1], np.array([np.nan]), batch=1, problems={0: "device-nan"}).hour
    hour = merge_hour(hour, T[:1], np.array([4.0]), batch=2).hour
    assert hour.ordered().v.tolist() == [4.0]


def test_what_is_cut_off_is_noticed() -> None:
    raw = merge_hour(EMPTY, T, np.array([1.0, 2.0, 3.0]), batch=1).hour.pack()
    for broken in (raw[:-3], b"x" + raw[1:], raw[:5]):
        with pytest.raises(PackingError):
            unpack_hour(broken)
    day = pack_day(np.arange(96.0), np.ones(96, np.uint8))
    with pytest.raises(PackingError):
        unpack_day(day[:-2])


def test_a_day_comes_back() -> None:
    values = np.array([np.nan, 0.0, 12.345678] * 32)
    flags = np.arange(96).astype(np.uint8)
    found, marks = unpack_day(pack_day(values, flags))
    assert np.allclose(found, values, rtol=1e-6, equal_nan=True)
    assert marks.tolist() == flags.tolist()
    assert unpack_day(b"")[0].size == 0


def test_readings_are_cut_at_hours() -> None:
    t = np.array([3_599_999, 3_600_000, 3_600_001, 10_800_000], np.int64)
    assert [(hour, t[part].tolist()) for hour, part in hours_of(t)] == [
        (0, [3_599_999]),
        (3_600_000, [3_600_000, 3_600_001]),
        (10_800_000, [10_800_000]),
    ]


READINGS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=40)


@given(READINGS, st.lists(st.integers(1, 7), max_size=6))
def test_any_pieces_hold_the_same_set(readings: list[tuple[int, int]], sizes: list[int]) -> None:
    t = np.array([at * 1000 for at, _v in readings], np.int64)
    v = np.array([float(value) for _at, value in readings])
    whole = merge_hour(EMPTY, t, v, batch=1).hour
    pieces, place = EMPTY, 0
    for size in [*sizes, len(t)]:
        part = slice(place, place + size)
        pieces = unpack_hour(merge_hour(pieces, t[part], v[part], batch=1).hour.pack())
        place += size
    assert list(zip(pieces.t.tolist(), pieces.v.tolist(), strict=True)) == list(
        zip(whole.t.tolist(), whole.v.tolist(), strict=True)
    )
    assert len(whole) == len(set(zip(t.tolist(), v.tolist(), strict=True)))
