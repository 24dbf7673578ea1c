"""Files are told by content; names only ever add a warning."""

from pathlib import Path

import pytest

from khcn.engines.documents.identify import identify
from khcn.engines.documents.types import ExtractionError
from tests.engines.documents.builders import compound, docx, odf, paragraph, plain_pdf, pptx, zipped

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
XLSX = zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})

CASES = [
    ("a.pdf", plain_pdf(1), "pdf"),
    ("late-header.pdf", b"\n" * 500 + plain_pdf(1), "pdf"),
    ("a.docx", docx(paragraph("Chào")), "docx"),
    ("a.xlsx", XLSX, "xlsx"),
    ("a.pptx", pptx(["Chào"]), "pptx"),
    ("a.odt", odf("text", ""), "odt"),
    ("a.ods", odf("spreadsheet", ""), "ods"),
    ("a.odp", odf("presentation", ""), "odp"),
    ("a.zip", zipped({"a.txt": "x"}), "zip"),
    ("a.doc", compound({"WordDocument": b""}), "doc"),
    ("a.xls", compound({"Workbook": b""}), "xls"),
    ("old.xls", compound({"Book": b""}), "xls"),
    ("a.ppt", compound({"PowerPoint Document": b""}), "ppt"),
    ("a.rtf", b"{\\rtf1 x}", "rtf"),
    ("a.html", b"<!DOCTYPE html><p>x</p>", "html"),
    ("saved-by-word.doc", b"<html xmlns:o='urn:x'><body>x</body></html>", "html"),
    ("a.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>', "svg"),
    ("a.txt", "Quyết định".encode(), "text"),
    ("a.txt", "Quyết định".encode("utf-16"), "text"),
    ("a.txt", "Plain words in two bytes".encode("utf-16-le"), "text"),
    ("viscii.txt", b"C\xb5ng h\xf2a x\xe3 h\xb5i\n" * 20 + b"\x02\x05", "text"),
    ("a.md", b"# Title\n\ntext", "markdown"),
    ("notes.txt", b"# Title\n\n- a\n- b\n", "text"),
    ("", b"# Title\n\n- a\n- b\n[x](y)", "markdown"),
    ("a.jsonl", b'{"id": 1}\n{"id": 2}\n', "jsonl"),
    ("broken-line.jsonl", b'{"id": 1}\n{"id": \n{"id": 3}\n', "jsonl"),
    ("a.png", PNG, "png"),
    ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 64, "jpeg"),
    ("a.tif", b"II*\0" + b"\0" * 64, "tiff"),
    ("a.webp", b"RIFF\0\0\0\0WEBP", "webp"),
    ("a.exe", b"MZ\x90\0" + b"\0" * 60, "executable"),
    ("report.pdf", b"\x7fELF\x02\x01", "executable"),
    ("run.txt", b"#!/bin/sh\nrm -rf /\n", "executable"),
    ("app.zip", zipped({"META-INF/MANIFEST.MF": "x", "a.class": "x"}), "executable"),
    ("app.apk", zipped({"AndroidManifest.xml": "x"}), "executable"),
    ("a.bin", bytes(range(256)) * 8, "unknown"),
    ("a.rar", b"Rar!\x1a\x07\x01\0" + b"\0" * 50, "unknown"),
]


@pytest.mark.parametrize(
    ("name", "content", "kind"), CASES, ids=[f"{name}-{kind}" for name, _, kind in CASES]
)
def test_kind_comes_from_content(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    assert identify(path, name).kind == kind


def _codes(tmp_path: Path, name: str, content: bytes) -> list[str]:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return [notice.code for notice in identify(path, name).notices]


def test_wrong_extension_is_said_and_right_one_is_not(tmp_path: Path) -> None:
    assert _codes(tmp_path, "a.docx", plain_pdf(1)) == ["extension"]
    assert _codes(tmp_path, "a.PDF", plain_pdf(1)) == []
    assert _codes(tmp_path, "82.KH-UBND", plain_pdf(1)) == []  # a number with a dot is not an ending


def test_macros_are_said(tmp_path: Path) -> None:
    assert _codes(tmp_path, "a.docm", docx("", word__vbaProject_bin="x")) == []
    assert _codes(tmp_path, "a.docm", zipped({"[Content_Types].xml": "", "word/document.xml": "", "word/vbaProject.bin": "x"})) == ["macros"]  # fmt: skip
    assert _codes(tmp_path, "a.doc", compound({"WordDocument": b""}, ("Macros",))) == ["macros"]


def test_polyglots_are_what_they_are_first(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(plain_pdf(1) + zipped({"evil.exe": b"MZ"}))
    identity = identify(path, "a.pdf")
    assert identity.kind == "pdf"
    assert [(notice.code, notice.params["type"]) for notice in identity.notices] == [("polyglot", "ZIP")]
    assert _codes(tmp_path, "a.pdf", b"<html><script>x</script></html>" + plain_pdf(1)) == ["polyglot"]


def test_encryption_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    for content in (
        compound({"EncryptedPackage": b"", "EncryptionInfo": b""}),
        compound({"WordDocument": b"\xec\xa5\xc1\0\0\0\0\0\0\0\0\x01" + b"\0" * 20}),
        compound({"Workbook": b"\x09\x08\x10\0" + b"\0" * 16 + b"\x2f\0\x06\0" + b"\0" * 6}),
    ):
        path.write_bytes(content)
        assert identify(path, "a.doc").encrypted
    path.write_bytes(compound({"WordDocument": b"\xec\xa5\xc1\0\0\0\0\0\0\0\0\0"}))
    assert not identify(path, "a.doc").encrypted


def test_empty_and_missing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(ExtractionError) as empty:
        identify(tmp_path / "empty")
    assert empty.value.code == "empty"
    with pytest.raises(ExtractionError) as missing:
        identify(tmp_path / "none")
    assert missing.value.code == "missing"


def test_broken_containers_never_loop(tmp_path: Path) -> None:
    whole = compound({"WordDocument": b"x"})
    looping = bytearray(whole)
    looping[516:520] = (1).to_bytes(4, "little")  # the directory's first sector follows itself
    path = tmp_path / "upload"
    for content in (
        whole[:600],
        whole[:100],
        bytes(looping),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600,
    ):
        path.write_bytes(content)
        assert identify(path, "a.doc").kind in {"doc", "unknown"}
