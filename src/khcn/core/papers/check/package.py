"""Opening a DOCX that anybody may have made: what is not one, is locked, holds macros or tries to harm is refused with a
sentence; nothing is fetched, no entity is resolved, no part is read beyond its limit.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext
from lxml import etree

from khcn.core.errors import KhcnError
from khcn.core.papers.check.words import gettext_noop

MOST_BYTES: Final = 50 * 2**20  # of the file
MOST_PART_BYTES: Final = 48 * 2**20  # of one part, unpacked
MOST_TOTAL_BYTES: Final = 400 * 2**20  # that the file says to hold, unpacked (pictures are not read)
MOST_ENTRIES: Final = 5000
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_STRICT: Final = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)  # fmt: skip

REASONS: Final[Mapping[str, str]] = {
    "empty": gettext_noop("Tệp rỗng (0 byte). Hãy chọn lại tệp Word (.docx)."),
    "large": gettext_noop("Tệp lớn hơn %(most)s MB nên không kiểm tra được. Hãy giảm cỡ hình trong văn bản rồi thử lại."),
    "pdf": gettext_noop("Đây là tệp PDF, không phải tệp Word. Hãy chọn bản .docx của văn bản."),
    "rtf": gettext_noop("Đây là tệp RTF. Hãy mở bằng Word, lưu lại thành .docx rồi thử lại."),
    "doc": gettext_noop("Đây là tệp Word đời cũ (.doc). Hãy mở bằng Word, lưu lại thành .docx rồi thử lại."),
    "odt": gettext_noop("Đây là tệp OpenDocument (.odt). Hãy lưu lại thành .docx rồi thử lại."),
    "encrypted": gettext_noop("Tệp có mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi thử lại."),
    "macro": gettext_noop("Tệp có chứa macro (chương trình chạy kèm) nên không được nhận. Hãy lưu lại thành .docx không có macro."),
    "not-docx": gettext_noop("Tệp không phải là văn bản Word (.docx). Hãy chọn đúng tệp."),
    "broken": gettext_noop("Tệp .docx bị hỏng nên không đọc được. Hãy mở bằng Word để sửa, lưu lại rồi thử lại."),
    "bomb": gettext_noop("Tệp .docx khi mở ra lớn bất thường nên bị từ chối. Hãy kiểm tra lại nguồn của tệp."),
    "dtd": gettext_noop("Tệp .docx chứa khai báo thực thể (DTD) nên bị từ chối vì lý do an toàn. Hãy lưu lại bằng Word."),
    "long": gettext_noop("Văn bản dài hơn %(most)s đoạn nên không kiểm tra được. Hãy tách phụ lục ra tệp riêng."),
    "missing": gettext_noop("Không đọc được tệp %(name)s: %(why)s. Hãy kiểm tra đường dẫn và quyền đọc."),
}  # fmt: skip


class UnreadableError(KhcnError):
    """A file that cannot be checked; ``code`` is one of :data:`REASONS`, the message is Vietnamese."""

    code = "unreadable"

    def __init__(self, code: str, **facts: object) -> None:
        self.facts = facts
        super().__init__(REASONS[code] % facts, code=code)

    def said(self) -> str:
        """Return the sentence in the language of the reader's pages."""
        return gettext(REASONS[self.code]) % self.facts


@dataclass
class Package:
    """The parts of a DOCX that the check needs, parsed. Relationship targets are by part and identity."""

    main: str
    document: Any
    archive: zipfile.ZipFile
    names: frozenset[str]
    relations: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def part(self, name: str) -> Any | None:
        """Return the parsed part, ``None`` when there is none.

        :raises UnreadableError: it is broken or too large.
        """
        return _parse(_read(self.archive, name)) if name in self.names else None

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relationships of a part: identity to (last word of the type, target part)."""
        if part not in self.relations:
            folder, name = posixpath.split(part)
            root = self.part(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
            self.relations[part] = {} if root is None else _targets(root, folder)
        return self.relations[part]

    def by_type(self, kind: str) -> Any | None:
        """Return the part that the document has of a kind ("styles", "numbering", "theme", "settings")."""
        for found, target in self.related(self.main).values():
            if found == kind:
                return self.part(target)
        return None


def open_package(data: bytes) -> Package:
    """Open a DOCX.

    :raises UnreadableError: it is none, locked, broken, dangerous or too large.
    """
    _refuse_others(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise UnreadableError("broken") from error
    _refuse_dangerous(entries)
    names = frozenset(entry.filename for entry in entries)
    main = _main_part(archive, names)
    document = _parse(_read(archive, main))
    if etree.QName(document).localname != "document":
        raise UnreadableError("not-docx")
    return Package(main, document, archive, names)


def _refuse_others(data: bytes) -> None:
    if not data:
        raise UnreadableError("empty")
    if len(data) > MOST_BYTES:
        raise UnreadableError("large", most=MOST_BYTES // 2**20)
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableError("encrypted" if locked else "doc")
    start = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    for sign, code in ((b"%PDF", "pdf"), (b"{\\rtf", "rtf")):
        if start.startswith(sign):
            raise UnreadableError(code)
    if not data.startswith(b"PK"):
        raise UnreadableError("not-docx")


def _refuse_dangerous(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_TOTAL_BYTES:
        raise UnreadableError("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableError("encrypted")
    if any(posixpath.basename(entry.filename).lower() == "vbaproject.bin" for entry in entries):
        raise UnreadableError("macro")


def _main_part(archive: zipfile.ZipFile, names: frozenset[str]) -> str:
    """Return the name of the part with the text, and refuse other kinds of packages."""
    if "[Content_Types].xml" not in names:
        if "mimetype" in names and b"opendocument" in _read(archive, "mimetype")[:200]:
            raise UnreadableError("odt")
        raise UnreadableError("not-docx")
    if "_rels/.rels" not in names:
        raise UnreadableError("broken")
    targets = _targets(_parse(_read(archive, "_rels/.rels")), "").values()
    main = next((target for kind, target in targets if kind == "officeDocument"), "")
    kinds = _content_types(_parse(_read(archive, "[Content_Types].xml")))
    kind = kinds.get("/" + main, kinds.get("." + main.rpartition(".")[2], ""))
    if "macroEnabled" in kind:
        raise UnreadableError("macro")
    if main not in names:
        raise UnreadableError("broken")
    if not kind.startswith(_MAIN) and not kind.endswith("xml"):
        raise UnreadableError("not-docx")
    return main


def _content_types(root: Any) -> dict[str, str]:
    kinds = {}
    for element in root:
        if not isinstance(element.tag, str):
            continue
        name = element.get("PartName") or "." + element.get("Extension", "")
        kinds[name] = element.get("ContentType", "")
    return kinds


def _targets(root: Any, folder: str) -> dict[str, tuple[str, str]]:
    found = {}
    for element in root:
        if not isinstance(element.tag, str) or element.get("TargetMode") == "External":
            continue
        target = element.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        kind = element.get("Type", "").rpartition("/")[2]
        found[element.get("Id", "")] = (kind, posixpath.normpath(path))
    return found


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as stream:
            data = stream.read(MOST_PART_BYTES + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        KeyError,
    ) as error:
        raise UnreadableError("broken") from error
    if len(data) > MOST_PART_BYTES:
        raise UnreadableError("bomb")
    return data


def _parse(data: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for strict, loose in _STRICT:
        data = data.replace(strict, loose)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("dtd" if b"<!DOCTYPE" in data[:4096] else "broken") from error
    info: Any = root.getroottree().docinfo  # the stubs do not know its doctype
    if info.doctype:
        raise UnreadableError("dtd")
    return root
