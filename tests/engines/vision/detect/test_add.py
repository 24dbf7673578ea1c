"""Models are added from files and folders, known by checksum or name, read when unknown, refused with a sentence."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from khcn.engines.vision.detect import add, cards
from khcn.engines.vision.detect.add import models_add
from khcn.engines.vision.detect.cards import Decoder, ModelFile, Release, known_cards
from khcn.engines.vision.detect.probe import Answers
from khcn.engines.vision.detect.store import ModelEntry, ModelStore, checksum
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Size
from tests.engines.vision.detect.builders import save_boxes, save_other, save_ssd, save_yolox

RETAIL = "person-detection-retail-0013"
ONE_CLASS = Answers(person=1)


def codes(entry: ModelEntry) -> list[str]:
    return [code for code, _ in entry.all_notes]


def test_unknown_network_is_read_and_gets_a_card(store: ModelStore, tmp_path: Path) -> None:
    entry = models_add(store, save_ssd(tmp_path / "in", "cua-hang"), "cua-hang", ONE_CLASS)
    assert entry.card.decoder is Decoder.SSD
    assert entry.card.sizes == (Size(64, 32),)
    assert codes(entry) == ["note-derived", "note-licence-unknown"]
    again = store.get("cua-hang")
    assert again == entry
    about = again.as_json()
    assert about["name"] == "cua-hang" and about["input"] == [64, 32] and about["published"] is None
    assert "chưa rõ giấy phép" in about["note"] and "Chưa được đo" in about["known"]["text"]
    assert about["sha256"] == checksum(tmp_path / "in" / "cua-hang.bin")


def test_folder_file_and_weights_lead_to_the_same_model(store: ModelStore, tmp_path: Path) -> None:
    xml = save_ssd(tmp_path / "in", "m")
    found = {
        models_add(store, path, "m", ONE_CLASS).sha256 for path in (xml, xml.parent, xml.with_suffix(".bin"))
    }
    assert len(found) == 1


def test_licence_of_a_folder_is_read(store: ModelStore, tmp_path: Path) -> None:
    xml = save_ssd(tmp_path / "in", "m")
    (xml.parent / "LICENSE").write_text("Apache License\nVersion 2.0, January 2004")
    entry = models_add(store, xml, "m", ONE_CLASS)
    assert entry.card.licence_ok and "note-licence-unknown" not in codes(entry)


def test_the_same_twice_changes_nothing_other_bytes_replace(store: ModelStore, tmp_path: Path) -> None:
    first = save_ssd(tmp_path / "a", "m")
    models_add(store, first, "m", ONE_CLASS)
    card = store.writable / "m" / "card.json"
    written = card.stat().st_mtime_ns
    assert "note-same" in codes(models_add(store, first, "m", ONE_CLASS))
    assert card.stat().st_mtime_ns == written
    other = save_ssd(tmp_path / "b", "m", size=(96, 64), channel=0)
    replaced = models_add(store, other, "m", ONE_CLASS)
    assert "note-replaced" in codes(replaced) and store.get("m").card.sizes == (Size(96, 64),)
    folders = [each for each in card.parent.iterdir() if each.is_dir()]
    assert len(folders) == 1, "the files before are gone"


def test_an_added_model_that_lost_its_files_is_mended(store: ModelStore, tmp_path: Path) -> None:
    path = save_ssd(tmp_path / "a", "m")
    entry = models_add(store, path, "m", ONE_CLASS)
    entry.main.unlink()
    with pytest.raises(ModelError, match="đã khác lúc được thêm"):
        store.check("m")
    models_add(store, path, "m", ONE_CLASS)
    assert store.check("m").name == "m"


def test_known_by_name_but_not_by_checksum(store: ModelStore, tmp_path: Path) -> None:
    xml = save_ssd(tmp_path / "in", RETAIL, size=(544, 320))
    for name in (RETAIL, "retail-0013", "cua-chinh"):
        entry = models_add(store, xml, name)
        assert entry.card == known_cards()[RETAIL] and entry.published is False
        assert codes(entry) == ["note-differs"], "licence is the card's"
        assert store.get(name) == entry
    assert store.get("cua-chinh").as_json()["known"]["figures"]["ap50"] == 0.862


def known_release(
    monkeypatch: pytest.MonkeyPatch, xml: Path, *, published: bool, weights_only: bool = False
) -> None:
    """Let the built-in card know the files of a test, as it knows the maker's."""
    files = []
    for path in (xml, xml.with_suffix(".bin")):
        digest = "0" * 64 if weights_only and path.suffix == ".xml" else checksum(path)
        files.append(ModelFile(path.name, path.stat().st_size, sha256=digest))
    card = known_cards()[RETAIL]
    release = Release("2020.4", tuple(files), published=published)
    others = tuple(replace(each, published=not published and each.published) for each in card.releases)
    fake = {**known_cards(), RETAIL: replace(card, releases=(release, *others))}
    for module in (add, cards):
        monkeypatch.setattr(module, "known_cards", lambda: fake)
    monkeypatch.setattr("khcn.engines.vision.detect.store.known_cards", lambda: fake)


@pytest.mark.parametrize(
    ("published", "weights_only", "notes"),
    [(True, False, []), (False, False, ["note-older"]), (False, True, ["note-older"])],
)
def test_known_by_checksum_whatever_it_is_called(
    store: ModelStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    published: bool,
    weights_only: bool,
    notes: list[str],
) -> None:
    xml = save_ssd(tmp_path / "in", "tep-la", size=(544, 320))
    known_release(monkeypatch, xml, published=published, weights_only=weights_only)
    entry = models_add(store, xml, "n1")
    assert entry.card.name == RETAIL
    assert entry.published is published
    assert codes(entry) == notes


def broken_xml(folder: Path) -> Path:
    xml = save_ssd(folder, "m")
    xml.write_text(xml.read_text()[:900])
    return xml


def cut_weights(folder: Path) -> Path:
    xml = save_ssd(folder, "m")
    xml.with_suffix(".bin").write_bytes(b"")
    return xml


def no_weights(folder: Path) -> Path:
    xml = save_ssd(folder, "m")
    xml.with_suffix(".bin").unlink()
    return xml


def garbage_onnx(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "m.onnx").write_bytes(b"\x08\x08<html>404 not found</html>")
    return folder / "m.onnx"


def two_models(folder: Path) -> Path:
    save_ssd(folder, "a")
    save_ssd(folder, "b")
    return folder


def grey_input(folder: Path) -> Path:
    return save_ssd(folder, "m", shape=[1, 1, 32, 64])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (broken_xml, "model-broken"),
        (cut_weights, "model-broken"),
        (no_weights, "model-weights"),
        (garbage_onnx, "model-broken"),
        (two_models, "model-files"),
        (grey_input, "model-input"),
        (lambda folder: save_other(folder, "m", (1, 84, 8400)), "model-output"),
        (lambda folder: save_other(folder, "m", (1, 1, 200, 7), inputs=2), "model-inputs"),
        (lambda folder: save_ssd(folder, "m"), "model-asks"),
        (lambda folder: folder / "nowhere.onnx", "model-path"),
        (lambda folder: save_yolox(folder / "m.onnx", classes=6), "model-asks"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence_and_leaves_nothing(
    store: ModelStore, tmp_path: Path, make: Callable[[Path], Path], code: str
) -> None:
    path = make(tmp_path / "in")
    with pytest.raises(ModelError) as caught:
        models_add(store, path, "thu")
    assert caught.value.code == code
    assert str(caught.value).endswith(".") and "%" not in str(caught.value)
    assert not list(store.writable.glob("*/*"))


def test_another_network_under_a_known_name_is_refused(store: ModelStore, tmp_path: Path) -> None:
    path = save_yolox(tmp_path / "x.onnx")
    with pytest.raises(ModelError) as caught:
        models_add(store, path, RETAIL)
    assert caught.value.code == "model-not-card"


@pytest.mark.parametrize("name", ["", "../x", ".an", "a/b", "có dấu", "x" * 65, "a\nb"])
def test_names_that_are_no_names(store: ModelStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError) as caught:
        models_add(store, save_ssd(tmp_path / "in", "m"), name, ONE_CLASS)
    assert caught.value.code == "model-name"


@pytest.mark.parametrize(
    ("said", "written", "code"),
    [
        ("AGPL-3.0", "", "model-licence"),
        ("CC-BY-NC-4.0", "", "model-licence"),
        (None, "AGPL-3.0 License (https://ultralytics.com/license)", "model-licence"),
        ("Apache-2.0", "AGPL-3.0", "model-licence"),  # what the file says of itself counts
        ("Apache-2.0", "", None),
        (None, "", None),
    ],
)
def test_licence_classes(
    store: ModelStore, tmp_path: Path, said: str | None, written: str, code: str | None
) -> None:
    path = save_yolox(tmp_path / "m.onnx", licence=written)
    if code is None:
        assert models_add(store, path, "thu", Answers(licence=said)).card.licence == (said or "")
        return
    with pytest.raises(ModelError) as caught:
        models_add(store, path, "thu", Answers(licence=said))
    assert caught.value.code == code and "--accept-licence" in str(caught.value)
    entry = models_add(store, path, "thu", Answers(licence=said, accept_licence=True))
    assert entry.card.licence == (said or "AGPL-3.0")


def test_outputs_of_boxes_and_labels(store: ModelStore, tmp_path: Path) -> None:
    assert models_add(store, save_boxes(tmp_path / "in", "b"), "b").card.decoder is Decoder.BOXES


def test_yolox_of_coco_needs_no_answer(store: ModelStore, tmp_path: Path) -> None:
    card = models_add(store, save_yolox(tmp_path / "m.onnx"), "m").card
    assert (card.decoder, card.person, card.fit.value) == (Decoder.YOLOX, 0, "letterbox")


def test_two_adds_at_once_leave_one_sound_model(store: ModelStore, tmp_path: Path) -> None:
    paths = [save_ssd(tmp_path / "a", "m"), save_ssd(tmp_path / "b", "m", size=(96, 64), channel=0)]
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(models_add, store, paths[n % 2], "m", ONE_CLASS) for n in range(12)]
        added = {tuple(file.sha256 for file in job.result().files) for job in jobs}
    entry = store.check("m")
    assert len(added) == 2 and tuple(file.sha256 for file in entry.files) in added
    assert not list((store.writable / "m").glob(".new-*")) and not list(
        (store.writable / "m").glob(".card-*")
    )


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ModelStore([tmp_path / "file" / "models"])
    with pytest.raises(ModelError) as caught:
        models_add(store, save_ssd(tmp_path / "in", "m"), "m", ONE_CLASS)
    assert caught.value.code == "model-write"


def test_the_packaged_graph_is_known_whatever_it_is_called(
    store: ModelStore, tmp_path: Path, packaged: ModelEntry
) -> None:
    (tmp_path / "in").mkdir()
    shutil.copyfile(packaged.main, tmp_path / "in" / "x.pb")
    save_ssd(tmp_path / "in", ".kept-beside")
    entry = models_add(store, tmp_path / "in", "x")
    assert entry.card.name == "packaged" and entry.published is True and not entry.all_notes
