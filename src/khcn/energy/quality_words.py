"""What the quality pages say of readings that were set aside and of devices in trouble, by the code of the row."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.energy.words import FLAGS, number, sentence
from khcn.engines.energy.messages import TEMPLATES
from khcn.engines.energy.types import Quality

ASIDE: Final = {
    "device-unknown": gettext_lazy("Chưa có thiết bị nào mang mã này. Hãy thêm thiết bị; số liệu sẽ được nhận lại."),
    "device-of-another": gettext_lazy("Thiết bị này thuộc máy thu thập khác. Hãy chọn lại máy thu thập của thiết bị."),
    "two-senders": gettext_lazy("Hai máy cùng gửi dưới một mã. Hãy tắt máy cũ hoặc tạo mã mới cho máy thứ hai."),
    "metric-unknown": gettext_lazy("Tên đại lượng không đọc được."),
    "payload-unreadable": gettext_lazy("Tin không đọc được."),
    "too-many-series": gettext_lazy("Thiết bị gửi quá nhiều loại số đo. Hãy bỏ bớt trong cấu hình."),
    "clock-past": gettext_lazy("Giờ của số đo ở quá khứ xa (thường là 1970): đồng hồ thiết bị chưa đặt."),
    "clock-future": gettext_lazy("Giờ của số đo ở tương lai: đồng hồ thiết bị chạy sai."),
    "flood": gettext_lazy("Thiết bị gửi dồn dập hơn mức cho phép. Hãy tăng chu kỳ đọc."),
}  # fmt: skip
TROUBLES: Final = {
    "flood": gettext_lazy("Gửi dồn dập"),
    "clock": gettext_lazy("Đồng hồ sai"),
    "no-usable-value": gettext_lazy("Gửi nhưng không có số dùng được"),
    "identity": gettext_lazy("Hai thiết bị cùng mã"),
    "silent": gettext_lazy("Im lặng"),
}
EVENTS: Final = {
    "no-value": gettext_lazy("Bản ghi không có số"),
    "not-implemented": gettext_lazy("Mã “không có số đo”"),
    "out-of-range": gettext_lazy("Ngoài khoảng có thể"),
    "clock-wrong": gettext_lazy("Giờ không thể có"),
    "conflict": gettext_lazy("Hai số cho một thời điểm"),
    "jitter": gettext_lazy("Chỉ số dao động"),
    "slipped": gettext_lazy("Chỉ số lùi rồi đếm tiếp"),
    "counter-zeros": gettext_lazy("Chỉ số đọc là 0"),
    "counter-at-zero": gettext_lazy("Chỉ số đang là 0"),
    "spike": gettext_lazy("Chỉ số vọt lên"),
    "dip": gettext_lazy("Chỉ số tụt xuống"),
    "held-back": gettext_lazy("Phần tăng chờ xác nhận"),
    "jump": gettext_lazy("Chỉ số nhảy"),
    "reset": gettext_lazy("Đếm lại từ 0"),
    "rollover": gettext_lazy("Bộ đếm quay vòng"),
    "replaced-meter?": gettext_lazy("Có thể đã thay công tơ"),
    "replaced-meter": gettext_lazy("Đã thay công tơ"),
    "gap": gettext_lazy("Khoảng trống, biết tổng"),
    "missing": gettext_lazy("Khoảng trống"),
    "stale": gettext_lazy("Số đo đứng yên"),
    "replayed-day": gettext_lazy("Gửi lại tổng hôm trước"),
    "late": gettext_lazy("Đến muộn"),
}


def aside_words(code: str, params: Mapping[str, Any] | None) -> str:
    """Return why a reading was set aside."""
    if code in ASIDE:
        return str(ASIDE[code])
    return sentence(code, params, fallback=_("Để riêng vì “%(code)s”.") % {"code": code})


def trouble_words(code: str, params: Mapping[str, Any] | None) -> str:
    """Return what is wrong with a device."""
    if code in TROUBLES:
        return str(TROUBLES[code])
    return sentence(code, params, fallback=_("Có vấn đề")) if code in TEMPLATES else _("Có vấn đề")


def event_label(code: str) -> str:
    """Return the short name of what the engine noticed."""
    return str(EVENTS[code]) if code in EVENTS else _("Ghi nhận khác")


def flag_counts(flags: Mapping[str, Any]) -> dict[int, int]:
    """Return the stored counts by quality bit; names and numbers of the bits are both understood."""
    found: dict[int, int] = {}
    for key, count in flags.items():
        name = str(key)
        bit = int(name) if name.isdigit() else getattr(Quality, name.upper(), Quality(0)).value
        if bit and isinstance(count, int | float):
            found[bit] = found.get(bit, 0) + int(count)
    return found


def flag_words(counts: Mapping[int, int]) -> str:
    """Return the flags of a time with how many intervals carry each."""
    return "; ".join(
        f"{label}: {number(counts[flag.value])}" for flag, label in FLAGS.items() if counts.get(flag.value)
    )
