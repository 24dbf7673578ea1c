"""Kinds and states of training: topics, people on rosters, records, needs, surveys, proposals."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Staff(TextChoices):
    """Who is on a roster, and for whom a topic is."""

    OFFICIALS = "officials", _("Cán bộ, công chức, viên chức")
    TEACHERS = "teachers", _("Giáo viên")


class Level(TextChoices):
    """How much a position needs a topic."""

    MANDATORY = "mandatory", _("Bắt buộc")
    RECOMMENDED = "recommended", _("Nên có")


class NeedState(TextChoices):
    """Where one person stands with one required topic on a day."""

    HELD = "held", _("Đang có hiệu lực")
    EXPIRING = "expiring", _("Sắp hết hạn")
    EXPIRED = "expired", _("Đã hết hạn")
    MISSING = "missing", _("Chưa có")


LACKING = frozenset({NeedState.EXPIRED, NeedState.MISSING})
WANTED = LACKING | {NeedState.EXPIRING}


class RecordBasis(TextChoices):
    """From where a record comes."""

    ATTENDANCE = "attendance", _("Dự đủ buổi của chương trình")
    CERTIFICATE = "certificate", _("Giấy chứng nhận của chương trình")
    DECLARED = "declared", _("Khóa của nơi khác, đơn vị ghi")
    PROPOSAL = "proposal", _("Khóa đã cử đi học")


OWN_BASES = frozenset({RecordBasis.ATTENDANCE, RecordBasis.CERTIFICATE})


class RecordState(TextChoices):
    """Whether a record counts: only ``verified`` does."""

    ENTERED = "entered", _("Chờ xác nhận")
    VERIFIED = "verified", _("Đã xác nhận")
    REFUSED = "refused", _("Không xác nhận")
    VOID = "void", _("Đã hủy")


class LinkState(TextChoices):
    """Whether a registration is somebody of a roster."""

    LINKED = "linked", _("Là người này")
    REJECTED = "rejected", _("Không phải người này")


class LinkHow(TextChoices):
    """How that was found out."""

    ACCOUNT = "account", _("Cùng tài khoản")
    CONTACT = "contact", _("Cùng đơn vị, họ tên và liên hệ")
    HAND = "hand", _("Đơn vị xác nhận")


class Priority(IntegerChoices):
    """How much a unit wants a topic."""

    HIGH = 1, _("Cần ngay")
    MIDDLE = 2, _("Cần trong năm")
    LOW = 3, _("Khi có điều kiện")


class WishForm(TextChoices):
    """How a unit would like to learn."""

    ROOM = "room", _("Học trực tiếp")
    ONLINE = "online", _("Học trực tuyến")
    MIXED = "mixed", _("Kết hợp")


class ProposalState(TextChoices):
    """Where a proposal to send people to a course stands."""

    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Chờ thủ trưởng duyệt")
    APPROVED = "approved", _("Đơn vị đã duyệt, chờ tổng hợp")
    GATHERED = "gathered", _("Đã tổng hợp gửi đi")
    CLOSED = "closed", _("Đã có kết quả")
    WITHDRAWN = "withdrawn", _("Đã rút")


PROPOSAL_EDITABLE = frozenset({ProposalState.DRAFT})


class Outcome(TextChoices):
    """What became of one person of a proposal."""

    WAITING = "waiting", _("Chưa có kết quả")
    REFUSED = "refused", _("Không được nhận")
    ACCEPTED = "accepted", _("Được nhận, chưa học xong")
    ATTENDED = "attended", _("Đã học xong")
    ABSENT = "absent", _("Được nhận nhưng không học")
