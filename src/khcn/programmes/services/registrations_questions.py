"""Keeping the questions of a programme."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.questions import NO, YES, questions_clean
from khcn.programmes.services.registrations_seats import check_actor


@transaction.atomic
def questions_save(
    *, actor: Actor, programme: Programme, rows: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Keep what a clerk wrote in the editor: ``if_key`` is the number of an earlier question, ``if_value`` its answer.

    A row that does not say for whom the question is (no ``audience``) leaves that as it was.

    :raises ProgrammeError: names the question and what is wrong.
    """
    check_actor(actor, programme, now)
    made: list[dict[str, Any]] = []
    used = {str(row.get("key") or "") for row in rows}
    audiences = {one["key"]: one.get("audience") for one in programme.questions}
    for place, row in enumerate(rows, start=1):
        key = str(row.get("key") or "") or next(f"cau{n}" for n in range(1, 99) if f"cau{n}" not in used)
        used.add(key)
        one = {name: row.get(name) for name in ("label", "kind", "required")} | {"key": key}
        one["audience"] = row["audience"] if "audience" in row else audiences.get(key)
        one["choices"] = str(row.get("choices") or "").splitlines()
        if number := str(row.get("if_key") or "").strip():
            if not (number.isdecimal() and 1 <= int(number) < place):
                raise ProgrammeError(
                    _("Câu %(n)s: điều kiện phải là số của một câu đứng trước.") % {"n": place}
                )
            value = str(row.get("if_value") or "").strip()
            value = {"có": YES, "không": NO}.get(value.casefold(), value)
            one["show_if"] = {made[int(number) - 1]["key"]: value}
        made.append(one)
    clean = questions_clean(made)
    Programme.objects.filter(pk=programme.pk).update(questions=clean, updated_at=now)
    audit_record(
        actor=actor, action="programmes.questions.update", target=programme, before={"questions": programme.questions},
        after={"questions": clean}, at=now,
    )  # fmt: skip
    programme.questions = clean
    return clean
