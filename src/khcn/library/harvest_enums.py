"""States of harvesting: sources, runs, and what is to be decided about single records."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SourceState(TextChoices):
    """Where a source stands."""

    ACTIVE = "active", _("Đang thu thập")
    PAUSED = "paused", _("Tạm ngừng")
    FAILING = "failing", _("Đang lỗi, sẽ thử lại")
    ASKING = "asking", _("Chờ bạn quyết định")


HARVESTED_STATES = frozenset({SourceState.ACTIVE, SourceState.FAILING})  # the clock may start a run


class RunState(TextChoices):
    """Where a run stands."""

    QUEUED = "queued", _("Đang chờ")
    RUNNING = "running", _("Đang chạy")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Dừng vì lỗi")
    STOPPED = "stopped", _("Bị dừng")


OPEN_RUNS = frozenset({RunState.QUEUED, RunState.RUNNING})


class ItemProblem(TextChoices):
    """Why a record of a source is not shown as the source has it."""

    NONE = "", _("Không")
    BROKEN = "broken", _("Không dùng được")
    DUPLICATE = "duplicate", _("Trùng tài liệu đã có")
    EDITED = "edited", _("Đã sửa ở thư viện này, nguồn cũng đổi")
    CLOSED = "closed", _("Thủ thư đã trả lại, tạm dừng hoặc rút")
    GONE_EDITED = "gone-edited", _("Nguồn đã xoá, nhưng đã được sửa ở thư viện này")
    SENSITIVE = "sensitive", _("Có dấu hiệu nhạy cảm, chờ xem")
    KEPT = "kept", _("Nguồn đã xoá, thư viện giữ lại")


# What a librarian is asked about; the other two are told only.
DECIDABLE = frozenset(
    {ItemProblem.DUPLICATE, ItemProblem.EDITED, ItemProblem.CLOSED, ItemProblem.GONE_EDITED}
)


class Every(TextChoices):
    """How often a source is asked, in hours."""

    NEVER = "0", _("Chỉ khi bấm chạy")
    SIX_HOURS = "6", _("Mỗi 6 giờ")
    DAY = "24", _("Mỗi ngày")
    THREE_DAYS = "72", _("Mỗi 3 ngày")
    WEEK = "168", _("Mỗi tuần")
    MONTH = "720", _("Mỗi 30 ngày")
