"""Demo programmes: made through the services, relative to today, once."""

from datetime import datetime, timedelta

from django.utils import timezone

from khcn.core.demo import Progress
from khcn.orgs.models import Unit, User
from khcn.programmes.enums import Audience, ProgrammeKind, RegistrationWay
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import reach_of
from khcn.programmes.services.calendar_programmes import (
    ProgrammeText,
    programme_approve,
    programme_create,
    programme_submit,
)
from khcn.programmes.services.calendar_sessions import SessionText, session_add

# key, title, kind, audiences, way, seats, by session, days from today of the sessions
A, K, W = Audience, ProgrammeKind, RegistrationWay
ROWS: tuple[tuple[str, str, str, tuple[str, ...], str, int | None, bool, tuple[int, ...]], ...] = (
    ("mau-lop-ai-giao-vien", "Lớp ứng dụng trí tuệ nhân tạo trong dạy học (mẫu)", K.COURSE, (A.TEACHERS,), W.PERSON, 40, False, (-14, -7, 0, 7, 14)),
    ("mau-tham-quan-vuon-uom", "Học sinh tham quan vườn ươm công nghệ (mẫu)", K.VISIT, (A.PUPILS,), W.GROUP, 25, False, (-20,)),
    ("mau-hoi-thao-chuyen-doi-so", "Hội thảo chuyển đổi số cho doanh nghiệp nhỏ (mẫu)", K.WORKSHOP, (A.SMES,), W.BOTH, 60, False, (12,)),
    ("mau-pho-bien-luat-shtt", "Phổ biến Luật Sở hữu trí tuệ tại các phường (mẫu)", K.INFORMATION, (A.TRADERS, A.SMES, A.PUBLIC), W.PERSON, None, True, (-5, 5, 10)),
    ("mau-trien-lam-stem", "Triển lãm sản phẩm STEM của học sinh (mẫu)", K.EXHIBITION, (A.PUPILS, A.TEACHERS, A.PUBLIC), W.NONE, None, False, (-1, 0, 1)),
    ("mau-ket-noi-khoi-nghiep", "Gặp gỡ, kết nối khởi nghiệp (mẫu)", K.MEETING, (A.YOUNG, A.SMES), W.PERSON, 80, False, (20,)),
    ("mau-cuoc-thi-sang-tao-tre", "Cuộc thi Sáng tạo trẻ (mẫu)", K.CONTEST, (A.PUPILS,), W.GROUP, None, False, (-10, 50)),
    ("mau-ho-tro-thiet-bi-stem", "Hỗ trợ thiết bị STEM cho trường học (mẫu)", K.SUPPORT, (A.TEACHERS,), W.GROUP, None, False, (-10, 60)),
)  # fmt: skip
WITHOUT = {K.CONTEST, K.SUPPORT}


def load(progress: Progress, now: datetime) -> None:
    """Make the programmes that are missing."""
    officer = User.objects.filter(username="daumoi").first()
    home = _home(officer)
    if home is None:
        return
    for key, title, kind, audiences, way, seats, by_session, days in ROWS:
        if Programme.objects.filter(key=key).exists():
            continue
        today = timezone.localdate(now)
        spans = [today + timedelta(days=day) for day in days]
        values = ProgrammeText(
            title=title, kind=kind, audiences=audiences, registration=way, capacity=seats, by_session=by_session,
            summary="Chương trình minh họa, không có thật.", venue="Hội trường mẫu", address="Số 1 đường Mẫu",
            contact="Bộ phận đầu mối khoa học và công nghệ", starts_on=spans[0] if kind in WITHOUT else None,
            ends_on=spans[-1] if kind in WITHOUT else None,
        )  # fmt: skip
        row = programme_create(actor=officer, unit=home, values=values, now=now, key=key)
        for number, day in enumerate(spans if kind not in WITHOUT else (), start=1):
            at = timezone.make_aware(datetime(day.year, day.month, day.day, 8, 0))
            text = SessionText(at, at + timedelta(hours=3), title=f"Buổi {number}" if len(spans) > 1 else "")
            session_add(actor=officer, programme_id=row.pk, values=text, now=now)
        programme_submit(actor=officer, programme_id=row.pk, now=now)
        programme_approve(actor=None, programme_id=row.pk, now=now)
        progress(title)


def _home(officer: User | None) -> Unit | None:
    if officer is None or not reach_of(officer).officer:
        return None
    membership = officer.memberships.select_related("unit").first()
    return membership.unit if membership else None
