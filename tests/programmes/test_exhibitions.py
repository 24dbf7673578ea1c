"""Exhibitors, their products, booths and contacts: who sees what, and when."""

import re
import unicodedata
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.forms import FilledForm, FilledRow
from khcn.core.indicators import Period
from khcn.core.models.outbox import Message
from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.indicators import INDICATORS
from khcn.programmes.models.exhibitions import Booth, Exhibitor, VisitorContact
from khcn.programmes.rules.exhibitions import ExhibitorState, ExhibitorText, Place, clean_website, grid
from khcn.programmes.selectors.exhibitions import contacts_of, exhibitors_for, products_shown, showcase
from khcn.programmes.services.consents import consent_withdraw
from khcn.programmes.services.exhibitions import (
    exhibitor_apply,
    exhibitor_decide,
    exhibitor_prove,
    exhibitor_withdraw,
    exhibitor_write_in,
)
from khcn.programmes.services.exhibitions_contacts import (
    contact_confirm,
    contact_leave,
    contact_reply,
    contact_wish,
    contact_withdraw,
    exhibitions_forget,
)
from khcn.programmes.services.exhibitions_plan import booth_save, plan_make
from khcn.programmes.services.exhibitions_products import ProductText, product_save
from khcn.programmes.services.exhibitions_sheet import SheetError, exhibitors_take_in
from tests.programmes.factories import NOW, TODAY, People, human, make_programme

pytestmark = pytest.mark.django_db
TCVN3 = (
    "Tªn ®¬n vÞ *;Lo¹i *;Ng\xadêi phô tr¸ch\nTr\xadêng Thö NghiÖm H¹nh Phóc;Tr\xadêng häc;NguyÔn ThÞ Hßa\n"
)
TEXT = ExhibitorText("Xưởng Gỗ Sáng Tạo", "enterprise", "Đồ chơi gỗ", "https://vidu.vn", "Ông Phụ Trách")


def as_1258(text):
    """Windows-1258 keeps the letters with hats and writes tones behind them."""
    plain = unicodedata.normalize("NFD", text)
    joined = re.sub(
        "([aeiouyAEIOUY])([\u0300\u0301\u0303\u0309\u0323])?([\u0302\u0306\u031b])",
        lambda found: unicodedata.normalize("NFC", found[1] + found[3]) + (found[2] or ""),
        plain,
    )
    return joined.encode("cp1258")


def exhibition(people, **more):
    return make_programme(people.unit, kind=ProgrammeKind.EXHIBITION, **more)


def accepted(people, programme, name="Trường Thử", address="truong@example.vn"):
    return exhibitor_write_in(
        actor=people.reporter,
        programme=programme,
        values=ExhibitorText(name, "school"),
        address=address,
        now=NOW,
    )


def code_of(address):
    body = Message.objects.filter(recipient=address, body__contains="Mã xác nhận").order_by("-pk")[0].body
    return re.search(r"\d{6}", body)[0]


def left(row, key="k1", **more):
    values = {
        "name": "Khách",
        "address": "khach@example.vn",
        "message": "Mua 10 cái",
        "agreed": True,
        "visitor": "1.1.1.1",
    }
    return contact_leave(exhibitor=row, client_key=key, now=NOW, **(values | more))


def test_application_is_seen_after_the_code_and_shown_after_the_answer():
    people = People()
    programme = exhibition(people)
    row = exhibitor_apply(
        programme=programme, values=TEXT, address="xuong@example.vn", visitor="1", client_key="a", now=NOW
    )
    again = exhibitor_apply(
        programme=programme, values=TEXT, address="xuong@example.vn", visitor="1", client_key="a", now=NOW
    )
    assert again.pk == row.pk
    assert not exhibitors_for(people.reporter, programme).exists()
    exhibitor_prove(exhibitor=row, digits=code_of("xuong@example.vn"), now=NOW)
    assert exhibitors_for(people.reporter, programme).get().pk == row.pk
    assert not showcase(programme).exists()
    with pytest.raises(ProgrammeError, match="lý do"):
        exhibitor_decide(actor=people.officer, exhibitor=row, accept=False, answer=" ", now=NOW)
    exhibitor_decide(actor=people.officer, exhibitor=row, accept=True, answer="Mời đến sớm", now=NOW)
    assert [one.name for one in showcase(programme, "xuong go")] == [TEXT.name]
    exhibitor_withdraw(exhibitor=row, now=NOW)
    assert not showcase(programme).exists()


@pytest.mark.parametrize("who", ["leader", "finance", "clerk", "editor", "auditor", "head", "focal_head"])
def test_only_who_runs_it_decides(who):
    people = People()
    row = accepted(people, exhibition(people))
    with pytest.raises(PermissionDeniedError):
        exhibitor_decide(actor=getattr(people, who), exhibitor=row, accept=False, answer="Không", now=NOW)


def test_a_contact_is_read_by_its_exhibitor_only_after_the_code_and_no_more_after_it_is_taken_back():
    people = People()
    programme = exhibition(people)
    row, other = accepted(people, programme), accepted(people, programme, "Công ty Khác", "khac@example.vn")
    with pytest.raises(ProgrammeError) as refused:
        left(row, agreed=False)
    assert refused.value.field == "agreed"
    contact = left(row)
    assert left(row).pk == contact.pk
    assert not contacts_of(row).exists()
    contact_confirm(contact=contact, digits=code_of("khach@example.vn"), now=NOW)
    assert contacts_of(row).get().address == "khach@example.vn"
    assert not contacts_of(other).exists()
    with pytest.raises(GoneError):
        contact_reply(exhibitor=other, contact=contact, reply="Chào", now=NOW)
    contact_reply(exhibitor=row, contact=contact, reply="9 giờ thứ Bảy", now=NOW)
    contact_withdraw(actor=None, contact=contact, now=NOW)
    contact.refresh_from_db()
    assert (contact.name, contact.address, contact.message) == ("", "", "")
    assert not contacts_of(row).exists()


def test_withdrawing_the_consent_anywhere_empties_the_contact():
    people = People()
    row = accepted(people, exhibition(people))
    contact = left(row)
    contact_confirm(contact=contact, digits=code_of("khach@example.vn"), now=NOW)
    consent_withdraw(
        actor=people.officer, subject=f"programmes.visitorcontact:{contact.pk}", purpose="share", now=NOW
    )
    contact.refresh_from_db()
    assert contact.address == "" and contact.withdrawn_at == NOW


def test_makers_of_a_pupils_work_are_shown_with_both_consents_only():
    people = People()
    row = accepted(people, exhibition(people))
    values = {"title": "Rô-bốt", "makers": "Nguyễn Văn Bé", "by_pupils": True}
    product = product_save(actor=None, exhibitor=row, values=ProductText(**values, child=True), now=NOW)
    assert products_shown(row)[0].makers == ""
    product_save(
        actor=None,
        exhibitor=row,
        product=product,
        values=ProductText(**values, child=True, guardian=True),
        now=NOW,
    )
    assert products_shown(row)[0].makers == "Nguyễn Văn Bé"
    consent_withdraw(actor=None, subject=f"programmes.product:{product.pk}", purpose="publication", now=NOW)
    assert products_shown(row)[0].makers == ""


@pytest.mark.parametrize("record", ["library.", "library.work:", "library.work:999999", "plan.task:1", "x"])
def test_records_that_nobody_may_see_are_refused(record):
    people = People()
    row = accepted(people, exhibition(people))
    with pytest.raises(ProgrammeError) as refused:
        product_save(actor=None, exhibitor=row, values=ProductText("Máy", record=record), now=NOW)
    assert refused.value.field == "record"


def test_booths_stay_inside_with_their_own_number_and_are_freed():
    people = People()
    programme = exhibition(people)
    row = accepted(people, programme)
    plan = plan_make(actor=people.reporter, programme=programme, title="Sảnh", columns=20, rows=20, now=NOW)
    assert plan.booths.count() == 400
    assert all(one.x + one.w <= 100 and one.y + one.h <= 100 and one.w > 0 for one in grid(20, 20))
    first = plan.booths.first()
    booth_save(
        actor=people.reporter, plan=plan, booth=first, place=Place("A1", 0, 0, 5, 5), exhibitor=row, now=NOW
    )
    second = plan.booths.get(number="A2")
    with pytest.raises(ProgrammeError, match="đã có gian"):
        booth_save(actor=people.reporter, plan=plan, booth=second, place=Place("A1", 0, 0, 5, 5), now=NOW)
    with pytest.raises(ProgrammeError, match="ra ngoài"):
        booth_save(actor=people.reporter, plan=plan, booth=second, place=Place("A2", 98, 0, 5, 5), now=NOW)
    exhibitor_decide(actor=people.officer, exhibitor=row, accept=False, answer="Hết chỗ", now=NOW)
    assert Booth.objects.get(pk=first.pk).exhibitor is None


def test_exhibitors_may_ask_each_other_once():
    people = People()
    programme = exhibition(people)
    one, two = accepted(people, programme), accepted(people, programme, "Vườn Ươm", "vuon@example.vn")
    wish = contact_wish(sender=one, exhibitor=two, message="Hợp tác", agreed=True, now=NOW)
    assert contact_wish(sender=one, exhibitor=two, message="Nữa", agreed=True, now=NOW).pk == wish.pk
    assert contacts_of(two).count() == 1
    with pytest.raises(ProgrammeError):
        contact_wish(sender=one, exhibitor=one, message="", agreed=True, now=NOW)


def test_personal_data_goes_after_its_day():
    people = People()
    programme = exhibition(people, keep_until=TODAY)
    row = accepted(people, programme)
    left(row)
    assert exhibitions_forget(NOW) == 0
    exhibitions_forget(NOW + timedelta(days=2))
    row.refresh_from_db()
    assert (row.contact_address, row.contact_name) == ("", "")
    assert row.state == ExhibitorState.ACCEPTED and not VisitorContact.objects.exists()


def test_a_sheet_is_taken_in_whole_or_not_at_all():
    people = People()
    programme = exhibition(people)
    good = FilledRow(2, {"name": "Đơn vị Một", "kind": "school", "website": ""})
    bad = FilledRow(3, {"name": "Đơn vị Hai", "kind": "school", "website": "http://khong-an-toan.vn"})
    with pytest.raises(SheetError) as refused:
        exhibitors_take_in(
            actor=people.reporter, programme=programme, filled=FilledForm([good, bad], [], []), now=NOW
        )
    assert "Dòng 3" in refused.value.lines[0] and not Exhibitor.objects.exists()
    filled = FilledForm([good], [], [])
    assert exhibitors_take_in(actor=people.reporter, programme=programme, filled=filled, now=NOW) == (1, 0)
    assert exhibitors_take_in(actor=people.reporter, programme=programme, filled=filled, now=NOW) == (0, 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("vidu.vn", "https://vidu.vn"), ("", ""), ("http://vidu.vn", None), ("javascript:alert(1)", None), ("https://a@b.vn", None),
     ("https://x", None), ("https://[", None)],
)  # fmt: skip
def test_websites(typed, kept):
    assert clean_website(typed) == kept


def test_pages_answer_and_leak_nothing(client: Client):
    people = People()
    programme = exhibition(people, starts_on=None, ends_on=None)
    row = accepted(people, programme)
    plan_make(actor=people.reporter, programme=programme, title="Sảnh", columns=2, rows=2, now=NOW)
    page = client.get(reverse("programmes:exhibition", args=[programme.key]))
    assert page.status_code == 200 and "truong@example.vn" not in page.text and "<svg" in page.text
    url = reverse("programmes:exhibition-one", args=[programme.key, row.key])
    assert client.get(url).status_code == 200
    sent = client.post(
        url, human() | {"name": "Khách", "address": "khach@example.vn", "agreed": "on", "client_key": "x"}
    )
    assert sent.status_code == 302 and sent["Cache-Control"] == "no-store, private"
    assert client.get(sent["Location"]).status_code == 200
    form = human() | {
        "name": "Mới",
        "kind": "school",
        "address": "moi@example.vn",
        "agreed": "on",
        "client_key": "y",
    }
    apply = reverse("programmes:exhibition-apply", args=[programme.key])
    assert client.get(apply).status_code == 200
    assert client.post(apply, form).status_code == 302
    assert client.post(apply, form | {"human": "không"}).status_code == 422
    own = reverse("programmes:exhibitor-own", args=[row.token])
    assert client.get(own).status_code == 200 and client.get(own + "?tep=xlsx").status_code == 200
    assert client.get(reverse("programmes:exhibitor-product-new", args=[row.token])).status_code == 200
    assert client.get(reverse("programmes:exhibitor-own", args=["x" * 32])).status_code == 404


@pytest.mark.parametrize(
    ("who", "answer"),
    [("officer", 200), ("reporter", 200), ("head", 200), ("auditor", 200), ("focal_head", 200), ("leader", 403), ("finance", 403),
     ("clerk", 403), ("editor", 403)],
)  # fmt: skip
def test_desk_pages_by_role(client: Client, who, answer):
    people = People()
    programme = exhibition(people)
    row = accepted(people, programme)
    client.force_login(getattr(people, who))
    for name, args in (
        ("exhibitors", []),
        ("exhibition-hall", []),
        ("exhibition-signs", []),
        ("exhibitor", [row.pk]),
    ):
        assert (
            client.get(reverse(f"programmes-desk:{name}", args=[programme.pk, *args])).status_code == answer
        ), name
    runs = 200 if who in {"officer", "reporter"} else 403
    assert client.get(reverse("programmes-desk:exhibition-sheet", args=[programme.pk])).status_code == runs


def test_figures_equal_what_happened_and_ask_once(django_assert_num_queries):
    people = People()
    programme = exhibition(people)
    row = accepted(people, programme)
    contact_confirm(contact=left(row), digits=code_of("khach@example.vn"), now=NOW)
    period = Period(TODAY, TODAY)
    groups = {n: [people.unit.pk] for n in range(50)}
    for key in ("programmes.exhibitors", "programmes.contacts"):
        with django_assert_num_queries(1):
            found = INDICATORS[key].figures(period=period, groups=groups, reader=people.officer)
        assert {figure.value for figure in found.values()} == {1}
        assert found[0].sources[0].id == str(programme.pk)
    elsewhere = INDICATORS["programmes.exhibitors"].figure(
        period=period, unit_ids=[people.focal.pk], reader=people.officer
    )
    assert elsewhere.value == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1258", "tcvn3"])
def test_a_csv_of_exhibitors_in_old_encodings(client, encoding):
    people = People()
    programme = exhibition(people)
    text = "Tên đơn vị *;Loại *;Người phụ trách\nTrường Thử Nghiệm Hạnh Phúc;Trường học;Nguyễn Thị Hòa\n"
    if encoding == "tcvn3":
        data = TCVN3.encode("latin-1")
    elif encoding == "cp1258":
        data = as_1258(text)
    else:
        data = text.encode(encoding)
    client.force_login(people.reporter)
    file = SimpleUploadedFile("ds.csv", data)
    done = client.post(reverse("programmes-desk:exhibition-sheet", args=[programme.pk]), {"file": file})
    assert done.status_code == 302, done.content.decode()
    row = Exhibitor.objects.get(programme=programme)
    assert (row.name, row.contact_name) == ("Trường Thử Nghiệm Hạnh Phúc", "Nguyễn Thị Hòa")


@pytest.mark.parametrize("data", [b"MZ\x00\x00" * 40, b"", b"a;b\n1;2\n", b"PK\x03\x04hong"])
def test_a_list_that_is_none_is_refused_in_a_sentence(client, data):
    people = People()
    programme = exhibition(people)
    client.force_login(people.reporter)
    page = client.post(
        reverse("programmes-desk:exhibition-sheet", args=[programme.pk]),
        {"file": SimpleUploadedFile("ds.csv", data)},
    )
    assert page.status_code == 422
    assert not Exhibitor.objects.filter(programme=programme).exists()


def test_booths_follow_the_theme(client):
    people = People()
    programme = exhibition(people)
    plan_make(actor=people.reporter, programme=programme, title="Sảnh", columns=2, rows=1, now=NOW)
    page = client.get(reverse("programmes:exhibition", args=[programme.key])).content.decode()
    drawing = page[page.index("<svg viewBox") :]
    assert "currentColor" in drawing
    assert "#fff" not in drawing[: drawing.index("</svg>")]
