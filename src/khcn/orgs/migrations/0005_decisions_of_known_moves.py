"""Give every succession that is known already the decision that it names."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def decisions_gather(apps: Any, schema_editor: Any) -> None:
    """Group the moves by number and day; of several successors of one unit the first is the default one."""
    move_model = apps.get_model("orgs", "UnitSuccession")
    decision_model = apps.get_model("orgs", "SuccessionDecision")
    seen: set[tuple[int, object]] = set()
    for move in move_model.objects.filter(decision=None).order_by("pk").select_related("predecessor"):
        decision, _made = decision_model.objects.get_or_create(
            number=move.decision_number,
            effective_on=move.effective_date,
            defaults={"decided_on": move.decision_date, "note": move.note, "recorded_at": timezone.now()},
        )
        last_day = move.predecessor.valid_to
        move.decision = decision
        move.is_default = (move.predecessor_id, move.effective_date) not in seen
        move.predecessor_ends = last_day is not None and last_day < move.effective_date
        move.save(update_fields=["decision", "is_default", "predecessor_ends"])
        seen.add((move.predecessor_id, move.effective_date))


class Migration(migrations.Migration):
    dependencies = [("orgs", "0004_succession_decisions")]
    operations = [migrations.RunPython(decisions_gather, migrations.RunPython.noop)]
