"""A simple human check that everybody can pass without seeing, hearing or calculating much: no third party, no picture.

Three parts together: a field that people never see stays empty; the form was open for at least two seconds and at most
a day (a signed stamp); and one small question in words ("Số nào lớn hơn: bảy hay ba?") that changes with each form.
"""

import secrets
import time
from typing import Any, Final

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.engines.text.fold import fold

SALT: Final = "khcn.programmes.human"
LEAST_S: Final = 2
MOST_S: Final = 24 * 3600
WORDS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


class HumanForm(forms.Form):
    """Mix into a public form; ``is_robot`` tells when the trap was filled: answer as if all went well, do nothing."""

    website = forms.CharField(required=False, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    human = forms.CharField(
        label=gettext_lazy("Câu hỏi kiểm tra"), max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read = self._read() if self.is_bound else None
        if read is None:
            first = secrets.randbelow(9) + 1
            second = secrets.choice([number for number in range(1, 10) if number != first])
            read = (first, second, int(time.time()))
            stamp = signing.dumps(read, salt=SALT)
            self.initial["stamp"] = stamp
            if self.is_bound:  # too old or tampered with: the page that comes back asks anew
                data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict or a dict: both can
                data[self.add_prefix("stamp")] = stamp
                data[self.add_prefix("human")] = ""
                self.data = data
        self.asked = read
        question = _("Số nào lớn hơn: %(one)s hay %(two)s? Ghi bằng số hoặc bằng chữ.")
        self.fields["human"].help_text = question % {"one": WORDS[read[0]], "two": WORDS[read[1]]}

    def _read(self) -> tuple[int, int, int] | None:
        text = str(self.data.get(self.add_prefix("stamp"), ""))
        try:
            first, second, at = signing.loads(text, salt=SALT, max_age=MOST_S)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return int(first), int(second), int(at)

    def clean_human(self) -> str:
        """Take the answer as a digit or a word, with or without tone marks. Raises ValidationError."""
        first, second, at = self.asked
        wanted = max(first, second)
        typed = fold(self.cleaned_data["human"].strip())
        if typed not in {str(wanted), fold(WORDS[wanted])}:
            raise ValidationError(_("Câu trả lời chưa đúng. Hãy xem lại câu hỏi."))
        if time.time() - at < LEAST_S:
            raise ValidationError(_("Bạn gửi nhanh quá. Hãy bấm gửi lại lần nữa."))
        return typed

    @property
    def is_robot(self) -> bool:
        """Whether the trap was filled."""
        return bool(self.cleaned_data.get("website"))
