"""OAI-PMH at 50,000 records: ListRecords beside raw serialisation of the same records, and three foreign harvesters.

``ours`` is the whole answer (reading the database, building the records, writing the format, the token), page by page as
a harvester asks. ``raw`` only writes the format, of records that lie ready in memory: the bound that no server can pass. Both are counted in CPU seconds of this process, so that a
busy machine measures the same.
The harvesters (sickle, oaipmh-scythe, Perl HTTP::OAI) ask over HTTP and must get N of N.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

_PERL = """
use strict; use HTTP::OAI; my $count = 0;
my $list = HTTP::OAI::Harvester->new(baseURL => $ARGV[0])->ListRecords(
    metadataPrefix => 'oai_dc', onRecord => sub { $count++ });
die $list->message if $list->is_error; print $count;
"""


def fill(count: int) -> None:
    """Write ``count`` public works, every fifth an official document, straight into the tables."""
    from datetime import date

    from django.utils import timezone

    from benchmarks.corpus import documents
    from khcn.engines.text.collate import sort_key
    from khcn.engines.text.slug import slugify_vi
    from khcn.library.models import Collection, LegalRecord, Subject, Work

    now = timezone.now()
    shelves = [Collection.objects.create(key=f"ke-{n}", name=f"Kệ {n}", sort_key=f"{n}") for n in range(8)]
    subjects = [
        Subject.objects.create(key=f"chu-de-{n}", name=f"Chủ đề {n}", sort_key=f"{n}") for n in range(20)
    ]
    batch: list[Work] = []

    def write() -> None:
        Work.objects.bulk_create(batch)
        ids = [(work.pk, work.kind) for work in batch]
        Work.collections.through.objects.bulk_create(
            Work.collections.through(work_id=pk, collection_id=shelves[pk % 8].pk) for pk, _kind in ids
        )
        Work.subjects.through.objects.bulk_create(
            Work.subjects.through(work_id=pk, subject_id=subjects[(pk + n) % 20].pk)
            for pk, _kind in ids
            for n in (0, 7)
        )
        LegalRecord.objects.bulk_create(
            LegalRecord(
                work_id=pk, number=f"{pk}/QĐ-UBND", type_name="Quyết định", organ_name="Uỷ ban nhân dân",
                signer_name="Nguyễn Văn A", effective_date=date(2024, 1, 1),
            )
            for pk, kind in ids
            if kind == "legal"
        )  # fmt: skip
        batch.clear()

    for row in documents(count, length=600):
        issued = date.fromisoformat(row["issued"])
        batch.append(
            Work(
                title=row["title"], slug=slugify_vi(row["title"], 60), sort_key=sort_key(row["title"]), abstract=row["text"],
                kind=row["kind"], state="published", published_at=now, created_at=now, updated_at=now, rights="cc-by-4.0",
                issued_date=issued, issued_year=issued.year, creators=[{"name": "Trần Thị B"}, {"name": "Lê C"}],
            )
        )  # fmt: skip
        if len(batch) == 2000:
            write()
    write()


def ours(prefix: str) -> tuple[int, float]:
    """Ask for everything, page by page; return (records, CPU seconds)."""
    import re

    from django.utils import timezone

    from khcn.library.exports.oai import oai_answer

    asked = [("verb", "ListRecords"), ("metadataPrefix", prefix)]
    records, start = 0, time.process_time()
    while True:
        body = oai_answer(asked, now=timezone.now())
        records += body.count(b"<record><header>")
        token = re.search(rb"<resumptionToken[^>]*>([^<]+)<", body)
        if token is None:
            return records, time.process_time() - start
        asked = [("verb", "ListRecords"), ("resumptionToken", token[1].decode())]


def raw(prefix: str, records: list[Any]) -> float:
    """Write records that lie ready; return CPU seconds."""
    from khcn.library.exports.oai import oai_formats

    write, start = oai_formats.get(prefix).write, time.process_time()
    for record in records:
        write(record)
    return time.process_time() - start


def served() -> Iterator[str]:
    """Serve the site on a free port while the caller iterates; yields the address once."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def by_sickle(address: str) -> int:
    """Harvest with sickle."""
    from sickle import Sickle

    return sum(1 for _record in Sickle(address).ListRecords(metadataPrefix="oai_dc"))


def by_scythe(address: str) -> int:
    """Harvest with oaipmh-scythe."""
    from oaipmh_scythe import Scythe

    with Scythe(address) as scythe:
        return sum(1 for _record in scythe.list_records(metadata_prefix="oai_dc"))


def by_perl(address: str) -> int | None:
    """Harvest with Perl HTTP::OAI; None when it is not installed."""
    perl = shutil.which("perl")
    if not perl or subprocess.run([perl, "-MHTTP::OAI", "-e1"], capture_output=True, check=False).returncode:
        return None
    done = subprocess.run([perl, "-e", _PERL, address], capture_output=True, text=True, check=True)
    return int(done.stdout)


def run(count: int, folder: Path) -> dict[str, Any]:
    """Measure in a data folder of its own."""
    os.environ |= {"KHCN_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "khcn.config.settings"}
    import django

    django.setup()
    from khcn.core.prepare import ensure_ready
    from khcn.library.exports.oai import PAGE
    from khcn.library.models import Work
    from khcn.library.selectors.records import records_by_ids
    from khcn.library.services.oai import oai_sweep

    ensure_ready(lambda _text: None)
    fill(count)
    figures: list[dict[str, Any]] = []
    start = time.perf_counter()
    told = oai_sweep().changed
    figures.append(
        {
            "figure": f"first look at {told} works",
            "value": told / (time.perf_counter() - start),
            "unit": "rec/s",
        }
    )
    ids = list(Work.objects.order_by("pk").values_list("pk", flat=True))
    start, records = time.process_time(), []
    for at in range(0, len(ids), PAGE["ListRecords"]):
        records += records_by_ids(ids[at : at + PAGE["ListRecords"]])
    figures.append(
        {
            "figure": "records out of the database",
            "value": len(ids) / (time.process_time() - start),
            "unit": "rec/CPU s",
        }
    )
    for prefix in ("oai_dc", "marcxml", "oai_datacite", "khcn_legal"):
        found, took = ours(prefix)
        bound = raw(prefix, records)
        figures.append(
            {
                "figure": f"ListRecords {prefix}, {found} of {count}", "value": found / took, "unit": "rec/CPU s",
                "peer": "raw serialisation", "peer_value": count / bound, "ok": found == count,
            }
        )  # fmt: skip
    for address in served():
        clients: list[tuple[str, Callable[[str], int | None]]] = [
            ("sickle", by_sickle), ("oaipmh-scythe", by_scythe), ("Perl HTTP::OAI", by_perl),
        ]  # fmt: skip
        for name, harvest in clients:
            start = time.perf_counter()
            got = harvest(f"{address}/oai")
            if got is None:
                print(f"{name}: not installed", file=sys.stderr)
                continue
            figures.append(
                {
                    "figure": f"{name} harvests {got} of {count}", "value": got / (time.perf_counter() - start),
                    "unit": "rec/s", "ok": got == count,
                }
            )  # fmt: skip
    return {"name": "OAI-PMH provider", "figures": figures}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, default=None, help="where the trial installation is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="khcn-oai-", dir=options.folder) as folder:
        result = run(options.count, Path(folder))
    from benchmarks.runner import report

    return report(result["name"], result["figures"], as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
