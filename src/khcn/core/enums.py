"""States of core's records, with their named sets."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class JobState(TextChoices):
    """Where a piece of background work stands."""

    QUEUED = "queued", _("Đang chờ")
    RUNNING = "running", _("Đang chạy")
    DONE = "done", _("Đã xong")
    FAILED = "failed", _("Lỗi")
    INTERRUPTED = "interrupted", _("Bị gián đoạn")
    CANCELLED = "cancelled", _("Đã hủy")


JOB_ACTIVE = frozenset({JobState.QUEUED, JobState.RUNNING})
JOB_RETRYABLE = frozenset({JobState.FAILED, JobState.INTERRUPTED, JobState.CANCELLED})


class Channel(TextChoices):
    """How a message reaches a person."""

    MAIL = "mail", _("Thư điện tử")
    DESK = "desk", _("Bàn làm việc")
    SMS = "sms", _("Tin nhắn SMS")
    ZALO = "zalo", _("Zalo")


class MessageState(TextChoices):
    """Where an outgoing message stands."""

    WAITING = "waiting", _("Chờ gửi")
    SENDING = "sending", _("Đang gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Không gửi được")
    CANCELLED = "cancelled", _("Đã hủy")


MESSAGE_OPEN = frozenset({MessageState.WAITING, MessageState.SENDING})


class DayKind(TextChoices):
    """Where a day of the calendar comes from."""

    PROPOSED = "proposed", _("Theo lịch đề xuất")
    EDITED = "edited", _("Người dùng nhập")
