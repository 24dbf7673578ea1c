"""States and kinds of the plan, its money and its reports, with the sets that rules are written in.

What plans are made of (kinds of tasks, audiences, channels) is data of the plan itself where plans differ; what the
software acts upon is here.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# Plans


class VersionState(TextChoices):
    """Where one version of a plan stands: drafted, with the head of the focal unit, with the leader, in force, past."""

    DRAFT = "draft", _("Bản nháp")
    SUBMITTED = "submitted", _("Chờ lãnh đạo đơn vị đầu mối")
    HEAD_APPROVED = "head_approved", _("Chờ lãnh đạo phê duyệt")
    PUBLISHED = "published", _("Đang thực hiện")
    SUPERSEDED = "superseded", _("Đã thay bằng bản sau")
    CLOSED = "closed", _("Đã kết thúc")


VERSION_EDITABLE = frozenset({VersionState.DRAFT})
VERSION_WAITING = frozenset({VersionState.SUBMITTED, VersionState.HEAD_APPROVED})
VERSION_PUBLIC = frozenset({VersionState.PUBLISHED, VersionState.SUPERSEDED, VersionState.CLOSED})


class TaskLevel(TextChoices):
    """What a task is in the plan."""

    PROGRAMME = "programme", _("Nội dung thực hiện")
    ASSIGNMENT = "assignment", _("Phân công thực hiện")
    REPORT = "report", _("Chế độ báo cáo")


class Basis(TextChoices):
    """How sure the unit of a task is."""

    EXPLICIT = "explicit", _("Kế hoạch nêu tên")
    SUBJECT = "subject_of_clause", _("Đơn vị đứng đầu mục phân công")
    DEFAULT = "default", _("Kế hoạch không nêu, giao đơn vị đầu mối")
    DERIVED = "derived", _("Suy ra, cần xác nhận")
    CONFIRMED = "confirmed", _("Đã có người xác nhận")
    UNKNOWN = "unknown", _("Chưa rõ")


class PercentRule(TextChoices):
    """How the percentage of a work item comes about."""

    STATE = "state", _("Theo trạng thái (0, 50, 100 %)")
    STEPS = "steps", _("Theo số bước đã xong")
    INDICATOR = "indicator", _("Theo chỉ tiêu đạt được")
    TYPED = "typed", _("Đơn vị tự đánh giá")
    REPORT = "report", _("Theo báo cáo đã nộp")


class ItemState(TextChoices):
    """Where a work item stands. Late is computed, never stored."""

    TODO = "todo", _("Chưa thực hiện")
    DOING = "doing", _("Đang thực hiện")
    DONE = "done", _("Hoàn thành")
    DROPPED = "dropped", _("Không còn trong kế hoạch")
    HANDED_OVER = "handed_over", _("Đã bàn giao")


ITEM_OPEN = frozenset({ItemState.TODO, ItemState.DOING})
ITEM_COUNTED = ITEM_OPEN | {ItemState.DONE}


class EvidenceKind(TextChoices):
    """What shows that something was done."""

    FILE = "file", _("Tệp")
    LINK = "link", _("Đường dẫn")
    RECORD = "record", _("Mục trong hệ thống")
    SESSION = "session", _("Buổi đã tổ chức")


# Money


class EstimateState(TextChoices):
    """Where a yearly estimate stands."""

    DRAFT = "draft", _("Đang lập")
    SUBMITTED = "submitted", _("Chờ duyệt")
    APPROVED = "approved", _("Đã duyệt")
    SETTLED = "settled", _("Đã quyết toán")


class EntryKind(TextChoices):
    """What a money entry is."""

    ALLOCATION = "allocation", _("Giao dự toán")
    COMMITMENT = "commitment", _("Cam kết chi")
    DISBURSEMENT = "disbursement", _("Giải ngân")
    SETTLEMENT = "settlement", _("Quyết toán")


class EntryState(TextChoices):
    """Whether the finance unit stands behind an entry."""

    PROPOSED = "proposed", _("Chờ tài chính xác nhận")
    CONFIRMED = "confirmed", _("Đã xác nhận")
    REFUSED = "refused", _("Không được xác nhận")
    VOID = "void", _("Đã hủy")


ENTRY_COUNTED = frozenset({EntryState.PROPOSED, EntryState.CONFIRMED})


# Communication work and others' events


class Channel(TextChoices):
    """How a campaign reaches people."""

    LOUDSPEAKER = "loudspeaker", _("Loa phát thanh")
    LEAFLET = "leaflet", _("Tờ rơi, tờ gấp")
    POSTER = "poster", _("Pa nô, áp phích, bảng tin")
    ZALO = "zalo", _("Zalo")
    FACEBOOK = "facebook", _("Facebook")
    WEBSITE = "website", _("Trang thông tin điện tử")
    MEETING = "meeting", _("Họp, sinh hoạt, buổi nói chuyện")
    OTHER = "other", _("Hình thức khác")


class EventKind(TextChoices):
    """What somebody else invites to."""

    COURSE = "course", _("Tập huấn, bồi dưỡng")
    WORKSHOP = "workshop", _("Hội thảo, tọa đàm")
    VISIT = "visit", _("Tham quan, học tập kinh nghiệm")
    CONTEST = "contest", _("Cuộc thi, hội thi")
    EXHIBITION = "exhibition", _("Triển lãm, hội chợ")
    OTHER = "other", _("Hoạt động khác")


class PartState(TextChoices):
    """How far a unit's part in somebody else's event is."""

    INVITED = "invited", _("Đã chuyển lời mời")
    NOMINATED = "nominated", _("Đã cử người")
    DECLINED = "declined", _("Không tham gia")
    ATTENDED = "attended", _("Đã tham gia")
    ABSENT = "absent", _("Đã cử nhưng vắng")
    HANDED = "handed", _("Đã bàn giao cho đơn vị kế thừa")


PART_OPEN = frozenset({PartState.INVITED, PartState.NOMINATED})
PART_STANDING = frozenset(PartState) - {PartState.HANDED}

# Reports


class RegimeKind(TextChoices):
    """Decree 09/2019: kinds of reports."""

    PERIODIC = "periodic", _("Định kỳ")
    THEMATIC = "thematic", _("Chuyên đề")
    AD_HOC = "ad_hoc", _("Đột xuất")


class RegimeContent(TextChoices):
    """Decree 09/2019, article 8: what a report holds."""

    TEXT = "text", _("Chỉ lời văn")
    NUMBERS = "numbers", _("Chỉ số liệu")
    BOTH = "both", _("Lời văn và số liệu")


class Aggregate(TextChoices):
    """How figures of units become one."""

    SUM = "sum", _("Cộng")
    MEAN = "mean", _("Trung bình")
    MAX = "max", _("Lớn nhất")
    LAST = "last", _("Lấy của đơn vị tổng hợp")
    RATIO = "ratio", _("Tỷ lệ của hai chỉ tiêu")


class Compare(TextChoices):
    """The relation of a validation rule between two indicators."""

    AT_MOST = "le", _("không lớn hơn")
    AT_LEAST = "ge", _("không nhỏ hơn")
    EQUAL = "eq", _("bằng")


class ReportState(TextChoices):
    """Where a unit's report stands. In time or late is computed from ``submitted_at`` and the period."""

    EXPECTED = "expected", _("Chưa bắt đầu")
    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Chờ thủ trưởng đơn vị duyệt")
    APPROVED = "approved", _("Đã gửi, chờ tiếp nhận")
    ACCEPTED = "accepted", _("Đã tiếp nhận")
    RETURNED = "returned", _("Trả lại để sửa")


REPORT_EDITABLE = frozenset({ReportState.EXPECTED, ReportState.DRAFT, ReportState.RETURNED})
REPORT_WITH_FOCAL = frozenset({ReportState.APPROVED, ReportState.ACCEPTED})


class ReportMove(TextChoices):
    """What somebody did with a unit's report."""

    SAVED = "saved", _("Lưu")
    SUBMITTED = "submitted", _("Gửi thủ trưởng duyệt")
    APPROVED = "approved", _("Thủ trưởng duyệt")
    RETURNED = "returned", _("Trả lại")
    ACCEPTED = "accepted", _("Tiếp nhận")
    REOPENED = "reopened", _("Mở lại")


class RollState(TextChoices):
    """Where a consolidated report stands."""

    DRAFT = "draft", _("Đang tổng hợp")
    SUBMITTED = "submitted", _("Chờ lãnh đạo đơn vị đầu mối")
    HEAD_APPROVED = "head_approved", _("Chờ lãnh đạo phê duyệt")
    APPROVED = "approved", _("Chờ văn thư")
    ISSUED = "issued", _("Đã phát hành")
    REPLACED = "replaced", _("Đã thay bằng bản sau")


ROLL_ISSUED = frozenset({RollState.ISSUED, RollState.REPLACED})


class Rung(TextChoices):
    """The rungs of the reminder ladder."""

    OPENED = "opened", _("Mở kỳ báo cáo")
    WEEK = "week", _("Còn một tuần làm việc")
    DAY = "day", _("Còn một ngày làm việc")
    LATE = "late", _("Quá hạn")
    HEAD = "head", _("Quá hạn, báo thủ trưởng")


# Documents


class DocumentState(TextChoices):
    """Where a document stands (Decree 30, articles 10-19)."""

    DRAFT = "draft", _("Dự thảo")
    CONTENT_CHECKED = "content_checked", _("Đã kiểm tra nội dung")
    FORMAT_CHECKED = "format_checked", _("Đã kiểm tra thể thức")
    SIGNED = "signed", _("Đã ký")
    NUMBERED = "numbered", _("Đã cấp số")
    ISSUED = "issued", _("Đã phát hành")
    REPLACED = "replaced", _("Đã thay thế")
    RECALLED = "recalled", _("Đã thu hồi")


class SigningMode(TextChoices):
    """On whose behalf somebody signs (Decree 30, annex I)."""

    PLAIN = "", _("Ký trực tiếp")
    TM = "TM.", _("Thay mặt tập thể (TM.)")
    Q = "Q.", _("Quyền (Q.)")
    KT = "KT.", _("Ký thay (KT.)")
    TL = "TL.", _("Thừa lệnh (TL.)")
    TUQ = "TUQ.", _("Thừa ủy quyền (TUQ.)")


class FileRole(TextChoices):
    """What a file of a document is."""

    DRAFT = "draft", _("Dự thảo")
    SIGNED = "signed", _("Bản đã ký")
    ANNEX = "annex", _("Phụ lục")
    INCOMING = "incoming", _("Văn bản đến")
