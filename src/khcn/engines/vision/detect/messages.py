"""What can be wrong with a model, in sentences; and how well a model is known."""

from typing import Final

MODELS: Final[dict[str, str]] = {
    "model-missing": "Chưa có mô hình “%(name)s” trên máy này. Hãy chạy `khcn markets models fetch %(name)s` để tải, "
    "hoặc `khcn markets models add ĐƯỜNG_DẪN --name %(name)s` để thêm từ tệp có sẵn.",
    "model-none": "Máy này chưa có mô hình nhận người nào. Hãy chạy `khcn markets models fetch packaged` "
    "hoặc thêm mô hình từ tệp bằng `khcn markets models add`.",
    "model-unknown": "Không biết nơi tải chính thức của mô hình “%(name)s”. Các mô hình tải được: %(offered)s. "
    "Nếu đã có tệp, hãy dùng `khcn markets models add`.",
    "model-path": "Không thấy tệp mô hình ở “%(path)s”. Hãy kiểm tra lại đường dẫn tới tệp .xml, .onnx hoặc .pb, "
    "hay thư mục chứa chúng.",
    "model-files": "Trong “%(path)s” không có đúng một mô hình (tìm thấy %(count)s). Hãy chỉ đúng tệp .xml, .onnx hoặc .pb.",
    "model-weights": "Thiếu tệp trọng số “%(file)s” đi kèm tệp .xml. Hãy chép cả hai tệp vào cùng một thư mục rồi thêm lại.",
    "model-name": "Tên mô hình “%(name)s” không dùng được. Hãy đặt tên từ 1 đến 64 ký tự gồm chữ cái không dấu, chữ số, "
    "dấu chấm, gạch ngang hoặc gạch dưới, bắt đầu bằng chữ hay số.",
    "model-broken": "Không đọc được mô hình “%(name)s” (%(why)s). Tệp có thể bị hỏng hoặc tải dở; hãy tải lại rồi thêm lần nữa.",
    "model-inputs": "Mô hình “%(name)s” có %(count)s đầu vào; hệ thống chỉ dùng mô hình có đúng một đầu vào là ảnh. "
    "Hãy chọn mô hình khác.",
    "model-input": "Đầu vào của mô hình “%(name)s” có dạng %(shape)s, không phải một ảnh màu. Hãy chọn mô hình nhận người từ ảnh.",
    "model-output": "Đầu ra của mô hình “%(name)s” có dạng %(shape)s; hệ thống đọc được dạng SSD [1, 1, N, 7], "
    "YOLOX [1, N, 5 + số lớp], SSD của TensorFlow và cặp boxes/labels. Hãy chọn mô hình khác hoặc xuất lại mô hình.",
    "model-not-card": "Tệp đưa vào không phải mô hình “%(name)s”: %(why)s. Hãy kiểm tra lại tệp, hoặc đặt tên khác "
    "nếu đây là một mô hình khác.",
    "model-asks": "Chưa rõ lớp nào của mô hình “%(name)s” là người (mô hình có %(classes)s lớp). "
    "Hãy chạy lại và thêm --person-class SỐ.",
    "model-licence": "Giấy phép của mô hình “%(name)s” là %(licence)s: %(why)s. Hệ thống không tự dùng mô hình loại này; "
    "nếu đơn vị đã có quyền sử dụng, hãy chạy lại và thêm --accept-licence.",
    "model-size": "Mô hình “%(name)s” không nhận ảnh cỡ %(width)s x %(height)s. Các cỡ dùng được: %(offered)s.",
    "model-backend": "Thiếu phần mềm chạy mô hình (%(backend)s). Hãy cài phần mở rộng `khcn[markets]` trên máy này rồi chạy lại.",
    "model-backend-format": "%(backend)s không chạy được tệp %(file)s. Hãy dùng OpenVINO, hoặc thêm bản ONNX của mô hình.",
    "model-device": "Không chạy được mô hình “%(name)s” trên thiết bị %(device)s (%(why)s). Hãy chọn CPU hoặc kiểm tra lại máy.",
    "model-changed": "Tệp của mô hình “%(name)s” đã khác lúc được thêm (%(file)s). Có thể tệp bị hỏng hoặc bị thay; "
    "hãy thêm hoặc tải lại mô hình.",
    "model-download": "Không tải được mô hình “%(name)s” (%(why)s). Hãy kiểm tra kết nối mạng rồi thử lại, "
    "hoặc tải trên máy khác và dùng `khcn markets models add`.",
    "model-checksum": "Tệp tải về của mô hình “%(name)s” không khớp mã kiểm đã công bố (%(file)s) nên đã bị bỏ. "
    "Hãy thử lại; nếu vẫn vậy, hãy báo người quản trị.",
    "model-write": "Không ghi được vào thư mục mô hình “%(folder)s” (%(why)s). Hãy kiểm tra quyền ghi và dung lượng đĩa.",
    # notes that go with a model
    "note-older": "Đây là bản %(release)s, khác bản chính thức hiện nay (%(official)s); vẫn dùng được.",
    "note-differs": "Mã kiểm của tệp khác với bản đã công bố (%(official)s); hãy chắc rằng tệp có nguồn tin cậy.",
    "note-unpublished": "Chưa có mã kiểm công bố để đối chiếu; hệ thống đã ghi lại mã của tệp này.",
    "note-derived": "Mô hình chưa có thẻ mô tả; các thông số được đọc từ mạng (%(decoder)s, %(width)s x %(height)s).",
    "note-replaced": "Đã thay tệp cũ mang tên này bằng tệp mới.",
    "note-same": "Mô hình này đã có sẵn, không có gì thay đổi.",
    "note-licence": "Giấy phép: %(licence)s. Hãy chắc rằng đơn vị được phép dùng mô hình này.",
    "note-licence-unknown": "CẢNH BÁO: chưa rõ giấy phép của mô hình. Hãy hỏi nguồn cung cấp trước khi dùng chính thức; "
    "khi đã rõ, thêm lại với --licence TÊN.",
    # why a licence class is refused
    "licence-copyleft": "loại giấy phép buộc công bố toàn bộ mã nguồn của hệ thống dùng nó",
    "licence-non-commercial": "loại giấy phép chỉ cho dùng phi thương mại",
    # how well a model is known
    "known-measured": "Đã đo trên đoạn phim chuẩn PETS 2009: AP50 %(ap50)s; lượt qua vạch ở 10 hình/giây đúng %(precision)s, "
    "bắt được %(recall)s. Sai số tại từng cửa cần đo bằng ảnh kiểm.",
    "known-nothing": "Chưa được đo trên đoạn phim chuẩn nào. Hãy đo sai số tại từng cửa trước khi tin số liệu.",
}
