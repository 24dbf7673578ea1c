"""Every sentence that the reading of plans says to a person, in one table.

Engines know no gettext: a caller with a request translates the template and fills it with the same parameters.
"""

from typing import Final

from khcn.engines.plans.types import Anomaly, Fault

FAULTS: Final[dict[str, str]] = {
    # The file
    "empty": "Tệp không có nội dung. Hãy chọn đúng tệp kế hoạch.",
    "too-large": "Tệp lớn hơn %(limit)s MB. Tệp kế hoạch chỉ gồm chữ; hãy kiểm tra lại tệp.",
    "encoding": "Có ký tự không thuộc bảng mã UTF-8. Hãy mở tệp và lưu lại bằng bảng mã UTF-8.",
    "character": "Có ký tự điều khiển không đọc được (%(number)s). Hãy xóa ký tự này.",
    "format": "Chỉ đọc được tệp YAML (.yaml, .yml), Word (.docx) hoặc Markdown (.md). Hãy lưu kế hoạch ở một trong các "
    "dạng này.",
    "old-word": "Tệp ở dạng Word cũ (.doc) hoặc không phải tệp Word. Hãy mở bằng phần mềm soạn thảo và lưu thành .docx.",
    "docx-corrupt": "Tệp Word bị hỏng hoặc không phải tệp Word nên không đọc được. Hãy mở thử trên máy và lưu lại.",
    "docx-bomb": "Tệp Word bung ra quá lớn so với kích thước của nó nên bị từ chối. Hãy lưu lại tệp bằng phần mềm soạn thảo.",
    "docx-encrypted": "Tệp Word được đặt mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại.",
    # YAML
    "syntax": "Sai cú pháp YAML tại đoạn “%(shown)s”. Thường là thiếu dấu ngoặc kép quanh chữ có dấu hai chấm, hoặc thụt "
    "lề không đều. Hãy sửa dòng này rồi thử lại.",
    "tab": "Dòng thụt lề bằng phím Tab. YAML chỉ nhận dấu cách; hãy thay Tab bằng dấu cách.",
    "key": "Tên mục phải là chữ, không phải danh sách hay nhóm mục.",
    "key-twice": "Mục “%(key)s” ghi hai lần (lần đầu ở dòng %(first)s). Hãy giữ lại một.",
    "merge": "Không dùng “<<” để gộp mục. Hãy ghi đủ các mục của nhóm này.",
    "alias": "Nhắc tới “*%(name)s” khi chưa có hoặc đang trong chính nó. Hãy ghi thẳng nội dung.",
    "tag": "Nhãn “%(tag)s” không được dùng trong tệp kế hoạch. Hãy xóa nhãn.",
    "too-deep": "Các mục lồng nhau sâu hơn %(limit)s tầng. Hãy kiểm tra lại cách thụt lề.",
    "too-many": "Tệp có hơn %(limit)s giá trị (tính cả phần nhắc lại bằng dấu *). Hãy chia nhỏ kế hoạch.",
    "several-documents": "Tệp chứa nhiều hơn một tài liệu YAML (dấu ---). Mỗi kế hoạch để trong một tệp.",
    "not-mapping": "Tệp không phải kế hoạch: mong các mục document, sections, tasks ở đầu dòng.",
    # Fields
    "schema-version": "Phiên bản cấu trúc phải là 1, tệp ghi “%(value)s”. Hãy dùng mẫu tệp hiện hành.",
    "missing": "Thiếu mục bắt buộc hoặc mục để trống. Hãy điền mục này.",
    "missing-part": "Thiếu cả phần này của kế hoạch. Hãy bổ sung.",
    "no-tasks": "Kế hoạch không có nhiệm vụ nào. Hãy bổ sung phần tasks.",
    "want-text": "Phải là một dòng chữ, không phải danh sách hay nhóm mục.",
    "want-list": "Phải là danh sách (mỗi dòng bắt đầu bằng dấu -).",
    "want-mapping": "Phải là nhóm mục (tên: giá trị).",
    "want-number": "“%(value)s” không phải số nguyên từ %(low)s đến %(high)s.",
    "want-flag": "“%(value)s” không phải true hoặc false.",
    "too-long": "Dài %(length)s ký tự, mức cho phép là %(limit)s. Hãy rút gọn.",
    "bad-code": "Mã “%(value)s” chỉ được gồm chữ, số, dấu chấm, gạch nối, gạch dưới và dài tối đa %(limit)s ký tự.",
    "bad-unit-code": "Mã đơn vị “%(value)s” chỉ được gồm chữ không dấu, số, gạch nối, gạch dưới và dài tối đa %(limit)s ký tự.",
    "date": "“%(value)s” không phải một ngày. Hãy ghi 2021-04-12 hoặc 12/4/2021.",
    "date-no-such-day": "“%(value)s” không có trên lịch (ngày ghi trước, tháng ghi sau).",
    "date-far": "“%(value)s” có năm ngoài khoảng 1945-2200. Hãy kiểm tra lại năm.",
    "amount": "“%(value)s” không phải số tiền. Hãy ghi 1.500.000 hoặc 1,5 triệu.",
    "amount-negative": "Số tiền “%(value)s” nhỏ hơn 0. Kinh phí không được âm.",
    "amount-groups": "Số tiền “%(value)s” có dấu phân cách không đều nên hiểu được theo nhiều cách. Hãy ghi 1.500.000.",
    "amount-too-large": "Số tiền “%(value)s” quá lớn (hơn 17 chữ số).",
    "level": "Cấp nhiệm vụ “%(value)s” không có; chỉ nhận programme, assignment hoặc report.",
    # Between parts
    "code-twice": "Mã “%(value)s” đã dùng ở dòng %(first)s. Mỗi mã chỉ dùng một lần.",
    "unknown-unit": "Đơn vị “%(value)s” không có trong phần units của tệp và cũng chưa có trong danh mục đơn vị. Hãy "
    "thêm đơn vị hoặc sửa mã.",
    "unknown-section": "Mục “%(value)s” không có trong phần sections. Hãy thêm mục hoặc sửa mã.",
    "unknown-task": "Nhiệm vụ “%(value)s” không có trong phần tasks.",
    "deadline-before-start": "Hạn %(deadline)s trước ngày bắt đầu %(start)s. Hãy sửa một trong hai ngày.",
    "due-before-cutoff": "Hạn nộp %(due)s phải sau ngày chốt số liệu %(cutoff)s.",
    "due-disagrees": "Hạn cuối %(last)s không khớp với “trước ngày %(before)s”. Hãy giữ một cách ghi.",
    "valid-order": "Ngày kết thúc %(end)s trước ngày thành lập %(start)s.",
    "circle-parent": "Các đơn vị thuộc nhau thành vòng tròn: %(path)s.",
    "circle-members": "Các nhóm chứa nhau thành vòng tròn: %(path)s.",
    "circle-sections": "Các mục nằm trong nhau thành vòng tròn: %(path)s.",
    "members-not-group": "Đơn vị có thành viên phải ghi type: group.",
    # Running text
    "no-text": "Không đọc được chữ nào trong tệp. Nếu tệp là ảnh quét, hãy nhận dạng chữ trước.",
    "no-outline": "Không thấy mục nào (I., 1., a), -) trong tệp nên không lập được danh sách nhiệm vụ. Hãy kiểm tra đây "
    "có phải kế hoạch không.",
    "no-promise": "Có các mục nhưng không thấy nhiệm vụ nào dưới các mục nội dung hoặc phân công.",
    "too-many-tasks": "Tệp cho hơn %(limit)s nhiệm vụ. Hãy chia kế hoạch thành nhiều tệp.",
}

ANOMALIES: Final[dict[str, str]] = {
    "duplicate-heading": "Cùng một tiêu đề “%(issue)s” được dùng nhiều lần.",
    "duplicate-bullet": "Một gạch đầu dòng được in hai lần: “%(issue)s”.",
    "task-without-deadline": "Nhiệm vụ không có thời hạn.",
    "task-without-lead": "Nhiệm vụ chưa có đơn vị chủ trì.",
    "no-amounts": "Không nhiệm vụ nào có kinh phí.",
    "default-deadline": "Thời hạn không ghi trong kế hoạch; tạm lấy ngày cuối năm.",
    "inferred-lead": "Đơn vị chủ trì không ghi trong kế hoạch mà do suy ra.",
    "inferred-cooperating": "Đơn vị phối hợp không ghi trong kế hoạch mà do suy ra.",
    "lead-cooperates": "Đơn vị chủ trì được ghi cả trong danh sách phối hợp.",
    "deadline-outside-year": "Thời hạn nằm ngoài năm của kế hoạch.",
    "fan-out-nobody": "Nhiệm vụ chia cho từng thành viên nhưng không có thành viên nào.",
    "group-in-group": "Nhóm đơn vị nằm trong một nhóm khác.",
    "group-empty": "Nhóm đơn vị chưa có thành viên nào trong danh mục.",
    "group-incomplete": "Danh sách thành viên của nhóm chưa đầy đủ.",
    "unknown-kind": "Loại nhiệm vụ “%(issue)s” không có trong danh mục của tệp.",
    "unknown-audience": "Đối tượng “%(issue)s” không có trong danh mục của tệp.",
    "no-number": "Văn bản chưa có số, ký hiệu.",
    "no-date": "Văn bản chưa có ngày ban hành.",
    "no-year": "Không thấy năm của kế hoạch; tạm lấy %(issue)s.",
    "no-signer": "Không thấy người ký.",
    "no-recipients": "Không thấy phần nơi nhận.",
    "no-national-title": "Thiếu Quốc hiệu và Tiêu ngữ.",
    "no-issuer": "Không thấy tên cơ quan ban hành ở đầu văn bản; suy ra từ ký hiệu và địa danh: %(issue)s.",
    "number-disagrees": "Số và ký hiệu ghi riêng (%(issue)s) không khớp với số đầy đủ.",
    "signing-mode-dot": "Chữ ký ghi “%(issue)s” thiếu dấu chấm theo Nghị định 30/2020/NĐ-CP.",
    "incoming-stamp": "Có dấu đến hoặc chữ viết tay của nơi nhận lẫn trong phần đầu văn bản: “%(issue)s”.",
    "no-cutoff": "Kỳ báo cáo không có ngày chốt số liệu (Nghị định 09/2019/NĐ-CP yêu cầu có).",
    "period-no-day": "Hạn báo cáo “%(issue)s” không ghi đủ ngày; ngày được lấy theo kỳ trước.",
    "split-bullet": "Một gạch đầu dòng có nhiều việc khác loại, đã tách thành nhiều nhiệm vụ.",
    "joined-lines": "Một câu bị ngắt thành hai đoạn, đã nối lại: “%(issue)s”.",
    "unclear-kind": "Chưa nhận ra loại nhiệm vụ.",
    "unknown-name": "Tên đơn vị “%(issue)s” chưa có trong danh mục; được đề nghị thành đơn vị mới.",
    "comma-joined": "Chữ có dấu phẩy không đặt trong ngoặc kép nên YAML cắt làm đôi: “%(issue)s”.",
    "amount-ambiguous": "Số tiền “%(issue)s” hiểu được theo hai cách; đọc là %(handling)s đồng.",
    "amount-rounded": "Số tiền “%(issue)s” có phần lẻ của đồng; làm tròn thành %(handling)s đồng.",
    "deadline-unclear": "Cụm từ về thời gian “%(issue)s” chưa xác định được ngày.",
}

HANDLING: Final[dict[str, str]] = {
    "duplicate-heading": "giữ cả hai mục, phân biệt bằng số mục",
    "duplicate-bullet": "giữ một lần",
    "task-without-deadline": "để trống, người phụ trách bổ sung nếu cần",
    "task-without-lead": "người phụ trách chọn đơn vị",
    "no-amounts": "để trống, bổ sung ở phần kinh phí",
    "default-deadline": "người phụ trách xác nhận hoặc sửa",
    "inferred-lead": "người phụ trách xác nhận",
    "inferred-cooperating": "người phụ trách xác nhận",
    "lead-cooperates": "bỏ khỏi danh sách phối hợp",
    "deadline-outside-year": "giữ nguyên, người phụ trách kiểm tra",
    "fan-out-nobody": "giao cho đơn vị chủ trì",
    "group-in-group": "chia tới từng thành viên, mỗi đơn vị một lần",
    "group-empty": "bổ sung thành viên trong danh mục đơn vị",
    "group-incomplete": "bổ sung thành viên nếu biết",
    "unknown-kind": "giữ nguyên mã",
    "unknown-audience": "giữ nguyên mã",
    "no-number": "bổ sung khi ban hành",
    "no-date": "bổ sung khi ban hành",
    "no-year": "người phụ trách sửa năm",
    "no-signer": "bổ sung khi ban hành",
    "no-recipients": "bổ sung nếu cần",
    "no-national-title": "bản dựng lại từ phần mềm có đủ",
    "no-issuer": "người phụ trách xác nhận",
    "number-disagrees": "dùng số đầy đủ",
    "signing-mode-dot": "ghi lại có dấu chấm",
    "incoming-stamp": "bỏ khỏi nội dung kế hoạch",
    "no-cutoff": "bổ sung khi đặt chế độ báo cáo",
    "period-no-day": "người phụ trách xác nhận ngày",
    "split-bullet": "người phụ trách xác nhận",
    "joined-lines": "người phụ trách đọc lại câu",
    "unclear-kind": "người phụ trách chọn loại",
    "unknown-name": "người phụ trách xác nhận hoặc chọn đơn vị có sẵn",
    "comma-joined": "đã nối lại",
    "amount-ambiguous": "người phụ trách xác nhận số tiền",
    "amount-rounded": "người phụ trách xác nhận số tiền",
    "deadline-unclear": "người phụ trách đặt hạn",
}


def fault_sentence(fault: Fault) -> str:
    """Return "Dòng 12, nhiệm vụ IV.7 › deadline: what is wrong and what to do"."""
    body = FAULTS[fault.code] % dict(fault.params)
    head = ", ".join(part for part in (fault.where, fault.item) if part)
    return f"{head[:1].upper()}{head[1:]}: {body}" if head else body


def anomaly_sentence(anomaly: Anomaly) -> str:
    """Return what a person should look at; what a file notes by itself is said in the file's own words."""
    template = ANOMALIES.get(anomaly.code) if anomaly.found else None
    return template % {"issue": anomaly.issue, "handling": anomaly.handling} if template else anomaly.issue


def handling_sentence(anomaly: Anomaly) -> str:
    """Return what was done, or is to be done, about it."""
    return HANDLING.get(anomaly.code, anomaly.handling) if anomaly.found else anomaly.handling
