"""States and kinds of research topics, with the sets that rules, permissions and selectors are written in."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CallState(TextChoices):
    """Where a call for topics stands."""

    DRAFT = "draft", _("Bản nháp")
    PUBLISHED = "published", _("Đã công bố")
    CLOSED = "closed", _("Đã kết thúc")
    CANCELLED = "cancelled", _("Đã hủy")


CALL_PUBLIC: Final = frozenset({CallState.PUBLISHED, CallState.CLOSED})


class TopicState(TextChoices):
    """Where a topic stands, from the first word of its proposal to its liquidation."""

    DRAFT = "draft", _("Đang soạn thuyết minh")
    SUBMITTED = "submitted", _("Đã nộp, chờ kiểm tra")
    RETURNED = "returned", _("Cần bổ sung")
    CHECKED = "checked", _("Hồ sơ hợp lệ, chờ hội đồng")
    APPRAISING = "appraising", _("Hội đồng đang xét duyệt")
    APPRAISED = "appraised", _("Đã có kết quả xét duyệt, chờ quyết định")
    APPROVED = "approved", _("Đã phê duyệt, chờ hợp đồng")
    RUNNING = "running", _("Đang thực hiện")
    ACCEPTING = "accepting", _("Hội đồng đang nghiệm thu")
    ACCEPTED = "accepted", _("Đã nghiệm thu, chờ thanh lý")
    FAILED = "failed", _("Nghiệm thu không đạt")
    LIQUIDATED = "liquidated", _("Đã thanh lý")
    REJECTED = "rejected", _("Không được chọn")
    STOPPED = "stopped", _("Dừng thực hiện")
    WITHDRAWN = "withdrawn", _("Đã rút")


TOPIC_EDITABLE: Final = frozenset({TopicState.DRAFT, TopicState.RETURNED})
TOPIC_UNDECIDED: Final = frozenset(
    {
        TopicState.SUBMITTED,
        TopicState.RETURNED,
        TopicState.CHECKED,
        TopicState.APPRAISING,
        TopicState.APPRAISED,
    }
)
# From the decision on, everybody may know of it.
TOPIC_PUBLIC: Final = frozenset(
    {
        TopicState.APPROVED,
        TopicState.RUNNING,
        TopicState.ACCEPTING,
        TopicState.ACCEPTED,
        TopicState.FAILED,
        TopicState.LIQUIDATED,
    }
)
TOPIC_WITH_CONTRACT: Final = frozenset(
    {
        TopicState.RUNNING,
        TopicState.ACCEPTING,
        TopicState.ACCEPTED,
        TopicState.FAILED,
        TopicState.LIQUIDATED,
        TopicState.STOPPED,
    }
)
TOPIC_OVER: Final = frozenset({TopicState.LIQUIDATED, TopicState.REJECTED, TopicState.WITHDRAWN})


class CouncilKind(TextChoices):
    """What a council is for."""

    APPRAISAL = "appraisal", _("Hội đồng xét duyệt")
    ACCEPTANCE = "acceptance", _("Hội đồng nghiệm thu")


class CouncilSeat(TextChoices):
    """What a member of a topic council is."""

    CHAIR = "chair", _("Chủ tịch hội đồng")
    SECRETARY = "secretary", _("Thư ký")
    REVIEWER = "reviewer", _("Ủy viên phản biện")
    MEMBER = "member", _("Ủy viên")


class TeamRole(TextChoices):
    """What somebody does in a topic besides leading it."""

    SECRETARY = "secretary", _("Thư ký khoa học")
    MEMBER = "member", _("Thành viên chính")
    SUPPORT = "support", _("Nhân viên hỗ trợ")


class BudgetKind(TextChoices):
    """What money of a topic is spent on."""

    LABOUR = "labour", _("Công lao động")
    MATERIAL = "material", _("Nguyên vật liệu, năng lượng")
    EQUIPMENT = "equipment", _("Thiết bị, máy móc")
    SERVICE = "service", _("Thuê ngoài, dịch vụ")
    TRAVEL = "travel", _("Đi lại, khảo sát")
    OTHER = "other", _("Chi khác")


class ProductKind(TextChoices):
    """What a topic makes."""

    PAPER = "paper", _("Bài báo, báo cáo khoa học")
    SOFTWARE = "software", _("Phần mềm")
    DATASET = "dataset", _("Bộ dữ liệu")
    PROCESS = "process", _("Quy trình, hướng dẫn")
    DEVICE = "device", _("Thiết bị, mô hình")
    TRAINING = "training", _("Đào tạo, tập huấn")
    IP_RIGHT = "ip_right", _("Quyền sở hữu trí tuệ")
    OTHER = "other", _("Sản phẩm khác")


class ProductState(TextChoices):
    """How far a product of a topic is."""

    PROMISED = "promised", _("Đã đăng ký")
    DELIVERED = "delivered", _("Đã giao nộp")
    VERIFIED = "verified", _("Đã xác nhận")
    DROPPED = "dropped", _("Không thực hiện")


class TopicFileKind(TextChoices):
    """What a file of a topic is."""

    PROPOSAL = "proposal", _("Thuyết minh và giấy tờ kèm theo")
    CONTRACT = "contract", _("Hợp đồng")
    REPORT = "report", _("Báo cáo tiến độ, minh chứng")
    FINAL = "final", _("Báo cáo tổng kết")
    DATA = "data", _("Tệp dữ liệu")
    OTHER = "other", _("Giấy tờ khác")


class MilestoneState(TextChoices):
    """Where a milestone of a contract stands."""

    WAITING = "waiting", _("Chưa báo cáo")
    REPORTED = "reported", _("Đã báo cáo, chờ xem xét")
    RETURNED = "returned", _("Cần báo cáo lại")
    ACCEPTED = "accepted", _("Đã chấp nhận")
    PAID = "paid", _("Đã thanh toán")
    DROPPED = "dropped", _("Không thực hiện")


MILESTONE_OPEN: Final = frozenset({MilestoneState.WAITING, MilestoneState.REPORTED, MilestoneState.RETURNED})
MILESTONE_DONE: Final = frozenset({MilestoneState.ACCEPTED, MilestoneState.PAID})


class AmendmentKind(TextChoices):
    """What an amendment of a contract changes."""

    EXTENSION = "extension", _("Gia hạn")
    BUDGET = "budget", _("Điều chỉnh kinh phí")
    LEADER = "leader", _("Thay chủ nhiệm")


class AmendmentState(TextChoices):
    """Where an amendment stands."""

    PROPOSED = "proposed", _("Chờ quyết định")
    APPROVED = "approved", _("Đã chấp thuận")
    REFUSED = "refused", _("Không chấp thuận")


class MoneyKind(TextChoices):
    """Which way money of a topic went."""

    MILESTONE = "milestone", _("Thanh toán theo mốc")
    REFUND = "refund", _("Bên thực hiện hoàn trả")


class DepositKind(TextChoices):
    """What of a topic lies in the library."""

    REPORT = "report", _("Báo cáo kết quả")
    DATA = "data", _("Dữ liệu")


class DepositState(TextChoices):
    """Where something for the library stands."""

    EMBARGOED = "embargoed", _("Chờ hết thời gian giữ riêng")
    HANDED = "handed", _("Đã đưa vào thư viện")
    REPLACED = "replaced", _("Đã thay bản khác")
    WITHDRAWN = "withdrawn", _("Đã rút khỏi thư viện")


DEPOSIT_STANDING: Final = frozenset({DepositState.EMBARGOED, DepositState.HANDED})
