"""The columns of a list of works: every field of Decree 30/2020/NĐ-CP, annex VI, and those of the library.

Public columns are written from ``Record``, as every outside format is. What the decree's field numbers say about filing
stays with people who work in the library (``staff``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.exports.columns import Cell
from khcn.engines.records.types import Agent, Heading, LegalFacts, Record
from khcn.library.enums import Priority
from khcn.library.models import LegalRecord, Work, WorkRelation
from khcn.library.selectors.force import validity_on

NO_LEGAL: Final = LegalFacts()
Group = Literal["decree", "library", "desk"]


@dataclass(frozen=True, slots=True)
class Line:
    """One work in a list: its place (from 1), what everybody may know of it, and its rows for the staff's columns."""

    place: int
    record: Record
    work: Work
    legal: LegalRecord | None
    today: date
    ended_by: Sequence[WorkRelation] = ()

    @property
    def facts(self) -> LegalFacts:
        """The fields of an official document, empty ones for everything else."""
        return self.record.legal or NO_LEGAL


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column. ``mm``: its share of a paper's width; ``staff``: only for those who work on the desk."""

    key: str
    title: str | Promise
    value: Callable[[Line], Cell]
    mm: float = 25
    group: Group = "library"
    staff: bool = False
    right: bool = False


def _names(agents: Sequence[Agent]) -> str:
    return "; ".join(agent.name for agent in agents)


def _headings(headings: Sequence[Heading]) -> str:
    return "; ".join(heading.name for heading in headings)


def _validity(line: Line) -> str:
    if not line.legal or not line.record.legal:
        return ""
    validity = validity_on(line.legal, line.today, issued=line.record.issued, ended_by=line.ended_by)
    return str(validity.label)


def _decree(key: str, title: Promise, value: Callable[[Line], Cell], mm: float = 25) -> ListColumn:
    return ListColumn(key, title, value, mm, "decree")


def _filing(key: str, title: Promise, name: str) -> ListColumn:
    return ListColumn(key, title, lambda line: getattr(line.legal, name, None), 20, "decree", staff=True)


_ALL: Final[tuple[ListColumn, ...]] = (
    ListColumn("stt", _("STT"), lambda line: line.place, 10, "decree", right=True),
    _decree("so-ky-hieu", _("Số, ký hiệu"), lambda line: line.facts.number, 26),
    _decree("so", _("Số"), lambda line: line.facts.code_number, 14),
    _decree("ky-hieu", _("Ký hiệu"), lambda line: line.facts.code_notation, 20),
    _decree("ten-loai", _("Tên loại"), lambda line: line.facts.type_name, 22),
    _decree("ngay", _("Ngày, tháng, năm"), lambda line: line.record.issued, 22),
    _decree("co-quan", _("Cơ quan ban hành"), lambda line: line.facts.organ_name, 34),
    _decree("ma-co-quan", _("Mã cơ quan"), lambda line: line.facts.organ_id, 22),
    _decree("trich-yeu", _("Trích yếu, nhan đề"), lambda line: line.record.title, 70),
    _decree("ngon-ngu", _("Ngôn ngữ"), lambda line: line.record.language, 16),
    _decree("so-trang", _("Số trang"), lambda line: line.record.page_count or None, 14),
    _decree("ghi-chu", _("Tóm tắt, ghi chú"), lambda line: line.record.abstract, 60),
    _decree("chuc-vu", _("Chức vụ người ký"), lambda line: line.facts.signer_position, 26),
    _decree("nguoi-ky", _("Người ký"), lambda line: line.facts.signer_name, 26),
    _decree("noi-ban-hanh", _("Nơi ban hành"), lambda line: line.facts.place, 24),
    _decree("noi-nhan", _("Nơi nhận"), lambda line: "; ".join(line.facts.recipients), 40),
    _decree("do-khan", _("Mức độ khẩn"), lambda line: _priority(line.facts.priority), 18),
    _decree("so-ban", _("Số lượng bản phát hành"), lambda line: line.facts.issued_amount, 16),
    _decree("hieu-luc-tu", _("Có hiệu lực từ"), lambda line: line.facts.effective_date, 22),
    _decree("het-hieu-luc", _("Hết hiệu lực từ"), lambda line: line.facts.expired_date, 22),
    _decree("hieu-luc", _("Hiệu lực"), _validity, 22),
    _filing("han-tra-loi", _("Hạn trả lời"), "due_date"),
    _filing("nam-ho-so", _("Năm lập hồ sơ"), "file_catalog"),
    _filing("ma-ho-so", _("Mã hồ sơ"), "file_notation"),
    _filing("thu-tu-ho-so", _("Số thứ tự trong hồ sơ"), "doc_ordinal"),
    ListColumn("loai", _("Loại tài liệu"), lambda line: line.record.kind_label, 24),
    ListColumn("nhan-de-anh", _("Nhan đề tiếng Anh"), lambda line: line.record.title_en, 60),
    ListColumn("tac-gia", _("Tác giả"), lambda line: _names(line.record.creators), 34),
    ListColumn("dong-gop", _("Người đóng góp"), lambda line: _names(line.record.contributors), 34),
    ListColumn("nha-xuat-ban", _("Nhà xuất bản"), lambda line: line.record.publisher, 30),
    ListColumn("nam", _("Năm"), lambda line: line.record.year, 12),
    ListColumn("the-loai", _("Thể loại"), lambda line: line.record.resource_type, 24),
    ListColumn("chu-de", _("Chủ đề"), lambda line: _headings(line.record.subjects), 34),
    ListColumn("bo-suu-tap", _("Bộ sưu tập"), lambda line: _headings(line.record.collections), 34),
    ListColumn("doi-tuong", _("Dành cho"), lambda line: _headings(line.record.audiences), 26),
    ListColumn("ddc", _("Phân loại DDC"), lambda line: line.record.ddc, 18),
    ListColumn(
        "ma-dinh-danh",
        _("Mã định danh khác"),
        lambda line: "; ".join(f"{one.scheme}: {one.value}" for one in line.record.identifiers),
        34,
    ),
    ListColumn("ark", _("Mã bền vững (ARK)"), lambda line: line.record.ark, 34),
    ListColumn("quyen", _("Quyền sử dụng"), lambda line: line.record.rights_label, 34),
    ListColumn("nguon", _("Nguồn"), lambda line: line.record.source, 34),
    ListColumn("pham-vi", _("Phạm vi"), lambda line: line.record.coverage, 26),
    ListColumn("dia-chi", _("Địa chỉ trong thư viện"), lambda line: line.record.url, 50),
    ListColumn("ngay-dang", _("Ngày đăng"), lambda line: line.work.published_at, 22),
    ListColumn("so-tep", _("Số tệp"), lambda line: len(line.record.files), 12, right=True),
    ListColumn("ma", _("Mã trong thư viện"), lambda line: line.record.id, 14, right=True),
    ListColumn(
        "trang-thai", _("Trạng thái"), lambda line: line.work.get_state_display(), 24, "desk", staff=True
    ),
    ListColumn("ai-doc", _("Ai được đọc"), lambda line: line.work.get_visibility_display(), 24, "desk", True),
    ListColumn(
        "don-vi",
        _("Đơn vị"),
        lambda line: line.work.owner_unit.label if line.work.owner_unit else "",
        34,
        "desk",
        staff=True,
    ),
    ListColumn(
        "nguoi-gui",
        _("Người gửi"),
        lambda line: line.work.submitted_by.get_full_name() if line.work.submitted_by else "",
        30,
        "desk",
        staff=True,
    ),
    ListColumn("luot-xem", _("Lượt xem"), lambda line: line.work.view_count, 16, "desk", True, right=True),
    ListColumn(
        "luot-tai", _("Lượt tải"), lambda line: line.work.download_count, 16, "desk", True, right=True
    ),
)
DEFAULT: Final = ("stt", "so-ky-hieu", "ten-loai", "ngay", "co-quan", "trich-yeu", "loai")


def _priority(code: str) -> str:
    return str(Priority(code).label) if code in Priority.values and code else ""


def columns_for(*, staff: bool) -> tuple[ListColumn, ...]:
    """Return the columns that somebody may choose from, in their order."""
    return tuple(column for column in _ALL if staff or not column.staff)


def chosen_columns(keys: Sequence[str], *, staff: bool) -> tuple[ListColumn, ...]:
    """Return the columns of these keys that this person may have, in the order of the page; unknown ones are left out."""
    wanted = set(keys)
    return tuple(column for column in columns_for(staff=staff) if column.key in wanted)
