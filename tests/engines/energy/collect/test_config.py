"""Which devices a collector reads: what is wrong is named in a sentence, the others run, secrets stay secret."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.energy.collect.config import ConfigCache, parse, read_file
from khcn.engines.energy.collect.hiding import Hider, secrets_in
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.messages import sentence

pytestmark = pytest.mark.nodb

GOOD = {
    "key": "inv-1", "driver": "modbus", "template": "huawei-sun2000", "address": {"host": "192.168.1.20", "port": 502},
    "rated_kw": 50, "poll_s": 30,
}  # fmt: skip

TOML = """
collector = "truong-a"
[site]
latitude = 10.9
longitude = 106.6
[centre]
url = "https://khcn.example.vn"
token_file = "khoa"
[[devices]]
key = "inv-1"
driver = "modbus"
template = "huawei-sun2000"
address = { host = "192.168.1.20", port = 502, unit = 1 }
rated_kw = 50
poll_s = 30
[[devices]]
key = "cong-to"
driver = "mqtt"
template = "tasmota"
address = { host = "192.168.1.5", topic = "tele/cong-to/SENSOR", username = "khcn", password = "mat-khau" }
"""


def test_a_file_in_toml_and_in_json(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(TOML)
    config = read_file(path)
    assert [one.key for one in config.devices] == ["inv-1", "cong-to"] and not config.troubles
    assert config.key == "truong-a" and config.place == (10.9, 106.6)
    assert config.centre_url == "https://khcn.example.vn" and config.centre_token_file == tmp_path / "khoa"
    assert config.devices[0].options["every_s"] == 30 and config.devices[0].rated_kw == 50.0
    again = tmp_path / "site.json"
    again.write_text(json.dumps({"collector": "x", "devices": [GOOD]}))
    assert [one.key for one in read_file(again).devices] == ["inv-1"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.toml", "devices = [", "config-syntax"),
        ("a.json", "{", "config-syntax"),
        ("a.json", "[]", "config-form"),
        ("a.json", '{"devices": {}}', "config-form"),
        ("a.json", "null", "config-form"),
        ("a.toml", "", ""),
    ],
)
def test_files_that_are_none(tmp_path: Path, name: str, text: str, code: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    if not code:
        assert read_file(path).devices == ()
        return
    with pytest.raises(SpecError) as caught:
        read_file(path)
    assert caught.value.code == code and "%" not in str(caught.value)


def test_a_syntax_error_does_not_quote_a_password(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[[devices]]\naddress = { password = "mat-khau }\n')
    with pytest.raises(SpecError) as caught:
        read_file(path)
    assert "mat-khau" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": ""}, "config-key"),
        ({"key": "có dấu"}, "config-key"),
        ({"key": 5}, "config-key"),
        ({"driver": "bluetooth"}, "config-driver"),
        ({"driver": None}, "config-driver"),
        ({"address": "192.168.1.20"}, "config-value"),
        ({"address": {"host": "http://x/"}}, "config-value"),
        ({"address": {"host": "x", "port": 0}}, "config-value"),
        ({"address": {"host": "x", "port": "502"}}, "config-value"),
        ({"address": {"host": "x", "port": True}}, "config-value"),
        ({"options": []}, ""),
        ({"options": [1]}, "config-value"),
        ({"rated_kw": -1}, "config-value"),
        ({"rated_kw": float("nan")}, "config-value"),
        ({"rated_kw": "50"}, "config-value"),
        ({"poll_s": 0}, "config-value"),
        ({"zone": "Asia/Saigonn"}, "config-zone"),
        ({"zone": "../../etc/passwd"}, "config-zone"),
        ({"pasword": "mat-khau"}, "config-value"),
        ({}, ""),
    ],
)
def test_a_wrong_device_is_named_and_the_others_run(change: dict[str, Any], code: str) -> None:
    config = parse({"devices": [{**GOOD, **change}, {**GOOD, "key": "inv-2"}]})
    assert "inv-2" in [one.key for one in config.devices]
    assert [one.code for one in config.troubles] == ([code] if code else [])
    for one in config.troubles:
        text = sentence(one.code, one.params)
        assert "%" not in text and text.endswith(".") and "mat-khau" not in text


@pytest.mark.parametrize("item", [None, 5, "x", [], {}])
def test_what_is_no_device_at_all(item: Any) -> None:
    config = parse({"devices": [item, GOOD]})
    assert len(config.devices) == 1 and len(config.troubles) == 1


def test_one_key_twice_and_too_many() -> None:
    config = parse({"devices": [GOOD, GOOD]})
    assert len(config.devices) == 1 and config.troubles[0].code == "config-key-twice"
    config = parse({"devices": [{**GOOD, "key": f"d{n}"} for n in range(600)]})
    assert len(config.devices) == 500 and config.troubles[0].code == "config-too-many"


def test_tests_that_the_centre_asks_for() -> None:
    config = parse(
        {"tests": [{"id": 7, "device": GOOD}, {"id": "8"}, {"id": "9", "device": {"driver": "?"}}, 5, None]}
    )
    assert [(one.id, one.device.driver) for one in config.tests] == [("7", "modbus")]
    assert parse({"tests": {}}).tests == () and parse({"site": {"latitude": "x"}}).place == parse({}).place


def test_the_cache_is_the_owners_only_and_survives_rubbish(tmp_path: Path) -> None:
    cache = ConfigCache(tmp_path)
    assert cache.load() is None
    cache.save({"devices": [GOOD]}, '"tag"')
    assert cache.load() == ({"devices": [GOOD]}, '"tag"')
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600
    for rubbish in (b"", b"{", b"[]", b'{"config": 5, "etag": 1}', b"\xff\xfe"):
        cache.path.write_bytes(rubbish)
        assert cache.load() is None


def test_secrets_are_known_at_any_depth_and_blotted_out() -> None:
    found = secrets_in(
        {"password": "mot-hai", "a": [{"api_key": "ba-bon", "password_file": "/etc/x"}], "username": "khcn"}
    )
    assert found == {"mot-hai", "ba-bon"}
    hide = Hider()
    hide.know(found | {"x"})
    text = "mqtt://khcn:xyz@host mot-hai password=abc token: def Bearer ghi x ba-bon"
    assert hide(text) == "mqtt://***@host *** password=*** token: *** Bearer *** x ***"
    assert len(hide("y" * 1000, 50)) == 50
