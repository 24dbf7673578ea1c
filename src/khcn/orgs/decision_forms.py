"""Forms for decisions about units. They shape input; rules live in the services."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from khcn.orgs.decisions import CodeSpec, DecisionData, Edge, NewUnit
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.forms import UnitChoice, _day
from khcn.orgs.models import Unit, UnitKind
from khcn.orgs.unit_time import decided_units

SHEETS = ".xlsx,.toml,.yaml,.yml"


class DecisionFileForm(forms.Form):
    """A decision as a file."""

    file = forms.FileField(
        label=_("Tệp Excel, TOML hoặc YAML"),
        widget=forms.ClearableFileInput(attrs={"accept": SHEETS}),
        help_text=_("Bạn xem trước toàn bộ thay đổi rồi mới ghi."),
    )


class DecisionHeadForm(forms.Form):
    """Number and dates of a decision."""

    number = forms.CharField(label=_("Số, ký hiệu quyết định"), max_length=60)
    decided = _day(_("Ngày quyết định"))
    effective = _day(_("Ngày có hiệu lực"), required=True, hint=_("Ngày đầu tiên của đơn vị kế thừa."))
    note = forms.CharField(label=_("Trích yếu"), max_length=300, required=False)


class UnitsChoice(forms.ModelMultipleChoiceField[Unit]):
    """Several units, each with what it belongs to."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit and what it belongs to."""
        return f"{obj.name} ({obj.parent.label})" if obj.parent else str(obj.name)


class MoveForm(forms.Form):
    """Which units go into which one. A split is several of these with the same unit on the left."""

    kind = forms.ChoiceField(
        label=_("Hình thức"), choices=SuccessionKind.choices, widget=forms.RadioSelect, initial="merge"
    )
    sources = UnitsChoice(label=_("Từ các đơn vị"), queryset=Unit.objects.none())
    target = UnitChoice(
        label=_("Sang đơn vị đang có"),
        queryset=Unit.objects.none(),
        required=False,
        help_text=_("Để trống nếu lập đơn vị mới."),
    )
    new_name = forms.CharField(label=_("Hoặc lập đơn vị mới mang tên"), max_length=200, required=False)
    new_kind = forms.ModelChoiceField(
        label=_("Loại của đơn vị mới"), queryset=UnitKind.objects.none(), required=False
    )
    new_parent = UnitChoice(label=_("Đơn vị mới thuộc"), queryset=Unit.objects.none(), required=False)
    code = forms.CharField(
        label=_("Mã đơn vị hành chính từ ngày hiệu lực"),
        max_length=40,
        required=False,
        help_text=_("Mã của các đơn vị cũ tự hết hiệu lực vào ngày trước đó; mã cũ dùng lại được."),
    )
    default = forms.BooleanField(
        label=_("Khi chia tách: đơn vị này nhận các việc đang mở và số liệu cũ"), required=False
    )
    lives_on = forms.BooleanField(
        label=_("Khi tách: đơn vị cũ vẫn tiếp tục hoạt động và giữ việc của mình"), required=False
    )
    fieldsets = [
        ("", "", ["kind", "sources"]),
        (_("Đơn vị kế thừa"), "", ["target", "new_name", "new_kind", "new_parent", "code"]),
        (_("Chia, tách"), "", ["default", "lives_on"]),
    ]

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        before, there = decided_units(on - timedelta(days=1)), decided_units(on)
        self._queryset("sources", before)
        self._queryset("target", there)
        self._queryset("new_parent", there)
        self._queryset("new_kind", UnitKind.objects.filter(is_group=False))

    def _queryset(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
        field.queryset = rows

    def clean(self) -> dict[str, Any]:
        """Exactly one successor: one that exists, or a new one with its kind."""
        data = super().clean() or {}
        new = (data.get("new_name") or "").strip()
        if bool(data.get("target")) == bool(new):
            self.add_error("target", _("Hãy chọn một đơn vị đang có, hoặc ghi tên một đơn vị mới."))
        if new and not data.get("new_kind"):
            self.add_error("new_kind", _("Đơn vị mới phải có loại."))
        return data


def with_move(draft: DecisionData, data: dict[str, Any], key_of_new: str) -> DecisionData:
    """Return the draft with the moves of one filled form added."""
    target = data["target"].key if data["target"] else key_of_new
    units, codes = list(draft.units), list(draft.codes)
    if not data["target"] and target not in {unit.key for unit in units}:
        parent = data["new_parent"].key if data["new_parent"] else ""
        units.append(NewUnit(target, data["new_name"].strip(), data["new_kind"].code, parent=parent))
    if data["code"].strip():
        codes.append(CodeSpec(target, CodeScheme.GSO.value, data["code"].strip()))
    split = data["kind"] == SuccessionKind.SPLIT
    ends = not (split and data["lives_on"])
    default = bool(data["default"]) if split and ends else None
    edges = [Edge(data["kind"], unit.key, target, default, ends) for unit in data["sources"]]
    kept = [
        edge
        for edge in draft.edges
        if (edge.source, edge.target) not in {(e.source, e.target) for e in edges}
    ]
    return DecisionData(
        draft.number, draft.effective, draft.decided, draft.note, (*kept, *edges), tuple(units), tuple(codes),
        draft.exceptions,
    )  # fmt: skip


def without_move(draft: DecisionData, source: str, target: str) -> DecisionData:
    """Return the draft without one move, and without a new unit that nothing goes into any more."""
    edges = tuple(edge for edge in draft.edges if (edge.source, edge.target) != (source, target))
    left = {edge.target for edge in edges}
    return DecisionData(
        draft.number, draft.effective, draft.decided, draft.note, edges,
        tuple(unit for unit in draft.units if unit.key in left),
        tuple(code for code in draft.codes if code.unit in left), draft.exceptions,
    )  # fmt: skip
