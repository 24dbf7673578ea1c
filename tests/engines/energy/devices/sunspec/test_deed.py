"""``khcn energy sunspec``: one JSON document on standard output, a sentence on the other, a status of 1 on failure."""

import json
import socket

import pytest

from khcn.energy.deeds.main import main
from khcn.engines.energy.devices.modbus.simulator import ModbusSimulator, SimulatedRegisters
from khcn.engines.energy.devices.sunspec.simulator import sunspec_image

from .test_sunspec import COMMON, INVERTER, METER


@pytest.fixture
def port():
    image = sunspec_image([COMMON, INVERTER, METER])
    with ModbusSimulator([SimulatedRegisters(1, {"holding": image})]) as server:
        yield server.port


def run(capsys, *arguments):
    status = main(["sunspec", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("options", [(), ("--unit", "1"), ("--base", "40000")])
def test_the_document_holds_what_the_contract_promises(port, capsys, options):
    status, out, err = run(capsys, f"tcp://127.0.0.1:{port}", "--json", *options)
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["address"] == f"tcp://127.0.0.1:{port}" and (document["unit_id"], document["base"]) == (
        1,
        40_000,
    )
    assert document["identity"] == {
        "manufacturer": "HCMC-Test", "model": "SIM-50K", "serial": "SN0009", "version": "2.1",
    }  # fmt: skip
    assert [(model["id"], model["name"]) for model in document["models"]] == [
        (1, "common"), (103, "inverter_three_phase"), (203, "ac_meter_abcn"),
    ]  # fmt: skip
    points = document["models"][1]["points"]
    assert (points["W"], points["A"], points["TmpSnk"], points["St"]) == (49870.0, 72.16, None, 4)
    assert document["models"][2]["points"]["W"] == -12500.0
    readings = {one["metric"]: one["value"] for one in document["readings"]}
    assert readings["ac_power"] == 49.87 and readings["grid_power"] == -12.5


def test_our_decoding_agrees_with_pysunspec2s_own_client(port, capsys):
    from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP

    other = SunSpecModbusClientDeviceTCP(slave_id=1, ipaddr="127.0.0.1", ipport=port, timeout=3)
    other.scan()
    document = json.loads(run(capsys, f"tcp://127.0.0.1:{port}", "--json")[1])
    compared = 0
    for model in document["models"]:
        for name, point in other.models[model["id"]][0].points.items():
            theirs = point.cvalue
            assert model["points"][name] == (
                pytest.approx(theirs) if isinstance(theirs, float) else theirs
            ), name
            compared += 1
    assert compared > 120


def test_people_can_read_it_too(port, capsys):
    status, out, _ = run(capsys, f"tcp://127.0.0.1:{port}")
    assert (
        status == 0 and "HCMC-Test SIM-50K" in out and "W            49870.0 W" in out and "TmpSnk" not in out
    )


def test_failures_are_sentences(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    for arguments, words in (
        ((f"tcp://127.0.0.1:{free}",), "từ chối cổng"),
        (("127.0.0.1:502",), "không hợp lệ"), (("tcp://:502",), "không hợp lệ"), (("tcp://h:99999",), "không hợp lệ"),
        (("tcp://khong-co.invalid",), "Không tìm thấy máy"),
        (("tcp://127.0.0.1", "--unit", "300"), "--unit"), (("tcp://127.0.0.1", "--timeout", "0"), "--timeout"),
    ):  # fmt: skip
        status, out, err = run(capsys, *arguments, "--json")
        assert (status, out) == (1, "") and words in err, arguments


def test_a_silent_device_ends_within_the_limit(capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        status, out, err = run(
            capsys, f"tcp://127.0.0.1:{port}", "--json", "--timeout", "0.2", "--limit", "2"
        )
    assert (status, out) == (1, "") and ("không trả lời" in err or "quá chậm" in err)
