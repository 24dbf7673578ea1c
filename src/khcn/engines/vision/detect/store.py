"""The folders where models live: one folder per model with its files by checksum and a card that names them.

``<folder>/<name>/card.json`` is replaced in one step, so a reader sees the old model or the new one, never half.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from khcn.engines.vision.detect.backend import ONNXRUNTIME, OPENVINO
from khcn.engines.vision.detect.cards import LicenceClass, ModelCard, card_from, known_cards, licence_class
from khcn.engines.vision.detect.messages import MODELS
from khcn.engines.vision.errors import ModelError

PACKAGED: Final = "packaged"
CARD: Final = "card.json"
Note = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an added model: path below the model's folder, checksum, size."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that is present. ``published``: its checksums are the maker's current ones (None: none is known).

    ``notes``: codes of :mod:`.messages` with their values. ``files``: the main file first.
    """

    name: str
    card: ModelCard
    folder: Path
    files: tuple[StoredFile, ...]
    published: bool | None = None
    notes: tuple[Note, ...] = ()
    backend: str = OPENVINO
    extra: tuple[Note, ...] = field(default=(), compare=False)  # of this very deed (replaced, same), not kept

    @property
    def main(self) -> Path:
        """The file that a backend loads."""
        return self.folder / self.files[0].path

    @property
    def sha256(self) -> str:
        """The checksum of the weights: the .bin of an IR, else the only file."""
        weights = [file for file in self.files if file.path.endswith(".bin")]
        return (weights or list(self.files))[0].sha256

    @property
    def all_notes(self) -> tuple[Note, ...]:
        """What must be said beside the model: the deed, origin, licence."""
        licence: list[Note] = []
        if licence_class(self.card.licence) is LicenceClass.UNKNOWN:
            licence.append(("note-licence-unknown", {}))
        elif not self.card.licence_ok:
            licence.append(("note-licence", {"licence": self.card.licence}))
        return (*self.extra, *self.notes, *licence)

    def as_json(self) -> dict[str, Any]:
        """Return what commands print: name, title, licence, checksum, origin, input, how well known."""
        return {
            **card_json(self.card),
            "name": self.name,
            "sha256": self.sha256,
            "published": self.published,
            "note": " ".join(MODELS[code] % values for code, values in self.all_notes),
            "backend": self.backend,
            "files": [{"name": Path(f.path).name, "sha256": f.sha256, "size": f.size} for f in self.files],
        }


def known_how(card: ModelCard) -> Note:
    """Return how well a model is known, as a code of :mod:`.messages` with its values."""
    if not card.figures:
        return "known-nothing", {}
    shown = {key: f"{value:.2f}".replace(".", ",") for key, value in card.figures.items()}
    return "known-measured", {**shown, "ap50": f"{card.figures['ap50']:.3f}".replace(".", ",")}


def card_json(card: ModelCard) -> dict[str, Any]:
    """Return what is to be said of a model, present or not."""
    size = card.sizes[0]
    code, figures = known_how(card)
    return {
        "name": card.name,
        "title": card.title,
        "licence": card.licence or None,
        "licence_ok": card.licence_ok,
        "sha256": None,
        "published": None,
        "note": "",
        "input": [size.width, size.height],
        "sizes": [[each.width, each.height] for each in card.sizes],
        "backend": OPENVINO,
        "thresholds": {"high": card.thresholds.high, "low": card.thresholds.low},
        "regions": card.regions,
        "known": {"text": MODELS[code] % figures, "figures": dict(card.figures)},
        "files": [],
    }


class ModelStore:
    """Models in one or more folders; the first folder may be written to, the others are looked into as well."""

    def __init__(self, folders: Sequence[Path]) -> None:
        if not folders:
            raise ValueError("a store needs at least one folder")
        self.folders = tuple(Path(folder) for folder in folders)

    @property
    def writable(self) -> Path:
        """The folder that models are added to."""
        return self.folders[0]

    def get(self, name: str) -> ModelEntry:
        """Return the model called ``name`` (an alias of a known card will do).

        Raises:
            ModelError: it is not here, or its card cannot be read.
        """
        for known in (name, *_aliases(name)):
            for folder in self.folders:
                entry = read_entry(folder / known) if _plain(known) else None
                if entry is not None:
                    return entry
        raise ModelError("model-missing", name=name)

    def all(self) -> Iterator[ModelEntry]:
        """Yield every model that is present, by name; the first folder wins. Unreadable ones are left out."""
        found: dict[str, ModelEntry] = {}
        for folder in self.folders:
            for card in sorted(folder.glob(f"*/{CARD}")):
                try:
                    entry = read_entry(card.parent)
                except ModelError:
                    continue
                if entry is not None and entry.name not in found:
                    found[entry.name] = entry
        yield from (found[name] for name in sorted(found))

    def default(self, configured: str | None = None) -> ModelEntry:
        """Return the model that counts: the configured one, else the packaged one, never silently another.

        An added model counts only once somebody chose it: figures must not change because a file appeared.

        Raises:
            ModelError: the configured one is missing, or there is no packaged one.
        """
        if configured:
            return self.get(configured)
        try:
            return self.get(PACKAGED)
        except ModelError as error:
            if error.code == "model-missing":
                raise ModelError("model-none") from error
            raise

    def check(self, name: str) -> ModelEntry:
        """Return the model when its files are as they were added. Raises ModelError when they are not."""
        entry = self.get(name)
        for file in entry.files:
            path = entry.folder / file.path
            if not path.is_file() or checksum(path) != file.sha256:
                raise ModelError("model-changed", name=name, file=path.name)
        return entry


def default_store(data_dir: Path | None) -> ModelStore:
    """Return the store of a data folder, with the models that the installation brought (``share/khcn/models``)."""
    shared = Path(sys.prefix) / "share" / "khcn" / "models"
    return ModelStore([data_dir / "models", shared] if data_dir else [shared])


def read_entry(folder: Path) -> ModelEntry | None:
    """Read the model in ``folder``; None when there is none. Raises ModelError when its card is broken."""
    try:
        data = json.loads((folder / CARD).read_text("utf-8"))
        return _entry(folder, data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError("model-broken", name=folder.name, why=f"{CARD}: {error}"[:120]) from error


def _entry(folder: Path, data: Mapping[str, Any]) -> ModelEntry:
    known = known_cards().get(str(data.get("known") or ""))
    files = tuple(StoredFile(str(f["path"]), str(f["sha256"]), int(f["size"])) for f in data["files"])
    if not files or any(Path(file.path).is_absolute() or ".." in Path(file.path).parts for file in files):
        raise ValueError("files outside the model's folder")
    return ModelEntry(
        name=folder.name,
        card=known or card_from(data["card"]),
        folder=folder,
        files=files,
        published=data.get("published"),
        notes=tuple((str(code), dict(values)) for code, values in data.get("notes", ()) if code in MODELS),
        backend=ONNXRUNTIME if data.get("backend") == ONNXRUNTIME else OPENVINO,
    )


def entry_json(entry: ModelEntry) -> dict[str, Any]:
    """Return the form kept in ``card.json``: a known card by name, another one whole."""
    is_known = known_cards().get(entry.card.name) == entry.card
    return {
        "known": entry.card.name if is_known else None,
        "card": None if is_known else entry.card.as_json(),
        "files": [{"path": f.path, "sha256": f.sha256, "size": f.size} for f in entry.files],
        "published": entry.published,
        "notes": [[code, values] for code, values in entry.notes],
        "backend": entry.backend,
    }


def checksum(path: Path, kind: str = "sha256") -> str:
    """Return the checksum of a file in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _aliases(name: str) -> list[str]:
    from khcn.engines.vision.detect.cards import card_named  # noqa: PLC0415  # beside its only use

    card = card_named(name)
    return [card.name, *card.aliases] if card else []


def _plain(name: str) -> bool:
    return bool(name) and not name.startswith(".") and "/" not in name and "\\" not in name
