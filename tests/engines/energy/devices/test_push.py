"""A push is read without trust: nothing raises, nothing sent is lost, everything usable is used."""

import json

import pytest

from khcn.engines.energy.devices.push import parse_push

NOW = 1_777_863_700_000  # 04/05/2026


def read(payload, **options):
    return parse_push(payload, received_ms=NOW, **options)


def test_both_shapes_and_all_kinds_of_time():
    got = read(
        {
            "device": "inv-1",
            "readings": [
                {"t": 1777863600, "metric": "ac_power", "value": 12.3},
                {"t": 1777863600.5, "metric": "AC_Power", "value": 12300, "unit": "W"},
                {"t": 1777863600000, "metric": "ac_energy", "value": "1.5 MWh"},
                {"t": "2026-05-04T10:00:00+07:00", "metric": "ac_power", "value": "12,5"},
                {"t": "2026-05-04T10:00:00", "metric": "ac_power", "value": 1},
                {"t": "2026-05-04T03:00:00Z", "values": {"voltage_l1": 230, "voltage_l2": 231}},
                {"metric": "battery_soc", "value": 55, "device": "bat-1"},
            ],
            "series": [{"device": "m-1", "metric": "import_energy", "unit": "Wh", "t": [1777863600, "1777863660"],
                        "v": [1000, 2500]}],
        }
    )  # fmt: skip
    at = 1_777_863_600_000
    assert [(s.device, s.metric, s.ts_ms, s.value) for s in got.samples] == [
        ("inv-1", "ac_power", at, 12.3),
        ("inv-1", "ac_power", at + 500, 12.3),
        ("inv-1", "ac_energy", at, 1500.0),
        ("inv-1", "ac_power", at, 12.5),
        ("inv-1", "ac_power", at, 1.0),  # no zone: the site's
        ("inv-1", "voltage_l1", at, 230.0),
        ("inv-1", "voltage_l2", at, 231.0),
        ("bat-1", "battery_soc", NOW, 55.0),
        ("m-1", "import_energy", at, 1.0),
        ("m-1", "import_energy", at + 60_000, 2.5),
    ]
    assert not got.problems and not got.refused


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "reading-missing"), (True, "reading-boolean"), (False, "reading-boolean"), ("", "reading-missing"),
        ("nan", "reading-not-finite"), (float("nan"), "reading-not-finite"), (float("inf"), "reading-not-finite"),
        ("Infinity", "reading-not-finite"), (10**400, "reading-not-finite"), pytest.param(10**6000, "reading-not-finite", id="6000-digits"), (1e300, "reading-out-of-range"),
        ("1e999", "reading-not-finite"), ("abc", "reading-not-number"), ("12 kg", "reading-unit"),
        ("12 kWh", "reading-unit"), ("1,234", "reading-ambiguous"), ({"a": 1}, "reading-too-deep"),
        ([1], "reading-too-deep"), ("9" * 5000, "reading-not-number"), ("0x10", "reading-unit"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_kept_with_its_problem(value, problem):
    got = read({"device": "d", "readings": [{"t": NOW, "metric": "ac_power", "value": value}]})
    (sample,) = got.samples
    assert (sample.value, sample.problem) == (None, problem)
    assert sample.raw and len(sample.raw) <= 500
    assert str(got.problems[0])


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        (0, "reading-clock"), (1000, "reading-clock"), ("1970-01-01T00:00:00Z", "reading-clock"),
        ("2040-01-01", "reading-clock"), (NOW / 1000 + 3600, "reading-clock"), (2**63, "reading-clock"),
        ("hôm qua", "reading-time"), ("", "reading-time"), ([], "reading-time"), (True, "reading-time"),
        (float("nan"), "reading-time"), (10**400, "reading-time"), ("04/05/2026 10:00", "reading-time"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_believed_keeps_the_value_in_raw(when, problem):
    got = read({"device": "d", "readings": [{"t": when, "metric": "ac_power", "value": 7.25}]})
    (sample,) = got.samples
    assert (sample.value, sample.problem, sample.ts_ms) == (None, problem, NOW)
    assert "7.25" in sample.raw


def test_a_clock_a_little_fast_is_believed():
    got = read({"device": "d", "readings": [{"t": NOW + 240_000, "metric": "ac_power", "value": 1}]})
    assert got.samples[0].ts_ms == NOW + 240_000 and got.samples[0].value == 1.0


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\xff\xfe{", "payload-not-json"), ("{", "payload-not-json"), ("[" * 100_000, "payload-not-json"),
        ("[]", "push-shape"), ("null", "push-shape"), ({}, "push-shape"), (7, "push-shape"),
        ({"readings": {}}, "push-shape"), ({"readings": [], "series": "x"}, "push-shape"),
        (b" " * (9 * 1024 * 1024), "payload-too-large"),
    ],
)  # fmt: skip
def test_what_is_no_push_is_refused_with_a_sentence(payload, code):
    got = read(payload)
    assert got.refused and [notice.code for notice in got.problems] == [code] and str(got.problems[0])


def test_too_many_values_are_refused_whole_wherever_they_hide():
    for payload in (
        {"device": "d", "readings": [{"metric": "x", "value": 1}] * 11},
        {"device": "d", "readings": [{"values": {f"m{i}": i for i in range(11)}}]},
        {"series": [{"device": "d", "metric": "x", "t": [NOW] * 11, "v": [1] * 2}]},
    ):
        got = read(payload, limit=10)
        assert got.refused and not got.samples
        assert got.problems[0].code == "push-too-many"


def test_rows_that_cannot_be_placed_are_told_and_the_others_kept():
    got = read(
        {
            "readings": [
                5, {"metric": "ac_power", "value": 1}, {"device": "d", "value": 1},
                {"device": "d\n", "metric": "ac_power", "value": 1}, {"device": "x" * 101, "metric": "a", "value": 1},
                {"device": "d", "metric": "<script>", "value": 1}, {"device": "d", "metric": "ac_power", "value": 3},
            ],
            "series": [None, {"device": "d", "metric": "ac_power", "t": 1, "v": 2}],
        }
    )  # fmt: skip
    assert [(s.metric, s.value) for s in got.samples] == [("ac_power", 3.0)]
    assert [notice.code for notice in got.problems] == [
        "push-row", "push-device", "push-metric", "push-device", "push-device", "push-metric", "push-row", "push-row",
    ]  # fmt: skip


def test_a_series_of_unequal_lengths_loses_nothing():
    got = read({"series": [{"device": "d", "metric": "ac_energy", "t": [NOW, NOW], "v": [1, 2, 3]}]})
    assert [(s.value, s.problem) for s in got.samples] == [(1.0, ""), (2.0, ""), (None, "reading-time")]
    assert got.problems[0].code == "push-lengths"


def test_problems_are_counted_but_not_listed_without_end():
    got = read({"device": "d", "readings": [{"metric": "ac_power", "value": True}] * 500})
    assert got.problem_count == 500 and len(got.problems) == 50 and len(got.samples) == 500


def test_text_and_parsed_json_mean_the_same():
    document = {"readings": [{"t": NOW, "metric": "ac_power", "value": 1.5}]}
    assert read(json.dumps(document).encode(), device="d") == read(document, device="d")
