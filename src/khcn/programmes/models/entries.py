"""Teams and their entries. Names stand here and nowhere a juror reads."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import EntryState, MemberPart, Sex, TeamState
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import OfProgrammeQuerySet


class Team(models.Model):
    """A team (of one or more) that a school, an enterprise or a person registers; managed by secret link."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(_("Tên đội"), max_length=200)
    folded_name = models.CharField(max_length=200, blank=True, editable=False)
    organisation = models.CharField(_("Trường, đơn vị, doanh nghiệp"), max_length=200, blank=True)
    folded_organisation = models.CharField(max_length=200, blank=True, editable=False)
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    contact_name = models.CharField(_("Người phụ trách"), max_length=150, blank=True)
    contact_address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=10, choices=TeamState, default=TeamState.ACTIVE)
    token = models.CharField(max_length=64, unique=True)
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("programme_id", "created_at", "pk")
        verbose_name = _("Đội dự thi")
        verbose_name_plural = _("Đội dự thi")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "client_key"), condition=~Q(client_key=""), name="programmes_team_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A person of a team. ``identity`` (folded name, birth year, organisation) tells when one is in two teams."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    part = models.CharField(max_length=8, choices=MemberPart, default=MemberPart.MEMBER)
    name = models.CharField(_("Họ và tên"), max_length=150)
    folded_name = models.CharField(max_length=150, blank=True, editable=False)
    birth_year = models.PositiveSmallIntegerField(_("Năm sinh"), null=True, blank=True)
    class_name = models.CharField(_("Lớp"), max_length=60, blank=True)
    sex = models.CharField(_("Giới tính"), max_length=8, choices=Sex, blank=True)
    guardian_name = models.CharField(_("Cha mẹ hoặc người giám hộ"), max_length=150, blank=True)
    is_minor = models.BooleanField(default=False)
    identity = models.CharField(max_length=64)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("team_id", "part", "pk")
        verbose_name = _("Thành viên đội")
        verbose_name_plural = _("Thành viên đội")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "identity"),
                condition=Q(removed_at=None, part="member"),
                name="programmes_member_in_one_team",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """What a team hands in. ``code`` is all that a juror sees of who made it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="entries")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="entries")
    code = models.CharField(
        max_length=12
    )  # "BT-07": given in random order when entries are checked; empty before
    title = models.CharField(_("Tên bài dự thi"), max_length=300, blank=True)
    summary = models.TextField(_("Tóm tắt"), blank=True)
    video_link = models.URLField(
        _("Đường dẫn phim"), max_length=500, blank=True
    )  # films are linked, not kept
    state = models.CharField(max_length=10, choices=EntryState, default=EntryState.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    late_by_s = models.PositiveIntegerField(default=0)  # of an upload that began before the deadline
    reject_reason = models.CharField(max_length=500, blank=True)
    anonymous_title = models.CharField(
        max_length=300, blank=True
    )  # what jurors read, when the title tells too much
    anonymous_summary = models.TextField(blank=True)
    record = models.CharField(max_length=120, blank=True)  # reference of the library work made of it
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("programme_id", "pk")
        verbose_name = _("Bài dự thi")
        verbose_name_plural = _("Bài dự thi")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "code"), condition=~Q(code=""), name="programmes_entry_code"
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"


class EntryFile(models.Model):
    """A file of an entry. ``name`` is in the drawer; ``title`` what its sender called it, which a juror never sees."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    mime = models.CharField(max_length=100)
    shown_to_jurors = models.BooleanField(default=True)  # switched off where a file names its makers
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ("entry_id", "pk")
        verbose_name = _("Tệp dự thi")
        verbose_name_plural = _("Tệp dự thi")

    def __str__(self) -> str:
        return self.title


class EntryReceipt(models.Model):
    """What was handed in at one moment, by the server's clock: the team prints it. ``content``: title, link, files."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="receipts")
    number = models.PositiveSmallIntegerField()  # 1, 2, 3 within the entry
    submitted_at = models.DateTimeField()
    late_by_s = models.PositiveIntegerField(default=0)
    content = models.JSONField()  # {"title", "video_link", "files": [{"title", "size", "sha256"}]}

    class Meta:
        ordering = ("entry_id", "-number")
        verbose_name = _("Giấy báo nhận bài")
        verbose_name_plural = _("Giấy báo nhận bài")
        constraints = [
            models.UniqueConstraint(fields=("entry", "number"), name="programmes_entryreceipt_once")
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.number}"
