"""Which months and which works a page of figures is about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.core.months import Month, month_of
from khcn.library.enums import WorkKind
from khcn.library.selectors.usage import MOST_MONTHS, Narrowed, usage_collections, usage_units

_SPAN = 12


class UsageForm(forms.Form):
    """A form of the address: what makes no sense is left out, never an error."""

    tu = forms.CharField(
        label=_("Từ tháng"),
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-01"}),
    )
    den = forms.CharField(
        label=_("Đến tháng"),
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-12"}),
    )
    bo_suu_tap = forms.ChoiceField(label=_("Bộ sưu tập"), required=False)
    don_vi = forms.ChoiceField(label=_("Đơn vị"), required=False)
    loai = forms.ChoiceField(label=_("Loại"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("Tất cả"))
        for name, choices in (
            ("bo_suu_tap", usage_collections()),
            ("don_vi", [(str(pk), label) for pk, label in usage_units()]),
            ("loai", WorkKind.choices),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
            field.choices = [everything, *choices]

    def narrowed(self, now: Month) -> Narrowed:
        """Return what was asked for; the last twelve months when nothing was."""
        self.is_valid()
        asked = self.cleaned_data
        last = min(month_of(asked.get("den")) or now, now)
        first = month_of(asked.get("tu")) or _back(last, _SPAN)
        first = max(min(first, last), _back(last, MOST_MONTHS))
        unit = asked.get("don_vi") or ""
        return Narrowed(
            first=first,
            last=last,
            collection=asked.get("bo_suu_tap") or "",
            unit_id=int(unit) if unit else None,
            kind=asked.get("loai") or "",
        )


def _back(last: Month, months: int) -> Month:
    """Return the first of so many months that end with ``last``."""
    number = last.year * 12 + last.month - 1 - (months - 1)
    return Month(number // 12, number % 12 + 1)
