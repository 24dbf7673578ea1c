"""Tables of the library."""

from khcn.library.models.access import TakedownRequest, WorkNote
from khcn.library.models.files import Page, WorkFile
from khcn.library.models.imports import ImportBatch, ImportItem
from khcn.library.models.index import IndexChange, IndexHistory
from khcn.library.models.legal import LegalRecord, WorkRelation
from khcn.library.models.saved import ExportChoice, SavedDigest, SavedSearch
from khcn.library.models.taxonomy import Audience, Collection, Subject
from khcn.library.models.usage import UsageDay, UsageIntake, UsageMonth
from khcn.library.models.works import Work, WorkQuerySet

__all__ = [
    "Audience",
    "Collection",
    "ExportChoice",
    "ImportBatch",
    "ImportItem",
    "IndexChange",
    "IndexHistory",
    "LegalRecord",
    "Page",
    "SavedDigest",
    "SavedSearch",
    "Subject",
    "TakedownRequest",
    "UsageDay",
    "UsageIntake",
    "UsageMonth",
    "Work",
    "WorkFile",
    "WorkNote",
    "WorkQuerySet",
    "WorkRelation",
]
