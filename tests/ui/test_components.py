"""Every component: it renders, says what it should to screen readers, and lets no hostile text through."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation
from lxml import html

from khcn.ui import parts
from khcn.ui.paging import page_links
from khcn.ui.styleguide import ExampleForm

pytestmark = pytest.mark.nodb
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _vietnamese() -> Any:
    with translation.override("vi"):
        yield


def render(source: str, **context: Any) -> str:
    context.setdefault("request", RequestFactory().get("/thu-vien/?q=bao+cao&trang=3"))
    return Template("{% load ui %}" + source).render(Context(context))


def tree(source: str, **context: Any) -> Any:
    return html.fromstring("<main>" + render(source, **context) + "</main>")


HOSTILE = {
    "button": "{% ui_button evil variant='secondary' name='a' value=evil %}",
    "link button": "{% ui_link_button evil evil note=evil %}",
    "state": "{% ui_state evil 'good' %}",
    "tag": "{% ui_tag evil %}",
    "notice": "{% ui_notice title=evil %}{{ evil }}{% endui_notice %}",
    "empty": "{% ui_empty title=evil %}{{ evil }}{% endui_empty %}",
    "progress": "{% ui_progress 1 2 label=evil note=evil poll_url=evil %}",
    "fieldset": "{% ui_fieldset legend=evil hint=evil %}{{ evil }}{% endui_fieldset %}",
    "breadcrumb": "{% ui_breadcrumb evil evil evil %}",
    "tabs": "{% ui_tabs tabs label=evil %}",
    "table": "{% ui_table table %}",
    "facets": "{% ui_facets facets label=evil clear_url=evil %}",
    "hits": "{% ui_hits hits %}",
    "summary": "{% ui_summary_list rows %}",
    "timeline": "{% ui_timeline events %}",
    "reader": "{% ui_reader page %}",
    "disclosure": "{% ui_disclosure evil %}{{ evil }}{% endui_disclosure %}",
    "copy": "{% ui_copy label=evil %}{{ evil }}{% endui_copy %}",
    "person": "{% ui_person evil evil evil url=evil %}",
    "figure": "{% ui_figure evil evil evil %}",
    "marks": "{{ evil|ui_marks }}",
    "value": "{{ evil|ui_value }}",
    "form": "{% ui_form form %}",
}


def evil_context() -> dict[str, Any]:
    class Form(forms.Form):
        text = forms.CharField(label=EVIL, help_text="", initial=EVIL)
        pick = forms.ChoiceField(label=EVIL, choices=[(EVIL, EVIL)], widget=forms.RadioSelect)
        file = forms.FileField(label=EVIL)

        def clean(self) -> None:
            self.add_error("text", EVIL)

    state = parts.State(label=EVIL, tone="bad")
    return {
        "evil": EVIL,
        "tabs": [parts.Tab(label=EVIL, url=EVIL, count=1)],
        "table": parts.Table(
            caption=EVIL, columns=[parts.Column(label=EVIL)] * 2, rows=[(EVIL, state)], foot=(EVIL, "")
        ),
        "facets": [parts.Facet(label=EVIL, options=[parts.FacetOption(label=EVIL, url=EVIL, selected=True)])],
        "hits": [
            parts.Hit(
                title=EVIL,
                url=EVIL,
                symbol=EVIL,
                kind=EVIL,
                year=EVIL,
                state=state,
                snippet=EVIL,
                page=2,
                page_url=EVIL,
                meta=(EVIL,),
                thumb_url=EVIL,
            )
        ],
        "rows": [(EVIL, EVIL)],
        "events": [parts.Event(when=EVIL, what=EVIL, detail=EVIL, who=EVIL)],
        "page": parts.ReaderPage(
            number=1,
            total=2,
            text=EVIL,
            image_url=EVIL,
            full_url=EVIL,
            previous_url=EVIL,
            next_url=EVIL,
            source_note=EVIL,
        ),
        "form": Form({"text": EVIL, "pick": EVIL}),
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name: str) -> None:
    out = tree(HOSTILE[name], **evil_context())
    assert out.xpath("//script") == []
    assert out.xpath("//*[@onerror]") == []
    assert [image for image in out.xpath("//img") if image.get("src") == "x"] == []
    assert "alert(1)" in html.tostring(out, encoding="unicode")  # it is shown, not swallowed


@pytest.mark.parametrize("attribute", ["onclick", "style"])
def test_a_button_takes_no_inline_code(attribute: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="no inline"):
        render("{% ui_button 'Xóa' " + attribute + "='x' %}")


def test_a_button_takes_further_attributes() -> None:
    (button,) = tree("{% ui_button 'Thêm' type='button' hx_post='/a/?b=1&c=2' data_x='1' %}").xpath(
        "//button"
    )
    assert dict(button.attrib) == {
        "class": "button",
        "type": "button",
        "hx-post": "/a/?b=1&c=2",
        "data-x": "1",
    }


def test_marks_lets_whole_pairs_through_and_nothing_else() -> None:
    assert (
        render("{{ t|ui_marks }}", t="a <mark>b</mark> & <b>c</b>")
        == "a <mark>b</mark> &amp; &lt;b&gt;c&lt;/b&gt;"
    )
    assert render("{{ t|ui_marks }}", t="a <mark> b") == "a &lt;mark&gt; b"
    assert render("{{ t|ui_marks }}", t="<mark onclick=x>b</mark>") == "&lt;mark onclick=x&gt;b&lt;/mark&gt;"


def test_a_state_is_a_word_and_a_shape() -> None:
    out = tree("{% ui_state 'Còn hiệu lực' 'good' %}")
    assert out.text_content().strip() == "Còn hiệu lực"
    assert out.xpath("//*[contains(@class,'shape--good')]/@aria-hidden") == ["true"]


def test_values_are_shown_as_people_write_them() -> None:
    shown = "{{ d|ui_value }}|{{ m|ui_value }}|{{ n|ui_value }}|{{ b|ui_value }}|{{ z|ui_value }}"
    out = render(
        shown, d=date(2021, 5, 1), m=datetime(2021, 5, 1, 2, 5, tzinfo=UTC), n=1234.5, b=True, z=None
    )
    assert out == "01/05/2021|09:05 01/05/2021|1.234,5|True|–"


def test_filters_follow_the_language() -> None:
    with translation.override("en"):
        assert render("{{ 1234.5|ui_number }} {{ 12500000|ui_money }}") == "1,234.5 12,500,000\u00a0đ"
    assert (
        render("{{ 1234.5|ui_number }} {{ 0.5|ui_percent }} {{ 2000|ui_filesize }}")
        == "1.234,5 50\u00a0% 2\u00a0kB"
    )


# --- forms ----------------------------------------------------------------------------------------------------


def test_every_field_has_a_label_its_hint_and_says_when_it_may_stay_empty() -> None:
    out = tree("{% ui_form form %}", form=ExampleForm())
    for control in out.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        assert out.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
        for target in (control.get("aria-describedby") or "").split():
            assert out.xpath(f"//*[@id='{target}']"), target
    assert out.xpath("//*[@id='id_title']/@aria-describedby") == ["id_title_helptext"]
    assert "(không bắt buộc)" in out.xpath("//label[@for='id_abstract']")[0].text_content()
    assert "(không bắt buộc)" not in out.xpath("//label[@for='id_title']")[0].text_content()
    assert out.xpath("//fieldset/legend/text()")[0] == "Về tài liệu"
    assert {legend.text_content().strip() for legend in out.xpath("//fieldset//fieldset/legend")} == {
        "Phạm vi",
        "Người đọc chính (không bắt buộc)",
    }


def test_errors_are_summed_up_linked_and_tied_to_their_field() -> None:
    form = ExampleForm({"title": "TOÀN CHỮ HOA", "kind": "", "visibility": "x"})
    out = tree("{% ui_form form %}", form=form)
    (summary,) = out.xpath("//*[@role='alert']")
    targets = [link.get("href")[1:] for link in summary.xpath(".//a")]
    assert targets[0] == "id_title"
    for target in targets:
        assert out.xpath(f"//*[@id='{target}']"), target
    title = out.xpath("//*[@id='id_title']")[0]
    assert title.get("aria-invalid") == "true"
    assert title.get("aria-describedby") == "id_title_helptext id_title_error"
    assert "Hãy viết hoa chữ đầu câu" in out.xpath("//*[@id='id_title_error']")[0].text_content()
    assert title.get("value") == "TOÀN CHỮ HOA"  # nothing typed is lost


def test_a_form_without_errors_has_no_summary() -> None:
    assert tree("{% ui_form form %}", form=ExampleForm()).xpath("//*[@role='alert']") == []


def test_fields_that_no_group_names_are_not_lost() -> None:
    out = tree("{% ui_form form %}", form=ExampleForm())
    assert {control.get("name") for control in out.xpath("//input|//select|//textarea")} == set(
        ExampleForm.base_fields
    )


def test_several_files_may_be_dropped_only_where_several_are_taken() -> None:
    class One(forms.Form):
        file = forms.FileField()

    many = tree("{% ui_field form.attachments %}", form=ExampleForm())
    assert many.xpath("//input[@type='file']/@multiple")
    assert "nhiều tệp" in many.text_content()
    one = tree("{% ui_field form.file %}", form=One())
    assert not one.xpath("//input[@type='file']/@multiple")
    assert "nhiều tệp" not in one.text_content()


def test_composite_fields_are_one_group() -> None:
    class Dates(forms.Form):
        day = forms.DateField(widget=forms.SelectDateWidget(years=[2026]), label="Ngày", help_text="Ngày ký")

    out = tree("{% ui_field form.day %}", form=Dates())
    assert out.xpath("//fieldset/@aria-describedby") == ["id_day_helptext"]
    assert len(out.xpath("//fieldset//select")) == 3


# --- lists ----------------------------------------------------------------------------------------------------


def test_a_table_keeps_its_meaning_when_its_rows_are_stacked() -> None:
    column = parts.Column
    table = parts.Table(
        caption="Báo cáo",
        columns=[
            column(label="Đơn vị", sort_url="?xep=ten", sorted="ascending"),
            column(label="Lớp", numeric=True),
        ],
        rows=[("An Đông", 1204), ("Chợ Lớn", None)],
        foot=("Cộng", 1204),
    )
    out = tree("{% ui_table t %}", t=table)
    assert out.xpath("//table/@role") == ["table"]
    assert out.xpath("//tbody//th/@scope") == ["row", "row"]
    assert out.xpath("//th[@aria-sort]/@aria-sort") == ["ascending"]
    assert out.xpath("//tbody//td/@data-label") == ["Lớp", "Lớp"]
    assert [cell.text_content() for cell in out.xpath("//tbody//td")] == ["1.204", "–"]
    assert out.xpath("//td[contains(@class,'is-number')]")


def test_a_table_refuses_a_row_of_another_length() -> None:
    with pytest.raises(ValueError, match="row 2 has 1 values, expected 2"):
        parts.Table(caption="x", columns=[parts.Column(label="a")] * 2, rows=[("1", "2"), ("1",)])


def test_facets_are_links_that_say_what_is_chosen() -> None:
    option = parts.FacetOption
    facets = [
        parts.Facet(label="Loại", options=[option(label="Kế hoạch", url="?a=1", count=1307, selected=True)]),
        parts.Facet(label="Năm", options=[option(label="2021", url="?nam=2021")]),
    ]
    out = tree("{% ui_facets f label='Bộ lọc' clear_url='?' %}", f=facets)
    assert [bool(group.get("open") is not None) for group in out.xpath("//details")] == [True, False]
    assert out.xpath("//a[@aria-current]/@href") == ["?a=1"]
    assert "bấm để bỏ" in out.xpath("//a[@aria-current]")[0].text_content()
    assert "1.307" in out.text_content()


def test_hits_link_title_and_page() -> None:
    hit = parts.Hit(
        title="Kế hoạch", url="/a/", snippet="… <mark>chợ</mark> …", page=1203, page_url="/a/#trang-1203"
    )
    out = tree("{% ui_hits hits heading=3 start=1001 %}", hits=[hit])
    assert out.xpath("//ol/@start") == ["1001"]
    assert out.xpath("//h3/a/@href") == ["/a/"]
    assert out.xpath("//a[@class='hit__page']/@href") == ["/a/#trang-1203"]
    assert out.xpath("//mark/text()") == ["chợ"]


def test_pagination_keeps_the_query_and_caps_the_depth() -> None:
    page = Paginator(range(2400), 20).page(3)
    out = tree("{% ui_pagination page max_page=50 %}", page=page)
    links = {link.text_content().strip(): link.get("href") for link in out.xpath("//a")}
    assert links["Trang 1"] == "?q=bao+cao"
    assert links["Trang 50"] == "?q=bao+cao&trang=50"
    assert "Trang 120" not in links
    assert out.xpath("//a[@rel='next']/@href") == ["?q=bao+cao&trang=4"]
    assert "Chỉ mở được 50 trang đầu" in out.text_content()
    assert tree("{% ui_pagination number=1 total=1 %}").xpath("//nav") == []


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 9, [1, 0, 3, 4, 5, 6, 7, 0, 9]),
        (9, 9, [1, 0, 7, 8, 9]),
        (0, 4, [1, 2, 3, 4]),
        (99, 4, [1, 0, 2, 3, 4]),
    ],
)
def test_which_pages_are_shown(number: int, total: int, shown: list[int]) -> None:
    links = page_links(number=number, total=total, query=QueryDict("a=1"))
    numbers = [link.number for link in links.links]
    assert numbers == (shown if number != 99 else [1, 2, 3, 4])
    assert sum(link.current for link in links.links) == 1


def test_summary_list_leaves_out_what_is_empty() -> None:
    rows = [("Số", "82"), ("Ngày", date(2021, 5, 1)), ("Người ký", ""), ("Hết hạn", None), ("Tệp", 0)]
    out = tree("{% ui_summary_list rows %}", rows=rows)
    assert [term.text_content() for term in out.xpath("//dt")] == ["Số", "Ngày", "Tệp"]
    assert out.xpath("//dd")[1].text_content() == "01/05/2021"


def test_progress_has_words_and_machine_readable_numbers() -> None:
    out = tree("{% ui_progress 1500 2000 label='Đang đọc' poll_url='/viec/1/' %}")
    assert out.xpath("//progress/@value") == ["1500"]
    assert out.xpath("//progress/@max") == ["2000"]
    assert "1.500 trên 2.000 (75\u00a0%)" in out.text_content()
    assert out.xpath("//*[@hx-get]/@hx-trigger") == ["every 2s"]
    assert tree("{% ui_progress 5 None label='Đang tìm' %}").xpath("//progress[@value]") == []


def test_timeline_takes_moments_days_and_words() -> None:
    event = parts.Event
    events = [
        event(when=datetime(2026, 6, 1, 9, 5), what="A"),
        event(when=date(2026, 5, 1), what="B"),
        event(when="Tháng 4", what="C"),
    ]
    out = tree("{% ui_timeline e %}", e=events)
    assert out.xpath("//time/@datetime") == ["2026-06-01T09:05:00", "2026-05-01"]
    assert "09:05 01/06/2026" in out.text_content()
    assert "Tháng 4" in out.text_content()


def test_reader_shows_picture_and_text() -> None:
    page = parts.ReaderPage(
        number=1200,
        total=1400,
        text="chữ",
        image_url="/a.webp",
        image_width=1240,
        image_height=1754,
        next_url="?trang=1201",
    )
    out = tree("{% ui_reader p %}", p=page)
    assert out.xpath("//section/@id") == ["trang-1200"]
    assert out.xpath("//img/@width") == ["1240"]
    assert "Trang 1.200 trên 1.400" in out.xpath("//h2")[0].text_content()
    assert out.xpath("//a[@rel='prev']") == []
    empty = tree("{% ui_reader p %}", p=parts.ReaderPage(number=1, total=1, text=""))
    assert "Trang này không có chữ." in empty.text_content()


def test_navigation_knows_where_it_is() -> None:
    item = parts.NavItem
    source = "{% ui_is_current item as here %}{{ here }}"
    request = RequestFactory().get("/thu-vien/tai-lieu/")
    for nav, expected in [
        (item(label="", url="/"), "False"),
        (item(label="", url="/thu-vien/"), "True"),
        (item(label="", url="/thu-vien/", exact=True), "False"),
        (item(label="", url="/thu-vien/tai-lieu/", exact=True), "True"),
    ]:
        assert render(source, item=nav, request=request) == expected


def test_icons_are_silent() -> None:
    out = render("{% ui_icon 'search' %}")
    assert 'aria-hidden="true"' in out
    assert re.search(r"<(circle|path) ", out)
