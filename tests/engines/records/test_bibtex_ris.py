"""BibTeX and RIS: expected entries, and hostile texts read back by a small reader of each format."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.records.bibtex import bibtex_file, bibtex_key, escape_bibtex, to_bibtex
from khcn.engines.records.csl import NO_TITLE, one_line
from khcn.engines.records.ris import ris_file, to_ris
from khcn.engines.records.types import Agent, Heading, Identifier
from tests.engines.cite.records import BOOK, HEADED, HOSTILE, LAW, SITE, record

_UNESCAPE = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\$": "$", r"\&": "&", r"\#": "#",
    r"\%": "%", r"\_": "_", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\textless{}": "<",
    r"\textgreater{}": ">", r"\textbar{}": "|",
}  # fmt: skip
_ESCAPED = re.compile("|".join(re.escape(key) for key in sorted(_UNESCAPE, key=len, reverse=True)))


def read_bibtex(text: str) -> list[dict[str, str]]:
    """Read entries as BibTeX does: braces counted whatever stands before them."""
    entries, at = [], 0
    while (start := text.find("@", at)) >= 0:
        head = re.compile(r"@(\w+)\{([^,\s]+),").match(text, start)
        assert head is not None, text[start : start + 60]
        entry, at = {"entry": head[1], "key": head[2]}, head.end()
        while (field := re.compile(r"\s*(\w+) = ").match(text, at)) is not None:
            at = field.end()
            if text[at] == "{":
                depth, first = 0, at
                while True:
                    depth += {"{": 1, "}": -1}.get(text[at], 0)
                    at += 1
                    if depth == 0:
                        break
                entry[field[1]] = text[first + 1 : at - 1]
            else:
                first, at = at, text.index(",", at)
                entry[field[1]] = text[first:at]
            assert text[at] == ","
            at += 1
        end = re.compile(r"\s*\}").match(text, at)
        assert end is not None, text[at : at + 60]
        at = end.end()
        entries.append(entry)
    return entries


def shown(value: str) -> str:
    """Return what LaTeX shows of a field."""
    inner = value[1:-1] if value.startswith("{") and value.endswith("}") else value
    return _ESCAPED.sub(lambda match: _UNESCAPE[match[0]], inner)


def read_ris(text: str) -> list[list[tuple[str, str]]]:
    """Read references: a tag, two blanks, a hyphen, a blank, a value; ER ends one."""
    references: list[list[tuple[str, str]]] = []
    lines: list[tuple[str, str]] = []
    for line in text.split("\r\n"):
        match = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line, re.S)
        assert match is not None or not line, repr(line)
        if match is None:
            continue
        if match[1] == "ER":
            references.append(lines)
            lines = []
        else:
            lines.append((match[1], match[2]))
    assert not lines
    return references


def test_a_book() -> None:
    assert to_bibtex(BOOK) == (
        "@book{nguyen2021giao-trinh-thu-1,\n"
        "  author = {Nguyễn, Văn An and Trần, Thị Bình},\n"
        "  title = {{Giáo trình thư viện số}},\n"
        "  year = {2021},\n"
        "  publisher = {Nhà xuất bản Giáo dục},\n"
        "  isbn = {978-0-306-40615-7},\n"
        "  doi = {10.1000/xyz},\n"
        f"  url = {{{SITE}/ark:/99999/k1x}},\n"
        "  language = {vietnamese},\n"
        "}\n"
    )
    assert to_ris(BOOK) == "\r\n".join(
        [
            "TY  - BOOK", "ID  - khcn-1", "AU  - Nguyễn, Văn An", "AU  - Trần, Thị Bình", "TI  - Giáo trình thư viện số",
            "PY  - 2021", "PB  - Nhà xuất bản Giáo dục", "SN  - 978-0-306-40615-7", "DO  - 10.1000/xyz",
            f"UR  - {SITE}/ark:/99999/k1x", "LA  - vi", "ER  - ", "", "",
        ]
    )  # fmt: skip


def test_a_law() -> None:
    entry = read_bibtex(to_bibtex(LAW))[0]
    assert entry == {
        "entry": "misc", "key": "chinh2020nghi-dinh-ve-2", "author": "{Chính phủ}", "month": "mar", "date": "2020-03-05",
        "title": "{Nghị định về công tác văn thư}", "year": "2020", "publisher": "Chính phủ", "address": "Hà Nội",
        "type": "Nghị định", "number": "30/2020/NĐ-CP", "url": f"{SITE}/ark:/99999/k2x", "language": "vietnamese",
    }  # fmt: skip
    tags = dict(read_ris(to_ris(LAW))[0])
    assert (tags["TY"], tags["AU"], tags["VL"], tags["DA"], tags["CY"]) == (
        "STAT", "Chính phủ", "30/2020/NĐ-CP", "2020/03/05", "Hà Nội",
    )  # fmt: skip


def hostile(text: str, number: int = 7) -> Any:
    return record(
        number, title=text or "x", creators=(Agent(text or "x", "organisation"), Agent(f"Lê {text}")), publisher=text,
        abstract=text, source=text, subjects=(Heading("a", text),), identifiers=(Identifier("doi", text),),
        resource_type=text, address=text,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", [HOSTILE, "}", "{", "}}\n@book{x, title={y}}", "\\", "%", "a}, url = {evil", " and ", "ER  - "]
)
def test_hostile_texts_stay_in_their_fields(text: str) -> None:
    works = [hostile(text), BOOK]
    entries = read_bibtex("".join(bibtex_file(works)))
    assert [entry["key"] for entry in entries][1:] == ["nguyen2021giao-trinh-thu-1"] and len(entries) == 2
    assert shown(entries[0]["title"]) == one_line(text)
    references = read_ris("".join(ris_file(works)))
    assert len(references) == 2
    assert [value for tag, value in references[0] if tag == "TI"] == [one_line(text)]
    assert [value for tag, value in references[0] if tag == "TY"] == [
        "GEN" if not text.strip() else dict(references[0])["TY"]
    ]


@given(st.text(max_size=80))
def test_any_text_comes_back(text: str) -> None:
    wanted = (one_line(text) if text else "x") or NO_TITLE
    entry = read_bibtex(to_bibtex(hostile(text)))[0]
    assert shown(entry["title"]) == wanted
    reference = read_ris(to_ris(hostile(text)))[0]
    assert dict(reference)["TI"] == wanted and entry["key"].isascii()


def test_keys_are_ascii_stable_and_different() -> None:
    one = record(1, title="Đổi mới, sáng tạo & Đường phố", creators=(Agent("Đỗ Thị Ươm"),), year=2020)
    two = record(2, title="Đổi mới, sáng tạo & Đường phố", creators=(Agent("Đỗ Thị Ươm"),), year=2020)
    assert (bibtex_key(one), bibtex_key(two)) == ("do2020doi-moi-sang-1", "do2020doi-moi-sang-2")
    assert bibtex_key(record(3, title="中文")) == "nd-3"


def test_addresses_are_encoded_and_not_twice() -> None:
    entry = read_bibtex(to_bibtex(record(kind="link", address="https://x.vn/a b?q=%C3%A9&r=#z{}é")))[0]
    assert entry["url"] == "https://x.vn/a\\%20b?q=\\%C3\\%A9&r=\\#z\\%7B\\%7D\\%C3\\%A9"


def test_the_rest_of_ris() -> None:
    pairs = read_ris(to_ris(HEADED))[0]
    tags = dict(pairs)
    assert (tags["KW"], tags["AB"], tags["TT"], tags["TI"]) == ("Năng lượng", "Một. Hai.", "A star B", "A*B")


def test_escape() -> None:
    assert escape_bibtex("~^") == r"\textasciitilde{}\textasciicircum{}"
