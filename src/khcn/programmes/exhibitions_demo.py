"""Demo of exhibitions: a school, an enterprise and an incubator with booths, one application that waits."""

from datetime import datetime

from khcn.core.demo import Progress
from khcn.programmes.models.exhibitions import Exhibitor, FloorPlan
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.exhibitions import ExhibitorText, Place
from khcn.programmes.services.exhibitions import exhibitor_write_in
from khcn.programmes.services.exhibitions_plan import booth_save, plan_make
from khcn.programmes.services.exhibitions_products import ProductText, product_save

SHOWN = (
    (
        "Trường THCS Bình Minh",
        "school",
        "Câu lạc bộ STEM với mô hình tưới cây tự động.",
        "Mô hình tưới cây tự động",
        True,
    ),
    (
        "Công ty TNHH Nước Sạch Mẫu",
        "enterprise",
        "Thiết bị lọc nước cho hộ gia đình.",
        "Bộ lọc nước ba cấp",
        False,
    ),
    (
        "Vườn ươm khởi nghiệp Hạt Giống",
        "incubator",
        "Nơi nhóm trẻ thử sản phẩm đầu tiên.",
        "Cảm biến độ ẩm giá rẻ",
        False,
    ),
)


def load(progress: Progress, now: datetime) -> None:
    """Load the demo; a second run changes nothing."""
    for key in ("mau-trien-lam-stem", "mau-ket-noi-khoi-nghiep"):
        programme = Programme.objects.filter(key=key).first()
        if programme is None or Exhibitor.objects.filter(programme=programme).exists():
            continue
        rows = []
        for number, (name, kind, text, title, pupils) in enumerate(SHOWN, start=1):
            row = exhibitor_write_in(
                actor=None, programme=programme, values=ExhibitorText(name, kind, text, "", f"Người phụ trách {number}"),
                address=f"trung-bay-{number}@example.vn", now=now,
            )  # fmt: skip
            product_save(
                actor=None, exhibitor=row, now=now,
                values=ProductText(title, "Sản phẩm mẫu để xem thử trang này.", by_pupils=pupils),
            )  # fmt: skip
            rows.append(row)
        if not FloorPlan.objects.filter(programme=programme).exists():
            plan = plan_make(actor=None, programme=programme, title="Hội trường", columns=4, rows=2, now=now)
            for booth, row in zip(plan.booths.all(), rows, strict=False):
                place = Place(booth.number, booth.x, booth.y, booth.w, booth.h)
                booth_save(actor=None, plan=plan, booth=booth, place=place, exhibitor=row, now=now)
