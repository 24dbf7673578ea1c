"""The two tantivy indexes of one copy: ``works`` (one document a work) and ``passages`` (the text of longer
works).

Works are ranked, counted and filtered as wholes; the passages only serve to find the best page of a hit. They
are apart so that the statistics of the ranking count works, not pages.
"""

import json
from datetime import datetime
from typing import Final

import tantivy

from khcn.engines.text.fold import nfc
from khcn.engines.text.tokens import words
from khcn.library.search.analysis import TextForms, is_short, number_keys, passages, text_forms
from khcn.library.search.hits import StoredWork
from khcn.library.search.types import FACETS, PUBLIC_ACCESS, IndexDocument, IndexState

# Raise it when the schema or the analysis changes: indexes of another version are rebuilt.
VERSION: Final = 2
STATE_KEY: Final = "state"
# Marks what is not public: most readers' filter is then "none of these few" and not "one of nearly all".
CLOSED: Final = "1"
# A token that no text holds, before each title: a title that begins with the typed words comes first.
TITLE_START: Final = "^"
_TOKENIZER: Final = "syllables"
_SPACED: Final = "spaced"


def works_schema() -> tantivy.Schema:
    """Return the schema of ``works``.

    ``f`` and ``x``: everything, folded and exact; ``b``: pairs of ``f``; ``tf``, ``tx``: the title; ``l``:
    abstract, subjects, creators, issuing body, folded.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("work_id", stored=True, indexed=True, fast=True)
    for name in ("f", "x"):
        builder.add_text_field(name, tokenizer_name=_TOKENIZER)
    for name in ("tf", "tx"):
        builder.add_text_field(name, tokenizer_name=_SPACED)
    builder.add_text_field("l", tokenizer_name=_TOKENIZER, index_option="freq")
    builder.add_text_field("b", tokenizer_name=_SPACED, index_option="freq")
    for name in ("number_key", "access", "closed", "meta"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("available_from", indexed=True, fast=True)
    for name in (*FACETS, "subject_name"):
        builder.add_text_field(f"facet_{name}", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("date", fast=True)
    builder.add_text_field("title_key", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_bytes_field("stored", stored=True)  # a text field cannot be stored without being indexed
    return builder.build()


def passages_schema() -> tantivy.Schema:
    """Return the schema of ``passages``; ``key`` is the work and its signature, so stale passages are not
    shown."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("work_id", indexed=True)
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("page", stored=True, fast=True)
    builder.add_bytes_field("text", stored=True)
    for name in ("f", "x"):
        builder.add_text_field(name, tokenizer_name=_TOKENIZER)
    builder.add_text_field("b", tokenizer_name=_SPACED, index_option="freq")
    return builder.build()


def register_tokenizers(index: tantivy.Index) -> None:
    """Give an opened index its tokenizers; they only split, folding is done before."""
    for name, tokenizer in (
        (_TOKENIZER, tantivy.Tokenizer.simple()),
        (_SPACED, tantivy.Tokenizer.whitespace()),
    ):
        builder = tantivy.TextAnalyzerBuilder(tokenizer).filter(tantivy.Filter.remove_long(80))
        index.register_tokenizer(name, builder.build())


def epoch(moment: datetime) -> int:
    """Return a moment in whole seconds."""
    return int(moment.timestamp())


def passage_key(work_id: int, signature: str) -> str:
    """Return the key of the passages of one version of a work."""
    return f"{work_id}:{signature}"


def state_document(state: IndexState, changes: int) -> tantivy.Document:
    """Return the one document that is no work: how far the index has come."""
    document = tantivy.Document()
    document.add_text("meta", STATE_KEY)
    document.add_text("closed", CLOSED)  # nobody finds it
    content = {"version": VERSION, "seq": state.last_seq, "history": state.history, "changes": changes}
    document.add_bytes("stored", json.dumps(content).encode())
    return document


def work_document(source: IndexDocument) -> tantivy.Document:
    """Return the document of ``works`` for a work."""
    document = tantivy.Document()
    document.add_integer("work_id", source.work_id)
    lead = [source.abstract, *source.subjects, *source.creators, source.issuing_body]
    _add_words(document, source, lead)
    _add_filters(document, source)
    document.add_bytes("stored", StoredWork.of(source).to_bytes())
    return document


def _add_words(document: tantivy.Document, source: IndexDocument, lead: list[str]) -> None:
    title = text_forms(source.title)
    _add_forms(document, title)
    document.add_text("tf", " ".join([TITLE_START, *words(title.folded)]))
    document.add_text("tx", " ".join(words(title.exact)))
    # Each value is a stretch of its own: a phrase does not run from the title into the abstract.
    for text in (source.number, *lead, "\n".join(text for _, text in source.pages)):
        if text:
            _add_forms(document, text_forms(text))
    document.add_text("l", "\n".join(text_forms(text).folded for text in lead if text))
    for key in number_keys(source):
        document.add_text("number_key", key)


def _add_forms(document: tantivy.Document, forms: TextForms) -> None:
    document.add_text("f", forms.folded)
    document.add_text("x", forms.exact)
    document.add_text("b", forms.pairs)


def _add_filters(document: tantivy.Document, source: IndexDocument) -> None:
    for token in source.access:
        document.add_text("access", token)
    if PUBLIC_ACCESS not in source.access:
        document.add_text("closed", CLOSED)
    if source.available_from is not None:
        document.add_integer("available_from", epoch(source.available_from))
    for name, values in source.facets.items():
        for value in dict.fromkeys(values):
            document.add_text(f"facet_{name}", value)
    for subject in dict.fromkeys(map(nfc, source.subjects)):
        document.add_text("facet_subject_name", subject)
    if source.date is not None:
        document.add_integer("date", source.date.toordinal())
    document.add_text("title_key", source.title_key)


def passage_documents(source: IndexDocument) -> list[tantivy.Document]:
    """Return the documents of ``passages`` for a work; none for a work of one short page."""
    if is_short(source):
        return []
    documents = []
    for page, text in passages((page, nfc(text)) for page, text in source.pages):
        document = tantivy.Document()
        forms = text_forms(text)
        document.add_integer("work_id", source.work_id)
        document.add_text("key", passage_key(source.work_id, source.signature))
        document.add_integer("page", page)
        document.add_bytes("text", text.encode())
        _add_forms(document, forms)
        documents.append(document)
    return documents
