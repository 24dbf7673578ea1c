"""Citations in each style against strings written by hand after the rules of the style.

APA: Publication Manual, 7th ed., chapters 9-11. IEEE: Reference Guide (2023). Chicago: Manual of Style, 18th ed., 13-14.
Viet Nam: the usual practice of theses, "Nguyễn Văn A (2021), Nhan đề, Nhà xuất bản, Nơi." Titles of Vietnamese works keep
their small letters in every style, because title case is a rule for English.
"""

import time
from threading import Thread
from typing import Any

import pytest

from khcn.engines.cite import styles
from khcn.engines.cite.styles import STYLES, cite, ordered, plain_citation
from khcn.engines.records.csl import to_csl
from khcn.engines.records.types import Agent, LegalFacts, Record
from tests.engines.cite.records import (
    ARTICLE,
    BOOK,
    HOSTILE,
    LAW,
    LINK,
    REPORT,
    SITE,
    THESIS,
    VIDEO,
    record,
)

EXPECTED = {
    "viet-nam": {
        "book": "Nguyễn Văn An, Trần Thị Bình (2021), <i>Giáo trình thư viện số</i>, Nhà xuất bản Giáo dục, "
        "https://doi.org/10.1000/xyz.",
        "law": "Chính phủ (2020), <i>Nghị định số 30/2020/NĐ-CP ngày 05/03/2020 về công tác văn thư</i>, Hà Nội, "
        f"{SITE}/ark:/99999/k2x.",
        "report": "Ủy ban nhân dân Phường Một (2025), <i>Báo cáo chuyển đổi số năm 2025</i>, "
        f"{SITE}/ark:/99999/k3x.",
        "thesis": "Smith John B., Lê Thị Hồng Gấm (2019), <i>Điện mặt trời mái nhà</i>, Luận án tiến sĩ, bản 2, "
        f"Trường Đại học Bách khoa, {SITE}/ark:/99999/k4x/ban-2.",
        "link": "<i>Cổng dữ liệu mở</i> (không rõ năm), https://du-lieu.example.vn/.",
        "video": "Đài truyền hình (2023), <i>Pin chanh</i>, https://v.example.vn/6.",
        "article": f"Đỗ Minh (2024), <i>Ngày hội khoa học</i>, {SITE}/ark:/99999/k8x.",
    },
    "apa": {
        "book": "Nguyễn, V. A., &amp; Trần, T. B. (2021). <i>Giáo trình thư viện số</i>. Nhà xuất bản Giáo dục. "
        "https://doi.org/10.1000/xyz",
        "law": "Nghị định về công tác văn thư, Nghị định số 30/2020/NĐ-CP (2020). "
        f"{SITE}/ark:/99999/k2x",
        "report": "Ủy ban nhân dân Phường Một. (2025). <i>Báo cáo chuyển đổi số năm 2025</i>. "
        f"{SITE}/ark:/99999/k3x",
        "thesis": "Smith, J. B., &amp; Lê, T. H. G. (2019). <i>Điện mặt trời mái nhà</i> (Version 2) [Luận án tiến sĩ, "
        f"Trường Đại học Bách khoa]. {SITE}/ark:/99999/k4x/ban-2",
        "link": "<i>Cổng dữ liệu mở</i>. (n.d.). https://du-lieu.example.vn/",
        "video": "Đài truyền hình. (2023). <i>Pin chanh</i> [Video recording]. https://v.example.vn/6",
        "article": f"Đỗ, M. (2024, May 6). <i>Ngày hội khoa học</i>. {SITE}/ark:/99999/k8x",
    },
    "ieee": {
        "book": "V. A. Nguyễn and T. B. Trần, <i>Giáo trình thư viện số</i>. Nhà xuất bản Giáo dục, 2021. "
        "doi: 10.1000/xyz.",
        "law": "Chính phủ, <i>Nghị định về công tác văn thư, Nghị định số 30/2020/NĐ-CP</i>. Hà Nội, 2020. [Online]. "
        f"Available: {SITE}/ark:/99999/k2x",
        "report": "Ủy ban nhân dân Phường Một, “Báo cáo chuyển đổi số năm 2025,” Jun. 2025. [Online]. Available: "
        f"{SITE}/ark:/99999/k3x",
        "thesis": "J. B. Smith and T. H. G. Lê, “Điện mặt trời mái nhà,” Luận án tiến sĩ, Trường Đại học Bách khoa, 2019. "
        f"[Online]. Available: {SITE}/ark:/99999/k4x/ban-2",
        "link": "“Cổng dữ liệu mở.” [Online]. Available: https://du-lieu.example.vn/",
        "article": f"M. Đỗ, “Ngày hội khoa học.” May 06, 2024. [Online]. Available: {SITE}/ark:/99999/k8x",
    },
    "chicago": {
        "book": "Nguyễn, Văn An, and Trần Thị Bình. 2021. <i>Giáo trình thư viện số</i>. Nhà xuất bản Giáo dục. "
        "https://doi.org/10.1000/xyz.",
        "law": "Nghị định về công tác văn thư, Nghị định số 30/2020/NĐ-CP (2020). "
        f"{SITE}/ark:/99999/k2x.",
        "report": "Ủy ban nhân dân Phường Một. 2025. <i>Báo cáo chuyển đổi số năm 2025</i>. "
        f"{SITE}/ark:/99999/k3x.",
        "thesis": "Smith, John B., and Lê Thị Hồng Gấm. 2019. “Điện mặt trời mái nhà.” Version 2. Luận án tiến sĩ, "
        f"Trường Đại học Bách khoa. {SITE}/ark:/99999/k4x/ban-2.",
        "link": "“Cổng dữ liệu mở.” n.d. https://du-lieu.example.vn/.",
        "video": "Đài truyền hình. 2023. <i>Pin chanh</i>. https://v.example.vn/6.",
        "article": f"Đỗ, Minh. 2024. “Ngày hội khoa học.” May 6. {SITE}/ark:/99999/k8x.",
    },
    "chicago-chu-thich": {
        "book": "Nguyễn Văn An and Trần Thị Bình, <i>Giáo trình thư viện số</i> (Nhà xuất bản Giáo dục, 2021), "
        "https://doi.org/10.1000/xyz.",
        "law": "Nghị định về công tác văn thư, Nghị định số 30/2020/NĐ-CP (2020), "
        f"{SITE}/ark:/99999/k2x.",
        "report": "Ủy ban nhân dân Phường Một, <i>Báo cáo chuyển đổi số năm 2025</i> (2025), "
        f"{SITE}/ark:/99999/k3x.",
        "thesis": "John B. Smith and Lê Thị Hồng Gấm, “Điện mặt trời mái nhà,” version 2 (Luận án tiến sĩ, "
        f"Trường Đại học Bách khoa, 2019), {SITE}/ark:/99999/k4x/ban-2.",
        "link": "“Cổng dữ liệu mở,” https://du-lieu.example.vn/.",
        "article": f"Đỗ Minh, “Ngày hội khoa học,” May 6, 2024, {SITE}/ark:/99999/k8x.",
    },
}  # fmt: skip
WORKS = {
    "book": BOOK,
    "law": LAW,
    "report": REPORT,
    "thesis": THESIS,
    "link": LINK,
    "video": VIDEO,
    "article": ARTICLE,
}


@pytest.mark.parametrize(
    ("style", "work"), [(style, work) for style, table in EXPECTED.items() for work in table]
)
def test_citations_as_the_style_rules(style: str, work: str) -> None:
    found = cite(to_csl(WORKS[work]), style)
    assert (found.html, found.plain) == (EXPECTED[style][work], False)


@pytest.mark.parametrize("style", STYLES)
def test_plain_text_is_the_same_without_tags(style: str) -> None:
    found = cite(to_csl(BOOK), style)
    assert found.text == found.html.replace("<i>", "").replace("</i>", "").replace("&amp;", "&")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "kind", ["document", "report", "legal", "link", "video", "research", "article", "learning"]
)
def test_no_text_becomes_markup_or_breaks_a_style(style: str, kind: str) -> None:
    work = record(
        kind=kind,
        title=HOSTILE,
        creators=(Agent("<img src=x onerror=y> & Co"), Agent("{}\\", "organisation")),
        publisher="<b>NXB</b> & ]]>",
        year=2020,
        resource_type="luận án <i>",
        legal=LegalFacts(number="1/<b>", organ_name="<u>Bộ</u>") if kind == "legal" else None,
    )
    found = cite(to_csl(work), style)
    assert "<script" not in found.html and "<img" not in found.html and "<b>" not in found.html
    assert "<u>" not in found.html and "&lt;" in found.html and not found.plain
    assert "\n" not in found.text and "\x00" not in found.text and "<script>" in found.text


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "item",
    [
        {"id": "a", "type": "document", "title": "Chỉ nhan đề"},
        {"id": "a", "type": "book", "title": "", "author": [{"literal": ""}]},
        {"id": "a", "type": "khong-co-loai-nay", "title": "T", "issued": {"date-parts": [[0]]}},
        {"id": "a", "type": "legislation", "title": "T", "number": ""},
        {"id": "a", "type": "book", "title": "T" * 5000, "author": [{"family": "A", "given": "B"}] * 150},
        {"id": "a", "type": "book", "title": "\ue011script\ue012", "language": "en"},
        {"id": "a", "type": "book", "title": "ﷺ 𝔊 \u202e\u0301", "issued": {}},
    ],
)
def test_every_item_is_answered(style: str, item: dict[str, Any]) -> None:
    found = cite(item, style)
    assert found.html.strip() and "<script" not in found.html


def test_what_the_processor_cannot_write_is_written_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def entry(self, *_args: object, **_named: object) -> str:
            raise RuntimeError("gap")

    monkeypatch.setattr(styles, "_processor", lambda _key: Broken())
    found = cite({**to_csl(LAW), "id": "khcn-plain", "title": "A & <b>"}, "apa")
    assert found.plain and found.html == (
        f"Chính phủ (2020), A &amp; &lt;b&gt;, 30/2020/NĐ-CP, Hà Nội, {SITE}/ark:/99999/k2x."
    )
    assert plain_citation({"title": "T"}) == "(không rõ năm), T."


def test_many_authors_are_shortened_as_each_style_does() -> None:
    many = record(
        creators=tuple(
            Agent(f"Nguyễn Văn {name}") for name in ("An", "Bình", "Chi", "Dũng", "Em", "Giang", "Hoa")
        )
    )
    assert cite(to_csl(many)).text.startswith(
        "Nguyễn Văn An, Nguyễn Văn Bình, Nguyễn Văn Chi và các tác giả khác ("
    )
    assert cite(to_csl(many), "ieee").text.startswith("V. A. Nguyễn et al., ")


@pytest.mark.parametrize(
    ("title", "type_name", "number", "shown"),
    [
        ("Về công tác văn thư", "Nghị định", "30/2020/NĐ-CP", "Nghị định số 30/2020/NĐ-CP ngày 05/03/2020 về công tác văn thư"),
        ("Nghị định 30/2020/NĐ-CP về văn thư", "Nghị định", "30/2020/NĐ-CP", "Nghị định 30/2020/NĐ-CP về văn thư"),
        ("Kế hoạch năm 2026", "", "82/KH-UBND", "số 82/KH-UBND ngày 05/03/2020 Kế hoạch năm 2026"),
        ("Luật Thư viện", "Luật", "", "Luật Thư viện"),
    ],
)  # fmt: skip
def test_a_law_is_named_once(title: str, type_name: str, number: str, shown: str) -> None:
    law = record(
        kind="legal",
        title=title,
        year=2020,
        issued=LAW.issued,
        legal=LegalFacts(number, type_name=type_name, organ_name="Chính phủ"),
    )
    assert cite(to_csl(law)).text.startswith(f"Chính phủ (2020), {shown},")


def test_lists_stand_as_the_style_orders() -> None:
    works = [
        record(1, title="B", creators=(Agent("Nguyễn Văn Bình"),)),
        record(2, title="A", creators=(Agent("Đỗ Thị An"),)),
        record(3, title="C", creators=(Agent("Smith, Adam"),)),
        record(4, title="D", creators=(Agent("Bộ Khoa học và Công nghệ", "organisation"),)),
    ]
    items = [to_csl(work) for work in works]
    by_given = [item["title"] for item in ordered(items, "viet-nam")]
    assert by_given == ["A", "B", "D", "C"]  # An, Bình, Bộ, Smith
    assert [item["title"] for item in ordered(items, "apa")] == ["D", "A", "B", "C"]  # Bộ, Đỗ, Nguyễn, Smith
    assert [item["title"] for item in ordered(items, "ieee")] == ["B", "A", "C", "D"]


def test_an_unknown_style_means_the_vietnamese_one() -> None:
    assert cite(to_csl(BOOK), "../../etc/passwd") == cite(to_csl(BOOK), "viet-nam")


def test_threads_do_not_disturb_each_other() -> None:
    works = [
        record(number, title=f"Nhan đề {number}", creators=(Agent(f"Lê Văn {number}"),), year=2000)
        for number in range(40)
    ]
    found: dict[int, str] = {}

    def write(part: list[Record]) -> None:
        for work in part:
            found[work.id] = cite(to_csl(work), "chicago").text

    threads = [Thread(target=write, args=(works[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(
        text.startswith(f"Lê, Văn {number}. 2000. “Nhan đề {number}.”") for number, text in found.items()
    )
    assert len(found) == 40


def test_the_same_citation_is_not_made_twice() -> None:
    item = to_csl(record(title="Đo một lần"))
    cite(item, "chicago")
    start = time.perf_counter()
    for _ in range(100):
        cite({**item, "abstract": "khác cũng được"}, "chicago")
    assert time.perf_counter() - start < 0.5
