"""Kinds and states of lessons: what schools teach with, what it may hurt, under which licence it may be used."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LessonState(TextChoices):
    """Where a lesson stands for the public. A published lesson may have a working copy beside it."""

    DRAFT = "draft", _("Bản nháp")
    SUBMITTED = "submitted", _("Chờ duyệt")
    PUBLISHED = "published", _("Đã công bố")
    WITHDRAWN = "withdrawn", _("Đã rút")


PUBLIC_LESSONS: Final = frozenset({LessonState.PUBLISHED, LessonState.WITHDRAWN})


class WorkingState(TextChoices):
    """Where the working copy of a lesson stands."""

    NONE = "none", _("Không có bản đang sửa")
    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Chờ duyệt")


class Subject(TextChoices):
    """The subjects and activities of the general education programme of 2018 that lessons of this kind belong to."""

    SCIENCE = "science", _("Khoa học (tiểu học)")
    NATURAL = "natural", _("Khoa học tự nhiên")
    PHYSICS = "physics", _("Vật lí")
    CHEMISTRY = "chemistry", _("Hóa học")
    BIOLOGY = "biology", _("Sinh học")
    MATHS = "maths", _("Toán")
    TECHNOLOGY = "technology", _("Công nghệ")
    COMPUTING = "computing", _("Tin học")
    GEOGRAPHY = "geography", _("Lịch sử và Địa lí")
    ARTS = "arts", _("Nghệ thuật")
    STEM = "stem", _("Giáo dục STEM liên môn")
    EXPERIENCE = "experience", _("Hoạt động trải nghiệm, hướng nghiệp")
    DIGITAL = "digital", _("Kỹ năng số, trí tuệ nhân tạo")
    OTHER = "other", _("Khác")


class Licence(TextChoices):
    """Under which terms others may use a lesson."""

    BY = "cc-by-4.0", _("CC BY 4.0: dùng và sửa tự do, ghi nguồn")
    BY_SA = "cc-by-sa-4.0", _("CC BY-SA 4.0: dùng và sửa, ghi nguồn, chia sẻ tương tự")
    BY_NC = "cc-by-nc-4.0", _("CC BY-NC 4.0: dùng và sửa, ghi nguồn, không kinh doanh")
    BY_NC_SA = "cc-by-nc-sa-4.0", _("CC BY-NC-SA 4.0: như trên, chia sẻ tương tự")
    BY_ND = "cc-by-nd-4.0", _("CC BY-ND 4.0: dùng nguyên bản, ghi nguồn, không sửa")


ADAPTABLE: Final = frozenset({Licence.BY, Licence.BY_SA, Licence.BY_NC, Licence.BY_NC_SA})


class Hazard(TextChoices):
    """What a piece of equipment may do to somebody; any of them makes safety notes required."""

    ELECTRIC = "electric", _("Điện")
    HEAT = "heat", _("Nhiệt, lửa")
    SHARP = "sharp", _("Vật sắc nhọn")
    CHEMICAL = "chemical", _("Hóa chất")
    LIGHT = "light", _("Ánh sáng mạnh, laze")
    BIOLOGICAL = "biological", _("Mẫu sinh học")
    MOVING = "moving", _("Bộ phận chuyển động")


class LessonOrder(TextChoices):
    """How the public list may be ordered."""

    NEWEST = "moi", _("Mới công bố")
    BEST = "danh-gia", _("Được đánh giá cao")
    MOST = "day-nhieu", _("Được dạy nhiều")
    TITLE = "ten", _("Theo tên")
