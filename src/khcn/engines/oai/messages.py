"""Every sentence the harvesting says to a person, in one table.

Engines know no gettext: a caller with a request translates ``TEMPLATES[code]`` and fills it with the same parameters.
"""

from collections.abc import Mapping
from typing import Any, Final

ANSWERS: Final[dict[str, str]] = {
    "bad_address": "Địa chỉ “%(address)s” không dùng được. Hãy chép lại địa chỉ OAI-PMH đầy đủ, bắt đầu bằng http:// "
    "hoặc https://, không kèm tên và mật khẩu.",
    "refused_address": "Máy chủ “%(host)s” nằm ở địa chỉ nội bộ không được phép kết nối. Hãy kiểm tra lại địa chỉ, hoặc "
    "hỏi người quản trị hệ thống.",
    "no_host": "Không tìm thấy máy chủ “%(host)s”. Hãy kiểm tra chính tả của địa chỉ, hoặc thử lại sau nếu mạng đang có "
    "trục trặc.",
    "connect": "Không kết nối được với “%(host)s”. Có thể máy chủ của nguồn đang tắt; hệ thống sẽ thử lại, nếu kéo dài "
    "hãy báo cho bên quản lý nguồn.",
    "tls": "Chứng chỉ bảo mật của “%(host)s” không hợp lệ nên chưa kết nối. Hãy báo cho bên quản lý nguồn.",
    "slow": "Nguồn trả lời quá chậm (hơn %(seconds)s giây cho một trang) nên đã dừng. Hệ thống sẽ thử lại; nếu vẫn vậy, "
    "hãy báo cho bên quản lý nguồn.",
    "cut": "Nguồn ngắt kết nối khi đang trả lời. Hệ thống sẽ thử lại từ chỗ dừng.",
    "too_large": "Một câu trả lời của nguồn lớn hơn mức cho phép (%(limit)s MB) nên bị từ chối. Hãy chọn bộ nhỏ hơn, "
    "hoặc báo cho bên quản lý nguồn chia trang nhỏ hơn.",
    "packed_badly": "Nguồn gửi dữ liệu nén mà không giải nén được. Hãy báo cho bên quản lý nguồn.",
    "http": "Nguồn trả lời bằng lỗi HTTP %(status)s. Hệ thống sẽ thử lại; nếu kéo dài, hãy kiểm tra địa chỉ hoặc báo "
    "cho bên quản lý nguồn.",
    "busy": "Nguồn đang bận và xin chờ %(seconds)s giây. Hệ thống sẽ thử lại sau.",
    "redirects": "Nguồn chuyển hướng lòng vòng quá %(limit)s lần. Hãy hỏi bên quản lý nguồn địa chỉ OAI-PMH hiện nay.",
    "redirect_down": "Nguồn chuyển từ địa chỉ bảo mật sang địa chỉ không bảo mật nên đã dừng. Hãy hỏi bên quản lý nguồn "
    "địa chỉ OAI-PMH đúng.",
    "not_xml": "Câu trả lời của nguồn không phải XML đọc được. Hãy kiểm tra địa chỉ có đúng là địa chỉ OAI-PMH "
    "không (không phải trang web cho người đọc).",
    "doctype": "Câu trả lời của nguồn chứa khai báo DOCTYPE, thứ có thể gây hại cho máy chủ, nên bị từ chối. Hãy báo cho "
    "bên quản lý nguồn.",
    "not_oai": "Câu trả lời của nguồn không theo giao thức OAI-PMH. Hãy kiểm tra địa chỉ với bên quản lý nguồn.",
    "oai": "Nguồn từ chối yêu cầu (%(error)s: %(text)s). Hãy kiểm tra bộ và định dạng đã chọn.",
    "token_loop": "Nguồn đưa lại đúng mã trang đã đưa, nên việc thu thập sẽ không bao giờ hết và đã dừng. Những trang đã "
    "nhận vẫn được giữ. Hãy báo cho bên quản lý nguồn.",
    "empty_pages": "Nguồn trả lời %(limit)s trang trống liền nhau mà vẫn nói còn nữa, nên đã dừng. Hãy báo cho bên quản "
    "lý nguồn.",
    "too_many": "Nguồn trả về hơn %(limit)s biểu ghi trong một lần nên đã dừng. Hãy chọn một bộ nhỏ hơn.",
}

RECORDS: Final[dict[str, str]] = {
    "bad_record": "Biểu ghi không đọc được vì XML bị hỏng. Các biểu ghi khác không bị ảnh hưởng; khi nguồn sửa, biểu ghi "
    "sẽ được nhận ở lần sau.",
    "too_deep": "Biểu ghi lồng quá sâu hoặc quá lớn nên bị bỏ qua. Hãy báo cho bên quản lý nguồn.",
    "no_identifier": "Biểu ghi không có mã OAI nên không theo dõi được và bị bỏ qua. Hãy báo cho bên quản lý nguồn.",
    "no_metadata": "Biểu ghi không có phần mô tả. Khi nguồn bổ sung, biểu ghi sẽ được nhận ở lần sau.",
    "no_title": "Biểu ghi không có nhan đề nên chưa đưa vào thư viện. Khi nguồn bổ sung, biểu ghi sẽ được nhận ở lần sau.",
    "broken_text": "Nhan đề có chữ bị hỏng do sai bảng mã nên chưa đưa vào thư viện. Hãy báo cho bên quản lý nguồn; khi "
    "nguồn sửa, biểu ghi sẽ được nhận ở lần sau.",
}

NOTES: Final[dict[str, str]] = {
    "html": "Đã bỏ thẻ HTML trong mô tả.",
    "control": "Đã bỏ ký tự điều khiển trong mô tả.",
    "long": "Một trường dài quá mức cho phép nên đã cắt bớt.",
    "charset": "Nguồn khai sai bảng mã; chữ đã được đọc theo bảng mã thật.",
    "broken_text": "Trong mô tả có chữ bị hỏng do sai bảng mã ở nguồn.",
    "repaired": "XML của trang có lỗi và đã được đọc theo cách sửa tạm.",
}

TEMPLATES: Final[dict[str, str]] = {**ANSWERS, **RECORDS}


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the Vietnamese sentence of ``code`` with its values filled in."""
    return TEMPLATES[code] % dict(params or {})
