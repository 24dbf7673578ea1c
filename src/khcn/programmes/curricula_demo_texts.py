"""The words of the demo lessons: title, summary, objectives, subject, grades, minutes, what pupils do, equipment."""

from typing import Final

from khcn.programmes.rules.curricula import Content, Item, Step

# name, unit, quantity, price, hazards
THINGS: Final[dict[str, Item]] = {
    "ph": Item("Cảm biến đo pH cầm tay", "cái", 6, 280_000),
    "quy": Item("Giấy quỳ tím", "hộp", 6, 35_000),
    "coc": Item("Cốc thủy tinh 250 ml", "cái", 12, 28_000, ("sharp",)),
    "chuan": Item("Dung dịch chuẩn pH 4 và pH 7", "lọ", 4, 60_000, ("chemical",)),
    "than": Item("Than hoạt tính, cát, sỏi", "bộ", 6, 45_000),
    "pin": Item("Tấm pin mặt trời 6 V, 1 W", "tấm", 8, 65_000),
    "led": Item("Đèn LED, dây nối, công tắc", "bộ", 8, 40_000, ("electric",)),
    "do": Item("Đồng hồ đo điện", "cái", 4, 150_000, ("electric",)),
    "sac": Item("Pin sạc và mạch bảo vệ", "bộ", 8, 90_000, ("electric", "heat")),
    "xe": Item("Bộ xe robot hai động cơ", "bộ", 6, 450_000, ("moving", "electric")),
    "cb": Item("Cảm biến dò đường hồng ngoại", "cái", 12, 35_000),
    "sieu": Item("Cảm biến siêu âm", "cái", 6, 45_000),
    "lop": Item("Máy tính có trình duyệt", "máy", 12, 0),
    "giay": Item("Giấy A0, bút màu", "bộ", 6, 30_000),
    "hat": Item("Hạt đậu, bông, khay nhựa", "bộ", 8, 25_000),
    "am": Item("Cảm biến độ ẩm đất", "cái", 6, 40_000),
    "kinh": Item("Kính hiển vi học sinh", "cái", 4, 1_800_000),
    "keo": Item("Kéo, dao rọc giấy, keo nến", "bộ", 6, 70_000, ("sharp", "heat")),
    "bui": Item("Cảm biến bụi mịn", "cái", 3, 320_000),
    "nhiet": Item("Nhiệt kế điện tử", "cái", 6, 55_000),
}
SAFETY: Final[dict[str, str]] = {
    "sharp": "Kiểm tra cốc, kéo trước khi phát; vật vỡ thì báo giáo viên, không nhặt bằng tay.",
    "chemical": "Đeo găng tay và kính; không nếm, không đổ dung dịch vào bồn rửa khi chưa pha loãng.",
    "electric": "Chỉ dùng nguồn dưới 12 V; ngắt nguồn trước khi nối dây.",
    "heat": "Không để pin nối tắt; thấy nóng thì ngắt ngay.",
    "moving": "Giữ tóc và tay áo xa bánh răng.",
}
# title, summary, objectives (parted by |), subject, grades, minutes, what pupils do, equipment (keys)
BOOKS: Final[tuple[tuple[str, str, str, tuple[tuple[str, ...], ...]], ...]] = (
    ("mau-nuoc-sach-quanh-em", "Nước sạch quanh em", "Bốn bài thí nghiệm về nước, từ lấy mẫu đến làm bình lọc.", (
        ("Đo độ pH của nước quanh trường", "Lấy ba mẫu nước, đo pH bằng giấy quỳ và cảm biến, so sánh hai cách.", "Nêu được ý nghĩa của độ pH|Đo được pH bằng hai cách|Ghi bảng và kết luận", "natural", "6-8", "90", "Lấy mẫu nước máy, nước mưa, nước ao; đo mỗi mẫu ba lần; ghi bảng và vẽ biểu đồ cột", "ph quy coc chuan"),
        ("Làm bình lọc nước từ cát và than", "Thiết kế bình lọc ba lớp, thử với nước đục, cải tiến một lần.", "Giải thích được vai trò từng lớp lọc|Cải tiến được sản phẩm từ kết quả thử", "stem", "5-7", "90", "Xếp các lớp vật liệu; đổ nước đục; so độ trong trước và sau; đổi thứ tự lớp rồi thử lại", "than coc giay"),
        ("Nước bốc hơi và ngưng tụ", "Quan sát vòng tuần hoàn của nước trong một chiếc hộp kín.", "Mô tả được bốc hơi và ngưng tụ|Đo được nhiệt độ", "science", "4-5", "70", "Đặt hộp ngoài nắng, đo nhiệt độ mười phút một lần, vẽ lại hiện tượng", "nhiet giay"),
        ("Bản đồ nước của phường em", "Dùng số đo của các nhóm để vẽ bản đồ chất lượng nước.", "Đọc và trình bày được dữ liệu|Biết giữ nguồn nước", "geography", "7-9", "90", "Ghi số đo lên bản đồ, tô màu theo mức, viết một kiến nghị gửi phường", "lop giay"),
    )),
    ("mau-nang-luong-mat-troi", "Năng lượng mặt trời cho lớp học", "Từ mạch điện đơn giản đến trạm sạc điện thoại của lớp.", (
        ("Mạch điện năng lượng mặt trời", "Nối tấm pin với đèn LED, đo dòng điện khi nắng và khi che.", "Nối được mạch kín|Đo được điện áp|Giải thích được vì sao đèn sáng yếu đi", "physics", "8-9", "90", "Nối mạch theo sơ đồ; đo điện áp ở ba góc nghiêng; ghi bảng; trả lời câu hỏi nhóm", "pin led do"),
        ("Góc nghiêng nào nhiều điện nhất", "Đo công suất theo góc nghiêng và hướng của tấm pin.", "Lập được bảng số liệu|Vẽ được đồ thị", "maths", "8-10", "45", "Đo ở các góc 0, 15, 30, 45 độ; vẽ đồ thị; chọn góc tốt nhất", "pin do"),
        ("Trạm sạc nhỏ của lớp", "Lắp trạm sạc từ tấm pin, mạch bảo vệ và pin sạc.", "Lắp được mạch sạc|Nêu được quy tắc an toàn điện", "technology", "9-11", "135", "Lắp mạch sạc; kiểm tra cực; sạc thử ba mươi phút; đo mức pin", "pin sac do"),
    )),
    ("mau-robot-cho-nguoi-moi", "Robot cho người mới", "Bốn bài để một lớp lắp được xe tự hành.", (
        ("Robot dò đường", "Lắp xe hai động cơ, đọc cảm biến hồng ngoại và lập trình bám vạch đen.", "Lắp được xe|Đọc được giá trị cảm biến|Viết được chương trình rẽ trái, rẽ phải", "computing", "8-10", "135", "Lắp xe theo hình; thử từng cảm biến; viết chương trình; chạy ba vòng và ghi thời gian", "xe cb lop"),
        ("Robot tránh vật cản", "Dùng cảm biến siêu âm để xe dừng và rẽ.", "Đọc được khoảng cách|Dùng được câu lệnh điều kiện", "computing", "8-10", "90", "Đo khoảng cách; chọn ngưỡng dừng; sửa chương trình; thi vượt mê cung", "xe sieu lop"),
        ("Thuật toán không cần máy tính", "Chơi trò ra lệnh cho bạn đi trong ô vuông để hiểu thuật toán.", "Nêu được thuật toán là gì|Tìm và sửa được lỗi", "computing", "3-5", "35", "Viết lệnh lên thẻ; bạn làm theo; tìm lệnh sai và sửa", "giay"),
        ("Cánh tay gắp bằng bìa cứng", "Làm cánh tay thủy lực từ bìa và xi lanh.", "Giải thích được truyền lực bằng chất lỏng|Làm được sản phẩm theo bản vẽ", "technology", "6-8", "90", "Cắt bìa theo mẫu; nối xi lanh; thử gắp cốc giấy; cải tiến", "keo giay"),
    )),
    ("mau-vuon-truong-thong-minh", "Vườn trường thông minh", "Trồng cây, đo đạc và tự động tưới.", (
        ("Hạt nảy mầm cần gì", "So sánh bốn khay hạt khác nhau về nước, ánh sáng, nhiệt độ.", "Đặt được giả thuyết|Giữ được các điều kiện khác như nhau", "science", "4-5", "70", "Đặt bốn khay; đo chiều dài mầm mỗi ngày; ghi nhật kí một tuần", "hat giay"),
        ("Đo độ ẩm đất và tưới đúng lúc", "Đọc cảm biến độ ẩm, tìm ngưỡng tưới cho từng loại đất.", "Đọc được cảm biến|Chọn được ngưỡng từ số liệu", "stem", "7-9", "90", "Đo đất khô, đất vừa, đất ướt; lập bảng; đặt ngưỡng; viết quy tắc tưới", "am lop"),
        ("Tế bào lá dưới kính hiển vi", "Làm tiêu bản lá thài lài và quan sát khí khổng.", "Làm được tiêu bản|Vẽ được tế bào", "biology", "6-7", "90", "Bóc biểu bì; làm tiêu bản; quan sát; vẽ và ghi chú", "kinh coc"),
    )),
    ("mau-khong-khi-quanh-truong", "Không khí quanh trường", "Đo bụi mịn và kể lại bằng dữ liệu.", (
        ("Đo bụi mịn ở cổng trường", "Đo bụi mịn giờ tan học và giờ vắng, so sánh.", "Biết bụi mịn là gì|So sánh được hai bộ số liệu", "natural", "8-10", "90", "Đo ở cổng và trong sân; mỗi nơi mười lần; tính trung bình; kết luận", "bui lop"),
        ("Kể chuyện bằng biểu đồ", "Từ bảng số đo vẽ biểu đồ và viết ba câu cho phụ huynh.", "Chọn được loại biểu đồ|Viết được kết luận từ số liệu", "maths", "7-9", "45", "Chọn biểu đồ; vẽ; viết ba câu; đổi bài để góp ý", "lop giay"),
        ("Trồng cây chắn bụi", "Khảo sát và đề xuất nơi trồng cây quanh sân.", "Đo được diện tích|Trình bày được đề xuất", "experience", "6-9", "90", "Đo sân; vẽ sơ đồ; chọn cây; trình bày trước lớp", "giay"),
    )),
    ("mau-tri-tue-nhan-tao-cho-hoc-sinh", "Trí tuệ nhân tạo cho học sinh", "Hiểu máy học thế nào và dùng cho đúng.", (
        ("Dạy máy phân loại rác", "Chụp ảnh rác tái chế, huấn luyện mô hình trong trình duyệt.", "Giải thích được dữ liệu huấn luyện|Tìm được nguyên nhân nhận nhầm", "digital", "7-9", "90", "Thu thập năm mươi ảnh mỗi loại; huấn luyện; thử; ghi các lần nhận nhầm", "lop"),
        ("Ảnh thật hay ảnh máy tạo", "Tập nhận biết và kiểm tra nguồn của một bức ảnh.", "Nêu được dấu hiệu của ảnh máy tạo|Biết kiểm tra nguồn", "digital", "6-9", "45", "Xem mười ảnh; đoán; kiểm tra nguồn; viết quy tắc của lớp", "lop giay"),
        ("Pin quả chanh", "Làm pin từ chanh, đồng và kẽm, thắp sáng đèn LED.", "Nêu được vì sao có dòng điện", "chemistry", "8-9", "45", "Cắm hai thanh kim loại; nối năm quả; đo điện áp; thắp đèn", "led do"),
    )),
)  # fmt: skip


def content_for(words: tuple[str, ...]) -> Content:
    """Return a whole lesson from its words."""
    title, summary, objectives, subject, grades, minutes, tasks, keys = words
    first, last = (int(one) for one in grades.split("-"))
    things = tuple(THINGS[key] for key in keys.split())
    marks = dict.fromkeys(mark for one in things for mark in one.hazards)
    return Content(
        title=f"{title} (mẫu)", summary=summary, objectives=objectives.replace("|", "\n"), subject=subject,
        grade_from=first, grade_to=last, age_from=first + 5, age_to=last + 6, audiences=("teachers", "pupils"),
        minutes=int(minutes), steps=_steps(int(minutes), tasks), equipment=things,
        safety="\n".join(SAFETY[mark] for mark in marks), credits="Tổ chuyên môn mẫu", licence="cc-by-sa-4.0",
    )  # fmt: skip


def _steps(minutes: int, tasks: str) -> tuple[Step, ...]:
    parts = [part.strip().capitalize() for part in tasks.split(";")]
    start, end = minutes // 6, minutes // 6
    each = (minutes - start - end) // len(parts)
    middle = (
        Step(each, "Theo dõi các nhóm, gợi ý khi cần", part, "Kết quả từng nhóm có thể lệch; hỏi vì sao.")
        for part in parts
    )
    return (
        Step(start, "Nêu vấn đề từ đời sống, chia nhóm, nhắc an toàn", "Nghe, đặt câu hỏi, nhận dụng cụ"),
        *middle,
        Step(
            end,
            "Cho các nhóm trình bày, chốt kiến thức",
            "Trình bày kết quả, thu dọn",
            "Đối chiếu với mục tiêu bài.",
        ),
    )
