"""No door tells of a work that its reader may not open: every public address x every hidden work, and every list.

The titles and texts of hidden works hold words that nothing else holds. Whatever comes back (a page, a feed, a record, a
picture's text, a spreadsheet) is searched for them. A new public address is tried by itself; one whose parameters this
test cannot fill fails it.
"""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khcn.library.enums import Visibility, WorkState
from khcn.library.models import Authority, Collection, Work
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.services.oai import oai_follow
from khcn.orgs.enums import Role
from tests.library.makers import make_page, make_term, make_work
from tests.orgs.factories import make_member, make_unit
from tests.web.permission_shelf import Shelf
from tests.web.test_permission_table import addresses

pytestmark = pytest.mark.django_db
# Each is a word of its own, so that no part of a page holds it by chance.
TITLE, TEXT, FILE = "Xuphonglamtieude", "Quyhoatnoidung", "tepkinzuka"
HIDDEN: dict[str, dict[str, Any]] = {
    "draft": {"state": WorkState.DRAFT},
    "submitted": {"state": WorkState.SUBMITTED},
    "approved": {"state": WorkState.APPROVED},
    "embargoed": {"state": WorkState.PUBLISHED, "embargoed": True},
    "signed-in": {"state": WorkState.PUBLISHED, "visibility": Visibility.SIGNED_IN},
    "units": {"state": WorkState.PUBLISHED, "visibility": Visibility.UNITS},
}
# Their address says what they were called and why they were taken away; nothing else does.
TAKEN_AWAY: dict[str, dict[str, Any]] = {
    "frozen": {"state": WorkState.FROZEN, "tombstone_reason": "Đang rà soát"},
    "withdrawn": {"state": WorkState.WITHDRAWN, "tombstone_reason": "Theo yêu cầu"},
}
NOT_PUBLIC = ("ban-lam-viec/", "tai-khoan/", "quan-tri/")
OF_THE_LIBRARY = ("thu-vien/", "api/v1/library/", "ark:", "opds/", "oai")


def hidden_work(fields: dict[str, Any]) -> tuple[Work, Shelf]:
    """Return a work that visitors may not open, with a file, a page, a creator and a shelf that hold the words."""
    tomorrow = timezone.localdate() + timedelta(days=2)
    unit, person = make_unit("Đơn vị giữ"), make_member(Role.CONTRIBUTOR)
    work = make_work(
        f"{TITLE} đo lường",
        owner_unit=unit,
        submitted_by=person,
        abstract=f"Tóm tắt {TEXT}",
        creators=[{"name": f"Nguyễn {TEXT}"}],
        embargo_until=tomorrow if fields.get("embargoed") else None,
        **fields,
    )
    if fields.get("visibility") == Visibility.UNITS:
        work.units.set([unit])
    make_page(work, text=f"Điều 1. {TEXT} đo lường.")
    work.collections.add(
        Collection.objects.filter(key="ke-chung").first() or make_term(Collection, "Kệ chung")
    )
    shelf = Shelf(unit, person, work)
    type(shelf.file).objects.filter(pk=shelf.file.pk).update(original_name=f"{FILE}.pdf")
    Authority.objects.filter(pk=shelf.name.pk).update(heading="Nguyễn Văn A")
    index_enqueue([work.pk])
    return work, shelf


def body(response: Any) -> str:
    """Return everything in an answer as text, also what is packed."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    found = [data.decode("utf-8", "replace"), str(response.headers)]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return "\n".join(found)


def public_addresses() -> list[str]:
    """Return every pattern that visitors may ask for, each once."""
    return sorted({path for path in addresses() if not path.startswith(NOT_PUBLIC)})


def filled(pattern: str, work: Work, shelf: Shelf) -> str:
    """Return an address about ``work``."""
    values = {
        "<slug:slug>": work.slug,
        "<int:width>": "900",
        "<slug:key>": "ke-chung",
        **shelf.values(pattern),
    }
    for name, value in values.items():
        pattern = pattern.replace(name, value)
    return "/" + pattern


def about_works() -> list[str]:
    return [path for path in public_addresses() if path.startswith(OF_THE_LIBRARY)]


def asked_of(address: str, work: Work) -> list[str]:
    """Return the address plain, and with every question that could bring the work out."""
    questions = [f"q={TITLE}", f"q={TEXT}", f"q={TITLE[:6]}", "q=do+luong"]
    if address == "/oai":
        record = f"metadataPrefix=oai_dc&identifier=oai:127.0.0.1:{work.pk}"
        return [f"/oai?verb=GetRecord&{record}"] + [
            f"/oai?verb={verb}&metadataPrefix={prefix}"
            for verb in ("ListRecords", "ListIdentifiers")
            for prefix in ("oai_dc", "oai_datacite", "marcxml", "khcn_legal")
        ]
    return [address, *(f"{address}?{question}" for question in questions)]


def told(client: Client, address: str, words: tuple[str, ...]) -> list[str]:
    """Return which of the words an answer holds, what the asker wrote himself left out."""
    response = client.get(address)
    if response.status_code >= 500:
        return [f"HTTP {response.status_code}"]
    text = body(response)
    asked = re.findall(r"q=([^&]+)", address)
    return [word for word in words if word in text and not any(word.startswith(one) for one in asked)]


@pytest.mark.parametrize("kind", list(HIDDEN))
def test_no_public_door_tells_of_a_hidden_work(client: Client, kind: str) -> None:
    work, shelf = hidden_work(HIDDEN[kind])
    index_drain()
    oai_follow(clock=lambda: timezone.now() - timedelta(minutes=5))
    leaks = {}
    for pattern in about_works():
        address = filled(pattern, work, shelf)
        assert "<" not in address and "(?P" not in address, f"this test cannot fill {pattern}"
        for one in asked_of(address, work):
            found = told(client, one, (TITLE, TEXT, FILE))
            if found:
                leaks[one] = found
    assert leaks == {}


@pytest.mark.parametrize("kind", list(TAKEN_AWAY))
def test_what_was_taken_away_tells_only_its_name(client: Client, kind: str) -> None:
    work, shelf = hidden_work(TAKEN_AWAY[kind])
    index_drain()
    oai_follow(clock=lambda: timezone.now() - timedelta(minutes=5))
    leaks = {}
    for pattern in about_works():
        for one in asked_of(filled(pattern, work, shelf), work):
            found = told(client, one, (TEXT, FILE))
            if found:
                leaks[one] = found
    assert leaks == {}


def test_pages_without_parameters_tell_nothing_either(client: Client) -> None:
    for fields in HIDDEN.values():
        hidden_work(fields)
    index_drain()
    plain = [path for path in public_addresses() if "<" not in path and "(" not in path]
    leaks = {path: found for path in plain if (found := told(client, f"/{path}", (TITLE, TEXT, FILE)))}
    assert leaks == {}


def test_the_test_would_find_a_leak(client: Client) -> None:
    work, shelf = hidden_work({"state": WorkState.PUBLISHED})
    index_drain()
    assert told(client, filled("thu-vien/<slug:slug>-<int:pk>/", work, shelf), (TITLE, TEXT)) == [TITLE, TEXT]
    assert told(client, "/thu-vien/tim/?q=do+luong", (TITLE,)) == [TITLE]
