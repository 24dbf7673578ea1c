"""Decisions on pages and as files: entered step by step or sent, looked at, recorded; who gets in; what is refused."""

import io
import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from khcn.orgs.decision_words import SAMPLES
from khcn.orgs.decisions import DecisionError, decisions_from, decisions_read
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, SuccessionDecision, Unit, UnitCode, UnitSuccession
from khcn.orgs.profiles import PROFILES_DIR
from tests.orgs.factories import make_kind, make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
NEW = "/ban-lam-viec/to-chuc/quyet-dinh/moi/"
LIST = "/ban-lam-viec/to-chuc/quyet-dinh/"
HEAD = {"number": "12/NQ-HĐND", "effective": "2025-07-01", "decided": "2025-06-16", "note": "Sắp xếp"}
TOML = """
[[decision]]
number = "12/NQ-HĐND"
effective = 2025-07-01
kind = "merge"
moves = [{ from = ["a", "b"], to = "moi" }]
units = [{ key = "moi", name = "Phường Mới", kind = "phong", codes = [{ code = "27301" }] }]
"""


@pytest.fixture
def admin(client: Client):  # type: ignore[no-untyped-def]  # a person
    person = make_member(Role.SYSADMIN)
    client.force_login(person)
    return person


@pytest.fixture
def two(admin) -> list[Unit]:  # type: ignore[no-untyped-def]
    return [make_unit("Phường A", key="a"), make_unit("Phường B", key="b")]


def page(client: Client, data: dict, *, status: int = 200) -> str:  # type: ignore[type-arg]
    response = client.post(NEW, data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def hidden(text: str, name: str) -> str:
    from html import unescape

    return unescape(text.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0])


def upload(content: bytes, name: str) -> dict:  # type: ignore[type-arg]
    return {"buoc": "tep", "file": SimpleUploadedFile(name, content)}


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (Role.SYSADMIN, True, True), (Role.AUDITOR, True, False), (Role.FOCAL_OFFICER, True, False),
        (Role.UNIT_HEAD, False, False), (Role.LEADER, False, False), (None, False, False),
    ],
)  # fmt: skip
def test_who_gets_in(client: Client, role: Role | None, reads: bool, writes: bool) -> None:
    unit = make_unit(key="a")
    assert client.get(LIST).status_code == 302
    client.force_login(make_member(role) if role else make_user())
    assert (client.get(LIST).status_code == 200) is reads
    assert (client.get(reverse("orgs:unit-history", args=[unit.key])).status_code == 200) is reads
    assert (client.get(NEW).status_code == 200) is writes
    assert (client.post(NEW, upload(TOML.encode(), "x.toml")).status_code == 403) is not writes
    assert client.get(reverse("orgs:decision", args=[999])).status_code == (404 if reads else 403)
    assert client.post(reverse("orgs:decision-withdraw", args=[999])).status_code == (404 if writes else 403)


def test_a_merger_step_by_step(client: Client, two: list[Unit]) -> None:
    old, other = two
    kind = make_kind()
    UnitCode.objects.create(unit=old, scheme="gso", code="27301")
    head = make_member(Role.UNIT_HEAD, old, full_name="Trưởng A")
    second = make_member(Role.UNIT_HEAD, other, full_name="Trưởng B")
    move = {
        "dong-kind": "merge", "dong-sources": [old.pk, other.pk], "dong-new_name": "Phường Mới", "dong-new_kind": kind.pk,
        "dong-code": "27301",
    }  # fmt: skip
    entered = page(client, HEAD | move | {"buoc": "them"})
    assert "Phường Mới" in entered
    draft = hidden(entered, "ban-nhap")
    assert not Unit.objects.filter(key="phuong-moi").exists()

    preview = page(client, HEAD | {"ban-nhap": draft, "buoc": "xem-truoc"})
    for text in (
        "Phường A",
        "ngày cuối 30/06/2025",
        "27301: Phường A → Phường Mới",
        "Trưởng B",
        "bàn giao ngay",
    ):
        assert text in preview, text
    assert not SuccessionDecision.objects.exists()
    ref = f"person:{second.username}/unit_head"
    data = {"quyet-dinh": hidden(preview, "quyet-dinh"), "viec-0": [ref], "nhan-0": ["-"]}
    looked_again = page(client, data | {"buoc": "xem"})
    assert '<option value="-" selected>' in looked_again
    assert not SuccessionDecision.objects.exists()

    done = client.post(NEW, data | {"buoc": "ghi"})
    row = SuccessionDecision.objects.get()
    assert done.headers["Location"] == reverse("orgs:decision", args=[row.pk])
    assert row.handed_over_at is not None
    new = Unit.objects.get(key="phuong-moi")
    assert {m.user for m in Membership.objects.filter(unit=new)} == {head}
    shown = client.get(reverse("orgs:decision", args=[row.pk])).content.decode()
    assert "Đã bàn giao" in shown
    life = client.get(reverse("orgs:unit-history", args=["a"])).content.decode()
    assert "Bàn giao cho Phường Mới" in life
    assert "Mã 27301" in life
    public = client.get(reverse("units:unit", args=["a"])).content.decode()
    assert "Bàn giao cho Phường Mới" in public

    again = client.post(NEW, data | {"buoc": "ghi"}, follow=True).content.decode()
    assert "đã được ghi từ trước" in again
    assert SuccessionDecision.objects.count() == 1


def test_a_line_is_left_out_again_with_the_unit_that_it_made(client: Client, two: list[Unit]) -> None:
    move = {
        "dong-kind": "merge",
        "dong-sources": [two[0].pk],
        "dong-new_name": "Mới",
        "dong-new_kind": make_kind().pk,
    }
    draft = hidden(page(client, HEAD | move | {"buoc": "them"}), "ban-nhap")
    assert json.loads(draft)["units"][0]["key"] == "moi"
    left = page(client, HEAD | {"ban-nhap": draft, "buoc": "bo:a>moi"})
    assert json.loads(hidden(left, "ban-nhap"))["units"] == []


def test_what_is_wrong_is_said_where_it_is(client: Client, two: list[Unit]) -> None:
    assert "Hãy chọn một đơn vị đang có" in page(
        client, HEAD | {"dong-kind": "merge", "buoc": "them"}, status=422
    )
    assert "Chưa có đơn vị nào" in page(client, HEAD | {"buoc": "xem-truoc"}, status=422)
    assert "bắt buộc" in page(client, {"buoc": "them"}, status=422)
    circle = TOML.replace('to = "moi"', 'to = "a"')
    assert "không thể kế thừa chính nó" in page(client, upload(circle.encode(), "x.toml"), status=422)
    assert "hỏng" in page(client, {"buoc": "ghi", "quyet-dinh": "{"}, status=422)
    assert not UnitSuccession.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"decision: [a: b: c", "x.yaml", "YAML viết sai ở dòng 1"),
        (b"a = [", "x.toml", "TOML viết sai"),
        (b"\xff\xfe\x00", "x.toml", "UTF-8"),
        (b"decision: 3", "x.yml", "không có quyết định nào"),
        (b"!!python/object/apply:os.system ['true']", "x.yaml", "Không đọc được tệp YAML|YAML viết sai"),
        (b"decision: [{number: 1/Q, effective: 2025-13-01, moves: []}]", "x.yaml", "2 chỗ sai"),
        (b"decision: [{number: '', effective: 2025-01-01, kind: hop, moves: [{from: a, to: b}]}]", "x.yaml", "2 chỗ sai"),
        (b"decision: [{number: 1/Q, effective: 2025-01-01, kind: merge, moves: [{from: a, to: b, tp: c}]}]", "x.yaml", "1 chỗ sai"),
        (b"no zip", "x.xlsx", "không phải là bảng Excel"),
    ],
)  # fmt: skip
def test_files_that_are_none(client: Client, admin, content: bytes, name: str, message: str) -> None:  # type: ignore[no-untyped-def]
    import re

    assert re.search(message, page(client, upload(content, name), status=422))
    assert not SuccessionDecision.objects.exists()


def test_the_samples_and_the_profile_are_read_as_they_are() -> None:
    read = {kind: decisions_read(text.encode(), f"x.{kind}") for kind, text in SAMPLES.items()}
    assert read["toml"] == read["yaml"]
    assert [(e.source, e.target, e.default) for e in read["toml"][0].edges][2:] == [
        ("don-vi-c", "don-vi-d", True), ("don-vi-c", "don-vi-e", False),
    ]  # fmt: skip
    path = PROFILES_DIR / "phuong-2025" / "succession.toml"
    decisions = decisions_read(path.read_bytes(), path.name)
    assert [one.effective for one in decisions] == [date(2025, 1, 1), date(2025, 7, 1), date(2025, 7, 1)]
    # What travels in the page is read back as the same decision.
    back = decisions_from({"decision": [json.loads(json.dumps(one.as_dict())) for one in decisions]})
    assert [one.as_dict() for one in back] == [one.as_dict() for one in decisions]


def test_every_fault_of_a_file_is_named() -> None:
    text = "decision: [{number: '', effective: nay, kind: merge, moves: [{from: [], to: b}, 3], la: 1}]"
    with pytest.raises(DecisionError) as caught:
        decisions_read(text.encode(), "x.yaml")
    places = [(fault.where, fault.item) for fault in caught.value.faults]
    assert places == [
        ("quyết định 1", "la"), ("quyết định 1", "number"), ("quyết định 1", "effective"),
        ("quyết định 1, mục 1", "from"), ("quyết định 1, mục 2", ""),
    ]  # fmt: skip


def test_excel_goes_down_filled_and_comes_up(client: Client, two: list[Unit]) -> None:
    make_kind()
    blank = client.get(LIST, {"tep": "mau"}).content
    book = load_workbook(io.BytesIO(blank))
    sheet = book.worksheets[0]
    heads = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[1]}
    for row, source in ((2, "Phường A (a)"), (3, "Phường B (b)")):
        for name, value in {
            "Số, ký hiệu quyết định": "12/NQ", "Ngày có hiệu lực": date(2025, 7, 1), "Hình thức": "Sáp nhập",
            "Từ đơn vị": source, "Sang đơn vị mới: tên": "Phường Mới", "Đơn vị mới: loại": "Phòng chuyên môn",
            "Mã đơn vị hành chính từ ngày hiệu lực": "27301",
        }.items():  # fmt: skip
            sheet.cell(row, heads[name], value)
    out = io.BytesIO()
    book.save(out)
    preview = page(client, upload(out.getvalue(), "quyet-dinh.xlsx"))
    client.post(NEW, {"quyet-dinh": hidden(preview, "quyet-dinh"), "buoc": "ghi"})
    new = Unit.objects.get(name="Phường Mới")
    assert {m.predecessor.key for m in UnitSuccession.objects.filter(successor=new)} == {"a", "b"}
    assert new.codes.get().code == "27301"

    # Down again, filled: sending it back changes nothing.
    filled = client.get(LIST, {"tep": "co"}).content
    again = page(client, upload(filled, "quyet-dinh.xlsx"))
    assert "Không có gì thay đổi" in again

    sheet.cell(2, heads["Hình thức"], "Gộp")
    sheet.cell(3, heads["Ngày có hiệu lực"], "31/02/2025")
    sheet.cell(3, heads["Trích yếu"], "=1+1")
    out = io.BytesIO()
    book.save(out)
    wrong = page(client, upload(out.getvalue(), "x.xlsx"), status=422)
    for text in ("dòng 2, Hình thức", "dòng 3, Ngày có hiệu lực", "dòng 3, Trích yếu"):
        assert text in wrong, text


def test_a_decision_of_tomorrow_is_taken_back_on_its_page(client: Client, two: list[Unit]) -> None:
    soon = timezone.localdate().replace(year=timezone.localdate().year + 1, day=1)
    make_kind()
    text = TOML.replace("2025-07-01", soon.isoformat())
    preview = page(client, upload(text.encode(), "x.toml"))
    assert "bàn giao vào đúng ngày đó" in preview
    client.post(NEW, {"quyet-dinh": hidden(preview, "quyet-dinh"), "buoc": "ghi"})
    row = SuccessionDecision.objects.get()
    address = reverse("orgs:decision", args=[row.pk])
    assert "Rút quyết định" in client.get(address).content.decode()
    refused = client.post(reverse("orgs:decision-withdraw", args=[row.pk]), {"ly-do": ""}, follow=True)
    assert "Hãy ghi lý do" in refused.content.decode()
    client.post(reverse("orgs:decision-withdraw", args=[row.pk]), {"ly-do": "lùi ngày"})
    assert not SuccessionDecision.objects.exists()
    assert not Unit.objects.filter(key="moi").exists()


def test_the_command_shows_then_loads_and_twice_is_once(tmp_path, capsys, two: list[Unit]) -> None:  # type: ignore[no-untyped-def]
    from django.core.management import CommandError, call_command

    make_kind()
    path = tmp_path / "quyet-dinh.toml"
    path.write_text(TOML, encoding="utf-8")
    call_command("succession", "load", str(path), "--dry-run", "--json")
    shown = json.loads(capsys.readouterr().out)["decisions"][0]
    assert (shown["changed"], shown["closes"], shown["opens"]) == (True, 2, 1)
    assert not SuccessionDecision.objects.exists()
    changed = []
    for _round in range(2):
        call_command("succession", "load", str(path), "--json")
        changed.append(json.loads(capsys.readouterr().out)["decisions"][0]["changed"])
    assert changed == [True, False]
    path.write_text(TOML.replace('"a", "b"', '"x"').replace("12/NQ", "13/NQ"), encoding="utf-8")
    with pytest.raises(CommandError, match="chỗ sai"):
        call_command("succession", "load", str(path))
    assert "không có đơn vị mang mã “x”" in capsys.readouterr().err
