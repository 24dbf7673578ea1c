"""Packing an hour: what goes in comes out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.markets.enums import HealthKind
from khcn.markets.rules.packing import (
    COLUMNS,
    HEALTH_BITS,
    HourMinutes,
    Kind,
    PackingError,
    centi,
    health_mask,
    unpack,
)

NUMBERS = st.one_of(st.just(0), st.integers(0, 255), st.integers(0, 2**32 - 1))


@st.composite
def hours(draw: st.DrawFn) -> HourMinutes:
    kind = draw(st.sampled_from(list(Kind)))
    hour = HourMinutes(kind)
    values = st.fixed_dictionaries(dict.fromkeys(COLUMNS[kind], NUMBERS))
    for minute in draw(st.sets(st.integers(0, 59))):
        hour.put(minute, draw(values))
    return hour


@given(hours())
def test_what_goes_in_comes_out(hour: HourMinutes) -> None:
    again = unpack(hour.kind, memoryview(hour.pack()))
    assert [again.get(minute) for minute in range(60)] == [hour.get(minute) for minute in range(60)]
    assert again.pack() == hour.pack()
    assert again.sums() == hour.sums()


@given(hours(), st.integers(0, 59))
def test_putting_the_same_minute_again_changes_nothing(hour: HourMinutes, minute: int) -> None:
    held = hour.get(minute)
    before = hour.pack()
    if held is not None:
        assert not hour.put(minute, held)
    assert hour.pack() == before


@given(hours(), st.integers(1, 40))
def test_bytes_that_were_cut_off_are_refused(hour: HourMinutes, cut: int) -> None:
    raw = hour.pack()
    if cut < len(raw):
        with pytest.raises(PackingError):
            unpack(hour.kind, raw[:-cut])
        with pytest.raises(PackingError):
            unpack(hour.kind, raw + b"\0")


def test_an_absent_minute_is_no_zero() -> None:
    hour = HourMinutes(Kind.GATE)
    assert hour.put(7, {"measured_cs": 6000})
    again = unpack(Kind.GATE, hour.pack())
    assert again.get(7) == {"count_in": 0, "count_out": 0, "measured_cs": 6000}
    assert again.get(8) is None
    assert again.sums() == {"count_in": 0, "count_out": 0, "measured_s": 60.0}


def test_a_later_minute_replaces() -> None:
    hour = HourMinutes(Kind.GATE)
    hour.put(3, {"count_in": 4, "measured_cs": 3000})
    assert hour.put(3, {"count_in": 9, "count_out": 1, "measured_cs": 6000})
    assert hour.sums() == {"count_in": 9, "count_out": 1, "measured_s": 60.0}


def test_an_ordinary_hour_is_small() -> None:
    hour = HourMinutes(Kind.GATE)
    for minute in range(60):
        hour.put(minute, {"count_in": minute % 9, "count_out": minute % 7, "measured_cs": 6000})
    assert len(hour.pack()) == 10 + 61 + 61 + 5


def test_an_hour_without_reports_is_empty() -> None:
    assert HourMinutes(Kind.ZONE).pack() == b""
    assert not unpack(Kind.ZONE, b"").present.any()


@pytest.mark.parametrize("raw", [b"\x02\x01" + bytes(20), b"\x01\x02" + bytes(20), b"\x01", b"\x01\x01\xff"])
def test_foreign_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(PackingError):
        unpack(Kind.GATE, raw)


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="minute 5"):
        HourMinutes(Kind.GATE).put(5, {"count_in": -1})


def test_lost_seconds_go_to_the_first_reason() -> None:
    hour = HourMinutes(Kind.CAMERA)
    hour.put(0, {"measured_cs": 0, "health": health_mask(["offline"])})
    hour.put(1, {"measured_cs": 4500, "health": health_mask(["dark", "covered", "unheard-of"])})
    hour.put(2, {"measured_cs": 6000, "health": health_mask(["blurred"])})
    assert hour.sums()["lost"] == {"offline": 60.0, "covered": 15.0}
    assert set(HEALTH_BITS) == set(HealthKind.values)
    assert centi(59.996) == 6000
