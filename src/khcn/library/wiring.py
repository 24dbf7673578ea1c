"""What the library offers to the other rooms, registered when Django is ready."""

from datetime import timedelta

from khcn.core.demo import register_demo
from khcn.core.indicators import indicators
from khcn.core.jobs import job_retry_handlers
from khcn.core.library_port import work_maker, work_reader
from khcn.core.references import resolvers, searchers
from khcn.core.tasks import register_periodic
from khcn.library import (
    api_wiring,
    catalogue_wiring,
    cite_wiring,
    feeds_wiring,
    harvest_wiring,
    keeping_wiring,
    legal_wiring,
    oai_wiring,
    saved_wiring,
    usage_wiring,
    versions_wiring,
    viewer_wiring,
)
from khcn.library.desk_wiring import connect_desk
from khcn.library.indicators import INDICATORS
from khcn.library.search.provider import set_document_provider
from khcn.library.selectors.index import index_documents, index_work_ids
from khcn.library.selectors.open_files import LibraryFiles
from khcn.library.selectors.references import WORK_REFERENCE, resolve_works, search_works
from khcn.library.services.batches import JOB_KIND, batches_mark_interrupted
from khcn.library.services.deposits import job_retry_import
from khcn.library.services.ticks import validity_refresh
from khcn.library.services.work_port import LibraryWorks


def connect() -> None:
    """Register search documents, the desk, periodic duties, retries and demo content."""
    set_document_provider(index_documents, index_work_ids)
    resolvers.register(WORK_REFERENCE, resolve_works)
    searchers.register(WORK_REFERENCE, search_works)
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    work_maker.provide(LibraryWorks())
    work_reader.provide(LibraryFiles())
    connect_desk()
    job_retry_handlers.register(JOB_KIND, job_retry_import)
    register_periodic("library.imports_interrupted", timedelta(minutes=1), batches_mark_interrupted)
    register_periodic("library.validity", timedelta(hours=1), validity_refresh)
    for area in (
        oai_wiring, feeds_wiring, harvest_wiring, catalogue_wiring, versions_wiring, cite_wiring, saved_wiring,
        usage_wiring, legal_wiring, viewer_wiring, keeping_wiring, api_wiring,
    ):  # fmt: skip
        area.connect()
    register_demo("library", 20, "khcn.library.demo")
