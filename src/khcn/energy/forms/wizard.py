"""Forms of the connection wizard and of devices."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from khcn.core.secrets import SealBrokenError, seal, unseal
from khcn.energy.enums import DeviceKind, Driver, MeterRole
from khcn.energy.forms.fields import NumberField
from khcn.energy.models import Channel, Collector, System
from khcn.energy.selectors.wizard import SCAN, Choice
from khcn.engines.energy.metrics import METRICS
from khcn.ui.fields import DayField

KEPT: Final = "energy.device-form"
OWN_MACHINE: Final = _("Máy chủ này (thử ngay từ đây)")


class CollectorChoice(forms.ModelChoiceField[Collector]):
    """A collector by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name and unit."""
        return f"{obj.name} ({obj.unit.label})"


class AddressForm(forms.Form):
    """Where a device is. Fields that its driver does not know are left out. A typed password survives a mistake sealed."""

    collector = CollectorChoice(
        queryset=Collector.objects.none(), label=_("Thử từ đâu?"), required=False, empty_label=OWN_MACHINE,
        help_text=_("Thiết bị trong mạng nội bộ của công trình phải thử từ máy thu thập đặt tại đó."),
    )  # fmt: skip
    host = forms.CharField(
        label=_("Địa chỉ của thiết bị"), max_length=253,
        help_text=_("Xem trên màn hình máy hoặc trong bộ phát Wi-Fi, ví dụ 192.168.1.20."),
    )  # fmt: skip
    port = NumberField(label=_("Cổng"), required=False, whole=True, lowest=1, highest=65_535)
    unit = NumberField(
        label=_("Mã thiết bị (unit id)"), required=False, whole=True, lowest=0, highest=247,
        help_text=_("Thường là 1. Sau bộ chuyển RS485: số đặt trên công tơ."),
    )  # fmt: skip
    rtu = forms.BooleanField(
        label=_("Bộ chuyển RS485 gửi nguyên khung RTU"), required=False,
        help_text=_("Chỉ chọn khi tài liệu của bộ chuyển ghi “RTU over TCP”."),
    )  # fmt: skip
    username = forms.CharField(label=_("Tên đăng nhập MQTT"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Mật khẩu MQTT"), max_length=200, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Được mã hóa ngay và không bao giờ hiện lại."),
    )  # fmt: skip
    tls = forms.BooleanField(label=_("Kết nối mã hóa (TLS)"), required=False)
    topic = forms.CharField(label=_("Chủ đề (topic)"), max_length=300)
    fields_text = forms.CharField(
        label=_("Giá trị nằm ở đâu trong tin"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Mỗi dòng một đại lượng: tên = đường dẫn, rồi đơn vị nếu có. Ví dụ: ac_power = pv.power W"),
    )  # fmt: skip
    metric = forms.ChoiceField(
        label=_("Con số này là gì?"), choices=[(key, found.label) for key, found in METRICS.items()]
    )
    metric_unit = forms.CharField(
        label=_("Đơn vị của con số"),
        max_length=12,
        required=False,
        help_text=_("Ví dụ W, Wh, kWh. Để trống: kW, kWh."),
    )
    kept = forms.CharField(widget=forms.HiddenInput, required=False)

    BY_DRIVER: Final = {
        Driver.MODBUS: ("collector", "host", "port", "unit", "rtu"),
        Driver.SUNSPEC: ("collector", "host", "port", "unit", "rtu"),
        SCAN: ("collector", "host", "port", "unit", "rtu"),
        Driver.MQTT: ("collector", "host", "port", "username", "password", "tls", "topic", "kept"),
    }

    def __init__(self, *args: Any, choice: Choice, collectors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choice = choice
        wanted = list(self.BY_DRIVER[choice.driver])
        if choice.template == "json":
            wanted.append("fields_text")
        if choice.template == "plain":
            wanted += ["metric", "metric_unit"]
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        collector: Any = self.fields["collector"]
        collector.queryset = collectors
        mqtt = choice.driver == Driver.MQTT
        self.fields["port"].help_text = _("Thường là 1883, có TLS là 8883.") if mqtt else _("Thường là 502.")
        if mqtt:
            self.fields["host"].label = _("Địa chỉ máy chủ MQTT")
            self.fields["host"].help_text = _(
                "Máy chạy phần mềm MQTT trong mạng của công trình, ví dụ 192.168.1.10."
            )
            examples = {
                "tasmota": "tele/pv-1/SENSOR",
                "shelly": "shellypro3em-abc/#",
                "json": "site/pv",
                "plain": "site/pv/power",
            }
            self.fields["topic"].help_text = _t("Ví dụ %(topic)s") % {
                "topic": examples.get(choice.template, "site/#")
            }

    def clean_host(self) -> str:
        """Return the host without a scheme or port that people copy along."""
        host = (
            str(self.cleaned_data["host"])
            .strip()
            .removeprefix("http://")
            .removeprefix("https://")
            .removeprefix("tcp://")
        )
        host = host.rstrip("/")
        if not host or any(sign.isspace() or sign in "/@?#\\'\"<>" for sign in host):
            raise ValidationError(_t("Hãy ghi địa chỉ IP hoặc tên máy, ví dụ 192.168.1.20."))
        if host.count(":") == 1 and host.rpartition(":")[2].isdigit():
            host, _colon, port = host.partition(":")
            if not self.data.get(self.add_prefix("port")):
                self.cleaned_data["port_from_host"] = int(port)
        return host

    def clean(self) -> dict[str, Any]:
        """Keep a typed password sealed while other fields are mended."""
        data = super().clean() or self.cleaned_data
        if "password" in self.fields:
            typed = str(data.get("password") or "")
            if not typed and data.get("kept"):
                try:
                    typed = unseal(str(data["kept"]), purpose=KEPT)
                except SealBrokenError:
                    typed = ""
            data["password"] = typed
            if typed and self.errors:
                copy: Any = self.data
                copy = copy.copy()
                copy[self.add_prefix("kept")] = seal(typed, purpose=KEPT)
                self.data = copy
        if "fields_text" in self.fields and "fields_text" not in self.errors:
            try:
                data["fields"] = read_fields(str(data.get("fields_text") or ""))
            except ValidationError as error:
                self.add_error("fields_text", error)
        return data

    def address(self) -> dict[str, Any]:
        """Return the address as the drivers take it."""
        data = self.cleaned_data
        port = data.get("port") or data.get("port_from_host")
        found = {"host": data["host"], **({"port": port} if port else {})}
        if "unit" in self.fields:
            found |= {"unit": data["unit"]} if data.get("unit") is not None else {}
            found |= {"framer": "rtu"} if data.get("rtu") else {}
        else:
            found["topic"] = data["topic"].strip()
            found |= {name: data[name] for name in ("username", "password") if data.get(name)}
            found |= {"tls": True} if data.get("tls") else {}
        return found

    def options(self) -> dict[str, Any]:
        """Return the options as the drivers take them."""
        data = self.cleaned_data
        if "fields_text" in self.fields:
            return {"fields": data["fields"]}
        if "metric" in self.fields:
            unit = data.get("metric_unit", "").strip()
            return {"metric": data["metric"], **({"unit": unit} if unit else {})}
        return {}


def read_fields(text: str) -> dict[str, Any]:
    """Read "ac_power = pv.power W" lines. Raises ValidationError."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        metric, sign, rest = line.partition("=")
        parts = rest.split()
        if not sign or not parts or len(parts) > 2:
            raise ValidationError(
                _t("Dòng “%(line)s” chưa đúng dạng: ac_power = pv.power W") % {"line": line.strip()[:60]}
            )
        name = metric.strip().lower()
        if name not in METRICS:
            names = ", ".join(list(METRICS)[:12])
            raise ValidationError(
                _t("Chưa biết đại lượng “%(name)s”. Dùng một trong: %(names)s…")
                % {"name": name[:40], "names": names}
            )
        found[name] = {"path": parts[0], "unit": parts[1]} if len(parts) == 2 else parts[0]
    if not found:
        raise ValidationError(_t("Hãy ghi ít nhất một đại lượng."))
    return found


def fields_as_text(options: Any) -> str:
    """Return the fields of a JSON device as the form shows them."""
    lines = []
    for name, said in (options.get("fields") or {}).items():
        path, unit = (said.get("path", ""), said.get("unit", "")) if isinstance(said, dict) else (said, "")
        lines.append(f"{name} = {path} {unit}".strip())
    return "\n".join(lines)


class DeviceForm(forms.Form):
    """What a device is called and what it measures."""

    name = forms.CharField(
        label=_("Tên thiết bị"), max_length=150, help_text=_("Ví dụ: Biến tần 1, Công tơ tổng.")
    )
    kind = forms.ChoiceField(label=_("Loại"), choices=DeviceKind.choices)
    role = forms.ChoiceField(
        label=_("Đo gì?"), choices=MeterRole.choices,
        help_text=_("Biến tần: “Không tính vào tổng” là đúng, phần mềm tự biết. Công tơ: chọn nơi đặt công tơ."),
    )  # fmt: skip
    rated_kw = NumberField(
        label=_("Công suất định mức (kW)"), required=False, lowest=0.001, highest=100_000, places=3,
        help_text=_("Ghi trên nhãn. Số đo vượt quá sẽ được giữ riêng để xem lại."),
    )  # fmt: skip
    kwp = NumberField(
        label=_("Tấm pin nối vào (kWp)"), required=False, lowest=0.001, highest=100_000, places=3
    )
    system: Any = forms.ModelChoiceField(
        System.objects.none(),
        label=_("Thuộc hệ thống"),
        required=False,
        empty_label=_("Không thuộc hệ thống nào"),
    )
    collector = CollectorChoice(
        queryset=Collector.objects.none(), label=_("Máy thu thập đọc thiết bị"), required=False, empty_label=_("Chưa có"),
        help_text=_("Chưa có máy thu thập thì thiết bị được ghi lại nhưng chưa ai đọc."),
    )  # fmt: skip
    poll_s = NumberField(label=_("Đọc mỗi (giây)"), initial=60, whole=True, lowest=1, highest=86_400)
    serial = forms.CharField(label=_("Số sê-ri"), max_length=80, required=False)

    def __init__(self, *args: Any, systems: Any, collectors: Any, driver: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        system: Any = self.fields["system"]
        system.queryset = systems
        collector: Any = self.fields["collector"]
        collector.queryset = collectors
        if driver in {Driver.PUSH, Driver.MANUAL, Driver.FILES}:
            del self.fields["collector"]
            del self.fields["poll_s"]

    def values(self) -> dict[str, Any]:
        """Return the fields of a device."""
        return dict(self.cleaned_data)


class RetireForm(forms.Form):
    """The last day of a device."""

    on = DayField(label=_("Ngày dùng cuối cùng"))


class ReplaceForm(forms.Form):
    """A meter was changed."""

    channel: Any = forms.ModelChoiceField(Channel.objects.none(), label=_("Chỉ số"))
    at = forms.DateTimeField(
        label=_("Thay lúc"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"],
    )  # fmt: skip
    old_value = NumberField(
        label=_("Chỉ số cuối của công tơ cũ (kWh)"), required=False, lowest=0, highest=1e11
    )
    new_value = NumberField(
        label=_("Chỉ số đầu của công tơ mới (kWh)"), required=False, lowest=0, highest=1e11
    )
    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)

    def __init__(self, *args: Any, channels: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel: Any = self.fields["channel"]
        channel.queryset = channels
        channel.label_from_instance = lambda row: (
            METRICS[row.metric].label if row.metric in METRICS else row.metric
        )


class ReadingForm(forms.Form):
    """What a person read off a meter."""

    metric = forms.ChoiceField(
        label=_("Chỉ số nào?"),
        choices=[
            (key, METRICS[key].label)
            for key in ("import_energy", "export_energy", "ac_energy", "load_energy")
        ],
    )
    at = forms.DateTimeField(
        label=_("Đọc lúc"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"],
    )  # fmt: skip
    value = NumberField(label=_("Chỉ số (kWh)"), lowest=0, highest=1e11)
