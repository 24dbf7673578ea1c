"""The examples of /styleguide/: made-up but plausible content, one section per component."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.ui import parts, tokens
from khcn.ui.charts.model import BandPoint, BarItem, BulletItem, bars, bullet, line_over_band


@dataclass(frozen=True)
class Section:
    """One component: what it is called, what it is for, and the template of its example."""

    name: str
    title: str
    note: str
    code: str

    @property
    def template(self) -> str:
        """The template that shows it."""
        return f"ui/styleguide/{self.name}.html"


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ExampleForm(forms.Form):
    """Every kind of field, in three groups."""

    fieldsets = [
        (gettext_lazy("Về tài liệu"), "", ["title", "abstract", "kind", "issued"]),
        (
            gettext_lazy("Ai đọc được"),
            gettext_lazy("Có thể đổi lại sau khi công bố."),
            ["visibility", "audiences"],
        ),
    ]
    title = forms.CharField(
        label=gettext_lazy("Nhan đề"), help_text=gettext_lazy("Ghi đúng như trên trang bìa."), max_length=300
    )
    abstract = forms.CharField(
        label=gettext_lazy("Tóm tắt"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Loại"),
        choices=[
            ("", gettext_lazy("Chọn một loại")),
            ("plan", gettext_lazy("Kế hoạch")),
            ("report", gettext_lazy("Báo cáo")),
        ],
    )
    issued = forms.DateField(
        label=gettext_lazy("Ngày ban hành"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Phạm vi"),
        widget=forms.RadioSelect,
        choices=[("public", gettext_lazy("Mọi người")), ("members", gettext_lazy("Người đã đăng nhập"))],
    )
    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("Người đọc chính"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[
            ("pupils", gettext_lazy("Học sinh")),
            ("teachers", gettext_lazy("Giáo viên")),
            ("smes", gettext_lazy("Doanh nghiệp nhỏ và vừa")),
        ],
    )
    attachments = forms.FileField(
        label=gettext_lazy("Tệp"),
        widget=ManyFiles,
        required=False,
        help_text=gettext_lazy("PDF, DOCX, ODT, RTF, TXT hoặc ảnh chụp; mỗi tệp tối đa 100 MB."),
    )
    agree = forms.BooleanField(label=gettext_lazy("Tôi có quyền chia sẻ những tệp này"))

    def clean_title(self) -> str:
        """Refuse a title in capitals, to have an error with a real sentence."""
        title: str = self.cleaned_data["title"]
        if title.isupper():
            raise ValidationError(_("Nhan đề viết toàn chữ hoa khó đọc. Hãy viết hoa chữ đầu câu."))
        return title


SECTIONS: Final[Sequence[tuple[str, str, str, str]]] = (
    ("type", "Chữ", "Be Vietnam Pro 400 và 600; chữ thường 17 px, giãn dòng 1,6.", ""),
    (
        "colours",
        "Màu",
        "Một màu mực, một màu nhấn, các sắc xám; màu trạng thái luôn đi cùng hình và chữ.",
        "",
    ),
    (
        "buttons",
        "Nút",
        "Nhãn nói đúng việc nút làm.",
        '{% ui_button "Gửi duyệt" %} · {% ui_link_button "Tải về" url note="1,2 MB" %}',
    ),
    (
        "states",
        "Trạng thái",
        "Hình và chữ, không bao giờ chỉ có màu.",
        '{% ui_state "Còn hiệu lực" "good" %}',
    ),
    (
        "notices",
        "Thông báo",
        "Điều người đọc cần thấy trước khi làm tiếp.",
        "{% ui_notice title=… tone=… %}…{% endui_notice %}",
    ),
    (
        "form",
        "Biểu mẫu",
        "Nhãn ở trên, gợi ý trước ô nhập, lỗi được gom lại và dẫn tới ô.",
        "{% ui_form form %} · {% ui_field form.title %}",
    ),
    (
        "errors",
        "Biểu mẫu có lỗi",
        "Lỗi nói điều gì đã xảy ra, vì sao, cần làm gì.",
        "{% ui_error_summary form %}",
    ),
    ("hits", "Kết quả tìm", "Đường kẻ và khoảng trắng thay cho khung.", "{% ui_hits hits %}"),
    (
        "facets",
        "Bộ lọc",
        "Mỗi lựa chọn là một liên kết, nên địa chỉ trang giữ được bộ lọc.",
        '{% ui_facets facets label="…" %}',
    ),
    ("pagination", "Phân trang", "Có giới hạn độ sâu.", "{% ui_pagination page %}"),
    (
        "navigation",
        "Đường dẫn và thẻ",
        "Liên kết thật, chạy không cần JavaScript.",
        "{% ui_breadcrumb items %} · {% ui_tabs tabs label=… %}",
    ),
    ("table", "Bảng", "Dưới 600 px mỗi dòng thành một khối; số căn phải.", "{% ui_table table %}"),
    ("summary", "Danh sách tóm tắt", "Thuộc tính của một tài liệu.", "{% ui_summary_list rows %}"),
    ("figures", "Con số lớn", "Một con số, một câu.", '{% ui_figure "2.940" "lượt vào chợ hôm nay" %}'),
    (
        "progress",
        "Tiến độ",
        "Luôn có chữ; tự cập nhật khi trang có htmx.",
        '{% ui_progress done total label="…" poll_url=… %}',
    ),
    ("timeline", "Dòng thời gian", "Việc đã xảy ra, mới nhất ở trên.", "{% ui_timeline events %}"),
    ("reader", "Trang đọc", "Ảnh trang bên cạnh chữ.", "{% ui_reader page %}"),
    (
        "charts",
        "Biểu đồ",
        "Nhan đề là điều cần nói; chỗ thiếu số liệu được gạch chéo.",
        "{% ui_chart chart live=True %}",
    ),
    (
        "small",
        "Thành phần nhỏ",
        "Mở rộng, chép chữ, người, số và ngày.",
        "{% ui_disclosure … %} · {% ui_copy %} · {% ui_person … %} · |ui_date |ui_money |ui_filesize",
    ),
    ("empty", "Chưa có gì", "Nói cách có được mục đầu tiên.", "{% ui_empty title=… %}…{% endui_empty %}"),
    (
        "switches",
        "Nền trang và ngôn ngữ",
        "Chạy không cần JavaScript.",
        "{% ui_theme_switch %} · {% ui_language_switch %}",
    ),
)


def examples(wanted: str) -> dict[str, Any]:
    """Return everything the style guide shows. ``wanted``: "light", "dark", or both."""
    themes = [wanted] if wanted in ("light", "dark") else ["light", "dark"]
    return {
        "sections": [Section(*row) for row in SECTIONS],
        "themes": [_pane(theme) for theme in themes],
        "wanted": wanted if wanted in ("light", "dark") else "",
    }


def _pane(theme: str) -> dict[str, Any]:
    """Return the content of one theme; identifiers differ, since both stand on one page."""
    wrong = {"title": "KẾ HOẠCH PHÁT TRIỂN", "kind": "", "issued": "31/02/2021", "visibility": "public"}
    page = Paginator(range(2400), 20).page(7)
    return {
        "name": theme,
        "suffix": f"-{theme}",
        "swatches": list((tokens.LIGHT if theme == "light" else tokens.DARK).items()),
        "form": ExampleForm(auto_id=f"id_{theme}_%s"),
        "wrong_form": ExampleForm(wrong, auto_id=f"id_sai_{theme}_%s"),
        "hits": _hits(),
        "facets": _facets(),
        "page": page,
        "crumbs": [("Trang chủ", "/"), ("Thư viện", "/thu-vien/"), ("Sở hữu trí tuệ", "")],
        "tabs": [
            parts.Tab(label="Chờ duyệt", url="?the=1", current=True, count=5),
            parts.Tab(label="Đã công bố", url="?the=2", count=1248),
            parts.Tab(label="Đã rút", url="?the=3", count=0),
        ],
        "table": _table(),
        "summary": [
            ("Số ký hiệu", "82/KH-UBND"),
            ("Ngày ban hành", date(2021, 5, 21)),
            ("Cơ quan ban hành", "Ủy ban nhân dân"),
            ("Người ký", "Nguyễn Văn A"),
            ("Hiệu lực", "Từ ngày ký đến hết năm 2025"),
        ],
        "events": _events(),
        "reader": _reader(theme),
        "charts": _charts(theme),
        "moment": datetime(2026, 6, 1, 9, 5),
    }


def _hits() -> list[parts.Hit]:
    return [
        parts.Hit(
            title="Kế hoạch phát triển khoa học, công nghệ và đổi mới sáng tạo giai đoạn 2021 – 2025",
            url="#",
            symbol="82/KH-UBND",
            kind="Kế hoạch",
            year="2021",
            state=parts.State(label="Còn hiệu lực", tone="good"),
            snippet="… tổ chức lớp tập huấn về <mark>sở hữu trí tuệ</mark> cho doanh nghiệp nhỏ và vừa …",
            page=3,
            page_url="#trang-3",
            meta=("14 trang", "Phòng Kinh tế", "PDF 1,2 MB"),
        ),
        parts.Hit(
            title="Đăng ký nhãn hiệu: bảy câu hỏi thường gặp của tiểu thương",
            url="#",
            kind="Bài viết",
            year="2024",
            snippet="<mark>Sở hữu trí tuệ</mark> không chỉ dành cho công ty lớn: sạp vải cũng có tên.",
            meta=("Đọc trong 6 phút",),
        ),
        parts.Hit(
            title="Quyết định về việc công nhận sáng kiến cấp cơ sở",
            url="#",
            symbol="417/QĐ-UBND",
            kind="Quyết định",
            year="2019",
            state=parts.State(label="Hết hiệu lực", tone="neutral"),
            meta=("2 trang", "Bản chụp, chữ nhận dạng tự động"),
        ),
    ]


def _facets() -> list[parts.Facet]:
    option = parts.FacetOption
    return [
        parts.Facet(
            label="Loại",
            options=[
                option(label="Kế hoạch", url="#", count=12, selected=True),
                option(label="Quyết định", url="#", count=48),
                option(label="Tài liệu học tập dành cho giáo viên trung học cơ sở", url="#", count=1307),
            ],
        ),
        parts.Facet(
            label="Năm",
            options=[option(label="2021", url="#", count=31), option(label="2020", url="#", count=9)],
        ),
    ]


def _table() -> parts.Table:
    column = parts.Column
    on_time = parts.State(label="Đúng hạn", tone="good")
    late = parts.State(label="Trễ 2 ngày", tone="watch")
    return parts.Table(
        caption="Kết quả sáu tháng đầu năm",
        columns=[
            column(label="Đơn vị", sort_url="?xep=ten", sorted="ascending"),
            column(label="Tình trạng"),
            column(label="Lớp tập huấn", numeric=True, sort_url="?xep=lop"),
            column(label="Người tham dự", numeric=True),
            column(label="Kinh phí (đồng)", numeric=True),
        ],
        rows=[
            ("Phường Chợ Quán", on_time, 3, 87, 12_500_000),
            ("Phường An Đông", on_time, 11, 1204, 111_111_000),
            ("Phường Chợ Lớn", late, 1, 19, None),
        ],
        foot=("Cộng", "", 15, 1310, 123_611_000),
        sticky=True,
    )


def _events() -> list[parts.Event]:
    event = parts.Event
    return [
        event(when=datetime(2026, 6, 3, 16, 20), what="Công bố", who="Trần Thị Bình", tone="good"),
        event(
            when=datetime(2026, 6, 2, 9, 5),
            what="Trả lại để sửa",
            detail="Trang 4 và 5 bị ngược; xin quét lại.",
            who="Trần Thị Bình",
            tone="watch",
        ),
        event(when=date(2026, 6, 1), what="Gửi duyệt", who="Lê Minh Cường", tone="info"),
        event(when="Tháng 5/2026", what="Tạo bản nháp", who="Lê Minh Cường"),
    ]


def _reader(theme: str) -> parts.ReaderPage:
    return parts.ReaderPage(
        number=3 if theme == "light" else 4,
        total=14,
        text=(
            "II. NỘI DUNG\n\n"
            "1. Tổ chức mỗi năm ít nhất hai lớp tập huấn về <mark>sở hữu trí tuệ</mark> cho doanh nghiệp nhỏ "
            "và vừa, hộ kinh doanh và tiểu thương các chợ.\n\n"
            "2. Xây dựng thư viện khoa học và công nghệ trực tuyến, cập nhật hằng tuần, để học sinh, giáo "
            "viên và người lao động tìm đọc miễn phí.\n\n"
            "3. Hỗ trợ trường học tham gia các cuộc thi sáng tạo dành cho thiếu niên, nhi đồng."
        ),
        image_url=static("ui/sample-page.svg"),
        image_width=210,
        image_height=297,
        previous_url="#truoc",
        next_url="#sau",
        source_note="Chữ nhận dạng tự động từ bản chụp, độ tin cậy 97 %.",
    )


def _charts(theme: str) -> list[Any]:
    usual = [
        (60, 110),
        (150, 240),
        (280, 390),
        (300, 430),
        (240, 350),
        (160, 260),
        (120, 200),
        (110, 190),
        (150, 240),
    ]
    today = [80.0, 210.0, 365.0, 402.0, None, None, 140.0, 128.0, None]
    hours = range(6, 15)
    points = [
        BandPoint(at=datetime(2026, 6, 6, hour), value=value, low=low, high=high)
        for hour, value, (low, high) in zip(hours, today, usual, strict=True)
    ]
    items = [
        BarItem(label="Sở hữu trí tuệ", value=412, highlight=True),
        BarItem(label="Chuyển đổi số", value=287),
        BarItem(label="Tiết kiệm năng lượng", value=96.5),
        BarItem(label="Nông nghiệp đô thị", value=None),
    ]
    money = [
        BulletItem(label="Tập huấn và truyền thông", value=412, target=600),
        BulletItem(label="Hội thi sáng tạo", value=130, target=120),
        BulletItem(label="Thiết bị cho trường học", value=None, target=250),
    ]
    number = "1" if theme == "light" else "2"
    return [
        line_over_band(
            title="Chợ đông nhất từ 8 đến 9 giờ sáng",
            unit="Lượt người vào mỗi giờ, thứ Bảy 06/06/2026",
            source=f"Máy đếm cửa số {number}, số liệu mẫu",
            points=points,
            open_end=True,
        ),
        bars(
            title="Sở hữu trí tuệ được tìm đọc nhiều nhất",
            unit="Lượt đọc trong tháng",
            source=f"Thư viện, số liệu mẫu {number}",
            items=items,
            label_word="Chủ đề",
            value_word="Lượt đọc",
        ),
        bullet(
            title="Kinh phí đã dùng hai phần ba",
            unit="Triệu đồng, đã chi trên được giao",
            source=f"Kế hoạch năm, số liệu mẫu {number}",
            items=money,
        ),
    ]
