"""``khcn document check FILE.docx [--json]``: a deed that needs no database and does not load the web site.

Status 0 when the document could be checked, broken rules or not; 1 when it could not be read, with a sentence on standard
error.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from khcn.core.papers.check.book import Conformance
from khcn.core.papers.check.package import MOST_BYTES, UnreadableError
from khcn.core.papers.checker import SEVERITIES, check_document

DEEDS: Final = {"check": "check a DOCX against Decree 30/2020/NĐ-CP: rules kept and broken, each with where"}
_SEVERITY_WORDS: Final = {"grave": "Nghiêm trọng", "error": "Lỗi", "minor": "Nên sửa"}


def add_deeds(deeds: Any) -> None:
    """Add the parsers of all deeds to ``deeds`` (what ``add_subparsers`` returned)."""
    parser = deeds.add_parser("check", help=DEEDS["check"])
    parser.add_argument("file", type=Path, metavar="FILE.docx")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run_deed(options: Mapping[str, Any], *, out: TextIO, err: TextIO) -> int:
    """Check the file that ``options`` name; return the exit status."""
    path: Path = options["file"]
    try:
        result = check_document(read_file(path))
    except UnreadableError as error:
        err.write(f"{error.message}\n")
        return 1
    except MemoryError:
        err.write(f"{UnreadableError('bomb').message}\n")
        return 1
    if options["json"]:
        document = {"file": str(path), **result.as_json()}
        out.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        out.write(report_text(path.name, result))
    out.flush()
    return 0


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, not more than can be checked.

    :raises UnreadableError: it is missing, a folder, not readable or too large.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise UnreadableError("missing", name=path, why="không có tệp này") from error
    except IsADirectoryError as error:
        raise UnreadableError("missing", name=path, why="đây là thư mục") from error
    except (OSError, ValueError) as error:
        raise UnreadableError(
            "missing", name=path, why=getattr(error, "strerror", None) or "lỗi đọc"
        ) from error
    return data


def report_text(name: str, result: Conformance) -> str:
    """Return the result as a list for people, gravest first."""
    lines = [f"{name}: {result.type_name}", ""]
    if result.conforms:
        lines.append(f"Đúng thể thức: {len(result.kept)} quy tắc đạt.")
    else:
        lines.append(
            f"Chưa đúng thể thức: {len(result.broken)} điểm cần sửa, {len(result.kept)} quy tắc đạt."
        )
    for finding in sorted(result.broken, key=lambda one: SEVERITIES.index(one.severity)):
        lines += ["", f"[{_SEVERITY_WORDS[finding.severity]}] {finding.message}"]
        lines.append(f"    Ở: {finding.where}")
        lines.append(f"    Cần: {finding.expected}   ({finding.rule})")
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str]) -> int:
    """Run ``khcn document <deed> ...`` without Django; ``argv`` begins with the deed."""
    parser = argparse.ArgumentParser(prog="khcn document")
    deeds = parser.add_subparsers(dest="deed", required=True)
    add_deeds(deeds)
    return run_deed(vars(parser.parse_args(argv)), out=sys.stdout, err=sys.stderr)
