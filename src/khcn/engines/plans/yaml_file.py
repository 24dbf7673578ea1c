"""A plan in YAML (schema_version 1) becomes a :class:`PlanFile`; every fault of the file is named at once.

Names of people's fields end in ``_vi``/``_en`` in the file; units may be written ``vi``/``en`` for short.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, get_args

from khcn.engines.plans.findings import with_findings
from khcn.engines.plans.types import (
    NOTHING,
    Anomaly,
    BasisSpec,
    Fault,
    HeaderSpec,
    Level,
    PeriodSpec,
    PlanFile,
    PlanFileError,
    RecipientSpec,
    ReportingSpec,
    SectionSpec,
    SignerSpec,
    TaskSpec,
    UnitSpec,
)
from khcn.engines.plans.values import day_before, shown_day
from khcn.engines.plans.yaml_checks import check_plan
from khcn.engines.plans.yaml_fields import Fields
from khcn.engines.plans.yaml_nodes import parse, place
from khcn.engines.text.numbers import parse_document_number
from khcn.engines.text.slug import slugify_vi

MAX_TASKS: Final = 5_000
_CODE: Final = re.compile(r"[\w.\-]+")
_UNIT_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_CODE_LENGTH: Final = 40
_REF_LENGTH: Final = 30
_KEY_LENGTH: Final = 80
_LEVELS: Final = get_args(Level)
# Fields of the head that stand in the file for machines and are not kept.
_MODES: Final = {"KT": "KT.", "TM": "TM.", "TL": "TL.", "TUQ": "TUQ.", "Q": "Q."}


def read_yaml(data: bytes, *, known_units: Collection[str] = ()) -> PlanFile:
    """Read a plan. ``known_units``: keys of units that need not stand in the file.

    :raises PlanFileError: with every fault found, each with its line and field; nothing is half-read.
    """
    tree = parse(data)
    root, faults = tree.root, tree.faults
    if root.kind != "map":
        raise PlanFileError([*faults, Fault("not-mapping", place(root.line))])
    notes = [Anomaly("comma-joined", place(line), text, found=True) for line, text in tree.joined]
    top = Fields(root, "", faults, notes)
    _check_version(top)
    plan = _plan(top, notes, _Lines(top))
    check_plan(plan, top, faults, known_units)
    if faults:
        raise PlanFileError(sorted(faults, key=_line_of))
    return with_findings(plan)


def _line_of(fault: Fault) -> int:
    digits = fault.where.rpartition(" ")[2]
    return int(digits) if digits.isdigit() else 0


def _check_version(top: Fields) -> None:
    version = top.text("schema_version")
    if version not in ("1", "1.0"):
        top.fault("schema-version" if version else "missing", "schema_version", value=version[:40])


class _Lines:
    """Codes seen so far with the line of each, so that a second use can say where the first is."""

    def __init__(self, top: Fields) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    def code(self, fields: Fields, key: str, room: str, limit: int) -> str:
        """Return a code that is well formed and unique in its ``room``."""
        value = fields.text(key, required=True)
        if not value:
            return ""
        well_formed = _UNIT_KEY if room == "unit" else _CODE
        if not well_formed.fullmatch(value) or len(value) > limit:
            fault = "bad-unit-code" if room == "unit" else "bad-code"
            fields.fault(fault, key, value=value[:80], limit=limit)
        first = self._seen.setdefault((room, value), fields.line(key))
        if first != fields.line(key):
            fields.fault("code-twice", key, value=value[:80], first=first)
        return value


def _plan(top: Fields, notes: list[Anomaly], lines: _Lines) -> PlanFile:
    units = tuple(_unit(one, lines) for one in top.maps("units", "đơn vị"))
    sections = tuple(_section(one, lines) for one in top.maps("sections", "mục"))
    tasks = tuple(_task(one, lines) for one in top.maps("tasks", "nhiệm vụ"))
    if not sections and "sections" not in top.node.keys:
        top.fault("missing-part", "sections")
    if not tasks:
        top.fault("no-tasks", "tasks")
    if len(tasks) > MAX_TASKS:
        top.fault("too-many-tasks", "tasks", limit=MAX_TASKS)
    header = _header(top.map("document", "văn bản", required=True), notes)
    purpose = tuple(
        text for one in top.maps("purpose", "mục đích") if (text := one.text("text_vi", "vi", "text"))
    )
    requirement = top.map("requirement", "yêu cầu").text("text_vi", "vi", "text")
    budget = top.map("budget", "kinh phí").text("text_vi", "vi", "text")
    own = tuple(_anomaly(one) for one in top.maps("anomalies", "bất thường"))
    key = top.text("id", limit=_KEY_LENGTH) or slugify_vi(header.full_number or header.title)
    return PlanFile(
        key=key, header=header, sections=sections, tasks=tasks, units=units, purpose=purpose,
        requirement=requirement, budget_text=budget, reporting=_reporting(top.map("reporting", "chế độ báo cáo")),
        anomalies=(*own, *notes), kinds=_vocabulary(top, "kinds"), audiences=_vocabulary(top, "audiences"),
    )  # fmt: skip


def _vocabulary(top: Fields, key: str) -> Mapping[str, str]:
    """Read code -> name, from a mapping or from a list of {id, vi}."""
    node = top.node.keys.get(key)
    if node is None or node.is_null:
        return NOTHING
    if node.kind == "list":
        found = {one.text("id"): one.text("vi", "name_vi") for one in top.maps(key, "đối tượng")}
        return MappingProxyType({code: name for code, name in found.items() if code})
    fields = top.map(key, "loại")
    return MappingProxyType({code: fields.text(code) for code in fields.node.keys})


def _header(head: Fields, notes: list[Anomaly]) -> HeaderSpec:
    number, symbol = head.whole("number", low=1, high=999_999), head.text("symbol", limit=60)
    full = head.text("full_number", limit=60)
    composed = f"{number}/{symbol}" if number and symbol else ""
    read = parse_document_number(full) if full else None
    if composed and full and (read is None or read.full != composed):
        notes.append(Anomaly("number-disagrees", "phần đầu văn bản", composed, found=True))
    if read is not None:
        number, symbol = (
            int(read.number.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")),
            read.code_notation,
        )
    day = head.day("date")
    return HeaderSpec(
        full_number=read.full if read is not None else full or composed, title=head.text("title_vi", "title", required=True, limit=500),
        title_en=head.text("title_en", limit=1000), number=number, symbol=symbol,
        type_code=head.text("type_abbr", limit=10) or "KH", issuer=head.text("issuing_body"),
        place=head.text("place_vi", "place", limit=120), date=day,
        year=head.whole("plan_year", low=1945, high=2200) or (day.year if day else None),
        signer=_signer(head.map("signer", "người ký"), notes),
        basis=tuple(_basis(one) for one in head.maps("legal_basis", "căn cứ")),
        recipients=tuple(_recipient(one) for one in head.maps("recipients", "nơi nhận")),
        archive_line=head.text("archive_line_vi", "archive_line", limit=200),
    )  # fmt: skip


def _signer(fields: Fields, notes: list[Anomaly]) -> SignerSpec:
    mode = fields.text("signing_mode", limit=10).upper()
    if mode in _MODES:
        notes.append(Anomaly("signing-mode-dot", "chữ ký", mode, found=True))
    return SignerSpec(
        name=fields.text("name", limit=120), position=fields.text("position_vi", "position", limit=120),
        mode=_MODES.get(mode, mode), on_behalf=fields.text("on_behalf_of_vi", "on_behalf_of", limit=120),
    )  # fmt: skip


def _basis(fields: Fields) -> BasisSpec:
    return BasisSpec(
        number=fields.text("number", limit=80), subject=fields.text("subject_vi", "subject", limit=1000),
        kind=fields.text("type", limit=40), issuer=fields.text("issuer", limit=200), date=fields.day("date"),
    )  # fmt: skip


def _recipient(fields: Fields) -> RecipientSpec:
    return RecipientSpec(
        text=fields.text("text_vi", "text", required=True, limit=300),
        unit=fields.text("unit"), note=fields.text("note_vi", "note", limit=200),
    )  # fmt: skip


def _anomaly(fields: Fields) -> Anomaly:
    return Anomaly(
        code=fields.text("id", limit=40), where=fields.text("where", limit=200),
        issue=fields.text("issue", required=True, limit=2000), handling=fields.text("handling", limit=1000),
    )  # fmt: skip


def _unit(fields: Fields, lines: _Lines) -> UnitSpec:
    start, end = fields.day("valid_from"), fields.day("valid_to")
    if start and end and end < start:
        fields.fault("valid-order", "valid_to", start=shown_day(start), end=shown_day(end))
    complete = fields.flag("members_complete")
    unit = UnitSpec(
        key=lines.code(fields, "id", "unit", _KEY_LENGTH),
        name=fields.text("vi", "name_vi", "name", required=True, limit=200),
        name_en=fields.text("en", "name_en", limit=200), short_name=fields.text("short_vi", "short_name", limit=80),
        kind=fields.text("type", "kind", limit=40), level=fields.text("level", limit=40),
        parent=fields.text("parent"), members=fields.texts("members"),
        members_complete=complete if complete is not None else True,
        gso_code=fields.text("gso_code", limit=40), valid_from=start, valid_to=end,
    )  # fmt: skip
    if unit.members and not unit.is_group:
        fields.fault("members-not-group", "members")
    return unit


def _section(fields: Fields, lines: _Lines) -> SectionSpec:
    return SectionSpec(
        ref=lines.code(fields, "ref", "section", _REF_LENGTH),
        title=fields.text("vi", "title_vi", "title", required=True, limit=500),
        title_en=fields.text("en", "title_en", limit=500), parent=fields.text("parent"),
    )  # fmt: skip


def _task(fields: Fields, lines: _Lines) -> TaskSpec:
    code = lines.code(fields, "id", "task", _CODE_LENGTH)
    text = fields.text("text_vi", "text")
    title = fields.text("title_vi", "title", limit=500, required=not text)
    level = fields.text("level") or "programme"
    if level not in _LEVELS:
        fields.fault("level", "level", value=level[:40])
    start, deadline = fields.day("starts_on"), fields.day("deadline")
    if start and deadline and deadline < start:
        fields.fault(
            "deadline-before-start", "deadline", deadline=shown_day(deadline), start=shown_day(start)
        )
    values: dict[str, Any] = {
        "lead_basis": fields.text("lead_basis", limit=40), "coop_basis": fields.text("coop_basis", limit=40),
        "deadline_basis": fields.text("deadline_basis", limit=40), "kind": fields.text("kind", limit=30),
        "cadence": fields.text("cadence", limit=40), "audience": fields.texts("audience"),
        "indicators": fields.texts("indicators"), "title_en": fields.text("title_en", limit=500),
        "expected_result": fields.text("expected_result_vi", "expected_result", limit=1000),
    }  # fmt: skip
    return TaskSpec(
        code=code, section=fields.text("section", required=True), title=title or short_title(text), text=text,
        level=level if level in _LEVELS else "programme",  # type: ignore[arg-type]  # checked against the literal
        lead=fields.text("lead_unit", "lead"), cooperating=fields.texts("cooperating_units"),
        fan_out=bool(fields.flag("fan_out")), starts_on=start, deadline=deadline,
        amount_vnd=fields.amount("amount_vnd", "amount"), **values, extra=fields.rest(),
    )  # fmt: skip


def short_title(text: str, limit: int = 140) -> str:
    """Return the beginning of a text as a title: up to the first clause, never through a word."""
    clause = re.split(r"[;:.](?=\s|$)", text.strip(), maxsplit=1)[0].strip(" ,;:.")
    if len(clause) <= limit:
        return clause
    head = clause[: limit + 1]
    cut = head.rfind(", ") if head.rfind(", ") > limit // 2 else head.rfind(" ")
    return head[:cut].rstrip(" ,") + " ..."


def _reporting(fields: Fields) -> ReportingSpec:
    return ReportingSpec(
        reporters=fields.texts("expected_reporters"), to_confirm=fields.texts("reporters_to_confirm"),
        addressed_to=fields.text("addressed_to"), through=fields.text("through"),
        consolidated_to=fields.text("consolidated_to"), per_year=fields.whole("frequency_per_year", high=366) or 0,
        periods=tuple(period for one in fields.maps("periods", "kỳ báo cáo") if (period := _period(one))),
    )  # fmt: skip


def _period(fields: Fields) -> PeriodSpec | None:
    last, before, cutoff = fields.day("last_day"), fields.day("due_before"), fields.day("cutoff")
    if last and before and last != day_before(before):
        fields.fault("due-disagrees", "last_day", last=shown_day(last), before=shown_day(before))
    due: date | None = last or (day_before(before) if before else None)
    code, title = fields.text("id", required=True, limit=40), fields.text("name_vi", "name", limit=200)
    if due is None:
        if not {"last_day", "due_before"} & set(fields.node.keys):
            fields.fault("missing", "last_day")
        return None
    if cutoff and cutoff >= due:
        fields.fault("due-before-cutoff", "cutoff", due=shown_day(due), cutoff=shown_day(cutoff))
    return PeriodSpec(code=code, title=title or code, due=due, cutoff=cutoff, task=fields.text("task"))
