"""Every register type, both orders of words and of octets, and the codes for "not there"."""

import math

import pytest

from khcn.engines.energy.devices.modbus.driver import interpret
from khcn.engines.energy.devices.modbus.registers import (
    NOT_IMPLEMENTED,
    decode,
    decode_text,
    encode,
    encode_text,
)
from khcn.engines.energy.devices.modbus.template import Point

HIGH, LOW = "high_first", "low_first"


@pytest.mark.parametrize(
    ("kind", "registers", "words", "octets", "value"),
    [
        ("u16", [0xFFFE], HIGH, HIGH, 65534), ("u16", [0x3412], HIGH, LOW, 0x1234), ("s16", [0xFFFF], HIGH, HIGH, -1),
        ("s16", [0x8000], HIGH, HIGH, -32768), ("u32", [0x0001, 0x86A0], HIGH, HIGH, 100_000),
        ("u32", [0x86A0, 0x0001], LOW, HIGH, 100_000), ("u32", [0x0100, 0xA086], HIGH, LOW, 100_000),
        ("u32", [0xA086, 0x0100], LOW, LOW, 100_000), ("s32", [0xFFFF, 0xCF2C], HIGH, HIGH, -12_500),
        ("s32", [0xCF2C, 0xFFFF], LOW, HIGH, -12_500), ("u64", [0, 0, 0x075B, 0xCD15], HIGH, HIGH, 123_456_789),
        ("u64", [0xCD15, 0x075B, 0, 0], LOW, HIGH, 123_456_789), ("s64", [0xFFFF] * 4, HIGH, HIGH, -1),
        ("f32", [0x4366, 0xE666], HIGH, HIGH, 230.9), ("f32", [0xE666, 0x4366], LOW, HIGH, 230.9),
        ("f32", [0x4B3C, 0x614E], HIGH, HIGH, 12345678.0), ("f64", [0x405E, 0xDD2F, 0x1A9F, 0xBE77], HIGH, HIGH, 123.456),
    ],
)  # fmt: skip
def test_decode_and_back(kind, registers, words, octets, value):
    got = decode(registers, kind, words=words, octets=octets)
    assert got == value and type(got) is type(value)
    assert encode(value, kind, words=words, octets=octets) == registers


def test_floats_that_are_no_numbers():
    assert math.isnan(decode([0x7FC0, 0], "f32")) and math.isinf(decode([0x7F80, 0], "f32"))


def test_a_wrong_count_is_an_error_not_a_value():
    with pytest.raises(ValueError, match="u32 needs 2"):
        decode([1], "u32")


def test_encoding_cuts_to_the_range():
    assert encode(1e9, "u16") == [0xFFFF] and encode(-5, "u16") == [0] and encode(-1e9, "s16") == [0x8000]


def test_text():
    assert decode_text(encode_text("SUN2000-50KTL", 15)) == "SUN2000-50KTL"
    assert decode_text([0x5355, 0x4E00, 0x4142]) == "SUN", "what stands behind the first zero is old memory"
    assert decode_text([0x5553], octets=LOW) == "SU"
    assert decode_text([0x411B, 0x5B42]) == "A[B", "control characters never reach a terminal"


@pytest.mark.parametrize("kind", ["u16", "s16", "u32", "s32", "u64", "s64"])
def test_not_implemented_is_none_whatever_the_scale(kind):
    point = Point("ac_power", 0, type=kind, scale=0.01, unit="W", none=NOT_IMPLEMENTED[kind])
    for words in (HIGH, LOW):
        reading = interpret(point, encode(NOT_IMPLEMENTED[kind][0], kind, words=words))
        if words == HIGH:
            assert (reading.value, reading.problem) == (None, "reading-not-implemented")
    assert interpret(point, encode(100, kind)).value == 0.001


@pytest.mark.parametrize(
    ("point", "registers", "rated", "value", "problem"),
    [
        (Point("ac_power", 0, type="s32", unit="W"), [0, 23400], None, 23.4, ""),
        (Point("ac_power", 0, type="s32", unit="W"), [0x8000, 0], None, -2147483.648, ""),  # no code given: a number
        (Point("ac_power", 0, type="s32", unit="W"), [0x0080, 0], 30, None, "reading-out-of-range"),
        (Point("ac_power", 0, type="u16", unit="W"), [38_000], 30, 38.0, ""),  # a little over the plate
        (Point("grid_power", 0, type="s16", unit="W", scale=10, sign=-1), [0xFB1E], None, 12.5, ""),
        (Point("ac_energy", 0, type="s32", unit="kWh", scale=0.01), [0xFFFF, 0xFFFF], None, None, "reading-out-of-range"),
        (Point("frequency", 0, scale=0.01, unit="Hz"), [5001], None, 50.01, ""),
        (Point("frequency", 0, scale=0.01, unit="Hz"), [0], None, None, "reading-out-of-range"),
        (Point("voltage_l1", 0, type="f32", unit="V"), [0x7FC0, 0], None, None, "reading-not-implemented"),
        (Point("voltage_l1", 0, type="f32", unit="V"), [0x7F80, 0], None, None, "reading-not-finite"),
        (Point("state", 0), [512], None, 512.0, ""),
        (Point("cabinet_temperature", 0, type="s16", scale=0.1, unit="°C", lowest=-20, highest=90), [1200], None, None,
         "reading-out-of-range"),
    ],
)  # fmt: skip
def test_what_registers_mean(point, registers, rated, value, problem):
    reading = interpret(point, registers, rated_kw=rated)
    assert (reading.value, reading.problem) == (value, problem)
