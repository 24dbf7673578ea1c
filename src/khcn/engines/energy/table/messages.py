"""Sentences about reading files of readings, by code."""

from typing import Final

TABLES: Final[dict[str, str]] = {
    "spec-json": "%(name)s không phải là JSON đúng. Hãy mở tệp, sửa chỗ sai dấu ngoặc hoặc dấu phẩy rồi chạy lại.",
    "spec-object": "%(name)s phải là một đối tượng JSON ({...}). Hãy xem mẫu trong docs/contract.md.",
    # Files that cannot be read
    "empty-file": "Tệp %(name)s trống. Hãy xuất lại từ thiết bị hoặc cổng theo dõi rồi gửi lại.",
    "no-rows": "Tệp %(name)s không có dòng số liệu nào dưới dòng tiêu đề. Hãy chọn lại khoảng thời gian khi xuất tệp.",
    "too-big": "Tệp %(name)s nặng %(size_mb)s MB, quá mức %(limit_mb)s MB. Hãy xuất theo từng tháng hoặc từng quý.",
    "too-big-inside": "Tệp %(name)s khi giải nén nặng %(size_mb)s MB, quá mức %(limit_mb)s MB nên không mở. Hãy xuất lại "
    "theo khoảng thời gian ngắn hơn, hoặc lưu thành CSV.",
    "too-many-rows": "Tệp %(name)s có hơn %(limit)s dòng. Hãy chia thành nhiều tệp theo tháng.",
    "too-many-columns": "Tệp %(name)s có %(columns)s cột, quá mức %(limit)s. Hãy xuất lại và chỉ chọn những cột cần dùng.",
    "binary": "Tệp %(name)s không phải là bảng CSV hay XLSX (bên trong là dữ liệu nhị phân). Hãy mở bằng phần mềm đã tạo "
    "ra nó và lưu lại thành CSV hoặc XLSX.",
    "old-excel": "Tệp %(name)s là Excel đời cũ (.xls). Hãy mở bằng Excel hoặc LibreOffice, chọn Lưu thành .xlsx rồi gửi lại.",
    "html-table": "Tệp %(name)s thật ra là một trang web (HTML) được đổi đuôi. Hãy mở bằng Excel hoặc LibreOffice, lưu "
    "thành .xlsx rồi gửi lại.",
    "bad-workbook": "Không mở được bảng tính %(name)s: tệp hỏng, bị khóa bằng mật khẩu hoặc không phải XLSX. Hãy mở bằng "
    "Excel hoặc LibreOffice và lưu lại thành .xlsx.",
    "no-sheet": "Bảng tính không có trang %(sheet)s. Các trang đang có: %(sheets)s.",
    "bad-csv": "Tệp %(name)s không đọc được như CSV ở dòng %(line)s. Hãy mở tệp, sửa chỗ dấu ngoặc kép thừa hoặc thiếu "
    "rồi gửi lại.",
    "no-column": "Tệp không có cột «%(column)s». Có thể bạn muốn: %(near)s. Các cột đang có: %(columns)s.",
    "no-numbers": "Cột «%(column)s» không có số nào đọc được. Hãy chọn cột khác.",
    # Times
    "no-times": "Không đọc được thời gian trong cột «%(column)s» (ví dụ: «%(text)s»). Hãy chọn đúng cột thời gian hoặc ghi "
    "rõ cách viết, ví dụ %%d/%%m/%%Y %%H:%%M.",
    "bad-zone": "Không có múi giờ tên «%(zone)s». Hãy dùng tên như Asia/Ho_Chi_Minh.",
    "bad-format": "Cách viết thời gian «%(format)s» không dùng được. Hãy viết như %%d/%%m/%%Y %%H:%%M, hoặc epoch_s, "
    "epoch_ms, excel.",
    # MAP.json
    "map-field": "MAP: «%(field)s» không dùng được (%(value)s); cần %(expected)s. Hãy xem mẫu trong docs/contract.md.",
    "map-unknown": "MAP: không có mục «%(field)s». Các mục dùng được: %(known)s.",
    "map-empty": "MAP không chỉ cột nào vào đại lượng nào. Hãy điền «columns» hoặc «long».",
    "map-unit": "MAP: đơn vị «%(unit)s» của cột «%(column)s» không đổi được sang %(canonical)s (đại lượng %(metric)s).",
    "map-period": "MAP: cột «%(column)s» ghi điện của từng kỳ, nhưng đại lượng %(metric)s không tính theo kỳ. Hãy chọn "
    "đại lượng điện năng, bức xạ, công suất hoặc nhiệt độ.",
    "period-too-long": "Cột «%(column)s» ghi điện theo kỳ dài hơn một ngày (%(days)s ngày). Hãy xuất theo giờ hoặc theo "
    "ngày; số theo tháng thì nhập như hóa đơn.",
    "nothing-guessed": "Chưa nhận ra cột nào là số đo. Hãy chỉ từng cột là đại lượng gì.",
    "unit-guessed": "Cột «%(column)s» không ghi đơn vị; đã hiểu là %(unit)s vì độ lớn của số. Hãy kiểm tra lại.",
    "kind-guessed": "Cột «%(column)s»: %(meaning)s. Hãy kiểm tra lại.",
    "layout": "Nhận ra cách trình bày: %(layout)s.",
    "sections": "Tệp gồm nhiều nhật ký trộn lẫn: %(names)s. Mỗi nhật ký có cột riêng, tên bắt đầu bằng tên nhật ký.",
    # Notes: what was decided while reading
    "legacy-encoding": "Tệp không phải Unicode; đã đọc theo bảng mã %(encoding)s. Nếu tên cột sai dấu, hãy lưu lại thành "
    "CSV UTF-8.",
    "preamble": "Bỏ qua %(count)s dòng giới thiệu ở đầu tệp; dòng tiêu đề là dòng %(header)s.",
    "no-header": "Tệp không có dòng tiêu đề; các cột được gọi là #1, #2, #3…",
    "units-row": "Dòng %(row)s chỉ ghi đơn vị nên không tính là số liệu.",
    "duplicate-names": "Có cột trùng tên: %(names)s. Các cột sau được thêm số thứ tự, ví dụ «%(example)s».",
    "ragged-rows": "%(count)s dòng có nhiều ô hơn dòng tiêu đề (dòng số liệu đầu tiên: %(row)s); các ô thừa không được "
    "dùng. Nếu số dùng dấu phẩy thập phân, hãy xuất với dấu chấm phẩy ngăn cột.",
    "short-rows": "%(count)s dòng thiếu ô (dòng số liệu đầu tiên: %(row)s); các ô thiếu coi như không đo.",
    "other-sheets": "Bảng tính còn trang khác có số liệu: %(sheets)s. Chỉ đọc trang «%(sheet)s».",
    "formula-without-value": "Cột «%(column)s» chứa công thức nhưng tệp không lưu kết quả. Hãy mở bằng Excel hoặc "
    "LibreOffice, lưu lại rồi gửi.",
    "bad-cells": "Cột «%(column)s»: %(count)s ô không phải là số (dòng số liệu đầu tiên: %(row)s, «%(text)s»); coi như "
    "không đo.",
    "ambiguous-decimal": "Cột «%(column)s»: «%(text)s» có thể đọc theo hai cách; đã hiểu dấu %(mark)s là dấu %(meaning)s. "
    "Hãy so một dòng với màn hình thiết bị.",
    "unit-in-cells": "Cột «%(column)s» ghi đơn vị «%(unit)s» ngay trong ô; đã bỏ đơn vị và lấy số.",
    "bad-times": "Cột «%(column)s»: %(count)s dòng không đọc được thời gian (dòng số liệu đầu tiên: %(row)s, "
    "«%(text)s»); các dòng này không được dùng.",
    "total-rows": "%(count)s dòng là dòng cộng («%(text)s»), không phải số đo, nên không được dùng.",
    "ambiguous-date": "Ngày «%(text)s» có thể đọc là %(chosen)s hoặc %(other)s, hai cách đều hợp lý; đã đọc theo "
    "%(chosen)s. Nếu sai, hãy ghi rõ cách viết thời gian.",
    "no-year": "Thời gian không có năm; đã lấy năm %(year)s.",
    "no-date": "Thời gian chỉ có giờ, không có ngày; đã đếm ngày từ %(date)s mỗi khi sang nửa đêm.",
    "joined-columns": "Thời gian được ghép từ các cột: %(columns)s.",
    "mixed-formats": "Cột thời gian viết theo %(kinds)s cách khác nhau; tất cả đã được đọc.",
    "offset-wins": "Thời gian có ghi độ lệch múi giờ (như +07:00); đã dùng độ lệch đó thay cho múi giờ %(zone)s.",
    "repeated-hour": "%(count)s dòng nằm trong giờ lặp lại khi đổi giờ mùa (dòng số liệu đầu tiên: %(row)s); đã chia theo "
    "thứ tự dòng: lần đầu là giờ mùa hè, lần sau là giờ chuẩn.",
    "missing-hour": "%(count)s dòng nằm trong giờ không tồn tại khi đổi giờ mùa (dòng số liệu đầu tiên: %(row)s); đã dời "
    "tới theo giờ sau khi đổi. Hãy kiểm tra thiết bị có chạy giờ mùa không.",
    "backward-time": "%(count)s lần thời gian lùi lại so với dòng trước (dòng số liệu đầu tiên: %(row)s).",
    "standard-time": "Tệp có %(count)s dòng trong giờ không tồn tại khi đổi giờ mùa (dòng số liệu đầu tiên: %(row)s): "
    "thiết bị không chạy giờ mùa. Đã đọc cả tệp theo giờ chuẩn của múi giờ %(zone)s.",
    "far-times": "%(count)s dòng có thời gian trước năm 2000 hoặc sau năm 2099 (dòng số liệu đầu tiên: %(row)s, "
    "«%(text)s»); có thể đồng hồ thiết bị sai.",
}
