"""What the walk of :mod:`tests.programmes.test_leaks` cannot see: every personal field, answers to what is sent, counts.

:mod:`tests.programmes.leak_district` puts a word of its own in every personal or secret field; here stands which circle
of words each reader may read. Counts have no words: they are found by adding people, teams, scores where a reader may
see none, and asking every address again. Not one letter may be different.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from django.core.cache import cache
from django.test import Client

from khcn.orgs.enums import PartyKind
from khcn.programmes.enums import PhaseKind, SupportState
from khcn.programmes.models.attendance import Attendance, WalkIn
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.models.contests import Conflict, Review
from khcn.programmes.models.evaluation import SurveyAnswer
from khcn.programmes.models.exhibitions import Exhibitor, VisitorContact
from khcn.programmes.models.support import SupportRequest
from khcn.programmes.rules.attendance import Source
from khcn.programmes.rules.exhibitions import ExhibitorKind, ExhibitorState
from khcn.programmes.tokens import link_token, ticket_code
from tests.programmes import factories as made
from tests.programmes.leak_district import CIRCLES, District
from tests.programmes.test_leaks import asked_of, everything
from tests.web.permission_programmes import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TICKETS = {"ticket", "ticket of a group"}
OWN = {"people", "opinions", "askers", "borrowers", "stands"} | TICKETS
# Which circles of words and which secrets each reader may read; who is not named here: none at all.
MAY: dict[str, set[str]] = {
    "officer": OWN | {"teams", "schools", "jurors", "link of the gate", "code of a certificate"},
    "focal_head": OWN | {"teams", "schools", "jurors", "code of a certificate"},
    "auditor": OWN | {"teams", "schools", "jurors", "code of a certificate"},
    "leader": {"askers", "borrowers", "jurors"},
    "finance": {"askers", "borrowers"},
    "clerk": {"certified", "code of a certificate"},
    "own_reporter": OWN | {"link of the gate"},
    "own_head": OWN,
}
# Before the scores are frozen nobody reads one, nobody at all reads the contacts of visitors on the desk.
NOBODY_READS = {"scores", "visitors"}
RULED_OUT = (
    "visitor",
    "no_role",
    "other_reporter",
    "other_head",
    "editor",
    "librarian",
    "superior",
    "sysadmin",
)
JURORS = ("juror", "juror_conflicted", "juror_undeclared", "juror_gone", "juror_elsewhere")
DECLARING = "/khai/"  # a juror reads there which schools take part
HOSTILE = {"viec": "x", "name": "\x00<b>", "code": "000000", "danh_sach": "x", "nguoi": "1", "so": "1", "rut": "photo"}  # fmt: skip


def client_of(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
    return client


def read(response: Any) -> str:
    """Return all that an answer tells, the words of a PDF too; numbers as they are written in code."""
    text = everything(response)
    if response.headers.get("Content-Type", "").startswith("application/pdf") and not response.streaming:
        pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
        text += "\n".join(page.extract_text() for page in pages)
    return re.sub(r"(?<=\d)\.(?=\d{3}\b)", "", text).replace("77,318", "77.318").lower()


def words_of(district: District) -> dict[str, tuple[str, str]]:
    """Return every word of the world: what circle it is of, and its name."""
    words = {word: (circle, name) for circle, some in CIRCLES.items() for name, word in some.items()}
    return words | {word: (name, name) for name, word in district.secrets.items()}


def wrong(words: dict[str, tuple[str, str]], text: str, reader: str, address: str) -> set[str]:
    """Return the names of what a reader reads here and may not."""
    may = MAY.get(reader, set()) | ({"schools"} if reader in JURORS and DECLARING in address else set())
    found = set()
    for word, (circle, name) in words.items():
        if not may & {circle, name} and re.search(rf"(?<![\d.]){re.escape(word.lower())}(?!\d)", text):
            found.add(name)
    return found


def with_files(address: str, status: int, text: str) -> Iterable[str]:
    """Return the same as files: all kinds where the page offers any, one where it does not say so."""
    kinds = ("xlsx", "csv", "json") if "tep=" in text else ("xlsx",)
    return (f"{address}?tep={kind}" for kind in kinds) if status == 200 else ()


@pytest.mark.parametrize("part", range(2))
def test_each_reads_own_circles_only(part: int) -> None:
    district = District()
    words, addresses = words_of(district), list(asked_of(district.fair))
    leaks: dict[str, set[str]] = {}
    for reader, person in list(district.readers().items())[part::2]:
        client = client_of(person)
        for address in addresses:
            cache.clear()
            answer = client.get(address)
            assert answer.status_code < 500, address
            text = read(answer)
            found = wrong(words, text, reader, address)
            if address.startswith("/ban-lam-viec/") and "xlsx" not in address:
                for file in with_files(address, answer.status_code, text):
                    cache.clear()
                    found |= wrong(words, read(client.get(file)), reader, address)
            if found:
                leaks.setdefault(f"{reader} {', '.join(sorted(found))}", set()).add(address)
    assert leaks == {}
    assert not NOBODY_READS & {circle for may in MAY.values() for circle in may}


def test_what_is_sent_is_answered_with_nothing_of_others() -> None:
    """Forms sent with nonsense by those who may not: refusals repeat neither names nor secrets, and nothing breaks."""
    district = District()
    words, addresses = words_of(district), list(asked_of(district.fair))
    leaks: dict[str, set[str]] = {}
    people = district.readers()
    for reader in ("visitor", "other_reporter", "editor", "superior", *JURORS):
        client = client_of(people[reader])
        for address in addresses:
            cache.clear()
            answer = client.post(address, HOSTILE)
            assert answer.status_code < 500, f"POST {address}"
            if found := wrong(words, read(answer), reader, address):
                leaks.setdefault(f"{reader} {', '.join(sorted(found))}", set()).add(address)
    assert leaks == {}


def plain(response: Any) -> str:
    """Return an answer without what changes at every request: stamps, keys, the human check, the hour of a file."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    parts = [data.decode("utf-8", "replace")]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if not name.startswith("docProps/")]
            parts = [archive.read(name).decode("utf-8", "replace") for name in names]
    text = f"{response.status_code} {response.headers.get('Location', '')} {' '.join(parts)}"
    text = re.sub(r'name="(csrfmiddlewaretoken|stamp|client_key|stage|wish)" value="[^"]*"', "", text)
    text = re.sub(r"nonce[-=]['\"]?[\w+/=-]+|(Số nào lớn hơn|Which number is larger)[^<]*", "", text)
    text = re.sub(r"Bây giờ ở máy chủ</dt><dd>[^<]*", "", text)
    return re.sub(r"DTSTAMP:\S+", "", text)


def snapshot(people: dict[str, Any], readers: Iterable[str], addresses: Iterable[str]) -> dict[tuple[str, str], str]:  # fmt: skip
    """Return what each reader is told at each address."""
    told = {}
    for reader in readers:
        client = client_of(people[reader])
        for address in addresses:
            cache.clear()
            answer = client.get(address)
            told[reader, address] = plain(answer)
    return told


def more_of_everything(district: District) -> None:
    """One more of everything that is not public."""
    fair = district.fair
    for group in (None, fair.group):
        row = made.make_registration(fair.programme, group=group)
        Attendance.objects.create(
            session=fair.session, registration=row, at=NOW, at_server=NOW, source=Source.values[0]
        )
        Certificate.objects.create(batch=fair.batch, registration=row, name="B", code=ticket_code())
    WalkIn.objects.create(
        session=fair.session, key="nua", name="C", source=Source.values[0], at=NOW, at_server=NOW
    )
    SurveyAnswer.objects.create(
        survey=fair.survey, version=fair.survey.versions.get(), session=fair.session, digest="f" * 64,
        answers={"loi": "Khác"}, satisfaction=1, answered_on=NOW.date(),
    )  # fmt: skip
    made.make_entry(made.make_team(fair.contest))
    SupportRequest.objects.create(
        call=fair.request.call, state=SupportState.SUBMITTED, unit=fair.unit, organisation="Trường nữa",
        organisation_kind=PartyKind.SCHOOL, contact_address="nua@example.vn", token=link_token(), asked=Decimal(2000),
        created_at=NOW, submitted_at=NOW,
    )  # fmt: skip
    Exhibitor.objects.create(
        programme=fair.exhibition, key="gian-nua", state=ExhibitorState.ASKED, kind=ExhibitorKind.SCHOOL, name="Gian nữa",
        token=link_token(), proven_at=NOW, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    VisitorContact.objects.create(
        exhibitor=fair.exhibitor, name="D", address="d@example.vn", message="?", token=link_token(), created_at=NOW,
        confirmed_at=NOW,
    )  # fmt: skip
    more_judging(district)


def more_judging(district: District) -> None:
    """Another juror scores, and steps back from the entry that nobody here was given."""
    fair = district.fair
    another = made.make_juror(fair.contest)
    Review.objects.create(
        programme=fair.contest, juror=another, entry=fair.entry, rules=fair.contest.rules.get(), assigned_at=NOW,
        submitted_at=NOW + timedelta(hours=1), total=Decimal("3.5"), comment="Khác",
    )  # fmt: skip
    Conflict.objects.create(
        juror=another, entry=district.aside, has_conflict=True, declared_at=NOW, reason="Khác"
    )


@pytest.mark.parametrize(
    ("readers", "change"),
    [(RULED_OUT[:4], more_of_everything), (RULED_OUT[4:], more_of_everything), (JURORS[:4], more_judging), (("juror_elsewhere",), more_of_everything)],
)  # fmt: skip
def test_counts_do_not_show(readers: tuple[str, ...], change: Callable[[District], None]) -> None:
    district = District()
    people, addresses = district.readers(), list(asked_of(district.fair))
    before = snapshot(people, readers, addresses)
    change(district)
    after = snapshot(people, readers, addresses)
    told = {}
    for key, text in before.items():
        if after[key] != text:
            at = next((n for n, (a, b) in enumerate(zip(text, after[key], strict=False)) if a != b), 0)
            told[key] = f"{text[max(0, at - 60) : at + 60]!r} / {after[key][max(0, at - 60) : at + 60]!r}"
    assert told == {}


def test_a_secret_link_opens_its_own_things_only() -> None:
    """Who holds one link reads what it is for, and nothing of the others."""
    district, client = District(PhaseKind.JUDGING), Client()
    fair, contest = district.fair, district.fair.contest.key
    course = {"person", "workplace", "phone", "answer"}
    team = {
        "team", "member", "mentor", "team_phone", "summary", "file", "film", "title", "school", "link of a team",
        "member_guardian", "late_reject",
    }  # fmt: skip
    opens: dict[str, set[str]] = {
        f"/chuong-trinh/dang-ky/{fair.person.token}/": course | {"link of a person", "ticket", "refusal"},
        f"/chuong-trinh/dang-ky/{fair.person.token}/du-lieu/": course | {"link of a person"},
        f"/chuong-trinh/dang-ky/{fair.person.token}/du-lieu/?tep=json": course
        | {"refusal", "certified", "code of a certificate", "ticket", "link of a person", "consent"},
        f"/chuong-trinh/dang-ky/doan/{fair.group.token}/": {"pupil", "class", "teacher", "teacher_phone", "link of a group", "ticket of a group"},
        f"/chuong-trinh/dang-ky/doan/{fair.group.token}/in/": {"pupil", "class", "guardian", "teacher"},
        f"/chuong-trinh/diem-danh/{fair.gate.token}/": {"person", "pupil", "workplace", "class", "gate", "link of the gate", "ticket", "ticket of a group", "walkin"},
        f"/chuong-trinh/y-kien/{fair.person.ticket}/": {"ticket"},
        f"/chuong-trinh/y-kien/buoi/{fair.survey.token}/{fair.session.number}/": set(),
        f"/chuong-trinh/{contest}/doi/{fair.team.token}/": team,
        f"/chuong-trinh/ho-tro/{fair.request.token}/": {"asker", "asker_phone", "purpose", "paper", "price", "receiver", "decision", "link of a request"},
        f"/chuong-trinh/trung-bay/{fair.exhibitor.token}/": {"stand", "stand_phone", "stand_answer", "visitor", "visited", "wish", "reply", "link of a stand"},
        f"/chuong-trinh/trung-bay/lien-he/{district.contact.token}/": {"visitor", "visited", "wish", "reply", "link of a contact"},
        f"/chung-nhan/{fair.certificate.code}/": {"certified", "code of a certificate"},
    }  # fmt: skip
    words, leaks, empty = words_of(district), {}, []
    for address, may in opens.items():
        cache.clear()
        answer = client.get(address)
        text = read(answer)
        found = {name for word, (_circle, name) in words.items() if word.lower() in text}
        if answer.status_code != 200:
            empty.append(f"{address}: {answer.status_code}")
        if more := found - may:
            leaks[address] = sorted(more)
    assert (leaks, empty) == ({}, [])
