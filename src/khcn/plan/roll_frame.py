"""The official frame of a consolidated report: who issues it, to whom, who signs. Everything from data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.papers.kinds import Issuer
from khcn.core.papers.parts import Authority, Signature
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.orgs.selectors import site_identity
from khcn.plan.models import Plan, PlanVersion, ReportPeriod

_COMMITTEE = "uy ban nhan dan"
_MODES = {mode.value: mode for mode in Authority}


@dataclass(frozen=True)
class Frame:
    """Issuer, addressees, signature; number and day are left for the clerk until they are given."""

    issuer: Issuer
    to: Sequence[str]
    signature: Signature
    opening: str
    number: int | None = None
    day: date | None = None


def agency_of(period: ReportPeriod) -> Unit:
    """Return the unit in whose name the whole report goes up: whom the reports are addressed to, else who consolidates."""
    return period.regime.addressed_to or period.regime.receiver


def abbreviation_of(agency: Unit, plan: Plan | None) -> str:
    """Return an agency's abbreviation in symbols: as in the number of the plan that it issued, else from its names."""
    if plan is not None and plan.issuer_id == agency.pk and "-" in plan.full_number:
        return plan.full_number.rpartition("-")[2]
    for name in (agency.short_name, agency.name):
        first = name.split()[0] if name.split() else ""
        if len(first) > 1 and first.isupper():
            return first
    words = agency.name.split()
    if fold(agency.name).startswith(_COMMITTEE):
        words = words[:4]
    return "".join(word[0] for word in words if word[0].isalpha()).upper()


def symbol_of_roll(period: ReportPeriod) -> str:
    """Return the symbol of the report: ``BC-UBND``."""
    return f"BC-{abbreviation_of(agency_of(period), period.regime.plan)}"


def roll_frame(period: ReportPeriod, *, number: int | None = None, day: date | None = None) -> Frame:
    """Return the frame of a period's report."""
    regime = period.regime
    agency, plan = agency_of(period), regime.plan
    version = _version(plan)
    header: Mapping[str, Any] = version.header if version is not None else {}
    same = plan is not None and plan.issuer_id == agency.pk
    site = site_identity()
    place = (str(header.get("place") or "") if same else "") or site.terms.get("place", "") or site.site_name
    superior = regime.superior
    recipients = [superior.name] if superior else []
    recipients += [_("Lưu: VT, %(unit)s") % {"unit": regime.receiver.label}]
    return Frame(
        issuer=Issuer(
            name=agency.name,
            abbreviation=abbreviation_of(agency, plan),
            place=place,
            parent="",
        ),
        to=[superior.name] if superior else [],
        signature=_signature(agency, header.get("signer") if same else None, recipients),
        opening=_opening(agency, period, header),
        number=number,
        day=day,
    )


def _version(plan: Plan | None) -> PlanVersion | None:
    return plan.versions.order_by("-number").first() if plan is not None else None


def _signature(agency: Unit, signer: Any, recipients: Sequence[str]) -> Signature:
    """Return who signs: as under the plan of the same agency, else its head. The name is left for the one who signs."""
    chain: list[tuple[Authority, str]] = []
    committee = fold(agency.name).startswith(_COMMITTEE)
    position = _("Chủ tịch") if committee else _("Thủ trưởng đơn vị")
    if committee:
        chain.append((Authority.FOR_COLLECTIVE, "Ủy ban nhân dân"))
    if isinstance(signer, Mapping) and signer.get("position"):
        mode = _MODES.get(str(signer.get("mode") or ""))
        position = str(signer["position"])
        if mode is not None and mode not in (Authority.FOR_COLLECTIVE, Authority.ACTING):
            chain.append((mode, str(signer.get("on_behalf") or _("Chủ tịch"))))
    return Signature(position=position, recipients=recipients, chain=chain)


def _opening(agency: Unit, period: ReportPeriod, header: Mapping[str, Any]) -> str:
    plan = period.regime.plan
    if plan is None or not plan.full_number:
        return _("%(agency)s báo cáo %(title)s như sau:") % {
            "agency": agency.name,
            "title": _lower(period.title or period.regime.title),
        }
    dated = str(header.get("date") or "")
    day = "/".join(reversed(dated.split("-"))) if dated else ""
    number = f"{plan.full_number} {_('ngày')} {day}" if day else plan.full_number
    return _(
        "Thực hiện Kế hoạch số %(number)s về %(title)s, %(agency)s báo cáo kết quả (%(period)s) như sau:"
    ) % {
        "number": number,
        "title": _lower(plan.title),
        "agency": agency.name,
        "period": _lower(period.title),
    }


def _lower(text: str) -> str:
    """Begin small, unless the first word is an abbreviation."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]
