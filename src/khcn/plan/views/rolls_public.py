"""Issued reports that somebody decided to publish: totals and texts, no rows of single units."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.plan.roll_charts import roll_charts
from khcn.plan.roll_words import filled_sentence, received_sentence, targets_sentence, tasks_sentence
from khcn.plan.rules.register import full_number
from khcn.plan.selectors.rolls import published_roll, published_rolls
from khcn.plan.tables.rolls import silent_table, totals_tables

PAGE_SIZE = 20


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Show the published reports."""
    page = Paginator(published_rolls(), PAGE_SIZE).get_page(request.GET.get("trang"))
    rows = [
        (roll, full_number(roll.document.number, roll.document.symbol) if roll.document else "")
        for roll in page.object_list
    ]
    return render(request, "plan/rolls/public_list.html", {"page": page, "rows": rows})


@require_safe
@costly("plan.page", per_minute=60)
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one published report as it was frozen."""
    roll = get_object_or_404(published_roll(), pk=pk)
    content = roll.snapshot or {}
    texts = (
        received_sentence(content),
        filled_sentence(content),
        targets_sentence(content),
        tasks_sentence(content),
    )
    context = {
        "roll": roll,
        "number": full_number(roll.document.number, roll.document.symbol) if roll.document else "",
        "content": content,
        "sentences": [text for text in texts if text],
        "tables": totals_tables(content, None),
        "silent": silent_table(content, None),
        "charts": list(roll_charts(content).values()),
        "replaced": roll.state == "replaced",
    }
    return render(request, "plan/rolls/public.html", context)
