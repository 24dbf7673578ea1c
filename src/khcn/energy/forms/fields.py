"""Fields as Vietnamese people fill them in: numbers 1.234,5, days dd/mm/yyyy, a place as copied from a map."""

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.numbers import NumberFormatError, number_vi, parse_number
from khcn.energy.models import Site
from khcn.energy.rules.places import PlaceError, read_place
from khcn.orgs.models import Unit

_POINT: Final = re.compile(r"^[+-]?\d+\.(\d{1,2}|\d{4,})$")  # three digits after a dot are thousands
_MOST: Final = Decimal("1e13")


def read_number(text: str) -> Decimal:
    """Read 1.234,5, also 12.5 where the dot cannot mean thousands. Raises NumberFormatError."""
    plain = text.strip()
    return Decimal(plain) if _POINT.match(plain) else parse_number(plain)


class NumberField(forms.Field):
    """A number in Vietnamese writing. ``whole``: an integer; ``lowest``/``highest``: bounds, both included."""

    def __init__(
        self,
        *,
        lowest: float | None = None,
        highest: float | None = None,
        whole: bool = False,
        unit: str = "",
        places: int = 4,
        **kwargs: Any,
    ) -> None:
        self.lowest, self.highest, self.whole, self.places = lowest, highest, whole, places
        mode = "numeric" if whole else "decimal"
        attributes = {"inputmode": mode, "autocomplete": "off", "data-unit": unit}
        kwargs.setdefault("widget", forms.TextInput(attrs={k: v for k, v in attributes.items() if v}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a number as people write it; what was typed stays as typed."""
        if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
            return number_vi(value) if math.isfinite(value) else ""
        return value

    def to_python(self, value: Any) -> Decimal | int | None:
        """Return the number. Raises ValidationError."""
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            number = Decimal(str(value)) if isinstance(value, Decimal | int | float) else read_number(text)
        except (NumberFormatError, InvalidOperation) as error:
            sentence = error.message if isinstance(error, NumberFormatError) else _("Đây không phải là số.")
            raise ValidationError(sentence) from error
        if not number.is_finite() or abs(number) >= _MOST:
            raise ValidationError(_("Số này quá lớn. Hãy kiểm tra lại."))
        if self.whole and number != number.to_integral_value():
            raise ValidationError(_("Hãy ghi số nguyên, không có phần lẻ."))
        if self.lowest is not None and number < Decimal(str(self.lowest)):
            raise ValidationError(_("Hãy ghi từ %(number)s trở lên.") % {"number": number_vi(self.lowest)})
        if self.highest is not None and number > Decimal(str(self.highest)):
            raise ValidationError(_("Hãy ghi không quá %(number)s.") % {"number": number_vi(self.highest)})
        return int(number) if self.whole else round(number, self.places)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as numbers."""
        try:
            return self.to_python(data) != self.to_python(initial)
        except ValidationError:
            return True


class PlaceField(forms.CharField):
    """Latitude and longitude in one line, as a map gives them; ``(Decimal, Decimal)`` or ``None``."""

    def prepare_value(self, value: Any) -> Any:
        """Show a pair as a map writes it."""
        return f"{value[0]:f}, {value[1]:f}" if isinstance(value, tuple) else value

    def clean(self, value: Any) -> Any:
        """Return the pair. Raises ValidationError."""
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        try:
            return read_place(text)
        except PlaceError as error:
            raise ValidationError(str(error)) from error


class UnitChoice(forms.ModelChoiceField[Unit]):
    """A unit of today, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Return the unit's own label."""
        return str(obj.label)


class SiteChoice(forms.ModelChoiceField[Site]):
    """A site, with its unit where that helps."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name and unit."""
        return f"{obj.name} ({obj.unit.label})" if obj.unit.label not in obj.name else str(obj.name)


def units_today() -> Any:
    """Return the units in force, by name."""
    return Unit.objects.in_force(timezone.localdate()).alphabetical()
