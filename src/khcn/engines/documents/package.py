"""Safe reading of parts of a ZIP package (DOCX, ODT, ...): sizes are checked while reading, XML without entities."""

import zipfile
from pathlib import Path
from typing import Any, Final

from lxml import etree

from khcn.engines.documents.types import ExtractionError, Limits

# Small packages compress very well without meaning harm; below this size no ratio is looked at.
_RATIO_FLOOR: Final = 20 * 1024 * 1024


def open_package(path: Path, limits: Limits) -> zipfile.ZipFile:
    """Open a package after checking what it says it unpacks to. Raises ``corrupt`` or ``bomb``."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, IndexError) as error:
        raise ExtractionError("corrupt", detail=str(error)) from error
    total = sum(info.file_size for info in package.infolist())
    packed = max(1, path.stat().st_size)
    if total > limits.max_unpacked_bytes or (total > _RATIO_FLOOR and total / packed > limits.max_ratio):
        package.close()
        raise ExtractionError("bomb", detail=f"{packed} -> {total} bytes")
    if any(info.flag_bits & 1 for info in package.infolist()):
        package.close()
        raise ExtractionError("encrypted")
    return package


def read_part(package: zipfile.ZipFile, name: str, limits: Limits) -> bytes | None:
    """Return one part, ``None`` when absent. What it really unpacks to is bounded, whatever the header says."""
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    bound = min(limits.max_unpacked_bytes, max(_RATIO_FLOOR, int(info.compress_size * limits.max_ratio)))
    try:
        with package.open(info) as part:
            data = part.read(bound + 1)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ExtractionError("corrupt", detail=f"{name}: {error}") from error
    except Exception as error:  # zlib.error has no base class of its own worth naming here
        if type(error).__name__ == "error":
            raise ExtractionError("corrupt", detail=f"{name}: {error}") from error
        raise
    if len(data) > bound:
        raise ExtractionError("bomb", detail=name)
    return data


def parse_xml(data: bytes, *, recover: bool = False) -> Any:
    """Parse XML: no entities, no network, no DTD. Returns an element, ``None`` for nothing recoverable."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ExtractionError("corrupt", detail=str(error)) from error
