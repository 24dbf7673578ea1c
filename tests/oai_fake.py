"""An OAI-PMH server of our own that keeps to the protocol, or misbehaves exactly as a test wants. Loopback only."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

OAI = "http://www.openarchives.org/OAI/2.0/"
DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
Reply = tuple[int, dict[str, str], bytes]
Trick = Callable[["FakeOai", dict[str, str], BaseHTTPRequestHandler], Reply | str | None]


@dataclass
class FakeRecord:
    """A record as the server keeps it. ``raw``: the metadata as it is sent, instead of the Dublin Core of ``dc``."""

    identifier: str
    datestamp: str = "2026-01-01T00:00:00Z"
    dc: dict[str, list[str]] = field(default_factory=dict)
    deleted: bool = False
    raw: str = ""
    sets: tuple[str, ...] = ()

    def xml(self) -> str:
        status = ' status="deleted"' if self.deleted else ""
        sets = "".join(f"<setSpec>{one}</setSpec>" for one in self.sets)
        head = (
            f"<header{status}><identifier>{escape(self.identifier)}</identifier>"
            f"<datestamp>{self.datestamp}</datestamp>{sets}</header>"
        )
        if self.deleted:
            return f"<record>{head}</record>"
        return f"<record>{head}<metadata>{self.raw or self.dublin_core()}</metadata></record>"

    def dublin_core(self) -> str:
        parts = "".join(
            f"<dc:{name}>{escape(value)}</dc:{name}>" for name, values in self.dc.items() for value in values
        )
        return f"<oai_dc:dc {DC}>{parts}</oai_dc:dc>"


@dataclass
class FakeOai:
    """The server: records, how many a page, and ``trick``, which may answer instead (``None``: as usual)."""

    records: list[FakeRecord] = field(default_factory=list)
    page_size: int = 10
    deleted_record: str = "persistent"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    response_date: str = "2026-06-01T00:00:00Z"
    name: str = "Thư viện thử"
    trick: Trick | None = None
    sends_size: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    known_tokens: bool = True
    url: str = ""

    def add(self, number: int, **dc: Any) -> FakeRecord:
        """Add a plain record and return it."""
        fields = {
            "title": [f"Tài liệu số {number}"],
            "creator": [f"Tác giả {number}"],
            "date": ["2021"],
            "identifier": [f"https://nguon.example.vn/{number}"],
            "description": [f"Tóm tắt của tài liệu {number}."],
            **{name: value if isinstance(value, list) else [value] for name, value in dc.items()},
        }
        record = FakeRecord(f"oai:nguon:{number}", dc={name: said for name, said in fields.items() if said})
        self.records.append(record)
        return record

    def answer(self, asked: dict[str, str], handler: BaseHTTPRequestHandler) -> Reply:
        """Answer one request."""
        self.asked.append(asked)
        said = self.trick(self, asked, handler) if self.trick else None
        if isinstance(said, tuple):
            return said
        body = said if isinstance(said, str) else self.document(asked)
        return 200, {"Content-Type": "text/xml; charset=utf-8"}, body.encode()

    def document(self, asked: dict[str, str]) -> str:
        """Return the answer of a server that keeps to the protocol."""
        verb = asked.get("verb", "")
        inner = {
            "Identify": self.identify, "ListSets": self.list_sets, "ListMetadataFormats": self.list_formats,
            "ListRecords": self.list_records, "GetRecord": self.get_record,
        }.get(verb, lambda _asked: self.error("badVerb"))(asked)  # fmt: skip
        return self.envelope(inner)

    def envelope(self, inner: str) -> str:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}"><responseDate>{self.response_date}'
            f"</responseDate><request>{self.url}</request>{inner}</OAI-PMH>"
        )

    def error(self, code: str, text: str = "") -> str:
        return f'<error code="{code}">{text}</error>'

    def identify(self, _asked: dict[str, str]) -> str:
        return (
            f"<Identify><repositoryName>{self.name}</repositoryName><baseURL>{self.url}</baseURL>"
            "<protocolVersion>2.0</protocolVersion><adminEmail>a@example.vn</adminEmail>"
            "<earliestDatestamp>2020-01-01T00:00:00Z</earliestDatestamp>"
            f"<deletedRecord>{self.deleted_record}</deletedRecord>"
            f"<granularity>{self.granularity}</granularity></Identify>"
        )

    def list_sets(self, _asked: dict[str, str]) -> str:
        return "<ListSets><set><setSpec>sach</setSpec><setName>Sách</setName></set></ListSets>"

    def list_formats(self, _asked: dict[str, str]) -> str:
        return (
            "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>x</schema>"
            "<metadataNamespace>y</metadataNamespace></metadataFormat></ListMetadataFormats>"
        )

    def list_records(self, asked: dict[str, str]) -> str:
        start, since, spec = 0, asked.get("from", ""), asked.get("set", "")
        if token := asked.get("resumptionToken"):
            if not self.known_tokens or token.count("|") != 2:
                return self.error("badResumptionToken")
            first, since, spec = token.split("|")
            start = int(first)
        found = [one for one in self.records if one.datestamp >= since and (not spec or spec in one.sets)]
        if not found:
            return self.error("noRecordsMatch")
        shown = found[start : start + self.page_size]
        after = start + self.page_size
        size = f' completeListSize="{len(found)}"' if self.sends_size else ""
        token = f"{after}|{since}|{spec}" if after < len(found) else ""
        more = f"<resumptionToken{size}>{token}</resumptionToken>" if start or token else ""
        return f"<ListRecords>{''.join(one.xml() for one in shown)}{more}</ListRecords>"

    def get_record(self, asked: dict[str, str]) -> str:
        for one in self.records:
            if one.identifier == asked.get("identifier"):
                return f"<GetRecord>{one.xml()}</GetRecord>"
        return self.error("idDoesNotExist")


@contextmanager
def serving(fake: FakeOai) -> Iterator[FakeOai]:
    """Serve ``fake`` at ``fake.url`` as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            try:
                status, headers, body = fake.answer(asked, self)
                self.send_response(status)
                headers = {"Content-Length": str(len(body)), **headers}
                for name, value in headers.items():
                    if value:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except (ConnectionError, BrokenPipeError, Silent):
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/oai"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


class Silent(Exception):
    """Raised by a trick that has answered by itself."""
