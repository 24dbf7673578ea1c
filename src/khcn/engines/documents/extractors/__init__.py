"""The extractors, found by kind. One that cannot be loaded disables only its own kinds."""

import importlib
from functools import cache
from typing import Final, cast

from khcn.engines.documents.extractors.base import Extractor
from khcn.engines.documents.types import ExtractionError

# kind -> module and class; a module is loaded when the first file of its kind comes.
_MODULES: Final[dict[str, tuple[str, str]]] = {
    "pdf": ("pdf", "PdfExtractor"),
    "docx": ("docx", "DocxExtractor"),
    "xlsx": ("xlsx", "XlsxExtractor"),
    "pptx": ("pptx", "PptxExtractor"),
    "odt": ("odf", "OdfExtractor"),
    "ods": ("odf", "OdfExtractor"),
    "odp": ("odf", "OdfExtractor"),
    "rtf": ("rtf", "RtfExtractor"),
    "html": ("html", "HtmlExtractor"),
    "svg": ("html", "HtmlExtractor"),
    "text": ("plain", "PlainExtractor"),
    "jsonl": ("plain", "PlainExtractor"),
    "markdown": ("markdown", "MarkdownExtractor"),
    "png": ("image", "ImageExtractor"),
    "jpeg": ("image", "ImageExtractor"),
    "tiff": ("image", "ImageExtractor"),
    "webp": ("image", "ImageExtractor"),
    "doc": ("office", "OfficeExtractor"),
    "xls": ("office", "OfficeExtractor"),
    "ppt": ("office", "OfficeExtractor"),
}
READABLE_KINDS: Final = frozenset(_MODULES)


@cache
def extractor_for(kind: str) -> Extractor:
    """Return the extractor of ``kind``. Raises ``ExtractionError`` ``unsupported`` when there is none."""
    if kind not in _MODULES:
        raise ExtractionError("unsupported", type=kind)
    module_name, class_name = _MODULES[kind]
    try:
        module = importlib.import_module(f"{__name__}.{module_name}")
    except ImportError as error:
        raise ExtractionError("unsupported", detail=str(error), type=kind.upper()) from error
    extractor = cast("Extractor", getattr(module, class_name)())
    if kind not in extractor.kinds:
        raise ValueError(f"{class_name} is registered for {kind} but reads {sorted(extractor.kinds)}")
    return extractor
