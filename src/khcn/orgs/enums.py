"""Roles and states of the organisation, with the sets that permissions are written in.

Source: the permission matrix of the users-and-journeys design (4.2). A role says what a person does in one
unit; it is always held through a dated :class:`khcn.orgs.models.Membership`.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person does for a unit."""

    UNIT_REPORTER = "unit_reporter", _("Người báo cáo của đơn vị")
    UNIT_HEAD = "unit_head", _("Thủ trưởng đơn vị")
    FOCAL_OFFICER = "focal_officer", _("Chuyên viên đầu mối")
    FOCAL_HEAD = "focal_head", _("Lãnh đạo đơn vị đầu mối")
    LEADER = "leader", _("Lãnh đạo phê duyệt")
    FINANCE = "finance", _("Cán bộ tài chính")
    CLERK = "clerk", _("Văn thư")
    ADVISER = "adviser", _("Người tư vấn")
    INSPECTOR = "inspector", _("Thành viên đoàn kiểm tra")
    JUROR = "juror", _("Giám khảo")
    EDITOR = "editor", _("Biên tập viên")
    LIBRARIAN = "librarian", _("Thủ thư")
    CONTRIBUTOR = "contributor", _("Người gửi tài liệu")
    MARKET_MANAGER = "market_manager", _("Người quản lý chợ")
    MARKET_OPERATOR = "market_operator", _("Người vận hành đếm khách ở các chợ")
    CAMERA_VIEWER = "camera_viewer", _("Người được xem ảnh camera")
    UNIT_ENERGY_MANAGER = "unit_energy_manager", _("Người quản lý năng lượng của đơn vị")
    TECHNICIAN = "technician", _("Kỹ thuật viên")
    ENERGY_OFFICER = "energy_officer", _("Cán bộ chương trình năng lượng")
    DOST_READER = "dost_reader", _("Người theo dõi của cơ quan cấp trên")
    SYSADMIN = "sysadmin", _("Quản trị hệ thống")
    AUDITOR = "auditor", _("Người giám sát nhật ký")


ALL_ROLES = frozenset(Role)
# Keeps the installation running; holds no right on content (hard rule of the matrix).
TECHNICAL_ROLES = frozenset({Role.SYSADMIN})
# Look at everything of the deployment, change nothing.
WATCHING_ROLES = frozenset({Role.AUDITOR, Role.DOST_READER})
CONTENT_ROLES = ALL_ROLES - TECHNICAL_ROLES
# The unit that answers for the whole plan.
FOCAL_ROLES = frozenset({Role.FOCAL_OFFICER, Role.FOCAL_HEAD})
# Speak for one unit.
UNIT_ROLES = frozenset({Role.UNIT_REPORTER, Role.UNIT_HEAD})
# Approve: the only roles that can be handed to a delegate during an absence.
APPROVING_ROLES = frozenset({Role.UNIT_HEAD, Role.FOCAL_HEAD, Role.LEADER, Role.FINANCE, Role.LIBRARIAN})
# Run the library: review, publish, withdraw.
LIBRARY_ROLES = frozenset({Role.LIBRARIAN})
# May hand something in to the library.
DEPOSIT_ROLES = frozenset(
    {
        Role.CONTRIBUTOR,
        Role.UNIT_REPORTER,
        Role.UNIT_HEAD,
        Role.FOCAL_OFFICER,
        Role.FOCAL_HEAD,
        Role.EDITOR,
        Role.LIBRARIAN,
        Role.ADVISER,
    }
)
# Write articles and pages in the back office.
EDITORIAL_ROLES = frozenset({Role.EDITOR, Role.LIBRARIAN, Role.FOCAL_OFFICER, Role.FOCAL_HEAD})
# Sign-in needs a second factor when KHCN_REQUIRE_MFA is on.
SECOND_FACTOR_ROLES = frozenset({Role.SYSADMIN, Role.LIBRARIAN})
# Roles that touch the register of outside parties over the whole deployment.
PARTY_KEEPING_ROLES = FOCAL_ROLES
PARTY_READING_ROLES = PARTY_KEEPING_ROLES | {
    Role.LEADER,
    Role.FINANCE,
    Role.AUDITOR,
    Role.LIBRARIAN,
    Role.CLERK,
}
# Roles that keep the parties of their own unit.
PARTY_UNIT_ROLES = UNIT_ROLES | {Role.MARKET_MANAGER}


class SuccessionKind(TextChoices):
    """How one unit came out of another."""

    MERGE = "merge", _("Sáp nhập")
    SPLIT = "split", _("Chia, tách")
    RENAME = "rename", _("Đổi tên")


class CodeScheme(TextChoices):
    """Which list a unit's code belongs to."""

    GSO = "gso", _("Mã đơn vị hành chính (Tổng cục Thống kê)")
    INTERNAL = "internal", _("Mã nội bộ")


class PartyKind(TextChoices):
    """Outside parties that several apps meet."""

    SCHOOL = "school", _("Trường học")
    ENTERPRISE = "enterprise", _("Doanh nghiệp")
    BUSINESS_HOUSEHOLD = "business_household", _("Hộ kinh doanh")
    MARKET_STALL = "market_stall", _("Quầy, sạp chợ")
    OTHER = "other", _("Tổ chức, cá nhân khác")
