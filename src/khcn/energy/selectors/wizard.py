"""The connection wizard: what can be connected, and what a live test showed, in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.secrets import SealBrokenError, unseal
from khcn.energy.enums import DeviceKind, Driver, TestState
from khcn.energy.models import Channel, ConnectionTest, Device, Site
from khcn.energy.selectors.collector_config import TEST_PURPOSE
from khcn.energy.selectors.planner import number
from khcn.energy.setup_errors import engine_sentence
from khcn.engines.energy.devices.modbus.template import find_template, template_names
from khcn.engines.energy.metrics import metric_of
from khcn.ui.parts import Column, State, Table

SCAN: Final = "scan"  # not a driver: tries SunSpec, then every template
SECRETS: Final = frozenset({"password"})
SHOWN_POINTS: Final = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a technician may have in front of them."""

    key: str
    title: str
    about: str
    driver: str
    template: str = ""
    kind: str = DeviceKind.OTHER


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices that look alike."""

    title: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class TestPage:
    """A live test as its page shows it."""

    test: ConnectionTest
    waiting: bool
    state: State
    identity: list[tuple[str, str]]
    values: Table | None
    problems: list[str]
    suggestions: list[str]
    candidates: list[tuple[str, str]]
    took: str
    raw: list[tuple[str, str]]


def choice_groups() -> list[ChoiceGroup]:
    """Return everything that can be connected, in the order in which people look for it."""
    templates = [(key, *about) for key, *about in _templates()]
    inverters = [
        Choice(key, name, _("Biến tần, qua Modbus TCP"), Driver.MODBUS, key, DeviceKind.INVERTER)
        for key, name, kind in templates
        if kind == "inverter"
    ]
    sunspec = Choice(
        "sunspec", "Fronius, SolarEdge, SMA (SunSpec)", _("Biến tần theo chuẩn SunSpec, không cần mẫu riêng"),
        Driver.SUNSPEC, "", DeviceKind.INVERTER,
    )  # fmt: skip
    meters = [
        Choice(
            key, name, _("Công tơ, qua Modbus TCP hoặc bộ chuyển RS485"), Driver.MODBUS, key, DeviceKind.METER
        )
        for key, name, kind in templates
        if kind != "inverter"
    ]
    unknown = Choice(SCAN, _("Không biết loại gì"), _("Phần mềm dò SunSpec rồi thử từng mẫu đã biết"), SCAN)
    mqtt = [
        Choice("tasmota", "Tasmota", _("Ổ cắm hoặc công tơ chạy Tasmota"), Driver.MQTT, "tasmota", DeviceKind.PLUG),
        Choice("shelly", "Shelly", _("Ổ cắm, công tơ Shelly"), Driver.MQTT, "shelly", DeviceKind.PLUG),
        Choice("json", _("MQTT gửi JSON"), _("Thiết bị khác gửi tin JSON"), Driver.MQTT, "json", DeviceKind.METER),
        Choice("plain", _("MQTT gửi một số"), _("Mỗi chủ đề là một con số"), Driver.MQTT, "plain", DeviceKind.METER),
    ]  # fmt: skip
    others = [
        Choice("tep", _("Tệp xuất từ cổng của hãng"), _("FusionSolar, iSolarCloud… tải CSV hoặc Excel lên đây"),
               Driver.FILES, "", DeviceKind.INVERTER),
        Choice("push", _("Thiết bị tự gửi qua HTTP"), _("Bộ điều khiển, chương trình của bạn gửi số đo về"),
               Driver.PUSH, "", DeviceKind.METER),
        Choice("nhap-tay", _("Ghi số công tơ bằng tay"), _("Chưa có gì để nối; mỗi tháng ghi chỉ số một lần"),
               Driver.MANUAL, "", DeviceKind.METER),
    ]  # fmt: skip
    return [
        ChoiceGroup(_("Biến tần"), [*inverters, sunspec]),
        ChoiceGroup(_("Công tơ"), meters),
        ChoiceGroup(_("Chưa biết"), [unknown]),
        ChoiceGroup(_("Ổ cắm, cảm biến qua MQTT"), mqtt),
        ChoiceGroup(_("Cách khác"), others),
    ]


def choice_of(key: str) -> Choice | None:
    """Return one choice."""
    return next((one for group in choice_groups() for one in group.choices if one.key == key), None)


@lru_cache(maxsize=1)
def _templates() -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, found.name, found.kind) for name in template_names() for found in [find_template(name)]
    )


def spec_of(test: ConnectionTest) -> dict[str, Any]:
    """Return what a test tried, secrets included: for the service that makes the device. Raises SealBrokenError."""
    found = json.loads(unseal(test.spec_sealed, purpose=TEST_PURPOSE))
    return dict(found)


def shown_spec(test: ConnectionTest) -> dict[str, Any]:
    """Return what a test tried, without its secrets; empty when it cannot be opened."""
    try:
        return hidden(spec_of(test))
    except SealBrokenError:
        return {}


def hidden(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description of a device without its secrets."""
    address = {name: value for name, value in (spec.get("address") or {}).items() if name not in SECRETS}
    return {**spec, "address": address}


def address_words(address: Mapping[str, Any]) -> str:
    """Return where a device is, on one line, without secrets."""
    host = str(address.get("host") or "")
    parts = [f"{host}:{address['port']}" if host and address.get("port") else host]
    if address.get("unit") is not None:
        parts.append(_("mã thiết bị %(unit)s") % {"unit": address["unit"]})
    if address.get("topic"):
        parts.append(_("chủ đề %(topic)s") % {"topic": address["topic"]})
    if address.get("folder"):
        parts.append(str(address["folder"]))
    return ", ".join(part for part in parts if part)


def test_page(test: ConnectionTest) -> TestPage:
    """Return a test as its page shows it."""
    result = test.result if isinstance(test.result, dict) else {}
    tones: Any = {TestState.PASSED: "good", TestState.FAILED: "bad"}
    points = [point for point in result.get("points") or () if isinstance(point, dict)]
    names = {
        "manufacturer": _("Hãng"),
        "model": _("Kiểu máy"),
        "serial": _("Số sê-ri"),
        "version": _("Phiên bản"),
    }
    identity = [
        (names.get(key, key), str(value)) for key, value in (result.get("identity") or {}).items() if value
    ]
    return TestPage(
        test=test,
        waiting=test.state in {TestState.ASKED, TestState.RUNNING},
        state=State(label=str(test.get_state_display()), tone=tones.get(test.state, "info")),
        identity=identity,
        values=points_table(points) if points else None,
        problems=_sentences(result.get("problems")),
        suggestions=_sentences(result.get("suggestions")),
        candidates=[
            (str(row.get("key")), str(row.get("name")))
            for row in result.get("candidates") or ()
            if isinstance(row, dict)
        ],
        took=number(float(result["took_ms"]) / 1000, 1)
        if isinstance(result.get("took_ms"), int | float)
        else "",
        raw=[(str(key), str(value)) for key, value in list((result.get("raw") or {}).items())[:SHOWN_POINTS]],
    )


def _sentences(rows: Any) -> list[str]:
    extra = {
        "energy-host": _(
            "Địa chỉ trỏ vào chính máy chủ. Hãy ghi địa chỉ của thiết bị trong mạng công trình."
        ),
        "test-unanswered": _(
            "Không máy nào nhận việc thử trong 10 phút. Hãy kiểm tra máy thu thập có đang chạy."
        ),
        "scan-nothing": _(
            "Đã thử SunSpec và mọi mẫu nhưng không mẫu nào khớp. Hãy xem nhãn máy và chọn hãng."
        ),
    }
    found = []
    for row in rows or ():
        if isinstance(row, dict):
            code, params = str(row.get("code")), row.get("params")
            found.append(extra.get(code) or engine_sentence(code, params if isinstance(params, dict) else {}))
    return found


def points_table(points: list[dict[str, Any]]) -> Table:
    """Return live values in words."""
    rows: list[list[object]] = []
    for point in points[:SHOWN_POINTS]:
        metric = metric_of(str(point.get("metric")))
        value = point.get("value")
        if isinstance(value, int | float) and not isinstance(value, bool):
            rows.append(
                [
                    _(metric.label),
                    f"{number(float(value), 2)} {metric.unit}".strip(),
                    State(label=_("Dùng được"), tone="good"),
                ]
            )
        else:
            why = engine_sentence(str(point.get("problem") or "reading-missing"))
            rows.append([_(metric.label), why, State(label=_("Không có"), tone="neutral")])
    columns = [
        Column(label=_("Đại lượng")),
        Column(label=_("Giá trị"), numeric=True),
        Column(label=_("Trạng thái")),
    ]
    return Table(caption=_("Đang đọc được"), columns=columns, rows=rows)


def channel_table(device: Device) -> Table | None:
    """Return the latest value of each channel of a device; ``None`` without channels."""
    rows: list[list[object]] = []
    for channel in Channel.objects.filter(device=device):
        metric = metric_of(channel.metric)
        value = (
            "–" if channel.last_value is None else f"{number(channel.last_value, 2)} {metric.unit}".strip()
        )
        rows.append(
            [_(metric.label), value, channel.last_at or "–", _("Có") if channel.counts else _("Không")]
        )
    columns = [
        Column(label=_("Đại lượng")), Column(label=_("Số mới nhất"), numeric=True), Column(label=_("Lúc")),
        Column(label=_("Tính vào tổng")),
    ]  # fmt: skip
    return Table(caption=_("Các kênh đo"), columns=columns, rows=rows) if rows else None


def test_of_site(site: Site, pk: int) -> ConnectionTest | None:
    """Return a test of this site."""
    return ConnectionTest.objects.filter(site=site, pk=pk).first()


test_page.__test__ = False  # type: ignore[attr-defined]  # pytest must not take them for its own
test_of_site.__test__ = False  # type: ignore[attr-defined]
