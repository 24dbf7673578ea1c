"""Who acts: the one place that turns a person into what records keep of them."""

from typing import TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

Actor: TypeAlias = AbstractBaseUser | AnonymousUser | None
"""A signed-in person; ``None`` (or an anonymous visitor) stands for the system itself."""

LABEL_LENGTH = 200


def actor_id(actor: Actor) -> int | None:
    """Return the person's primary key, ``None`` for the system or an anonymous visitor."""
    return None if actor is None or not actor.is_authenticated else actor.pk


def actor_label(actor: Actor) -> str:
    """Return the name by which records remember the person: full name, else user name, else empty."""
    if actor is None or not actor.is_authenticated:
        return ""
    full_name = getattr(actor, "get_full_name", None)
    name = str(full_name()).strip() if callable(full_name) else ""
    return (name or actor.get_username())[:LABEL_LENGTH]
