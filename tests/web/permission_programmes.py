"""What the permission table asks about of programmes: one of everything that has an address, for each of two units."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from khcn.orgs.enums import PartyKind
from khcn.programmes.enums import LetterKind, PhaseKind, ProgrammeKind, SupportState
from khcn.programmes.models.attendance import CheckInLink
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.contests import Review
from khcn.programmes.models.entries import EntryFile
from khcn.programmes.models.evaluation import Survey
from khcn.programmes.models.exhibitions import Booth, Exhibitor, FloorPlan, Product, ProductPicture
from khcn.programmes.models.letters import Letter
from khcn.programmes.models.support import Asset, SupportCall, SupportItem, SupportRequest
from khcn.programmes.rules.exhibitions import ExhibitorKind, ExhibitorState
from khcn.programmes.tokens import link_token, ticket_code
from tests.programmes import factories as made

NOW = made.NOW


class Fair:
    """The programmes of one unit: a course with people, a contest in judging, a support call, an exhibition."""

    def __init__(self, unit: Any) -> None:
        self.unit = unit
        self._course(unit)
        self._contest(unit)
        self._support(unit)
        self._exhibition(unit)

    def _course(self, unit: Any) -> None:
        self.programme = made.make_programme(unit)
        self.session = made.make_session(self.programme)
        self.group = made.make_group(self.programme)
        self.pupil = made.make_registration(self.programme, group=self.group)
        self.person = made.make_registration(self.programme)
        self.gate = CheckInLink.objects.create(
            session=self.session, token=link_token(), created_at=NOW, expires_at=NOW + timedelta(days=3650)
        )
        self.survey = Survey.objects.create(
            programme=self.programme, token=link_token(), created_at=NOW, opened_at=NOW
        )
        self.batch = CertificateBatch.objects.create(
            programme=self.programme,
            title="Giấy",
            text="Đã học",
            signer_name="A",
            signer_position="B",
            prepared_at=NOW,
        )
        self.certificate = Certificate.objects.create(
            batch=self.batch, registration=self.person, name="A", code=ticket_code()
        )
        self.letter = Letter.objects.create(
            programme=self.programme, kind=LetterKind.CUSTOM, subject="Tin", body="Tin", created_at=NOW
        )

    def _contest(self, unit: Any) -> None:
        self.contest = made.make_contest(unit, phase=PhaseKind.JUDGING)
        self.team = made.make_team(self.contest)
        self.entry = made.make_entry(self.team)
        self.file = EntryFile.objects.create(
            entry=self.entry,
            name="khong-co.pdf",
            title="Bài",
            size=1,
            sha256="0",
            mime="application/pdf",
            kept_at=NOW,
        )
        self.juror = made.make_juror(self.contest)
        self.review = Review.objects.create(
            programme=self.contest,
            juror=self.juror,
            entry=self.entry,
            rules=self.contest.rules.get(),
            assigned_at=NOW,
        )

    def _support(self, unit: Any) -> None:
        self.support = made.make_programme(unit, kind=ProgrammeKind.SUPPORT)
        call = SupportCall.objects.create(programme=self.support, updated_at=NOW)
        self.request = SupportRequest.objects.create(
            call=call, state=SupportState.SUBMITTED, unit=unit, organisation="Trường", organisation_kind=PartyKind.SCHOOL,
            contact_address="truong@example.vn", token=link_token(), asked=Decimal(1000), created_at=NOW, submitted_at=NOW,
        )  # fmt: skip
        SupportItem.objects.create(
            request=self.request, number=1, name="Bộ", unit="bộ", quantity=1, unit_price=1000
        )
        self.asset = Asset.objects.create(unit=unit, serial="1", name="Máy", added_at=NOW)

    def _exhibition(self, unit: Any) -> None:
        self.exhibition = made.make_programme(unit, kind=ProgrammeKind.EXHIBITION)
        self.exhibitor = Exhibitor.objects.create(
            programme=self.exhibition, key="gian-thu", state=ExhibitorState.ACCEPTED, kind=ExhibitorKind.SCHOOL,
            name="Gian thử", token=link_token(), proven_at=NOW, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        self.product = Product.objects.create(exhibitor=self.exhibitor, title="Sản phẩm", created_at=NOW)
        self.picture = ProductPicture.objects.create(product=self.product, name="khong-co.jpg", alt="Ảnh")
        self.plan = FloorPlan.objects.create(programme=self.exhibition, title="Sảnh")
        self.booth = Booth.objects.create(plan=self.plan, number="A1", x=1, y=1, w=10, h=10)

    def values(self, pattern: str) -> dict[str, str]:
        """Return what stands in the place of the parameters: the longest part of an address that is known decides."""
        about = _longest(
            {
                "/cuoc-thi/": self.contest, "/bai-du-thi/": self.contest, "/the-le/": self.contest, "/doi/": self.contest,
                "/ket-qua/": self.contest, "/trien-lam/": self.contest, "/hoi-dong/": self.contest,
                "/giai-doan/": self.contest, "/phan-cong/": self.contest, "/tien-do/": self.contest,
                "/xep-hang/": self.contest, "/cham-thi/": self.contest, "/ho-tro/": self.support,
                "/trung-bay/": self.exhibition,
            },
            pattern, self.programme,
        )  # fmt: skip
        thing = _longest(
            {
                "/cham-thi/phieu/": self.review, "/cham-thi/tep/": self.file, "/ho-tro/<int:pk>/": self.request,
                "/ho-tro/kho/": self.asset, "/doi/<str:token>/nguoi/": self.team.members.first(),
                "/doi/<str:token>/dong-y/": self.team.members.first(), "/doi/<str:token>/tep/": self.file,
                "/trien-lam/tep/": self.file, "/trung-bay/anh/": self.picture, "/trung-bay/so-do/<int:pk>": self.plan,
                "/san-pham/<int:pk>": self.product, "/chung-nhan/<int:pk>/": self.certificate,
                "dang-ky/doan/<str:token>/nguoi/": self.pupil,
            },
            pattern, about,
        )  # fmt: skip
        code = _longest(
            {
                "/doi/": self.team.token, "/ho-tro/": self.request.token, "/trung-bay/": self.exhibitor.token,
                "/dang-ky/": self.person.token or "", "/dang-ky/doan/": self.group.token, "/diem-danh/": self.gate.token,
                "/y-kien/buoi/": self.survey.token,
            },
            pattern, "khong-co",
        )  # fmt: skip
        return {
            "<slug:key>": about.key,
            "<int:pk>": str(thing.pk),
            "<str:token>": code,
            "<str:code>": self.certificate.code,
            "<str:ticket>": self.person.ticket,
            "<slug:one>": self.exhibitor.key,
            "<int:one>": str(self.exhibitor.pk),
            "<int:plan>": str(self.plan.pk),
            "<int:booth>": str(self.booth.pk),
            "<int:row>": str(self.group.pk if "/doan/" in pattern else self.person.pk),
            "<int:number>": str(self.session.number),
            "<int:session_pk>": str(self.session.pk),
            "<int:batch_pk>": str(self.batch.pk),
            "<int:letter_pk>": str(self.letter.pk),
            "<int:entry_id>": str(self.entry.pk),
            "<int:file_id>": str(self.file.pk),
        }


def _longest(known: dict[str, Any], pattern: str, otherwise: Any) -> Any:
    found = [part for part in known if part in pattern]
    return known[max(found, key=len)] if found else otherwise
