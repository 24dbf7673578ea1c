"""Forms of a work item: progress, notes, steps, evidence."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from khcn.plan.enums import EvidenceKind, ItemState, PercentRule
from khcn.plan.models import WorkItem
from khcn.plan.services.progress import LONGEST, Entry
from khcn.plan.services.progress_evidence import MOST_PEOPLE, Proof
from khcn.ui.fields import DayField, WholeField

STATES: Final = [(state.value, state.label) for state in (ItemState.TODO, ItemState.DOING, ItemState.DONE)]
ACCEPT: Final = ".pdf,.docx,.xlsx,.odt,.ods,.doc,.xls,.txt,image/png,image/jpeg,image/webp"


def _text(label: Any, *, rows: int, hint: Any = "", required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONGEST, help_text=hint, widget=widget)


class EntryForm(forms.Form):
    """How far an item is. The percentage is asked for only where the unit judges for itself."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label=gettext_lazy("Việc này đến đâu rồi"), choices=STATES, widget=forms.RadioSelect
    )
    percent = WholeField(
        label=gettext_lazy("Hoàn thành khoảng bao nhiêu phần trăm"),
        min_value=0,
        max_value=100,
        required=False,
    )
    done_on = DayField(
        label=gettext_lazy("Hoàn thành ngày"), required=False,
        help_text=gettext_lazy("Chỉ khi đã hoàn thành; để trống là hôm nay."),
    )  # fmt: skip
    text = _text(gettext_lazy("Đã làm gì, kết quả thế nào"), rows=3)
    difficulties = _text(gettext_lazy("Khó khăn, kiến nghị"), rows=2)

    def __init__(self, *args: Any, item: WorkItem, by_report: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {
            "revision": item.revision, "state": item.state, "percent": item.percent, "done_on": item.done_on,
            "difficulties": item.difficulties,
        })  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kept = item.state
        if item.task.percent_rule != PercentRule.TYPED:
            del self.fields["percent"]
        if by_report:
            for name in ("state", "done_on"):
                del self.fields[name]

    def entry(self) -> Entry:
        """Return what was entered."""
        found = self.cleaned_data
        state = found.get("state") or self.kept
        return Entry(
            state=state, percent=found.get("percent"), text=found["text"], difficulties=found["difficulties"],
            done_on=found.get("done_on") if state == ItemState.DONE else None,
        )  # fmt: skip


class NoteForm(forms.Form):
    """What a cooperating unit did."""

    text = _text(gettext_lazy("Đơn vị bạn đã làm gì"), rows=3, required=True)
    difficulties = _text(gettext_lazy("Khó khăn, kiến nghị"), rows=2)


class StepForm(forms.Form):
    """One step."""

    title = forms.CharField(label=gettext_lazy("Bước cần làm"), max_length=300)
    due = DayField(label=gettext_lazy("Hạn"), required=False)


class FileProofForm(forms.Form):
    """A file or a photo."""

    kind = EvidenceKind.FILE
    file = forms.FileField(
        label=gettext_lazy("Tệp hoặc ảnh chụp"), max_length=180, widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=gettext_lazy("PDF, Word, Excel hoặc ảnh, tối đa 20 MB. Vị trí chụp trong ảnh được xóa."),
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("Tên gọi"), max_length=300, required=False)

    def proof(self) -> Proof:
        """Return what was handed in."""
        return Proof(kind=self.kind, title=self.cleaned_data["title"], file=self.cleaned_data["file"])


class LinkProofForm(forms.Form):
    """A link."""

    kind = EvidenceKind.LINK
    link = forms.CharField(
        label=gettext_lazy("Đường dẫn"),
        max_length=1000,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    title = forms.CharField(label=gettext_lazy("Tên gọi"), max_length=300, required=False)

    def proof(self) -> Proof:
        """Return what was handed in."""
        return Proof(kind=self.kind, title=self.cleaned_data["title"], link=self.cleaned_data["link"])


class SessionProofForm(forms.Form):
    """A session that was held."""

    kind = EvidenceKind.SESSION
    title = forms.CharField(label=gettext_lazy("Buổi gì"), max_length=300)
    held_on = DayField(label=gettext_lazy("Tổ chức ngày"))
    people = WholeField(label=gettext_lazy("Số người dự"), min_value=0, max_value=MOST_PEOPLE)

    def proof(self) -> Proof:
        """Return what was handed in."""
        found = self.cleaned_data
        return Proof(kind=self.kind, title=found["title"], held_on=found["held_on"], people=found["people"])


class SheetForm(forms.Form):
    """A filled sheet."""

    file = forms.FileField(
        label=gettext_lazy("Bảng Excel đã điền"), max_length=180,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=gettext_lazy("Đúng bảng đã tải về, đã sửa trạng thái, phần trăm, kết quả, khó khăn."),
    )  # fmt: skip
