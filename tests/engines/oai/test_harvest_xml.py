"""Hostile and broken XML: nothing is expanded, fetched or lost that need not be."""

import pytest

from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.limits import Limits
from khcn.engines.oai.xml import decode, read_answer, within_limits
from tests.oai_fake import OAI, FakeRecord

LIMITS = Limits()
BOMB = (
    '<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{"&" + chr(97 + n) + ";"}">' for n in range(20)
    )
    + "]><OAI-PMH>&u;</OAI-PMH>"
)
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><OAI-PMH>&x;</OAI-PMH>'
REMOTE = '<!doctype OAI-PMH SYSTEM "http://169.254.169.254/x.dtd"><OAI-PMH/>'


@pytest.mark.parametrize("text", [BOMB, EXTERNAL, REMOTE])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_before_anything_is_parsed(text: str, charset: str) -> None:
    with pytest.raises(HarvestError) as caught:
        read_answer(text.encode(charset), "text/xml", LIMITS)
    assert caught.value.code == "doctype"


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE html><html></html>", "Service unavailable", "", "<html><p>Đăng nhập", "{}"]
)
def test_what_is_no_xml_at_all(text: str) -> None:
    with pytest.raises(HarvestError) as caught:
        read_answer(text.encode(), "text/html", LIMITS)
    assert caught.value.code == "not_xml"


@pytest.mark.parametrize(
    ("body", "said", "text"),
    [
        ("<a>Ế</a>".encode(), "text/xml; charset=iso-8859-1", "<a>Ế</a>"),  # the header lies
        ('<?xml version="1.0" encoding="iso-8859-1"?><a>Ế</a>'.encode(), "", "Ế"),  # the document lies
        ('<?xml version="1.0" encoding="windows-1258"?><a>Đ</a>'.encode("cp1258"), "", "Đ"),
        ("<a>Ế</a>".encode("utf-16"), "", "<a>Ế</a>"),
        ("<a>Ế</a>".encode("utf-16-le"), "text/xml", "<a>Ế</a>"),
        ("\ufeff<a>Ế</a>".encode(), "", "<a>Ế</a>"),
        (
            '<?xml version="1.0" encoding="zlib"?><a>\xff</a>'.encode("latin-1"),
            "",
            "\ufffd",
        ),  # no codec but a trap
    ],
)
def test_charsets(body: bytes, said: str, text: str) -> None:
    found = decode(body, said)[0]
    assert text in found


def answer(*records: str, tail: str = "<resumptionToken>t1</resumptionToken>") -> bytes:
    return (
        f'<?xml version="1.0"?><OAI-PMH xmlns="{OAI}" xmlns:x="urn:x"><responseDate>2026-01-01T00:00:00Z'
        f"</responseDate><ListRecords>{''.join(records)}{tail}</ListRecords></OAI-PMH>"
    ).encode()


def good(number: int) -> str:
    return FakeRecord(f"oai:n:{number}", dc={"title": [f"Sách {number}"]}).xml()


def broken(number: int, inner: str) -> str:
    return FakeRecord(f"oai:n:{number}", raw=inner).xml()


@pytest.mark.parametrize(
    "inner",
    [
        "<dc><title>không đóng</dc>",
        "<dc><title>a < b</title></dc>",
        '<dc><title x="1" x="2">hai lần</title></dc>',
        "<dc><undeclared:title>y</undeclared:title></dc>",
        "<dc><![CDATA[ không hết",
    ],
)
def test_one_broken_record_does_not_cost_the_others(inner: str) -> None:
    reading = read_answer(answer(good(1), broken(2, inner), good(3)), "text/xml", LIMITS)
    assert reading.loose is not None
    found = {identifier: element is not None for identifier, element in reading.loose}
    assert found == {"oai:n:1": True, "oai:n:2": False, "oai:n:3": True}
    assert "t1" in "".join(reading.root.itertext())  # the way on is still known


@pytest.mark.parametrize(
    "inner",
    ["<dc>\x0b\x01</dc>", "<dc>&nbsp;&eacute;</dc>", "<dc>AT&T & Co</dc>", "<dc>&#11;&#0;&#xFFFF;</dc>"],
)
def test_small_faults_are_mended_where_they_stand(inner: str) -> None:
    reading = read_answer(answer(good(1), broken(2, inner)), "text/xml", LIMITS)
    assert reading.loose is None
    assert "repaired" in reading.notes


def test_an_answer_without_its_end_was_cut() -> None:
    whole = answer(good(1), good(2))
    for length in (len(whole) - 5, len(whole) // 2, 120):
        with pytest.raises(HarvestError) as caught:
            read_answer(whole[:length], "text/xml", LIMITS)
        assert caught.value.code == "cut"


def test_a_marc_record_inside_a_record_is_no_end() -> None:
    marc = '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>x</leader></record>'
    reading = read_answer(answer(broken(1, marc), broken(2, marc + "<"), good(3)), "", LIMITS)
    assert reading.loose is not None
    assert [element is not None for _identifier, element in reading.loose] == [True, False, True]


@pytest.mark.parametrize(
    "inner",
    [
        "<dc>" + "<a>" * 100 + "</a>" * 100 + "</dc>",
        f'<dc a="{"x" * 70_000}"/>',
        "<dc>" + "<a/>" * 30_000 + "</dc>",
    ],
)
def test_records_beyond_all_measure_are_left_out(inner: str) -> None:
    reading = read_answer(answer(broken(1, inner)), "", LIMITS)
    record = next(one for one in reading.root.iter() if str(one.tag).endswith("}record"))
    assert not within_limits(record, LIMITS)
