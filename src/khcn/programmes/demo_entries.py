"""The demo's teams and entries: six teams of made-up schools for the contest of young inventors."""

from datetime import datetime, timedelta
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile

from khcn.core.demo import Progress
from khcn.engines.text.fold import fold
from khcn.programmes.enums import MemberPart
from khcn.programmes.models.entries import EntryFile, Team, TeamMember
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.entries import identity_of
from khcn.programmes.selectors.entries import closed_because, contest_of
from khcn.programmes.services.entries import EntryText, entry_save
from khcn.programmes.services.entries_consents import member_publish
from khcn.programmes.services.entries_files import files_keep
from khcn.programmes.services.entries_teams import Person, TeamWish, team_create

CONTEST: Final = "mau-cuoc-thi-sang-tao-tre"
# team, school, members, title, handed in, whether its families agreed to publication
_TEAMS: Final = (
    ("Mầm Xanh", "Trường THCS Mẫu Một", ("Lê Minh Mẫu", "Trần Ngọc Mẫu"), "Thùng rác phân loại bằng cảm biến", True, True),
    ("Nắng Mai", "Trường THCS Mẫu Hai", ("Nguyễn An Mẫu", "Phạm Bình Mẫu"), "Đèn học tự chỉnh độ sáng", True, True),
    ("Sóng Nhỏ", "Trường THPT Mẫu Ba", ("Võ Hải Mẫu", "Đỗ Giang Mẫu", "Bùi Lan Mẫu"), "Trạm đo mực nước kênh", True, False),
    ("Ong Chăm", "Trường THPT Mẫu Bốn", ("Hồ Thảo Mẫu",), "Vườn rau tưới theo độ ẩm", True, True),
    ("Tia Chớp", "Trường THCS Mẫu Năm", ("Đặng Khoa Mẫu", "Ngô Vy Mẫu"), "Bảng điểm danh bằng thẻ", True, False),
    ("Gió Đông", "Trường THCS Mẫu Sáu", ("Dương Tâm Mẫu", "Lý Phúc Mẫu"), "Quạt gió sạc điện thoại", False, False),
)  # fmt: skip


# who stood in last year's teams, and whether all of a team agreed to be shown
_LAST_YEAR: Final = (
    (("Phan Mai Mẫu", "Vũ Đức Mẫu"), True), (("Trịnh Hoa Mẫu",), True), (("Cao Sơn Mẫu", "Mai Thu Mẫu"), False),
    (("Tạ Quân Mẫu", "Lâm Chi Mẫu"), True),
)  # fmt: skip


def fill_teams(programme: Programme, then: datetime) -> None:
    """Give the teams of a judged contest their people, their consents and a file each; teams that have some stay."""
    for team, (names, agreed) in zip(programme.teams.order_by("pk"), _LAST_YEAR, strict=False):
        if team.members.exists():
            continue
        for name in names:
            year = then.year - 13
            member = TeamMember.objects.create(
                programme=programme, team=team, name=name, folded_name=fold(name), birth_year=year, class_name="8A",
                guardian_name=f"Phụ huynh của {name}", is_minor=True, identity=identity_of(name, year, team.organisation),
            )  # fmt: skip
            if agreed:
                member_publish(
                    actor=None, team=team, member_id=member.pk, now=then, by_self=True, by_guardian=True
                )
        entry = team.entries.get()
        text = f"{entry.title}: mô hình minh họa.\nSố liệu minh họa.\n"
        for kept in files_keep([SimpleUploadedFile("thuyet-minh.txt", text.encode())]):
            EntryFile.objects.create(
                entry=entry, name=kept.name, title=kept.title, size=kept.size, sha256=kept.sha256, mime=kept.mime, kept_at=then
            )  # fmt: skip


def load_entries(progress: Progress, now: datetime) -> None:
    """Register the teams while the contest takes entries; a second run changes nothing."""
    programme = Programme.objects.filter(key=CONTEST).first()
    contest = contest_of(programme) if programme else None
    if programme is None or contest is None:
        return
    at = min(now, contest.deadline - timedelta(days=2)) if contest.deadline else now
    if closed_because(programme, contest, at):
        return
    for number, (name, school, people, title, handed_in, agreed) in enumerate(_TEAMS, start=1):
        if Team.objects.filter(programme=programme, client_key=f"demo-{number}").exists():
            continue
        members = [
            Person(one, now.year - 13, guardian_name=f"Phụ huynh của {one}", class_name="8A", agreed=True)
            for one in people[: contest.team_most]
        ]
        mentor = Person("Cô Hướng Dẫn Mẫu", part=MemberPart.MENTOR, agreed=True)
        wish = TeamWish(
            name, school, "Cô Hướng Dẫn Mẫu", f"doi{number}@example.vn", f"demo-{number}", (*members, mentor)
        )
        team = team_create(actor=None, programme=programme, wish=wish, now=at, proven=True)
        text = f"{title}: mô hình minh họa, làm bằng vật liệu dễ tìm, đã chạy thử hai tuần."
        file = SimpleUploadedFile("thuyet-minh.txt", f"{text}\nSố liệu minh họa.\n".encode())
        entry_save(
            actor=None, team=team, values=EntryText(title, text), files=[file], now=at, submit=handed_in
        )
        if agreed:
            for member in team.members.filter(part=MemberPart.MEMBER):
                member_publish(
                    actor=None, team=team, member_id=member.pk, now=at, by_self=True, by_guardian=True
                )
    progress("Đội và bài dự thi (minh họa)")
