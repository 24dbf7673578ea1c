"""What the pages of a plan show: figures with their ranges, how sure they are, what else was possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.energy.enums import Certainty, PriceGroup, Voltage
from khcn.energy.models import RoofPlan, Site
from khcn.energy.setup_errors import engine_sentence
from khcn.engines.energy.pv.presets import PRICE
from khcn.ui.formats import format_money, format_number
from khcn.ui.parts import Column, State, Table, Tone
from khcn.ui.templatetags.ui_formats import language

MILLION: Final = 1_000_000
WHAT: Final = {
    "weather": gettext_lazy("Thời tiết"),
    "range": gettext_lazy("Khoảng dao động"),
    "model": gettext_lazy("Cách tính"),
    "load": gettext_lazy("Điện tiêu thụ"),
    "tariff": gettext_lazy("Giá điện"),
    "co2": gettext_lazy("CO₂"),
}
TONES: Final[dict[str, Tone]] = {
    Certainty.ORIGINAL: "good",
    Certainty.TWO_SOURCES: "good",
    Certainty.ONE_SOURCE: "info",
    Certainty.DERIVED: "info",
    Certainty.MEMORY: "watch",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its range in words."""

    label: str
    value: str
    unit: str
    span: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """One thing that a result rests on."""

    what: str
    text: str
    state: State


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A computed plan, ready to be read."""

    plan: RoofPlan
    kwp: float
    message: str
    figures: list[Figure]
    bases: list[Basis]
    roofs: Table
    prices: Table
    sizes: Table | None
    cases: Table
    money_known: bool


def number(value: float | None, places: int = 0) -> str:
    """Return a number for readers."""
    return _("chưa rõ") if value is None else format_number(value, places=places, language=language())


def millions(value: float | None) -> str:
    """Return VND as millions for readers."""
    return number(None if value is None else value / MILLION, 1)


def certainty_state(code: str) -> State:
    """Return how sure a row is, as a word with its tone."""
    if code == "given":
        return State(label=_("Bạn ghi"), tone="neutral")
    label = str(Certainty(code).label) if code in Certainty.values else code
    return State(label=label, tone=TONES.get(code, "neutral"))


def plans_of(site: Site) -> Sequence[RoofPlan]:
    """Return the plans of a site, newest first."""
    return list(RoofPlan.objects.filter(site=site).select_related("made_by")[:50])


def plan_page(plan: RoofPlan) -> PlanPage:
    """Return a computed plan as its page shows it."""
    result, low, high = plan.result, plan.result.get("low") or {}, plan.result.get("high") or {}
    kwp = float(result.get("kwp") or 0)
    return PlanPage(
        plan=plan,
        kwp=kwp,
        message=_message(result),
        figures=_figures(plan, result, low, high),
        bases=_bases(plan),
        roofs=_roof_table(plan),
        prices=_price_table(plan),
        sizes=_size_table(plan) if result.get("sizes") else None,
        cases=_case_table(result, low, high),
        money_known=result.get("savings_vnd_year") is not None,
    )


def _message(result: Mapping[str, Any]) -> str:
    """Return the plan in one sentence."""
    words = {
        "kwp": number(result.get("kwp"), 1),
        "kwh": number(result.get("annual_kwh")),
        "money": millions(result.get("savings_vnd_year")),
        "years": number(result.get("payback_years"), 1),
    }
    if result.get("savings_vnd_year") is None:
        return (
            _("Mái này lắp %(kwp)s kWp, phát khoảng %(kwh)s kWh mỗi năm. Chưa có giá điện để tính tiền.")
            % words
        )
    if result.get("payback_years") is None:
        return (
            _("Mái này lắp %(kwp)s kWp, phát khoảng %(kwh)s kWh, tiết kiệm %(money)s triệu đồng mỗi năm.")
            % words
        )
    return (
        _(
            "Lắp %(kwp)s kWp, mỗi năm phát khoảng %(kwh)s kWh, tiết kiệm %(money)s triệu đồng, hoàn vốn sau %(years)s năm."
        )
        % words
    )


def _in_millions(value: float | None) -> float | None:
    return None if value is None else value / MILLION


def _between(low: float | None, high: float | None, places: int = 0) -> str:
    if low is None or high is None:
        return ""
    first, last = sorted((low, high))
    return _("từ %(low)s đến %(high)s") % {"low": number(first, places), "high": number(last, places)}


def paybacks(plan: RoofPlan) -> tuple[float | None, float | None]:
    """Return the shortest and longest simple payback: cheap system in good years, dear one in poor years."""
    low, high = plan.result.get("low") or {}, plan.result.get("high") or {}
    kwp = float(plan.result.get("kwp") or 0)
    own = plan.spec.get("asked", {}).get("million_per_kwp") is not None
    price = float(plan.spec.get("price_vnd") or 0)
    cheap, dear = (price, price) if own else (PRICE.low * kwp, PRICE.high * kwp)
    best, worst = high.get("savings_vnd_year"), low.get("savings_vnd_year")
    return (cheap / best if best else None, dear / worst if worst else None)


def _figures(
    plan: RoofPlan, result: Mapping[str, Any], low: Mapping[str, Any], high: Mapping[str, Any]
) -> list[Figure]:
    shortest, longest = paybacks(plan)
    price = plan.spec.get("price_vnd")
    rows = [
        Figure(_("Sản lượng một năm"), number(result.get("annual_kwh")), "kWh",
               _between(low.get("annual_kwh"), high.get("annual_kwh"))),
    ]  # fmt: skip
    if result.get("savings_vnd_year") is not None:
        ends, worth = (
            [_in_millions(one.get(name)) for one in (low, high)] for name in ("savings_vnd_year", "npv_vnd")
        )
        rows += [
            Figure(_("Tiết kiệm mỗi năm"), millions(result["savings_vnd_year"]), _("triệu đ"), _between(ends[0], ends[1], 1)),
            Figure(_("Hoàn vốn"), number(result.get("payback_years"), 1), _("năm"), _between(shortest, longest, 1)),
            Figure(_("Giá trị hiện tại ròng sau 20 năm"), millions(result.get("npv_vnd")), _("triệu đ"), _between(worth[0], worth[1])),
        ]  # fmt: skip
    rows += [
        Figure(_("CO₂ giảm mỗi năm"), number(result.get("co2_t_year"), 1), _("tấn"),
               _between(low.get("co2_t_year"), high.get("co2_t_year"), 1)),
        Figure(_("Vốn đầu tư"), millions(float(price)) if price else number(None), _("triệu đ"), _price_span(plan)),
    ]  # fmt: skip
    return rows


def _price_span(plan: RoofPlan) -> str:
    if plan.spec.get("asked", {}).get("million_per_kwp") is not None:
        return _("theo giá bạn ghi")
    kwp = float(plan.result.get("kwp") or 0)
    return _between(PRICE.low * kwp / MILLION, PRICE.high * kwp / MILLION)


def _bases(plan: RoofPlan) -> list[Basis]:
    found = []
    for row in plan.result.get("sources") or ():
        code, params = str(row.get("code")), row.get("params") or {}
        text, certainty = engine_sentence(code, params), str(row.get("certainty") or "")
        if code == "tariff-given" and plan.spec.get("tariff", {}).get("document"):
            text, certainty = (
                _tariff_words(plan.spec["tariff"]),
                str(plan.spec["tariff"].get("certainty") or ""),
            )
        what = WHAT.get(str(row.get("what")))
        found.append(Basis(str(what) if what else "", text, certainty_state(certainty)))
    return found


def _tariff_words(tariff: Mapping[str, Any]) -> str:
    group, voltage = str(tariff.get("group_name")), str(tariff.get("voltage_name"))
    words = {
        "document": tariff.get("document"),
        "group": PriceGroup(group).label if group in PriceGroup.values else group,
        "voltage": Voltage(voltage).label if voltage in Voltage.values else voltage,
        "vat": number(tariff.get("vat_percent"), 0),
    }
    text = _("%(document)s: %(group)s, %(voltage)s; thuế GTGT %(vat)s %%.") % words
    if tariff.get("assumed_group"):
        text += " " + _("Nhóm giá suy từ loại công trình vì chưa ghi hợp đồng.")
    return text


def _roof_table(plan: RoofPlan) -> Table:
    columns = [
        Column(label=_("Mái")), Column(label=_("kWp"), numeric=True), Column(label=_("Độ dốc"), numeric=True),
        Column(label=_("Hướng"), numeric=True), Column(label=_("kWh mỗi năm"), numeric=True),
        Column(label=_("kWh mỗi kWp"), numeric=True),
    ]  # fmt: skip
    rows = []
    for index, (asked, found) in enumerate(
        zip(plan.spec["roofs"], plan.result.get("roofs") or (), strict=False), 1
    ):
        name = asked.get("name") or _("Mái %(n)s") % {"n": index}
        rows.append([
            name, number(found["kwp"], 1), f"{number(found['tilt_deg'], 0)}°", f"{number(found['azimuth_deg'], 0)}°",
            number(found["annual_kwh"]), number(found["yield_kwh_kwp"]),
        ])  # fmt: skip
    return Table(caption=_("Từng mái"), columns=columns, rows=rows)


def _price_table(plan: RoofPlan) -> Table:
    """Return payback at other prices of the system and of electricity."""
    savings, kwp = plan.result.get("savings_vnd_year"), float(plan.result.get("kwp") or 0)
    columns = [Column(label=_("Giá lắp đặt")), Column(label=_("Vốn"), numeric=True)]
    columns += [
        Column(label=_("Hoàn vốn (giá điện nay)"), numeric=True),
        Column(label=_("Nếu giá điện tăng 10 %"), numeric=True),
    ]
    rows = []
    own = plan.spec.get("asked", {}).get("million_per_kwp")
    for price in sorted({PRICE.low, PRICE.usual, PRICE.high, *([round(own * MILLION)] if own else [])}):
        whole = price * kwp
        years = [
            number(whole / (savings * factor), 1) + " " + _("năm") if savings else "–"
            for factor in (1.0, 1.1)
        ]
        label = _("%(price)s triệu đồng/kWp") % {"price": millions(price)}
        rows.append([label, format_money(whole), *years])
    return Table(caption=_("Nếu giá lắp đặt khác"), columns=columns, rows=rows)


def _size_table(plan: RoofPlan) -> Table:
    columns = [
        Column(label=_("Công suất")), Column(label=_("kWh mỗi năm"), numeric=True),
        Column(label=_("Tự dùng"), numeric=True), Column(label=_("Tiết kiệm mỗi năm"), numeric=True),
        Column(label=_("Hoàn vốn"), numeric=True),
    ]  # fmt: skip
    cases = sorted([*plan.result["sizes"], plan.result], key=lambda case: case["kwp"] or 0)
    rows = []
    for case in cases:
        name = f"{number(case['kwp'], 1)} kWp" + (f" ({_('đang xem')})" if case is plan.result else "")
        share = case.get("self_consumption")
        years = case.get("payback_years")
        rows.append([
            name, number(case["annual_kwh"]), "–" if share is None else f"{number(share * 100)} %",
            "–" if case.get("savings_vnd_year") is None else f"{millions(case['savings_vnd_year'])} {_('tr đ')}",
            "–" if years is None else f"{number(years, 1)} {_('năm')}",
        ])  # fmt: skip
    return Table(caption=_("Nếu lắp nhiều hơn hoặc ít hơn"), columns=columns, rows=rows)


def _case_table(result: Mapping[str, Any], low: Mapping[str, Any], high: Mapping[str, Any]) -> Table:
    columns = [
        Column(label=_("Trường hợp")), Column(label=_("Bức xạ trên mái (kWh/m²)"), numeric=True),
        Column(label=_("kWh mỗi kWp"), numeric=True), Column(label=_("Tự dùng"), numeric=True),
        Column(label=_("Tiết kiệm mỗi năm"), numeric=True), Column(label=_("Hoàn vốn"), numeric=True),
    ]  # fmt: skip
    rows = []
    for name, case in (
        (_("Nắng ít, tự dùng ít"), low),
        (_("Giữa"), result),
        (_("Nắng nhiều, tự dùng nhiều"), high),
    ):
        share, years = case.get("self_consumption"), case.get("payback_years")
        rows.append([
            name, number(case.get("poa_kwh_m2")), number(case.get("yield_kwh_kwp")),
            "–" if share is None else f"{number(share * 100)} %",
            "–" if case.get("savings_vnd_year") is None else f"{millions(case['savings_vnd_year'])} {_('tr đ')}",
            "–" if years is None else f"{number(years, 1)} {_('năm')}",
        ])  # fmt: skip
    return Table(caption=_("Thấp, giữa, cao"), columns=columns, rows=rows)


def comparison(first: RoofPlan, second: RoofPlan) -> Table:
    """Return two plans side by side, with the difference."""
    columns = [
        Column(label=_("Chỉ tiêu")), Column(label=first.title, numeric=True), Column(label=second.title, numeric=True),
        Column(label=_("Chênh lệch"), numeric=True),
    ]  # fmt: skip
    lines: list[tuple[str, str, float, int]] = [
        (_("Công suất (kWp)"), "kwp", 1, 1), (_("Sản lượng một năm (kWh)"), "annual_kwh", 1, 0),
        (_("kWh mỗi kWp"), "yield_kwh_kwp", 1, 0), (_("Tự dùng (%)"), "self_consumption", 100, 0),
        (_("Tiết kiệm mỗi năm (triệu đồng)"), "savings_vnd_year", 1 / MILLION, 1),
        (_("Hoàn vốn (năm)"), "payback_years", 1, 1), (_("Giá trị hiện tại ròng (triệu đồng)"), "npv_vnd", 1 / MILLION, 0),
        (_("CO₂ giảm mỗi năm (tấn)"), "co2_t_year", 1, 1),
    ]  # fmt: skip
    rows: list[list[object]] = []
    for label, name, scale, places in lines:
        values = [
            None if one.result.get(name) is None else one.result[name] * scale for one in (first, second)
        ]
        gap = None if None in values else values[1] - values[0]  # type: ignore[operator]  # neither is None here
        sign = "+" if gap is not None and gap > 0 else ""
        rows.append(
            [
                label,
                *(number(value, places) for value in values),
                "–" if gap is None else sign + number(gap, places),
            ]
        )
    return Table(caption=_("Hai phương án cạnh nhau"), columns=columns, rows=rows)
