"""Files that are no document, locked or made to harm: one Vietnamese sentence each, quickly, and nothing fetched."""

import io
import json
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from khcn.core.papers.check.package import MOST_PART_BYTES, UnreadableError
from khcn.core.papers.checker import check_document
from khcn.core.papers.command import main
from tests.core.papers.others import MAIN_TYPE, SPACES, Maker, Wish, packed

GOOD = f"<w:document {SPACES}><w:body><w:p><w:r><w:t>Một</w:t></w:r></w:p></w:body></w:document>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def document(xml: str) -> bytes:
    return packed({"word/document.xml": xml})


def locked_entry() -> bytes:
    """Return a ZIP whose entries say that they are encrypted."""
    data = bytearray(document(GOOD))
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        flags = struct.unpack_from("<H", data, place + 8)[0]
        struct.pack_into("<H", data, place + 8, flags | 1)
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


XXE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE d [" + '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip
DEEP = (
    f"<w:document {SPACES}><w:body>"
    + "<w:sdt><w:sdtContent>" * 5000
    + "</w:sdtContent></w:sdt>" * 5000
    + "</w:body></w:document>"
)
NESTED = "<w:tbl><w:tr><w:tc>" * 60 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 60

HOSTILE: list[tuple[str, bytes, str]] = [
    ("empty", b"", "empty"),
    ("text", b"hello", "not-docx"),
    ("pdf", b"%PDF-1.7\n", "pdf"),
    ("rtf", b"{\\rtf1 x}", "rtf"),
    ("old word", OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "doc"),
    ("password", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ("cut off", document(GOOD)[:300], "broken"),
    ("zip of anything", zipped({"a.txt": b"x"}), "not-docx"),
    ("odt", zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), "odt"),
    ("locked entries", locked_entry(), "encrypted"),
    ("macro project", packed({"word/document.xml": GOOD, "word/vbaProject.bin": b"x"}), "macro"),
    ("macro type", packed({"word/document.xml": GOOD}, main_type=MAIN_TYPE.replace("openxmlformats-officedocument.wordprocessingml.document.main", "ms-word.document.macroEnabled.main")), "macro"),
    ("broken XML", document("<w:document><w:body>"), "broken"),
    ("no body", document(f"<w:document {SPACES}/>"), "broken"),
    ("another root", document("<x/>"), "not-docx"),
    ("entities from files", document(XXE + GOOD.replace("Một", "&x;")), "dtd"),
    ("billion laughs", document(LAUGHS + GOOD.replace("Một", "&j;")), "dtd"),
    ("too deep", document(DEEP), "broken"),
    ("bomb", document(GOOD + " " * (MOST_PART_BYTES + 10)), "bomb"),
    ("very many entries", zipped({f"{n}": b"" for n in range(5001)}), "bomb"),
    ("no main part", zipped({"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>"}), "broken"),
    ("no relations", zipped({"[Content_Types].xml": b"<Types/>"}), "broken"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"), [pytest.param(data, code, id=name) for name, data, code in HOSTILE]
)
def test_what_cannot_be_checked_is_refused_with_a_sentence(data: bytes, code: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UnreadableError) as caught:
        check_document(data)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert time.perf_counter() - started < 5


ODD: list[tuple[str, str]] = [
    ("nothing in it", f"<w:document {SPACES}><w:body/></w:document>"),
    ("only a table", f"<w:document {SPACES}><w:body>{NESTED}</w:body></w:document>"),
    ("styles that are not there", GOOD.replace("<w:p>", "<w:p><w:pPr><w:pStyle w:val='X'/><w:numPr><w:numId w:val='9'/></w:numPr></w:pPr>")),
    ("measures that are none", GOOD.replace("<w:p>", "<w:p><w:pPr><w:ind w:left='x'/><w:spacing w:line='?' w:after='-'/></w:pPr>")),
    ("page of no size", GOOD.replace("</w:body>", "<w:sectPr><w:pgSz w:w='0' w:h='a'/><w:pgMar w:top='z'/></w:sectPr></w:body>")),
    ("grid of nothing", GOOD.replace("</w:body>", "<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc/></w:tr></w:tbl></w:body>")),
    ("huge spans", GOOD.replace("</w:body>", "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='999999999'/></w:tcPr><w:p/></w:tc></w:tr></w:tbl></w:body>")),
    ("fields that never end", GOOD.replace("<w:t>", "<w:fldChar w:fldCharType='begin'/><w:instrText>PAGE</w:instrText><w:t>")),
]  # fmt: skip


@pytest.mark.parametrize("xml", [pytest.param(xml, id=name) for name, xml in ODD])
def test_what_is_odd_is_judged_all_the_same(xml: str) -> None:
    result = check_document(document(xml))
    assert "national.present" in {finding.rule for finding in result.broken}
    json.dumps(result.as_json())


def test_styles_based_on_each_other_in_a_circle_end() -> None:
    ring = "".join(
        f"<w:style w:type='paragraph' w:styleId='{one}'><w:basedOn w:val='{other}'/></w:style>"
        for one, other in ("ab", "ba")
    )
    styles = f"<w:styles {SPACES}>{ring}</w:styles>"
    xml = GOOD.replace("<w:p>", "<w:p><w:pPr><w:pStyle w:val='a'/></w:pPr>")
    assert not check_document(packed({"word/document.xml": xml, "word/styles.xml": styles})).conforms


def test_a_long_document_is_judged_in_time() -> None:
    docx = Maker(
        Wish(body=["Các đơn vị đã tổ chức thực hiện nhiệm vụ được giao theo đúng tiến độ đề ra."] * 3000)
    ).make()
    started = time.perf_counter()
    assert check_document(docx).conforms
    assert time.perf_counter() - started < 20


# ---- the command ------------------------------------------------------------------------------------------


def test_the_command_prints_one_json_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bao-cao.docx"
    path.write_bytes(Maker(Wish(number="Số: 5/BC-SKHCN")).make())
    assert main(["check", str(path), "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert printed.err == ""
    assert set(found) == {"file", "conforms", "type", "type_code", "kept", "broken", "not_applicable"}
    assert (found["file"], found["conforms"], found["type"]) == (str(path), False, "Báo cáo")
    (row,) = found["broken"]
    assert (row["rule"], row["expected"], row["got"]) == ("number.zero", "05", "5")
    assert "Số: 5/BC-SKHCN" in row["where"]
    assert row["message"].startswith("Số nhỏ hơn 10")
    assert {"rule": "national.present"}.items() <= found["kept"][0].items() or any(
        one["rule"] == "national.present" and one["where"] for one in found["kept"]
    )


def test_the_command_reads_like_a_list_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong, right = tmp_path / "sai.docx", tmp_path / "dung.docx"
    wrong.write_bytes(Maker(Wish(motto="", number="Số: 5/BC-SKHCN")).make())
    right.write_bytes(Maker(Wish()).make())
    assert main(["check", str(wrong)]) == 0
    text = capsys.readouterr().out
    assert "Chưa đúng thể thức: 2 điểm cần sửa" in text
    assert text.index("Tiêu ngữ") < text.index("Số nhỏ hơn 10")  # the gravest first
    assert main(["check", str(right)]) == 0
    assert "Đúng thể thức" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b""), "rỗng"),
        (lambda path: path.mkdir(), "thư mục"),
        (lambda _path: None, "không có tệp"),
        (lambda path: path.write_bytes(OLE), ".doc"),
    ],
)
def test_what_cannot_be_read_ends_with_a_sentence_and_a_status(
    make, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # type: ignore[no-untyped-def]  # lambdas of this table
    path = tmp_path / "x.docx"
    make(path)
    assert main(["check", str(path), "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err


def test_the_real_command_needs_no_database_and_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(Maker(Wish()).make())
    code = f"from khcn.cli import main; main(['document', 'check', r'{path}', '--json'])"
    env = {"KHCN_DATA_DIR": str(tmp_path / "nothing-here"), "PATH": "/usr/bin:/bin"}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert time.perf_counter() - started < 15  # alone it takes half a second
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["conforms"] is True
    assert not (tmp_path / "nothing-here").exists()
