"""The papers of a consolidated report: Decree 30, a workbook whose formulas are true, files that are whole or not there."""

import io
import json
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from docx import Document as read_docx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from khcn.core.models.jobs import Job
from khcn.core.papers.checker import check_document
from khcn.core.papers.pdf import office_program
from khcn.core.papers.writer import paper_docx
from khcn.plan.enums import Aggregate
from khcn.plan.models import Consolidation, RegimeIndicator
from khcn.plan.roll_book import roll_book
from khcn.plan.services.rolls import roll_text_edit, text_mark
from khcn.plan.services.rolls_files import (
    FolderError,
    roll_file_path,
    roll_files,
    roll_files_make,
    roll_files_request,
    whole_of,
    whole_of_period,
    whole_paper,
    write_whole,
)
from tests.plan.factories import make_indicator, make_item, make_regime, make_task
from tests.plan.roll_stories import NOW, Story, put_figures

pytestmark = pytest.mark.django_db


def broken(docx: bytes) -> list[str]:
    """Return the rules of Decree 30 that a paper breaks."""
    return [f"{one.rule}: {one.message}" for one in check_document(docx).broken]


def words_of(docx: bytes) -> str:
    """Return the words of a paper, tables after paragraphs."""
    document = read_docx(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


def test_the_paper_keeps_the_decree_and_says_what_it_should() -> None:
    story = Story()
    make_item(make_task(story.regime.plan, title="Mở lớp tập huấn"), unit=story.wards[0])
    docx = paper_docx(whole_paper(whole_of(story.start()), NOW))
    assert broken(docx) == []
    words = words_of(docx)
    for sentence in (
        "Đã có 2/3 đơn vị gửi báo cáo (1 đúng hạn, 1 trễ).",
        "Chưa có báo cáo của: Phường 3.",
        "Đã mở hai lớp.",
        "Sở Khoa học và Công nghệ thử",
        "Mở lớp tập huấn",
    ):
        assert sentence in words
    assert whole_of(story.start()).digest in words.replace(" ", "")


def test_the_paper_of_an_empty_period_keeps_the_decree() -> None:
    story = Story()
    for report in story.reports:
        report.delete()
    whole = whole_of_period(story.period, NOW)
    assert broken(paper_docx(whole_paper(whole, NOW))) == []


def test_edited_texts_stand_in_the_paper() -> None:
    story = Story()
    roll = story.start()
    shown = text_mark(roll.texts.get(order=1).text)
    roll_text_edit(
        actor=story.people.officer,
        roll=roll,
        order=1,
        text="Lời\x0b của chuyên viên <b>&",
        shown=shown,
        now=NOW,
    )
    for whole in (whole_of(roll), whole_of_period(story.period, NOW)):
        assert "Lời của chuyên viên <b>&" in words_of(paper_docx(whole_paper(whole, NOW)))


# The workbook


def sheets_of(book: bytes, *, values: bool) -> Any:
    return load_workbook(io.BytesIO(book), data_only=values)


def test_xlsx_annex_totals_equal_the_sum_of_unit_rows() -> None:
    story = Story()
    book = roll_book(whole_of(story.start()).content)
    formulas, values = (sheets_of(book, values=flag)["Theo đơn vị"] for flag in (False, True))
    last = values.max_row
    for column in ("D", "E"):
        assert formulas[f"{column}{last}"].value == f"=SUM({column}4:{column}{last - 1})"
        units = [values[f"{column}{row}"].value for row in range(4, last)]
        assert values[f"{column}{last}"].value == sum(one for one in units if one is not None)
    assert values["E5"].value is None  # the second ward gave no figure: an empty cell, not a zero


def test_formulas_of_every_way_to_total() -> None:
    story = Story()
    share = make_indicator("share", title="Tỷ lệ", decimals=2)
    most = make_indicator("most", title="Lớn nhất")
    mean = make_indicator("mean", title="Bình quân")
    own = make_indicator("own", title="Của đầu mối")
    for order, (indicator, kind) in enumerate(
        [(share, Aggregate.RATIO), (most, Aggregate.MAX), (mean, Aggregate.MEAN), (own, Aggregate.LAST)],
        start=5,
    ):
        RegimeIndicator.objects.create(
            regime=story.regime, indicator=indicator, order=order, aggregate=kind,
            numerator="sessions" if kind == Aggregate.RATIO else "",
            denominator="people_trained" if kind == Aggregate.RATIO else "",
        )  # fmt: skip
    put_figures(story.reports[0], {most: 4, mean: 1, own: 5})
    put_figures(story.reports[1], {most: 9, mean: 2, own: 6})
    book = roll_book(whole_of(story.start()).content)
    sheet = sheets_of(book, values=True)["Tổng hợp"]
    assert {sheet.cell(row, 3).value: sheet.cell(row, 6).value for row in range(4, 10)} == {
        "Số người được tập huấn": 87, "Số lớp tập huấn": 2, "Tỷ lệ": 5, "Lớn nhất": 9, "Bình quân": 1.5,
        "Của đầu mối": 6,
    }  # fmt: skip


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_a_spreadsheet_that_recalculates_gets_the_same_values(tmp_path: Path) -> None:
    story = Story()
    share = make_indicator("share", title="Tỷ lệ", decimals=2)
    RegimeIndicator.objects.create(
        regime=story.regime, indicator=share, order=5, aggregate=Aggregate.RATIO, numerator="sessions",
        denominator="people_trained",
    )  # fmt: skip
    RegimeIndicator.objects.filter(indicator=story.trained).update(target=100)
    make_item(make_task(story.regime.plan), unit=story.wards[0])
    book = roll_book(whole_of(story.start()).content)
    stripped = tmp_path / "bo-tri.xlsx"
    stripped.write_bytes(without_values(book))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
               "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(stripped)]  # fmt: skip
    subprocess.run(
        [shutil.which("soffice") or "libreoffice", *command[1:]], check=True, capture_output=True, timeout=120
    )
    again = load_workbook(tmp_path / "out" / "bo-tri.xlsx", data_only=True)
    ours, formulas = sheets_of(book, values=True), sheets_of(book, values=False)
    compared = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    there = again[sheet.title][cell.coordinate].value
                    assert there == pytest.approx(ours[sheet.title][cell.coordinate].value), (
                        sheet.title,
                        cell.coordinate,
                    )
                    compared += 1
    assert compared >= 15


def without_values(book: bytes) -> bytes:
    """Return the workbook as one that nobody has computed: so that the reader must."""
    out = io.BytesIO()
    load_workbook(io.BytesIO(book)).save(out)
    return out.getvalue()


def test_no_text_becomes_a_formula() -> None:
    story = Story()
    story.wards[0].reports = None  # type: ignore[attr-defined]
    report = story.reports[0]
    report.unit_name = "=HYPERLINK(1)"
    report.save()
    sheet = sheets_of(roll_book(whole_of(story.start()).content), values=False)["Theo đơn vị"]
    assert (sheet["B4"].value, sheet["B4"].data_type) == ("=HYPERLINK(1)", "s")


numbers = st.none() | st.decimals(0, 10**9, places=2, allow_nan=False)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=3))
def test_random_books_have_true_totals(figures: list[tuple[Decimal | None, Decimal | None]]) -> None:
    content = random_content(figures)
    book = sheets_of(roll_book(content), values=True)
    sheet, last = book["Theo đơn vị"], 4 + len(figures)
    for place, column in enumerate("DE"):
        known = [row[place] for row in figures if row[place] is not None]
        value = sheet[f"{column}{last}"].value
        assert (value is None) == (not known)
        if known:
            assert Decimal(str(value)) == pytest.approx(sum(known))


def random_content(figures: list[tuple[Decimal | None, Decimal | None]]) -> dict[str, Any]:
    """Return a content over units that report two figures."""
    from khcn.engines.plans.consolidate import Measure, Row, consolidate  # of this story only
    from khcn.plan.selectors.roll_content import _total_entry, row_entry

    rows = [
        Row(unit, code, pair[place])
        for unit, pair in enumerate(figures)
        for place, code in enumerate(("a", "b"))
    ]
    totals = consolidate([Measure("a", "A"), Measure("b", "B")], rows)
    return {
        "period": {"title": "Kỳ", "starts_on": "2026-01-01", "cutoff": "2026-05-01"},
        "regime": {"title": "Báo cáo"},
        "units": [{"id": unit, "name": f"Đơn vị {unit}", "time": "on_time", "state": "accepted", "sent": None,
                   "until": None, "excused": "", "report": None} for unit in range(len(figures))],
        "indicators": [_total_entry(total, None) for total in totals],
        "rows": {total.measure.code: [row_entry(row) for row in total.rows] for total in totals},
        "tasks": [],
    }  # fmt: skip


# Files


def test_files_of_a_report_are_made_by_the_worker(settings: Any, tmp_path: Path) -> None:
    story = Story()
    roll = story.start()
    job = roll_files_request(actor=story.people.officer, roll=roll, now=NOW)
    assert roll_files_request(actor=story.people.leader, roll=roll, now=NOW).pk == job.pk
    roll_files_make(job.pk)
    assert set(roll_files(roll)) >= {"docx", "xlsx"}
    assert zipfile.is_zipfile(roll_file_path(roll, "docx"))
    assert Job.objects.get(pk=job.pk).state == "done" or Job.objects.get(pk=job.pk).finished_at
    Consolidation.objects.filter(pk=roll.pk).update(revision=99)
    roll.refresh_from_db()
    assert roll_files(roll) == []  # another revision has files of its own


def consolidate(out: Path, *options: str, period: str = "2026-H1") -> dict[str, Any]:
    sink = io.StringIO()
    call_command(
        "report", "consolidate", "--period", period, "--out", str(out), "--json", *options, stdout=sink
    )
    document: dict[str, Any] = json.loads(sink.getvalue())
    return document


def test_command_writes_files_and_totals(tmp_path: Path) -> None:
    story = Story()
    document = consolidate(tmp_path / "moi" / "thu-muc")
    assert (document["period"], document["units_expected"], document["units_received"]) == ("2026-H1", 3, 2)
    trained = next(row for row in document["totals"] if row["indicator"] == "people_trained")
    assert (trained["value"], trained["units"], trained["source_rows"]) == (87, 2, 4)
    assert document["texts"] == 4
    names = [Path(name).suffix for name in document["files"]]
    assert names[0] == ".docx"
    assert names[-1] == ".xlsx"
    assert all(Path(name).stat().st_size > 1000 for name in document["files"])
    again = consolidate(tmp_path / "moi" / "thu-muc")
    assert again["hash"] == document["hash"]
    assert not list((tmp_path / "moi" / "thu-muc").glob(".*"))
    assert Consolidation.objects.count() == 0  # the command reads only
    assert story.period.code == document["period"]


def test_unknown_and_ambiguous_periods(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story()
    with pytest.raises(SystemExit) as stopped:
        consolidate(tmp_path, period="2031-H9")
    assert stopped.value.code == 2
    assert "2026-H1" in capsys.readouterr().err
    other = make_regime([story.wards[0]])
    story.period.pk = None
    story.period.regime = other
    story.period.save()
    with pytest.raises(SystemExit) as stopped:
        consolidate(tmp_path)
    assert stopped.value.code == 2
    assert other.key in capsys.readouterr().err
    assert consolidate(tmp_path, "--regime", other.key)["regime"] == other.key


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    Story()
    blocked = tmp_path / "tep"
    blocked.write_text("không phải thư mục")
    with pytest.raises(SystemExit) as stopped:
        consolidate(blocked)
    assert stopped.value.code == 1


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    whole = whole_of_period(story.period, NOW)
    first = write_whole(whole, tmp_path, NOW)
    before = {path: path.read_bytes() for path in first.files}

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FolderError):
        write_whole(whole, tmp_path, NOW)
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in first.files} == before
    assert not list(tmp_path.glob(".*"))
