"""All topics in one document: state, money to the dong, milestones with delays, next step, products, figures."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from khcn.core.actors import Actor
from khcn.programmes.enums_topics import ProductState, TopicState
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicAmendment, TopicMilestone
from khcn.programmes.models.topics_parts import TopicMeasure, TopicProduct
from khcn.programmes.selectors.topics import TopicMoney, money_of
from khcn.programmes.selectors.topics_measures import measures_now
from khcn.programmes.selectors.topics_page import milestone_lines, next_step

FORMAT = "khcn.topics.status/1"


def status_document(
    *, today: date, reader: Actor, key: str = "", year: int | None = None
) -> dict[str, Any] | None:
    """Return the document of all topics (drafts are nobody's business); ``None`` when ``key`` names none.

    Order: year falling, then name in the Vietnamese alphabet, then key. A dozen queries and those of the figures.
    """
    rows = Topic.objects.exclude(state=TopicState.DRAFT).select_related(
        "contract", "liquidation", "host_unit", "call"
    )
    if key:
        rows = rows.filter(key=key)
    if year:
        rows = rows.filter(year=year)
    topics = list(
        rows.prefetch_related(
            Prefetch("milestones", TopicMilestone.objects.order_by("number")),
            Prefetch("amendments", TopicAmendment.objects.order_by("number")),
            Prefetch("products", TopicProduct.objects.order_by("number")),
            Prefetch("measures", TopicMeasure.objects.order_by("number")),
        ).order_by("-year", "sort_key", "key")
    )  # fmt: skip
    if key and not topics:
        return None
    money = money_of(topics)
    lines = [_line(one, money[one.pk], today, reader) for one in topics]
    return {
        "format": FORMAT,
        "on": today.isoformat(),
        "year": year,
        "topics": lines,
        "sums": _sums(lines, money),
    }


def _line(topic: Topic, money: TopicMoney, today: date, reader: Actor) -> dict[str, Any]:
    contract = getattr(topic, "contract", None)
    signed = contract if contract is not None and contract.signed_at is not None else None
    step = next_step(topic, int(money.owed - money.refunded))
    milestones: list[dict[str, Any]] = [
        {
            "number": one.number, "title": one.title, "state": one.state, "due": one.due_on.isoformat(), "payment": one.payment,
            "overdue_days": one.late,
        }
        for one in milestone_lines(topic, today)
    ] if signed else []  # fmt: skip
    return {
        "key": topic.key, "title": topic.title, "year": topic.year, "state": topic.state,
        "state_text": str(topic.get_state_display()), "host": topic.organisation, "leader": topic.leader_name,
        "decision": topic.decision_number, "contract": signed.number if signed else "",
        "starts": signed.starts_on.isoformat() if signed else None, "ends": signed.ends_on.isoformat() if signed else None,
        "task": topic.task_code or topic.call.task_code, "booked_in_plan": bool(signed and signed.with_money),
        "asked_vnd": int(topic.asked_state), "approved_vnd": int(topic.approved_state), "contract_vnd": int(money.value),
        "paid_vnd": int(money.paid), "left_vnd": int(money.left), "held_vnd": int(money.held), "owed_vnd": int(money.owed),
        "refunded_vnd": int(money.refunded), "milestones": milestones,
        "overdue_days": max((int(str(row["overdue_days"])) for row in milestones), default=0),
        "next": {"step": step.key, "text": step.text, "who": step.who, "who_text": step.who_words},
        "class": topic.accepted_class, "result": None if topic.accepted_result is None else str(topic.accepted_result),
        "products": [
            {"number": one.number, "kind": one.kind, "title": one.title, "quantity": one.quantity, "state": one.state,
             "registered_number": one.registered_number}
            for one in topic.products.all()
        ],
        "measures": [
            {
                "indicator": one.indicator, "title": one.title, "unit": one.unit, "from": one.starts_on.isoformat(),
                "to": one.ends_on.isoformat(), "baseline": _number(one.baseline), "target": _number(one.target),
                "value": _number(one.value), "reached_percent": one.reached, "known": one.known, "note": one.note,
            }
            for one in measures_now(topic.measures.all(), reader, today)
        ],
    }  # fmt: skip


def _number(value: Decimal | None) -> str | None:
    """Return a number as text without needless zeros."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sums(lines: list[dict[str, Any]], money: Mapping[int, TopicMoney]) -> dict[str, Any]:
    states: dict[str, int] = {}
    for row in lines:
        states[row["state"]] = states.get(row["state"], 0) + 1
    found = {
        "topics": len(lines), "by_state": dict(sorted(states.items())),
        "late": sum(row["overdue_days"] > 0 for row in lines),
        "products": sum(len(row["products"]) for row in lines),
        "products_verified": sum(one["state"] == ProductState.VERIFIED for row in lines for one in row["products"]),
    }  # fmt: skip
    for name in ("approved", "value", "paid", "left", "held", "owed", "refunded"):
        total = sum((getattr(one, name) for one in money.values()), Decimal(0))
        found[f"{'contract' if name == 'value' else name}_vnd"] = int(total)
    return found
