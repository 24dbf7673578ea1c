"""How the columns of a file of readings are understood."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.engines.energy.metrics import METRICS

CHOICES: Final = [
    ("", _("Bỏ qua")),
    *(
        (key, f"{found.label} ({found.unit})" if found.unit else found.label)
        for key, found in METRICS.items()
    ),
]


class TimeForm(forms.Form):
    """Which column holds the time."""

    time = forms.ChoiceField(label=_("Cột thời gian"))

    def __init__(self, *args: Any, columns: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        time: Any = self.fields["time"]
        time.choices = [(name, name) for name in columns]


class ColumnForm(forms.Form):
    """One column."""

    column = forms.CharField(widget=forms.HiddenInput, max_length=300, strip=False)
    metric = forms.ChoiceField(label=_("Là gì?"), choices=CHOICES, required=False)
    unit = forms.CharField(label=_("Đơn vị trong tệp"), max_length=12, required=False)
    period = forms.BooleanField(label=_("Mỗi dòng là phần của riêng kỳ đó"), required=False)


ColumnFormSet: Any = forms.formset_factory(ColumnForm, extra=0, max_num=60, absolute_max=80)
