"""The form in which the columns of a list are chosen."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.library.list_columns import DEFAULT, columns_for

_GROUPS = (
    ("decree", _("Trường của Nghị định 30/2020/NĐ-CP, phụ lục VI")),
    ("library", _("Trường của thư viện")),
    ("desk", _("Trường của bàn làm việc")),
)
_KINDS = {"xlsx": _("Excel (.xlsx)"), "docx": _("Word (.docx)"), "pdf": "PDF"}


class ExportForm(forms.Form):
    """Columns in the order of the page, group by group, and the kind of file."""

    kind = forms.ChoiceField(label=_("Loại tệp"), widget=forms.RadioSelect, initial="xlsx")

    def __init__(
        self, *args: Any, staff: bool, kinds: tuple[str, ...], chosen: tuple[str, ...] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = [(kind, _KINDS[kind]) for kind in kinds]
        wanted = set(chosen or DEFAULT)
        columns = columns_for(staff=staff)
        for group, label in _GROUPS:
            here = [column for column in columns if column.group == group]
            if here:
                self.fields[group] = forms.MultipleChoiceField(
                    label=label,
                    choices=[(column.key, column.title) for column in here],
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                    initial=[column.key for column in here if column.key in wanted],
                )

    def columns(self) -> tuple[str, ...]:
        """Return the keys that were chosen, in the order of the page."""
        return tuple(key for group, _label in _GROUPS for key in self.cleaned_data.get(group, ()))
