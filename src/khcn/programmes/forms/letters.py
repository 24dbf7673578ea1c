"""Forms of messages to participants. They shape input; rules live in services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from khcn.programmes.enums import SELF_SENT, LetterAudience, LetterKind
from khcn.programmes.models.programmes import Session
from khcn.programmes.services.letters import LetterText
from khcn.ui.fields import WholeField

KINDS = [one for one in LetterKind.choices if one[0] not in SELF_SENT]


class LetterForm(forms.Form):
    """A message with its recipients."""

    kind = forms.ChoiceField(label=gettext_lazy("Loại tin"), choices=KINDS)
    audience = forms.ChoiceField(label=gettext_lazy("Gửi cho"), choices=LetterAudience.choices)
    session = forms.ModelChoiceField(
        label=gettext_lazy("Về buổi"), queryset=Session.objects.none(), required=False,
        empty_label=gettext_lazy("Cả chương trình"),
    )  # fmt: skip
    subject = forms.CharField(label=gettext_lazy("Tiêu đề"), max_length=150)
    body = forms.CharField(
        label=gettext_lazy("Nội dung"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Dùng được {name} (tên), {title} (chương trình), {when} (thời gian), {where} (nơi), {link} (trang riêng)."
        ),
    )  # fmt: skip
    subject_en = forms.CharField(label=gettext_lazy("Tiêu đề tiếng Anh"), max_length=150, required=False)
    body_en = forms.CharField(
        label=gettext_lazy("Nội dung tiếng Anh"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sessions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
        field.queryset = sessions

    def values(self) -> LetterText:
        """Return what was entered."""
        return LetterText(
            **{name: value for name, value in self.cleaned_data.items() if name != "client_key"}
        )


class ReleaseForm(forms.Form):
    """How many people get it: typed by who lets it leave."""

    count = WholeField(label=gettext_lazy("Ghi lại số người nhận để xác nhận"), min_value=1)
