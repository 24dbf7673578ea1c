"""Which models can count, with their licence and how well they are known: for the camera form and its page."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from khcn.engines.vision.detect.cards import known_cards
from khcn.engines.vision.detect.messages import MODELS
from khcn.engines.vision.detect.store import ModelEntry, default_store
from khcn.engines.vision.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """One model. ``name`` is what a camera keeps; ``present``: its files are on this machine."""

    name: str
    title: str
    licence: str
    licence_ok: bool
    known: str
    present: bool


def model_offers() -> list[ModelOffer]:
    """Return the models that are present on this machine, then the known ones that a box may have."""
    entries = {entry.name: entry for entry in default_store(settings.KHCN.data_dir).all()}
    offers = [_of_entry(entry) for entry in entries.values()]
    for card in known_cards().values():
        if card.name not in entries:
            figures = _figures(dict(card.figures))
            offers.append(
                ModelOffer(card.name, card.title, card.licence, card.licence_ok, figures, present=False)
            )
    return offers


def model_offer(name: str) -> ModelOffer | None:
    """Return the model that counts for a camera that names ``name`` ("": the default); None when it is unknown."""
    try:
        return _of_entry(default_store(settings.KHCN.data_dir).default(name or None))
    except ModelError:
        return next((offer for offer in model_offers() if offer.name == name), None)


def _of_entry(entry: ModelEntry) -> ModelOffer:
    return ModelOffer(
        entry.name,
        entry.card.title,
        entry.card.licence,
        entry.card.licence_ok,
        _figures(dict(entry.card.figures)),
        present=True,
    )


def _figures(figures: dict[str, float]) -> str:
    if not figures:
        return _(MODELS["known-nothing"])
    shown = {key: f"{value:.2f}".replace(".", ",") for key, value in figures.items()}
    shown["ap50"] = f"{figures['ap50']:.3f}".replace(".", ",")
    return _(MODELS["known-measured"]) % shown
