"""Faults in words: one line each, for lists, pages and papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.energy.models import Finding
from khcn.energy.words import (
    energy,
    finding_state,
    kind_label,
    lasting,
    money_words,
    sentence,
    span_words,
)
from khcn.ui.parts import State


@dataclass(frozen=True)
class FindingLine:
    """One fault of a list."""

    finding: Finding
    url: str
    title: str
    words: str
    state: State
    since: str
    loss: str
    where: str


def finding_lines(findings: Sequence[Finding], now: datetime) -> list[FindingLine]:
    """Return faults as lines."""
    return [finding_line(finding, now) for finding in findings]


def finding_line(finding: Finding, now: datetime) -> FindingLine:
    """Return a fault in words."""
    title = kind_label(finding.kind)
    parts = (finding.system, finding.device)
    return FindingLine(
        finding=finding,
        url=reverse("energy-desk:finding", args=[finding.pk]),
        title=title,
        words=sentence(finding.code, finding.params, fallback=f"{title}."),
        state=finding_state(finding.state),
        since=since_words(finding, now),
        loss=loss_words(finding),
        where=", ".join(dict.fromkeys(str(part) for part in parts if part)),
    )


def since_words(finding: Finding, now: datetime) -> str:
    """Return from when to when, and for how long."""
    first, last = (timezone.localtime(moment).date() for moment in (finding.starts_at, finding.ends_at))
    if finding.ongoing:
        return _("từ %(day)s, đã %(long)s") % {
            "day": span_words(first, first),
            "long": lasting(now - finding.starts_at),
        }
    return _("%(span)s, kéo dài %(long)s") % {
        "span": span_words(first, last),
        "long": lasting(finding.ends_at - finding.starts_at),
    }


def loss_words(finding: Finding) -> str:
    """Return what was lost."""
    if finding.loss_kwh is None:
        return _("chưa ước được phần mất")
    if finding.loss_kwh <= 0:
        return _("không mất điện")
    if finding.loss_vnd is None:
        return _("mất khoảng %(kwh)s") % {"kwh": energy(finding.loss_kwh)}
    return _("mất khoảng %(kwh)s, %(vnd)s") % {
        "kwh": energy(finding.loss_kwh),
        "vnd": money_words(finding.loss_vnd),
    }
