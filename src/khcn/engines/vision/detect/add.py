"""Adding a model from a file or a folder: recognised by checksum or name, or read and given a card."""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from khcn.engines.vision.detect.cards import (
    LicenceClass,
    ModelCard,
    Release,
    Thresholds,
    card_named,
    known_cards,
    licence_class,
)
from khcn.engines.vision.detect.messages import MODELS
from khcn.engines.vision.detect.probe import Answers, derive, found_licence, matches, read_network
from khcn.engines.vision.detect.store import (
    CARD,
    ModelEntry,
    ModelStore,
    Note,
    StoredFile,
    checksum,
    entry_json,
    read_entry,
)
from khcn.engines.vision.errors import ModelError

MAIN = (".xml", ".onnx", ".pb")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NO_ANSWERS = Answers()


@dataclass(frozen=True, slots=True)
class _Origin:
    """What is known of where files come from."""

    card: ModelCard | None
    published: bool | None
    notes: tuple[Note, ...]


def models_add(store: ModelStore, path: Path, name: str, answers: Answers = NO_ANSWERS) -> ModelEntry:
    """Add the model in ``path`` (file or folder) under ``name``; the same files again change nothing.

    Safe when two people add at once: files are copied first, then the card takes their place in one step.

    Raises:
        ModelError: no model there, broken, of another shape or licence class, or the folder cannot be written.
    """
    if not NAME.fullmatch(name):
        raise ModelError("model-name", name=name[:64])
    files = model_files(path)
    stored = tuple(StoredFile(file.name, checksum(file), file.stat().st_size) for file in files)
    origin = _by_checksum(files, stored)
    model = None if origin else read_network(files[0])
    origin = origin or _by_name(name, files, stored, model)
    card = _adjusted(origin.card, answers) if origin.card else derive(name, files[0], model, answers)
    _licence_check(name, card, files[0], answers, known=origin.card is not None)
    notes = list(origin.notes)
    if origin.card is None:
        size = card.sizes[0]
        notes.append(
            ("note-derived", {"decoder": card.decoder.value, "width": size.width, "height": size.height})
        )
    entry = ModelEntry(name, card, store.writable / name, stored, origin.published, tuple(notes))
    return put(store, entry, files)


def model_files(path: Path) -> list[Path]:
    """Return the files of the one model in ``path``, the main one first. Raises ModelError."""
    if path.is_dir():
        found = sorted(file for suffix in MAIN for file in path.rglob(f"[!.]*{suffix}") if file.is_file())
        if len(found) != 1:
            raise ModelError("model-files", path=path.name, count=len(found))
        main = found[0]
    elif path.is_file() and path.suffix.lower() in {*MAIN, ".bin"}:
        main = path.with_suffix(".xml") if path.suffix.lower() == ".bin" else path
    else:
        raise ModelError("model-path", path=str(path)[-80:])
    if not main.is_file():
        raise ModelError("model-path", path=str(main)[-80:])
    if main.suffix.lower() != ".xml":
        return [main]
    weights = main.with_suffix(".bin")
    if not weights.is_file():
        raise ModelError("model-weights", file=weights.name)
    return [main, weights]


def _by_checksum(files: list[Path], stored: tuple[StoredFile, ...]) -> _Origin | None:
    """Find the known card whose files these are, to the byte."""
    for card in known_cards().values():
        for release in card.releases:
            if _same(release, files, stored):
                return _of_release(card, release)
    return None


def _by_name(name: str, files: list[Path], stored: tuple[StoredFile, ...], model: Any) -> _Origin:
    """Find the known card by its weights alone, else by the given name or the file's name."""
    for card in known_cards().values():
        for release in card.releases:
            if _same_weights(release, stored) and not matches(card, model):
                return _of_release(card, replace(release, published=False))
    of_name, of_file = card_named(name), card_named(files[0].stem)
    if of_name is not None:
        reason = matches(of_name, model)
        if reason:
            raise ModelError("model-not-card", name=of_name.name, why=reason)
    found = of_name or of_file
    if found is None or matches(found, model):
        return _Origin(None, None, ())
    if found.official is None:
        return _Origin(found, None, (("note-unpublished", {}),))
    return _Origin(found, False, (("note-differs", {"official": found.official.label}),))


def _same(release: Release, files: list[Path], stored: tuple[StoredFile, ...]) -> bool:
    """Whether these are the release's files: every checksum agrees, whatever the files are called."""
    if len(release.files) != len(stored):
        return False
    pairs = [
        (wanted, path, have)
        for wanted in release.files
        for path, have in zip(files, stored, strict=True)
        if Path(wanted.name).suffix == path.suffix and wanted.size == have.size
    ]
    return len(pairs) == len(stored) and all(
        wanted.sha256 == have.sha256 if wanted.sha256 else wanted.sha384 == checksum(path, "sha384")
        for wanted, path, have in pairs
    )


def _same_weights(release: Release, stored: tuple[StoredFile, ...]) -> bool:
    """Whether an IR has a release's weights under a description written by another converter."""
    ours = {file.sha256 for file in stored if file.path.endswith(".bin")}
    return any(file.sha256 in ours for file in release.files if file.name.endswith(".bin"))


def _of_release(card: ModelCard, release: Release) -> _Origin:
    if release.published or card.official is None:
        return _Origin(card, True, ())
    values = {"release": release.label, "official": card.official.label}
    return _Origin(card, False, (("note-older", values),))


def _adjusted(card: ModelCard, answers: Answers) -> ModelCard:
    """Return a known card with what the person said otherwise (thresholds, class); a licence is not debated."""
    thresholds = Thresholds(
        answers.high if answers.high is not None else card.thresholds.high,
        answers.low if answers.low is not None else card.thresholds.low,
    )
    person = card.person if answers.person is None else answers.person
    return replace(card, thresholds=thresholds, person=person)


def _licence_check(name: str, card: ModelCard, main: Path, answers: Answers, *, known: bool) -> None:
    """Refuse what binds or forbids, unless the person answers for it. A file's own words count over what is said."""
    licences = [card.licence] if known else [card.licence, found_licence(main)]
    for licence in licences:
        kind = licence_class(licence)
        if kind in {LicenceClass.COPYLEFT, LicenceClass.NON_COMMERCIAL} and not answers.accept_licence:
            raise ModelError("model-licence", name=name, licence=licence, why=MODELS[f"licence-{kind.value}"])


def put(store: ModelStore, entry: ModelEntry, files: list[Path]) -> ModelEntry:
    """Copy ``files`` under their checksums and let the card name them, in one step.

    Raises:
        ModelError: the folder cannot be written to.
    """
    folder = store.writable / entry.name
    mark = "-".join(file.sha256[:12] for file in entry.files)
    placed = tuple(replace(file, path=f"{mark}/{file.path}") for file in entry.files)
    entry = replace(entry, folder=folder, files=placed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            before = _before(folder)
            if before is not None and before == entry and _intact(before):
                return replace(entry, extra=(("note-same", {}),))
            _copy(files, entry.files, folder, mark)
            _write(folder / CARD, json.dumps(entry_json(entry), ensure_ascii=False, indent=1))
            _forget(folder, mark)
    except OSError as error:
        raise ModelError(
            "model-write", folder=str(store.writable)[-80:], why=error.strerror or "?"
        ) from error
    replaced = before is not None and before.files != entry.files
    return replace(entry, extra=(("note-replaced", {}),)) if replaced else entry


def _before(folder: Path) -> ModelEntry | None:
    try:
        return read_entry(folder)
    except ModelError:
        return None


def _intact(entry: ModelEntry) -> bool:
    paths = [(entry.folder / file.path, file) for file in entry.files]
    return all(path.is_file() and checksum(path) == file.sha256 for path, file in paths)


def _copy(files: list[Path], placed: tuple[StoredFile, ...], folder: Path, mark: str) -> None:
    """Copy into a folder beside, look at the checksums again, then rename."""
    work = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        for source, target in zip(files, placed, strict=True):
            copy = work / Path(target.path).name
            shutil.copyfile(source, copy)
            if checksum(copy) != target.sha256:
                raise OSError(5, "file changed while it was copied")
        work.chmod(0o755)
        shutil.rmtree(folder / mark, ignore_errors=True)
        work.rename(folder / mark)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=".card-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _forget(folder: Path, mark: str) -> None:
    """Remove the files of the model before; whoever runs it has them in memory."""
    for each in folder.iterdir():
        if each.is_dir() and each.name != mark:
            shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
