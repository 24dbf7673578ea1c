"""Whoever registered sees all that is kept about them, takes a copy, takes consents back, and is forgotten.

The row stays and counts; what names a person goes, everywhere: row, ledger, scanned papers nobody else stands on,
messages, and whatever other areas registered in ``areas.erasers``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import datetime_vi, local_date
from khcn.core.outbox.services import messages_forget
from khcn.core.references import reference_to
from khcn.programmes.areas import erasers
from khcn.programmes.enums import STANDING, BatchState
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.evaluation import SurveyAnswer
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.services.consents import consent_withdraw
from khcn.programmes.services.evaluation import answer_digest
from khcn.programmes.services.registrations import registration_cancel
from khcn.programmes.services.registrations_groups import PAPERS
from khcn.programmes.services.registrations_seats import check_actor

A_TIME: Final = 500  # rows of one round of the retention duty


def data_copy(row: Registration) -> dict[str, Any]:
    """Return everything that is kept about a person, as JSON."""
    consents = Consent.objects.filter(subject=str(reference_to(row))).select_related("text")
    return {
        "programme": row.programme.title, "session": _session(row.session), "state": row.state, "name": row.name,
        "audience": row.audience, "sex": row.sex, "birth_year": row.birth_year, "organisation": row.organisation,
        "class_name": row.class_name, "guardian_name": row.guardian_name, "address": row.contact_address,
        "answers": row.answers, "registered_at": timezone.localtime(row.created_at).isoformat(),
        "consents": [
            {
                "purpose": one.purpose, "version": one.text.version, "text": one.text.text, "by": one.by,
                "by_name": one.by_name, "form": one.form, "given_at": timezone.localtime(one.given_at).isoformat(),
                "withdrawn_at": timezone.localtime(one.withdrawn_at).isoformat() if one.withdrawn_at else None,
            }
            for one in consents
        ],
        **_taken_part(row),
    }  # fmt: skip


def _taken_part(row: Registration) -> dict[str, Any]:
    """Return what came of the seat: sessions, quizzes, certificates, and of which sessions an opinion was given.

    What was said in a survey is kept without the person, so nobody can return it.
    """
    sessions = list(row.programme.sessions.order_by("number"))
    digests = {answer_digest(one, row.ticket): one for one in sessions}
    given = SurveyAnswer.objects.filter(digest__in=list(digests)).values_list("digest", flat=True)
    return {
        "attendance": [
            {"session": _session(one.session), "state": one.state, "at": _when(one.at), "source": one.source}
            for one in row.attendance.select_related("session").order_by("session__number")
        ],
        "surveys_answered": [_session(digests[one]) for one in sorted(given, key=lambda one: digests[one].number)],
        "quizzes": [
            {"phase": one.phase, "score": one.score, "total": one.total, "at": _when(one.answered_at)}
            for one in row.quiz_answers.order_by("answered_at")
        ],
        "certificates": [
            {
                "code": one.code, "number": one.number, "name": one.name, "title": one.batch.title,
                "issued_at": _when(one.batch.issued_at), "revoked_at": _when(one.revoked_at),
                "revoke_reason": one.revoke_reason,
            }
            for one in Certificate.objects.filter(registration=row, batch__state=BatchState.ISSUED)
            .select_related("batch").order_by("pk")
        ],
    }  # fmt: skip


def _session(one: Session | None) -> str:
    return f"{one.title or one.number} ({datetime_vi(one.starts_at)})" if one else ""


def _when(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat() if moment else None


def person_erase(
    *, registration: Registration, now: datetime, actor: Actor = None, cancel: bool = True
) -> bool:
    """Forget a person; counts stay. ``cancel``: also free the seat. Return whether there was anything to forget."""
    check_actor(actor, registration.programme, now)
    subject = str(reference_to(registration))
    with transaction.atomic():
        if cancel and registration.state in STANDING and not _over(registration, now):
            registration_cancel(registration=registration, now=now)
        if not Registration.objects.filter(pk=registration.pk, erased_at=None).update(
            **_emptied(registration, now)
        ):
            return False
        for purpose in set(
            Consent.objects.filter(subject=subject, withdrawn_at=None).values_list("purpose", flat=True)
        ):
            consent_withdraw(actor=actor, subject=subject, purpose=purpose, now=now, how="erase")
        papers = set(
            Consent.objects.filter(subject=subject).exclude(paper="").values_list("paper", flat=True)
        )
        Consent.objects.filter(subject=subject).update(subject_name="", by_name="", paper="")
        left = set(Consent.objects.filter(paper__in=papers).values_list("paper", flat=True))
        messages_forget(occasion=f"programmes.registration:{registration.pk}:")
        for eraser in erasers.all():
            eraser.erase(subject, now)
        audit_record(
            actor=actor, action="programmes.registration.erase", target=reference_to(registration), at=now
        )
        transaction.on_commit(lambda: _drop(papers - left))
    return True


def _drop(names: set[str]) -> None:
    for name in names:
        PAPERS.drop(name)


def _over(row: Registration, now: datetime) -> bool:
    ends = row.programme.ends_on
    return ends is not None and ends < local_date(now)


def _emptied(row: Registration, now: datetime) -> Mapping[str, Any]:
    return {
        "name": "—", "folded_name": "", "sort_key": "", "organisation": "", "class_name": "", "contact_address": "",
        "guardian_name": "", "answers": {}, "birth_year": None, "token": None, "user": None, "client_key": "",
        "refuse_reason": "", "erased_at": now,
    }  # fmt: skip


def people_forget_due(now: datetime) -> int:
    """Forget everybody whose programme's time of keeping is over. A periodic duty; return how many."""
    due = Registration.objects.filter(programme__keep_until__lt=local_date(now), erased_at=None)
    rows = list(due.select_related("programme", "session").order_by("pk")[:A_TIME])
    count = sum(person_erase(registration=row, now=now, cancel=False) for row in rows)
    groups = RegistrationGroup.objects.filter(programme__keep_until__lt=local_date(now)).exclude(
        contact_name="", contact_address=""
    )
    for group in groups[:A_TIME]:
        messages_forget(occasion=f"programmes.group:{group.pk}:")
        Consent.objects.filter(subject=str(reference_to(group))).update(subject_name="", by_name="")
        RegistrationGroup.objects.filter(pk=group.pk).update(
            contact_name="", contact_address="", client_key=""
        )
    return count
