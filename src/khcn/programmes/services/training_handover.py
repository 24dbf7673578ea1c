"""What training hands over when one unit follows another: people, positions, unanswered surveys, open proposals."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.audit import audit_batch
from khcn.orgs.handover import HandOver, OpenThing
from khcn.orgs.models import Unit
from khcn.programmes.enums_training import ProposalState
from khcn.programmes.models.training import PositionTopic, RosterUpload, TrainingPosition, TrainingPost
from khcn.programmes.models.training_more import CourseProposal, NeedsAnswer
from khcn.programmes.rules.training import last_day_before

GROUP: Final = "training:roster"
OPEN: Final = frozenset({ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.APPROVED})
WORDS: Final[Mapping[str, str | Promise]] = {
    "programmes.training_people": _("Người trong danh sách bồi dưỡng chuyển theo"),
    "programmes.training_answers": _("Khảo sát nhu cầu bồi dưỡng chuyển theo"),
    "programmes.training_proposals": _("Đề nghị cử đi học chuyển theo"),
}


class TrainingFollower:
    """People of a roster follow their unit; what they learnt stays theirs."""

    words: Mapping[str, str | Promise] = WORDS

    def open_things(self, units: Sequence[Unit], on: date) -> Sequence[OpenThing]:
        """Return one thing a unit: its roster. Nobody is named here."""
        counts: dict[int, int] = {}
        for unit_id in (
            TrainingPost.objects.listed(on).filter(unit__in=units).values_list("unit_id", flat=True)
        ):
            counts[unit_id] = counts.get(unit_id, 0) + 1
        label = _("Danh sách bồi dưỡng: %(n)s người")
        return [
            OpenThing(f"training.unit:{pk}", GROUP, str(_("Bồi dưỡng")), str(label) % {"n": count}, pk)
            for pk, count in sorted(counts.items())
        ]

    @transaction.atomic
    def hand_over(self, hand: HandOver) -> Mapping[str, int]:
        """Hand over what is open of units that end; a second call finds nothing."""
        counts = dict.fromkeys(WORDS, 0)
        for unit_id, takers in hand.takers.items():
            taker = hand.taker(unit_id, f"training.unit:{unit_id}", GROUP) if takers.ends else None
            if taker is None:
                continue
            counts["programmes.training_people"] += _people(unit_id, taker, hand.on)
            counts["programmes.training_answers"] += _answers(unit_id, taker)
            counts["programmes.training_proposals"] += CourseProposal.objects.filter(
                unit_id=unit_id, state__in=OPEN
            ).update(unit=taker)
            RosterUpload.objects.filter(unit_id=unit_id, applied_at=None).delete()
        found = {name: count for name, count in counts.items() if count}
        if found:
            audit_batch(
                actor=hand.actor, action="programmes.training.handover", count=sum(found.values()),
                summary={"decision": hand.decision.number, "effective": hand.on, **found}, at=hand.now,
            )  # fmt: skip
        return found


def _people(unit_id: int, taker: Unit, on: date) -> int:
    """End the posts of a unit the day before and begin them in the other; who took office when stays."""
    moved = 0
    positions: dict[int, TrainingPosition] = {}
    rows = TrainingPost.objects.select_for_update(of=("self",)).listed(on).filter(unit_id=unit_id)
    for post in rows.select_related("position").order_by("pk"):
        position = positions.get(post.position_id) or _position(post.position, taker)
        positions[post.position_id] = position
        if post.starts_on >= on:
            post.unit, post.position = taker, position
            post.save(update_fields=["unit", "position"])
        else:
            ends_on = post.ends_on
            TrainingPost.objects.filter(pk=post.pk).update(ends_on=last_day_before(on))
            TrainingPost.objects.create(
                person_id=post.person_id, unit=taker, position=position, party_id=post.party_id, audience=post.audience,
                office_on=post.office_on, starts_on=on, ends_on=ends_on,
            )  # fmt: skip
        moved += 1
    return moved


def _position(old: TrainingPosition, taker: Unit) -> TrainingPosition:
    """Return the position of that title in the other unit; a new one requires what the old one required."""
    row, made = TrainingPosition.objects.get_or_create(
        unit=taker, folded_title=old.folded_title,
        defaults={"title": old.title, "sort_key": old.sort_key, "staff": old.staff, "audience": old.audience, "updated_at": old.updated_at},
    )  # fmt: skip
    if made:
        PositionTopic.objects.bulk_create(
            PositionTopic(
                position=row, topic_id=one.topic_id, level=one.level, within_months=one.within_months
            )
            for one in old.requirements.all()
        )
    return row


def _answers(unit_id: int, taker: Unit) -> int:
    """Move what was not answered yet; where the other unit is asked itself, the old question is dropped."""
    moved = 0
    for row in NeedsAnswer.objects.filter(unit_id=unit_id, submitted_at=None, survey__closed_at=None):
        if NeedsAnswer.objects.filter(survey_id=row.survey_id, unit=taker).exists():
            row.delete()
        else:
            row.unit = taker
            row.save(update_fields=["unit"])
            moved += 1
    return moved
