"""The sitemap names works and shelves with their days; the doctor sees a provider that lags."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from khcn.library.enums import WorkState
from khcn.library.models import Collection, IndexChange, Work
from khcn.library.services.oai import oai_follow
from khcn.web.doctor import Level, check_oai
from tests.library.makers import make_term, make_work
from tests.library.oai_world import public_work

pytestmark = pytest.mark.django_db
AT = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_sitemap_names_works_and_shelves_with_their_days(client: Client) -> None:
    shelf, empty, closed = (make_term(Collection, name) for name in ("Kệ một", "Kệ trống", "Kệ kín"))
    work = public_work("Trên kệ")
    work.collections.add(shelf)
    hidden = make_work("Kín", state=WorkState.DRAFT)
    hidden.collections.add(closed)
    Work.objects.filter(pk=work.pk).update(updated_at=timezone.now() - timedelta(days=40))
    day = f"{timezone.localtime(timezone.now() - timedelta(days=40)):%Y-%m-%d}"  # days are Viet Nam's
    index = etree.fromstring(client.get("/sitemap.xml").content)
    dates = {one.findtext(f"{AT}loc").rsplit("/", 1)[1]: one.findtext(f"{AT}lastmod") for one in index}
    assert dates["sitemap-works.xml"][:10] == day
    assert dates["sitemap-collections.xml"][:10] == day
    shelves = etree.fromstring(client.get("/sitemap-collections.xml").content)
    found = [(one.findtext(f"{AT}loc"), one.findtext(f"{AT}lastmod")[:10]) for one in shelves]
    assert found == [("http://testserver/thu-vien/bo-suu-tap/ke-mot/", day)]
    assert empty.key not in str(found)


def test_the_doctor_sees_a_provider_that_lags(settings: Any) -> None:
    assert check_oai()[0].level == Level.WATCH
    oai_follow()
    assert check_oai()[0].level == Level.OK
    public_work("Vừa đăng")
    assert check_oai()[0].level == Level.OK
    IndexChange.objects.update(at=timezone.now() - timedelta(hours=1))
    assert check_oai()[0].level == Level.BAD
    oai_follow()
    assert check_oai()[0].level == Level.OK
