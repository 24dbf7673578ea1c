"""The first wording of each consent; later versions are data."""

from datetime import date
from typing import Any

from django.db import migrations

TEXTS = (
    (
        "processing",
        "Tôi đồng ý để đơn vị tổ chức ghi và dùng thông tin trên đây chỉ để tổ chức hoạt động này và báo cáo số lượng. "
        "Thông tin được xóa khi hết thời hạn lưu hoặc khi tôi yêu cầu.",
        "I agree that the organiser keeps and uses the information above only to run this activity and to report "
        "numbers. It is deleted when its time is over or when I ask for it.",
    ),
    (
        "photo",
        "Tôi đồng ý để đơn vị tổ chức chụp ảnh, quay phim có tôi trong hoạt động này.",
        "I agree that the organiser takes pictures and films of me during this activity.",
    ),
    (
        "publication",
        "Tôi đồng ý để đơn vị tổ chức công bố họ tên, ảnh và bài dự thi, sản phẩm của tôi trên trang này.",
        "I agree that the organiser publishes my name, picture and entry or product on this site.",
    ),
    (
        "contact",
        "Tôi đồng ý nhận tin về các hoạt động khác của đơn vị tổ chức.",
        "I agree to receive news of other activities of the organiser.",
    ),
    (
        "share",
        "Tôi đồng ý để đơn vị tổ chức đưa tên và thông tin liên hệ của tôi cho đơn vị trưng bày mà tôi chọn.",
        "I agree that the organiser gives my name and contact to the exhibitor that I choose.",
    ),
)


def write(apps: Any, _editor: Any) -> None:
    """Enter version 1 of every purpose."""
    model = apps.get_model("programmes", "ConsentText")
    for purpose, text, text_en in TEXTS:
        values = {"text": text, "text_en": text_en, "valid_from": date(2020, 1, 1)}
        model.objects.get_or_create(purpose=purpose, version=1, defaults=values)


class Migration(migrations.Migration):
    """Texts as data."""

    dependencies = [("programmes", "0001_programmes")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
