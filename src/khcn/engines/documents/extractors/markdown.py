"""Markdown: made into HTML, then read as a reader sees it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from khcn.engines.documents.extractors.base import Context, RawPage
from khcn.engines.documents.extractors.html import html_pages
from khcn.engines.documents.extractors.plain import read_text


class MarkdownExtractor:
    """Reads Markdown; the first heading is the title."""

    kinds = frozenset({"markdown"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        parser = MarkdownIt("commonmark", {"html": True}).enable("table")
        text = read_text(path, context.limits)
        tokens = parser.parse(text)
        for opening, inline in itertools.pairwise(tokens):
            if opening.type == "heading_open":
                context.title = "".join(child.content for child in inline.children or []).strip()
                break
        title = context.title
        yield from html_pages(parser.renderer.render(tokens, parser.options, {}) or "<p></p>", context)
        context.title = title
