"""The MQTT driver with a real broker: delivery, repair, refusal, floods, sinks that fail."""

import threading
import time

import pytest

from khcn.engines.energy.devices.mqtt import hub as hub_module
from khcn.engines.energy.devices.mqtt.driver import THINNED, Sieve
from khcn.engines.energy.devices.mqtt.hub import Broker
from khcn.engines.energy.devices.mqtt.simulator import Publisher
from khcn.engines.energy.devices.protocol import DeviceConfig, make_driver, probe
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import Sample
from tests.engines.energy.devices.broker import TestBroker, free_port


@pytest.fixture(scope="module")
def broker():
    with TestBroker() as running:
        yield running


@pytest.fixture
def publisher(broker):
    found = Publisher(Broker("127.0.0.1", broker.port))
    yield found
    found.close()


def clock():
    return time.time_ns() // 1_000_000


def plain(port, topic, *, key="d", **address):
    where = {"host": "127.0.0.1", "port": port, "topic": topic, **address}
    return DeviceConfig(key, "mqtt", "plain", where, {"metric": "ac_power", "least_s": 0})


class Heard:
    """A sink that remembers."""

    def __init__(self):
        self.samples: list[Sample] = []
        self.failing = False

    def __call__(self, samples):
        if self.failing:
            raise OSError("disk full")
        self.samples += samples

    def wait(self, count, seconds=60.0):
        until = time.monotonic() + seconds
        while len(self.samples) < count and time.monotonic() < until:
            time.sleep(0.02)
        return [sample.value for sample in self.samples]


def until_state(driver, good):
    until = time.monotonic() + 60
    while (driver.state() == "") is not good and time.monotonic() < until:
        time.sleep(0.02)


def listening(broker, config, heard):
    driver = make_driver(config)
    driver.listen(heard, clock)
    until_state(driver, good=True)
    broker.subscribed(driver.topic)
    return driver


def test_several_devices_share_one_connection_and_hear_their_own_topics(broker, publisher):
    first, second = Heard(), Heard()
    one = listening(broker, plain(broker.port, "site/a", key="a"), first)
    two = listening(broker, plain(broker.port, "other/+/p", key="b"), second)
    assert len(hub_module._HUBS) == 1
    publisher.publish("site/a", "1.5", wait_s=30)
    publisher.publish("other/x/p", "2.5", wait_s=30)
    assert first.wait(1) == [1.5] and second.wait(1) == [2.5]
    assert {sample.device for sample in second.samples} == {"b"}
    assert one.state() == two.state() == "" and one.poll(0) == []
    one.close()
    publisher.publish("site/a", "9", wait_s=30)
    publisher.publish("other/y/p", "3.5", wait_s=30)
    assert second.wait(2) == [2.5, 3.5] and first.wait(1) == [1.5]
    two.close()
    assert not hub_module._HUBS


def test_a_broker_that_goes_and_comes_back():
    with TestBroker() as broker:
        heard = Heard()
        driver = listening(broker, plain(broker.port, "x"), heard)
        broker.stop()
        until_state(driver, good=False)
        assert driver.state() == "mqtt-disconnected"
        broker.start()
        until_state(driver, good=True)
        broker.subscribed("x")
        publisher = Publisher(Broker("127.0.0.1", broker.port))
        publisher.publish("x", "7", wait_s=30)
        assert heard.wait(1) == [7.0] and driver.state() == ""
        publisher.close()
        driver.close()


def test_a_broker_that_is_not_there_yet():
    port = free_port()
    driver = make_driver(plain(port, "x"))
    driver.listen(Heard(), clock)
    time.sleep(0.3)
    assert driver.state() in {"device-unreachable", "mqtt-disconnected"}
    driver.close()


def test_a_sink_that_fails_leaves_the_message_with_the_broker(broker, publisher, monkeypatch):
    again = threading.Event()
    monkeypatch.setattr(hub_module.Hub, "_again", lambda self: again.set())
    monkeypatch.setattr(hub_module, "_HELD_S", 0.1)
    heard = Heard()
    driver = listening(broker, plain(broker.port, "held"), heard)
    acknowledged = []
    client = driver._hub._client
    monkeypatch.setattr(client, "ack", lambda mid, qos: acknowledged.append(mid))
    heard.failing = True
    publisher.publish("held", "1", wait_s=30)
    assert again.wait(60) and driver.state() == "mqtt-held" and not acknowledged
    heard.failing = False
    publisher.publish("held", "2", wait_s=30)
    assert heard.wait(1) == [2.0]
    assert driver.state() == "" and len(acknowledged) == 1
    driver.close()


def test_a_refused_password_is_told(tmp_path):
    from argon2 import PasswordHasher

    file = tmp_path / "passwd"
    file.write_text(f"kim:{PasswordHasher().hash('right')}\n")
    with TestBroker(password_file=file) as broker:
        for password, ok in (("wrong", False), ("right", True)):
            config = plain(broker.port, "x", username="kim", password=password)
            found = probe(config, timeout_s=3, now_ms=clock())
            assert [one.code for one in found.problems] == (["mqtt-silent"] if ok else ["mqtt-password"])


def test_a_probe_shows_what_came_and_what_it_might_be(broker, publisher):
    stop = threading.Event()

    def speak():
        while not stop.wait(0.1):
            publisher.publish("tele/p/SENSOR", '{"ENERGY":{"Total":5.5,"Power":120}}')

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        where = {"host": "127.0.0.1", "port": broker.port, "topic": "tele/+/SENSOR"}
        good = probe(DeviceConfig("d", "mqtt", "tasmota", where), timeout_s=5, now_ms=clock())
        assert good.ok and {point.metric: point.value for point in good.points}["import_energy"] == 5.5
        assert "ENERGY" in good.raw["tele/p/SENSOR"]
        other = probe(DeviceConfig("d", "mqtt", "shelly", where), timeout_s=1, now_ms=clock())
        assert not other.ok and str(other.suggestions[0]).count("tasmota") == 1
    finally:
        stop.set()
        thread.join()


def test_a_probe_of_the_wrong_zone_says_how_many_hours(broker, publisher):
    now = clock()
    stop = threading.Event()

    def speak():
        while not stop.wait(0.1):
            publisher.publish("j", f'{{"p": 1, "t": {(now - 7 * 3_600_000) / 1000}}}')

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        where = {"host": "127.0.0.1", "port": broker.port, "topic": "j"}
        config = DeviceConfig("d", "mqtt", "json", where, {"fields": {"ac_power": "p"}, "time_path": "t"})
        found = probe(config, timeout_s=5, now_ms=now)
        assert [(one.code, one.params["hours"]) for one in found.suggestions] == [("device-clock-zone", 7)]
    finally:
        stop.set()
        thread.join()


def test_watts_that_were_taken_for_kilowatts_are_doubted():
    from khcn.engines.energy.devices.mqtt.driver import _units_in_doubt

    said = [
        Sample("d", "ac_power", 0, 12_300.0),
        Sample("d", "ac_energy", 0, 99_999.0),
        Sample("d", "dc_power", 0, 12.0),
    ]
    assert [(one.code, one.params["value"]) for one in _units_in_doubt(said, 15.0)] == [
        ("device-unit-guess", "12300")
    ]
    assert len(_units_in_doubt(said, None)) == 1 and not _units_in_doubt(said, 5000.0)


def test_a_probe_of_silence_and_of_nothing(broker):
    silent = probe(plain(broker.port, "nobody"), timeout_s=0.8, now_ms=clock())
    assert [one.code for one in silent.problems] == ["mqtt-silent"] and "nobody" in str(silent.problems[0])
    away = probe(plain(free_port(), "x"), timeout_s=0.8, now_ms=clock())
    assert [one.code for one in away.problems] == ["device-unreachable"]


@pytest.mark.parametrize("address", [{"topic": ""}, {"topic": 5}, {"host": ""}, {"port": 0}, {"username": 5},
                                     {"password_file": "/no/such/file"}])  # fmt: skip
def test_addresses_are_checked(address):
    with pytest.raises(DeviceError):
        make_driver(DeviceConfig("d", "mqtt", "tasmota", {"host": "h", "topic": "t", **address}))


def test_a_certificate_file_that_is_not_there_is_told():
    config = plain(8883, "x", tls=True, ca_file="/no/such/ca.pem")
    found = probe(config, timeout_s=1, now_ms=clock())
    assert [one.code for one in found.problems] == ["mqtt-tls"]


def test_a_flood_is_thinned_and_counted():
    sieve = Sieve(1000)
    passed = []
    for at in range(0, 125_000, 50):
        passed += sieve.sift([Sample("d", "ac_power", at, float(at))], 1_000_000 + at)
    values = [sample for sample in passed if sample.metric == "ac_power"]
    told = [sample.value for sample in passed if sample.metric == THINNED]
    assert len(values) == 125 and sum(told) <= 2500 - 125 and len(told) == 3
    late = [sieve.sift([Sample("d", "ac_energy", at, 1.0)], 1_500_000) for at in range(0, 60_000, 10_000)]
    assert sum(sample.metric == "ac_energy" for one in late for sample in one) == 6, (
        "an hour that a broker kept comes at once and is kept whole"
    )
    bad = [
        sieve.sift([Sample("d", "payload", at, None, "payload-not-json")], 2_000_000 + at)
        for at in range(0, 30_000, 100)
    ]
    assert sum(1 for one in bad for sample in one if sample.metric == "payload") == 3
    for number in range(20_000):
        sieve.sift([Sample("d", f"m{number}", 0, 1.0)], 3_000_000)
    assert len(sieve._last) <= 5001
