"""Official documents: the fields of Decree 30/2020, annex VI, validity, and relations between documents."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import (
    Priority,
    ProposalKind,
    ProposalState,
    RelationKind,
    RelationSource,
    Validity,
)
from khcn.library.models.works import Work


class LegalRecordQuerySet(models.QuerySet["LegalRecord"]):
    """Look-ups by the normal form of number and issuing body."""

    def same_document(self, *, number_key: str, organ_key: str, year: int | None) -> Self:
        """Records with the same number and symbol of the same body in the same year (unknown: any year)."""
        same = self.filter(number_key=number_key, organ_key=organ_key)
        if year is None:
            return same
        return same.filter(Q(work__issued_year=year) | Q(work__issued_year__isnull=True))


class LegalRecord(models.Model):
    """Fields of an official document. Names and lengths are those of Decree 30/2020/NĐ-CP, annex VI.

    Subject (trích yếu, 500) is the work's title, IssuedDate its ``issued_date``, Language its ``language``,
    Description its ``abstract`` and PageAmount its ``page_count``.
    """

    work = models.OneToOneField(Work, on_delete=models.CASCADE, primary_key=True, related_name="legal")
    type_name = models.CharField(_("tên loại"), max_length=100, blank=True)
    code_number = models.CharField(_("số"), max_length=11, blank=True)
    code_notation = models.CharField(_("ký hiệu"), max_length=30, blank=True)
    number = models.CharField(_("số, ký hiệu"), max_length=60, blank=True)
    number_key = models.CharField(max_length=60, blank=True, editable=False)
    organ_name = models.CharField(_("cơ quan ban hành"), max_length=200, blank=True)
    organ_key = models.CharField(max_length=200, blank=True, editable=False)
    organ_id = models.CharField(_("mã định danh cơ quan"), max_length=13, blank=True)
    place = models.CharField(_("nơi ban hành"), max_length=100, blank=True)
    signer_position = models.CharField(_("chức vụ người ký"), max_length=100, blank=True)
    signer_name = models.CharField(_("người ký"), max_length=50, blank=True)
    recipients = models.JSONField(_("nơi nhận"), default=list, blank=True)
    priority = models.CharField(
        _("độ khẩn"), max_length=12, choices=Priority, blank=True, default=Priority.NORMAL
    )
    issued_amount = models.PositiveSmallIntegerField(_("số lượng bản"), null=True, blank=True)
    due_date = models.DateField(_("hạn trả lời"), null=True, blank=True)
    file_catalog = models.PositiveSmallIntegerField(_("năm lập hồ sơ"), null=True, blank=True)
    file_notation = models.CharField(_("mã hồ sơ"), max_length=20, blank=True)
    doc_ordinal = models.PositiveSmallIntegerField(_("số thứ tự trong hồ sơ"), null=True, blank=True)
    effective_date = models.DateField(_("có hiệu lực từ ngày"), null=True, blank=True)
    expired_date = models.DateField(_("hết hiệu lực từ ngày"), null=True, blank=True)

    objects = LegalRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông tin văn bản")
        verbose_name_plural = _("thông tin văn bản")
        indexes = [models.Index(fields=["number_key", "organ_key"], name="library_legal_number")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expired_date__isnull=True)
                | Q(effective_date__isnull=True)
                | Q(expired_date__gte=F("effective_date")),
                name="library_legal_validity_order",
            ),
            models.CheckConstraint(
                condition=Q(issued_amount__isnull=True) | Q(issued_amount__lte=999),
                name="library_legal_issued_amount",
            ),
            models.CheckConstraint(
                condition=Q(doc_ordinal__isnull=True) | Q(doc_ordinal__lte=999),
                name="library_legal_doc_ordinal",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.type_name

    def validity(self, today: date) -> Validity:
        """Return whether the document binds on ``today``; the day it expires it binds no more."""
        if self.expired_date and today >= self.expired_date:
            return Validity.EXPIRED
        if not self.effective_date:
            return Validity.UNKNOWN
        return Validity.IN_FORCE if today >= self.effective_date else Validity.NOT_YET


class WorkRelation(models.Model):
    """``work`` amends (replaces, ...) ``target``; one not held yet is named by number until it arrives."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(_("quan hệ"), max_length=12, choices=RelationKind)
    target = models.ForeignKey(
        Work, on_delete=models.SET_NULL, null=True, blank=True, related_name="cited_by"
    )
    cited_number = models.CharField(_("số, ký hiệu được nhắc đến"), max_length=60, blank=True)
    cited_key = models.CharField(max_length=210, blank=True, editable=False)
    cited_organ_key = models.CharField(max_length=200, blank=True, editable=False)
    cited_title = models.CharField(_("tên văn bản được nhắc đến"), max_length=500, blank=True)
    effective_date = models.DateField(_("có hiệu lực từ ngày"), null=True, blank=True)
    until_date = models.DateField(_("đến trước ngày"), null=True, blank=True)
    # What of the target it concerns ("khoản 2 Điều 5"); empty: the whole.
    part = models.CharField(_("phần được nhắc đến"), max_length=500, blank=True, default="", db_default="")
    source = models.CharField(
        _("nguồn"),
        max_length=10,
        choices=RelationSource,
        default=RelationSource.STATED,
        db_default=RelationSource.STATED.value,
    )

    class Meta:
        verbose_name = _("quan hệ giữa tài liệu")
        verbose_name_plural = _("quan hệ giữa tài liệu")
        ordering = ["kind", "id"]
        indexes = [
            models.Index(
                fields=["cited_key"],
                name="library_relation_open",
                condition=Q(target__isnull=True) & ~Q(cited_key=""),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "kind", "target"],
                condition=Q(target__isnull=False),
                name="library_relation_target",
            ),
            models.UniqueConstraint(
                fields=["work", "kind", "cited_key"],
                condition=~Q(cited_key=""),
                name="library_relation_cited",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=False) | ~Q(cited_key="") | ~Q(cited_title=""),
                name="library_relation_names_something",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | ~Q(work=F("target")), name="library_relation_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cited_number or self.cited_title}".strip()


class LegalProposalQuerySet(models.QuerySet["LegalProposal"]):
    """Reads of proposals. Who may see one may see the work whose text it is from."""

    def visible_to(self, user: Any) -> Self:
        """Proposals read from works that ``user`` may see."""
        return self.filter(work__in=Work.objects.visible_to(user))

    def waiting(self) -> Self:
        """Those that nobody has decided on."""
        return self.filter(state=ProposalState.WAITING)


class LegalProposal(models.Model):
    """What the text of ``work`` seems to say: that it amends (replaces, ...) another document, or a date of its own.

    ``passive``: the other one does it to ``work`` ("được sửa đổi bởi ..."). Nothing follows until an editor accepts it.
    """

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(_("quan hệ"), max_length=12, choices=ProposalKind)
    passive = models.BooleanField(default=False)
    number = models.CharField(_("số, ký hiệu"), max_length=60, blank=True)
    title = models.CharField(_("tên văn bản"), max_length=500, blank=True)
    # number_key, or the folded title of a law that is named without its number
    cited_key = models.CharField(max_length=210, blank=True, editable=False)
    issued_date = models.DateField(_("ngày ban hành"), null=True, blank=True)
    effective_date = models.DateField(_("từ ngày"), null=True, blank=True)
    part = models.CharField(_("phần được nhắc đến"), max_length=500, blank=True)
    sentence = models.CharField(_("câu trong văn bản"), max_length=700)
    page = models.PositiveIntegerField(_("trang"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    relation = models.ForeignKey(
        WorkRelation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = LegalProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("đề xuất quan hệ văn bản")
        verbose_name_plural = _("đề xuất quan hệ văn bản")
        ordering = ["page", "id"]
        indexes = [
            models.Index(
                fields=["work"], name="library_proposal_waiting", condition=Q(state=ProposalState.WAITING)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "kind", "passive", "cited_key", "part"], name="library_proposal_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=ProposalKind.values), name="library_proposal_kind"),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="library_proposal_state"
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.WAITING, decided_at__isnull=True)
                | (~Q(state=ProposalState.WAITING) & Q(decided_at__isnull=False)),
                name="library_proposal_decided_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number or self.title}".strip()


class LegalScan(models.Model):
    """Which text of a work has been read for proposals, and by which rules; another text is read again."""

    work = models.OneToOneField(Work, on_delete=models.CASCADE, primary_key=True, related_name="legal_scan")
    text_hash = models.CharField(max_length=64)
    rules = models.PositiveSmallIntegerField()
    scanned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("lần đọc đề xuất")
        verbose_name_plural = _("lần đọc đề xuất")

    def __str__(self) -> str:
        return str(self.work_id)
