"""Makers of small documents of every kind, good and bad, for the tests of the document engine."""

import ctypes
import io
import struct
import zipfile
import zlib
from importlib import resources
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import raw

LAW = (
    "ỦY BAN NHÂN DÂN PHƯỜNG CHỢ QUÁN",
    "Số: 82/KH-UBND",
    "Kế hoạch hoạt động khoa học, công nghệ và đổi mới sáng tạo",
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
    "Hỗ trợ doanh nghiệp nhỏ và vừa ứng dụng trí tuệ nhân tạo trong quản lý.",
    "Phó Chủ tịch ký tên, đóng dấu và chịu trách nhiệm tổ chức thực hiện.",
)


def serif_font() -> Path:
    """A font with all Vietnamese letters."""
    root = Path(str(resources.files("fontpkg_noto_serif")))
    return next(path for path in sorted(root.rglob("*.ttf")) if "Italic" not in path.name)


def text_pdf(target: Path, pages: list[list[str]]) -> Path:
    """A PDF with a text layer."""
    document = pdfium.PdfDocument.new()
    data = serif_font().read_bytes()
    buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
    font = raw.FPDFText_LoadFont(document.raw, buffer, len(data), raw.FPDF_FONT_TRUETYPE, 1)
    for lines in pages:
        page = document.new_page(595, 842)
        for row, line in enumerate(lines):
            item = raw.FPDFPageObj_CreateTextObj(document.raw, font, ctypes.c_float(12.0))
            text = ctypes.create_string_buffer((line + "\0").encode("utf-16-le"))
            raw.FPDFText_SetText(item, ctypes.cast(text, raw.FPDF_WIDESTRING))
            raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, 60, 780 - 20 * row)
            raw.FPDFPage_InsertObject(page.raw, item)
        page.gen_content()
        page.close()
    document.save(str(target))
    document.close()
    return target


def plain_pdf(pages: int, line: str = "Page") -> bytes:
    """A PDF of many pages with one ASCII line each, written by hand (fast for thousands of pages)."""
    body = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []

    def add(content: bytes) -> None:
        offsets.append(len(body))
        body.extend(b"%d 0 obj\n%s\nendobj\n" % (len(offsets), content))

    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(pages))
    add(b"<< /Type /Catalog /Pages 2 0 R >>")
    add(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages))
    add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for index in range(pages):
        text = b"BT /F1 12 Tf 60 700 Td (%s %d of the long report about the work plan) Tj ET" % (
            line.encode(),
            index + 1,
        )
        add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * index)
        )
        add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
    start = len(body)
    body.extend(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    for offset in offsets:
        body.extend(b"%010d 00000 n \n" % offset)
    body.extend(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start))
    return bytes(body)


def drawn_page(lines: list[str], dpi: int = 150) -> Image.Image:
    """Lines drawn as a grey A4 image."""
    image = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    face = ImageFont.truetype(str(serif_font()), round(13 * dpi / 72))
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((0.8 * dpi, (1 + 0.3 * row) * dpi), line, fill=10, font=face)
    return image


def scan_pdf(target: Path, pages: list[list[str]], dpi: int = 150) -> Path:
    """A PDF of images only."""
    images = [drawn_page(lines, dpi) for lines in pages]
    images[0].save(target, "PDF", resolution=dpi, save_all=True, append_images=images[1:])
    return target


def zipped(parts: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of named parts; a part called ``mimetype`` is stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as package:
        for name, content in parts.items():
            data = content.encode() if isinstance(content, str) else content
            package.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else compression)
    return buffer.getvalue()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def png_of(width: int, height: int) -> bytes:
    """A picture that says it is so large; of its points there is only one line."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    line = zlib.compress(bytes(1 + (width + 7) // 8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", line) + chunk(b"IEND", b"")


def docx(body: str, **parts: bytes | str) -> bytes:
    """A DOCX from WordprocessingML inside ``w:body``; further parts by name (``__`` for ``/``)."""
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
            **named,
        }
    )


def paragraph(text: str, font: str = "") -> str:
    """One WordprocessingML paragraph of one run."""
    properties = f'<w:rPr><w:rFonts w:ascii="{font}"/></w:rPr>' if font else ""
    return f'<w:p><w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("svg", "svg-compatible"),
        ("fo", "xsl-fo-compatible"),
    )
)


def odf(kind: str, body: str, styles: str = "") -> bytes:
    """An OpenDocument file: ``kind`` is text, spreadsheet or presentation."""
    content = (
        f"<office:document-content {_ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def pptx(slides: list[str]) -> bytes:
    """A PPTX with one paragraph on each slide."""
    drawing = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    parts: dict[str, bytes | str] = {"[Content_Types].xml": "<Types/>", "ppt/readme": ""}
    for number, text in enumerate(slides, 1):
        parts[f"ppt/slides/slide{number}.xml"] = f"<p {drawing}><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p>"
    return zipped(parts)


def compound(streams: dict[str, bytes], storages: tuple[str, ...] = ()) -> bytes:
    """An OLE compound file (512-byte sectors) with streams of at least 4,096 bytes after padding."""
    entries = [("Root Entry", 5, 0xFFFFFFFE, 0)]
    sectors: list[bytes] = []
    fat: list[int] = []
    for name, content in streams.items():
        data = content.ljust(4096, b"\0")
        count = -(-len(data) // 512)
        start = 2 + 2 + len(sectors)
        entries.append((name, 2, start, len(data)))
        for index in range(count):
            sectors.append(data[512 * index : 512 * (index + 1)].ljust(512, b"\0"))
            fat.append(start + index + 1 if index + 1 < count else 0xFFFFFFFE)
    entries += [(name, 1, 0, 0) for name in storages]
    directory = b"".join(_ole_entry(*entry) for entry in entries).ljust(1024, b"\0")[:1536]
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    dir_count = len(directory) // 512
    assert dir_count <= 3
    # sector 0: FAT; sectors 1..3: directory; then the streams
    chain = [0xFFFFFFFD] + [2, 3, 0xFFFFFFFE][-dir_count:] + [0xFFFFFFFF] * (3 - dir_count) + fat
    table = struct.pack("<128I", *(chain + [0xFFFFFFFF] * 128)[:128])
    header = bytearray(512)
    header[0:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 40, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *([0xFFFFFFFF] * 108))
    return bytes(header) + table + directory.ljust(1536, b"\0") + b"".join(sectors)


def _ole_entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sI8s8sIQ",
        encoded,
        len(encoded) + 2,
        kind,
        1,
        0xFFFFFFFF,
        0xFFFFFFFF,
        0xFFFFFFFF,
        b"",
        0,
        b"",
        b"",
        start,
        size,
    )
