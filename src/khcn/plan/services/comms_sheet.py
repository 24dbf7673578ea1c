"""Communication work from a filled sheet: all of it, or nothing with the errors by row and column."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.errors import KhcnError
from khcn.core.exports.forms import FilledForm, FilledRow
from khcn.orgs.models import Unit
from khcn.plan.errors import PlanError, RowFault, RowsError
from khcn.plan.models import Campaign, Outreach
from khcn.plan.services.comms_outreach import Deed, outreach_correct, outreach_enter

MOST: Final = 2000
_COLUMNS: Final = {
    "channel": gettext_lazy("Hình thức"), "happened_on": gettext_lazy("Ngày"), "count": gettext_lazy("Số lượt, số bản"),
    "people": gettext_lazy("Số người tiếp cận"), "campaign": gettext_lazy("Đợt tuyên truyền"),
    "unit": gettext_lazy("Đơn vị"), "item": gettext_lazy("Số của việc"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lines of a sheet name, read once."""

    units: dict[int, Unit]
    campaigns: dict[int, Campaign]
    entries: dict[int, Outreach]


@transaction.atomic
def outreach_sheet_take_in(*, actor: Actor, filled: FilledForm, now: datetime) -> tuple[int, int]:
    """Take in a filled sheet; return how many entries are new and how many changed. The same file again changes nothing.

    :raises RowsError: with every wrong cell; nothing of the sheet was taken in then.
    """
    faults = [RowFault(_("dòng %(n)s") % {"n": one.row}, one.column, one.message) for one in filled.errors]
    if len(filled.rows) + len(faults) > MOST:
        raise RowsError(_("Bảng có hơn %(most)s dòng. Hãy chia nhỏ rồi gửi từng phần.") % {"most": MOST})
    if not filled.rows and not faults:
        raise RowsError(_("Bảng không có dòng nào được điền."))
    known = _Known(
        Unit.objects.in_bulk({_number(row, "unit") for row in filled.rows}),
        Campaign.objects.in_bulk({_number(row, "campaign") for row in filled.rows}),
        Outreach.objects.standing().in_bulk({_number(row, "item") for row in filled.rows}),
    )
    new = changed = 0
    for row in filled.rows:
        try:
            made, differs = _take(actor, row, now, known)
            new, changed = new + made, changed + differs
        except KhcnError as error:
            name = getattr(error, "field", "") or (
                "unit" if error.code == "permission-denied" else error.code
            )
            column = str(_COLUMNS.get(name, ""))
            faults.append(RowFault(_("dòng %(n)s") % {"n": row.number}, column, error.message))
    if faults:
        raise RowsError(_("Có ô chưa đúng nên chưa ghi gì. Sửa trong Excel rồi gửi lại."), faults)
    return new, changed


def _number(row: FilledRow, name: str) -> int:
    value = row.values.get(name)
    number = int(str(value)) if value not in (None, "") else 0
    return number if 0 < number < 2**63 else 0


def _take(actor: Actor, row: FilledRow, now: datetime, known: _Known) -> tuple[int, int]:
    deed = _deed(row.values, known.campaigns.get(_number(row, "campaign")))
    number, unit = _number(row, "item"), known.units[_number(row, "unit")]
    if not number:
        made = outreach_enter(actor=actor, unit=unit, deed=_with_key(deed, row, unit), now=now)[1]
        return int(made), 0
    entry = known.entries.get(number)
    if entry is None:
        raise PlanError(_("Không có việc mang số này. Việc mới thì để trống cột số."), code="item")
    if entry.unit_id != unit.pk:
        raise PlanError(_("Việc này là của đơn vị khác; không đổi đơn vị ở đây."), code="unit")
    if _same(entry, deed):
        return 0, 0
    outreach_correct(actor=actor, outreach_id=number, deed=deed, now=now)
    return 0, 1


def _deed(values: dict[str, Any], campaign: Campaign | None) -> Deed:
    day = values["happened_on"]
    assert isinstance(day, date)  # noqa: S101  # the column is a required date
    people = values.get("people")
    return Deed(
        channel=str(values["channel"]), happened_on=day, count=int(str(values["count"])),
        people=int(str(people)) if people is not None else None, people_counted=values.get("counted") is True,
        campaign=campaign, place=str(values.get("place") or ""), note=str(values.get("note") or ""),
        link=str(values.get("link") or ""),
    )  # fmt: skip


def _with_key(deed: Deed, row: FilledRow, unit: Unit) -> Deed:
    """Give a new line a key of its place and content, so that the same file sent twice is taken in once."""
    content = asdict(replace(deed, campaign=None)) | {"campaign": deed.campaign.pk if deed.campaign else None}
    print_of = sha256(f"{row.number}|{unit.pk}|{sorted(content.items(), key=str)}".encode()).hexdigest()
    return replace(deed, client_key=f"xlsx{print_of[:34]}")


def _same(entry: Outreach, deed: Deed) -> bool:
    campaign = deed.campaign.pk if deed.campaign else None
    return (
        entry.channel, entry.happened_on, entry.count, entry.people, entry.people_counted, entry.campaign_id,
        entry.place, entry.note, entry.link,
    ) == (
        deed.channel, deed.happened_on, deed.count, deed.people, deed.people_counted and deed.people is not None,
        campaign, deed.place.strip(), deed.note.strip(), deed.link.strip(),
    )  # fmt: skip
