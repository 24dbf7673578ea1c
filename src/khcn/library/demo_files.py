"""Builds the files of the demo works: text PDFs, scans, DOCX, RTF and TXT in TCVN3, HTML, TXT.

``build_file(work, folder)`` writes the same bytes each time on the same machine. Official documents take the
layout of Decree 30/2020/NĐ-CP; a summary says at its head that it is one, and nobody's signature is imitated.
"""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Final

from khcn.library.demo_content import DemoWork
from khcn.library.demo_docx import build_docx
from khcn.library.demo_flow import work_flow
from khcn.library.demo_fonts import Family, sans_family, serif_family
from khcn.library.demo_layout import Page, Setter
from khcn.library.demo_legacy import tcvn3_rtf, tcvn3_txt
from khcn.library.demo_markup import plain_text, to_html
from khcn.library.demo_pdf import image_pdf, text_pdf
from khcn.library.demo_scan import scan_pages

SUMMARY_NOTICE: Final = "Bản tóm tắt của thư viện, không thay thế văn bản gốc"


def build_file(work: DemoWork, target_dir: Path) -> Path:
    """Write the file of ``work`` into ``target_dir`` (made if missing) and return its path.

    Raises:
        ValueError: the work has no file (an article, a link, a video).
    """
    if not work.render:
        raise ValueError(f"{work.id}: a work of kind {work.kind} has no file")
    suffix, builder = _BUILDERS[work.render]
    target_dir.mkdir(parents=True, exist_ok=True)
    path = target_dir / f"{work.id}{suffix}"
    path.write_bytes(builder(work))
    return path


def document_text(work: DemoWork) -> str:
    """Return the words of the file of ``work``, one line a paragraph, before they are laid out."""
    head = [line for line in (work.title, work.abstract) if line]
    if work.legal and work.legal.text == "summary":
        head.insert(0, SUMMARY_NOTICE)
    return "\n".join([*head, plain_text(work.blocks), *source_lines(work)])


def source_lines(work: DemoWork) -> list[str]:
    """Return the closing lines that name sources and licence."""
    return ["Nguồn:", *(f"- {source}" for source in work.sources), work.rights_note]


def _pages(work: DemoWork) -> tuple[list[Page], Family]:
    family = serif_family() if work.legal or work.render == "scan" else sans_family()
    return Setter(family).set(work_flow(work, notice=SUMMARY_NOTICE)), family


def _pdf(work: DemoWork) -> bytes:
    pages, family = _pages(work)
    return text_pdf(pages, family, title=work.title, author=", ".join(work.creators))


def _scan(work: DemoWork) -> bytes:
    pages, family = _pages(work)
    return image_pdf(scan_pages(pages, family, seed=work.id), title=work.id, author="")


def _docx(work: DemoWork) -> bytes:
    return build_docx(work, notice=SUMMARY_NOTICE, closing=source_lines(work))


def _html(work: DemoWork) -> bytes:
    title, abstract = escape(work.title), escape(work.abstract)
    closing = "\n".join(f"<p>{escape(line)}</p>" for line in source_lines(work))
    page = (
        f'<!doctype html>\n<html lang="{work.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n<p>{abstract}</p>\n"
        f"{to_html(work.blocks)}\n{closing}\n</body>\n</html>\n"
    )
    return page.encode()


def _txt(work: DemoWork) -> bytes:
    return (document_text(work) + "\n").encode()


def _tcvn3_txt(work: DemoWork) -> bytes:
    return tcvn3_txt(document_text(work))


def _tcvn3_rtf(work: DemoWork) -> bytes:
    return tcvn3_rtf(document_text(work).split("\n"))


_BUILDERS: Final[dict[str, tuple[str, Callable[[DemoWork], bytes]]]] = {
    "pdf": (".pdf", _pdf),
    "scan": (".pdf", _scan),
    "docx": (".docx", _docx),
    "html": (".html", _html),
    "txt": (".txt", _txt),
    "tcvn3_txt": (".txt", _tcvn3_txt),
    "tcvn3_rtf": (".rtf", _tcvn3_rtf),
}
