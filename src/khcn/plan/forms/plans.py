"""Forms of plans: the file, a task, the head of the document, an amendment, a comment."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khcn.engines.plans.types import TaskSpec
from khcn.orgs.models import Unit
from khcn.plan.enums import TaskLevel
from khcn.plan.models import Plan, PlanVersion
from khcn.plan.selectors.plans import task_spec
from khcn.plan.selectors.plans_items import plan_day
from khcn.ui.fields import DayField, MoneyField

ACCEPT: Final = ".yaml,.yml,.docx,.md,.markdown,.txt,.html"
MOST_CHECKBOXES: Final = 60


class PlanFileForm(forms.Form):
    """The file of a plan."""

    file = forms.FileField(
        label=_("Tệp kế hoạch"), widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        help_text=_("Word (.docx), Markdown (.md) hoặc YAML. Bạn sẽ xem trước, chưa lưu gì."),
    )  # fmt: skip


class CommentForm(forms.Form):
    """Why a plan is given back."""

    comment = forms.CharField(
        label=_("Ý kiến"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ghi rõ cần sửa gì; người soạn sẽ thấy."),
    )  # fmt: skip


class AmendForm(forms.Form):
    """What an amendment is about."""

    note = forms.CharField(
        label=_("Nội dung điều chỉnh"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    document = forms.CharField(
        label=_("Văn bản điều chỉnh"), max_length=120, required=False, help_text=_("Số, ký hiệu nếu đã có.")
    )
    effective_on = DayField(
        label=_("Có hiệu lực từ ngày"), required=False,
        help_text=_("Đơn vị nhận việc theo bộ máy của ngày này. Để trống: ngày của kế hoạch."),
    )  # fmt: skip


class HeadForm(forms.Form):
    """Head and foot of the document."""

    fieldsets: Final = [
        (_("Văn bản"), "", ["full_number", "date", "place", "title", "effective_on"]),
        (_("Người ký"), "", ["mode", "position", "name"]),
        (_("Nội dung chung"), "", ["purpose", "requirement", "budget_text"]),
    ]
    full_number = forms.CharField(label=_("Số, ký hiệu"), max_length=60, required=False)
    date = DayField(label=_("Ngày ban hành"), required=False)
    place = forms.CharField(label=_("Nơi ban hành"), max_length=120, required=False)
    title = forms.CharField(label=_("Trích yếu"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    effective_on = DayField(label=_("Có hiệu lực từ ngày"), required=False)
    mode = forms.ChoiceField(
        label=_("Ký"), required=False,
        choices=[("", _("Ký trực tiếp")), ("TM.", "TM."), ("KT.", "KT."), ("TL.", "TL."), ("TUQ.", "TUQ."), ("Q.", "Q.")],
    )  # fmt: skip
    position = forms.CharField(label=_("Chức vụ"), max_length=120, required=False)
    name = forms.CharField(label=_("Họ tên"), max_length=120, required=False)
    purpose = forms.CharField(
        label=_("Mục đích"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Mỗi dòng một ý."),
    )
    requirement = forms.CharField(
        label=_("Yêu cầu"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    budget_text = forms.CharField(
        label=_("Kinh phí thực hiện"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def start(cls, version: PlanVersion) -> dict[str, Any]:
        """Return what the form begins with."""
        head, signer = version.header, version.header.get("signer", {})
        return {
            "full_number": head.get("full_number", ""), "date": head.get("date"), "place": head.get("place", ""),
            "title": head.get("title", ""), "effective_on": version.effective_on, "mode": signer.get("mode", ""),
            "position": signer.get("position", ""), "name": signer.get("name", ""),
            "purpose": "\n".join(head.get("purpose", [])), "requirement": head.get("requirement", ""),
            "budget_text": head.get("budget_text", ""),
        }  # fmt: skip

    def changes(self, version: PlanVersion) -> dict[str, Any]:
        """Return the parts of the header that this form says."""
        found = self.cleaned_data
        day = found["date"]
        signer = {
            **version.header.get("signer", {"on_behalf": ""}),
            "mode": found["mode"],
            "position": found["position"],
            "name": found["name"],
        }
        return {
            "full_number": found["full_number"].strip(), "date": day.isoformat() if day else None,
            "place": found["place"].strip(), "title": found["title"].strip(), "signer": signer,
            "purpose": [line.strip() for line in found["purpose"].splitlines() if line.strip()],
            "requirement": found["requirement"].strip(), "budget_text": found["budget_text"].strip(),
        }  # fmt: skip


class UnitField(forms.ModelChoiceField[Unit]):
    """A unit by its name."""

    def label_from_instance(self, obj: Unit) -> str:
        """Return the unit's name."""
        return obj.name


class UnitsField(forms.ModelMultipleChoiceField[Unit]):
    """Several units by name."""

    def label_from_instance(self, obj: Unit) -> str:
        """Return the unit's name; a group says so."""
        return f"{obj.name} ({_('nhóm')})" if obj.kind.is_group else obj.name


class TaskForm(forms.Form):
    """A task of a draft."""

    fieldsets: Final = [
        (_("Nhiệm vụ"), "", ["code", "section", "title", "text", "level", "kind", "audience"]),
        (_("Ai làm"), "", ["lead", "fan_out", "cooperating"]),
        (_("Khi nào, kết quả gì"), "", ["starts_on", "deadline", "cadence", "expected_result", "amount_vnd"]),
    ]
    code = forms.CharField(
        label=_("Mã"),
        max_length=40,
        required=False,
        help_text=_("Để trống: lấy chữ tiếp theo của mục, ví dụ II.1-d."),
    )
    section = forms.ChoiceField(label=_("Mục"), required=False)
    title = forms.CharField(label=_("Tên nhiệm vụ"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    text = forms.CharField(
        label=_("Nguyên văn"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Câu trong văn bản kế hoạch."),
    )  # fmt: skip
    level = forms.ChoiceField(label=_("Thuộc phần"), choices=TaskLevel.choices)
    kind = forms.ChoiceField(label=_("Loại việc"), required=False)
    audience = forms.MultipleChoiceField(
        label=_("Đối tượng"), required=False, widget=forms.CheckboxSelectMultiple
    )
    lead = UnitField(label=_("Đơn vị chủ trì"), queryset=Unit.objects.none(), required=False)
    fan_out = forms.BooleanField(
        label=_("Giao từng đơn vị phối hợp một việc riêng"), required=False,
        help_text=_("Nhóm đơn vị được chia tới từng thành viên."),
    )  # fmt: skip
    cooperating = UnitsField(label=_("Đơn vị phối hợp"), queryset=Unit.objects.none(), required=False)
    starts_on = DayField(label=_("Bắt đầu"), required=False)
    deadline = DayField(label=_("Hạn"), required=False, help_text=_("Ngày cuối cùng còn đúng hạn."))
    cadence = forms.CharField(label=_("Nhịp thực hiện"), max_length=40, required=False)
    expected_result = forms.CharField(
        label=_("Kết quả dự kiến"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    amount_vnd = MoneyField(label=_("Kinh phí dự kiến (đồng)"), required=False)

    def __init__(self, *args: Any, version: PlanVersion, existing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: Plan = version.plan
        sections = [(one.ref, f"{one.ref}. {one.title}") for one in version.sections.order_by("order")]
        self._choices("section", [("", _("(không thuộc mục nào)")), *sections])
        used = version.tasks.exclude(kind="").order_by("kind").values_list("kind", flat=True).distinct()
        kinds = {
            **{code: code for code in used},
            **{code: str(name) for code, name in (plan.kinds or {}).items()},
        }
        self._choices("kind", [("", _("(chưa rõ)")), *kinds.items()])
        self._choices("audience", [(code, str(name)) for code, name in (plan.audiences or {}).items()])
        if not plan.audiences:
            del self.fields["audience"]
        if existing:
            del self.fields["code"]
        units = _units(version)
        for name in ("lead", "cooperating"):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = units
        many = units.count() > MOST_CHECKBOXES
        self.fields["cooperating"].widget = (
            forms.SelectMultiple(attrs={"size": 12}) if many else forms.CheckboxSelectMultiple()
        )
        self.fields["cooperating"].widget.choices = self.fields["cooperating"].choices  # type: ignore[attr-defined]

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(choices)

    @staticmethod
    def start(spec: TaskSpec, units: dict[str, int]) -> dict[str, Any]:
        """Return what the form begins with; ``units``: primary keys by key."""
        return {
            "section": spec.section, "title": spec.title, "text": spec.text, "level": spec.level, "kind": spec.kind,
            "audience": list(spec.audience), "lead": units.get(spec.lead), "fan_out": spec.fan_out,
            "cooperating": [units[key] for key in spec.cooperating if key in units], "starts_on": spec.starts_on,
            "deadline": spec.deadline, "cadence": spec.cadence, "expected_result": spec.expected_result,
            "amount_vnd": spec.amount_vnd,
        }  # fmt: skip

    def changes(self) -> dict[str, Any]:
        """Return the values as fields of the engine's task."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "code"}
        found["lead"] = found["lead"].key if found["lead"] else ""
        found["cooperating"] = tuple(unit.key for unit in found["cooperating"])
        if "audience" in found:
            found["audience"] = tuple(found["audience"])
        return found


def _units(version: PlanVersion) -> Any:
    """Units of the plan's day, and those that its tasks name already."""
    named = {one.unit_id for task in version.tasks.all() for one in task.cooperating.all()}
    named |= {task.lead_id for task in version.tasks.all() if task.lead_id}
    in_force = Unit.objects.in_force(plan_day(version, timezone.localdate()))
    rows = Unit.objects.filter(pk__in=set(in_force.values_list("pk", flat=True)) | named)
    return rows.select_related("kind").alphabetical()


def task_start(task: Any) -> dict[str, Any]:
    """Return what the form of a kept task begins with."""
    spec = task_spec(task)
    keys = {one.unit.key: one.unit_id for one in task.cooperating.all()}
    if task.lead:
        keys[task.lead.key] = task.lead_id
    return TaskForm.start(spec, keys)


class SheetFileForm(forms.Form):
    """A filled list of tasks."""

    file = forms.FileField(
        label=_("Tệp Excel đã điền"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        help_text=_("Mã đã có được cập nhật, mã mới được thêm; nhiệm vụ không có trong tệp giữ nguyên."),
    )  # fmt: skip
