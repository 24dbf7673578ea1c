"""One door for every plan file: what it is is told by its content, not only by its name."""

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath
from typing import Final

from khcn.engines.plans.docx_text import read_docx_text
from khcn.engines.plans.layout_file import read_layout
from khcn.engines.plans.markdown_text import read_markdown_text
from khcn.engines.plans.paragraphs import Text
from khcn.engines.plans.types import Fault, PlanFile, PlanFileError, UnitSpec
from khcn.engines.plans.yaml_file import read_yaml

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
YAML_NAMES: Final = (".yaml", ".yml")
TEXT_NAMES: Final = (".md", ".markdown", ".txt", ".html", ".htm")


def read_plan(
    name: str,
    data: bytes,
    *,
    known: Sequence[UnitSpec] = (),
    known_keys: Collection[str] = (),
    year: int | None = None,
) -> PlanFile:
    """Read a plan from a file of any kind that is understood (YAML, Word, Markdown, text, pasted HTML).

    ``known``: units whose names may stand in running text; ``known_keys``: further keys a YAML file may use;
    ``year``: the plan's year when a running text names none.

    :raises PlanFileError: with everything that is wrong.
    """
    suffix = PurePath(name).suffix.lower()
    if data.startswith(_ZIP) or suffix == ".docx":
        return read_layout(_word(data), known=known, year=year)
    if data.startswith(_OLE) or suffix == ".doc":
        raise PlanFileError([Fault("old-word")])
    if suffix in YAML_NAMES:
        return read_yaml(data, known_units={*known_keys, *(unit.key for unit in known)})
    if suffix in TEXT_NAMES:
        return read_layout(read_markdown_text(data), known=known, year=year)
    raise PlanFileError([Fault("format")])


def _word(data: bytes) -> Text:
    with tempfile.TemporaryDirectory(prefix="khcn-plan-") as folder:
        path = Path(folder) / "plan.docx"
        path.write_bytes(data)
        return read_docx_text(path)
