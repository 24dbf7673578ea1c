"""The demo content holds what it promises, and its files read back as they were written."""

import re
import shutil
import subprocess
import tomllib
import unicodedata
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
import viparse
from docx import Document
from striprtf.striprtf import rtf_to_text

from khcn.library.demo_content import (
    AUDIENCES,
    DEMO_DIR,
    FILE_KINDS,
    DemoContentError,
    DemoWork,
    load_demo_collections,
    load_demo_subjects,
    load_demo_works,
    read_demo_work,
)
from khcn.library.demo_files import build_file, document_text
from khcn.library.demo_flow import vietnamese_date
from khcn.library.demo_fonts import sans_family
from khcn.library.demo_layout import Para, Setter, Span
from khcn.library.demo_legacy import after_decoding, tcvn3_bytes
from khcn.library.demo_markup import inline_runs, parse_blocks, plain_inline, plain_text, to_html

WORKS = {work.id: work for work in load_demo_works()}
WITH_FILES = [work for work in WORKS.values() if work.render]
SCANS = [work for work in WITH_FILES if work.render == "scan"]
PLAN = WORKS["ke-hoach-82-2021"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("demo")
    return {work.id: build_file(work, folder) for work in WITH_FILES}


def of_kind(*renders: str) -> list[object]:
    return [pytest.param(work, id=work.id) for work in WITH_FILES if work.render in renders]


def words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u2011", "-").split())


def pieces(work: DemoWork) -> list[str]:
    """Every stretch of the body that must be found in the file: paragraphs, items, cells."""
    found: list[str] = []
    for block in work.blocks:
        if block.kind == "table":
            found += [plain_inline(cell) for row in block.rows for cell in row if cell]
        elif block.kind == "code":
            found += block.text.split("\n")
        else:
            found.append(plain_inline(block.text))
    return [words(piece) for piece in found if piece.strip()]


def pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    # The running page number stands alone on the first line of each later page.
    texts = [page.get_textpage().get_text_range() for page in document]
    texts = [re.sub(r"^\d+\r?\n", "", text) if number else text for number, text in enumerate(texts)]
    return words("\n".join(texts).replace("\ufffe", "-"))


def docx_text(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return words("\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))


# --- what the library holds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("article", 14),
        ("legal", 8),
        ("learning", 7),
        ("research", 3),
        ("link", 3),
        ("video", 2),
        ("document", 3),
        ("report", 3),
    ],
)
def test_enough_works_of_each_kind(kind: str, least: int) -> None:
    assert Counter(work.kind for work in WORKS.values())[kind] >= least


def test_enough_files_of_each_sort() -> None:
    renders = Counter(work.render for work in WITH_FILES)
    assert renders["scan"] >= 5
    assert renders["pdf"] >= 8
    assert renders["docx"] >= 8
    assert renders["tcvn3_rtf"] + renders["tcvn3_txt"] == 2
    assert renders["html"] >= 1
    assert renders["txt"] >= 1


def test_every_shelf_subject_and_audience_is_used() -> None:
    assert {term.key for term in load_demo_collections()} == {work.collection for work in WORKS.values()}
    assert {term.key for term in load_demo_subjects()} == {s for w in WORKS.values() for s in w.subjects}
    assert {audience for work in WORKS.values() for audience in work.audiences} == AUDIENCES
    assert len(load_demo_collections()) == 8


def test_every_text_is_finished_and_composed() -> None:
    for work in WORKS.values():
        whole = f"{work.title}\n{work.abstract}\n{work.body}"
        assert unicodedata.is_normalized("NFC", whole), work.id
        assert not re.search(r"TODO|FIXME|(?i:lorem ipsum)|\bXXX\b|\?\?\?", whole), work.id
        assert "`" not in work.body.replace("```", ""), work.id
        assert work.sources, work.id
        assert len(work.source_line) <= 500, work.id
        assert len(work.abstract) >= 60, work.id


def test_articles_are_as_long_as_a_reader_wants() -> None:
    for work in WORKS.values():
        if work.kind == "article":
            assert 350 <= len(plain_text(work.blocks).split()) <= 700, work.id


def test_tables_are_rectangular_with_a_named_header() -> None:
    for work in WORKS.values():
        for block in work.blocks:
            if block.kind == "table":
                assert len({len(row) for row in block.rows}) == 1, (work.id, block.rows[0])
                assert all(block.rows[0]), (work.id, block.rows[0])


def test_no_work_names_a_phone_or_an_identity_number() -> None:
    for work in WORKS.values():
        assert not re.search(r"(?<![\d.])0\d{8,10}(?!\d)|(?<![\d\"])\d{12}(?![\d\"])", work.body), work.id


def test_relations_point_to_works_held_or_name_a_number() -> None:
    amended = WORKS["luat-50-2005-so-huu-tri-tue"]
    amending = [
        work.id
        for work in WORKS.values()
        for relation in (work.legal.relations if work.legal else ())
        if relation.kind == "amends" and relation.target == amended.id
    ]
    assert len(amending) == 4
    for work in WORKS.values():
        for relation in work.legal.relations if work.legal else ():
            assert relation.target in WORKS or (not relation.target and relation.number and relation.title)


@pytest.mark.parametrize(
    ("work", "number", "effective", "expired"),
    [
        ("luat-93-2025-khoa-hoc-cong-nghe", "93/2025/QH15", date(2025, 10, 1), None),
        ("luat-29-2013-khoa-hoc-cong-nghe", "29/2013/QH13", date(2014, 1, 1), date(2025, 10, 1)),
        ("nghi-dinh-13-2023-bao-ve-du-lieu-ca-nhan", "13/2023/NĐ-CP", date(2023, 7, 1), date(2026, 1, 1)),
        ("nghi-quyet-57-nq-tw", "57-NQ/TW", date(2024, 12, 22), None),
        ("ke-hoach-82-2021", "82/KH-UBND", date(2021, 4, 12), None),
    ],
)
def test_numbers_and_validity(work: str, number: str, effective: date, expired: date | None) -> None:
    legal = WORKS[work].legal
    assert legal is not None
    assert (legal.full_number, legal.effective_date, legal.expired_date) == (number, effective, expired)


def test_a_replaced_law_expires_when_its_successor_begins() -> None:
    for work in WORKS.values():
        for relation in work.legal.relations if work.legal else ():
            if relation.kind == "replaces" and relation.target:
                old = WORKS[relation.target].legal
                assert old is not None and work.legal is not None
                assert old.expired_date == work.legal.effective_date


def test_no_two_official_documents_share_number_and_body() -> None:
    keys = [(work.legal.full_number, work.legal.organ_name) for work in WORKS.values() if work.legal]
    assert len(keys) == len(set(keys))


# --- plan 82 as data --------------------------------------------------------------------------------------------


def test_plan_data_quotes_the_plan() -> None:
    data = tomllib.loads((DEMO_DIR / "plan-82.toml").read_text(encoding="utf-8"))
    text = words(plain_text(PLAN.blocks)).lower()
    assert len(data["tasks"]) == 40
    # II.1.2 joins its heading to its sentence, and three clauses were split at a comma: the rest stands word for word.
    quoted = [task["id"] for task in data["tasks"] if words(task["text"]).lower().rstrip(".") in text]
    assert len(quoted) >= 36
    assert data["document"]["number"] == PLAN.legal.full_number if PLAN.legal else False


def test_plan_data_refers_only_to_what_it_defines() -> None:
    data = tomllib.loads((DEMO_DIR / "plan-82.toml").read_text(encoding="utf-8"))
    ids = {task["id"] for task in data["tasks"]}
    for task in data["tasks"]:
        assert task["kind"] in data["kinds"]
        assert task["section"] in data["sections"]
        assert task["lead"] in data["units"]
        assert set(task.get("cooperating", [])) <= set(data["units"])
        assert set(task["audience"]) <= set(data["audiences"])
        assert set(task.get("assigned_in", [])) <= ids
    assert len(data["reporting"]["reporters"]) == 21
    assert set(data["reporting"]["reporters"]) <= set(data["units"])


# --- files ------------------------------------------------------------------------------------------------------


def test_only_kinds_with_files_are_built(tmp_path: Path) -> None:
    assert {work.kind for work in WITH_FILES} == FILE_KINDS
    with pytest.raises(ValueError, match="has no file"):
        build_file(WORKS["dang-ky-nhan-hieu"], tmp_path)


def test_the_same_work_gives_the_same_bytes(built: dict[str, Path], tmp_path: Path) -> None:
    for render in ("pdf", "docx", "scan", "tcvn3_rtf", "tcvn3_txt", "html", "txt"):
        work = next(work for work in WITH_FILES if work.render == render)
        assert build_file(work, tmp_path).read_bytes() == built[work.id].read_bytes(), render


@pytest.mark.parametrize("work", of_kind("pdf"))
def test_text_of_a_pdf_reads_back(work: DemoWork, built: dict[str, Path]) -> None:
    text = pdf_text(built[work.id])
    for piece in pieces(work):
        assert piece in text
    if work.legal:
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
        assert work.legal.full_number in text
        assert vietnamese_date(work.legal.issued_date) in text


@pytest.mark.parametrize("work", of_kind("docx"))
def test_text_of_a_docx_reads_back(work: DemoWork, built: dict[str, Path]) -> None:
    text = docx_text(built[work.id])
    for piece in pieces(work):
        assert piece in text
    if work.legal:
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text


@pytest.mark.parametrize("work", of_kind("html", "txt"))
def test_text_of_html_and_txt_reads_back(work: DemoWork, built: dict[str, Path]) -> None:
    source = built[work.id].read_text(encoding="utf-8")
    text = words(re.sub(r"<[^>]+>", " ", source) if work.render == "html" else source)
    for piece in pieces(work):
        assert piece.replace(" ", "") in text.replace(" ", "")


@pytest.mark.parametrize("work", of_kind("tcvn3_rtf", "tcvn3_txt"))
def test_tcvn3_decodes_to_the_original(work: DemoWork, built: dict[str, Path]) -> None:
    raw = built[work.id].read_bytes()
    latin = raw.decode("latin-1")
    legacy = rtf_to_text(latin) if work.render == "tcvn3_rtf" else latin
    assert "trÝ tuÖ" in legacy  # "trí tuệ" as a reader without the old fonts sees it
    assert words(viparse.fix(legacy, encoding="tcvn3")) == words(after_decoding(document_text(work)))
    assert words(viparse.fix(legacy)) == words(after_decoding(document_text(work)))  # recognised unaided


def test_modern_texts_are_not_taken_for_legacy_ones() -> None:
    for work in WITH_FILES:
        text = document_text(work)
        assert words(viparse.fix(text)) == words(text), work.id


def test_scans_are_modest_images_without_a_text_layer(built: dict[str, Path]) -> None:
    for work in SCANS:
        document = pypdfium2.PdfDocument(built[work.id])
        size = built[work.id].stat().st_size
        assert size / len(document) < 170_000, work.id
        assert size < 400_000 or work is PLAN, work.id
        assert all(page.get_textpage().count_chars() == 0 for page in document), work.id


def test_a_scanned_page_is_skewed_paper_not_clean_white(built: dict[str, Path]) -> None:
    image = pypdfium2.PdfDocument(built[PLAN.id])[0].render(scale=1).to_pil().convert("L")
    low, high = image.getextrema()
    assert low < 110
    assert high < 255
    corner = image.crop((40, 780, 120, 830)).getcolors()
    assert corner is not None and len(corner) > 3  # grain, not one flat tone


@pytest.mark.ocr
@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")
def test_tesseract_reads_a_scan(built: dict[str, Path], tmp_path: Path) -> None:
    work = WORKS["luat-04-2011-do-luong"]
    image = tmp_path / "page.png"
    pypdfium2.PdfDocument(built[work.id])[0].render(scale=200 / 72).to_pil().save(image)
    command = ["tesseract", str(image), "-", "-l", "vie", "--dpi", "200"]
    read = words(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    wanted = {word for piece in pieces(work) for word in re.findall(r"\w+", piece.lower())}
    seen = set(re.findall(r"\w+", read.lower()))
    assert len(wanted & seen) / len(wanted) >= 0.97
    assert "04/2011/QH13" in read


# --- parts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("## A\n\nb\nc", ["heading", "paragraph"]),
        ("- a\n- b\n\n1. c", ["item", "item", "item"]),
        ("| a | b |\n|---|---|\n| 1 | |", ["table"]),
        ("```\nx = 1\n\ny = 2\n```\nafter", ["code", "paragraph"]),
        ("text\n- item", ["paragraph", "item"]),
    ],
)
def test_blocks(source: str, kinds: list[str]) -> None:
    assert [block.kind for block in parse_blocks(source)] == kinds


def test_inline_and_html_escape_what_they_must() -> None:
    assert [run.text for run in inline_runs("a **b** *c* [d](https://e.vn)")] == [
        "a ",
        "b",
        " ",
        "c",
        " ",
        "d",
    ]
    html = to_html(parse_blocks('1 < 2 **& [x](https://e.vn/?a=1&b="2")**'))
    assert "1 &lt; 2" in html
    assert "<strong>&amp; " in html
    assert to_html(parse_blocks("- a\n- b\n\nc")) == "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>c</p>"


def test_dates_as_decree_30_writes_them() -> None:
    assert vietnamese_date(date(2026, 6, 5)) == "ngày 05 tháng 6 năm 2026"
    assert vietnamese_date(date(2026, 2, 15)) == "ngày 15 tháng 02 năm 2026"


def test_tcvn3_has_no_letter_for_a_foreign_one() -> None:
    assert tcvn3_bytes("Đề") == b"\xa7\xd2"
    with pytest.raises(ValueError, match="no letter"):
        tcvn3_bytes("ñ")


def test_lines_never_run_over_the_margin() -> None:
    setter = Setter(sans_family())
    right = setter.margins.left + setter.width
    pages = setter.set([Para((Span("một hai ba bốn năm sáu bảy tám chín mười " * 30),), size=12)])
    lines = [piece for page in pages for piece in page.pieces]
    face = setter.family.face("regular")
    for piece in lines:
        end = piece.x + face.width(piece.text, piece.size) + piece.gap * piece.text.count(" ")
        assert end <= right + 0.01
    assert all(below.y > above.y for above, below in pairwise(lines))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('kind = "article"', 'kind = "poem"'), "field kind: poem"),
        (('rights = "cc-by-4.0"', 'rights = "mine"'), "field rights: mine"),
        (('language = "vi"', 'langauge = "vi"'), "field langauge: no such field"),
        (("issued = 2026-03-05\n", ""), "issued"),
        (('id = "dang-ky-nhan-hieu"', 'id = "khac"'), "field id: khac"),
        (('kind = "article"', 'kind = "learning"'), "field render: missing"),
        (("+++\nid", "id"), "front matter"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    source = (DEMO_DIR / "works" / "dang-ky-nhan-hieu.md").read_text(encoding="utf-8")
    path = tmp_path / "dang-ky-nhan-hieu.md"
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(DemoContentError, match=message):
        read_demo_work(path)
