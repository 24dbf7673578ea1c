# one rule a line reads as the table it is
"""Every rule of the check: its stable name, the sentence that says what Decree 30/2020/NĐ-CP (annex I) wants, and how grave
it is to break it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from khcn.core.papers.check.words import gettext_noop

Severity = Literal["grave", "error", "minor"]


@dataclass(frozen=True)
class Rule:
    """What a rule wants, as a Vietnamese sentence, and how grave it is."""

    wants: str
    severity: Severity = "error"


def _rule(wants: str, severity: Severity = "error") -> Rule:
    return Rule(wants, severity)


RULES: Final[Mapping[str, Rule]] = {
    # page
    "paper.size": _rule(gettext_noop("Khổ giấy phải là A4 (210 x 297 mm)."), "grave"),
    "paper.orientation": _rule(gettext_noop("Văn bản trình bày theo chiều dài khổ giấy; chỉ trang có bảng, biểu mới được xoay ngang.")),
    "margin.top": _rule(gettext_noop("Lề trên phải từ 20 đến 25 mm.")),
    "margin.bottom": _rule(gettext_noop("Lề dưới phải từ 20 đến 25 mm.")),
    "margin.left": _rule(gettext_noop("Lề trái phải từ 30 đến 35 mm.")),
    "margin.right": _rule(gettext_noop("Lề phải phải từ 15 đến 20 mm.")),
    "font.family": _rule(gettext_noop("Phông chữ phải là Times New Roman, bộ mã Unicode.")),
    "font.colour": _rule(gettext_noop("Chữ phải màu đen."), "minor"),
    "page-number.present": _rule(gettext_noop("Văn bản từ hai trang trở lên phải đánh số trang.")),
    "page-number.place": _rule(gettext_noop("Số trang phải đặt trong lề trên của trang.")),
    "page-number.centre": _rule(gettext_noop("Số trang phải canh giữa theo chiều ngang.")),
    "page-number.first-page": _rule(gettext_noop("Không hiển thị số trang ở trang thứ nhất.")),
    "page-number.format": _rule(gettext_noop("Số trang dùng chữ số Ả Rập, bắt đầu từ số 1.")),
    "page-number.size": _rule(gettext_noop("Số trang phải có cỡ chữ từ 13 đến 14."), "minor"),
    "page-number.style": _rule(gettext_noop("Số trang phải là chữ đứng, không đậm."), "minor"),
    # national name and motto
    "national.present": _rule(gettext_noop("Văn bản phải có Quốc hiệu."), "grave"),
    "national.text": _rule(gettext_noop("Quốc hiệu phải ghi đúng: “CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM”."), "grave"),
    "national.one-line": _rule(gettext_noop("Quốc hiệu phải nằm trọn trên một dòng."), "grave"),
    "national.capitals": _rule(gettext_noop("Quốc hiệu phải viết bằng chữ in hoa.")),
    "national.size": _rule(gettext_noop("Quốc hiệu phải có cỡ chữ từ 12 đến 13.")),
    "national.style": _rule(gettext_noop("Quốc hiệu phải là chữ đứng, đậm.")),
    "national.place": _rule(gettext_noop("Quốc hiệu phải nằm ở phía trên cùng, bên phải trang đầu.")),
    "motto.present": _rule(gettext_noop("Văn bản phải có Tiêu ngữ."), "grave"),
    "motto.text": _rule(gettext_noop("Tiêu ngữ phải ghi đúng: “Độc lập - Tự do - Hạnh phúc”, gạch nối có cách chữ, chữ cái đầu mỗi cụm từ viết hoa."), "grave"),
    "motto.one-line": _rule(gettext_noop("Tiêu ngữ phải nằm trọn trên một dòng."), "grave"),
    "motto.size": _rule(gettext_noop("Tiêu ngữ phải có cỡ chữ từ 13 đến 14.")),
    "motto.style": _rule(gettext_noop("Tiêu ngữ phải là chữ đứng, đậm.")),
    "motto.centre": _rule(gettext_noop("Tiêu ngữ phải canh giữa dưới Quốc hiệu.")),
    "motto.rule": _rule(gettext_noop("Dưới Tiêu ngữ phải có đường kẻ ngang, nét liền.")),
    "motto.rule-length": _rule(gettext_noop("Đường kẻ dưới Tiêu ngữ phải dài bằng dòng chữ."), "minor"),
    # agency
    "agency.present": _rule(gettext_noop("Văn bản phải có tên cơ quan ban hành ở góc trên bên trái."), "grave"),
    "agency.capitals": _rule(gettext_noop("Tên cơ quan phải viết bằng chữ in hoa.")),
    "agency.size": _rule(gettext_noop("Tên cơ quan phải có cỡ chữ từ 12 đến 13.")),
    "agency.style": _rule(gettext_noop("Tên cơ quan ban hành phải là chữ đứng, đậm.")),
    "agency.parent-style": _rule(gettext_noop("Tên cơ quan chủ quản phải là chữ đứng, không đậm.")),
    "agency.centre": _rule(gettext_noop("Tên cơ quan phải canh giữa."), "minor"),
    "agency.rule": _rule(gettext_noop("Dưới tên cơ quan ban hành phải có đường kẻ ngang, nét liền.")),
    "agency.rule-length": _rule(gettext_noop("Đường kẻ dưới tên cơ quan phải dài từ 1/3 đến 1/2 dòng chữ."), "minor"),
    # number and symbol
    "number.present": _rule(gettext_noop("Văn bản phải có số, ký hiệu (Số: …/…)."), "grave"),
    "number.form": _rule(gettext_noop("Số, ký hiệu phải viết dạng “Số: 05/BC-UBND”: chữ viết tắt tên loại và tên cơ quan, có dấu hai chấm, gạch chéo sau số, gạch nối giữa các nhóm, không cách chữ.")),
    "number.zero": _rule(gettext_noop("Số nhỏ hơn 10 phải ghi thêm số 0 phía trước.")),
    "number.capitals": _rule(gettext_noop("Ký hiệu phải viết bằng chữ in hoa (trừ các chữ viết tắt TTr, CTr, QyĐ).")),
    "number.code": _rule(gettext_noop("Chữ viết tắt trong ký hiệu phải đúng với tên loại văn bản.")),
    "number.size": _rule(gettext_noop("Số, ký hiệu phải có cỡ chữ 13.")),
    "number.style": _rule(gettext_noop("Số, ký hiệu phải là chữ đứng, không đậm.")),
    "number.centre": _rule(gettext_noop("Số, ký hiệu phải canh giữa dưới tên cơ quan."), "minor"),
    "number.place": _rule(gettext_noop("Số, ký hiệu phải nằm bên trái, dưới tên cơ quan.")),
    # place and date
    "place-date.present": _rule(gettext_noop("Văn bản phải có địa danh và thời gian ban hành."), "grave"),
    "place-date.form": _rule(gettext_noop("Địa danh và thời gian phải viết dạng “Chợ Quán, ngày 05 tháng 6 năm 2021”.")),
    "place-date.zero-day": _rule(gettext_noop("Ngày nhỏ hơn 10 phải ghi thêm số 0 phía trước.")),
    "place-date.zero-month": _rule(gettext_noop("Chỉ tháng 1 và tháng 2 ghi thêm số 0 phía trước; các tháng khác không ghi số 0.")),
    "place-date.real": _rule(gettext_noop("Ngày ban hành phải có trong lịch.")),
    "place-date.size": _rule(gettext_noop("Địa danh và thời gian phải có cỡ chữ từ 13 đến 14.")),
    "place-date.style": _rule(gettext_noop("Địa danh và thời gian phải là chữ nghiêng, không đậm.")),
    "place-date.place": _rule(gettext_noop("Địa danh và thời gian phải nằm dưới Tiêu ngữ, canh giữa.")),
    # type name and abstract, subject of a letter
    "type.present": _rule(gettext_noop("Văn bản (trừ công văn) phải có tên loại."), "grave"),
    "type.name": _rule(gettext_noop("Tên loại văn bản phải ghi đúng tên trong Nghị định 30.")),
    "type.capitals": _rule(gettext_noop("Tên loại văn bản phải viết bằng chữ in hoa.")),
    "type.size": _rule(gettext_noop("Tên loại văn bản phải có cỡ chữ từ 13 đến 14.")),
    "type.style": _rule(gettext_noop("Tên loại văn bản phải là chữ đứng, đậm.")),
    "type.centre": _rule(gettext_noop("Tên loại văn bản phải canh giữa.")),
    "abstract.present": _rule(gettext_noop("Dưới tên loại phải có trích yếu nội dung, trên dòng riêng.")),
    "abstract.case": _rule(gettext_noop("Trích yếu phải viết bằng chữ in thường.")),
    "abstract.size": _rule(gettext_noop("Trích yếu phải có cỡ chữ từ 13 đến 14.")),
    "abstract.style": _rule(gettext_noop("Trích yếu phải là chữ đứng, đậm.")),
    "abstract.centre": _rule(gettext_noop("Trích yếu phải canh giữa.")),
    "abstract.rule": _rule(gettext_noop("Dưới trích yếu phải có đường kẻ ngang, nét liền.")),
    "abstract.rule-length": _rule(gettext_noop("Đường kẻ dưới trích yếu phải dài từ 1/3 đến 1/2 dòng chữ."), "minor"),
    "subject.present": _rule(gettext_noop("Công văn phải có trích yếu “V/v …” dưới số, ký hiệu.")),
    "subject.form": _rule(gettext_noop("Trích yếu công văn bắt đầu bằng “V/v”, viết chữ in thường.")),
    "subject.size": _rule(gettext_noop("Trích yếu công văn phải có cỡ chữ từ 12 đến 13.")),
    "subject.style": _rule(gettext_noop("Trích yếu công văn phải là chữ đứng, không đậm.")),
    "subject.centre": _rule(gettext_noop("Trích yếu công văn phải canh giữa dưới số, ký hiệu."), "minor"),
    # addressees and legal basis
    "addressees.present": _rule(gettext_noop("Công văn và tờ trình phải có “Kính gửi”.")),
    "addressees.kind": _rule(gettext_noop("“Kính gửi” chỉ dùng cho công văn, tờ trình và báo cáo gửi cấp trên.")),
    "addressees.form": _rule(gettext_noop("Sau “Kính gửi” có dấu hai chấm; nhiều nơi nhận thì mỗi nơi một dòng bắt đầu bằng gạch đầu dòng, cuối dòng có dấu chấm phẩy, dòng cuối có dấu chấm.")),
    "addressees.size": _rule(gettext_noop("Phần kính gửi phải có cỡ chữ từ 13 đến 14.")),
    "addressees.style": _rule(gettext_noop("Phần kính gửi phải là chữ đứng, không đậm."), "minor"),
    "bases.style": _rule(gettext_noop("Căn cứ ban hành phải là chữ nghiêng, không đậm.")),
    "bases.size": _rule(gettext_noop("Căn cứ ban hành phải có cỡ chữ từ 13 đến 14.")),
    "bases.ends": _rule(gettext_noop("Mỗi căn cứ kết thúc bằng dấu chấm phẩy, căn cứ cuối cùng kết thúc bằng dấu chấm.")),
    # body
    "body.present": _rule(gettext_noop("Văn bản phải có nội dung."), "grave"),
    "body.size": _rule(gettext_noop("Nội dung phải có cỡ chữ từ 13 đến 14.")),
    "body.style": _rule(gettext_noop("Nội dung phải là chữ đứng, không đậm (trừ tiêu đề).")),
    "body.justify": _rule(gettext_noop("Nội dung phải canh đều cả hai lề.")),
    "body.first-line": _rule(gettext_noop("Đầu mỗi đoạn phải lùi vào 1 cm hoặc 1,27 cm.")),
    "body.gap": _rule(gettext_noop("Khoảng cách giữa các đoạn phải từ 6 pt trở lên.")),
    "body.line-spacing": _rule(gettext_noop("Khoảng cách dòng phải từ dòng đơn đến 1,5 dòng.")),
    "division.form": _rule(gettext_noop("“Phần”, “Chương” và số La Mã đứng riêng một dòng, chữ in thường, đậm, canh giữa, cỡ 13-14.")),
    "division.title": _rule(gettext_noop("Tiêu đề của phần, chương, mục phải viết chữ in hoa, đậm, canh giữa, cỡ 13-14.")),
    "section.form": _rule(gettext_noop("“Mục”, “Tiểu mục” và số Ả Rập đứng riêng một dòng, chữ in thường, đậm, canh giữa, cỡ 13-14.")),
    "article.form": _rule(gettext_noop("Điều phải viết dạng “Điều 1.”: chữ in thường, số Ả Rập, sau số có dấu chấm.")),
    "article.style": _rule(gettext_noop("“Điều” và số thứ tự phải là chữ đứng, đậm, cỡ 13-14.")),
    "article.order": _rule(gettext_noop("Các điều phải đánh số liên tiếp.")),
    "clause.form": _rule(gettext_noop("Khoản phải đánh bằng số Ả Rập và dấu chấm (“1.”).")),
    "point.order": _rule(gettext_noop("Điểm phải đánh theo thứ tự bảng chữ cái tiếng Việt: a), b), c), d), đ), e), g)…")),
    # signature
    "signature.present": _rule(gettext_noop("Văn bản phải có quyền hạn, chức vụ của người ký."), "grave"),
    "signature.mode": _rule(gettext_noop("Chữ viết tắt quyền hạn phải viết “TM.”, “Q.”, “KT.”, “TL.”, “TUQ.”, có dấu chấm.")),
    "signature.deputy": _rule(gettext_noop("Ký thay (KT.) phải ghi chức vụ của cấp phó ở dòng dưới.")),
    "signature.capitals": _rule(gettext_noop("Quyền hạn, chức vụ của người ký phải viết bằng chữ in hoa.")),
    "signature.size": _rule(gettext_noop("Quyền hạn, chức vụ của người ký phải có cỡ chữ từ 13 đến 14.")),
    "signature.style": _rule(gettext_noop("Quyền hạn, chức vụ của người ký phải là chữ đứng, đậm.")),
    "signature.centre": _rule(gettext_noop("Quyền hạn, chức vụ và họ tên người ký phải canh giữa ở bên phải."), "minor"),
    "signature.name": _rule(gettext_noop("Họ tên người ký phải viết bằng chữ in thường, đứng, đậm.")),
    "signature.name-size": _rule(gettext_noop("Họ tên người ký phải có cỡ chữ từ 13 đến 14.")),
    "signature.name-title": _rule(gettext_noop("Trước họ tên người ký không ghi học hàm, học vị, danh hiệu.")),
    # recipients
    "recipients.present": _rule(gettext_noop("Văn bản phải có “Nơi nhận”."), "grave"),
    "recipients.label": _rule(gettext_noop("Phải viết “Nơi nhận:” trên dòng riêng, chữ in thường, có dấu hai chấm.")),
    "recipients.label-size": _rule(gettext_noop("“Nơi nhận” phải có cỡ chữ 12.")),
    "recipients.label-style": _rule(gettext_noop("“Nơi nhận” phải là chữ nghiêng, đậm.")),
    "recipients.size": _rule(gettext_noop("Danh sách nơi nhận phải có cỡ chữ 11.")),
    "recipients.style": _rule(gettext_noop("Danh sách nơi nhận phải là chữ đứng, không đậm."), "minor"),
    "recipients.dash": _rule(gettext_noop("Mỗi nơi nhận một dòng, bắt đầu bằng gạch đầu dòng (-).")),
    "recipients.ends": _rule(gettext_noop("Mỗi dòng nơi nhận kết thúc bằng dấu chấm phẩy, dòng cuối cùng bằng dấu chấm."), "minor"),
    "recipients.file": _rule(gettext_noop("Dòng cuối cùng của nơi nhận phải là “- Lưu: VT, …”.")),
    "recipients.side": _rule(gettext_noop("“Nơi nhận” phải nằm sát lề trái.")),
    # stamps, annexes
    "urgency.form": _rule(gettext_noop("Dấu chỉ mức độ khẩn viết chữ in hoa, đứng, đậm, cỡ 13-14, trong khung viền đơn.")),
    "annex.label": _rule(gettext_noop("“Phụ lục” và số La Mã đứng riêng một dòng, chữ in thường, đậm, canh giữa.")),
    "annex.label-size": _rule(gettext_noop("“Phụ lục” phải có cỡ chữ 14.")),
    "annex.number": _rule(gettext_noop("Có từ hai phụ lục trở lên thì phải đánh số bằng chữ số La Mã.")),
    "annex.title": _rule(gettext_noop("Tiêu đề phụ lục phải viết chữ in hoa, đậm, canh giữa, cỡ 13-14.")),
    "annex.reference": _rule(gettext_noop("Dưới tiêu đề phụ lục phải có dòng “(Kèm theo …)”, chữ nghiêng, canh giữa.")),
    "annex.page-number": _rule(gettext_noop("Phụ lục phải sang trang mới và đánh số trang riêng, từ số 1.")),
}  # fmt: skip
