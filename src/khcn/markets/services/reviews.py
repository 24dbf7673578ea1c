"""A person's count beside the system's: from slit-scans and from clickers comes the measured error of a gate."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import KhcnError
from khcn.markets.enums import ReviewSource
from khcn.markets.models import Gate, GateReview, Layout, SlitScan
from khcn.markets.selectors.models import model_offer
from khcn.markets.selectors.system_counts import system_count
from khcn.markets.services.setup_guard import require_set_up

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=4)
MOST: Final = 100_000
_AUDITED: Final = ("true_in", "true_out", "system_in", "system_out", "started_at", "ended_at", "source")


class ReviewSpanError(KhcnError):
    """A span that no count can be compared over."""

    code = "review-span"

    def __init__(self) -> None:
        super().__init__(
            _("Khoảng đếm phải là các phút tròn, đã qua, và dài không quá %(hours)s giờ.")
            % {"hours": LONGEST // HOUR}
        )


class ReviewCountError(KhcnError):
    """A count that cannot be."""

    code = "review-count"

    def __init__(self) -> None:
        super().__init__(_("Số đếm phải từ 0 đến %(most)s.") % {"most": MOST})


class NotMeasuredError(KhcnError):
    """The system has no count for part of the span, so nothing can be compared."""

    code = "not-measured"

    def __init__(self, missing: int) -> None:
        super().__init__(
            _(
                "Hệ thống chưa có số liệu của %(missing)s phút trong khoảng này. Nếu vừa đếm xong, hãy chờ vài phút "
                "rồi bấm lại; số bạn đếm vẫn còn trên trang."
            )
            % {"missing": missing}
        )
        self.missing = missing


def review_record(
    *,
    actor: Any,
    gate: Gate,
    source: ReviewSource,
    started_at: datetime,
    ended_at: datetime,
    true_in: int,
    true_out: int,
    now: datetime,
    note: str = "",
) -> GateReview:
    """Keep what a person counted, with what the system counted in the same minutes (read here, never sent in).

    Counting the same span again in the same way replaces the earlier row; the trail keeps both.

    :raises SetupPermissionError, ReviewSpanError, ReviewCountError, NotMeasuredError:
    """
    require_set_up(actor, gate.market, _("ghi kết quả kiểm đếm"))
    _check(started_at, ended_at, now, true_in, true_out)
    counted = system_count(gate, started_at, ended_at)
    # A slit-scan may cover an hour of which some minutes were not measured: neither side counted there.
    if counted.missing and (source != ReviewSource.SLIT_SCAN or not counted.minutes):
        raise NotMeasuredError(counted.missing)
    values = {
        "true_in": true_in,
        "true_out": true_out,
        "system_in": counted.count_in,
        "system_out": counted.count_out,
        "layout": counted.layout or _layout_at(gate, started_at),
        "model": _model_of(gate),
        "reviewer": actor,
        "reviewed_at": now,
        "note": note.strip()[:300],
    }
    with transaction.atomic():
        Gate.objects.select_for_update(of=("self",)).get(
            pk=gate.pk
        )  # two reviewers of one hour: one after the other
        same = GateReview.objects.filter(gate=gate, source=source, started_at=started_at, ended_at=ended_at)
        old = same.first()
        before = snapshot(old, _AUDITED) if old else None
        review = old or GateReview(gate=gate, source=source, started_at=started_at, ended_at=ended_at)
        for name, value in values.items():
            setattr(review, name, value)
        review.save()
        after = snapshot(review, _AUDITED)
        audit_record(
            actor=actor, action="markets.review.record", target=gate, before=before, after=after, at=now
        )
    return review


def _check(start: datetime, end: datetime, now: datetime, *counts: int) -> None:
    whole = all(moment.second == 0 and moment.microsecond == 0 for moment in (start, end))
    if not whole or not start < end <= now + MINUTE or end - start > LONGEST:
        raise ReviewSpanError
    if any(not 0 <= count <= MOST for count in counts):
        raise ReviewCountError


def _layout_at(gate: Gate, moment: datetime) -> int:
    held = (
        Layout.objects.filter(camera_id=gate.camera_id, valid_from__lte=moment).order_by("-version").first()
    )
    return held.version if held else 0


def _model_of(gate: Gate) -> str:
    offer = model_offer(gate.camera.model)
    return offer.name if offer else gate.camera.model


def slit_scan_look(*, actor: Any, scan: SlitScan, now: datetime) -> str:
    """Note that somebody looks at a slit-scan; return the name of its file, empty when it is deleted already."""
    require_set_up(actor, scan.gate.market, _("xem ảnh vệt"))
    if not scan.name or scan.expires_at <= now:
        return ""
    audit_record(
        actor=actor, action="markets.slitscan.look", target=scan.gate, after={"hour": scan.hour}, at=now
    )
    return scan.name
