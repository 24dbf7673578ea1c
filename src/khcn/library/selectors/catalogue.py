"""Reads of the catalogue: names A to Y, works of a name, subjects in their order, shelves by Dewey number."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from khcn.engines.records.ddc import CLASSES, DIVISIONS
from khcn.engines.records.name_keys import LETTERS, OTHER, filing_letter, name_key
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold, normalize
from khcn.library.models import Authority, AuthorityName, AuthorityTie, Subject, Work
from khcn.library.selectors.public import TermCount, term_counts

MOST_SUGGESTED: Final = 12


def authorities_open_to(user: Any) -> QuerySet[Authority]:
    """Return the names that stand on at least one work which ``user`` may open."""
    readable = Work.objects.published_to(user).values("pk")
    seen = AuthorityTie.objects.filter(authority=OuterRef("pk"), work_id__in=readable)
    return Authority.objects.filter(Exists(seen), merged_into__isnull=True)


def with_counts(authorities: QuerySet[Authority], user: Any) -> QuerySet[Authority]:
    """Add ``works``: how many works of each name ``user`` may open."""
    readable = Work.objects.published_to(user).values("pk")
    return authorities.annotate(
        works=Count("ties__work", filter=Q(ties__work_id__in=readable), distinct=True)
    )


def authority_letters(user: Any) -> list[tuple[str, int]]:
    """Return the letters under which names stand, in the order of the alphabet, with their number."""
    found = dict(authorities_open_to(user).order_by().values_list("letter").annotate(Count("pk")))
    return [(letter, found[letter]) for letter in (*LETTERS, OTHER) if letter in found]


def authorities_named(authorities: QuerySet[Authority], query: str) -> QuerySet[Authority]:
    """Return the names one of whose spellings holds these words (without marks: any marks)."""
    key = name_key(query)
    words = key.split()[:6]
    if not words:
        return authorities
    spellings = AuthorityName.objects.filter(authority=OuterRef("pk"))
    if (
        fold(key) == key
    ):  # typed without marks: compared by the folded sort order of ASCII in the service below
        near = _folded_ids(words)
        return authorities.filter(pk__in=near)
    for word in words:
        spellings = spellings.filter(key__contains=word)
    return authorities.filter(Exists(spellings))


def _folded_ids(words: list[str]) -> list[int]:
    """Return the names that hold these words whatever their marks. Names are few; both databases fold alike here."""
    rows = AuthorityName.objects.order_by().values_list("authority_id", "key")
    return list(
        {ident for ident, key in rows.iterator(chunk_size=5000) if all(one in fold(key) for one in words)}
    )[:900]


def works_by(authority: Authority, user: Any, role: str = "") -> Any:
    """Return the works of a name that ``user`` may open."""
    ties = AuthorityTie.objects.filter(authority=authority)
    if role:
        ties = ties.filter(role=role)
    return Work.objects.published_to(user).filter(pk__in=ties.values("work_id"))


def authority_suggestions(query: str) -> list[Authority]:
    """Return the names that somebody may mean who types one, the best known first."""
    if len(query.strip()) < 2:
        return []
    found = authorities_named(Authority.objects.filter(merged_into__isnull=True), query[:100])
    return list(found.annotate(n=Count("ties")).order_by("-n", "sort_key")[:MOST_SUGGESTED])


def likely_same(authority: Authority) -> list[Authority]:
    """Return other names that differ only in marks, order or case, for the librarian to judge."""
    folded = sorted(fold(authority.key).split())
    rows = (
        Authority.objects.filter(merged_into__isnull=True).exclude(pk=authority.pk).values_list("pk", "key")
    )
    near = [pk for pk, key in rows.iterator(chunk_size=5000) if sorted(fold(key).split()) == folded]
    return list(Authority.objects.filter(pk__in=near[:50]))


@dataclass(frozen=True)
class Shelf:
    """A class of Dewey's order with the number of works in it that the reader may open."""

    number: str
    caption: str
    works: int


def ddc_counts(user: Any) -> Counter[str]:
    """Return the number of works by their first two digits."""
    works = Work.objects.published_to(user).exclude(ddc="").order_by()
    rows = works.annotate(start=Substr("ddc", 1, 2)).values_list("start").annotate(Count("pk"))
    return Counter(dict(rows))


def main_shelves(user: Any) -> list[Shelf]:
    """Return the ten main classes."""
    counts = ddc_counts(user)
    return [
        Shelf(number, caption, sum(n for start, n in counts.items() if start[:1] == number[0]))
        for number, caption in CLASSES.items()
    ]


def division_shelves(number: str, user: Any) -> list[Shelf]:
    """Return the divisions of a main class."""
    counts = ddc_counts(user)
    return [
        Shelf(one, caption, counts.get(one[:2], 0))
        for one, caption in DIVISIONS.items()
        if one[0] == number[0]
    ]


def works_classed(prefix: str, user: Any) -> Any:
    """Return the works whose number begins so."""
    return Work.objects.published_to(user).filter(ddc__startswith=prefix)


@dataclass(frozen=True)
class SubjectEntry:
    """A subject (or another word that leads to it: ``see``) in the list A to Y."""

    name: str
    key: str
    works: int
    see: str = ""


def subject_list(user: Any) -> list[tuple[str, list[SubjectEntry]]]:
    """Return the subjects that have works which ``user`` may open, by letter, with the words that lead to them."""
    counted: list[TermCount] = term_counts(Subject, user=user)
    works = {one.key: one.works for one in counted}
    entries: list[tuple[str, SubjectEntry]] = []
    for subject in Subject.objects.filter(key__in=works).order_by("sort_key"):
        entries.append((subject.name, SubjectEntry(subject.name, subject.key, works[subject.key])))
        for name in subject.variants or []:
            entries.append((str(name), SubjectEntry(str(name), subject.key, 0, see=subject.name)))
    return _by_letter(entries)


def _by_letter(entries: list[tuple[str, SubjectEntry]]) -> list[tuple[str, list[SubjectEntry]]]:
    order = {letter: place for place, letter in enumerate((*LETTERS, OTHER))}
    grouped: dict[str, list[SubjectEntry]] = {}
    for name, entry in sorted(entries, key=lambda one: sort_key(one[0])):
        grouped.setdefault(filing_letter(normalize(name), person=False), []).append(entry)
    return sorted(grouped.items(), key=lambda one: order[one[0]])


def subject_neighbours(subject: Subject, user: Any) -> dict[str, Any]:
    """Return what stands around a subject: broader, narrower, see also (those with works), and its other names."""
    works = {one.key for one in term_counts(Subject, user=user)}
    return {
        "broader": subject.parent,
        "narrower": [one for one in subject.narrower.order_by("sort_key") if one.key in works],
        "related": [one for one in subject.related.order_by("sort_key") if one.key in works],
        "variants": [str(name) for name in subject.variants or []],
    }
