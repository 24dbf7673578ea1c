"""Fields as Vietnamese people fill them in: days, moments, whole numbers with dots, amounts, several files at once."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import NumberFormatError, number_vi, parse_money

PAPERS_AND_PICTURES: Final = ".pdf,.docx,.xlsx,.doc,.xls,.odt,.ods,image/*"


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the day; years that nobody means are refused."""
        day = super().clean(value)
        if isinstance(day, date) and not 1990 <= day.year <= 2100:
            raise ValidationError(_("Năm %(year)s không hợp lý. Hãy kiểm tra lại ngày.") % {"year": day.year})
        return day


class MomentField(forms.DateTimeField):
    """A day and an hour in local time, picked or typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"])
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Return the moment; years that nobody means are refused."""
        moment = super().clean(value)
        if moment is not None and not 1990 <= moment.year <= 2100:
            raise ValidationError(
                _("Năm %(year)s không hợp lý. Hãy kiểm tra lại ngày.") % {"year": moment.year}
            )
        return moment


class WholeField(forms.IntegerField):
    """A whole number; dots between thousands are welcome."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        """Return the number."""
        return super().to_python(
            value.replace(".", "").replace("\u00a0", "") if isinstance(value, str) else value
        )


class MoneyField(forms.Field):
    """An amount in whole dong, of either convention of separators (see :func:`khcn.core.numbers.parse_money`)."""

    def __init__(self, *, positive: bool = False, **kwargs: Any) -> None:
        self.positive = positive
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "data-unit": "đ"}))
        kwargs.setdefault("help_text", gettext_lazy("Ví dụ 1.500.000 hoặc 1,5 triệu."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show an amount as people write it; what was typed stays as typed."""
        return number_vi(value, 0) if isinstance(value, Decimal | int) else value

    def to_python(self, value: Any) -> Decimal | None:
        """Return the amount. Raises ValidationError."""
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            amount = parse_money(text)
        except NumberFormatError as error:
            raise ValidationError(error.message) from error
        if self.positive and not amount:
            raise ValidationError(_("Hãy ghi số tiền lớn hơn 0."))
        return amount


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; a list."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput(attrs={"accept": PAPERS_AND_PICTURES}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files that were sent."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given if one]
