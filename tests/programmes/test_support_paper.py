"""Requests that came on paper, loans from the page of a request, and the consent of requests outside the calls."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.errors import PermissionDeniedError
from khcn.core.models import Message
from khcn.core.money_port import money_booker
from khcn.core.references import reference_to
from khcn.orgs.enums import Role
from khcn.programmes.enums import AssetState, ConsentForm, SupportSource, SupportState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.support import Loan, SupportRequest
from khcn.programmes.rules.support import Line
from khcn.programmes.services.codes import code_send
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.services.support_loans import asset_add
from khcn.programmes.services.support_paper import PaperRequest, request_enter_paper
from khcn.programmes.services.support_requests import Asker, code_purpose, request_start
from khcn.programmes.simulation.granting import Purse
from tests.orgs.factories import make_member
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.support_factories import M, make_call, make_request

pytestmark = pytest.mark.django_db
LINES = [Line("Kính hiển vi", "cái", 2, Decimal(2 * M))]


@pytest.fixture(autouse=True)
def money() -> Iterator[Purse]:
    with money_booker.using(Purse()) as fake:
        yield fake


def _paper(**more: Any) -> PaperRequest:
    values = {
        "asker": Asker("Trường Tiểu học Đốm Lửa", "school", "Nguyễn Thị Ỷ"), "contact_address": "", "received_on": TODAY,
        "purpose": "Dùng cho phòng thực hành của học sinh", "audience": "pupils", "lines": LINES, "agreed": True,
    }  # fmt: skip
    return PaperRequest(**(values | more))


def _enter(people: People, call: Any, key: str = "k" * 24, **more: Any) -> SupportRequest:
    return request_enter_paper(actor=people.officer, call=call, paper=_paper(**more), client_key=key, now=NOW)


def test_a_paper_waits_like_any_other_and_its_consent_is_on_paper() -> None:
    people = People()
    call = make_call(people)
    row = _enter(people, call)
    assert _enter(people, call).pk == row.pk  # a double click
    assert (row.state, row.source, row.received_on) == (SupportState.SUBMITTED, SupportSource.PAPER, TODAY)
    assert row.asked == 4 * M
    consent = Consent.objects.get(subject=str(reference_to(row)))
    assert (consent.form, consent.recorded_by) == (ConsentForm.PAPER, people.officer)
    assert not Message.objects.exists()  # no address: nobody is written to
    told = _enter(people, call, "m" * 24, contact_address="truong@example.vn")
    assert told.contact_address == "truong@example.vn"
    assert Message.objects.filter(recipient="truong@example.vn").count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"agreed": False}, "agreed"),
        ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
        ({"lines": []}, "items"),
        ({"purpose": "ngắn"}, "purpose"),
        ({"audience": ""}, "audience"),
        ({"contact_address": "không phải địa chỉ"}, "address"),
        ({"asker": Asker(" \u200b ", "school", "Cô A")}, "organisation"),
        ({"asker": Asker("Trường", "nhà-nước", "Cô A")}, "kind"),
    ],
)
def test_what_a_paper_is_refused_for_leaves_nothing(more: dict[str, Any], field: str) -> None:
    people = People()
    call = make_call(people)
    with pytest.raises(ProgrammeError) as refused:
        _enter(people, call, **more)
    assert refused.value.field == field
    assert not SupportRequest.objects.exists()
    assert not Consent.objects.exists()


def test_a_paper_that_came_in_time_is_entered_after_the_call_closed() -> None:
    people = People()
    call = make_call(people)
    call.programme.closes_at = NOW - timedelta(days=2)
    call.programme.save(update_fields=["closes_at"])
    with pytest.raises(ProgrammeError, match="Giấy đến khi đợt"):
        _enter(people, call)
    assert _enter(people, call, received_on=TODAY - timedelta(days=3)).state == SupportState.SUBMITTED


def test_only_the_focal_officer_enters_papers(client: Client) -> None:
    people = People()
    call = make_call(people)
    address = reverse("programmes-desk:support-paper")
    for person in (people.reporter, people.finance, people.leader, people.focal_head):
        with pytest.raises(PermissionDeniedError):
            request_enter_paper(actor=person, call=call, paper=_paper(), client_key="k" * 24, now=NOW)
        client.force_login(person)
        assert client.get(address).status_code == 403
    client.force_login(make_member(Role.JUROR))
    assert client.get(address).status_code == 403
    client.logout()
    assert client.get(address).status_code == 302


def test_the_page_keeps_what_was_typed_and_enters_it(client: Client) -> None:
    people = People()
    call = make_call(people)
    client.force_login(people.officer)
    address = reverse("programmes-desk:support-paper")
    data = {
        "call": str(call.pk), "received_on": timezone.localdate().strftime("%d/%m/%Y"), "organisation": "Trường Mẫu Ỷ",
        "kind": "school", "contact_name": "Cô Mẫu", "purpose": "Dùng cho phòng thực hành của trường", "audience": "pupils",
        "agreed": "on", "client_key": "z" * 24, "name-2": "Kính", "unit-2": "cái", "quantity-2": "hai", "price-2": "2.000.000",
    }  # fmt: skip
    bad = client.post(address, data)
    assert bad.status_code == 422
    assert 'value="hai"' in bad.content.decode()
    more = client.post(address, data | {"viec": "them"})
    assert more.status_code == 200
    assert more.content.decode().count('id="name-') == 6
    assert client.post(address, data | {"quantity-2": "2", "call": "\x00"}).status_code == 422
    scan = SimpleUploadedFile("giay.txt", "Giấy đề nghị".encode())
    done = client.post(address, data | {"quantity-2": "2", "scan": scan})
    assert done.status_code == 302, done.content.decode()
    row = SupportRequest.objects.get()
    assert done["Location"] == reverse("programmes-desk:support-request", args=[row.pk])
    assert (row.asked, row.files.count()) == (4 * M, 1)
    page = client.get(done["Location"]).content.decode()
    assert "Trên giấy" in page
    assert row.token not in page  # handed in: only a returned paper is mended on behalf of the school
    SupportRequest.objects.update(state=SupportState.RETURNED)
    assert row.token in client.get(done["Location"]).content.decode()
    client.force_login(people.finance)
    assert row.token not in client.get(done["Location"]).content.decode()


def test_the_standing_call_has_its_consent_in_the_ledger() -> None:
    people = People()
    call = call_save(actor=people.officer, programme=None, rules=CallRules(), now=NOW)
    code_send(address="truong@example.vn", purpose=code_purpose(call), visitor="1.2.3.4", now=NOW, about="x")
    body = Message.objects.latest("pk").body
    digits = "".join(char for char in body.split(":")[1] if char.isdigit())[:6]
    row = request_start(
        call=call, address="truong@example.vn", digits=digits, asker=Asker("Trường", "school", "Cô A"),
        client_key="k" * 24, now=NOW,
    )  # fmt: skip
    consent = Consent.objects.get(subject=str(reference_to(row)))
    assert (consent.programme, consent.withdrawn_at, consent.form) == (None, None, ConsentForm.WEB)


def test_a_thing_is_lent_from_the_page_of_a_request(client: Client) -> None:
    people = People()
    row = make_request(make_call(people))
    thing = asset_add(
        actor=people.officer, unit=people.focal, serial="A-1", name="Máy in 3D", condition="", now=NOW
    )
    address = reverse("programmes-desk:support-request", args=[row.pk])
    due = (timezone.localdate() + timedelta(days=30)).strftime("%d/%m/%Y")
    client.force_login(people.officer)
    assert "Cho mượn từ kho" in client.get(address).content.decode()
    assert client.post(address, {"viec": "cho-muon", "asset": "999", "due_on": due}).status_code == 422
    late = client.post(address, {"viec": "cho-muon", "asset": str(thing.pk), "due_on": "01/01/2020"})
    assert late.status_code == 422
    given = {"viec": "cho-muon", "asset": str(thing.pk), "due_on": due}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 422  # a double click: it is no longer in stock
    loan = Loan.objects.get()
    assert (loan.request, loan.borrower, loan.contact_address) == (row, row.organisation, row.contact_address)
    thing.refresh_from_db()
    assert thing.state == AssetState.LENT
    page = client.get(address).content.decode()
    assert "không còn thiết bị nào" in page
    assert "hẹn trả" in page
    client.force_login(people.finance)
    assert client.post(address, given).status_code in {403, 422}
    assert "Cho mượn từ kho" not in client.get(address).content.decode()
