"""How far the counts of gates can be trusted: their reviews through the flow engine, and the same in words."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi
from khcn.engines.flow.accuracy import Accuracy, AccuracyState, Review, Share, gate_accuracy
from khcn.markets.models import GateReview
from khcn.markets.words import signed


def gate_accuracies(gate_ids: Iterable[int]) -> dict[int, Accuracy]:
    """Return the measured error of each gate (one query); a gate without reviews has the state "none"."""
    wanted = list(gate_ids)
    reviews: dict[int, list[Review]] = defaultdict(list)
    for row in GateReview.objects.filter(gate_id__in=wanted):
        reviews[row.gate_id] += [
            Review(row.started_at, row.system_in, row.true_in),
            Review(row.started_at, row.system_out, row.true_out),
        ]
    return {gate: gate_accuracy(reviews[gate]) for gate in wanted}


def share_words(share: Share) -> str:
    """Return a signed share with its interval, like ``-2,1 % (từ -4,0 % đến +0,2 %)``: minus is counted too few."""
    value, low, high = (signed(part) for part in (share.value, share.low, share.high))
    return _("%(value)s (từ %(low)s đến %(high)s)") % {"value": value, "low": low, "high": high}


def accuracy_words(accuracy: Accuracy) -> str:
    """Return the error of a gate as one sentence."""
    if accuracy.state == AccuracyState.NONE or accuracy.net is None:
        return _("Chưa đo sai số.")
    words = {"share": share_words(accuracy.net), "truth": number_vi(accuracy.truth)}
    if accuracy.state == AccuracyState.ROUGH:
        return _("Sai số thô %(share)s; mới đếm tay %(truth)s lượt, cần ít nhất 100.") % words
    return _("Sai số %(share)s, đo trên %(truth)s lượt đếm tay.") % words


def last_review_words(accuracy: Accuracy) -> str:
    """Return when the gate was last looked at."""
    return (
        _("Kiểm lần cuối %(day)s.") % {"day": date_vi(accuracy.last)}
        if accuracy.last
        else _("Chưa kiểm lần nào.")
    )
