"""Stories of certificates: who may, what they say, what a stranger learns, the archive."""

import zipfile
from datetime import timedelta

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.jobs import Job
from khcn.orgs.enums import Role
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.attendance import Attendance
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.rules.certificates import initials, name_size, printed_name
from khcn.programmes.services import certificates as deeds
from khcn.programmes.services import certificates_archive, certificates_paper
from khcn.programmes.services.certificates_earned import earned, earners
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import (
    NOW,
    TODAY,
    People,
    make_consent,
    make_group,
    make_programme,
    make_registration,
    make_session,
)

pytestmark = pytest.mark.django_db
TEXT = deeds.BatchText("Giấy chứng nhận", "Đã hoàn thành lớp thử", "Nguyễn Văn Ký", "Phó Chủ tịch")


@pytest.fixture
def everybody_earns(monkeypatch):
    monkeypatch.setitem(earners._items, "test", lambda programme: programme.registrations.confirmed())


@pytest.fixture
def scene(everybody_earns):
    people = People()
    programme = make_programme(people.unit)
    return people, programme, make_registration(programme, name="Đỗ Thị Ánh Tuyết")


def prepared(people, programme, *rows, **names):
    batch = deeds.batch_save(
        actor=people.officer, programme=programme, values=TEXT, people={row.pk: "" for row in rows}, now=NOW
    )
    return deeds.batch_submit(actor=people.officer, batch_id=batch.pk, now=NOW)


def issued(people, programme, *rows):
    batch = prepared(people, programme, *rows)
    deeds.batch_approve(actor=people.focal_head, batch_id=batch.pk, now=NOW)
    return deeds.batch_number(
        actor=people.clerk, batch_id=batch.pk, decision_number="12/QĐ-UBND", decision_date=TODAY, now=NOW
    )


def test_way_of_a_batch_and_who_may(scene):
    people, programme, row = scene
    for wrong in (people.focal_head, people.clerk, people.auditor, people.reporter, people.leader):
        with pytest.raises(PermissionDeniedError):
            deeds.batch_save(actor=wrong, programme=programme, values=TEXT, people={row.pk: ""}, now=NOW)
    batch = prepared(people, programme, row)
    for wrong in (people.officer, people.clerk, people.auditor, people.reporter, None):
        with pytest.raises(PermissionDeniedError):
            deeds.batch_approve(actor=wrong, batch_id=batch.pk, now=NOW)
    with pytest.raises(ProgrammeError):
        deeds.batch_number(
            actor=people.clerk, batch_id=batch.pk, decision_number="1", decision_date=TODAY, now=NOW
        )
    deeds.batch_approve(actor=people.focal_head, batch_id=batch.pk, now=NOW)
    for wrong in (people.officer, people.focal_head, people.auditor):
        with pytest.raises(PermissionDeniedError):
            deeds.batch_number(
                actor=wrong, batch_id=batch.pk, decision_number="1", decision_date=TODAY, now=NOW
            )
    with pytest.raises(ProgrammeError, match="sau hôm nay"):
        deeds.batch_number(
            actor=people.clerk,
            batch_id=batch.pk,
            decision_number="1",
            decision_date=TODAY + timedelta(days=1),
            now=NOW,
        )
    deeds.batch_number(
        actor=people.clerk, batch_id=batch.pk, decision_number="1", decision_date=TODAY, now=NOW
    )
    one = Certificate.objects.get()
    assert (one.number, one.issued_on, len(one.code)) == (1, TODAY, 12)
    with pytest.raises(ProgrammeError):
        deeds.batch_drop(actor=people.officer, batch_id=batch.pk, now=NOW)


def test_who_prepared_never_approves(scene):
    people, programme, row = scene
    batch = prepared(people, programme, row)
    CertificateBatch.objects.filter(pk=batch.pk).update(prepared_by=people.focal_head)
    with pytest.raises(PermissionDeniedError, match="tự duyệt"):
        deeds.batch_approve(actor=people.focal_head, batch_id=batch.pk, now=NOW)


def test_only_earned_and_only_once(scene):
    people, programme, row = scene
    stranger = make_registration(make_programme())
    with pytest.raises(ProgrammeError, match="chưa dự đủ"):
        prepared(people, programme, row, stranger)
    issued(people, programme, row)
    with pytest.raises(ProgrammeError, match="đã có giấy"):
        prepared(people, programme, row)


def test_revoked_and_given_anew(scene, client):
    people, programme, row = scene
    issued(people, programme, row)
    old = Certificate.objects.get()
    with pytest.raises(PermissionDeniedError):
        deeds.certificates_revoke(actor=people.officer, pks=[old.pk], reason="Sai tên", now=NOW)
    assert deeds.certificates_revoke(actor=people.focal_head, pks=[old.pk], reason="Sai tên", now=NOW) == 1
    issued(people, programme, row)
    old.refresh_from_db()
    assert old.superseded_by == Certificate.objects.standing().get()
    page = client.get(reverse("certificate-verify", args=[old.code])).content.decode()
    assert "đã bị thu hồi từ ngày 20/05/2026" in page and "thay thế" in page
    assert old.superseded_by.code not in page and "Sai tên" not in page


def test_stranger_learns_only_by_code(scene, client):
    people, programme, row = scene
    batch = prepared(people, programme, row)
    draft = Certificate.objects.get()
    unknown = client.get(reverse("certificate-verify", args=["ZZZZ22223333"]))
    drafted = client.get(reverse("certificate-verify", args=[draft.code]))
    assert unknown.status_code == drafted.status_code == 404
    assert row.name not in drafted.content.decode()
    deeds.batch_approve(actor=people.focal_head, batch_id=batch.pk, now=NOW)
    deeds.batch_number(
        actor=people.clerk, batch_id=batch.pk, decision_number="1", decision_date=TODAY, now=NOW
    )
    typed = " ".join([draft.code[:4].lower(), draft.code[4:]])
    found = client.get(reverse("certificate-form"), {"ma": typed}, follow=True)
    assert found.status_code == 200 and row.name in found.content.decode()
    assert "noindex" in found["X-Robots-Tag"] and "no-store" in found["Cache-Control"]


def test_pupil_by_initials_until_both_consents(everybody_earns, client):
    people = People()
    programme = make_programme(people.unit)
    pupil = make_registration(
        programme,
        name="Lê Minh Khôi",
        is_minor=True,
        group=make_group(programme),
        organisation="Trường THCS Thử",
    )
    issued(people, programme, pupil)
    address = reverse("certificate-verify", args=[Certificate.objects.get().code])
    page = client.get(address).content.decode()
    assert "L. M. K." in page and "Trường THCS Thử" in page and "Khôi" not in page
    make_consent(programme, f"programmes.registration:{pupil.pk}", "publication", by="child")
    assert "Khôi" not in client.get(address).content.decode()
    make_consent(programme, f"programmes.registration:{pupil.pk}", "publication", by="guardian")
    assert "Lê Minh Khôi" in client.get(address).content.decode()


def test_own_link_opens_own_only(scene, client):
    people, programme, row = scene
    other = make_registration(programme, name="Người Khác")
    issued(people, programme, row, other)
    page = client.get(reverse("programmes:certificates-own", args=[row.token])).content.decode()
    assert row.name in page and "Người Khác" not in page
    foreign = Certificate.objects.get(registration=other)
    assert (
        client.get(reverse("programmes:certificate-own-file", args=[row.token, foreign.pk])).status_code
        == 404
    )
    assert client.get(reverse("programmes:certificates-own", args=["x" * 30])).status_code == 404
    mine = Certificate.objects.get(registration=row)
    answer = client.get(reverse("programmes:certificate-own-file", args=[row.token, mine.pk]))
    text = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert row.name in text and "12/QĐ-UBND" in text


def test_archive_holds_valid_ones_and_codes(scene, settings, tmp_path, monkeypatch):
    people, programme, row = scene
    rows = [
        make_registration(programme, name=name)
        for name in ("=HYPERLINK(1)", "Trần 🙂 Ư\u031b\u0301", "Ng" * 60)
    ]
    batch = issued(people, programme, row, *rows)
    gone = Certificate.objects.get(registration=row)
    deeds.certificates_revoke(actor=people.focal_head, pks=[gone.pk], reason="Sai", now=NOW)
    monkeypatch.setattr(
        certificates_archive,
        "archive_path",
        lambda one: tmp_path / f"giay-chung-nhan-{one.pk}-{one.revision}.zip",
    )
    monkeypatch.setattr(certificates_archive, "enqueue_on_commit", lambda *args: None)
    job = certificates_archive.archive_request(actor=people.officer, batch_id=batch.pk, now=NOW)
    assert certificates_archive.archive_request(actor=people.officer, batch_id=batch.pk, now=NOW) == job
    certificates_archive.archive_make(job.pk)
    assert Job.objects.get(pk=job.pk).state == "done"
    batch.refresh_from_db()
    with zipfile.ZipFile(certificates_archive.archive_path(batch)) as archive:
        names = archive.namelist()
        assert len(names) == 4 and gone.code not in " ".join(names)
        listed = archive.read("danh-sach-ma.csv").decode("utf-8-sig")
        assert "'=HYPERLINK" in listed
        one = pypdfium2.PdfDocument(archive.read(names[0]))
        assert len(one) == 1
    with pytest.raises(PermissionDeniedError):
        certificates_archive.archive_request(actor=people.reporter, batch_id=batch.pk, now=NOW)


def test_without_pango_a_page_says_so(scene, client, monkeypatch):
    people, programme, row = scene
    issued(people, programme, row)

    def broken(name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(certificates_paper.importlib, "import_module", broken)
    mine = Certificate.objects.get()
    answer = client.get(reverse("programmes:certificate-own-file", args=[row.token, mine.pk]))
    assert answer.status_code == 503 and "Pango" in answer.content.decode()


def test_hostile_text_is_text(scene):
    _people, _programme, _row = scene
    sheet = certificates_paper.Sheet(
        issuer="X", title="<img src=file:///etc/passwd>", name='<script>"&', text="</style>" * 30, signer_name="A",
        signer_position="B",
    )  # fmt: skip
    content = certificates_paper.sheet_pdf(sheet)
    assert content == certificates_paper.sheet_pdf(sheet)
    assert '<script>"&' in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()


def test_erased_leaves_a_number(scene, client):
    people, programme, row = scene
    issued(people, programme, row)
    deeds.certificates_erase(f"programmes.registration:{row.pk}", NOW)
    one = Certificate.objects.get()
    page = client.get(reverse("certificate-verify", args=[one.code])).content.decode()
    assert row.name not in page and "xóa theo yêu cầu" in page


def counted(client, address):
    """Return how many queries a page makes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def user_of(people, role):
    """Return a person of the scene, or one with a role elsewhere."""
    elsewhere = {"juror": Role.JUROR, "sysadmin": Role.SYSADMIN, "stranger": Role.UNIT_REPORTER}
    if role not in elsewhere:
        return getattr(people, role)
    user = make_user()
    give_role(user, elsewhere[role], make_unit())
    return user


@pytest.mark.parametrize(
    ("role", "reads", "makes"),
    [
        ("officer", 200, 200), ("focal_head", 200, 403), ("clerk", 200, 403), ("auditor", 200, 403), ("leader", 403, 403),
        ("finance", 403, 403), ("editor", 403, 403), ("reporter", 403, 403), ("head", 403, 403), ("juror", 403, 403),
        ("sysadmin", 403, 403), ("stranger", 403, 403),
    ],
)  # fmt: skip
def test_desk_pages_by_role(scene, role, reads, makes):
    people, programme, row = scene
    batch = prepared(people, programme, row)
    own = [programme.pk, batch.pk]
    pages = {
        reverse("programmes-desk:certificate-batches"): reads,
        reverse("programmes-desk:certificates", args=own[:1]): reads,
        reverse("programmes-desk:certificate-batch", args=own): reads,
        reverse("programmes-desk:certificate-sample", args=own): reads,
        reverse("programmes-desk:certificate-batch-new", args=own[:1]): makes,
        reverse("programmes-desk:certificate-batch-edit", args=own): makes,
    }
    client = Client()
    for address in pages:
        assert client.get(address).status_code == 302, address
    client.force_login(user_of(people, role))
    for address, status in pages.items():
        assert client.get(address).status_code == status, address
    assert client.get(reverse("programmes-desk:certificate-archive", args=own)).status_code in {404, 403}
    client.post(reverse("programmes-desk:certificate-batch", args=own), {"viec": "approve"})
    batch.refresh_from_db()
    assert (batch.state == "approved") is (role == "focal_head")


def test_clerk_gets_only_tabs_that_open(scene):
    people, programme, row = scene
    batch = prepared(people, programme, row)
    for role in ("clerk", "auditor", "officer", "focal_head"):
        client = Client()
        client.force_login(getattr(people, role))
        answer = client.get(reverse("programmes-desk:certificate-batch", args=[programme.pk, batch.pk]))
        tabs = answer.context["tabs"]
        assert tabs, role
        assert {client.get(tab.url).status_code for tab in tabs} == {200}, role


def test_next_steps_on_the_page(scene):
    people, programme, row = scene
    batch = prepared(people, programme, row)
    address = reverse("programmes-desk:certificate-batch", args=[programme.pk, batch.pk])
    client = Client()
    client.force_login(people.focal_head)
    assert client.post(address, {"viec": "return", "tra-reason": ""}).status_code == 422
    assert client.post(address, {"viec": "approve"}).status_code == 302
    client.force_login(people.clerk)
    sent = {"viec": "number", "so-decision_number": "9/QĐ", "so-decision_date": "2026-05-20"}
    assert client.post(address, sent).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "issued"


def test_lists_ask_the_same_number_of_times(scene):
    people, programme, row = scene
    client = Client()
    client.force_login(people.officer)
    lists = [
        reverse("programmes-desk:certificate-batches"),
        reverse("programmes-desk:certificates", args=[programme.pk]),
    ]
    batch = issued(people, programme, row)
    one = reverse("programmes-desk:certificate-batch", args=[programme.pk, batch.pk])
    client.get(lists[0])
    few = [counted(client, address) for address in (*lists, one)]
    for _n in range(4):
        batch = issued(people, programme, *[make_registration(programme) for _m in range(5)])
    one = reverse("programmes-desk:certificate-batch", args=[programme.pk, batch.pk])
    assert [counted(client, address) for address in (*lists, one)] == few
    assert max(few) <= 29


def test_codes_cannot_be_tried_through(scene):
    people, programme, row = scene
    issued(people, programme, row)
    code = Certificate.objects.get().code
    outside = Client(REMOTE_ADDR="203.0.113.9")
    answers = [outside.get(reverse("certificate-verify", args=[code])) for _n in range(45)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 200 and set(statuses) == {200, 429}
    assert statuses.count(200) <= 40  # 20 a minute, should a minute end meanwhile
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused["Retry-After"]) <= 60 and row.name not in refused.content.decode()
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert other.get(reverse("certificate-verify", args=[code])).status_code == 200


def test_who_tries_many_codes_is_told_what_to_do(scene):
    outside = Client(REMOTE_ADDR="203.0.113.10")
    asked = [
        outside.get(reverse("certificate-verify", args=[f"KHONGCO{n:05}"]), headers={"accept": "text/html"})
        for n in range(17)
    ]
    assert [one.status_code for one in asked[:15]] == [404] * 15 and asked[15].status_code == 429
    page = asked[15].content.decode()
    assert "Chờ" in page and "giây rồi tải lại trang này" in page and "gửi danh sách mã" in page
    assert "noindex" in asked[15]["X-Robots-Tag"] and int(asked[15]["Retry-After"]) <= 60
    assert "API" not in page  # the general page's advice to programs would mislead here
    program = outside.get(reverse("certificate-verify", args=["KHONGCO99999"]))
    assert program.status_code == 429 and program["Content-Type"].startswith("text/plain")


def test_attendance_says_who_earned_one():
    people = People()
    programme = make_programme(people.unit, threshold_percent=80)
    sessions = [make_session(programme, starts_at=NOW - timedelta(days=n + 1)) for n in range(5)]
    four, three = make_registration(programme), make_registration(programme)
    for n, session in enumerate(sessions):
        for person, most in ((four, 4), (three, 3)):
            Attendance.objects.create(
                session=session, registration=person, state="present" if n < most else "absent", at=NOW,
                at_server=NOW, source="hand",
            )  # fmt: skip
    assert earned(programme) == [four]
    with pytest.raises(ProgrammeError, match="chưa dự đủ"):
        prepared(people, programme, three)


def test_officer_prepares_on_the_page(scene):
    people, programme, row = scene
    client = Client()
    client.force_login(people.officer)
    address = reverse("programmes-desk:certificate-batch-new", args=[programme.pk])
    assert row.name in client.get(address).content.decode()
    values = {"title": "Giấy chứng nhận", "text": "Đã học", "signer_name": "A", "signer_position": "B"}
    assert client.post(address, values).status_code == 422
    answer = client.post(address, values | {"nguoi": [row.pk], f"ten-{row.pk}": "Đỗ Thị Ánh Tuyết (B)"})
    assert answer.status_code == 302 and Certificate.objects.get().name == "Đỗ Thị Ánh Tuyết (B)"


def test_names_shrink_and_stay_clean():
    assert printed_name("  Le\u0302\u0301 \u202eAn\n ") == "Lế An"
    assert initials("Nguyễn Thị Ánh") == "N. T. Á."
    assert name_size("Lê An", {}) == 34.0 and name_size("N" * 80, {}) == 15.0
