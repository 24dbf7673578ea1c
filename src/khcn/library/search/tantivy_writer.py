"""Writing one copy of the local index."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import tantivy

from khcn.library.search.errors import IndexUnavailableError, IndexWriteError
from khcn.library.search.tantivy_files import IndexFolder
from khcn.library.search.tantivy_schema import (
    STATE_KEY,
    VERSION,
    passage_documents,
    passages_schema,
    register_tokenizers,
    state_document,
    work_document,
    works_schema,
)
from khcn.library.search.types import IndexDocument, IndexState

# tantivy's least: enough for the few works of an ordinary commit.
SMALL_HEAP: Final = 15_000_000
BUILD_HEAP: Final = 96_000_000


def open_index(path: Path) -> tantivy.Index:
    """Open one tantivy index. Raises ``IndexUnavailableError`` when it is missing or damaged."""
    try:
        index = tantivy.Index.open(str(path))
        index.config_reader("manual")
    except (ValueError, OSError) as error:
        raise IndexUnavailableError(f"{path.parent.name}/{path.name}: {error}") from error
    register_tokenizers(index)
    return index


def read_state(works: tantivy.Index) -> tuple[IndexState, int]:
    """Return the state and the count of changes of an opened index. Raises ``IndexUnavailableError``."""
    try:
        searcher = works.searcher()
        hits = searcher.search(tantivy.Query.term_query(works.schema, "meta", STATE_KEY), 1, count=False).hits
        content = json.loads(searcher.doc(hits[0][1])["stored"][0])
    except (ValueError, OSError, IndexError, KeyError) as error:
        raise IndexUnavailableError(f"the index does not say how far it has come: {error}") from error
    if content.get("version") != VERSION:
        raise IndexUnavailableError(f"the index has version {content.get('version')}, not {VERSION}")
    return IndexState(content["seq"], content["history"]), content["changes"]


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    """Turn what tantivy raises when it cannot write into our error."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexWriteError(str(error)[:200]) from error


class TantivyWriter:
    """An ``IndexBuilder`` over one folder; with an empty one it makes a new copy."""

    def __init__(self, folder: IndexFolder, copy: Path, *, new: bool) -> None:
        self._folder = folder
        self._copy = copy
        heap = BUILD_HEAP if new else SMALL_HEAP
        with _disk_errors():
            if new:
                self._works = self._create(copy / "works", works_schema())
                self._passages = self._create(copy / "passages", passages_schema())
                self._state, self._changes = IndexState(0, ""), 0
            else:
                self._works, self._passages = open_index(copy / "works"), open_index(copy / "passages")
                self._state, self._changes = read_state(self._works)
            self._work_writer = self._works.writer(heap, 1)
            self._passage_writer = self._passages.writer(heap, 1)

    @staticmethod
    def _create(path: Path, schema: tantivy.Schema) -> tantivy.Index:
        index = tantivy.Index(schema, str(path))
        index.config_reader("manual")
        register_tokenizers(index)
        return index

    def state(self) -> IndexState:
        """Return what was last committed."""
        return self._state

    def put(self, documents: Iterable[IndexDocument]) -> None:
        """Add works, each in the place of an earlier version of itself."""
        for source in documents:
            with _disk_errors():
                self._remove(source.work_id)
                self._work_writer.add_document(work_document(source))
                for document in passage_documents(source):
                    self._passage_writer.add_document(document)

    def remove(self, work_ids: Sequence[int]) -> None:
        """Take works out."""
        with _disk_errors():
            for work_id in work_ids:
                self._remove(work_id)

    def _remove(self, work_id: int) -> None:
        self._work_writer.delete_documents_by_term("work_id", work_id)
        self._passage_writer.delete_documents_by_term("work_id", work_id)
        self._changes += 1

    def commit(self, *, seq: int, history: str) -> None:
        """Make everything visible together with ``seq``: first the passages, which nothing points to yet."""
        state = IndexState(seq, history)
        with _disk_errors():
            self._passage_writer.commit()
            self._work_writer.delete_documents_by_term("meta", STATE_KEY)
            self._work_writer.add_document(state_document(state, self._changes))
            self._work_writer.commit()
        self._state = state

    def publish(self) -> None:
        """Put this copy in the place of the live one."""
        self.close()
        with _disk_errors():
            self._folder.publish(self._copy)

    def close(self) -> None:
        """End the threads, keeping what was committed. The merges they are at are finished first."""
        writers = [self.__dict__.pop(name, None) for name in ("_work_writer", "_passage_writer")]
        for writer in writers:
            if writer is not None:
                with contextlib.suppress(
                    ValueError
                ):  # a writer killed by a full disk has nothing to wait for
                    writer.wait_merging_threads()
