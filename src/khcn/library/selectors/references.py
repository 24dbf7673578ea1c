"""How other rooms link to works: title and address of those that the reader may see."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from khcn.core.references import Reference, Resolved
from khcn.library.enums import WorkState
from khcn.library.models import Work
from khcn.library.search.facade import search
from khcn.library.search.types import SearchQuery
from khcn.orgs.selectors import access_tokens

WORK_REFERENCE = Work._meta.label_lower


def resolve_works(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these works: the public page, or the desk's for what is not public."""
    wanted = [int(ident) for ident in ids if ident.isascii() and ident.isdigit()]
    works = Work.objects.visible_to(user).filter(pk__in=wanted).only("pk", "title", "slug", "state")
    return {
        str(work.pk): Resolved(Reference(WORK_REFERENCE, str(work.pk)), work.title, _address(work))
        for work in works
    }


def _address(work: Work) -> str:
    if work.state == WorkState.PUBLISHED:
        return reverse("library:work", args=[work.slug or "tai-lieu", work.pk])
    return reverse("library-desk:work", args=[work.pk])


def search_works(query: str, user: Any, *, limit: int) -> Sequence[Resolved]:
    """Return works that fit the words, as far as ``user`` may see them; who picks is about now."""
    asked = SearchQuery(
        text=query,
        now=timezone.now(),
        access=access_tokens(user),
        limit=limit,
        with_facets=False,
        with_snippets=False,
    )
    ids = [str(hit.work_id) for hit in search(asked).hits]
    seen = resolve_works(ids, user)
    return [seen[ident] for ident in ids if ident in seen]
