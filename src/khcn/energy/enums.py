"""States and kinds of the energy programme, with the sets that rules are written in."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BuildingKind(TextChoices):
    """What a site is used for; chooses the usual load profile and the usual price group."""

    KINDERGARTEN = "kindergarten", _("Trường mầm non")
    SCHOOL = "school", _("Trường phổ thông")
    COLLEGE = "college", _("Trường nghề, cao đẳng, đại học")
    OFFICE = "office", _("Trụ sở cơ quan")
    CLINIC = "clinic", _("Trạm y tế, bệnh viện")
    CULTURE = "culture", _("Nhà văn hóa, thư viện")
    MARKET = "market", _("Chợ")
    OTHER = "other", _("Công trình khác")


class Mounting(TextChoices):
    """How modules are held: decides their temperature."""

    ROOF = "roof", _("Áp mái")
    OPEN = "open", _("Giàn thoáng")


class GridKind(TextChoices):
    """Rows of the ward's table of rooftop systems (ND 243/2026)."""

    OFF_GRID = "off_grid", _("Không đấu nối lưới")
    WITH_SALE = "with_sale", _("Đấu nối lưới, có bán điện dư")
    WITHOUT_SALE = "without_sale", _("Đấu nối lưới, không bán điện dư")


class DeviceKind(TextChoices):
    """What a device is."""

    INVERTER = "inverter", _("Biến tần")
    METER = "meter", _("Công tơ")
    WEATHER = "weather", _("Trạm đo bức xạ, thời tiết")
    PLUG = "plug", _("Ổ cắm đo điện")
    OTHER = "other", _("Thiết bị khác")


class MeterRole(TextChoices):
    """What a meter measures: decides which of its series count for the site."""

    GRID = "grid", _("Điểm nối lưới")
    PRODUCTION = "production", _("Đầu ra điện mặt trời")
    LOAD = "load", _("Phụ tải")
    NONE = "none", _("Không tính vào tổng")


class Driver(TextChoices):
    """How a device is read."""

    MQTT = "mqtt", _("MQTT")
    MODBUS = "modbus", _("Modbus TCP")
    SUNSPEC = "sunspec", _("SunSpec (Modbus TCP)")
    FILES = "files", _("Tệp xuất từ cổng của hãng")
    PUSH = "push", _("Thiết bị tự gửi (HTTP)")
    MANUAL = "manual", _("Nhập tay")


class Certainty(TextChoices):
    """How sure a row of a table is."""

    ORIGINAL = "original", _("Đã đọc văn bản gốc")
    TWO_SOURCES = "S2", _("Hai nguồn độc lập khớp nhau")
    ONE_SOURCE = "S1", _("Một nguồn")
    DERIVED = "D", _("Suy ra từ tỷ lệ")
    MEMORY = "M", _("Chưa có nguồn, cần kiểm tra lại")


class PriceGroup(TextChoices):
    """Groups of customers of the retail price."""

    PUBLIC_SCHOOL = "public_school", _("Bệnh viện, nhà trẻ, mẫu giáo, trường phổ thông")
    PUBLIC_ADMIN = "public_admin", _("Chiếu sáng công cộng, đơn vị hành chính sự nghiệp")
    BUSINESS = "business", _("Kinh doanh")
    PRODUCTION = "production", _("Sản xuất")
    HOUSEHOLD = "household", _("Sinh hoạt")


class Voltage(TextChoices):
    """Voltage of the connection, as price tables divide it."""

    BELOW_6 = "lt_6kv", _("Dưới 6 kV")
    FROM_6 = "ge_6kv", _("Từ 6 kV")
    FROM_6_TO_22 = "6_22kv", _("Từ 6 kV đến dưới 22 kV")
    FROM_22 = "ge_22kv", _("Từ 22 kV")
    FROM_22_TO_110 = "22_110kv", _("Từ 22 kV đến dưới 110 kV")
    FROM_110 = "ge_110kv", _("Từ 110 kV")


class Band(TextChoices):
    """Parts of the day, or steps of a household's month, that have their own price."""

    FLAT = "flat", _("Một giá")
    NORMAL = "normal", _("Giờ bình thường")
    PEAK = "peak", _("Giờ cao điểm")
    OFF_PEAK = "off", _("Giờ thấp điểm")
    STEP_1 = "step_1", _("Bậc 1")
    STEP_2 = "step_2", _("Bậc 2")
    STEP_3 = "step_3", _("Bậc 3")
    STEP_4 = "step_4", _("Bậc 4")
    STEP_5 = "step_5", _("Bậc 5")
    STEP_6 = "step_6", _("Bậc 6")


class BillSource(TextChoices):
    """Where a bill's figures come from."""

    TYPED = "typed", _("Nhập tay")
    SHEET = "sheet", _("Từ bảng tính")
    PDF = "pdf", _("Đọc từ hóa đơn PDF")


class FindingState(TextChoices):
    """What people did with a fault."""

    NEW = "new", _("Mới")
    SEEN = "seen", _("Đã xem")
    FIXING = "fixing", _("Đang xử lý")
    FIXED = "fixed", _("Đã khắc phục")
    DISMISSED = "dismissed", _("Bỏ qua")


OPEN_FINDINGS = frozenset({FindingState.NEW, FindingState.SEEN, FindingState.FIXING})


class TestState(TextChoices):
    """Way of a connection test."""

    ASKED = "asked", _("Đang chờ")
    RUNNING = "running", _("Đang thử")
    PASSED = "passed", _("Kết nối được")
    FAILED = "failed", _("Chưa kết nối được")


class Stage(TextChoices):
    """Way of a rooftop project, from survey to operation."""

    SURVEY = "survey", _("Khảo sát")
    PLANNING = "planning", _("Lập phương án")
    PROCUREMENT = "procurement", _("Mua sắm, đấu thầu")
    INSTALLATION = "installation", _("Thi công")
    COMMISSIONING = "commissioning", _("Nghiệm thu, đóng điện")
    OPERATION = "operation", _("Vận hành")
    STOPPED = "stopped", _("Dừng")


class RunState(TextChoices):
    """Way of a planning run in the worker."""

    WAITING = "waiting", _("Đang tính")
    DONE = "done", _("Đã tính xong")
    FAILED = "failed", _("Không tính được")
