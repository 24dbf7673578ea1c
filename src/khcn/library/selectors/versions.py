"""Reads of versions: the description of a work at a moment, what differs between two, which versions a reader sees."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from khcn.engines.plans.compare import Piece, word_difference
from khcn.library.enums import Rights, WorkKind, WorkState
from khcn.library.models import LegalRecord, VersionCorrection, Work, WorkFile, WorkVersion
from khcn.library.rules import people_names
from khcn.ui.formats import format_date

_PLAIN: Final = (
    "kind", "title", "title_en", "abstract", "body", "creators", "contributors", "publisher", "issued_year",
    "issued_date", "language", "identifiers", "rights", "rights_note", "source", "coverage", "resource_type", "url",
    "ddc",
)  # fmt: skip
_TERMS: Final = ("collections", "subjects", "audiences")
_LEGAL: Final = (
    "type_name", "number", "organ_name", "place", "signer_position", "signer_name", "recipients", "effective_date",
    "expired_date",
)  # fmt: skip
LABELS: Final = {
    "kind": _("Loại"),
    "title": _("Nhan đề"),
    "title_en": _("Nhan đề tiếng Anh"),
    "abstract": _("Tóm tắt"),
    "body": _("Nội dung bài viết"),
    "legal.type_name": _("Tên loại"),
    "legal.number": _("Số, ký hiệu"),
    "legal.organ_name": _("Cơ quan ban hành"),
    "legal.place": _("Nơi ban hành"),
    "legal.signer_name": _("Người ký"),
    "legal.signer_position": _("Chức vụ người ký"),
    "legal.recipients": _("Nơi nhận"),
    "legal.effective_date": _("Có hiệu lực từ ngày"),
    "legal.expired_date": _("Hết hiệu lực từ ngày"),
    "creators": _("Tác giả"),
    "contributors": _("Người đóng góp"),
    "publisher": _("Nơi xuất bản"),
    "issued_date": _("Ngày ban hành"),
    "issued_year": _("Năm"),
    "language": _("Ngôn ngữ"),
    "collections": _("Bộ sưu tập"),
    "subjects": _("Chủ đề"),
    "audiences": _("Dành cho"),
    "ddc": _("Phân loại DDC"),
    "identifiers": _("Mã định danh"),
    "resource_type": _("Thể loại"),
    "coverage": _("Phạm vi"),
    "source": _("Nguồn"),
    "url": _("Địa chỉ"),
    "rights": _("Quyền sử dụng"),
    "rights_note": _("Ghi chú về quyền"),
}
# Shown in full on the page of a version by themselves.
SHOWN_APART: Final = frozenset({"title", "abstract", "body"})


@dataclass(frozen=True)
class Change:
    """One difference. ``pieces``: the words in reading order, each ("same" | "old" | "new", words)."""

    label: str
    pieces: tuple[Piece, ...]


def snapshot_of(work: Work) -> dict[str, Any]:
    """Return the description of a work as plain JSON: its own fields, names of its terms, ``legal.*`` of its record."""
    return snapshots_of([work])[work.pk]


def snapshots_of(works: Sequence[Work]) -> dict[int, dict[str, Any]]:
    """Return the descriptions of works by their numbers, in a fixed number of queries."""
    found = {work.pk: {name: _json(getattr(work, name)) for name in _PLAIN} for work in works}
    for name in _TERMS:
        through: Any = getattr(Work, name).through
        model = Work._meta.get_field(name).related_model._meta.model_name  # type: ignore[union-attr]  # a many-to-many
        rows = through.objects.filter(work_id__in=found).order_by()
        for pk, term in rows.values_list("work_id", f"{model}__name"):
            found[pk].setdefault(name, []).append(term)
    for record in LegalRecord.objects.filter(pk__in=found):
        found[record.pk] |= {f"legal.{name}": _json(getattr(record, name)) for name in _LEGAL}
    for said in found.values():
        for name in _TERMS:
            said[name] = sorted(said.get(name, ()))
    return {
        pk: {name: value for name, value in said.items() if value not in ("", None, [])}
        for pk, said in found.items()
    }


def files_of(work: Work) -> list[dict[str, Any]]:
    """Return the files of a work as a version keeps them, in order."""
    return files_by_work([work.pk])[work.pk]


def files_by_work(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the files of works, in order, by the works' numbers. One query."""
    found: dict[int, list[dict[str, Any]]] = {pk: [] for pk in ids}
    for file in WorkFile.objects.filter(work_id__in=ids).order_by("work_id", "position", "id"):
        found[file.work_id].append(
            {
                "sha256": file.sha256,
                "name": file.original_name,
                "mime": file.mime,
                "kind": file.kind,
                "size_bytes": file.size_bytes,
            }
        )
    return found


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def shown_value(name: str, value: Any) -> str:
    """Return a value of a snapshot as people read it."""
    if value in (None, "", []):
        return ""
    show = _SHOW.get(name)
    if show is not None:
        return show(value)
    return "; ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _people(value: Any) -> str:
    return "; ".join(people_names(value))


def _identifiers(value: Any) -> str:
    return "; ".join(f"{str(one.get('type', '')).upper()} {one.get('value', '')}".strip() for one in value)


def _day(value: Any) -> str:
    return format_date(date.fromisoformat(value))


def _rights(value: Any) -> str:
    return str(Rights(value).label) if value in Rights.values else str(value)


def _language(value: Any) -> str:
    return {"vi": str(_("Tiếng Việt")), "en": str(_("Tiếng Anh"))}.get(value, str(value))


def _kind(value: Any) -> str:
    return str(WorkKind(value).label) if value in WorkKind.values else str(value)


_SHOW: Final[dict[str, Callable[[Any], str]]] = {
    "creators": _people,
    "contributors": _people,
    "identifiers": _identifiers,
    "issued_date": _day,
    "legal.effective_date": _day,
    "legal.expired_date": _day,
    "rights": _rights,
    "kind": _kind,
    "language": _language,
}


def description_of(snapshot: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of a version's description, without what its page shows apart."""
    return [
        (str(label), shown_value(name, snapshot.get(name)))
        for name, label in LABELS.items()
        if name not in SHOWN_APART and not (name == "issued_year" and snapshot.get("issued_date"))
    ]


def changes_between(
    old: dict[str, Any], new: dict[str, Any], old_files: Sequence[Any], new_files: Sequence[Any]
) -> list[Change]:
    """Return what the newer description and files say otherwise, field by field, words marked."""
    found = [
        Change(str(label), word_difference(before, after))
        for name, label in LABELS.items()
        if (before := _for_words(name, old)) != (after := _for_words(name, new))
    ]
    return [*found, *_file_changes(old_files, new_files)]


def _for_words(name: str, snapshot: dict[str, Any]) -> str:
    text = shown_value(name, snapshot.get(name))
    return text.replace("<", " <").replace(">", "> ") if name == "body" else text


def _file_changes(old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before = {file["sha256"]: file["name"] for file in old}
    after = {file["sha256"]: file["name"] for file in new}
    gone = [name for sha, name in before.items() if sha not in after]
    come = [name for sha, name in after.items() if sha not in before]
    if gone or come:
        pieces: list[Piece] = [("old", name) for name in gone]
        pieces += [("new", name) for name in come]
        yield Change(str(_("Tệp")), tuple(pieces))


def versions_of(work: Work) -> list[WorkVersion]:
    """Return the versions of a work, the newest first. A work that nobody has changed has its first, not yet stored."""
    kept = list(work.versions.select_related("made_by"))
    return kept or [first_version(work)]


def first_version(work: Work) -> WorkVersion:
    """Return version 1 of a work as it stands, unsaved."""
    return WorkVersion(
        work=work,
        number=1,
        made_at=work.published_at or work.updated_at,
        note="",
        snapshot=snapshot_of(work),
        files=files_of(work),
    )


def version_of(work: Work, number: int) -> WorkVersion | None:
    """Return one version of a work; the present one describes the work as it stands now."""
    found = work.versions.filter(number=number).first()
    if number == work.version:
        found = found or first_version(work)
        found.number = number
        found.snapshot, found.files = snapshot_of(work), files_of(work)
    return found


def pending_changes(work: Work) -> list[Change]:
    """Return what was changed on a published work since its present version was recorded, and not yet told to readers."""
    present = work.versions.filter(number=work.version).first()
    if present is None or work.state != WorkState.PUBLISHED:
        return []
    return changes_between(present.snapshot, snapshot_of(work), present.files, files_of(work))


def corrections_of(work: Work) -> list[VersionCorrection]:
    """Return the small corrections inside the present version, the newest first."""
    rows = VersionCorrection.objects.filter(version__work=work, version__number=work.version)
    return list(rows.select_related("made_by"))
