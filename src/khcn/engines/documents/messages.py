"""Every sentence the reading of documents says to a person, in one table.

Engines know no gettext: a caller with a request translates ``TEMPLATES[code]`` and fills it with the same
parameters. ``%(pages)s`` is a list of page numbers such as "2, 5-7".
"""

from collections.abc import Iterable, Mapping
from typing import Final

ERRORS: Final[dict[str, str]] = {
    "empty": "Tệp rỗng (0 byte), không có gì để đọc. Hãy kiểm tra lại tệp gốc rồi tải lên lần nữa.",
    "missing": "Không tìm thấy hoặc không mở được tệp. Hãy tải tệp lên lần nữa.",
    "encrypted": "Tệp được đặt mật khẩu nên không đọc được nội dung. Hãy bỏ mật khẩu (mở tệp, lưu bản không đặt "
    "mật khẩu) rồi tải lên lại.",
    "corrupt": "Tệp bị hỏng hoặc bị cắt mất một phần nên không đọc được. Hãy lấy lại bản đầy đủ từ nơi gửi, mở thử "
    "trên máy rồi tải lên lại.",
    "unsupported": "Chưa đọc được loại tệp này (%(type)s). Hãy lưu thành PDF, DOCX hoặc ODT rồi tải lên lại.",
    "executable": "Tệp là chương trình chạy được (%(type)s), thư viện không nhận loại này. Nếu bạn cần gửi tài liệu, "
    "hãy gửi chính tài liệu đó ở dạng PDF hoặc DOCX.",
    "archive": "Tệp là một gói nén (ZIP), không phải một tài liệu. Hãy giải nén rồi tải các tệp bên trong lên, hoặc "
    "dùng chức năng nhập cả gói.",
    "too_large": "Tệp quá lớn (%(size)s, mức cho phép %(limit)s). Hãy chia nhỏ tệp hoặc quét lại ở độ phân giải thấp "
    "hơn (200-300 dpi) rồi tải lên lại.",
    "bomb": "Tệp nén bung ra quá lớn so với kích thước của nó nên bị từ chối vì có thể gây hại cho máy chủ. Nếu đây là "
    "tài liệu thật, hãy lưu lại bằng phần mềm soạn thảo rồi tải lên lại.",
    "timeout": "Đọc tệp quá lâu (hơn %(seconds)s giây) nên đã dừng. Hãy thử lại; nếu vẫn vậy, hãy chia nhỏ tệp hoặc "
    "lưu thành PDF.",
    "memory": "Đọc tệp cần nhiều bộ nhớ hơn mức cho phép nên đã dừng. Hãy chia nhỏ tệp hoặc lưu thành PDF rồi thử "
    "lại.",
    "disk_full": "Máy chủ hết chỗ trên ổ đĩa nên chưa đọc được tệp. Tệp đã lưu không mất; hãy báo quản trị viên dọn "
    "chỗ rồi bấm thử lại.",
    "crashed": "Bộ đọc tài liệu bị ngắt khi đang đọc tệp, có thể do tệp bị hỏng. Hãy thử lại; nếu vẫn vậy, hãy mở tệp "
    "trên máy và lưu lại bản mới.",
    "missing_tool": "Máy chủ chưa cài %(tool)s nên chưa đọc được loại tệp này. Hãy báo quản trị viên cài thêm (gói "
    "%(package)s), hoặc lưu tệp thành PDF hay DOCX rồi tải lên lại.",
    "no_page": "Tài liệu không có trang %(page)s. Hãy chọn trang khác.",
    "no_preview": "Loại tệp này không có hình xem trước. Bạn vẫn có thể đọc phần chữ hoặc tải tệp về.",
    # Members of an archive
    "path_escape": "Bỏ qua vì đường dẫn trong gói chỉ ra ngoài thư mục (%(name)s). Hãy nén lại gói với đường dẫn bình "
    "thường.",
    "symlink": "Bỏ qua %(name)s vì đây là liên kết, không phải tệp. Hãy đưa chính tệp vào gói.",
    "special_file": "Bỏ qua %(name)s vì đây không phải tệp thường.",
    "nested_archive": "Bỏ qua gói nén nằm sâu trong gói khác (%(name)s). Hãy giải nén trước rồi nhập lại.",
    "too_many_entries": "Gói có quá nhiều tệp (mức cho phép %(limit)s); phần còn lại chưa được nhập. Hãy chia thành "
    "nhiều gói nhỏ.",
    "bad_entry": "Không giải nén được %(name)s vì phần này của gói bị hỏng. Hãy nén lại gói rồi nhập lại tệp này.",
    "entry_encrypted": "%(name)s trong gói được đặt mật khẩu nên không đọc được. Hãy nén lại không đặt mật khẩu.",
    "entry_bomb": "%(name)s bung ra quá lớn so với kích thước nén nên bị bỏ qua.",
    "entry_too_large": "%(name)s lớn hơn mức cho phép (%(limit)s) nên bị bỏ qua. Hãy chia nhỏ tệp.",
}

WARNINGS: Final[dict[str, str]] = {
    "macros": "Tệp có macro. Macro không được chạy và không ảnh hưởng tới phần chữ; người tải về cần thận trọng.",
    "extension": "Đuôi tệp (%(extension)s) không khớp với nội dung (%(type)s). Tệp được đọc theo nội dung; bạn nên đổi "
    "lại tên tệp cho đúng.",
    "polyglot": "Tệp chứa thêm dữ liệu của loại khác (%(type)s) nằm lẫn bên trong. Chỉ phần %(kind)s được đọc; bạn nên "
    "kiểm tra nguồn gốc tệp.",
    "scripts": "Tệp có mã chạy kèm theo (script). Mã đã bị bỏ, chỉ phần chữ được giữ.",
    "attachments": "Tệp có đính kèm %(count)s tệp khác bên trong. Nội dung các tệp đó chưa được đọc; nếu cần, hãy tải "
    "riêng từng tệp lên.",
    "ocr_unavailable": "Trang %(pages)s là ảnh quét, chưa đọc được chữ vì máy chủ chưa cài tesseract với tiếng Việt "
    "(gói tesseract-ocr, tesseract-ocr-vie). Sau khi cài, hãy bấm đọc lại.",
    "ocr_off": "Trang %(pages)s là ảnh quét, chưa đọc được chữ vì chức năng nhận dạng đang tắt. Hãy bật nhận dạng rồi "
    "bấm đọc lại.",
    "ocr_failed": "Trang %(pages)s là ảnh quét nhưng nhận dạng chữ không thành. Hãy bấm đọc lại hoặc quét lại trang "
    "này rõ hơn.",
    "ocr_low": "Trang %(pages)s nhận dạng chữ chưa chắc chắn, có thể sai. Hãy đối chiếu với ảnh trang và sửa lại.",
    "ocr_limit": "Trang %(pages)s chưa nhận dạng vì tài liệu có quá nhiều trang quét. Hãy chia nhỏ tài liệu.",
    "page_empty": "Trang %(pages)s không có chữ nào. Nếu trang có chữ, hãy quét lại rõ hơn.",
    "page_failed": "Trang %(pages)s bị hỏng, không đọc được. Các trang khác vẫn dùng được; hãy lấy lại bản đầy đủ nếu "
    "cần trang này.",
    "page_truncated": "Trang %(pages)s quá dài, chỉ phần đầu (%(limit)s ký tự) được giữ để tìm kiếm.",
    "pages_truncated": "Tài liệu có %(total)s trang; chỉ %(limit)s trang đầu được đọc để tìm kiếm. Hãy chia nhỏ tài "
    "liệu nếu cần tìm trong phần còn lại.",
    "text_truncated": "Tài liệu quá dài; phần chữ từ trang %(pages)s trở đi không được đọc. Hãy chia nhỏ tài liệu.",
    "repaired": "Tệp bị lỗi cấu trúc (có thể bị cắt mất phần cuối) nhưng vẫn đọc được phần còn lại. Hãy kiểm tra xem "
    "tài liệu có đủ không.",
    "encoding_uncertain": "Trang %(pages)s có thể viết bằng bộ mã cũ nhưng chưa chắc chắn là bộ mã nào. Hãy đọc lại "
    "xem chữ có đúng không.",
    "no_text": "Không tìm thấy chữ nào trong tệp nên không tìm kiếm được theo nội dung. Hãy điền tiêu đề và tóm tắt.",
}

TEMPLATES: Final[dict[str, str]] = {**ERRORS, **WARNINGS}


def page_list(pages: Iterable[int]) -> str:
    """Return page numbers as people write them: ``2, 5-7``. At most 12 ranges are named."""
    ranges: list[list[int]] = []
    for page in sorted(set(pages)):
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    named = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:12]]
    return ", ".join(named) + (", ..." if len(ranges) > 12 else "")


def message_text(code: str, params: Mapping[str, object], pages: Iterable[int]) -> str:
    """Return the Vietnamese sentence for ``code``. Raises ``KeyError`` for a code that has no sentence."""
    return TEMPLATES[code] % {"pages": page_list(pages), **params}


def size_text(size: int) -> str:
    """Return a file size as Vietnamese readers expect it: ``1,5 GB``, ``20 MB``, ``300 KB``."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0").replace(".", ",") + f" {unit}"
    return f"{size} byte"
