"""Demo certificates: one batch issued, one certificate of it taken back, one batch that waits for the head."""

from datetime import datetime

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.orgs.models import User
from khcn.programmes.enums import BatchState
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import (
    can_approve_certificates,
    can_make_certificates,
    can_number_certificates,
    reach_of,
)
from khcn.programmes.services.certificates import (
    BatchText,
    batch_approve,
    batch_number,
    batch_save,
    batch_submit,
    certificates_revoke,
)
from khcn.programmes.services.certificates_earned import earned

COURSE, VISIT = "mau-lop-ai-giao-vien", "mau-tham-quan-vuon-uom"


def load(progress: Progress, now: datetime) -> None:
    """Make what is missing; without people who came often enough, or without the demo's staff, nothing."""
    officer, head, clerk = (
        User.objects.filter(username=name).first() for name in ("daumoi", "truongdaumoi", "vanthu")
    )
    if officer is None or head is None or clerk is None:
        return
    may = (
        can_make_certificates(reach_of(officer)), can_approve_certificates(reach_of(head)),
        can_number_certificates(reach_of(clerk)),
    )  # fmt: skip
    if not all(may):
        return
    batch = _drafted(VISIT, officer, now)
    if batch is not None:
        batch_approve(actor=head, batch_id=batch.pk, now=now)
        batch_number(
            actor=clerk,
            batch_id=batch.pk,
            decision_number="00/QĐ-MẪU",
            decision_date=local_date(now),
            now=now,
        )
        last = Certificate.objects.filter(batch=batch, batch__state=BatchState.ISSUED).last()
        if last is not None:
            certificates_revoke(actor=head, pks=[last.pk], reason="Ghi sai tên (minh họa)", now=now)
        progress(batch.title)
    if (waiting := _drafted(COURSE, officer, now)) is not None:
        progress(waiting.title)


def _drafted(key: str, officer: User, now: datetime) -> CertificateBatch | None:
    """Return a new batch handed to the head; ``None`` where there is one already or nobody has earned one."""
    programme = Programme.objects.filter(key=key).first()
    if programme is None or CertificateBatch.objects.filter(programme=programme).exists():
        return None
    people = earned(programme)
    if not people:
        return None
    text = BatchText(
        "Giấy chứng nhận", f"Đã tham gia {programme.title}", "Nguyễn Văn Mẫu", "Lãnh đạo đơn vị (minh họa)", "Nơi mẫu"
    )  # fmt: skip
    row = batch_save(
        actor=officer, programme=programme, values=text, people={one.pk: "" for one in people}, now=now
    )
    return batch_submit(actor=officer, batch_id=row.pk, now=now)
