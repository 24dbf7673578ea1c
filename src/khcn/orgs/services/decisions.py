"""Record decisions that merge, split or rename units; look at them beforehand; take one back before its day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.orgs.decisions import DecisionData, DecisionError, Edge, Fault
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.handover import OpenThing, Takers, chosen_key
from khcn.orgs.models import (
    Membership,
    SuccessionDecision,
    Unit,
    UnitCode,
    UnitKind,
    UnitSuccession,
    User,
    Viewer,
)
from khcn.orgs.permissions import can_manage_organisation
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.decision_checks import decision_faults, default_target, sources_of
from khcn.orgs.services.decision_roles import RoleMove, administrator_kept, roles_move
from khcn.orgs.services.guard import require
from khcn.orgs.services.handovers import decision_takers, hand_over
from khcn.orgs.services.units import (
    succession_followers,
    succession_record,
    unit_code_set,
    unit_create,
)
from khcn.orgs.unit_time import members_on


@dataclass(frozen=True, slots=True)
class ThingMove:
    """An open thing with who may take it and who does; empty: it stays."""

    thing: OpenThing
    unit: str
    options: tuple[tuple[str, str], ...]
    taker: str


@dataclass(slots=True)
class DecisionReport:
    """What one decision does, in the words of people: the preview is the deed itself, rolled back."""

    data: DecisionData
    changed: bool = False
    on_the_day: bool = False  # what is open is handed over on the effective day, not at once
    closes: list[tuple[str, date]] = field(default_factory=list)
    opens: list[tuple[str, str]] = field(default_factory=list)
    moves: list[tuple[str, str, tuple[str, ...], str]] = field(default_factory=list)
    codes: list[tuple[str, str, str]] = field(default_factory=list)
    roles: list[RoleMove] = field(default_factory=list)
    things: list[ThingMove] = field(default_factory=list)
    groups: list[tuple[str, int, tuple[str, ...]]] = field(default_factory=list)
    outcome: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


class _RollBackError(Exception):
    """Ends a preview."""


def decisions_preview(
    *, actor: Viewer, today: date, now: datetime, decisions: Sequence[DecisionData]
) -> list[DecisionReport]:
    """Return what the decisions would do, and do nothing. :raises DecisionError: with every fault."""
    reports: list[DecisionReport] = []
    try:
        with transaction.atomic():
            reports = decisions_record(actor=actor, today=today, now=now, decisions=decisions)
            raise _RollBackError
    except _RollBackError:
        return reports
    finally:
        forget_all()


@transaction.atomic
def decisions_record(
    *, actor: Viewer, today: date, now: datetime, decisions: Sequence[DecisionData]
) -> list[DecisionReport]:
    """Record decisions, oldest first, all or none; twice is once.

    Units, codes and roles are written with their dates at once. What is open is handed over at once when the effective
    day has come, otherwise by the duty on that day.

    :raises DecisionError: with every fault of the first decision that has one.
    """
    require(actor, today, can_manage_organisation)
    reports = []
    for data in sorted(decisions, key=lambda one: (one.effective, one.number)):
        if faults := decision_faults(data):
            raise DecisionError(
                _("Quyết định %(number)s có %(count)s chỗ sai, chưa nhận gì.")
                % {"number": data.number, "count": len(faults)},
                faults,
            )
        try:
            reports.append(_Recording(actor, today, now, data).run())
        except ValidationError as error:
            raise DecisionError(
                _("Chưa nhận quyết định %(number)s.") % {"number": data.number},
                [Fault(data.number, "", " ".join(error.messages))],
            ) from error
    return reports


class _Recording:
    """One decision on its way into the database."""

    def __init__(self, actor: Viewer, today: date, now: datetime, data: DecisionData) -> None:
        self.actor, self.today, self.now, self.data = actor, today, now, data
        self.report = DecisionReport(data)
        self.last_day = data.effective - timedelta(days=1)
        self.row = self._row()
        self.written: dict[str, Any] = dict(self.row.written)
        self.units: dict[str, Unit] = {}

    def _row(self) -> SuccessionDecision:
        row, made = SuccessionDecision.objects.get_or_create(
            number=self.data.number,
            effective_on=self.data.effective,
            defaults={
                "decided_on": self.data.decided,
                "note": self.data.note,
                "exceptions": dict(self.data.exceptions),
                "recorded_by": self.actor if isinstance(self.actor, User) else None,
                "recorded_at": self.now,
            },
        )
        self.report.changed = made
        return row if made else SuccessionDecision.objects.select_for_update(of=("self",)).get(pk=row.pk)

    def run(self) -> DecisionReport:
        groups = self._groups(self.last_day)
        self._make_units()
        self._make_moves()
        self._close_codes()
        self._set_codes()
        takers = decision_takers(self.row)
        for one in takers.values():
            roles = roles_move(
                actor=self.actor, takers=one, exceptions=self.row.exceptions, effective=self.data.effective,
                written=self.written,
            )  # fmt: skip
            self.report.roles += roles
            self.report.changed |= bool(roles)
        administrator_kept(self.data.effective, self.today)
        self._note_groups(groups)
        self._note_things(takers)
        self._keep()
        return self.report

    def _keep(self) -> None:
        """Write down what was done, and hand over when the day has come."""
        report, row = self.report, self.row
        if report.changed:
            row.written = self.written
            row.save(update_fields=["written", "exceptions"])
            audit_record(
                actor=self.actor,
                action="orgs.decision.record",
                target=row,
                at=self.now,
                after={"number": row.number, "effective": row.effective_on, "moves": len(self.data.edges)},
            )
        report.on_the_day = self.data.effective > self.today
        if not report.on_the_day and (report.changed or row.handed_over_at is None):
            report.outcome = hand_over(decision=row, actor=self.actor, now=self.now)
            report.changed |= any(report.outcome.values())
        forget_all()

    def _make_units(self) -> None:
        for new in self.data.units:
            unit = Unit.objects.filter(key=new.key).first()
            if unit is None:
                unit = unit_create(
                    actor=self.actor,
                    today=self.today,
                    key=new.key,
                    name=new.name,
                    kind=UnitKind.objects.get(code=new.kind),
                    parent=Unit.objects.filter(key=new.parent).first() if new.parent else None,
                    short_name=new.short_name,
                    name_en=new.name_en,
                    electronic_id=new.electronic_id,
                    valid_from=self.data.effective,
                )
                self.written.setdefault("units", []).append(unit.pk)
                self.report.opens.append((unit.name, unit.kind.label))
                self.report.changed = True
            self.units[new.key] = unit
        keys = {key for edge in self.data.edges for key in (edge.source, edge.target)}
        for unit in Unit.objects.filter(key__in=keys):
            self.units[unit.key] = unit

    def _make_moves(self) -> None:
        for source, edges in sources_of(self.data.edges).items():
            predecessor, default = self.units[source], default_target(edges)
            ended = predecessor.valid_to is not None and predecessor.valid_to <= self.last_day
            if edges[0].ends and not ended:
                self.written.setdefault("closed", {}).setdefault(
                    str(predecessor.pk), predecessor.valid_to.isoformat() if predecessor.valid_to else ""
                )
                self.report.closes.append((predecessor.name, self.last_day))
            for edge in edges:
                self._make_move(edge, predecessor, is_default=edge.target == default)
            predecessor.refresh_from_db()
            targets = tuple(self.units[edge.target].name for edge in edges)
            words = str(SuccessionKind(edges[0].kind).label)
            self.report.moves.append(
                (words, predecessor.name, targets, self.units[default].name if default else "")
            )
            if not ended and edges[0].ends:
                self._warn_of_children(predecessor)

    def _make_move(self, edge: Edge, predecessor: Unit, *, is_default: bool) -> None:
        rows = UnitSuccession.objects.filter(
            predecessor=predecessor, successor=self.units[edge.target], effective_date=self.data.effective
        )
        if (row := rows.first()) is not None:
            if row.is_default != is_default and self.row.handed_over_at is None and len(self.data.edges) > 1:
                rows.update(is_default=is_default, decision=self.row)
                self.report.changed = True
            return
        succession_record(
            actor=self.actor,
            today=self.today,
            now=self.now,
            kind=SuccessionKind(edge.kind),
            predecessor=predecessor,
            successor=self.units[edge.target],
            decision_number=self.data.number,
            decision_date=self.data.decided,
            effective_date=self.data.effective,
            note=self.data.note,
            is_default=is_default,
            ends=edge.ends,
        )
        self.report.changed = True

    def _warn_of_children(self, unit: Unit) -> None:
        own = {edge.source for edge in self.data.edges}
        left = Unit.objects.filter(parent=unit, kind__is_group=False).in_force(self.data.effective)
        names = [child.name for child in left.exclude(key__in=own)]
        if names:
            self.report.warnings.append(
                _(
                    "%(unit)s còn đơn vị trực thuộc không nêu trong quyết định: %(names)s. Khi có một đơn vị kế thừa, chúng chuyển theo; khi chia tách, hãy tự sửa sau."
                )
                % {"unit": unit.name, "names": ", ".join(names[:10])}
            )

    def _close_codes(self) -> None:
        """End the codes of units that end; a new name keeps its codes unless the decision says otherwise."""
        given = {(row.unit, row.scheme) for row in self.data.codes}
        for source, edges in sources_of(self.data.edges).items():
            if not edges[0].ends:
                continue
            for code in self.units[source].codes.in_force(self.data.effective):
                self._end_code(code)
                target = self.units[edges[0].target]
                if edges[0].kind == SuccessionKind.RENAME and (target.key, code.scheme) not in given:
                    self._begin_code(target, code.scheme, code.code)

    def _end_code(self, code: UnitCode) -> None:
        if code.valid_from is not None and code.valid_from > self.last_day:
            return
        self.written.setdefault("codes_ended", {})[str(code.pk)] = (
            code.valid_to.isoformat() if code.valid_to else ""
        )
        unit_code_set(
            actor=self.actor, today=self.today, unit=code.unit, scheme=CodeScheme(code.scheme), code=code.code,
            valid_from=code.valid_from, valid_to=self.last_day,
        )  # fmt: skip
        self.report.changed = True

    def _set_codes(self) -> None:
        for spec in self.data.codes:
            unit = self.units.get(spec.unit) or Unit.objects.get(key=spec.unit)
            others = UnitCode.objects.filter(scheme=spec.scheme, code=spec.code).in_force(self.data.effective)
            for held in others.exclude(unit=unit).select_related("unit"):
                self._end_code(held)
                self.report.warnings.append(
                    _("Mã %(code)s đang là mã của %(unit)s; mã đó hết hiệu lực ngày %(day)s.")
                    % {"code": spec.code, "unit": held.unit.name, "day": f"{self.last_day:%d/%m/%Y}"}
                )
            self._begin_code(unit, spec.scheme, spec.code)

    def _begin_code(self, unit: Unit, scheme: str, code: str) -> None:
        rows = UnitCode.objects.filter(scheme=scheme, code=code)
        if rows.filter(unit=unit).in_force(self.data.effective).exists():
            return
        before = rows.in_force(self.last_day).select_related("unit").first()
        row = unit_code_set(
            actor=self.actor, today=self.today, unit=unit, scheme=CodeScheme(scheme), code=code,
            valid_from=self.data.effective,
        )  # fmt: skip
        self.written.setdefault("codes_made", []).append(row.pk)
        self.report.codes.append((code, before.unit.name if before else "", unit.name))
        self.report.changed = True

    def _groups(self, on: date) -> dict[Unit, list[Unit]]:
        sources = {edge.source for edge in self.data.edges}
        groups = Unit.objects.filter(kind__is_group=True, members__isnull=False).distinct()
        found = {group: members_on(group, on) for group in groups}
        return {g: members for g, members in found.items() if sources & {unit.key for unit in members}}

    def _note_groups(self, before: dict[Unit, list[Unit]]) -> None:
        for group, members in before.items():
            after = tuple(unit.name for unit in members_on(group, self.data.effective))
            self.report.groups.append((group.name, len(members), after))

    def _note_things(self, takers: dict[int, Takers]) -> None:
        units = [one.unit for one in takers.values()]
        refs: set[str] = {role.ref for role in self.report.roles}
        refs |= {ref.rpartition("/")[0] for ref in refs}
        for follower in succession_followers.all():
            for thing in follower.open_things(units, self.data.effective):
                one = takers[thing.unit_id]
                default = one.default.key if one.default else ""
                keys = [unit.key for unit in one.targets]
                taker = chosen_key(keys, default, self.row.exceptions, thing.ref, thing.group)
                if not one.ends and not taker:
                    continue
                options = tuple((unit.key, unit.name) for unit in one.targets)
                self.report.things.append(ThingMove(thing, one.unit.name, options, taker))
                refs |= {thing.ref, thing.group}
        if self.report.changed:
            for what in sorted(set(self.data.exceptions) - refs):
                text = _("Ngoại lệ “%(what)s” chưa ứng với việc hay người nào đang có.")
                self.report.warnings.append(text % {"what": what})


@transaction.atomic
def decision_withdraw(*, actor: Viewer, today: date, decision: SuccessionDecision, reason: str) -> None:
    """Take back a decision that is not in force yet: units, codes and roles become what they were.

    :raises DecisionError: its day has come, or something was built upon it already.
    """
    require(actor, today, can_manage_organisation)
    row = SuccessionDecision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if row.effective_on <= today or row.handed_over_at is not None:
        raise DecisionError(
            _("Quyết định đã có hiệu lực nên không rút được. Thay đổi tiếp theo cần một quyết định mới.")
        )
    if not reason.strip():
        raise DecisionError(_("Hãy ghi lý do rút quyết định, ví dụ số văn bản lùi ngày."))
    written = row.written
    try:
        Membership.objects.filter(pk__in=written.get("roles_made", [])).delete()
        _restore(Membership.objects.filter, written.get("roles_ended", {}))
        UnitCode.objects.filter(pk__in=written.get("codes_made", [])).delete()
        _restore(UnitCode.objects.filter, written.get("codes_ended", {}))
        row.moves.all().delete()
        _restore(Unit.objects.filter, written.get("closed", {}))
        Unit.objects.filter(pk__in=written.get("units", [])).delete()
        before = {"number": row.number, "effective": row.effective_on, "note": row.note}
        audit_record(
            actor=actor, action="orgs.decision.withdraw", target=row, before=before, reason=reason.strip()
        )
        row.delete()
    except ProtectedError as error:
        raise DecisionError(
            _("Đã có việc hoặc người gắn với đơn vị mới. Hãy bỏ những việc đó trước rồi rút quyết định.")
        ) from error
    forget_all()


def _restore(rows: Callable[..., Any], kept: dict[str, str]) -> None:
    for pk, day in kept.items():
        rows(pk=int(pk)).update(valid_to=date.fromisoformat(day) if day else None)


def decisions_due(now: datetime) -> int:
    """Hand over what decisions of today and before left open; return how many decisions. A periodic duty."""
    today = timezone.localdate(now)
    waiting = SuccessionDecision.objects.filter(handed_over_at=None, effective_on__lte=today)
    done = 0
    for row in waiting.order_by("effective_on", "pk"):
        with transaction.atomic():
            hand_over(decision=row, actor=None, now=now)
        done += 1
    return done
