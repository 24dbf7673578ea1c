"""Requests for support in a given state, through the services."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from khcn.orgs.enums import PartyKind
from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.rules.support import Grant, Line
from khcn.programmes.services.support_calls import CallRules, call_save
from khcn.programmes.services.support_decisions import funds_confirm, request_approve, request_check
from khcn.programmes.services.support_handover import Deed, handover_enter
from khcn.programmes.services.support_requests import request_save, request_submit
from khcn.programmes.tokens import link_token
from tests.programmes.factories import NOW, TODAY, People, make_programme

M = 1_000_000
TASK = "II.4.2.1-a"


def make_call(people: People, **rules: Any) -> SupportCall:
    """Return an open call with money on one task; the head approves up to ten million."""
    programme = make_programme(
        people.focal, kind=ProgrammeKind.SUPPORT, audiences="|teachers|pupils|", task_code=TASK
    )
    values = {"task_code": TASK, "budget_year": 2026, "limit_vnd": Decimal(10 * M)} | rules
    return call_save(actor=people.officer, programme=programme, rules=CallRules(**values), now=NOW)


def make_request(
    call: SupportCall, *, submitted: bool = True, now: datetime = NOW, **fields: Any
) -> SupportRequest:
    """Return a request for two microscopes (2 million) and four kits (1 million): eight million."""
    values = {
        "organisation": "Trường Thử", "folded_organisation": "truong thu", "organisation_kind": PartyKind.SCHOOL,
        "contact_name": "Cô Thử", "contact_address": "truong@example.vn", "token": link_token(), "created_at": now,
    } | fields  # fmt: skip
    row = SupportRequest.objects.create(call=call, **values)
    lines = [Line("Kính hiển vi", "cái", 2, Decimal(2 * M)), Line("Bộ mạch", "bộ", 4, Decimal(M))]
    request_save(
        token=row.token, purpose="Dùng cho phòng thực hành của học sinh khối 8", audience="pupils", lines=lines,
        revision=row.revision, now=now,
    )  # fmt: skip
    if submitted:
        request_submit(token=row.token, now=now)
    row.refresh_from_db()
    return row


def grants(one: int = 2, two: int = 4) -> dict[int, Grant]:
    """Return so many of both items, at the prices asked."""
    return {1: Grant(one, Decimal(2 * M)), 2: Grant(two, Decimal(M))}


def funded(people: People, call: SupportCall, **fields: Any) -> SupportRequest:
    """Return a request that waits for approval."""
    row = make_request(call, **fields)
    request_check(actor=people.officer, request_id=row.pk, grants=grants(), note="", now=NOW)
    return funds_confirm(actor=people.finance, request_id=row.pk, note="", now=NOW)


def approved(people: People, call: SupportCall, one: int = 2, two: int = 4) -> SupportRequest:
    """Return an approved request."""
    row = funded(people, call)
    return request_approve(
        actor=people.focal_head, request_id=row.pk, grants=grants(one, two), note="", now=NOW
    )


def hand(people: People, row: SupportRequest, one: int, two: int, *, key: str, **more: Any) -> Any:
    """Hand over so many of both items."""
    deed = Deed(TODAY, "Trường Thử", "Anh Giao", "Cô Nhận", {1: one, 2: two}, **more)
    return handover_enter(actor=people.officer, request_id=row.pk, deed=deed, client_key=key, now=NOW)
