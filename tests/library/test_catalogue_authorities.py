"""Names of people and bodies: one key for one name, two people of one name told apart, works kept in step."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from khcn.core.models.audit import AuditEvent
from khcn.engines.records.name_keys import LETTERS, filing_key, filing_letter, looks_like_body, name_key
from khcn.library.enums import AuthorityKind
from khcn.library.errors import InvalidFieldError, LibraryPermissionError, StateChangedError
from khcn.library.imports.drafts import build_draft
from khcn.library.imports.prepare import derive
from khcn.library.models import Authority, AuthorityTie, Work
from khcn.library.selectors.records import records_of
from khcn.library.services.authorities import authorities_rebuild, authorities_refresh, authorities_sync
from khcn.library.services.authority_edit import (
    authority_merge,
    authority_split,
    authority_update,
    merge_preview,
)
from khcn.library.services.external import UpsertContext, works_upsert_external
from khcn.library.services.works import work_create, work_update

NOW = datetime(2026, 5, 6, 7, 8, tzinfo=UTC)
HOA = "Nguyễn Thị Hòa"
ORCID, OTHER_ORCID = "0000-0002-1825-0097", "0000-0001-5109-3700"


def make(*names: str, title: str = "Sổ tay", **more: Any) -> Work:
    people = [name if isinstance(name, dict) else {"name": name} for name in names]
    return work_create(
        actor=None, kind="document", title=title, unit_id=None, now=NOW, values={"creators": people, **more}
    )


def authority_of(work: Work, position: int = 0) -> Authority:
    return AuthorityTie.objects.get(work=work, role="creator", position=position).authority


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nguyễn Thị Hoà", HOA, True),
        ("NGUYỄN THỊ HÒA", HOA, True),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), HOA, True),
        ("  Nguyễn   Thị Hòa ", HOA, True),
        ("TS. Nguyễn Thị Hòa", HOA, True),
        ("Nguyễn, Thị Hòa", HOA, True),
        ("Smith, John", "John Smith", True),
        ("Nguyễn Thị Hoa", HOA, False),
        ("Nguyễn Thị Hóa", HOA, False),
        ("Uỷ ban nhân dân", "Ủy ban nhân dân", True),
        ("Lê Thúy", "Lê Thuý", True),
        ("Trần Quý", "Trần Quy", False),
    ],
)
def test_one_name_has_one_key(one: str, other: str, same: bool) -> None:
    assert (name_key(one) == name_key(other)) is same


def test_names_in_the_order_of_the_vietnamese_alphabet() -> None:
    in_order = [
        "Lê Văn An", "Trần Thị Ánh", "Phạm Ăng", "Đỗ Ân", "Nguyễn Bình", "Lý Cường", "Hồ Dung", "Lê Dũng", "Bùi Đào",
        "Vũ Đức", "Lê Hoa", "Nguyễn Thị Hòa", "Ngô Oanh", "Mai Ơn", "Tô Phúc", "Chu Uyên", "Đinh Ước", "Lâm Xuân",
        "Trần Ý", "Hà Yến",
    ]  # fmt: skip
    assert sorted(set(in_order), key=lambda name: filing_key(name, person=True)) == in_order
    letters = [filing_letter(name, person=True) for name in in_order]
    assert letters == list("AAĂÂBCDDĐĐHHOƠPUƯXYY")
    assert [LETTERS.index(one) for one in letters] == sorted(LETTERS.index(one) for one in letters)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("Ủy ban nhân dân", "U"),
        ("Đài Khí tượng", "Đ"),
        ("3M", "#"),
        ("中国", "#"),
        ("Éditions", "E"),
        ("Ường", "Ư"),
    ],
)
def test_letters_of_bodies(name: str, letter: str) -> None:
    found = filing_letter(name, person=False)
    assert found == letter


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Ủy ban nhân dân", True), ("Sở Khoa học và Công nghệ", True), ("Viện Năng lượng", True),
        ("Trường Tiểu học Lê Lợi", True), ("Stanford University", True), ("Vũ Khoa Học", False),
        ("Sơn Tùng", False), ("Nguyễn Văn Viện", False), ("Phòng Kinh tế", True), ("Bộ Công an", True), ("Vũ Trường", False),
    ],
)  # fmt: skip
def test_bodies_and_people(name: str, body: bool) -> None:
    assert looks_like_body(name) is body


@pytest.mark.django_db
def test_spellings_of_one_name_are_one_authority() -> None:
    works = [make(name) for name in ("Nguyễn Thị Hoà", HOA, "NGUYỄN THỊ HÒA")]
    assert len({authority_of(work).pk for work in works}) == 1
    assert authority_of(make("Nguyễn Thị Hoa")).pk != authority_of(works[0]).pk


@pytest.mark.django_db
def test_ties_follow_the_work() -> None:
    work = make(HOA, "Viện Năng lượng", contributors=[{"name": "Trần Đức", "role": "edt"}])
    kinds = list(AuthorityTie.objects.filter(work=work).values_list("role", "name", "authority__kind"))
    assert kinds == [
        ("contributor", "Trần Đức", "person"),
        ("creator", HOA, "person"),
        ("creator", "Viện Năng lượng", "organisation"),
    ]
    work_update(actor=None, work=work, now=NOW, values={"creators": [{"name": "Lê Ánh"}]})
    names = AuthorityTie.objects.filter(work=work, role="creator").values_list("name", flat=True)
    assert list(names) == ["Lê Ánh"]
    assert authorities_sync([work.pk], now=NOW) == 0
    work.delete()
    assert not AuthorityTie.objects.filter(work_id=work.pk).exists()


@pytest.mark.django_db
def test_rebuild_ties_what_came_in_another_way() -> None:
    work = make(HOA)
    AuthorityTie.objects.all().delete()
    Work.objects.filter(pk=work.pk).update(creators=[{"name": "Lê Ánh"}, {"name": ""}, "sai", {"nam": 1}])
    assert authorities_refresh(NOW) == 1
    assert authority_of(work).heading == "Lê Ánh"
    assert authorities_rebuild(now=NOW) == 0


@pytest.mark.django_db
def test_imports_tie_in_few_queries(django_assert_max_num_queries: Any) -> None:
    drafts = []
    for number in range(60):
        draft = build_draft(
            {"id": f"a{number}", "title": f"Sách {number}", "creators": [f"Lê Văn {number % 7 + 1}", HOA]}
        )
        derive(draft)
        drafts.append(draft)
    with django_assert_max_num_queries(40):
        works_upsert_external(actor=None, drafts=drafts, context=UpsertContext(now=NOW))
    assert Authority.objects.count() == 8
    assert AuthorityTie.objects.count() == 120


@pytest.mark.django_db
def test_orcid_tells_two_people_of_one_name_apart() -> None:
    first, second = make({"name": HOA, "orcid": ORCID}), make({"name": HOA, "orcid": OTHER_ORCID})
    assert authority_of(first).pk != authority_of(second).pk
    third = make(HOA)
    tie = AuthorityTie.objects.get(work=third)
    assert (tie.authority_id, tie.certain) == (authority_of(first).pk, False)
    again = make({"name": "Hòa Nguyễn", "orcid": f"https://orcid.org/{OTHER_ORCID}"})
    assert authority_of(again).pk == authority_of(second).pk
    plain = make("Đỗ Minh")
    named = make({"name": "Đỗ Minh", "orcid": "0000-0002-1694-233X"})
    assert authority_of(plain).pk == authority_of(named).pk
    assert authority_of(plain).orcid == "0000-0002-1694-233X"


@pytest.mark.django_db
def test_a_wrong_orcid_in_a_work_does_no_harm() -> None:
    work = make("Lê Ánh")
    Work.objects.filter(pk=work.pk).update(creators=[{"name": HOA, "orcid": "0000-0000-0000-0001"}])
    authorities_sync([work.pk], now=NOW)
    assert (authority_of(work).heading, authority_of(work).orcid) == (HOA, "")


@pytest.mark.django_db
def test_merge_moves_everything_and_leads_on() -> None:
    old, new = make("Nguyễn T. Hòa"), make(HOA)
    source, target = authority_of(old), authority_of(new)
    Authority.objects.filter(pk=source.pk).update(orcid=ORCID, dates="1970-")
    preview = merge_preview(Authority.objects.get(pk=source.pk), target)
    assert (preview.works, preview.names, preview.conflicts) == (1, ["Nguyễn T. Hòa"], [])
    merged = authority_merge(actor=None, source=source, target=target, now=NOW)
    source.refresh_from_db()
    assert (source.merged_into_id, source.orcid) == (target.pk, "")
    assert (merged.orcid, merged.dates) == (ORCID, "1970-")
    assert authority_of(old).pk == target.pk
    assert authority_of(make("Nguyễn T. Hòa")).pk == target.pk  # the spelling now means the target
    assert AuditEvent.objects.filter(action="library.authority.merge").count() == 1
    with pytest.raises(StateChangedError):
        authority_merge(actor=None, source=source, target=target, now=NOW)
    with pytest.raises(InvalidFieldError):
        authority_merge(actor=None, source=target, target=target, now=NOW)


@pytest.mark.django_db
def test_people_with_two_orcids_are_not_merged() -> None:
    one, two = (authority_of(make({"name": HOA, "orcid": orcid})) for orcid in (ORCID, OTHER_ORCID))
    assert len(merge_preview(one, two).conflicts) == 1
    with pytest.raises(InvalidFieldError):
        authority_merge(actor=None, source=one, target=two, now=NOW)


@pytest.mark.django_db
def test_split_is_kept_when_the_work_changes() -> None:
    mine, theirs = make(HOA, title="Một"), make(HOA, title="Hai")
    whole = authority_of(mine)
    other = authority_split(
        actor=None, authority=whole, work_ids=[theirs.pk], qualifier="kỹ sư điện", now=NOW
    )
    assert (authority_of(mine).pk, authority_of(theirs).pk) == (whole.pk, other.pk)
    assert str(other) == "Nguyễn Thị Hòa (kỹ sư điện)"
    people = [{"name": "Lê Ánh"}, {"name": "Nguyễn Thị Hoà"}]
    work_update(actor=None, work=theirs, now=NOW, values={"creators": people, "title": "Ba"})
    assert authority_of(theirs, 1).pk == other.pk
    authorities_rebuild(now=NOW)
    assert authority_of(theirs, 1).pk == other.pk
    assert not AuthorityTie.objects.get(work=make(HOA)).certain
    for work_ids, qualifier, field in ([[], "x", "works"], [[mine.pk], "", "qualifier"]):
        with pytest.raises(InvalidFieldError) as caught:
            authority_split(actor=None, authority=whole, work_ids=work_ids, qualifier=qualifier, now=NOW)
        assert caught.value.field == field


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"orcid": "0000-0002-1825-0098"}, "orcid"), ({"isni": "0000000121032684"}, "isni"), ({"viaf": "abc"}, "viaf"),
        ({"heading": "  "}, "heading"), ({"heading": "x" * 400}, "heading"),
    ],
)  # fmt: skip
def test_wrong_values_name_their_field(values: dict[str, str], field: str) -> None:
    row = authority_of(make(HOA))
    with pytest.raises(InvalidFieldError) as caught:
        authority_update(actor=None, authority=row, values=values, variants=[], now=NOW)
    assert caught.value.field == field


@pytest.mark.django_db
def test_update_with_identifiers_and_variants() -> None:
    row = authority_of(make(HOA))
    authority_update(
        actor=None,
        authority=row,
        values={
            "heading": "Nguyễn Thị Hoà", "orcid": f"https://orcid.org/{ORCID}", "isni": "0000 0001 2103 2683",
            "viaf": "https://viaf.org/viaf/102333412/",
        },
        variants=["Hòa N.T.", "Hoà N. T.", ""],
        now=NOW,
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.heading, row.orcid, row.isni, row.viaf) == (HOA, ORCID, "0000000121032683", "102333412")
    assert authority_of(make("hòa n.t.")).pk == row.pk
    other = authority_of(make("Lê Ánh"))
    with pytest.raises(InvalidFieldError):
        authority_update(actor=None, authority=other, values={"orcid": ORCID}, variants=[], now=NOW)


@pytest.mark.django_db
def test_only_librarians_change_names() -> None:
    row = authority_of(make(HOA))
    visitor = AnonymousUser()
    for call in (
        lambda: authority_update(actor=visitor, authority=row, values={}, variants=[], now=NOW),
        lambda: authority_merge(actor=visitor, source=row, target=row, now=NOW),
        lambda: authority_split(actor=visitor, authority=row, work_ids=[1], qualifier="x", now=NOW),
    ):
        with pytest.raises(LibraryPermissionError):
            call()


@pytest.mark.django_db
def test_records_carry_orcid_ddc_and_kind() -> None:
    work = make(HOA, "Viện Năng lượng", ddc="621.310")
    Authority.objects.filter(key=name_key(HOA)).update(orcid=ORCID)
    record = records_of([work])[0]
    assert (record.ddc, record.creators[0].orcid, record.creators[1].kind) == (
        "621.31",
        ORCID,
        "organisation",
    )
    assert record.creators[0].kind == AuthorityKind.PERSON
    with pytest.raises(InvalidFieldError):
        work_update(actor=None, work=work, now=NOW, values={"ddc": "kỹ thuật"})
