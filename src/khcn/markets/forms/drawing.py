"""The form beside the picture: every shape is a row with its points as numbers. Scripts draw into these same fields."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.markets.enums import ZoneKind
from khcn.markets.rules.drawing import (
    Drawn,
    GateRow,
    Pairs,
    PointsUnreadableError,
    ZoneRow,
    read_points,
    write_points,
)
from khcn.ui.forms import error_links

MOST = 40
_lazy_no_points = gettext_lazy("Chưa có điểm nào. Hãy vẽ lên ảnh hoặc ghi tọa độ.")


class PointsField(forms.CharField):
    """Points as ``120 300; 480 310``; the cleaned value is a tuple of pairs."""

    def __init__(self, *, least: int, **kwargs: Any) -> None:
        super().__init__(
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "data-points": str(least)}),
            error_messages={"required": _lazy_no_points},
            **kwargs,
        )
        self.least = least

    def clean(self, value: Any) -> Any:
        """Read the points."""
        try:
            points = read_points(super().clean(value))
        except PointsUnreadableError as error:
            raise forms.ValidationError(error.message) from error
        if points and len(points) < self.least:
            raise forms.ValidationError(_("Cần ít nhất %(least)s điểm.") % {"least": self.least})
        return points


class ShapeForm(forms.Form):
    """What gates and zones share. ``key``: empty for a new one."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    name = forms.CharField(
        label=gettext_lazy("Tên"),
        max_length=150,
        error_messages={"required": gettext_lazy("Hãy đặt tên, để người xem số liệu hiểu.")},
    )


class GateForm(ShapeForm):
    """A line that visitors walk through."""

    points = PointsField(least=2, label=gettext_lazy("Các điểm của vạch (x y; x y)"))
    swap = forms.BooleanField(label=gettext_lazy("Đổi chiều vào – ra"), required=False)
    is_entrance = forms.BooleanField(
        label=gettext_lazy("Là cửa ra vào chợ (được cộng vào số khách)"), required=False, initial=True
    )


class ZoneForm(ShapeForm):
    """A piece of the floor."""

    kind = forms.ChoiceField(label=gettext_lazy("Loại"), choices=ZoneKind.choices, initial=ZoneKind.AREA)
    points = PointsField(least=3, label=gettext_lazy("Các góc của khu (x y; x y; x y)"))
    capacity = forms.IntegerField(
        label=gettext_lazy("Sức chứa (người)"), min_value=1, max_value=100_000, required=False
    )


class ExclusionForm(forms.Form):
    """A part of the picture where nobody is counted: a mannequin, a screen, the street."""

    points = PointsField(least=3, label=gettext_lazy("Các góc của vùng (x y; x y; x y)"))


class GroundForm(forms.Form):
    """Four points of the floor in the picture and in metres; all empty: no map of the floor."""

    pixels = PointsField(least=4, label=gettext_lazy("Bốn điểm trên ảnh (x y)"), required=False)
    metres = PointsField(
        least=4,
        label=gettext_lazy("Bốn điểm đó trên mặt sàn, tính bằng mét (x y)"),
        required=False,
        help_text=gettext_lazy("Ví dụ một ô gạch lớn 4 m × 3 m: 0 0; 4 0; 4 3; 0 3."),
    )

    def clean(self) -> dict[str, Any]:
        """Four and four, or nothing."""
        data = super().clean() or self.cleaned_data
        pixels, metres = data.get("pixels") or (), data.get("metres") or ()
        if not self.errors and (pixels or metres) and (len(pixels), len(metres)) != (4, 4):
            self.add_error(
                "metres", _("Cần đúng bốn điểm trên ảnh và bốn điểm tương ứng bằng mét, cùng thứ tự.")
            )
        return data


class SaveForm(forms.Form):
    """Why it is drawn anew, on what, and based on which version."""

    note = forms.CharField(
        label=gettext_lazy("Vì sao vẽ lại"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Ví dụ: camera được xoay sang trái; sạp mới dời tới."),
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    width = forms.IntegerField(widget=forms.HiddenInput, min_value=16, max_value=16_384)
    height = forms.IntegerField(widget=forms.HiddenInput, min_value=16, max_value=16_384)


def _rows(form: type[forms.Form]) -> Any:
    return formset_factory(form, extra=1, can_delete=True, max_num=MOST, absolute_max=MOST, validate_max=True)


GateRows, ZoneRows, ExclusionRows = _rows(GateForm), _rows(ZoneForm), _rows(ExclusionForm)


class DrawingForms:
    """All forms of the editor's page as one."""

    def __init__(self, data: Mapping[str, Any] | None, *, start: Mapping[str, Any]) -> None:
        self.save = SaveForm(data, initial=start["save"])
        self.gates = GateRows(data, prefix="gate", initial=start["gates"])
        self.zones = ZoneRows(data, prefix="zone", initial=start["zones"])
        self.exclusions = ExclusionRows(data, prefix="exclusion", initial=start["exclusions"])
        self.ground = GroundForm(data, prefix="ground", initial=start["ground"])

    def is_valid(self) -> bool:
        """Check all of them, so that every mistake is shown at once."""
        checked = [
            form.is_valid() for form in (self.save, self.gates, self.zones, self.exclusions, self.ground)
        ]
        return all(checked)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Return every mistake as (id of its control, sentence), for the summary at the top."""
        if not self.save.is_bound:
            return []
        rows = [*self.gates.forms, *self.zones.forms, *self.exclusions.forms]
        found = [link for form in (*rows, self.ground, self.save) for link in error_links(form)]
        return found + [("", text) for group in (self.gates, self.zones) for text in group.non_form_errors()]

    @property
    def groups(self) -> list[tuple[str, Any, str]]:
        """Return the lists of rows with their kind and title, in the order of the page."""
        return [
            ("gate", self.gates, _("Cửa")),
            ("zone", self.zones, _("Khu")),
            ("exclusion", self.exclusions, _("Vùng bỏ qua")),
        ]

    def drawn(self) -> Drawn:
        """Return the rows that stay. Call it after :meth:`is_valid`."""
        ground = self.ground.cleaned_data
        return Drawn(
            tuple(
                GateRow(row["key"], row["name"], row["points"], row["swap"], row["is_entrance"])
                for row in _kept(self.gates)
            ),
            tuple(
                ZoneRow(row["key"], row["name"], row["points"], row["kind"], row["capacity"])
                for row in _kept(self.zones)
            ),
            tuple(row["points"] for row in _kept(self.exclusions)),
            (ground["pixels"], ground["metres"]) if ground.get("pixels") else None,
        )


def _kept(rows: BaseFormSet[Any]) -> Iterable[dict[str, Any]]:
    for form in rows.forms:
        data = form.cleaned_data
        if data.get("points") and not data.get("DELETE"):
            yield data


def start_values(
    drawing: Mapping[str, Any],
    gates: Mapping[str, Any],
    zones: Mapping[str, Any],
    *,
    version: int,
    size: tuple[int, int],
) -> dict[str, Any]:
    """Return what the forms show first: the drawing in force with the names of its gates and zones by key."""

    def text(points: Pairs) -> str:
        return write_points(points)

    ground = drawing.get("ground") or {}
    return {
        "save": {"based_on": version, "width": size[0], "height": size[1]},
        "gates": [
            {
                "key": item["id"],
                "name": gates[item["id"]].name,
                "points": text(item["points"]),
                "swap": item.get("direction") == "out",
                "is_entrance": gates[item["id"]].is_entrance,
            }
            for item in drawing.get("gates") or ()
            if item["id"] in gates
        ],
        "zones": [
            {
                "key": item["id"],
                "name": zones[item["id"]].name,
                "points": text(item["polygon"]),
                "kind": zones[item["id"]].kind,
                "capacity": zones[item["id"]].capacity,
            }
            for item in drawing.get("zones") or ()
            if item["id"] in zones
        ],
        "exclusions": [{"points": text(points)} for points in drawing.get("exclusions") or ()],
        "ground": {"pixels": text(ground.get("pixels") or ()), "metres": text(ground.get("metres") or ())},
    }
