"""Codes, consents and the human check, which every public form of programmes stands on."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from khcn.core.models import Message
from khcn.programmes.enums import ConsentBy, ConsentPurpose
from khcn.programmes.human import HumanForm
from khcn.programmes.models.registrations import ContactCode
from khcn.programmes.services.codes import CodeError, CodeTooOftenError, code_check, code_send, codes_forget
from khcn.programmes.services.consents import consent_give, consent_withdraw, consents_standing, may_publish
from tests.programmes.factories import NOW, human, make_programme

pytestmark = pytest.mark.django_db
ASKED = {
    "address": "An@Example.vn",
    "purpose": "registration:1",
    "visitor": "x",
    "now": NOW,
    "about": "Lớp thử",
}


def _digits() -> str:
    body = Message.objects.latest("pk").body
    return "".join(char for char in body.split(":")[1] if char.isdigit())[:6]


def test_a_code_opens_once_for_one_purpose() -> None:
    assert code_send(**ASKED) == "an@example.vn"
    digits = _digits()
    with pytest.raises(CodeError):
        code_check(address="an@example.vn", purpose="registration:2", digits=digits, now=NOW)
    assert code_check(address="an@example.vn ", purpose="registration:1", digits=f" {digits} ", now=NOW)
    with pytest.raises(CodeError) as refused:
        code_check(address="an@example.vn", purpose="registration:1", digits=digits, now=NOW)
    assert refused.value.code == "code-expired"
    assert digits not in ContactCode.objects.get().digest


def test_a_code_dies_with_age_and_with_guessing() -> None:
    code_send(**ASKED)
    digits = _digits()
    wrong = f"{(int(digits) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeError) as refused:
            code_check(address="an@example.vn", purpose="registration:1", digits=wrong, now=NOW)
        assert (str(left) in refused.value.message) == (left > 0)
    with pytest.raises(CodeError):
        code_check(address="an@example.vn", purpose="registration:1", digits=digits, now=NOW)
    code_send(**ASKED)
    late = NOW + timedelta(minutes=11)
    with pytest.raises(CodeError):
        code_check(address="an@example.vn", purpose="registration:1", digits=_digits(), now=late)
    codes_forget(NOW + timedelta(days=2))
    assert not ContactCode.objects.exists()


def test_few_codes_leave_for_one_address() -> None:
    for _ in range(5):
        code_send(**ASKED)
    with pytest.raises(CodeTooOftenError):
        code_send(**ASKED)


def test_publishing_a_child_needs_both() -> None:
    programme, subject = make_programme(), "programmes.registration:1"
    values = {"actor": None, "programme": programme, "subject": subject, "now": NOW}
    consent_give(**values, purpose=ConsentPurpose.PUBLICATION, by=ConsentBy.GUARDIAN)
    consent_give(**values, purpose=ConsentPurpose.PUBLICATION, by=ConsentBy.GUARDIAN)
    given = consents_standing([subject], ConsentPurpose.PUBLICATION)
    assert not may_publish(given.get(subject), is_minor=True)
    consent_give(**values, purpose=ConsentPurpose.PUBLICATION, by=ConsentBy.CHILD)
    given = consents_standing([subject], ConsentPurpose.PUBLICATION)
    assert may_publish(given.get(subject), is_minor=True)
    assert not may_publish(given.get(subject), is_minor=False)
    assert consent_withdraw(actor=None, subject=subject, purpose=ConsentPurpose.PUBLICATION, now=NOW) == 2
    assert consents_standing([subject], ConsentPurpose.PUBLICATION) == {}
    assert programme.consents.count() == 2


@pytest.mark.parametrize("typed", ["7", " bảy", "BAY"])
def test_people_pass_the_human_check(typed: str) -> None:
    form = HumanForm(human() | {"human": typed})
    assert form.is_valid(), form.errors
    assert not form.is_robot


def test_robots_do_not() -> None:
    assert not HumanForm(human() | {"human": "3"}).is_valid()
    trapped = HumanForm(human() | {"website": "x"})
    assert trapped.is_valid()
    assert trapped.is_robot
    data = QueryDict(mutable=True)
    data.update({"stamp": "1:x", "human": "7"})
    stale = HumanForm(data)
    assert not stale.is_valid()
    assert stale["stamp"].value() != "1:x"
