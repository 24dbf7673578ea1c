"""Lessons as an IMS Common Cartridge 1.1: a ZIP that Moodle, Canvas, Sakai and others take in (see ADR 30).

One HTML page a lesson that asks the network for nothing, and the open files of the library that the reader may take.
The same lessons for the same reader give the same bytes: no time of making, sorted entries, names made from numbers.
"""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any, Final
from xml.etree import ElementTree as ET  # only written here, never read

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from khcn.core.actors import Actor
from khcn.core.library_port import OpenFile, work_reader
from khcn.core.references import Reference
from khcn.programmes.models.curricula import Lesson, LessonVersion
from khcn.programmes.rules.curricula import Content
from khcn.programmes.services.curricula_papers import source_words

CP: Final = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
LOM: Final = "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS: Final = (
    f"{CP} http://www.imsglobal.org/profile/cc/ccv1p1/ccv1p1_imscp_v1p2_v1p0.xsd "
    f"{LOM} http://www.imsglobal.org/profile/cc/ccv1p1/LOM/ccv1p1_lommanifest_v1p0.xsd"
)
SCHEMA: Final = "IMS Common Cartridge"
SCHEMA_VERSION: Final = "1.1.0"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
MOST_BYTES: Final = 100 * 2**20  # of library files together; what does not fit stays a title in the page
# Nothing that a browser runs: an original in HTML or SVG stays in the library.
ENDINGS: Final = frozenset(
    {
        "pdf",
        "docx",
        "xlsx",
        "pptx",
        "odt",
        "ods",
        "odp",
        "doc",
        "xls",
        "ppt",
        "txt",
        "csv",
        "png",
        "jpg",
        "jpeg",
        "webp",
        "zip",
    }
)


@dataclass(frozen=True, slots=True)
class Part:
    """One lesson of a package: which version, and the address of its page on the site."""

    lesson: Lesson
    version: LessonVersion
    where: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the library in the package."""

    path: str
    title: str
    source: OpenFile

    @property
    def identifier(self) -> str:
        return f"F-{self.source.sha256[:24]}"


def package_write(
    sink: IO[bytes], *, title: str, identifier: str, parts: Sequence[Part], reader: Actor
) -> None:
    """Write the package of these lessons. ``identifier``: of letters, digits and dashes, the same for the same lessons."""
    files = _files(parts, reader)
    pages: list[tuple[str, Part, list[_File]]] = []
    for number, part in enumerate(parts, start=1):
        own = [file for work in part.version.said.materials for file in files.get(work.record, ())]
        pages.append((f"lessons/bai-{number:03d}.html", part, own))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        _add(archive, "imsmanifest.xml", manifest(title, identifier, pages))
        for path, part, own in pages:
            _add(archive, path, _page(part, own))
        for file in _once(own for _path, _part, own in pages):
            info = zipfile.ZipInfo(file.path, EPOCH)
            info.external_attr = 0o644 << 16
            with file.source.path.open("rb") as source, archive.open(info, "w") as target:
                while chunk := source.read(1 << 20):
                    target.write(chunk)


def _files(parts: Sequence[Part], reader: Actor) -> dict[str, list[_File]]:
    """Return the files that go into the package, by reference of their work."""
    records = dict.fromkeys(work.record for part in parts for work in part.version.said.materials)
    references = [Reference.parse(one) for one in records]
    if not references or not work_reader.available:
        return {}
    found: dict[str, list[_File]] = {}
    left, seen = MOST_BYTES, set[str]()
    for reference, rows in work_reader.get().open_files(references=references, reader=reader).items():
        for one in rows:
            ending = PurePath(one.name).suffix.lstrip(".").lower()
            if ending not in ENDINGS or (one.sha256 not in seen and one.size > left):
                continue
            left -= 0 if one.sha256 in seen else one.size
            seen.add(one.sha256)
            file = _File(f"files/{one.sha256[:24]}.{ending}", one.name, one)
            found.setdefault(str(reference), []).append(file)
    return found


def _once(groups: Iterable[Sequence[_File]]) -> list[_File]:
    """Return every file once, by its path: two lessons may use the same work."""
    held = {file.identifier: file for group in groups for file in group}
    return sorted(held.values(), key=lambda one: one.path)


def _add(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    info = zipfile.ZipInfo(path, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def _page(part: Part, files: Sequence[_File]) -> bytes:
    said = part.version.said
    held = {file.source.sha256: file for file in files}
    with override("vi"):
        context = {
            "said": said, "lesson": part.lesson, "version": part.version, "where": part.where,
            "files": list(held.values()), "sources": [source_words(one) for one in part.lesson.lineage],
        }  # fmt: skip
        return render_to_string("programmes/curricula/package_page.html", context).encode()


def manifest(title: str, identifier: str, pages: Sequence[tuple[str, Part, Sequence[_File]]]) -> bytes:
    """Return imsmanifest.xml."""
    ET.register_namespace("", CP)
    ET.register_namespace("lomimscc", LOM)
    ET.register_namespace("xsi", XSI)
    root = ET.Element(f"{{{CP}}}manifest", {"identifier": identifier, f"{{{XSI}}}schemaLocation": SCHEMAS})
    _metadata(root, title, [part.version.said for _path, part, _own in pages])
    organization = _sub(
        _sub(root, "organizations"), "organization", identifier="O-1", structure="rooted-hierarchy"
    )
    top = _sub(organization, "item", identifier="I-root")
    resources = _sub(root, "resources")
    for number, (path, _part, own) in enumerate(pages, start=1):
        item = _sub(top, "item", identifier=f"I-{number}", identifierref=f"R-{number}")
        _sub(item, "title").text = _part.version.said.title
        resource = _sub(resources, "resource", identifier=f"R-{number}", type="webcontent", href=path)
        _sub(resource, "file", href=path)
        for file in _once([own]):
            _sub(resource, "dependency", identifierref=file.identifier)
    for file in _once(own for _path, _part, own in pages):
        resource = _sub(resources, "resource", identifier=file.identifier, type="webcontent", href=file.path)
        _sub(resource, "file", href=file.path)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _metadata(root: ET.Element, title: str, said: Sequence[Content]) -> None:
    metadata = _sub(root, "metadata")
    _sub(metadata, "schema").text = SCHEMA
    _sub(metadata, "schemaversion").text = SCHEMA_VERSION
    lom = ET.SubElement(metadata, f"{{{LOM}}}lom")
    general = ET.SubElement(lom, f"{{{LOM}}}general")
    _string(ET.SubElement(general, f"{{{LOM}}}title"), title)
    ET.SubElement(general, f"{{{LOM}}}language").text = "vi"
    summary = said[0].summary if len(said) == 1 else _("%(n)s bài học") % {"n": len(said)}
    _string(ET.SubElement(general, f"{{{LOM}}}description"), summary or title)
    rights = ET.SubElement(lom, f"{{{LOM}}}rights")
    value = ET.SubElement(ET.SubElement(rights, f"{{{LOM}}}copyrightAndOtherRestrictions"), f"{{{LOM}}}value")
    value.text = "yes"
    _string(
        ET.SubElement(rights, f"{{{LOM}}}description"), "; ".join(dict.fromkeys(one.licence for one in said))
    )


def _string(parent: ET.Element, text: str) -> None:
    ET.SubElement(parent, f"{{{LOM}}}string", {"language": "vi"}).text = text


def _sub(parent: ET.Element, name: str, **attributes: Any) -> ET.Element:
    return ET.SubElement(parent, f"{{{CP}}}{name}", attributes)
