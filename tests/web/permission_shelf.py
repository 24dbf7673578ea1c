"""What the permission table asks the library about: a work with one of everything that has an address, of one unit."""

from typing import Any

from django.utils import timezone

from khcn.engines.records.ark import ark_of
from khcn.engines.text.collate import sort_key
from khcn.library.enums import ProposalKind, WorkState
from khcn.library.models import (
    Authority,
    CatalogueFile,
    HarvestSource,
    LegalProposal,
    SavedSearch,
    Work,
    WorkFile,
    WorkVersion,
)
from khcn.library.rules import work_keys
from tests.library.makers import make_batch, make_work

NOW = timezone.now()


class Shelf:
    """The library's things of one unit; ``work`` is what the addresses are about."""

    def __init__(self, unit: Any, person: Any, work: Work) -> None:
        self.unit, self.work = unit, work
        key = f"nguon-{unit.pk}"
        self.file = WorkFile.objects.create(
            work=work, sha256=f"{unit.pk:064x}", original_name="goc.pdf", size_bytes=10, added_at=NOW
        )
        self.source = HarvestSource.objects.create(
            key=key, name=key, base_url="https://vi-du.vn/oai", unit=unit, created_at=NOW, updated_at=NOW
        )
        self.saved = SavedSearch.objects.create(
            owner=person,
            name="Đo lường",
            params="q=do+luong",
            created_at=NOW,
            nonce=key,
            told_at=NOW,
            seen_at=NOW,
        )
        self.name = Authority.objects.create(
            heading=f"Nguyễn Văn {unit.pk}",
            key=key,
            sort_key=sort_key(key),
            letter="N",
            created_at=NOW,
            updated_at=NOW,
        )
        self.catalogue = CatalogueFile.objects.create(
            name="bieu-ghi.mrc", sha256="0" * 64, size_bytes=1, actor=person, unit=unit, created_at=NOW
        )
        self.law = make_work(
            "Quyết định",
            state=WorkState.DRAFT,
            kind="legal",
            owner_unit=unit,
            submitted_by=person,
            legal={"number": "1/QĐ"},
        )
        self.proposal = LegalProposal.objects.create(
            work=self.law,
            kind=ProposalKind.values[0],
            number="2/QĐ",
            cited_key="2/qd",
            sentence="Thay thế.",
            made_at=NOW,
        )
        self.batch = make_batch(person, unit)
        WorkVersion.objects.get_or_create(
            work=work, number=1, defaults={"made_at": NOW, "snapshot": work_keys(work.title)}
        )

    def values(self, pattern: str, naan: str = "99999") -> dict[str, str]:
        """Return what stands in the place of the parameters."""
        things: dict[str, Any] = {
            "/thu-thap/": self.source, "/lan-tim/": self.saved, "/ten/": self.name, "/tac-gia/": self.name,
            "/bien-muc/": self.catalogue, "/quan-he/": self.law, "thu-vien/xuat/": self.saved,
        }  # fmt: skip
        about = next((thing for part, thing in things.items() if part in pattern), self.work)
        return {
            "<int:pk>": str(about.pk),
            "<int:number>": str(self.batch.pk if "/batches/" in pattern else self.work.pk)
            if pattern.startswith("api/")
            else "1",
            "<int:position>": "1",
            "<int:file>": str(self.file.pk),
            "<int:file_pk>": str(self.file.pk),
            "<str:token>": "sai",
            "<slug:form>": "oai_dc" if "/mo-ta/" in pattern else "atom",
            "<slug:kind>": "bib",
            "<str:kind>": "mrc" if "/bien-muc/" in pattern else "csv",
            "<str:size>": "900,",
            "<str:ending>": "jpg",
            "<str:number>": "500",
            "(?P<rest>[^?#]{3,200})": ark_of(self.work.pk, naan).removeprefix("ark:/"),
            "ark:/?": "ark:/",
        }
