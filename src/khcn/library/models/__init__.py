"""Tables of the library."""

from khcn.library.models.access import TakedownRequest, WorkNote
from khcn.library.models.catalogue import Authority, AuthorityName, AuthorityTie, CatalogueFile
from khcn.library.models.files import Page, WorkFile
from khcn.library.models.harvest import HarvestItem, HarvestRun, HarvestSource
from khcn.library.models.imports import ImportBatch, ImportItem
from khcn.library.models.index import IndexChange, IndexHistory
from khcn.library.models.keeping import FileCheck
from khcn.library.models.legal import LegalProposal, LegalRecord, LegalScan, WorkRelation
from khcn.library.models.oai import OaiFollower, OaiRecord, OaiSet
from khcn.library.models.saved import ExportChoice, SavedDigest, SavedSearch
from khcn.library.models.taxonomy import Audience, Collection, Subject
from khcn.library.models.usage import UsageDay, UsageIntake, UsageMonth
from khcn.library.models.versions import VersionCorrection, WorkVersion
from khcn.library.models.works import Work, WorkQuerySet

__all__ = [
    "Audience",
    "Authority",
    "AuthorityName",
    "AuthorityTie",
    "CatalogueFile",
    "Collection",
    "ExportChoice",
    "FileCheck",
    "HarvestItem",
    "HarvestRun",
    "HarvestSource",
    "ImportBatch",
    "ImportItem",
    "IndexChange",
    "IndexHistory",
    "LegalProposal",
    "LegalRecord",
    "LegalScan",
    "OaiFollower",
    "OaiRecord",
    "OaiSet",
    "Page",
    "SavedDigest",
    "SavedSearch",
    "Subject",
    "TakedownRequest",
    "UsageDay",
    "UsageIntake",
    "UsageMonth",
    "VersionCorrection",
    "Work",
    "WorkFile",
    "WorkNote",
    "WorkQuerySet",
    "WorkRelation",
    "WorkVersion",
]
