"""Official documents written for the tests, in the shapes in which extractors hand them over. No real
person."""

PLAN_COLUMNS = """ỦY BAN NHÂN DÂN                    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
    QUẬN 7                              Độc lập - Tự do - Hạnh phúc
   -------                                ---------------
Số: 45 /KH-UBND                        Quận 7, ngày 09 tháng 3 năm 2022

                              KẾ HOẠCH
             Tổ chức Ngày hội Khoa học và sáng tạo
                    trên địa bàn Quận 7 năm 2022

    Căn cứ Luật Khoa học và Công nghệ số 29/2013/QH13 ngày 18 tháng 6 năm 2013;
    Căn cứ Nghị định số 13/2019/NĐ-CP ngày 01 tháng 02 năm 2019 của Chính phủ về doanh nghiệp
khoa học và công nghệ và Nghị định số 76/2018/NĐ-CP ngày 15 tháng 5 năm 2018;
    Ủy ban nhân dân Quận 7 xây dựng kế hoạch như sau:
I. MỤC ĐÍCH
1. Nâng cao nhận thức theo Quyết định số 10/2020/QĐ-UBND.

Nơi nhận:                                        TM. ỦY BAN NHÂN DÂN
- Sở Khoa học và Công nghệ;                          KT. CHỦ TỊCH
- TT. Quận ủy (để báo cáo);                        PHÓ CHỦ TỊCH
- Các phòng, ban chuyên môn
  thuộc Quận;
- Lưu: VT, PKT (2b).                              Nguyễn Thị Minh Ánh
"""

# The same kind of header as a PDF text layer gives it: the right column after the left, then the body.
DECISION_SEQUENCE = """UBND THÀNH PHỐ HỒ CHÍ MINH
SỞ KHOA HỌC VÀ CÔNG NGHỆ
Số: 115/QÐ-SKHCN
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập – Tự do – Hạnh phúc
Thành phố Hồ Chí Minh, ngày 05 tháng 6 năm 2023
QUYẾT ĐỊNH
Về việc ban hành Quy chế tiếp nhận và khai thác
tài liệu khoa học
GIÁM ĐỐC SỞ KHOA HỌC VÀ CÔNG NGHỆ
Căn cứ Quyết định số 12/2021/QĐ-UBND ngày 14 tháng 4 năm 2021 của Ủy ban nhân dân Thành phố về việc sửa đổi
Quyết định số 3/2019/QĐ-UBND;
Theo đề nghị của Chánh Văn phòng,
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Quy chế tiếp nhận và khai thác tài liệu khoa học.
Điều 2. Quyết định này có hiệu lực kể từ ngày ký và thay thế Quyết định số 88/QĐ-SKHCN ngày 02 tháng 5 năm
2018 về việc hướng dẫn thực hiện Quyết định số 7/QĐ-SKHCN; Quyết định số 90/QĐ-SKHCN.
Điều 3. Chánh Văn phòng chịu trách nhiệm thi hành./.
GIÁM ĐỐC
Trần Quốc Việt
Nơi nhận:
- Như Điều 3;
- UBND TP (để b/c);
- Lưu: VT, VP.
"""

# Columns run together on one line, single spaces.
CIRCULAR_INTERLEAVED = """BỘ KHOA HỌC VÀ CÔNG NGHỆ CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 07/2024/TT-BKHCN Hà Nội, ngày 28 tháng 02 năm 2024
THÔNG TƯ
Sửa đổi, bổ sung một số điều của Thông tư số 03/2019/TT-BKHCN ngày 15 tháng 4 năm 2019 của Bộ trưởng
Bộ Khoa học và Công nghệ hướng dẫn thi hành Nghị định số 76/2018/NĐ-CP
Căn cứ Luật Chuyển giao công nghệ ngày 19 tháng 6 năm 2017;
Điều 1. Sửa đổi, bổ sung khoản 2 Điều 3 Thông tư số 03/2019/TT-BKHCN
Điều 2. Điều khoản thi hành
1. Thông tư này có hiệu lực thi hành từ ngày 15 tháng 4 năm 2024 đến hết ngày 31 tháng 12 năm 2025.
2. Bãi bỏ Thông tư số 02/2015/TT-BKHCN và Thông tư số 05/2016/TT-BKHCN.
Nơi nhận: KT. BỘ TRƯỞNG
- Thủ tướng Chính phủ; THỨ TRƯỞNG
- Công báo; Lê Hoàng Nam
- Lưu: VT, PC.
"""

LETTER = """UBND QUẬN 7                CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
PHÒNG KINH TẾ               Độc lập - Tự do - Hạnh phúc
Số: 312/PKT-KHCN            Quận 7, ngày 3 tháng 10 năm 2022
V/v đề nghị báo cáo kết quả
hoạt động khoa học năm 2022

            Kính gửi:
            - Phòng Giáo dục và Đào tạo;
            - Ủy ban nhân dân 10 phường.

Thực hiện Kế hoạch số 45/KH-UBND ngày 09 tháng 3 năm 2022 của Ủy ban nhân dân Quận 7, Phòng Kinh tế đề nghị.

Nơi nhận:                    TRƯỞNG PHÒNG
- Như trên;
- Lưu: VT.

                             Đặng Văn Hùng
"""

LAW = """QUỐC HỘI
--------
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
---------------
Luật số: 46/2019/QH14
Hà Nội, ngày 21 tháng 11 năm 2019

LUẬT
THƯ VIỆN

Căn cứ Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam;
Quốc hội ban hành Luật Thư viện.
Điều 1. Phạm vi điều chỉnh
Điều 51. Hiệu lực thi hành
1. Luật này có hiệu lực thi hành từ ngày 01 tháng 7 năm 2020.
2. Pháp lệnh Thư viện số 31/2000/PL-UBTVQH10 hết hiệu lực kể từ ngày Luật này có hiệu lực thi hành.
Luật này được Quốc hội khóa XIV thông qua ngày 21 tháng 11 năm 2019.
CHỦ TỊCH QUỐC HỘI
Phạm Thị Hồng Gấm
"""

RUNNING_TITLE = """Nghị định của Chính phủ số 117/2003/NĐ-CP ngày 10/10/2003
về việc tuyển dụng, sử dụng và quản lý cán bộ, công chức

Chính phủ
Căn cứ Luật Tổ chức Chính phủ ngày 25 tháng 12 năm 2001;
Nghị Định:
Điều 1. Phạm vi điều chỉnh
Điều 48. Nghị định này có hiệu lực thi hành sau 15 ngày, kể từ ngày đăng Công báo và thay thế Nghị định số
95/1998/NĐ-CP ngày 17 tháng 11 năm 1998.
TM. Chính phủ
Thủ tướng
Lê Văn Tám
"""

# What tesseract makes of a scan: marks lost or wrong, blanks inside numbers, a stamp of the incoming desk.
OCR_NOTICE = """ÙY BAN NHÂN DÂN CỌNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
PHƯỜNG CHỢ MỚI Đôc lập - Tư do - Hạnh phúc

Sô: l2 /TB - UBND Phường Chợ Mới, ngày 7 tháng 8 năm 2025

CÔNG VĂN ĐẾN
Số: 528 Ngày: 12.8.25

THÔNG BÁO
Về việc tiếp nhận hồ sơ đăng ký sáng kiến

Căn cứ Kế hoạch sổ 31/KH-UBND ngày 2/7/2025;

TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH

(Đã ký)

NGUYỄN HỮU LỘC
"""

# An official letter as tesseract reads it: columns run together, "V/v" and a place misread.
OCR_LETTER = """UBND QUẬN7 CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
PHÒNG KINH TẾ Độc lập - Tự do - Hạnh phúc

Số: 312/PKT-KHCN Quận 7, ngày 03 tháng 10 năm 2022
W⁄% đề nghị báo cáo kết quả
hoạt động khoa học năm 2022
Kính gửi: Ủy ban nhân dân 10 phường

Thực hiện Kế hoạch số 45/KH-UBND ngày 09 tháng 3 năm 2022 của Ủy ban nhân dân Quận 7,
Phòng Kinh tế đề nghị các phường báo cáo.

Nơi nhận: TRƯỞNG PHÒNG
- Như trên;
- Lưu: VT

Đặng Văn Hùng
"""

CAPITAL_SUBJECT = """BỘ TÀI CHÍNH
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 21/2001/TT-BTC
Hà Nội, ngày 3 tháng 4 năm 2001
THÔNG TƯ
HƯỚNG DẪN THI HÀNH NGHỊ ĐỊNH SỐ 54/2000/NĐ-CP CỦA CHÍNH PHỦ
TẠI THÀNH PHỐ HỒ CHÍ MINH VÀ TỈNH AN GIANG, GIAI ĐOẠN II
Căn cứ Nghị định số 54/2000/NĐ-CP;
Nơi nhận:                         KT. BỘ TRƯỞNG
- Văn phòng Quốc hội THỨ TRƯỞNG
- Lưu VP.
                                  Vũ Hải Đăng
"""

OLD_FONT = """bộ tài chính                               Cộng hoà xã hội chủ nghĩa VIệt nam
              - * -                              Độc lập - Tự do - Hạnh phúc
SỐ:  120 /2002/TT-BTC                     ----------------------------
                                          Hà Nội, ngày  30  tháng 12 năm 2002

thông tư
Hướng dẫn thi hành Nghị  định số: 89/2002/NĐ-CP
ngày 07/11/2002 của Chính phủ

Căn cứ Nghị định số: 89/2002/NĐ-CP ngày 07 tháng 11 năm 2002 của Chính phủ;
Thông tư này có hiệu lực sau 15 ngày kể từ ngày ký.
Nơi nhận
- VP Quốc hội
- Các Bộ, cơ quan ngang Bộ,
  cơ quan thuộc Chính phủ
- Lưu VP
                        KT/bộ trưởng bộ tài chính
                                 thứ trưởng

                                  Trương Quốc An
"""

RESOLUTION_MARKDOWN = """**HỘI ĐỒNG NHÂN DÂN**
**THÀNH PHỐ THỦ ĐỨC**

**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**
**Độc lập - Tự do - Hạnh phúc**

Số: 09/NQ-HĐND

*Thành phố Thủ Đức, ngày 20 tháng 12 năm 2023*

# NGHỊ QUYẾT

**VỀ NHIỆM VỤ PHÁT TRIỂN KINH TẾ - XÃ HỘI CỦA THÀNH PHỐ THỦ ĐỨC NĂM 2024**

HỘI ĐỒNG NHÂN DÂN THÀNH PHỐ THỦ ĐỨC

Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;
Xét Tờ trình số 77/TTr-UBND ngày 01 tháng 12 năm 2023 của Ủy ban nhân dân thành phố;

QUYẾT NGHỊ:
Điều 1. Thông qua nhiệm vụ.

**CHỦ TỊCH**

ThS. Bùi Thanh Tú
"""

PARTY = """THÀNH ỦY HỒ CHÍ MINH                     ĐẢNG CỘNG SẢN VIỆT NAM
QUẬN ỦY QUẬN 7
*
Số 23-CTr/QU                         Quận 7, ngày 15 tháng 02 năm 2021

CHƯƠNG TRÌNH HÀNH ĐỘNG
về phát triển khoa học và đổi mới sáng tạo

Thực hiện Nghị quyết số 52-NQ/TW ngày 27/9/2019 của Bộ Chính trị;

Nơi nhận:                      T/M BAN THƯỜNG VỤ
- Thành ủy;                         BÍ THƯ
- Lưu VPQU.
                              Hoàng Gia Bảo
"""

ATTACHED = """ỦY BAN NHÂN DÂN    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
TỈNH MẪU           Độc lập - Tự do - Hạnh phúc

QUY ĐỊNH
Về quản lý nhiệm vụ khoa học
(Ban hành kèm theo Quyết định số …05…./2006/ QĐ-UBND,
ngày …25..tháng 01 năm 2006 của UBND tỉnh Mẫu)

Chương I
Điều 1. Phạm vi
TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH
Võ Minh Đức
"""

DRAFT = """UBND QUẬN 7
PHÒNG KINH TẾ
Số:      /BC-PKT
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Quận 7, ngày      tháng 4 năm 2024

BÁO CÁO
Kết quả thực hiện nhiệm vụ khoa học quý I năm 2024

Thực hiện Kế hoạch số 45/KH-UBND, Phòng Kinh tế báo cáo.
TRƯỞNG PHÒNG
Đặng Văn Hùng
"""

NOT_OFFICIAL = {
    "article on a decree": """Nghị định 13/2023/NĐ-CP về bảo vệ dữ liệu cá nhân: những điểm cần biết

Nghị định số 13/2023/NĐ-CP có hiệu lực từ ngày 01/7/2023. Bài viết này tóm tắt những điểm chính cho nhà
trường. Theo luật sư, các trường cần rà soát lại biểu mẫu thu thập thông tin của học sinh.
""",
    "essay": """Năng lượng mặt trời trên mái nhà

Căn cứ số liệu đo được ở trường, học sinh tính sản lượng điện mỗi ngày. Kế hoạch tiết kiệm điện giúp giảm 12%.
""",
    "news": """Quận 7, ngày 12 tháng 4 năm 2021 - Sáng nay, Ủy ban nhân dân Quận 7 tổ chức hội nghị triển khai Kế hoạch số
45/KH-UBND. Phát biểu tại hội nghị, Chủ tịch Nguyễn Văn A nhấn mạnh vai trò của khoa học và công nghệ.
""",
    "form": """CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

ĐƠN ĐĂNG KÝ SÁNG KIẾN
Kính gửi: Hội đồng sáng kiến
Họ và tên: ............ Ngày sinh: ............
""",
    "annex form": """B1-4-LLCN

Lý lịch khoa học
(Kèm theo Quyết định số 16/2003/QĐ-BKHCN ngày 18/7/2003 của Bộ trưởng Bộ Khoa học và Công nghệ)
1. Họ và tên:
""",
    "report of research": """Báo cáo
Tình hình thực hiện nhiệm vụ kế hoạch năm 2004
Phần thứ nhất
Đánh giá khả năng thực hiện Nghị quyết số 1/2003/NQ-HĐND về nhiệm vụ kế hoạch
""",
    "numbered form": """THÀNH PHỐ MẪU
UBND HUYỆN MẪU
                       Mẫu số 21/CKTC-NSH
CÂN ĐỐI DỰ TOÁN NGÂN SÁCH HUYỆN NĂM 2006
(Kèm theo Quyết định số : 2006/QĐ-UBND ngày tháng năm 2006 của Ủy ban nhân dân huyện Mẫu)
STT NỘI DUNG NĂM 2006
""",
    "empty": "",
    "blank": " \n \n\t",
}
