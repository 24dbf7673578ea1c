"""MARC records a second of processor time, out and in, beside bare ``pymarc`` on the same records."""

import io
import sys
import tempfile
import time
import warnings
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import pymarc  # noqa: E402

from benchmarks.runner import figure, report  # noqa: E402
from khcn.engines.records.marc import XML_TAIL, marc_bytes, marc_xml, to_marc, xml_head  # noqa: E402
from khcn.engines.records.marc_files import read_marc  # noqa: E402
from khcn.engines.records.marc_values import from_marc  # noqa: E402
from khcn.engines.records.types import Agent, Heading, Identifier, Record  # noqa: E402

RECORDS = 2_000
AIM = 500.0  # 10,000 records in twenty seconds


def record(number: int) -> Record:
    """Return one usual record: two people, three subjects, an abstract of two lines."""
    when = datetime(2026, 1, 2, tzinfo=UTC)
    return Record(
        id=number, url=f"https://khcn.example.vn/thu-vien/sach-{number}/", ark=f"ark:/99999/k{number}", kind="document",
        kind_label="Tài liệu", title=f"Giáo trình kỹ thuật số tập {number}", published_at=when, updated_at=when,
        abstract="Trình bày nguyên lý của mạch số.\nKèm bài tập có lời giải cho học sinh phổ thông." * 3,
        creators=(Agent("Nguyễn Thị Hòa"), Agent(f"Trần Văn {number % 97}")), publisher="Giáo dục", year=2005,
        issued=date(2005, 3, 4), identifiers=(Identifier("isbn", "978-0-306-40615-7"),), ddc="621.3815",
        subjects=tuple(Heading(f"k{one}", f"Chủ đề {one}") for one in range(3)), rights="cc-by-4.0",
    )  # fmt: skip


def _rate(start: float) -> float:
    return RECORDS / (time.process_time() - start)


def run() -> list[dict[str, Any]]:
    """Measure and return the figures."""
    records = [record(number) for number in range(1, RECORDS + 1)]
    start = time.process_time()
    written = b"".join(marc_bytes(to_marc(one)) for one in records)
    out = _rate(start)
    marcs = [to_marc(one) for one in records]
    start = time.process_time()
    bare = b"".join(one.as_marc() for one in marcs)
    bare_out = _rate(start)
    if bare != written:
        raise RuntimeError("the two ways do not write the same")
    with tempfile.TemporaryDirectory() as folder:
        path, xml = Path(folder) / "a.mrc", Path(folder) / "a.xml"
        path.write_bytes(written)
        xml.write_text(xml_head() + "".join(map(marc_xml, marcs)) + XML_TAIL, encoding="utf-8")
        start = time.process_time()
        back = sum(bool(from_marc(item.record).values["title"]) for item in read_marc(path) if item.record)
        into = _rate(start)
        start = time.process_time()
        from_xml = sum(bool(from_marc(item.record).values["title"]) for item in read_marc(xml) if item.record)
        into_xml = _rate(start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = time.process_time()
            peer = sum(found is not None for found in pymarc.MARCReader(io.BytesIO(written)))
            bare_in = _rate(start)
    if not back == from_xml == peer == RECORDS:
        raise RuntimeError(f"read {back}, {from_xml} and {peer} of {RECORDS} records")
    return [
        _row("MARC out: record to ISO 2709", out, "pymarc as_marc alone", bare_out),
        _row("MARC in: ISO 2709 to values", into, "pymarc MARCReader alone", bare_in),
        _row("MARCXML in: to values", into_xml, "pymarc MARCReader, ISO 2709", bare_in),
    ]


def _row(name: str, value: float, peer: str, peer_value: float) -> dict[str, Any]:
    about = {"aim": AIM, "peer": peer, "peer_value": round(peer_value), "ok": value >= AIM}
    return figure(f"{name}, records", round(value), "1/s", **about)


if __name__ == "__main__":
    sys.exit(report("catalogue", run(), as_json="--json" in sys.argv))
