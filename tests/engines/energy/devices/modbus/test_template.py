"""Templates are data: the ones that come with the product are whole, and a wrong one is told where and how."""

import pytest

from khcn.engines.energy.devices.modbus.plan import plan_blocks
from khcn.engines.energy.devices.modbus.template import (
    Point,
    Wire,
    check_template,
    find_template,
    template_names,
)
from khcn.engines.energy.errors import DeviceError

GOOD = """
[template]
name = "Máy thử"
maker = "Thử"
kind = "meter"
certainty = "vendor"
source = "tài liệu của hãng"
[defaults]
kind = "input"
words = "low_first"
[[point]]
metric = "grid_power"
address = 0x10
type = "s32"
unit = "W"
[[point]]
metric = "import_energy"
address = 20
type = "u32"
scale = 0.01
unit = "kWh"
none = [0]
"""


def test_the_shipped_templates_are_whole_and_say_where_they_come_from():
    assert set(template_names()) >= {
        "huawei-sun2000", "sungrow-sg", "growatt", "solis", "deye-string", "goodwe-dt", "sma", "acrel-adw300",
        "eastron-sdm", "schneider-iem3000", "chint-dtsu666",
    }  # fmt: skip
    for name in template_names():
        template = find_template(name)
        metrics = {point.metric for point in template.points}
        assert (
            template.source and template.maker and template.certainty in {"vendor", "S2", "S1", "memory"}
        ), name
        if template.kind == "inverter":
            assert {"ac_power", "ac_energy"} <= metrics and template.sleeps, name
        else:
            assert {"grid_power", "import_energy"} <= metrics and not template.sleeps, name


@pytest.mark.parametrize(
    ("name", "metric", "address", "kind", "type_", "words", "scale"),
    [  # facts of the register maps, so that a slip of the hand in a template shows
        ("huawei-sun2000", "ac_power", 32080, "holding", "s32", "high_first", 1.0),
        ("huawei-sun2000", "ac_energy", 32106, "holding", "u32", "high_first", 0.01),
        ("sungrow-sg", "ac_power", 5030, "input", "u32", "low_first", 1.0),
        ("sungrow-sg", "ac_energy", 5003, "input", "u32", "low_first", 1.0),
        ("growatt", "dc_power", 1, "input", "u32", "high_first", 0.1),
        ("growatt", "dc_energy", 91, "input", "u32", "high_first", 0.1),
        ("solis", "ac_power", 3004, "input", "u32", "high_first", 1.0),
        ("solis", "ac_energy", 3008, "input", "u32", "high_first", 1.0),
        ("deye-string", "ac_power", 86, "holding", "u32", "low_first", 0.1),
        ("deye-string", "ac_energy", 63, "holding", "u32", "low_first", 0.1),
        ("goodwe-dt", "ac_power", 781, "holding", "u16", "high_first", 1.0),
        ("goodwe-dt", "ac_energy", 786, "holding", "u32", "high_first", 0.1),
        ("sma", "ac_power", 30775, "input", "s32", "high_first", 1.0),
        ("sma", "ac_energy", 30513, "holding", "u64", "high_first", 0.001),
        ("acrel-adw300", "grid_power", 36, "holding", "s32", "high_first", 1.0),
        ("acrel-adw300", "import_energy", 62, "holding", "s32", "high_first", 0.01),
        ("acrel-adw300", "export_energy", 64, "holding", "s32", "high_first", 0.01),
        ("eastron-sdm", "grid_power", 0x34, "input", "f32", "high_first", 1.0),
        ("chint-dtsu666", "grid_power", 0x2012, "holding", "f32", "high_first", 0.1),
        ("chint-dtsu666", "import_energy", 0x101E, "holding", "f32", "high_first", 1.0),
        ("chint-dtsu666", "export_energy", 0x1028, "holding", "f32", "high_first", 1.0),
        ("schneider-iem3000", "import_energy", 0x0C83, "holding", "s64", "high_first", 1.0),
    ],
)  # fmt: skip
def test_registers_of_the_makers(name, metric, address, kind, type_, words, scale):
    (point,) = [one for one in find_template(name).points if one.metric == metric]
    assert (point.address, point.kind, point.type, point.words, point.scale) == (
        address,
        kind,
        type_,
        words,
        scale,
    )


def test_an_own_template_is_taken_from_text_or_folder(tmp_path):
    template = find_template("x", {"template_text": GOOD})
    assert template.points[0].words == "low_first" and template.points[0].kind == "input"
    assert template.points[1].none == (0,)
    (tmp_path / "may-thu.toml").write_text(GOOD, "utf-8")
    assert find_template("may-thu", {"templates_folder": str(tmp_path)}).name == "Máy thử"
    with pytest.raises(DeviceError, match="may-khac"):
        find_template("may-khac", {"templates_folder": str(tmp_path)})
    with pytest.raises(DeviceError, match="passwd"):
        find_template("../../etc/passwd", {"templates_folder": str(tmp_path)})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('unit = "W"', 'unit = "kWh"'), "unit"), (('type = "s32"', 'type = "int32"'), "một trong: u16"),
        (("address = 0x10", "address = 99999"), "từ 0 đến 65535"), (("address = 0x10", ""), "còn thiếu"),
        (('metric = "grid_power"', 'metric = "import_energy"'), "đã có ở điểm khác"),
        (("scale = 0.01", "scale = 0"), "khác 0"), (("scale = 0.01", 'scale = "x"'), "phải là số"),
        (("scale = 0.01", "scales = 0.01"), "không phải là tên trường"), (("none = [0]", 'none = "x"'), "danh sách"),
        (('kind = "meter"', 'kind = "toaster"'), "một trong: inverter"), (('name = "Máy thử"', ""), "còn thiếu"),
        (("scale = 0.01", "lowest = 5\nhighest = 1"), "nhỏ hơn highest"), (("scale = 0.01", "sign = 2"), "1, -1"),
        (('metric = "grid_power"', 'metric = "Grid Power"'), "tên đại lượng"),
        (("[defaults]", "[wire]\nport = 0\n[defaults]"), "từ 1 đến 65535"), (("[defaults]", "[wird]\n[defaults]"), "wird"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_a_sentence(change, told):
    assert check_template("x", GOOD) == ()
    bad = GOOD.replace(*change)
    notices = check_template("x", bad)
    assert notices and any(told in str(notice) for notice in notices), [str(notice) for notice in notices]
    with pytest.raises(DeviceError):
        find_template("x", {"template_text": bad})


def test_several_mistakes_are_told_at_once_and_no_toml_is_told_too():
    bad = GOOD.replace('unit = "W"', 'unit = "kWh"').replace("scale = 0.01", "scale = 0")
    assert len(check_template("x", bad)) == 2
    assert check_template("x", "[[[")[0].code == "template-toml"
    assert check_template("x", "")[0].code == "template-field"


def spans(points, **wire):
    return [(one.kind, one.address, one.count, len(one.points)) for one in plan_blocks(points, Wire(**wire))]


def test_neighbours_are_read_together_within_gap_and_length():
    points = [
        Point("a", 10, type="u32"),
        Point("b", 14),
        Point("c", 40, type="u64"),
        Point("d", 12, kind="input"),
    ]
    assert spans(points, most_gap=2) == [("holding", 10, 5, 2), ("holding", 40, 4, 1), ("input", 12, 1, 1)]
    assert spans(points, most_gap=30) == [("holding", 10, 34, 3), ("input", 12, 1, 1)]
    assert spans(points, most_gap=30, most_registers=30) == [
        ("holding", 10, 5, 2), ("holding", 40, 4, 1), ("input", 12, 1, 1),
    ]  # fmt: skip
    assert spans(points, most_gap=0, most_registers=1)[0] == ("holding", 10, 2, 1), "a value is never split"


def test_overlapping_points_are_one_question():
    assert spans([Point("a", 10, type="u64"), Point("b", 11)], most_gap=0) == [("holding", 10, 4, 2)]
