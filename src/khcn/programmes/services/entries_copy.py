"""All that is kept about a team, as it may take it along."""

from typing import Any

from django.utils import timezone

from khcn.programmes.models.consents import Consent
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.selectors.entries import member_subject, team_subject


def team_copy(team: Team) -> dict[str, Any]:
    """Return a team, its people, consents and entry; files by name and SHA-256. Scores and jurors are not the team's."""
    people = list(team.members.all())
    subjects = {member_subject(one.pk): one.name for one in people} | {
        team_subject(team.pk): team.contact_name
    }
    consents = Consent.objects.filter(subject__in=list(subjects)).select_related("text").order_by("pk")
    return {
        "contest": team.programme.title, "team": team.name, "organisation": team.organisation, "state": team.state,
        "contact_name": team.contact_name, "contact_address": team.contact_address, "registered_at": _at(team.created_at),
        "people": [
            {
                "name": one.name, "part": one.part, "birth_year": one.birth_year, "class_name": one.class_name, "sex": one.sex,
                "guardian_name": one.guardian_name, "removed_at": _at(one.removed_at),
            }
            for one in people
        ],
        "consents": [
            {
                "of": subjects[one.subject], "purpose": one.purpose, "version": one.text.version, "text": one.text.text,
                "by": one.by, "by_name": one.by_name, "form": one.form, "given_at": _at(one.given_at),
                "withdrawn_at": _at(one.withdrawn_at),
            }
            for one in consents
        ],
        "entries": [_entry(one) for one in team.entries.prefetch_related("files", "receipts")],
    }  # fmt: skip


def _entry(row: Entry) -> dict[str, Any]:
    return {
        "title": row.title, "summary": row.summary, "video_link": row.video_link, "state": row.state,
        "submitted_at": _at(row.submitted_at), "reject_reason": row.reject_reason,
        "files": [{"title": one.title, "size": one.size, "sha256": one.sha256} for one in row.files.all()],
        "receipts": [{"number": one.number, "submitted_at": _at(one.submitted_at)} for one in row.receipts.all()],
    }  # fmt: skip


def _at(moment: Any) -> str | None:
    return timezone.localtime(moment).isoformat() if moment else None
