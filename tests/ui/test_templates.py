"""The repository's templates keep to the Content-Security-Policy: nothing inline, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

import khcn

pytestmark = pytest.mark.nodb
ROOT = Path(khcn.__file__).parent
# Never a page of this site: laid out on paper by WeasyPrint, which fetches nothing but the shipped fonts, or packed into a
# package that other systems show.
ON_PAPER = {
    "programmes/templates/programmes/certificates/paper.html",
    "programmes/templates/programmes/curricula/sheet.html",
    "programmes/templates/programmes/curricula/package_page.html",
}
TEMPLATES = sorted(
    path
    for path in ROOT.rglob("templates/**/*")
    if path.suffix in {".html", ".svg", ".txt", ".xml"} and str(path.relative_to(ROOT)) not in ON_PAPER
)

FORBIDDEN = {
    "style attribute": re.compile(r"<[a-zA-Z][^<>]*\sstyle\s*=", re.DOTALL),
    "event handler": re.compile(r"<[a-zA-Z][^<>]*\son[a-z]+\s*=\s*[\"'a-z]", re.DOTALL | re.IGNORECASE),
    "style element without nonce": re.compile(r"<style(?![^>]*nonce=)", re.IGNORECASE),
    "script without src or nonce": re.compile(r"<script(?![^>]*(\ssrc=|\snonce=))", re.IGNORECASE),
    "javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "file from another host": re.compile(
        r"<(script|link|img|iframe)[^>]*\s(src|href)=[\"'](https?:)?//", re.IGNORECASE
    ),
}


def faults(text: str) -> list[str]:
    without_comments = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", text, flags=re.DOTALL)
    bare = re.sub(r"{%.*?%}|{{.*?}}", "x", without_comments, flags=re.DOTALL)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(bare)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<p style="color:red">', "style attribute"),
        ('<a href="{% url \'x\' %}"\n onclick="go()">', "event handler"),
        ("<style>a{}</style>", "style element without nonce"),
        ("<script>go()</script>", "script without src or nonce"),
        ('<a href="javascript:go()">', "javascript: address"),
        ('<script src="https://cdn.example/a.js"></script>', "file from another host"),
    ],
)
def test_the_scan_finds_what_it_looks_for(text: str, fault: str) -> None:
    assert fault in faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script src=\"{% static 'a.js' %}\"></script>",
        '<script nonce="{{ request.csp_nonce }}">go()</script>',
        "<p>style = kiểu, one = một</p>",
        '<a data-on="x" href="https://example.vn/">x</a>',
    ],
)
def test_the_scan_lets_good_markup_pass(text: str) -> None:
    assert faults(text) == []


def test_no_template_has_anything_inline() -> None:
    assert len(TEMPLATES) > 40
    found = {str(path.relative_to(ROOT)): faults(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {name: problems for name, problems in found.items() if problems} == {}
