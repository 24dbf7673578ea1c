"""Figures of use on the page of a work and for librarians: right, and never of works that not everybody may open."""

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from khcn.library.enums import Visibility, WorkKind, WorkState
from khcn.library.models import Collection, UsageMonth, Work
from khcn.orgs.enums import Role
from tests.library.makers import make_term, make_work
from tests.orgs.factories import make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
PUBLISHED = WorkState.PUBLISHED
PAGE = "/ban-lam-viec/thu-vien/thong-ke/"


def used(work: Work, month: date, views: int, downloads: int = 0) -> None:
    UsageMonth.objects.create(
        work=work,
        month=month,
        views=views,
        downloads=downloads,
        unique_views=views // 2,
        unique_downloads=downloads,
    )


def this_month() -> date:
    return timezone.localdate().replace(day=1)


def page_of(work: Work) -> str:
    return f"/thu-vien/{work.slug}-{work.pk}/"


def test_the_page_of_a_work_shows_its_sums(client: Client) -> None:
    work = make_work("Một", state=PUBLISHED)
    assert "lượt xem" not in client.get(page_of(work)).content.decode()
    used(work, date(2026, 1, 1), 1200, 3)
    used(work, date(2026, 2, 1), 34, 4)
    page = client.get(page_of(work)).content.decode()
    assert "1.234 lượt xem" in page and "7 lượt tải" in page


@pytest.mark.parametrize("visibility", [Visibility.SIGNED_IN, Visibility.UNITS])
def test_figures_of_closed_works_are_for_librarians(client: Client, visibility: Visibility) -> None:
    unit = make_unit()
    work = make_work("Một", state=PUBLISHED, visibility=visibility, owner_unit=unit)
    work.units.add(unit)
    used(work, date(2026, 1, 1), 3)
    for who, shown in ((make_member(Role.CONTRIBUTOR, unit), False), (make_member(Role.LIBRARIAN), True)):
        client.force_login(who)
        answer = client.get(page_of(work))
        assert answer.status_code == 200
        assert ("3 lượt xem" in answer.content.decode()) is shown


def test_who_opens_the_page_of_figures(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    people = {Role.CONTRIBUTOR: 403, Role.EDITOR: 403, Role.LIBRARIAN: 200, Role.AUDITOR: 200}
    for role, status in people.items():
        client.force_login(make_member(role))
        assert client.get(PAGE).status_code == status, role
    client.force_login(make_user())
    assert client.get(PAGE).status_code == 403


def test_months_shelves_units_and_kinds(client: Client) -> None:
    shelf, unit = make_term(Collection, "Kế hoạch năm"), make_unit("Phòng Thử")
    one = make_work("Một", state=PUBLISHED, owner_unit=unit, kind=WorkKind.LEGAL)
    one.collections.add(shelf)
    two = make_work("Hai", state=PUBLISHED, kind=WorkKind.REPORT)
    month = this_month()
    used(one, month, 10, 2)
    used(two, month, 5)
    used(two, date(2019, 1, 1), 99)
    client.force_login(make_member(Role.LIBRARIAN))
    report = client.get(PAGE).context["report"]
    assert (report.total.views, report.total.downloads, report.total.unique_views, report.total.works) == (
        15,
        2,
        7,
        2,
    )
    assert len(report.months) == 12 and report.months[-1][1].views == 15
    assert [(use.title, use.counts.views) for use in report.top] == [("Một", 10), ("Hai", 5)]
    assert [(name, counts.views) for name, counts in report.by_collection] == [("Kế hoạch năm", 10)]
    assert [(name, counts.views) for name, counts in report.by_unit] == [("Phòng Thử", 10)]
    assert [(name, counts.views) for name, counts in report.by_kind] == [("Văn bản", 10), ("Báo cáo", 5)]
    for query, views in ((f"bo_suu_tap={shelf.key}", 10), (f"don_vi={unit.pk}", 10), ("loai=report", 5),
                         ("tu=2019-01&den=2019-02", 99)):  # fmt: skip
        assert client.get(f"{PAGE}?{query}").context["report"].total.views == views, query


def test_the_workbook_holds_what_the_page_shows(client: Client) -> None:
    used(make_work("=cmd|' /C calc'!A0", state=PUBLISHED), this_month(), 10, 2)
    client.force_login(make_member(Role.LIBRARIAN))
    data = b"".join(client.get(f"{PAGE}?tai=xlsx").streaming_content)  # type: ignore[attr-defined]
    sheet: Any = load_workbook(io.BytesIO(data)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) == 1 + 12 + 2 and rows[-1][1:4] == ["=cmd|' /C calc'!A0", 10, 2]
    assert sheet.cell(len(rows), 2).data_type == "s"


@pytest.mark.parametrize(
    "query",
    ["tu=9999-99", "tu=2026-13&den=x", "don_vi=%00", "don_vi=999999", "loai='--", "tu=2030-01&den=2001-01"],
)
def test_odd_addresses_never_fail(client: Client, query: str) -> None:
    client.force_login(make_member(Role.LIBRARIAN))
    assert client.get(f"{PAGE}?{query}").status_code == 200
