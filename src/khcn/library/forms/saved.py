"""Forms of saved searches and of alerts by mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import Alert


class SavedSearchForm(forms.Form):
    """A name for the search, and how its owner wants to be told of new works."""

    name = forms.CharField(label=_("Tên"), max_length=120, help_text=_("Để bạn nhận ra lần tìm này sau này."))
    alert = forms.ChoiceField(
        label=_("Báo khi có tài liệu mới"),
        choices=Alert.choices,
        widget=forms.RadioSelect,
        initial=Alert.NEVER,
    )
    by_mail = forms.BooleanField(label=_("Báo bằng thư điện tử"), required=False)
    on_desk = forms.BooleanField(label=_("Báo ở mục Tin nhắn trên bàn làm việc"), required=False)

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: self.cleaned_data[name] for name in ("name", "alert", "by_mail", "on_desk")}


class SubscribeForm(forms.Form):
    """The address of somebody without an account. ``website`` is a trap that people never see and robots fill."""

    address = forms.EmailField(
        label=_("Thư điện tử của bạn"),
        max_length=254,
        help_text=_("Chỉ dùng để gửi tin này. Chúng tôi xóa địa chỉ ngay khi bạn thôi nhận."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    alert = forms.ChoiceField(
        label=_("Gửi tin"),
        choices=[choice for choice in Alert.choices if choice[0] != Alert.NEVER],
        widget=forms.RadioSelect,
        initial=Alert.WEEKLY,
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_robot(self) -> bool:
        """Whether the trap was filled."""
        return bool(self.cleaned_data.get("website"))
