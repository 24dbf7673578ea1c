"""Old Vietnamese files (TCVN3, VNI, VISCII in .doc .xls .rtf .pdf): marks right against transcripts.

Reads ``library/legacy/files`` and ``library/legacy/transcripts`` below the shared folder (``--shared``,
``KHCN_SHARED``, default ``../shared/data``).
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.documents_marks import Marks, score_marks
from khcn.engines.documents.sandbox import extract_file
from khcn.engines.documents.types import ExtractionError

AIM = 0.986


def shared_folder(given: str | None = None) -> Path:
    """Where the shared development cases lie."""
    root = Path(given or os.environ.get("KHCN_SHARED", "../shared"))
    return root / "data" if (root / "data").is_dir() else root


def main(argv: list[str] | None = None) -> int:
    """Print a line per file and the sum; exit status 1 when the aim is missed, 0 when there are no files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="show this many losses of each file")
    parser.add_argument("names", nargs="*", help="only files whose name holds one of these")
    options = parser.parse_args(argv)
    folder = shared_folder(options.shared) / "library" / "legacy"
    if not (folder / "files").is_dir():
        print(f"documents_legacy: no files at {folder}; skipped", file=sys.stderr)
        if options.json:
            print(json.dumps({"name": "documents_legacy", "figures": []}))
        return 0
    total, per_file, seconds = _measure(folder, options)
    figures = [
        {
            "figure": f"legacy files ({len(per_file)}), marks right, case included",
            "value": round(total.share, 5),
            "unit": "share",
            "aim": AIM,
            "peer": "capitals and small letters alike",
            "peer_value": round(total.share_any_case, 5),
            "ok": total.share >= AIM,
        },
        {
            "figure": "worst file",
            "value": round(min(per_file.values()), 5),
            "unit": "share",
            "aim": None,
            "peer": min(per_file, key=lambda name: per_file[name]),
            "peer_value": None,
            "ok": True,
        },
        {
            "figure": "seconds a file",
            "value": round(seconds / max(1, len(per_file)), 2),
            "unit": "s",
            "aim": None,
            "peer": "",
            "peer_value": None,
            "ok": True,
        },
    ]
    if options.json:
        print(json.dumps({"name": "documents_legacy", "figures": figures}, ensure_ascii=False))
    else:
        for figure in figures:
            print(
                f"{figure['figure']:40} {figure['value']:>9} aim {figure['aim']} ({figure['peer']} {figure['peer_value']})"
            )
    return 0


def _measure(folder: Path, options: argparse.Namespace) -> tuple[Marks, dict[str, float], float]:
    total = Marks()
    per_file: dict[str, float] = {}
    started = time.perf_counter()
    for path in sorted((folder / "files").iterdir()):
        if options.names and not any(name in path.name for name in options.names):
            continue
        reference = (folder / "transcripts" / f"{path.stem}.txt").read_text(encoding="utf-8")
        try:
            extraction = extract_file(path)
            text, note = extraction.text, "/".join(sorted({page.encoding for page in extraction.pages}))
        except ExtractionError as error:
            text, note = "", error.code
        marks = score_marks(reference, text)
        total.add(marks)
        per_file[path.name] = marks.share_any_case
        if not options.json:
            print(f"{path.name:48} {marks.total:6} {marks.share_any_case:.4f} {marks.share:.4f} {note}")
            for wanted, found in marks.examples[: options.show]:
                print(f"    - {wanted}\n    + {found}")
            if options.show:
                print("   ", marks.lost.most_common(12))
    return total, per_file, time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
