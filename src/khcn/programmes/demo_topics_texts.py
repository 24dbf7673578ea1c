"""The words of the demo's topics: invented people and organisations, figures for show only."""

from decimal import Decimal
from typing import Any, Final

from khcn.programmes.enums_topics import BudgetKind, ProductKind, TeamRole
from khcn.programmes.rules.topics import BudgetLine, Member, Product, Work
from khcn.programmes.services.topics_proposals import Proposal

M: Final = Decimal(1_000_000)
# key, title, points, what the best are given for
APPRAISAL: Final = (
    ("can-thiet", "Tính cần thiết đối với địa phương", 20, "Giải quyết việc cụ thể, có địa chỉ dùng"),
    ("muc-tieu", "Mục tiêu, nội dung", 25, "Rõ, đo được, đủ việc phải làm"),
    ("cach-lam", "Phương pháp, cách làm", 20, "Phù hợp, đã thử ở quy mô nhỏ"),
    ("san-pham", "Sản phẩm và khả năng ứng dụng", 20, "Có đơn vị nhận dùng"),
    ("nang-luc", "Năng lực và dự toán", 15, "Đủ người, dự toán có căn cứ"),
)
ACCEPTANCE: Final = (
    ("khoi-luong", "Mức độ hoàn thành khối lượng", 30, "Đủ các nội dung của hợp đồng"),
    ("chat-luong", "Chất lượng sản phẩm", 30, "Đạt yêu cầu đã đăng ký, có số đo"),
    ("ung-dung", "Khả năng ứng dụng", 25, "Đang dùng hoặc có đơn vị nhận dùng"),
    ("ho-so", "Báo cáo, hồ sơ, số liệu", 15, "Đủ, rõ, kiểm tra được"),
)
CLASSES: Final[list[dict[str, Any]]] = [
    {"key": "excellent", "title": "Xuất sắc", "least": "90"}, {"key": "good", "title": "Khá", "least": "80"},
    {"key": "pass", "title": "Đạt", "least": "65"}, {"key": "fail", "title": "Không đạt"},
]  # fmt: skip

STUDY: Final = Proposal(
    title="Ứng dụng thị giác máy tính phân tích lưu lượng thương mại tại các chợ nhà lồng (minh họa)",
    field="Công nghệ thông tin", organisation="Trung tâm Ứng dụng Công nghệ Mẫu", leader_name="Mẫu Thị Nghiên",
    leader_title="Thạc sĩ", leader_organisation="Trung tâm Ứng dụng Công nghệ Mẫu", months=12,
    summary="Đếm lượt khách vào các chợ nhà lồng bằng camera sẵn có, không lưu hình, không nhận mặt; giúp ban quản lý chợ và tiểu "
    "thương biết giờ đông, giờ vắng để sắp xếp bán hàng và an toàn.",
    objectives="Có số liệu lượt khách theo giờ của các chợ với sai số đo được; đề xuất cách dùng số liệu cho quản lý chợ.",
    methods="Khảo sát cửa chợ; vẽ vạch đếm; chạy mô hình phát hiện người ngay tại chợ; đếm tay đối chứng; đánh giá sai số.",
    members=(
        Member("Thử Văn Mạch", TeamRole.SECRETARY, "Trung tâm Ứng dụng Công nghệ Mẫu", "Kỹ sư"),
        Member("Ví Thị Số", TeamRole.MEMBER, "Trường Đại học Mẫu", "Tiến sĩ"),
        Member("Minh Văn Đo", TeamRole.MEMBER, "Trung tâm Ứng dụng Công nghệ Mẫu", "Kỹ sư"),
    ),
    works=(
        Work("Khảo sát các chợ, chọn vị trí đếm", 1, 2), Work("Lắp đặt, chạy thử, đếm tay đối chứng", 2, 6),
        Work("Đo dài ngày, phân tích giờ đông", 5, 11), Work("Viết báo cáo, bàn giao số liệu", 10, 12),
    ),
    budget=(
        BudgetLine(BudgetKind.LABOUR, "Công lao động khoa học", 110 * M), BudgetLine(BudgetKind.EQUIPMENT, "Máy tính nhỏ tại chợ", 45 * M, 10 * M),
        BudgetLine(BudgetKind.TRAVEL, "Khảo sát, đếm tay đối chứng", 15 * M), BudgetLine(BudgetKind.OTHER, "Hội thảo, in ấn", 10 * M, 5 * M),
    ),
    products=(
        Product(ProductKind.SOFTWARE, "Phần mềm đếm khách tại chợ", "Sai số không quá 10% ở cửa chính"),
        Product(ProductKind.DATASET, "Bộ số liệu lượt khách theo giờ", "Ít nhất 90 ngày ở mỗi chợ"),
        Product(ProductKind.PAPER, "Báo cáo kết quả nghiên cứu"),
        Product(ProductKind.IP_RIGHT, "Đăng ký quyền tác giả phần mềm"),
    ),
)  # fmt: skip
# title, what is handed in, due in days from now, millions
STUDY_PLAN: Final = (
    ("Khảo sát và chọn vị trí", "Báo cáo khảo sát, bản vẽ vạch đếm", -100, 54),
    ("Chạy thử ở hai chợ", "Phần mềm chạy thử, bảng đối chứng đếm tay", -10, 54),
    ("Đo dài ngày", "Bộ số liệu 90 ngày", 12, 45),
    ("Tổng kết", "Báo cáo tổng kết, bàn giao số liệu", 220, 27),
)
# figures that other rooms offer: key, baseline, target, lower is better
MEASURES: Final = (
    ("markets.visitors", Decimal(0), Decimal(500_000), False), ("markets.visitors_per_day", None, None, False),
    ("markets.days_measured", Decimal(0), Decimal(90), False), ("markets.measured_error", None, Decimal(10), True),
)  # fmt: skip

DONE: Final = Proposal(
    title="Quy trình ủ phân từ rác hữu cơ của bếp ăn bán trú (minh họa)", field="Môi trường",
    organisation="Trung tâm Môi trường Mẫu", leader_name="Ví Văn Xanh", leader_title="Kỹ sư",
    leader_organisation="Trung tâm Môi trường Mẫu", months=10,
    summary="Quy trình đơn giản để bếp ăn bán trú của trường tự ủ rác hữu cơ thành phân bón cho vườn trường.",
    objectives="Có quy trình một trang, an toàn, học sinh và cấp dưỡng làm được.",
    methods="Thử ba cách ủ ở hai trường trong hai học kỳ, đo khối lượng, nhiệt độ và mùi.",
    members=(Member("Thử Thị Lá", TeamRole.SECRETARY, "Trung tâm Môi trường Mẫu"),),
    works=(Work("Thử ba cách ủ", 1, 6), Work("Viết quy trình, tập huấn", 6, 10)),
    budget=(BudgetLine(BudgetKind.LABOUR, "Công lao động", 60 * M), BudgetLine(BudgetKind.MATERIAL, "Thùng ủ, chế phẩm", 30 * M)),
    products=(Product(ProductKind.PROCESS, "Quy trình ủ phân một trang"), Product(ProductKind.TRAINING, "Buổi tập huấn cho cấp dưỡng", quantity=2)),
)  # fmt: skip
DONE_PLAN: Final = (
    ("Thử nghiệm", "Báo cáo thử nghiệm ở hai trường", -500, 50),
    ("Tổng kết", "Quy trình, báo cáo tổng kết", -262, 40),
)

WATER: Final = Proposal(
    title="Thu nước mưa tưới cây ở khuôn viên công sở (minh họa)", field="Môi trường", organisation="Tổ nghiên cứu Mẫu",
    leader_name="Mẫu Văn Mưa", leader_title="Kỹ sư", leader_organisation="Tổ nghiên cứu Mẫu", months=8,
    summary="Thu nước mưa từ mái công sở để tưới cây, giảm lượng nước máy dùng cho tưới.",
    objectives="Có bộ thu nước mưa giá rẻ, lắp được trong một ngày, đo được lượng nước tiết kiệm.",
    methods="Lắp thử ở hai công sở, đo lưu lượng từng tháng, so với hóa đơn nước cùng kỳ.",
    members=(Member("Thử Thị Giọt", TeamRole.SECRETARY, "Tổ nghiên cứu Mẫu"),),
    works=(Work("Thiết kế, lắp thử", 1, 3), Work("Đo và đánh giá", 3, 8)),
    budget=(BudgetLine(BudgetKind.MATERIAL, "Bồn, ống, đồng hồ", 40 * M), BudgetLine(BudgetKind.LABOUR, "Công lao động", 35 * M)),
    products=(Product(ProductKind.DEVICE, "Bộ thu nước mưa"), Product(ProductKind.PROCESS, "Hướng dẫn lắp đặt")),
)  # fmt: skip
DUST: Final = Proposal(
    title="Đo bụi giá rẻ ở cổng trường học (minh họa)", field="Môi trường", organisation="Công ty TNHH Cảm biến Mẫu",
    leader_name="Ví Thị Bụi", leader_title="Thạc sĩ", leader_organisation="Công ty TNHH Cảm biến Mẫu", months=9,
    summary="Đặt thiết bị đo bụi giá rẻ ở cổng trường để biết giờ nào nên hạn chế xe nổ máy chờ.",
    objectives="Có số liệu bụi theo giờ ở năm cổng trường và khuyến nghị cho phụ huynh.",
    methods="Hiệu chuẩn với máy chuẩn, đo sáu tháng, phân tích theo giờ đưa đón.",
    works=(Work("Hiệu chuẩn", 1, 2), Work("Đo, phân tích", 3, 9)),
    budget=(BudgetLine(BudgetKind.EQUIPMENT, "Thiết bị đo", 50 * M, 20 * M), BudgetLine(BudgetKind.LABOUR, "Công lao động", 40 * M)),
    products=(Product(ProductKind.DATASET, "Số liệu bụi theo giờ"), Product(ProductKind.PAPER, "Báo cáo khuyến nghị")),
)  # fmt: skip
