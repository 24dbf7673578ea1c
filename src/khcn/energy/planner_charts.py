"""Charts of a plan: months of yield against use, and the usual day."""

from django.utils.translation import gettext as _

from khcn.energy.models import RoofPlan
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.templatetags.ui_formats import language


def month_chart(plan: RoofPlan) -> Chart:
    """Return the yield of the months with its range, over the use where it is known."""
    result = plan.result
    months, low, high = result["monthly_kwh"], result["low"]["monthly_kwh"], result["high"]["monthly_kwh"]
    load = result.get("monthly_load_kwh")
    points = [
        BandPoint(
            at=_("Th. %(n)s") % {"n": index + 1},
            value=months[index],
            low=min(low[index], high[index]),
            high=max(low[index], high[index]),
            middle=load[index] if load else None,
        )
        for index in range(12)
    ]
    best = max(range(12), key=lambda index: months[index]) + 1
    return line_over_band(
        title=_("Tháng %(n)s phát nhiều nhất") % {"n": best},
        unit=_("kWh mỗi tháng; nét đứt là điện tiêu thụ") if load else _("kWh mỗi tháng"),
        source=_("tính từ bảng thời tiết của phương án"),
        points=points,
        value_word=_("điện mặt trời"),
        band_word=_("khoảng dao động"),
        middle_word=_("điện tiêu thụ"),
        x_word=_("Tháng"),
        language=language(),
    )


def day_chart(plan: RoofPlan) -> Chart | None:
    """Return the mean power by hour against the use; ``None`` when the use is not known."""
    day = plan.result.get("day") or {}
    production, load = day.get("production_kw"), day.get("load_kw")
    if not production or not load:
        return None
    points = [
        BandPoint(at=f"{hour:02d}:00", value=production[hour], middle=load[hour])
        for hour in range(len(production))
    ]
    share = plan.result.get("self_consumption") or 0
    return line_over_band(
        title=_("Dùng ngay tại chỗ khoảng %(percent)s %% điện mặt trời") % {"percent": round(share * 100)},
        unit=_("kW, trung bình mỗi giờ trong năm; nét đứt là điện tiêu thụ"),
        source=_("hình dạng ngày là giả định theo loại công trình, không phải số đo"),
        points=points,
        value_word=_("điện mặt trời"),
        middle_word=_("điện tiêu thụ"),
        x_word=_("Giờ"),
        language=language(),
    )
