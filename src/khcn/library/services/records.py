"""A record that a program hands in becomes a draft, or changes the draft that it became before."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.engines.text.fold import nfc
from khcn.library.enums import ItemState
from khcn.library.errors import InvalidFieldError
from khcn.library.intake.records import record_of
from khcn.library.intake.schemas import RecordIn, WorkFields, WorkIn
from khcn.library.models import Audience, Collection, LegalRecord, Subject, Work
from khcn.library.pipeline.types import Caution
from khcn.library.services.filing import Filed
from khcn.library.services.version_records import versions_after, versions_before
from khcn.library.services.works import External, work_create, work_update
from khcn.orgs.models import Unit

TERMS: Final[Mapping[str, type[Collection] | type[Subject] | type[Audience]]] = {
    "collections": Collection,
    "subjects": Subject,
    "audiences": Audience,
}
_LISTS: Final = ("creators", "contributors", "identifiers")


@dataclass(frozen=True)
class Parts:
    """A description as ``services.works`` takes it: only what was given."""

    values: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, list[int]] = field(default_factory=dict)
    legal: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """What became of a record: ``outcome`` is imported, updated or unchanged."""

    work: Work
    outcome: str


def parts_of(fields: WorkFields) -> Parts:
    """Return what was given of a description, checked beyond its shape.

    :raises InvalidFieldError: naming the field: a term or a unit that is not there, days that cannot be.
    """
    given = fields.model_dump(mode="python", exclude_unset=True, exclude={"external_id", "unit", "files"})
    legal = {name: _composed(value) for name, value in given.pop("legal", {}).items()}
    terms = {name: _term_ids(name, given.pop(name)) for name in TERMS if name in given}
    if "units" in given:
        terms["units"] = _unit_ids(given.pop("units"))
    for name in _LISTS:
        if name in given:
            given[name] = [{key: text for key, text in one.items() if text} for one in given[name]]
    values = {name: _composed(value) for name, value in given.items()}
    _check_lengths(Work, values)
    _check_lengths(LegalRecord, legal)
    _check_days(values, legal)
    return Parts(values, terms, legal)


def _composed(value: Any) -> Any:
    """Return text in the one form in which it is kept (NFC), within lists and records too."""
    if isinstance(value, models.TextChoices):
        return value.value
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, list):
        return [_composed(one) for one in value]
    if isinstance(value, dict):
        return {key: _composed(one) for key, one in value.items()}
    return value


def _check_lengths(model: type[models.Model], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        most = getattr(model._meta.get_field(name), "max_length", None)
        if most and isinstance(value, str) and len(value) > most:  # composing can make a text longer
            raise InvalidFieldError(name, _("Dài quá %(limit)s ký tự. Hãy rút gọn.") % {"limit": most})


def _check_days(values: Mapping[str, Any], legal: Mapping[str, Any]) -> None:
    issued = values.get("issued_date")
    if isinstance(issued, date) and not 1000 <= issued.year <= 2200:
        raise InvalidFieldError("issued_date", _("Ngày ban hành không có thật. Hãy kiểm tra lại năm."))
    first, last = legal.get("effective_date"), legal.get("expired_date")
    if first and last and last < first:
        raise InvalidFieldError("legal.expired_date", _("Ngày hết hiệu lực phải sau ngày có hiệu lực."))


def _term_ids(name: str, keys: Sequence[str]) -> list[int]:
    found = dict(TERMS[name].objects.filter(key__in=keys).values_list("key", "pk"))
    unknown = [key for key in dict.fromkeys(keys) if key not in found]
    if unknown:
        text = _("Không có mục mang mã %(keys)s. Hãy xem danh sách ở /library/%(name)s.")
        raise InvalidFieldError(name, text % {"keys": ", ".join(unknown[:10]), "name": name})
    return list(found.values())


def _unit_ids(ids: Sequence[int]) -> list[int]:
    found = set(Unit.objects.filter(pk__in=ids).values_list("pk", flat=True))
    unknown = [pk for pk in dict.fromkeys(ids) if pk not in found]
    if unknown:
        text = _("Không có đơn vị mang số %(ids)s. Hãy kiểm tra lại.")
        raise InvalidFieldError("units", text % {"ids": ", ".join(map(str, unknown[:10]))})
    return list(found)


def record_take(*, actor: Actor, unit_id: int, record: WorkIn, now: datetime) -> Taken:
    """Make a draft of a record; one with an ``external_id`` that the unit sent before changes that work instead.

    The same record again changes nothing, also when people have mended the draft meanwhile.

    :raises InvalidFieldError: naming the field.
    :raises StateChangedError: when the work has left the depositor's hands.
    :raises LibraryPermissionError: when the actor may not hand in for the unit.
    """
    try:
        with transaction.atomic():
            return _take(actor, unit_id, record, now)
    except IntegrityError:
        # Another request brought the same id in between our look and our insert: look again, once.
        with transaction.atomic():
            return _take(actor, unit_id, record, now)


def _take(actor: Actor, unit_id: int, record: WorkIn, now: datetime) -> Taken:
    mark = External(f"api:{unit_id}", nfc(record.external_id), _hash(record))
    held = (
        Work.objects.filter(external_source=mark.source, external_id=mark.ident).first()
        if mark.ident
        else None
    )
    if held is not None and held.content_hash == mark.content_hash:
        return Taken(held, "unchanged")
    parts = parts_of(record)
    if held is not None:
        before = versions_before([held], now=now)
        work = work_update(
            actor=actor, work=held, now=now, values=parts.values, terms=parts.terms, legal=parts.legal,
            content_hash=mark.content_hash,
        )  # fmt: skip
        if versions_after(before, actor=actor, cause=_("Chương trình gửi lại bản ghi, đã đổi"), now=now):
            work.refresh_from_db(fields=["version"])
        return Taken(work, "updated")
    values = {"kind": record.kind.value, **parts.values}
    work = work_create(
        actor=actor, kind=values["kind"], title=values["title"], unit_id=unit_id, now=now, values=values,
        terms=parts.terms, legal=parts.legal, external=mark,
    )  # fmt: skip
    return Taken(work, "imported")


def _hash(record: WorkIn) -> str:
    given = record.model_dump(mode="json", exclude_unset=True, exclude={"unit", "files"})
    return hashlib.sha256(json.dumps(given, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def record_file(
    *,
    actor: Actor,
    unit_id: int | None,
    raw: Mapping[str, Any],
    shelf: int | None,
    sent: Sequence[str],
    now: datetime,
) -> Filed:
    """Take one record of a bulk deposit; return what became of it, in the words of an upload.

    :param shelf: the collection named for the whole deposit, for records that name none.
    :param sent: names of the files that came with it.
    :raises KhcnError: what is wrong with the record.
    """
    record: RecordIn = record_of(dict(raw))
    if unit_id is None or record.unit not in {None, unit_id}:
        raise InvalidFieldError("unit", _("Bản ghi ghi một đơn vị khác với đơn vị của cả đợt gửi."))
    taken = record_take(actor=actor, unit_id=unit_id, record=record, now=now)
    if shelf is not None and taken.outcome == "imported" and not record.collections:
        taken.work.collections.set([shelf])
    lost = [name for name in map(nfc, record.files) if name not in sent]
    cautions: tuple[Caution, ...] = ()
    if lost:
        text = _("Không thấy tệp %(names)s trong lần gửi này. Hãy gửi thêm vào tài liệu.")
        cautions = (Caution("file-missing", text % {"names": ", ".join(lost)}),)
    return Filed(
        taken.work,
        ItemState.WARNINGS if cautions else ItemState.READY,
        taken.outcome,
        cautions,
        {"title": taken.work.title, "kind": taken.work.kind, "external_id": record.external_id},
        taken.work.page_count,
        duplicate_of=taken.work.pk if taken.outcome == "unchanged" else None,
    )
