"""Visibility by rules that higher apps bring: core has no roles, so it asks the registered predicates."""

from collections.abc import Callable
from typing import TypeAlias

from django.db.models import Q

from khcn.core.actors import Actor
from khcn.core.registry import Registry

Predicate: TypeAlias = Callable[[Actor], Q]


class VisibilityRules:
    """Predicates of one kind of record; a person sees what any of them lets through.

    Register in ``AppConfig.ready``: ``audit_visibility.register("orgs.auditors", lambda user: Q(...))``. A
    predicate that grants nothing returns ``Q(pk__in=[])``, one that grants everything ``Q()``.
    """

    def __init__(self, name: str) -> None:
        self._rules: Registry[Predicate] = Registry(name)

    def register(self, key: str, predicate: Predicate) -> None:
        """Add a predicate under a key of its own, like ``orgs.auditors``."""
        self._rules.register(key, predicate)

    def query(self, actor: Actor) -> Q:
        """Return the union of all predicates; nothing when none is registered or nobody is signed in."""
        nothing = Q(pk__in=[])
        if actor is None or not actor.is_authenticated:
            return nothing
        union = nothing
        for predicate in self._rules.all():
            # An empty Q means "everything", but Django drops it from a union.
            union |= predicate(actor) or Q(pk__isnull=False)
        return union
