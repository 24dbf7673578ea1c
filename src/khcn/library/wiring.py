"""What the library offers to the other rooms, registered when Django is ready."""

from khcn.library.search.provider import set_document_provider
from khcn.library.selectors.index import index_documents, index_work_ids


def connect() -> None:
    """Register the search documents."""
    set_document_provider(index_documents, index_work_ids)
