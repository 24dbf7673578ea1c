"""A consolidated report as a paper in the form of Decree 30. Drawing its charts is worker's work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.exports.columns import clean_text
from khcn.core.papers.blocks import Align, Heading, Image, Items, Paragraph, PlainBlock, Table
from khcn.core.papers.kinds import Extras, report
from khcn.core.papers.parts import Annex, Metadata, Paper
from khcn.engines.plans.frozen import number
from khcn.plan.roll_frame import Frame
from khcn.plan.roll_words import (
    aggregate_words,
    change_words,
    day_words,
    filled_sentence,
    missing_names,
    received_sentence,
    share_words,
    shown,
    targets_sentence,
    tasks_sentence,
    value_words,
)
from khcn.ui.charts.model import Chart

MOST_UNITS: Final = 40  # more units stand in the workbook only: nobody reads thirty pages of figures
PER_TABLE: Final = 7  # columns of figures beside the unit's name on a landscape page
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_RIGHT: Final = Align.RIGHT


def roll_paper(
    content: Mapping[str, Any],
    frame: Frame,
    *,
    title: str,
    texts: Sequence[tuple[str, str]],
    digest: str,
    pictures: Mapping[str, tuple[Chart, bytes]] = MappingProxyType({}),
    created: datetime | None = None,
) -> Paper:
    """Return the report.

    :param texts: headings with their text, in order.
    :param digest: SHA-256 of the frozen content, printed so that paper and figures can be held together.
    :param pictures: the charts by part, drawn.
    """
    return report(
        issuer=frame.issuer,
        day=frame.day,
        about=title,
        to=list(frame.to),
        blocks=_body(content, frame, texts, digest, pictures),
        signature=frame.signature,
        extras=Extras(
            number=frame.number,
            annexes=_annexes(content),
            metadata=Metadata(author=frame.issuer.name, subject=content["regime"]["title"], created=created),
        ),
    )


def _body(
    content: Mapping[str, Any],
    frame: Frame,
    texts: Sequence[tuple[str, str]],
    digest: str,
    pictures: Mapping[str, tuple[Chart, bytes]],
) -> list[PlainBlock]:
    parts: list[tuple[str, list[PlainBlock]]] = [
        (_("TÌNH HÌNH BÁO CÁO CỦA CÁC ĐƠN VỊ"), [*_reports(content), *_picture(pictures, "reports")])
    ]
    if content["indicators"]:
        results = [*_indicators(content), *_picture(pictures, "targets")]
        parts.append((_("KẾT QUẢ THEO CHỈ TIÊU"), results))
    if content["tasks"]:
        parts.append((_("TIẾN ĐỘ THỰC HIỆN KẾ HOẠCH"), [*_tasks(content), *_picture(pictures, "tasks")]))
    parts += [(heading.upper(), _text(text)) for heading, text in texts]
    blocks: list[PlainBlock] = [Paragraph(frame.opening)]
    for place, (heading, inner) in enumerate(parts):
        mark = _ROMAN[place] if place < len(_ROMAN) else str(place + 1)
        blocks.append(Heading(f"{mark}. {heading}", 2))
        blocks += inner
    return [*blocks, *_closing(content, frame, digest)]


def _picture(pictures: Mapping[str, tuple[Chart, bytes]], part: str) -> list[PlainBlock]:
    if part not in pictures:
        return []
    chart, data = pictures[part]
    return [Image(data, alt=chart.title, width_mm=135, caption=f"{chart.title} ({chart.unit.lower()}).")]


def _closing(content: Mapping[str, Any], frame: Frame, digest: str) -> list[PlainBlock]:
    """Say from what the figures come; the hash stands by itself in groups of 16 signs, so that people can compare it."""
    facts = {"day": day_words(content["period"]["cutoff"]), "count": content["reports"]["received"]}
    return [
        Paragraph(
            _(
                "Số liệu chốt ngày %(day)s, tổng hợp từ %(count)s báo cáo của các đơn vị. Mã kiểm tra số liệu (SHA-256):"
            )
            % facts
        ),
        Paragraph(
            " ".join(digest[start : start + 16] for start in range(0, len(digest), 16)), align=Align.LEFT
        ),
        Paragraph(_("%(agency)s kính báo cáo./.") % {"agency": frame.issuer.name}),
    ]


def _reports(content: Mapping[str, Any]) -> list[PlainBlock]:
    blocks: list[PlainBlock] = [Paragraph(received_sentence(content))]
    names = missing_names(content)
    if names and content["reports"]["received"]:
        blocks.append(
            Paragraph(_("Chưa có báo cáo của: %(names)s. Số liệu của các đơn vị này không tính là 0.") % {"names": ", ".join(names)})
        )  # fmt: skip
    excused = [
        f"{unit['name']} ({unit['excused']})" for unit in content["units"] if unit["time"] == "excused"
    ]
    if excused:
        blocks.append(Paragraph(_("Không phải báo cáo: %(names)s.") % {"names": "; ".join(excused)}))
    return blocks


def _indicators(content: Mapping[str, Any]) -> list[PlainBlock]:
    """The totals that are known, on a portrait page; the annex has every indicator and column."""
    rows = _known(content)
    head = [_("TT"), _("Chỉ tiêu"), _("Đơn vị tính"), _("Kết quả")]
    widths: list[float] = [10, 44, 17, 27]
    previous, targets = content["previous"] is not None, any(row["target"] is not None for row in rows)
    if previous:
        head.append(_("Kỳ trước"))
        widths.append(27)
    if targets:
        head += [_("Kế hoạch"), _("Đạt")]
        widths += [24, 16]
    widths[1] += 165 - sum(widths)
    lines = []
    for place, row in enumerate(rows, start=1):
        line = [str(place), row["title"], row["unit"], value_words(row)]
        if previous:
            line.append(shown(row["previous"], row["decimals"]))
        if targets:
            line += [shown(row["target"], 0), share_words(row, 0)]
        lines.append(line)
    sentences = [text for text in (filled_sentence(content), targets_sentence(content)) if text]
    table = Table(
        head,
        lines,
        widths_mm=widths,
        aligns=(Align.CENTRE, Align.LEFT, Align.CENTRE, *([_RIGHT] * (len(head) - 3))),
    )
    return [*(Paragraph(text) for text in sentences), *([table] if rows else [])]


def _known(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the indicators with a figure."""
    return [row for row in content["indicators"] if row["value"] is not None]


def _tasks(content: Mapping[str, Any]) -> list[PlainBlock]:
    blocks: list[PlainBlock] = [Paragraph(tasks_sentence(content))]
    late = [task for task in content["tasks"] if task["late"]]
    if late:
        blocks.append(Paragraph(_("Các nhiệm vụ còn việc quá hạn:")))
        blocks.append(
            Items(
                [
                    _("%(title)s: %(late)s/%(units)s việc quá hạn, bình quân đạt %(percent)s %%")
                    % {**task, "percent": shown(task["percent"], 0)}
                    for task in late[:20]
                ]
            )
        )
    return blocks


def _text(text: str) -> list[PlainBlock]:
    """Turn a text into paragraphs; lines that begin with a dash make a list."""
    lines = [line.strip() for line in clean_text(text).splitlines() if line.strip()]
    if not lines:
        return [Paragraph(_("Không có nội dung."))]
    blocks: list[PlainBlock] = []
    dashes: list[str] = []
    for line in [*lines, None]:
        if line is not None and line.startswith(("- ", "– ", "+ ")):
            dashes.append(line[2:].strip())
            continue
        if dashes:
            blocks.append(Items(list(dashes)))
            dashes.clear()
        if line is not None:
            blocks.append(Paragraph(line))
    return blocks


def _annexes(content: Mapping[str, Any]) -> list[Annex]:
    annexes = []
    if content["indicators"]:
        annexes.append(Annex(_("TỔNG HỢP CHỈ TIÊU"), [_whole_table(content)], landscape=True))
        if _known(content) and len(content["units"]) <= MOST_UNITS:
            annexes.append(Annex(_("SỐ LIỆU THEO ĐƠN VỊ"), _unit_tables(content), landscape=True))
    if content["tasks"]:
        annexes.append(Annex(_("TIẾN ĐỘ TỪNG NHIỆM VỤ"), [_task_table(content)], landscape=True))
    return annexes


def _whole_table(content: Mapping[str, Any]) -> Table:
    """Every total with what it comes from, the change, and the plan."""
    return Table(
        [
            _("TT"), _("Chỉ tiêu"), _("Đơn vị tính"), _("Cách tổng hợp"), _("Số đơn vị"), _("Dòng ghi nhận"), _("Kết quả"),
            _("Kỳ trước"), _("Tăng, giảm"), _("Kế hoạch"), _("Đạt"),
        ],
        [
            [
                str(place), row["title"], row["unit"], aggregate_words(row), str(row["units"]), str(row["source_rows"]),
                value_words(row), shown(row["previous"], row["decimals"]), change_words(row), shown(row["target"], 0),
                share_words(row, 0),
            ]
            for place, row in enumerate(content["indicators"], start=1)
        ],
        widths_mm=(10, 56, 17, 20, 13, 16, 27, 27, 26, 24, 16),
        aligns=(Align.CENTRE, Align.LEFT, Align.CENTRE, Align.LEFT, *([_RIGHT] * 7)),
    )  # fmt: skip


def _unit_tables(content: Mapping[str, Any]) -> list[PlainBlock]:
    """The figures of every unit, some indicators a table, totals at the foot; what nobody gave is left out."""
    rows, units = _known(content), content["units"]
    figures = {
        code: {entry["unit"]: entry["value"] for entry in entries}
        for code, entries in content["rows"].items()
    }
    tables: list[PlainBlock] = []
    count = -(-len(rows) // PER_TABLE)
    for number_ in range(count):  # tables of nearly equal width
        part = rows[len(rows) * number_ // count : len(rows) * (number_ + 1) // count]
        lines = [
            [
                unit["name"],
                *(shown(figures.get(row["code"], {}).get(unit["id"]), row["decimals"]) for row in part),
            ]
            for unit in units
        ]
        lines.append([_("Tổng hợp"), *(value_words(row) for row in part)])
        wide = (252 - 55) / len(part)
        tables.append(
            Table(
                [_("Đơn vị"), *(f"{row['title']} ({row['unit']})" if row["unit"] else row["title"] for row in part)],
                lines,
                widths_mm=[55, *([round(wide, 1) - 0.1] * len(part))],
                aligns=(Align.LEFT, *([_RIGHT] * len(part))),
                strong_rows=frozenset({len(lines) - 1}),
            )
        )  # fmt: skip
        tables.append(Paragraph(""))
    return tables[:-1]


def _task_table(content: Mapping[str, Any]) -> Table:
    return Table(
        [_("Mã"), _("Nhiệm vụ"), _("Hạn"), _("Số việc"), _("Xong"), _("Đang làm"), _("Chưa làm"), _("Quá hạn"), _("Bình quân")],
        [
            [
                task["code"], task["title"], day_words(task["deadline"]), str(task["units"]), str(task["done"]),
                str(task["doing"]), str(task["todo"]), str(task["late"]),
                f"{shown(number(task['percent']), 0)} %" if task["units"] else "–",
            ]
            for task in content["tasks"]
        ],
        widths_mm=(26, 100, 24, 17, 15, 18, 18, 17, 17),
        aligns=(Align.LEFT, Align.LEFT, Align.CENTRE, *([_RIGHT] * 6)),
    )  # fmt: skip
