"""Naming and ordering of collections, subjects and audiences by a librarian."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.engines.text.collate import sort_key
from khcn.library import permissions
from khcn.library.errors import LibraryPermissionError
from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.search.changes import index_enqueue

TermT = Collection | Subject | Audience
FIELDS = ("key", "name", "description", "position")
_RELATED = {Collection: "collections", Subject: "subjects", Audience: "audiences"}


@transaction.atomic
def term_save(*, actor: Actor, term: TermT, now: datetime) -> TermT:
    """Write a new or changed term; the works under it are found by their new words at once."""
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("sửa bộ sưu tập, chủ đề, đối tượng"))
    old = type(term)._default_manager.filter(pk=term.pk).first() if term.pk else None
    fields = (*FIELDS, "parent", "ddc", "variants") if isinstance(term, Subject) else FIELDS
    before = snapshot(old, fields) if old else None
    term.sort_key = sort_key(term.name)
    term.save()
    audit_record(
        actor=actor,
        action="library.term.save",
        target=term,
        before=before,
        after=snapshot(term, fields),
        at=now,
    )
    if old is not None:
        works = Work.objects.filter(**{_RELATED[type(term)]: term.pk})
        index_enqueue(list(works.values_list("pk", flat=True)))
    return term
