"""Faults as lists, and one fault with the series that shows it."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.energy.models import Finding
from khcn.energy.selectors.findings import BOXES
from khcn.energy.words import KINDS, energy, money, when
from khcn.ui.parts import Tab


def box_tabs(current: str, place: str, kind: str) -> list[Tab]:
    """Return the boxes of the list."""
    words = {
        "can-xu-ly": _("Cần xử lý"),
        "moi": _("Chưa ai xem"),
        "dang-xu-ly": _("Đang xử lý"),
        "da-xong": _("Đã xong"),
        "tat-ca": _("Tất cả"),
    }
    base = reverse("energy-desk:findings")
    kept = {name: value for name, value in (("noi", place), ("loai", kind)) if value}
    return [
        Tab(label=words[key], url=f"{base}?{urlencode({'hop': key} | kept)}", current=key == current)
        for key in BOXES
    ]


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of faults."""
    return [(str(kind), str(label)) for kind, label in KINDS.items()]


def finding_facts(finding: Finding) -> list[tuple[str, str]]:
    """Return what is known of a fault."""
    return [
        (_("Bắt đầu"), when(finding.starts_at)),
        (_("Kết thúc"), _("chưa hết") if finding.ongoing else when(finding.ends_at)),
        (_("Điện mất, ước tính"), energy(finding.loss_kwh)),
        (_("Thành tiền"), money(finding.loss_vnd) if finding.loss_vnd is not None else ""),
        (_("Hệ thống"), finding.system.name if finding.system else ""),
        (_("Thiết bị"), finding.device.name if finding.device else ""),
        (_("Máy phát hiện lúc"), when(finding.found_at)),
        (_("Người xử lý"), finding.handled_by.full_name if finding.handled_by else ""),
        (_("Ghi chú"), finding.note),
    ]
