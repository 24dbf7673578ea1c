"""Certificates as PDF: A4 landscape, laid out by WeasyPrint, the house font inside, text selectable, tagged.

A layout costs most where it is begun, so many certificates are laid out together and each page is then written as a file
of its own. WeasyPrint needs the system's Pango: it is loaded when a certificate is made, and whoever lacks Pango reads
what to install. Nothing is fetched: the only files a sheet may name are those of the font.
"""

import copy
import hashlib
import importlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import override

from khcn.core.dates import date_in_documents
from khcn.core.errors import KhcnError
from khcn.programmes.rules.certificates import name_size, printed_name, spaced
from khcn.ui.qr import qr_svg

TOGETHER: Final = 25  # pages in one layout: more saves little time and costs memory
WEIGHTS: Final = {400: "Regular", 600: "SemiBold"}
PACKAGE: Final = "libpangoft2-1.0-0 libharfbuzz-subset0"


class PaperMissingError(KhcnError):
    """Pango is not on this machine: certificates cannot be drawn, everything else works."""

    code = "certificate-paper-missing"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _(
                "Máy chủ chưa vẽ được giấy chứng nhận vì thiếu thư viện Pango. Giấy đã cấp vẫn có hiệu lực và tra cứu được. "
                "Hãy báo quản trị cài gói %(package)s, rồi tải lại trang."
            )
            % {"package": PACKAGE}
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on one certificate. ``verify_url``: full address in the QR code; empty leaves code and QR out."""

    issuer: str
    title: str
    name: str
    text: str
    signer_name: str
    signer_position: str
    organisation: str = ""
    place: str = ""
    day: date | None = None
    decision: str = ""
    decision_day: date | None = None
    number: int | None = None
    code: str = ""
    verify_url: str = ""
    sample: bool = False


def weasyprint() -> Any:
    """Return WeasyPrint, loaded now. :raises PaperMissingError: Pango or one of its companions is missing."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    try:
        return importlib.import_module("weasyprint")
    except OSError as error:  # cffi's dlopen found no library
        raise PaperMissingError from error


def sheets_pdf(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield one PDF for each sheet, in order; the same sheets give the same bytes.

    :raises PaperMissingError: at the first sheet.
    """
    for start in range(0, len(sheets), TOGETHER):
        some = sheets[start : start + TOGETHER]
        document = _laid_out(some)
        if len(document.pages) == len(some):
            yield from (
                _page_pdf(document, page, sheet) for page, sheet in zip(document.pages, some, strict=True)
            )
        else:  # one ran over its page: each by itself, cut at its first page
            for sheet in some:
                alone = _laid_out([sheet])
                yield _page_pdf(alone, alone.pages[0], sheet)


def sheet_pdf(sheet: Sheet) -> bytes:
    """Return one certificate. :raises PaperMissingError: Pango is missing."""
    return next(sheets_pdf([sheet]))


def _laid_out(sheets: Sequence[Sheet]) -> Any:
    paper = weasyprint()
    with override("vi"):
        html = render_to_string(
            "programmes/certificates/paper.html",
            {"sheets": [_context(sheet) for sheet in sheets], "faces": font_faces()},
        )
    return paper.HTML(string=html, base_url="khcn:", url_fetcher=fonts_fetcher()).render(
        pdf_tags=True, pdf_variant="pdf/ua-1"
    )


def _page_pdf(document: Any, page: Any, sheet: Sheet) -> bytes:
    alone = document.copy([page])
    alone.metadata = copy.copy(document.metadata)
    alone.metadata.title = f"{sheet.title} – {sheet.name}" if sheet.name else sheet.title
    alone.metadata.authors = [sheet.issuer]
    alone.metadata.lang = "vi"
    identity = hashlib.sha256(f"{sheet!r}".encode()).digest()[:16]
    content: bytes = alone.write_pdf(pdf_tags=True, pdf_variant="pdf/ua-1", pdf_identifier=identity)
    return content


def _context(sheet: Sheet) -> dict[str, Any]:
    name = printed_name(sheet.name)
    return {
        "sheet": sheet,
        "name": name,
        "size": f"{name_size(name, _advances()):.1f}",
        "code": spaced(sheet.code),
        "day": date_in_documents(sheet.day) if sheet.day else "",
        "qr": SimpleLazyObject(lambda: qr_svg(sheet.verify_url)) if sheet.verify_url else "",
    }


def _font(weight: int) -> Path:
    import fontpkg_be_vietnam_pro  # noqa: PLC0415  # the font is needed only where something is drawn

    return Path(fontpkg_be_vietnam_pro.ROOT) / "files" / f"BeVietnamPro-{WEIGHTS[weight]}.ttf"


def font_faces() -> list[tuple[int, str]]:
    """Return the weights of the house font with the addresses of their files."""
    return [(weight, _font(weight).as_uri()) for weight in WEIGHTS]


@lru_cache(maxsize=1)
def _advances() -> Mapping[str, float]:
    """Return the width of each sign of the names' weight, in ems."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415  # only where certificates are drawn

    with TTFont(_font(600), lazy=True) as font:
        units, metrics = font["head"].unitsPerEm, font["hmtx"]
        return {chr(point): metrics[glyph][0] / units for point, glyph in font.getBestCmap().items()}


@lru_cache(maxsize=1)
def fonts_fetcher() -> Any:
    """Return a fetcher that opens the font's files and nothing else, whatever a text may name."""
    urls = importlib.import_module("weasyprint.urls")
    allowed = {address for _weight, address in font_faces()}

    class FontsOnly(urls.URLFetcher):  # type: ignore[misc,name-defined]  # WeasyPrint is loaded late
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in allowed:
                raise ValueError(f"not fetched: {url[:80]}")
            return super().fetch(url, headers)

    return FontsOnly(allowed_protocols={"file"})
