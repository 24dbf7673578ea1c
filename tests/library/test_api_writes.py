"""Writing to the library by programs: the same drafts, checks, states and sentences as on the desk."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from khcn.core.api.tokens import token_revoke
from khcn.core.models import ApiToken, AuditEvent
from khcn.library.enums import WorkState
from khcn.library.models import Collection, ImportBatch, ImportItem, Subject, Work
from khcn.library.services import deposits
from khcn.library.services.deposits import deposit_process
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from tests.library.api_callers import ALL, Program
from tests.library.files import zip_file
from tests.library.makers import make_term, make_work
from tests.orgs.factories import give_role, make_member, make_unit

pytestmark = pytest.mark.django_db


class Office:
    """A unit with a person who hands in, and the program that does it."""

    def __init__(self) -> None:
        self.unit = make_unit("Phòng Giáo dục")
        self.person = make_member(Role.CONTRIBUTOR, self.unit)
        self.program = Program(self.person)

    def draft(self, **values: Any) -> dict[str, Any]:
        return dict(self.program.send("post", "/works", {"title": "Kế hoạch", **values}, status=201))


@pytest.fixture
def office() -> Office:
    return Office()


def file(name: str = "a.txt", text: str | bytes = "Trang một.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def read(body: dict[str, Any]) -> ImportBatch:
    """Let the background worker read a deposit."""
    deposit_process(body["id"])
    return ImportBatch.objects.get(pk=body["id"])


def states(batch: ImportBatch) -> list[tuple[str, str, str]]:
    return list(batch.items.order_by("position").values_list("name", "state", "code"))


# One work


def test_from_nothing_to_the_librarians_desk(office: Office) -> None:
    shelf, subject = make_term(Collection, "Kế hoạch"), make_term(Subject, "Giáo dục")
    made = office.draft(
        title="Kế hoạch  82",
        kind="legal",
        abstract="Tóm tắt",
        creators=[{"name": "Nguyễn Văn A", "orcid": "0000-0002-1825-0097"}],
        collections=[shelf.key],
        subjects=[subject.key],
        issued_date="2021-06-05",
        legal={"number": "82/KH-UBND", "organ_name": "UBND phường", "effective_date": "2021-06-05"},
    )
    work = Work.objects.get(pk=made["id"])
    assert (work.state, work.owner_unit, work.submitted_by) == ("draft", office.unit, office.person)
    assert (work.title, work.issued_year, work.legal.code_number) == ("Kế hoạch 82", 2021, "82")
    assert list(work.collections.all()) == [shelf]
    assert {row["field"] for row in made["handling"]["missing"]} == {"files", "rights"}
    path = f"/works/{work.pk}"
    refused = office.program.send("post", f"{path}/submit", status=400)
    assert {row["where"] for row in refused["errors"]} == {"files", "rights"}

    batch = read(office.program.upload(f"{path}/files", files=file("82.txt", "Nội dung kế hoạch.")))
    assert (batch.origin, states(batch)) == ("api", [("82.txt", "ready", "")])
    _body, response = office.program.answer("get", path)
    changed = office.program.send("patch", path, {"rights": "official"}, If_Match=response["ETag"])
    assert (changed["rights"], changed["title"], changed["page_count"]) == ("official", "Kế hoạch 82", 1)
    assert office.program.send("post", f"{path}/submit")["handling"]["state"] == "submitted"
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"library.work.create", "library.work.update", "library.work.submit"} <= actions
    assert office.program.send("post", f"{path}/submit", status=403)["code"] == "permission-denied"

    librarian = Program(make_member(Role.LIBRARIAN), "library.review")
    returned = librarian.send("post", f"{path}/steps", {"step": "return", "reason": "Thiếu phụ lục"})
    assert returned["handling"]["state"] == "returned"
    office.program.send("post", f"{path}/submit")
    librarian.send("post", f"{path}/steps", {"step": "return"}, status=400)
    librarian.send("post", f"{path}/steps", {"step": "publish"})
    assert Program().get(path)["title"] == "Kế hoạch 82"
    librarian.send("post", f"{path}/steps", {"step": "withdraw", "reason": "Sai"})
    Program().get(path, status=404)


def test_who_saved_first_wins(office: Office) -> None:
    path = f"/works/{office.draft()['id']}"
    _body, response = office.program.answer("get", path)
    etag = response["ETag"]
    assert (
        office.program.send("patch", path, {"title": "Không điều kiện"}, status=428)["code"]
        == "if-match-missing"
    )
    _body, first = office.program.answer(
        "patch", path, {"title": "Người thứ nhất"}, status=200, headers={"If_Match": etag}
    )
    late = office.program.send("patch", path, {"title": "Người thứ hai"}, status=412, If_Match=etag)
    assert late["code"] == "changed-meanwhile"
    assert Work.objects.get().title == "Người thứ nhất"
    office.program.send("patch", path, {"title": "Tiếp"}, If_Match=first["ETag"])
    office.program.send("post", f"{path}/submit", status=412, If_Match=etag)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"title": ""}, 422),
        ({"title": " "}, 400),
        ({"title": "x" * 501}, 422),
        ({"title": "a\x00b"}, 422),
        ({"title": 5}, 422),
        ({"kind": "xyz"}, 422),
        ({"nhan_de": "x"}, 422),
        ({"issued_date": "05/06/2021"}, 422),
        ({"issued_date": "0001-01-01"}, 400),
        ({"url": "javascript:alert(1)"}, 422),
        ({"subjects": ["khong-co"]}, 400),
        ({"units": [10**9]}, 400),
        ({"title": "\U0001d160" * 300}, 400),  # three characters each once composed
        ({"legal": {"effective_date": "2021-02-01", "expired_date": "2021-01-01"}}, 400),
        ({"legal": {"number": "x" * 61}}, 422),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_made(
    office: Office, values: dict[str, Any], status: int
) -> None:
    body, response = office.program.answer("post", "/works", {"title": "Được", **values}, status=status)
    assert response["Content-Type"] == "application/problem+json"
    assert body["errors"]
    assert not Work.objects.exists()


def test_a_body_of_a_script_is_cleaned(office: Office) -> None:
    made = office.draft(kind="article", body="<p>Chào</p><script>alert(1)</script><a onclick='x'>y</a>")
    assert "script" not in made["handling"]["body"]
    assert "onclick" not in made["handling"]["body"]


def test_the_same_external_id_is_the_same_work(office: Office) -> None:
    record = {"title": "Một", "external_id": "A-1"}
    first = office.program.send("post", "/works", record, status=201)
    assert office.program.send("post", "/works", record)["id"] == first["id"]
    changed = office.program.send("post", "/works", {**record, "title": "Một, sửa"})
    assert (changed["id"], changed["title"], Work.objects.count()) == (first["id"], "Một, sửa", 1)
    Work.objects.update(state=WorkState.SUBMITTED)
    late = office.program.send("post", "/works", {**record, "title": "Muộn"}, status=409)
    assert late["code"] == "state-changed"
    other = Office()
    other.program.send("post", "/works", record, status=201)  # another unit's A-1 is another work


def test_an_idempotency_key_answers_once(office: Office) -> None:
    body = {"title": "Một lần"}
    key = {"Idempotency_Key": "k-1"}
    first, made = office.program.answer("post", "/works", body, status=201, headers=key)
    again, replayed = office.program.answer("post", "/works", body, status=201, headers=key)
    assert (first["id"], Work.objects.count()) == (again["id"], 1)
    assert replayed["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in made
    other = office.program.send("post", "/works", {"title": "Khác"}, status=409, Idempotency_Key="k-1")
    assert other["code"] == "idempotency-key"
    office.program.send("post", "/works", {"title": " "}, status=400, Idempotency_Key="k-2")
    office.program.send("post", "/works", {"title": "Sửa rồi"}, status=201, Idempotency_Key="k-2")


def test_writes_of_a_day_are_counted(office: Office, settings: Any) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"api_writes_day": 3})
    for number in range(3):
        office.draft(title=f"Việc {number}")
    stopped = office.program.send("post", "/works", {"title": "Thứ tư"}, status=429)
    assert stopped["code"] == "writes-used-up"
    assert Work.objects.count() == 3
    ApiToken.objects.update(writes_on="2020-01-01")
    office.program.send("post", "/batches", [{"title": "a"}] * 4, status=429)
    office.draft(title="Hôm sau")


# Files


def test_a_file_of_a_draft_is_taken_off_and_pages_follow(office: Office) -> None:
    path = f"/works/{office.draft()['id']}"
    for name in ("a.txt", "b.txt"):
        read(office.program.upload(f"{path}/files", files=file(name, f"Chữ của {name}.")))
    first, second = office.program.get(f"{path}/files")
    _body, response = office.program.answer("get", f"{path}/files/{first['id']}/content", status=200)
    assert b"".join(response.streaming_content) == "Chữ của a.txt.".encode()
    office.program.send("delete", f"{path}/files/{first['id']}")
    assert [row["id"] for row in office.program.get(f"{path}/files")] == [second["id"]]
    pages = office.program.get(f"{path}/pages")["items"]
    assert [(row["number"], row["text"]) for row in pages] == [(1, "Chữ của b.txt.")]
    office.program.send("delete", f"{path}/files/{first['id']}", status=404)
    Work.objects.update(state=WorkState.SUBMITTED)
    office.program.send("delete", f"{path}/files/{second['id']}", status=409)


def test_a_file_in_place_of_another(office: Office) -> None:
    path = f"/works/{office.draft()['id']}"
    read(office.program.upload(f"{path}/files", files=file()))
    (old,) = office.program.get(f"{path}/files")
    read(office.program.upload(f"{path}/files?replaces={old['id']}", files=file("moi.txt", "Bản mới.")))
    assert [row["name"] for row in office.program.get(f"{path}/files")] == ["moi.txt"]
    office.program.upload(f"{path}/files?replaces={old['id']}", status=404, files=file())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("hong.pdf", b"%PDF-1.7 x"),
        ("rong.txt", b""),
        ("virus.exe", b"MZ\x90\x00" + b"\x00" * 100),
        ("bom.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("../../etc/passwd", b"root:x:0:0"),
        ("x" * 400 + ".docx", b"PK\x03\x04 not a zip"),
    ],
)
def test_hostile_files_end_in_a_state_with_a_sentence(office: Office, name: str, data: bytes) -> None:
    body = office.program.upload("/batches", records=json.dumps([{"title": "Việc", "files": [name]}]),
                                 files=file(name, data))  # fmt: skip
    batch = read(body)
    assert batch.state == "done"
    for item in office.program.get(f"/batches/{batch.pk}/items")["items"]:
        assert item["state"] in {"ready", "ready_with_warnings", "failed"}
        assert item["state"] != "failed" or item["message"]
        assert "/" not in item["name"]


def test_a_zip_that_climbs_out(office: Office, tmp_path: Any) -> None:
    data = zip_file(tmp_path / "g.zip", {"a.txt": b"Mot.", "../b.txt": b"x"}).read_bytes()
    path = f"/works/{office.draft()['id']}"
    batch = read(office.program.upload(f"{path}/files", files=file("g.zip", data)))
    assert [state for _name, state, _code in states(batch)] == ["ready", "ready", "failed"]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"x", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 400),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 400),
    ],
)
def test_broken_uploads(office: Office, kind: str, body: bytes, status: int) -> None:
    path = f"/works/{office.draft()['id']}/files"
    office.program.answer("post", path, body, status=status, headers={"Content_Type": kind})
    assert not ImportBatch.objects.exists()


def test_too_large_is_refused_before_a_byte_is_read(office: Office) -> None:
    path = f"/works/{office.draft()['id']}/files"
    body, _response = office.program.answer(
        "post", path, b"x", status=413,
        headers={"Content_Type": "multipart/form-data; boundary=x", "Content_Length": str(2**40)},
    )  # fmt: skip
    assert body["code"] == "too-large"


# Many at once


def test_a_bulk_deposit_has_the_states_of_the_form(office: Office) -> None:
    records = [
        {"external_id": "1", "title": "Một", "files": ["1.txt", "thiếu.pdf"]},
        {"title": ""},
        {"external_id": "3", "title": "Ba", "kind": "report"},
        {"title": "Bốn", "nhan": "x", "files": ["4.txt"]},
    ]
    shelf = make_term(Collection, "Báo cáo")
    body = office.program.upload(
        "/batches?collection=bao-cao",
        records=json.dumps(records),
        files=[file("1.txt", "Tệp một."), file("4.txt", "Tệp bốn."), file("rieng.txt", "Tệp riêng.")],
    )
    assert (body["state"], body["counts"]) == ("running", {"pending": 7})
    batch = read(body)
    assert states(batch) == [
        ("1", "ready_with_warnings", ""),
        ("1.txt", "ready", ""),
        ("?", "failed", "bad-record"),
        ("3", "ready", ""),
        ("Bốn", "failed", "bad-record"),
        ("4.txt", "failed", "not-ready"),
        ("rieng.txt", "ready", ""),
    ]
    items = office.program.get(f"/batches/{batch.pk}/items")["items"]
    assert "thiếu.pdf" in items[0]["warnings"][0]
    assert "nhan" in items[4]["message"]
    one = Work.objects.get(external_id="1")
    assert (one.state, one.page_count, list(one.collections.all())) == ("draft", 1, [shelf])
    found = office.program.get(f"/batches/{batch.pk}")
    assert (found["state"], found["failed"]) == ("done", 3)
    assert [row["id"] for row in office.program.get("/batches")["items"]] == [batch.pk]


def test_the_same_deposit_again_changes_nothing(office: Office) -> None:
    records = json.dumps([{"external_id": "1", "title": "Một", "files": ["1.txt"]}])

    def send(**headers: str) -> dict[str, Any]:
        response = office.program.client.post(
            "/api/v1/library/batches", {"records": records, "files": file("1.txt", "Tệp một.")},
            headers={**office.program.headers, **headers},
        )  # fmt: skip
        assert response.status_code == 202
        return dict(json.loads(response.content))

    first = send(**{"Idempotency-Key": "k"})
    assert send(**{"Idempotency-Key": "k"})["id"] == first["id"]
    read(first)
    assert send(**{"Idempotency-Key": "k"})["id"] == first["id"]
    again = read(send())
    assert (again.unchanged, again.imported, again.failed) == (2, 0, 0)
    assert Work.objects.count() == 1 and Work.objects.get().files.count() == 1


def test_five_hundred_records_in_one_call(office: Office) -> None:
    lines = "\n".join(
        json.dumps({"external_id": f"N{number}", "title": f"Tài liệu {number}", "abstract": "Tóm tắt"})
        for number in range(500)
    )
    body, _response = office.program.answer("post", "/batches", lines.encode(), status=202)
    assert body["counts"] == {"pending": 500}
    batch = read(body)
    assert (batch.imported, batch.failed, Work.objects.filter(state="draft").count()) == (500, 0, 500)
    seen, cursor = 0, ""
    while cursor is not None:
        page = office.program.get(f"/batches/{batch.pk}/items?limit=200&cursor={cursor}")
        seen, cursor = seen + len(page["items"]), page["next"]
    assert seen == 500


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b'["a"]', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe", "application/x-ndjson"),
        (b'{"title": NaN}', "application/x-ndjson"),
        (json.dumps([{"title": "x"}] * 2001).encode(), "application/json"),
    ],
)
def test_no_list_of_records(office: Office, body: bytes, kind: str) -> None:
    answer, _response = office.program.answer(
        "post", "/batches", body, status=400, headers={"Content_Type": kind}
    )
    assert answer["code"] == "bad-records"
    assert not ImportBatch.objects.exists()


def test_what_failed_is_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise OSError(5, "Input/output error")

    real = deposits.fingerprint
    monkeypatch.setattr(deposits, "fingerprint", broken)
    body = office.program.upload("/batches", records='[{"title": "Một", "files": ["a.txt"]}]', files=file())
    batch = read(body)
    assert [state for _name, state, _code in states(batch)] == ["ready", "failed"]
    monkeypatch.setattr(deposits, "fingerprint", real)
    office.program.send("post", f"/batches/{batch.pk}/retry", status=202)
    deposit_process(batch.pk)
    assert [state for _name, state, _code in states(batch)] == ["ready", "ready"]
    office.program.send("post", f"/batches/{batch.pk}/retry", status=400)


# Rights that end in the middle


def test_a_token_revoked_while_the_body_comes_in_stops_the_upload(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/works/{office.draft()['id']}/files"
    from khcn.library.api import writes

    real = writes.received

    def slowly(request: Any) -> Any:
        sent = real(request)
        ApiToken.objects.update(revoked_at=timezone.now())
        return sent

    monkeypatch.setattr(writes, "received", slowly)
    assert office.program.upload(path, status=401, files=file())["code"] == "not-signed-in"
    assert not ImportBatch.objects.exists()


def test_a_token_revoked_before_the_worker_comes_stops_the_rest(office: Office) -> None:
    records = [{"title": f"Việc {number}"} for number in range(3)]
    body = office.program.send("post", "/batches", records, status=202)
    assert office.program.token is not None
    token_revoke(actor=office.person, token=office.program.token, now=timezone.now())
    batch = read(body)
    assert {code for _name, _state, code in states(batch)} == {"not-signed-in"}
    assert "thu hồi" in ImportItem.objects.first().message  # type: ignore[union-attr]
    assert not Work.objects.exists()


def test_a_role_lost_before_the_worker_comes_stops_the_rest(office: Office) -> None:
    body = office.program.upload("/batches", records='[{"title": "Một"}]', files=file())
    Membership.objects.all().delete()
    batch = read(body)
    assert [state for _name, state, _code in states(batch)] == ["failed", "failed"]
    assert not Work.objects.exists()
    office.program.send("post", "/works", {"title": "Nữa"}, status=403)


# Who may do what


def test_every_write_by_everybody() -> None:
    """One table: each operation by a visitor, tokens without the right, of another unit, of the unit, a librarian's."""
    office, other = Office(), Office()
    both = make_member(Role.CONTRIBUTOR, office.unit)
    give_role(both, Role.CONTRIBUTOR, other.unit)
    librarian = make_member(Role.LIBRARIAN)
    callers = {
        "visitor": Program(),
        "no scope": Program(office.person, "library.read"),
        "other unit": Program(other.person),
        "limited to the other": Program(both, *ALL, unit=other.unit),
        "own unit": Program(office.person),
        "limited to the own": Program(both, *ALL, unit=office.unit),
        "librarian": Program(librarian, *ALL, "library.review"),
        "librarian of one unit": Program(librarian, *ALL, "library.review", unit=other.unit),
        "auditor": Program(make_member(Role.AUDITOR), "library.read"),
    }
    yes, no, none, who = {200, 201, 202, 400, 428}, {403}, {404}, {401}
    unit = office.unit.pk
    hidden = {"visitor": who, "no scope": no, "other unit": none, "limited to the other": none,
              "librarian of one unit": none, "auditor": no}  # fmt: skip
    # A draft is nobody's business but the unit's and the librarians'.
    table = {
        ("post", "/works"): {
            **hidden,
            "other unit": no,
            "limited to the other": no,
            "librarian of one unit": no,
        },
        ("post", "/batches"): {
            **hidden,
            "other unit": no,
            "limited to the other": no,
            "librarian of one unit": no,
        },
        ("patch", "/works/{pk}"): hidden,
        ("post", "/works/{pk}/files"): hidden,
        ("delete", "/works/{pk}/files/{file}"): hidden,
        ("post", "/works/{pk}/submit"): hidden,
        ("get", "/works/{pk}"): {**dict.fromkeys(hidden, none)},
        ("get", "/works/{pk}/files"): {**dict.fromkeys(hidden, none)},
        ("get", "/works/{pk}/pages"): {**dict.fromkeys(hidden, none)},
        ("get", "/works/{pk}/relations"): {**dict.fromkeys(hidden, none)},
    }
    for (method, pattern), refused in table.items():
        for name, program in callers.items():
            cache.clear()
            work = make_work("Nháp", owner_unit=office.unit, submitted_by=office.person)
            from khcn.library.models import WorkFile

            kept = WorkFile.objects.create(
                work=work, sha256="0" * 64, original_name="a", size_bytes=1, added_at=timezone.now()
            )
            path = pattern.format(pk=work.pk, file=kept.pk)
            body: Any = {"title": "Mới", "unit": unit} if pattern == "/works" else {"abstract": "x"}
            if pattern == "/batches":
                path, body = f"{path}?unit={unit}", [{"title": "Mới"}]
            if pattern.endswith("/files") and method == "post":
                status = program.client.post(
                    f"/api/v1/library{path}", {"files": file()}, headers=program.headers
                ).status_code
            else:
                held = {"If_Match": "*"} if method == "patch" else {}
                sent = body if method in {"post", "patch"} and not pattern.endswith("submit") else None
                _read, response = program.answer(method, path, sent, headers=held)
                status = response.status_code
            assert status in refused.get(name, yes), (method, pattern, name, status)


def test_only_reviewers_review_and_nobody_the_own() -> None:
    office = Office()
    librarian = make_member(Role.LIBRARIAN, office.unit)
    work = make_work("Chờ", state=WorkState.SUBMITTED, owner_unit=office.unit, submitted_by=office.person)
    path, body = f"/works/{work.pk}/steps", {"step": "approve"}
    Program().send("post", path, body, status=401)
    office.program.send("post", path, body, status=403)
    Program(librarian, *ALL).send("post", path, body, status=403)
    own = make_work("Của tôi", state=WorkState.SUBMITTED, owner_unit=office.unit, submitted_by=librarian)
    refused = Program(librarian, "library.review").send("post", f"/works/{own.pk}/steps", body, status=403)
    assert refused["code"] == "own-deposit"
    assert Program(librarian, "library.review").send("post", path, body)["handling"]["state"] == "approved"


def test_a_deposit_is_its_senders_and_the_units_business() -> None:
    office = Office()
    body = office.program.send("post", "/batches", [{"title": "Một"}], status=202)
    path = f"/batches/{body['id']}"
    for program, status in (
        (Program(), 401),
        (Program(office.person, "library.read"), 403),
        (Program(make_member(Role.CONTRIBUTOR, office.unit)), 404),
        (Program(office.person, *ALL, unit=make_unit()), 404),
        (Program(office.person, *ALL, unit=office.unit), 200),
        (Program(make_member(Role.LIBRARIAN)), 200),
    ):
        program.get(path, status=status)
        program.get(f"{path}/items", status=status)


def test_a_file_that_lies_elsewhere_does_not_tell_where() -> None:
    """The same bytes in another unit's draft: neither its title nor its number comes back."""
    office, other = Office(), Office()
    read(other.program.upload("/batches", records='[{"title": "Bí mật", "files": ["a.txt"]}]', files=file()))
    body = office.program.upload("/batches", records='[{"title": "Một"}]', files=file())
    batch = read(body)
    answer = json.dumps(office.program.get(f"/batches/{batch.pk}/items"), ensure_ascii=False)
    assert "Bí mật" not in answer
    last = office.program.get(f"/batches/{batch.pk}/items")["items"][-1]
    assert (last["work"], last["duplicate_of"], last["state"]) == (None, None, "ready_with_warnings")
