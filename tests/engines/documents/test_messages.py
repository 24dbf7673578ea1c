"""Every code has a sentence, and every sentence can be filled."""

import pickle
import re
from pathlib import Path

import pytest

import khcn.engines.documents as package
from khcn.engines.documents.messages import ERRORS, TEMPLATES, WARNINGS, page_list, size_text
from khcn.engines.documents.tools import available_tools
from khcn.engines.documents.types import ExtractionError, Limits, Notice, PageText

_FOLDER = Path(package.__path__[0])
_SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(_FOLDER.rglob("*.py")))


def test_every_code_in_the_source_has_a_sentence() -> None:
    raised = set(re.findall(r'ExtractionError\(\s*"(\w+)"', _SOURCE)) | set(
        re.findall(r'"code": "(\w+)"', _SOURCE)
    )
    warned = set(re.findall(r'(?:warn|warn_page|Notice)\(\s*"(\w+)"', _SOURCE))
    assert raised <= set(ERRORS)
    assert warned <= set(WARNINGS)


def test_every_sentence_is_used() -> None:
    outside = _SOURCE.replace((_FOLDER / "messages.py").read_text(encoding="utf-8"), "")
    unused = {code for code in TEMPLATES if f'"{code}"' not in outside}
    assert unused == set()


def test_sentences_are_filled_with_what_the_source_gives() -> None:
    params = {"size": "1", "limit": "2", "type": "x", "seconds": 3, "tool": "t", "package": "p", "page": 4, "name": "n",
              "extension": ".x", "kind": "PDF", "count": 5, "total": 6, "pages": "7"}  # fmt: skip
    for code, template in TEMPLATES.items():
        assert "%" not in template % params, code


@pytest.mark.parametrize(
    ("pages", "text"),
    [
        ([], ""),
        ([3], "3"),
        ([1, 2, 3, 7], "1-3, 7"),
        (range(1, 60, 2), ", ".join(map(str, range(1, 24, 2))) + ", ..."),
    ],
)
def test_page_list(pages: list[int], text: str) -> None:
    assert page_list(pages) == text


def test_sizes() -> None:
    assert [size_text(size) for size in (5, 2048, 3 * 1024**2, 1536 * 1024**2)] == [
        "5 byte",
        "2 KB",
        "3 MB",
        "1,5 GB",
    ]


def test_types_check_what_they_get() -> None:
    with pytest.raises(ValueError, match="starts at 1"):
        PageText(0, "")
    with pytest.raises(ValueError, match="between 0 and 1"):
        PageText(1, "", confidence=1.5)
    with pytest.raises(ValueError, match="max_pages"):
        Limits(max_pages=0)
    assert Notice("page_empty", (2, 3)).message.startswith("Trang 2-3")
    error = pickle.loads(pickle.dumps(ExtractionError("timeout", detail="d", seconds=5)))
    assert (error.code, error.params, error.detail) == ("timeout", {"seconds": 5}, "d")


def test_tools_are_listed_with_what_they_are_for() -> None:
    tools = available_tools()
    assert set(tools) == {"tesseract", "tesseract-vie", "soffice", "font"}
    for tool in tools.values():
        assert tool.package
        assert tool.needed_for
        assert tool.found or not tool.path
