"""Collections, subjects and audiences: found by key or name, made when new."""

import hashlib
from collections.abc import Iterable

from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold, normalize
from khcn.engines.text.slug import slugify_vi
from khcn.library.models import Audience, Collection, Subject

TermModel = type[Collection] | type[Subject] | type[Audience]


def _known_as(text: str) -> str:
    """Return the form by which a term is recognised: key and name alike, "-" and "_" alike."""
    return " ".join(fold(normalize(text)).replace("-", " ").replace("_", " ").split())


class Terms:
    """The terms of one table by key or name. Reads the table once; one object serves one import."""

    def __init__(self, model: TermModel) -> None:
        self._model = model
        self._ids: dict[str, int] | None = None

    def ids(self, names: Iterable[str]) -> list[int]:
        """Return the ids of these terms, making those that are new, without doubles."""
        return list(dict.fromkeys(self._id(name) for name in names))

    def forget(self) -> None:
        """Read the table again next time (after a transaction that was rolled back)."""
        self._ids = None

    def _id(self, name: str) -> int:
        if self._ids is None:
            rows = self._model.objects.values_list("id", "key", "name")
            self._ids = {}
            for ident, _key, said in rows:
                self._ids[_known_as(said)] = ident
            for ident, key, _said in rows:
                self._ids[_known_as(key)] = ident
        known = _known_as(name)
        if known not in self._ids:
            self._ids[known] = term_ensure(self._model, name)
        return self._ids[known]


def term_ensure(
    model: TermModel, name: str, *, key: str = "", description: str = "", position: int = 100
) -> int:
    """Return the id of the term with this key (made from the name when not given), making it if needed."""
    slug = key or slugify_vi(name, 80) or f"t-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    term, _made = model.objects.get_or_create(
        key=slug,
        defaults={
            "name": name[:150],
            "sort_key": sort_key(name),
            "description": description,
            "position": position,
        },
    )
    return term.pk
