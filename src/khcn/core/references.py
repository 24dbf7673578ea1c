"""References between apps: a link to another app's record without a foreign key or an import.

A reference is a kind (``"library.work"``) and an id. What it is called, where it stands on the site and who
may see it is answered by the owner, which registers a :class:`Resolver` in ``AppConfig.ready``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Model

from khcn.core.actors import Actor
from khcn.core.registry import Registry


@dataclass(frozen=True, order=True)
class Reference:
    """One record of some app: ``kind`` like ``library.work``, ``id`` as text."""

    kind: str
    id: str

    def __post_init__(self) -> None:
        if not self.kind or not self.id:
            raise ValueError(f"a reference needs a kind and an id, got {self.kind!r} and {self.id!r}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read ``kind:id`` back. :raises ValueError: when it is not of that form."""
        kind, _, ident = text.partition(":")
        return cls(kind, ident)


@dataclass(frozen=True)
class Resolved:
    """What a reader may know of a referenced record. ``address`` is empty when it has no page."""

    reference: Reference
    title: str
    address: str


class Resolver(Protocol):
    """The owner's answer for many ids at once; ids that are gone or hidden from ``user`` are left out."""

    def __call__(self, ids: Iterable[str], user: Actor) -> Mapping[str, Resolved]:
        """Return what ``user`` may see, by id."""
        ...


class Searcher(Protocol):
    """The owner's answer to words that a person typed to pick a record: only what ``user`` may see, best first."""

    def __call__(self, query: str, user: Actor, *, limit: int) -> Sequence[Resolved]:
        """Return at most ``limit`` records."""
        ...


resolvers: Registry[Resolver] = Registry("reference resolvers")
searchers: Registry[Searcher] = Registry("reference searchers")


def reference_to(record: Model) -> Reference:
    """Return the reference of a saved record: ``app_label.model_name`` and its primary key."""
    if record.pk is None:
        raise ValueError(f"{record._meta.label}: an unsaved record cannot be referenced")
    return Reference(record._meta.label_lower, str(record.pk))


def resolve_many(references: Iterable[Reference], user: Actor) -> dict[Reference, Resolved]:
    """Resolve references, one call for each kind. Kinds nobody owns (an app that is off) are left out."""
    by_kind: dict[str, list[str]] = {}
    for reference in references:
        by_kind.setdefault(reference.kind, []).append(reference.id)
    found: dict[Reference, Resolved] = {}
    for kind, ids in by_kind.items():
        if kind in resolvers:
            answers = resolvers.get(kind)(ids, user)
            found |= {Reference(kind, ident): answers[ident] for ident in ids if ident in answers}
    return found


def resolve(reference: Reference, user: Actor) -> Resolved | None:
    """Resolve one reference; ``None`` when it is gone, hidden from ``user``, or its app is off."""
    return resolve_many([reference], user).get(reference)


def find_references(kind: str, query: str, user: Actor, *, limit: int = 10) -> Sequence[Resolved]:
    """Search the records of one kind; nothing when its app is off or the question is empty."""
    if not query.strip() or kind not in searchers:
        return []
    return searchers.get(kind)(query.strip()[:200], user, limit=limit)
