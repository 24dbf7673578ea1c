"""Which model counts, and what a broken store says."""

import json
from pathlib import Path

import pytest

from khcn.engines.vision.detect.add import models_add
from khcn.engines.vision.detect.manage import models_check, models_list
from khcn.engines.vision.detect.messages import MODELS
from khcn.engines.vision.detect.probe import Answers
from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.errors import ModelError
from tests.engines.vision.detect.builders import save_ssd


@pytest.fixture
def filled(store: ModelStore, tmp_path: Path) -> ModelStore:
    models_add(store, save_ssd(tmp_path / "in", "m"), "m", Answers(person=1, licence="MIT"))
    return store


def test_the_first_folder_wins(filled: ModelStore, tmp_path: Path) -> None:
    second = ModelStore([tmp_path / "empty", filled.writable])
    assert second.get("m").folder == filled.writable / "m"
    models_add(second, save_ssd(tmp_path / "in2", "m", size=(96, 64)), "m", Answers(person=1))
    assert second.get("m").folder == tmp_path / "empty" / "m"
    assert [entry.name for entry in second.all()] == ["m"]


def test_default_is_the_configured_or_the_packaged_one_never_another(filled: ModelStore) -> None:
    assert filled.default("m").name == "m"
    for configured, code in ((None, "model-none"), ("n", "model-missing")):
        with pytest.raises(ModelError) as caught:
            filled.default(configured)
        assert caught.value.code == code


def test_aliases_find_the_model(store: ModelStore, tmp_path: Path) -> None:
    models_add(store, save_ssd(tmp_path / "in", "x", size=(544, 320)), "person-detection-retail-0013")
    assert store.get("retail-0013").name == "person-detection-retail-0013"


def test_a_changed_file_is_found_out(filled: ModelStore) -> None:
    entry = filled.get("m")
    weights = entry.main.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    (checked,) = models_check(filled)
    assert not checked.as_json()["ok"] and "đã khác lúc được thêm" in checked.problem


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"known": "packaged", "files": []}',
        json.dumps({"known": "packaged", "files": [{"path": "../../x", "sha256": "", "size": 1}]}),
        json.dumps({"known": None, "card": {"name": "x"}, "files": [{"path": "x", "sha256": "", "size": 1}]}),
    ],
)
def test_a_broken_card_harms_only_its_model(filled: ModelStore, text: str) -> None:
    (filled.writable / "n").mkdir()
    (filled.writable / "n" / "card.json").write_text(text)
    assert [entry.name for entry in filled.all()] == ["m"]
    with pytest.raises(ModelError, match=r"card\.json"):
        filled.get("n")


def test_the_list_tells_what_is_here_what_counts_and_what_could_be_fetched(filled: ModelStore) -> None:
    rows = {row["name"]: row for row in (each.as_json() for each in models_list(filled, "m"))}
    assert rows["m"]["present"] and rows["m"]["default"] and not rows["m"]["fetchable"]
    retail = rows["person-detection-retail-0013"]
    assert not retail["present"] and retail["fetchable"] and retail["sha256"] is None
    json.dumps(list(rows.values()))


def test_every_sentence_can_be_filled() -> None:
    class Any(dict):
        def __missing__(self, key: str) -> str:
            return key

    for code, text in MODELS.items():
        assert "%(" not in text % Any(), code
