"""Where index documents come from: a function that the library registers, so that this package imports no
selector."""

from collections.abc import Callable, Iterable, Sequence

from khcn.library.models import IndexChange
from khcn.library.search.types import IndexDocument

DocumentSource = Callable[[Sequence[int]], Iterable[IndexDocument]]
IdSource = Callable[[], Iterable[int]]


class _Sources:
    documents: DocumentSource | None = None
    ids: IdSource | None = None


def set_document_provider(documents: DocumentSource, ids: IdSource | None = None) -> None:
    """Register where documents come from; called in ``AppConfig.ready`` (and by tests).

    ``documents(work_ids)`` yields a document for each work that should be in the index; an id that it leaves
    out is removed. ``ids()`` yields all work ids for a rebuild; without it, all works that were ever
    enqueued.
    """
    _Sources.documents = documents
    _Sources.ids = ids


def documents_for(work_ids: Sequence[int]) -> Iterable[IndexDocument]:
    """Return the documents of these works as they are now."""
    if _Sources.documents is None:
        raise RuntimeError("no document provider: call khcn.library.search.provider.set_document_provider")
    return _Sources.documents(work_ids)


def all_work_ids() -> list[int]:
    """Return the ids of all works that may belong in the index, in order."""
    if _Sources.ids is not None:
        return sorted(set(_Sources.ids()))
    return sorted(set(IndexChange.objects.order_by().values_list("work_id", flat=True)))
