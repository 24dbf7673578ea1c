"""The columns of a list on paper: days and words stay whole, the page is never wider than it is."""

import io
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest

from khcn.core.papers.pdf import docx_pdf, office_program
from khcn.core.papers.writer import paper_docx
from khcn.library.list_columns import chosen_columns
from khcn.library.list_files import LANDSCAPE_MM, ListHead, list_paper, widths_mm
from khcn.library.models import Work
from khcn.library.selectors.lists import WantedList, list_lines
from tests.library.oai_world import legal_work

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WANTED = [10.0, 26.0, 22.0, 22.0, 34.0, 70.0, 26.0, 22.0, 24.0]
HEADER = [
    "STT",
    "Số, ký hiệu",
    "Tên loại",
    "Ngày, tháng, năm",
    "Cơ quan ban hành",
    "Trích yếu",
    "Người ký",
    "",
    "",
]
ROW = [
    "12",
    "09/2019/NĐ-CP",
    "Nghị định",
    "24/01/2019",
    "Chính phủ",
    "Về báo cáo",
    "Nguyễn Xuân Phúc",
    "",
    "",
]


def test_days_and_numbers_have_room_and_the_rest_shares_what_is_left() -> None:
    found = widths_mm(WANTED, [HEADER, ROW])
    assert sum(found) == pytest.approx(LANDSCAPE_MM)
    assert found[0] > 13 and found[3] > 25  # as LibreOffice sets them in 13 points
    assert found[5] > 60


def test_with_room_for_all_the_widths_are_as_wanted() -> None:
    found = widths_mm([50.0, 100.0], [["Số", "Tên"], ["1", "Hai"]])
    assert found == pytest.approx([LANDSCAPE_MM / 3, 2 * LANDSCAPE_MM / 3])


@pytest.mark.parametrize(
    "cells",
    [[], [["", ""]], [["x" * 500, "y"]], [["x" * 500, "y" * 500]], [["a-b/c", "/-/"]]],
)
def test_hostile_cells_never_make_the_page_wider(cells: list[list[str]]) -> None:
    found = widths_mm([10.0, 10.0], cells)
    assert sum(found) == pytest.approx(LANDSCAPE_MM)
    assert min(found) > 0


def test_more_than_a_page_holds_is_shared_out() -> None:
    found = widths_mm([25.0] * 10, [["W" * 20] * 10])
    assert found == pytest.approx([LANDSCAPE_MM / 10] * 10)


@pytest.mark.office
@pytest.mark.django_db
@pytest.mark.skipif(office_program() is None, reason="no LibreOffice on this machine")
def test_the_real_page_keeps_days_whole(admin_user: Any) -> None:
    works = [legal_work(f"{number}/2024/QĐ-UBND", f"Quyết định số {number}") for number in (1, 2)]
    keys = ("stt", "so-ky-hieu", "ten-loai", "ngay", "co-quan", "trich-yeu", "hieu-luc", "nguoi-ky", "loai")
    lines = list_lines(WantedList("search", "q=x"), [work.pk for work in works], user=admin_user, now=NOW)
    paper = list_paper(chosen_columns(keys, staff=True), lines, ListHead([], 2, 2, NOW, official=True))
    document = pypdfium2.PdfDocument(io.BytesIO(docx_pdf(paper_docx(paper), timeout_s=180)))
    text = document[len(document) - 1].get_textpage().get_text_range()
    document.close()
    assert Work.objects.count() == 2
    assert text.count("02/05/2024") == 2 and "STT" in text
    assert "Quyết định số 1" in " ".join(text.split())
