"""Kinds and states of the market halls, with the named sets that rules and queries speak of."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ZoneKind(TextChoices):
    """What a zone is for; the same words as :class:`khcn.engines.vision.layout.ZoneKind`."""

    STALLS = "stalls", _("Dãy sạp")
    AREA = "area", _("Khu chung")
    QUEUE = "queue", _("Chỗ xếp hàng")
    STAFF = "staff", _("Chỗ của người bán, nhân viên")


VISITOR_ZONES = frozenset({ZoneKind.STALLS, ZoneKind.AREA, ZoneKind.QUEUE})


class EventKind(TextChoices):
    """What makes a day or an hour unlike the usual."""

    TET = "tet", _("Tết")
    HOLIDAY = "holiday", _("Ngày lễ")
    LUNAR = "lunar", _("Mùng 1, ngày rằm")
    PROMOTION = "promotion", _("Khuyến mãi, hội chợ")
    RAIN = "rain", _("Mưa lớn")
    FLOOD = "flood", _("Ngập nước")
    CLOSURE = "closure", _("Đóng cửa")
    OTHER = "other", _("Việc khác")


class HealthKind(TextChoices):
    """Why a camera cannot be trusted; the same words as the vision engine's events."""

    COVERED = "covered", _("Bị che")
    BLURRED = "blurred", _("Bị mờ")
    DARK = "dark", _("Quá tối")
    FROZEN = "frozen", _("Hình đứng yên")
    MOVED = "moved", _("Bị xoay lệch")
    OFFLINE = "offline", _("Mất kết nối")
    RESIZED = "resized", _("Đổi kích thước hình")
    CLOCK = "clock", _("Đồng hồ bị lệch")


class AlertKind(TextChoices):
    """What the people of a market are told at once."""

    CROWDING = "crowding", _("Quá đông")
    QUIET = "quiet", _("Vắng bất thường")
    CAMERA = "camera", _("Camera có vấn đề")
    BOX = "box", _("Máy đếm có vấn đề")


class AlertState(TextChoices):
    """Where an alert stands."""

    OPEN = "open", _("Đang diễn ra")
    SEEN = "seen", _("Đã xem")
    OVER = "over", _("Đã hết")


UNFINISHED_ALERTS = frozenset({AlertState.OPEN, AlertState.SEEN})


class ClipState(TextChoices):
    """What became of an uploaded recording. The file itself is deleted after analysis, in a day at most."""

    WAITING = "waiting", _("Chờ phân tích")
    RUNNING = "running", _("Đang phân tích")
    DONE = "done", _("Đã phân tích, đã xóa tệp")
    FAILED = "failed", _("Không phân tích được, đã xóa tệp")


UNFINISHED_CLIPS = frozenset({ClipState.WAITING, ClipState.RUNNING})


class ReviewSource(TextChoices):
    """How a person found the true count."""

    SLIT_SCAN = "slit-scan", _("Xem ảnh vệt")
    CLICKER = "clicker", _("Bấm đếm tại chỗ")
    MANUAL = "manual", _("Đếm tay, nhập số")
