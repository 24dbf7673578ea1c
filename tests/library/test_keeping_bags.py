"""The whole library into bags and back into an empty one: nothing lost, nothing half-done, nothing believed unchecked."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from khcn.core.errors import KhcnError
from khcn.engines.bags import read_info, sign_bag
from khcn.library.enums import NoteKind, RelationKind, Visibility, WorkState
from khcn.library.errors import LibraryPermissionError
from khcn.library.keeping.rows import BagRowError, Names, row_of
from khcn.library.keeping.tables import NOT_KEPT, kept_columns, kept_models, refers_elsewhere, table_name
from khcn.library.models import (
    Audience,
    Collection,
    IndexChange,
    Subject,
    UsageDay,
    Work,
    WorkNote,
    WorkRelation,
)
from khcn.library.services import packing
from khcn.library.services.packing import PackError, library_pack
from khcn.library.services.unpacking import library_unpack
from khcn.library.store import stored_path
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, User
from tests.library.makers import make_batch, make_page, make_takedown, make_term, make_work
from tests.library.test_keeping_fixity import keep, spoil
from tests.orgs.factories import make_member, make_unit

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=123456)


def a_library(folder: Path) -> tuple[Work, Work]:
    """Fill the library with a bit of everything."""
    unit, librarian = make_unit("Phòng Kinh tế"), make_member(Role.LIBRARIAN)
    law = make_work(
        "Quyết định về đo lường “cân, đo”",
        state=WorkState.PUBLISHED,
        kind="legal",
        owner_unit=unit,
        submitted_by=librarian,
        creators=[{"name": "Nguyễn Thị Hòa", "orcid": "0000-0002-1825-0097"}],
        extra={"lạ": [1, 2.5, None, "\u2028"]},
        legal={"number": "12/2020/QĐ-UBND", "organ_name": "UBND", "recipients": ["Sở KH&CN"]},
        view_count=7,
    )
    draft = make_work(
        "Bản nháp", visibility=Visibility.UNITS, embargo_until=NOW.date() + timedelta(days=9), embargoed=True
    )
    draft.units.set([unit])
    law.collections.set([make_term(Collection, "Văn bản")])
    law.subjects.set([make_term(Subject, "Đo lường")])
    make_page(law, 1, "Điều 1. Phạm vi\n\x0b điều chỉnh", confidence=0.87, source="ocr")
    WorkRelation.objects.create(work=law, kind=RelationKind.RELATED, target=draft)
    WorkNote.objects.create(
        work=draft, author=librarian, kind=NoteKind.COMMENT, text="Xem lại", written_at=NOW
    )
    UsageDay.objects.create(work=law, day=NOW.date(), views=7)
    make_takedown(law)
    make_batch(librarian, unit)
    keep(law, b"%PDF-1.7 " + b"x" * 3000, folder, "quyết định.pdf")
    keep(draft, b"ghi chu", folder, "ghi chú.txt")
    return law, draft


def picture() -> dict[str, list[dict[str, Any]]]:
    """Return every kept row of the library."""
    names = Names.here()
    return {
        table_name(model): [row_of(row, names) for row in model._default_manager.order_by("pk")]
        for model in kept_models()
    }


def empty_library() -> None:
    """Leave the library as a new installation has it, but for the people and units."""
    for model in reversed(kept_models()):
        if model is not Audience:
            model._default_manager.all().delete()
    IndexChange.objects.all().delete()


def test_every_table_is_kept_or_says_why_not() -> None:
    assert {table_name(model) for model in kept_models()} >= {"work", "page", "work_units", "legalrecord"}
    assert all(reason for reason in NOT_KEPT.values())


def test_no_column_is_dropped_without_anybody_having_said_so() -> None:
    lost = [
        f"{table_name(model)}.{field.name}"
        for model in kept_models()
        for field in model._meta.concrete_fields
        if refers_elsewhere(field) and not field.null
    ]
    assert lost == [], "a column that must be filled refers to a room that does not travel"


def test_a_round_trip_loses_nothing(tmp_path: Path) -> None:
    law, draft = a_library(tmp_path)
    before, people, units = (
        picture(),
        set(User.objects.values_list("username", flat=True)),
        list(Unit.objects.values_list("key", flat=True)),
    )
    report = library_pack(actor=None, target=tmp_path / "goi", now=NOW)
    assert (report.files, report.faults, report.bags) == (2, [], ["records", "originals-0001"])
    assert oct((tmp_path / "goi").stat().st_mode)[-3:] == "700"
    files = {
        file.sha256: stored_path(file.sha256).read_bytes()
        for work in (law, draft)
        for file in work.files.all()
    }
    empty_library()
    for sha256 in files:
        stored_path(sha256).unlink()
    found = library_unpack(actor=None, source=tmp_path / "goi", now=NOW)
    assert picture() == before
    assert {sha256: stored_path(sha256).read_bytes() for sha256 in files} == files
    assert (found.people, found.units) == ([], [])
    assert set(User.objects.values_list("username", flat=True)) == people
    assert list(Unit.objects.values_list("key", flat=True)) == units
    assert set(IndexChange.objects.values_list("work_id", flat=True)) == {law.pk, draft.pk}
    assert make_work("Sau khi nhập").pk > max(law.pk, draft.pk), "new works take new numbers"


def test_people_and_units_that_are_not_here_are_made_locked(tmp_path: Path) -> None:
    a_library(tmp_path)
    library_pack(actor=None, target=tmp_path / "goi", now=NOW)
    named = {
        json.loads(line)["username"]
        for line in (tmp_path / "goi/records/data/people.jsonl").read_text().splitlines()
    }
    stranger = make_member(Role.EDITOR)
    assert stranger.username not in named, "who has no part in the library does not travel"
    empty_library()
    User.objects.filter(username__in=named).update(username="mot-nguoi-khac")
    Unit.objects.filter(name="Phòng Kinh tế").update(key="khoa-khac")
    report = library_unpack(actor=None, source=tmp_path / "goi", now=NOW)
    assert (set(report.people), len(report.units)) == (named, 1)
    made = User.objects.get(username__in=named)
    assert (made.is_active, made.has_usable_password()) == (False, False)
    assert Work.objects.get(kind="legal").submitted_by == made


def test_a_damaged_original_is_named_and_the_rest_is_packed(tmp_path: Path) -> None:
    law, draft = a_library(tmp_path)
    spoil(law.files.get(), b"khac")
    spoil(draft.files.get(), None)
    report = library_pack(actor=None, target=tmp_path / "goi", now=NOW)
    assert {fault["why"] for fault in report.faults} == {"changed", "missing"}
    assert len((tmp_path / "goi/records/data/faults.jsonl").read_text().splitlines()) == 2
    assert report.rows["work"] == 2


def _wrong_checksum(pack: Path) -> None:
    page = pack / "records/data/page.jsonl"
    page.write_text(page.read_text().replace("Phạm vi", "Pham vi"))


def _file_gone(pack: Path) -> None:
    next((pack / "originals-0001/data").rglob("*/*")).unlink()


def _bag_gone(pack: Path) -> None:
    shutil.rmtree(pack / "originals-0001")


def _file_too_many(pack: Path) -> None:
    (pack / "records/data/la.jsonl").write_text("{}")


def _link_outside(pack: Path) -> None:
    (pack / "records/data/link.jsonl").symlink_to("/etc/hostname")


def _swapped_originals(pack: Path) -> None:
    one, two = sorted(path for path in (pack / "originals-0001/data").rglob("*") if path.is_file())
    held = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(held)
    sign_bag(pack / "originals-0001", read_info(pack / "originals-0001"))  # somebody made the checksums fit


def _newer_format(pack: Path) -> None:
    about = pack / "records/data/about.json"
    about.write_text(about.read_text().replace('"format": 1', '"format": 99'))
    sign_bag(pack / "records", read_info(pack / "records"))


def _unknown_column(pack: Path) -> None:
    path = pack / "records/data/work.jsonl"
    path.write_text(path.read_text().replace('"title":', '"mot_cot_la":1,"title":', 1))
    sign_bag(pack / "records", read_info(pack / "records"))


def _broken_line(pack: Path) -> None:
    path = pack / "records/data/work.jsonl"
    path.write_text(path.read_text() + "{nửa dòng\n")
    sign_bag(pack / "records", read_info(pack / "records"))


def _unknown_table(pack: Path) -> None:
    (pack / "records/data/tu_sach.jsonl").write_text("{}\n")
    sign_bag(pack / "records", read_info(pack / "records"))


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        (_wrong_checksum, "đã hỏng"),
        (_file_gone, "đã hỏng"),
        (_bag_gone, "thiếu túi"),
        (_file_too_many, "đã hỏng"),
        (_link_outside, "link.jsonl"),
        (_swapped_originals, "không đúng mã"),
        (_newer_format, "nâng cấp"),
        (_unknown_column, "mot_cot_la"),
        (_broken_line, "dòng 3"),
        (_unknown_table, "tu_sach"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_is_wrong_with_a_pack_is_said_and_nothing_is_written(
    tmp_path: Path, spoilt: Any, says: str
) -> None:
    a_library(tmp_path)
    library_pack(actor=None, target=tmp_path / "goi", now=NOW)
    empty_library()
    terms = list(Audience.objects.values_list("key", flat=True))
    spoilt(tmp_path / "goi")
    with pytest.raises((PackError, BagRowError)) as caught:
        library_unpack(actor=None, source=tmp_path / "goi", now=NOW)
    assert says in caught.value.message
    assert not Work.objects.exists()
    assert list(Audience.objects.values_list("key", flat=True)) == terms


def test_a_library_that_holds_something_is_never_written_over(tmp_path: Path) -> None:
    a_library(tmp_path)
    library_pack(actor=None, target=tmp_path / "goi", now=NOW)
    with pytest.raises(PackError, match="còn trống"):
        library_unpack(actor=None, source=tmp_path / "goi", now=NOW)
    empty_library()
    make_term(Collection, "Của tôi")
    with pytest.raises(PackError, match="Của tôi"):
        library_unpack(actor=None, source=tmp_path / "goi", now=NOW)


def test_a_pack_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_library(tmp_path)

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    monkeypatch.setattr(packing, "make_bag", full)
    with pytest.raises(KhcnError):
        library_pack(actor=None, target=tmp_path / "goi", now=NOW)
    assert not (tmp_path / "goi").exists()
    assert not (tmp_path / ".goi.part").exists()
    (tmp_path / "co-san").mkdir()
    with pytest.raises(PackError, match="đã có"):
        library_pack(actor=None, target=tmp_path / "co-san", now=NOW)


def test_only_librarians_pack_and_unpack(tmp_path: Path) -> None:
    for deed in (
        lambda actor: library_pack(actor=actor, target=tmp_path / "goi", now=NOW),
        lambda actor: library_unpack(actor=actor, source=tmp_path / "goi", now=NOW),
    ):
        with pytest.raises(LibraryPermissionError):
            deed(make_member(Role.CONTRIBUTOR))


def test_kept_columns_name_people_and_units_only_by_name() -> None:
    targets = {
        field.related_model
        for model in kept_models()
        for field in kept_columns(model)
        if isinstance(field, models.ForeignKey)
    }
    assert all(target in (User, Unit) or target._meta.app_label == "library" for target in targets)
