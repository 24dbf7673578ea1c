"""The checks of the public OAI-PMH validator and stricter ones: our provider passes, wrong ones are caught."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from khcn.engines.oai.validator import Finding, Reply, validate
from khcn.library.enums import WorkState
from khcn.library.exports import oai as export
from khcn.library.exports.oai_check import oai_check
from khcn.library.models import Work
from khcn.library.services.oai import oai_follow
from khcn.orgs.site import site_identity
from tests.library.oai_world import changed, public_work, small_repository

pytestmark = pytest.mark.django_db
BASE = "https://thuvien.example.vn/oai"


@pytest.fixture(autouse=True)
def _site(settings: Any, monkeypatch: Any) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": "https://thuvien.example.vn"})
    monkeypatch.setattr(export, "site_identity", lambda: replace(site_identity(), email="thuvien@example.vn"))
    monkeypatch.setattr(export, "PAGE", {"ListRecords": 3, "ListIdentifiers": 4})


@pytest.fixture
def works() -> list[Work]:
    """Works of several kinds in sets, one withdrawn, one frozen, over several pages of both lists."""
    made = [*small_repository(7), *(public_work(f"Thêm {number}") for number in range(4))]
    oai_follow()
    Work.objects.filter(pk=made[1].pk).update(state=WorkState.WITHDRAWN)
    Work.objects.filter(pk=made[-1].pk).update(state=WorkState.FROZEN)
    changed(made[1], made[-1])
    oai_follow()
    return made


def over_http(client: Client) -> Callable[[str, bool], Reply]:
    """Ask the view as the validator does: a GET with a query, or a form sent by POST."""

    def ask(query: str, post: bool) -> Reply:
        if post:
            answer = client.post("/oai", query, content_type="application/x-www-form-urlencoded")
        else:
            answer = client.get(f"/oai?{query}")
        return Reply(answer.status_code, answer.content)

    return ask


def bad(findings: list[Finding]) -> list[str]:
    return [f"{one.name}: {one.detail}" for one in findings if not one.good]


def test_our_provider_is_compliant(works: list[Work]) -> None:
    findings = validate(over_http(Client(enforce_csrf_checks=True)), BASE)
    assert bad(findings) == []
    assert len(findings) > 150
    assert any("POST verb=GetRecord" in one.name for one in findings)


def test_also_when_the_first_record_of_all_is_a_deleted_one(works: list[Work]) -> None:
    Work.objects.filter(pk__in=[work.pk for work in works[:3]]).update(state=WorkState.WITHDRAWN)
    changed(*works[:3])
    oai_follow()
    assert bad(oai_check(now=timezone.now())) == []


def test_an_address_for_mail_that_nobody_can_reach_is_told(works: list[Work], monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "site_identity", lambda: replace(site_identity(), email="khcn@localhost"))
    assert any(one.startswith("adminEmail") for one in bad(oai_check(now=timezone.now())))


def test_an_empty_library_is_told_so() -> None:
    oai_follow()
    found = bad(oai_check(now=timezone.now()))
    assert any("verb=ListIdentifiers" in one for one in found)
    assert found[-1].startswith("the checks came to their end")


def _replaced(pattern: str, by: str) -> Callable[[str, bytes], bytes]:
    return lambda _query, body: re.sub(pattern, by, body.decode(), flags=re.S).encode()


def _only(part: str, change: Callable[[str, bytes], bytes]) -> Callable[[str, bytes], bytes]:
    return lambda query, body: change(query, body) if part in query else body


# Ways in which providers are wrong, and a word of the check that must tell.
WRONG = [
    (_replaced("<protocolVersion>2.0<", "<protocolVersion>1.1<"), "protocol version"),
    (_replaced("<baseURL>https:", "<baseURL>http:"), "baseURL"),
    (_replaced("<adminEmail>[^<]*", "<adminEmail>mailto:a@example.vn"), "adminEmail"),
    (_replaced("<adminEmail>.*?</adminEmail>", ""), "valid: verb=Identify"),
    (_replaced("<granularity>[^<]*", "<granularity>YYYY-MM-DD"), "earliestDatestamp has the granularity"),
    (_replaced("<earliestDatestamp>[^<]*", "<earliestDatestamp>2999-01-01T00:00:00Z"), "older than"),
    (_replaced("<repositoryIdentifier>[^<]*", "<repositoryIdentifier>a.b"), "repositoryIdentifier"),
    (_replaced("<deletedRecord>persistent", "<deletedRecord>maybe"), "valid: verb=Identify"),
    (
        _replaced(
            r"xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/ [^\"]*", 'xsi:schemaLocation="x y'
        ),
        "schema",
    ),
    (_replaced("<responseDate>[^<]*", "<responseDate>2026-01-01 10:00:00"), "valid:"),
    (_replaced("<setSpec>kind</setSpec>", "<setSpec>ki nd</setSpec>"), "valid: verb=ListSets"),
    (_replaced("<set><setSpec>kind</setSpec>.*?</set>", ""), "below another"),
    (_replaced("<metadataPrefix>oai_dc<", "<metadataPrefix>dc<"), "oai_dc"),
    (_only("verb=GetRecord", _replaced("<setSpec>kind[^<]*</setSpec>", "")), "names the set"),
    (_only("verb=GetRecord", _replaced(r"<datestamp>(.{10})[^<]*", r"<datestamp>\1")), "datestamp"),
    (_only("from=2", _replaced("<record>.*</record>", "")), "verb=ListRecords&from="),
    (_replaced('<header status="deleted">', "<header>"), "valid: verb=ListRecords"),
    (_replaced('code="badVerb"', 'code="badArgument"'), "badVerb: "),
    (_replaced('code="noRecordsMatch"', 'code="nothing"'), "noRecordsMatch"),
    (_replaced('cursor="3"', 'cursor="0"'), "the cursor counts"),
    (_replaced('completeListSize="12"', 'completeListSize="2"'), "completeListSize"),
    (_replaced("<dc:title>", "<dc:name>"), "well formed"),
    (_replaced("dc:title>", "dc:name>"), "valid:"),
    (_replaced("&amp;", "&"), "well formed"),
    (
        _only("resumptionToken=", _replaced("<record>", '<error code="badResumptionToken"/><record>')),
        "holds error",
    ),
]


@pytest.mark.parametrize(("harm", "word"), WRONG)
def test_wrong_providers_are_caught(
    client: Client, works: list[Work], harm: Callable[[str, bytes], bytes], word: str
) -> None:
    honest = over_http(client)

    def ask(query: str, post: bool) -> Reply:
        reply = honest(query, post)
        return Reply(reply.status, harm(query, reply.body))

    found = bad(validate(ask, BASE))
    assert any(word in one for one in found), found[:5]


def test_a_door_that_takes_no_post_or_stumbles_is_caught(client: Client, works: list[Work]) -> None:
    honest = over_http(client)
    found = bad(validate(lambda query, post: Reply(403, b"") if post else honest(query, post), BASE))
    assert found[0].startswith("HTTP 200: POST verb=Identify")
    found = bad(
        validate(lambda query, post: Reply(500, b"") if "junk" in query else honest(query, post), BASE)
    )
    assert found[0].startswith("HTTP 200: junk")


def test_the_command_tells_and_ends_as_it_found(works: list[Work], monkeypatch: Any) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("library", "oai-check", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue())["compliant"] is True
    monkeypatch.setattr(export, "site_identity", lambda: replace(site_identity(), email="khcn@localhost"))
    with pytest.raises(SystemExit) as ended:
        call_command("library", "oai-check", stdout=out, stderr=err)
    assert ended.value.code == 1
    assert "adminEmail" in err.getvalue()
