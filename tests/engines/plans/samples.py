"""Plans made up for the tests: a small district with nine units, in YAML and in running text."""

from textwrap import dedent

YAML = dedent(
    """\
    schema_version: 1
    id: kh-15
    document:
      number: 15
      symbol: KH-UBND
      full_number: 15/KH-UBND
      issuing_body: uy-ban
      place_vi: Thị trấn Sông Mây
      date: 3/2/2024
      title_vi: Hoạt động khoa học và công nghệ năm 2024
      signer: {name: Lê Văn Mẫu, position_vi: Phó Chủ tịch, signing_mode: KT., on_behalf_of_vi: Chủ tịch}
      recipients:
        - {unit: phong-a, text_vi: Phòng Kinh tế}
    sections:
      - {ref: I, vi: NỘI DUNG}
      - {ref: I.1, vi: Đào tạo, parent: I}
      - {ref: II, vi: PHÂN CÔNG}
    units:
      - {id: uy-ban, vi: Ủy ban nhân dân Thị trấn Sông Mây, type: people-committee}
      - {id: phong-a, vi: Phòng Kinh tế, type: division, parent: uy-ban}
      - {id: phong-b, vi: Phòng Tài chính, type: division, parent: uy-ban}
      - {id: to-1, vi: Tổ 1, type: division, parent: uy-ban}
      - {id: to-2, vi: Tổ 2, type: division, parent: uy-ban}
      - {id: cac-to, vi: Các tổ, type: group, members: [to-1, to-2]}
      - {id: tat-ca, vi: Tất cả, type: group, members: [cac-to, phong-b, to-2]}
    tasks:
      - id: I.1-a
        section: I.1
        title_vi: Mở lớp tập huấn
        text_vi: Mở lớp tập huấn cho cán bộ.
        lead_unit: phong-a
        lead_basis: explicit
        cooperating_units: [phong-b]
        kind: training
        deadline: 2024-11-30
        starts_on: 2024-03-01
        amount_vnd: 12.500.000
      - id: II-a
        section: II
        title_vi: Tuyên truyền
        lead_unit: phong-a
        cooperating_units: [cac-to]
        fan_out: true
        kind: communication
        deadline: 2024-12-31
      - id: II-b
        section: II
        level: report
        title_vi: Báo cáo
        lead_unit: tat-ca
        kind: report
        deadline: 2024-06-01
    """
)

MARKDOWN = dedent(
    """\
    ỦY BAN NHÂN DÂN THỊ TRẤN SÔNG MÂY

    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
    Độc lập - Tự do - Hạnh phúc

    Số: 15/KH-UBND

    Sông Mây, ngày 03 tháng 02 năm 2024

    **KẾ HOẠCH**

    Hoạt động khoa học và công nghệ năm 2024

    Căn cứ Quyết định số 99/QĐ-UBND ngày 05 tháng 01 năm 2024 của Ủy ban nhân dân tỉnh về giao nhiệm vụ năm 2024;

    **I. MỤC ĐÍCH, YÊU CẦU:****1. Mục đích:**

    - Nâng cao nhận thức của người dân về khoa học và công nghệ trên địa bàn.

    **2. Yêu cầu:** Việc thực hiện phải tiết kiệm, đúng quy định của pháp luật.

    ## II. NHIỆM VỤ

    1. Tổ chức 02 lớp tập huấn kỹ năng số cho cán bộ, công chức; hoàn thành trước ngày 30 tháng 6.
    2. Tuyên truyền thường xuyên về sở hữu trí tuệ cho doanh nghiệp.
    3. Khảo sát nhu cầu đổi mới công nghệ của hộ kinh doanh trong quý III/2024.

    ## III.KINH PHÍ

    Từ nguồn ngân sách được giao.

    ## IV. TỔ CHỨC THỰC HIỆN

    ### 1. Phòng Kinh tế
    - Chủ trì triển khai Kế hoạch, theo dõi, đôn đốc các đơn vị.
    - Phối hợp Phòng Tài chính tổ chức hội thảo về chuyển đổi số vào tháng 9 năm 2024.

    ### 2. Phòng Tài chính
    Bố trí kinh phí thực hiện Kế hoạch.

    ### 3. Các tổ dân phố
    Phối hợp Phòng Kinh tế vận động người dân tham gia các lớp học.

    ### 4. Chế độ báo cáo
    Các đơn vị báo cáo 02 lần/năm (trước ngày 05 tháng 6 và ngày 05 tháng 12) hoặc đột xuất theo yêu cầu, gửi Ủy ban nhân dân thị trấn (qua Phòng Kinh tế).

    Trên đây là Kế hoạch năm 2024./.

    **Nơi nhận:**
    - Phòng Kinh tế;
    - Lưu: VT.

    **KT CHỦ TỊCH
    PHÓ CHỦ TỊCH**

    Lê Văn Mẫu
    """
)
