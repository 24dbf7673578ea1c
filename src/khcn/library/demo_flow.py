"""The flow of one work on paper: letter head, title, body, closing.

Official documents follow annex I of Decree 30/2020/NĐ-CP (sizes 12-14, national title on one line, place and
date in italics, receivers at the left of the closing); other works have a plain head.
"""

from collections.abc import Iterator
from datetime import date

from khcn.library.demo_content import DemoLegal, DemoWork
from khcn.library.demo_fonts import Style
from khcn.library.demo_layout import MM, Flow, Grid, Para, SideBySide, Span
from khcn.library.demo_markup import Block, inline_runs, plain_inline

_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"


def work_flow(work: DemoWork, *, notice: str) -> list[Flow]:
    """Return everything that stands in the file of ``work``, in order."""
    if work.legal:
        return [*_legal_head(work.legal, notice), *_body(work, size=13, first=10 * MM), *_legal_end(work)]
    head: list[Flow] = [
        _line("THƯ VIỆN KHOA HỌC VÀ CÔNG NGHỆ TRỰC TUYẾN (BẢN DEMO)", size=9.5, align_left=True),
        Para((Span(work.title, "bold"),), size=17, align="left", before=10, leading=1.3, keep_next=True),
        Para((Span(work.abstract, "italic"),), size=11.5, before=6, leading=1.4),
    ]
    return [*head, *_body(work, size=11.5, first=0), *_sources(work, size=9.5)]


def vietnamese_date(day: date) -> str:
    """Write a date as Decree 30 wants it: a leading zero for days under 10 and for months 1 and 2 only."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def number_line(legal: DemoLegal) -> str:
    """Return the line of number and symbol as printed at the head."""
    return f"{'Luật số' if legal.type_name == 'Luật' else 'Số'}: {legal.full_number}"


def organ_lines(legal: DemoLegal) -> list[str]:
    """Return the issuing body in capitals, after its parent body when it has one."""
    return [line for line in (legal.header_parent.upper(), legal.organ_name.upper()) if line]


def _line(text: str, *, size: float, style: Style = "regular", align_left: bool = False) -> Para:
    return Para((Span(text, style),), size=size, align="left" if align_left else "center", before=0)


def _legal_head(legal: DemoLegal, notice: str) -> Iterator[Flow]:
    """Two rows, as in annex I: body beside national title, then number beside place and date."""
    *parents, organ = organ_lines(legal)
    issuer = (
        *(_line(parent, size=12) for parent in parents),
        Para((Span(organ, "bold"),), size=12, align="center", before=0, rule=0.4),
    )
    nation = (
        _line(_NATION, size=12, style="bold"),
        Para((Span(_MOTTO, "bold"),), size=13, align="center", before=0, rule=1.0),
    )
    place = f"{legal.place}, {vietnamese_date(legal.issued_date)}"
    yield SideBySide(issuer, nation, share=0.38)
    yield SideBySide(
        (_line(number_line(legal), size=13),), (_line(place, size=13, style="italic"),), share=0.38, before=4
    )
    yield Para((Span(legal.type_name.upper(), "bold"),), size=14, align="center", before=16, keep_next=True)
    yield Para((Span(legal.subject, "bold"),), size=14, align="center", before=0, rule=0.35)
    if legal.text == "summary":
        yield Para((Span(notice, "italic"),), size=12, align="center", before=9)


def _legal_end(work: DemoWork) -> Iterator[Flow]:
    legal = work.legal
    if legal is None:
        return
    if legal.text == "summary":
        yield from _sources(work, size=11)
        signer = (
            f"Người ký văn bản gốc: {legal.signer_position} {legal.signer_name}." if legal.signer_name else ""
        )
        left = (Para((Span(signer, "italic"),), size=11, align="left", before=0),) if signer else ()
        yield SideBySide(left, (_line(" ", size=60),), share=0.55, before=6, stamp=True)
        return
    receivers = (
        Para((Span("Nơi nhận:", "bolditalic"),), size=12, align="left", before=0),
        *(Para((Span(name),), size=11, align="left", before=0, leading=1.15) for name in legal.recipients),
    )
    signature = (
        _line(f"{legal.signing_mode} CHỦ TỊCH".strip(), size=13, style="bold"),
        _line(legal.signer_position.upper(), size=13, style="bold"),
        _line(" ", size=80),
        _line(legal.signer_name, size=13, style="bold"),
    )
    yield SideBySide(receivers, signature, share=0.5, before=14, stamp=True)


def _sources(work: DemoWork, *, size: float) -> Iterator[Flow]:
    yield Para((Span("Nguồn:", "bold"),), size=size, align="left", before=12, keep_next=True)
    for source in work.sources:
        yield Para((Span(f"- {source}"),), size=size, align="left", before=1, left=8, first=-8)
    yield Para((Span(work.rights_note, "italic"),), size=size, align="left", before=5)


def _body(work: DemoWork, *, size: float, first: float) -> Iterator[Flow]:
    leading = 1.15 if work.legal else 1.42
    for block in work.blocks:
        yield from _block(block, size=size, first=first, leading=leading)


def _block(block: Block, *, size: float, first: float, leading: float) -> Iterator[Flow]:
    if block.kind == "table":
        yield Grid(tuple(tuple(plain_inline(cell) for cell in row) for row in block.rows), size=size - 1.5)
    elif block.kind == "heading":
        title = (Span(plain_inline(block.text), "bold"),)
        bigger = 0 if first else max(0, 4 - block.level)
        yield Para(title, size=size + bigger, align="left", first=first, before=9, keep_next=True)
    elif block.kind == "code":
        for place, line in enumerate(block.text.split("\n")):
            yield Para(
                (Span(_indented(line)),), size=size - 1, align="left", left=14, before=4 if not place else 0
            )
    elif block.kind == "item":
        words = (Span(f"{block.marker} "), *_spans(block.text))
        indent = 0 if first else 14
        yield Para(
            words, size=size, left=indent, first=first or -14, before=6 if first else 3, leading=leading
        )
    else:
        yield Para(_spans(block.text), size=size, first=first, before=6, leading=leading)


def _indented(line: str) -> str:
    """Keep the indent of a line of code: the setter breaks at plain spaces only."""
    words = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(words)) + words


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for run in inline_runs(text):
        style: Style = "bold" if run.bold else "italic" if run.italic else "regular"
        spans.append(Span(f"{run.text} ({run.url})" if run.url else run.text, style))
    return tuple(spans)
