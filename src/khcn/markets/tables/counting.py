"""Which model counts, and how well it is known to."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from khcn.markets.selectors.models import ModelOffer, model_offer
from khcn.markets.selectors.places import Counting


@dataclass(frozen=True)
class ModelLine:
    """One model with the cameras that use it; ``title`` is empty when the model is not known here."""

    name: str
    title: str
    known: str
    cameras: int


@lru_cache(maxsize=64)
def _offer(name: str, quarter: int) -> ModelOffer | None:
    """Cards lie on disk; one look every quarter of an hour is enough."""
    return model_offer(name)


def model_lines(counting: Counting, quarter: int = 0) -> list[ModelLine]:
    """Return the models of the cameras in use, the most used first."""
    found = []
    for name, cameras in Counter(camera.model for camera in counting.cameras).most_common():
        offer = _offer(name, quarter)
        found.append(
            ModelLine(
                offer.name if offer else name,
                offer.title if offer else "",
                offer.known if offer else "",
                cameras,
            )
        )
    return found
