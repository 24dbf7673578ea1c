"""One self-check: begun, answered step by step, finished once.

Nobody is named, so nothing is written into the trail of deeds: it would tell when a stall trader sat down to answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.dates import local_date
from khcn.orgs.models import Unit
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.readiness import Check, Questionnaire
from khcn.programmes.rules.readiness import answer_counts, open_dimension, scores_of
from khcn.programmes.tokens import link_token

UNFINISHED_LIVES: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class About:
    """What somebody may say about the enterprise; all of it may stay empty."""

    kind: str = ""
    size: str = ""
    sector: str = ""
    ward: Unit | None = None


def check_start(*, questionnaire: Questionnaire, about: About, client_key: str, now: datetime) -> Check:
    """Begin a check; the same form sent twice is one check. :raises ProgrammeError: a choice this version does not have."""
    sheet = questionnaire.sheet
    for name, group in (("kind", sheet.kinds), ("size", sheet.sizes), ("sector", sheet.sectors)):
        if getattr(about, name) not in {"", *(one.key for one in group)}:
            raise ProgrammeError(_("Hãy chọn trong danh sách, hoặc để trống."), field=name)
    ward = about.ward
    if ward is not None and not (
        ward.kind.code in sheet.ward_kinds and ward.is_listed and ward.in_force(local_date(now))
    ):
        raise ProgrammeError(_("Hãy chọn địa bàn trong danh sách, hoặc để trống."), field="ward")
    held = Check.objects.filter(client_key=client_key[:40]).first()
    if held is not None:
        return held
    try:
        with transaction.atomic():
            return Check.objects.create(
                token=link_token(), client_key=client_key[:40], questionnaire=questionnaire, kind=about.kind,
                size=about.size, sector=about.sector, ward=ward, started_at=now,
            )  # fmt: skip
    except IntegrityError:
        return Check.objects.get(client_key=client_key[:40])


@transaction.atomic
def check_answer(*, check: Check, given: Mapping[str, Any], now: datetime) -> Check:
    """Keep answers of a check that is not finished; what is no answer to its questions is left out. :raises GoneError:"""
    row = _locked(check)
    if row.finished_at is not None:
        return row
    for dimension in row.questionnaire.sheet.dimensions:
        for one in dimension.questions:
            if answer_counts(one, given.get(one.key)):
                row.answers[one.key] = given[one.key]
    row.save(update_fields=["answers"])
    return row


@transaction.atomic
def check_finish(*, check: Check, now: datetime) -> Check:
    """Count the answers and freeze the scores. Twice is once.

    :raises ProgrammeError: questions are open, or none applied. :raises GoneError:
    """
    row = _locked(check)
    if row.finished_at is not None:
        return row
    sheet = row.questionnaire.sheet
    place = open_dimension(sheet, row.answers)
    if place is not None:
        words = _("Còn câu chưa trả lời ở phần %(name)s. Hãy quay lại phần đó.")
        raise ProgrammeError(words % {"name": sheet.dimensions[place].label})
    found = scores_of(sheet, row.answers)
    if found is None:
        raise ProgrammeError(
            _("Bạn chọn Không áp dụng cho mọi câu nên chưa chấm được. Hãy trả lời ít nhất một câu.")
        )
    row.scores, row.overall, row.level = dict(found.by_dimension), found.overall, found.level
    row.finished_at = now
    row.save(update_fields=["scores", "overall", "level", "finished_at"])
    return row


def checks_forget(now: datetime) -> int:
    """Delete checks that were begun more than a day ago and never finished. A periodic duty."""
    due = Check.objects.filter(finished_at=None, started_at__lt=now - UNFINISHED_LIVES)
    return due.delete()[0]


def _locked(check: Check) -> Check:
    row = Check.objects.select_for_update().filter(pk=check.pk).first()
    if row is None:
        raise GoneError(_("Lượt tự chấm này để quá một ngày nên đã được xóa. Hãy bắt đầu lại."))
    row.questionnaire = check.questionnaire
    return row
