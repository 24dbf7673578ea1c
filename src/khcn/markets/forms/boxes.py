"""The form of a counting box."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khcn.markets.models import Box
from khcn.orgs.models import Unit


class UnitChoice(forms.ModelChoiceField[Unit]):
    """A unit of today, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Return the unit's own label."""
        return str(obj.label)


def units_today() -> Any:
    """Return the units in force, by name."""
    return Unit.objects.in_force(timezone.localdate()).alphabetical()


class BoxForm(forms.Form):
    """``box``: the one that is changed; its key stays, addresses and spools know it."""

    name = forms.CharField(label=_("Tên máy"), max_length=150, help_text=_("Ví dụ: Máy đếm chợ chính."))
    key = forms.SlugField(
        label=_("Mã máy"),
        max_length=60,
        help_text=_("Chữ thường không dấu, số, gạch nối. Đặt một lần, không đổi."),
    )
    unit = UnitChoice(label=_("Đơn vị quản lý"))

    def __init__(self, *args: Any, box: Box | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = units_today()
        if box:
            del self.fields["key"]
