"""Kinds and states of programmes, with the named sets that rules and permissions are written in."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProgrammeKind(TextChoices):
    """What is organised."""

    COURSE = "course", _("Lớp tập huấn, bồi dưỡng")
    WORKSHOP = "workshop", _("Hội thảo, tọa đàm")
    INFORMATION = "information", _("Buổi tuyên truyền, phổ biến")
    VISIT = "visit", _("Tham quan, học tập")
    EXHIBITION = "exhibition", _("Triển lãm, trưng bày")
    MEETING = "meeting", _("Gặp gỡ, kết nối")
    CONTEST = "contest", _("Cuộc thi, hội thi")
    SUPPORT = "support", _("Hỗ trợ thiết bị, vật tư")


# People come to sessions: these take registrations and attendance.
WITH_SESSIONS = frozenset(
    {
        ProgrammeKind.COURSE,
        ProgrammeKind.WORKSHOP,
        ProgrammeKind.INFORMATION,
        ProgrammeKind.VISIT,
        ProgrammeKind.EXHIBITION,
        ProgrammeKind.MEETING,
    }
)
WITH_EXHIBITORS = frozenset({ProgrammeKind.EXHIBITION, ProgrammeKind.MEETING})


class ProgrammeState(TextChoices):
    """Where a programme stands. ``published`` is what the public sees."""

    DRAFT = "draft", _("Bản nháp")
    SUBMITTED = "submitted", _("Chờ duyệt")
    PUBLISHED = "published", _("Đã công bố")
    CLOSED = "closed", _("Đã kết thúc")
    CANCELLED = "cancelled", _("Đã hủy")


PUBLIC_STATES = frozenset({ProgrammeState.PUBLISHED, ProgrammeState.CLOSED, ProgrammeState.CANCELLED})
OPEN_STATES = frozenset({ProgrammeState.PUBLISHED})
EDITABLE_STATES = frozenset({ProgrammeState.DRAFT, ProgrammeState.SUBMITTED, ProgrammeState.PUBLISHED})


class Audience(TextChoices):
    """For whom; reports count by these."""

    OFFICIALS = "officials", _("Cán bộ, công chức, viên chức")
    TEACHERS = "teachers", _("Giáo viên")
    PUPILS = "pupils", _("Học sinh")
    YOUNG = "young", _("Thanh niên khởi nghiệp")
    WORKERS = "workers", _("Người lao động")
    SMES = "smes", _("Doanh nghiệp nhỏ và vừa, hộ kinh doanh")
    TRADERS = "traders", _("Tiểu thương")
    PUBLIC = "public", _("Người dân")


class Sex(TextChoices):
    """Given only by who wants to; empty is unknown, not a third count."""

    FEMALE = "female", _("Nữ")
    MALE = "male", _("Nam")


class RegistrationWay(TextChoices):
    """Who registers."""

    PERSON = "person", _("Từng người tự đăng ký")
    GROUP = "group", _("Trường, đơn vị, doanh nghiệp đăng ký cho người của mình")
    BOTH = "both", _("Cả hai cách")
    NONE = "none", _("Không cần đăng ký")


class SessionState(TextChoices):
    """Where a session stands; whether it is over is asked of the clock."""

    PLANNED = "planned", _("Theo lịch")
    CANCELLED = "cancelled", _("Đã hủy")


class RegistrationState(TextChoices):
    """Where a registration stands. Only ``confirmed`` holds a seat."""

    REQUESTED = "requested", _("Chờ duyệt")
    CONFIRMED = "confirmed", _("Đã có chỗ")
    WAITING = "waiting", _("Trong danh sách chờ")
    REFUSED = "refused", _("Không nhận")
    CANCELLED = "cancelled", _("Đã hủy")


STANDING = frozenset({RegistrationState.REQUESTED, RegistrationState.CONFIRMED, RegistrationState.WAITING})


class ConsentPurpose(TextChoices):
    """One box each; none is ticked before."""

    PROCESSING = "processing", _("Ghi thông tin để tổ chức hoạt động này")
    PHOTO = "photo", _("Chụp ảnh, quay phim trong hoạt động")
    PUBLICATION = "publication", _("Công bố tên, ảnh, bài dự thi")
    CONTACT = "contact", _("Nhận tin về hoạt động khác")
    SHARE = "share", _("Đưa thông tin liên hệ cho đơn vị tham gia trưng bày")


class ConsentBy(TextChoices):
    """Who gave a consent. Publishing anything about a child needs ``child`` and ``guardian`` both."""

    SELF = "self", _("Chính người đó")
    CHILD = "child", _("Học sinh")
    GUARDIAN = "guardian", _("Cha mẹ hoặc người giám hộ")


class ConsentForm(TextChoices):
    """How it was given."""

    WEB = "web", _("Trên trang này")
    PAPER = "paper", _("Trên giấy có chữ ký")


# Contests


class Scoring(TextChoices):
    """How the jurors' totals of one entry become its result."""

    MEDIAN = "median", _("Trung vị")
    MEAN = "mean", _("Trung bình cộng")


class PhaseKind(TextChoices):
    """What a contest is at. Exactly one phase is current; it says what a juror may do and see."""

    PREPARING = "preparing", _("Chuẩn bị")
    OPEN = "open", _("Nhận bài dự thi")
    CHECKING = "checking", _("Kiểm tra hợp lệ, ẩn danh")
    DECLARING = "declaring", _("Giám khảo khai xung đột lợi ích")
    JUDGING = "judging", _("Chấm điểm")
    COUNCIL = "council", _("Hội đồng họp")
    DONE = "done", _("Đã có kết quả")


class JurorSeat(TextChoices):
    """What somebody is in the council."""

    CHAIR = "chair", _("Chủ tịch hội đồng")
    SECRETARY = "secretary", _("Thư ký")
    MEMBER = "member", _("Ủy viên")


class EntryState(TextChoices):
    """Where an entry stands."""

    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Đã nộp")
    ACCEPTED = "accepted", _("Hợp lệ")
    REJECTED = "rejected", _("Không hợp lệ")
    WITHDRAWN = "withdrawn", _("Đã rút")


JUDGED = frozenset({EntryState.ACCEPTED})
EDITABLE_ENTRIES = frozenset({EntryState.DRAFT, EntryState.SUBMITTED})


class TeamState(TextChoices):
    """Whether a team takes part."""

    ACTIVE = "active", _("Đang dự thi")
    WITHDRAWN = "withdrawn", _("Đã rút")


class MemberPart(TextChoices):
    """What a person is in a team."""

    MEMBER = "member", _("Thành viên")
    MENTOR = "mentor", _("Người hướng dẫn")


# Certificates and messages


class BatchState(TextChoices):
    """Where a batch of certificates stands."""

    DRAFT = "draft", _("Đang soạn")
    APPROVED = "approved", _("Đã duyệt, chờ số quyết định")
    ISSUED = "issued", _("Đã cấp")


class LetterKind(TextChoices):
    """What a message to participants is about. The last three the system sends by itself."""

    REMINDER = "reminder", _("Nhắc lịch")
    CHANGE = "change", _("Thay đổi")
    RESULT = "result", _("Kết quả, giấy chứng nhận")
    CUSTOM = "custom", _("Tin khác về hoạt động này")
    ANNOUNCEMENT = "announcement", _("Giới thiệu hoạt động khác")
    CONFIRMED = "confirmed", _("Xác nhận đăng ký")
    PROMOTED = "promoted", _("Được nhận từ danh sách chờ")
    CANCELLED = "cancelled", _("Báo hủy buổi")


SELF_SENT = frozenset({LetterKind.CONFIRMED, LetterKind.PROMOTED, LetterKind.CANCELLED})


class LetterAudience(TextChoices):
    """Who gets a message."""

    CONFIRMED = "confirmed", _("Người đã có chỗ")
    WAITING = "waiting", _("Người trong danh sách chờ")
    ALL = "all", _("Mọi người còn đăng ký")
    ATTENDED = "attended", _("Người đã dự")
    ABSENT = "absent", _("Người có chỗ mà không dự")
    GROUPS = "groups", _("Người phụ trách các đoàn")


class LetterState(TextChoices):
    """Where a message to many stands."""

    DRAFT = "draft", _("Bản nháp")
    RELEASED = "released", _("Đã cho gửi")
    CANCELLED = "cancelled", _("Đã bỏ")


# Support


class SupportState(TextChoices):
    """Where a request for support stands."""

    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Đã gửi, chờ kiểm tra")
    RETURNED = "returned", _("Cần bổ sung")
    CHECKED = "checked", _("Đã kiểm tra, chờ xác nhận kinh phí")
    FUNDED = "funded", _("Đã có kinh phí, chờ duyệt")
    APPROVED = "approved", _("Đã duyệt, chờ bàn giao")
    REFUSED = "refused", _("Không hỗ trợ")
    DELIVERING = "delivering", _("Đã bàn giao một phần")
    DELIVERED = "delivered", _("Đã bàn giao đủ")
    CLOSED = "closed", _("Đã kết thúc")
    CANCELLED = "cancelled", _("Đã hủy")


SUPPORT_EDITABLE = frozenset({SupportState.DRAFT, SupportState.RETURNED})
SUPPORT_UNDECIDED = frozenset({SupportState.SUBMITTED, SupportState.CHECKED, SupportState.FUNDED})
SUPPORT_HANDED = frozenset({SupportState.APPROVED, SupportState.DELIVERING})
SUPPORT_GRANTED = frozenset(
    {SupportState.APPROVED, SupportState.DELIVERING, SupportState.DELIVERED, SupportState.CLOSED}
)
SUPPORT_BEFORE_DECISION = SUPPORT_EDITABLE | SUPPORT_UNDECIDED


class SupportSource(TextChoices):
    """How a request came in."""

    WEB = "web", _("Trên trang này")
    PAPER = "paper", _("Trên giấy")


class SupportFileKind(TextChoices):
    """What a file of a request is."""

    QUOTATION = "quotation", _("Báo giá")
    OTHER = "other", _("Giấy tờ khác")
    RESULT = "result", _("Ảnh, tệp kết quả")


class AssetState(TextChoices):
    """Where a thing of the inventory is."""

    STOCK = "stock", _("Trong kho")
    LENT = "lent", _("Đang cho mượn")
    BROKEN = "broken", _("Hỏng")
    LOST = "lost", _("Mất")
