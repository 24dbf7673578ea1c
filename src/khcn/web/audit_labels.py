"""What people call the deeds of the audit trail."""

from typing import Final

from django.utils.translation import gettext_lazy as _

AREAS: Final = {
    "library": _("Thư viện"),
    "orgs.sign_in": _("Đăng nhập"),
    "orgs": _("Tổ chức, người dùng"),
    "core": _("Hệ thống"),
}
ACTIONS: Final = {
    "core.calendar.edit": _("Sửa lịch làm việc"),
    "core.calendar.propose": _("Lập lịch làm việc"),
    "core.calendar.remove": _("Bỏ ngày khỏi lịch làm việc"),
    "core.message.cancel": _("Hủy tin nhắn"),
    "core.message.retry": _("Gửi lại tin nhắn"),
    "core.token.create": _("Tạo mã truy cập"),
    "core.token.revoke": _("Thu hồi mã truy cập"),
    "library.import.retry": _("Thử lại đợt nhập"),
    "library.import.start": _("Bắt đầu đợt nhập"),
    "library.takedown.decide": _("Trả lời yêu cầu gỡ bỏ"),
    "library.takedown.request": _("Nhận yêu cầu gỡ bỏ"),
    "library.term.save": _("Sửa danh mục"),
    "library.work.approve": _("Duyệt tài liệu"),
    "library.work.clear_sensitive": _("Cho phép đăng nội dung nhạy cảm"),
    "library.work.comment": _("Ghi chú về tài liệu"),
    "library.work.create": _("Tạo tài liệu"),
    "library.work.deposit": _("Gửi tài liệu"),
    "library.work.embargo_end": _("Hết hạn chưa công bố"),
    "library.work.file_add": _("Thêm tệp"),
    "library.work.file_replace": _("Thay tệp"),
    "library.work.freeze": _("Tạm dừng tài liệu"),
    "library.work.import": _("Nhập tài liệu"),
    "library.work.publish": _("Đăng tài liệu"),
    "library.work.relations": _("Sửa quan hệ văn bản"),
    "library.work.reread": _("Đọc lại tệp"),
    "library.work.restore": _("Đăng lại tài liệu"),
    "library.work.return": _("Trả lại tài liệu"),
    "library.work.submit": _("Gửi duyệt tài liệu"),
    "library.work.update": _("Sửa thông tin tài liệu"),
    "library.work.withdraw": _("Rút tài liệu"),
    "orgs.absence.cancel": _("Bỏ khai vắng mặt"),
    "orgs.absence.declare": _("Khai vắng mặt"),
    "orgs.membership.add": _("Giao vai trò"),
    "orgs.membership.drop": _("Bỏ vai trò"),
    "orgs.membership.end": _("Kết thúc vai trò"),
    "orgs.party.create": _("Thêm cơ sở bên ngoài"),
    "orgs.party.merge": _("Gộp cơ sở bên ngoài"),
    "orgs.party.update": _("Sửa cơ sở bên ngoài"),
    "orgs.sign_in.failed": _("Đăng nhập không thành công"),
    "orgs.sign_in.locked": _("Khóa đăng nhập tạm thời"),
    "orgs.sign_in.out": _("Đăng xuất"),
    "orgs.sign_in.second_factor_failed": _("Sai mã lớp thứ hai"),
    "orgs.sign_in.success": _("Đăng nhập"),
    "orgs.site.load": _("Nạp hồ sơ đơn vị"),
    "orgs.site.update": _("Sửa thông tin trang"),
    "orgs.unit.code": _("Ghi mã đơn vị"),
    "orgs.unit.create": _("Thêm đơn vị"),
    "orgs.unit.members": _("Sửa thành viên của khối"),
    "orgs.unit.succession": _("Ghi đơn vị kế thừa"),
    "orgs.unit.update": _("Sửa đơn vị"),
    "orgs.user.activate": _("Mở hoặc khóa tài khoản"),
    "orgs.user.create": _("Thêm người dùng"),
    "orgs.user.temporary_password": _("Cấp mật khẩu tạm"),
    "orgs.user.unlock": _("Mở khóa đăng nhập"),
    "orgs.user.update": _("Sửa người dùng"),
}


def action_label(action: str) -> str:
    """Return the words for a deed; a deed without words of its own keeps the name of its area."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    for area, label in AREAS.items():
        if action.startswith(f"{area}."):
            return f"{label}: {action.removeprefix(area + '.')}"
    return action
