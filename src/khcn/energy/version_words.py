"""The tables on which a figure rests, by name: the terms of a day, the documents of a key figure."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from khcn.energy.enums import PriceGroup, Voltage
from khcn.energy.words import number


def terms_facts(versions: Iterable[Any]) -> list[tuple[str, str]]:
    """Return by which decision, group, VAT and rule days were priced; of several the different ones, the latest first."""
    found: dict[str, list[str]] = {}
    for one in versions:
        terms = one.get("terms") if isinstance(one, Mapping) else None
        if not isinstance(terms, Mapping):
            continue
        for label, text in _day_terms(terms):
            if text and text not in found.setdefault(label, []):
                found[label].append(text)
    return [(label, "; ".join(texts)) for label, texts in found.items() if texts]


def _day_terms(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Biểu giá"), _document(terms, "decision")),
        (_("Nhóm khách hàng"), _assignment(terms.get("assignment"))),
        (_("Giá điện mua"), _prices(terms.get("prices"))),
        (_("Khung giờ"), _document(terms, "hours")),
        (_("Thuế giá trị gia tăng"), _vat(terms.get("vat"))),
        (_("Quy định điện dư"), _document(terms, "surplus")),
    ]


def _document(terms: Mapping[str, Any], name: str) -> str:
    part = terms.get(name)
    return str(part.get("document") or "") if isinstance(part, Mapping) else ""


def _assignment(part: Any) -> str:
    if not isinstance(part, Mapping):
        return ""
    groups, voltages = dict(PriceGroup.choices), dict(Voltage.choices)
    words = [groups.get(str(part.get("group")), ""), voltages.get(str(part.get("voltage")), "")]
    if part.get("time_of_use"):
        words.append(_("theo thời điểm sử dụng"))
    return ", ".join(str(word) for word in words if word)


def _prices(part: Any) -> str:
    if not isinstance(part, Mapping):
        return ""
    names = {
        "flat": _("một giá"),
        "normal": _("giờ bình thường"),
        "peak": _("giờ cao điểm"),
        "off": _("giờ thấp điểm"),
    }
    parts = [
        f"{names.get(band, band)} {number(float(price['vnd']), None)} {_('đ/kWh')}"
        for band, price in part.items()
        if isinstance(price, Mapping) and price.get("vnd")
    ]
    return ", ".join(parts)


def _vat(part: Any) -> str:
    if not isinstance(part, Mapping) or not part.get("percent"):
        return ""
    return _("%(percent)s %% (%(document)s)") % {
        "percent": number(float(part["percent"]), None),
        "document": part.get("document") or "?",
    }


def record_facts(versions: Any) -> list[tuple[str, str]]:
    """Return what a key figure rests on beside its inputs: documents, ratings, weather, engine."""
    if not isinstance(versions, Mapping):
        return []
    weather = {
        "pyranometer": _("cảm biến bức xạ tại chỗ"),
        "usual-year": _("năm thời tiết điển hình (mô hình)"),
    }
    facts = []
    if versions.get("documents"):
        facts.append((_("Văn bản"), "; ".join(str(one) for one in versions["documents"])))
    if versions.get("weather"):
        facts.append((_("Nguồn bức xạ"), weather.get(versions["weather"], str(versions["weather"]))))
    if versions.get("ratings"):
        facts.append((_("Lần định giá"), ", ".join(str(one) for one in versions["ratings"])))
    if versions.get("engine"):
        facts.append((_("Phiên bản cách tính"), str(versions["engine"])))
    return facts


def money_note(versions: Iterable[Any]) -> str:
    """Return that some days have no money and what to do about it; nothing when all have."""
    if not any(isinstance(one, Mapping) and one.get("money") for one in versions):
        return ""
    return _(
        "Một số ngày chưa tính được tiền vì thiếu hợp đồng, nhóm giá hoặc giá điện của ngày đó. Ghi các mục này ở Thiết "
        "lập, tiền của các ngày đó được tính ngay."
    )
