"""A unit's programmes with a word of its own in every personal or secret field, for the tests of leaks.

Every word says which circle of readers it belongs to. Secret links are words, too: who reads one may act by it.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from khcn.orgs.enums import Role
from khcn.programmes.enums import EntryState, PhaseKind, SupportFileKind
from khcn.programmes.models.attendance import Attendance, CheckInLink, WalkIn
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.contests import Conflict, Contest, Juror, Review, Score
from khcn.programmes.models.entries import Entry, EntryFile, Team, TeamMember
from khcn.programmes.models.evaluation import SurveyAnswer, SurveyVersion
from khcn.programmes.models.exhibitions import Exhibitor, Product, VisitorContact
from khcn.programmes.models.letters import Letter
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.models.support import Handover, Loan, SupportFile, SupportItem, SupportRequest
from khcn.programmes.rules.attendance import Source
from khcn.programmes.rules.exhibitions import ExhibitorKind, ExhibitorState
from khcn.programmes.tokens import link_token
from tests.orgs.factories import make_member, make_unit, make_user
from tests.programmes import factories as made
from tests.web.permission_programmes import NOW, Fair

# Each word stands once in the world and is no part of another.
PEOPLE: Final = {
    "person": "Xuphinhlam", "pupil": "Hocvienqury", "guardian": "Guyhoatmau", "phone": "0987100201", "class": "Lopzyxa",
    "workplace": "Noilamvuqo", "answer": "Traloihexu", "refusal": "Tuchoizuxe", "teacher": "Phutrachqiwo",
    "teacher_phone": "0987100202", "walkin": "Vanglaixuwy", "consent": "Kyphieuqoxy", "certified": "Tentrengiayxo",
    "letter": "Noidungtinquz", "gate": "Congvaozuqe",
}  # fmt: skip
OPINIONS: Final = {"opinion": "Ykienriengxuz"}
TEAMS: Final = {
    "team": "Doizunkarix", "member": "Doivienqexa", "mentor": "Cogiaowylo", "team_phone": "0987100203",
    "member_guardian": "Chamequxyz", "summary": "Tomtatgocxyw", "file": "Tepgocquzy", "film": "phimquzexo",
    "title": "Tenbaigocxuv", "late_reject": "Khonghoplewuz",
}  # fmt: skip
SCHOOLS: Final = {"school": "Truongvubixa"}
SCORES: Final = {"comment": "Nhanxetkurox", "points": "7.31", "total": "77.318"}
JURORS: Final = {
    "juror": "Giamkhaozyqu",
    "juror_place": "Noigiamkhaoxe",
    "conflict": "Lydoxungdotqu",
    "leaves": "Lydoroixyq",
}
ASKERS: Final = {
    "asker": "Lienhequvax", "asker_phone": "0987100204", "purpose": "Mucdichxinqyz", "check": "Ykienkiemtraxo",
    "funds": "Ykientienquw", "decision": "Ykienduyetzyx", "paper": "Giaytoxinquv", "price": "8846215",
    "receiver": "Bennhanxuqo",
}  # fmt: skip
BORROWERS: Final = {"borrower": "Benmuonxyqe", "borrower_phone": "0987100205"}
STANDS: Final = {
    "stand": "Phutrachgianxu",
    "stand_phone": "0987100206",
    "refused_stand": "Gianbituchoiqy",
    "stand_answer": "Traloigianzux",
}
VISITORS: Final = {
    "visitor": "Khachmuazyl",
    "visited": "khach.muazyl@example.vn",
    "wish": "Khachhoixuqe",
    "reply": "Dapkhachquzo",
}
CIRCLES: Final = {
    "people": PEOPLE, "opinions": OPINIONS, "teams": TEAMS, "schools": SCHOOLS, "scores": SCORES, "jurors": JURORS,
    "askers": ASKERS, "borrowers": BORROWERS, "stands": STANDS, "visitors": VISITORS,
}  # fmt: skip


class District:
    """One unit's programmes, everything in them named; another unit's beside it; every kind of reader."""

    def __init__(self, phase: str = PhaseKind.JUDGING) -> None:
        self.people = made.People()
        self.fair = Fair(self.people.unit)
        self.other = Fair(make_unit("Đơn vị khác"))
        self._course(self.fair)
        self._teams(self.fair)
        self._jury(self.fair, phase)
        self._support(self.fair)
        self._exhibition(self.fair)
        self.secrets = {
            "link of a person": self.fair.person.token or "", "link of a group": self.fair.group.token,
            "link of the gate": self.fair.gate.token, "link of a team": self.fair.team.token,
            "link of a request": self.fair.request.token, "link of a stand": self.fair.exhibitor.token,
            "link of a contact": self.contact.token, "ticket": self.fair.person.ticket,
            "ticket of a group": self.fair.group.ticket, "code of a certificate": self.fair.certificate.code,
        }  # fmt: skip

    def _course(self, fair: Fair) -> None:
        Programme.objects.filter(pk=fair.programme.pk).update(
            questions=[{"key": "mong", "label": "Bạn mong gì?", "kind": "text", "required": False}]
        )
        Registration.objects.filter(pk=fair.person.pk).update(
            name=f"Nguyễn {PEOPLE['person']}", folded_name=PEOPLE["person"].lower(), organisation=PEOPLE["workplace"],
            contact_address=PEOPLE["phone"], answers={"mong": PEOPLE["answer"]}, refuse_reason=PEOPLE["refusal"],
        )  # fmt: skip
        Registration.objects.filter(pk=fair.pupil.pk).update(
            name=PEOPLE["pupil"], folded_name=PEOPLE["pupil"].lower(), guardian_name=PEOPLE["guardian"],
            class_name=PEOPLE["class"], is_minor=True,
        )  # fmt: skip
        RegistrationGroup.objects.filter(pk=fair.group.pk).update(
            contact_name=PEOPLE["teacher"], contact_address=PEOPLE["teacher_phone"]
        )
        CheckInLink.objects.filter(pk=fair.gate.pk).update(label=PEOPLE["gate"])
        for row in (fair.person, fair.pupil):
            Attendance.objects.create(
                session=fair.session, registration=row, at=NOW, at_server=NOW, source=Source.values[0]
            )
        WalkIn.objects.create(
            session=fair.session, key="khach", name=PEOPLE["walkin"], source=Source.values[0], at=NOW, at_server=NOW
        )  # fmt: skip
        consent = made.make_consent(fair.programme, f"programmes.registration:{fair.person.pk}", "processing")
        Consent.objects.filter(pk=consent.pk).update(
            subject_name=PEOPLE["consent"], by_name=PEOPLE["consent"]
        )
        version = SurveyVersion.objects.create(
            survey=fair.survey, version=1, created_at=NOW,
            questions=[{"key": "loi", "kind": "text", "text": "Góp ý?", "options": [], "required": False}],
        )  # fmt: skip
        for number in range(6):
            SurveyAnswer.objects.create(
                survey=fair.survey, version=version, session=fair.session, digest=f"{number:064}",
                answers={"loi": OPINIONS["opinion"]}, satisfaction=4, answered_on=NOW.date(),
            )  # fmt: skip
        CertificateBatch.objects.filter(pk=fair.batch.pk).update(
            state="issued", decision_number="9/QĐ", decision_date=NOW.date(), issued_at=NOW
        )
        Certificate.objects.filter(pk=fair.certificate.pk).update(
            name=PEOPLE["certified"], issued_on=NOW.date(), number=1
        )
        Letter.objects.filter(pk=fair.letter.pk).update(body=PEOPLE["letter"])

    def _teams(self, fair: Fair) -> None:
        Team.objects.filter(pk=fair.team.pk).update(
            name=TEAMS["team"], folded_name=TEAMS["team"].lower(), organisation=SCHOOLS["school"],
            contact_name=TEAMS["mentor"], contact_address=TEAMS["team_phone"],
        )  # fmt: skip
        TeamMember.objects.filter(team=fair.team).update(
            name=TEAMS["member"], folded_name=TEAMS["member"].lower(), guardian_name=TEAMS["member_guardian"]
        )
        Entry.objects.filter(pk=fair.entry.pk).update(
            title=TEAMS["title"], summary=TEAMS["summary"], anonymous_title="Máy lọc nước", anonymous_summary="Máy",
            video_link=f"https://phim.example/{TEAMS['film']}",
        )  # fmt: skip
        EntryFile.objects.filter(pk=fair.file.pk).update(title=f"{TEAMS['file']}.pdf")
        made.make_entry(fair.team, state=EntryState.REJECTED, reject_reason=TEAMS["late_reject"])
        # another entry, which the jurors with sheets do not judge
        self.aside = made.make_entry(made.make_team(fair.contest))

    def _jury(self, fair: Fair, phase: str) -> None:
        Contest.objects.filter(programme=fair.contest).update(phase=phase)
        scorer = fair.juror
        type(scorer.user).objects.filter(pk=scorer.user_id).update(full_name=JURORS["juror"])
        Juror.objects.filter(pk=scorer.pk).update(organisation=JURORS["juror_place"])
        Review.objects.filter(pk=fair.review.pk).update(
            submitted_at=NOW, total=Decimal(SCORES["total"]), comment=SCORES["comment"]
        )
        rules = fair.contest.rules.get()
        Score.objects.create(
            review=fair.review, criterion=rules.criteria.first(), points=Decimal(SCORES["points"])
        )
        self.juror, self.conflicted, self.undeclared = (made.make_juror(fair.contest) for _ in range(3))
        gone = made.make_juror(fair.contest)
        Juror.objects.filter(pk=gone.pk).update(removed_at=NOW, remove_reason=JURORS["leaves"])
        self.gone = gone
        for entry in (fair.entry, self.aside):
            for juror in (self.juror, self.conflicted, gone):
                mine = juror == self.conflicted and entry == fair.entry
                Conflict.objects.create(
                    juror=juror, entry=entry, has_conflict=mine, declared_at=NOW,
                    reason=JURORS["conflict"] if mine else "",
                )  # fmt: skip
        for juror in (self.juror, self.conflicted, self.undeclared, gone):
            Review.objects.create(
                programme=fair.contest, juror=juror, entry=fair.entry, rules=rules, assigned_at=NOW
            )

    def _support(self, fair: Fair) -> None:
        SupportRequest.objects.filter(pk=fair.request.pk).update(
            contact_name=ASKERS["asker"], contact_address=ASKERS["asker_phone"], purpose=ASKERS["purpose"],
            check_note=ASKERS["check"], funds_note=ASKERS["funds"], decision_note=ASKERS["decision"],
            asked=Decimal(ASKERS["price"]),
        )  # fmt: skip
        SupportItem.objects.filter(request=fair.request).update(unit_price=Decimal(ASKERS["price"]))
        SupportFile.objects.create(
            request=fair.request, kind=SupportFileKind.values[0], title=ASKERS["paper"], file="khong-co.pdf", size=1,
            sha256="0", added_at=NOW,
        )  # fmt: skip
        Handover.objects.create(
            request=fair.request, number=1, handed_on=NOW.date(), place="Trường", giver="A", receiver=ASKERS["receiver"],
            amount=Decimal(1), client_key="giao", entered_at=NOW,
        )  # fmt: skip
        day = NOW.date()
        Loan.objects.create(
            asset=fair.asset, borrower=BORROWERS["borrower"], contact_address=BORROWERS["borrower_phone"], lent_on=day,
            due_on=day + timedelta(days=30),
        )  # fmt: skip

    def _exhibition(self, fair: Fair) -> None:
        Exhibitor.objects.filter(pk=fair.exhibitor.pk).update(
            contact_name=STANDS["stand"],
            contact_address=STANDS["stand_phone"],
            answer=STANDS["stand_answer"],
        )
        refused = Exhibitor.objects.create(
            programme=fair.exhibition, key="gian-bi-tu-choi", state=ExhibitorState.REFUSED, kind=ExhibitorKind.SCHOOL,
            name=STANDS["refused_stand"], token=link_token(), proven_at=NOW, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        Product.objects.create(exhibitor=refused, title=STANDS["refused_stand"], created_at=NOW)
        self.contact = VisitorContact.objects.create(
            exhibitor=fair.exhibitor, name=VISITORS["visitor"], address=VISITORS["visited"], message=VISITORS["wish"],
            reply=VISITORS["reply"], token=link_token(), created_at=NOW, confirmed_at=NOW,
        )  # fmt: skip

    def readers(self) -> dict[str, Any]:
        """Return every kind of reader: by name, the person."""
        people, stranger = self.people, make_unit("Đơn vị của người lạ")
        return {
            "visitor": None, "no_role": make_user(), "officer": people.officer, "focal_head": people.focal_head,
            "auditor": people.auditor, "leader": people.leader, "finance": people.finance, "clerk": people.clerk,
            "editor": people.editor, "own_reporter": people.reporter, "own_head": people.head,
            "other_reporter": make_member(Role.UNIT_REPORTER, stranger),
            "other_head": make_member(Role.UNIT_HEAD, stranger),
            "librarian": make_member(Role.LIBRARIAN, stranger), "superior": make_member(Role.DOST_READER, stranger),
            "sysadmin": make_member(Role.SYSADMIN, stranger), "juror": self.juror.user,
            "juror_conflicted": self.conflicted.user, "juror_undeclared": self.undeclared.user,
            "juror_gone": self.gone.user, "juror_elsewhere": self.other.juror.user,
        }  # fmt: skip
