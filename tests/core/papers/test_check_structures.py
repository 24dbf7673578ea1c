"""The same document in other structures: Word's own markup, text boxes, drawn lines, themes, numbering, tracked changes, and
what LibreOffice makes of it.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from khcn.core.papers.checker import check_document
from tests.core.papers.others import LONG, SPACES, THEME, Maker, Wish, packed

TNR = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
PAGE = (
    '<w:sectPr>{refs}<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="851" w:bottom="1134" w:left="1701" '
    'w:header="567" w:footer="567" w:gutter="0"/><w:titlePg/></w:sectPr>'
)
HEADER = (
    f"<w:hdr {SPACES}><w:sdt><w:sdtPr/><w:sdtContent><w:p><w:pPr><w:pStyle w:val='Header'/><w:jc w:val='center'/></w:pPr>"
    "<w:r><w:rPr><w:sz w:val='26'/></w:rPr><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:rPr><w:sz w:val='26'/></w:rPr>"
    "<w:instrText> PAGE   \\* MERGEFORMAT </w:instrText></w:r><w:r><w:rPr><w:sz w:val='26'/></w:rPr>"
    "<w:fldChar w:fldCharType='separate'/></w:r><w:r><w:rPr><w:sz w:val='26'/></w:rPr><w:t>2</w:t></w:r>"
    "<w:r><w:rPr><w:sz w:val='26'/></w:rPr><w:fldChar w:fldCharType='end'/></w:r></w:p></w:sdtContent></w:sdt></w:hdr>"
)
# the look comes from styles and the theme alone: no direct formatting anywhere
STYLES = f"""<w:styles {SPACES}><w:docDefaults><w:rPrDefault><w:rPr>
<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/><w:sz w:val="22"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="259" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Header"><w:name w:val="header"/><w:basedOn w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Head"><w:name w:val="Head"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="0"
 w:line="240" w:lineRule="auto"/><w:jc w:val="center"/></w:pPr><w:rPr><w:sz w:val="24"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="HeadBold"><w:name w:val="HB"/><w:basedOn w:val="Head"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Motto"><w:name w:val="M"/><w:basedOn w:val="HeadBold"/><w:rPr><w:sz w:val="26"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Number"><w:name w:val="N"/><w:basedOn w:val="Head"/><w:rPr><w:sz w:val="26"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Day"><w:name w:val="D"/><w:basedOn w:val="Number"/><w:rPr><w:i/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Body"><w:name w:val="B"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:before="120"
 w:after="0" w:line="264" w:lineRule="auto"/><w:ind w:firstLine="720"/><w:jc w:val="both"/></w:pPr><w:rPr><w:sz w:val="28"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="List"><w:name w:val="L"/><w:basedOn w:val="Body"/><w:pPr><w:numPr><w:numId w:val="1"/>
</w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="To"><w:name w:val="T"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="0"/></w:pPr>
<w:rPr><w:sz w:val="22"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Strong"><w:name w:val="S"/><w:rPr><w:b/></w:rPr></w:style></w:styles>"""
NUMBERING = f"""<w:numbering {SPACES}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="{{format}}"/><w:lvlText w:val="{{text}}"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""


def para(text: str, style: str, extra: str = "", look: str = "") -> str:
    run = f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>" if text else ""
    return f"<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr>{run}{extra}</w:p>"


def drawn(wide_mm: float) -> str:
    """Return a line as Word draws it: DrawingML, with VML for older readers."""
    emu = round(wide_mm * 36000)
    return (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor>"
        "<wp:positionH relativeFrom='column'><wp:posOffset>500000</wp:posOffset></wp:positionH>"
        f"<wp:extent cx='{emu}' cy='0'/><a:graphic><a:graphicData uri='x'><wps:wsp><wps:spPr><a:xfrm>"
        f"<a:off x='0' y='0'/><a:ext cx='{emu}' cy='0'/></a:xfrm><a:prstGeom prst='line'/></wps:spPr></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:line from='10pt,2pt' to='{10 + wide_mm * 2.8346:.1f}pt,2pt'/></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def vml(wide_mm: float) -> str:
    """Return a line as Word 2003 drew it."""
    return f"<w:r><w:pict><v:line from='10pt,2pt' to='{10 + wide_mm * 2.8346:.1f}pt,2pt'/></w:pict></w:r>"


def connector(wide_mm: float) -> str:
    """Return a line as a straight connector of VML."""
    style = f"position:absolute;margin-left:30pt;width:{wide_mm * 2.8346:.1f}pt;height:0"
    return f"<w:r><w:pict><v:shape type='#_x0000_t32' style='{style}'/></w:pict></w:r>"


def cell(inside: str, width: int) -> str:
    return f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/></w:tcPr>{inside}</w:tc>"


def head(line=drawn, motto: str = "Độc lập - Tự do - Hạnh phúc") -> str:  # type: ignore[no-untyped-def]  # a function of this file
    left = para("UBND THÀNH PHỐ THỦ ĐỨC", "Head") + para("PHÒNG KINH TẾ", "HeadBold", line(15))
    right = para("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "HeadBold") + para(motto, "Motto", line(56))
    rows = f"<w:tr>{cell(left, 3600)}{cell(right, 5760)}</w:tr>"
    rows += f"<w:tr>{cell(para('Số: 12/BC-KT', 'Number'), 3600)}{cell(para('Thủ Đức, ngày 09 tháng 3 năm 2024', 'Day'), 5760)}</w:tr>"
    grid = "<w:tblGrid><w:gridCol w:w='3600'/><w:gridCol w:w='5760'/></w:tblGrid>"
    return f"<w:tbl><w:tblPr><w:tblLayout w:type='fixed'/></w:tblPr>{grid}{rows}</w:tbl>"


def closing() -> str:
    left = para("Nơi nhận:", "To", look="<w:b/><w:i/><w:sz w:val='24'/>")
    left += para("- Ủy ban nhân dân Thành phố;", "To") + para("- Lưu: VT, KT (02).", "To")
    right = para("TRƯỞNG PHÒNG", "Motto") + para("", "Motto") * 4 + para("Lê Thị Hoa", "Motto")
    rows = f"<w:tr>{cell(left, 4680)}{cell(right, 4680)}</w:tr>"
    return f"<w:tbl><w:tblGrid><w:gridCol w:w='4680'/><w:gridCol w:w='4680'/></w:tblGrid>{rows}</w:tbl>"


def title(line=drawn) -> str:  # type: ignore[no-untyped-def]
    return para("BÁO CÁO", "Motto") + para("Tình hình thực hiện nhiệm vụ quý I năm 2024", "Motto", line(40))


def word(
    body: str,
    *,
    minor: str = "Times New Roman",
    numbering: str = "",
    styles: str = STYLES,
    header: str = HEADER,
) -> bytes:
    """Return a document of raw parts around a body."""
    refs = '<w:headerReference w:type="default" r:id="rheader1"/>'
    text = f"<w:document {SPACES}><w:body>{body}{PAGE.format(refs=refs)}</w:body></w:document>"
    parts: dict[str, str | bytes] = {
        "word/document.xml": text,
        "word/styles.xml": styles,
        "word/header1.xml": header,
        "word/theme.xml": THEME.format(minor=minor),
    }
    if numbering:
        parts["word/numbering.xml"] = numbering
    return packed(parts)


def said(docx: bytes) -> list[tuple[str, str]]:
    return [(finding.rule, finding.got) for finding in check_document(docx).broken]


def rules(docx: bytes) -> set[str]:
    return {finding.rule for finding in check_document(docx).broken}


BODY = para(LONG, "Body") * 14


@pytest.mark.parametrize("line", [drawn, vml, connector])
def test_words_own_markup_with_drawn_lines_is_right(line) -> None:  # type: ignore[no-untyped-def]
    assert said(word(head(line) + title(line) + BODY + closing())) == []


def test_lines_of_wrong_length_are_measured() -> None:
    body = head(lambda wide: drawn(wide * 2)) + title() + BODY + closing()
    assert rules(word(body)) == {"motto.rule-length", "agency.rule-length"}


def test_a_theme_of_another_font_is_seen_through_the_defaults() -> None:
    assert rules(word(head() + title() + BODY + closing(), minor="Calibri")) == {"font.family"}


def test_the_motto_in_a_character_style_that_turns_bold_off_again() -> None:
    """Bold in the paragraph style and bold in the character style make thin letters, as Word shows them."""
    thin = para("Độc lập - Tự do - Hạnh phúc", "Motto", drawn(56), "<w:rStyle w:val='Strong'/>")
    found = head().replace(para("Độc lập - Tự do - Hạnh phúc", "Motto", drawn(56)), thin)
    assert rules(word(found + title() + BODY + closing())) == {"motto.style"}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("decimal", "%1.", set()),
        ("decimal", "%1)", {"clause.form"}),
        ("bullet", "-", set()),
        ("lowerLetter", "%1)", {"point.order"}),
    ],
)
def test_automatic_numbering_is_read_as_it_is_shown(kind: str, text: str, expected: set[str]) -> None:
    items = "".join(para(f"Việc thứ {number} đã làm xong trong quý.", "List") for number in range(6))
    numbering = NUMBERING.format(format=kind, text=text)
    assert rules(word(head() + title() + BODY + items + closing(), numbering=numbering)) == expected


def test_recipients_as_a_list_with_automatic_dashes_and_with_dots() -> None:
    items = para("Ủy ban nhân dân Thành phố;", "Auto") + para("Lưu: VT, KT (02).", "Auto")
    plain = para("- Ủy ban nhân dân Thành phố;", "To") + para("- Lưu: VT, KT (02).", "To")
    auto = "<w:style w:type='paragraph' w:styleId='Auto'><w:basedOn w:val='To'/><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style></w:styles>"
    body = head() + title() + BODY + closing().replace(plain, items)
    for sign, expected in (("-", set()), ("\uf0b7", {"recipients.dash", "recipients.file"})):
        docx = word(
            body,
            numbering=NUMBERING.format(format="bullet", text=sign),
            styles=STYLES.replace("</w:styles>", auto),
        )
        assert rules(docx) == expected


def test_deleted_text_is_not_read_and_inserted_text_is() -> None:
    gone = "<w:del w:author='a'><w:r><w:delText>Kính gửi: Sở A</w:delText></w:r></w:del>"
    new = "<w:ins w:author='a'><w:r><w:rPr><w:rFonts w:ascii='Arial' w:hAnsi='Arial'/></w:rPr><w:t>mới thêm</w:t></w:r></w:ins>"
    assert said(word(head() + title() + BODY + para(LONG, "Body", gone) + closing())) == []
    assert rules(word(head() + title() + BODY + para(LONG, "Body", new) + closing())) == {"font.family"}


def test_hidden_text_and_content_controls() -> None:
    hidden = "<w:r><w:rPr><w:vanish/><w:color w:val='FF0000'/></w:rPr><w:t>ẩn</w:t></w:r>"
    control = f"<w:sdt><w:sdtContent>{para(LONG, 'Body', hidden)}</w:sdtContent></w:sdt>"
    assert (
        said(
            word(
                head() + f"<w:sdt><w:sdtContent>{title()}</w:sdtContent></w:sdt>" + BODY + control + closing()
            )
        )
        == []
    )


def test_capitals_by_formatting_are_capitals() -> None:
    small = title().replace(">BÁO CÁO<", ">Báo cáo<")
    assert rules(word(head() + small + BODY + closing())) == {"type.capitals"}
    caps = small.replace(
        "<w:rPr></w:rPr><w:t xml:space='preserve'>Báo cáo", "<w:rPr><w:caps/></w:rPr><w:t>Báo cáo"
    )
    assert said(word(head() + caps + BODY + closing())) == []


def box(inside: str, wide_mm: float, left_mm: float) -> str:
    return (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><wp:positionH relativeFrom='page'>"
        f"<wp:posOffset>{round(left_mm * 36000)}</wp:posOffset></wp:positionH><wp:extent cx='{round(wide_mm * 36000)}' "
        "cy='900000'/><a:graphic><a:graphicData uri='x'><wps:wsp><wps:spPr><a:prstGeom prst='rect'/></wps:spPr><wps:txbx>"
        f"<w:txbxContent>{inside}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
        "</mc:Choice><mc:Fallback/></mc:AlternateContent></w:r>"
    )


def boxed(left_of_national: float = 95) -> str:
    left = (
        para("UBND THÀNH PHỐ THỦ ĐỨC", "Head")
        + para("PHÒNG KINH TẾ", "HeadBold", drawn(15))
        + para("Số: 12/BC-KT", "Number")
    )
    right = para("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "HeadBold") + para(
        "Độc lập - Tự do - Hạnh phúc", "Motto", drawn(56)
    )
    right += para("Thủ Đức, ngày 09 tháng 3 năm 2024", "Day")
    return para("", "Head", box(left, 65, 30) + box(right, 100, left_of_national))


def test_a_head_in_text_boxes_is_found() -> None:
    assert said(word(boxed() + title() + BODY + closing())) == []
    assert "national.place" in rules(word(boxed(20) + title() + BODY + closing()))


def test_a_head_in_the_page_header_is_found() -> None:
    docx = word(title() + BODY + closing())
    assert {"national.present", "agency.present", "number.present"} <= rules(docx)
    refs = '<w:headerReference w:type="default" r:id="rheader1"/><w:headerReference w:type="first" r:id="rheader2"/>'
    text = f"<w:document {SPACES}><w:body>{title()}{BODY}{closing()}{PAGE.format(refs=refs)}</w:body></w:document>"
    parts: dict[str, str | bytes] = {
        "word/document.xml": text, "word/styles.xml": STYLES, "word/header1.xml": HEADER,
        "word/header2.xml": f"<w:hdr {SPACES}>{head()}</w:hdr>", "word/theme.xml": THEME.format(minor="Times New Roman"),
    }  # fmt: skip
    assert said(packed(parts)) == []


def test_the_page_number_on_the_first_page_in_a_first_header() -> None:
    refs = '<w:headerReference w:type="default" r:id="rheader1"/><w:headerReference w:type="first" r:id="rheader1"/>'
    text = f"<w:document {SPACES}><w:body>{head()}{title()}{BODY}{closing()}{PAGE.format(refs=refs)}</w:body></w:document>"
    parts: dict[str, str | bytes] = {
        "word/document.xml": text, "word/styles.xml": STYLES, "word/header1.xml": HEADER,
        "word/theme.xml": THEME.format(minor="Times New Roman"),
    }  # fmt: skip
    assert rules(packed(parts)) == {"page-number.first-page"}


def test_chapters_sections_and_articles() -> None:
    good = (
        para("Chương I", "Motto") + para("QUY ĐỊNH CHUNG", "Motto") + para("Mục 1", "Motto") + para("PHẠM VI", "Motto")
        + para("Điều 1. Phạm vi điều chỉnh", "Body", look="<w:b/>") + para("1. Quy chế này quy định việc báo cáo.", "Body")
        + para("Điều 2. Đối tượng", "Body", look="<w:b/>")
    )  # fmt: skip
    assert said(word(head() + title() + BODY + good + closing())) == []
    for before, after, expected in (
        (">Chương I<", ">CHƯƠNG I<", {"division.form"}),
        (">Chương I<", ">Chương 1<", {"division.form"}),
        (">QUY ĐỊNH CHUNG<", ">Quy định chung<", {"division.title"}),
        (">Mục 1<", ">Mục I<", {"section.form"}),
        (">Điều 1. ", ">Điều 1: ", {"article.form"}),
        (">Điều 1. ", ">ĐIỀU 1. ", {"article.form"}),
        (">Điều 2. ", ">Điều 3. ", {"article.order"}),
    ):
        assert rules(word(head() + title() + BODY + good.replace(before, after) + closing())) == expected, (
            after
        )


def annexed(
    label: str = "Phụ lục",
    size: int = 28,
    name: str = "DANH MỤC NHIỆM VỤ",
    start: str = '<w:pgNumType w:start="1"/>',
) -> bytes:
    refs = '<w:headerReference w:type="default" r:id="rheader1"/>'
    first = f"<w:p><w:pPr>{PAGE.format(refs=refs)}</w:pPr></w:p>"
    last = PAGE.format(refs="").replace("<w:titlePg/>", f"{start}<w:titlePg/>")
    look = f"<w:sz w:val='{size}'/>"
    annex = para(label, "Motto", look=look) + para(name, "Motto")
    annex += para("(Kèm theo Báo cáo số 12/BC-KT ngày 09 tháng 3 năm 2024)", "Day") + para(LONG, "Body")
    text = f"<w:document {SPACES}><w:body>{head()}{title()}{BODY}{closing()}{first}{annex}{last}</w:body></w:document>"
    return packed(
        {
            "word/document.xml": text, "word/styles.xml": STYLES, "word/header1.xml": HEADER,
            "word/theme.xml": THEME.format(minor="Times New Roman"),
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("docx", "expected"),
    [
        (annexed(), set()),
        (annexed("Phụ lục I"), set()),
        (annexed("PHỤ LỤC I"), {"annex.label"}),
        (annexed("Phụ lục 1"), {"annex.number"}),
        (annexed("Phụ lục", 26), {"annex.label-size"}),
        (annexed(name="Danh mục nhiệm vụ"), {"annex.title"}),
        (annexed(start=""), {"annex.page-number"}),
    ],
)
def test_annexes(docx: bytes, expected: set[str]) -> None:
    assert rules(docx) == expected


def test_minutes_with_two_who_sign() -> None:
    left = para("THƯ KÝ", "Motto") + para("", "Motto") * 4 + para("Trần Thị Bình", "Motto")
    right = para("CHỦ TRÌ", "Motto") + para("", "Motto") * 4 + para("Lê Thị Hoa", "Motto")
    table = f"<w:tbl><w:tblGrid><w:gridCol w:w='4680'/><w:gridCol w:w='4680'/></w:tblGrid><w:tr>{cell(left, 4680)}{cell(right, 4680)}</w:tr></w:tbl>"
    below = para("Nơi nhận:", "To", look="<w:b/><w:i/><w:sz w:val='24'/>") + para("- Lưu: VT, hồ sơ.", "To")
    body = (
        head().replace("12/BC-KT", "12/BB-KT")
        + title().replace("BÁO CÁO", "BIÊN BẢN")
        + BODY
        + table
        + para("", "To")
        + below
    )
    result = check_document(word(body))
    assert [(finding.rule, finding.got) for finding in result.broken] == []
    assert result.type_name == "Biên bản"
    assert "signature.capitals" in {
        finding.rule for finding in check_document(word(body.replace("THƯ KÝ", "Thư ký"))).broken
    }


def test_the_strict_dialect_is_read_too() -> None:
    strict = word(head() + title() + BODY + closing())
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(strict)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            data = data.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            target.writestr(name, data)
    assert said(out.getvalue()) == []


office = shutil.which("soffice")


@pytest.mark.office
@pytest.mark.skipif(office is None, reason="LibreOffice is not installed (libreoffice-writer-nogui)")
def test_what_libreoffice_writes_again_is_judged_the_same(tmp_path: Path) -> None:
    wishes = {
        "right": (Wish(), set()),
        "zero": (Wish(number="Số: 5/BC-SKHCN"), {"number.zero"}),
        "body": (Wish(sizes={"body": 12}), {"body.size"}),
        "font": (Wish(font="Arial"), {"font.family"}),
        "left": (Wish(margins=(20, 20, 25, 15)), {"margin.left"}),
        "first": (Wish(title_page=False), {"page-number.first-page"}),
        "foot": (Wish(page_number="footer"), {"page-number.place"}),
        "mode": (Wish(authority=["KT GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]), {"signature.mode"}),
        "letter": (Wish(page=(215.9, 279.4)), {"paper.size"}),
        "gap": (Wish(gap=0), {"body.gap"}),
    }
    for name, (wish, _expected) in wishes.items():
        (tmp_path / f"{name}.docx").write_bytes(Maker(wish).make())
    # LibreOffice loses page fields inside content controls: the number stands in a plain paragraph here
    bare = re.sub(r"</?w:sdt(Content|Pr)?/?>", "", HEADER)
    (tmp_path / "word.docx").write_bytes(word(head() + title() + BODY + closing(), header=bare))
    (tmp_path / "box.docx").write_bytes(word(boxed() + title() + BODY + closing(), header=bare))
    out = tmp_path / "out"
    arguments = [
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "docx",
        "--outdir",
        str(out),
    ]
    files = [str(path) for path in sorted(tmp_path.glob("*.docx"))]
    subprocess.run([str(office), *arguments, *files], check=True, timeout=120, capture_output=True)
    expected = {name: found for name, (_wish, found) in wishes.items()} | {"word": set(), "box": set()}
    assert {name: rules((out / f"{name}.docx").read_bytes()) for name in expected} == expected
