"""A small repository for the tests of OAI-PMH: works, the follower, a client that asks the view and reads the answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from lxml import etree

from khcn.library.enums import WorkKind, WorkState
from khcn.library.models import Collection, Work, WorkRelation
from khcn.library.search.changes import index_enqueue
from khcn.library.services.oai import oai_follow
from tests.library.makers import make_term, make_work

OAI = "{http://www.openarchives.org/OAI/2.0/}"


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


def changed(*works: Work) -> None:
    """Note that works have changed, as services do."""
    index_enqueue([work.pk for work in works])


def public_work(title: str, **fields: Any) -> Work:
    """Return a new public work, noted for the followers."""
    fields.setdefault("state", WorkState.PUBLISHED)
    work = make_work(title, **fields)
    changed(work)
    return work


def legal_work(number: str = "12/2024/QĐ-UBND", title: str = "Quyết định về hoạt động khoa học") -> Work:
    """Return a public legal document with everything that Decree 30 asks for."""
    return public_work(
        title,
        kind=WorkKind.LEGAL,
        issued_year=2024,
        issued_date="2024-05-02",
        abstract="Quy định việc quản lý nhiệm vụ khoa học & công nghệ <cấp cơ sở>.",
        creators=[
            {"name": "Nguyễn Văn An", "orcid": "0000-0002-1825-0097"},
            {"name": "Phòng Kinh tế", "kind": "organisation"},
        ],
        contributors=[{"name": "Trần Thị Bình", "role": "edt"}],
        identifiers=[{"type": "doi", "value": "10.1234/abc"}, {"type": "isbn", "value": "9786040000000"}],
        legal={
            "number": number,
            "type_name": "Quyết định",
            "organ_name": "Uỷ ban nhân dân",
            "organ_id": "H29.12",
            "signer_name": "Lê Văn C",
            "signer_position": "Chủ tịch",
            "recipients": ["Như Điều 3", "Lưu: VT"],
            "effective_date": "2024-06-01",
            "expired_date": "2026-01-01",
            "issued_amount": 12,
        },
    )


def small_repository(count: int = 3) -> list[Work]:
    """Return works of several kinds in two collections, followed."""
    shelf = make_term(Collection, "Báo cáo hằng năm")
    works = [public_work(f"Tài liệu số {number}") for number in range(count)]
    works[0].collections.add(shelf)
    legal = legal_work()
    WorkRelation.objects.create(
        work=legal, kind="replaces", cited_number="1/2020/QĐ-UBND", cited_key="1/2020"
    )
    WorkRelation.objects.create(work=legal, kind="based_on", target=works[0])
    changed(*works)
    oai_follow()
    return [*works, legal]


def ask(client: Client, query: str = "", **arguments: str) -> Any:
    """Ask by GET and return the root of the answer."""
    response = client.get("/oai?" + query if query else "/oai", arguments or None)
    assert response.status_code == 200, response.status_code
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    return etree.fromstring(response.content)


def error_codes(root: Any) -> list[str]:
    """Return the error codes of an answer."""
    return [one.get("code") for one in root.findall(f"{OAI}error")]


def identifiers(root: Any) -> list[str]:
    """Return the identifiers of the records of an answer."""
    return [one.text for one in root.iter(f"{OAI}identifier") if one.getparent().tag == f"{OAI}header"]


def pages(client: Client, **arguments: str) -> Iterator[Any]:
    """Harvest a list page by page."""
    verb = arguments.get("verb", "ListRecords")
    root = ask(client, **{"verb": verb, **arguments})
    while True:
        yield root
        token = root.findtext(f".//{OAI}resumptionToken")
        if not token:
            return
        root = ask(client, verb=verb, resumptionToken=token)
