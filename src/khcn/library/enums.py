"""States and kinds of the library, with the named sets that rules and queries speak of."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WorkKind(TextChoices):
    """What a work is."""

    ARTICLE = "article", _("Bài viết")
    DOCUMENT = "document", _("Tài liệu")
    REPORT = "report", _("Báo cáo")
    LEGAL = "legal", _("Văn bản")
    LEARNING = "learning", _("Học liệu")
    RESEARCH = "research", _("Đề tài nghiên cứu")
    LINK = "link", _("Liên kết")
    VIDEO = "video", _("Video")


FILE_KINDS = frozenset(
    {WorkKind.DOCUMENT, WorkKind.REPORT, WorkKind.LEGAL, WorkKind.LEARNING, WorkKind.RESEARCH}
)
ADDRESS_KINDS = frozenset({WorkKind.LINK, WorkKind.VIDEO})


class WorkState(TextChoices):
    """Where a work stands between its first draft and its tombstone."""

    DRAFT = "draft", _("Bản nháp")
    SUBMITTED = "submitted", _("Chờ duyệt")
    RETURNED = "returned", _("Trả lại để sửa")
    APPROVED = "approved", _("Đã duyệt, chờ đăng")
    PUBLISHED = "published", _("Đã đăng")
    FROZEN = "frozen", _("Tạm dừng")
    WITHDRAWN = "withdrawn", _("Đã rút")


OPEN_STATES = frozenset({WorkState.DRAFT, WorkState.RETURNED})  # the depositor may still change it
REVIEWABLE_STATES = frozenset({WorkState.SUBMITTED})
PUBLISHABLE_STATES = frozenset({WorkState.SUBMITTED, WorkState.APPROVED})
WITHDRAWABLE_STATES = frozenset({WorkState.PUBLISHED, WorkState.FROZEN, WorkState.APPROVED})
RESTORABLE_STATES = frozenset({WorkState.FROZEN, WorkState.WITHDRAWN})
TOMBSTONE_STATES = frozenset(
    {WorkState.FROZEN, WorkState.WITHDRAWN}
)  # the public sees that it was here, and why not


class Visibility(TextChoices):
    """Who may read a published work."""

    PUBLIC = "public", _("Mọi người")
    SIGNED_IN = "signed_in", _("Người đã đăng nhập")
    UNITS = "units", _("Một số đơn vị")


class Rights(TextChoices):
    """Under what terms a work may be used."""

    OFFICIAL = "official", _("Văn bản hành chính, pháp luật (không thuộc phạm vi bảo hộ quyền tác giả)")
    PUBLIC_DOMAIN = "public-domain", _("Thuộc về công chúng")
    CC_BY = "cc-by-4.0", _("CC BY 4.0: dùng tự do, ghi nguồn")
    CC_BY_SA = "cc-by-sa-4.0", _("CC BY-SA 4.0: dùng tự do, ghi nguồn, chia sẻ tương tự")
    CC_BY_NC = "cc-by-nc-4.0", _("CC BY-NC 4.0: không dùng để kinh doanh, ghi nguồn")
    RESERVED = "all-rights-reserved", _("Giữ mọi quyền: chỉ để đọc")
    UNKNOWN = "unknown", _("Chưa rõ quyền sử dụng")


class Validity(TextChoices):
    """Whether a legal document binds on a given day. Always computed from its dates, never stored."""

    NOT_YET = "not_yet", _("Chưa có hiệu lực")
    IN_FORCE = "in_force", _("Còn hiệu lực")
    EXPIRED = "expired", _("Hết hiệu lực")
    UNKNOWN = "unknown", _("Chưa rõ hiệu lực")


class Priority(TextChoices):
    """Urgency stamps of Decree 30/2020."""

    NORMAL = "", _("Thường")
    URGENT = "khan", _("Khẩn")
    VERY_URGENT = "thuong-khan", _("Thượng khẩn")
    EXPRESS = "hoa-toc", _("Hoả tốc")


class RelationKind(TextChoices):
    """How one work stands to another, read from the first to the second."""

    AMENDS = "amends", _("sửa đổi, bổ sung")
    REPLACES = "replaces", _("thay thế")
    REPEALS = "repeals", _("bãi bỏ, làm hết hiệu lực")
    CORRECTS = "corrects", _("đính chính")
    CONSOLIDATES = "consolidates", _("hợp nhất")
    SUSPENDS = "suspends", _("ngưng hiệu lực")
    GUIDES = "guides", _("hướng dẫn thi hành")
    BASED_ON = "based_on", _("căn cứ vào")
    RELATED = "related", _("liên quan đến")


INVERSE_RELATION_LABELS = {
    RelationKind.AMENDS: _("được sửa đổi, bổ sung bởi"),
    RelationKind.REPLACES: _("bị thay thế bởi"),
    RelationKind.REPEALS: _("bị bãi bỏ, hết hiệu lực bởi"),
    RelationKind.CORRECTS: _("được đính chính bởi"),
    RelationKind.CONSOLIDATES: _("được hợp nhất trong"),
    RelationKind.SUSPENDS: _("bị ngưng hiệu lực bởi"),
    RelationKind.GUIDES: _("được hướng dẫn bởi"),
    RelationKind.BASED_ON: _("là căn cứ của"),
    RelationKind.RELATED: _("liên quan đến"),
}


class RelationSource(TextChoices):
    """Where a relation comes from. What a machine read and nobody checked decides nothing."""

    STATED = "stated", _("có trong hồ sơ tài liệu")
    PROPOSED = "proposed", _("máy đọc từ văn bản, chưa ai kiểm")
    ACCEPTED = "accepted", _("đọc từ văn bản, biên tập viên đã kiểm")


CHECKED_SOURCES = frozenset({RelationSource.STATED, RelationSource.ACCEPTED})


class ProposalKind(TextChoices):
    """What a document's text seems to say: a relation to another, or a date of its own."""

    BASED_ON = "based_on", RelationKind.BASED_ON.label
    AMENDS = "amends", RelationKind.AMENDS.label
    REPLACES = "replaces", RelationKind.REPLACES.label
    REPEALS = "repeals", RelationKind.REPEALS.label
    CORRECTS = "corrects", RelationKind.CORRECTS.label
    CONSOLIDATES = "consolidates", RelationKind.CONSOLIDATES.label
    SUSPENDS = "suspends", RelationKind.SUSPENDS.label
    GUIDES = "guides", RelationKind.GUIDES.label
    EFFECTIVE = "effective", _("có hiệu lực từ ngày")
    EXPIRED = "expired", _("hết hiệu lực từ ngày")


DATE_PROPOSALS = frozenset({ProposalKind.EFFECTIVE, ProposalKind.EXPIRED})


class ProposalState(TextChoices):
    """What an editor made of a proposal."""

    WAITING = "waiting", _("Chờ xem")
    ACCEPTED = "accepted", _("Đã chấp nhận")
    REFUSED = "refused", _("Đã bỏ qua")


class TextSource(TextChoices):
    """Where the text of a page comes from."""

    TEXT = "text", _("văn bản gốc")
    OCR = "ocr", _("nhận dạng từ ảnh")


class ItemState(TextChoices):
    """What became of one file of an import. Every file ends in one of the last three."""

    PENDING = "pending", _("Chờ xử lý")
    PROCESSING = "processing", _("Đang xử lý")
    READY = "ready", _("Sẵn sàng")
    WARNINGS = "ready_with_warnings", _("Sẵn sàng, có lưu ý")
    FAILED = "failed", _("Không đọc được")


FINISHED_ITEM_STATES = frozenset({ItemState.READY, ItemState.WARNINGS, ItemState.FAILED})
UNFINISHED_ITEM_STATES = frozenset({ItemState.PENDING, ItemState.PROCESSING})


class BatchState(TextChoices):
    """Where an import stands."""

    RUNNING = "running", _("Đang chạy")
    DONE = "done", _("Xong")
    FAILED = "failed", _("Dừng vì lỗi")


class BatchOrigin(TextChoices):
    """How an import came in."""

    WEB = "web", _("Biểu mẫu trên web")
    FILES = "files", _("Lệnh nhập tệp")
    JSONL = "jsonl", _("Lệnh nhập JSONL")
    DEMO = "demo", _("Nội dung mẫu")
    API = "api", _("Chương trình gửi qua API")


class NoteKind(TextChoices):
    """Why somebody wrote a note on a work."""

    RETURN = "return", _("Trả lại")
    COMMENT = "comment", _("Ghi chú")
    WITHDRAW = "withdraw", _("Rút hoặc tạm dừng")
    CLEAR = "clear", _("Cho phép đăng nội dung nhạy cảm")


class TakedownState(TextChoices):
    """What became of a request to take a work down."""

    OPEN = "open", _("Chờ xử lý")
    UPHELD = "upheld", _("Đã chấp nhận")
    REJECTED = "rejected", _("Không chấp nhận")


class TakedownReason(TextChoices):
    """Why somebody asks for a work to be taken down."""

    COPYRIGHT = "copyright", _("Quyền tác giả")
    PERSONAL_DATA = "personal-data", _("Dữ liệu cá nhân")
    ERROR = "error", _("Nội dung sai")
    OTHER = "other", _("Lý do khác")


class Alert(TextChoices):
    """How often somebody wants to be told of new works."""

    NEVER = "never", _("Không báo")
    DAILY = "daily", _("Mỗi ngày một lần")
    WEEKLY = "weekly", _("Mỗi tuần một lần, sáng thứ Hai")


class FixityState(TextChoices):
    """What the last look at the bytes of an original found."""

    INTACT = "intact", _("Nguyên vẹn")
    CHANGED = "changed", _("Nội dung đã khác")
    MISSING = "missing", _("Không còn tệp")
    UNREADABLE = "unreadable", _("Không đọc được")


FIXITY_FAULTS = frozenset({FixityState.CHANGED, FixityState.MISSING, FixityState.UNREADABLE})


class AuthorityKind(TextChoices):
    """Whom a name stands for."""

    PERSON = "person", _("Người")
    ORGANISATION = "organisation", _("Cơ quan, tổ chức")


class TieRole(TextChoices):
    """What part somebody had in a work."""

    CREATOR = "creator", _("Tác giả")
    CONTRIBUTOR = "contributor", _("Người đóng góp")


class CatalogueState(TextChoices):
    """Where a file of catalogue records stands."""

    READING = "reading", _("Đang đọc")
    READY = "ready", _("Chờ xác nhận")
    RUNNING = "running", _("Đang nhập")
    DONE = "done", _("Đã nhập")
    FAILED = "failed", _("Dừng vì lỗi")
    DROPPED = "dropped", _("Đã bỏ")


CATALOGUE_ACTIVE_STATES = frozenset({CatalogueState.READING, CatalogueState.RUNNING})
