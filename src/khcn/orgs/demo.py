"""Demo people: one for each role, with names that nobody can take for real."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from khcn.core.demo import Progress
from khcn.orgs.enums import PartyKind, Role
from khcn.orgs.models import Membership, Party, SiteProfile, Unit, User
from khcn.orgs.profiles import PROFILES_DIR, Profile, profile_read
from khcn.orgs.services.parties import party_create
from khcn.orgs.services.people import membership_add, user_create
from khcn.orgs.services.profiles import profile_load

DEMO_PASSWORD = "dung-thu-2026"  # noqa: S105  # shown on the terminal, and only in demo mode

# role -> (user name, full name, title). "Mẫu", "Thử", "Ví Dụ" as family names say that nobody is meant.
_PEOPLE: dict[Role, tuple[str, str, str]] = {
    Role.LIBRARIAN: ("thuthu", "Mẫu Thị Thư", "Chuyên viên"),
    Role.CONTRIBUTOR: ("guitailieu", "Thử Văn Gửi", "Công chức"),
    Role.EDITOR: ("bientap", "Ví Thị Dụ", "Chuyên viên"),
    Role.FOCAL_OFFICER: ("daumoi", "Mẫu Văn Đầu", "Chuyên viên"),
    Role.FOCAL_HEAD: ("truongdaumoi", "Thử Thị Trưởng", "Trưởng phòng"),
    Role.LEADER: ("lanhdao", "Mẫu Văn Duyệt", "Phó Chủ tịch"),
    Role.FINANCE: ("taichinh", "Ví Văn Chi", "Chuyên viên"),
    Role.CLERK: ("vanthu", "Thử Thị Số", "Văn thư"),
    Role.UNIT_REPORTER: ("baocao", "Mẫu Thị Báo", "Công chức"),
    Role.UNIT_HEAD: ("truongdonvi", "Thử Văn Ký", "Trưởng đơn vị"),
    Role.ADVISER: ("tuvan", "Ví Thị Đáp", "Chuyên gia"),
    Role.INSPECTOR: ("kiemtra", "Mẫu Văn Xét", "Thành viên đoàn"),
    Role.JUROR: ("giamkhao", "Thử Thị Chấm", "Giám khảo"),
    Role.MARKET_MANAGER: ("quanlycho", "Ví Văn Chợ", "Trưởng ban quản lý"),
    Role.MARKET_OPERATOR: ("vanhanhcho", "Thử Thị Đếm", "Chuyên viên"),
    Role.CAMERA_VIEWER: ("xemanh", "Mẫu Văn Nhìn", "Công chức"),
    Role.UNIT_ENERGY_MANAGER: ("quanlynangluong", "Mẫu Thị Điện", "Công chức"),
    Role.ENERGY_OFFICER: ("nangluong", "Ví Văn Nắng", "Chuyên viên"),
    Role.TECHNICIAN: ("kythuat", "Thử Văn Máy", "Kỹ thuật viên"),
    Role.DOST_READER: ("captren", "Ví Thị Xem", "Chuyên viên"),
    Role.AUDITOR: ("giamsat", "Mẫu Văn Soát", "Thanh tra nội bộ"),
    Role.SYSADMIN: ("quantri", "Thử Thị Hệ", "Quản trị viên"),
}
# Where each role sits, by the profile's keys; the others sit in the operator unit.
_SEATS: dict[str, dict[Role, str]] = {
    "quan5-2021": {
        Role.CONTRIBUTOR: "phong-gddt",
        Role.LEADER: "ubnd-q5",
        Role.FINANCE: "phong-tckh",
        Role.CLERK: "ubnd-q5",
        Role.UNIT_REPORTER: "ubnd-p04",
        Role.UNIT_HEAD: "ubnd-p04",
        Role.MARKET_MANAGER: "ubnd-p09",
        Role.CAMERA_VIEWER: "ubnd-p09",
        Role.UNIT_ENERGY_MANAGER: "phong-gddt",
        Role.TECHNICIAN: "phong-gddt",
        Role.DOST_READER: "so-khcn",
        Role.AUDITOR: "ubnd-q5",
        Role.SYSADMIN: "ubnd-q5",
    },
    "phuong-2025": {
        Role.CONTRIBUTOR: "cho-quan-kthtdt",
        Role.LEADER: "ubnd-cho-quan",
        Role.FINANCE: "cho-quan-kthtdt",
        Role.CLERK: "cho-quan-van-phong",
        Role.UNIT_REPORTER: "cho-quan-hcc",
        Role.UNIT_HEAD: "cho-quan-hcc",
        Role.DOST_READER: "so-khcn",
        Role.AUDITOR: "ubnd-cho-quan",
        Role.SYSADMIN: "cho-quan-van-phong",
    },
}
_PARTIES: tuple[tuple[PartyKind, str], ...] = (
    (PartyKind.SCHOOL, "Trường Trung học cơ sở Mẫu (minh họa)"),
    (PartyKind.SCHOOL, "Trường Tiểu học Ví Dụ (minh họa)"),
    (PartyKind.ENTERPRISE, "Công ty TNHH Thử Nghiệm (minh họa)"),
    (PartyKind.BUSINESS_HOUSEHOLD, "Hộ kinh doanh Minh Họa"),
    (PartyKind.MARKET_STALL, "Sạp vải số 00 (minh họa)"),
)


@dataclass(frozen=True)
class DemoSignIn:
    """What a newcomer needs to sign in as one of the demo people. ``role`` and ``unit`` are for reading."""

    username: str
    password: str
    role: str
    unit: str


def _seat(profile: Profile, role: Role) -> str:
    return _SEATS.get(profile.name, {}).get(role, profile.site.operator)


def demo_sign_ins() -> list[DemoSignIn]:
    """Return the demo sign-ins of the configured profile; nothing outside demo mode. Needs no database."""
    if settings.KHCN.production or not (PROFILES_DIR / settings.KHCN.profile).is_dir():
        return []
    profile = profile_read(settings.KHCN.profile)
    names = {unit.key: unit.short_name or unit.name for unit in profile.units}
    return [
        DemoSignIn(username, DEMO_PASSWORD, str(role.label), names[_seat(profile, role)])
        for role, (username, _name, _title) in _PEOPLE.items()
    ]


def load_demo(progress: Progress) -> None:
    """Load the configured profile, one person for each role and a few outside parties; twice is once."""
    today = timezone.localdate()
    name = settings.KHCN.profile
    if not SiteProfile.objects.filter(profile=name).exists():
        profile_load(name=name, actor=None, today=today)
    if settings.KHCN.production:
        return
    progress("Nạp đơn vị và người dùng mẫu…")
    profile = profile_read(name)
    seats = {_seat(profile, role) for role in _PEOPLE}
    units = {unit.key: unit for unit in Unit.objects.filter(key__in=seats)}
    for role, (username, full_name, title) in _PEOPLE.items():
        user = User.objects.filter(username=username).first() or user_create(
            actor=None,
            today=today,
            username=username,
            full_name=full_name,
            title=title,
            email=f"{username}@example.vn",
            password=DEMO_PASSWORD,
            must_change_password=False,
            is_demo=True,
        )
        unit = units[_seat(profile, role)]
        if not Membership.objects.filter(user=user, role=role).exists():
            membership_add(actor=None, today=today, user=user, unit=unit, role=role)
    for kind, party_name in _PARTIES:
        if not Party.objects.filter(name=party_name).exists():
            party_create(actor=None, today=today, kind=kind, name=party_name, ward=units.get("ubnd-p04"))
