"""MARC files of others: old encodings, wrong lengths, hostile XML, lines as catalogues print them."""

import time
import unicodedata
from pathlib import Path

import pymarc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymarc import Field, Indicators, Subfield

from khcn.engines.records.marc_files import MAX_RECORD, MarcItem, read_marc
from khcn.engines.records.marc_values import from_marc

TITLE = "Giáo trình kỹ thuật số và lập trình hợp ngữ"
NAME = "Nguyễn Thị Phương Thảo"


def a_record(title: str = TITLE, name: str = NAME, control: str = "vtls000012345") -> pymarc.Record:
    record = pymarc.Record(force_utf8=True)
    record.add_field(Field("001", data=control))
    record.add_field(Field("100", Indicators("0", " "), [Subfield("a", name + ",")]))
    record.add_field(Field("245", Indicators("1", "0"), [Subfield("a", title + " /"), Subfield("c", name)]))
    return record


def items(tmp_path: Path, data: bytes) -> list[MarcItem]:
    path = tmp_path / "file.mrc"
    path.write_bytes(data)
    return list(read_marc(path))


def titles(found: list[MarcItem]) -> list[str]:
    return [from_marc(one.record).values.get("title", "") if one.record else f"!{one.fault}" for one in found]


def recoded(record: pymarc.Record, codec: str) -> bytes:
    """Return a record whose text is in another encoding, its lengths right, its leader that of MARC-8."""
    plain = record.as_marc()
    fields = [(field.tag, field.as_marc("utf-8").decode().encode(codec)) for field in record.fields]
    directory, body = b"", b""
    for tag, data in fields:
        directory += f"{tag}{len(data):04d}{len(body):05d}".encode()
        body += data
    base = 24 + len(directory) + 1
    total = base + len(body) + 1
    leader = f"{total:05d}nam  22{base:05d}".encode() + plain[17:24]
    return leader + directory + b"\x1e" + body + b"\x1d"


def test_marc_8_is_read(tmp_path: Path) -> None:
    # "Nguyễn Thị" in ANSEL: marks stand before their letter; tilde E4, circumflex E3, dot below F2.
    record = a_record("X", "N")
    raw = recoded(record, "utf-8")
    old = raw.replace(b"X /", b"Nguy\xe4\xe3en Th\xf2i \xb3o /")
    found = items(tmp_path, old)
    assert found[0].encoding == "marc-8"
    assert titles(found) == ["Nguyễn Thị đo"]


@pytest.mark.parametrize("codec", ["cp1258"])
def test_windows_code_page(tmp_path: Path, codec: str) -> None:
    # cp1258 has letters and combining marks apart: the decomposed form of some letters
    said = "Giáo trình số liệu"
    spelled = "".join(_cp1258(sign) for sign in said)
    record = a_record(spelled, "Le")
    found = items(tmp_path, recoded(record, codec))
    assert titles(found) == [said]


def _cp1258(sign: str) -> str:
    try:
        sign.encode("cp1258")
    except UnicodeEncodeError:
        apart = unicodedata.normalize("NFD", sign)
        tones = [mark for mark in apart[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"]
        rest = [mark for mark in apart[1:] if mark not in tones]
        return unicodedata.normalize("NFC", apart[0] + "".join(rest)) + "".join(tones)
    return sign


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("Gi¸o tr×nh kü thuËt sè vµ lËp tr×nh hîp ng÷", TITLE),  # TCVN3
        ("Giaùo trình kyõ thuaät soá vaø laäp trình hôïp ngöõ", TITLE),  # VNI
    ],
)
def test_font_encodings(tmp_path: Path, old: str, said: str) -> None:
    for data in (a_record(old, "N").as_marc(), recoded(a_record(old, "N"), "latin-1")):
        assert titles(items(tmp_path, data)) == [said]


def test_decomposed_letters_become_one_form(tmp_path: Path) -> None:
    data = a_record(unicodedata.normalize("NFD", TITLE)).as_marc()
    assert titles(items(tmp_path, data)) == [TITLE]


def test_a_leader_that_lies_about_utf8(tmp_path: Path) -> None:
    data = bytearray(a_record().as_marc())
    data[9:10] = b" "
    assert titles(items(tmp_path, bytes(data))) == [TITLE]


def test_wrong_lengths_and_directories_cost_nothing_or_one_record(tmp_path: Path) -> None:
    good = a_record().as_marc()
    wrong_total = b"99999" + good[5:]
    wrong_base = good[:12] + b"00001" + good[17:]
    wrong_entry = good[:27] + b"9999" + good[31:]
    broken = good[:24] + b"xxx" + good[40:]
    rubbish = b"\x00\xff" * 40
    data = good + b"\r\n" + wrong_total + wrong_base + wrong_entry + broken + rubbish + b"\x1d" + good
    found = items(tmp_path, data)
    assert titles(found)[:4] == [TITLE] * 4
    assert titles(found)[-1] == TITLE
    assert all(one.fault in {"directory", "leader"} for one in found[4:-1])
    assert [one.mended for one in found[:4]] == [False, False, True, True]


def test_a_record_without_end_is_not_kept_in_memory(tmp_path: Path) -> None:
    good = a_record().as_marc()
    found = items(tmp_path, good + b"0" * (MAX_RECORD + 100_000) + b"\x1d" + good)
    assert titles(found) == [TITLE, "!too-long", TITLE]


def test_cut_off_file(tmp_path: Path) -> None:
    good = a_record().as_marc()
    found = items(tmp_path, good + good[:100])
    assert titles(found)[0] == TITLE
    assert len(found) == 2


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7 ...", b"{}", b"\xff\xfe\x00"])
def test_what_is_no_marc(tmp_path: Path, data: bytes) -> None:
    found = items(tmp_path, data)
    assert [one.fault for one in found if one.record is None] in (["not-marc"], ["xml"])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 300))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    good = a_record().as_marc()
    path = tmp_path_factory.getbasetemp() / "noise.mrc"
    path.write_bytes(good[:at] + noise + good[at:] + good)
    for item in read_marc(path):
        if item.record is not None:
            from_marc(item.record)


XML = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>00000nam a2200000 a 4500</leader>
<controlfield tag="001">1</controlfield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title}</subfield></datafield></record></collection>"""


def test_marcxml(tmp_path: Path) -> None:
    assert titles(items(tmp_path, XML.format(doctype="", title=TITLE).encode())) == [TITLE]
    no_namespace = XML.format(doctype="", title=TITLE).replace(' xmlns="http://www.loc.gov/MARC21/slim"', "")
    assert titles(items(tmp_path, no_namespace.encode())) == [TITLE]
    assert titles(
        items(tmp_path, XML.format(doctype="", title=TITLE).replace("UTF-8", "UTF-16").encode("utf-16"))
    ) == [TITLE]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE c SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_hostile_xml_is_refused(tmp_path: Path, doctype: str) -> None:
    for coding in ("utf-8", "utf-16"):
        document = XML.format(doctype=doctype, title="&x;&a;&b;" if "ENTITY" in doctype else "x")
        found = items(tmp_path, document.replace("UTF-8", coding).encode(coding))
        assert found[0].record is None
        assert found[0].fault in {"doctype", "xml"}


def test_deep_and_huge_xml_ends_soon(tmp_path: Path) -> None:
    start = time.monotonic()
    deep = b"<collection>" + b"<record>" * 100_000
    wide = b'<collection><record><leader x="' + b"a" * 12_000_000 + b'"/></record></collection>'
    for document in (deep, wide):
        assert items(tmp_path, document)[-1].record is None
    assert time.monotonic() - start < 20


def test_records_before_the_fault_are_kept(tmp_path: Path) -> None:
    document = XML.format(doctype="", title=TITLE).replace("</collection>", "<record><leader>")
    assert titles(items(tmp_path, document.encode())) == [TITLE, "!xml"]


@pytest.mark.parametrize(
    "lines",
    [
        "=LDR  00000nam a2200000 a 4500\n=001  12\n=100  0\\$aNguyễn Văn A\n=245  10$aTiêu đề :$bphụ đề /$cNguyễn Văn A\n",
        "LDR 00000nam\n001 12\n100 0_ |a Nguyễn Văn A\n245 10 |a Tiêu đề : |b phụ đề / |c Nguyễn\n       Văn A\n",
        "001    12\n100 0# $aNguyễn Văn A\n245 10 $aTiêu đề :$bphụ đề /$cNguyễn Văn A\n",
    ],
)
def test_lines_as_catalogues_print_them(tmp_path: Path, lines: str) -> None:
    found = items(tmp_path, (lines + "\n" + lines).encode("utf-8-sig"))
    assert titles(found) == ["Tiêu đề: phụ đề"] * 2
    assert found[0].record is not None
    reading = from_marc(found[0].record)
    assert reading.control == "12"
    assert reading.values["creators"] == [{"name": "Nguyễn Văn A"}]


def test_a_record_of_an_old_vietnamese_catalogue() -> None:
    record = pymarc.Record(force_utf8=True)
    for tag, marks, parts in [
        ("020", "  ", "aISBN 8935;|a9786040000011 (bìa mềm)"),
        ("041", "1 ", "avie"),
        ("082", "04", "a621.3/815"),
        ("100", "0 ", "aTrần Bá Thái,|eChủ biên"),
        ("245", "10", "aMạng máy tính :|blý thuyết và thực hành /|cTrần Bá Thái (ch.b.)"),
        ("260", "  ", "aH. :|bGiáo dục,|c2005."),
        ("300", "  ", "a210tr. ;|c24cm"),
        ("650", " 7", "aTin học.|xMạng"),
        ("653", "  ", "amạng máy tính"),
        ("700", "0 ", "aLê Văn B,|eNgười dịch"),
        ("852", "  ", "aKho đọc|jVV05.1234"),
    ]:
        subfields = [Subfield(part[0], part[1:]) for part in parts.split("|")]
        record.add_field(Field(tag, Indicators(marks[0], marks[1]), subfields))
    values = from_marc(record).values
    assert values["title"] == "Mạng máy tính: lý thuyết và thực hành"
    assert values["creators"] == [{"name": "Trần Bá Thái", "role": "edt"}]
    assert values["contributors"] == [{"name": "Lê Văn B", "role": "trl"}]
    assert (values["publisher"], values["issued"], values["ddc"], values["language"]) == (
        "Giáo dục", "2005", "621.3815", "vi",
    )  # fmt: skip
    assert values["subjects"] == ["Tin học - Mạng", "mạng máy tính"]
    assert values["marc"] == {"852": ["$aKho đọc$jVV05.1234"]}
