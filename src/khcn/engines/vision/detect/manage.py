"""What commands do with models: list, fetch, add, check. Every answer knows its JSON form."""

from dataclasses import dataclass
from typing import Any

from khcn.engines.vision.detect.add import models_add
from khcn.engines.vision.detect.cards import ModelCard, known_cards
from khcn.engines.vision.detect.fetch import models_fetch
from khcn.engines.vision.detect.store import ModelEntry, ModelStore, card_json
from khcn.engines.vision.errors import ModelError

__all__ = ["CheckedModel", "ListedModel", "models_add", "models_check", "models_fetch", "models_list"]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model that is here, or one that could be fetched (``entry`` None). ``counts``: the one in use."""

    card: ModelCard
    entry: ModelEntry | None
    counts: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the model's JSON form with "present", "default" and "fetchable"."""
        about = self.entry.as_json() if self.entry else card_json(self.card)
        return {
            **about,
            "present": self.entry is not None,
            "default": self.counts,
            "fetchable": self.card.official is not None,
        }


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A model whose files were read again; ``problem``: the sentence when they are not as they were added."""

    entry: ModelEntry
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the model's JSON form with "ok" and "problem"."""
        return {**self.entry.as_json(), "ok": not self.problem, "problem": self.problem}


def models_list(store: ModelStore, configured: str | None = None) -> list[ListedModel]:
    """Return the models that are present, then the known ones that are not. ``configured``: the one in use."""
    present = list(store.all())
    try:
        in_use = store.default(configured).name
    except ModelError:
        in_use = ""
    names = {entry.card.name for entry in present}
    rows = [ListedModel(entry.card, entry, entry.name == in_use) for entry in present]
    return rows + [ListedModel(card, None) for card in known_cards().values() if card.name not in names]


def models_check(store: ModelStore, name: str | None = None) -> list[CheckedModel]:
    """Read the files of one or all models again. Raises ModelError when the named one is missing."""
    found = []
    for entry in [store.get(name)] if name else store.all():
        try:
            store.check(entry.name)
            found.append(CheckedModel(entry))
        except ModelError as error:
            found.append(CheckedModel(entry, str(error)))
    return found
