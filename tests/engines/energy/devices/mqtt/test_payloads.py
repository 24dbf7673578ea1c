"""What devices publish, as they publish it, and everything that is not what it should be."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.energy.devices.mqtt.message import Message
from khcn.engines.energy.devices.mqtt.payloads import FORMATS, check_format, guess_format, parse_message
from khcn.engines.energy.devices.mqtt.shelly import channels_of
from khcn.engines.energy.devices.mqtt.simulator import messages, options_for, topic_of
from khcn.engines.energy.devices.protocol import DeviceConfig
from khcn.engines.energy.errors import DeviceError

NOW = 1_757_060_300_000  # 05/09/2025 15:18:20 +07:00


def parse(template, payload, *, topic="t", options=None, retained=False, zone="Asia/Ho_Chi_Minh"):
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    config = DeviceConfig("d", "mqtt", template, {}, options or {}, zone=zone)
    return parse_message(Message(topic, data, NOW, retained), config)


def values(samples):
    return {sample.metric: sample.value for sample in samples if not sample.problem}


def problems(samples):
    return [(sample.metric, sample.problem) for sample in samples if sample.problem]


ENERGY = {
    "TotalStartTime": "2024-11-14T18:39:40", "Total": 6.294, "Yesterday": 5.34, "Today": 0.954, "Period": 217,
    "Power": 2635, "ApparentPower": 2650, "ReactivePower": 282, "Factor": 0.99, "Voltage": 227, "Current": 11.661,
}  # fmt: skip


def test_tasmota():
    got = parse("tasmota", {"Time": "2025-09-05T15:18:00", "ENERGY": ENERGY}, topic="tele/pow1/SENSOR")
    assert values(got) == {
        "grid_power": 2.635, "import_energy": 6.294, "apparent_power": 2.65, "reactive_power": 0.282,
        "voltage_l1": 227, "current_l1": 11.661, "power_factor": 0.99, "counter_start": 1_731_584_380.0,
    }  # fmt: skip
    assert {sample.ts_ms for sample in got} == {1_757_060_280_000}, "local time of the device's zone"
    status = parse("tasmota", {"StatusSNS": {"Time": "2025-09-05T15:18:00", "ENERGY": {"Total": 1}}})
    assert values(status) == {"import_energy": 1.0}


def test_tasmota_at_the_inverter():
    got = parse("tasmota", {"ENERGY": ENERGY}, options={"role": "production"})
    assert values(got)["ac_power"] == 2.635 and values(got)["ac_energy"] == 6.294
    assert {sample.ts_ms for sample in got} == {NOW}


def test_tasmota_with_several_channels():
    energy = {
        "Total": [1.5, 2.5],
        "Power": [100, 50],
        "Voltage": [230, 231],
        "Current": [1.32, 2.1],
        "Factor": [0.9, 0.8],
    }
    both = values(parse("tasmota", {"ENERGY": energy}))
    assert both["grid_power"] == 0.15 and both["import_energy"] == 4.0
    assert (both["current_l1"], both["current_l2"], both["power_factor"]) == (1.32, 2.1, 0.9)
    second = values(parse("tasmota", {"ENERGY": energy}, options={"channel": 2}))
    assert second["grid_power"] == 0.05 and second["current_l1"] == 2.1 and second["power_factor"] == 0.8
    holed = parse("tasmota", {"ENERGY": {"Total": [1.5, None], "Power": []}})
    assert problems(holed) == [("grid_power", "reading-too-deep"), ("import_energy", "reading-too-deep")]
    third = parse("tasmota", {"ENERGY": {"Total": [1.5, 2.5]}}, options={"channel": 3})
    assert problems(third) == [("import_energy", "reading-missing")]


@pytest.mark.parametrize("topic", ["tele/x/LWT", "tele/x/STATE", "tele/x/INFO2", "stat/x/RESULT"])
def test_what_else_tasmota_says_is_no_trouble(topic):
    assert parse("tasmota", b"Online", topic=topic) == []


@pytest.mark.parametrize(
    "clock", ["1970-01-01T00:03:11", "2040-01-01T00:00:00", "2025-09-05T22:18:00", 12, "", "soon"]
)
def test_a_live_message_with_a_wrong_clock_is_of_now_and_says_so(clock):
    got = parse("tasmota", {"Time": clock, "ENERGY": {"Total": 5}})
    assert got[0].metric == "device_clock" and got[0].problem in {"reading-clock", "reading-time"}
    assert values(got) == {"import_energy": 5.0} and {sample.ts_ms for sample in got} == {NOW}


def test_a_device_in_another_zone():
    got = parse("tasmota", {"Time": "2025-09-05T08:18:00", "ENERGY": {"Total": 5}}, zone="UTC")
    assert got[0].ts_ms == 1_757_060_280_000


def test_shelly_components():
    one = {"id": 0, "current": 1.234, "voltage": 223.4, "act_power": 123.4, "aprt_power": 130.0, "pf": 0.12,
           "freq": 50.0, "calibration": "factory"}  # fmt: skip
    assert values(parse("shelly", one, topic="shelly-1/status/em1:0")) == {
        "grid_power": 0.1234, "voltage_l1": 223.4, "current_l1": 1.234, "apparent_power": 0.13, "power_factor": 0.12,
        "frequency": 50.0,
    }  # fmt: skip
    data = {"id": 0, "total_act_energy": 123.45, "total_act_ret_energy": 12345.67}
    assert values(parse("shelly", data, topic="shelly-1/status/em1data:0")) == {
        "import_energy": 0.12345, "export_energy": 12.34567,
    }  # fmt: skip
    three = {
        "a_voltage": 230.1,
        "b_voltage": 231.2,
        "c_voltage": 229.3,
        "a_current": 1.0,
        "total_act_power": -1500.5,
    }
    assert values(parse("shelly", three, topic="x/status/em:0")) == {
        "grid_power": -1.5005, "voltage_l1": 230.1, "voltage_l2": 231.2, "voltage_l3": 229.3, "current_l1": 1.0,
    }  # fmt: skip
    plug = {"apower": 60, "voltage": 230, "aenergy": {"total": 1234.5, "by_minute": [1, 2], "minute_ts": 1}}
    assert values(parse("shelly", plug, topic="x/status/switch:0"))["import_energy"] == 1.2345
    unknown = parse("shelly", {"id": 0, "act_power": None, "voltage": "x"}, topic="x/status/em1:0")
    assert problems(unknown) == [("voltage_l1", "reading-not-number")]


def test_shelly_notifications_name_their_channel_by_the_key():
    said = {
        "src": "shellypro3em-1234567890ab", "dst": "x/events", "method": "NotifyStatus",
        "params": {"ts": 1757060280.21, "em1data:1": {"id": 0, "total_act_energy": 0.06, "total_act_ret_energy": 0}},
    }  # fmt: skip
    topic = "shellypro3em-1234567890ab/events/rpc"
    assert parse("shelly", said, topic=topic) == [], "channel 0 was asked for; the id inside lies"
    got = parse("shelly", said, topic=topic, options={"channel": 1})
    assert values(got) == {"import_energy": 0.00006, "export_energy": 0.0}
    assert {sample.ts_ms for sample in got} == {1_757_060_280_210}
    split = parse("shelly", said, topic=topic, options={"channels": {"0": "meter-a", "1": "meter-b"}})
    assert {sample.device for sample in split} == {"meter-b"}
    assert channels_of(Message(topic, json.dumps(said).encode(), NOW)) == (1,)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"method": "NotifyEvent", "params": {}}, []), ({"id": 1, "result": {}}, []),
        ({"method": "NotifyStatus", "params": {"ts": 1, "wifi": {}}}, []),
        ({"method": "NotifyFullStatus", "params": {"ts": 1, "wifi": {}}}, [("payload", "payload-no-values")]),
        ({"method": "NotifyStatus", "params": 5}, [("payload", "payload-shape")]),
        ({"method": "NotifyStatus", "params": {"em:0": 5}}, [("payload", "payload-shape")]),
        ({"hello": 1}, [("payload", "payload-shape")]),
    ],
)  # fmt: skip
def test_shelly_messages_without_measurements(said, outcome):
    assert problems(parse("shelly", said, topic="x/events/rpc")) == outcome


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("shellies/em3/emeter/0/power", b"1234.5", {"grid_power": 1.2345}),
        ("shellies/em3/emeter/1/voltage", b"231.2", {"voltage_l2": 231.2}),
        ("shellies/em3/emeter/0/total", b"60000.1", {"import_energy": 60.0001}),
        ("shellies/em3/emeter/0/total_returned", b"10", {"export_energy": 0.01}),
        ("shellies/em3/emeter/1/power", b"5", {}),  # another channel's power is not this device's
        ("shellies/plug/relay/0/energy", b"60000", {"import_energy": 1.0}),  # watt-minutes
        ("shellies/plug/relay/0/power", b"57.3", {"grid_power": 0.0573}),
        ("shellies/plug/relay/0", b"on", None), ("shellies/plug/online", b"true", {}),
        ("shellies/plug/relay/0/overpower_value", b"5", {}),
    ],
)  # fmt: skip
def test_shelly_of_the_first_generation(topic, payload, expected):
    got = parse("shelly", payload, topic=topic)
    if expected is not None:
        assert values(got) == pytest.approx(expected)


FIELDS = {
    "fields": {"ac_power": {"path": "pv.0.x", "unit": "W"}, "ac_energy": "meters[1].total"},
    "time_path": "ts",
}


def test_generic_json_by_paths():
    options = {
        "fields": {"ac_power": {"path": "pv.power", "unit": "W"}, "ac_energy": {"path": "meters[1].e", "unit": "Wh"},
                   "grid_power": {"path": "grid", "scale": -0.001}, "ghi": "a.b"},
        "time_path": "when",
    }  # fmt: skip
    said = {
        "pv": {"power": "12300"},
        "meters": [{}, {"e": 5000}],
        "grid": "2500",
        "a.b": 812,
        "when": 1757060280,
    }
    got = parse("json", said, options=options)
    assert values(got) == {"ac_power": 12.3, "ac_energy": 5.0, "grid_power": -2.5, "ghi": 812.0}
    assert {sample.ts_ms for sample in got} == {1_757_060_280_000}
    listed = parse("json", [[1, {"p": 3}]], options={"fields": {"ac_power": "[0][1].p"}})
    assert values(listed) == {"ac_power": 3.0}
    partial = parse("json", {"pv": {"power": {"deep": 1}}}, options=options)
    assert ("ac_power", "reading-too-deep") in problems(partial) and (
        "device_clock",
        "reading-time",
    ) in problems(partial)
    assert problems(parse("json", {"other": 1}, options={"fields": {"ac_power": "p"}})) == [
        ("payload", "payload-no-values")
    ]


def test_plain_numbers_on_topics():
    assert values(parse("plain", b" 12.3 kW ", options={"metric": "ac_power"})) == {"ac_power": 12.3}
    assert values(parse("plain", b"12300", options={"metric": "ac_power", "unit": "W"})) == {"ac_power": 12.3}
    topics = {"topics": {"inv/power": {"metric": "ac_power", "unit": "W"}, "inv/energy": "ac_energy"}}
    assert values(parse("plain", b"500", topic="site/inv/power", options=topics)) == {"ac_power": 0.5}
    assert values(parse("plain", b"7", topic="inv/energy", options=topics)) == {"ac_energy": 7.0}
    assert parse("plain", b"7", topic="inv/other", options=topics) == []
    assert parse("plain", b"7", topic="notinv/energy", options=topics) == []


BOMB = b"[" * 200_000
MALFORMED = [
    (b"", "payload-empty"), (b"   ", "payload-empty"), (b"\x00", "payload-empty"), (b"\xff\xfe\x00", "payload-not-text"),
    (b"{", "payload-not-json"), (b"{'a':1}", "payload-not-json"), (b"<html>", "payload-not-json"),
    (BOMB, "payload-too-deep"), (b'{"a":' * 30 + b"1" + b"}" * 30, "payload-too-deep"),
    (b'"' + b"x" * 300_000 + b'"', "payload-too-large"), (b"9" * 10_000, "payload-not-json"), (b"null", "payload-shape"),
    (b"5", "payload-shape"), (b"true", "payload-shape"), (b'"text"', "payload-shape"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "problem"), MALFORMED)
@pytest.mark.parametrize("template", ["tasmota", "shelly", "json"])
def test_malformed_messages_are_kept_with_their_problem(template, payload, problem):
    options = {"fields": {"ac_power": "p"}}
    (sample,) = parse(template, payload, topic="x/status/em:0", options=options)
    assert (sample.metric, sample.value, sample.problem, sample.ts_ms) == ("payload", None, problem, NOW)
    assert len(sample.raw) <= 500 and "\x00" not in sample.raw


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("NaN", "reading-not-finite"), ("Infinity", "reading-not-finite"), ("-Infinity", "reading-not-finite"),
        ("1e999", "reading-not-finite"), ("true", "reading-boolean"), ("null", "reading-missing"),
        ('"12 kWh"', "reading-unit"), ('"unavailable"', "reading-not-number"), ("{}", "reading-too-deep"),
        ("[1]", "reading-too-deep"), ('"1,234"', "reading-ambiguous"), ("1" + "0" * 400, "reading-not-finite"),
    ],
)  # fmt: skip
def test_values_that_are_none(said, problem):
    payload = b'{"p": ' + said.encode() + b', "q": 2}'
    got = parse("json", payload, options={"fields": {"ac_power": "p", "dc_power": "q"}})
    assert problems(got) == [("ac_power", problem)] and values(got) == {"dc_power": 2.0}


def test_old_messages_that_a_broker_keeps_are_not_of_now():
    kept = parse("plain", b"5", options={"metric": "ac_power"}, retained=True)
    assert problems(kept) == [("payload", "reading-retained")]
    assert problems(parse("tasmota", {"ENERGY": {"Total": 1}}, retained=True)) == [
        ("payload", "reading-retained")
    ]
    dated = parse("tasmota", {"Time": "2025-09-05T15:00:00", "ENERGY": {"Total": 1}}, retained=True)
    assert values(dated) == {"import_energy": 1.0} and dated[0].ts_ms < NOW, (
        "with its own time it is what it says"
    )


@pytest.mark.parametrize(
    ("template", "options", "code"),
    [
        ("", {}, "mqtt-format"), ("xml", {}, "mqtt-format"), ("json", {}, "mqtt-fields"),
        ("json", {"fields": {"Bad Name": "p"}}, "mqtt-fields"), ("json", {"fields": {"p": ""}}, "mqtt-fields"),
        ("json", {"fields": {"p": {"path": "x", "scale": 0}}}, "mqtt-fields"), ("plain", {}, "mqtt-fields"),
        ("plain", {"metric": 5}, "mqtt-fields"),
    ],
)  # fmt: skip
def test_descriptions_that_cannot_work(template, options, code):
    with pytest.raises(DeviceError) as caught:
        check_format(DeviceConfig("d", "mqtt", template, {}, options))
    assert caught.value.code == code and str(caught.value)


def test_the_format_is_guessed_from_a_message():
    def guess(payload, topic="t"):
        return guess_format(Message(topic, payload, NOW))

    assert guess(b'{"ENERGY":{}}') == "tasmota" and guess(b'{"method":"NotifyStatus"}') == "shelly"
    assert guess(b"{}", "x/status/em:0") == "shelly" and guess(b"5", "shellies/a/emeter/0/power") == "shelly"
    assert (
        guess(b'{"a":1}') == "json"
        and guess(b"12.5") == "plain"
        and guess(b"\xff") == ""
        and guess(b"on") == ""
    )


@pytest.mark.parametrize("template", list(FORMATS))
def test_simulated_devices_are_understood(template):
    now = {
        "grid_power": 2.5,
        "import_energy": 123.456,
        "export_energy": 7.5,
        "voltage_l1": 230.0,
        "frequency": None,
    }
    options = options_for(template, sorted(now))
    got: dict[str, float | None] = {}
    for topic, payload in messages(template, "dev", now, NOW):
        assert "/" in topic_of(template, "dev")
        got |= values(parse(template, payload.encode(), topic=topic, options=options))
    assert got["grid_power"] == 2.5 and got["import_energy"] == 123.456 and got["export_energy"] == 7.5
    assert messages(template, "dev", {"grid_power": None}, NOW) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["ENERGY", "Time", "Power", "Total", "params", "method", "em:0", "em1data:1", "ts", "p", "x"]),
        inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    template=st.sampled_from(list(FORMATS)),
    document=JSON,
    topic=st.sampled_from(["t", "x/events/rpc", "x/status/em:0"]),
)
def test_nothing_that_is_said_breaks_a_reader(template, document, topic):
    options = {"fields": {"ac_power": "p", "dc_power": "x[0].p"}, "metric": "ac_power", "time_path": "ts"}
    for sample in parse(template, json.dumps(document).encode(), topic=topic, options=options):
        assert (sample.value is None) == bool(sample.problem)
        assert sample.value is None or abs(sample.value) < 1e16


@settings(max_examples=100, deadline=None)
@given(template=st.sampled_from(list(FORMATS)), payload=st.binary(max_size=200))
def test_nor_do_any_bytes(template, payload):
    parse(template, payload, options={"fields": {"ac_power": "p"}, "metric": "ac_power"})
