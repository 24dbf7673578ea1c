"""One pool of workers for all tests of the document engine, and the rule for missing programs."""

import shutil
from collections.abc import Iterator

import pytest

from khcn.engines.documents.pool import WorkerPool
from khcn.engines.documents.tools import ocr_ready


@pytest.fixture(scope="session")
def pool() -> Iterator[WorkerPool]:
    """Two warm workers."""
    with WorkerPool(size=2) as workers:
        yield workers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a program that this machine lacks, and say which."""
    lacking = {
        "ocr": "" if ocr_ready() else "tesseract with Vietnamese is not installed (tesseract-ocr-vie)",
        "office": ""
        if shutil.which("soffice")
        else "LibreOffice is not installed (libreoffice-writer-nogui)",
    }
    for item in items:
        for marker, reason in lacking.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
