"""Pure rules of messages: placeholders are five names and nothing else; every kind has a text to begin with."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

PLACES: Final = ("name", "title", "when", "where", "link")
_BRACED: Final = re.compile(r"\{([^{}]*)\}")
END_EN: Final = "\n\n— English —\n"


class Words(NamedTuple):
    """The text that a kind begins with."""

    subject: str
    body: str
    subject_en: str
    body_en: str


_HELLO, _HELLO_EN = "Kính gửi {name},\n\n", "Dear {name},\n\n"
DEFAULTS: Final[Mapping[str, Words]] = {
    "reminder": Words(
        "Nhắc lịch: {title}",
        _HELLO + "{title} diễn ra {when}, tại {where}. Mời bạn đến đúng giờ. Nếu không đến được, xin báo tại: {link}",
        "Reminder: {title}",
        _HELLO_EN + "{title} takes place {when} at {where}. If you cannot come, please tell us here: {link}",
    ),
    "change": Words(
        "Thay đổi: {title}", _HELLO + "{title} có thay đổi: … Lịch hiện nay: {when}, tại {where}. Xem tại: {link}",
        "Change: {title}", _HELLO_EN + "{title} has changed. It now takes place {when} at {where}. See: {link}",
    ),
    "result": Words(
        "Kết quả: {title}", _HELLO + "Cảm ơn bạn đã tham gia {title}. Kết quả và giấy chứng nhận (nếu có) ở: {link}",
        "Results: {title}", _HELLO_EN + "Thank you for taking part in {title}. Results and certificates: {link}",
    ),
    "custom": Words("{title}", _HELLO + "…\n\nXem tại: {link}", "", ""),
    "announcement": Words(
        "Mời tham gia hoạt động mới", _HELLO + "…\n\nBạn nhận tin này vì đã đồng ý nhận tin về hoạt động khác. Thôi nhận tin tại: {link}",
        "", "",
    ),
    "confirmed": Words(
        "Đã có chỗ: {title}", _HELLO + "Bạn đã có chỗ ở {title}, {when}, tại {where}. Vé và cách hủy ở: {link}",
        "Confirmed: {title}", _HELLO_EN + "You have a seat at {title}, {when}, {where}. Ticket: {link}",
    ),
    "promoted": Words(
        "Bạn đã được nhận: {title}",
        _HELLO + "Có chỗ trống nên bạn được nhận từ danh sách chờ của {title}, {when}, tại {where}. Nếu không đến được, xin hủy tại: {link}",
        "A seat for you: {title}", _HELLO_EN + "A seat became free at {title}, {when}, {where}. Details: {link}",
    ),
    "cancelled": Words(
        "Hủy: {title}", _HELLO + "Rất tiếc, buổi {when} của {title} đã hủy. Xem tại: {link}",
        "Cancelled: {title}", _HELLO_EN + "We are sorry: {title}, {when}, is cancelled. See: {link}",
    ),
}  # fmt: skip
WHOLE_CANCELLED: Final = Words(
    "Hủy: {title}",
    _HELLO + "Rất tiếc, {title} đã hủy, mọi buổi còn lại không diễn ra. Bạn không cần làm gì thêm. Lý do xem tại: {link}",
    "Cancelled: {title}",
    _HELLO_EN + "We are sorry: {title} is cancelled, with all its sessions to come. There is nothing you need to do. Why: {link}",
)  # fmt: skip


def words_of(kind: str, *, whole: bool) -> Words:
    """Return the text that a kind begins with; ``whole``: it is about the programme and no one session."""
    return WHOLE_CANCELLED if whole and kind == "cancelled" else DEFAULTS[kind]


def strange_places(*texts: str) -> list[str]:
    """Return what stands in braces and is no placeholder."""
    return sorted({one[:40] for text in texts for one in _BRACED.findall(text) if one not in PLACES})


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in, in one pass: braces inside a value stay text, and nothing is ever looked up on an object."""
    return _BRACED.sub(lambda found: values.get(found[1], found[0]) if found[1] in PLACES else found[0], text)


def masked(address: str) -> str:
    """Return an address that tells nothing to who need not know it."""
    head, at, host = address.partition("@")
    return f"{head[:1]}***@{host}" if at else f"***{address[-3:]}"
