"""A roster by Excel: merged cells, duplicates, wrong days, old fonts; all or nothing; again it changes nothing."""

import io
from datetime import date, timedelta
from typing import Any

import pytest

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.forms import template_workbook
from khcn.core.models import AuditEvent
from khcn.orgs.enums import PartyKind, Role
from khcn.programmes.errors import StaleError
from khcn.programmes.models.training import RosterUpload, TrainingPerson, TrainingPosition, TrainingPost
from khcn.programmes.rules.registrations import PeopleError
from khcn.programmes.services.training_people import PersonWish, person_end, person_move, person_save
from khcn.programmes.services.training_roster import roster_apply, roster_upload, upload_plan, uploads_forget
from khcn.programmes.services.training_sheet import roster_columns, roster_read
from tests.orgs.factories import make_member, make_party, make_unit
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.training_factories import HEADS, make_person, roster_file, roster_row

pytestmark = pytest.mark.django_db


def _up(people: People, rows: list[Any], **more: Any) -> RosterUpload:
    return roster_upload(
        actor=people.reporter, unit=people.unit, file=roster_file(rows, **more), name="ds.xlsx", now=NOW
    )


def _take(people: People, rows: list[Any], **more: Any) -> dict[str, int]:
    row = roster_apply(actor=people.reporter, upload_id=_up(people, rows, **more).pk, now=NOW)
    return {key: n for key, n in row.outcome.items() if n}


def _faults(people: People, rows: list[Any], **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(PeopleError) as caught:
        _up(people, rows, **more)
    assert not TrainingPerson.objects.exists() or more.get("known")
    assert not RosterUpload.objects.exists()
    return [(one.where, one.item) for one in caught.value.faults]


def test_a_roster_is_looked_at_and_then_taken_in_once() -> None:
    people = People()
    make_party("Trường Tiểu học Mẫu", kind=PartyKind.SCHOOL)
    rows = [
        roster_row("Nguyễn Thị  Ỷ", "Công chức văn hóa", thu="Y@Don-Vi.vn"),
        roster_row(
            "Lê Văn Bảy",
            "Giáo viên",
            la="Giáo viên",
            truong="trường tiểu học mẫu",
            dt="0901 234 567",
            tu="01/09/2023",
        ),
    ]
    upload = _up(people, rows)
    plan = upload_plan(upload, TODAY)
    assert [str(one.change) for one in plan.lines] == ["new", "new"]
    assert not TrainingPerson.objects.exists()  # only looked at
    assert _up(people, rows).pk == upload.pk  # the same bytes again, or another save of the same rows
    done = roster_apply(actor=people.reporter, upload_id=upload.pk, now=NOW)
    again = roster_apply(actor=people.reporter, upload_id=upload.pk, now=NOW)  # a double click
    assert done.outcome == again.outcome
    assert (done.outcome["new"], done.rows) == (2, [])
    one = TrainingPerson.objects.get(folded_name="nguyen thi y")
    assert (one.name, one.email) == ("Nguyễn Thị Ỷ", "y@don-vi.vn")
    two = TrainingPost.objects.get(person__phone="+84901234567")
    assert (two.audience, two.party and two.party.name, two.starts_on) == (
        "teachers",
        "Trường Tiểu học Mẫu",
        date(2023, 9, 1),
    )
    assert TrainingPosition.objects.filter(unit=people.unit).count() == 2
    assert _take(people, rows) == {"same": 2}
    assert TrainingPerson.objects.count() == 2
    event = AuditEvent.objects.filter(action="programmes.training.roster").first()
    assert event is not None
    assert "Bảy" not in f"{event.after} {event.target_label}"


@pytest.mark.parametrize(
    ("merge", "above", "where", "cell", "words"),
    [
        (["B2:B3"], "", "dòng 2", "ô B2", "bỏ gộp và điền từng dòng"),
        (["A2:B2"], "", "dòng 2", "ô A2", "đúng từng cột"),
        (["A1:H1"], "DANH SÁCH CÁN BỘ", "dòng 1", "ô A1", "không đặt tên bảng"),
    ],
)
def test_merged_cells_are_named_and_nothing_is_taken(
    merge: list[str], above: str, where: str, cell: str, words: str
) -> None:
    people = People()
    file = roster_file([roster_row("An Một"), roster_row("An Hai")], merge=merge, above=above)
    with pytest.raises(PeopleError) as caught:
        roster_upload(actor=people.reporter, unit=people.unit, file=file, name="ds.xlsx", now=NOW)
    fault = caught.value.faults[0]
    assert (fault.where, fault.item) == (where, cell)
    assert merge[0] in fault.message
    assert words in fault.message
    assert not RosterUpload.objects.exists()


def test_every_wrong_cell_is_named() -> None:
    people = People()
    assert _faults(
        people,
        [
            roster_row("An Một", thu="mot@x.vn"),
            roster_row("An Hai", thu="MOT@x.vn"),  # the same address
            roster_row("Bình", tu="31/02/2024"),
            roster_row("Cúc", tu=date(2024, 5, 1), den=date(2024, 4, 1)),
            roster_row("Dung", dt="12"),
            roster_row("", "Công chức"),
            roster_row("Em", la="Học sinh"),
            roster_row("Giang", tu=date(1924, 1, 1)),
            roster_row("Hà", truong="Trường không có"),
        ],
    ) == [("dòng 4", "Từ ngày"), ("dòng 7", "Họ và tên"), ("dòng 8", "Là"), ("dòng 6", "Điện thoại")]
    assert _faults(people, [roster_row("An", thu="a@x.vn"), roster_row("Ân", thu="a@x.vn"), roster_row("Cúc", den=date(2024, 2, 1)),
                            roster_row("Giang", tu=date(1924, 1, 1)), roster_row("Hà", truong="Trường không có")]) == [
        ("dòng 3", "Thư điện tử"), ("dòng 4", "Đến ngày"), ("dòng 5", "Từ ngày"), ("dòng 6", "Trường, tổ chức"),
    ]  # fmt: skip


def test_two_of_one_name_must_be_told_apart() -> None:
    people = People()
    assert _faults(people, [roster_row("Lê Thị Hoa"), roster_row("Lê Thị  Hoa")]) == [("dòng 3", "Họ và tên")]
    assert _take(
        people, [roster_row("Lê Thị Hoa", thu="a@x.vn"), roster_row("Lê Thị Hoa", thu="b@x.vn")]
    ) == {"new": 2}
    with pytest.raises(PeopleError, match="chưa đúng"):
        _up(people, [roster_row("Lê Thị Hoa")])
    plan = upload_plan(_up(people, [roster_row("Lê Thị Hoa", thu="c@x.vn")]), TODAY)
    assert "Cùng tên" in plan.lines[0].notes[0]
    assert plan.left == 2  # people whom the file does not name stay


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
def test_csv_in_unicode_and_windows_1258(encoding: str) -> None:
    import unicodedata

    text = (
        ";".join(one.removesuffix(" *") for one in HEADS)
        + "\nTrần Thị Ngọc;Chuyên viên;;;;0912345678;01/03/2024;\n"
    )
    if encoding == "cp1258":
        base = unicodedata.normalize("NFD", text)
        data = b"".join(_as_1258(unicodedata.normalize("NFC", text)) for text in _clusters(base))
    else:
        data = text.encode(encoding)
    rows = roster_read(io.BytesIO(data), "ds.csv")
    assert [(one.name, one.position, one.phone) for one in rows] == [
        ("Trần Thị Ngọc", "Chuyên viên", "+84912345678")
    ]


def _clusters(text: str) -> list[str]:
    import unicodedata

    found: list[str] = []
    for sign in text:
        if unicodedata.combining(sign) and found:
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _as_1258(letter: str) -> bytes:
    import unicodedata

    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        base = unicodedata.normalize("NFD", letter)
        tones = "\u0300\u0301\u0303\u0309\u0323"
        tone = "".join(sign for sign in base if sign in tones)
        rest = unicodedata.normalize("NFC", "".join(sign for sign in base if sign not in tones))
        return (rest + tone).encode("cp1258")


def test_hostile_files_are_refused_in_words() -> None:
    people = People()
    for data, name in (
        (b"PK\x03\x04 hong", "a.xlsx"),
        (b"\x00\x01" * 50, "a.xls"),
        (b"", "a.csv"),
        (b"x" * (8 * 2**20 + 1), "a.csv"),
    ):
        with pytest.raises(KhcnError) as caught:
            roster_upload(actor=people.reporter, unit=people.unit, file=io.BytesIO(data), name=name, now=NOW)
        assert len(caught.value.message) > 20
    with pytest.raises(PeopleError, match="không có dòng nào"):
        roster_upload(
            actor=people.reporter,
            unit=people.unit,
            file=io.BytesIO(template_workbook(roster_columns())),
            name="m.xlsx",
            now=NOW,
        )
    row = roster_row("=HYPERLINK(1)&Ánh\u202e", "Công\x07 chức".replace("\x07", ""))
    with pytest.raises(KhcnError):  # a formula that was never worked out
        _up(people, [row])


def test_what_a_later_file_says_about_known_people() -> None:
    people = People()
    _take(people, [roster_row("An Một", thu="mot@x.vn"), roster_row("An Hai")])
    changes = [
        roster_row(
            "An Một", "Phó trưởng phòng", tu=date(2025, 6, 1)
        ),  # promoted: the old post ends the day before
        roster_row("An Hai", dt="0912345678"),
    ]
    assert _take(people, changes) == {"changed": 2}
    one = TrainingPerson.objects.get(folded_name="an mot")
    assert one.email == "mot@x.vn"  # an empty cell takes nothing away
    posts = list(one.posts.order_by("starts_on").values_list("starts_on", "ends_on"))
    assert posts == [(date(2024, 3, 1), date(2025, 5, 31)), (date(2025, 6, 1), None)]
    assert _take(people, changes) == {"same": 2}
    gone = [roster_row("An Hai", dt="0912345678", den=date(2026, 4, 30))]
    assert _take(people, gone) == {"changed": 1, "left": 1}
    assert _take(people, gone) == {"same": 1, "left": 1}
    assert TrainingPerson.objects.count() == 2


def test_somebody_of_another_unit_comes_only_after_the_post_there_ended() -> None:
    people = People()
    other = make_unit("Đơn vị cũ")
    person = make_person(other, name="Võ Thị Lan", email="lan@x.vn")
    with pytest.raises(PeopleError) as caught:
        _up(people, [roster_row("Võ Thị Lan", thu="lan@x.vn")])
    assert "Đơn vị cũ" in caught.value.faults[0].message
    person_end(
        actor=people.officer, person_id=person.pk, unit=other, ends_on=TODAY - timedelta(days=1), now=NOW
    )
    assert _take(people, [roster_row("Võ Thị Lan", thu="lan@x.vn", tu=TODAY)]) == {"joins": 1}
    assert [one.unit_id for one in person.posts.order_by("starts_on")] == [other.pk, people.unit.pk]
    moved = person_move(
        actor=people.officer,
        person_id=person.pk,
        unit=other,
        position="Chuyên viên",
        starts_on=TODAY + timedelta(days=3),
        now=NOW,
    )
    assert moved.unit_id == other.pk
    assert person.posts.filter(ends_on=None).count() == 1


def test_the_roster_changed_between_looking_and_applying() -> None:
    people = People()
    upload = _up(people, [roster_row("Võ Thị Lan", thu="lan@x.vn"), roster_row("Cúc")])
    make_person(make_unit("Nơi khác"), name="Võ Thị Lan", email="lan@x.vn")
    with pytest.raises(PeopleError, match="chưa ghi gì"):
        roster_apply(actor=people.reporter, upload_id=upload.pk, now=NOW)
    assert not TrainingPost.objects.filter(unit=people.unit).exists()
    with pytest.raises(StaleError, match="hai ngày"):
        roster_apply(actor=people.reporter, upload_id=upload.pk, now=NOW + timedelta(days=3))
    assert uploads_forget(NOW + timedelta(days=8)) == 1


@pytest.mark.parametrize(
    "role",
    [Role.UNIT_HEAD, Role.FOCAL_HEAD, Role.AUDITOR, Role.FINANCE, Role.LEADER, Role.DOST_READER, Role.JUROR],
)
def test_only_the_own_reporter_and_the_focal_officer_write_a_roster(role: Role) -> None:
    people = People()
    for actor in (make_member(role, people.unit), make_member(Role.UNIT_REPORTER)):
        with pytest.raises(PermissionDeniedError):
            roster_upload(
                actor=actor, unit=people.unit, file=roster_file([roster_row("An")]), name="a.xlsx", now=NOW
            )
        with pytest.raises(PermissionDeniedError):
            person_save(
                actor=actor, unit=people.unit, wish=PersonWish("An", "Công chức", "officials", TODAY), now=NOW
            )
    assert _take(people, [roster_row("An")]) == {"new": 1}
    file = roster_file([roster_row("Bình")])
    row = roster_upload(actor=people.officer, unit=people.unit, file=file, name="a.xlsx", now=NOW)
    assert roster_apply(actor=people.officer, upload_id=row.pk, now=NOW).outcome["new"] == 1


@pytest.mark.parametrize(
    "data",
    [
        "Hä vµ tªn;Chøc danh;Tõ ngµy\nTrÇn ThÞ B\xadëi;C«ng chøc;01/03/2024\nNguyÔn V¨n Dòng;C«ng chøc;02/03/2024\n",
        "Hoï vaø teân;Chöùc danh;Töø ngaøy\nTraàn Thò Böôûi;Coâng chöùc;01/03/2024\nNguyeãn Vaên Duõng;Coâng chöùc;02/03/2024\n",
    ],
    ids=["tcvn3", "vni"],
)
def test_csv_in_old_fonts(data: str) -> None:
    rows = roster_read(io.BytesIO(data.encode("cp1252")), "ds.csv")
    assert [(one.name, one.position, one.starts_on) for one in rows] == [
        ("Trần Thị Bưởi", "Công chức", date(2024, 3, 1)),
        ("Nguyễn Văn Dũng", "Công chức", date(2024, 3, 2)),
    ]
