"""Labelled sentences: what a document says, and what follows from it. Wording and numbers are our own.

Every text is read as the body of Decision 12/2021/QĐ-UBND, in force from 1 July 2021. ``TUNED`` was looked at while
the rules were written; ``HELD`` was written before they were first run on it, and its first result is what counts
(docs/dev/library-legal.md). Expected: ``kind number[ | part][ | from day]``; a law without number by ``=title``; ``<``
before the kind when the other document does it to this one. Nothing expected: the text must yield nothing.
"""

from typing import Final, NamedTuple


class Case(NamedTuple):
    """One text and the deeds it states."""

    text: str
    expected: tuple[str, ...] = ()
    own_type: str = "Quyết định"


def case(text: str, *expected: str, own_type: str = "Quyết định") -> Case:
    """Return a case; the expected deeds may be none."""
    return Case(text, expected, own_type)


TUNED: Final = [
    # --- bases ---
    case("Căn cứ Luật Tổ chức chính quyền địa phương số 77/2015/QH13 ngày 19 tháng 6 năm 2015;\nĐiều 1. Phê duyệt đề án.",
         "based_on 77/2015/QH13"),
    case("Căn cứ Luật Khoa học và Công nghệ ngày 18 tháng 6 năm 2013;\nĐiều 1. Phê duyệt.",
         "based_on =Luật Khoa học và Công nghệ"),
    case("Căn cứ Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015; Luật sửa đổi, bổ sung một số điều của Luật Tổ chức Chính"
         " phủ ngày 22 tháng 11 năm 2019;\nĐiều 1. Ban hành.",
         "based_on =Luật Tổ chức Chính phủ",
         "based_on =Luật sửa đổi, bổ sung một số điều của Luật Tổ chức Chính phủ"),
    case("Căn cứ Nghị định số 08/2014/NĐ-CP ngày 27 tháng 01 năm 2014 của Chính phủ quy định chi tiết và hướng dẫn thi hành"
         " một số điều của Luật Khoa học và Công nghệ;\nXét đề nghị của Trưởng phòng Kinh tế tại Tờ trình số 45/TTr-KT,\n"
         "QUYẾT ĐỊNH:", "based_on 08/2014/NĐ-CP"),
    case("Căn cứ Thông tư số 03/2021/TT-BKHCN sửa đổi, bổ sung một số điều của Thông tư số 27/2018/TT-BKHCN;\nĐiều 1. Giao.",
         "based_on 03/2021/TT-BKHCN"),
    case("Thực hiện Kế hoạch số 82/KH-UBND ngày 12/4/2021 của Ủy ban nhân dân về hoạt động khoa học;\nĐiều 1. Phân công.",
         "based_on 82/KH-UBND"),
    case("Căn cứ Luật Ngân sách nhà nước số 83/2015/QH13 đã được sửa đổi, bổ sung bởi Luật số 59/2020/QH14;\nĐiều 1. Giao.",
         "based_on 83/2015/QH13"),
    case("Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ tại Tờ trình số 112/TTr-SKHCN ngày 02 tháng 3 năm 2021,\n"
         "QUYẾT ĐỊNH:"),
    # --- replaces ---
    case("Điều 2. Quyết định này có hiệu lực kể từ ngày 01 tháng 7 năm 2021 và thay thế Quyết định số 50/2015/QĐ-UBND ngày"
         " 05 tháng 10 năm 2015 của Ủy ban nhân dân thành phố về quản lý đề tài.",
         "replaces 50/2015/QĐ-UBND | | 2021-07-01"),
    case("Quyết định này thay thế Quyết định số 11/2010/QĐ-UBND và Quyết định số 23/2012/QĐ-UBND.",
         "replaces 11/2010/QĐ-UBND", "replaces 23/2012/QĐ-UBND"),
    case("Quyết định này thay thế các Quyết định: số 1/2008/QĐ-UBND, số 2/2008/QĐ-UBND và số 14/2009/QĐ-UBND.",
         "replaces 1/2008/QĐ-UBND", "replaces 2/2008/QĐ-UBND", "replaces 14/2009/QĐ-UBND"),
    case("Quy chế này thay thế Quy chế ban hành kèm theo Quyết định số 77/2011/QĐ-UBND.", "replaces 77/2011/QĐ-UBND"),
    case("Điều 3. Thay thế Phụ lục II ban hành kèm theo Quyết định số 19/2018/QĐ-UBND bằng Phụ lục I kèm theo Quyết định"
         " này.", "replaces 19/2018/QĐ-UBND | Phụ lục II"),
    case("Quyết định này có hiệu lực kể từ ngày ký, thay thế Quyết định số 301/QĐ-UBND ngày 9/2/2019.",
         "replaces 301/QĐ-UBND"),
    case("Thông tư này thay thế Thông tư số 05/2013/TT-BKHCN sửa đổi, bổ sung Thông tư số 01/2009/TT-BKHCN.",
         "replaces 05/2013/TT-BKHCN", own_type="Thông tư"),
    # --- repeals ---
    case("Điều 1. Bãi bỏ Quyết định số 07/2016/QĐ-UBND ngày 15 tháng 3 năm 2016 về phí sử dụng lề đường.",
         "repeals 07/2016/QĐ-UBND"),
    case("Điều 2. Bãi bỏ khoản 2 Điều 5 Quyết định số 33/2017/QĐ-UBND.", "repeals 33/2017/QĐ-UBND | khoản 2 Điều 5"),
    case("Bãi bỏ các văn bản sau:\na) Quyết định số 21/2005/QĐ-UB;\nb) Chỉ thị số 05/2006/CT-UBND;\nc) Quyết định số"
         " 60/2007/QĐ-UBND.", "repeals 21/2005/QĐ-UB", "repeals 05/2006/CT-UBND", "repeals 60/2007/QĐ-UBND"),
    case("Quyết định số 41/2014/QĐ-UBND hết hiệu lực kể từ ngày Quyết định này có hiệu lực.", "repeals 41/2014/QĐ-UBND"),
    case("Kể từ ngày Quyết định này có hiệu lực thi hành, các Quyết định số 5/2001/QĐ-UB và số 9/2003/QĐ-UB hết hiệu lực.",
         "repeals 5/2001/QĐ-UB", "repeals 9/2003/QĐ-UB"),
    case("Hủy bỏ Quyết định số 1120/QĐ-UBND ngày 3 tháng 5 năm 2020.", "repeals 1120/QĐ-UBND"),
    case("Luật Báo chí số 29/1989/LCT-HĐNN8 hết hiệu lực từ ngày 01 tháng 01 năm 2022.",
         "repeals 29/1989/LCT-HĐNN8 | | 2022-01-01"),
    case("Nghị quyết số 10/2012/NQ-HĐND hết hiệu lực kể từ ngày Nghị quyết này có hiệu lực, trừ Điều 4 tiếp tục có hiệu lực"
         " đến hết ngày 31 tháng 12 năm 2022.", "repeals 10/2012/NQ-HĐND | trừ Điều 4", own_type="Nghị quyết"),
    case("Bãi bỏ Điều 3, Điều 4 và Chương V của Thông tư số 12/2014/TT-BTTTT.",
         "repeals 12/2014/TT-BTTTT | Điều 3, Điều 4 và Chương V"),
    # --- amends ---
    case("Điều 1. Sửa đổi, bổ sung một số điều của Quyết định số 88/2019/QĐ-UBND ngày 01 tháng 8 năm 2019.",
         "amends 88/2019/QĐ-UBND | một số điều"),
    case("Sửa đổi khoản 1 Điều 7 Quy chế ban hành kèm theo Quyết định số 44/2016/QĐ-UBND như sau:",
         "amends 44/2016/QĐ-UBND | khoản 1 Điều 7"),
    case("Bổ sung Điều 6a vào sau Điều 6 của Nghị định số 76/2018/NĐ-CP như sau:", "amends 76/2018/NĐ-CP | Điều 6a vào sau Điều 6",
         own_type="Nghị định"),
    case("Thay thế cụm từ “Phòng Kinh tế” bằng cụm từ “Phòng Kinh tế, Hạ tầng và Đô thị” tại Điều 4 Quyết định số"
         " 15/2020/QĐ-UBND.", "amends 15/2020/QĐ-UBND | Điều 4"),
    case("Điều 219. Sửa đổi, bổ sung một số điều của Luật Bảo hiểm xã hội số 58/2014/QH13 đã được sửa đổi, bổ sung theo Luật"
         " số 84/2015/QH13 và Luật số 35/2018/QH14:", "amends 58/2014/QH13 | một số điều", own_type="Bộ luật"),
    case("Điều 1. Điều chỉnh Quyết định số 512/QĐ-UBND ngày 11/5/2020 về phê duyệt dự toán như sau:",
         "amends 512/QĐ-UBND"),
    # --- corrects, consolidates, suspends, guides ---
    case("Điều 1. Đính chính Quyết định số 70/2020/QĐ-UBND ngày 12 tháng 12 năm 2020 như sau:",
         "corrects 70/2020/QĐ-UBND"),
    case("Đính chính lỗi kỹ thuật tại khoản 3 Điều 2 Thông tư số 14/2019/TT-BKHCN.",
         "corrects 14/2019/TT-BKHCN | khoản 3 Điều 2", own_type="Thông tư"),
    case("Nghị định số 13/2019/NĐ-CP ngày 01 tháng 02 năm 2019 của Chính phủ về doanh nghiệp khoa học và công nghệ, có hiệu"
         " lực kể từ ngày 20 tháng 3 năm 2019, được sửa đổi, bổ sung bởi:\n1. Nghị định số 76/2022/NĐ-CP ngày 20 tháng 9"
         " năm 2022.", "consolidates 13/2019/NĐ-CP", "consolidates 76/2022/NĐ-CP", own_type="Văn bản hợp nhất"),
    case("Điều 1. Ngưng hiệu lực thi hành Nghị định số 100/2015/NĐ-CP đến hết ngày 31 tháng 12 năm 2021.",
         "suspends 100/2015/NĐ-CP", own_type="Nghị quyết"),
    case("Tạm ngưng hiệu lực thi hành khoản 4 Điều 9 Thông tư số 20/2017/TT-BTC.",
         "suspends 20/2017/TT-BTC | khoản 4 Điều 9", own_type="Thông tư"),
    case("Thông tư này hướng dẫn thi hành Nghị định số 13/2019/NĐ-CP ngày 01 tháng 02 năm 2019.",
         "guides 13/2019/NĐ-CP", own_type="Thông tư"),
    case("Nghị định này quy định chi tiết một số điều của Luật Thư viện số 46/2019/QH14.", "guides 46/2019/QH14",
         own_type="Nghị định"),
    # --- passive ---
    case("Quyết định này được sửa đổi, bổ sung bởi Quyết định số 40/2022/QĐ-UBND.", "<amends 40/2022/QĐ-UBND"),
    case("Quyết định này đã bị thay thế bởi Quyết định số 55/2024/QĐ-UBND ngày 6 tháng 6 năm 2024.",
         "<replaces 55/2024/QĐ-UBND"),
    # --- nothing follows ---
    case("Quyết định này không thay thế Quyết định số 30/2018/QĐ-UBND."),
    case("Quyết định số 18/2016/QĐ-UBND tiếp tục có hiệu lực cho đến khi có văn bản thay thế."),
    case("Đề nghị Ủy ban nhân dân thành phố bãi bỏ Quyết định số 25/2014/QĐ-UBND vì không còn phù hợp."),
    case("Giao Phòng Tư pháp nghiên cứu, tham mưu thay thế Quyết định số 39/2013/QĐ-UBND trong quý IV."),
    case("Việc chi trả thực hiện theo Thông tư số 27/2018/TT-BKHCN và các văn bản sửa đổi, bổ sung, thay thế."),
    case("Trường hợp Nghị định số 01/2021/NĐ-CP được sửa đổi, bổ sung hoặc thay thế thì áp dụng văn bản mới."),
    case("Nghị định số 05/2015/NĐ-CP đã được thay thế bởi Nghị định số 145/2020/NĐ-CP."),
    case("Quyết định số 12/2021/QĐ-UBND thay thế mẫu cũ theo hướng dẫn của Sở."),
    case("Báo cáo kết quả thực hiện Quyết định số 64/2019/QĐ-UBND trước ngày 15 tháng 12."),
    case("Dự thảo Nghị định thay thế Nghị định số 08/2014/NĐ-CP đang được lấy ý kiến."),
    case("Mức hỗ trợ quy định tại khoản 2 Điều 5 Quyết định số 33/2017/QĐ-UBND là 20 triệu đồng."),
    case("“Điều 9. Nghị định này thay thế Nghị định số 16/2015/NĐ-CP.”"),
    case("Hồ sơ nộp trước ngày 01/7/2021 thì giải quyết theo Quyết định số 50/2015/QĐ-UBND."),
    case("Sau khi rà soát, Phòng Kinh tế dự kiến bãi bỏ Quyết định số 02/2011/QĐ-UBND."),
    case("Thay thế bóng đèn sợi đốt bằng đèn LED theo Kế hoạch số 90/KH-UBND."),
    # --- OCR noise, broken lines, lost marks ---
    case("Dieu 2. Quyet dinh nay co hieu luc ke tu ngay ky va thay the Quyet dinh so 50/2015/QD-UBND ngay 05/10/2015.",
         "replaces 50/2015/QĐ-UBND"),
    case("Điều 2. Quyết định này có hiệu lực kể từ ngày\nký và thay thế Quyết định số\n61/2013/QĐ-UBND ngày 20 tháng 9"
         " năm 2013.", "replaces 61/2013/QĐ-UBND"),
    case("Quyết định này thay thê Quyêt đinh sô 4l/2O14/QĐ-UBND.", "replaces 41/2014/QĐ-UBND"),
    case("Bãi bỏ Quyết định số 17 / 2009 / QĐ - UBND.", "repeals 17/2009/QĐ-UBND"),
    case("Căn cứ Nghi đinh sô 30/2020/NÐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;\nĐiều 1. Giao.",
         "based_on 30/2020/NĐ-CP"),
    case("QUYẾT ĐỊNH NÀY THAY THẾ QUYẾT ĐỊNH SỐ 98/2010/QĐ-UBND.", "replaces 98/2010/QĐ-UBND"),
]  # fmt: skip

HELD: Final = [
    case("Căn cứ Luật Năng lượng nguyên tử số 18/2008/QH12; Căn cứ Nghị định số 07/2010/NĐ-CP;\nĐiều 1. Thành lập Tổ công"
         " tác.", "based_on 18/2008/QH12", "based_on 07/2010/NĐ-CP"),
    case("Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;\nCăn cứ Nghị định số 150/2025/NĐ-CP của"
         " Chính phủ;\nTheo đề nghị của Trưởng phòng Văn hóa - Xã hội.\nQUYẾT ĐỊNH:",
         "based_on =Luật Tổ chức chính quyền địa phương", "based_on 150/2025/NĐ-CP"),
    case("- Căn cứ Quyết định số 1747/QĐ-TTg ngày 13/10/2015 của Thủ tướng Chính phủ phê duyệt Chương trình nông thôn miền"
         " núi;\nI. MỤC ĐÍCH", "based_on 1747/QĐ-TTg", own_type="Kế hoạch"),
    case("Triển khai Chương trình hành động số 12-CTrHĐ/QU và căn cứ Kế hoạch số 15/KH-UBND, Ủy ban nhân dân phường ban hành"
         " kế hoạch như sau:\nI. MỤC ĐÍCH", "based_on 12-CTrHĐ/QU", "based_on 15/KH-UBND", own_type="Kế hoạch"),
    case("Điều 16. Nghị định này có hiệu lực thi hành từ ngày 15 tháng 8 năm 2021. Nghị định này thay thế Nghị định số"
         " 99/2013/NĐ-CP ngày 29 tháng 8 năm 2013.", "replaces 99/2013/NĐ-CP | | 2021-08-15", own_type="Nghị định"),
    case("2. Các Thông tư sau đây hết hiệu lực kể từ ngày Thông tư này có hiệu lực:\na) Thông tư số 15/2011/TT-BKHCN;\nb)"
         " Thông tư số 02/2015/TT-BKHCN.", "repeals 15/2011/TT-BKHCN", "repeals 02/2015/TT-BKHCN", own_type="Thông tư"),
    case("Quyết định này có hiệu lực từ ngày 10/8/2021. Bãi bỏ Điều 2 Quyết định số 120/2014/QĐ-UBND và thay thế Quyết định"
         " số 9/2012/QĐ-UBND.", "repeals 120/2014/QĐ-UBND | Điều 2 | 2021-08-10", "replaces 9/2012/QĐ-UBND | | 2021-08-10"),
    case("Các quy định trước đây trái với Quyết định này đều bị bãi bỏ."),
    case("Điều 1. Bãi bỏ toàn bộ 02 Quyết định do Ủy ban nhân dân ban hành:\n1. Quyết định số 04/2009/QĐ-UBND về quản lý chợ."
         "\n2. Quyết định số 36/2011/QĐ-UBND về giá dịch vụ giữ xe.", "repeals 04/2009/QĐ-UBND", "repeals 36/2011/QĐ-UBND"),
    case("Sửa đổi, bổ sung điểm b khoản 3 Điều 10 của Quy định ban hành kèm theo Quyết định số 66/2018/QĐ-UBND như sau:",
         "amends 66/2018/QĐ-UBND | điểm b khoản 3 Điều 10"),
    case("Bổ sung khoản 5 vào Điều 8 Thông tư số 09/2016/TT-BKHCN.", "amends 09/2016/TT-BKHCN | khoản 5 vào Điều 8",
         own_type="Thông tư"),
    case("Điều 1. Sửa đổi Điều 2 Quyết định số 233/QĐ-UBND về thành lập Ban Chỉ đạo như sau:", "amends 233/QĐ-UBND | Điều 2"),
    case("Thông tư này sửa đổi, bổ sung Thông tư số 33/2014/TT-BKHCN, Thông tư số 07/2017/TT-BKHCN.",
         "amends 33/2014/TT-BKHCN", "amends 07/2017/TT-BKHCN", own_type="Thông tư"),
    case("Bộ luật Tố tụng dân sự số 24/2004/QH11 đã được sửa đổi, bổ sung theo Luật số 65/2011/QH12 hết hiệu lực kể từ ngày"
         " Bộ luật này có hiệu lực thi hành.", "repeals 24/2004/QH11", own_type="Bộ luật"),
    case("Đính chính căn cứ ban hành của Quyết định số 5/2021/QĐ-UBND do sai sót khi đánh máy.", "corrects 5/2021/QĐ-UBND"),
    case("Đình chỉ việc thi hành Quyết định số 77/2020/QĐ-UBND để xem xét lại.", "suspends 77/2020/QĐ-UBND"),
    case("Hướng dẫn này hướng dẫn thực hiện Nghị quyết số 20/2021/NQ-HĐND về mức chi đề tài.", "guides 20/2021/NQ-HĐND",
         own_type="Hướng dẫn"),
    case("Trong khi chờ ban hành văn bản mới, tiếp tục áp dụng Quyết định số 51/2016/QĐ-UBND."),
    case("Không áp dụng Quyết định số 45/2017/QĐ-UBND đối với đề tài đã nghiệm thu."),
    case("Sở Tài chính chủ trì, trình Ủy ban nhân dân thành phố ban hành quyết định thay thế Quyết định số 10/2018/QĐ-UBND."),
    case("Nội dung khác của Quyết định số 88/2019/QĐ-UBND không thay đổi."),
    case("Chi phí thay thế thiết bị thanh toán theo Hợp đồng số 03/HĐ-2021."),
    case("Khi Thông tư số 55/2015/TTLT-BTC-BKHCN hết hiệu lực thì thực hiện theo quy định mới."),
    case("Quyết định này bãi bỏ một phần Quyết định số 14/2013/QĐ-UBND.", "repeals 14/2013/QĐ-UBND | một phần"),
    case("QUYẾT ĐỊNH NÀY CÓ HIỆU LỰC TỪ NGÀY KÝ VÀ THAY THẾ CÁC QUYẾT ĐỊNH SỐ 100/QĐ-UBND; 245/QĐ-UBND.",
         "replaces 100/QĐ-UBND", "replaces 245/QĐ-UBND"),
    case("Quyết định nảy có hiệu lực kế từ ngày ký, thay thể Quyết định số 7O/2012/QÐ-UBND.", "replaces 70/2012/QĐ-UBND"),
    case("Văn bản này được thay thế bằng Quyết định số 99/2025/QĐ-UBND.", "<replaces 99/2025/QĐ-UBND"),
    case("Thay thế Quyết định số 600/QĐ-UBND, Quyết định số 601/QĐ-UBND kể từ ngày 01/01/2022.",
         "replaces 600/QĐ-UBND | | 2022-01-01", "replaces 601/QĐ-UBND | | 2022-01-01"),
    case("Ủy ban nhân dân phường đã ban hành Quyết định số 31/QĐ-UBND thay thế Quyết định số 12/QĐ-UBND."),
    case("Các nội dung không quy định tại Quyết định này thực hiện theo Nghị định số 70/2018/NĐ-CP."),
]  # fmt: skip

# Clauses about the document's own force: text, issued on 2021-06-15, expected effective and expired days.
EFFECT: Final = [
    ("Quyết định này có hiệu lực thi hành kể từ ngày 01 tháng 7 năm 2021.", "2021-07-01", ""),
    ("Quyết định này có hiệu lực kể từ ngày ký.", "2021-06-15", ""),
    ("Quyết định này có hiệu lực sau 10 ngày kể từ ngày ký.", "2021-06-25", ""),
    ("Nghị định này có hiệu lực thi hành sau 45 ngày, kể từ ngày ký ban hành.", "2021-07-30", ""),
    ("Thông tư này có hiệu lực sau 45 (bốn mươi lăm) ngày kể từ ngày ký.", "2021-07-30", ""),
    ("Luật này có hiệu lực thi hành từ ngày 01/01/2022.", "2022-01-01", ""),
    ("Nghị định này có hiệu lực sau 15 ngày kể từ ngày đăng Công báo.", "", ""),
    ("Quyết định này có hiệu lực từ ngày 01/7/2021 đến hết ngày 31/12/2025.", "2021-07-01", "2026-01-01"),
    ("Quyết định này hết hiệu lực kể từ ngày 01 tháng 01 năm 2024.", "", "2024-01-01"),
    ("Nghị quyết này có hiệu lực đến hết ngày 31 tháng 12 năm 2024.", "", "2025-01-01"),
    ("Quyết định nay co hieu luc tu ngay 0l/7/2021.", "2021-07-01", ""),
    ("Quyết định số 50/2015/QĐ-UBND có hiệu lực từ ngày 15/10/2015.", "", ""),
    ("Kể từ ngày Quyết định này có hiệu lực thi hành, các đơn vị báo cáo hằng quý.", "", ""),
    ("Chứng chỉ có hiệu lực đến ngày 31/12/2025.", "", ""),
    ("Luật này có hiệu lực thi hành từ ngày 01 tháng 7 năm 2021, trừ Điều 7 có hiệu lực từ ngày 01 tháng 01 năm 2022.",
     "2021-07-01", ""),
    ("Quyết định này có hiệu lực thi hành từ ngày 31 tháng 02 năm 2021.", "", ""),
]  # fmt: skip
