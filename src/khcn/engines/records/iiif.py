"""IIIF documents of a work as plain dictionaries: Presentation 3.0, Image 3.0 (level 0), Content Search 2.0.

Sources: iiif.io/api/presentation/3.0, /api/image/3.0, /api/search/2.0. Boxes and sizes are in pixels of the canvas,
which is as large as the largest picture of the page that is given out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from khcn.engines.records.types import Record

PRESENTATION: Final = "http://iiif.io/api/presentation/3/context.json"
IMAGE: Final = "http://iiif.io/api/image/3/context.json"
SEARCH: Final = "http://iiif.io/api/search/2/context.json"
Json = dict[str, Any]
_CC: Final = "https://creativecommons.org/"


@dataclass(frozen=True, slots=True)
class Picture:
    """One canvas: its page, its addresses, and the sizes ``(width, height)`` of its pictures, the largest last.

    ``image`` is the base address of the image service, ``text`` that of the page's annotations ("" without text).
    """

    number: int
    canvas: str
    image: str
    text: str
    sizes: tuple[tuple[int, int], ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the canvas."""
        return self.sizes[-1]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A piece of text on a canvas; ``box`` is ``(x, y, width, height)`` in pixels, ``None`` for the whole page."""

    text: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One answer of a search: what stands there, what stands around it, and where (several boxes: several lines)."""

    exact: str
    before: str
    after: str
    boxes: tuple[tuple[int, int, int, int], ...]


def both(vietnamese: str, english: str) -> Json:
    """Return a language map with both languages."""
    return {"vi": [vietnamese], "en": [english]}


def manifest(
    record: Record,
    pictures: Sequence[Picture],
    *,
    address: str,
    search: str,
    provider: str,
    home: str,
    outline: Sequence[tuple[int, str, int]] = (),
) -> Json:
    """Return the manifest of a work with at least one picture.

    ``address``: of the manifest itself; ``search``: of the search service; ``provider`` and ``home``: name and address
    of the site; ``outline``: headings ``(depth, title, page)``.
    """
    found: Json = {
        "@context": PRESENTATION,
        "id": address,
        "type": "Manifest",
        "label": _title(record),
        "metadata": _metadata(record),
        "requiredStatement": {
            "label": both("Nguồn", "Attribution"),
            "value": {"vi": [f"{provider}. {record.rights_label}.".strip()]},
        },
        "provider": [
            {
                "id": home,
                "type": "Agent",
                "label": {"vi": [provider]},
                "homepage": [
                    {"id": home, "type": "Text", "label": {"vi": [provider]}, "format": "text/html"}
                ],
            }
        ],
        "homepage": [
            {
                "id": record.url,
                "type": "Text",
                "label": _title(record),
                "format": "text/html",
                "language": ["vi"],
            }
        ],
        "thumbnail": [_picture(pictures[0], 0)],
        "behavior": ["individuals"],
        "viewingDirection": "left-to-right",
        "service": [{"id": search, "type": "SearchService2"}],
        "items": [_canvas(picture) for picture in pictures],
    }
    if record.abstract:
        found["summary"] = {record.language or "vi": [record.abstract]}
    if record.rights_url:
        # The specification wants the licence under the scheme it is registered with.
        found["rights"] = record.rights_url.replace(_CC, "http://creativecommons.org/")
    if record.issued:
        found["navDate"] = f"{record.issued.isoformat()}T00:00:00Z"
    rendering = [
        {"id": file.url, "type": "Text", "label": {"none": [file.name]}, "format": file.mime}
        for file in record.files
        if file.mime == "application/pdf"
    ]
    if rendering:
        found["rendering"] = rendering
    ranges = _ranges(outline, pictures, address)
    if ranges:
        found["structures"] = ranges
    return found


def _title(record: Record) -> Json:
    title = {"vi" if record.language == "vi" else "none": [record.title]}
    return title | ({"en": [record.title_en]} if record.title_en else {})


def _metadata(record: Record) -> list[Json]:
    legal = record.legal
    rows = [
        ("Loại", "Type", [record.kind_label]),
        ("Số, ký hiệu", "Number", [legal.number] if legal else []),
        ("Cơ quan ban hành", "Issuing body", [legal.organ_name] if legal else []),
        ("Tác giả", "Creator", [agent.name for agent in record.creators]),
        ("Nơi xuất bản", "Publisher", [record.publisher]),
        ("Ngày", "Date", [record.issued.isoformat() if record.issued else str(record.year or "")]),
        ("Chủ đề", "Subject", [heading.name for heading in record.subjects]),
        ("Mã định danh", "Identifier", [record.ark, *(each.value for each in record.identifiers)]),
        ("Quyền sử dụng", "Rights", [" ".join(filter(None, (record.rights_label, record.rights_note)))]),
    ]
    return [
        {"label": both(vietnamese, english), "value": {"none": [value for value in values if value]}}
        for vietnamese, english, values in rows
        if any(values)
    ]


def _picture(picture: Picture, which: int) -> Json:
    width, height = picture.sizes[which]
    return {
        "id": f"{picture.image}/full/{width},{height}/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        "width": width,
        "height": height,
        "service": [_service(picture)],
    }


def _service(picture: Picture) -> Json:
    return {"id": picture.image, "type": "ImageService3", "profile": "level0"}


def _canvas(picture: Picture) -> Json:
    width, height = picture.size
    found: Json = {
        "id": picture.canvas,
        "type": "Canvas",
        "label": both(f"Trang {picture.number}", f"Page {picture.number}"),
        "width": width,
        "height": height,
        "thumbnail": [_picture(picture, 0)],
        "items": [
            {
                "id": f"{picture.canvas}/to",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{picture.canvas}/to/anh",
                        "type": "Annotation",
                        "motivation": "painting",
                        "body": _picture(picture, -1),
                        "target": picture.canvas,
                    }
                ],
            }
        ],
    }
    if picture.text:
        found["annotations"] = [
            {
                "id": picture.text,
                "type": "AnnotationPage",
                "label": both("Chữ trên trang", "Text of the page"),
            }
        ]
    return found


def _ranges(outline: Sequence[tuple[int, str, int]], pictures: Sequence[Picture], address: str) -> list[Json]:
    """Return the outline as ranges inside each other; each holds the canvas on which it begins."""
    canvas = {picture.number: picture.canvas for picture in pictures}
    top: list[Json] = []
    open_ranges: list[tuple[int, Json]] = []
    for number, (depth, title, page) in enumerate(outline, 1):
        if page not in canvas:
            continue
        items: list[Json] = [{"id": canvas[page], "type": "Canvas"}]
        made: Json = {
            "id": f"{address}#muc-{number}", "type": "Range", "label": {"none": [title]}, "items": items,
        }  # fmt: skip
        while open_ranges and open_ranges[-1][0] >= depth:
            open_ranges.pop()
        (open_ranges[-1][1]["items"] if open_ranges else top).append(made)
        open_ranges.append((depth, made))
    return top


def image_info(picture: Picture) -> Json:
    """Return ``info.json`` of a page: only whole pictures in a few sizes, all of them named."""
    width, height = picture.size
    return {
        "@context": IMAGE,
        "id": picture.image,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level0",
        "width": width,
        "height": height,
        "sizes": [{"width": wide, "height": high} for wide, high in picture.sizes],
        "preferredFormats": ["webp"],
        "extraFormats": ["webp"],
    }


def text_page(picture: Picture, lines: Sequence[TextLine], language: str) -> Json:
    """Return the text of a page as annotations that supplement its canvas, a line each or the page in one."""
    return {
        "@context": PRESENTATION,
        "id": picture.text,
        "type": "AnnotationPage",
        "items": [
            {
                "id": f"{picture.text}#dong-{number}",
                "type": "Annotation",
                "motivation": "supplementing",
                "body": {
                    "type": "TextualBody",
                    "value": line.text,
                    "format": "text/plain",
                    "language": language,
                },
                "target": _place(picture, line.box),
            }
            for number, line in enumerate(lines, 1)
        ],
    }


def _place(picture: Picture, box: tuple[int, int, int, int] | None) -> str:
    return picture.canvas if box is None else f"{picture.canvas}#xywh={','.join(map(str, box))}"


def search_page(
    address: str,
    found: Sequence[tuple[Picture, Sequence[Match]]],
    *,
    start: int,
    collection: str,
    following: str,
    preceding: str,
    ignored: Sequence[str],
) -> Json:
    """Return one page of answers.

    ``start``: how many pages of the work answered before these; ``collection``: address of the first page of answers;
    ``following``, ``preceding``: addresses or ""; ``ignored``: parameters that were given and mean nothing here.
    """
    items: list[Json] = []
    context: list[Json] = []
    for picture, matches in found:
        for number, match in enumerate(matches, 1):
            for part, box in enumerate(match.boxes or (None,), 1):
                name = f"{address}#trang-{picture.number}-{number}-{part}"
                items.append(_answer(picture, name, match.exact, box))
                context.append(_quote(name, match))
    page: Json = {"@context": SEARCH, "id": address, "type": "AnnotationPage", "items": items}
    if context:
        page["annotations"] = [{"type": "AnnotationPage", "items": context}]
    if following or preceding:
        first = {"id": collection, "type": "AnnotationPage"}
        page["partOf"] = {"id": f"{collection}#tat-ca", "type": "AnnotationCollection", "first": first}
        page["startIndex"] = start
    if following:
        page["next"] = {"id": following, "type": "AnnotationPage"}
    if preceding:
        page["prev"] = {"id": preceding, "type": "AnnotationPage"}
    if ignored:
        page["ignored"] = list(ignored)
    return page


def _answer(picture: Picture, name: str, exact: str, box: tuple[int, int, int, int] | None) -> Json:
    return {
        "id": name,
        "type": "Annotation",
        "motivation": "highlighting",
        "body": {"type": "TextualBody", "value": exact, "format": "text/plain"},
        "target": _place(picture, box),
    }


def _quote(name: str, match: Match) -> Json:
    selector = {
        "type": "TextQuoteSelector",
        "prefix": match.before,
        "exact": match.exact,
        "suffix": match.after,
    }
    return {
        "id": f"{name}-quanh",
        "type": "Annotation",
        "motivation": "contextualizing",
        "target": {"type": "SpecificResource", "source": name, "selector": [selector]},
    }
