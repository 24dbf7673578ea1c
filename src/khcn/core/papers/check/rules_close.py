"""Rules of what closes a document: who signs, who receives it, annexes."""

import re
from typing import Final

from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.book import Book, align_words, judge_size, judge_style, pt, spot, style_words
from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.check.closing_parts import Receivers, Signing
from khcn.core.papers.check.model import Doc, Piece, is_upper
from khcn.core.papers.check.parts_found import Annex, Parts
from khcn.core.papers.check.rules_head import missing

_NO_RECEIVERS: Final = frozenset({"TC.", "HĐ", "BGN", "BTT", "GUQ", "PG", "PB"})
_MODES: Final = {
    "TM": "TM.", "KT": "KT.", "TL": "TL.", "TUQ": "TUQ.", "Q": "Q.", "QUYỀN": "Q.", "THAYMẶT": "TM.", "KÝTHAY": "KT.",
    "THỪALỆNH": "TL.", "THỪAỦYQUYỀN": "TUQ.", "THỪAUỶQUYỀN": "TUQ.",
}  # fmt: skip
_SIGNS: Final = re.compile(r"[./\s]")
_DEPUTY_F: Final = re.compile(r"^(pho|thu truong|uy vien|dai dien|thanh vien|bi thu thu)\b")
_FILE: Final = re.compile(r"^-\s*Lưu\s*:\s*VT(?=[,.;]|$)")
_REFERENCE_F: Final = re.compile(r"^\(?\s*(kem theo|ban hanh kem theo|kem)\b")
_GRAVE_NAMES: Final = "in thường, đứng, đậm"


def check_close(doc: Doc, parts: Parts, book: Book) -> None:
    """Judge signature, recipients and annexes."""
    _signings(parts, book)
    _receivers(parts, book)
    _annexes(doc, parts, book)


def _group(name: str) -> list[str]:
    return [found for found in RULES if found.startswith(f"{name}.")]


def _signings(parts: Parts, book: Book) -> None:
    if not parts.signings:
        missing(book, "signature", "cuối văn bản", "không tìm thấy chức vụ của người ký")
        return
    scholarly = any(like.SCHOLARLY_F.match(piece.folded) for piece in parts.agency)
    for signing in parts.signings:
        book.judge("signature.present", spot(signing.lines[0]), good=True, expected="", got="")
        _authority(signing, book)
        _name(signing, scholarly=scholarly, book=book)


def _authority(signing: Signing, book: Book) -> None:
    for index, piece in enumerate(signing.lines):
        where, text = spot(piece), piece.text
        book.judge("signature.capitals", where, good=is_upper(text), expected=text.upper(), got=f"“{text}”")
        mode = _mode(text)
        if mode is None:
            continue
        written, wanted = mode
        book.judge("signature.mode", where, good=written == wanted, expected=wanted, got=f"“{text}”")
        if wanted == "KT.":
            below = signing.lines[index + 1] if index + 1 < len(signing.lines) else None
            good = below is not None and bool(_DEPUTY_F.match(below.folded))
            got = f"“{below.text}”" if below is not None else "không có dòng chức vụ bên dưới"
            book.judge("signature.deputy", where, good=good, expected="PHÓ …", got=got)
    if not any(_mode(piece.text) for piece in signing.lines):
        book.skip("người đứng đầu ký trực tiếp", "signature.mode")
    book.skip("không ký thay", "signature.deputy")
    judge_size(book, "signature.size", signing.lines, 13, 14)
    judge_style(book, "signature.style", signing.lines, bold=True, italic=False)
    _centre(signing.lines, book)


def _mode(text: str) -> tuple[str, str] | None:
    """Return an abbreviation of authority as it is written and as it should be; ``None`` when there is none."""
    match = like.MODE.match(text)
    if match is None:
        return None
    letters = _SIGNS.sub("", match["mode"]).upper()
    if letters not in _MODES or (letters == "Q" and not match["dot"].strip()):
        return None
    written = match["mode"] + match["dot"].strip()
    return written, _MODES[letters]


def _centre(pieces: list[Piece], book: Book) -> None:
    for piece in pieces:
        if piece.centred is None or piece.para.text.startswith("\t") or piece.para.prop("left") > 40:
            book.skip("đặt bằng phím Tab hoặc lề nên không đo được", "signature.centre")
            continue
        cell = piece.para.cell
        right = cell is None or cell.columns < 2 or cell.column > 0 or _several(piece)
        good = bool(piece.centred) and (cell is not None or piece.para.box is not None)
        if cell is None and piece.para.box is None:
            good = False
        got = align_words(piece.para.align) if right else "nằm bên trái"
        got = "giữa trang" if piece.centred and right and not good else got
        book.judge(
            "signature.centre", spot(piece), good=good and right, expected="canh giữa, bên phải", got=got
        )


def _several(piece: Piece) -> bool:
    """Return whether it is the left one of two who sign minutes."""
    return bool(
        re.match(r"^(thu ky|nguoi ghi|ghi bien ban|dai dien|nguoi lap|nguoi bao cao|ke toan)", piece.folded)
    )


def _name(signing: Signing, *, scholarly: bool, book: Book) -> None:
    piece = signing.name
    if piece is None:
        book.skip(
            "chưa ghi họ tên, để trống cho người ký",
            "signature.name",
            "signature.name-size",
            "signature.name-title",
        )
        return
    where, text = spot(piece), piece.text
    upright = piece.every("bold") and piece.every("italic", expected=False)
    begun = all(word[0] == word[0].upper() for word in text.split())
    good = upright and begun and not is_upper(text)
    got = (
        "không viết hoa chữ cái đầu"
        if not begun
        else (
            "in hoa"
            if is_upper(text)
            else style_words(bold=piece.every("bold"), italic=not piece.every("italic", expected=False))
        )
    )
    book.judge("signature.name", where, good=good, expected=_GRAVE_NAMES, got=got)
    judge_size(book, "signature.name-size", [piece], 13, 14)
    titled = like.NAME_TITLE.match(text)
    if scholarly:
        book.skip("cơ quan giáo dục, y tế, khoa học được ghi theo quy định riêng", "signature.name-title")
    else:
        book.judge(
            "signature.name-title",
            where,
            good=titled is None,
            expected=like.NAME_TITLE.sub("", text),
            got=f"“{text}”",
        )


# ---- recipients -----------------------------------------------------------------------------------------


def _receivers(parts: Parts, book: Book) -> None:
    found = parts.receivers
    if found is None:
        if parts.kind is not None and parts.kind.code in _NO_RECEIVERS:
            book.skip(f"{parts.kind.name.lower()} không bắt buộc có nơi nhận", *_group("recipients"))
        else:
            missing(book, "recipients", "cuối văn bản, bên trái", "không tìm thấy “Nơi nhận”")
        return
    label = found.label
    where = spot(label)
    book.judge("recipients.present", where, good=True, expected="", got="")
    book.judge(
        "recipients.label", where, good=label.text == "Nơi nhận:", expected="Nơi nhận:", got=f"“{label.text}”"
    )
    judge_size(book, "recipients.label-size", [label], 12, 12)
    judge_style(book, "recipients.label-style", [label], bold=True, italic=True)
    _side(label, book)
    _receiver_lines(found, book)


def _side(label: Piece, book: Book) -> None:
    cell = label.para.cell
    if label.para.box is not None:
        book.judge(
            "recipients.side",
            spot(label),
            good=label.para.box.side != "right",
            expected="bên trái",
            got="bên phải",
        )
        return
    left = (cell is None or cell.column == 0) and label.column == 0 and label.para.align in {"left", "both"}
    got = "nằm bên phải" if cell is not None and cell.column > 0 else align_words(label.para.align)
    far = label.para.prop("left") + label.para.prop("first")
    if left and far > 5:
        left, got = False, f"lùi vào {far:.0f} mm"
    book.judge("recipients.side", spot(label), good=left, expected="sát lề trái", got=got)


def _receiver_lines(found: Receivers, book: Book) -> None:
    if not found.lines:
        book.judge(
            "recipients.file",
            spot(found.label),
            good=False,
            expected="- Lưu: VT, …",
            got="không có danh sách nơi nhận",
        )
        return
    pieces = [piece for line in found.lines for piece in line]
    judge_size(book, "recipients.size", pieces, 11, 11)
    judge_style(book, "recipients.style", pieces, bold=False, italic=False)
    for index, line in enumerate(found.lines):
        first, last = line[0], line[-1]
        book.judge(
            "recipients.dash",
            spot(first),
            good=first.text.startswith("-"),
            expected="“- …”",
            got=f"“{first.text[:20]}”",
        )
        end = "." if index == len(found.lines) - 1 else ";"
        book.judge(
            "recipients.ends",
            spot(last),
            good=last.text.endswith(end),
            expected=f"“{end}” ở cuối",
            got=f"“…{last.text[-12:]}”",
        )
    final = " ".join(piece.text for piece in found.lines[-1])
    filed = [line[0].text for line in found.lines if re.match(r"^[-–•\s]*lưu\b", line[0].text, re.IGNORECASE)]
    got = f"“{final}”" if filed else "không có dòng “Lưu”"
    if filed and not re.match(r"^[-–•\s]*lưu\b", final, re.IGNORECASE):
        got = f"dòng “{filed[0]}” không đứng cuối cùng"
    book.judge(
        "recipients.file",
        spot(found.lines[-1][0]),
        good=bool(_FILE.match(final)),
        expected="- Lưu: VT, …",
        got=got,
    )


# ---- annexes --------------------------------------------------------------------------------------------


def _annexes(doc: Doc, parts: Parts, book: Book) -> None:
    if not parts.annexes:
        book.skip("văn bản không có phụ lục kèm trong tệp", *_group("annex"))
        return
    for annex in parts.annexes:
        _annex_label(annex, len(parts.annexes), book)
        _annex_head(annex, book)
        _annex_pages(doc, annex, book)


def _annex_label(annex: Annex, total: int, book: Book) -> None:
    piece = annex.label
    match = like.ANNEX_F.match(piece.folded)
    number = match["number"] if match else None
    faults = []
    if piece.text.split()[0] != "Phụ":
        faults.append("chữ in hoa" if is_upper(piece.text[:7]) else f"“{piece.text[:12]}”")
    if match is not None and (match["rest"] or "").strip(" :."):
        faults.append("tiêu đề viết chung dòng")
    if not piece.every("bold"):
        faults.append("không đậm")
    if piece.centred is False:
        faults.append(align_words(piece.para.align))
    book.judge("annex.label", spot(piece), good=not faults, expected="Phụ lục I", got=", ".join(faults))
    judge_size(book, "annex.label-size", [piece], 14, 14)
    if total > 1 or number:
        roman = bool(number) and bool(re.fullmatch(r"[ivxlc]+", number or ""))
        book.judge(
            "annex.number", spot(piece), good=roman, expected="Phụ lục I, Phụ lục II…", got=f"“{piece.text}”"
        )
    else:
        book.skip("chỉ có một phụ lục", "annex.number")


def _annex_head(annex: Annex, book: Book) -> None:
    reference = next(
        (index for index, piece in enumerate(annex.head) if _REFERENCE_F.match(piece.folded)), None
    )
    titles = annex.head[: len(annex.head) if reference is None else reference]
    for piece in titles:
        faults = [] if is_upper(piece.text) else ["chữ in thường"]
        faults += [] if piece.every("bold") else ["không đậm"]
        faults += [] if piece.centred is not False else [align_words(piece.para.align)]
        faults += [] if all(13 <= size <= 14 for size in piece.sizes) else ["cỡ " + pt(piece.sizes)]
        book.judge(
            "annex.title",
            spot(piece),
            good=not faults,
            expected="in hoa, đậm, canh giữa, 13-14 pt",
            got=", ".join(faults),
        )
    if not titles:
        book.judge(
            "annex.title", spot(annex.label), good=False, expected="có tiêu đề", got="không có tiêu đề"
        )
    if reference is None:
        book.judge(
            "annex.reference", spot(annex.label), good=False, expected="(Kèm theo …)", got="không có dòng này"
        )
        return
    line = annex.head[reference]
    good = line.every("italic") and line.centred is not False
    got = style_words(bold=not line.every("bold", expected=False), italic=line.every("italic"))
    book.judge("annex.reference", spot(line), good=good, expected="nghiêng, canh giữa", got=got)


def _annex_pages(doc: Doc, annex: Annex, book: Book) -> None:
    para = annex.label.para
    section = doc.sections[para.section]
    first = next((other for other in doc.paras if other.section == para.section and not other.empty), None)
    own = para.section > 0 and first is para
    good = own and section.start == 1
    got = "đánh số tiếp theo văn bản" if own else "không sang phần (section) riêng"
    book.judge("annex.page-number", spot(annex.label), good=good, expected="đánh số riêng từ 1", got=got)
