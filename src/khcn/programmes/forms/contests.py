"""Forms of the judging half of contests. They shape input; rules live in services."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import number_vi
from khcn.orgs.models import User
from khcn.programmes.enums import JurorSeat, Scoring
from khcn.programmes.models.contests import ContestRules, Criterion
from khcn.ui.fields import DayField, MomentField, WholeField

LINES: Final = forms.Textarea(attrs={"rows": 5})
NUMBER: Final = re.compile(r"\d{1,4}([.,]\d{1,2})?")


class PointsField(forms.Field):
    """Points: 7,5 and 7.5 are the same."""

    def __init__(self, *, most: Decimal | None = None, **kwargs: Any) -> None:
        self.most = most
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show points with a comma."""
        return number_vi(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        """Return the points. Raises ValidationError."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            points = Decimal(text.replace(",", ".")) if NUMBER.fullmatch(text) else None
        except InvalidOperation:
            points = None
        if points is None or (self.most is not None and points > self.most):
            words = {"most": number_vi(self.most) if self.most is not None else "9.999"}
            raise ValidationError(_("Hãy ghi số từ 0 đến %(most)s, ví dụ 7,5.") % words)
        return points


class SheetForm(forms.Form):
    """The sheet of one juror: a field a criterion, with its anchors."""

    comment = forms.CharField(label=gettext_lazy("Nhận xét"), required=False, max_length=5000, widget=LINES)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            marks = "; ".join(
                f"{number_vi(Decimal(str(row['points'])))}: {row['text']}" for row in one.anchors
            )
            words = {"most": number_vi(one.most), "weight": number_vi(one.weight), "marks": marks}
            self.fields[one.key] = PointsField(
                label=one.title, most=one.most, required=not self.is_bound,  # a draft may leave some empty
                help_text=_("Từ 0 đến %(most)s, hệ số %(weight)s. %(marks)s") % words,
            )  # fmt: skip
        self.order_fields([one.key for one in criteria])

    def points(self) -> dict[str, Decimal]:
        """Return what was filled in."""
        keys = [one.key for one in self.criteria]
        return {key: self.cleaned_data[key] for key in keys if self.cleaned_data.get(key) is not None}


class SetupForm(forms.Form):
    """Deadline and sizes."""

    deadline = MomentField(label=gettext_lazy("Hạn nộp bài"), required=False)
    team_least = WholeField(label=gettext_lazy("Đội ít nhất (người)"), min_value=1, max_value=50)
    team_most = WholeField(label=gettext_lazy("Đội nhiều nhất (người)"), min_value=1, max_value=50)
    reviews_wanted = WholeField(label=gettext_lazy("Số giám khảo mỗi bài"), min_value=1, max_value=15)
    judge_by = DayField(label=gettext_lazy("Giám khảo chấm đến hết ngày"), required=False)
    show_own_total = forms.BooleanField(
        label=gettext_lazy("Đội được xem tổng điểm của mình sau khi có kết quả"), required=False
    )


class RulesForm(forms.Form):
    """A version of the rules; criteria and awards one a line, as people list them on paper."""

    text = forms.CharField(
        label=gettext_lazy("Thể lệ"), widget=forms.Textarea(attrs={"rows": 12}), required=False
    )
    scoring = forms.ChoiceField(label=gettext_lazy("Kết quả của một bài"), choices=Scoring.choices)
    criteria = forms.CharField(
        label=gettext_lazy("Tiêu chí"), widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "Mỗi tiêu chí một dòng: mã | tên | điểm tối đa | hệ số | điểm tối thiểu (bỏ trống được). Ngay dưới là các mức mẫu, "
            "mỗi mức một dòng bắt đầu bằng dấu gạch: - 10: Rất mới, chưa ai làm."
        ),
    )  # fmt: skip
    tie_break = forms.CharField(
        label=gettext_lazy("Khi bằng điểm, so lần lượt tiêu chí"), required=False, max_length=200,
        help_text=gettext_lazy("Ghi mã tiêu chí, cách nhau dấu phẩy. Vẫn bằng thì so tổng điểm thấp nhất; vẫn bằng nữa thì đồng hạng."),
    )  # fmt: skip
    pass_total = PointsField(label=gettext_lazy("Điểm đạt"), required=False)
    awards = forms.CharField(
        label=gettext_lazy("Giải thưởng"), required=False, widget=LINES,
        help_text=gettext_lazy("Mỗi giải một dòng: tên | số lượng | tiền thưởng (đồng). Giải cao ghi trước."),
    )  # fmt: skip
    change_note = forms.CharField(
        label=gettext_lazy("Thay đổi gì so với bản trước"), required=False, max_length=500
    )

    def clean_criteria(self) -> list[dict[str, Any]]:
        """Read the lines. Raises ValidationError naming the line."""
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(self.cleaned_data["criteria"].splitlines(), 1):
            text, words = line.strip(), {"n": number}
            if not text:
                continue
            if text.startswith("-"):
                points, _colon, said = text.lstrip("- ").partition(":")
                if not rows or not said.strip() or not NUMBER.fullmatch(points.strip()):
                    raise ValidationError(
                        _("Dòng %(n)s: mức mẫu ghi như “- 10: Rất mới”, dưới tiêu chí của nó.") % words
                    )
                rows[-1]["anchors"].append(
                    {"points": str(Decimal(points.strip().replace(",", "."))), "text": said.strip()}
                )
                continue
            parts = [part.strip() for part in text.split("|")] + ["", ""]
            numbers = [part.replace(",", ".") for part in parts[2:5]]
            if (
                len(parts) < 5
                or not re.fullmatch(r"[a-z0-9_-]{1,40}", parts[0])
                or not parts[1]
                or not NUMBER.fullmatch(parts[2])
            ):
                raise ValidationError(
                    _(
                        "Dòng %(n)s: tiêu chí ghi như “y-tuong | Ý tưởng | 10 | 2”; mã gồm chữ thường không dấu."
                    )
                    % words
                )
            if any(part and not NUMBER.fullmatch(part) for part in numbers):
                raise ValidationError(_("Dòng %(n)s: hệ số và điểm tối thiểu phải là số.") % words)
            rows.append({
                "key": parts[0], "title": parts[1], "most": Decimal(numbers[0]), "weight": Decimal(numbers[1] or 1),
                "least": Decimal(numbers[2]) if numbers[2] else None, "anchors": [],
            })  # fmt: skip
        return rows

    def clean_awards(self) -> list[dict[str, Any]]:
        """Read the lines. Raises ValidationError naming the line."""
        rows = []
        for number, line in enumerate(self.cleaned_data["awards"].splitlines(), 1):
            parts = [part.strip() for part in line.split("|")]
            if not parts[0]:
                continue
            count, prize = (*parts[1:], "", "")[:2]
            money = re.sub(r"[^\d]", "", prize)
            if (count and not re.fullmatch(r"[1-9]\d?", count)) or len(money) > 12:
                raise ValidationError(
                    _("Dòng %(n)s: giải ghi như “Giải Nhất | 1 | 5.000.000”.") % {"n": number}
                )
            rows.append(
                {"title": parts[0][:100], "count": int(count or 1)}
                | ({"prize_vnd": int(money)} if money else {})
            )
        return rows


def rules_initial(rules: ContestRules | None) -> dict[str, Any]:
    """Return a version as the form shows it."""
    if rules is None:
        return {"scoring": Scoring.MEDIAN}
    lines = []
    for one in rules.criteria.all():
        parts = [one.key, one.title, number_vi(one.most), number_vi(one.weight)]
        lines.append(" | ".join([*parts, number_vi(one.least)] if one.least is not None else parts))
        lines += [f"- {number_vi(Decimal(str(row['points'])))}: {row['text']}" for row in one.anchors]
    awards = [
        " | ".join(
            [
                row["title"],
                str(row.get("count", 1)),
                *([number_vi(row["prize_vnd"])] if row.get("prize_vnd") else []),
            ]
        )
        for row in rules.awards
    ]
    return {
        "text": rules.text, "scoring": rules.scoring, "criteria": "\n".join(lines), "tie_break": rules.tie_break,
        "pass_total": rules.pass_total, "awards": "\n".join(awards),
        "change_note": "" if rules.published_at else rules.change_note,
    }  # fmt: skip


class DecisionForm(forms.Form):
    """The decision that sets up the council."""

    number = forms.CharField(label=gettext_lazy("Số quyết định thành lập hội đồng"), max_length=120)
    day = DayField(label=gettext_lazy("Ngày"), required=False)


class PersonPick(forms.ModelChoiceField[User]):
    """One person."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the person."""
        return str(obj.get_full_name() or obj.get_username())


class JurorForm(forms.Form):
    """A seat in the council."""

    user = PersonPick(label=gettext_lazy("Giám khảo"), queryset=User.objects.none(), empty_label=gettext_lazy("Chọn người"))  # fmt: skip
    seat = forms.ChoiceField(
        label=gettext_lazy("Chức danh"), choices=JurorSeat.choices, initial=JurorSeat.MEMBER
    )
    organisation = forms.CharField(
        label=gettext_lazy("Nơi công tác"), max_length=200, required=False,
        help_text=gettext_lazy("Tên trường, đơn vị, doanh nghiệp. Bài của nơi này không bao giờ giao cho người đó."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = User.objects.filter(pk__in=[one.pk for one in people])


class ReasonForm(forms.Form):
    """A reason for the trail."""

    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=500, required=False)


class RemoveForm(ReasonForm):
    """A juror leaves."""

    keep_submitted = forms.BooleanField(
        label=gettext_lazy("Giữ các phiếu người này đã nộp"), required=False, initial=True
    )


class ReopenForm(ReasonForm):
    """A submitted sheet goes back to its juror."""

    juror = forms.ChoiceField(label=gettext_lazy("Giám khảo"))
    code = forms.CharField(
        label=gettext_lazy("Mã bài"), max_length=12, help_text=gettext_lazy("Ví dụ BT-07.")
    )
    field_order = ("juror", "code", "reason")

    def __init__(self, *args: Any, jurors: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["juror"]
        field.choices = jurors


class DeclareForm(forms.Form):
    """Organisations with which there is a conflict."""

    chosen = forms.MultipleChoiceField(
        label=gettext_lazy("Tôi có quan hệ với"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Làm việc, dạy, hướng dẫn, có người thân học hoặc làm ở đó. Nơi công tác của bạn được hệ thống tự loại."),
    )  # fmt: skip
    confirmed = forms.BooleanField(
        label=gettext_lazy(
            "Tôi đã đọc hết danh sách; với những nơi không đánh dấu, tôi không có xung đột lợi ích."
        ),
        required=False,
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["chosen"]
        field.choices = places


class AwardForm(ReasonForm):
    """What the council decided about one entry."""

    entry = forms.ChoiceField(label=gettext_lazy("Bài"))
    title = forms.ChoiceField(label=gettext_lazy("Giải"), required=False)
    field_order = ("entry", "title", "reason")

    def __init__(self, *args: Any, entries: list[tuple[int, str]], titles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entry: Any = self.fields["entry"]
        title: Any = self.fields["title"]
        entry.choices = entries
        title.choices = [("", _("Không trao giải")), *((one, one) for one in titles)]
